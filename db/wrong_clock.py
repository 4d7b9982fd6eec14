"""Detects a computer clock that is behind, from times recorded in the store. An old laptop with a flat battery starts years in the past,
and every date entered is wrong."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from db.capture import UNACKNOWLEDGED, act, op
from db.exchange import last_exchange
from db.session import Session, seconds, utc_now

ACTS_READ: Final = 20
"""Number of latest acts considered. A clock that was once ahead and then corrected is forgotten after so many acts or, with a county, at
the next exchange."""
MIN_SECONDS: Final = 86_400
"""Seconds behind from which it is reported: setting a clock by hand or by the network moves it by minutes."""


def behind(session: Session) -> int:
    """Seconds by which this computer's clock is behind the latest act or exchange in the store; 0 if less than a day."""
    waits = select(op.c.seq).where(op.c.act == act.c.id, UNACKNOWLEDGED).exists()
    latest = session.conn.execute(select(act.c.at, waits).order_by(act.c.id.desc()).limit(ACTS_READ))
    known = [at for at, waiting in latest if waiting]  # later exchanges tell more: the clock may have been corrected
    if last := last_exchange(session):
        known.append(last.at)
    late = seconds(max(known)) - seconds(utc_now()) if known else 0
    return late if late >= MIN_SECONDS else 0
