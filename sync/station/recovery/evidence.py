"""Compares what the county offers for a repair with the entries that this station holds.

A station replaces rows that differ from the county's by the county's. If somebody altered those behind the log's back, every station would
alter its own, the author's too. The entries are signed and stay here, so a row that they support is not given up for one that they
contradict.

Evidence is the entry at which a field, a deletion or a row came to be as it is, by its own account. What came about otherwise (references,
values merged of two) is no evidence, and the county's prevails as before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import time
from typing import Any

from sqlalchemy import func, select

from db.erased import erased
from db.exchange import DELETED, entry, field_state, kind_by_number, moved
from db.local import get_meta, set_meta
from db.mapping import table
from db.session import Session
from db.snapshots import snapshot
from domain.fields import Field, Kind
from domain.grouping import by_key
from domain.values import Type
from sync.replica.identity import Identity
from sync.replica.log import as_sent
from sync.replica.pieces import Piece
from sync.replica.rows import Key
from sync.station.receiving.concurrent_rows import pending
from sync.station.receiving.receive import Forged, open_entry, wound_back
from sync.wire.columns import Change, WireError

Fits = Callable[[Change], bool]
_REFERENCES = frozenset({Type.ID, Type.IDS})
_DISPUTED = "disputed:"
"""Prefix of the settings that record when the county's records of a kind were last found contradicted."""
_AGAIN = 7 * 86400.0
"""Seconds after which they are fetched and looked at again: people will have mended them."""
_TOLD = ("id", "deleted_at", "seq")


@dataclass
class _Side:
    """The rows of one kind as one side has them, and the entries at which their fields changed since their insertion."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[tuple[str, int], int] = field(default_factory=dict)

    def since(self, row_id: str, number: int) -> int:
        """The entry at which a field (or `DELETED`) became what it is."""
        return self.states.get((row_id, number), int(self.rows[row_id].get("seq") or 0))

    def deleted(self, row_id: str) -> bool:
        """Whether a row is deleted (softly)."""
        return self.rows[row_id].get("deleted_at") is not None


def contradicted(session: Session, me: Identity, scope: str, pieces: Iterable[Piece], kinds: Sequence[int]) -> set[int]:
    """The kinds of which the county's rows contradict entries that support this station's."""
    theirs: dict[int, _Side] = defaultdict(_Side)
    for piece in pieces:
        _add(theirs[piece.kind], piece)
    log = _Log(session, me, scope)
    known = [kind for kind in map(kind_by_number, kinds) if kind is not None]
    return {kind.number for kind in known if any(_contradictions(log, kind, _mine(session, scope, kind), theirs[kind.number]))}


def dispute(session: Session, scope: str, kinds: Iterable[int]) -> None:
    """Note the kinds that are not to be replaced."""
    for kind in kinds:
        set_meta(session, f"{_DISPUTED}{scope}:{kind}", str(time()))


def undisputed(session: Session, scope: str, kinds: Iterable[int]) -> list[int]:
    """Those of these kinds that may be fetched: not those found contradicted within the last week."""
    found = ((kind, float(get_meta(session, f"{_DISPUTED}{scope}:{kind}") or 0)) for kind in kinds)
    return [kind for kind, at in found if not at <= time() < at + _AGAIN]


def _add(side: _Side, piece: Piece) -> None:
    kind = kind_by_number(piece.kind)
    if kind is None:
        return
    names = {key: kind.by_number[key].name if isinstance(key, int) and key in kind.by_number else str(key) for key in piece.columns}
    lines: list[dict[str, Any]] = [{names[key]: column[n] for key, column in piece.columns.items()} for n in range(piece.rows)]
    if piece.table == "rows":
        side.rows |= {str(line["id"]): line for line in lines}
    elif piece.table == "field_state":
        side.states |= {(str(line["row_id"]), int(line.get("field") or 0)): int(line.get("seq") or 0) for line in lines}


def _mine(session: Session, scope: str, kind: Kind) -> _Side:
    """This station's rows, without changes that the county does not have yet."""
    t, side = table(kind), _Side()
    names = (*_TOLD, *(f.name for f in kind.fields))
    for row in session.conn.execute(select(*(t.c[name] for name in names)).where(t.c.village == scope)):
        side.rows[row.id] = dict(zip(names, row, strict=True))
    waiting = {key for key in pending(session) if key[0] == kind.number}
    before = wound_back(session, waiting)
    for number, row_id in waiting:
        found = before.get(number, row_id)
        side.rows.pop(row_id, None)
        if found is not None and not found.gone and found.village == scope:
            side.rows[row_id] = {name: found.columns[name] for name in names}
    states = select(field_state.c.row_id, field_state.c.field, field_state.c.seq).join(t, t.c.id == field_state.c.row_id)
    for row_id, number, seq in session.conn.execute(states.where(t.c.village == scope, field_state.c.kind == kind.number)):
        side.states[row_id, number] = seq
    return side


def _contradictions(log: _Log, kind: Kind, mine: _Side, theirs: _Side) -> Iterator[bool]:
    compared = [f for f in kind.fields if f.type not in _REFERENCES]
    for row_id in mine.rows.keys() | theirs.rows.keys():
        key = (kind.number, row_id)
        if row_id not in theirs.rows:
            yield log.made(key, mine.since(row_id, DELETED)) and not log.left(key)
        elif row_id not in mine.rows:
            yield log.denies(key, int(theirs.rows[row_id].get("seq") or 0), lambda _change: True)
        else:
            yield any(_field(log, key, f, mine, theirs) for f in compared) or _deletion(log, key, mine, theirs)


def _field(log: _Log, key: Key, f: Field, mine: _Side, theirs: _Side) -> bool:
    kept, offered = mine.rows[key[1]].get(f.name), theirs.rows[key[1]].get(f.name)
    since, since_offered = mine.since(key[1], f.number), theirs.since(key[1], f.number)
    return kept != offered and log.prefers(key, (_sets(f, kept), since), (_sets(f, offered), since_offered))


def _sets(f: Field, value: Any) -> Fits:
    return lambda one: (one.what == "I" or (one.what in "UC" and f.number in one.values)) and one.values.get(f.number) == value


def _deletion(log: _Log, key: Key, mine: _Side, theirs: _Side) -> bool:
    kept, offered = mine.deleted(key[1]), theirs.deleted(key[1])
    since, since_offered = mine.since(key[1], DELETED), theirs.since(key[1], DELETED)
    return kept != offered and log.prefers(key, (_flips(kept), since), (_flips(offered), since_offered))


def _flips(deleted: bool) -> Fits:
    return lambda one: one.what in ("D" if deleted else "IR")


class _Log:
    """The entries of one log that this station holds."""

    def __init__(self, session: Session, me: Identity, scope: str) -> None:
        self._session, self._me, self._scope = session, me, scope
        begun = select(func.max(snapshot.c.seq)).where(snapshot.c.scope == scope, snapshot.c.installed == 1)
        self._base = session.conn.execute(begun).scalar() or 0
        self._read: dict[int, dict[Key, list[Change]] | None] = {}

    def prefers(self, key: Key, kept: tuple[Fits, int], offered: tuple[Fits, int]) -> bool:
        """Whether an entry supports what is here, and no later one what is offered."""
        (fits, since), (fits_offered, since_offered) = kept, offered
        supported = any(map(fits, (self._changes(since) or {}).get(key, ())))
        return supported and (since_offered <= since or self.denies(key, since_offered, fits_offered))

    def made(self, key: Key, seq: int) -> bool:
        """Whether an entry has a row."""
        return key in (self._changes(seq) or {})

    def left(self, key: Key) -> bool:
        """Whether a row has moved away, or was erased."""
        return any(
            self._session.conn.execute(select(t.c.seq).where(t.c.scope == self._scope, t.c.kind == key[0], t.c.row_id == key[1])).first()
            for t in (moved, erased)
        )

    def denies(self, key: Key, seq: int, fits: Fits) -> bool:
        """Whether the log knows nothing of what is said to be from this entry. What is from before the snapshot with which the log begins
        here, or from an entry that this program cannot read, may be true."""
        changes = self._changes(seq)
        return seq > self._base and changes is not None and not any(map(fits, changes.get(key, ())))

    def _changes(self, seq: int) -> dict[Key, list[Change]] | None:
        """The changes of an entry that took effect, by row; none if there is no such entry; None if it cannot be read."""
        if seq not in self._read:
            try:
                self._read[seq] = self._open(seq)
            except WireError:
                self._read[seq] = None
            except Forged:
                self._read[seq] = {}
        return self._read[seq]

    def _open(self, seq: int) -> dict[Key, list[Change]]:
        row = self._session.conn.execute(select(entry).where(entry.c.scope == self._scope, entry.c.seq == seq)).first()
        if row is None:
            return {}
        arrival = open_entry(self._session, self._me, as_sent(row, bytes(row.body)))
        placed = (pair for group in arrival.groups for pair in group.changes())
        return by_key(((change.kind, change.row_id), change) for place, change in placed if place not in arrival.refused)
