"""What fields of records were before they were changed, from the change log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from db.among import among
from db.capture import op
from db.changes import ORDER, touched
from db.mapping import table
from db.search import search_columns
from db.session import Session
from domain.fields import kind_of
from domain.grouping import by_key
from domain.records import Person

Position = tuple[str, int]
"""A log and a position in it."""
_NOT_SENT = 2**62
"""The position of changes that the county has not acknowledged."""


@dataclass(frozen=True)
class Former:
    """Values of a row before a change: who made the change, and where it is in the log."""

    row_id: str
    by: str
    at: Position
    values: Mapping[str, Any]


def former(session: Session, kind: str, which: ColumnElement[bool], names: tuple[str, ...]) -> Iterator[Former]:
    """What rows had in these fields before each change of one of them, the latest first. `which`: condition on the ops."""
    declared, t = kind_of(kind), table(kind)
    numbered = {declared.by_name[name].number: name for name in names}
    mask = sum(1 << number - 1 for number in numbered)
    query = select(op.c.row_id, op.c.by, op.c.entry, op.c.mask, op.c.old).where(which, op.c.kind == declared.number)
    query = query.where(op.c.mask.bitwise_and(mask) != 0).order_by(*(column.desc() for column in ORDER))
    lines = by_key((line.row_id, line) for line in session.conn.execute(query))
    rows = session.conn.execute(select(t.c.id, t.c.village, *(t.c[name] for name in names)).where(among(t.c.id, lines))) if lines else ()
    for row in rows:
        values = {name: row._mapping[name] for name in names}
        for line in lines[row.id]:
            old = json.loads(line.old or "{}")
            values |= {numbered[n]: old.get(str(n)) for n in touched(line.mask) if n in numbered}
            yield Former(row.id, line.by, (row.village, _NOT_SENT if line.entry is None else line.entry), dict(values))


def tail_of(number: object) -> str | None:
    """The search form of an identity number, None without one."""
    if not isinstance(number, str):
        return None
    found = search_columns(Person.KIND, {"id_number": number}).get("id_tail")
    return str(found) if found else None
