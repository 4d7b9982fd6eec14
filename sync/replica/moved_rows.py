"""Applies a move in the same way on every replica: rows leave one scope, where a stub stays, and enter another with their history."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from db.among import among
from db.capture import op
from db.county import STATION
from db.exchange import conflict, field_state, kind_by_number, moved
from db.mapping import table
from domain.fields import Kind
from domain.values import canonical_json
from sync.wire.columns import Group
from sync.wire.envelope import Move, open_batch
from sync.wire.messages import Entry, reads

WHOLE = (0, "")
"""Kind and row id of the stub for a whole closed scope."""


def too_early(sealed: bytes, station_scope: str, cursors: Mapping[str, int]) -> bool:
    """Whether a batch brings rows into a scope before a reader of both scopes has seen them leave the other."""
    move = open_batch(sealed).header.move
    return move is not None and reads(station_scope, move.left) and cursors.get(move.left, 0) < move.seq


def in_order(entries: Iterable[Entry], cursors: Mapping[str, int], station_scope: str) -> tuple[list[Entry], list[Entry]]:
    """Split entries into those to apply, ordered so that rows leave one log before they enter another, and those that must wait."""
    heads = dict(cursors)
    logs: dict[str, deque[Entry]] = defaultdict(deque)
    for e in entries:
        logs[e.scope].append(e)
    run: list[Entry] = []
    moving = True
    while moving:
        before = len(run)
        for log in logs.values():
            while log and not (log[0].station == STATION and too_early(log[0].batch or b"", station_scope, heads)):
                heads[log[0].scope] = log[0].seq
                run.append(log.popleft())
        moving = len(run) > before
    return run, [e for log in logs.values() for e in log]


def leave_or_enter(conn: Connection, place: tuple[str, int], move: Move, groups: Sequence[Group], skip: Container[int]) -> bool:
    """Take the moved rows out of the scope they leave, or drop their stubs in the scope they enter.

    Returns whether the batch is done with that; where rows enter, its changes are still to be applied. `place`: scope and entry of the
    batch; `skip`: places of changes to ignore.
    """
    scope, _seq = place
    mine = [group.only([n for n, number in enumerate(group.places) if number not in skip]) for group in groups]
    if move.left != scope:
        for group in mine:
            if group.what == "I":
                conn.execute(delete(moved).where(moved.c.scope == scope, moved.c.kind == group.kind, among(moved.c.row_id, group.row_ids)))
        return False
    for group in mine:
        _leave(conn, place, move, group)
    if move.whole:
        _stub(conn, place, move, WHOLE, groups[0].at[0], {})
    return True


def _leave(conn: Connection, place: tuple[str, int], move: Move, group: Group) -> None:
    """Remove rows from their scope with their history and states, except own changes that the county does not have yet."""
    kind = kind_by_number(group.kind)
    stubs = _stubs(conn, place[0], kind, group.row_ids) if kind is not None else {}
    ids: Sequence[str] = group.row_ids
    if kind is not None:
        t = table(kind)
        conn.execute(delete(t).where(among(t.c.id, ids), t.c.village == place[0]))
        elsewhere = set(conn.execute(select(t.c.id).where(among(t.c.id, ids))).scalars())
        ids = [id for id in ids if id not in elsewhere]
    acknowledged = or_(op.c.author.is_not(None), op.c.entry.is_not(None))
    conn.execute(delete(op).where(op.c.kind == group.kind, among(op.c.row_id, ids), acknowledged))
    conn.execute(delete(field_state).where(field_state.c.kind == group.kind, among(field_state.c.row_id, ids)))
    if ids:
        mine = (conflict.c.kind == group.kind) & among(conflict.c.row_id, ids) & (conflict.c.scope == place[0])
        closed = {"state": "settled", "settled": "null", "settled_by": group.by[0], "settled_at": group.at[0], "pending": None}
        conn.execute(update(conflict).where(mine, conflict.c.state == "open").values(**closed))
    for n, row_id in enumerate(group.row_ids):
        _stub(conn, place, move, (group.kind, row_id), group.at[n], stubs.get(row_id, {}))


def _stubs(conn: Connection, scope: str, kind: Kind, row_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The content of the stubs of rows that leave: a person's name, and by whom and at which entry each field was written."""
    t = table(kind)
    columns = (t.c.id, t.c.seq, t.c.author, *([t.c.name] if kind.name == "person" else []))
    titles: dict[str, str | None] = {}
    states: dict[str, dict[str, list[Any]]] = {}
    for row in conn.execute(select(*columns).where(among(t.c.id, row_ids), t.c.village == scope)):
        titles[row.id] = row.name if kind.name == "person" else None
        states[row.id] = {"i": [row.seq, row.author]}
    kept = select(field_state).where(field_state.c.kind == kind.number, among(field_state.c.row_id, row_ids)).order_by(field_state.c.field)
    for s in conn.execute(kept):
        if s.row_id in states:
            states[s.row_id][str(s.field)] = [s.seq, s.author]
    return {id: {"title": titles[id], "states": canonical_json(states[id])} for id in states}


def _stub(conn: Connection, place: tuple[str, int], move: Move, key: tuple[int, str], at: str, more: Mapping[str, Any]) -> None:
    same = (moved.c.scope == place[0]) & (moved.c.kind == key[0]) & (moved.c.row_id == key[1])
    conn.execute(delete(moved).where(same))
    values = {"scope": place[0], "kind": key[0], "row_id": key[1], "entered": move.entered, "seq": place[1], "at": at, "states": "{}"}
    conn.execute(moved.insert().values(**(values | dict(more))))
