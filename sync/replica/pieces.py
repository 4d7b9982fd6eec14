"""Snapshots: their manifest, signed by the county, and their pieces: the sequenced state of a scope in columns of up to a thousand rows, as
the county reads them from its tables.

A piece is zstd over MessagePack `[kind, table, rows, prefixes of ids, {column: values}]`; fields go by their numbers, other columns by
name. Each column is packed by `sync.wire.packing`; one without values is left out. Kind 0 is the lists: conflicts, held changes, stubs of
moved rows, erasures. Derived columns (`db.search`) are not sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
import zstandard
from sqlalchemy import ColumnElement, Connection, Select, Table, delete, select

from db.capture import op
from db.erased import erased
from db.exchange import conflict, field_state, held_change, kind_by_number, moved
from db.mapping import COMMON, LOCAL, table
from db.session import Session
from db.signatures import verify
from db.snapshots import snapshot, snapshot_piece
from domain.fields import KINDS, Kind
from domain.values import Stored
from sync.wire import packing
from sync.wire.columns import WireError
from sync.wire.envelope import unpack
from sync.wire.packing import Column, Names

Columns = dict[int | str, ColumnElement[Any]]

ROWS = 1000
"""Rows of a piece: about 60 KB, eight seconds on a slow line."""
MAX_PIECE = 32 * 2**20
LISTS = 0
_LEVEL = 15
"""A piece is made once and fetched often, over slow lines: a sixth fewer bytes than level 3, for 30 µs of the county's time a row."""


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    kind: int
    table: str
    rows: int
    prefixes: list[str]
    columns: dict[int | str, Column]


class _Plain(msgspec.Struct, array_like=True, frozen=True):
    """A piece as the first programs stored it: a column is a list of values, or the one value that all rows have."""

    kind: int
    table: str
    rows: int
    columns: dict[int | str, Any]


_PACKED = msgspec.msgpack.Decoder(_Packed)
_PLAIN = msgspec.msgpack.Decoder(_Plain)


@dataclass(frozen=True)
class Piece:
    """An unpacked piece. `table`: `rows` for records, or the name of the table of states, changes or lists."""

    kind: int
    table: str
    rows: int
    columns: dict[int | str, Sequence[Stored]]


def cut(conn: Connection, scope: str) -> Iterator[tuple[int, bytes]]:
    """Yield the state of a scope in pieces, each with its kind: for every kind rows, field states and changes, then the lists."""
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
    for t, order in ((conflict, ("id",)), (held_change, ("seq", "place")), (moved, ("kind", "row_id")), (erased, ("kind", "row_id"))):
        columns = [c for c in t.c if c.name not in ("scope", "pending")]  # unacknowledged local decisions stay local
        listed = select().where(t.c.scope == scope).order_by(*(t.c[name] for name in order))
        yield from _cut(conn, LISTS, str(t.name), _named(columns), listed)


def _row_columns(kind: Kind, t: Table) -> Columns:
    named = _named([t.c[name] for name in ("id", *COMMON[2:], *LOCAL)])
    return named | {f.number: t.c[f.name] for f in kind.fields}


def _named(columns: Sequence[ColumnElement[Any]]) -> Columns:
    return {c.name: c for c in columns}


def _cut(conn: Connection, kind: int, name: str, columns: Columns, query: Select[Any]) -> Iterator[tuple[int, bytes]]:
    rows = conn.execute(query.add_columns(*columns.values()).execution_options(yield_per=ROWS))
    for part in rows.partitions():
        prefixes = Names()
        filled = ((key, column) for key, column in zip(columns, zip(*part, strict=True), strict=True) if column.count(None) < len(part))
        values = {key: packing.any_column(column, prefixes) for key, column in filled}
        packed = msgspec.msgpack.encode(_Packed(kind, name, len(part), list(prefixes), values))
        yield kind, zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False).compress(packed)


def open_piece(body: bytes) -> Piece:
    """Decode a piece. Raises `WireError` for anything else. Its values are not checked here: the caller does that."""
    content = unpack(body, MAX_PIECE)
    try:
        return _read(content)
    except (msgspec.DecodeError, TypeError, ValueError, LookupError, OverflowError, RecursionError) as error:
        raise WireError(f"not a piece: {type(error).__name__}") from None


def _read(content: bytes) -> Piece:
    try:
        packed = _PACKED.decode(content)
    except msgspec.ValidationError:
        plain = _PLAIN.decode(content)
        _check_rows(plain.rows)
        return Piece(plain.kind, plain.table, plain.rows, {key: _spread(value, plain.rows) for key, value in plain.columns.items()})
    _check_rows(packed.rows)
    packing.check_prefixes(packed.prefixes)
    columns: dict[int | str, Sequence[Stored]] = {}
    for key, column in packed.columns.items():
        columns[key] = packing.read_column(column, packed.rows, packed.prefixes)
    return Piece(packed.kind, packed.table, packed.rows, columns)


def _check_rows(rows: int) -> None:
    if not 0 < rows <= ROWS:
        raise ValueError("rows of a piece")


def _spread(value: Any, rows: int) -> Sequence[Stored]:
    column = value if isinstance(value, list) else [value] * rows
    if len(column) != rows or set(map(type, column)) - {str, int, type(None)}:
        raise ValueError("column of a piece")
    return column


def has_unknown(piece: Piece) -> bool:
    """Whether a piece holds records or fields this program does not know."""
    kind = kind_by_number(piece.kind)
    if piece.table != "rows":
        return False
    return kind is None or any(isinstance(key, int) and key not in kind.by_number for key in piece.columns)


FORMAT = 1


class Manifest(msgspec.Struct, array_like=True, frozen=True):
    """The scope and position (`seq`) of a snapshot, and its pieces in order: kind and SHA-256."""

    format: int
    schema: int
    county: str
    scope: str
    seq: int
    pieces: list[tuple[int, bytes]]
    chain: bytes = b""
    """The chain of the log at `seq` (`sync.replica.history`)."""

    def wanted(self, kinds: list[int]) -> list[int]:
        """Return the indexes of the pieces of some kinds; of all when none is named."""
        return [n for n, (kind, _sha) in enumerate(self.pieces) if not kinds or kind in kinds]


_MANIFEST = msgspec.msgpack.Decoder(Manifest)


def open_manifest(data: bytes) -> Manifest:
    """Decode a manifest. Raises `WireError` for anything else."""
    try:
        found = _MANIFEST.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WireError(f"not a manifest: {type(error).__name__}") from None
    if found.format != FORMAT or found.seq < 1:
        raise WireError("format of a manifest")
    return found


def manifest_signed(key: bytes, manifest: bytes, signature: bytes) -> bool:
    """Whether the county signed a manifest."""
    return verify(key, manifest_message(manifest), signature)


def manifest_message(manifest: bytes) -> bytes:
    """The bytes that the county signs for a manifest."""
    return b"cunzhan snapshot" + sha256(manifest).digest()


def forget_snapshot(session: Session, scope: str) -> None:
    """Delete the stored snapshot of a scope, so that the next one is made from the tables afresh."""
    session.conn.execute(delete(snapshot).where(snapshot.c.scope == scope))
    session.conn.execute(delete(snapshot_piece).where(snapshot_piece.c.scope == scope))
