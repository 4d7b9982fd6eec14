"""Reasons why a person entered or left the figures of a sealed report: the changes recorded about them since it was handed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import or_, select

from db import changes
from db.capture import op
from db.changes import Step
from db.mapping import table
from db.merged import root, selves
from db.session import Session
from domain import clock
from domain.authors import name_of
from domain.fields import Kind, kind_of
from domain.records import MonthlyCheck, Person
from domain.values import Type
from domain.words import _
from services.reports.monthly import counted_on
from services.reports.sealed import Sealed

_KINDS: Final = ("employment", "appointment", "job_wish", "monthly_check", "category_span")
"""Kinds of record that the figures of the monthly report are computed from, besides the person's own record."""
_MAX_REASONS: Final = 6
"""Reasons given for one person."""


def reasons(session: Session, one: Sealed, attachment: str, person: str) -> list[str]:
    """Sentences that explain the change, the earliest first. `attachment`: id of the report's attachment; its place in the local change
    log separates later changes from earlier ones without relying on the clock of the computer that wrote them."""
    mark = _log_position(session, attachment)
    at = str(one.facts["at"])
    found = [(step.at, _sentence(step)) for step in _later_steps(session, one, person, mark, at)]
    if found:
        return [text for _at, text in sorted(found)][:_MAX_REASONS]
    if session.get(Person, person, deleted=True) is None:
        return [_("这个人的记录已不在本站：迁走了，或已按规定删除。")]
    if one.facts["day"] != counted_on(session, one.month):
        return [_("报出时统计到 {day}，那以后的变动。").format(day=one.facts["day"])]
    return [_("别的电脑在报出以前记的，报出以后才传到本机。")]


def _log_position(session: Session, attachment: str) -> int:
    """Sequence number of the report in the local change log; 0 where it came with a snapshot."""
    kind = kind_of("attachment").number
    query = select(op.c.seq).where(op.c.kind == kind, op.c.row_id == attachment, op.c.what == "I").order_by(op.c.seq).limit(1)
    return int(session.conn.execute(query).scalar() or 0)


def _later_steps(session: Session, one: Sealed, person: str, mark: int, at: str) -> Iterator[Step]:
    for kind, row in _changed_rows(session, one, person, at):
        for step in changes.row_steps(session, kind, row):
            if (step.seq > mark) if step.seq and mark else step.at > at:
                yield step


def _changed_rows(session: Session, one: Sealed, person: str, at: str) -> Iterator[tuple[Kind, str]]:
    """Kind and id of the records of the person, and of those merged with them, that were written since `at`."""
    whose = sorted({person, *selves(session, root(session, person))})
    for name in ("person", *_KINDS):
        kind, t = kind_of(name), table(name)
        owner = t.c.id if name == "person" else t.c.person_id
        since = or_(t.c.updated_at >= at, t.c.created_at >= at, t.c.deleted_at >= at)
        query = select(t.c.id).where(owner.in_(whose), since)
        if name == MonthlyCheck.KIND.name:
            query = query.where(t.c.month == one.month)
        for id in session.conn.execute(query.order_by(t.c.id)).scalars():
            yield kind, id


def _sentence(step: Step) -> str:
    words = {"I": _("补记{kind}"), "U": _("改了{kind}"), "D": _("删除{kind}"), "R": _("恢复{kind}")}
    text = words.get(step.what, words["U"]).format(kind=_(step.kind.label))
    fields = _fields(step) if step.what == "U" else []
    more = _("：{fields}").format(fields=_("，").join(fields)) if fields else ""
    return _("{what}{fields}（{at} {who}）").format(what=text, fields=more, at=clock.text(step.at), who=name_of(step.by))


def _fields(step: Step) -> Sequence[str]:
    """The changed fields with their old and new values; of secret fields (ID numbers, say), references and JSON only the label."""
    found = []
    for number, (old, new) in step.fields.items():
        f = step.kind.by_number.get(number)
        if f is None:
            continue  # a field of a newer program
        if f.secret or f.type in (Type.ID, Type.IDS, Type.JSON):
            found.append(_(f.label))
            continue
        was, now = (f.show(f.from_stored(value)) if value is not None else _("空") for value in (old, new))
        found.append(_("{label} {was} 改为 {now}").format(label=_(f.label), was=was, now=now))
    return found
