"""Assigns the cells of a block copied from Excel or WPS to cells of the wage sheet: by the names in it if there are any, otherwise from the
current cell on.

A workshop's own sheet lists its people in another order and often has headings. A block with a column of known names is placed by name, and
a line of months, if there is one, determines the columns. A block of figures only is placed at the current cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop.widgets.copied import clean, copied, name_column
from domain.periods import parse_month

_SUMS = ("合计", "总计", "小计", "累计")


@dataclass(frozen=True)
class Placed:
    """Where each text goes: (row, column, text); the names that are not in the sheet; and how many lines go beyond the last row."""

    places: Sequence[tuple[int, int, str]]
    unknown: Sequence[str] = ()
    beyond: int = 0


@dataclass(frozen=True)
class PasteGrid:
    """The grid to paste into: names by row, months by column, and the current cell."""

    names: Sequence[str]
    months: Mapping[int, str]
    """Column → `2023-06`."""
    line: int = 0
    section: int = 0


def place(text: str, sheet: PasteGrid) -> Placed:
    """Assign every cell of a copied block to a cell of the sheet."""
    block = copied(text)
    column = name_column(block, sheet.names)
    if column is None:
        return Placed(_from_cursor(block, sheet), beyond=max(sheet.line + len(block) - len(sheet.names), 0))
    heading, sections = _sections(block, column, sheet)
    lines = {name: n for n, name in enumerate(sheet.names) if sheet.names.count(name) == 1}
    places: list[tuple[int, int, str]] = []
    unknown: list[str] = []
    for cells in block[heading:]:
        name = clean(cells[column]) if column < len(cells) else ""
        figures = [(section, cells[n]) for n, section in sections.items() if n < len(cells)]
        if name in lines:
            places += [(lines[name], section, text) for section, text in figures]
        elif name and name not in _SUMS and any(_figure(text) for _section, text in figures):
            unknown.append(name)
    return Placed(places, unknown)


def _sections(block: Sequence[Sequence[str]], names: int, sheet: PasteGrid) -> tuple[int, dict[int, int]]:
    """The first line after the headings, and the sheet's column for each of the block's columns right of the names: by a line of months,
    otherwise consecutively from the current column."""
    for line, cells in enumerate(block):
        found = {n: section for n, cell in enumerate(cells) if n > names and (section := _month_section(cell, sheet)) is not None}
        if found:
            return line + 1, found
    first = next((n for n in range(names + 1, max(len(cells) for cells in block)) if _is_figures(block, n)), names + 1)
    start = sheet.section if sheet.section in sheet.months else min(sheet.months, default=0)
    width = max(len(cells) for cells in block)
    return 0, {n: start + n - first for n in range(first, width) if start + n - first in sheet.months}


def _is_figures(block: Sequence[Sequence[str]], n: int) -> bool:
    """Whether a column holds wages, as opposed to sex or ID numbers."""
    cells = [cells[n].strip() for cells in block if n < len(cells) and cells[n].strip()]
    return bool(cells) and sum(_figure(cell) for cell in cells) * 2 >= len(cells)


def _figure(cell: str) -> bool:
    text = cell.strip().replace(",", "").replace("，", "").lstrip("￥¥-")
    return text.replace(".", "", 1).isdigit() and len(text) < 9


def _month_section(cell: str, sheet: PasteGrid) -> int | None:
    """The sheet's column for a heading such as 2022年10月, 2022-10 or 10月."""
    text = clean(cell)
    if text.endswith("月") and text[:-1].isdigit():
        return next((section for section, month in sheet.months.items() if int(month[5:]) == int(text[:-1])), None)
    if "月" not in text and "-" not in text and "." not in text and "/" not in text:
        return None
    try:
        month = parse_month(text)
    except ValueError:
        return None
    return next((section for section, one in sheet.months.items() if one == month), None)


def _from_cursor(block: Sequence[Sequence[str]], sheet: PasteGrid) -> list[tuple[int, int, str]]:
    return [
        (sheet.line + down, sheet.section + right, cell)
        for down, cells in enumerate(block)
        for right, cell in enumerate(cells)
        if sheet.line + down < len(sheet.names) and sheet.section + right in sheet.months
    ]
