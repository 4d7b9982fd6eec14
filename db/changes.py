"""The doors through which records are written, and the change log read back: undo and history.

Every write of a record goes through `insert`, `update`, `update_many`, `delete` or `undelete`, so that search columns and
stamps are right; the log itself is written by triggers (`db.capture`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select
from sqlalchemy import update as sql_update

from db.capture import act, op, view_log
from db.mapping import insert_many, stored, table
from db.search import search_columns
from db.session import Session
from domain.fields import Kind, Record, kind_of
from domain.values import Stored

_CHUNK = 2000


def insert(session: Session, kind: str | Kind | type[Record], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert new records given as record values with `id` and `village`; answers how many. Streams: memory stays bounded."""
    declared = _kind(kind)
    t = table(declared)
    base: dict[str, Stored] = dict.fromkeys(c.name for c in t.columns)
    base |= {"created_at": session.at, "created_by": session.author, "updated_at": session.at, "updated_by": session.author}
    count = 0
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        insert_many(session.conn, t, list(base), [{**base, **stored(declared, row), **search_columns(declared, row)} for row in chunk])
        count += len(chunk)
    return count


def update(session: Session, kind: str | Kind | type[Record], id: str, values: Mapping[str, Any]) -> bool:
    """Set the given fields of one record; False when it already held these values (then nothing is written)."""
    declared = _kind(kind)
    t = table(declared)
    now = session.conn.execute(select(*(t.c[name] for name in values)).where(t.c.id == id)).mappings().first() if values else None
    if now is None:
        return False
    columns = {name: value for name, value in stored(declared, values).items() if now[name] != value}
    if not columns:
        return False
    session.conn.execute(sql_update(t).where(t.c.id == id).values({**columns, **search_columns(declared, values)}))
    return True


def update_many(session: Session, kind: str | Kind | type[Record], rows: Iterable[Mapping[str, Any]]) -> int:
    """Set fields of many records; every row names its `id` and the same fields. Answers how many rows were given."""
    declared = _kind(kind)
    t = table(declared)
    count = 0
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        columns = [{**stored(declared, row), **search_columns(declared, row)} for row in chunk]
        names = [name for name in columns[0] if name != "id"]
        statement = sql_update(t).where(t.c.id == bindparam("row_id")).values({name: bindparam(f"v_{name}") for name in names})
        session.conn.execute(statement, [{"row_id": c["id"], **{f"v_{n}": c[n] for n in names}} for c in columns])
        count += len(chunk)
    return count


def delete(session: Session, kind: str | Kind | type[Record], id: str) -> bool:
    """Delete softly; False when there is no such record or it is deleted already."""
    t = table(_kind(kind))
    done = session.conn.execute(sql_update(t).where(t.c.id == id, t.c.deleted_at.is_(None)).values(deleted_at=session.at))
    return done.rowcount == 1


def undelete(session: Session, kind: str | Kind | type[Record], id: str) -> bool:
    """Bring a deleted record back; False when there is none."""
    t = table(_kind(kind))
    done = session.conn.execute(sql_update(t).where(t.c.id == id, t.c.deleted_at.is_not(None)).values(deleted_at=None))
    return done.rowcount == 1


def log_view(session: Session, what: str, reason: str) -> None:
    """Keep who looked at unmasked data, at what, and why. `what` names kinds and ids, never the data."""
    session.conn.execute(view_log.insert().values(at=session.at, by=session.author, what=what, reason=reason))


@dataclass(frozen=True)
class View:
    """Somebody saw unmasked data. `by`: `name@station`."""

    at: str
    by: str
    what: str
    reason: str


def views(session: Session) -> list[View]:
    """Who saw unmasked data here, the latest first."""
    query = select(view_log.c.at, view_log.c.by, view_log.c.what, view_log.c.reason).order_by(view_log.c.id.desc())
    return [View(*row) for row in session.conn.execute(query)]


# -- reading the log back ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One op with the fields it touched: number → (value before, value after), stored forms."""

    seq: int
    kind: Kind
    row_id: str
    what: str
    fields: Mapping[int, tuple[Stored, Stored]]
    by: str
    at: str
    author: str | None
    act: int | None


@lru_cache(maxsize=4096)
def touched(mask: int) -> tuple[int, ...]:
    """Field numbers of a change mask."""
    return tuple(n + 1 for n in range(mask.bit_length()) if mask >> n & 1)


_ORDER = (func.coalesce(op.c.entry, 2**62), op.c.seq)
"""County order, own changes that are not acknowledged last: the same history on every laptop."""


def row_steps(session: Session, kind: Kind, row_id: str) -> list[Step]:
    """Every change of one row, oldest first, with the values before and after (an insert: every field it set)."""
    t = table(kind)
    row = session.conn.execute(select(t).where(t.c.id == row_id)).mappings().first()
    if row is None:
        return []
    mine = (op.c.row_id == row_id) & (op.c.kind == kind.number) & (op.c.what != "C")
    ops = session.conn.execute(select(op).where(mine).order_by(*(column.desc() for column in _ORDER))).all()
    after: dict[int, Stored] = {f.number: row[f.name] for f in kind.fields}
    steps = [_step(kind, entry, after) for entry in ops]
    if not any(step.what == "I" for step in steps):  # of insertions by others the row itself tells by whom and when
        fields = {n: (None, v) for n, v in after.items() if v is not None}
        steps.append(Step(0, kind, row_id, "I", fields, row["created_by"], row["created_at"], row["author"], None))
    return steps[::-1]


def _step(kind: Kind, entry: Row[Any], after: dict[int, Stored]) -> Step:
    """One op read backwards: `after` holds the row as the op left it and is wound back to what it was before."""
    if entry.what == "I":
        fields: dict[int, tuple[Stored, Stored]] = {n: (None, v) for n, v in after.items() if v is not None}
    else:
        old = json.loads(entry.old) if entry.old else {}
        fields = {n: (old.get(str(n)), after.get(n)) for n in touched(entry.mask)}
        after.update({n: pair[0] for n, pair in fields.items()})
    return Step(entry.seq, kind, entry.row_id, entry.what, fields, entry.by, entry.at, entry.author, entry.act)


@dataclass(frozen=True)
class Change:
    """One line of a record's history; `field` is empty for a deletion or its undoing. Values are record values."""

    at: str
    by: str
    device: str
    what: str
    field: str
    old: Any
    new: Any


def history(session: Session, kind: str | Kind | type[Record], id: str) -> list[Change]:
    """Every change of a record, oldest first."""
    declared = _kind(kind)
    changes = []
    for step in row_steps(session, declared, id):
        who, _, device = step.by.rpartition("@")
        if not step.fields:
            changes.append(Change(step.at, who, device, step.what, "", None, None))
        for number, (old, new) in step.fields.items():
            f = declared.by_number.get(number)
            if f is None:
                continue  # a field of a newer program
            changes.append(Change(step.at, who, device, step.what, f.name, f.from_stored(old), f.from_stored(new)))
    return changes


@dataclass(frozen=True)
class Undone:
    """What taking an act back did: records put back, records it had made removed, records kept because they changed since or
    records that stay refer to them."""

    restored: int
    removed: int
    kept: int


def undo(session: Session, act_id: int) -> Undone:
    """Take a whole act back (a form saved, an import). What anyone changed since, or work entered since refers to, stays as it is
    and is counted as kept; once that work is gone, undoing again takes the rest."""
    from db.conflicts import withdraw  # deciding builds on this module

    numbers = session.conn.execute(select(op.c.kind).where(op.c.act == act_id).distinct().order_by(op.c.kind)).scalars().all()
    kinds = [kind_of(number) for number in numbers]
    restored = kept = 0
    for kind in kinds:
        for row_id in _changed_rows(session, kind, act_id):
            changed, left = _undo_row(session, kind, row_id, act_id)
            restored += changed
            kept += left and not changed
    removed, left_standing = _remove_made(session, kinds, act_id)
    kept += left_standing
    withdraw(session, act_id)
    session.conn.execute(sql_update(act).where(act.c.id == act_id).values(undone_by=session.act))
    if not kept:  # an undoing that left something standing cancels nothing for the undoing of earlier acts
        session.conn.execute(sql_update(act).where(act.c.id == session.act).values(undoes=act_id))
    return Undone(restored, removed, kept)


def _remove_made(session: Session, kinds: Iterable[Kind], act_id: int) -> tuple[int, int]:
    """Delete the records the act made that nobody has touched since and nothing that stays needs; answers how many went and stayed."""
    from db.referring import needed  # only undoing asks

    there, going = 0, {}
    for kind in kinds:
        t = table(kind)
        made = select(op.c.row_id).where(op.c.act == act_id, op.c.kind == kind.number, op.c.what == "I")
        since = select(op.c.seq).where(op.c.row_id == t.c.id, op.c.kind == kind.number, op.c.act.is_distinct_from(act_id), _stands(act_id))
        alive = select(t.c.id, since.exists()).where(t.c.id.in_(made), t.c.deleted_at.is_(None))
        rows = session.conn.execute(alive).all()
        there += len(rows)
        going[kind.name] = {id for id, changed in rows if not changed}
    kept = needed(session, going)
    removed = sum(_delete_all(session, kind, going[kind.name] - kept.get(kind.name, set())) for kind in kinds)
    return removed, there - removed


def _delete_all(session: Session, kind: Kind, ids: Iterable[str]) -> int:
    t = table(kind)
    waiting = iter(sorted(ids))
    count = 0
    while chunk := list(islice(waiting, _CHUNK)):
        count += session.conn.execute(sql_update(t).where(t.c.id.in_(chunk)).values(deleted_at=session.at)).rowcount
    return count


def _stands(act_id: int) -> ColumnElement[bool]:
    """Ops that count as work done since an act: not those of a later act that was wholly taken back, nor of its undoing."""
    undoing = act.alias("undoing")
    cancelled = select(undoing.c.undoes).where(undoing.c.undoes > act_id)
    undoings = select(undoing.c.id).where(undoing.c.undoes > act_id)
    return op.c.act.is_(None) | (op.c.act.not_in(cancelled) & op.c.act.not_in(undoings))


def _changed_rows(session: Session, kind: Kind, act_id: int) -> list[str]:
    """Rows the act changed without having made them."""
    made = select(op.c.row_id).where(op.c.act == act_id, op.c.kind == kind.number, op.c.what == "I")
    rows = (
        select(op.c.row_id)
        .where(op.c.act == act_id, op.c.kind == kind.number, op.c.what != "C", op.c.row_id.not_in(made))
        .distinct()
        .order_by(op.c.row_id)
    )
    return list(session.conn.execute(rows).scalars())


def _undo_row(session: Session, kind: Kind, row_id: str, act_id: int) -> tuple[bool, bool]:
    """Put a row back to what it was before the act; answers whether that changed it, and whether later changes stand in the way."""
    steps = row_steps(session, kind, row_id)
    own = [step for step in steps if step.act == act_id]
    if not own:  # the row has left this scope
        return False, False
    later = steps[steps.index(own[-1]) + 1 :]
    before: dict[int, Stored] = {}
    for step in own:
        for number, (old, _new) in step.fields.items():
            before.setdefault(number, old)
    since = {number: new for step in later for number, (_old, new) in step.fields.items()}
    values = {kind.by_number[n].name: kind.by_number[n].from_stored(v) for n, v in before.items() if n not in since}
    changed = update(session, kind, row_id, values) if values else False
    flipped, stays = _undo_deletion(session, kind, row_id, own, later)
    return changed or flipped, stays or any(since[n] != old for n, old in before.items() if n in since)


def _undo_deletion(session: Session, kind: Kind, row_id: str, own: list[Step], later: list[Step]) -> tuple[bool, bool]:
    flips = [step.what for step in own if step.what in "DR"]
    since = [step.what for step in later if step.what in "DR"]
    if not flips or since:
        return False, bool(flips) and since[-1] == flips[-1]
    return (undelete(session, kind, row_id) if flips[-1] == "D" else delete(session, kind, row_id)), False


@dataclass(frozen=True)
class Act:
    """A write transaction as 撤销 shows it."""

    id: int
    at: str
    by: str
    label: str
    undone: bool
    """Taken back wholly: when something was kept it can be undone once more."""


@dataclass(frozen=True)
class Touched:
    """A record an act touched; `what` it did first: I insert, U update, D delete, R undelete."""

    kind: str
    id: str
    what: str


def touched_by(session: Session, act_id: int) -> list[Touched]:
    """The records an act touched, in the order in which it came to them."""
    query = select(op.c.kind, op.c.row_id, op.c.what).where(op.c.act == act_id, op.c.what != "C").order_by(op.c.seq)
    first: dict[tuple[int, str], str] = {}
    for kind, id, what in session.conn.execute(query):
        first.setdefault((kind, id), what)
    return [Touched(kind_of(kind).name, id, what) for (kind, id), what in first.items()]


def rows_touched(session: Session) -> dict[int, int]:
    """How many records each act touched; those that touched none are left out."""
    rows = select(op.c.act, op.c.kind, op.c.row_id).where(op.c.act.is_not(None), op.c.what != "C").distinct().subquery()
    return dict(session.conn.execute(select(rows.c.act, func.count()).group_by(rows.c.act)).all())


def acts(session: Session, limit: int | None = 50, *, by: str | None = None) -> list[Act]:
    """The latest acts, newest first; `by` (`name@station`) keeps one person's."""
    query = _acts().order_by(act.c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(act.c.by == by)
    return [Act(*row) for row in session.conn.execute(query)]


def act_of(session: Session, act_id: int) -> Act | None:
    """The act of that number, or None."""
    row = session.conn.execute(_acts().where(act.c.id == act_id)).first()
    return None if row is None else Act(*row)


def _acts() -> Select[Any]:
    undoing = act.alias("undoing")
    whole = select(undoing.c.id).where(undoing.c.undoes == act.c.id).exists()
    return select(act.c.id, act.c.at, act.c.by, act.c.label, whole)


def last_undoable(session: Session) -> Act | None:
    """The user's latest act that was not undone and is not itself an undo."""
    query = (
        select(act).where(act.c.by == session.author, act.c.undone_by.is_(None), act.c.undoes.is_(None)).order_by(act.c.id.desc()).limit(1)
    )
    if session.act is not None:
        query = query.where(act.c.id != session.act)
    row = session.conn.execute(query).first()
    return None if row is None else Act(row.id, row.at, row.by, row.label, False)


def unsent(session: Session) -> int:
    """How many own changes the county has not acknowledged."""
    from db.exchange import unacknowledged  # the exchange tables build on this module

    return int(unacknowledged(session))


def _kind(kind: str | Kind | type[Record]) -> Kind:
    return kind if isinstance(kind, Kind) else kind_of(kind)
