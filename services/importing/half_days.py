"""Converts attendance sheets with separate rows or columns for 上午 and 下午 to whole days. A day whose halves differ keeps both marks in
its cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.importing.cells import is_empty, text_of
from services.importing.columns import Binding
from services.importing.dates_across import HALVES
from services.importing.heading_words import plain
from services.importing.tables import Found

MIXED: Final = "上午"
"""Prefix of a day's cell whose halves differ; records have no half days."""


def half_of(row: Sequence[Any], days: Sequence[int]) -> tuple[int, int] | None:
    """The half of the day that a row is about (0 or 1) and the column that states it; None if it is about whole days."""
    for index, cell in enumerate(row):
        for half, words in enumerate(HALVES):
            if index not in days and isinstance(cell, str) and cell.strip() in words:
                return half, index
    return None


def whole_days(found: Found, binding: Binding, rows: list[list[Any]]) -> list[list[Any]]:
    """The rows of an attendance sheet with both halves of each day joined in one cell, whether they are in two columns or in two rows."""
    days = [heading.index for heading in binding.days]
    below = [*found.sheet.rows[found.heading_row : found.start], *rows[:1]]
    if any(days and _divides(row, days) for row in below):
        binding.unmatched = [heading for heading in binding.unmatched if heading.index - 1 not in days]
        first = [[""] * len(rows[0])] if rows and _divides(rows[0], days) else rows[:1]
        return _columns_joined([*first, *rows[1:]], days)
    who = [binding.columns[target].index for target in ("person.name", "person.id_number") if target in binding.columns]
    return _rows_joined(rows, days, who) if days else rows


def _divides(row: Sequence[Any], days: Sequence[int]) -> bool:
    """Whether a row below the headings splits each day into two columns, 上午 and 下午."""
    return all(at + 1 < len(row) and text_of(row[at]) in HALVES[0] and text_of(row[at + 1]) in HALVES[1] for at in days)


def _columns_joined(rows: Sequence[Sequence[Any]], days: Sequence[int]) -> list[list[Any]]:
    """The rows with both halves of each day joined in the day's first column."""
    joined = [list(row) for row in rows]
    for row in joined:
        for at in days:
            row[at] = _joined(row[at], row[at + 1])
    return joined


def _rows_joined(rows: Sequence[list[Any]], days: Sequence[int], who: Sequence[int]) -> list[list[Any]]:
    """The rows with each afternoon row joined to the morning row above it and left blank. `who` are the columns of name and number, which
    the second row may leave empty."""
    joined = list(rows)
    for n in range(len(joined) - 1):
        here, below = half_of(joined[n], days), half_of(joined[n + 1], days)
        if here is None or below is None or (here[0], below[0]) != (0, 1):
            continue
        first, second = list(joined[n]), joined[n + 1]
        if all(is_empty(second[at]) or text_of(second[at]) == text_of(first[at]) for at in who):
            for at in days:
                first[at] = _joined(first[at], second[at])
            first[here[1]] = ""
            joined[n : n + 2] = [first, [""] * len(second)]
    return joined


def _joined(morning: Any, afternoon: Any) -> Any:
    one, other = plain(text_of(morning)), plain(text_of(afternoon))
    if one == other or (is_empty(morning) and is_empty(afternoon)):
        return morning
    return f"{MIXED}{one or '空'}下午{other or '空'}"
