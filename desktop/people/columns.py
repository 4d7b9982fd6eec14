"""The columns of the list of people: their own fields and what other records say about them, with width and style."""

from __future__ import annotations

from dataclasses import replace

from desktop.widgets.ledger_model import Column, Row
from desktop.wiring.lists import list_columns
from domain.divisions import Region, region_label
from domain.records.people import CATEGORIES, LIFTED, MONITORED
from domain.scopes import is_village
from domain.words import _

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
