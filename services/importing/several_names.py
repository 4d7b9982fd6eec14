"""Splits rows of a list of work that name several people in one cell (王芳、李强) into one row for each person."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.words import _
from services.importing.carried import unmerged
from services.importing.cells import text_of
from services.importing.columns import PERSON_KEYS, Binding
from services.importing.tables import Found

_SEPARATOR = re.compile(r"[、，,;；/\n]+")
_NAME = re.compile("[一-龥·]{2,6}")
_SPACES = re.compile(r"[、，,;；/\s]+")


def one_each(found: Found, binding: Binding, named: Callable[[str], object]) -> Found:
    """The table with one row for each person; unchanged if no cell names several, or if a cell's formula has no result. `named` tells
    whether somebody here has a name: 欧阳 雪梅 is one person, 王芳 李强 are two."""
    name, number = (getattr(binding.columns.get(target), "index", None) for target in PERSON_KEYS)
    if name is None or any(found.start <= row < found.end for row, _column in found.sheet.uncomputed):
        return found
    rows: list[list[Any]] = []
    numbers: list[int] = []
    for i, row in enumerate(unmerged(found, binding)):
        names = _names(text_of(row[name]), named)
        ids = [] if number is None else _SPACES.split(text_of(row[number]).strip())
        if len(names) < 2 or (number is not None and text_of(row[number]) and len(ids) != len(names)):
            names, ids = [row[name]], []
        for at, one in enumerate(names):
            cells = [*row]
            cells[name] = one
            if number is not None and len(ids) == len(names) > 1:
                cells[number] = ids[at]
            rows.append(cells)
            numbers.append(found.numbers[i] if found.numbers is not None else found.start + i + 1)
    if len(rows) == len(found.rows()):
        return found
    return replace(found, unfolded=rows, numbers=numbers, note=_("一格里写了几个人的，按一人一行读入，请核对"))


def _names(text: str, named: Callable[[str], object]) -> list[str]:
    """The names in a cell. Spaces separate names only if each part is the name of somebody here."""
    found: list[str] = []
    for part in filter(None, (re.sub(r"^[ \u3000]+|[ \u3000]+$", "", part) for part in _SEPARATOR.split(text))):
        words = part.split()
        several = len(words) > 1 and all(map(named, words))
        found += words if several else ["".join(words)]
    return found if all(map(_NAME.fullmatch, found)) else []
