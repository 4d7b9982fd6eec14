"""公益岗 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from db.session import Session
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.posts import month_model
from desktop.posts.month_model import MonthModel
from desktop.posts.page import PostsPage
from desktop.posts.view_model import PostsModel, Term, Totals, Uses
from desktop.station import Station
from desktop.widgets.ledger_table import Row, Source, View
from desktop.widgets.listed import Listed, source
from desktop.wiring.forms import form_tools
from desktop.wiring.records import drafts, records
from domain import clock, divisions
from domain.fields import KINDS
from domain.words import _
from services import post_pay, posts, registry
from services.posts import Holder


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    listed = station.reading(_posts)
    uses = Uses(
        posts=source(lambda _view: listed()),
        holders=Source(station.reading(_holders), station.reading(_holder_rows)),
        totals=station.reading(_totals),
        records=records(station),
        appoint=station.writing(_("公益岗上岗"), posts.appoint),
        leave=station.writing(lambda ids, day, reason: _("公益岗退岗 {n} 人").format(n=len(ids)), posts.leave),
        terms=station.reading(lambda session, ids, kind: [_term(session, id, kind) for id in ids]),
        renew=station.writing(lambda kind, _values, ids: _("{what} {n} 人").format(what=_(KINDS[kind].label), n=len(ids)), posts.renew),
        home=station.store.scope,
    )
    month_uses = month_model.Uses(
        month=station.reading(post_pay.month),
        keep=station.writing(lambda month, marks: _("{month} 考勤 {n} 人").format(month=month, n=len(marks)), post_pay.keep),
        pay=station.writing(lambda month, on, ids: _("{month} 公益岗补贴 {n} 人").format(month=month, n=len(ids)), post_pay.pay),
    )
    printer = FormPrinter(frame, station)
    model, month = PostsModel(frame.jobs, uses), MonthModel(frame.jobs, month_uses, clock.this_month(), drafts(station))

    def paper(parent: QWidget, name: str, month: str) -> None:
        printer.show(parent, name, month=month)

    return PostsPage(frame, model, month, form_tools(frame, station), paper).keeping(model, month)


# -- posts ------------------------------------------------------------------------------------------------------------


def _posts(session: Session) -> list[Listed]:
    return [Listed(_post_row(line)) for line in posts.posts(session, session.today)]


def _post_row(line: posts.PostLine) -> Row:
    names = ("name", "type", "quota", "standard", "required_days", "developer", "fund", "user_unit")
    shown = {name: line.post.shown(name) for name in names}
    free = _("缺 {n} 人").format(n=line.free) if line.free > 0 else _("已满") if line.free == 0 else _("超额")
    village = divisions.name(line.post.village) or line.post.village
    return {"id": line.post.id, "village": village, **shown, "holders": str(line.holders), "free": free}


def _totals(session: Session) -> Totals:
    lines = posts.posts(session, session.today)
    held = posts.holders(session, session.today)
    matters = sum(bool(each.matters) for each in held)
    return Totals(len(lines), sum(line.post.quota for line in lines), sum(each.current for each in held), matters)


# -- holders ----------------------------------------------------------------------------------------------------------


def _holders(session: Session, view: View) -> Sequence[str]:
    found = posts.holders(session, session.today, view.filters.get("post"))
    wanted = (each for each in found if _is(view.filters.get("state"), each))
    return [each.appointment.id for each in wanted if view.search in each.name + each.post_name]


def _is(state: str | None, each: Holder) -> bool:
    return state is None or {"now": each.current, "matters": bool(each.matters), "left": not each.current}[state]


def _holder_rows(session: Session, ids: Sequence[str], _keys: Sequence[str]) -> list[Row]:
    found = posts.described(session, list(registry.by_id(session, "appointment", ids).values()), session.today)
    rows = {each.appointment.id: _holder_row(each) for each in found}
    return [rows[id] for id in ids if id in rows]


def _holder_row(each: Holder) -> Row:
    a, agreement = each.appointment, each.agreement
    return {
        "id": a.id,
        "name": each.name,
        "village": divisions.name(a.village) or a.village,
        "id_number": each.id_number,
        "category": each.category,
        "post": each.post_name,
        "start": a.start,
        "agreement": _("{start} 至 {end}").format(start=agreement.start, end=agreement.end) if agreement else "",
        "insurance": each.insurance.end if each.insurance else "",
        "matters": _("；").join(each.matters),
        "exit_on": a.exit_on or "",
        "exit_reason": a.exit_reason or "",
    }


def _term(session: Session, appointment_id: str, kind: str) -> Term:
    known = session.existing("appointment", appointment_id)
    (holder,) = posts.described(session, [known], session.today)
    start, end = posts.next_term(holder, kind, session.today)
    return Term(appointment_id, holder.name, start, end)
