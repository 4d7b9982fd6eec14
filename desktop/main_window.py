"""The main window: navigation, search, the page shown, progress, the status line. It knows pages only by their registry entries.

Keys: Alt+letter a page · Ctrl+Tab the next · Ctrl+K search · Ctrl+N 登记 · Ctrl+I 导入 · Ctrl+Z 撤销 · Ctrl+Y 重做 · F9 同步 · F1 manual ·
Ctrl+L lock. A file dropped anywhere opens 导入 with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QStackedWidget

from desktop import theme
from desktop.jobs import Jobs, Lane, Progress
from desktop.lock import MINUTES, IdleWatch, Lock
from desktop.message_bar import MessageBar, ProgressArea
from desktop.navigation import Navigation, user_menu
from desktop.page import Page
from desktop.preferences import Preferences
from desktop.registry import Entry
from desktop.search_box import SearchBox
from desktop.status_line import Status, StatusLine
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Button, Chip, button, rule
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import column, holder, row
from domain.errors import CunzhanError, Stopped
from domain.words import _

if TYPE_CHECKING:
    from desktop.manual import Manual
    from desktop.window_uses import WindowUses  # reads the store: imported while the password is typed

_T = TypeVar("_T")
STATUS_EVERY = 30_000  # milliseconds
SETTLE = 150  # milliseconds without changes before pages refresh
DROPPED = {
    "benefits": (".jpg", ".jpeg", ".png", ".bmp", ".pdf", ".heic", ".heif", ".webp"),
    "importing": dialogs.ROSTERS,
}


@dataclass(frozen=True)
class Shell:
    """The surroundings of a window: user and place, and callbacks into the program."""

    place: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    """Marks beside the place with their explanations: the practice village, a user who may only read."""
    user: str = ""
    crashed: Callable[[Exception], None] = field(default=lambda error: None)
    """Write a crash file and show the crash dialog."""
    switch_user: Callable[[], None] = field(default=lambda: None)
    practise: Callable[[bool], None] = field(default=lambda _anew: None)
    """Switch to the practice village; True: let it begin anew."""
    look_changed: Callable[[], None] = field(default=lambda: None)
    """Rebuild the window after theme, text size or language were changed in the preferences."""
    idle_minutes: float = MINUTES


class MainWindow(QMainWindow):
    """The frame around the pages; pages see it as `desktop.page.Frame`."""

    def __init__(
        self, jobs: Jobs, preferences: Preferences, pages: Mapping[Entry, Callable[[MainWindow], Page]], uses: WindowUses, shell: Shell
    ) -> None:
        super().__init__()
        self.jobs, self.preferences, self.place, self._uses, self._shell = jobs, preferences, shell.place, uses, shell
        self._make = {entry.key: make for entry, make in pages.items()}
        self._pages: dict[str, Page] = {}
        self._stale: set[str] = set()
        self._reason: str | None = None
        self._masked: CunzhanError | None = None
        self._lock: Lock | None = None
        self._warned: set[str] = set()
        self.key = ""
        self._before = ""
        self.manual: Manual | None = None
        self._build(pages)
        self._bind_keys()
        self._timers()
        jobs.failed.connect(self.show_error)
        jobs.noted.connect(self.message)
        self.setAcceptDrops(True)
        self.setMinimumSize(800, 480)
        self.resize(1366, 768)
        if geometry := preferences.text("geometry"):
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))

    # -- interface for pages ------------------------------------------------------------------------

    def open(self, page: str, **args: object) -> None:
        """Show a page, building it on its first visit; does nothing if the present page may not be left."""
        if page not in self._make or (self.key and self.key != page and not self._pages[self.key].can_leave()):
            self.navigation.show_chosen(self.key)
            self._back_to_page()
            return
        if page not in self._pages:
            made = self._make[page](self)
            self._pages[page] = made
            self.stack.addWidget(made)
        shown = self._pages[page]
        self.stack.setCurrentWidget(shown)
        if page != self.key:
            keyboard.leave_tabs(self)
            self._before, self.key = self.key, page
        self.navigation.show_chosen(page)
        self.setWindowTitle(_("{page}　{place}　村站通").format(page=shown.accessibleName(), place=self.place))
        if page in self._stale:
            self._stale.discard(page)
            shown.refresh()
        shown.opened(**args)
        if self.focusWidget() is None or not shown.isAncestorOf(self.focusWidget()):
            if args:  # for something else than what was looked at last
                keyboard.enter(shown, but=shown.header)
            else:
                self._back_to_page()

    def back(self) -> None:
        """Return to the page that was shown before this one."""
        self.open(self._before or self.page_keys[0])

    def _back_to_page(self) -> None:
        """Return the focus to where the user was working on this page, after a click moved it to the navigation."""
        page = self._pages[self.key]
        last = page.focusWidget()
        if last is not None and last.isVisible() and last.isEnabled():
            last.setFocus()
        else:
            keyboard.enter(page, but=page.header)

    @property
    def page_keys(self) -> list[str]:
        """Keys of all pages, in the order of the registry."""
        return list(self._make)

    def page(self, key: str) -> Page | None:
        """Return a page that has been opened already, else None."""
        return self._pages.get(key)

    def message(self, text: str, *, undo: bool = False) -> None:
        """Show a message in the status line."""
        self.messages.say(text, undo=undo)

    def show_error(self, error: Exception) -> None:
        """Show an error in a dialog."""
        if isinstance(error, Stopped):
            self.message(str(error))
        elif isinstance(error, CunzhanError):
            dialogs.show_error(self, error)
        else:
            self._shell.crashed(error)

    def run_long(
        self,
        what: str,
        work: Callable[[Progress], _T],
        done: Callable[[_T], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        lane: Lane = "db",
    ) -> None:
        """Run long work with progress and a stop button."""
        shown = self.progress.begin(what)

        def ended(result: _T) -> None:
            self.progress.end(shown)
            done(result)

        def on_error(error: Exception) -> None:
            self.progress.end(shown)
            (failed or self.show_error)(error)

        shown.job = self.jobs.run_long(work, ended, on_error, report=partial(self.progress.report, shown), lane=lane)

    def reason(self, usual: str = dialogs.CHECKING) -> str | None:
        """Return the reason for showing secrets, asked once a session; on a laptop that may show none, say why."""
        if self._masked is not None:
            self.show_error(self._masked)
            return None
        if self._reason is None and (reason := dialogs.ask_reason(self, usual)):
            self._reason = reason
            self.jobs.run(partial(self._uses.log_reason, reason), lambda _none: None)
        return self._reason

    def practise(self) -> None:
        """Switch to the practice village, after asking as when closing."""
        if self._may_close(_("停下并离开")):
            QTimer.singleShot(0, partial(self._shell.practise, False))

    def practise_anew(self) -> None:
        """Ask, and let the practice village begin anew, as of today."""
        about = _("练习村里做过的都不要了，里面的人和事重新编好，日子是这几天的。您自己的村不动。")
        if dialogs.ask(self, _("练习村从头来吗？"), about, yes=_("从头来")) and self._may_close(_("停下并离开")):
            QTimer.singleShot(0, partial(self._shell.practise, True))

    def set_badge(self, page: str, count: int) -> None:
        """Set the number beside a page's name in the navigation."""
        if page in self.navigation.buttons:
            self.navigation.buttons[page].set_count(count)

    def records_changed(self) -> None:
        """Refresh the status line at once and the pages soon, once for many changes in a row. Called after saving and failed exchanges."""
        self.refresh_status()
        self._settle.start()

    # -- the parts ----------------------------------------------------------------------------------

    def _build(self, entries: Iterable[Entry]) -> None:
        self.navigation = Navigation(entries)
        self.navigation.chosen.connect(self.open)
        self.search = SearchBox(self.jobs, self._uses.search)
        self.search.setMinimumWidth(theme.px(200))
        self.search.setMaximumWidth(theme.px(420))
        self.search.opened.connect(lambda found: self.open(found.page, **found.args))
        self.user_button = Button(self._shell.user or _("用户"), kind="quiet")
        anew = None if self._uses.guarded else self.practise_anew
        self.user_button.setMenu(user_menu(self, self.lock, self.switch_user, self.change_look, self.help, anew))
        place = ElidedLabel(self.place, "muted", stretch=0)  # on a small screen with large text it makes room
        place.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.help_button = button("", self.help, kind="quiet", icon="help")
        self.help_button.setToolTip(_("使用说明　F1"))
        self.help_button.setAccessibleName(_("使用说明　F1"))
        chips = [Chip(word, "warn", tip=why) for word, why in self._shell.marks.items()]
        line = row(self.search, 8, None, place, *chips, 12, self.help_button, self.user_button, spacing=8, margins=(16, 8, 10, 8))
        line.setStretch(0, 4)
        line.setStretch(2, 1)
        top = holder(line, name="top")
        top.setFixedHeight(theme.px(52))
        self.stack = QStackedWidget()
        self.progress = ProgressArea()
        self.foot = StatusLine()
        self.foot.pressed.connect(lambda: self.open("sync"))
        right = column(top, rule(), column(self.stack, spacing=0), row(self.progress, margins=(16, 0, 16, 8)), spacing=0)
        body = row(self.navigation, holder(right), spacing=0)
        self._root = holder(column(body, rule(), self.foot, spacing=0), role="ground")
        self.setCentralWidget(self._root)
        self.messages = MessageBar(self, self.undo, self.redo, self.foot)
        keyboard.keep(self, lambda: self._pages.get(self.key, self))

    def change_look(self, name: str, value: str | float) -> None:
        """Store a display preference and rebuild the window."""
        if self.progress.isVisible():
            self.message(_("{what}，还没有做完").format(what=self.progress.what.text()))
        elif not self.key or self._pages[self.key].can_leave():
            self.preferences.keep(name, value)
            QTimer.singleShot(0, self._shell.look_changed)

    def _bind_keys(self) -> None:
        keys = {
            "Ctrl+K": self._to_search,
            "Ctrl+N": lambda: self.open("register"),
            "Ctrl+I": lambda: self.open("importing"),
            "Ctrl+Z": self.undo,
            "Ctrl+Y": self.redo,
            "Ctrl+Shift+Z": self.redo,
            "F1": self.help,
            "F9": lambda: self.open("sync", now=True),
            "Ctrl+L": self.lock,
            "Ctrl+Tab": lambda: self.open(self.navigation.next_after(self.key)),
            "Ctrl+Shift+Tab": lambda: self.open(self.navigation.next_after(self.key, -1)),
        }
        for text, call in keys.items():
            QShortcut(QKeySequence(text), self._root).activated.connect(call)

    def _timers(self) -> None:
        self._settle = QTimer(self, singleShot=True, interval=SETTLE)
        self._settle.timeout.connect(self._look_again)
        self._pulse = QTimer(self, interval=STATUS_EVERY)
        self._pulse.timeout.connect(self.refresh_status)
        self._pulse.start()
        self.idle = IdleWatch(self._shell.idle_minutes, self)
        self.idle.idle.connect(self.lock)

    # -- actions ------------------------------------------------------------------------------------

    def refresh_status(self) -> None:
        """Read the status off the GUI thread and show it in the status line."""
        self.jobs.run(self._uses.status, self.show_status, key="status")

    def show_status(self, status: Status) -> None:
        """Show the status in the status line, and each new warning once."""
        self._masked = status.masked
        self.foot.show_status(status)
        for warning in status.warnings():  # each is shown once; the last one, about the clock, stays visible
            if warning not in self._warned:
                self._warned.add(warning)
                self.message(warning)
        self.set_badge("sync", status.conflicts + status.held)

    def undo(self, *, sure: bool = False) -> None:
        """Undo the last saved change."""
        self.progress.at_once(self.jobs, _("撤销"), partial(self._uses.undo, sure), self._undone)

    def _undone(self, result: tuple[str, bool | None]) -> None:
        if result[1] is not None:
            self.messages.say(result[0], redo=result[1])
        elif dialogs.ask(self, _("撤销以前做的？"), result[0], yes=_("撤销"), danger=True):
            self.undo(sure=True)

    def redo(self) -> None:
        """Redo the change undone last."""
        self.progress.at_once(self.jobs, _("重做"), self._uses.redo, lambda result: self.messages.say(result[0], undo=result[1]))

    def help(self) -> None:
        """Open the manual at the section about the present page."""
        from desktop.manual import Manual

        self.manual = self.manual or Manual(self)
        self.manual.open_at(self.key)

    def lock(self) -> None:
        """Cover every window until the PIN or password is given."""
        if self._lock is None:
            check = self._uses.unlock if self._uses.guarded else None
            self._lock = Lock(self, self.jobs, self._shell.user, check)
            self._lock.unlocked.connect(self._unlocked)
            self._lock.other_user.connect(self._shell.switch_user)

    def switch_user(self) -> None:
        """Let somebody else log in, after asking as when closing."""
        if self._may_close(_("停下并离开")):
            self._shell.switch_user()

    @property
    def locked(self) -> bool:
        """Whether the window is covered."""
        return self._lock is not None

    def _unlocked(self) -> None:
        if self._lock is not None:
            self._lock.uncover()
            self._lock = None

    def _look_again(self) -> None:
        if self.isHidden():  # it was left, but a menu that is open keeps it: what it asks for now would arrive after it is deleted
            return
        self._stale = set(self._pages) - {self.key}
        if self.key:
            self._pages[self.key].refresh()

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # -- Qt -----------------------------------------------------------------------------------------

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab follows the layout."""
        return keyboard.move(self, next)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files that could be rosters, or forms that come back signed."""
        if any(url.toLocalFile().lower().endswith(sum(DROPPED.values(), ())) for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the page that takes such files: 导入, or 补助 where all are pictures of pages."""
        if (files := [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]) and not self.locked:
            page = next((page for page, ends in DROPPED.items() if all(file.lower().endswith(ends) for file in files)), "importing")
            self.open(page, files=files)

    def _may_close(self, yes: str) -> bool:
        """Ask about long work, by the button `yes` that stops it, and about unsaved input."""
        busy = self.progress.isVisible()
        about = _("{what}，还没有做完").format(what=self.progress.what.text())
        if busy and not dialogs.ask(self, about, _("停下来，这一步什么都不会改变。"), yes=yes, danger=True):
            return False
        if self.key and not self._pages[self.key].can_leave():
            return False
        self.progress.stop_all()
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about long work and unsaved input, then remember where the window stood."""
        if not self._may_close(_("停下并关闭")):
            event.ignore()
            return
        self.preferences.keep("geometry", bytes(self.saveGeometry().toBase64().data()).decode())
        event.accept()
