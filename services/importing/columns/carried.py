"""Rows as they are read: cells that repeat the value above them are filled in (merged downwards, marked 同上, or written only in a
household's first row), and 上午 and 下午 in separate rows or columns are joined. A day whose halves differ keeps both marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from domain.errors import FieldError
from domain.fuzzy_dates import first_day, last_day, parse_fdate
from domain.values import Type
from services.importing.columns.binding import Binding
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import HALVES
from services.importing.tables.rosters import field_of
from services.importing.tables.title_months import in_figures
from services.importing.values.cells import is_empty, text_of

_EACH = frozenset({Type.YUAN, Type.INT})
"""Types of which a merged cell holds the total of its rows, so that it is the value of no single row."""
_AS_ABOVE = frozenset({"同上", "〃"})
_DITTO = frozenset({*_AS_ABOVE, "″", "＂", '"', "“", "”", "''", "’’", "′′"})
OF_A_HOUSEHOLD = ("household.number", "category_span.", "area.")
"""Columns of a register whose value is the same for every member of a household."""


def unmerged(found: FoundTable, binding: Binding) -> list[list[Any]]:
    """The table's rows, with the value of each cell merged downwards (one household over its members) copied to every row it covers. An ID
    number is not copied to a row with another name."""
    rows = found.rows()
    if found.unfolded is not None:
        return rows
    blocks = list(_merged_down(found, binding))
    if not blocks:
        return rows
    filled = [any(not is_empty(cell) for cell in row) for row in rows]
    name, number = (getattr(binding.columns.get(target), "index", None) for target in ("person.name", "person.id_number"))
    named = ["" if name is None else plain(text_of(row[name])) for row in rows]
    rows = [list(row) for row in rows]
    for top, bottom, column in blocks:
        for i in range(top + 1, min(bottom + 1, len(rows))):
            if filled[i] and (column != number or named[i] in ("", named[top])):
                rows[i][column] = rows[top][column]
    return rows


def _merged_down(found: FoundTable, binding: Binding) -> Iterator[tuple[int, int, int]]:
    """The first row, last row and column of each block of cells merged downwards whose value is that of every row."""
    shared = {h.index for t, h in binding.columns.items() if t != "row" and getattr(field_of(t), "type", Type.TEXT) not in _EACH}
    for (top, column), (bottom, right) in found.sheet.merged:
        if found.start <= top < min(bottom, found.end) and column == right and column in shared:
            yield top - found.start, bottom - found.start, column


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


MIXED: Final = "上午"
"""Prefix of a day's cell whose halves differ; records have no half days."""


def half_of(row: Sequence[Any], days: Sequence[int]) -> tuple[int, int] | None:
    """The half of the day that a row is about (0 or 1) and the column that states it; None if it is about whole days."""
    for index, cell in enumerate(row):
        for half, words in enumerate(HALVES):
            if index not in days and isinstance(cell, str) and cell.strip() in words:
                return half, index
    return None


def whole_days(found: FoundTable, binding: Binding, rows: list[list[Any]]) -> list[list[Any]]:
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


_BEGUN_BY: Final = {"end": "start", "contract_end": "contract_start", "returned_on": "issued_on", "closed_on": "on"}
"""The last day of a record → its first."""
_MONTH_FIRST: Final = re.compile("(?:1[0-2]|0?[1-9])月")


def begun_by(target: str) -> str:
    """The column of the first day that belongs to a column of last days; "" for any other column."""
    kind, _dot, name = target.partition(".")
    return f"{kind}.{_BEGUN_BY[name]}" if name in _BEGUN_BY else ""


def dated_after(start: str, text: str) -> str | None:
    """A day or month without a year (8月15日) in the first year in which it does not come before `start`; None of other text."""
    day = in_figures(text)
    if not _MONTH_FIRST.match(day):
        return None
    try:
        days = [parse_fdate(f"{int(start[:4]) + later}年{day}") for later in (0, 1)]
    except FieldError:
        return None
    return next((day for day in days if last_day(day) >= first_day(start)), None)
