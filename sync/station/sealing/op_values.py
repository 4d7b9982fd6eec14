"""Recovers the values that own ops wrote. The change log stores only the value of a field *before* each op (`db.capture`), so an op wrote
the value that the next op on that field replaced, or, if there is none, the row's present value.

Edits of rows that were changed once are read by columns; otherwise the ops on the rows are undone one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.json import decode

from db.capture import Op
from db.changes import touched
from db.exchange import kind_by_number
from db.session import Session
from domain.fields import Kind
from domain.grouping import by_key
from domain.values import Stored
from sync.replica.conflicts import released_in
from sync.replica.rows import Key, fields_of
from sync.wire.columns import Change, Group, grouped

_OVERHEAD = 20
"""Characters counted for a change in addition to its values."""


@dataclass
class Part:
    """The changes that the ops of a slice made in one scope: as columns, with the act and the length in characters of each."""

    groups: list[Group] = field(default_factory=list)
    acts: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)


def by_scope(session: Session, ops: Sequence[Op], later: Sequence[Op]) -> dict[str, Part]:
    """Return the changes made by ops, by the scope of their rows; the release of a held change goes to the scope where it was held.
    `later`: edits of the same rows by later ops, the latest first."""
    rows = _Rows(session, ops)
    if not later and all(line.what == "U" for line in ops) and len({(line.kind, line.row_id) for line in ops}) == len(ops):
        return _edits(session, rows, ops)
    return _wound_back(session, rows, ops, later)


class _Rows:
    """The rows of a slice of ops as they are now, with the fields that were written."""

    def __init__(self, session: Session, ops: Sequence[Op]) -> None:
        self._scopes: dict[Key, str] = {}
        self._values: dict[Key, dict[int, Stored]] = defaultdict(dict)
        masks: dict[int, int] = defaultdict(int)
        ids: dict[int, set[str]] = defaultdict(set)
        for line in ops:
            masks[line.kind] |= line.mask if line.what != "I" else -1
            ids[line.kind].add(line.row_id)
        for number, mask in masks.items():
            kind = kind_by_number(number)
            if kind is not None:
                self._load(session, kind, mask, ids[number])

    def _load(self, session: Session, kind: Kind, mask: int, ids: Iterable[str]) -> None:
        numbers = tuple(f.number for f in kind.fields if mask >> (f.number - 1) & 1)
        for row_id, village, *values in fields_of(kind, numbers).all(session.conn, ids=sorted(ids)):
            self._scopes[kind.number, row_id] = village
            self._values[kind.number, row_id] = dict(zip(numbers, values, strict=True))

    def scope(self, line: Op, otherwise: str) -> str:
        """The scope of the row an op changed, or `otherwise` if it is not in its table."""
        return self._scopes.get((line.kind, line.row_id), otherwise)

    def values(self, line: Op) -> dict[int, Stored]:
        """The field values of the row an op changed."""
        return self._values[line.kind, line.row_id]

    def back(self, line: Op) -> dict[int, Stored]:
        """Undo one op in a row. Returns the values that the op had written."""
        row = self.values(line)
        old = decode(line.old) if line.old else {}
        written = {}
        for number in touched(line.mask):
            written[number], row[number] = row.get(number), old.get(str(number))
        return written


def _edits(session: Session, rows: _Rows, ops: Sequence[Op]) -> dict[str, Part]:
    """Edits of rows that were changed once: the rows still have the values written."""
    parts: dict[str, Part] = defaultdict(Part)
    same: dict[tuple[str, int, int], tuple[list[int], list[Op]]] = defaultdict(lambda: ([], []))
    for line in ops:
        scope = rows.scope(line, session.scope)
        acts = parts[scope].acts
        places, lines = same[scope, line.kind, line.mask]
        places.append(len(acts))
        lines.append(line)
        acts.append(line.act or 0)
    for part in parts.values():
        part.lengths = [_OVERHEAD] * len(part.acts)
    for (scope, _kind, _mask), (places, lines) in same.items():
        group = _group(rows, places, lines)
        parts[scope].groups.append(group)
        lengths = parts[scope].lengths
        for column in group.values:
            for place, value in zip(places, column, strict=True):
                lengths[place] += len(value) if type(value) is str else 0
    return parts


def _group(rows: _Rows, places: list[int], lines: Sequence[Op]) -> Group:
    seqs, _acts, kinds, row_ids, _what, masks, _old, by, at, salts, *_rest = map(list, zip(*lines, strict=True))
    fields = touched(masks[0])
    values = [rows.values(line) for line in lines]
    columns = [[row.get(number) for row in values] for number in fields]
    return Group(kinds[0], "U", fields, places, row_ids, by, at, salts, seqs, columns)


def _wound_back(session: Session, rows: _Rows, ops: Sequence[Op], later: Sequence[Op]) -> dict[str, Part]:
    """Any ops: they are undone in the rows, from the last to the first."""
    for line in later:
        rows.back(line)
    changes = [_change(rows, line) for line in reversed(ops)]
    made = by_key(
        (released_in(change) or rows.scope(line, session.scope), (line.act or 0, change))
        for line, change in zip(ops, reversed(changes), strict=True)
    )
    return {scope: _part(some) for scope, some in made.items()}


def _change(rows: _Rows, line: Op) -> Change:
    values: dict[int, Stored] = {}
    conflict = None
    if line.what == "I":
        values = {number: value for number, value in rows.values(line).items() if value is not None}
    elif line.what == "U":
        values = rows.back(line)
    elif line.what == "C" and line.old:
        chosen = decode(line.old)
        values, conflict = {chosen["field"]: chosen["value"]}, chosen["conflict"]
    return Change(line.seq, line.kind, line.row_id, line.what, line.by, line.at, line.salt, values, conflict)


def _part(made: Sequence[tuple[int, Change]]) -> Part:
    lengths = [_OVERHEAD + sum(len(v) for v in change.values.values() if type(v) is str) for _act, change in made]
    return Part(grouped([change for _act, change in made]), [act for act, _change in made], lengths)
