"""The family table in a form about one person: a row of headings with blank rows below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from services.filling import asked, book
from services.filling.answers import Answers
from services.filling.content import CellContent
from services.importing.rows.known import Row
from services.importing.tables.heading_words import plain
from services.office_files.reading import Sheet

RELATION = "kin.relation"
"""The relation to the person of the form."""
_TO_HEAD = "person.relation"
_FEWEST = 3
"""Fewest headings of a family table."""
_MOST_ROWS = 60
_RELATION = re.compile("关系|称谓")
_FAMILY = re.compile("成员|家属|亲属|家庭人口情况")
_PART = re.compile("子女|在校|就读|学生|外出(?:务工)?(?:的)?(?:家庭)?(?:成员|人员)|赡养|扶养|抚养|社会关系|残疾|患病|不共同|非共同")
"""Words before a table that is about only some of the family, or about other people."""
_SERIAL_NUMBER = re.compile(r"\(?[\d一二三四五六七八九十]+\)?[.、．]?")
_SIDE_LABELS = frozenset({"成员", "家庭成员"})
"""Headings of names, or labels beside the whole table."""
_NAMES = _SIDE_LABELS | {"姓名", "成员姓名", "家庭成员姓名", "家属姓名", "亲属姓名"}


@dataclass(frozen=True)
class Family:
    """A family table: its headings (target, text, column) and its blank rows, empty if it asks only about some of the family; rows and
    columns from 1."""

    page: Worksheet
    heading_row: int
    columns: Sequence[tuple[str, str, int]]
    rows: Sequence[int]


def _headings(cells: Sequence[Any], target_of: Callable[[int, str], str]) -> list[tuple[str, str, int]]:
    """The headings in a row that ask for something: target, words, and column counted from 1. A label at the side that is read as the name
    does not count beside the name itself."""
    words_in_row = [(column, cell) for column, cell in enumerate(cells) if isinstance(cell, str) and plain(cell)]
    columns = [(_target(column, cell, target_of), cell.strip(), column + 1) for column, cell in words_in_row]
    named = any(target == asked.NAME and plain(words) not in _SIDE_LABELS for target, words, _column in columns)
    return [one for one in columns if one[0] and not (named and plain(one[1]) in _SIDE_LABELS)]


def families(sheet: Sheet, page: Worksheet, target_of: Callable[[int, str], str], most: int) -> Iterator[Family]:
    """The family tables in the first `most` rows. `target_of` gives the target of a column and its heading."""
    for at, cells in enumerate(sheet.rows[:most]):
        columns = _headings(cells, target_of)
        targets = {target for target, *_rest in columns}
        if len(targets) < _FEWEST or asked.NAME not in targets:
            continue
        above = sheet.rows[max(at - 1, 0)]
        beside = "".join(plain(cell) for cell in cells[: columns[0][2] - 1] if isinstance(cell, str))
        near = beside + "".join(plain(cell) for cell in above if isinstance(cell, str))
        if not (_FAMILY.search(near) or targets & {_TO_HEAD, RELATION}):
            continue
        between = range(columns[0][2] + 1, columns[-1][2])
        if sum(book.blank(page, at + 1, column) is not None for column in between) >= len(columns) - 1:
            continue  # labels in a line, each with a blank cell beside it
        part = _PART.search(near if sum(map(bool, above)) == 1 else beside) is not None
        rows = list(_blank_rows(sheet, page, at + 2, [column for _target, _words, column in columns]))
        if rows:
            yield Family(page, at + 1, columns, [] if part else rows)


def _blank_rows(sheet: Sheet, page: Worksheet, first: int, columns: Sequence[int]) -> Iterator[int]:
    """The rows from the `first` on that are blank in these columns, with at most a serial number before them."""
    for row in range(first, min(first + _MOST_ROWS, page.max_row + 1)):
        before = (str(page.cell(row, column).value or "") for column in range(1, columns[0]))
        counted = all(not text or _SERIAL_NUMBER.fullmatch(plain(text)) for text in before)
        if not counted or row in sheet.unseen or any(book.blank(page, row, column) is None for column in columns):
            return
        yield row


def goes_on(sheet: Sheet, page: Worksheet, target_of: Callable[[int, str], str], most: int) -> list[Family]:
    """The family tables that continue the form in the previous table of a document, if this table is nothing else."""
    found = list(families(sheet, page, target_of, most))
    first = found[0].heading_row - 1 if found else 0
    text_before = "".join(plain(cell) for row in sheet.rows[:first] for cell in row if isinstance(cell, str))
    return found if not text_before or _FAMILY.search(text_before) else []


def _target(column: int, cell: str, target_of: Callable[[int, str], str]) -> str:
    if plain(cell) in _NAMES:
        return asked.NAME
    return target_of(column, cell) or (RELATION if _RELATION.search(plain(cell)) else "")


def members(answers: Answers, person: str, *, household: bool) -> list[str]:
    """The ids of the people for the table: the whole household in a form about a `household`, otherwise all but the person."""
    rows = sorted(answers.members(person), key=lambda row: row["relation"] != "户主")
    return [row["id"] for row in rows if household or row["id"] != person]


def answer(answers: Answers, person: Row, id: str, target: str) -> CellContent | None:
    """The answer about a member for a column. Records have only the relation to the head; the relation between two others is known for
    few."""
    if target != RELATION:
        return answers.answer(id, target)
    if person["relation"] == "户主":
        return answers.answer(id, _TO_HEAD)
    couple = {person["relation"], answers.people[id]["relation"]} == {"户主", "配偶"}
    return CellContent("配偶") if couple else None
