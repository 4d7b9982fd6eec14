"""Detects a wrong computer clock: one behind the times recorded in the store, or away from the county's. An old laptop with a flat battery
starts years in the past, and every date entered is wrong."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from db.capture import UNACKNOWLEDGED, act, op
from db.exchange import last_exchange
from db.local import get_meta
from db.session import Session, seconds, utc_now
from domain import clock
from domain.words import _

ACTS_READ: Final = 20
"""Number of latest acts considered. A clock that was once ahead and then corrected is forgotten after so many acts or, with a county, at
the next exchange."""
OFFSET: Final = "clock_offset"
"""Name of the setting with the seconds that the county's clock is ahead of this one, as of the last exchange."""
_TELL_FROM: Final = 3_600
"""Seconds away from the county's clock from which the day may be wrong."""
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


def warning(session: Session) -> str:
    """What to tell somebody who is about to date a record by this computer's clock; "" while nothing is known to be wrong with it."""
    if not behind(session) and abs(float(get_meta(session, OFFSET) or 0)) < _TELL_FROM:
        return ""
    text = _("注意：这台电脑的时间不对（现在显示 {now}），申请、办理的日期会照它记。请先点屏幕右下角的时间调准；已经办的，撤销重办。")
    return text.format(now=f"{clock.now():%Y-%m-%d %H:%M}")
