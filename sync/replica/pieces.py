"""Pieces of a snapshot: the sequenced state of a scope as columns of a thousand rows, as the county reads them from its tables.

A piece is zstd over MessagePack `[kind, table, rows, {column: values}]`; fields go by their numbers, other columns by name, a column
whose values are all equal as that one value, one without values not at all. Kind 0 is the lists: conflicts,
held changes, what moved away, what was erased.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import zstandard
from sqlalchemy import Column, Connection, Select, Table, select

from db.capture import op
from db.erased import erased
from db.exchange import conflict, field_state, held_change, kind_by_number, moved
from db.mapping import COMMON, LOCAL, search_column_names, table
from domain.fields import KINDS, Kind
from domain.values import Stored
from sync.wire.columns import WireError
from sync.wire.envelope import unpack

ROWS = 1000
"""Rows of a piece: some 60 KB, eight seconds of a slow line."""
MAX_PIECE = 32 * 2**20
LISTS = 0
_LEVEL = 3


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    kind: int
    table: str
    rows: int
    columns: dict[int | str, Any]


_PACKED = msgspec.msgpack.Decoder(_Packed)


@dataclass(frozen=True)
class Piece:
    """An unpacked piece. `table`: rows, or one of `field_state`, `op`, `conflict`, `held`, `moved`, `erased`."""

    kind: int
    table: str
    rows: int
    columns: dict[int | str, Sequence[Stored]]


def cut(conn: Connection, scope: str) -> Iterator[tuple[int, bytes]]:
    """The state of a scope in pieces, each with its kind: rows, their states and their changes kind by kind, then the lists."""
    for kind in KINDS.values():
        t = table(kind)
        mine = t.c.village == scope
        yield from _cut(conn, kind.number, "rows", _row_columns(kind, t), select().where(mine).order_by(t.c.id))
        states = select().join_from(field_state, t, t.c.id == field_state.c.row_id).where(mine, field_state.c.kind == kind.number)
        columns = [c for c in field_state.c if c.name != "kind"]
        yield from _cut(conn, kind.number, "field_state", _named(columns), states.order_by(field_state.c.row_id, field_state.c.field))
        lines = select().join_from(op, t, t.c.id == op.c.row_id).where(mine, op.c.kind == kind.number, op.c.entry.is_not(None))
        columns = [op.c[name] for name in ("row_id", "what", "mask", "old", "by", "at", "salt", "author", "entry")]
        yield from _cut(conn, kind.number, "op", _named(columns), lines.order_by(op.c.entry, op.c.seq))
    columns = [c for c in conflict.c if c.name not in ("scope", "pending")]
    yield from _cut(conn, LISTS, "conflict", _named(columns), select().where(conflict.c.scope == scope).order_by(conflict.c.id))
    columns = [c for c in held_change.c if c.name != "scope"]
    listed = select().where(held_change.c.scope == scope).order_by(held_change.c.seq, held_change.c.place)
    yield from _cut(conn, LISTS, "held", _named(columns), listed)
    columns = [c for c in moved.c if c.name != "scope"]
    listed = select().where(moved.c.scope == scope).order_by(moved.c.kind, moved.c.row_id)
    yield from _cut(conn, LISTS, "moved", _named(columns), listed)
    columns = [c for c in erased.c if c.name != "scope"]
    listed = select().where(erased.c.scope == scope).order_by(erased.c.kind, erased.c.row_id)
    yield from _cut(conn, LISTS, "erased", _named(columns), listed)


def _row_columns(kind: Kind, t: Table) -> dict[int | str, Column[Any]]:
    named = _named([t.c[name] for name in ("id", *COMMON[2:], *LOCAL, *search_column_names(kind))])
    return named | {f.number: t.c[f.name] for f in kind.fields}


def _named(columns: Sequence[Column[Any]]) -> dict[int | str, Column[Any]]:
    return {c.name: c for c in columns}


def _cut(conn: Connection, kind: int, name: str, columns: dict[int | str, Column[Any]], query: Select[Any]) -> Iterator[tuple[int, bytes]]:
    rows = conn.execute(query.add_columns(*columns.values()).execution_options(yield_per=ROWS))
    for part in rows.partitions():
        values = {key: _pack(column) for key, column in zip(columns, zip(*part, strict=True), strict=True)}
        packed = msgspec.msgpack.encode(_Packed(kind, name, len(part), {key: v for key, v in values.items() if v is not None}))
        yield kind, zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False).compress(packed)


def _pack(column: Sequence[Stored]) -> Any:
    return column[0] if column.count(column[0]) == len(column) else column


def open_piece(body: bytes) -> Piece:
    """The piece in `body`; raises `WireError` for anything else. What its values are is the reader's affair."""
    try:
        packed = _PACKED.decode(unpack(body, MAX_PIECE))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WireError(f"not a piece: {type(error).__name__}") from None
    if not 0 < packed.rows <= ROWS:
        raise WireError("rows of a piece")
    return Piece(packed.kind, packed.table, packed.rows, {key: _unpack(value, packed.rows) for key, value in packed.columns.items()})


def _unpack(value: Any, rows: int) -> Sequence[Stored]:
    column = value if isinstance(value, list) else [value] * rows
    if len(column) != rows or set(map(type, column)) - {str, int, type(None)}:
        raise WireError("column of a piece")
    return column


def has_unknown(piece: Piece) -> bool:
    """Whether a piece holds records or fields this program does not know."""
    kind = kind_by_number(piece.kind)
    if piece.table != "rows":
        return False
    return kind is None or any(isinstance(key, int) and key not in kind.by_number for key in piece.columns)
