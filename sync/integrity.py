"""Whether a station holds what the county holds: a count and a sum of hashes a scope and kind, computed from the tables themselves.

The sum of the hashes of all rows does not depend on their order and is compared at a stated place of every scope's log, over the
fields the station's schema knows. Own changes that wait are left out: the rows they touched count as they are without them. A
check may take one part in `SHARE` of the time, so it is due at every exchange but where these follow each other quickly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from time import monotonic, time
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select, text, update

from db.capture import op
from db.county import County
from db.exchange import DELETED, LAST, conflict, cursors, field_state
from db.local import get_meta, set_meta
from db.mapping import COMMON, LOCAL, table
from db.session import Session
from db.snapshots import difference, state_sum
from domain.fields import KINDS, Kind
from sync import history
from sync.envelope import SCHEMA
from sync.meetings import PENDING, pending
from sync.pieces import LISTS
from sync.receive import wound_back
from sync.rows import Key
from sync.rows import Row as Held
from sync.wire import Request, heads_digest

Sums = dict[int, str]
"""By kind (0: the lists): how many lines, and the sum of their hashes, as text."""
SHARE = 100
"""A check is due again after so many times as long as the last one took."""
MOST_WAITING = 2000
"""With more own changes than these waiting a check is put off."""
_SYSTEM = ("id", *COMMON[2:], *LOCAL)
_WORD = 2**64
_PAGE = 2000
_SAVE = text(
    "INSERT INTO state_sum (scope, schema, seq, sums) VALUES (:scope, :schema, :seq, :sums) "
    "ON CONFLICT (scope, schema) DO UPDATE SET seq = excluded.seq, sums = excluded.sums"
)
_THERE = text(
    " UNION ALL ".join(
        f'SELECT {kind.number} WHERE EXISTS (SELECT 1 FROM "{table(kind).name}" WHERE village = :scope)' for kind in KINDS.values()
    )
)
"""The kinds of which a scope has rows: a village has records of few kinds, and is asked at nearly every exchange."""
_DUE, _COST, _COMPARED = "checked_at", "check_seconds", "compared_at"
_DAY = 86400.0


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


# -- at a station ------------------------------------------------------------------------------------------------------


def due(session: Session) -> bool:
    """Whether it is time to look, and little enough waits to look at."""
    last, cost = float(get_meta(session, _DUE) or 0), float(get_meta(session, _COST) or 0)
    if last <= time() < last + SHARE * cost:
        return False
    few = select(op.c.seq).where(PENDING).limit(MOST_WAITING + 1).subquery()
    return session.conn.execute(select(func.count()).select_from(few)).scalar_one() <= MOST_WAITING


def state(session: Session) -> tuple[dict[str, Sums], float]:
    """The sums of every scope read here, at the cursors, and the seconds they took."""
    began = monotonic()
    waiting = pending(session)
    rows = wound_back(session, waiting)
    without = {key: rows.get(*key) for key in waiting}
    found = {scope: sums(session.conn, scope, SCHEMA, without) for scope in cursors(session)}
    return found, monotonic() - began


def note(session: Session, cost: float, *, compared: bool) -> None:
    """Keep when a check was made, how long it took, and whether the county could compare."""
    if compared or get_meta(session, _COMPARED) is None:
        set_meta(session, _COMPARED, str(time()))
    set_meta(session, _DUE, str(time()))
    set_meta(session, _COST, str(cost))


def hurry(session: Session) -> None:
    """Let a check be due: what was fetched again is to be compared once more."""
    set_meta(session, _DUE, None)


def owed(session: Session) -> bool:
    """Whether it is a day since the county could compare: this station always had something to read first."""
    last = float(get_meta(session, _COMPARED) or 0)
    return not last <= time() < last + _DAY


# -- at the county -----------------------------------------------------------------------------------------------------


def compare(county: County, asking: Row[Any], request: Request) -> dict[str, Sums] | None:
    """The county's sums of the scopes in which it differs from the station; None when the station has not read all there is."""
    with county.read() as session:
        places = {scope: place for scope, place in history.heads(session, asking.scope).items() if place[0]}
        heads = {scope: seq for scope, (seq, _tip) in places.items()}
        if heads_digest(heads, {scope: tip for scope, (_seq, tip) in places.items()}) != request.digest:
            return None
        kept = {
            row.scope: {int(kind): s for kind, s in json.loads(row.sums).items()}
            for row in session.conn.execute(select(state_sum).where(state_sum.c.schema == request.schema))
            if heads.get(row.scope) == row.seq
        }
        fresh = {scope: sums(session.conn, scope, request.schema, {}) for scope in heads.keys() - kept.keys()}
    if fresh:
        with county.write() as session:
            _keep(session, request.schema, {scope: (heads[scope], found) for scope, found in fresh.items()})
    found = {scope: s for scope, s in (kept | fresh).items() if s}
    if digest(found) == request.state:
        return {}
    theirs = request.sums or {}
    return {scope: found.get(scope, {}) for scope in heads if unequal(found.get(scope, {}), theirs.get(scope, {}))}


def _keep(session: Session, schema: int, found: Mapping[str, tuple[int, Sums]]) -> None:
    for scope, (seq, s) in found.items():
        session.conn.execute(_SAVE, {"scope": scope, "schema": schema, "seq": seq, "sums": json.dumps(s)})


def told(session: Session, station: str, differing: Mapping[str, Sums], request: Request) -> None:
    """Note at the county what a comparison came to."""
    if not differing:
        mended(session, station)
    for scope, theirs in differing.items():
        keep_alarm(session, station, scope, (request.cursors or {}).get(scope, 0), unequal(theirs, (request.sums or {}).get(scope, {})))


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
