"""Ignores keys that nobody means: a second Enter, pressed twice or held, that would act in another window than the first; and Alt with a
letter that opens no page, as on the password page, which Qt would type into the field.

self._stray_keys = StrayKeys(self)        # once per program
"""

from __future__ import annotations

import time

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication

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
