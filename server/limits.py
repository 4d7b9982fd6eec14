"""Rate limits for one address, for one station and for all together; further requests are told to come back later.

Counts are kept in the memory of each worker process, so N workers allow N times as much. Addresses are those of the connection. All
stations of a county may share one address of a carrier, or of a forwarding nginx, so the limit per address is generous and only guards
against floods.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_KEYS = 20_000
"""Most keys counted; beyond that idle ones are dropped, and then all."""


@dataclass
class Rate:
    """A token bucket per key: `burst` requests at once, then one every `every` seconds. Worker threads share it."""

    burst: int
    every: float
    now: Callable[[], float] = time.monotonic
    _full_at: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, key: str) -> float:
        """Seconds until `key` may send a request; 0 if it may now."""
        return max(0.0, self._full_at.get(key, 0.0) - self.now() - (self.burst - 1) * self.every)

    def take(self, key: str) -> float:
        """Count a request of `key` unless it has to wait; returns the same as `wait`."""
        with self._lock:
            left = self.wait(key)
            if not left:
                if len(self._full_at) >= MAX_KEYS:
                    self._forget()
                self._full_at[key] = max(self.now(), self._full_at.get(key, 0.0)) + self.every
            return left

    def _forget(self) -> None:
        now = self.now()
        self._full_at = {key: full for key, full in self._full_at.items() if full > now}
        if len(self._full_at) >= MAX_KEYS:
            self._full_at.clear()


@dataclass
class Limits:
    """The limits of one server process. `guesses` counts enrolments with a wrong code."""

    address: Rate = field(default_factory=lambda: Rate(2000, 0.005))
    station: Rate = field(default_factory=lambda: Rate(300, 0.2))
    guesses: Rate = field(default_factory=lambda: Rate(20, 30.0))
    connections: int = 600
    """Most connections; beyond it the one silent longest is closed (`reading.Patient`), and far beyond it 503 is returned."""
    bodies: int = 256 * 2**20
    """Most bytes of requests held at once while they are read."""
    answers: int = 256 * 2**20
    """Most unsent bytes of answers; beyond it the connection with most of them is closed."""
    silence: float = 30.0
    """Seconds without progress after which a request is cut off."""
    whole: float = 900.0
    """Seconds a request may take altogether, beyond those its bytes take at `pace`: photographs take an hour on a slow line."""
    pace: int = 300
    """Bytes a second. A client that sends its request more slowly is cut off after `whole`, one that takes its answer more slowly after
    `taking`; it keeps what came and asks for the rest. The slowest line in use carries three times as much."""
    taking: float = 3600.0
    """How often, in seconds, to look how much a client took of its answer. The system takes it in lumps of megabytes."""
    headers: int = 16 * 1024
    """Most bytes of the head of a request."""
