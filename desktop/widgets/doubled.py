"""Enter pressed twice, or held, is meant once: the second never answers in another window than the first.

self._doubled = DoubledEnter(self)        # once a program
"""

from __future__ import annotations

import time

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication

TWICE = 300
"""Milliseconds within which two presses are one, and those that a window has been there: nobody has read in them what it says."""
_ENTERS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class DoubledEnter(QObject):
    """Watches the window that has the focus: what has just come is not answered, a button under what has gone not pressed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window: QObject | None = None
        self._at = -TWICE
        self._came = 0.0
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusWindowChanged.connect(self._look_at)
            self._look_at(app.focusWindow())

    def stop(self) -> None:
        """Watch no longer."""
        if shiboken6.isValid(self):
            shiboken6.delete(self)  # now: one that goes with the next turn of the loop would keep back an Enter meant for the next window

    def _look_at(self, window: QWindow | None) -> None:
        if window is not None:
            self._came = time.monotonic()
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep back what follows an Enter in another window too quickly to be meant."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() not in _ENTERS:
            self._window = None
            return False
        at = event.timestamp()
        # on an old laptop a question comes a second after the Enter that led to it: just when the impatient one is pressed
        soon = at - self._at < TWICE or (time.monotonic() - self._came) * 1000 < TWICE
        again = self._window is not None and watched is not self._window and (soon or event.isAutoRepeat())
        self._at = at
        if not again:
            self._window = watched
        return again
