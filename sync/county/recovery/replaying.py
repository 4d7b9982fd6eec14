"""Verifies that the county's records match its signed log, by replaying the log.

`sync.replica.audit` detects an altered log. Somebody with the database and its key could leave the log alone and alter the records, which
stations would then fetch as the truth. Therefore the whole log is applied to an empty scratch database by the same rule, and the two
databases are compared row by row, with the conflicts, held changes and authors of fields that go with the rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select

from db import keys
from db.among import among
from db.capture import op
from db.county import County
from db.exchange import conflict, entry, field_state, held_change, kind_by_number
from db.mapping import COMMON, LOCAL, TABLES, table
from db.session import Session
from domain.fields import KINDS, Kind, kind_of
from domain.grouping import by_key
from domain.progress import Progress, unwatched
from domain.values import Type
from domain.words import _
from sync.replica.apply import Application
from sync.replica.log import as_sent
from sync.replica.moved_rows import in_order
from sync.wire.columns import Group, WireError
from sync.wire.envelope import Batch, Move, open_batch
from sync.wire.messages import Entry

_CHUNK = 2000
"""Rows held in memory at once."""
_BESIDE = {"held": held_change, "conflict": conflict, "author": field_state}
"""What is kept about records beside them, by how a difference in it is called."""
_EVERYWHERE = ""
"""The prefix of every scope."""


@dataclass(frozen=True)
class Altered:
    """A record that is not what the log makes of it. `how`: `changed`, `added` (the log knows none), `missing`, `history` (only
    that is told otherwise), `held`, `conflict`, `author` (the changes held of it, the conflicts about it, who wrote its fields last).
    `fields` by name; the kind is empty if only a newer program knows it."""

    village: str
    kind: str
    id: str
    how: str
    fields: tuple[str, ...]


def altered(county: County, progress: Progress = unwatched) -> list[Altered]:
    """Return the records that differ from the replayed log, by village, kind and id. Personal data stay encrypted, also in the scratch
    database."""
    with county.read() as now, _replayed(now, progress) as (then, moved):
        found = [one for scope in sorted(_scopes(now) | _scopes(then)) for one in _differing(now, then, scope)]
        known = {(one.kind, one.id) for one in found}
        return found + [one for one in (*moved, *_retold(now, then), *_set_aside(now, then)) if (one.kind, one.id) not in known]


@contextmanager
def _replayed(source: Session, progress: Progress) -> Iterator[tuple[Session, list[Altered]]]:
    """A county made of the log alone, which exists while the block lasts, and what a move brought that differs from what had left."""
    with tempfile.TemporaryDirectory(prefix="cunzhan-log-") as folder, closing(_scratch(Path(folder))) as made:
        with made.write() as into:
            moved = _replay(source, into, progress)
        with made.read() as then:
            yield then, moved


def _scratch(folder: Path) -> County:
    """A database with a key that is never stored: nobody can read the file that a killed program leaves."""
    return County(f"sqlite:///{folder / 'county.db'}", keys.new_data_key())


def _replay(source: Session, into: Session, progress: Progress) -> list[Altered]:
    order = select(entry).order_by(entry.c.scope, entry.c.seq)
    rows = {(row.scope, row.seq): row for row in source.conn.execute(order)}
    run, _early = in_order((as_sent(row, bytes(row.body)) for row in rows.values()), {}, _EVERYWHERE)
    moved = _Moved(into)
    for done, e in enumerate(run):
        progress(done, len(run), _("重新办一遍存档"))
        into.conn.execute(entry.insert().values(**rows[e.scope, e.seq]._mapping))
        batch = open_batch(e.batch or b"")
        moved.before(e.scope, batch)
        _apply(into, e, batch)
    moved.settle()
    return moved.found


class _Moved:
    """Rows on their way from one log to another. The county writes down what it finds in its tables when it moves them: what had been
    altered before is in the log from then on."""

    def __init__(self, into: Session) -> None:
        self.found: list[Altered] = []
        self._into = into
        self._left: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._entering: dict[str, tuple[Move, set[tuple[str, str]]]] = {}

    def before(self, scope: str, batch: Batch) -> None:
        """Look at a batch that is to be applied next in a log."""
        move = batch.header.move
        if scope in self._entering and self._entering[scope][0] != move:
            self._arrived(scope)
        if move is None:
            return
        keys = {(kind.name, id) for group in batch.groups if (kind := kind_by_number(group.kind)) for id in group.row_ids}
        if move.left == scope:
            self._left |= self._standing(keys)
        else:
            self._entering.setdefault(scope, (move, set()))[1].update(keys)

    def settle(self) -> None:
        """Look at what entered last."""
        for scope in list(self._entering):
            self._arrived(scope)

    def _arrived(self, scope: str) -> None:
        """Note that all batches of a move have arrived in a log."""
        _move, keys = self._entering.pop(scope)
        for (name, id), values in sorted(self._standing(keys).items()):
            before = self._left.pop((name, id), values)
            if before != values:
                self.found.append(Altered(scope, name, id, "changed", _fields(_own(kind_of(name)), before, values)))

    def _standing(self, keys: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[Any, ...]]:
        found = {}
        for name in {name for name, _id in keys}:
            t = table(name)
            query = select(t.c.id, *(t.c[f] for f in _own(kind_of(name)))).where(among(t.c.id, (id for kind, id in keys if kind == name)))
            for id, *values in self._into.conn.execute(query):
                found[name, id] = tuple(values)
        return found


def _apply(into: Session, e: Entry, batch: Batch) -> None:
    application = Application(into.conn, batch, e.scope, e.seq, known=e.known)
    try:
        groups: list[Group] = batch.groups
    except WireError:
        application.unreadable()
        return
    refused = dict(e.refused)
    if -1 in refused:
        refused = dict.fromkeys(range(batch.header.count), refused[-1])
    application.groups(groups, refused)


def _scopes(session: Session) -> set[str]:
    return {scope for t in TABLES.values() for scope in session.conn.execute(select(t.c.village).distinct()).scalars()}


def _differing(now: Session, then: Session, scope: str) -> Iterator[Altered]:
    for kind in KINDS.values():
        here, there = _rows(now, kind, scope), _rows(then, kind, scope)
        for id in sorted(here.keys() | there.keys()):
            mine, logged = here.get(id), there.get(id)
            if mine != logged:
                how = "added" if logged is None else "missing" if mine is None else "changed"
                yield Altered(scope, kind.name, id, how, _fields(_names(kind), mine or (), logged or ()))


def _retold(now: Session, then: Session) -> Iterator[Altered]:
    """Records of which the database tells another history than the log: a move would write it into the log, snapshots hand it out."""
    here, there = _told(now), _told(then)
    changed: dict[int, list[str]] = by_key(sorted(key for key in here.keys() | there.keys() if here.get(key) != there.get(key)))
    for number, ids in changed.items():
        if (kind := kind_by_number(number)) is not None:
            villages = now.column(number, "village", ids)
            yield from (Altered(villages[id], kind.name, id, "history", ()) for id in ids if id in villages)


def _told(session: Session) -> dict[tuple[int, str], bytes]:
    """For each record a hash of its lines in the change log."""
    lines = select(*(op.c[name] for name in ("kind", "row_id", "what", "mask", "old", "by", "at", "author", "entry")))
    return _digests(session, lines.order_by(op.c.entry, op.c.seq), 2)


def _set_aside(now: Session, then: Session) -> Iterator[Altered]:
    """Records about which other changes are held, other conflicts listed, or other authors of fields kept than the log makes of them."""
    for how, t in _BESIDE.items():
        names = [c.name for c in t.c if c.name != "pending"]  # a laptop's own
        first = [name for name in ("kind", "row_id", "scope") if name in names]
        order = [t.c[name] for name in (*first, *(c.name for c in t.primary_key if c.name not in first))]
        lines = select(*(t.c[name] for name in (*first, *(name for name in names if name not in first)))).order_by(*order)
        here, there = _digests(now, lines, len(first)), _digests(then, lines, len(first))
        for number, id, *scope in sorted(key for key in here.keys() | there.keys() if here.get(key) != there.get(key)):
            kind = kind_by_number(number)
            village = scope[0] if scope else now.column(number, "village", [id]).get(id, "") if kind is not None else ""
            yield Altered(village, kind.name if kind is not None else "", id, how, ())


def _digests(session: Session, lines: Select[Any], key: int) -> dict[tuple[Any, ...], bytes]:
    """A hash of the lines with the same first columns, so many as `key` says."""
    found: dict[tuple[Any, ...], Any] = {}
    for line in session.conn.execute(lines.execution_options(yield_per=_CHUNK)):
        found.setdefault(tuple(line[:key]), sha256()).update(repr(tuple(line)).encode())
    return {which: one.digest() for which, one in found.items()}


def _rows(session: Session, kind: Kind, scope: str) -> dict[str, tuple[Any, ...]]:
    t = table(kind)
    found = session.conn.execute(select(*(t.c[name] for name in _names(kind))).where(t.c.village == scope))
    return {row.id: tuple(row) for row in found}


def _fields(names: Sequence[str], one: Sequence[Any], other: Sequence[Any]) -> tuple[str, ...]:
    return tuple(name for name, a, b in zip(names, one, other, strict=False) if a != b)


def _own(kind: Kind) -> tuple[str, ...]:
    """The fields that a move leaves as they are: it may set the household that somebody joins."""
    return tuple(f.name for f in kind.fields if f.type not in (Type.ID, Type.IDS))


def _names(kind: Kind) -> tuple[str, ...]:
    """What is compared: the fields, when and by whom, whether deleted, the place in the log. Not what is searched by, which follows from
    them."""
    return (*COMMON, *LOCAL, *(f.name for f in kind.fields))
