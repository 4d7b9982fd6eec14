"""Administrative divisions: names, levels, parsing of places, and where a place lies relative to home.

A ``place`` is a 6-digit code (``210200`` for a whole city, ``990000`` abroad), an ``area`` has 6, 9 or 12 digits, with
a province or city padded by zeros (``230000``). Sources: GB/T 2260, the statistical codes of 国家统计局 (see
``resources/divisions/NOTICE``). The implementation is in :mod:`domain.division_tables` and :mod:`domain.place_text`; import from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

from domain.division_tables import (
    ABROAD,
    Division,
    Level,
    called,
    canonical,
    children,
    division,
    full_name,
    level,
    name,
    names_in_county,
    parent,
)
from domain.place_text import find, find_village, only_place, parse_place
from domain.scopes import county_of
from domain.words import _

HOME_PROVINCE: Final = "230000"
"""Heilongjiang, the province whose policy this is and whose villages are known."""

_BEYOND_THE_BORDER: Final = ("99", "71", "81", "82")  # 境外 is what lies beyond the customs border: 港澳台 as well


class Region(StrEnum):
    """Where a work place lies as seen from a person's village (``domain.md`` §5.2 务工区域)."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    OUTSIDE = "outside"
    ABROAD = "abroad"


def region_label(where: str) -> str:
    """县内, 县外市内, 市外省内, 省外 or 境外 for a :class:`Region` or its code."""
    labels = {
        Region.COUNTY: _("县内"),
        Region.CITY: _("县外市内"),
        Region.PROVINCE: _("市外省内"),
        Region.OUTSIDE: _("省外"),
        Region.ABROAD: _("境外"),
    }
    return labels[Region(where)]


def region(place: str, home: str) -> Region:
    """Where ``place`` lies as seen from ``home`` (any area code: its county counts). Former codes are understood.

    A place known only as the own city or province (``230800``, ``230000``) cannot be told to be the own county, so it
    is CITY or PROVINCE. Hong Kong, Macao and Taiwan are ABROAD, as 境外 is understood.
    """
    there, here = county_of(canonical(place)), county_of(canonical(home))
    if there.startswith(_BEYOND_THE_BORDER):
        return Region.ABROAD
    if there[:2] != here[:2]:
        return Region.OUTSIDE
    if there == here and not there.endswith("00"):
        return Region.COUNTY
    return Region.CITY if there[:4] == here[:4] and there[2:4] != "00" else Region.PROVINCE


def outside(place: str, home: str) -> bool:
    """Whether a place is surely outside the county; the own province alone does not tell."""
    return region(place, home) is not Region.COUNTY and place != f"{home[:2]}0000"


def coarse(place: str) -> bool:
    """Whether a work place is known only as a city or province. Abroad, Hong Kong, Macao and Taiwan have no counties to name."""
    return place.endswith("00") and not place.startswith(_BEYOND_THE_BORDER)


def exists(code: str) -> bool:
    """Whether the table knows the code, at any level or from former days."""
    return division(code) is not None


@lru_cache(maxsize=4096)  # screening asks for the same few hundred areas a hundred thousand times
def _span(area: str) -> str | None:
    """The digits every code inside an area begins with; padding of zeros taken off by whole levels. None: no area code."""
    code = canonical(area)
    if level(code) is None:
        return None
    for width, step in ((12, 3), (9, 3), (6, 2), (4, 2), (2, 2)):
        if len(code) == width and code.endswith("0" * step):
            code = code[:-step]
    return code


def covers(area: str, village: str) -> bool:
    """Whether an area (6, 9 or 12 digits, padded or not) contains a village, township or county, or is it."""
    outer, inner = _span(area), _span(village)
    return outer is not None and inner is not None and inner.startswith(outer)


def most_specific(areas: Iterable[str], village: str) -> str | None:
    """The smallest of several areas that contains the village, which takes precedence; None if none does."""
    fitting = [area for area in areas if covers(area, village)]
    return max(fitting, key=lambda area: len(_span(area) or ""), default=None)
