"""Lists and settles the conflicts of a merge. They are the same on every replica, because they depend on the log alone."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, null, select, update

from db.among import among
from db.capture import op
from db.exchange import DELETED, conflict, entry, field_state, held_change, kind_by_number
from db.mapping import insert_many, table
from db.prepared import Prepared
from db.snapshots import installed_after
from domain.fields import KINDS, Field, Kind
from domain.values import Stored, canonical_json
from sync.replica.merge import State, Verdict, Write, conflict_id
from sync.replica.rows import Row, Rows
from sync.wire.columns import Change

RELEASE = "held/"
"""Prefix of the name under which a held change is released: `held/scope/entry/place`."""
_RELEASED = re.compile(RELEASE + r"([0-9]+)/(-?[0-9]{1,18})/(-?[0-9]{1,18})")
_STATES = {Verdict.WINS: "info", Verdict.WAITS: "open"}


@dataclass(frozen=True)
class Listed:
    """A conflict found. `sort`: value, deleted or parent. `values`: the common base, the earlier value in county order, the later one."""

    sort: str
    scope: str
    kind: int
    row_id: str
    field: int
    values: tuple[Stored, Stored, Stored]
    earlier: State
    write: Write
    verdict: Verdict

    @property
    def state(self) -> str:
        """`open` until someone decides, or `info`."""
        return {"deleted": "open", "parent": "info"}.get(self.sort) or _STATES[self.verdict]


def _columns(item: Listed) -> dict[str, Any]:
    base, earlier, later = map(canonical_json, item.values)
    e, w = item.earlier, item.write
    return {
        "id": conflict_id(item.scope, item.row_id, item.field, w),
        "scope": item.scope,
        "sort": item.sort,
        "kind": item.kind,
        "row_id": item.row_id,
        "field": item.field,
        "seq": w.seq,
        "place": w.place,
        "base": base,
        "state": item.state,
        "earlier": earlier,
        "earlier_author": e.author,
        "earlier_by": e.by,
        "earlier_at": e.at,
        "later": later,
        "later_author": w.author,
        "later_by": w.by,
        "later_at": w.at,
    }


_c = conflict.c
_FIELD = (_c.row_id == bindparam("row_id"), _c.kind == bindparam("kind"), _c.field == bindparam("field"))
_NOT_LATER = (_c.scope != bindparam("scope")) | (_c.seq != bindparam("seq")) | (_c.place < bindparam("place"))
_SUPERSEDE = Prepared(
    update(conflict)
    .where(*_FIELD, _c.state == "open", _c.sort == "value", _c.later_author == bindparam("later_author"), _NOT_LATER)
    .values(state=bindparam("state"), settled=bindparam("later"), settled_by=bindparam("later_by"), settled_at=bindparam("later_at"))
)
"""A waiting value supersedes an earlier one of the same author, who had seen it. Bound: the columns of the later conflict."""
_CONTESTED = Prepared(select(_c.id).where(*_FIELD, _c.state == "open").limit(1))


_NAMED = (_c.id == bindparam("named"), _c.row_id == bindparam("row"), _c.kind == bindparam("of"))
_ACKNOWLEDGE = Prepared(update(conflict).where(*_NAMED, _c.pending.is_not(None)).values(pending=null()))
_SETTLE = Prepared(
    update(conflict)
    .where(*_NAMED, _c.scope == bindparam("home"), _c.state != "settled")
    .values(state="settled", settled=bindparam("chosen"), settled_by=bindparam("who"), settled_at=bindparam("when"))
)


def settle(conn: Connection, row: Row, change: Change, write: Write, *, applied: bool) -> None:
    """Close the conflict that a decision names, if the decision's value was applied; otherwise it stays open.

    A conflict listed in a village that the row has left stays open too: stations that read only that village's log do not receive the
    decision.
    """
    named = {"named": change.conflict, "row": row.id, "of": row.kind.number}
    _ACKNOWLEDGE.run(conn, **named)
    if applied:
        _SETTLE.run(conn, **named, home=row.village, chosen=canonical_json(next(iter(change.values.values()))), who=write.by, when=write.at)


_OVERWRITTEN = Prepared(
    select(op.c.old)
    .where(op.c.row_id == bindparam("row"), op.c.kind == bindparam("of"), op.c.entry > bindparam("known"))
    .where(op.c.mask.bitwise_and(bindparam("bit", type_=op.c.mask.type)) != 0)
    .order_by(op.c.entry, op.c.seq)
    .limit(1)
)


def base(conn: Connection, row: Row, field: int, known: int, untouched: Stored = None) -> Stored:
    """Return the value of a field that the author of a change saw: the value that the first change after `known` replaced, or `untouched`
    if there was none."""
    found = _OVERWRITTEN.first(conn, row=row.id, of=row.kind.number, known=known, bit=1 << (field - 1))
    if found is None:
        return untouched
    return json.loads(found.old).get(str(field)) if found.old else None


_OTHERS = Prepared(
    select(entry.c.seq)
    .where(entry.c.scope == bindparam("of"), entry.c.seq > bindparam("after"))
    .where((entry.c.station != bindparam("by")) | (entry.c.incarnation != bindparam("under")))
    .limit(1)
)


def others_since(conn: Connection, scope: str, known: int, author: str) -> bool:
    """Whether the log of a scope has entries of other authors after `known`, including those inside the snapshot it begins with here."""
    if installed_after(conn, scope, known):
        return True
    station, _dot, incarnation = author.rpartition(".")
    place = {"of": scope, "after": known, "by": station, "under": int(incarnation)}
    return _OTHERS.first(conn, **place) is not None


def deleted_since(conn: Connection, scope: str, known: int, author: str) -> dict[str, State]:
    """Rows of a scope that others deleted after `known` and that are still deleted, with the state of their deletion."""
    flips = select(field_state).where(field_state.c.field == DELETED, field_state.c.seq > known, field_state.c.author != author)
    states: dict[int, dict[str, State]] = defaultdict(dict)
    for s in conn.execute(flips).all():
        states[s.kind][s.row_id] = State(s.seq, s.author, s.by, s.at)
    found: dict[str, State] = {}
    for number, of_kind in states.items():
        kind = kind_by_number(number)
        if kind is not None:
            t = table(kind)
            gone = select(t.c.id).where(among(t.c.id, of_kind), t.c.village == scope, t.c.deleted_at.is_not(None))
            found |= {id: of_kind[id] for id in conn.execute(gone).scalars()}
    return found


@cache
def referrers(name: str) -> tuple[tuple[Kind, Field], ...]:
    """Return the kinds and fields that refer to a kind."""
    return tuple((kind, f) for kind in KINDS.values() for f in kind.references() if f.ref == name)


def released_in(change: Change) -> str | None:
    """Return the scope in whose log the change that this one releases was held; None if it is no release. The release is recorded there,
    wherever the row lives by now."""
    name = (change.conflict or "") if change.what == "C" else ""
    return name.split("/")[1] if name.startswith(RELEASE) else None


def released(conn: Connection, scope: str, change: Change, write: Write) -> bool:
    """Return whether a decision releases a held change, and record the release.

    It is recorded only if the change was held in the log of `scope`, the log of the release itself: a station without the right to write
    to a scope cannot release its held changes.
    """
    if released_in(change) is None:
        return False
    named = held_place(change)
    if named is not None and named[0] == scope:
        note_release(conn, named, write.at, change.row_id)
    return True


def held_place(change: Change) -> tuple[str, int, int] | None:
    """Scope, entry and place of the held change that a release names; None if it is malformed."""
    named = _RELEASED.fullmatch(str(change.conflict))
    return (named[1], int(named[2]), int(named[3])) if named is not None else None


def note_release(conn: Connection, key: tuple[str, int, int], at: str, row_id: str | None = None) -> None:
    """Record that a held change was made again. `row_id`, if given, must be the id of its row."""
    same = _is_held(key)
    if row_id is not None:
        same &= held_change.c.row_id == row_id
    conn.execute(update(held_change).where(same).values(released_at=at))


def take_back_releases(conn: Connection, refused: Iterable[Change]) -> None:
    """List held changes again of which the county refused this station's release. A release by others since has another time."""
    for change in refused:
        key = held_place(change) if released_in(change) is not None else None
        if key is not None:
            mine = held_change.c.released_at == change.at
            conn.execute(update(held_change).where(_is_held(key), mine).values(released_at=None))


def _is_held(key: tuple[str, int, int]) -> ColumnElement[bool]:
    return (held_change.c.scope == key[0]) & (held_change.c.seq == key[1]) & (held_change.c.place == key[2])


class Listing:
    """The conflicts of a batch by `author`, who had read the log of `scope` up to `known`. They are written by `keep`."""

    def __init__(self, conn: Connection, rows: Rows, scope: str, known: int, author: str, others: bool | None) -> None:
        self.gone: list[tuple[Row, Write]] = []
        """The rows that the batch has deleted."""
        self._conn, self._rows = conn, rows
        self._scope, self._known, self._author = scope, known, author
        self._others = others
        self._deleted: dict[str, State] | None = None
        self._listed: list[Listed] = []

    def keep(self) -> int:
        """Write the conflicts found so far. Returns their number."""
        listed, self._listed = self._listed, []
        rows = [_columns(item) for item in listed]
        ids = set[str]()
        for item, row in zip(listed, rows, strict=True):
            if row["id"] in ids:  # one change may meet both another value and a deleted parent
                row["id"] = conflict_id(item.scope, item.row_id, -item.field, item.write)
            ids.add(row["id"])
        if rows:
            insert_many(self._conn, conflict, list(rows[0]), rows)
        for item, row in zip(listed, rows, strict=True):
            if item.sort == "value" and item.verdict is Verdict.WAITS:
                _SUPERSEDE.run(self._conn, **row | {"state": "settled"})
        return len(listed)

    def company(self) -> bool:
        """Whether others wrote to the scope after the position this batch's author had read up to. If not, nothing can conflict."""
        if self._others is None:
            self._others = others_since(self._conn, self._scope, self._known, self._author)
        return self._others

    def deleted_lately(self) -> dict[str, State]:
        """Rows of the scope that others deleted after the position this batch's author had read up to."""
        if self._deleted is None:
            self._deleted = deleted_since(self._conn, self._scope, self._known, self._author) if self.company() else {}
        return self._deleted

    def contested(self, row: Row, field: int) -> bool:
        """Whether a field has an open conflict."""
        here = (row.kind.number, row.id, field, "open")
        if any((item.kind, item.row_id, item.field, item.state) == here for item in self._listed):
            return True
        return _CONTESTED.first(self._conn, kind=row.kind.number, row_id=row.id, field=field) is not None

    def value(self, row: Row, f: Field, after: tuple[int, Stored], value: Stored, write: Write, verdict: Verdict) -> None:
        """List a value that met a concurrent one. `after`: the entry after which the field changed, and its value if it did not."""
        state = row.state(f)
        if state is not None:
            values = (base(self._conn, row, f.number, *after), row.value(f), value)
            self._listed.append(Listed("value", self._scope, row.kind.number, row.id, f.number, values, state, write, verdict))

    def flip(self, row: Row, was_deleted: bool, earlier: State, write: Write) -> None:
        """List a deletion and a concurrent edit, in either order."""
        values, verdict = (0, int(was_deleted), int(not was_deleted)), Verdict.WINS if was_deleted else Verdict.WAITS
        self._listed.append(Listed("deleted", self._scope, row.kind.number, row.id, DELETED, values, earlier, write, verdict))

    def parents(self, change: Change, write: Write) -> None:
        """List a row that was put under a parent which others deleted meanwhile. The row stays. A row whose new parent is itself an
        undecided conflict value is not listed."""
        deleted = self.deleted_lately()
        kind = kind_by_number(change.kind) if deleted else None
        if kind is not None and change.what in "IU":
            row = self._rows.get(change.kind, change.row_id)
            for f in kind.references():
                parent = change.values.get(f.number)
                if isinstance(parent, str) and parent in deleted and (row is None or row.value(f) == parent):
                    self._child((kind, change.row_id, f, parent), deleted[parent], write)

    def orphans(self) -> None:
        """List the children that others put under rows which this batch deleted without knowing of them. The children stay."""
        by_kind: dict[str, dict[str, Write]] = defaultdict(dict)
        for row, write in self.gone if self.company() else ():
            by_kind[row.kind.name][row.id] = write
        for name, writes in by_kind.items():
            for kind, f in referrers(name):
                self._children(kind, f, writes)
        self.gone.clear()

    def _children(self, kind: Kind, f: Field, parents: Mapping[str, Write]) -> None:
        t = table(kind)
        living = select(t.c.id).where(among(t.c[f.name], parents), t.c.village == self._scope, t.c.deleted_at.is_(None))
        ids = self._conn.execute(living.order_by(t.c.id)).scalars().all()
        self._rows.load(kind, ids)
        for child in (self._rows.get(kind.number, i) for i in ids):
            parent, state = (child.value(f), child.state(f)) if child and not child.deleted else (None, None)
            write = parents.get(str(parent))
            if child and write and state and not write.follows(state):
                self._child((kind, child.id, f, str(parent)), state, write)

    def _child(self, child: tuple[Kind, str, Field, str], earlier: State, write: Write) -> None:
        kind, row_id, f, parent = child
        values = (None, parent, parent)
        self._listed.append(Listed("parent", self._scope, kind.number, row_id, f.number, values, earlier, write, Verdict.WINS))
