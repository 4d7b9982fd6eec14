"""Forward compatibility: keeps the kinds and fields that a newer program sent, and applies them after an upgrade.

Of a change, a station applies the fields it knows and keeps the rest as held changes (reason `kind` or `field`). Of a snapshot, it keeps
the pieces with unknown columns. Edits of other fields cannot overwrite them, since changes carry single fields, never rows. After an
upgrade they are merged at their own position in the log: the state of a field depends on that field's changes alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from db.among import among
from db.county import STATION
from db.exchange import DELETED, entry, held_change, kind_by_number, moved
from db.local import get_meta, set_meta
from db.mapping import insert_columns, table
from db.session import Session
from db.snapshots import snapshot, snapshot_piece
from db.store import Store
from domain.grouping import by_key
from sync.replica import identity
from sync.replica.apply import UNREADABLE, Application
from sync.replica.erased_rows import scrub
from sync.replica.identity import Identity
from sync.replica.log import as_sent
from sync.replica.moved_rows import in_order, leave_or_enter
from sync.replica.pieces import Piece, has_unknown, open_piece
from sync.replica.redaction import blanks_of
from sync.station.receiving.bulk_tables import Tables
from sync.station.receiving.concurrent_rows import pending
from sync.station.receiving.install import rows_of
from sync.station.receiving.receive import put_on, take_off
from sync.station.sealing.seal import seal_all
from sync.wire.columns import Change
from sync.wire.envelope import SCHEMA, open_batch
from sync.wire.messages import Entry

_SEEN = "schema"
_WAITS = held_change.c.reason.in_(("kind", "field")) & held_change.c.released_at.is_(None)


def to_learn(session: Session) -> bool:
    """Whether `learn` has anything to do."""
    return get_meta(session, _SEEN) != str(SCHEMA)


def learn(store: Store) -> None:
    """After an upgrade, apply the kept data before anybody sees or edits the records without them."""
    with store.read() as session:
        if not to_learn(session):
            return
    with store.applying() as session:
        me = identity.load(session)
        if me is not None:  # also the first time: sticks may have brought something before
            _learn(session, me)
        set_meta(session, _SEEN, str(SCHEMA))


def _learn(session: Session, me: Identity) -> None:
    known = int(get_meta(session, _SEEN) or SCHEMA)
    kept = [(n, open_piece(bytes(body))) for n, body in _kept_pieces(session)]
    lines = session.conn.execute(select(held_change).where(_WAITS).order_by(held_change.c.scope, held_change.c.seq)).all()
    if not kept and not lines:
        return
    seal_all(session, me)  # seal first: what was changed so far did not know of it
    touched = {(line.kind, line.row_id) for line in lines}
    touched |= {(piece.kind, str(row_id)) for _place, piece in kept for row_id in piece.columns.get("id", ())}
    met = pending(session) & touched
    take_off(session, met)
    with Tables(session) as tables:
        for (scope, seq, number), piece in kept:
            _put_piece(session, tables, scope, piece)
            if not has_unknown(piece):
                here = (snapshot_piece.c.scope == scope) & (snapshot_piece.c.seq == seq) & (snapshot_piece.c.number == number)
                session.conn.execute(delete(snapshot_piece).where(here))
    new = {line.kind for line in lines if line.reason == "kind"}
    new |= {piece.kind for _place, piece in kept if (kind := kind_by_number(piece.kind)) is not None and kind.since > known}
    waiting = by_key(((line.scope, line.seq), line) for line in lines)
    for e in _entries(session, waiting, {scope: seq for (scope, seq, _number), _piece in kept}):
        _put_entry(session, e, new, waiting.get((e.scope, e.seq), ()))
    put_on(session, me, met)


def _put_entry(session: Session, e: Entry, new: AbstractSet[int], lines: Sequence[Any]) -> None:
    """Take from an entry what an older program could not: by which rows of `new` kinds moved, and the changes kept in `lines`."""
    batch = open_batch(e.batch or b"")
    mine = [group for group in batch.groups if group.kind in new]
    if batch.header.move is not None and mine:
        leave_or_enter(session.conn, (e.scope, e.seq), batch.header.move, mine, dict(e.refused))
    if lines:
        _put_late(session, Application(session.conn, batch, e.scope, e.seq), {place for place, _why in e.refused}, lines)
        if batch.header.erase is not None:  # what a piece brought just now was logged as the value before
            scrub(session.conn, e.scope, blanks_of(batch.groups))


def _entries(session: Session, waiting: Mapping[tuple[str, int], list[Any]], bases: Mapping[str, int]) -> list[Entry]:
    """The entries of which something waits, and the county's entries by which rows may have moved, since an older program could not take
    along with a row what it did not know. Ordered so that rows leave one log before they enter another. Only entries after the snapshots
    that were kept."""
    here = select(entry).where(entry.c.station == STATION, among(entry.c.scope, {*bases, *(scope for scope, _seq in waiting)}))
    unread = set(session.conn.execute(select(held_change.c.scope, held_change.c.seq).where(held_change.c.reason == UNREADABLE)))
    rows = {(row.scope, row.seq): row for row in session.conn.execute(here) if row.seq > bases.get(row.scope, 0)}
    rows = {place: row for place, row in rows.items() if place not in unread}
    for scope, places in by_key(waiting).items():
        found = session.conn.execute(select(entry).where(entry.c.scope == scope, among(entry.c.seq, places)))
        rows |= {(scope, row.seq): row for row in found}
    run, rest = in_order((as_sent(rows[place], bytes(rows[place].body)) for place in sorted(rows)), {}, session.scope)
    return run + rest


def _kept_pieces(session: Session) -> list[tuple[tuple[str, int, int], bytes]]:
    base = (snapshot.c.scope == snapshot_piece.c.scope) & (snapshot.c.seq == snapshot_piece.c.seq) & (snapshot.c.installed == 1)
    rows = session.conn.execute(select(snapshot_piece).join(snapshot, base).order_by(*snapshot_piece.primary_key))
    return [((row.scope, row.seq, row.number), row.body) for row in rows]


def _put_piece(session: Session, tables: Tables, scope: str, piece: Piece) -> None:
    """Insert rows of a kind that is known now, or fields of rows that are here. Rows that have moved since are skipped."""
    kind = kind_by_number(piece.kind)
    if kind is None:
        return
    t = table(kind)
    columns = rows_of(kind, piece)
    ids = [str(row_id) for row_id in columns["id"]]
    lives = dict(session.conn.execute(select(t.c.id, t.c.village).where(among(t.c.id, ids))).all())
    left = (moved.c.scope == scope) & (moved.c.kind == kind.number) & among(moved.c.row_id, ids)
    gone = set(session.conn.execute(select(moved.c.row_id).where(left)).scalars())  # they brought these values with them
    fresh = [n for n, row_id in enumerate(ids) if row_id not in lives and row_id not in gone]
    if fresh:
        rows = {name: [column[n] for n in fresh] for name, column in columns.items()}
        tables.expect(kind, len(fresh))
        insert_columns(session.conn, t, {"village": [scope] * len(fresh), **rows})
    names = [f.name for f in kind.fields if f.name in columns]
    blank = (
        update(t).where(t.c.id == bindparam("row_id")).values({name: func.coalesce(t.c[name], bindparam(f"v_{name}")) for name in names})
    )
    values = zip(*(columns[name] for name in names), strict=True)
    found = [
        {"row_id": i} | {f"v_{n}": v for n, v in zip(names, row, strict=True)}
        for i, row in zip(ids, values, strict=True)
        if lives.get(i) == scope
    ]
    if names and found:
        session.conn.execute(blank, found)


def _put_late(session: Session, application: Application, refused: AbstractSet[int], lines: Sequence[Any]) -> None:
    """Merge the kept changes of one entry, at its position. Changes that still cannot be merged stay held, with the present reason."""
    changes = application.batch.changes()
    whole: list[tuple[int, Change]] = []
    parts: list[tuple[int, Change]] = []
    for line in lines:
        kind = kind_by_number(line.kind)
        if kind is None or refused & {-1, line.place}:
            continue
        numbers = {int(number) for number in json.loads(line.values)}
        if numbers <= {DELETED, *kind.by_number}:
            change = changes[line.place]
            part = replace(change, values={number: value for number, value in change.values.items() if number in numbers})
            (whole if line.reason == "kind" or line.what == "C" else parts).append((line.place, part))
    done = {place for place, _change in (*whole, *parts)}
    same = (held_change.c.scope == application.scope) & (held_change.c.seq == application.seq) & among(held_change.c.place, done)
    session.conn.execute(delete(held_change).where(same))
    application.changes(whole)
    application.late(parts)
    again = set(session.conn.execute(select(held_change.c.place).where(same)).scalars())
    told = [{**line._mapping, "released_at": session.at} for line in lines if line.place in done - again]
    if told:
        session.conn.execute(held_change.insert(), told)
