"""The view model of 车间: lists workshops, shows one, saves its forms, hires people and ends their work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.record_model import RecordModel, Values
from desktop.station import Station
from desktop.widgets.ledger_table import Row, Source, View
from desktop.widgets.listed import Listed, source
from desktop.widgets.verdict_card import Verdicts, VerdictShown
from desktop.wiring.verdicts import VerdictSource
from domain import clock
from domain.identity import age_on
from domain.money import yuan_read
from domain.records import Employer, Employment, Person, Recognition
from domain.words import N_, _, lazy
from services import lookup, records
from services.workshop import wages, workshop
from services.workshop.sheets import export_roster, export_wages


@dataclass(frozen=True)
class Facts:
    """One workshop for the page header: its recognition as text with a tone (good, warn, plain, bad), and the people employed today."""

    employer: Employer
    recognition: str = ""
    tone: str = "plain"
    hired: int = 0
    lifted: int = 0
    monitored: int = 0

    @property
    def name(self) -> str:
        """The name of the workshop."""
        return self.employer.name

    @property
    def type(self) -> str:
        """The label of its type."""
        return self.employer.shown("type")


class WorkshopModel(RecordModel):
    """The state of the page."""

    facts_changed = Signal(object)
    opened = Signal(str)
    """The id of the workshop now shown."""
    judged = Signal(object)
    """The `Verdicts` of the workshop shown."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self._verdicts = VerdictSource(station)
        self.workshops = source(lambda view: station.read(_workshops, view), searched=None)
        self.employer_id = ""
        self.facts: Facts | None = None

    # -- which workshop -----------------------------------------------------------------------------

    def open(self, employer_id: str) -> None:
        """Show a workshop."""
        self.employer_id, self.facts = employer_id, None
        self.opened.emit(employer_id)
        self.reload()

    def close(self) -> None:
        """Return to the list."""
        self.employer_id, self.facts = "", None

    def reload(self) -> None:
        """Load the workshop again."""
        if self.employer_id:
            employer_id = self.employer_id
            self._jobs.run(lambda: self._station.read(_facts, employer_id), self._show, key="workshop")

    def _show(self, facts: Facts) -> None:
        if facts.employer.id == self.employer_id:
            self.facts = facts
            self.facts_changed.emit(facts)

    def judge(self) -> None:
        """Judge what the workshop may claim; emits `judged`."""
        id = self.employer_id
        self._jobs.run(lambda: self._verdicts.of_employer(id), lambda found: self._judged(id, found), key="workshop-verdicts")

    def _judged(self, employer_id: str, found: Verdicts) -> None:
        if employer_id == self.employer_id:
            self.judged.emit(found)

    def file(self, shown: VerdictShown) -> None:
        """File the claim that a card offers."""
        self.act(lambda: self._verdicts.file(shown), str)

    def roster(self) -> Source:
        """Return its employees as a list with the filter `state`: now, left."""
        return source(lambda view: self._station.read(_roster, self.employer_id, view.filters.get("state")))

    def recognitions(self) -> Source:
        """Return its recognition documents as a list."""
        return source(lambda _view: self._station.read(_recognitions, self.employer_id))

    # -- saving -------------------------------------------------------------------------------------

    def create(self, employer: Values, recognition: Values) -> None:
        """Save a new workshop, with its recognition document if there is one, and open it."""
        label = lazy("新增车间 {name}", name=employer["name"])
        self.act(lambda: self._station.write(label, workshop.found, employer, recognition), lambda _id: _("已新增车间"), self.open)

    def save(self, kind: str, values: Values, id: str | None = None, base: Values | None = None) -> None:
        """Save a form of the workshop, a recognition document or an employee."""
        own = {"employer_id": self.employer_id} if kind == "recognition" and id is None else {}
        super().save(kind, {**values, **own}, id, base)

    def doubted(self, person_id: str, start: str) -> str:
        """Why to ask before hiring somebody; "" if there is no reason. Blocks on the database."""
        return self._station.read(workshop.doubted, person_id, start)

    def hire(self, person_id: str, values: Values) -> None:
        """Hire a person."""
        employer_id = self.employer_id
        label = lazy("车间入职")
        self.act(lambda: self._station.write(label, workshop.hire, employer_id, person_id, values), lambda _id: _("已办入职"), adds=True)

    def end(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """End the work of people on a day."""
        self.end_all(N_("车间离职 {n} 人"), workshop.leave, ids, day, reason, _("已办离职 {n} 人"))

    def export(self, employer_id: str, file: Path, year: int | None, reason: str | None) -> int:
        """Write the wage sheet of the income period `year`, or without one the roster, as .xlsx; returns the number of people. A `reason`
        unmasks secret fields. Blocks on the database."""
        if reason is not None:
            self._station.log_view(f"export {'roster' if year is None else 'wages'} {employer_id}", reason)
        write = export_roster if year is None else partial(export_wages, year=year)
        return self._station.read(write, employer_id, file, on=clock.today(), plain=reason is not None)


def _workshops(session: Session, view: View) -> list[Listed]:
    found = workshop.workshops(session, clock.today())
    if view.search:
        meant = {one.id for one in lookup.find(session, "employer", view.search, limit=500)}
        found = [one for one in found if one.employer.id in meant]
    ids = [one.employer.id for one in found]
    documents, paid = workshop.documents(session, ids), wages.latest(session, ids)
    return [Listed(_row(one, documents[one.employer.id], paid.get(one.employer.id))) for one in found]


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


def _roster(session: Session, employer_id: str, wanted: str | None) -> list[Listed]:
    hires = workshop.hires(session, employer_id, clock.today())
    shown = [one for one in hires if wanted is None or one.current == (wanted == "now")]
    people = records.by_id(session, Person, (one.employment.person_id for one in shown))
    return [Listed(_roster_row(one, people.get(one.employment.person_id)), _order(one.employment)) for one in shown]


def _order(spell: Employment) -> dict[str, Any]:
    """Sort values of a spell: an empty field comes last."""
    return {name: (spell[name] is None, spell[name] or 0) for name in ("start", "end", "job", "monthly_wage")}


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
