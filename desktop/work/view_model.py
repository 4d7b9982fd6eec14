"""The view model of the list of spells: lists, saves, ends and deletes them; and a place of work as typed into a cell: 大连, 山东青岛,
dlian, 辽宁省大连市."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import RecordModel, Values
from desktop.widgets.ledger_model import Column, Source, View, whose
from desktop.work import view_model
from domain import clock, divisions
from domain.errors import FieldError
from domain.records import Employment
from domain.scopes import county_of
from domain.words import N_, LazyText, _, lazy
from services import records, standing, work
from services.lists import listing
from services.lists.listing import Filter, Query
from services.lists.titles import titles
from services.workshop import workshop

OFFERED = 4
"""How many candidates an error names."""


def place_of(text: str) -> str:
    """Return the code of the county, city or province that a typed text means. Raises `FieldError` with the candidates if it is not exactly
    one."""
    code = divisions.parse_place(text)
    if code is not None:
        return county_of(code)
    found = list(dict.fromkeys(county_of(code) for code in divisions.find(text)))
    if not found:
        raise FieldError(_("没有找到「{text}」。可输地名或拼音，如 大连、dalian。").format(text=text), "place")
    if len(found) > 1:
        names = _("、").join(divisions.full_name(code) or code for code in found[:OFFERED])
        raise FieldError(_("「{text}」可能是：{names}。请写全一点。").format(text=text, names=names), "place")
    return found[0]


def without_province(place: str) -> str:
    """Return a place name without its province or autonomous region, for a narrow column."""
    for mark in ("省", "自治区"):
        head, found, rest = place.partition(mark)
        if found and rest and len(head) <= 6:
            return rest
    return place


_DAY = "2026-12-30"
"""As long as a day may be; many lists give months only."""


@dataclass(frozen=True)
class _Spell:
    """A spell, the name of whose it is, and its employer."""

    spell: Employment
    name: str
    employer: str


class WorkModel(RecordModel):
    """The state of the list of spells."""

    counted = Signal(object)
    saved = Signal(str)
    """The id of the spell saved."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.home = station.store.scope
        """The station's scope; regions are relative to it."""
        self.spells = Source(_columns(station.store.scope), station.reading(_ids), station.reading(_objects))
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


def _objects(session: Session, ids: Sequence[str], _keys: Sequence[str]) -> Mapping[str, _Spell]:
    spells = records.by_id(session, Employment, ids)
    people = standing.names(session, {one.person_id for one in spells.values()})
    employers = titles(session, "employer", {one.employer_id for one in spells.values() if one.employer_id})
    return {
        one.id: _Spell(one, people.get(one.person_id, ""), employers.get(one.employer_id or "") or one.employer_name or "")
        for one in spells.values()
    }


def _region(one: _Spell) -> str:
    return divisions.region_label(divisions.region(one.spell.place, one.spell.village))


def _columns(home: str) -> list[Column[_Spell]]:
    tones = {_("省外"): "info", _("境外"): "info", _("县内"): "good"}
    spell = attrgetter("spell")
    return [
        Column("name", _("姓名"), 84, lambda one: one.name, style="strong", sortable=False),
        *whose(home, spell, sortable=True),
        Column("region", _("区域"), 94, _region, style="chip", tones=tones, sortable=False),
        Column("place", _("务工地"), 156, lambda one: _short_place(one.spell)),
        Column("employer", _("单位"), 148, lambda one: one.employer, sortable=False),
        Column("channel", _("渠道"), 88, spell),
        Column("job", _("工种"), 70, spell, shown=False),
        Column("start", _("开始"), 90, spell, holds=_DAY),
        Column("end", _("结束"), 90, spell, holds=_DAY),
        Column("monthly_wage", _("月工资（元）"), 84, spell, right=True),
        Column("contract", _("合同"), 74, spell),
        Column("organised", _("有组织"), 70, spell, shown=False),
        Column("point_to_point", _("点对点"), 70, spell, shown=False),
        Column("industry", _("行业"), 140, spell, shown=False),
        Column("end_reason", _("结束原因"), 110, spell, shown=False),
    ]


def _short_place(spell: Employment) -> str:
    """The place; without the province if that is the own one."""
    name = divisions.full_name(spell.place) or spell.place
    return view_model.without_province(name) if spell.place[:2] == spell.village[:2] else name
