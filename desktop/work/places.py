"""A place of work as typed into a cell: 大连, 山东青岛, dlian, 辽宁省大连市."""

from __future__ import annotations

from domain import divisions
from domain.errors import FieldError
from domain.scopes import county_of
from domain.words import _

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
