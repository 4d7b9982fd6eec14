"""Turns forms about one person each, with values beside their labels (姓名：王芳, or 姓名 | 王芳 | 性别 | 女), into one table, and sheets
with a column for each person, whose headings stand on the left, into rows."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any

from domain.words import _
from services.importing.tables.finding import find_tables
from services.importing.tables.heading_words import loosely, plain
from services.importing.tables.headings import ID_LIKE, blank, identity_words, is_column_word, is_label
from services.importing.values.cells import text_of
from services.office_files.limits import SEARCHED_ROWS
from services.office_files.reading import Sheet

_LABELLED = re.compile(r"\s*([一-龥()（）/]{2,14})\s*[:：]\s*(.*)", re.DOTALL)
_WHOLE_NUMBER = re.compile(r"'?\d{17}[\dXx]", re.ASCII)
_FEWEST_VALUES = 3
_MOST_TITLES = 6
_MOST_AHEAD = 2
"""More ID numbers than names so far are those of a list, which is not searched to its end."""
_Card = dict[str, Any]


def in_one_table(sheets: Sequence[Sheet]) -> tuple[Sheet, str] | None:
    """The forms of all sheets as a table with one row for each, and the note about it. None unless every ID number in the sheets is that of
    a form's person."""
    cards: list[_Card] = []
    titles: list[str] = []
    seen = 0
    for sheet in sheets:
        for row in sheet.rows:
            cells = [cell for cell in row if not blank(cell)]
            seen += sum(len(ID_LIKE.findall(text_of(cell))) for cell in cells)
            if len(cells) == 1 and not cards and len(titles) < _MOST_TITLES and not _LABELLED.match(text_of(cells[0])):
                titles.append(text_of(cells[0]))
            for label, value in _pairs(cells):
                if loosely(plain(label)) in identity_words()[0]:
                    cards.append({})
                if cards:
                    cards[-1].setdefault(label, value)
            if seen > len(cards) + _MOST_AHEAD:
                return None
    if not cards or seen != len(cards) or not all(map(_about_one, cards)):
        return None
    labels = list(dict.fromkeys(label for card in cards for label in card))
    rows = [[title, *[""] * (len(labels) - 1)] for title in titles]
    rows += [labels, *([card.get(label, "") for label in labels] for card in cards)]
    note = _("这是一人一张的登记表，共 {count} 张，按一人一行读入；行号从第 {first} 行起，一张一行")
    first = len(rows) - len(cards) + 1
    return Sheet(sheets[0].name, rows, [], set(), file=sheets[0].file), note.format(count=len(cards), first=first)


def _pairs(cells: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The labels of a row with their values; "" for a label without one."""
    parts: list[Any] = []
    for cell in cells:
        hit = _LABELLED.fullmatch(cell) if isinstance(cell, str) else None
        parts += [hit[1], hit[2].strip()] if hit and is_column_word(hit[1]) else [cell]
    at = 0
    while at < len(parts):
        label = parts[at]
        if not is_label(label):
            at += 1
        elif at + 1 < len(parts) and not is_label(parts[at + 1]):
            yield plain(label), parts[at + 1]
            at += 2
        else:
            yield plain(label), ""
            at += 1


def _about_one(card: _Card) -> bool:
    """Whether a form gives a name, an ID number and something else."""
    labels = {loosely(label): value for label, value in card.items() if not blank(value)}
    names, numbers = identity_words()
    numbered = any(ID_LIKE.search(text_of(value)) for label, value in labels.items() if label in numbers)
    return numbered and not names.isdisjoint(labels) and len(labels) >= _FEWEST_VALUES


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
    fits = len(filled) == 3 and is_column_word(row[filled[0]]) and all(_WHOLE_NUMBER.fullmatch(text_of(row[at])) for at in filled[1:])
    return filled[1] if fits else 0
