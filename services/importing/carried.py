"""Fills in cells that repeat the value above them: merged downwards, marked 同上, or written only in a household's first row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from domain.values import Type
from services.importing.cells import is_empty, text_of
from services.importing.columns import Binding
from services.importing.heading_words import plain
from services.importing.rosters import field_of
from services.importing.tables import Found

_EACH = frozenset({Type.YUAN, Type.INT})
"""Types of which a merged cell holds the total of its rows, so that it is the value of no single row."""
_AS_ABOVE = frozenset({"同上", "〃"})
_DITTO = frozenset({*_AS_ABOVE, "″", "＂", '"', "“", "”", "''", "’’", "′′"})
OF_A_HOUSEHOLD = ("household.number", "category_span.", "area.")
"""Columns of a register whose value is the same for every member of a household."""


def unmerged(found: Found, binding: Binding) -> list[list[Any]]:
    """The table's rows, with the value of each cell merged downwards (one household over its members) copied to every row it covers. An ID
    number is not copied to a row with another name."""
    rows = found.rows()
    if found.unfolded is not None:
        return rows
    shared = {h.index for t, h in binding.columns.items() if t != "row" and getattr(field_of(t), "type", Type.TEXT) not in _EACH}
    blocks = [
        (top - found.start, bottom - found.start, column)
        for (top, column), (bottom, right) in found.sheet.merged
        if found.start <= top < bottom and top < found.end and column == right and column in shared
    ]
    if not blocks:
        return rows
    filled = [any(not is_empty(cell) for cell in row) for row in rows]
    name, number = (getattr(binding.columns.get(target), "index", None) for target in ("person.name", "person.id_number"))
    named = ["" if name is None else plain(text_of(row[name])) for row in rows]
    rows = [list(row) for row in rows]
    for top, bottom, column in blocks:
        for i in range(top + 1, min(bottom + 1, len(rows))):
            if filled[i] and not (column == number and named[i] and named[i] != named[top]):
                rows[i][column] = rows[top][column]
    return rows


def ditto_marks(rows: Sequence[Sequence[Any]], columns: Sequence[int], *, own: bool = False) -> Iterator[tuple[int, int]]:
    """The row and column of each mark that means "as above". In a sheet of this program (`own`) a lone quotation mark is a value, not a
    mark."""
    marks = _AS_ABOVE if own else _DITTO
    for i, row in enumerate(rows):
        for at in columns:
            if isinstance(cell := row[at], str) and cell.strip() in marks:
                yield i, at


def members(numbers: Sequence[Any], relations: Sequence[str | None], head: str) -> Iterator[tuple[int, int]]:
    """Each row of a household member that lacks the household's number, with the row above that has it. A head without a number begins
    another household."""
    above: int | None = None
    for i, (number, relation) in enumerate(zip(numbers, relations, strict=True)):
        if not is_empty(number):
            above = i
        elif relation == head:
            above = None
        elif relation is not None and above is not None:
            yield i, above
