"""The view model of 车间: lists workshops, shows one, saves its forms, hires people and ends their work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import RecordModel, Values
from desktop.widgets.ledger_model import Column, Source, View, in_memory
from desktop.widgets.verdict_card import Verdicts, VerdictShown
from desktop.wiring.verdicts import VerdictSource
from domain import clock
from domain.identity import age_on
from domain.money import yuan_read
from domain.records import Employer, Recognition
from domain.words import N_, _, lazy
from services import lookup
from services.workshop import wages, workshop
from services.workshop.sheets import export_roster, export_wages
from services.workshop.workshop import Hire


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
        self.workshops = _workshops(station)
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
        return in_memory(_roster_columns(), self._hires, attrgetter("employment.id"))

    def _hires(self, view: View) -> list[Hire]:
        found, wanted = self._station.read(workshop.hires, self.employer_id, clock.today()), view.filters.get("state")
        return [one for one in found if wanted is None or one.current == (wanted == "now")]

    def recognitions(self) -> Source:
        """Return its recognition documents as a list."""
        tones = {_("有效"): "good", _("已过期"): "bad", _("未生效"): "plain"}
        columns: list[Column[Recognition]] = [
            Column("state", _("效力"), 72, _state, style="chip", tones=tones, sortable=False),
            Column("type", _("认定类别"), 112, style="strong", sortable=False),
            Column("number", _("认定文号"), 160, sortable=False),
            Column("start", _("认定日期"), 96, sortable=False),
            Column("end", _("有效期至"), 96, lambda one: one.end or _("长期"), sortable=False),
        ]
        return in_memory(columns, lambda _view: self._station.read(workshop.documents, [self.employer_id])[self.employer_id])

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


@dataclass(frozen=True)
class _Shop:
    """A workshop, its latest recognition document, and its latest month with wages."""

    shop: workshop.Workshop
    document: Recognition | None
    paid: tuple[str, int] | None


def _workshops(station: Station) -> Source:
    tones = {_("有效"): "good", _("已过期"): "bad", _("未认定"): "plain", _("未生效"): "plain"}
    until = Recognition.KIND.by_name["end"]
    employer = attrgetter("shop.employer")
    columns: list[Column[_Shop]] = [
        Column("name", _("名称"), 230, employer, style="strong", sortable=False),
        Column("type", _("类型"), 120, employer, sortable=False),
        Column("recognition", _("认定"), 116, lambda one: _state(one.document), style="chip", tones=tones, sortable=False),
        Column("number", _("认定文号"), 170, lambda one: one.document and one.document.number, sortable=False),
        Column("until", _("有效期至"), 104, lambda one: one.document and (until.show(one.document.end) or _("长期")), sortable=False),
        Column("hired", _("用工"), 66, lambda one: one.shop.hired, right=True, sortable=False),
        Column("lifted", _("脱贫"), 66, lambda one: one.shop.lifted, right=True, sortable=False),
        Column("monitored", _("监测"), 66, lambda one: one.shop.monitored, right=True, sortable=False),
        Column("wages", _("最近一月工资（元）"), 150, lambda one: one.paid and f"{one.paid[0]}　{yuan_read(one.paid[1])}", sortable=False),
    ]
    return in_memory(columns, lambda view: station.read(_shops, view), attrgetter("shop.employer.id"), None)


def _shops(session: Session, view: View) -> list[_Shop]:
    found = workshop.workshops(session, clock.today())
    if view.search:
        meant = {one.id for one in lookup.find(session, "employer", view.search, limit=500)}
        found = [one for one in found if one.employer.id in meant]
    ids = [one.employer.id for one in found]
    documents, paid = workshop.documents(session, ids), wages.latest(session, ids)
    return [_Shop(one, one.recognition or next(iter(documents[id][-1:]), None), paid.get(id)) for id, one in zip(ids, found, strict=True)]


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


def _span(hire: Hire) -> str:
    one = hire.employment
    upto = _("无固定期限") if one.open_ended else one.contract_end or ""
    return f"{one.contract_start or ''} — {upto}" if one.contract_start or upto else ""


def _empty_last(name: str) -> Callable[[Hire], tuple[bool, Any]]:
    return lambda hire: (hire.employment[name] is None, hire.employment[name] or 0)


def _roster_columns() -> list[Column[Hire]]:
    spell, person = attrgetter("employment"), attrgetter("person")
    tones = {_("脱贫"): "good", _("监测"): "warn"}

    def group(hire: Hire) -> str:
        return _("脱贫") if hire.lifted else _("监测") if hire.monitored else ""

    def age(hire: Hire) -> int | None:
        return age_on(hire.person.birth, clock.today()) if hire.person and hire.person.birth else None

    return [
        Column("name", _("姓名"), 84, lambda hire: hire.name, style="strong"),
        Column("group", _("类别"), 66, group, style="chip", tones=tones, sortable=False),
        Column("sex", _("性别"), 78, person, sortable=False),
        Column("age", _("年龄"), 48, age, right=True, sortable=False),
        Column("job", _("岗位"), 84, spell, sort=_empty_last("job")),
        Column("start", _("入职"), 92, spell, sort=_empty_last("start")),
        Column("monthly_wage", _("月工资（元）"), 80, spell, right=True, sort=_empty_last("monthly_wage")),
        Column("phone", _("电话"), 114, person, sortable=False),
        Column("contract", _("合同"), 128, spell, sortable=False),
        Column("contract_span", _("合同起止"), 188, _span, sortable=False),
        Column("end", _("离职"), 98, spell, sort=_empty_last("end")),
    ]
