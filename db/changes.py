"""The only functions that write records, and the history of a record and of its fields read back from the change log. Undo is in `db.acts`.

Every write of a record goes through `insert`, `update`, `update_many`, `delete` or `undelete`, so that search columns and
stamps are right; the log itself is written by triggers (`db.capture`). None of them writes about an erased row (`db.erased`): that raises
`DomainError`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, bindparam, func, select
from sqlalchemy import update as sql_update

from db import erased
from db.among import among
from db.capture import Op, op
from db.mapping import insert_many, stored, table
from db.search import search_columns
from db.session import Session
from domain.authors import name_of, station_of
from domain.dependents import owners
from domain.fields import Kind, Record, kind_of
from domain.grouping import by_key, chunks
from domain.records import Person
from domain.values import Stored, Type

BATCH = 2000
"""Rows written per statement."""


def insert(session: Session, kind: str | Kind | type[Record], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert new records given as record values with `id` and `village`; returns how many. Streams its input, so memory stays bounded."""
    declared = kind_of(kind)
    t = table(declared)
    base: dict[str, Stored] = dict.fromkeys(c.name for c in t.columns)
    base |= {"created_at": session.at, "created_by": session.author, "updated_at": session.at, "updated_by": session.author}
    count = 0
    for chunk in chunks(rows, BATCH):
        erased.refuse(session.conn, (one for row in chunk for one in about(declared, row)))
        insert_many(session.conn, t, list(base), [{**base, **stored(declared, row), **search_columns(declared, row)} for row in chunk])
        count += len(chunk)
    return count


def about(kind: Kind, row: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """A new record and the people it is about, as number of the kind and id; of people, and of what belongs to a household alone, the
    household."""
    yield kind.number, row["id"]
    owner = next((f for f in owners(kind) if row.get(f.name) is not None), None)
    if owner is not None and owner.ref == "household":
        yield kind_of("household").number, str(row[owner.name])
    people = (row.get(f.name) for f in kind.references() if f.ref == "person" and f.type is Type.ID)
    yield from ((kind_of("person").number, id) for id in people if id is not None)


def update(session: Session, kind: str | Kind | type[Record], id: str, values: Mapping[str, Any]) -> bool:
    """Set the given fields of one record; False when it already held these values (then nothing is written)."""
    declared = kind_of(kind)
    t = table(declared)
    now = session.conn.execute(select(*(t.c[name] for name in values)).where(t.c.id == id)).mappings().first() if values else None
    if now is None:
        return False
    columns = {name: value for name, value in stored(declared, values).items() if now[name] != value}
    if not columns:
        return False
    erased.refuse(session.conn, about(declared, {name: values[name] for name in columns} | {"id": id}))
    session.conn.execute(sql_update(t).where(t.c.id == id).values({**columns, **search_columns(declared, values)}))
    return True


def update_many(session: Session, kind: str | Kind | type[Record], rows: Iterable[Mapping[str, Any]]) -> int:
    """Set fields of many records; every row has its `id` and the same fields. Returns how many rows were given."""
    declared = kind_of(kind)
    t = table(declared)
    count = 0
    for chunk in chunks(rows, BATCH):
        erased.refuse(session.conn, ((declared.number, row["id"]) for row in chunk))
        columns = [{**stored(declared, row), **search_columns(declared, row)} for row in chunk]
        names = [name for name in columns[0] if name != "id"]
        statement = sql_update(t).where(t.c.id == bindparam("row_id")).values({name: bindparam(f"v_{name}") for name in names})
        session.conn.execute(statement, [{"row_id": c["id"], **{f"v_{n}": c[n] for n in names}} for c in columns])
        count += len(chunk)
    return count


def delete(session: Session, kind: str | Kind | type[Record], id: str) -> bool:
    """Soft-delete a record; False if there is none or it is deleted already."""
    return delete_all(session, kind, table(kind).c.id == id) == 1


def delete_all(session: Session, kind: str | Kind | type[Record], *where: ColumnElement[bool]) -> int:
    """Soft-delete, by one statement, every record that satisfies `where`; returns how many."""
    t = table(kind)
    return session.conn.execute(sql_update(t).where(*where, t.c.deleted_at.is_(None)).values(deleted_at=session.at)).rowcount


def undelete(session: Session, kind: str | Kind | type[Record], id: str) -> bool:
    """Restore a deleted record; False if there is none."""
    erased.refuse(session.conn, [(kind_of(kind).number, id)])
    t = table(kind)
    done = session.conn.execute(sql_update(t).where(t.c.id == id, t.c.deleted_at.is_not(None)).values(deleted_at=None))
    return done.rowcount == 1


# -- reading the log back ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One op with the fields it touched: field number → (value before, value after), in stored form."""

    seq: int
    kind: Kind
    row_id: str
    what: str
    fields: Mapping[int, tuple[Stored, Stored]]
    by: str
    at: str
    act: int | None


@lru_cache(maxsize=4096)
def touched(mask: int) -> tuple[int, ...]:
    """Field numbers of a change mask."""
    return tuple(n + 1 for n in range(mask.bit_length()) if mask >> n & 1)


ORDER = (func.coalesce(op.c.entry, 2**62), op.c.seq)
"""County order, with the station's own unacknowledged changes last, so that the history is the same on every laptop."""


def row_steps(session: Session, kind: Kind, row_id: str) -> list[Step]:
    """Every change of one row, oldest first, with the values before and after (an insert: every field it set)."""
    return steps_of(session, kind, [row_id]).get(row_id, [])


def steps_of(session: Session, kind: Kind, ids: Collection[str]) -> dict[str, list[Step]]:
    """As `row_steps` for many rows, by two queries. Rows that do not exist are omitted."""
    t, found = table(kind), dict[str, list[Step]]()
    mine = among(op.c.row_id, ids) & (op.c.kind == kind.number) & (op.c.what != "C")
    lines = session.conn.execute(select(op).where(mine).order_by(*(column.desc() for column in ORDER)))
    ops = by_key((line.row_id, Op(*line)) for line in lines)
    for row in session.conn.execute(select(t).where(among(t.c.id, ids))).mappings():
        found[row["id"]] = _backwards(kind, row, ops.get(row["id"], ()))
    return found


def _backwards(kind: Kind, row: RowMapping, ops: Sequence[Op]) -> list[Step]:
    """The steps of a row, latest first, computed backwards from its present values."""
    after: dict[int, Stored] = {f.number: row[f.name] for f in kind.fields}
    steps = [_step(kind, entry, after) for entry in ops]
    if not any(step.what == "I" for step in steps):  # an insertion elsewhere has no op here: the row itself says who made it and when
        fields = {n: (None, v) for n, v in after.items() if v is not None}
        steps.append(Step(0, kind, row["id"], "I", fields, row["created_by"], row["created_at"], None))
    return steps[::-1]


def _step(kind: Kind, entry: Op, after: dict[int, Stored]) -> Step:
    """Compute the step of one op. `after` holds the row as the op left it, and is rewound to the state before it."""
    if entry.what == "I":
        fields: dict[int, tuple[Stored, Stored]] = {n: (None, v) for n, v in after.items() if v is not None}
    else:
        old = json.loads(entry.old) if entry.old else {}
        fields = {n: (old.get(str(n)), after.get(n)) for n in touched(entry.mask)}
        after.update({n: pair[0] for n, pair in fields.items()})
    return Step(entry.seq, kind, entry.row_id, entry.what, fields, entry.by, entry.at, entry.act)


@dataclass(frozen=True)
class Change:
    """One line of a record's history; `field` is empty for a deletion or a restoration. Values are record values."""

    at: str
    by: str
    device: str
    what: str
    field: str
    old: Any
    new: Any
    act: int | None = None
    """The act of this laptop to which the change belongs."""


def history(session: Session, kind: str | Kind | type[Record], id: str) -> list[Change]:
    """Every change of a record, oldest first."""
    declared = kind_of(kind)
    changes = []
    for step in row_steps(session, declared, id):
        who, device = name_of(step.by), station_of(step.by)
        if not step.fields:
            changes.append(Change(step.at, who, device, step.what, "", None, None, step.act))
        for number, (old, new) in step.fields.items():
            f = declared.by_number.get(number)
            if f is None:
                continue  # a field that only a newer program knows
            changes.append(Change(step.at, who, device, step.what, f.name, f.from_stored(old), f.from_stored(new), step.act))
    return changes


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
