"""A unit of work for merging: rows are read together, changed in memory and written back together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from db.among import among_bound
from db.exchange import LAST, field_state, kind_by_number
from db.mapping import insert_many, table, update_many, upsert_many
from db.prepared import Prepared
from db.search import search_columns, search_lists
from domain.fields import Field, Kind
from domain.grouping import by_key
from domain.values import Stored
from sync.replica.merge import State, Write
from sync.wire.columns import Group

Key = tuple[int, str]
"""Kind number and row id."""


_STATES = Prepared(
    select(*(field_state.c[name] for name in ("row_id", "field", "seq", "author", "by", "at"))).where(
        field_state.c.kind == bindparam("of"), among_bound(field_state.c.row_id, "ids")
    )
)


@cache
def _of_ids(kind: Kind) -> Prepared:
    t = table(kind)
    return Prepared(select(t).where(among_bound(t.c.id, "ids")))


@cache
def fields_of(kind: Kind, numbers: tuple[int, ...]) -> Prepared:
    """Id, village and these fields of the rows of given `ids`, as tuples."""
    t = table(kind)
    columns = (t.c[kind.by_number[number].name] for number in numbers)
    # with the village in the condition SQLite would scan the whole village
    return Prepared(select(t.c.id, t.c.village, *columns).where(among_bound(t.c.id, "ids")), tuple)


@dataclass(eq=False)
class Row:
    """One row with the state of its fields. Columns changed here are written by `Rows.write`."""

    kind: Kind
    id: str
    columns: dict[str, Any]
    states: dict[int, State] = field(default_factory=dict)
    made: bool = False
    """Whether it is new: not in the table yet."""
    gone: bool = False
    """Whether to delete it from the table: its insertion is not (or no longer) in the county's log."""
    changed: set[str] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)

    @property
    def village(self) -> str:
        """The scope the row lives in."""
        return str(self.columns["village"])

    @property
    def deleted(self) -> bool:
        """Whether it is deleted (softly)."""
        return self.columns["deleted_at"] is not None

    @property
    def inserted(self) -> State | None:
        """The state of the row's insertion; None while the county has not sequenced it."""
        c = self.columns
        return None if c["seq"] is None else State(c["seq"], c["author"], c["created_by"], c["created_at"])

    def value(self, f: Field) -> Stored:
        """The value of a field now."""
        return self.columns[f.name]  # type: ignore[no-any-return]

    def state(self, f: Field) -> State | None:
        """The origin of a field's value; None when it was never written."""
        found = self.states.get(f.number)
        return found or (None if self.columns[f.name] is None else self.inserted)

    def put(self, column: str, value: Stored) -> None:
        """Set a column."""
        if self.columns[column] != value:
            self.columns[column] = value
            self.changed.add(column)

    def move(self, number: int, state: State) -> None:
        """Set the state of a field, of the deletion (`DELETED`) or of the last change (`LAST`)."""
        self.states[number] = state
        self.moved.add(number)

    def stamp(self, by: str, at: str) -> None:
        """Set who changed the row last, and when."""
        self.put("updated_by", by)
        self.put("updated_at", at)

    def touch(self, write: Write) -> None:
        """Record a sequenced change as the row's last one, whether or not it had an effect."""
        self.move(LAST, write.state())
        self.stamp(write.by, write.at)

    def last_stamp(self) -> tuple[str, str]:
        """Who changed the row last, in county order, and when."""
        last = self.states.get(LAST)
        return (last.by, last.at) if last else (self.columns["created_by"], self.columns["created_at"])


def new_row(kind: Kind, id: str, village: str, by: str, at: str) -> Row:
    """Return a row without values that is not in its table yet."""
    columns: dict[str, Any] = dict.fromkeys(c.name for c in table(kind).columns)
    columns |= {"id": id, "village": village, "created_by": by, "created_at": at, "updated_by": by, "updated_at": at}
    return Row(kind, id, columns, made=True)


class Rows:
    """The rows that one `Application` works on."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._rows: dict[Key, Row] = {}
        self._missing: set[Key] = set()

    def load(self, kind: Kind, ids: Iterable[str]) -> None:
        """Read the rows of a kind that are not loaded yet."""
        names = table(kind).columns.keys()
        wanted = {i for i in ids if (kind.number, i) not in self._rows and (kind.number, i) not in self._missing}
        for found in _of_ids(kind).all(self._conn, ids=sorted(wanted)) if wanted else ():
            columns = dict(zip(names, found, strict=True))
            self._rows[kind.number, columns["id"]] = Row(kind, columns["id"], columns)
        for row_id, number, *state in _STATES.all(self._conn, of=kind.number, ids=sorted(wanted)) if wanted else ():
            if (kind.number, row_id) in self._rows:
                self._rows[kind.number, row_id].states[number] = State(*state)
        self._missing |= {(kind.number, i) for i in wanted if (kind.number, i) not in self._rows}

    def load_keys(self, keys: Iterable[Key]) -> None:
        """Read rows of any kinds; kinds this program does not know are left out."""
        for number, ids in by_key(keys).items():
            kind = kind_by_number(number)
            if kind is not None:
                self.load(kind, ids)

    def get(self, kind: int, id: str) -> Row | None:
        """A loaded row by kind number and id, or None when the table has none."""
        row = self._rows.get((kind, id))
        return None if row is None or row.gone else row

    def add(self, row: Row) -> Row:
        """Add a new row."""
        old = self._rows.get((row.kind.number, row.id))
        if old is not None and not old.made:  # it was removed and inserted again: the table still has it
            row.made, row.changed = False, set(row.columns)
            row.moved |= set(row.states)
        self._rows[row.kind.number, row.id] = row
        return row

    def write(self) -> None:
        """Write everything that changed, and forget all rows."""
        made: dict[str, list[Row]] = defaultdict(list)
        updates: dict[tuple[str, tuple[str, ...]], list[Row]] = defaultdict(list)
        for row in self._rows.values():
            if row.gone:
                self._take_out(row)
            elif row.made:
                made[row.kind.name].append(row)
            elif row.changed:
                updates[row.kind.name, tuple(sorted(row.changed))].append(row)
        for name, rows in made.items():
            t = table(name)
            insert_many(self._conn, t, t.columns.keys(), [row.columns | search_columns(row.kind, row.columns) for row in rows])
        for (name, columns), rows in updates.items():
            self._update(name, columns, rows)
        kept = [row for row in self._rows.values() if not row.gone]
        upsert_many(self._conn, field_state, [(row.kind.number, row.id, n, *row.states[n]) for row in kept for n in row.moved])
        self._rows.clear()
        self._missing.clear()

    def _update(self, name: str, columns: Sequence[str], rows: list[Row]) -> None:
        set_ = {c: [row.columns[c] for row in rows] for c in columns if c != "id"}
        set_ |= search_lists(rows[0].kind, set_)
        update_many(self._conn, table(name), list(set_), list(zip(*set_.values(), (row.id for row in rows), strict=True)))

    def _take_out(self, row: Row) -> None:
        if row.made:
            return
        t = table(row.kind)
        self._conn.execute(delete(t).where(t.c.id == row.id))
        self._conn.execute(delete(field_state).where(field_state.c.kind == row.kind.number, field_state.c.row_id == row.id))


def written(group: Group, numbers: Sequence[int], seq: int, author: str) -> list[tuple[Stored, ...]]:
    """Return the lines of `field_state` for the fields that a group's changes wrote at an entry."""
    changes = zip(group.row_ids, group.by, group.at, strict=True)
    return [(group.kind, row_id, number, seq, author, by, at) for row_id, by, at in changes for number in numbers]
