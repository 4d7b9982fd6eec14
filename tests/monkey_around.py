"""What goes on around the window under random keys: a county that often fails, another laptop, another process on the same store.

`python -m tests.monkey_around HOME SEED PARENT` is that other process; it writes until it is killed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from db.store import Store
from desktop import app
from desktop.sync import automatic, view_model
from domain.errors import CunzhanError
from domain.scopes import level_of
from server.app import InProcess
from server.devices import make_code
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.wire.connection import HttpRequest, HttpResponse, NotConnected, Transport
from tests.fresh import PASSWORD, VILLAGE, new_county, new_store
from tests.monkey_store import ACTS
from tests.paths import ROOT

SERVER = "http://127.0.0.1:1"
PAUSE = 0.2
"""Seconds between two acts of somebody else."""


class Fickle(Transport):
    """The way to a county: requests and answers get lost, answers are late, the county is busy."""

    def __init__(self, inner: Transport, seed: int) -> None:
        self._inner, self._random = inner, random.Random(seed)

    def ask(self, request: HttpRequest) -> HttpResponse:
        fate = self._random.choice((*("good",) * 6, "not sent", "lost", "late", "busy"))
        if fate == "not sent":
            raise NotConnected("cut")
        if fate == "busy":
            return HttpResponse(503)
        if fate == "late":
            time.sleep(self._random.uniform(0, 1))
        answer = self._inner.ask(request)
        if fate == "lost":
            raise ConnectionError("cut")
        return answer


@contextmanager
def county(folder: Path, scope: str, seed: int, note: Callable[[BaseException], None]) -> Iterator[None]:
    """The store in `folder` exchanges every second or two with a county, and so does another laptop that writes. `note` gets its faults."""
    made = new_county(folder)
    way = InProcess(made)

    def code(of: str) -> str:
        with made.write() as session:
            return make_code(session, of, level_of(of), 1, closed=True).code

    store = Store.open(folder / "home", user=None, password=PASSWORD)
    enrol(store, SERVER, code(scope), transport=way)
    store.close()
    other = new_store(folder / "other", VILLAGE, "乙")
    enrol(other, SERVER, code(VILLAGE), transport=way)
    fickle, over = Fickle(way, seed), Event()
    thread = Thread(target=_write, args=(other, fickle, random.Random(seed), over, note))
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "SYNC_AFTER", 300)
        patch.setattr(automatic, "TICK", 500)
        patch.setattr(automatic, "pace", lambda _frame: 1 / 60)  # in minutes
        patch.setattr(automatic, "backoff", lambda _failures: 1.0)
        for module in (automatic, view_model):
            patch.setattr(module, "exchange_now", partial(exchange, transport=fickle))
        try:
            yield
        finally:
            over.set()
            thread.join()
            other.close()
            made.close()


def _write(store: Store, way: Transport, chance: random.Random, over: Event, note: Callable[[BaseException], None]) -> None:
    while not over.wait(PAUSE):
        try:
            with store.write("别处") as session:
                chance.choice(ACTS)(session)
            exchange(store, transport=way)
        except CunzhanError:
            pass  # such as a county that fails
        except Exception as error:
            note(error)


class Beside:
    """Another process that writes into the store. It is killed, at whatever it does, by `again` and at the end; what it says is a fault."""

    def __init__(self, home: Path, seed: int, fault: Callable[[str], None]) -> None:
        self._home, self._seed, self._fault = home, seed, fault

    def __enter__(self) -> Beside:
        self._start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()

    def again(self) -> None:
        """Kill it and start another."""
        self._end()
        self._seed += 1
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", __name__, str(self._home), str(self._seed), str(os.getpid())]
        self._process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)

    def _end(self) -> None:
        self._process.kill()
        said = self._process.communicate()[1]
        if said:
            self._fault(said[-6000:])


def write_until_killed(home: Path, seed: int, parent: int) -> None:
    """Acts of somebody at another program on the same store, who opens it anew now and then; ends with the process that started it."""
    random.seed(seed)
    while os.getppid() == parent:
        try:
            store = Store.open(home, user=None, password=PASSWORD)
            for _n in range(random.randint(1, 20)):
                with store.write("别处") as session:
                    random.choice(ACTS)(session)
                time.sleep(random.uniform(0, PAUSE))
            store.close()
        except CunzhanError:
            time.sleep(PAUSE)  # such as nothing to undo, a record that may not be deleted, or a store that another writer keeps


if __name__ == "__main__":
    write_until_killed(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
