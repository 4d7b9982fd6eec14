"""Held changes: a list of all of them, and how many still need somebody, for badges."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from db.among import among
from db.exchange import held_change, kind_by_number
from db.mapping import table
from db.session import Session
from domain.records import ClaimStep
from domain.values import readable

_WAITS = held_change.c.released_at.is_(None) & (held_change.c.reason != "erased")
"""Changes to erased people need nobody: they cannot be made again."""
_LATE = (held_change.c.kind == ClaimStep.KIND.number) & (held_change.c.what == "I") & (held_change.c.reason == "path")
_CLAIM_AND_STATE = [str(ClaimStep.KIND.by_name[name].number) for name in ("claim_id", "to_state")]


@dataclass(frozen=True)
class Held:
    """A held change: its values, who made it, and why it could not be applied."""

    scope: str
    seq: int
    place: int
    kind: str
    record_id: str
    what: str
    values: dict[str, Any]
    """Field names and record values (unmasked: show them through `Field.show`)."""
    by: str
    at: str
    reason: str
    """A reason code."""


def held(session: Session, limit: int | None = None) -> list[Held]:
    """The held changes, here or at the county, oldest first, until they are released."""
    query = select(held_change).where(held_change.c.released_at.is_(None))
    query = query.order_by(held_change.c.scope, held_change.c.seq, held_change.c.place).limit(limit)
    return [_held(row) for row in session.conn.execute(query)]


def count_held(session: Session) -> int:
    """How many there are; `count` leaves out those that need nobody."""
    return session.conn.execute(select(func.count()).select_from(held_change).where(held_change.c.released_at.is_(None))).scalar_one()


def _held(row: Any) -> Held:
    kind = kind_by_number(row.kind)
    values: dict[str, Any] = {}
    for number, stored in json.loads(row.values).items():
        f = kind.by_number.get(int(number)) if kind else None
        known = f is not None and readable(f.type, stored)
        values[f.name if f and known else number] = f.from_stored(stored) if f and known else stored
    name = kind.name if kind else str(row.kind)
    return Held(row.scope, row.seq, row.place, name, row.row_id, row.what, values, row.by, row.at, row.reason)


def count(session: Session) -> int:
    """How many held changes need somebody."""
    return by_scope(session).total()


def by_scope(session: Session) -> Counter[str]:
    """How many held changes need somebody, by scope. A claim step that somebody else has taken since needs nobody."""
    numbers = session.conn.execute(select(held_change.c.scope, func.count()).where(_WAITS).group_by(held_change.c.scope))
    found = Counter({row[0]: int(row[1]) for row in numbers})
    rows = session.conn.execute(select(held_change.c.scope, held_change.c["values"]).where(_WAITS, _LATE)).all()
    steps = [(scope, *map(json.loads(values).get, _CLAIM_AND_STATE)) for scope, values in rows]
    if steps:
        taken = _taken(session, {str(claim) for _scope, claim, _state in steps})
        found.subtract(scope for scope, *step in steps if tuple(step) in taken)
    return found


def overtaken(session: Session, found: Sequence[Held]) -> list[Held]:
    """Those of the held changes that are claim steps which somebody else has taken since."""
    late = [one for one in found if (one.kind, one.what, one.reason) == (ClaimStep.KIND.name, "I", "path")]
    taken = _taken(session, {str(one.values.get("claim_id")) for one in late}) if late else set()
    return [one for one in late if (one.values.get("claim_id"), one.values.get("to_state")) in taken]


def _taken(session: Session, claims: Collection[str]) -> set[tuple[str, str]]:
    """The steps that were taken of these claims: the claim and the state it reached."""
    t = table(ClaimStep)
    query = select(t.c.claim_id, t.c.to_state).where(among(t.c.claim_id, claims), t.c.deleted_at.is_(None))
    return {(row.claim_id, row.to_state) for row in session.conn.execute(query)}
