"""The view model of the list of spells: lists, saves, ends and deletes them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.record_model import RecordModel, Values
from desktop.station import Station
from desktop.widgets.ledger_table import Row, Source, View
from desktop.work import places
from domain import clock, divisions
from domain.records import Employment
from domain.words import N_, LazyText, _, lazy
from services import records, standing, work
from services.lists import listing
from services.lists.listing import Filter, Query
from services.lists.titles import titles
from services.workshop import workshop

_COLUMNS = ("place", "channel", "job", "start", "end", "contract", "monthly_wage", "organised", "point_to_point", "industry", "end_reason")


class WorkModel(RecordModel):
    """The state of the list of spells."""

    counted = Signal(object)
    saved = Signal(str)
    """The id of the spell saved."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.home = station.store.scope
        """The station's scope; regions are relative to it."""
        self.spells = Source(station.reading(_ids), station.reading(_rows))
        """Filters: `when` (now, over), `region` (codes separated by spaces), `channel`, `contract` (none)."""

    def count(self) -> None:
        """Count for the chips: by `now`, `over`, `none` and the codes of regions."""
        self._jobs.run(self._station.reading(_counts), self.counted.emit, key="work-counts")

    def region(self, place: str | None) -> str:
        """Return the note about the region derived from a place."""
        if not place:
            return _("务工区域由务工地算出，不用填。可输 大连 或 dalian。")
        where = divisions.region_label(divisions.region(place, self.home))
        return _("务工区域：{region}（由务工地算出）").format(region=where)

    def saving(self, kind: str, values: Values, id: str | None) -> LazyText:
        """The label of saving a spell, for 撤销."""
        return lazy("修改务工记录") if id else lazy("新增务工记录")

    def deleting(self, kind: str, ids: Sequence[str]) -> LazyText:
        """The label of deleting spells."""
        return lazy("删除务工记录 {n} 条", n=len(ids))

    def saved_message(self, kind: str) -> str:
        """The message shown after saving."""
        return _("已保存务工记录")

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """Emit `saved` with the id of the spell."""
        self.saved.emit(id)

    def end(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """End spells on a day, because the people came home or stopped working there."""
        self.end_all(N_("返乡 {n} 人"), workshop.leave, ids, day, reason, _("已记返乡 {n} 人"))


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
    spells = records.by_id(session, Employment, ids).values()
    people = standing.names(session, {spell.person_id for spell in spells})
    employers = titles(session, "employer", {spell.employer_id for spell in spells if spell.employer_id})
    return [_row(spell, people.get(spell.person_id, ""), employers.get(spell.employer_id or "", "")) for spell in spells]


def _row(spell: Employment, name: str, employer: str) -> Row:
    return {
        "id": spell.id,
        "name": name,
        "village": divisions.called(spell.village),
        "region": divisions.region_label(divisions.region(spell.place, spell.village)),
        "employer": employer or spell.employer_name or "",
        **{key: spell.shown(key) for key in _COLUMNS},
        "place": _short_place(spell),
    }


def _short_place(spell: Employment) -> str:
    """The place; without the province if that is the own one."""
    name = divisions.full_name(spell.place) or spell.place
    return places.without_province(name) if spell.place[:2] == spell.village[:2] else name
