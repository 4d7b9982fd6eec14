"""Checksums of the synced state: per scope and kind a row count and a sum of row hashes, by which a station and the county compare tables.

The sum does not depend on the order of the rows. Both sides compute it at the same position of each scope's log, over the fields the
station's schema knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from struct import unpack
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, text, update

from db.exchange import DELETED, LAST, conflict, field_state
from db.mapping import COMMON, LOCAL, table
from db.prepared import Prepared
from db.session import Session
from db.snapshots import difference
from domain.fields import KINDS, Kind
from sync.replica.pieces import LISTS
from sync.replica.rows import Key
from sync.replica.rows import Row as Held

Sums = dict[int, str]
"""By kind (0: the lists): number of lines and sum of their hashes, as text `count:hex`."""
_SYSTEM = ("id", *COMMON[2:], *LOCAL)
Line = Sequence[Any]
_HASH = 8
_MODULUS = 2 ** (8 * _HASH)
_CHUNK = 2000
"""Lines held in memory at once."""
_KINDS_PRESENT = Prepared(
    text(
        " UNION ALL ".join(
            f'SELECT {kind.number} WHERE EXISTS (SELECT 1 FROM "{table(kind).name}" WHERE village = :scope)' for kind in KINDS.values()
        )
    )
)
"""The kinds of which a scope has rows. A village has records of few kinds, and nearly every exchange runs this."""

_CONFLICTS = Prepared(
    select(conflict.c.kind, conflict.c.field, *(c for c in conflict.c if c.name not in ("kind", "field", "pending"))).where(
        conflict.c.scope == bindparam("of")
    ),
    tuple,
)


def sums(conn: Connection, scope: str, schema: int, without: Mapping[Key, Held | None]) -> Sums:
    """Return the checksums of a scope over the fields that `schema` knows.

    `without`: the rows touched by own unacknowledged changes, as they are without these; None for a row that would not exist.
    """
    found: Sums = {}
    there = {number for (number, _id) in without} | set(_KINDS_PRESENT.values(conn, scope=scope))
    for kind in KINDS.values():
        if kind.since <= schema and kind.number in there:
            count, total = _total(_kind_lines(conn, scope, kind, schema, {i: row for (n, i), row in without.items() if n == kind.number}))
            if count:
                found[kind.number] = f"{count}:{total:x}"
    count, total = _total(_conflict_lines(conn, scope, schema))
    return found | ({LISTS: f"{count}:{total:x}"} if count else {})


def _total(parts: Iterable[Sequence[Line]]) -> tuple[int, int]:
    count = total = 0
    encode = msgspec.msgpack.encode
    for lines in parts:
        hashes = b"".join([blake2b(line, digest_size=_HASH).digest() for line in map(encode, lines)])
        count += len(lines)
        total += sum(unpack(f">{len(lines)}Q", hashes))
    return count, total % _MODULUS


def _kind_lines(conn: Connection, scope: str, kind: Kind, schema: int, without: Mapping[str, Held | None]) -> Iterator[Sequence[Line]]:
    known = tuple(sorted((f for f in kind.fields if f.since <= schema), key=lambda f: f.number))
    names = (*_SYSTEM, *(f.name for f in known))
    for lines in _rows_of(kind, names).parts(conn, _CHUNK, of=scope):
        yield [line for line in lines if line[0] not in without] if without else lines
    yield [[row.columns[name] for name in names] for row in without.values() if row is not None and row.village == scope]
    numbers = {DELETED, LAST, *(f.number for f in known)}
    for lines in _states_of(kind).parts(conn, _CHUNK, of=scope):
        yield [line for line in lines if line[1] in numbers]


@cache
def _rows_of(kind: Kind, names: tuple[str, ...]) -> Prepared:
    t = table(kind)
    return Prepared(select(*(t.c[name] for name in names)).where(t.c.village == bindparam("of")), tuple)


@cache
def _states_of(kind: Kind) -> Prepared:
    t, s = table(kind), field_state.c
    states = select(s.row_id, s.field, s.seq, s.author, s.by, s.at).join(t, t.c.id == s.row_id)
    return Prepared(states.where(t.c.village == bindparam("of"), s.kind == kind.number), tuple)


def _conflict_lines(conn: Connection, scope: str, schema: int) -> Iterator[Sequence[Line]]:
    known = {
        kind.number: {DELETED, *(f.number for f in kind.fields if f.since <= schema)} for kind in KINDS.values() if kind.since <= schema
    }
    for lines in _CONFLICTS.parts(conn, _CHUNK, of=scope):
        yield [line for line in lines if line[1] in known.get(line[0], ())]


def digest(found: Mapping[str, Sums]) -> bytes:
    """Return a hash of eight bytes over the sums of all scopes."""
    return blake2b(msgspec.msgpack.encode(sorted((scope, sorted(s.items())) for scope, s in found.items() if s)), digest_size=8).digest()


def unequal(mine: Sums, theirs: Sums) -> list[int]:
    """Return the kinds in which two checksums differ, sorted."""
    return sorted(kind for kind in mine.keys() | theirs.keys() if mine.get(kind) != theirs.get(kind))


def keep_alarm(session: Session, station: str, scope: str, seq: int, kinds: Iterable[int]) -> None:
    """Record that a station's rows of some kinds differ from the county's. A difference is recorded once until it is repaired."""
    for kind in kinds:
        same = (difference.c.station == station) & (difference.c.scope == scope) & (difference.c.kind == kind)
        if session.conn.execute(select(difference.c.id).where(same, difference.c.mended == 0)).first() is None:
            session.conn.execute(difference.insert().values(at=session.at, station=station, scope=scope, kind=kind, seq=seq, mended=0))


def mended(session: Session, station: str, scope: str | None = None) -> None:
    """Mark the recorded differences of a station as repaired, in one scope or in all."""
    stands = (difference.c.station == station) & (difference.c.mended == 0)
    if scope is not None:
        stands &= difference.c.scope == scope
    session.conn.execute(update(difference).where(stands).values(mended=1))
