"""Counts held changes (`db.exchange.held`) that still need somebody, for badges; lists show all of them."""

from __future__ import annotations

import json
from collections import Counter

from sqlalchemy import func, select

from db.among import among
from db.exchange import held_change
from db.mapping import table
from db.session import Session
from domain.records import ClaimStep

_WAITS = held_change.c.released_at.is_(None) & (held_change.c.reason != "erased")
"""Changes to erased people need nobody: they cannot be made again."""
_LATE = (held_change.c.kind == ClaimStep.KIND.number) & (held_change.c.what == "I") & (held_change.c.reason == "path")
_CLAIM_AND_STATE = [str(ClaimStep.KIND.by_name[name].number) for name in ("claim_id", "to_state")]


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
        t = table(ClaimStep)
        of = among(t.c.claim_id, {str(claim) for _scope, claim, _state in steps}), t.c.deleted_at.is_(None)
        taken = {(row.claim_id, row.to_state) for row in session.conn.execute(select(t.c.claim_id, t.c.to_state).where(*of))}
        found.subtract(scope for scope, *step in steps if tuple(step) in taken)
    return found
