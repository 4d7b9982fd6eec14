"""Turns attendance sheets with 上午 and 下午 apart, in two rows or two columns, into sheets of whole days. A day whose halves differ keeps
both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.importing.cells import is_empty, text_of
from services.importing.columns import Binding
from services.importing.dates_across import HALVES
from services.importing.heading_words import plain
from services.importing.tables import Found

MIXED: Final = "上午"
"""How the cell of a day begins if its halves differ: records have no half days."""


def half_of(row: Sequence[Any], days: Sequence[int]) -> tuple[int, int] | None:
    """Which half of days a row is about, 0 or 1, and the column that says so."""
    for index, cell in enumerate(row):
        for half, words in enumerate(HALVES):
            if index not in days and isinstance(cell, str) and cell.strip() in words:
                return half, index
    return None


def whole_days(found: Found, binding: Binding, rows: list[list[Any]]) -> list[list[Any]]:
    """The rows with both halves of a day in one cell, where a sheet of attendance has them in two columns or two rows."""
    days = [heading.index for heading in binding.days]
    under = [*found.sheet.rows[found.heading_row : found.start], *rows[:1]]
    if any(days and _divides(row, days) for row in under):
        binding.unmatched = [heading for heading in binding.unmatched if heading.index - 1 not in days]
        first = [[""] * len(rows[0])] if rows and _divides(rows[0], days) else rows[:1]
        return _columns_joined([*first, *rows[1:]], days)
    who = [binding.columns[target].index for target in ("person.name", "person.id_number") if target in binding.columns]
    return _rows_joined(rows, days, who) if days else rows


def _divides(row: Sequence[Any], days: Sequence[int]) -> bool:
    """Whether a row under the headings divides each day's column and the next into halves."""
    return all(at + 1 < len(row) and text_of(row[at]) in HALVES[0] and text_of(row[at + 1]) in HALVES[1] for at in days)


def _columns_joined(rows: Sequence[Sequence[Any]], days: Sequence[int]) -> list[list[Any]]:
    """The rows with both halves of a day in its first column."""
    joined = [list(row) for row in rows]
    for row in joined:
        for at in days:
            row[at] = _whole(row[at], row[at + 1])
    return joined


def _rows_joined(rows: Sequence[list[Any]], days: Sequence[int], who: Sequence[int]) -> list[list[Any]]:
    """The rows with somebody's afternoons in the row of the mornings above, the row of the afternoons blank. `who`: columns of name and
    number, which the second row may leave out."""
    joined = list(rows)
    for n in range(len(joined) - 1):
        here, below = half_of(joined[n], days), half_of(joined[n + 1], days)
        if here is None or below is None or (here[0], below[0]) != (0, 1):
            continue
        first, second = list(joined[n]), joined[n + 1]
        if all(is_empty(second[at]) or text_of(second[at]) == text_of(first[at]) for at in who):
            for at in days:
                first[at] = _whole(first[at], second[at])
            first[here[1]] = ""
            joined[n : n + 2] = [first, [""] * len(second)]
    return joined


def _whole(morning: Any, afternoon: Any) -> Any:
    one, other = plain(text_of(morning)), plain(text_of(afternoon))
    if one == other or (is_empty(morning) and is_empty(afternoon)):
        return morning
    return f"{MIXED}{one or '空'}下午{other or '空'}"
