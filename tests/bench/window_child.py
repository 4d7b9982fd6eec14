"""A process with the window on a store: says when the list of people stood there, how much memory that takes, and what steps take.

python -m tests.bench.window_child HOME start        one JSON value: {"shown": monotonic seconds, "cpu": s, "memory": MB, …}
python -m tests.bench.window_child HOME steps        one JSON value: {step: [milliseconds]}
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from cli.start import look_for_garbage_rarely
from desktop.app import App
from desktop.people.page import PeoplePage
from desktop.registry import entries
from desktop.widgets.ledger_table import LedgerTable

ROUNDS = 11


class Window(QObject):
    """The running program and the list of people in it."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.app = App(home)
        self.app.start("", os.environ["CUNZHAN_PASSWORD"], "people")
        assert self.app.window is not None
        self.window = self.app.window
        self.window.resize(1366, 768)
        page = self.window.page("people")
        assert isinstance(page, PeoplePage)
        self.table: LedgerTable = page.list.table
        self.loaded = 0
        self.painted = False
        self.table.model.modelReset.connect(self._count)
        self.table.table.viewport().installEventFilter(self)
        self.until(self.visible)

    def _count(self) -> None:
        self.loaded += 1

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note when the rows are painted."""
        if event.type() is QEvent.Type.Paint:
            self.painted = self.visible()
        return False

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the program work until something holds."""
        loop, timer = QEventLoop(), QTimer(interval=1)  # a loop that spins would take the interpreter from the working threads
        timer.timeout.connect(lambda: loop.exit(0) if condition() else None)
        timer.start()
        if not condition():
            loop.exec()

    def visible(self) -> bool:
        """Whether every row in sight is there with its text."""
        view, model = self.table.table, self.table.model
        if not model.ids:
            return self.loaded > 0
        first, last = view.rowAt(1), view.rowAt(view.viewport().height() - 2)
        return all(model.row(n) is not None for n in (first, last if last >= 0 else len(model.ids) - 1))

    def settle(self) -> None:
        """Wait for everything that is under way."""
        self.until(lambda: not self.app.jobs.busy)

    def step(self, act: Callable[[], object], *, reloads: bool = True) -> float:
        """Milliseconds from an action to the rows painted."""
        self.settle()
        before, began = self.loaded, time.perf_counter()
        act()
        self.painted = False
        self.until(lambda: (self.loaded > before or not reloads) and self.painted)
        return (time.perf_counter() - began) * 1000


def memory() -> float:
    """Resident memory of this process in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


def start(home: Path) -> dict[str, float]:
    """When the list stood; memory then, and after every page was opened."""
    window = Window(home)
    window.until(lambda: window.painted)
    shown, cpu = time.monotonic(), time.process_time()
    window.settle()
    at_list = memory()
    for entry in entries("village"):
        window.window.open(entry.key)
        window.settle()
    result = {"shown": shown, "cpu": cpu, "memory": at_list, "memory_all_pages": memory()}
    window.app.close()
    return result


def steps(home: Path) -> dict[str, list[float]]:
    """What a person does in the list takes."""
    window = Window(home)
    table, bar = window.table, window.table.table.verticalScrollBar()
    rng = random.Random(1)

    def shown(**view: object) -> Callable[[], None]:
        def act() -> None:
            table.view = replace(table.view, **{"filters": {}, "search": "", "order": "", "descending": False, **view})  # type: ignore[arg-type]
            table.reload()

        return act

    scrolls = {
        "scroll to anywhere": lambda: bar.setValue(rng.randint(0, bar.maximum())),
        "scroll by a screen": lambda: bar.setValue(bar.value() + bar.pageStep()),
    }
    by_age, by_name = shown(order="age", descending=True), shown()
    views = {  # what is asked for, and what is shown before
        "sort by age": (by_age, by_name),
        "back to the order of names": (by_name, by_age),
        "filter 待业": (shown(filters={"idle": "idle"}), by_name),
        "find 张 in the list": (shown(search="张"), by_name),
        "find zhangwei in the list": (shown(search="zhangwei"), by_name),
    }
    found = {name: [window.step(act, reloads=False) for _n in range(ROUNDS)] for name, act in scrolls.items()}
    for name, (act, before) in views.items():
        found[name] = [window.step(step) for _n in range(ROUNDS) for step in (before, act)][1::2]
    window.app.close()
    return found


if __name__ == "__main__":
    look_for_garbage_rarely()  # as `cunzhan` does
    program = QApplication(["cunzhan"])
    print(json.dumps({"start": start, "steps": steps}[sys.argv[2]](Path(sys.argv[1]))))
