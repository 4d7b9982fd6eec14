"""The pause of the garbage collector."""

import gc
import weakref
from collections.abc import Iterator
from threading import Thread, current_thread, main_thread
from typing import Any

import pytest

from db import gc_pause
from db.gc_pause import gc_paused


def test_what_was_made_in_the_pause_is_not_gone_through_after_it() -> None:
    """Judging a township makes millions of objects: going through them held every thread for seconds, the window's too."""
    gone_through: list[int] = []

    def note(phase: str, info: dict[str, Any]) -> None:
        gone_through.append(info["generation"])

    try:
        with gc_paused():
            gc.callbacks.append(note)
            kept: list[list[int]] = [[] for _n in range(10 * gc.get_threshold()[0])]
        more: list[list[int]] = [[] for _n in range(100)]
    finally:
        gc.callbacks.remove(note)
    assert gone_through == [] and kept[-1] == more[-1] == []
    assert gc.isenabled()


class Ring:
    """What only the collector frees."""

    def __init__(self, *kept: object) -> None:
        self.itself, self.kept = self, kept


def test_garbage_from_before_the_pause_does_not_count_as_old() -> None:
    gc.collect()
    freed = weakref.ref(Ring())
    with gc_paused():
        pass
    gc.collect(1)
    assert freed() is None


def test_a_pause_in_which_little_is_made_goes_through_nothing() -> None:
    """Every exchange has some: a full collection before each took as long as the exchange."""
    with gc_paused():
        kept: list[list[list[int]]] = [[[] for _n in range(5 * gc.get_threshold()[0])]]
    gc.collect()
    gone_through: list[int] = []

    def note(_phase: str, info: dict[str, Any]) -> None:
        gone_through.append(info["generation"])

    gc.callbacks.append(note)
    try:
        with gc_paused():
            kept.append([[] for _n in range(50)])
    finally:
        gc.callbacks.remove(note)
    assert kept and gone_through == []


def test_garbage_of_pauses_does_not_pile_up() -> None:
    """Each page a clerk went to left a tenth of a megabyte: Python does not count what pauses make old, and never looked through it."""
    gc.collect()
    with gc_paused():
        freed = weakref.ref(Ring())
        most = 200_000
    for _round in range(2):
        with gc_paused():
            Ring([[] for _n in range(most)])
    with gc_paused():
        pass
    assert freed() is None


def test_a_pause_within_another_ends_with_that_one() -> None:
    with gc_paused():
        with gc_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.fixture
def by_hand() -> Iterator[None]:
    gc.collect()
    gc_pause.collect_by_hand()
    yield
    gc_pause._state = gc_pause._Collecting()
    gc.enable()


@pytest.mark.usefixtures("by_hand")
def test_in_a_windows_program_nothing_is_freed_in_another_thread() -> None:
    """A worker that read records freed widgets, and the window that drew them ended with a segmentation fault."""
    freed: list[str] = []

    def read() -> None:
        with gc_paused():
            Ring([[] for _n in range(400_000)])
        with gc_paused():
            kept.append([[] for _n in range(2 * gc.get_threshold()[0])])

    kept: list[object] = []
    widget = Ring()
    weakref.finalize(widget, lambda: freed.append(current_thread().name))
    del widget
    worker = Thread(target=read)
    worker.start()
    worker.join()
    assert freed == [] and not gc.isenabled() and kept
    gc_pause.collect_due()
    assert freed == [main_thread().name]


@pytest.mark.usefixtures("by_hand")
def test_what_is_due_is_collected_as_python_would_and_not_during_a_pause() -> None:
    freed = weakref.ref(Ring())
    gc_pause.collect_due()
    assert freed() is not None  # too little was made since
    with gc_paused():
        made: list[list[int]] = [[] for _n in range(2 * gc.get_threshold()[0])]
        gc_pause.collect_due()
        assert freed() is not None and made
    young: list[list[int]] = [[] for _n in range(2 * gc.get_threshold()[0])]
    gc_pause.collect_due()
    assert freed() is None and young
