"""Refuses changes that rewrite what is only ever added (wages, pay of posts).

The merge rule refuses them for an author who had read the value; but a program of the clerk's own can say that it had not, or write under
several incarnations, disagree with itself and then decide. Claim steps and payments are judged in `claim_steps`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from db.among import among
from db.exchange import conflict, field_state, kind_by_number
from db.mapping import table
from db.prepared import Prepared
from db.session import Session
from domain.fields import Kind
from domain.records import ClaimStep, Payment
from sync.wire.columns import Group

_JUDGED = (ClaimStep.KIND, Payment.KIND)
_c = conflict.c
_SIDES = Prepared(
    select(_c.earlier_author, _c.later_author).where(
        _c.row_id == bindparam("row"), _c.kind == bindparam("of"), _c.field == bindparam("number"), _c.state == "open"
    )
)


def rewritten(session: Session, station: str, groups: Sequence[Group]) -> dict[int, str]:
    """Return the changes, by place, by which a station rewrites a value of its own in a row of an append-only kind, or anybody a value
    that the row was inserted with. What two stations wrote into one field without knowing of each other is a conflict for people to
    decide, and so is a row with a natural key that both inserted."""
    found = dict[int, str]()
    for group in groups:
        kind = kind_by_number(group.kind)
        if kind is not None and kind.append_only and kind not in _JUDGED and group.what in "IU" and _any_here(session, kind, group):
            found |= dict.fromkeys(_of_group(session, station, kind, group), "append")
    return found


def _any_here(session: Session, kind: Kind, group: Group) -> bool:
    """Whether rows of the group may exist: one range query for thousands of insertions, whose ids ascend."""
    t = table(kind)
    between = select(t.c.id).where(t.c.id >= min(group.row_ids), t.c.id <= max(group.row_ids)).limit(1)
    return session.conn.execute(between).first() is not None


def _of_group(session: Session, station: str, kind: Kind, group: Group) -> Iterator[int]:
    t, s = table(kind), field_state
    rows = {row["id"]: row for row in session.conn.execute(select(t).where(among(t.c.id, group.row_ids))).mappings()}
    states = select(s.c.row_id, s.c.field, s.c.author).where(s.c.kind == kind.number, among(s.c.row_id, rows))
    authors = {(row.row_id, row.field): row.author for row in session.conn.execute(states)}
    for place, change in group.changes():
        row = rows.get(change.row_id)
        if row is None:
            continue
        fields = [(f, value) for number, value in change.values.items() if (f := kind.by_number.get(number)) is not None]
        replaced = [f.number for f, value in fields if row[f.name] not in (None, value)]
        if any(_is_fixed(session, station, (kind, row, number), authors.get((change.row_id, number))) for number in replaced):
            yield place


def _is_fixed(session: Session, station: str, where: tuple[Kind, Any, int], author: str | None) -> bool:
    """Whether a field is not open to this station: nobody else disputes its value. `author`: who wrote it, None if it came with the row."""
    kind, row, number = where
    if author is None and not kind.key:
        return True
    if _station(author or row["author"] or "") != station:
        return False
    sides = _SIDES.all(session.conn, row=row["id"], of=kind.number, number=number)
    return all(_station(one.earlier_author) == _station(one.later_author) for one in sides)


def _station(author: str) -> str:
    return author.rpartition(".")[0]
