"""Finds people whose personal data must no longer be kept under the retention rule, and claims that prevent an erasure.

Dates are the county's own, from when it received a change: those of laptops may be wrong by decades.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate

from sqlalchemy import func, or_, select

from db.among import among
from db.erased import erased
from db.exchange import entry, field_state
from db.mapping import table
from db.session import Session
from domain.claims import ENDED, state_of
from domain.errors import DomainError, InputUnusable
from domain.fields import kind_of
from domain.records import Claim, ClaimStep, Person
from domain.words import _
from sync.county.acts.moves import Keys, everywhere

_CLOSED = ENDED | {"paid"}


def due(session: Session, before: str) -> list[str]:
    """Return the people who died or were deleted before that day and about whom nothing was received since; people already erased are left
    out. Raises `InputUnusable` for a malformed date and `DomainError` for one that is not in the past."""
    try:
        day = date.fromisoformat(before)
    except ValueError:
        raise InputUnusable(_("日期应写成 2020-12-31 的样子：{date}").format(date=before)) from None
    if before != day.isoformat() or before > session.at[: len(before)]:
        raise DomainError(_("保存期限的日期要在今天以前。"))
    done = select(erased.c.row_id).where(erased.c.kind == Person.KIND.number)
    t = table("person")
    ended = or_(t.c.died_on.is_not(None), t.c.deleted_at.is_not(None)) & t.c.merged_into.is_(None) & t.c.id.not_in(done)
    people = session.conn.execute(select(t.c.id, t.c.died_on).where(ended).order_by(t.c.id))
    found, received = [], _Received(session)
    for row in people.all():
        died = row.died_on is None or row.died_on < before[: len(row.died_on)]  # a whole month or year must lie before it
        if died and all(_last_at(session, received, scope, rows) < before for scope, rows in everywhere(session, row.id).items()):
            found.append(row.id)
    return found


class _Received:
    """When the county took in the entries of its logs. No entry came before the one it follows, whatever the county's clock said: one with
    a flat battery starts years in the past."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._logs: dict[str, tuple[list[int], list[str]]] = {}

    def at(self, scope: str, seq: int) -> str | None:
        """The time at which an entry came, at the earliest; None if there is none up to this position."""
        if scope not in self._logs:
            rows = self._session.conn.execute(select(entry.c.seq, entry.c.at).where(entry.c.scope == scope).order_by(entry.c.seq)).all()
            self._logs[scope] = [row.seq for row in rows], list(accumulate((row.at for row in rows), max))
        seqs, times = self._logs[scope]
        place = bisect_right(seqs, seq)
        return times[place - 1] if place else None


def _last_at(session: Session, received: _Received, scope: str, rows: Keys) -> str:
    """When the county received the last change of any of these rows."""
    last = 0
    for name, ids in rows.items():
        t, number = table(name), kind_of(name).number
        made = select(func.max(t.c.seq)).where(among(t.c.id, ids))
        written = select(func.max(field_state.c.seq)).where(field_state.c.kind == number, among(field_state.c.row_id, ids))
        last = max(last, *(session.conn.execute(query).scalar() or 0 for query in (made, written)))
    return received.at(scope, last) or session.at


def open_claims(session: Session, ids: Iterable[str]) -> list[str]:
    """Return those of these claims that still need a decision or a payment."""
    claims = session.select(Claim, id=ids)
    steps = session.by_parent(ClaimStep, "claim_id", [claim.id for claim in claims], order=("seq", "at", "id"))
    return [claim.id for claim in claims if state_of(claim, steps[claim.id]) not in _CLOSED]
