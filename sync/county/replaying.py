"""Whether the county's records are what its signed log makes of them.

`sync.replica.audit` shows a log that was altered. Who has the database and its key may leave the log alone and alter the records; the
stations would even fetch that as the truth. So the whole log is applied once more, to a county that nobody else sees, by the same rule
as ever, and the two are compared line by line.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from db import keys
from db.county import County
from db.exchange import entry
from db.mapping import COMMON, LOCAL, TABLES, table
from db.session import Session
from domain.fields import KINDS, Kind
from sync.replica.apply import Application
from sync.replica.log import as_sent
from sync.replica.moved_rows import in_order
from sync.wire.columns import Group, WireError
from sync.wire.envelope import Batch, open_batch
from sync.wire.messages import Entry

Progress = Callable[[int, int], None]
_EVERYWHERE = ""
"""What every scope begins with."""


@dataclass(frozen=True)
class Altered:
    """A record that is not what the log makes of it. `how`: `changed`, `added` (the log knows none), `missing`. `fields` by name."""

    village: str
    kind: str
    id: str
    how: str
    fields: tuple[str, ...]


def altered(county: County, progress: Progress = lambda _done, _total: None) -> list[Altered]:
    """Records that are not what the log makes of them, by village, kind and id. Personal data stay encrypted, also on the way.
    `progress` is told how many batches are done, of how many."""
    with county.read() as now, _replayed(now, progress) as then:
        return [one for scope in sorted(_scopes(now) | _scopes(then)) for one in _differing(now, then, scope)]


@contextmanager
def _replayed(source: Session, progress: Progress) -> Iterator[Session]:
    """A county made of the log alone, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="cunzhan-log-") as folder, closing(_scratch(Path(folder))) as made:
        with made.write() as into:
            _replay(source, into, progress)
        with made.read() as then:
            yield then


def _scratch(folder: Path) -> County:
    """Under a key that nobody has: what is left of it by a program that was killed can be read by nobody."""
    return County(f"sqlite:///{folder / 'county.db'}", keys.new_data_key())


def _replay(source: Session, into: Session, progress: Progress) -> None:
    order = select(entry).order_by(entry.c.scope, entry.c.seq)
    rows = {(row.scope, row.seq): row for row in source.conn.execute(order)}
    run, _early = in_order((as_sent(row, bytes(row.body)) for row in rows.values()), {}, _EVERYWHERE)
    for done, e in enumerate(run):
        progress(done, len(run))
        into.conn.execute(entry.insert().values(**rows[e.scope, e.seq]._mapping))
        _apply(into, e, open_batch(e.batch or b""))


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
                yield Altered(scope, kind.name, id, how, _fields(kind, mine or (), logged or ()))


def _rows(session: Session, kind: Kind, scope: str) -> dict[str, tuple[Any, ...]]:
    t = table(kind)
    found = session.conn.execute(select(*(t.c[name] for name in _names(kind))).where(t.c.village == scope))
    return {row.id: tuple(row) for row in found}


def _fields(kind: Kind, one: Sequence[Any], other: Sequence[Any]) -> tuple[str, ...]:
    return tuple(name for name, a, b in zip(_names(kind), one, other, strict=False) if a != b)


def _names(kind: Kind) -> tuple[str, ...]:
    """What is compared: the fields, when and by whom, whether deleted, the place in the log. Not what is searched by, which follows from
    them."""
    return (*COMMON, *LOCAL, *(f.name for f in kind.fields))
