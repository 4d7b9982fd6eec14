"""Tells people of the same name in one village apart: 王芳（1988年生）, or 王芳（尾号 0027） where the year does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.grouping import by_key
from domain.words import _


class Bearer(NamedTuple):
    """A living person who bears a name. `birth`: a fuzzy date, `id_number` in full; either may be unknown."""

    id: str
    village: str
    name: str
    birth: str | None
    id_number: str | None


def marks(people: Iterable[Bearer]) -> Mapping[str, str]:
    """By id of everybody who shares name and village with another of these: what tells them apart, "" if nothing is on record."""
    found = {}
    for same in by_key(((one.village, one.name), one) for one in people).values():
        if len(same) > 1:
            years = Counter((one.birth or "")[:4] for one in same)
            found.update({one.id: _mark(one, years) for one in same})
    return found


def marked(name: str, mark: str) -> str:
    """A name with the mark of `marks`."""
    return _("{name}（{mark}）").format(name=name, mark=mark) if mark else name


def _mark(one: Bearer, years: Mapping[str, int]) -> str:
    year, tail = (one.birth or "")[:4], (one.id_number or "")[-4:]
    if year and years[year] == 1:
        return _("{year}年生").format(year=year)
    return _("尾号 {tail}").format(tail=tail) if tail else ""
