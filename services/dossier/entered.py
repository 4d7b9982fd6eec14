"""Who entered and changed the records on which a claim is based, when and at which laptop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from sqlalchemy import select

from db import changes
from db.among import among
from db.capture import op
from db.mapping import table
from db.referring import referring_fields
from db.session import Session
from domain import claims as path
from domain import clock
from domain.authors import name_of, station_of
from domain.fields import Field, Kind, kind_of
from domain.grouping import by_key
from domain.records import Claim
from domain.values import Stored
from domain.words import _
from services import history
from services.claims.claims import ClaimStatus
from services.lists.titles import field_text, titles

_MOST: Final = 2_000
"""Most lines of the sheet; enough for a year's wages of a large workshop."""
Values = dict[int, Stored]
_OWN_SHEETS: Final = ("claim", "claim_step", "payment")
_DEPTH: Final = 2
"""Levels of references to follow: a wage refers to an employment, which refers to the person."""


def head() -> tuple[str, ...]:
    """The headings of `lines`."""
    return (
        _("类型"),
        _("记录"),
        _("录入时间"),
        _("谁录入"),
        _("录入的电脑"),
        _("最后改动"),
        _("谁改的"),
        _("改的电脑"),
        _("状态"),
        _("怎么来的"),
    )


def records(session: Session, claim: Claim) -> dict[str, list[str]]:
    """The person or employer of the claim, and all records that refer to them or to the claim, including deleted ones: ids by kind."""
    found: dict[tuple[str, str], None] = {}
    last = [(name, id) for name, id in (("person", claim.person_id), ("employer", claim.employer_id), ("claim", claim.id)) if id]
    for _depth in range(_DEPTH + 1):
        found |= dict.fromkeys(last)
        last = list(dict.fromkeys(islice((pair for pair in _referring(session, last) if pair not in found), _MOST)))
    return by_key(islice(found, _MOST))


def lines(session: Session, about: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    """One line for each record. The last column names the file from which this laptop imported it."""
    return [line for name, ids in about.items() for line in _lines(session, kind_of(name), ids)]


def _referring(session: Session, to: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    by_kind = by_key(to)
    for name, ids in by_kind.items():
        for kind, f in referring_fields(name):
            t = table(kind)
            yield from ((kind.name, id) for id in session.conn.execute(select(t.c.id).where(among(t.c[f.name], ids))).scalars())


def _lines(session: Session, kind: Kind, ids: list[str]) -> Iterator[tuple[str, ...]]:
    t, named, deed = table(kind), titles(session, kind, ids), history.deed_of(session)
    made = (op.c.kind == kind.number) & (op.c.what == "I") & among(op.c.row_id, ids)
    by_act: dict[str, int | None] = {row.row_id: row.act for row in session.conn.execute(select(op.c.row_id, op.c.act).where(made))}
    columns = (t.c.id, t.c.created_at, t.c.created_by, t.c.updated_at, t.c.updated_by, t.c.deleted_at)
    for row in session.conn.execute(select(*columns).where(among(t.c.id, ids)).order_by(t.c.created_at, t.c.id)):
        first = (clock.text(row.created_at), name_of(row.created_by), station_of(row.created_by))
        last = (clock.text(row.updated_at), name_of(row.updated_by), station_of(row.updated_by))
        state = _("已删除 {at}").format(at=clock.text(row.deleted_at)) if row.deleted_at else ""
        yield (
            _(kind.label),
            named.get(row.id, row.id),
            *first,
            *(last if last != first else ("", "", "")),
            state,
            deed(by_act.get(row.id)),
        )


def changed_head() -> tuple[str, ...]:
    """The headings of `changed`."""
    return _("类型"), _("记录"), _("时间"), _("谁"), _("电脑"), _("字段"), _("原来"), _("改为"), _("当时办到")


def changed(session: Session, now: ClaimStatus, about: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    """One line for each value of these records that was changed, and for each record deleted, restored or, once the claim was handed in,
    added, with its values; the oldest first. The last column says how far the claim was. The changes of the claim itself have a sheet of
    their own."""
    named: dict[str, str] = {}
    for name, ids in about.items():
        named |= titles(session, kind_of(name), ids)
    return [line for step, values in _changes(session, now, about) for line in _told(session, now, named, step, values)]


def after_approval(session: Session, now: ClaimStatus, about: Mapping[str, list[str]]) -> int:
    """The number of these records that were changed, added or deleted since the claim was first approved."""
    approved = next((step.at for step in now.steps if step.to_state == "approved"), None)
    return 0 if approved is None else len({step.row_id for step, _values in _changes(session, now, about) if step.at > approved})


def _changes(session: Session, now: ClaimStatus, about: Mapping[str, list[str]]) -> list[tuple[changes.Step, Values]]:
    """The steps of these records that are told, the oldest first, with the values of the record at that time."""
    found = []
    for name, ids in about.items():
        for taken in changes.steps_of(session, kind_of(name), ids).values() if name not in _OWN_SHEETS else ():
            values: Values = {}
            for step in taken:
                values = values | {number: new for number, (_old, new) in step.fields.items()}
                if step.what != "I" or any(one.at < step.at for one in now.steps):
                    found.append((step, values))
    return sorted(found, key=lambda one: one[0].at)


def _told(session: Session, now: ClaimStatus, named: Mapping[str, str], step: changes.Step, values: Values) -> Iterator[tuple[str, ...]]:
    who = (clock.text(step.at), name_of(step.by), station_of(step.by))
    first, stage = (_(step.kind.label), named.get(step.row_id, step.row_id), *who), _stage(now, step.at)
    whole = {"I": _("新增"), "D": _("删除"), "R": _("恢复")}.get(step.what)
    if whole is not None:
        text = _("；").join(f"{_(f.label)} {_text(session, f, value)}" for f, value in _fields(step.kind, values) if value is not None)
        yield (*first, whole, *((text, "") if step.what == "D" else ("", text)), stage)
        return
    for f, (old, new) in _fields(step.kind, step.fields):
        yield (*first, _(f.label), _text(session, f, old), _text(session, f, new), stage)


def _fields(kind: Kind, values: Mapping[int, Any]) -> Iterator[tuple[Field, Any]]:
    """The values of the fields that this program knows."""
    return ((kind.by_number[number], value) for number, value in values.items() if number in kind.by_number)


def _text(session: Session, f: Field, value: Stored) -> str:
    return field_text(session, f, f.from_stored(value), plain=True)


def _stage(now: ClaimStatus, at: str) -> str:
    """How far the claim was at a time: 批准前（村公示）."""
    taken = [step.to_state for step in now.steps if step.at < at]
    state = path.state_label(taken[-1] if taken else path.DRAFT)
    if all(step.to_state != "approved" for step in now.steps):
        return state
    return (_("批准后（{state}）") if "approved" in taken else _("批准前（{state}）")).format(state=state)
