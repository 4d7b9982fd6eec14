"""Conflicts as users see them: the two values, who wrote them, and how to resolve them. The merge that records them is in
`sync.replica.conflicts`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select, update

from db import changes, erased
from db.among import among
from db.capture import UNACKNOWLEDGED, op
from db.exchange import DELETED, conflict, held_change, kind_by_number, settling
from db.session import Session
from domain.errors import DomainError, NotFound, Refused
from domain.fields import Field, Kind, kind_of
from domain.values import Stored, canonical_json
from domain.words import _

OPEN, INFO, SETTLED = "open", "info", "settled"


@dataclass(frozen=True)
class Conflict:
    """Two concurrent values of a field. `mine` is this station's value; at a station that wrote neither, the earlier in county order.
    Record values, unmasked."""

    id: str
    sort: str
    """value · deleted (an edit against a delete; the values are "is deleted") · parent (a row under a deleted one)."""
    kind: str
    record_id: str
    field: str
    """Field name, or `deleted`."""
    mine: Any
    theirs: Any
    base: Any
    by: str
    """Who wrote `theirs`, `name@station`, and when."""
    at: str
    state: str
    """open · info (the later value was taken, no action needed) · settled."""
    scope: str
    declaration: Field | None
    """The field's declaration, for labels and masking; None for `deleted`."""
    my_by: str = ""
    """Who wrote `mine`, and when."""
    my_at: str = ""

    def show(self, value: Any, *, plain: bool = False) -> str:
        """Format one of the values for display; secrets are masked unless `plain`. If words would make both look the same, the marks
        themselves are shown."""
        if self.sort == "deleted":
            return _("已删除") if value else _("保留")
        f = self.declaration
        if f is None:
            return str(value)
        alike = f.display is not None and f.show(self.mine) == f.show(self.theirs)  # such as twenty days present, but not the same twenty
        return f.show(value, plain=plain or alike)


def conflicts(session: Session, *, settled: bool = False) -> list[Conflict]:
    """Open conflicts of every class, including `info`, in county order; with `settled` also the resolved ones."""
    query = select(conflict).order_by(conflict.c.scope, conflict.c.seq, conflict.c.place, conflict.c.row_id, conflict.c.field)
    if not settled:
        query = query.where(conflict.c.state != SETTLED, conflict.c.pending.is_(None))
    return list(_read(session, session.conn.execute(query)))


def about(session: Session, kind: Kind, id: str) -> list[Conflict]:
    """Every conflict about one record, resolved ones too."""
    query = select(conflict).where(conflict.c.kind == kind.number, conflict.c.row_id == id)
    return list(_read(session, session.conn.execute(query.order_by(conflict.c.seq, conflict.c.place))))


def overruled(session: Session, kind: Kind, ids: Iterable[str]) -> Iterator[tuple[str, str, Any, Any]]:
    """Unsettled conflicts for information about records of a kind: record id, field, the value taken, and the other one."""
    informative = (conflict.c.kind == kind.number, conflict.c.state == INFO, conflict.c.pending.is_(None), conflict.c.sort == "value")
    for row in session.conn.execute(select(conflict).where(*informative, among(conflict.c.row_id, ids))):
        if (f := kind.by_number.get(row.field)) is not None:
            yield row.row_id, f.name, _value(f, row.later), _value(f, row.earlier)


def open_count(session: Session) -> int:
    """How many conflicts need a decision."""
    waiting = (conflict.c.state == OPEN) & conflict.c.pending.is_(None)
    return session.conn.execute(select(func.count()).select_from(conflict).where(waiting)).scalar_one()


def _read(session: Session, rows: Iterable[Row[Any]]) -> Iterator[Conflict]:
    for row in rows:
        kind = kind_by_number(row.kind)
        if kind is None or (row.field != DELETED and row.field not in kind.by_number):
            continue  # a kind or field that only a newer program knows
        f = kind.by_number.get(row.field)
        mine_is_later = _station(row.later_author) == session.station and _station(row.earlier_author) != session.station
        mine, theirs, other = ("later", "earlier", "earlier") if mine_is_later else ("earlier", "later", "later")
        yield Conflict(
            id=row.id,
            sort=row.sort,
            kind=kind.name,
            record_id=row.row_id,
            field=f.name if f else "deleted",
            mine=_value(f, getattr(row, mine)),
            theirs=_value(f, getattr(row, theirs)),
            base=_value(f, row.base),
            by=getattr(row, f"{other}_by"),
            at=getattr(row, f"{other}_at"),
            state=SETTLED if row.pending is not None else row.state,
            scope=row.scope,
            declaration=f,
            my_by=getattr(row, f"{mine}_by"),
            my_at=getattr(row, f"{mine}_at"),
        )


def _station(author: str) -> str:
    return author.rpartition(".")[0]


def _value(f: Field | None, kept: str) -> Any:
    value: Stored = json.loads(kept)
    return bool(value) if f is None else f.from_stored(value)


def resolve(session: Session, id: str, keep: str) -> Conflict:
    """Resolve a conflict: `keep` is `mine`, `theirs`, or a value as a person would type it. Returns the conflict as it was.

    The decision is a change like any other: it travels, and settles the conflict everywhere if its value is applied. Raises `NotFound`,
    `Refused` if this station may not write there, `DomainError` if the conflict is settled or its record moved away, `FieldError` for a
    value that does not fit.
    """
    found = next(_read(session, session.conn.execute(select(conflict).where(conflict.c.id == id))), None)
    if found is None:
        raise NotFound(_("没有这处不一致：{id}").format(id=id))
    if not session.may_write(found.scope):
        raise Refused(_("这处不一致属于别的单位，本站不能决定。"))
    if found.state == SETTLED:
        raise DomainError(_("这处不一致已经处理过了。"))
    if session.get(found.kind, found.record_id, deleted=True) is None:  # the county moved the record, so a decision here would reach nobody
        raise DomainError(_("这条记录已经转到别的村，由那边管，这里不用再定。"))
    stored = _chosen(found, keep)
    _write(session, found, stored)
    number = found.declaration.number if found.declaration else DELETED
    session.conn.execute(
        op.insert().values(
            act=session.act,
            kind=kind_of(found.kind).number,
            row_id=found.record_id,
            what="C",
            mask=0,
            old=settling(id, number, stored),
            by=session.author,
            at=session.at,
            salt=session.id_source.salt,
        )
    )
    session.conn.execute(update(conflict).where(conflict.c.id == id).values(pending=canonical_json(stored)))
    return found


def resolve_all(session: Session, keep: str) -> int:
    """Resolve every open conflict that this station may, all for `mine` or all for `theirs`, but none of erased records; returns how
    many."""
    done = 0
    listed = [one for one in conflicts(session) if one.state == OPEN and session.may_write(one.scope)]
    gone = erased.found(session.conn, ((kind_of(one.kind).number, one.record_id) for one in listed))
    for one in listed:
        if (kind_of(one.kind).number, one.record_id) not in gone:
            resolve(session, one.id, keep)
            done += 1
    return done


def _chosen(found: Conflict, keep: str) -> Stored:
    f = found.declaration
    if f is None:
        if keep not in ("mine", "theirs"):
            raise DomainError(_("删除与修改之间只能选 mine 或 theirs。"))
        return int(found.mine if keep == "mine" else found.theirs)
    value = found.mine if keep == "mine" else found.theirs if keep == "theirs" else f.read(keep)
    return f.to_stored(value)


def _write(session: Session, found: Conflict, stored: Stored) -> None:
    if found.declaration is None:
        flip = changes.delete if stored else changes.undelete
        flip(session, found.kind, found.record_id)
    else:
        changes.update(session, found.kind, found.record_id, {found.declaration.name: found.declaration.from_stored(stored)})


def withdraw(session: Session, act: int) -> None:
    """Withdraw the decisions of an act that are not sealed yet (`db.acts.undo` restores the values). They are moved to the present act,
    under an author that keeps them from being sent, so that redoing the act can make them again."""
    mine = (op.c.act == act) & (op.c.what == "C") & UNACKNOWLEDGED & op.c.batch.is_(None)
    for line in session.conn.execute(select(op).where(mine)).all():
        _open(session, json.loads(line.old)["conflict"])
        session.conn.execute(update(op).where(op.c.seq == line.seq).values(act=session.act, author=session.author))


def decide_again(session: Session, undoing: int, deed: int) -> None:
    """Repeat, in the name of the original act, the decisions that an undo withdrew. What was decided or changed otherwise since stays
    so."""
    withdrawn = (op.c.act == undoing) & (op.c.what == "C") & op.c.author.is_not(None)
    for line in session.conn.execute(select(op).where(withdrawn).order_by(op.c.seq)).all():
        session.conn.execute(op.delete().where(op.c.seq == line.seq))
        if _close(session, line):
            again = {name: value for name, value in line._mapping.items() if name != "seq"}
            again |= {"act": deed, "author": None, "by": session.author, "at": session.at, "salt": session.id_source.salt}
            session.conn.execute(op.insert().values(again))


def _open(session: Session, decided: str) -> None:
    session.conn.execute(update(conflict).where(conflict.c.id == decided).values(pending=None))
    if decided.startswith("held/"):  # a note that a held change was made again
        session.conn.execute(update(held_change).filter_by(**_place(decided)).values(released_at=None))


def _close(session: Session, line: Row[Any]) -> bool:
    """Settle the conflict that a log line decides. False unless it was open and its field has the chosen value."""
    decision = json.loads(line.old)
    if decision["conflict"].startswith("held/"):
        waits = update(held_change).filter_by(**_place(decision["conflict"])).where(held_change.c.released_at.is_(None))
        return session.conn.execute(waits.values(released_at=session.at)).rowcount == 1
    if _stands(session, line, decision["field"]) != decision["value"]:
        return False
    waits = update(conflict).where(conflict.c.id == decision["conflict"], conflict.c.pending.is_(None), conflict.c.state != SETTLED)
    return session.conn.execute(waits.values(pending=canonical_json(decision["value"]))).rowcount == 1


def _stands(session: Session, line: Row[Any], field: int) -> Stored:
    """The present value of a field, or whether the record is deleted."""
    kind = kind_of(line.kind)
    row = session.get(kind, line.row_id, deleted=True)
    if row is None:
        return None
    return (
        int(row.deleted_at is not None) if field == DELETED else kind.by_number[field].to_stored(getattr(row, kind.by_number[field].name))
    )


def _place(decided: str) -> dict[str, Any]:
    scope, seq, place = decided.split("/")[1:]
    return {"scope": scope, "seq": int(seq), "place": int(place)}
