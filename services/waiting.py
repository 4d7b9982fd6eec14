"""Unacknowledged changes of this station, summed up by kind of record for the 同步 page."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select

from db.capture import UNACKNOWLEDGED, op
from db.exchange import kind_by_number
from db.session import Session
from services.lists.titles import titles

_RECENT_CHANGES = 40
_MAX_NAMES = 3


@dataclass
class UnsentChanges:
    """Own changes of one kind of record that the county has not acknowledged."""

    kind: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    restored: int = 0
    decided: int = 0
    """Decisions about conflicts."""
    latest: str = ""
    """UTC time of the latest of them."""
    names: list[str] = field(default_factory=list)
    """Titles of the records changed last, the latest first."""


_COUNTED = {"I": "added", "U": "changed", "D": "removed", "R": "restored", "C": "decided"}


def waiting(session: Session) -> list[UnsentChanges]:
    """Own unacknowledged changes by kind, the kind changed last first. Their totals add up to `db.exchange.unsent`."""
    counts = select(op.c.kind, op.c.what, func.count(), func.max(op.c.at)).where(UNACKNOWLEDGED).group_by(op.c.kind, op.c.what)
    found: dict[int, UnsentChanges] = {}
    for number, what, count, latest in session.conn.execute(counts):
        kind = kind_by_number(number)
        group = found.setdefault(number, UnsentChanges(kind.name if kind else str(number)))
        setattr(group, _COUNTED[what], getattr(group, _COUNTED[what]) + count)
        group.latest = max(group.latest, latest)
    for number, group in found.items():
        group.names = _names(session, number)
    return sorted(found.values(), key=lambda group: group.latest, reverse=True)


def _names(session: Session, number: int) -> list[str]:
    kind = kind_by_number(number)
    if kind is None:
        return []
    query = select(op.c.row_id).where(UNACKNOWLEDGED, op.c.kind == number).order_by(op.c.seq.desc()).limit(_RECENT_CHANGES)
    ids = list(dict.fromkeys(session.conn.execute(query).scalars()))[:_MAX_NAMES]
    named = titles(session, kind, ids)
    return list(dict.fromkeys(named[id] for id in ids if id in named))
