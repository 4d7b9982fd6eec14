"""The composition root: opens the store and assembles the window.

app = App(home)                    # made after QApplication
app.start()                        # first use, unlocking, or with `start(user, password)` the window at once
app.window                         # the MainWindow once a store is open
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType

import shiboken6
from PySide6 import QtPrintSupport  # noqa: F401 -- as the others before threads start: two that import it at once would fail
from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QStandardPaths, QTimer, QTranslator, Signal
from PySide6.QtWidgets import QApplication, QRadioButton, QWidget

from db import gc_pause, keys
from desktop import crash, theme
from desktop.icons import icon
from desktop.jobs import Jobs
from desktop.lock import MINUTES, forget_numbers
from desktop.main_window import MainWindow, Shell
from desktop.page import Page
from desktop.preferences import UNNOTED, Preferences
from desktop.registry import ENTRIES, Entry, entries
from desktop.station import Station
from desktop.widgets import dialogs, writing
from desktop.widgets.keyboard import StrayKeys
from domain import clock, divisions
from domain.errors import CunzhanError
from domain.release import DID_NOT_OPEN
from domain.words import _, set_language

BACKUP_AFTER, BACKUP_AGAIN = 20_000, 3_600_000  # milliseconds
SYNC_AFTER = 2_000  # milliseconds
PRACTICE = "practice"
"""Folder of the practice village, within the data folder."""
QT_WORDS = "qtbase"
"""Qt's catalogue of translations, and the name of the translator that reads it."""

_GARBAGE = 1000
"""Milliseconds between two looks for garbage."""


class App(QObject):
    """The running program: first use, unlocking, the window, and switching between them."""

    def __init__(self, home: Path, *, jobs: Jobs | None = None, fitted: bool = False, language: str = "") -> None:
        """`fitted`: maximise the window on a screen that is smaller than it. `language`: for this run, instead of the one in the
        settings."""
        super().__init__()
        self.home = home
        self._fitted = fitted
        self.preferences = Preferences(home / "desktop.json")
        if language:
            self.preferences.override("language", language)
        self.jobs = jobs or Jobs()
        self.station: Station | None = None
        self.window: MainWindow | None = None
        self.gate: QWidget | None = None
        self.proved = False
        """Whether a window has been open for a moment on an open store, so that the program works."""
        self._stray_keys = StrayKeys(self)
        self._auto_backup = QTimer(self, singleShot=True, interval=BACKUP_AFTER)
        self._auto_backup.timeout.connect(self.back_up)
        self.apply_look()

    # -- starting ---------------------------------------------------------------------------------

    def start(self, user: str = "", password: str = "", then: str = "today") -> None:
        """Open the store with a password, at a page or one of its tabs; without one show the unlock page, or the wizard on first use."""
        if not keys.exists(self.home):
            self.first_use()
        elif password:
            from desktop.welcome.opening import open_ready

            self.opened(open_ready(self.home, user or None, password), then)
        else:
            self.unlock(user)

    def first_use(self) -> None:
        """Show the wizard that sets up a store."""
        from desktop.welcome import first_use

        self._show_gate(first_use.build(self))

    def unlock(self, user: str = "") -> None:
        """Show the unlock page; `user` is preselected."""
        from desktop.welcome import unlock

        view = unlock.build(self)
        view.user.setCurrentText(user)
        self._show_gate(view)

    def practise(self, anew: bool = False) -> None:
        """Switch to the practice village, creating it on the first visit and if it shall begin `anew`."""
        from desktop.welcome import practice

        self._leave()
        if self.gate is not None:
            self.gate.setEnabled(False)  # a second click would open a second window
        self.jobs.run(partial(practice.open_practice, self.home / PRACTICE, anew), self.opened, self._failed)

    def opened(self, store: object, then: str = "today", said: str = "") -> None:
        """Show the window of an open store, with a message, at the page or tab `then`, which may have a further part
        (`sync/stick/importing`)."""
        from db.store import Store

        assert isinstance(store, Store)
        self.station = Station(store)
        if self.home == store.home:
            self.preferences.keep("place", _place(store.scope))  # for the unlock page
        self._build(then)
        if self.home == store.home and self.preferences.number(UNNOTED, 0) and self.window is not None:
            QTimer.singleShot(0, self.window, partial(self._ask_for_code, self.window))
        if self.window is not None:
            if said:
                self.window.message(said)
            from desktop.importing import begun

            self.jobs.run(partial(begun.left, store), partial(self._show_interrupted_import, self.window))

    def _show_interrupted_import(self, window: MainWindow, file: str) -> None:
        """Report an import that a power cut interrupted."""
        text = _("导入到一半，程序或电脑关了。「{file}」里的一条也没有存进去，原来的记录都在。请再导入一次。").format(file=file)
        if file and shiboken6.isValid(window) and dialogs.ask(window, _("上次的导入没有做完"), text, yes=_("去导入"), no=_("以后再说")):
            window.open("importing")

    def _ask_for_code(self, window: MainWindow) -> None:
        """Ask for confirmation that the recovery code is on paper, when that is not recorded."""
        text = _("上次的恢复码还没有抄好。忘了密码又没有它，数据就打不开。请在「设置」里换一个新的，抄在纸上。")
        admin = self.station is not None and self.station.store.account().role == "admin"
        if admin and dialogs.ask(window, _("恢复码还没有抄好"), text, yes=_("去换一个"), no=_("以后再说")):
            window.open("settings", tab="users", code=True)

    def rebuild(self) -> None:
        """Rebuild the window with another look, at the page it showed."""
        old = self.window
        self.apply_look()
        if old is not None and self.station is not None:
            pressed = old.focusWidget()
            self._build("settings/look" if old.key == "settings" else old.key, old)  # the look is changed there
            same = self.window.findChild(QRadioButton, pressed.objectName()) if isinstance(pressed, QRadioButton) and self.window else None
            if same is not None:  # keep the focus, so that arrow keys continue in the same group
                same.setFocus()

    def switch_user(self) -> None:
        """Close the store and show the unlock page, to somebody else."""
        forget_numbers()
        self._leave()
        self.start()

    def apply_look(self) -> None:
        """Apply theme, text size and language from the preferences."""
        language = self.preferences.text("language", "zh")
        set_language(language)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        _translate_qt(app, language)
        theme.apply(app, self.preferences.text("theme", "light"), self.preferences.number("text_size", 1.0))

    def back_up(self) -> None:
        """Make the automatic backup if one is due; called shortly after the start and every hour."""
        if self.station is not None:
            from desktop import auto_backup

            self.jobs.run(partial(auto_backup.make, self.station.store), self._backed_up, self._not_backed_up, lane="device")

    def _backed_up(self, file: Path | None) -> None:
        self._auto_backup.start(BACKUP_AGAIN)
        if file is not None and self.window is not None:
            self.window.message(_("今天的备份已自动做好"))
            self.window.refresh_status()

    def _not_backed_up(self, error: Exception) -> None:
        self._auto_backup.start(BACKUP_AGAIN)
        if self.window is not None:
            self.window.message(str(error) if isinstance(error, CunzhanError) else _("自动备份没有做成，请到「设置」看看备份文件夹。"))

    def close(self) -> None:
        """Stop background work, close windows and store."""
        self._leave()
        self.jobs.close()
        self._stray_keys.stop()

    def _build(self, page: str, old: MainWindow | None = None) -> None:
        from desktop.window_uses import WindowUses

        station = self.station
        assert station is not None
        store = station.store
        shown = entries(store.role)
        pages = {entry: partial(_make, entry, station) for entry in shown}
        window = MainWindow(
            self.jobs, self.preferences, pages, WindowUses(station, guarded=not _practises(store.home)), self._shell(station)
        )
        writing.forbid(station.why_not, window.message)
        station.changed.connect(window.records_changed)
        DayWatch(window).turned.connect(window.records_changed)
        self.window = self.jobs.owner = window
        if old is not None:
            window.restoreGeometry(old.saveGeometry())
        self._present(window)
        if old is not None:
            _drop(old)
        if self.gate is not None:
            _drop(self.gate)
            self.gate = None
        page, *more = page.split("/")
        window.open(page if page in {entry.key for entry in shown} else shown[0].key, **dict(zip(("tab", "then"), more, strict=False)))
        window.refresh_status()
        self._auto_backup.start()
        QTimer.singleShot(SYNC_AFTER, window, lambda: self._start_automatic_sync(window, station))
        QTimer.singleShot(SYNC_AFTER, self, self._set_proved)

    def _set_proved(self) -> None:
        from services.upgrading import previous_program

        if not self.proved:
            self.proved = True
            previous_program.opened()

    def _start_automatic_sync(self, window: MainWindow, station: Station) -> None:
        def start(module: ModuleType) -> None:
            if self.window is window:  # not one that was left and is only not deleted yet
                auto_sync = module.automatic(window, station)
                auto_sync.setParent(window)  # deleted with its window
                auto_sync.start()

        # imported off the GUI thread: the network library takes half a second, which would freeze the window
        self.jobs.run(lambda: import_module("desktop.sync.automatic"), start, lane="net")

    def _shell(self, station: Station) -> Shell:
        store = station.store
        return Shell(
            place=_place(store.scope),
            marks=_marks(station),
            user=store.user,
            crashed=self.crashed,
            switch_user=self.switch_user,
            practise=self.practise,
            look_changed=self.rebuild,
            idle_minutes=self.preferences.number("idle_minutes", MINUTES),
        )

    def crashed(self, error: BaseException) -> None:
        """Write a crash file and show the crash dialog."""
        dialogs.show_message(self.window or self.gate, _("程序出错"), crash.sentence(crash.write(self.home / "crash", error)))

    def _failed(self, error: Exception) -> None:
        self.start()
        raise error

    def _show_gate(self, gate: QWidget) -> None:
        old, self.gate = self.gate, gate
        gate.setWindowTitle(_("村站通"))
        gate.resize(1366, 768)
        self._present(gate)
        if old is not None:
            _drop(old)
        for load in _WARM_UP:  # while the user types; one by one, so that searches for a village run in between
            self.jobs.run(load, lambda _loaded: linecache.clearcache(), later=True)

    def _present(self, window: QWidget) -> None:
        room, frame = window.screen().availableGeometry(), 40
        small = room.width() < window.width() or room.height() < window.height() + frame
        if self._fitted and small:
            window.showMaximized()
        else:
            window.show()

    def _leave(self) -> None:
        if self.window is not None:
            _drop(self.window)
            self.window = self.jobs.owner = None
        self._auto_backup.stop()
        if self.station is not None:
            self.station.store.close()
            self.station = None


_WARM_UP: tuple[Callable[[], object], ...] = (
    partial(divisions.name, "230826101"),
    *(partial(import_module, module) for module in ("db.store", "desktop.window_uses")),
    *(entry.build for entry in ENTRIES),
)
"""Modules that the window will need, imported while the password is typed: on an old laptop this takes long, 报表 alone a second."""


def _translate_qt(app: QApplication, language: str) -> None:
    """Install the translation of Qt's own texts (print, file and text menus) for a language, replacing an earlier one."""
    for old in app.findChildren(QTranslator, QT_WORDS):
        app.removeTranslator(old)
        old.deleteLater()
    if language == "zh":
        made = QTranslator(app)
        made.setObjectName(QT_WORDS)
        made.load(QLocale("zh_CN"), QT_WORDS, "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        app.installTranslator(made)


def _make(entry: Entry, station: Station, window: MainWindow) -> Page:
    made = entry.build()(window, station)
    linecache.clearcache()  # PySide reads the source of every loaded module, and linecache would keep the lines: 3 MB
    return made


def _marks(station: Station) -> dict[str, str]:
    """Return the marks shown beside the place, with explanations: the practice village, a user who may only read."""
    practice = {_("练习村"): _("这里的人都是编的，随便试，不会交给县里。")} if _practises(station.store.home) else {}
    return practice | ({_("只看不改"): station.why_not} if station.reads_only else {})


def _practises(home: Path) -> bool:
    """Whether a data folder is the practice village's, which has no password."""
    return home.name == PRACTICE


def _place(scope: str) -> str:
    return " · ".join(divisions.names_in_county(scope)) or divisions.name(scope) or ""


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.deleteLater()


def start_in_documents() -> None:
    """Make file dialogs start in the documents folder. A Windows shortcut starts the program in its own folder, and files saved there would
    be deleted with that folder after an upgrade."""
    if sys.platform == "win32":
        with suppress(OSError):
            os.chdir(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))


def main(home: Path, user: str = "", password: str = "", language: str = "") -> int:
    """Run the program until its last window is closed; `language`: as for `App`. Returns the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    collect_garbage_here(app)
    app.setApplicationName("cunzhan")
    app.setWindowIcon(icon("home", "accent", 48))
    program = App(home, fitted=True, language=language)
    start_in_documents()
    crash.install(home / "crash", lambda text: dialogs.show_message(program.window or program.gate, _("程序出错"), text))
    program.start(user, password)
    _report_failed_upgrade(program)
    before = crash.latest(home / "crash")
    code = app.exec()
    program.close()
    return code or int(not program.proved and crash.latest(home / "crash") != before)  # `cli.start` then opens the previous program


def collect_garbage_here(app: QApplication) -> None:
    """Collect garbage in this thread only, which is the window's (`db.gc_pause.collect_by_hand`)."""
    gc_pause.collect_by_hand()
    timer = QTimer(app, interval=_GARBAGE)
    timer.timeout.connect(gc_pause.collect_due)
    timer.start()


def _report_failed_upgrade(program: App) -> None:
    name = os.environ.pop(DID_NOT_OPEN, "")
    if name:
        from services.upgrading.previous_program import did_not_open_message

        text = did_not_open_message(name)
        QTimer.singleShot(0, program, lambda: dialogs.show_message(program.window or program.gate, _("新版本没有打开"), text))


EVERY = 30_000  # milliseconds


class DayWatch(QObject):
    """Emits `turned` when the date changed: after midnight, after the computer slept, or because the clock was set."""

    turned = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._day = clock.today()
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Compare the date with the last one seen."""
        before, self._day = self._day, clock.today()
        if before != self._day:
            self.turned.emit()
