"""Writes what is kept of a change beside its effect: its line in the change log, in county order, and the change itself if it could not be
applied."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.json import encode
from sqlalchemy import Connection, Row, bindparam, delete, update

from db.capture import op
from db.exchange import held_change, settling
from db.mapping import insert_many, insert_rows
from db.prepared import Prepared
from domain.values import Stored
from sync.wire.columns import Change, Group
from sync.wire.messages import Entry

Placed = tuple[int, Change]
Edited = tuple[Group, list[list[Stored]]]
"""Edits as columns, and the values that stood in their fields before, as columns too."""
TWICE = "repeated"
"""Why a change is skipped: it is in the log already. No other reason may have this word."""
MOVED = "moved"
"""Why a change is refused in one log: the county passes it on to another, where its row lives now."""
ERASED = "erased"
"""Why a change is refused: its row, or the person it belongs to, was erased by rule."""
SETTLED = frozenset({TWICE, MOVED})
"""Reasons of changes that are in force elsewhere, so that nothing needs to be held."""


_MINE = (op.c.seq == bindparam("at"), op.c.salt == bindparam("run"), op.c.author.is_(None))
_CORRECT = Prepared(
    update(op).where(*_MINE).values({name: bindparam(name, type_=op.c[name].type) for name in ("what", "mask", "old", "entry")})
)
_TAKE_OUT = Prepared(delete(op).where(*_MINE))


class Log:
    """The ops of one batch being applied. Ops of others are added to the change log. Own ones are in it already and only corrected to what
    became of them, but a store that was copied or put back from a backup lacks the ops of some of its own batches."""

    def __init__(self, conn: Connection, author: str, entry: int, *, own: bool) -> None:
        self._conn = conn
        self._author = author
        self._entry = entry
        self._own = own
        self._lines: list[tuple[Change, str, dict[str, Any]]] = []

    def note(self, change: Change, what: str, old: Mapping[int, Stored] | None = None) -> None:
        """Log what a change did: `old` are the values it replaced, `what` is the sort of op (R for an edit that brought a row back), empty
        if the change had no effect."""
        mask, kept = _replaced(old or {})
        if what == "C" and change.conflict:
            kept = settling(change.conflict, *next(iter(change.values.items())))
        self._lines.append((change, what, {"what": what, "mask": mask, "old": kept, "entry": self._entry}))

    def write(self) -> None:
        """Write what was noted."""
        added = []
        for change, what, line in self._lines:
            if self._own and self._correct(change, what, line):
                continue
            if what not in ("", "I"):  # an insertion by others needs no op: the row itself says by whom and when
                added.append(line | self._facts(change))
        if added:
            insert_many(self._conn, op, list(added[0]), added)
        self._lines.clear()

    def _correct(self, change: Change, what: str, line: dict[str, Any]) -> bool:
        """Whether there was an op to correct."""
        made = {"at": change.seq, "run": change.salt}
        return (_CORRECT.run(self._conn, **made, **line) if what else _TAKE_OUT.run(self._conn, **made)) > 0

    def _facts(self, change: Change) -> dict[str, Any]:
        return {"kind": change.kind, "row_id": change.row_id, "by": change.by, "at": change.at, "salt": change.salt, "author": self._author}


def _replaced(old: Mapping[int, Stored]) -> tuple[int, str | None]:
    """Replaced values as an op keeps them: the mask of their fields, and the values as JSON."""
    mask = 0
    for number in old:
        mask |= 1 << (number - 1)
    return mask, encode({str(n): v for n, v in old.items() if v is not None}).decode() if old else None


def log_edits(conn: Connection, author: str, entry: int, edited: Iterable[Edited]) -> None:
    """Log edits of others. As in `Log`, those that changed nothing are left out."""
    lines = []
    for group, before in edited:
        facts = zip(group.places, group.row_ids, group.by, group.at, group.salts, strict=True)
        for (place, row_id, by, at, salt), *values in zip(facts, zip(*before, strict=True), zip(*group.values, strict=True), strict=True):
            old = {number: then for number, then, now in zip(group.fields, *values, strict=True) if then != now}
            if old:
                lines.append((place, group.kind, row_id, *_replaced(old), by, at, salt))
    lines.sort()
    more = ("U", author, entry)
    insert_rows(conn, op, _EDITED, [line[1:] + more for line in lines])


_EDITED = ("kind", "row_id", "mask", "old", "by", "at", "salt", "what", "author", "entry")


def hold(conn: Connection, place: tuple[str, int, str], refused: Sequence[tuple[int, Change, str]]) -> None:
    """Keep what could not be applied, with its content and the reason. `place` is scope, entry and author."""
    scope, seq, author = place
    rows: list[dict[str, Any]] = [
        {"scope": scope, "seq": seq, "place": number, "kind": c.kind, "row_id": c.row_id, "what": c.what}
        | {"values": json.dumps({str(n): v for n, v in c.values.items()}, ensure_ascii=False, sort_keys=True)}
        | {"by": c.by, "at": c.at, "author": author, "reason": reason}
        for number, c, reason in refused
        if reason not in SETTLED
    ]
    if rows:
        insert_many(conn, held_change, list(rows[0]), rows)


def as_sent(row: Row[Any], batch: bytes | None) -> Entry:
    """An entry as it travels, with or without its bytes."""
    refused = [(place, why) for place, why in json.loads(row.refused)]
    return Entry(row.scope, row.seq, row.station, row.incarnation, row.number, refused, row.signature, batch, row.known)
