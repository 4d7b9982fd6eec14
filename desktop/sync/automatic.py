"""Automatic exchange: every few minutes once a server is set; after failures with increasing, randomised waits.

It disturbs nobody: it runs on the network's lane, shows no message unless something was received, and a failure only appears in 同步记录.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from db import exchange
from db.local import get_meta
from desktop.jobs import Jobs
from desktop.page import Frame
from desktop.station import Station
from domain.errors import CunzhanError
from domain.words import _
from sync.replica import identity
from sync.station.exchange import exchange as exchange_now
from sync.station.result import ExchangeResult

_SHOWN_FIGURES = ("pulled", "conflicts", "held", "forked", "different", "restored", "kept")
"""Figures of an exchange that are worth a message to a user who did not ask for it."""
TICK = 60_000  # milliseconds
PACE = "sync_minutes"
"""Name of the preference: minutes between automatic exchanges, 0 for none."""
_USUAL = 15
_BACKOFF = (15.0, 60.0, 300.0, 900.0, 1800.0)


def backoff(failures: int) -> float:
    """Return the seconds to wait after this many failures in a row, with jitter so that a hundred stations do not return at once."""
    return _BACKOFF[min(max(failures, 1), len(_BACKOFF)) - 1] * random.uniform(0.7, 1.3)


class AutoSync(QObject):
    """The timer. `exchange` returns None before enrolment; `minutes` is called at each tick, so that a changed setting applies at once."""

    message = Signal(str)
    moved = Signal()

    def __init__(
        self,
        jobs: Jobs,
        exchange: Callable[[], ExchangeResult | None],
        minutes: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._jobs, self._exchange, self._minutes, self._clock = jobs, exchange, minutes, clock
        self._failures = 0
        self._busy = False
        self._last = float("-inf")
        self.timer = QTimer(self, interval=TICK)
        self.timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Start the timer, and exchange now: a laptop that has just joined shows 离线 and nothing of the county until then."""
        self.timer.start()
        self.tick()

    def tick(self) -> None:
        """Exchange if it is time."""
        minutes = self._minutes()
        wait = backoff(self._failures) if self._failures else 60.0 * minutes
        if minutes > 0 and not self._busy and self._clock() >= self._last + wait:
            self._busy, self._last = True, self._clock()
            self._jobs.run(self._exchange, self._done, self._failed, lane="net")

    def _done(self, result: ExchangeResult | None) -> None:
        self._busy, self._failures = False, 0
        if result is None:
            return
        if any(result.figures().get(name) for name in _SHOWN_FIGURES):
            self.message.emit(_("自动同步：{result}").format(result=result.sentence()))
        self.moved.emit()

    def _failed(self, error: Exception) -> None:
        self._busy, self._failures = False, self._failures + 1
        self.moved.emit()
        if not isinstance(error, CunzhanError):
            self._jobs.failed.emit(error)


def pace(frame: Frame) -> int:
    """The minutes between automatic exchanges, 0 for none."""
    return round(frame.preferences.number(PACE, _USUAL))


def automatic(frame: Frame, station: Station) -> AutoSync:
    """Build the automatic exchange of a window; the caller starts it."""
    store = station.store
    reachable = station.reading(lambda session: exchange.enrolled(session) and bool(get_meta(session, identity.SERVER)))
    made = AutoSync(frame.jobs, lambda: exchange_now(store) if reachable() else None, minutes=lambda: pace(frame))
    made.message.connect(frame.message)
    made.moved.connect(frame.records_changed)
    return made
