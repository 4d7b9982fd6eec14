"""What one address, one station and all of them together may ask of the server; the rest is told to come back later.

Counted in the memory of each worker process, so with N workers N times as much passes. Addresses are those of the connection. A county's
stations may all stand behind one address of a carrier, or of a forwarding nginx: what one address may do is generous, and is there against
floods only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

MANY = 20_000
"""Keys counted at once; beyond that the idle ones are forgotten, and then everyone."""


@dataclass
class Rate:
    """A bucket a key: `burst` at once, then one every `every` seconds."""

    burst: int
    every: float
    now: Callable[[], float] = time.monotonic
    _full_at: dict[str, float] = field(default_factory=dict)

    def wait(self, key: str) -> float:
        """Seconds until `key` may ask again; 0 when it may now."""
        return max(0.0, self._full_at.get(key, 0.0) - self.now() - (self.burst - 1) * self.every)

    def take(self, key: str) -> float:
        """Count one request of `key`, unless it has to wait; answers as `wait`."""
        left = self.wait(key)
        if not left:
            if len(self._full_at) >= MANY:
                self._forget()
            self._full_at[key] = max(self.now(), self._full_at.get(key, 0.0)) + self.every
        return left

    def _forget(self) -> None:
        now = self.now()
        self._full_at = {key: full for key, full in self._full_at.items() if full > now}
        if len(self._full_at) >= MANY:
            self._full_at.clear()


@dataclass
class Limits:
    """The limits of one server process. `guesses` counts enrolments with a wrong code."""

    address: Rate = field(default_factory=lambda: Rate(2000, 0.005))
    station: Rate = field(default_factory=lambda: Rate(300, 0.2))
    guesses: Rate = field(default_factory=lambda: Rate(20, 30.0))
    connections: int = 600
    """Most connections at once; beyond it the one silent longest is closed (`reading.Patient`), and far beyond 503 answered."""
    bodies: int = 256 * 2**20
    """Bytes of requests held at once while they are read."""
    answers: int = 256 * 2**20
    """Most bytes of answers not taken yet; beyond it the connection with most of them is closed."""
    silence: float = 30.0
    """Seconds a request may stand still before it is hung up on."""
    whole: float = 900.0
    """Seconds it may take altogether: a slow line is not hung up on, a drip is."""
    headers: int = 16 * 1024
    """Bytes of the head of a request."""
