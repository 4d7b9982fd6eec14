"""修改记录: the changes of a record as lines for people.

    lines(session, "person", id)

Besides the changes there are the values of a conflict that nothing took, and the act that made each change here: an import names its file.
The history of a claim also has its steps, payments and public notices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from db import acts, changes, conflicts
from db.mapping import table
from db.session import Session
from domain import claims as path
from domain.authors import name_of, station_of
from domain.fields import Kind, Record, kind_of
from domain.money import yuan_grouped
from domain.records import Claim, Notice, Payment
from domain.words import N_, _
from services.claims import claims
from services.lists.titles import field_text

_WHOLE = {"I": N_("新建"), "D": N_("删除"), "R": N_("找回")}


@dataclass(frozen=True)
class Line:
    """One change. `what`: the field, or what was done; `act`: the number of the act, if it was done here; `deed`: what that act was; `op`:
    I for a new record, U for a change, D for a deletion, R for a restoration, "" for what is no change of the record itself."""

    at: str
    by: str
    device: str
    what: str
    old: str
    new: str
    act: int | None = None
    deed: str = ""
    op: str = ""


def lines(session: Session, kind: str | Kind, id: str, *, plain: bool = False) -> list[Line]:
    """Every change of a record, oldest first; secret values are masked unless `plain`."""
    declared = kind_of(kind)
    found, made = [], changes.history(session, declared, id)
    deeds = deed_of(session)
    for change in made:
        field = declared.by_name.get(change.field)
        what = _(field.label) if field else _(_WHOLE.get(change.what, ""))
        old, new = (field_text(session, field, value, plain=plain) if field else "" for value in (change.old, change.new))
        if change.field == "facts" and old == new:
            continue  # a paper was kept there
        found.append(Line(change.at, change.by, change.device, what, old, new, change.act, deeds(change.act), change.what))
    more = [*lost(session, declared, id, made, plain=plain), *(_on_the_way(session, id) if declared is Claim.KIND else ())]
    return sorted((*found, *more), key=lambda line: line.at) if more else found


def deed_of(session: Session) -> Callable[[int | None], str]:
    """Look up what the acts of this laptop were, each once: 导入 花名册.xlsx."""

    @cache
    def deed(act: int | None) -> str:
        known = acts.find(session, act) if act is not None else None
        return known.label if known is not None else ""

    return deed


def lost(session: Session, kind: Kind, id: str, made: Sequence[changes.Change], *, plain: bool = False) -> Iterator[Line]:
    """The values of conflicts that were never taken: they are in no change of the record."""
    for one in conflicts.about(session, kind, id):
        if one.sort != "value" or one.declaration is None:
            continue
        taken = [change.new for change in made if change.field == one.field]
        for value, by, at in ((one.mine, one.my_by, one.my_at), (one.theirs, one.by, one.at)):
            if value not in taken:
                what = _("{field}（两边不一样，没有采用）").format(field=_(one.declaration.label))
                yield Line(at, name_of(by), station_of(by), what, "", field_text(session, one.declaration, value, plain=plain))


def _on_the_way(session: Session, id: str) -> Iterator[Line]:
    """The steps of a claim, its payments and the notices that named it."""
    for step in claims.steps_of(session, [id]).get(id, ()):
        new = _("；").join(filter(None, (path.state_label(step.to_state), step.opinion)))
        yield Line(step.at, name_of(step.by), station_of(step.by), _("办理"), "", new)
    for payment in session.select(Payment, claim_id=id):
        paid = _("{amount} 元").format(amount=yuan_grouped(abs(payment.amount)))
        yield _made(
            payment,
            _("退款") if payment.amount < 0 else _("拨付"),
            _("；").join(filter(None, (paid, payment.paid_on, payment.shown("bank_result")))),
        )
    for notice in session.select(Notice, table("notice").c.claims.contains(id, autoescape=True)):
        level = _("{level}公示").format(level=notice.shown("level"))
        posted = _("{start} 起 {n} 天").format(start=notice.start, n=notice.days)
        yield _made(notice, level, _("；").join(filter(None, (posted, notice.shown("result")))))


def _made(record: Record, what: str, new: str) -> Line:
    by = record.created_by or ""
    return Line(record.created_at or "", name_of(by), station_of(by), what, "", new)
