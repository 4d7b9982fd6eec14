"""The table of administrative divisions: loading it, names, levels, parents and children (GB/T 2260, 统计用区划代码).

Codes are strings of 6 digits for a province, city or county (``230000``, ``230800``, ``230826``), 9 for a township and
12 for a village; ``990000`` is abroad. The whole country is known to the county, Heilongjiang to the village. Files are
read once, when first needed. :mod:`domain.divisions` offers the public names: import them from there.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from domain.grouping import by_key
from domain.scopes import county_of, is_county, is_village, level_of, township_of, valid
from domain.words import _

ABROAD: Final = "990000"
"""The code of every place abroad. Hong Kong, Macao and Taiwan have their own (81, 82, 71)."""

_FOLDER: Final = Path(__file__).resolve().parent.parent / "resources" / "divisions"


class Level(StrEnum):
    """The level of a division code."""

    ABROAD = "abroad"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class Division(NamedTuple):
    """One line of the table. ``short`` is the name without 市, 县 …; ``pinyin`` has a blank between syllables."""

    code: str
    name: str
    short: str
    pinyin: str


@cache
def national() -> Mapping[str, Division]:
    """Provinces, cities and counties of the whole country by code, in order of code."""
    lines = (_FOLDER / "places.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {(made := Division(*line.split(","))).code: made for line in lines}


@cache
def local() -> Mapping[str, Division]:
    """Townships and villages of Heilongjiang by code, in order of code."""
    text = gzip.decompress((_FOLDER / "villages.csv.gz").read_bytes()).decode("utf-8")
    return {code: Division(code, name, name, pinyin) for code, name, pinyin in (line.split(",") for line in text.splitlines()[1:])}


@cache
def former() -> Mapping[str, tuple[str, str]]:
    """Codes no longer in force, each with its former name and the present code (抚远县 230833 is 230883 since 2016)."""
    lines = (_FOLDER / "former.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {code: (name, now) for code, name, now, _until in (line.split(",") for line in lines)}


@cache
def abroad_words() -> tuple[str, ...]:
    """Words with which foreign places begin: 境外, countries, a few cities."""
    return tuple((_FOLDER / "abroad.csv").read_text(encoding="utf-8").split())


def canonical(code: str) -> str:
    """Replace a county code no longer in force by the present one, also inside longer codes. Other codes are returned unchanged."""
    if county_of(code) in national():
        return code
    known = former().get(county_of(code))
    return known[1] + code[6:] if known else code


def division(code: str) -> Division | None:
    """The division with a present or former code of any level; None if there is none."""
    code = canonical(code)
    if code == ABROAD:
        return Division(ABROAD, _("境外"), _("境外"), "jing wai")
    return national().get(code) if is_county(code) else local().get(code)


def name(code: str) -> str | None:
    """The division's own name: 大连市, 甘井子区, 解放村. None for an unknown code."""
    known = division(code)
    return known.name if known else None


def called(code: str) -> str:
    """The division's name, or the code itself if it is unknown."""
    return name(code) or code


def full_name(code: str) -> str | None:
    """The name including all higher levels: 辽宁省大连市甘井子区, 黑龙江省佳木斯市桦川县横头山镇解放村. None if unknown."""
    known = division(code)
    if known is None:
        return None
    above = parent(known.code)
    return (full_name(above) or "" if above else "") + known.name


def names_in_county(code: str) -> list[str]:
    """The known names of a place below the county: of the township, and of the village. None for a county."""
    parts = [] if is_county(code) else [township_of(code), code] if is_village(code) else [code]
    return [known for known in map(name, parts) if known]


def level(code: str) -> Level | None:
    """The level of a code, judged by its shape alone; None if it has no valid shape."""
    if not valid(code):
        return None
    if not is_county(code):
        return Level(level_of(code))
    if code == ABROAD:
        return Level.ABROAD
    if code.endswith("0000"):
        return Level.PROVINCE
    return Level.CITY if code.endswith("00") else Level.COUNTY


def parent(code: str) -> str | None:
    """The code one level up; None for a province, abroad and codes without a level.

    Districts of 北京 and counties directly under a province have the province as parent.
    """
    code = canonical(code)
    rung = level(code)
    if rung is Level.VILLAGE:
        return township_of(code)
    if rung is Level.TOWNSHIP:
        return county_of(code)
    if rung is Level.COUNTY and code[:4] + "00" in national():
        return code[:4] + "00"
    return code[:2] + "0000" if rung in (Level.COUNTY, Level.CITY) else None


@cache
def _families() -> Mapping[str, tuple[str, ...]]:
    found = by_key((parent(code) or "", code) for code in national())
    return {code: tuple(members) for code, members in found.items()}


@cache
def _local_families() -> Mapping[str, tuple[str, ...]]:
    found = by_key((code[:-3], code) for code in local())
    return {code: tuple(members) for code, members in found.items()}


def children(code: str | None = None) -> tuple[str, ...]:
    """The codes one level down, in order; the provinces if ``code`` is None. Empty if none are known."""
    if code is None:
        return _families()[""]
    code = canonical(code)
    return _families().get(code) or _local_families().get(code, ())
