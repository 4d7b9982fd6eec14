"""Chance and the clock come from the seed: what a random run does can be done again byte for byte, also in another process.

What programs draw at random (ids, keys, tokens, incarnations) decides by its size and order how batches are cut and rows are sorted,
and the minute of an exchange whether the county writes anything. Hypothesis itself plays a seed alike only while it draws numbers
below 100: larger ones it takes now and then from the source of whatever modules are loaded.
"""

from __future__ import annotations

import itertools
import random
import secrets
import sys
import time

import nacl.public
import nacl.signing
import pytest

from db import session
from tests import fresh
from tests.sync import conftest

_BEGINNING = 1_790_000_000.0
_TICK = 0.05
"""Seconds between two looks at the clock."""


class Clock:
    """The county's clock: `ahead` by as many seconds as somebody set it."""

    ahead = 0.0


CLOCK = Clock()


def load(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything that is drawn or told by the clock from now on follow from the seed."""
    fresh.blank_home()  # made once a process, by whichever test is the first
    monkeypatch.setattr(
        conftest, "lend_new", fresh.new_store
    )  # only the first one who gets a lent store opens it, which looks at the clock
    dice = random.Random(f"dice {seed}")
    monkeypatch.setattr(secrets, "token_bytes", lambda n=32: dice.randbytes(n))
    monkeypatch.setattr(secrets, "token_hex", lambda n=32: dice.randbytes(n).hex())
    monkeypatch.setattr(secrets, "randbelow", dice.randrange)
    monkeypatch.setattr(secrets, "choice", dice.choice)
    for module in (nacl.public, nacl.signing):
        monkeypatch.setattr(module, "random", dice.randbytes)
    monkeypatch.setattr(conftest, "_numbers", itertools.count(1))
    looks = itertools.count(1)
    monkeypatch.setattr(CLOCK, "ahead", 0.0)

    def now() -> float:
        return _BEGINNING + _TICK * next(looks) + CLOCK.ahead

    def utc_now() -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now()))

    clocks = (("time", time.time, now), ("utc_now", session.utc_now, utc_now))
    for module in [m for name, m in sys.modules.items() if name.partition(".")[0] in ("db", "sync", "server")]:
        for name, real, told in clocks:
            if vars(module).get(name) is real:
                monkeypatch.setattr(module, name, told)
