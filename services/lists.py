"""Lists of text to hand on: rows that did not go in, changes that are held, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from services.exporting import written
from services.sheets import Workbook

_WIDEST = 60


def write_list(file: Path, title: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    """Write the lines as text to an `.xlsx`, whole or not at all; answers how many. `InputUnusable` when the file cannot be written."""
    kept = list(lines)
    with written(file) as unfinished, Workbook(unfinished) as book:
        _fill(book, title, headings, kept)
    return len(kept)


def _fill(book: Workbook, title: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    sheet = book.sheet(title)
    sheet.title(title, len(headings))
    sheet.headings(headings)
    for column, heading in enumerate(headings):
        longest = max((len(line[column]) for line in lines), default=0)
        sheet.sheet.set_column(column, column, min(2 * max(longest, len(heading)) + 2, _WIDEST))
    for line in lines:
        sheet.row(line)
