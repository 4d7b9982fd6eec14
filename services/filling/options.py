"""How a sheet wants things said: one of the words of a drop-down list, days as the column has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from domain.errors import FieldError
from services.filling.answers import Answer
from services.sheets import Day

_MOST: Final = 500
"""Words of a drop-down list that are looked at."""
_REFERENCE: Final = re.compile(r"=?(?:(?P<sheet>'[^'!]+'|[^'!()]+)!)?(?P<cells>\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?)")
_STYLES: Final = (
    (re.compile(r"(?<!\d)\d{8}(?!\d)|YYYYMMDD", re.IGNORECASE), ""),
    (re.compile(r"\d{4}\.\d{1,2}|YYYY\.MM", re.IGNORECASE), "."),
    (re.compile(r"\d{4}/\d{1,2}|YYYY/MM", re.IGNORECASE), "/"),
    (re.compile(r"\d{4}年\d{1,2}月|YYYY年MM月", re.IGNORECASE), "年"),
)
"""What keeps year, month and day apart, by how a column or its heading shows it."""
_TO_THE_MONTH: Final = re.compile("年月(?!日)")
_NUMBERED: Final = re.compile(r"^[A-Za-z0-9]{1,2}[.、．:：]\s*")
_DAY: Final = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")


def words(book: Workbook, sheet: Worksheet, row: int, column: int) -> list[str]:
    """The words of the drop-down list of a cell, in order; empty where there is none or it is not to be told."""
    at = f"{sheet.cell(row, column).coordinate}"
    found = next((rule for rule in sheet.data_validations.dataValidation if rule.type == "list" and at in rule.sqref), None)
    formula = str(found.formula1 or "") if found is not None else ""
    if formula.startswith('"'):
        return [word.strip() for word in formula.strip('"').split(",")][:_MOST]
    place = _REFERENCE.fullmatch(formula)
    if place is None:
        return []
    name = (place["sheet"] or sheet.title).strip("'")
    if name not in book.sheetnames:
        return []
    left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(place["cells"].replace("$", "")))
    if (right - left + 1) * (bottom - top + 1) > _MOST:
        return []
    listed = book[name]
    cells = [listed.cell(n, m).value for n in range(top, bottom + 1) for m in range(left, right + 1)]
    return [str(value).strip() for value in cells if value is not None]


def chosen(answer: Answer, offered: Sequence[str]) -> str | None:
    """The word of a list that means the answer; None where none does."""
    for word in offered:
        if _NUMBERED.sub("", word) == str(answer.cell):
            return word
    if answer.read is None:
        return None
    for word in offered:
        with suppress(FieldError, ValueError):
            if word and answer.read(_NUMBERED.sub("", word)) == answer.code:
                return word
    return None


@dataclass(frozen=True)
class Style:
    """How the days of a column are written: with `between` year, month and day (- as the program does), and whether only to the month."""

    between: str = "-"
    month: bool = False


def fitted(answer: Answer, offered: Sequence[str], style: Style, number_format: str) -> Any:
    """What a cell is to hold: the word of its list that means the answer, None where none does; without a list as `as_cell` says."""
    return chosen(answer, offered) if offered else as_cell(answer, style, number_format)


def style_of(headings: Sequence[str], there: Sequence[Any]) -> Style:
    """By what the headings of a column say or what stands in it already."""
    month = any(map(_TO_THE_MONTH.search, headings))
    for text in (*headings, *(str(value) for value in there if isinstance(value, str | int))):
        for form, between in _STYLES:
            if form.search(text):
                return Style(between, month)
    return Style(month=month)


def dated(text: str, style: Style) -> str:
    """A text with its days as a column has them: 2023-06-05至今 becomes 2023.06.05至今."""

    def written(hit: re.Match[str]) -> str:
        parts = [part for part in hit.groups()[: 2 if style.month else 3] if part]
        if style.between == "年":
            return "".join(f"{int(part)}{unit}" for part, unit in zip(parts, "年月日", strict=False))
        return style.between.join(parts)

    return text if style == Style() else _DAY.sub(written, text)


def as_cell(answer: Answer, style: Style, number_format: str) -> Any:
    """What a cell is to hold: a day as a day where its format is one, else as text in the column's style; numbers as they are."""
    cell = answer.cell
    if isinstance(cell, Day) and is_date_format(number_format):
        return date.fromisoformat(cell)
    days = isinstance(cell, str) and (answer.read is None or _DAY.fullmatch(cell))
    return dated(str(cell), style) if days else cell
