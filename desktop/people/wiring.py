"""人员 with the store behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from db import exchange
from db.session import Session
from desktop.attachment_model import AttachmentModel, AttachmentUses
from desktop.page import Frame
from desktop.people.columns import people_columns
from desktop.people.household import HouseholdUses
from desktop.people.list_view import PeopleList
from desktop.people.page import PeoplePage
from desktop.people.person_model import PersonModel, PersonUses
from desktop.people.presenting import present
from desktop.people.shown import PersonShown
from desktop.people.view_model import ListUses, PeopleModel
from desktop.record_model import Records, Values
from desktop.station import Station
from desktop.widgets.ledger_table import Row
from desktop.wiring.forms import form_tools
from desktop.wiring.lists import list_source
from desktop.wiring.records import attachment_reader, save_form
from desktop.wiring.verdicts import VerdictSource
from domain import clock, divisions
from domain.errors import NotFound
from domain.fields import KINDS
from domain.periods import income_period, income_year
from domain.records import MonthlyCheck
from domain.words import _
from services import attachments as attachment_service
from services import finding, household_words, households, key_changes, listing, policies, registry, work
from services import person as person_service
from services.attachments import Attached

PERSON = "person"


def build(frame: Frame, station: Station) -> PeoplePage:
    """The page and its view models."""
    chips = {name: _(label) for name, label in listing.quick_filters(PERSON)}
    people = PeopleModel(frame.jobs, _list_uses(station))
    list_ = PeopleList(frame, people_columns(station.store.scope), chips, people.source, station.store.role != "village")
    person = PersonModel(frame.jobs, _person_uses(station))
    attachments = AttachmentModel(frame.jobs, _attachment_uses(station))
    models, tools = (people, person, attachments), form_tools(frame, station)
    return PeoplePage(frame, list_, models, tools, station.store.user, _paper(frame, station), _household_uses(station)).keeping(*models)


def _paper(frame: Frame, station: Station) -> Callable[[QWidget, str, str], None]:
    def show(parent: QWidget, name: str, id: str) -> None:
        from desktop.paper.forms import FormPrinter  # with it comes printing, which the list need not wait for

        FormPrinter(frame, station).show(parent, name, id)

    return show


def _attachment_uses(station: Station) -> AttachmentUses:
    def listed(session: Session, id: str) -> list[Attached]:
        return attachment_service.attachments(session, attachment_service.holders(session, PERSON, id))

    def add(session: Session, id: str, _document: str, files: Sequence[Path]) -> int:
        return attachment_service.add_all(files, lambda file: attachment_service.add(session, PERSON, id, file))

    def attaching(session: Session, id: str, _document: str, files: Sequence[Path]) -> str:
        return _("{name}：附件 {n} 个").format(name=finding.title_of(session, PERSON, id), n=len(files))

    return AttachmentUses(
        listed=station.reading(listed),
        add=station.writing(station.reading(attaching), add),
        read=attachment_reader(station),
        save=attachment_service.save_as,
        remove=station.writing(_("删除附件"), attachment_service.remove),
    )


def _household_uses(station: Station) -> HouseholdUses:
    return HouseholdUses(
        look=station.reading(households.home),
        preview=station.reading(household_words.preview),
        carry_out=station.writing(station.reading(household_words.label), households.carry_out),
    )


def _person_uses(station: Station) -> PersonUses:
    def label(session: Session, kind: str, values: Values, id: str | None, _base: Values | None) -> str:
        about = {PERSON: id if kind == PERSON else values.get("person_id"), "household": values.get("household_id")}
        name = next((finding.title_of(session, whose, str(one)) for whose, one in about.items() if one), "")
        return _("修改 {name}").format(name=name) if kind == PERSON else _("{name}：{what}").format(name=name, what=_(KINDS[kind].label))

    def named(text: str) -> Callable[[str], str]:
        return station.reading(lambda session, id: text.format(name=finding.title_of(session, PERSON, id)))

    verdicts = VerdictSource(station)
    return PersonUses(
        show=station.reading(_show),
        records=Records(
            get=station.reading(lambda session, kind, id: session.get(kind, id)),
            save=station.writing(station.reading(label), save_form),
            delete=_deleting(station),
        ),
        undelete=station.writing(named(_("恢复 {name}")), lambda session, id: registry.undelete(session, PERSON, id)),
        repeat_check=station.writing(named(_("{name}：月监测与上月相同")), _repeat_check),
        log_view=lambda id, reason: station.log_view(f"{PERSON} {id}", reason),
        verdicts=verdicts.of_person,
        file=verdicts.file,
        explain=station.writing(_("写明改动的原因"), _explain),
    )


def _show(session: Session, id: str, plain: bool, year: int) -> PersonShown | None:
    today = clock.today()
    try:
        start = policies.income_start(session, today)
        page = person_service.person_page(session, id, year or income_year(today, start), on=today)
    except NotFound:
        return None
    months = [month for employer in page.wages for month in employer.months]
    if year == 0:
        year = max((income_year(f"{month}-01", start) for month in months), default=income_year(today, start))
        page = replace(page, wages=person_service.wages(session, id, year, start))
    return present(page, today, plain=plain, period=(year, income_period(year, start)), author=session.author)


def _explain(session: Session, changed: Sequence[str], reason: str) -> None:
    for id in changed:
        key_changes.explain(session, id, reason)


def _repeat_check(session: Session, id: str) -> str:
    month = clock.today()[:7]
    if not work.same_as_last_month(session, month, [id]):
        return ""
    t = session.get(
        "monthly_check", session.natural_id("monthly_check", session.get(PERSON, id).village, {"person_id": id, "month": month})
    )
    status = MonthlyCheck.KIND.by_name["status"].show(t.status)
    return _("{month} 月监测：{status}，与上月相同").format(month=int(month[5:]), status=status)


def _deleting(station: Station) -> Callable[[str, Sequence[str]], str]:
    def label(session: Session, kind: str, ids: Sequence[str]) -> str:
        first = finding.title_of(session, kind, ids[0])
        return _("删除 {name}").format(name=first) if len(ids) == 1 else _("删除 {name}等 {n} 人").format(name=first, n=len(ids))

    return station.writing(station.reading(label), registry.delete_all)


def _list_uses(station: Station) -> ListUses:
    people = list_source(station, PERSON)

    def rows(ids: Sequence[str], keys: Sequence[str]) -> Sequence[Row]:
        """What somebody does is not said again beside the chip that has said so."""
        return [{**row, "work": ""} if "work" in row and row["work"] == row.get("chip") else row for row in people.rows(ids, keys)]

    return ListUses(
        source=replace(people, rows=rows),
        chips=[name for name, _label in listing.quick_filters(PERSON)],
        count=station.reading(_count),
        groups=station.reading(finding.village_groups),
        delete=partial(_deleting(station), PERSON),
        head_of=station.reading(finding.head_of),
        gone_to=station.reading(_gone_to),
    )


def _count(session: Session, chip: str) -> int:
    return listing.count(session, listing.Query(PERSON, (listing.Filter(chip),) if chip else ()))


def _gone_to(session: Session) -> str:
    into = exchange.closed_into(session, session.scope)
    return (divisions.name(into) or into) if into else ""
