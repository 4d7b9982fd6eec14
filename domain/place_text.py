"""Division codes from text: work places as clerks write them, villages by name, and search while typing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from domain.division_tables import ABROAD, Division, Level, abroad_words, canonical, children, division, former, level, local, national
from domain.grouping import by_key
from domain.identity import half_width
from domain.scopes import county_of, is_township, is_village, township_of, within

_RANK: Final = {Level.PROVINCE: 0, Level.CITY: 1, Level.COUNTY: 2, Level.TOWNSHIP: 3, Level.VILLAGE: 4}
_NOISE: Final = re.compile(r"[\s·,，.。、/\\\-—–_~()（）\[\]【】|;；:：'\"“”]+")
_AT_HOME: Final = ("本县", "县内", "本地", "本乡", "本镇", "本村", "本屯", "县城", "村里", "镇里", "乡里")
_NOT_A_DISTRICT: Final = tuple("路街道大胡巷弄桥站村镇乡屯")
_PLACEHOLDERS: Final = ("市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县", "自治区直辖县")
# Names people use that no rule makes from the full ones
_NICKNAMES: Final = {
    "内蒙": "150000",
    "台湾": "710000",
    "哈市": "230100",
    "齐市": "230200",
    "佳市": "230800",
    "杜蒙": "230624",
    "莫旗": "150722",
    "西海岸新区": "370211",
}


# ---------------------------------------------------------------- free text to a place


@cache
def _strong() -> Mapping[str, tuple[str, ...]]:
    """Names that may be followed by more text: full names, short names of provinces and cities, former names."""
    official = by_key((form, code) for code, place in national().items() for form in _forms(code, place))
    nicknames = {nickname: [code] for nickname, code in _NICKNAMES.items()}
    old = {was: [now] for was, now in former().values()}
    # 即墨市 became 即墨区: the same name with another ending is the same place wherever no other bears it
    renamed = {short + ending: [*codes] for short, codes in _weak().items() for ending in "县市区"}
    return {form: tuple(codes) for form, codes in (renamed | old | nicknames | official).items()}


def _forms(code: str, place: Division) -> set[str]:
    """The full name, and above the county the short ones."""
    if level(code) is Level.COUNTY:
        return {place.name}
    return {place.name, place.short, place.short + "州"} if place.name.endswith("自治州") else {place.name, place.short}


@cache
def _weak() -> Mapping[str, tuple[str, ...]]:
    """Short names of counties, which are ordinary words too (和平, 中山) and are recognised only where the context allows."""
    found = by_key((place.short, code) for code, place in national().items() if level(code) is Level.COUNTY and place.short != place.name)
    for was, now in former().values():
        found.setdefault(was[:-1] if len(was) > 2 else was, [now])
    return {form: tuple(codes) for form, codes in found.items()}


def _prefix(code: str) -> str:
    """The digits every code inside an area begins with: 23, 2308, 230826, 230826101, all twelve for a village."""
    rung = level(code)
    return code[: {Level.PROVINCE: 2, Level.CITY: 4}.get(rung, len(code))] if rung else code


def _inside(codes: Iterable[str], within: str | None) -> list[str]:
    return [code for code in codes if within is None or (code != within and code.startswith(_prefix(within)))]


def _choose(inside: Sequence[str], home: str | None) -> str | None:
    """Choose among places with the same name: highest level, then nearest to home; None if undecided."""
    top = min((_RANK.get(level(code) or Level.VILLAGE, 9) for code in inside), default=9)
    inside = [code for code in inside if _RANK.get(level(code) or Level.VILLAGE, 9) == top]
    for near in (home[:4], home[:2]) if home and len(inside) > 1 else ():
        closer = [code for code in inside if code.startswith(near)]
        if len(closer) == 1:
            return closer[0]
    return inside[0] if len(inside) == 1 else None


def _step(rest: str, within: str | None, home: str | None) -> tuple[str | None, int]:
    """The place at the start of the text and the length of its name; (None, n) skips n characters that add nothing."""
    for size in range(min(len(rest), 18), 1, -1):
        form, after = rest[:size], rest[size:]
        named = _strong().get(form, ())
        inside = _inside(named, within)
        if not inside and within is not None and within in named:
            return None, size  # 北京市北京市朝阳区: the same place repeated
        if not inside and _weak_allowed(size, after, within):
            inside = _inside(_weak().get(form, ()), within)
        if inside:  # an undecided 朝阳区 must not be taken for the shorter 朝阳
            chosen = _choose(inside, home)
            return chosen, size if chosen else 0
    return None, 0


def _weak_allowed(size: int, after: str, within: str | None) -> bool:
    """Whether a county's short name counts: if it is the whole text, if it is long, or inside its own city if no street follows."""
    if not after:
        return True
    in_city = within is not None and level(within) is Level.CITY
    return not after.startswith(_NOT_A_DISTRICT) and (size > 2 or in_city)


def parse_place(text: str, *, home: str | None = None) -> str | None:
    """The 6-digit code of a place as clerks write it, or None when it cannot be told.

    Takes 辽宁省大连市甘井子区, 大连甘井子, 北京市北京市朝阳区, columns 省+市+县 joined, a code, former names; what
    follows the county is ignored. A whole city (``210200``) or province when no more is said, ``990000`` for abroad.
    ``home`` (an area code) settles names that several places bear (向阳区), 本县 and the names of its own townships and villages.
    """
    rest = _NOISE.sub("", half_width(text)).removeprefix("中国")
    if re.fullmatch(r"[0-9]{6}", rest):
        return canonical(rest) if division(rest) else None
    if rest.startswith(abroad_words()):
        return ABROAD
    if home and rest.startswith(_AT_HOME):
        return canonical(county_of(home))
    place, rest = _down(rest, home)
    county = county_of(home) if home and place is None else ""
    local = rest.startswith(_towns(county)) or (_ENDS_AS_VILLAGE.search(rest) and find_village(county, None, rest))
    return canonical(county) if county and local else place


def only_place(text: str, *, home: str) -> str | None:
    """As `parse_place`, but None if words follow the place (哈尔滨看病)."""
    rest = _NOISE.sub("", half_width(text)).removeprefix("中国")
    if rest in abroad_words():
        return ABROAD
    place, rest = _down(rest, home)
    return None if rest else place


def _down(rest: str, home: str | None) -> tuple[str | None, str]:
    """The place at the start of a text, read from the province down to the county, and the text after it."""
    place: str | None = None
    while rest and level(place or "") is not Level.COUNTY:
        for word in (*_PLACEHOLDERS, "县") if place else _PLACEHOLDERS:  # 重庆市县城口县: the package has a level of that name
            rest = rest.removeprefix(word)
        step, size = _step(rest, place, home)
        if not size:
            break
        place, rest = step or place, rest[size:]
    return place, rest


@cache
def _towns(county: str) -> tuple[str, ...]:
    """The names of a county's townships, in full: without 镇 and 乡 they are ordinary words."""
    return tuple(place.name for code, place in local().items() if is_township(code) and within(code, county))


# ---------------------------------------------------------------- villages

_PEOPLES: Final = r"(朝鲜|满|蒙古|回|达斡尔|鄂伦春|鄂温克|赫哲|锡伯|柯尔克孜)族?"
_TOWN_WORD: Final = "街道办事处|街道|民族乡|镇|乡"
_TOWN_END: Final = re.compile(rf"({_PEOPLES})*({_TOWN_WORD})?(人民政府|政府)?$")
_COMMITTEE: Final = re.compile(r"(村民委员会|村委会|居民委员会|居委会|民委员会|委员会|村委|居委)$")
_VILLAGE_END: Final = re.compile(r"(行政村|村|社区)$")
_ENDS_AS_VILLAGE: Final = re.compile("(?:村|社区|[组屯队])$")
_GROUP: Final = re.compile(r"(?<=村)(第?[一二三四五六七八九十0-9]{1,3}(村民)?小?[组队社]|[一-龥]{1,6}屯)$")


class _Village(NamedTuple):
    """A village: its code, the key of its township, and the keys of its name."""

    code: str
    town: str
    keys: tuple[str, ...]


def _town_key(text: str) -> str:
    text = _NOISE.sub("", half_width(text))
    return _TOWN_END.sub("", text, count=1) or text


def _village_keys(text: str) -> Iterator[str]:
    """Ever looser forms of a village's name: as it is, without the committee, without 村, without the people."""
    text = _NOISE.sub("", half_width(text))
    yield text
    bare = _COMMITTEE.sub("", text) or text
    yield bare
    bare = _VILLAGE_END.sub("", bare) or bare
    yield bare
    yield re.sub(rf"{_PEOPLES}$", "", bare) or bare


@lru_cache(maxsize=8)
def _villages_of(county: str) -> tuple[_Village, ...]:
    """Every village of a county, of the province when empty."""
    towns = {code: _town_key(place.name) for code, place in local().items() if is_township(code) and within(code, county)}
    return tuple(
        _Village(code, towns[township_of(code)], tuple(_village_keys(place.name)))
        for code, place in local().items()
        if is_village(code) and township_of(code) in towns
    )


def find_village(county: str | None, town: str | None, village: str) -> str | None:
    """The 12-digit code of a village of Heilongjiang by the names in a roster; None when it is not found or not alone.

    ``county`` is a code or a name, None or empty where the roster has none; likewise ``town``. Endings do not matter
    (村委会, 村民委员会, 村, 社区, 居委会; 镇, 乡, 民族乡). ``village`` may begin with its township or with all that is above it, end with a
    group of it (解放村一组), or be its code.
    """
    area, text = "", _NOISE.sub("", half_width(village))
    if county:
        area = canonical(county_of(county)) if county_of(county).isdigit() else parse_place(county, home="230000") or county
    if level(text) is Level.VILLAGE:
        return text if division(text) else None
    return _village_in(area, town, text) or _village_in(area, town, _without_address(text, area))


def _without_address(text: str, area: str) -> str:
    """A village's name without the province, city and county above it and without the group below it."""
    for above in (division(area[:size].ljust(6, "0")) for size in (2, 4, 6)):
        if above:
            text = text.removeprefix(above.name) if text.startswith(above.name) else text.removeprefix(above.short)
    return _GROUP.sub("", text)


def _village_in(area: str, town: str | None, village: str) -> str | None:
    wanted = tuple(_village_keys(village))
    if not wanted[-1]:
        return None
    known: Sequence[_Village] = _villages_of(_prefix(area))
    if town and (key := _town_key(town)):
        known = _of_town(known, key)
    return _only(known, wanted) or _after_town(known, wanted[0])


def _of_town(known: Sequence[_Village], key: str) -> list[_Village]:
    """The villages of a township, which may have its county before it: 桦川县横头山镇 in one cell."""
    exact = [one for one in known if one.town == key]
    return exact or [one for one in known if len(one.town) > 1 and key.endswith(one.town)]


def _after_town(known: Sequence[_Village], text: str) -> str | None:
    """The village whose name follows that of its township: 横头山镇解放村."""
    for town in sorted({one.town for one in known if len(one.town) > 1 and text.startswith(one.town)}):
        tail = re.sub(f"^({_TOWN_WORD})", "", text[len(town) :])
        if found := _only([one for one in known if one.town == town], tuple(_village_keys(tail))):
            return found
    return None


def _only(known: Sequence[_Village], wanted: tuple[str, ...]) -> str | None:
    """The village that agrees most exactly; of 解放村 and 解放社区, plain 解放 is the village. None if undecided."""
    for depth in range(len(wanted)):
        same = [one.code for one in known if wanted[depth] in one.keys[: depth + 1]]
        if len(same) > 1:
            same = [code for code in same if "200" <= code[9:] < "400"]
        if len(same) == 1:
            return same[0]
        if same:
            return None
    return None


# ---------------------------------------------------------------- finding while typing


def _spelt(typed: str, syllables: list[str]) -> bool:
    """Whether the typed letters are prefixes of successive syllables: dl, dlian, dalian, dali, dal."""
    if not typed:
        return True
    if not syllables:
        return False
    first = syllables[0]
    sizes = range(min(len(first), len(typed)), 0, -1)
    return any(first.startswith(typed[:size]) and _spelt(typed[size:], syllables[1:]) for size in sizes)


_ENDINGS: Final = {"省": "sheng", "市": "shi", "县": "xian", "区": "qu"}
"""Spelling of the endings that a place's pinyin omits."""


def _match(typed: str, place: Division) -> int | None:
    """How well a place matches the typed text: 0 exactly … 3 somewhere inside; None not at all."""
    if typed.isascii():
        if typed.isdigit():
            return 1 if place.code.startswith(typed) else None
        syllables = place.pinyin.split()
        joined = "".join(syllables)
        if typed == joined:
            return 0
        ending = _ENDINGS.get(place.name[-1]) if place.name != place.short else None
        if place.pinyin[:1] != typed[:1] or not _spelt(typed, [*syllables, ending] if ending else syllables):
            return None
        return 1 if joined.startswith(typed) else 2
    if typed in (place.short, place.name):
        return 0
    if place.name.startswith(typed):
        return 1
    return 3 if typed in place.name else None


def _pool(within: str | None) -> Iterator[Division]:
    if within is None:
        yield from national().values()
        return
    inside = _prefix(within)
    yield from (place for place in national().values() if place.code.startswith(inside) and place.code != within)
    if within != "230000" and inside.startswith("23"):
        yield from (place for place in local().values() if place.code.startswith(inside) and place.code != within)


def find(text: str, *, within: str | None = None, limit: int = 20) -> list[str]:
    """Codes that match the text being typed: Chinese (大连), pinyin or its beginnings (dalian, dl, dlian), digits.

    Best first: exact, prefix, initials, inside; higher levels before lower ones, Heilongjiang before the rest. With ``within``, an area
    below Heilongjiang, its townships and villages are found as well. Empty text lists the children.
    """
    within = canonical(within) if within else None
    typed = _NOISE.sub("", half_width(text)).lower()
    if not typed:
        return list(children(within))[:limit]
    scored = [(how, place) for place in _pool(within) if (how := _match(typed, place)) is not None]
    scored.sort(key=lambda pair: (pair[0], _RANK[level(pair[1].code) or Level.VILLAGE], not pair[1].code.startswith("23"), pair[1].code))
    found = [place.code for _how, place in scored]
    place = parse_place(text) if not found and within is None else None  # 大连甘井子 is not a single name, but a place
    return (found or ([place] if place else []))[:limit]
