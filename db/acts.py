"""Undo (撤销) and redo of acts. An act is one write transaction of a user."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, or_, select, union
from sqlalchemy import update as sql_update

from db import erased
from db.among import among
from db.capture import act, op
from db.changes import BATCH, Step, delete_all, steps_of, undelete, update_many
from db.conflicts import decide_again, withdraw
from db.mapping import table
from db.referring import needed
from db.session import Session
from domain.fields import Kind, kind_of
from domain.grouping import chunks
from domain.values import Stored
from domain.words import LazyText, openings, shown, stored


@dataclass(frozen=True)
class Undone:
    """The result of an undo: how many records were restored, how many that the act had created were removed, and how many were kept
    because they changed since or other records refer to them."""

    restored: int
    removed: int
    kept: int


def undo(session: Session, act_id: int) -> Undone:
    """Undo a whole act (a saved form, an import). Records changed or erased since, or referred to by later work, stay as they are and are
    counted as kept; once that work is gone, undoing again takes the rest. To undo an undo is to redo the act completely: what earlier
    undos of the same act had taken back returns, too."""
    deed = _original_act(session, act_id)
    parts = [act_id, *(_superseded_undos(session, act_id, deed) if deed is not None else ())]
    restored, removed, kept = (sum(figures) for figures in zip(*(_undo_act(session, part) for part in parts), strict=True))
    if deed is None:
        withdraw(session, act_id)
    else:
        for part in parts:
            decide_again(session, part, deed)
    _record_undo(session, act_id, deed, whole=not kept)
    return Undone(restored, removed, kept)


def _undo_act(session: Session, act_id: int) -> tuple[int, int, int]:
    """Undo the changes of one act; returns how many records were restored, were removed and are kept."""
    numbers = session.conn.execute(select(op.c.kind).where(op.c.act == act_id).distinct().order_by(op.c.kind)).scalars().all()
    kinds = [kind_of(number) for number in numbers]
    # a step forbids changes of its claim: what is only added, and nothing refers to, goes first
    removed, kept = _remove_created(session, [kind for kind in kinds if kind.append_only], act_id)
    restored = 0
    cancelled = set(session.conn.execute(_cancelled(act_id)).scalars())
    for kind in kinds:
        back = _restore_deleted(session, kind, act_id)
        restored += len(back)
        for rows in chunks([id for id in _changed_rows(session, kind, act_id) if id not in back], BATCH):
            changed, left = _undo_rows(session, kind, rows, act_id, cancelled)
            restored, kept = restored + changed, kept + left
    more, left_standing = _remove_created(session, [kind for kind in kinds if not kind.append_only], act_id)
    return restored, removed + more, kept + left_standing


def _record_undo(session: Session, act_id: int, deed: int | None, *, whole: bool) -> None:
    """Record which act undid which. An act that is redone counts as never undone."""

    def note(which: ColumnElement[bool], **values: int | None) -> None:
        session.conn.execute(sql_update(act).where(which).values(**values))

    if deed is not None:
        note(act.c.id == deed, undone_by=None)
        note((act.c.id == act_id) | (act.c.undone_by == act_id), undoes=deed, undone_by=session.act)
    elif earlier := session.conn.execute(select(act.c.undone_by).where(act.c.id == act_id)).scalar():
        # earlier partial undos of the same act end with this one
        note((act.c.id == earlier) | (act.c.undone_by == earlier), undone_by=session.act)
    note(act.c.id == act_id, undone_by=session.act)
    if whole or deed is not None:  # a partial undo cancels nothing for the undo of earlier acts
        note(act.c.id == session.act, undoes=act_id)


def _original_act(session: Session, undoing: int) -> int | None:
    """The act that an undo took back and that was not redone; None if the act is no undo."""
    query = select(func.min(act.c.id)).where(act.c.undone_by == undoing, act.c.undoes.is_(None))
    deed: int | None = session.conn.execute(query).scalar_one()
    return deed


def _superseded_undos(session: Session, undoing: int, deed: int) -> Sequence[int]:
    """The partial undos of an act that a later undo superseded, the latest first."""
    query = select(act.c.id).where(act.c.undone_by == undoing, act.c.id != deed, act.c.undoes.is_(None))
    return session.conn.execute(query.order_by(act.c.id.desc())).scalars().all()


def _remove_created(session: Session, kinds: Iterable[Kind], act_id: int) -> tuple[int, int]:
    """Delete the records the act created or restored that nobody has touched since and that no remaining record needs; returns how many
    were removed and how many were kept."""
    there, going, brought = 0, {}, {}
    last = select(func.max(op.c.seq)).where(op.c.act == act_id).scalar_subquery()
    later = (op.c.seq > last) & op.c.act.is_distinct_from(session.act) & _later_work(act_id)
    for kind in kinds:
        t = table(kind)
        own = (op.c.act == act_id) & (op.c.kind == kind.number)
        gone = select(op.c.row_id).where(own, op.c.what == "D")
        made = select(op.c.row_id).where(own, op.c.what.in_(("I", "R")), op.c.row_id.not_in(gone))
        since = select(op.c.seq).where(op.c.row_id == t.c.id, op.c.kind == kind.number, later)
        alive = select(t.c.id, since.exists()).where(t.c.id.in_(made), t.c.deleted_at.is_(None))
        rows = session.conn.execute(alive).all()
        there += len(rows)
        going[kind.name] = {id for id, changed in rows if not changed}
        brought[kind.name] = going[kind.name].difference(session.conn.execute(select(op.c.row_id).where(own, op.c.what == "I")).scalars())
    kept = needed(session, going, brought, later)
    unneeded = ((kind, going[kind.name] - kept.get(kind.name, set())) for kind in kinds)
    removed = sum(delete_all(session, kind, among(table(kind).c.id, ids)) for kind, ids in unneeded)
    return removed, there - removed


def _cancelled(act_id: int) -> CompoundSelect[Any]:
    """Later acts that cancel out: those undone completely, and the undos that did so. An undo that was itself undone is among them, so
    that the act it took back counts again."""
    undoing, again = act.alias("undoing"), act.alias("again")
    stands = (undoing.c.undoes > act_id) & undoing.c.undone_by.is_(None)
    over = (undoing.c.id > act_id) & undoing.c.undoes.is_not(None) & again.c.undone_by.is_(None)  # undone in several parts, redone at once
    parts = select(undoing.c.id).join(again, undoing.c.undone_by == again.c.id).where(over)
    return union(select(undoing.c.undoes).where(stands), select(undoing.c.id).where(stands), parts)


def _later_work(act_id: int) -> ColumnElement[bool]:
    """Condition: ops that count as work done since an act."""
    return op.c.act.is_(None) | op.c.act.not_in(_cancelled(act_id))


def _restore_deleted(session: Session, kind: Kind, act_id: int) -> set[str]:
    """Restore, by one statement, the rows that the act only deleted and that nobody has deleted, restored or erased since; returns
    their ids. Redoing an import can have thousands of them."""
    own = (op.c.act == act_id) & (op.c.kind == kind.number) & (op.c.what != "C")
    once = select(op.c.row_id).where(own).group_by(op.c.row_id).having(func.min(op.c.what) == "D", func.max(op.c.what) == "D")
    last = select(func.max(op.c.seq)).where(op.c.act == act_id).scalar_subquery()
    flips = (op.c.kind == kind.number) & (op.c.seq > last) & op.c.what.in_(("D", "R")) & _later_work(act_id)
    t = table(kind)
    flipped = select(op.c.seq).where(op.c.row_id == t.c.id, flips).exists()
    gone = select(erased.erased.c.row_id).where(erased.erased.c.kind == kind.number)
    back = t.c.id.in_(once) & t.c.deleted_at.is_not(None) & ~flipped & t.c.id.not_in(gone)
    return set(session.conn.execute(sql_update(t).where(back).values(deleted_at=None).returning(t.c.id)).scalars())


def _changed_rows(session: Session, kind: Kind, act_id: int) -> list[str]:
    """Rows that the act changed or deleted but did not create; those it only restored are handled with those it created."""
    own = (op.c.act == act_id) & (op.c.kind == kind.number)
    made = select(op.c.row_id).where(own, op.c.what == "I")
    rows = select(op.c.row_id).where(own, op.c.what.in_(("U", "D")), op.c.row_id.not_in(made)).distinct().order_by(op.c.row_id)
    return list(session.conn.execute(rows).scalars())


def _flipped(steps: Sequence[Step]) -> str:
    """What the last of these steps that deleted or restored the row did, D or R; "" if none did."""
    return next((step.what for step in reversed(steps) if step.what in "DR"), "")


def _undo_rows(session: Session, kind: Kind, ids: Sequence[str], act_id: int, cancelled: Container[int | None]) -> tuple[int, int]:
    """Restore rows to their state before the act; returns how many were changed, and how many others later changes prevent."""
    rows: dict[frozenset[str], list[dict[str, Any]]] = {}
    gone = {id for _kind, id in erased.found(session.conn, ((kind.number, id) for id in ids))}
    changed, hindered, flips = set[str](), set(gone), list[str]()
    for id, steps in steps_of(session, kind, [id for id in ids if id not in gone]).items():
        own = [step for step in steps if step.act == act_id]
        if not own:  # the row has left this scope
            continue
        later = [step for step in steps[steps.index(own[-1]) + 1 :] if step.act not in cancelled]
        before = {number: old for step in reversed(own) for number, (old, _new) in step.fields.items()}  # the first step's counts
        since, now = _values_after(later), _values_after(steps)
        values = {kind.by_number[n]: v for n, v in before.items() if n not in since and now[n] != v}
        if values:
            changed.add(id)
            row = {f.name: f.from_stored(value) for f, value in values.items()}
            rows.setdefault(frozenset(row), []).append({"id": id, **row})
        deleted, flipped = _flipped(own) == "D", _flipped(later)  # restored rows are removed with the created ones
        if deleted and not flipped:
            flips.append(id)
        if (deleted and flipped == "D") or any(since[n] != old for n, old in before.items() if n in since):
            hindered.add(id)
    for listed in rows.values():
        update_many(session, kind, listed)
    changed |= {id for id in flips if undelete(session, kind, id)}
    return len(changed), len(hindered - changed)


def _values_after(steps: Iterable[Step]) -> dict[int, Stored]:
    """The values after these steps of the fields they touched."""
    return {number: new for step in steps for number, (_old, new) in step.fields.items()}


@dataclass(frozen=True)
class Act:
    """A write transaction as the undo list shows it."""

    id: int
    at: str
    by: str
    stored: str
    """The label as the table has it, see `words.stored`."""
    undone: bool
    """Undone completely. If something was kept, the act can be undone once more."""

    @property
    def label(self) -> str:
        """What was done, in the present language."""
        return shown(self.stored)


@dataclass(frozen=True)
class Touched:
    """A record that an act touched; `what` is the first operation on it: I insert, U update, D delete, R undelete."""

    kind: str
    id: str
    what: str


def touched_by(session: Session, act_id: int) -> list[Touched]:
    """The records that an act touched, in the order of the first operation on each."""
    query = select(op.c.kind, op.c.row_id, op.c.what).where(op.c.act == act_id, op.c.what != "C").order_by(op.c.seq)
    first: dict[tuple[int, str], str] = {}
    for kind, id, what in session.conn.execute(query):
        first.setdefault((kind, id), what)
    return [Touched(kind_of(kind).name, id, what) for (kind, id), what in first.items()]


def rows_touched(session: Session) -> dict[int, int]:
    """The number of records each act touched; acts that touched none are omitted."""
    rows = select(op.c.act, op.c.kind, op.c.row_id).where(op.c.act.is_not(None), op.c.what != "C").distinct().subquery()
    return dict(session.conn.execute(select(rows.c.act, func.count()).group_by(rows.c.act)).all())


def latest(session: Session, limit: int | None = 50, *, text: str = "") -> list[Act]:
    """The latest acts, newest first; with `text` those whose label is that lazy text, whatever its values."""
    query = _acts().order_by(act.c.id.desc()).limit(limit)
    if text:
        query = query.where(or_(*(act.c.label.startswith(each, autoescape=True) for each in openings(text))))
    return [Act(*row) for row in session.conn.execute(query)]


def keep(session: Session, label: LazyText | str, by: str) -> None:
    """Add an act that touched no record, which undo skips: a change of users, or a county command. `by`: `name@station`."""
    session.conn.execute(act.insert().values(at=session.at, by=by, label=stored(label), undone_by=0))


def find(session: Session, act_id: int) -> Act | None:
    """The act with that id, or None."""
    row = session.conn.execute(_acts().where(act.c.id == act_id)).first()
    return None if row is None else Act(*row)


def _acts() -> Select[Any]:
    undoing = act.alias("undoing")
    whole = select(undoing.c.id).where(undoing.c.undoes == act.c.id, undoing.c.undone_by.is_(None)).exists()
    return select(act.c.id, act.c.at, act.c.by, act.c.label, whole)


def last_undoable(session: Session) -> Act | None:
    """The user's latest act that is in effect and is not itself an undo."""
    return _latest_own(session, act.c.undone_by.is_(None) & ~_takes_back())


def last_redoable(session: Session) -> Act | None:
    """The user's latest undo that is in effect, with the label of the act it took back; None once the user did something else."""
    deed = act.alias("deed")
    of_a_deed = select(deed.c.id).where(deed.c.undone_by == act.c.id, deed.c.undoes.is_(None)).exists()
    newest = _latest_own(session, ~_takes_back())
    undoing = _latest_own(session, act.c.undone_by.is_(None) & of_a_deed & (act.c.id > (newest.id if newest else 0)))
    taken = find(session, _original_act(session, undoing.id) or 0) if undoing else None
    return replace(undoing, stored=taken.stored) if undoing and taken else None


def _takes_back() -> ColumnElement[bool]:
    taken = act.alias("taken")
    return act.c.undoes.is_not(None) | select(taken.c.id).where(taken.c.undone_by == act.c.id).exists()


def _latest_own(session: Session, which: ColumnElement[bool]) -> Act | None:
    own = (act.c.by == session.author) & act.c.id.is_distinct_from(session.act)
    row = session.conn.execute(_acts().where(own, which).order_by(act.c.id.desc()).limit(1)).first()
    return None if row is None else Act(*row)
