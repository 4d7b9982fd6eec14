"""Keyboard navigation of all windows, and keys that nobody means. Each window overrides one method

    def focusNextPrevChild(self, next: bool) -> bool:       # Tab and Shift+Tab
        return keyboard.move(self, next)

and `keyboard.keep(window, page)` restores the focus whenever it is lost or goes to an invisible widget. It also forwards unhandled keys to
the page: Ins, Esc and Del from anywhere on it; these, F keys and keys with Ctrl from its header, the status line or the navigation. PageUp
and PageDown scroll the page. Buttons call `pressed` to react to Enter, which Qt otherwise gives to the default button of a dialog,
whichever has the focus.

Tab goes through the visible widgets in the order of the layout. Qt would use the order of creation, in which a form opened later comes
after the status line. In a group of buttons (tabs, filters, pages) Tab stops at the checked one; arrows move among the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import cast

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLayout,
    QLineEdit,
    QMenu,
    QScrollArea,
    QWidget,
)

_COMPOSITE = (QAbstractItemView, QAbstractSpinBox, QComboBox)
"""Widgets whose parts Tab does not visit one by one."""
_FORWARDED = (Qt.Key.Key_Insert, Qt.Key.Key_Escape, Qt.Key.Key_Delete)
"""Keys forwarded to the page wherever in the window the focus is."""
_FUNCTION = range(Qt.Key.Key_F1.value, Qt.Key.Key_F12.value + 1)
_TURNS = {
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
}
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt)
"""Modifier keys, which Qt reports as keys of their own."""


def stops(root: QWidget, beside: QWidget | None = None) -> Iterator[QWidget]:
    """Yield the tab stops within `root`, in order; also `beside` in its place, even if it is hidden or disabled by now."""
    for child in _in_order(root):
        inside = beside is not None and (child is beside or child.isAncestorOf(beside))
        if child.isWindow() or not (inside or (child.isVisible() and child.isEnabled())):
            continue
        if child is beside or _is_stop(child):
            yield child
        if not isinstance(child, _COMPOSITE):
            yield from stops(child, beside if inside else None)


def move(window: QWidget, forward: bool) -> bool:
    """Move the focus to the next or previous tab stop, cyclically. Returns False when there is none."""
    now = window.focusWidget()
    found = list(stops(window, now))
    around = [n for n, one in enumerate(found) if now is not None and (one is now or one.isAncestorOf(now))]  # the innermost last
    at = around[-1] if around else -1 if forward else 0
    to = found[(at + (1 if forward else -1)) % len(found)] if found else now
    if to is None or to is now:
        return False
    to.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True


def enter(root: QWidget, *, but: QWidget | None = None) -> None:
    """Move the focus to the first tab stop within `root`, preferably outside `but`; if there is none, to the nearest one around it."""
    found = list(stops(root))
    first = next((one for one in found if but is None or not but.isAncestorOf(one)), next(iter(found), None))
    above = root.parentWidget()
    if first is not None:
        first.setFocus()
    elif above is not None and not root.isWindow():
        enter(above)


def to_empty(root: QWidget) -> bool:
    """Move the focus from a field within `root` to the next empty line edit. Returns False if there is none or the focus is elsewhere."""
    fields = [one for one in stops(root) if isinstance(one, QLineEdit | QComboBox)]
    now = root.window().focusWidget()
    below = fields[fields.index(now) + 1 :] if isinstance(now, QLineEdit | QComboBox) and now in fields else []
    left = [one for one in below if isinstance(one, QLineEdit) and not one.text()]
    if left:
        left[0].setFocus(Qt.FocusReason.TabFocusReason)
    return bool(left)


def run_on(page: QWidget, done: Callable[[], object]) -> None:
    """Make Enter in the fields of a page move to the next empty one; when none is left, `done` is called."""
    for line in page.findChildren(QLineEdit):
        line.returnPressed.connect(lambda: to_empty(page) or done())


def leave_tabs(window: QWidget) -> None:
    """Take away the focus that Qt gave to a tab, so that the page sets it."""
    now = window.focusWidget()
    if now is not None and now.objectName() == "tab":
        now.clearFocus()


def pressed(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press a button if Enter was typed on it, and return whether. Ctrl+Enter is left to the page."""
    alone = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    enter_typed = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and alone and not event.isAutoRepeat()
    if enter_typed:
        button.click()
    return enter_typed


def keep(window: QWidget, home: Callable[[], QWidget]) -> None:
    """Restore the focus of a window when it is lost, to the widget that `home` returns."""
    _Watch(window, home)


class _Watch(QObject):
    def __init__(self, window: QWidget, home: Callable[[], QWidget]) -> None:
        super().__init__(window)
        self._window, self._home, self._forwarding = window, home, False
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._moved)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Forward a key that reached the window unhandled to the page."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress or self._forwarding:
            return False
        return self._turned(event) or (self._is_pages(event) and self._forward(event))

    def _turned(self, event: QKeyEvent) -> bool:
        """Scroll the largest part of the page that scrolls, if that is what the key means, and return whether."""
        step = _TURNS.get(Qt.Key(event.key())) if not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier else None
        areas = [one for one in self._home().findChildren(QScrollArea) if one.isVisible() and one.verticalScrollBar().maximum() > 0]
        if step is None or not areas:
            return False
        max(areas, key=lambda one: one.width() * one.height()).verticalScrollBar().triggerAction(step)
        return True

    def _is_pages(self, event: QKeyEvent) -> bool:
        now = self._window.focusWidget()
        if event.key() in _FORWARDED or now is None or isinstance(now, QLineEdit) or self._is_inside(now):
            return event.key() in _FORWARDED
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return event.key() in _FUNCTION or (with_control and event.key() not in _MODIFIERS)

    def _is_inside(self, now: QWidget) -> bool:
        """Whether the focus is on the page, below its header."""
        home = self._home()
        header = getattr(home, "header", None)
        return home.isAncestorOf(now) and not (isinstance(header, QWidget) and header.isAncestorOf(now))

    def _forward(self, event: QKeyEvent) -> bool:
        home, now = self._home(), self._window.focusWidget()
        if now is None or home is self._window:
            return False
        inside = home.isAncestorOf(now)
        last = now if inside else home.focusWidget()
        keys = QKeySequence(event.keyCombination())
        bound = [one for one in home.findChildren(QShortcut) if one.key() == keys and _reached(one)]
        around = [one for one in bound if last is not None and cast("QWidget", one.parent()).isAncestorOf(last)]
        if not inside and last is not None:
            last.setFocus()
        for one in (*around, *bound)[:1]:
            one.activated.emit()
        if not bound and not inside and last is not None:
            self._forwarding = True
            QApplication.sendEvent(last, QKeyEvent(event.type(), event.key(), event.modifiers(), event.text()))
            self._forwarding = False
        return bool(bound)

    def _moved(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is None or not _seen(now):
            QTimer.singleShot(0, self, self._restore_focus)  # usually the right widget is about to get the focus
        elif before is not None and not (before.isEnabled() and before.isVisible()) and self._home().isAncestorOf(before):
            QTimer.singleShot(0, self, lambda: self._keep_in_page(now))  # Qt moves the focus on, possibly out of the page

    def _keep_in_page(self, given: QWidget) -> None:
        home = self._home()
        if given is QApplication.focusWidget() and self._window.isAncestorOf(given) and not home.isAncestorOf(given):
            enter(home)

    def _restore_focus(self) -> None:
        window, now = self._window, QApplication.focusWidget()
        if not window.isActiveWindow() or QApplication.activePopupWidget() is not None or (now is not None and _seen(now)):
            return
        enter(now if now is not None and window.isAncestorOf(now) else self._home())


class Window(QWidget):
    """A top-level window without pages: first use, the password."""

    def __init__(self) -> None:
        super().__init__()
        keep(self, lambda: self)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab follows the layout."""
        return move(self, next)


def _reached(shortcut: QShortcut) -> bool:
    owner = shortcut.parent()
    return isinstance(owner, QWidget) and owner.isVisible() and owner.isEnabled() and shortcut.isEnabled()


def _seen(widget: QWidget) -> bool:
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible()


def _is_stop(widget: QWidget) -> bool:
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    if group is not None and group.exclusive() and (chosen := group.checkedButton()) is not None and chosen.isVisible():
        return widget is chosen
    return bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value) and widget.focusProxy() is None


def _in_order(parent: QWidget) -> list[QWidget]:
    """The children in layout order, then those that lie over the layout."""
    layout = parent.layout()
    laid = list(_laid_out(layout)) if layout is not None else []
    return laid + [child for child in parent.children() if isinstance(child, QWidget) and child not in laid]


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    """The widgets of a layout in its order.

    Not by `itemAt`: PySide keeps its wrapper of an item after Qt has deleted the item, and mistakes an event allocated at the same address
    for it.
    """
    parts = [*layout.children(), *layout.parentWidget().children()]
    placed = {at: part for part in parts if isinstance(part, QWidget | QLayout) and (at := layout.indexOf(part)) >= 0}
    for at in sorted(placed):
        part = placed[at]
        if isinstance(part, QWidget):
            yield part
        else:
            yield from _laid_out(part)


def begins_marked(menu: QMenu) -> QMenu:
    """Let a menu mark the first entry when it opens, so that Enter takes it. Otherwise the first Enter would only mark it."""

    def mark() -> None:
        first = next((one for one in menu.actions() if one.isEnabled() and one.isVisible() and not one.isSeparator()), None)
        if first is not None and menu.isVisible() and menu.activeAction() is None:
            menu.setActiveAction(first)

    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, menu, mark))
    return menu


def is_command(event: QKeyEvent) -> bool:
    """Return whether a key is a command: with Ctrl or Alt, or an F key."""
    alone = event.key() in (Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Shift, Qt.Key.Key_Meta)
    held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    return not alone and (bool(held) or Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F12)


TWICE = 300
"""Milliseconds within which two presses count as one, and during which a new window ignores Enter: nobody can have read it yet."""
_ENTERS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class StrayKeys(QObject):
    """Watches the window with the focus, so that a second Enter neither answers a dialog that has just appeared nor presses a button below
    one that has just closed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window: QObject | None = None
        self._at = -TWICE
        self._shown_at = 0.0
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusWindowChanged.connect(self._watch)
            self._watch(app.focusWindow())

    def stop(self) -> None:
        """Stop watching."""
        if shiboken6.isValid(self):
            shiboken6.delete(self)  # at once: with deleteLater it could still swallow an Enter meant for the next window

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            self._shown_at = time.monotonic()
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow an Enter that follows one in another window too quickly, and Alt with a letter."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() not in _ENTERS:
            self._window = None
            return _types_with_alt(event)
        at = event.timestamp()
        # on an old laptop a dialog appears a second after the Enter that opened it, just when an impatient user presses it again
        soon = at - self._at < TWICE or (time.monotonic() - self._shown_at) * 1000 < TWICE
        again = self._window is not None and watched is not self._window and (soon or event.isAutoRepeat())
        self._at = at
        if not again:
            self._window = watched
        return again


def _types_with_alt(event: QKeyEvent) -> bool:
    """Whether a key types a sign although Alt alone is held; Windows reports AltGr as Ctrl and Alt. Shortcuts do not come here."""
    with_alt = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier == Qt.KeyboardModifier.AltModifier
    return with_alt and bool(event.text().strip()) and event.text().isprintable()
