"""The view model of the list of people, and its columns: their own fields and what other records say about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal

from db import exchange
from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.widgets.ledger_model import Column, Row
from desktop.wiring.lists import list_columns, list_source
from domain import divisions
from domain.divisions import Region, region_label
from domain.records.people import CATEGORIES, LIFTED, MONITORED
from domain.scopes import is_village
from domain.words import LazyText, _, lazy
from services import lookup, records
from services.lists import listing
from services.surveys import figures

SHOWN = ("name", "sex", "age", "group", "category", "labour", "chip", "work", "phone")
_WIDTHS = {
    "name": 78,
    "sex": 64,
    "age": 50,
    "group": 66,
    "category": 118,
    "labour": 149,
    "chip": 96,
    "work": 156,
    "phone": 112,
    "id_number": 190,
    "relation": 100,
    "health": 110,
    "village": 120,
}
_ORDER = ("name", "village", "sex", "age", "group", "category", "labour", "chip", "work", "phone", "id_number", "relation")


def people_columns(scope: str) -> list[Column[Row]]:
    """Return the columns of any list of people, reordered: those shown at first come first, above a village also the village."""
    made = {column.key: column for column in list_columns("person", scope)}
    shown = {*SHOWN, *(() if is_village(scope) else ("village",))}
    chips = {"category": {_(label): category_tone(code) for code, label in CATEGORIES.items()}, "chip": _chip_tones()}
    names = [*_ORDER, *(name for name in made if name not in _ORDER)]
    return [
        replace(
            made[name],
            width=_WIDTHS.get(name, made[name].width),
            style="chip" if name in chips else "muted" if name in ("work", "phone", "id_number") else made[name].style,
            tones=chips.get(name, {}),
            shown=name in shown,
            of=_work if name == "work" else None,
        )
        for name in names
    ]


def _work(row: Row) -> str:
    """The work, unless the chip already says it."""
    return "" if row.get("work") == row.get("chip") else row.get("work", "")


def category_tone(code: str) -> str:
    """The tone of a person category."""
    return "warn" if code in MONITORED else "good" if code in LIFTED else "plain"


def _chip_tones() -> dict[str, str]:
    away = {region_label(where): "info" for where in (Region.OUTSIDE, Region.ABROAD)}
    near = {region_label(where): "good" for where in (Region.COUNTY, Region.CITY, Region.PROVINCE)}
    return {**near, **away, _("车间"): "good", _("公益岗"): "good", _("待业"): "warn"}


class PeopleModel(ViewModel):
    """The state of the list of people."""

    counted = Signal(str, int)
    """A quick filter ("" for none) and the number of people it would show."""
    grouped = Signal(object)
    deleted = Signal(int, str)
    found_head = Signal(str)
    told = Signal(str, str)
    """The key of a filter by an answer of a survey, and what it means in words."""
    moved_away = Signal(str)
    """The name of the village into which the county merged this one; emitted when there are no people here."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self._round = 0
        self.source = replace(list_source(station, "person"), columns=people_columns(station.store.scope))

    def count(self) -> None:
        """Count the people behind each chip, one query after another, so that the list can load in between."""
        self._round += 1
        self._jobs.run(self._station.reading(lookup.village_groups), self.grouped.emit, key="people-groups")
        self._count_next(["", *(name for name, _label in listing.quick_filters("person"))], self._round)

    def _count_next(self, names: list[str], round: int) -> None:
        if names and round == self._round:
            name, *rest = names
            self._jobs.run(lambda: self._station.read(_count, name), lambda count: self._counted(name, count, rest, round))

    def _counted(self, name: str, count: int, rest: list[str], round: int) -> None:
        self.counted.emit(name, count)
        if not name and not count:
            self._jobs.run(self._station.reading(_merged_into), lambda place: self.moved_away.emit(place) if place else None)
        self._count_next(rest, round)

    def tell(self, answer: str) -> None:
        """Find the words for a filter by an answer of a survey."""
        self._jobs.run(lambda: self._station.read(figures.among_answers, answer)[0], lambda words: self.told.emit(answer, words))

    def delete(self, ids: Sequence[str]) -> None:
        """Delete people, as an act that can be undone."""

        def work() -> str:
            return self._station.write(self._station.read(deleting, "person", ids), records.delete_all, "person", ids)

        self._jobs.run(work, lambda label: self.deleted.emit(len(ids), label))

    def open_household(self, id: str) -> None:
        """Find the person to show for a household."""
        self._jobs.run(lambda: self._station.read(lookup.head_of, id), self.found_head.emit)


def deleting(session: Session, kind: str, ids: Sequence[str]) -> LazyText:
    """Return the label of deleting people, or records of theirs, for 撤销."""
    first = lookup.title_of(session, kind, ids[0])
    return lazy("删除 {name}", name=first) if len(ids) == 1 else lazy("删除 {name}等 {n} 人", name=first, n=len(ids))


def _count(session: Session, chip: str) -> int:
    return listing.count(session, listing.Query("person", (listing.Filter(chip),) if chip else ()))


def _merged_into(session: Session) -> str:
    """The name of the village this one was merged into; "" if it was not."""
    into = exchange.closed_into(session, session.scope)
    return divisions.called(into) if into else ""
