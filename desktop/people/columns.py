"""The columns of the list of people: their fields, and what is known of them from other records, with the looks of each."""

from __future__ import annotations

from desktop.widgets.ledger_model import Column, columns_of
from domain.divisions import Region, region_label
from domain.fields import KINDS
from domain.records.people import CATEGORIES, LIFTED, MONITORED
from domain.words import _
from services import columns as service_columns

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


def people_columns(scope: str) -> list[Column]:
    """Every column that can be chosen; those shown at first, and above a village the village too, come first."""
    declared = {column.key: column for column in columns_of(KINDS["person"])}
    shown = {*SHOWN, *(("village",) if len(scope) < 12 else ())}
    known = {column.name: column for column in service_columns.all_columns("person")}
    names = [*_ORDER, *(name for name in known if name not in _ORDER)]
    return [_column(known[name], declared.get(name), name in shown) for name in names if name in known]


def _column(known: service_columns.Column, declared: Column | None, shown: bool) -> Column:
    name = known.name
    width = _WIDTHS.get(name, declared.width if declared else 120)
    style, tones = "", {}
    if name == "name":
        style = "strong"
    elif name == "category":
        style, tones = "chip", _category_tones()
    elif name == "chip":
        style, tones = "chip", _chip_tones()
    elif name in ("work", "phone", "id_number"):
        style = "muted"
    return Column(name, known.label, width, known.numeric, style, tones, known.sortable, shown, known.clause)


def _category_tones() -> dict[str, str]:
    def tone(code: str) -> str:
        return "warn" if code in MONITORED else "good" if code in LIFTED else "plain"

    return {_(label): tone(code) for code, label in CATEGORIES.items()}


def _chip_tones() -> dict[str, str]:
    away = {region_label(where): "info" for where in (Region.OUTSIDE, Region.ABROAD)}
    near = {region_label(where): "good" for where in (Region.COUNTY, Region.CITY, Region.PROVINCE)}
    return {**near, **away, _("车间"): "good", _("公益岗"): "good", _("待业"): "warn"}
