"""Whether a station holds what the county holds: a count and a sum of hashes a scope and kind, computed from the tables themselves.

The sum of the hashes of all rows does not depend on their order and is compared at a stated place of every scope's log, over the
fields the station's schema knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select, text, update

from db.exchange import DELETED, LAST, conflict, field_state
from db.mapping import COMMON, LOCAL, table
from db.session import Session
from db.snapshots import difference
from domain.fields import KINDS, Kind
from sync.replica.pieces import LISTS
from sync.replica.rows import Key
from sync.replica.rows import Row as Held

Sums = dict[int, str]
"""By kind (0: the lists): how many lines, and the sum of their hashes, as text."""
_SYSTEM = ("id", *COMMON[2:], *LOCAL)
_WORD = 2**64
_PAGE = 2000
_THERE = text(
    " UNION ALL ".join(
        f'SELECT {kind.number} WHERE EXISTS (SELECT 1 FROM "{table(kind).name}" WHERE village = :scope)' for kind in KINDS.values()
    )
)
"""The kinds of which a scope has rows: a village has records of few kinds, and is asked at nearly every exchange."""


def sums(conn: Connection, scope: str, schema: int, without: Mapping[Key, Held | None]) -> Sums:
    """The sums of a scope over the fields `schema` knows; `without`: rows as they are without own waiting changes, None for none."""
    found: Sums = {}
    there = {number for (number, _id) in without} | set(conn.execute(_THERE, {"scope": scope}).scalars())
    for kind in KINDS.values():
        if kind.since <= schema and kind.number in there:
            count, total = _total(_kind_lines(conn, scope, kind, schema, {i: row for (n, i), row in without.items() if n == kind.number}))
            if count:
                found[kind.number] = f"{count}:{total:x}"
    count, total = _total(_conflict_lines(conn, scope, schema))
    return found | ({LISTS: f"{count}:{total:x}"} if count else {})


def _total(lines: Iterable[Sequence[Any]]) -> tuple[int, int]:
    count = total = 0
    encode = msgspec.msgpack.encode
    for line in lines:
        count += 1
        total += int.from_bytes(blake2b(encode(line), digest_size=8).digest(), "big")
    return count, total % _WORD


def _kind_lines(conn: Connection, scope: str, kind: Kind, schema: int, without: Mapping[str, Held | None]) -> Iterator[Sequence[Any]]:
    t = table(kind)
    known = sorted((f for f in kind.fields if f.since <= schema), key=lambda f: f.number)
    names = (*_SYSTEM, *(f.name for f in known))
    for line in _rows(conn, select(*(t.c[name] for name in names)).where(t.c.village == scope)):
        if line[0] not in without:
            yield line
    for row in without.values():
        if row is not None and row.village == scope:
            yield [row.columns[name] for name in names]
    s = field_state.c
    states = select(s.row_id, s.field, s.seq, s.author, s.by, s.at).join(t, t.c.id == s.row_id).where(t.c.village == scope)
    numbers = {DELETED, LAST, *(f.number for f in known)}
    yield from (line for line in _rows(conn, states.where(s.kind == kind.number)) if line[1] in numbers)


def _conflict_lines(conn: Connection, scope: str, schema: int) -> Iterator[Sequence[Any]]:
    known = {
        kind.number: {DELETED, *(f.number for f in kind.fields if f.since <= schema)} for kind in KINDS.values() if kind.since <= schema
    }
    columns = [conflict.c.kind, conflict.c.field, *(c for c in conflict.c if c.name not in ("kind", "field", "pending"))]
    return (line for line in _rows(conn, select(*columns).where(conflict.c.scope == scope)) if line[1] in known.get(line[0], ()))


def _rows(conn: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    for part in conn.execute(query.execution_options(yield_per=_PAGE)).partitions():
        yield from map(tuple, part)


def digest(found: Mapping[str, Sums]) -> bytes:
    """Eight bytes that stand for the sums of every scope."""
    return blake2b(msgspec.msgpack.encode(sorted((scope, sorted(s.items())) for scope, s in found.items() if s)), digest_size=8).digest()


def unequal(mine: Sums, theirs: Sums) -> list[int]:
    """The kinds in which two sums differ."""
    return sorted(kind for kind in mine.keys() | theirs.keys() if mine.get(kind) != theirs.get(kind))


def keep_alarm(session: Session, station: str, scope: str, seq: int, kinds: Iterable[int]) -> None:
    """Note that a station's records of some kinds are not the county's, once for as long as they are not mended."""
    for kind in kinds:
        same = (difference.c.station == station) & (difference.c.scope == scope) & (difference.c.kind == kind)
        if session.conn.execute(select(difference.c.id).where(same, difference.c.mended == 0)).first() is None:
            session.conn.execute(difference.insert().values(at=session.at, station=station, scope=scope, kind=kind, seq=seq, mended=0))


def mended(session: Session, station: str, scope: str | None = None) -> None:
    """Note that a station is the county's equal again, in one scope or in all."""
    stands = (difference.c.station == station) & (difference.c.mended == 0)
    if scope is not None:
        stands &= difference.c.scope == scope
    session.conn.execute(update(difference).where(stands).values(mended=1))
