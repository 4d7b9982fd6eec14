"""Lists of text to hand on: rows that did not go in, changes that are held, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from services.files import written
from services.sheets import Workbook


def write_list(file: Path, title: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    """Write the lines as text to an `.xlsx`, whole or not at all; answers how many. `InputUnusable` when the file cannot be written."""
    kept = list(lines)
    with written(file) as unfinished, Workbook(unfinished) as book:
        sheet = book.sheet(title)
        sheet.title(title, len(headings))
        sheet.headings(headings)
        for line in kept:
            sheet.row(line)
    return len(kept)
