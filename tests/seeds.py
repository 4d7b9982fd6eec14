"""How long random tests run, and from which seed: little by default, long by `make soak` (`tests.soak`). One seed is replayed by
`CUNZHAN_SOAK_FIRST=17 CUNZHAN_SOAK_SEEDS=1`."""

from __future__ import annotations

import os

FIRST = int(os.environ.get("CUNZHAN_SOAK_FIRST", "0"))
"""The first seed."""
STEPS = int(os.environ.get("CUNZHAN_SOAK_STEPS", "50"))
"""What happens in one random day."""
KILLS = int(os.environ.get("CUNZHAN_SOAK_KILLS", "2"))
"""Processes killed in each test that kills."""
LONGER = int(os.environ.get("CUNZHAN_SOAK_LONGER", "1"))
"""As many times as many examples of fuzzing."""


def seeds(few: int) -> range:
    """The seeds of a test that by default runs `few`."""
    return range(FIRST, FIRST + int(os.environ.get("CUNZHAN_SOAK_SEEDS", str(few))))
