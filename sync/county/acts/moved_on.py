"""Moves on everybody who came to a village when another was merged into it: a merger into the wrong village cannot be taken back, since
laptops know that the old one is closed, but its people can go where they belong."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from db.among import among
from db.county import STATION
from db.exchange import closed_into, entry, kind_by_number, moved
from db.mapping import table
from db.session import Session
from domain.authors import scope_of
from domain.errors import DomainError
from domain.words import _
from sync.county.acts.authoring import edit, lock
from sync.county.acts.moves import Keys, Moved, belonging, counted, transfer
from sync.county.acts.places import refuse_closed, refuse_strange
from sync.county.keys import CountyKeys
from sync.wire.columns import Change
from sync.wire.envelope import Move, open_batch


def move_on(session: Session, keys: CountyKeys, old: str, to: str) -> Moved:
    """Move those who came with the merged village `old`, and what came from its laptops since, to another village. Raises `DomainError`."""
    locked = None
    while (here := _present(session, old, to)) != locked:  # merged once more while this waited
        lock(session, [here, to])
        locked = here
    rows = _came(session, old, here)
    return transfer(session, keys, Move(here, 0, to), rows, _left_behind(session, rows))


def would_move_on(session: Session, old: str, to: str) -> Moved:
    """What `move_on` would do; changes nothing and raises the same errors."""
    here = _present(session, old, to)
    return counted(Move(here, 0, to), _came(session, old, here))


def _present(session: Session, old: str, to: str) -> str:
    """The village in which the people of `old` are now."""
    refuse_strange(session, to)
    here = closed_into(session, old)
    if here is None:
        text = _("{code} 没有并入过别的村，没有改动任何内容。只迁一户、一个人，请写 --household 或 --person。")
        raise DomainError(text.format(code=old[:40]))
    if here == to:
        raise DomainError(_("他们已经在这个村，不用迁移。"))
    refuse_closed(session, to)
    return here


def _came(session: Session, old: str, here: str) -> Keys:
    """The rows that left `old` when it was merged, those its laptops handed in since, and what belongs to either, as far as they are in
    `here`. Who had moved there before stays."""
    stubs = session.conn.execute(select(moved.c.kind, moved.c.row_id, moved.c.seq).where(moved.c.scope == old, moved.c.kind != 0)).all()
    mergers = _mergers(session, old, {stub.seq for stub in stubs})
    left: dict[str, set[str]] = defaultdict(set)
    came: dict[str, set[str]] = defaultdict(set)
    for stub in stubs:
        kind = kind_by_number(stub.kind)
        if kind is not None:
            (came if stub.seq in mergers else left)[kind.name].add(stub.row_id)
    start = {}
    for name in ("household", "person", *came):
        t = table(name)
        rows = session.conn.execute(select(t.c.id, t.c.created_by).where(t.c.village == here).order_by(t.c.id)).all()
        start[name] = [r.id for r in rows if r.id in came[name] or (scope_of(r.created_by or "") == old and r.id not in left[name])]
    found = belonging(session, here, {name: ids for name, ids in start.items() if ids})
    if not any(found.values()):
        raise DomainError(_("从 {code} 并过来的人都不在那里了，没有可迁的。没有改动任何内容。").format(code=old))
    return found


def _mergers(session: Session, old: str, seqs: set[int]) -> set[int]:
    """Those of these entries in the log of a village by which all of it was merged into another."""
    wanted = (entry.c.scope == old) & (entry.c.station == STATION) & among(entry.c.seq, seqs)
    found = set()
    for row in session.conn.execute(select(entry.c.seq, entry.c.body).where(wanted)):
        header = open_batch(bytes(row.body)).header
        if header.move is not None and header.move.whole:
            found.add(row.seq)
    return found


def _left_behind(session: Session, rows: Keys) -> list[Change]:
    """The changes by which people leave a household that stays."""
    t = table("person")
    going = set(rows.get("household", ()))
    lodged = select(t.c.id, t.c.household_id).where(among(t.c.id, rows.get("person", ())), t.c.household_id.is_not(None))
    return [edit(session, "person", r.id, {"household_id": None}) for r in session.conn.execute(lodged) if r.household_id not in going]
