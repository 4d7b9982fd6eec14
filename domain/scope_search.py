"""Finding one's own village by typing a part of its name: 解放, 横头山解放, jiefang, hengtoushanjiefang, jfc. Townships and counties are
found likewise."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from unicodedata import normalize

from domain import divisions
from domain.division_tables import local, national
from domain.scopes import county_of, is_village, township_of

HOME = "23"  # Heilongjiang
LIMIT = 30


@cache
def _places() -> tuple[tuple[str, str, str, str, tuple[str, ...]], ...]:
    """Code, own name, name from the province down, pinyin run together, and what else it may be typed as in letters: initials and, of a
    village, its pinyin after that of its township; of all counties, townships and villages."""
    found = []
    counties = {code: place for code, place in national().items() if code.startswith(HOME) and not code.endswith("00")}
    for code, place in {**counties, **local()}.items():
        syllables = place.pinyin.split()
        pinyin, above = "".join(syllables), local()[township_of(code)].pinyin.split() if is_village(code) else []
        others = ["".join(s[0] for s in syllables), *("".join([*over, pinyin]) for over in (above, above[:-1]) if over)]
        found.append((code, place.name, divisions.full_name(code) or place.name, pinyin, tuple(others)))
    return tuple(found)


def find_scope(text: str, counties: Collection[str] = ()) -> list[str]:
    """Codes (6, 9 or 12 digits) that `text` may mean, likeliest first: names that begin with it, then names that hold it. `counties`: only
    places in these, given by their codes."""
    typed = "".join(normalize("NFKC", text).split()).lower()
    if not typed:
        return []
    scored = []
    for code, name, full, pinyin, others in _places():
        if counties and county_of(code) not in counties:
            continue
        rank = _rank(typed, name, full, pinyin, others) if not code.startswith(typed) else 0
        if rank is not None:
            scored.append((rank, -len(code), code))
    scored.sort()
    return [code for _rank_, _length, code in scored[:LIMIT]]


def _rank(typed: str, name: str, full: str, pinyin: str, others: tuple[str, ...]) -> int | None:
    if name.removesuffix("社区").rstrip("村镇乡县区市") == typed.rstrip("村镇乡县区市"):
        return 0
    if typed.isascii():
        return 1 if pinyin.startswith(typed) else 2 if any(other.startswith(typed) for other in others) else None
    if name.startswith(typed) or full.endswith(typed):
        return 1
    if typed in full:
        return 2
    letters = iter(full)
    return 3 if len(typed) > 2 and all(letter in letters for letter in typed) else None
