"""Moves a person or household to another village, or merges a village into another; and forwards late changes.

The rows leave the old scope and enter the new one in one transaction. Their history is written again as the changes it consists of, so that
every field gets a position in the new log, and open conflicts are listed again there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select

from db.among import among, among_bound
from db.changes import Step, row_steps
from db.exchange import conflict, entry, kind_by_number, moved
from db.mapping import table
from db.prepared import Prepared
from db.session import Session
from domain.dependents import owned, owners
from domain.errors import DomainError, NotFound
from domain.fields import KINDS, Kind, kind_of
from domain.grouping import by_key
from domain.records import Household
from domain.words import _
from sync.county.acts.authoring import author, deletion, edit, lock
from sync.county.acts.places import refuse_closed, refuse_strange, used
from sync.county.keys import CountyKeys
from sync.wire.columns import Change
from sync.wire.envelope import Batch, Move, Quote

Keys = dict[str, list[str]]
"""Row ids by kind name."""


@dataclass(frozen=True)
class Moved:
    """The result of a move: the scope left, the scope entered, the number of rows and how many of them are people."""

    left: str
    entered: str
    rows: int
    people: int


def move(session: Session, keys: CountyKeys, kind: str, id: str, to: str, *, household: str | None = None) -> Moved:
    """Move a household with its people, or one person, and everything that belongs to them. `household`: the household in the new village
    that a person joins.

    Raises `NotFound` or `DomainError`.
    """
    refuse_strange(session, to)
    _locked(session, kind, id, to)
    return transfer(session, keys, *_way(session, kind, id, to, household))


def would_move(session: Session, kind: str, id: str, to: str, *, household: str | None = None) -> Moved:
    """What `move` would do; changes nothing and raises the same errors."""
    refuse_strange(session, to)
    return counted(*_way(session, kind, id, to, household)[:2])


def _way(session: Session, kind: str, id: str, to: str, household: str | None) -> tuple[Move, Keys, list[Change]]:
    """The move of a record, the rows that go along, and the changes that follow it."""
    row = session.existing(kind, id, _("没有这条记录：{id}").format(id=id))
    if row.village == to:
        raise DomainError(_("已经在这个村，不用迁移。"))
    refuse_closed(session, to)
    if getattr(row, "merged_into", None):
        raise DomainError(_("这个人已并入另一条记录，请迁移那一条，或先取消合并。"))
    after = []
    if kind == "person":
        there = session.get(Household, household) if household else None
        if household and (there is None or there.village != to):
            raise NotFound(_("迁入的村里没有这一户：{id}").format(id=household))
        if row.household_id != household:
            after = [edit(session, "person", id, {"household_id": household})]
    return Move(row.village, 0, to), belonging(session, row.village, {kind: [id]}), after


def _locked(session: Session, kind: str, id: str, to: str) -> None:
    """Lock the scope of a record and `to` against other writers. The record is read again after waiting, as it may have moved
    meanwhile."""
    locked = None
    while True:
        row = session.existing(kind, id, _("没有这条记录：{id}").format(id=id))
        if row.village == locked:
            return
        locked = row.village
        lock(session, [locked, to])


def merge_villages(session: Session, keys: CountyKeys, old: str, new: str) -> Moved:
    """Move every row of one village into another and close the old scope: changes its laptops still send are forwarded. Raises
    `DomainError`."""
    _refuse_merger(session, old, new)
    lock(session, [old, new])
    closing, everything = _merger(session, old, new)
    if not any(everything.values()):  # laptops must read the closing, and a batch needs a change
        author(session, keys, old, [deletion(session, "household", session.new_id())], more={"move": closing})
        return Moved(old, new, 0, 0)
    return transfer(session, keys, closing, everything)


def would_merge(session: Session, old: str, new: str) -> Moved:
    """What `merge_villages` would do; changes nothing and raises the same errors."""
    _refuse_merger(session, old, new)
    return counted(*_merger(session, old, new))


def _refuse_merger(session: Session, old: str, new: str) -> None:
    if not used(session, old):  # what was moved to a wrong code can be fetched back
        refuse_strange(session, old, merging=True)
    refuse_strange(session, new, merging=True)
    if old == new:
        raise DomainError(_("请写两个不同的村代码，各 12 位。"))


def _merger(session: Session, old: str, new: str) -> tuple[Move, Keys]:
    """The move of a whole village, and its rows."""
    for code in (old, new):
        refuse_closed(session, code)
    everything = {}
    for kind in KINDS.values():
        t = table(kind)
        everything[kind.name] = list(session.conn.execute(select(t.c.id).where(t.c.village == old).order_by(t.c.id)).scalars())
    return Move(old, 0, new, True), everything


# -- which rows move ---------------------------------------------------------------------------------------------------


def belonging(session: Session, scope: str, start: Keys) -> Keys:
    """Return these rows and, transitively, all rows of the scope that belong to them, including deleted rows and merged people."""
    found: Keys = defaultdict(list)
    seen: set[str] = set()
    waiting = start
    while waiting:
        ids = [id for some in waiting.values() for id in some if id not in seen]
        for name, some in waiting.items():
            found[name] += [id for id in some if id not in seen]
        seen.update(ids)
        waiting = {kind.name: some for kind in owned() if (some := _owned_by(kind.name).values(session.conn, scope=scope, ids=ids))}
    return found


def everywhere(session: Session, person: str) -> dict[str, Keys]:
    """What belongs to a person and to everybody merged into them, by scope: a township also merges people of different villages. Includes
    deleted rows; the person's own scope comes first."""
    homes: dict[str, str] = {}
    t = table("person")
    lives = select(t.c.id, t.c.village)
    found = session.conn.execute(lives.where(t.c.id == person)).all()
    while found:
        homes |= {row.id: row.village for row in found}
        into = session.conn.execute(lives.where(among(t.c.merged_into, [row.id for row in found])).order_by(t.c.id))
        found = [row for row in into if row.id not in homes]
    people = by_key((village, id) for id, village in homes.items())
    return {scope: belonging(session, scope, {"person": ids}) for scope, ids in people.items()}


def of_households(session: Session, scope: str, households: Sequence[str]) -> Keys:
    """These households of a scope and what belongs to them alone, not to their members."""
    if not households:
        return {}
    kinds = [kind.name for kind in owned() if kind.name != "person"]
    start = {name: some for name in kinds if (some := _owned_by(name).values(session.conn, scope=scope, ids=households))}
    return {"household": list(households), **belonging(session, scope, start)}


@cache
def _owned_by(kind: str) -> Prepared:
    """The ids of the rows of a kind in `scope` that belong to the rows `ids`."""
    declared = kind_of(kind)
    t = table(declared)
    owner: Any = func.coalesce(*(t.c[f.name] for f in owners(declared)), None)
    wanted = among_bound(owner, "ids")
    if kind == "person":
        wanted |= among_bound(t.c.merged_into, "ids")
    return Prepared(select(t.c.id).where(t.c.village == bindparam("scope"), wanted).order_by(t.c.id))


@dataclass(frozen=True)
class Entering:
    """What rows take to another scope: their history in rounds (see `_rounds`), and their open conflicts."""

    rounds: list[list[Change]]
    disputed: list[tuple[Quote, Change]]


def entering(session: Session, scope: str, rows: Keys) -> Entering:
    """Return what rows of a scope will take along when they leave it."""
    return Entering(_rounds(session, rows), list(_open_conflicts(session, scope, rows)))


def enter(session: Session, keys: CountyKeys, move: Move, what: Entering, after: Sequence[Change] = ()) -> None:
    """Write to the log that `move` enters what comes from the log it left, followed by the changes in `after`."""
    for changes in (*what.rounds, list(after)):
        author(session, keys, move.entered, changes, more={"move": move})
    for quote, change in what.disputed:
        author(session, keys, move.entered, [change], known=0, more={"quote": quote}, strict=False)


def transfer(session: Session, keys: CountyKeys, move: Move, rows: Keys, after: Sequence[Change] = ()) -> Moved:
    """Let rows leave one log and enter another."""
    bring = entering(session, move.left, rows)
    leaving = [deletion(session, name, id) for name, ids in rows.items() for id in ids]
    places = author(session, keys, move.left, leaving, more={"move": move})
    enter(session, keys, Move(move.left, places[-1], move.entered), bring, after)
    return counted(move, rows)


def counted(move: Move, rows: Keys) -> Moved:
    """What a move of these rows comes to."""
    return Moved(move.left, move.entered, sum(map(len, rows.values())), len(rows.get("person", ())))


def _rounds(session: Session, rows: Keys) -> list[list[Change]]:
    """The history of rows in the order it enters: first steps of all claims together with everything else, then the second steps, and so
    on, because steps count in county order."""
    rounds: dict[int, list[Change]] = defaultdict(list)
    for name, ids in rows.items():
        ranks = _ranks(session, ids) if name == "claim_step" else {}
        for id in ids:
            rounds[ranks.get(id, 0)] += _history(session, kind_of(name), id)
    return [rounds[n] for n in sorted(rounds)]


def _ranks(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """For each step, the number of steps of its claim before it in county order."""
    t = table("claim_step")
    rows = session.conn.execute(select(t.c.id, t.c.claim_id, t.c.seq, t.c.at).where(among(t.c.id, ids)))
    counts: dict[str, int] = defaultdict(int)
    ranks = {}
    for row in sorted(rows, key=lambda r: (r.seq, r.at or "", r.id)):
        ranks[row.id] = counts[row.claim_id]
        counts[row.claim_id] += 1
    return ranks


def _history(session: Session, kind: Kind, id: str) -> Iterable[Change]:
    """The changes a row consists of."""
    for step in row_steps(session, kind, id):
        written = {number: new for number, (_old, new) in step.fields.items()}
        if step.what in "IDR":
            yield _as_change(step, step.what, {n: v for n, v in written.items() if v is not None} if step.what == "I" else {})
        if step.what in "UR" and written:
            yield _as_change(step, "U", written)


def _as_change(step: Step, what: str, values: dict[int, Any]) -> Change:
    return Change(0, step.kind.number, step.row_id, what, step.by, step.at, "", values)


def _open_conflicts(session: Session, scope: str, rows: Keys) -> Iterable[tuple[Quote, Change]]:
    """The losing sides of open conflicts as their authors wrote them: written again after the rows enter, they are listed there too."""
    for name, ids in rows.items():
        mine = (conflict.c.kind == kind_of(name).number) & (conflict.c.scope == scope) & (conflict.c.state == "open")
        listed = select(conflict).where(mine, among(conflict.c.row_id, ids)).order_by(conflict.c.seq, conflict.c.place)
        for c in session.conn.execute(listed):
            if c.sort == "value":
                yield _again(session, c, "later", "U", {c.field: json.loads(c.later)})
            elif c.sort == "deleted":
                yield _again(session, c, "later" if json.loads(c.later) else "earlier", "D", {})


def _again(session: Session, c: Any, side: str, what: str, values: dict[int, Any]) -> tuple[Quote, Change]:
    """The losing side of a conflict as a change, and the batch it quotes."""
    station, _dot, incarnation = getattr(c, f"{side}_author").rpartition(".")
    place = (entry.c.scope == c.scope) & (entry.c.seq == c.seq)
    number = session.conn.execute(select(entry.c.number).where(place, entry.c.station == station)).scalar() or 0
    by, at = getattr(c, f"{side}_by"), getattr(c, f"{side}_at")
    return Quote(c.scope, station, int(incarnation), number), Change(0, c.kind, c.row_id, what, by, at, "", values)


# -- late changes ------------------------------------------------------------------------------------------------------


def pass_on(session: Session, keys: CountyKeys, batch: Batch, places: dict[int, str]) -> None:
    """Forward changes to the scopes their rows live in now, in their authors' names. `places`: the target scope by index in the batch.
    Decisions on conflicts are left out: the value they chose is a change of its own.

    A change counts as following what its author had seen of the row before it left, otherwise as concurrent with all of it.
    """
    head = batch.header
    quote = Quote(head.scope, head.station, head.incarnation, head.number)
    targets = by_key(
        ((places[place], _known(session, batch, change, places[place])), change)
        for place, change in enumerate(batch.changes())
        if place in places and change.what != "C"
    )
    for (target, known), changes in targets.items():
        author(session, keys, target, changes, known=known, more={"quote": quote}, strict=False)


def _known(session: Session, batch: Batch, change: Change, target: str) -> int:
    """How much of the log the row lives in now the author of a late change had in effect seen: up to the position where the row entered, or
    0."""
    head, kind = batch.header, kind_by_number(change.kind)
    same = (moved.c.scope == head.scope) & (moved.c.kind == change.kind) & (moved.c.row_id == change.row_id) & (moved.c.entered == target)
    stub = session.conn.execute(select(moved.c.states).where(same)).scalar()
    states = json.loads(stub) if stub else {}
    numbers = [str(n) for n in change.values] if change.what == "U" else list(states)
    seen = [states.get(n) or states.get("i") for n in numbers]
    if kind is None or not states or any(s is None or (s[0] > head.known and s[1] != batch.author) for s in seen):
        return 0
    t = table(kind)
    return session.conn.execute(select(t.c.seq).where(t.c.id == change.row_id)).scalar() or 0
