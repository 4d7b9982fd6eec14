"""Finds a clock that is wrong by what the store knows to be past: an old laptop with a flat battery starts years ago, and every date is
wrong."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from db.capture import act
from db.exchange import last_exchange
from db.session import Session, seconds, utc_now

LATEST: Final = 20
"""Acts looked at: a clock that was ahead once and was put right is not held against it for longer."""
LEAST: Final = 86_400
"""Seconds behind from which it is told: setting a clock by hand or by the network moves it by minutes."""


def behind(session: Session) -> int:
    """Seconds this computer's clock is behind the latest act or exchange of the store; 0 for less than a day."""
    known = list(session.conn.execute(select(act.c.at).order_by(act.c.id.desc()).limit(LATEST)).scalars())
    if last := last_exchange(session):
        known.append(last.at)
    late = seconds(max(known)) - seconds(utc_now()) if known else 0
    return late if late >= LEAST else 0
