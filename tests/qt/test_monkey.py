"""Random keys on the whole program: a few seconds by default, longer by `make soak`."""

import subprocess
import sys
import weakref
from threading import Event, Thread, get_ident

import pytest

from tests.monkey import stack_of
from tests.paths import ROOT
from tests.seeds import LONGER, seeds

SECONDS = 3


@pytest.mark.parametrize("kinds", ["", "county beside restless"])
@pytest.mark.parametrize("seed", seeds(1))
def test_random_keys_meet_no_fault(seed: int, kinds: str) -> None:
    command = [sys.executable, "-m", "tests.monkey", str(seed), str(SECONDS * LONGER), *kinds.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]


def test_looking_where_the_window_stands_keeps_nothing_of_it() -> None:
    """A painter that was kept with the frame of its function was destroyed by the thread that looked, while the next widget drew."""

    class Painter: ...

    def draw() -> None:
        painter = Painter()
        weakref.finalize(painter, lambda: freed.append(get_ident()))
        drawing.set()
        looked.wait(60)

    def look(gui: int) -> None:
        drawing.wait(60)
        stack = stack_of(gui)
        looked.set()
        over.wait(60)
        seen.extend(stack)

    drawing, looked, over, freed, seen = Event(), Event(), Event(), list[int](), list[str]()
    looking = Thread(target=look, args=(get_ident(),))
    looking.start()
    draw()
    assert freed == [get_ident()]
    over.set()
    looking.join()
    assert any("looked.wait(60)" in line for line in seen)
