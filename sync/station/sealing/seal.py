"""Seals own changes into batches for the outbox. The values that ops wrote are recovered from the log.

Changes are sealed before the first byte is sent, and in a transaction that moves a cursor before it moves. `known` is therefore the cursor
the station had when the change was made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from msgspec.json import decode
from sqlalchemy import bindparam, exists, select, text, update

from db.capture import UNACKNOWLEDGED, Op, op
from db.changes import touched
from db.exchange import cursors, kind_by_number, outbox
from db.local import RESTORED, get_meta
from db.mapping import table
from db.prepared import Prepared
from db.session import Session
from domain.fields import Kind
from domain.grouping import by_key
from domain.values import Stored
from sync.replica.batches import BULK, WHOLE, sealed_parts
from sync.replica.conflicts import released_in
from sync.replica.identity import Identity, save_head
from sync.replica.rows import Key, fields_of
from sync.station.sealing.fork import settle_restored
from sync.wire.columns import Change, Group, between, grouped
from sync.wire.packing import PREFIX

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


SLICE = 2000
"""Most changes sealed at once: so many are held in memory, and sealed before the first of many batches is sent."""
BATCH_SIZE = 64 * 1024
"""Characters of the values in an ordinary batch: about 16 KB once sealed."""
_SAMPLE = 100

_UNSEALED = UNACKNOWLEDGED & op.c.batch.is_(None)
_ANY_UNSEALED = Prepared(select(op.c.seq).where(_UNSEALED).limit(1))
_OLDEST = Prepared(select(op).where(_UNSEALED).order_by(op.c.seq).limit(bindparam("most")), Op)
_EARLY = op.alias("early")
_TOUCHED = exists().where(
    _EARLY.c.row_id == op.c.row_id, _EARLY.c.kind == op.c.kind, _EARLY.c.seq.between(bindparam("first"), bindparam("last"))
)
_ROWS = select(_EARLY.c.row_id).where(_EARLY.c.seq.between(bindparam("first"), bindparam("last")))
_LATER = Prepared(
    select(op)
    .where(UNACKNOWLEDGED, (op.c.batch + 0).is_(None))  # + 0: use the index by row, not the one by batch
    .where(op.c.row_id.in_(_ROWS), op.c.seq > bindparam("last"), op.c.what == "U", _TOUCHED)
    .order_by(op.c.seq.desc()),
    Op,
)
_TO_OUTBOX = Prepared(outbox.insert())
_MARK_ALL = Prepared(update(op).where(op.c.seq.between(bindparam("first"), bindparam("last"))).values(batch=bindparam("number")))
_MARK = text("UPDATE op SET batch = :batch WHERE seq = :seq")


def restored(session: Session) -> bool:
    """Whether the store was restored from a backup and has sealed nothing since."""
    return get_meta(session, RESTORED) is not None


def unsealed(session: Session) -> bool:
    """Whether there is anything to seal."""
    return _ANY_UNSEALED.first(session.conn) is not None or restored(session)


def seal(session: Session, me: Identity) -> int:
    """Seal the next slice of unsealed changes. Returns their number, 0 when nothing is left."""
    settle_restored(session, me)
    ops, bulk, more = _slice(session)
    if not ops:
        return 0
    known = cursors(session)
    later = _LATER.all(session.conn, first=ops[0].seq, last=ops[-1].seq) if more else ()
    found = insertions(session, ops, later) if bulk else None
    if found is not None:
        _seal(session, me, found.scope, known, found.groups, _ranges([line.act or 0 for line in ops], [found.length] * len(ops)))
    else:
        parts = by_scope(session, ops, later)
        # the county's own scope first: payments in other scopes depend on limits that were raised there
        for scope, part in sorted(parts.items(), key=lambda item: len(item[0])):
            _seal(session, me, scope, known, part.groups, _ranges(part.acts, part.lengths))
    save_head(session, me)
    return len(ops)


def _seal(
    session: Session, me: Identity, scope: str, known: Mapping[str, int], groups: list[Group], ranges: Iterable[tuple[int, int]]
) -> None:
    for start, end in ranges:
        for sealed, part in sealed_parts(me, scope, known.get(scope, 0), between(groups, start, end)):
            _keep(session, me, scope, known.get(scope, 0), sealed, part)


def seal_all(session: Session, me: Identity) -> None:
    """Seal all unsealed changes."""
    while seal(session, me):
        pass


def _slice(session: Session) -> tuple[Sequence[Op], bool, bool]:
    """Return the oldest unsealed ops, cut so that no act is split that fits into one batch; whether they are a run of insertions; whether
    more may follow."""
    ops = _OLDEST.all(session.conn, most=SLICE)
    acts = Counter(map(attrgetter("act"), ops))
    full = len(ops) == SLICE
    if full and acts[ops[-1].act] <= WHOLE:
        ops = ops[: -acts[ops[-1].act]]

    def splits(n: int) -> bool:
        return 0 < n < len(ops) and ops[n].act == ops[n - 1].act and acts[ops[n].act] <= WHOLE

    for inserted, run in groupby(range(len(ops)), key=lambda n: ops[n].what == "I"):
        places = list(run) if inserted else []
        while places and splits(places[0]):
            del places[0]
        while places and splits(places[-1] + 1):
            del places[-1]
        if len(places) > WHOLE:
            return (ops[: places[-1] + 1], True, True) if places[0] == 0 else (ops[: places[0]], False, True)
    return ops, False, full


@dataclass
class Insertions:
    """A run of insertions into one scope, as columns. `length`: characters of an insertion's values, on average."""

    scope: str
    groups: list[Group]
    length: int


def insertions(session: Session, ops: Sequence[Op], later: Sequence[Op]) -> Insertions | None:
    """Return the rows inserted by a run of ops, read by columns; None if they are in several scopes. `later`: see `op_values.by_scope`."""
    places = by_key((line.kind, place) for place, line in enumerate(ops))
    groups, scopes = [], set[str]()
    for number, mine in places.items():
        kind = kind_by_number(number)
        if kind is None:
            return None
        lines = ops if len(places) == 1 else [ops[place] for place in mine]
        columns = _columns(session, kind, lines)
        scopes.update(columns.pop(0))
        if len(scopes) > 1 or len(columns[0]) != len(mine):
            return None
        groups.append(_inserted(kind, lines, mine, columns))
        _wind_back(groups[-1], [line for line in later if line.kind == number])
    return Insertions(scopes.pop(), groups, 20 + max(map(_mean_length, groups)))


def _mean_length(group: Group) -> int:
    some = [v for column in group.values for v in column[:_SAMPLE] if type(v) is str]
    return sum(map(len, some)) // min(len(group.places), _SAMPLE)


@cache
def _run(kind: Kind) -> Prepared:
    t = table(kind)
    return Prepared(
        select(t.c.village, *(t.c[f.name] for f in kind.fields))
        .select_from(op.join(t, t.c.id == op.c.row_id))
        .where(op.c.seq.between(bindparam("first"), bindparam("last")), op.c.kind == kind.number, _UNSEALED)
        .order_by(op.c.seq),
        tuple,
    )


@cache
def _neighbours(kind: Kind) -> Prepared:
    t = table(kind)
    fields = (t.c[f.name] for f in kind.fields)
    between = t.c.id.between(bindparam("first"), bindparam("last"))
    return Prepared(select(t.c.id, t.c.village, *fields).where(between).order_by(t.c.id).limit(bindparam("most")), tuple)


def _columns(session: Session, kind: Kind, ops: Sequence[Op]) -> list[Any]:
    """The columns of a kind's rows inserted by ops: the scope, then the declared fields. The ids of one program run ascend: such rows are
    read from the index of ids alone, a quarter faster than through the change log."""
    ids = [line.row_id for line in ops]
    if ids[0][:PREFIX] == ids[-1][:PREFIX]:
        columns = list(map(list, zip(*_neighbours(kind).all(session.conn, first=ids[0], last=ids[-1], most=len(ids) + 1), strict=True)))
        if columns and columns.pop(0) == ids:
            return columns
    rows = _run(kind).all(session.conn, first=ops[0].seq, last=ops[-1].seq)
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _n in range(1 + len(kind.fields))]


def _inserted(kind: Kind, ops: Sequence[Op], places: list[int], columns: list[list[Stored]]) -> Group:
    _seq, _act, _kind, row_ids, _what, _mask, _old, by, at, salts, *_rest = zip(*ops, strict=True)
    return Group(
        kind=kind.number,
        what="I",
        fields=tuple(f.number for f in kind.fields),
        places=places,
        row_ids=list(row_ids),
        by=list(by),
        at=list(at),
        salts=list(salts),
        seqs=list(_seq),
        values=columns,
    )


def _wind_back(group: Group, later: Sequence[Op]) -> None:
    """Undo later edits in a group of insertions; then leave out the fields without values."""
    at = {row_id: n for n, row_id in enumerate(group.row_ids)} if later else {}
    column = dict(zip(group.fields, group.values, strict=True))
    for line in later:
        old = decode(line.old) if line.old else {}
        for number in touched(line.mask):
            column[number][at[line.row_id]] = old.get(str(number))
    filled = {number: values for number, values in column.items() if values[0] is not None or values.count(None) < len(values)}
    group.fields, group.values = tuple(filled), list(filled.values())


def _ranges(acts: Sequence[int], lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each batch. Acts of up to `WHOLE` changes are never split, larger ones get batches of their own."""
    start = place = size = 0
    for _act, members in groupby(acts):
        count = len(list(members))
        long = sum(lengths[place : place + count])
        if place > start and (size + long > BATCH_SIZE or count > WHOLE):
            yield start, place
            start, size = place, 0
        place, size = place + count, size + long
        if count > WHOLE:
            yield from ((n, min(n + BULK, place)) for n in range(start, place, BULK))
            start, size = place, 0
    if place > start:
        yield start, place


def _keep(session: Session, me: Identity, scope: str, known: int, sealed: bytes, groups: Sequence[Group]) -> None:
    seqs = [seq for group in groups for seq in group.seqs]
    line = {"incarnation": me.incarnation, "number": me.number, "scope": scope, "known": known, "count": len(seqs)}
    _TO_OUTBOX.run(session.conn, **(line | {"sha256": me.sha256, "body": sealed, "sealed_at": session.at}))
    if max(seqs) - min(seqs) == len(seqs) - 1:
        _MARK_ALL.run(session.conn, first=min(seqs), last=max(seqs), number=me.number)
    else:
        session.conn.execute(_MARK, [{"batch": me.number, "seq": seq} for seq in seqs])
