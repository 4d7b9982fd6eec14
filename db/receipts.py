"""The days on which changes arrived: at the county's server the day it took them in, at a station the day of its exchange.

The times of changes themselves come from the clocks of laptops, which may be wrong or set back.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, select, true

from db.among import among
from db.county import STATION
from db.exchange import entry
from db.session import Session
from domain import clock


def days(session: Session, scope: str, seqs: Iterable[int]) -> dict[int, str]:
    """The day on which entries of a log arrived, by their positions; those of which it is unknown are left out."""
    mine = (entry.c.scope == scope) & among(entry.c.seq, seqs)
    rows = session.conn.execute(select(entry.c.seq, entry.c.at).where(mine, in_time(session)))
    return {row.seq: clock.day_of(row.at) for row in rows}


def in_time(session: Session) -> ColumnElement[bool]:
    """Restricts entries to those that arrived when they were new. On the day a station first read a log, all of it arrived."""
    if session.station == STATION:
        return true()
    first = entry.alias()
    began = select(first.c.at).where(first.c.scope == entry.c.scope).order_by(first.c.seq).limit(1).scalar_subquery()
    return func.substr(entry.c.at, 1, 10) > func.substr(began, 1, 10)
