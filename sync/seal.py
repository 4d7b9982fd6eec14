"""Freeze own changes into sealed batches. What a change wrote is found by winding the rows back (`db.capture`).

Sealing happens before the first byte is sent, and in the transaction that moves a cursor before it moves: so `known` is
what the station had seen when the change was made.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, select, text

from db.capture import op
from db.changes import touched
from db.exchange import cursors, kind_by_number, outbox
from db.mapping import table
from db.session import Session
from domain.values import Stored
from sync import envelope
from sync.columns import Change
from sync.envelope import MAX_SEALED, Header
from sync.fork import settle_restored
from sync.identity import Identity, save_head
from sync.rows import Key, chunks

SLICE = 10_000
"""Changes sealed at once: what is held in memory."""
WHOLE = 500
"""An act of at most so many changes goes into one batch."""
BULK = 2000
"""Changes of a batch of larger acts."""
LITTLE, MUCH = 64 * 1024, 2**20
"""Characters of the values in an ordinary batch (some 16 KB once sealed) and in any batch (readers bound what they unpack)."""

_UNSEALED: ColumnElement[bool] = op.c.author.is_(None) & op.c.entry.is_(None) & op.c.batch.is_(None)
_MARK = text("UPDATE op SET batch = :batch WHERE seq = :seq")


def seal(session: Session, me: Identity) -> int:
    """Seal one slice of what is not sealed yet; answers how many changes that were, 0 when nothing is left."""
    settle_restored(session, me)
    ops = _slice(session)
    if not ops:
        return 0
    found = _Values(session, ops)
    scopes: dict[str, list[tuple[int, Change]]] = defaultdict(list)
    for line, change in zip(ops, found.changes(), strict=True):
        scopes[found.scope(line)].append((line.act or 0, change))
    known = cursors(session)
    for scope, changes in scopes.items():
        for batch in _batches(changes):
            for part in sealed_parts(me, scope, known.get(scope, 0), batch):
                _keep(session, me, scope, known.get(scope, 0), part)
    save_head(session, me)
    return len(ops)


def seal_all(session: Session, me: Identity) -> None:
    """Seal everything there is."""
    while seal(session, me):
        pass


def _slice(session: Session) -> Sequence[Row[Any]]:
    """The oldest unsealed ops, without the beginning of an act that fits into one batch but not into this slice."""
    ops = session.conn.execute(select(op).where(_UNSEALED).order_by(op.c.seq).limit(SLICE)).all()
    if len(ops) == SLICE:
        tail = sum(1 for line in ops if line.act == ops[-1].act)
        if tail <= WHOLE:
            return ops[:-tail]
    return ops


class _Values:
    """The rows of a slice of ops, wound back one op after the other."""

    def __init__(self, session: Session, ops: Sequence[Row[Any]]) -> None:
        self._session = session
        self._ops = ops
        self._rows: dict[Key, dict[int, Stored]] = {}
        self._scopes: dict[Key, str] = {}
        wanted: dict[int, set[str]] = defaultdict(set)
        for line in ops:
            wanted[line.kind].add(line.row_id)
        for number, ids in wanted.items():
            self._load(number, ids)
        self._wind_back_later()

    def _load(self, number: int, ids: set[str]) -> None:
        kind = kind_by_number(number)
        if kind is None:
            return
        t, numbers = table(kind), [f.number for f in kind.fields]
        query = select(t.c.id, t.c.village, *(t.c[f.name] for f in kind.fields))
        for chunk in chunks(sorted(ids), BULK):
            for row_id, village, *values in self._session.conn.execute(query.where(t.c.id.in_(chunk))):
                self._rows[number, row_id] = {n: v for n, v in zip(numbers, values, strict=True) if v is not None}
                self._scopes[number, row_id] = village

    def _wind_back_later(self) -> None:
        """Undo, in memory, what unsealed ops after the slice did to its rows."""
        first, last = self._ops[0].seq, self._ops[-1].seq
        early = op.alias("early")
        mine = (early.c.row_id == op.c.row_id) & (early.c.kind == op.c.kind) & early.c.seq.between(first, last)
        later = select(op).where(_UNSEALED, op.c.seq > last, op.c.what == "U", exists().where(mine)).order_by(op.c.seq.desc())
        for line in self._session.conn.execute(later):
            self._back(line)

    def _back(self, line: Row[Any]) -> dict[int, Stored]:
        """Wind a row back over one update; answers what the update had written."""
        row = self._rows.setdefault((line.kind, line.row_id), {})
        old = json.loads(line.old) if line.old else {}
        written = {n: row.get(n) for n in touched(line.mask)}
        for n in written:
            row[n] = old.get(str(n))
        return written

    def scope(self, line: Row[Any]) -> str:
        """The scope of the row an op is about."""
        return self._scopes.get((line.kind, line.row_id), self._session.scope)

    def changes(self) -> list[Change]:
        """The ops of the slice with the values they wrote, in order."""
        made = []
        for line in reversed(self._ops):
            values: dict[int, Stored] = {}
            conflict = None
            if line.what == "I":
                row = self._rows.get((line.kind, line.row_id), {})
                values = row if None not in row.values() else {n: v for n, v in row.items() if v is not None}
            elif line.what == "U":
                values = self._back(line)
            elif line.what == "C":
                chosen = json.loads(line.old)
                values, conflict = {chosen["field"]: chosen["value"]}, chosen["conflict"]
            made.append(Change(line.seq, line.kind, line.row_id, line.what, line.by, line.at, line.salt, values, conflict))
        return made[::-1]


def _batches(changes: list[tuple[int, Change]]) -> Iterator[list[Change]]:
    """Changes in batches of bounded size. Acts of up to `WHOLE` changes are never split, larger ones are in batches of their own."""
    batch: list[Change] = []
    size = 0
    for _act, members in groupby(changes, key=lambda pair: pair[0]):
        act = [change for _n, change in members]
        long = sum(map(_length, act))
        if batch and (size + long > LITTLE or len(act) > WHOLE):
            yield batch
            batch, size = [], 0
        if len(act) > WHOLE:
            yield from chunks(act, BULK)
        else:
            batch, size = batch + act, size + long
    if batch:
        yield batch


def _length(change: Change) -> int:
    return 20 + sum(len(value) for value in change.values.values() if type(value) is str)


def sealed_parts(
    me: Identity, scope: str, known: int, changes: list[Change], more: Mapping[str, Any] | None = None
) -> Iterator[tuple[bytes, list[Change]]]:
    """The sealed bytes of a batch; of its halves where it would be too large. Moves the head of the chain in `me`. `more`: further
    fields of the header."""
    head = Header(
        format=envelope.FORMAT,
        schema=envelope.SCHEMA,
        county=me.county,
        station=me.station,
        incarnation=me.incarnation,
        number=me.number + 1,
        previous=me.sha256,
        scope=scope,
        known=known,
        count=0,
        users=[],
        **(more or {}),
    )
    many = len(changes) > 1
    sealed = None if many and sum(map(_length, changes)) > MUCH else envelope.seal(head, changes, me.signing)
    if sealed is None or (many and len(sealed) > MAX_SEALED):
        middle = len(changes) // 2
        for half in (changes[:middle], changes[middle:]):
            yield from sealed_parts(me, scope, known, half, more)
        return
    me.number += 1
    me.sha256 = envelope.digest(sealed)
    yield sealed, changes


def _keep(session: Session, me: Identity, scope: str, known: int, part: tuple[bytes, list[Change]]) -> None:
    sealed, changes = part
    session.conn.execute(
        outbox.insert().values(
            incarnation=me.incarnation,
            number=me.number,
            scope=scope,
            known=known,
            count=len(changes),
            sha256=me.sha256,
            body=sealed,
            sealed_at=session.at,
        )
    )
    session.conn.execute(_MARK, [{"batch": me.number, "seq": change.seq} for change in changes])
