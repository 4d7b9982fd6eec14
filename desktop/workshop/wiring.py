"""车间 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db.mapping import table
from db.session import Session
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.widgets.ledger_table import Row, Source, View
from desktop.widgets.listed import Listed
from desktop.wiring.forms import form_tools
from desktop.wiring.records import drafts, records
from desktop.wiring.verdicts import VerdictSource
from desktop.workshop import wages_model
from desktop.workshop.page import WorkshopPage
from desktop.workshop.view_model import Export, Facts, Uses, WorkshopModel
from desktop.workshop.wages_model import WagesModel
from domain import clock
from domain.identity import age_on
from domain.money import yuan_read
from domain.records import Person, Recognition
from domain.words import _
from services import finding, wages, workshop
from services.workshop_sheets import export_roster, export_wages


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    verdicts = VerdictSource(station)
    uses = Uses(
        workshops=Source(station.reading(_ids), station.reading(_rows)),
        facts=station.reading(_facts),
        roster=station.reading(_roster),
        roster_rows=station.reading(_roster_rows),
        recognitions=station.reading(_recognitions),
        records=records(station),
        found=station.writing(lambda employer, recognition: _("新增车间 {name}").format(name=employer["name"]), workshop.found),
        hire=station.writing(_("车间入职"), workshop.hire),
        end=station.writing(lambda ids, day, reason: _("车间离职 {n} 人").format(n=len(ids)), workshop.leave),
        verdicts=verdicts.of_employer,
        file=verdicts.file,
        export=lambda wanted: _export(station, wanted),
    )
    sheet_uses = wages_model.Uses(
        sheet=station.reading(lambda session, id, year: wages.wage_sheet(session, id, year, on=clock.today())),
        enter=station.writing(lambda employer_id, amounts: _("录入工资 {n} 格").format(n=len(amounts)), wages.enter_wages),
    )
    model, sheets = WorkshopModel(frame.jobs, uses), WagesModel(frame.jobs, sheet_uses, drafts(station))
    return WorkshopPage(frame, model, sheets, form_tools(frame, station)).keeping(model, sheets)


# -- the list ---------------------------------------------------------------------------------------------------------


def _ids(session: Session, view: View) -> list[str]:
    found = [one.employer.id for one in workshop.workshops(session, clock.today())]
    if not view.search:
        return found
    meant = {one.id for one in finding.find(session, "employer", view.search, limit=500)}
    return [id for id in found if id in meant]


def _rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    known = {one.employer.id: one for one in workshop.workshops(session, clock.today())}
    documents = workshop.documents(session, ids)
    paid = wages.latest(session, ids)
    return [_row(known[id], documents[id], paid.get(id)) for id in ids if id in known]


def _row(one: workshop.Workshop, documents: Sequence[Recognition], paid: tuple[str, int] | None) -> Row:
    document = one.recognition or (documents[-1] if documents else None)
    fields = Recognition.KIND.by_name
    return {
        "id": one.employer.id,
        "name": one.employer.name,
        "type": one.employer.shown("type"),
        "recognition": _state(document),
        "number": document.number or "" if document else "",
        "until": (fields["end"].show(document.end) or _("长期")) if document else "",
        "hired": str(one.hired),
        "lifted": str(one.lifted),
        "monitored": str(one.monitored),
        "wages": f"{paid[0]}　{yuan_read(paid[1])}" if paid else "",
    }


def _state(document: Recognition | None) -> str:
    if document is None:
        return _("未认定")
    if document.start > clock.today():
        return _("未生效")
    return _("已过期") if document.end is not None and document.end < clock.today() else _("有效")


# -- one workshop -----------------------------------------------------------------------------------------------------


def _facts(session: Session, employer_id: str) -> Facts:
    one = workshop.workshop(session, employer_id, clock.today())
    documents = workshop.documents(session, [employer_id])[employer_id]
    document = one.recognition or (documents[-1] if documents else None)
    state = _state(document)
    words = state if document is None else _("认定 {number}").format(number=document.number or document.start)
    if state not in (_("有效"), _("未认定")) and document is not None:
        words = f"{state}　{words}"
    tones = {_("有效"): "good", _("已过期"): "bad", _("未认定"): "warn"}
    return Facts(one.employer, words, tones.get(state, "plain"), one.hired, one.lifted, one.monitored)


def _roster(session: Session, employer_id: str, view: View) -> list[str]:
    hires = workshop.hires(session, employer_id, clock.today())
    wanted = view.filters.get("state")
    shown = [one for one in hires if wanted is None or one.current == (wanted == "now")]
    orders = {"name": lambda one: one.name, **{key: _by(key) for key in ("start", "end", "job", "monthly_wage")}}
    if view.order in orders:
        shown.sort(key=orders[view.order], reverse=view.descending)
    return [one.employment.id for one in shown]


def _by(name: str) -> Any:
    return lambda one: (one.employment[name] is None, one.employment[name] or 0)


def _roster_rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    first = session.get("employment", ids[0]) if ids else None
    hires = {one.employment.id: one for one in workshop.hires(session, first.employer_id, clock.today())} if first else {}
    people = {one.id: one for one in session.select("person", table(Person).c.id.in_([one.employment.person_id for one in hires.values()]))}
    return [_roster_row(hires[id], people.get(hires[id].employment.person_id)) for id in ids if id in hires]


def _roster_row(hire: workshop.Hire, person: Person | None) -> Row:
    spell = hire.employment
    group = _("脱贫") if hire.lifted else _("监测") if hire.monitored else ""
    shown = {name: spell.shown(name) for name in ("job", "start", "end", "contract", "monthly_wage")}
    upto = _("无固定期限") if spell.open_ended else spell.contract_end or ""
    who = {name: person.shown(name) for name in ("name", "sex", "phone")} if person else {}
    age = str(age_on(person.birth, clock.today())) if person and person.birth else ""
    span = f"{spell.contract_start or ''} — {upto}" if spell.contract_start or upto else ""
    return {"id": spell.id, "group": group, "age": age, "contract_span": span, **shown, **who}


def _recognitions(session: Session, employer_id: str) -> list[Listed]:
    return [Listed(_document_row(one)) for one in workshop.documents(session, [employer_id])[employer_id]]


def _document_row(one: Recognition) -> Row:
    shown = {name: one.shown(name) for name in ("type", "number", "start")}
    return {"id": one.id, "state": _state(one), **shown, "end": one.end or _("长期")}


def _export(station: Station, wanted: Export) -> int:
    plain = wanted.reason is not None
    if wanted.reason is not None:
        station.log_view(f"export {wanted.what} {wanted.employer_id}", wanted.reason)
    with station.store.read() as session:
        if wanted.what == "wages" and wanted.year is not None:
            return export_wages(session, wanted.employer_id, wanted.file, year=wanted.year, on=clock.today(), plain=plain)
        return export_roster(session, wanted.employer_id, wanted.file, on=clock.today(), plain=plain)
