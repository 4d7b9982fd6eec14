"""The idle lock: after some minutes without input the window is covered until the PIN or password is entered.

Unsaved input stays in the widgets below the cover.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import shiboken6
from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop import icons, theme
from desktop.jobs import Jobs
from desktop.navigation import switch_word
from desktop.widgets.basics import Card, button, label
from desktop.widgets.inputs import hidden_line
from desktop.widgets.layout import column, row
from desktop.widgets.spoken import live_label
from domain.identity import mask_numbers
from domain.words import _

MINUTES = 10
_ALIVE = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel, QEvent.Type.TouchBegin})
_LEAVE = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_L)


class IdleWatch(QObject):
    """Emits `idle` after some minutes without input, and on Ctrl+L in whatever window has the focus: shortcuts of the main window do not
    work while a dialog is open."""

    idle = Signal()

    def __init__(self, minutes: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.idle)
        self.set_minutes(minutes)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusWindowChanged.connect(self._watch)
            self._watch(app.focusWindow())

    def set_minutes(self, minutes: float) -> None:
        """Set the time; 0 never locks."""
        self._timer.setInterval(round(minutes * 60_000))
        if minutes > 0:
            self._timer.start()
        else:
            self._timer.stop()

    def _watch(self, window: QWindow | None) -> None:
        """Filter the events of the window with the focus, which receives all key and mouse events. Filtering those of every widget took an
        eighth of the running time."""
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any input restarts the time. Only Ctrl+L is filtered out."""
        if event.type() in _ALIVE and self._timer.isActive():
            self._timer.start()
        leaves = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.keyCombination() == _LEAVE
        if leaves:
            self.idle.emit()
        return leaves


class LockCover(QWidget):
    """Covers a whole window. `check` returns "" for the right PIN or password, otherwise the message to show; it is called off the GUI
    thread. If it is None, no password is asked for."""

    unlocked = Signal()
    other_user = Signal()

    def __init__(self, window: QWidget, jobs: Jobs, user: str, check: Callable[[str], str] | None) -> None:
        super().__init__(window)
        self._jobs, self._check = jobs, check
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("已锁定"))
        picture = QLabel()
        picture.setPixmap(icons.pixmap("lock", "accent", 36))
        self.secret = hidden_line(_("PIN 或密码"))
        self.secret.setPlaceholderText(_("PIN 或密码"))
        self.secret.returnPressed.connect(self.try_unlock)
        self.secret.setVisible(check is not None)
        self.wrong = live_label("bad")
        self.open_button = button(_("解锁"), self.try_unlock, kind="primary")
        other = button(switch_word(check is None), self.other_user.emit, kind="link")
        card = Card(padding=24)
        card.setFixedWidth(theme.px(360))
        words = _("没填完的内容都还在。") if check else _("练习村不用密码，按「解锁」就打开。没填完的内容都还在。")
        card.add(row(None, picture, None), label(_("{user}，已锁定").format(user=user), "heading"), label(words, "muted", wrap=True))
        card.add(self.secret, self.wrong, self.open_button, other)
        self.setLayout(column(None, row(None, card, None), None))
        self._disabled: list[QWidget] = []
        self._focus = window.focusWidget()
        self._size = window.size()
        self._was_enabled = window.isEnabled()
        window.installEventFilter(self)
        self.hide()

    def cover(self) -> None:
        """Cover the window, so that no key reaches anything below."""
        self.window().setEnabled(True)  # a dialog whose page is disabled would be disabled too, and accept no password
        beneath = self.window().findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        self._disabled = [widget for widget in beneath if widget is not self and widget.isEnabled() and not widget.isWindow()]
        for widget in self._disabled:
            widget.setEnabled(False)
        self.secret.clear()
        self.wrong.setText("")
        self.show()
        self.window().resize(self._size.expandedTo(self.sizeHint()))  # a dialog may be smaller than the cover needs
        self.setGeometry(self.window().rect())
        self.raise_()

    def ask(self) -> None:
        """Focus the password, once all windows are covered."""
        self.window().setEnabled(True)
        (self.secret if self._check else self.open_button).setFocus()

    def uncover(self) -> None:
        """Restore the window."""
        self.hide()
        for widget in self._disabled:
            if shiboken6.isValid(widget):
                widget.setEnabled(True)
        self.window().setEnabled(self._was_enabled)
        if self.window().size() == self._size.expandedTo(self.sizeHint()):
            self.window().resize(self._size)
        if self._focus is not None and shiboken6.isValid(self._focus):
            self._focus.setFocus()
        self.deleteLater()

    def try_unlock(self) -> None:
        """Check the input."""
        typed, check = self.secret.text(), self._check
        if check is None:
            self.unlocked.emit()
        elif typed:
            self.open_button.setEnabled(False)
            self._jobs.run(lambda: check(typed), self._answered, key="unlock")

    def _answered(self, refusal: str) -> None:
        self.open_button.setEnabled(True)
        self.secret.clear()
        if refusal:
            self.wrong.setText(refusal)
            self.secret.setFocus()
        else:
            self.unlocked.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the whole window when it is resized."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self.window().rect())
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let no key reach anything below."""
        event.accept()


class Lock(QObject):
    """Covers the main window and the windows above it. Open menus and lists are closed, because they would still work. Dialogs and previews
    that open meanwhile, at the end of a job, are covered before they are visible."""

    unlocked = Signal()
    other_user = Signal()

    def __init__(self, main: QWidget, jobs: Jobs, user: str, check: Callable[[str], str] | None) -> None:
        super().__init__(main)
        self._cover = partial(LockCover, jobs=jobs, user=user, check=check)
        self.covers: list[LockCover] = []
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass
        forget_numbers()
        over = [each for each in QApplication.topLevelWidgets() if each.isVisible() and _is_over(each)]
        for window in (main, *over):
            self._add(window)
        for cover in self.covers:
            cover.cover()
        for cover in self.covers:
            cover.ask()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.installEventFilter(self)

    def uncover(self) -> None:
        """Restore all windows."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.removeEventFilter(self)
        for cover in self.covers:
            if shiboken6.isValid(cover):
                cover.uncover()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover a window that opens meanwhile."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and _is_over(watched) and not self._knows(watched):
            late = self._add(watched)
            late.cover()
            late.ask()
        return False

    def _add(self, window: QWidget) -> LockCover:
        cover = self._cover(window)
        cover.unlocked.connect(self.unlocked)
        cover.other_user.connect(self._switch)
        self.covers.append(cover)
        return cover

    def _knows(self, window: QWidget) -> bool:
        return any(shiboken6.isValid(cover) and cover.window() is window for cover in self.covers)

    def _switch(self) -> None:
        for cover in self.covers[1:]:
            if shiboken6.isValid(cover):
                cover.window().close()  # an open dialog would block the unlock page
        self.other_user.emit()


def forget_numbers() -> None:
    """Empty the clipboard if it has a number that was copied here: it could be pasted elsewhere while nobody is at the computer."""
    clipboard = QApplication.clipboard()
    if clipboard.ownsClipboard() and mask_numbers(text := clipboard.text()) != text:
        clipboard.clear()


def _is_over(window: QWidget) -> bool:
    return window.parent() is not None and window.windowType() in (Qt.WindowType.Window, Qt.WindowType.Dialog)
