"""Random keys on the whole program: `python -m tests.monkey SEED SECONDS`.

A village, or with an even seed a township, is opened in the real window, with its threads. Keys and pasted texts go to whatever has the
focus, also in the questions and forms that open. Files to read are samples; files to write lie in a temporary folder. Exit status 1 if
the program was at fault even once, did not answer for `DEAF` seconds, or left a damaged store. The last keys are printed. The same seed
presses the same keys, but threads may let them fall elsewhere.
"""

from __future__ import annotations

import faulthandler
import os
import random
import sys
import tempfile
import time
import traceback
from collections import deque
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cli.demo import ROSTERS, SAMPLES
from db import backup
from db.store import Store
from desktop.app import App
from desktop.jobs import Jobs
from desktop.self_test import _application
from desktop.widgets import dialogs
from services.importing import apply, plan
from tests.fresh import PASSWORD, VILLAGE, new_store

PAUSE = 8
"""Milliseconds between two keys: a person needs ten times as long, and nobody is as impatient."""
DEAF = 30
Key, Modifier = Qt.Key, Qt.KeyboardModifier
_KEYS = (
    *(Key.Key_Tab,) * 12,
    *(Key.Key_Return,) * 14,
    *(Key.Key_Down,) * 8,
    *(Key.Key_Space,) * 6,
    *(Key.Key_Right,) * 5,
    *(Key.Key_Up,) * 4,
    *(Key.Key_Escape, Key.Key_Left, Key.Key_Backtab, Key.Key_F2) * 3,
    *(Key.Key_Delete, Key.Key_Backspace, Key.Key_Insert, Key.Key_Home, Key.Key_End, Key.Key_PageDown, Key.Key_PageUp),
    *(Key.Key_F3, Key.Key_F5, Key.Key_F6, Key.Key_F7, Key.Key_F8, Key.Key_F9),
)
_CONTROL = "NFKSZYIPEVACDHXWGJMRTUBO"
_ALT = "JRWCGPFMBYZTS"
_TEXTS = (
    *("张三", "230826198001011234", "13912345678", "2023-05-06", "2023年6月", "正月十六", "500", "3000.5", "0", "-5", "9" * 17),
    *("大连市", "备注一二三", "，，", "=1+1", "A\tB\nC\tD", "张三\t500\n李四\t600", "姓名 电话\n张三 13912345678"),
)


class Monkey:
    """Presses keys until its time is over. Each key is asked for before the one before it is pressed, because a question that opens keeps
    the call of the key that opened it."""

    def __init__(self, folder: Path, seed: int, seconds: float) -> None:
        self.random, self.until = random.Random(seed), time.monotonic() + seconds
        self.folder, self.written, self.pressed = folder, 0, 0
        self.faults: list[str] = []
        self.last: deque[str] = deque(maxlen=12)

    def begin(self) -> None:
        """Replace the file dialogs, listen for faults, press the first key."""
        dialogs.open_file = lambda *_args, **_words: self.random.choice([None, *(SAMPLES / name for name in ROSTERS)])
        dialogs.open_files = lambda *_args, **_words: []
        dialogs.open_folder = lambda *_args, **_words: self.random.choice([None, self.folder])
        dialogs.save_as = self._save_as
        sys.excepthook = lambda _kind, error, _trace: self.note(error)
        QTimer.singleShot(PAUSE, self._press)

    def _save_as(self, parent: QWidget | None, title: str, name: str, kinds: str = "*.xlsx") -> Path | None:
        self.written += 1
        return self.random.choice([None, self.folder / f"{self.written}{kinds.split()[0].lstrip('*')}"])

    def note(self, error: BaseException) -> None:
        """Keep a fault of the program."""
        self.faults.append("".join(traceback.format_exception(error)))

    def _press(self) -> None:
        faulthandler.dump_traceback_later(DEAF, exit=True)
        if time.monotonic() > self.until:
            QApplication.exit()
            return
        QTimer.singleShot(PAUSE, self._press)
        where = QApplication.activePopupWidget() or QApplication.focusWidget() or QApplication.activeModalWidget()
        if where is None:
            self._wake()
        else:
            self._on(where)

    def _on(self, widget: QWidget) -> None:
        dice = self.random.random()
        key, modifier = self.random.choice(_KEYS), Modifier.NoModifier
        if dice < 0.12:
            QApplication.clipboard().setText(self.random.choice(_TEXTS))
            key, modifier = Key.Key_V, Modifier.ControlModifier
        elif dice < 0.2:
            key, modifier = Key[f"Key_{self.random.choice(_CONTROL)}"], Modifier.ControlModifier
        elif dice < 0.28:
            key, modifier = Key[f"Key_{self.random.choice(_ALT)}"], Modifier.AltModifier
        elif dice < 0.38:
            key = Key[f"Key_{self.random.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}"]
        self.pressed += 1
        self.last.append(f"{type(widget).__name__} {widget.accessibleName()[:20]} {modifier.name} {key.name}")
        QTest.keyClick(widget, key, modifier)

    def _wake(self) -> None:
        for window in QApplication.topLevelWidgets():
            if window.isVisible():
                window.activateWindow()
                return
        QApplication.exit()  # it was closed


def village(home: Path, scope: str) -> None:
    """A store with some of the sample rosters, which are a village's."""
    store = new_store(home, scope)
    for name in ROSTERS[:6]:
        with store.write(name) as session:
            apply(session, plan(session, SAMPLES / name))
    store.close()


def play(folder: Path, seed: int, seconds: float) -> Monkey:
    """Press keys on a new village for some seconds; whoever closes the program opens it again."""
    home = folder / "home"
    village(home, VILLAGE if seed % 2 else VILLAGE[:9])
    _application()
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setQuitOnLastWindowClosed(False)
    monkey = Monkey(folder, seed, seconds)
    monkey.begin()
    while time.monotonic() < monkey.until:
        program = App(home, jobs=Jobs())
        program.crashed = monkey.note  # type: ignore[method-assign]  # instead of a dialog
        program.start("李文书", PASSWORD)
        application.exec()
    faulthandler.cancel_dump_traceback_later()
    return monkey


def main(seed: int, seconds: float) -> int:
    """Play, say how it went, and answer the exit status."""
    with tempfile.TemporaryDirectory(prefix="cunzhan-monkey-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        monkey = play(folder, seed, seconds)
        faults = monkey.faults + [file.read_text() for file in (folder / "home" / "crash").glob("*.txt")]
        store = Store.open(folder / "home", user=None, password=PASSWORD)
        with store.read() as session:
            faults += [] if backup.sound(session) else ["the store is damaged"]
        print(f"seed {seed}: {monkey.pressed} keys, {len(faults)} faults", *faults, sep="\n")
        if faults:
            print("the last keys:", *monkey.last, sep="\n  ")
    return bool(faults)


if __name__ == "__main__":
    sys.stdout.flush()
    status = main(int(sys.argv[1]), float(sys.argv[2]))
    sys.stdout.flush()
    os._exit(status)  # windows and threads of the program are still there
