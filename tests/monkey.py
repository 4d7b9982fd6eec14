"""Random keys on the whole program: `python -m tests.monkey SEED SECONDS [KIND …]`.

A village, or with an even seed a township, is opened in the real window, with its threads. Keys, clicks and pasted texts go to whatever is
in front, also to the questions and forms that open. Now and then the window gets another size or look, a dropped file, or is locked or
closed, or another program changes the store. Files to read are samples; files to write lie in a temporary folder. KIND: `reader` is a user
who may only look, `crowd` a store of 5 000 people, `new` a folder without a store, `county` a county that another laptop also exchanges
with and that often fails, `beside` another process that writes into the store all the time and is killed now and then, `restless` a window
that changes its look, locks and undoes ten times as often. Exit status 1 if the program was at fault even once, did
not answer for `DEAF` seconds, or left a damaged store. The last keys are printed, and where the window stood still for `STILL` seconds.
The same seed presses the same keys, but threads may let them fall elsewhere.
"""

from __future__ import annotations

import faulthandler
import linecache
import os
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Collection
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path
from threading import Thread, main_thread

import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from db.session import Session
from db.store import Store
from desktop import theme
from desktop.app import App, collect_garbage_here
from desktop.jobs import Jobs
from desktop.main_window import MainWindow
from desktop.self_test import _application
from desktop.widgets import dialogs
from domain.errors import CunzhanError
from tests.fresh import PASSWORD, VILLAGE
from tests.monkey_around import Beside, county
from tests.monkey_store import ACTS, ROSTERS, SAMPLES, village, wrong

PAUSE = 8
"""Milliseconds between two keys: a person needs ten times as long, and nobody is as impatient."""
DEAF, STILL = 30, 0.5
ODD, RESTLESS = 0.01, 0.1
"""The part of all steps that is no key or click."""
_LOOKS = (
    *(("language", name) for name in ("zh", "en")),
    *(("text_size", size) for size in theme.TEXT_SIZES),
    *(("theme", name) for name in theme.THEMES),
)
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
_CONTROL = "NFKSZYIPEVACDHXWGJMRTUBOL"
_ALT = "JRWCGPFMBYZTS"
_TEXTS = (
    *("张三", "230826198001011234", "13912345678", "2023-05-06", "2023年6月", "正月十六", "500", "3000.5", "0", "-5", "9" * 17),
    *("大连市", "备注一二三", "，，", "=1+1", "A\tB\nC\tD", "张三\t500\n李四\t600", "姓名 电话\n张三 13912345678"),
)


class Monkey:
    """Presses keys until its time is over. Each key is asked for before the one before it is pressed, because a question that opens keeps
    the call of the key that opened it."""

    def __init__(self, folder: Path, seed: int, seconds: float, odd: float = ODD) -> None:
        self.random, self.until = random.Random(seed), time.monotonic() + seconds
        self.folder, self.odd, self.pressed, self.beat = folder, odd, 0, time.monotonic()
        self.beside: Beside | None = None
        self.program: App | None = None
        self.still: Counter[str] = Counter()
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
        return self.random.choice([None, self.folder / f"{self.pressed}{kinds.split()[0].lstrip('*')}"])

    def note(self, error: BaseException) -> None:
        """Keep a fault of the program."""
        self.faults.append("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())[-6000:])

    def watch(self) -> None:
        """Keep where the GUI thread was each time it did not come back to its events; runs in a thread of its own."""
        gui, told = main_thread().ident or 0, 0.0
        while time.monotonic() < self.until:
            time.sleep(0.05)
            beat = self.beat
            if time.monotonic() - beat > STILL and beat != told:
                told = beat
                self.still["\n".join(stack_of(gui)[-12:])] += 1

    def _press(self) -> None:
        faulthandler.dump_traceback_later(DEAF, exit=True)
        self.beat = time.monotonic()
        if time.monotonic() > self.until:
            QApplication.exit()
            return
        QTimer.singleShot(PAUSE, self._press)
        front = QApplication.activePopupWidget() or QApplication.activeModalWidget() or QApplication.activeWindow()
        focus, dice = QApplication.focusWidget(), self.random.random()
        if front is None:
            self._wake()
        elif dice < self.odd:
            self._odd(front)
        elif dice < self.odd + 0.11:
            self._click(front)
        else:  # Qt's test keys would come through to what a question stands over
            self._key(focus if focus is not None and focus.window() is front.window() else front)

    def _did(self, widget: QWidget, what: str) -> None:
        self.pressed += 1
        self.last.append(f"{type(widget).__name__} {widget.accessibleName()[:20]} {what}")

    def _key(self, widget: QWidget) -> None:
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
        if isinstance(widget, QLineEdit) and widget.echoMode() == QLineEdit.EchoMode.Password and dice > 0.7:
            widget.setText(PASSWORD)
            key, modifier = Key.Key_Return, Modifier.NoModifier
        self._did(widget, f"{modifier.name} {key.name}")
        QTest.keyClick(widget, key, modifier)

    def _click(self, front: QWidget) -> None:
        shown = [child for child in front.findChildren(QWidget) if child.isVisibleTo(front) and child.isEnabled()]
        widget = self.random.choice([front, *shown])
        at = QPoint(self.random.randrange(max(1, widget.width())), self.random.randrange(max(1, widget.height())))
        how = self.random.choice(("click", "click", "click", "double", "right", "wheel"))
        self._did(widget, f"{how} {at.toTuple()}")
        none, left, right = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
        if how == "wheel":
            by, where = QPoint(0, self.random.choice((-120, 120))), (QPointF(at), QPointF(widget.mapToGlobal(at)))
            event = QWheelEvent(*where, by, by, none, Modifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)
            QApplication.sendEvent(widget, event)
        elif how == "double":
            QTest.mouseDClick(widget, left, pos=at)
        else:
            pressed = right if how == "right" else left
            QTest.mousePress(widget, pressed, pos=at)
            if shiboken6.isValid(widget):  # else it went with what was pressed
                QTest.mouseRelease(widget, pressed, pos=at)

    def _odd(self, front: QWidget) -> None:
        window = self.program.window if self.program is not None else None
        acts: list[Callable[[], object]] = [
            front.close,
            lambda: front.window().resize(*self.random.choice(((1024, 600), (1366, 768), (1920, 1080)))),
            lambda: Thread(target=self._meanwhile, args=(self.random.choice(ACTS),), daemon=True).start(),
        ]
        if self.beside is not None:
            acts.append(self.beside.again)
        if window is not None:
            acts.append(window.idle.idle.emit)
        if window is not None and QApplication.activeModalWidget() is None and not window.locked:
            acts += [partial(window.change_look, *self.random.choice(_LOOKS)), partial(self._drop, window), window.practise]
            acts.append(partial(self._take_back, window))
        act = self.random.choice(acts)
        self._did(front, f"act {acts.index(act)} of {len(acts)}")
        act()

    def _take_back(self, window: MainWindow) -> None:
        """Ctrl+Z and Ctrl+Y faster than the store answers."""
        for _n in range(self.random.randint(2, 12)):
            self.random.choice((window.undo, window.undo, window.redo))()

    def _drop(self, window: QWidget) -> None:
        files = QMimeData()
        files.setUrls([QUrl.fromLocalFile(str(SAMPLES / self.random.choice(ROSTERS)))])
        event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, files, Qt.MouseButton.LeftButton, Modifier.NoModifier)
        QApplication.sendEvent(window, event)

    def _meanwhile(self, act: Callable[[Session], object]) -> None:
        """Another program on the same store."""
        try:
            with closing(Store.open(self.folder / "home", user=None, password=PASSWORD)) as store, store.write("别处") as session:
                act(session)
        except CunzhanError:
            pass  # such as a store that is not there yet
        except Exception as error:
            self.note(error)

    def _wake(self) -> None:
        for window in QApplication.topLevelWidgets():
            if window.isVisible():
                window.activateWindow()
                return
        QApplication.exit()  # it was closed


def stack_of(thread: int) -> list[str]:
    """Where another thread is, outermost call first. Not by its frames: whoever holds one keeps its variables when it is left, and frees a
    painter or an editor of the window later and in the wrong thread, which ends the program."""
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        _before, _name, after = file.read().partition(f"Thread 0x{thread:016x} ")
    lines = re.findall(r'File "(.*)", line (\d+) in', after.split("\n\n")[0])
    return [f"    {name[-40:]}:{number} {linecache.getline(name, int(number)).strip()}" for name, number in reversed(lines)]


def play(folder: Path, seed: int, seconds: float, kinds: Collection[str] = ()) -> Monkey:
    """Press keys on a new village for some seconds; whoever closes the program opens it again."""
    home, scope = folder / "home", VILLAGE if seed % 2 else VILLAGE[:9]
    if "new" not in kinds:
        village(home, scope, kinds)
    _application()
    monkey = Monkey(folder, seed, seconds, RESTLESS if "restless" in kinds else ODD)
    with ExitStack() as around:
        if "county" in kinds:
            around.enter_context(county(folder, scope, seed, monkey.note))
        if "beside" in kinds:
            monkey.beside = around.enter_context(Beside(home, seed, monkey.faults.append))
        _press_until_over(monkey, home, "王主任" if "reader" in kinds else "李文书")
    faulthandler.cancel_dump_traceback_later()
    sys.excepthook = sys.__excepthook__
    return monkey


def _press_until_over(monkey: Monkey, home: Path, user: str) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setQuitOnLastWindowClosed(False)
    collect_garbage_here(application)
    monkey.begin()
    Thread(target=monkey.watch, daemon=True).start()
    while time.monotonic() < monkey.until:
        monkey.program = program = App(home, jobs=Jobs())
        program.crashed = monkey.note  # type: ignore[method-assign]  # instead of a dialog
        program.start(user, "" if monkey.pressed % 3 else PASSWORD)
        application.exec()
        program.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def main(seed: int, seconds: float, kinds: Collection[str] = ()) -> int:
    """Play, say how it went, and answer the exit status."""
    with tempfile.TemporaryDirectory(prefix="cunzhan-monkey-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        monkey = play(folder, seed, seconds, kinds)
        faults = monkey.faults + [file.read_text() for file in (folder / "home" / "crash").glob("*.txt")]
        with suppress(CunzhanError):  # such as of a store that was never made
            store = Store.open(folder / "home", user=None, password=PASSWORD)
            with store.read() as session:
                faults += wrong(session)
        last = ["the last keys:", *monkey.last] if faults else []
        print(f"seed {seed} {' '.join(kinds)}: {monkey.pressed} keys, {len(faults)} faults", *faults, *last, sep="\n")
        for where, times in monkey.still.most_common(12):
            print(f"stood still {times} times:\n{where}")
    return bool(faults)


if __name__ == "__main__":
    faulthandler.enable()
    status = main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
    sys.stdout.flush()
    os._exit(status)  # windows and threads of the program are still there
