"""Turns sheets with a column for each person, whose headings stand on the left, into rows."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

from domain.words import _
from services.importing.tables.finding import find_tables
from services.importing.tables.headings import blank, is_column_word
from services.importing.values.cells import text_of
from services.office_files.limits import SEARCHED_ROWS
from services.office_files.reading import Sheet

_ID_NUMBER = re.compile(r"'?\d{17}[\dXx]", re.ASCII)


def turned(sheet: Sheet, asked: Container[str]) -> tuple[Sheet, str]:
    """The sheet with a row for each of its columns below the titles, and the note about it; itself and "" unless the ID numbers of several
    people follow their heading in a row, and no row has headings. For `asked` see `find_tables`."""
    rows = sheet.rows[:SEARCHED_ROWS]
    top = next((at for at, row in enumerate(rows) if sum(not blank(cell) for cell in row) > 2), 0)
    first = next(filter(None, map(_first_number, rows)), None)
    if first is None or find_tables(sheet, asked):
        return sheet, ""
    left, labels = first - 1, sheet.rows[top:]
    columns = [[row[at] if at < len(row) else "" for row in labels] for at in range(left, max(map(len, labels)))]
    note = _("「{sheet}」一人一列、表头在左边，转成一人一行读入；行号从第 {first} 行起，一列一行").format(sheet=sheet.name, first=top + 2)
    uncomputed = {(top + column - left, row - top) for row, column in sheet.uncomputed}
    made = replace(sheet, rows=[*sheet.rows[:top], *columns], merged=[], uncomputed=uncomputed, unseen=set(), unseen_columns=set())
    return made, note


def _first_number(row: Sequence[Any]) -> int:
    """The column of a row's first ID number, if at least two follow a heading; otherwise 0."""
    filled = [at for at, cell in enumerate(row) if not blank(cell)][:3]
    fits = len(filled) == 3 and is_column_word(row[filled[0]]) and all(_ID_NUMBER.fullmatch(text_of(row[at])) for at in filled[1:])
    return filled[1] if fits else 0
