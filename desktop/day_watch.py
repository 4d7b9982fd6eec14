"""Notices a new day, so that a window left open overnight shows today's tasks in the morning."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from domain import clock

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
