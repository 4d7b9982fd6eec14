"""Records applied changes in the change log, in county order, and keeps changes that could not be applied as held changes."""

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
"""A change with its position in the batch."""
Edited = tuple[Group, list[list[Stored]]]
"""Edits as columns, and the previous values of the same fields, also as columns."""
TWICE = "repeated"
"""Reason why a change is skipped: it is in the log already. No other reason may use this word."""
MOVED = "moved"
"""Reason why a change is refused in one log: the county forwards it to another, where its row lives now."""
ERASED = "erased"
"""Reason why a change is refused: its row, or the person it belongs to, was erased by rule."""
SETTLED = frozenset({TWICE, MOVED})
"""Reasons of changes that take effect elsewhere, so that nothing needs to be held."""


_OWN_OP = (op.c.seq == bindparam("at"), op.c.salt == bindparam("run"), op.c.author.is_(None))
_CORRECT = Prepared(
    update(op).where(*_OWN_OP).values({name: bindparam(name, type_=op.c[name].type) for name in ("what", "mask", "old", "entry")})
)
_DROP = Prepared(delete(op).where(*_OWN_OP))


class Log:
    """The change log of one batch being applied.

    Ops of others are added. Own ops are in the log already and are only updated with their outcome; where a copied or restored store
    lacks the ops of some of its own batches, they are added too.
    """

    def __init__(self, conn: Connection, author: str, entry: int, *, own: bool) -> None:
        self._conn = conn
        self._author = author
        self._entry = entry
        self._own = own
        self._lines: list[tuple[Change, str, dict[str, Any]]] = []

    def note(self, change: Change, what: str, old: Mapping[int, Stored] | None = None) -> None:
        """Queue the log line of a change. `old`: the values it replaced; `what`: the sort of op (R for an edit that restored a row), "" if
        the change had no effect."""
        mask, kept = _replaced(old or {})
        if what == "C" and change.conflict:
            kept = settling(change.conflict, *next(iter(change.values.items())))
        self._lines.append((change, what, {"what": what, "mask": mask, "old": kept, "entry": self._entry}))

    def write(self) -> None:
        """Write the queued lines."""
        added = []
        for change, what, line in self._lines:
            if self._own and self._correct(change, what, line):
                continue
            if what not in ("", "I"):  # an insertion by others needs no op: the row itself says by whom and when
                facts = {"kind": change.kind, "row_id": change.row_id, "by": change.by, "at": change.at, "salt": change.salt}
                added.append(line | facts | {"author": self._author})
        if added:
            insert_many(self._conn, op, list(added[0]), added)
        self._lines.clear()

    def _correct(self, change: Change, what: str, line: dict[str, Any]) -> bool:
        """Update the own op of a change, or delete it if it had no effect. Returns whether there was one."""
        made = {"at": change.seq, "run": change.salt}
        return (_CORRECT.run(self._conn, **made, **line) if what else _DROP.run(self._conn, **made)) > 0


def _replaced(old: Mapping[int, Stored]) -> tuple[int, str | None]:
    """Return replaced values as an op stores them: the bit mask of their fields, and the values as JSON (None without any)."""
    mask = 0
    for number in old:
        mask |= 1 << (number - 1)
    return mask, encode({str(n): v for n, v in old.items() if v is not None}).decode() if old else None


def log_edits(conn: Connection, author: str, entry: int, edited: Iterable[Edited]) -> None:
    """Log edits of others. As in `Log`, edits that changed nothing are left out."""
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
    """Keep refused changes, with their content and the reason. `place` is scope, entry and author."""
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
    """Return a row of `entry` as a wire message, with or without the bytes of its batch."""
    refused = [(place, why) for place, why in json.loads(row.refused)]
    return Entry(row.scope, row.seq, row.station, row.incarnation, row.number, refused, row.signature, batch, row.known)
