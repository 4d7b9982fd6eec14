"""A window that is left open overnight shows in the morning what is to be done today, not yesterday's list."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from domain import clock

EVERY = 30_000  # milliseconds


class DayWatch(QObject):
    """Says that the day on the calendar is another one: past midnight, after a sleep, or because somebody set the clock."""

    turned = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._day = clock.today()
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Compare the day with the one that was seen last."""
        before, self._day = self._day, clock.today()
        if before != self._day:
            self.turned.emit()
