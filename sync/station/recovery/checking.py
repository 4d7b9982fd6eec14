"""Scheduling of integrity checks at a station, and the checksums of its state: its rows without own unacknowledged changes.

Checks may take one part in `SHARE` of the time: each exchange makes one, unless exchanges follow each other too quickly.
"""

from __future__ import annotations

from time import monotonic, time

from sqlalchemy import func, select

from db.capture import UNACKNOWLEDGED, op
from db.exchange import cursors
from db.local import get_meta, set_meta
from db.session import Session
from sync.replica.integrity import Sums, sums
from sync.station.receiving.concurrent_rows import pending
from sync.station.receiving.receive import wound_back
from sync.wire.envelope import SCHEMA

SHARE = 100
"""A check is due again after this many times the duration of the last one."""
MOST_WAITING = 2000
"""A check is postponed while there are more unacknowledged own changes than this."""
_DUE, _COST, _COMPARED = "checked_at", "check_seconds", "compared_at"
_DAY = 86400.0


def due(session: Session) -> bool:
    """Whether it is time for a check, and few enough own changes are unacknowledged."""
    last, cost = float(get_meta(session, _DUE) or 0), float(get_meta(session, _COST) or 0)
    if last <= time() < last + SHARE * cost:
        return False
    few = select(op.c.seq).where(UNACKNOWLEDGED).limit(MOST_WAITING + 1).subquery()
    return session.conn.execute(select(func.count()).select_from(few)).scalar_one() <= MOST_WAITING


def state(session: Session) -> tuple[dict[str, Sums], float]:
    """Return the checksums of every scope read here, at the cursors, and how many seconds they took."""
    began = monotonic()
    waiting = pending(session)
    rows = wound_back(session, waiting)
    without = {key: rows.get(*key) for key in waiting}
    found = {scope: sums(session.conn, scope, SCHEMA, without) for scope in cursors(session)}
    return found, monotonic() - began


def note(session: Session, cost: float, *, compared: bool) -> None:
    """Record the time of a check, its duration, and whether the county could compare."""
    if compared or get_meta(session, _COMPARED) is None:
        set_meta(session, _COMPARED, str(time()))
    set_meta(session, _DUE, str(time()))
    set_meta(session, _COST, str(cost))


def hurry(session: Session) -> None:
    """Make a check due, to compare data that were fetched again."""
    set_meta(session, _DUE, None)


def owed(session: Session) -> bool:
    """Whether the county has not been able to compare for a day, because this station always had something to read first."""
    last = float(get_meta(session, _COMPARED) or 0)
    return not last <= time() < last + _DAY
