"""务工 with the store behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.mapping import table
from db.session import Session
from desktop.page import Frame, Page
from desktop.record_model import Records
from desktop.station import Station
from desktop.widgets.ledger_table import Row, Source, View
from desktop.wiring.forms import form_tools
from desktop.wiring.records import save_form
from desktop.work import check_model, places
from desktop.work.check_model import Answer, CheckLine, CheckModel
from desktop.work.page import WorkPage
from desktop.work.view_model import Uses, WorkModel
from domain import clock, divisions
from domain.records import Employment, MonthlyCheck
from domain.words import _
from services import listing, registry, standing, work, workshop
from services.listing import Filter, Query
from services.titles import titles

_COLUMNS = ("place", "channel", "job", "start", "end", "contract", "monthly_wage", "organised", "point_to_point", "industry", "end_reason")


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    uses = Uses(
        source=Source(station.reading(_ids), station.reading(_rows)),
        counts=station.reading(_counts),
        records=Records(
            get=station.reading(lambda session, kind, id: session.get(kind, id)),
            save=station.writing(lambda _kind, values, id, base: _("修改务工记录") if id else _("新增务工记录"), save_form),
            delete=station.writing(lambda _kind, ids: _("删除务工记录 {n} 条").format(n=len(ids)), registry.delete_all),
        ),
        end=station.writing(lambda ids, day, reason: _("返乡 {n} 人").format(n=len(ids)), workshop.leave),
        home=station.store.scope,
    )
    check_uses = check_model.Uses(
        month=station.reading(_month),
        save=station.writing(lambda month, answers: _("月监测 {month}　{n} 人").format(month=month, n=len(answers)), _answer),
        phones=lambda ids: _phones(station, ids),
        user=station.store.user,
    )
    model, checks = WorkModel(frame.jobs, uses), CheckModel(frame.jobs, check_uses, clock.this_month())
    return WorkPage(frame, model, checks, form_tools(frame, station)).keeping(model, checks)


# -- spells -----------------------------------------------------------------------------------------------------------


def _ids(session: Session, view: View) -> Sequence[str]:
    filters = []
    if "region" in view.filters:
        places = {place for code in view.filters["region"].split() for place in standing.region_places(session, code)}
        filters.append(Filter("place", "in", sorted(places)))
    if "channel" in view.filters:
        filters.append(Filter("channel", "=", view.filters["channel"]))
    found = listing.ids(session, Query("employment", tuple(filters), view.search, view.order, view.descending))
    if "when" in view.filters:
        now = work.going_on(session, clock.today())
        found = [id for id in found if (id in now) == (view.filters["when"] == "now")]
    if "contract" in view.filters:
        bare = work.without_contract(session)
        found = [id for id in found if id in bare]
    return found


def _counts(session: Session) -> dict[str, int]:
    now = len(work.going_on(session, clock.today()))
    regions = {where.value: count for where, count in work.spells_by_region(session).items()}
    return {**regions, "now": now, "over": sum(regions.values()) - now, "none": len(work.without_contract(session))}


def _rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    spells = session.select("employment", table(Employment).c.id.in_(ids))
    people = standing.names(session, {spell.person_id for spell in spells})
    employers = titles(session, "employer", {spell.employer_id for spell in spells if spell.employer_id})
    return [_row(spell, people.get(spell.person_id, ""), employers.get(spell.employer_id or "", "")) for spell in spells]


def _row(spell: Employment, name: str, employer: str) -> Row:
    return {
        "id": spell.id,
        "name": name,
        "village": divisions.name(spell.village) or spell.village,
        "region": divisions.region_label(divisions.region(spell.place, spell.village)),
        "employer": employer or spell.employer_name or "",
        **{key: spell.shown(key) for key in _COLUMNS},
        "place": _near(spell),
    }


def _near(spell: Employment) -> str:
    """The place; within the own province without its name."""
    name = divisions.full_name(spell.place) or spell.place
    return places.short(name) if spell.place[:2] == spell.village[:2] else name


# -- the monthly check ------------------------------------------------------------------------------------------------


def _month(session: Session, month: str) -> list[CheckLine]:
    return [_line(row) for row in work.month_grid(session, month)]


def _line(row: work.CheckRow) -> CheckLine:
    return CheckLine(
        row.person_id,
        row.name,
        row.spelt,
        row.group,
        row.category,
        row.channel,
        row.work,
        row.phone,
        _answer_of(row.last),
        _answer_of(row.now),
        Answer(row.suggested, row.place if row.now is None else None) if row.suggested else None,
    )


def _answer_of(check: MonthlyCheck | None) -> Answer | None:
    return None if check is None else Answer(check.status, check.place, check.income, check.method, check.by)


def _answer(session: Session, month: str, answers: Mapping[str, Answer | None]) -> int:
    return work.save_checks(session, month, {id: (answer or Answer()).values() for id, answer in answers.items()})


def _phones(station: Station, ids: Sequence[str]) -> dict[str, str]:
    found = station.reading(work.phones)(ids)
    station.log_view(f"phones of {len(found)}", _("月监测"))
    return found
