"""SQLAlchemy Core tables made from the record kinds, and the conversion of rows to records and back. Records stay plain objects (decision
007).

    t = table("person")
    select(t.c.name).where(t.c.village == village)

Every column holds the stored form of `domain.values`, text or integer: the same on SQLite and PostgreSQL, in the change log and on the
wire. Synced tables have no FOREIGN KEY, UNIQUE or CHECK that could fail when a change is applied.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, MetaData, RowMapping, Table, Text
from sqlalchemy.types import TypeEngine

import domain.records  # noqa: F401  (fills KINDS: importing db maps)
from db.prepared import run_many
from domain.fields import KINDS, Kind, Record, kind_of
from domain.values import INTEGERS, Stored, Type

_COPY_FROM = 20
"""Number of rows from which PostgreSQL inserts by COPY."""

R = TypeVar("R", bound=Record)

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared by code point on both databases."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

_TYPES: Mapping[str, TypeEngine[Any]] = {"": TEXT, "int": Integer(), "big": BigInteger(), "bytes": LargeBinary()}


def program_table(name: str, columns: str, *, counted: bool = False) -> Table:
    """Declare a table that is not of a record kind. `columns`: text unless said (`number:big`), a ! behind those of the key, a ? behind
    those that may be NULL. `counted`: an id is never given again."""
    made = []
    for word in columns.split():
        column, _colon, type_ = word.rstrip("!?").partition(":")
        made.append(Column(column, _TYPES[type_], primary_key=word.endswith("!"), nullable=word.endswith("?")))
    return Table(name, metadata, *made, sqlite_autoincrement=counted)


COMMON = ("id", "village", "created_at", "created_by", "updated_at", "updated_by", "deleted_at")
LOCAL = ("seq", "author")
"""County sequence number and author of the row's insertion, for merging; never on the wire."""


def search_column_names(kind: Kind) -> tuple[str, ...]:
    """Derived columns for searching a kind, filled by `db.search`; never synced."""
    named = "name" in kind.by_name or "title" in kind.by_name
    return (
        *(("pinyin", "initials") if named else ()),
        *(("id_tail",) if "id_number" in kind.by_name else ()),
        *(("phone_tail",) if "phone" in kind.by_name and kind.by_name["phone"].secret else ()),
    )


LOOKED_UP = ("initials", "id_tail", "phone_tail")
"""Search columns by which no list is sorted. A look-up reads its rows anyway, so these indexes carry no further columns (an id takes 36
characters, and a person's indexes held seven)."""
SORTED: Mapping[str, tuple[str, ...]] = {"person": ("birth",), "household": ("group",)}
"""Further columns by which long lists are sorted or filtered."""
COVERED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("person", "pinyin"): ("name", "labour", "sex", "birth", "household_id", "village", "died_on", "school_state", "merged_into"),
    ("person", "birth"): ("merged_into",),
    ("person", "household_id"): ("id", "merged_into"),
    ("category_span", "person_id"): ("category", "start", "end"),
    ("employment", "person_id"): ("start", "end", "channel", "place", "employer_id", "village"),
    ("appointment", "person_id"): ("start", "exit_on"),
    ("monthly_check", "person_id"): ("month", "status"),
}
"""Columns carried along in an index, so that a list of 100 000 rows is filtered without reading (and decrypting) the rows: 9 ms instead
of 700. Every such index includes `deleted_at`; without it SQLite would still read the rows."""


def _columns(table: Table, *names: str) -> list[Column[Any]]:
    return [table.c[name] for name in dict.fromkeys((*names, *COVERED.get((table.name, names[0]), ())))]


def _listed(kind: Kind) -> tuple[str, ...]:
    return (*search_column_names(kind), *SORTED.get(kind.name, ()))


def _table(kind: Kind) -> Table:
    columns: list[Any] = [
        Column("id", TEXT, primary_key=True),
        Column("village", TEXT, nullable=False),
        *(Column(name, TEXT) for name in COMMON[2:]),
        *(Column(f.name, BigInteger if f.type in INTEGERS else TEXT) for f in kind.fields),
        Column("seq", BigInteger),
        Column("author", TEXT),
    ]
    columns += [Column(name, TEXT) for name in search_column_names(kind)]
    table = Table(kind.name, metadata, *columns)
    Index(f"ix_{kind.name}_village", table.c.village)
    for f in kind.references():
        always = f.required or (kind.name, f.name) in COVERED
        referring = None if always else table.c[f.name].is_not(None)  # such references are rarely set
        Index(f"ix_{kind.name}_{f.name}", *_columns(table, f.name, "deleted_at"), sqlite_where=referring)  # see `postgres.partial_indexes`
    if "id_number" in kind.by_name:
        Index(f"ix_{kind.name}_id_number", table.c.id_number)
    alive = table.c.deleted_at.is_(None)
    for name in _listed(kind):
        paged = () if name in LOOKED_UP else ("id", "deleted_at")
        Index(f"ix_{kind.name}_{name}", *_columns(table, name, *paged), sqlite_where=alive)
    return table


TABLES: Mapping[str, Table] = {kind.name: _table(kind) for kind in KINDS.values()}


def list_indexes() -> list[Index]:
    """The indexes for searching and sorting lists. The county shows no lists and has none of them: they are half the cost of inserting a
    person. A migration that adds one does so only at stations (its configuration has the attribute `county`)."""
    named = {(kind.name, f"ix_{kind.name}_{name}") for kind in KINDS.values() for name in _listed(kind)}
    return [index for t in TABLES.values() for index in t.indexes if (t.name, index.name) in named]


def table(kind: str | int | Kind | type[Record]) -> Table:
    """The table of a kind, given by name, wire number, class or declaration."""
    return TABLES[kind_of(kind).name]


_CONVERTED = {kind.name: tuple(f for f in kind.fields if f.type in (Type.SET, Type.IDS, Type.JSON, Type.BOOL)) for kind in KINDS.values()}
"""Fields whose stored form differs from the record value; all others are stored unchanged."""

_NAMES = {kind.name: (*COMMON, *(f.name for f in kind.fields)) for kind in KINDS.values()}


def record_columns(kind: Kind) -> list[Column[Any]]:
    """The columns of a record, in the order that `to_records` expects."""
    return [TABLES[kind.name].c[name] for name in _NAMES[kind.name]]


def to_records(kind: Kind, rows: Iterable[Sequence[Any]]) -> list[Any]:
    """Convert rows of `record_columns(kind)` to records."""
    names, converted = _NAMES[kind.name], _CONVERTED[kind.name]
    records = []
    for row in rows:
        record = object.__new__(kind.cls)
        values = record.__dict__ = dict(zip(names, row, strict=True))
        for f in converted:
            if values[f.name] is not None:
                values[f.name] = f.from_stored(values[f.name])
        records.append(record)
    return records


def to_record(kind: Kind | type[R], row: RowMapping | Mapping[str, Any]) -> Any:
    """Convert a complete table row, given by column name, to a record."""
    declared = kind_of(kind)
    return to_records(declared, [[row[name] for name in _NAMES[declared.name]]])[0]


def stored(kind: Kind, values: Mapping[str, Any]) -> dict[str, Stored]:
    """Convert record values to stored column values; common and local columns pass through unchanged."""
    columns = dict(values)
    for f in _CONVERTED[kind.name]:
        if columns.get(f.name) is not None:
            columns[f.name] = f.to_stored(columns[f.name])
    return columns


def insert_many(conn: Connection, into: Table, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows of stored values, each with all of `names`, by the database's fastest method."""
    pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    insert_rows(conn, into, names, [pick(row) for row in rows])


def insert_columns(conn: Connection, into: Table, columns: Mapping[str, Sequence[Stored]]) -> None:
    """Insert rows given as columns of equal length, as bulk changes come."""
    insert_rows(conn, into, tuple(columns), list(zip(*columns.values(), strict=True)))


def insert_rows(conn: Connection, into: Table, names: Sequence[str], rows: list[tuple[Stored, ...]]) -> None:
    """Insert rows given as tuples in the order of `names`: many by COPY on PostgreSQL; a few, and any number on SQLite, by the driver's
    executemany."""
    if not rows:
        return
    if conn.dialect.name == "postgresql" and len(rows) >= _COPY_FROM:
        from db import postgres  # loading the driver takes 0.1 s, which stations should not pay

        postgres.copy(conn, into.name, names, rows)
        return
    run_many(conn, f"INSERT INTO {into.name} ({_quoted(names)}) VALUES ({_marks(conn, len(names))})", rows)


def _marks(conn: Connection, count: int) -> str:
    """Placeholders of the driver."""
    return ", ".join(["%s" if conn.dialect.name == "postgresql" else "?"] * count)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def update_many(conn: Connection, into: Table, names: Sequence[str], rows: Sequence[tuple[Stored, ...]]) -> None:
    """Update rows given as tuples: the values of `names`, then the row's id."""
    mark = _marks(conn, 1)
    setting = ", ".join(f'"{name}" = {mark}' for name in names)
    run_many(conn, f"UPDATE {into.name} SET {setting} WHERE id = {mark}", rows)


def upsert_many(conn: Connection, into: Table, rows: Sequence[tuple[Stored, ...]]) -> None:
    """Insert complete rows or replace those with the same key (the leading columns of the table); of rows with one key the last counts.
    PostgreSQL takes many by COPY."""
    names = [column.name for column in into.columns]
    keys = [column.name for column in into.primary_key]
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    target = f"INSERT INTO {into.name} ({_quoted(names)})"
    conflict = f"ON CONFLICT ({_quoted(keys)}) DO UPDATE SET {replaced}"
    values = list({row[: len(keys)]: row for row in rows}.values())
    if conn.dialect.name == "postgresql" and len(values) >= _COPY_FROM:
        from db import postgres

        aside = postgres.copy_aside(conn, into.name, names, values)
        conn.exec_driver_sql(f"{target} SELECT {_quoted(names)} FROM {aside} {conflict}")
    elif values:
        run_many(conn, f"{target} VALUES ({_marks(conn, len(names))}) {conflict}", values)
