"""Held changes: a list of all of them, and how many still need somebody, for badges."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from db.among import among
from db.exchange import held_change, kind_by_number
from db.mapping import table
from db.session import Session
from domain.grouping import by_key
from domain.records import Claim, ClaimStep, Payment
from domain.values import readable
from domain.words import _

_WAITS = held_change.c.released_at.is_(None) & (held_change.c.reason != "erased")
"""Changes to erased people need nobody: they cannot be made again."""
_OF_CLAIMS = (Claim.KIND, ClaimStep.KIND, Payment.KIND)


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
    """How many held changes need somebody, by scope. One to a claim that has gone on since (`overtaken`) needs nobody."""
    numbers = session.conn.execute(select(held_change.c.scope, func.count()).where(_WAITS).group_by(held_change.c.scope))
    found = Counter({row[0]: int(row[1]) for row in numbers})
    rows = session.conn.execute(select(held_change).where(_WAITS, held_change.c.kind.in_([kind.number for kind in _OF_CLAIMS]))).all()
    found.subtract(one.scope for one in overtaken(session, [_held(row) for row in rows]))
    return found


def overtaken(session: Session, found: Sequence[Held]) -> list[Held]:
    """Those of the held changes to claims, their steps and payments that can never apply and need nobody: somebody else has taken the step,
    or the claim has gone another step since they arrived. Every store finds the same, as it has the same steps."""
    claims = _claims(session, [one for one in found if one.kind in {kind.name for kind in _OF_CLAIMS}])
    t = table(ClaimStep)
    query = select(t.c.claim_id, t.c.to_state, t.c.village, t.c.seq).where(
        among(t.c.claim_id, set(claims.values())), t.c.deleted_at.is_(None)
    )
    taken = by_key((step.claim_id, step) for step in session.conn.execute(query)) if claims else {}
    return [one for one in found if any(_passed(one, step) for step in taken.get(claims.get((one.kind, one.record_id), ""), ()))]


def over_text() -> str:
    """What is said of a change that was overtaken."""
    return _("这笔申请后来又往下办了，不用再办，留作记录。")


def _passed(one: Held, step: Any) -> bool:
    """Whether a step of the claim is the held one, or came after it; a step that is not sent yet (`seq` None) is the latest."""
    if one.kind == ClaimStep.KIND.name and one.reason == "path" and step.to_state == one.values.get("to_state"):
        return True
    return step.village == one.scope and (step.seq is None or step.seq > one.seq)


def _claims(session: Session, found: Sequence[Held]) -> dict[tuple[str, str], str]:
    """The claims that held changes are about, by kind and row."""
    claims = {(one.kind, one.record_id): str(one.values.get("claim_id") or "") for one in found}
    claims |= {key: key[1] for key in claims if key[0] == Claim.KIND.name}
    for kind in (ClaimStep.KIND, Payment.KIND):
        t, unnamed = table(kind), {id for (name, id), claim in claims.items() if name == kind.name and not claim}
        if unnamed:
            rows = session.conn.execute(select(t.c.id, t.c.claim_id).where(among(t.c.id, unnamed)))
            claims |= {(kind.name, row.id): row.claim_id for row in rows}
    return claims
