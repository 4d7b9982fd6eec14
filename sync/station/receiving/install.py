"""Installs a snapshot: in one transaction it replaces the station's state of a scope, with own unacknowledged changes on top.

Own batches that the county had sequenced before the snapshot are part of it, and are acknowledged with it. The change log up to the old
cursor stays and the snapshot adds the rest, so that history and previous values are the same as on every other replica.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Table, bindparam, delete, select, update

from db.among import among
from db.capture import UNACKNOWLEDGED, op
from db.erased import erased
from db.exchange import conflict, cursors, field_state, held_change, kind_by_number, move_cursor, moved, outbox
from db.mapping import COMMON, insert_columns, insert_many, table
from db.search import search_lists
from db.session import Session
from domain.fields import KINDS, Kind
from domain.values import Stored, canonical_json
from sync.replica import erased_rows
from sync.replica.conflicts import note_release, take_back_releases
from sync.replica.identity import Identity
from sync.replica.known_fields import INT_LIMIT, fits
from sync.replica.log import SETTLED
from sync.replica.pieces import LISTS, Piece
from sync.replica.rows import Key
from sync.station.receiving.bulk_tables import Tables
from sync.station.receiving.concurrent_rows import Arrival
from sync.station.receiving.receive import Received, put_on, record, take_off
from sync.station.sealing.seal import seal_all
from sync.wire.columns import WireError

_PENDING = select(op.c.seq).where(UNACKNOWLEDGED).limit(1)
_STATE_OF = select(field_state.c.row_id).where(field_state.c.kind == bindparam("of")).limit(1)
_LISTS: Mapping[str, Table] = {"conflict": conflict, "held": held_change, "moved": moved, "erased": erased}
_TEXTS = frozenset({"id", *COMMON[2:], "author"})


def install(
    session: Session,
    me: Identity,
    place: tuple[str, int],
    pieces: Iterable[Piece],
    own: Sequence[Arrival],
    kinds: Sequence[int] = (),
    *,
    more: bool = False,
) -> Received:
    """Replace a scope's sequenced state by that of a snapshot: `place` is scope and seq; only some `kinds` when any are named.

    `own`: own batches in it, with their refused changes. `more`: as in `Tables`. Raises `WireError` for a malformed snapshot: the caller
    must roll back.
    """
    scope, seq = place
    before = cursors(session).get(scope, 0)
    if seq < before or (kinds and seq != before):
        raise WireError(f"snapshot {seq} of {scope} after {before}")
    seal_all(session, me)  # seal first, with the old cursor
    chosen = [k for k in KINDS.values() if not kinds or k.number in kinds]
    waiting, others = _waiting(session, scope, chosen, own) if session.conn.execute(_PENDING).first() is not None else (set(), set())
    take_off(session, waiting)
    _clear(session, scope, chosen, lists=not kinds or LISTS in kinds)
    done = Received()
    lines: list[dict[str, Any]] = []
    with Tables(session, more=more) as tables:
        for piece in pieces:
            if piece.table == "op":
                lines += _lines(piece, before)
                continue
            if met := others.intersection(_keys(piece)) if others else ():  # sealed for a scope that passed them on to this one
                take_off(session, met)
                waiting |= met
            if kinds:
                _take_out(session, scope, piece)
            done.pulled += _put(session, tables, scope, piece)
    _forget_left(session, scope)
    _forget_told_again(session, scope, before)
    _acknowledge(session, me, own, lines, done)
    erased_rows.skipped(session.conn, scope, before)  # also those of the own batches that were acknowledged just now
    if lines:
        insert_many(session.conn, op, list(lines[0]), lines)
    move_cursor(session, scope, seq)
    put_on(session, me, waiting)
    _choose_again(session, scope)
    return done


def _waiting(session: Session, scope: str, kinds: Sequence[Kind], own: Sequence[Arrival]) -> tuple[set[Key], set[Key]]:
    """Rows with own changes that the county has not acknowledged: first those of the scope and of the `own` batches, wherever the rows live
    now; then all others."""
    waiting, others = set[Key](), set[Key]()
    numbers = {arrival.batch.header.number for arrival in own}
    for kind in kinds:
        t = table(kind)
        rows = select(op.c.row_id, op.c.batch, t.c.village).join(t, t.c.id == op.c.row_id).where(UNACKNOWLEDGED, op.c.kind == kind.number)
        for row_id, batch, village in session.conn.execute(rows):
            (waiting if village == scope or batch in numbers else others).add((kind.number, row_id))
    return waiting, others - waiting


def _keys(piece: Piece) -> Iterator[Key]:
    """Yield the keys of a piece's rows. Their ids are checked when they are inserted."""
    for row_id in piece.columns.get("id", ()) if piece.table == "rows" else ():
        yield piece.kind, str(row_id)


def _clear(session: Session, scope: str, kinds: Sequence[Kind], *, lists: bool) -> None:
    for kind in kinds:
        t = table(kind)
        if session.conn.execute(_STATE_OF, {"of": kind.number}).first() is not None:
            others = select(t.c.id).where(t.c.village != scope)  # states without a row go too: a damaged store may have such
            session.conn.execute(delete(field_state).where(field_state.c.kind == kind.number, field_state.c.row_id.not_in(others)))
        if session.conn.exec_driver_sql(f"SELECT 1 FROM {t.name} LIMIT 1").first() is not None:  # most kinds have none
            session.conn.execute(delete(t).where(t.c.village == scope))
    for listed in (conflict, moved, erased) if lists else ():
        session.conn.execute(delete(listed).where(listed.c.scope == scope))


def _forget_left(session: Session, scope: str) -> None:
    """Delete the change log of rows that left the scope, as applying the move would have done: they take their history to the scope they
    entered."""
    stubs = select(moved.c.kind, moved.c.row_id).where(moved.c.scope == scope).order_by(moved.c.kind)
    for number, rows in groupby(session.conn.execute(stubs).all(), key=lambda stub: stub.kind):
        kind = kind_by_number(number)
        if kind is not None:
            t, ids = table(kind), [row.row_id for row in rows]
            there = select(t.c.id).where(among(t.c.id, ids))
            session.conn.execute(delete(op).where(op.c.kind == number, among(op.c.row_id, ids), op.c.row_id.not_in(there), ~UNACKNOWLEDGED))


def _forget_told_again(session: Session, scope: str, before: int) -> None:
    """Delete the change log of rows that left the scope and returned in the skipped entries: they brought their history with them."""
    for kind in KINDS.values() if before else ():
        t = table(kind)
        new = select(t.c.id).where(t.c.village == scope, t.c.seq > before)
        session.conn.execute(delete(op).where(op.c.kind == kind.number, op.c.row_id.in_(new), ~UNACKNOWLEDGED))


def _take_out(session: Session, scope: str, piece: Piece) -> None:
    """Delete a piece's rows from any other scope: they live in this one, and that was part of the difference."""
    kind = kind_by_number(piece.kind)
    if kind is not None:
        t = table(kind)
        here = among(t.c.id, (row_id for _kind, row_id in _keys(piece)))
        wrong = session.conn.execute(delete(t).where(here, t.c.village != scope).returning(t.c.id)).scalars().all()
        session.conn.execute(delete(field_state).where(field_state.c.kind == piece.kind, among(field_state.c.row_id, wrong)))


# -- rows --------------------------------------------------------------------------------------------------------------


def _put(session: Session, tables: Tables, scope: str, piece: Piece) -> int:
    """Insert the content of a piece, as far as this program knows it. Returns the number of records."""
    kind = kind_by_number(piece.kind)
    if piece.table in _LISTS:
        _put_list(session, _LISTS[piece.table], scope, piece)
    elif piece.table == "rows" and kind is not None:
        tables.expect(kind, piece.rows)
        insert_columns(session.conn, table(kind), {"village": [scope] * piece.rows, **rows_of(kind, piece)})
        return piece.rows
    elif piece.table == "field_state" and kind is not None:
        columns = _checked(field_state, piece, {"kind": [piece.kind] * piece.rows})
        insert_columns(session.conn, field_state, columns)
    elif piece.table not in ("rows", "field_state"):
        raise WireError("table of a piece")
    return 0


def rows_of(kind: Kind, piece: Piece) -> dict[str, Sequence[Stored]]:
    """Return the columns of a piece that this program knows, and the columns derived from them, by column name."""
    columns: dict[str, Sequence[Stored]] = {}
    for key, column in piece.columns.items():
        f = kind.by_number.get(key) if isinstance(key, int) else None
        if f is not None and not fits(f, column):
            raise WireError("value of a piece")
        if f is not None:
            columns[f.name] = column
        elif key in _TEXTS:
            columns[str(key)] = _texts(column)
        elif key == "seq":
            columns["seq"] = _numbers(column)
    if not {"id", "seq", "author"} <= columns.keys():
        raise WireError("columns of rows")
    return columns | search_lists(kind, columns)


def _checked(into: Table, piece: Piece, given: Mapping[str, Sequence[Stored]]) -> dict[str, Sequence[Stored]]:
    """The columns of a bookkeeping table, each of its type."""
    columns = dict(given)
    for c in into.c:
        if c.name in piece.columns:
            column = piece.columns[c.name]
            columns[c.name] = _numbers(column) if c.type.python_type is int else _texts(column)
    needed = {c.name for c in into.c if not c.nullable and c is not op.c.seq}
    if needed - columns.keys():
        raise WireError("columns of a list")
    return columns


def _put_list(session: Session, into: Table, scope: str, piece: Piece) -> None:
    columns = _checked(into, piece, {"scope": [scope] * piece.rows})
    names = list(columns)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if into is held_change:  # a released change stays released, whether it was released here or elsewhere
        here = set(session.conn.execute(select(held_change.c.seq, held_change.c.place).where(held_change.c.scope == scope)))
        for row in rows:
            if row.get("released_at") and (row["seq"], row["place"]) in here:
                note_release(session.conn, (scope, row["seq"], row["place"]), row["released_at"])
        rows = [row for row in rows if (row["seq"], row["place"]) not in here]
    insert_many(session.conn, into, names, rows)


def _texts(column: Sequence[Stored]) -> Sequence[Stored]:
    if set(map(type, column)) - {str, type(None)} or "\0" in "".join(filter(None, column)):  # type: ignore[arg-type]  # texts, just checked
        raise WireError("texts of a piece")
    return column


def _numbers(column: Sequence[Stored]) -> Sequence[Stored]:
    if set(map(type, column)) - {int, type(None)} or any(v is not None and not -INT_LIMIT <= int(v) < INT_LIMIT for v in column):
        raise WireError("numbers of a piece")
    return column


# -- the change log ----------------------------------------------------------------------------------------------------


def _lines(piece: Piece, after: int) -> Iterator[dict[str, Any]]:
    """The changes logged after an entry."""
    columns = _checked(op, piece, {"kind": [piece.kind] * piece.rows})
    if "entry" not in columns:
        raise WireError("columns of the change log")
    names = list(columns)
    blank = dict.fromkeys(("old", "salt", "author", "act", "batch"))
    for row in zip(*columns.values(), strict=True):
        line = dict(zip(names, row, strict=True))
        if line["entry"] is not None and line["entry"] > after:
            yield blank | line


def _acknowledge(session: Session, me: Identity, own: Sequence[Arrival], lines: list[dict[str, Any]], done: Received) -> None:
    """Acknowledge own batches in the snapshot: their ops take over the county's log lines for them, which are removed from `lines`."""
    theirs: dict[int, list[dict[str, Any]]] = defaultdict(list)
    known: set[int] = set()
    for line in lines:
        if line["author"] == me.author:
            theirs[line["entry"]].append(line)
    for arrival in own:
        e, number = arrival.entry, arrival.batch.header.number
        mine = UNACKNOWLEDGED & (op.c.batch == number)
        waiting: dict[Key, deque[Any]] = defaultdict(deque)
        for row in session.conn.execute(select(op).where(mine).order_by(op.c.seq)):
            waiting[row.kind, row.row_id].append(row)
        for line in theirs.pop(e.seq, []):
            seq = _same(waiting[line["kind"], line["row_id"]], line)
            line["author"] = None
            if seq is not None:
                known.add(id(line))
                changed = {name: line[name] for name in ("what", "mask", "old", "entry")}
                session.conn.execute(update(op).where(op.c.seq == seq).values(**changed))
        _made(session, me, e.seq, mine)
        session.conn.execute(delete(op).where(mine))
        session.conn.execute(delete(outbox).where(outbox.c.incarnation == e.incarnation, outbox.c.number == number))
        record(session, arrival)
        take_back_releases(session.conn, arrival.rejected())
        done.acknowledged += arrival.batch.header.count
        done.held += sum(why not in SETTLED for why in arrival.refused.values())
    lines[:] = [line for line in lines if id(line) not in known]


def _same(waiting: deque[Any], line: Mapping[str, Any]) -> int | None:
    """The own op to which a line of the county's log belongs: the row's next one by the same person at the same time; None without any."""
    while waiting:
        mine = waiting.popleft()
        sorts = {"U": "UI", "R": "RUI"}.get(line["what"], line["what"])
        if mine.what in sorts and (mine.by, mine.at) == (line["by"], line["at"]):
            return int(mine.seq)
    return None


def _made(session: Session, me: Identity, seq: int, mine: Any) -> None:
    """Acknowledge insertions that the county accepted. Their ops stay, because undoing the act (撤销) needs them."""
    for number in session.conn.execute(select(op.c.kind).where(mine, op.c.what == "I").distinct()).scalars().all():
        if kind_by_number(number) is not None:
            t = table(number)
            there = select(t.c.id).where(t.c.seq == seq, t.c.author == me.author)
            made = mine & (op.c.what == "I") & (op.c.kind == number) & op.c.row_id.in_(there)
            session.conn.execute(update(op).where(made).values(entry=seq))


def _choose_again(session: Session, scope: str) -> None:
    """Hide again the conflicts decided here whose decisions the county has not acknowledged."""
    for kept in session.conn.execute(select(op.c.old).where(UNACKNOWLEDGED, op.c.what == "C")).scalars().all():
        decided = json.loads(kept)
        open_ = (conflict.c.id == decided["conflict"]) & (conflict.c.scope == scope) & (conflict.c.state != "settled")
        session.conn.execute(update(conflict).where(open_).values(pending=canonical_json(decided["value"])))
