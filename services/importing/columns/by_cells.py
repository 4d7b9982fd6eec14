"""Recognises columns with a vague heading (技能, 类型) by their cells: each is a choice of the field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.errors import FieldError
from domain.fields import Field
from services.importing.tables.heading_words import loosely, plain
from services.importing.tables.headings import Heading
from services.importing.tables.rosters import Roster, field_of, vague_columns
from services.importing.values.cells import is_empty, reader


def by_cells(roster: Roster, heading: Heading, cells: Iterable[Any]) -> str | None:
    """The target of a column that no name tells; None if a cell says something else, or all are empty or 其他."""
    word = loosely(heading.words[-1])
    for target, words in vague_columns().items():
        f = field_of(target)
        if f is not None and word in map(plain, words) and target.partition(".")[0] in roster.makes and _all_choices(f, cells):
            return target
    return None


def _all_choices(f: Field, cells: Iterable[Any]) -> bool:
    filled, read = {cell for cell in cells if not is_empty(cell)}, reader(f, home="")
    try:
        said = {read(cell, []) for cell in filled}
        return bool(said - {"other"}) and None not in said
    except FieldError:
        return False


def any_choice(target: str, cells: Iterable[Any]) -> bool:
    """Whether a cell is a choice of the field."""
    f = field_of(target)
    return f is not None and any(_all_choices(f, [cell]) for cell in {cell for cell in cells if not is_empty(cell)})
