"""Converts a value to the notation that a form expects: a word of its drop-down list, or the column's date style."""

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
from domain.han_amounts import capitals
from domain.identity import half_width
from services.filling.content import CellContent
from services.filling.printed import boxes
from services.importing.tables.heading_words import plain
from services.importing.tables.rosters import field_of

_MAX_ENTRIES: Final = 500
"""Most entries of a drop-down list that is read."""
_REFERENCE: Final = re.compile(r"=?(?:(?P<sheet>'[^'!]+'|[^'!()]+)!)?(?P<cells>\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?)")
_STYLES: Final = (
    (re.compile(r"(?<!\d)\d{8}(?!\d)|YYYYMMDD|8位", re.IGNORECASE), ""),
    (re.compile(r"\d{4}\.\d{1,2}|YYYY\.MM", re.IGNORECASE), "."),
    (re.compile(r"\d{4}/\d{1,2}|YYYY/MM", re.IGNORECASE), "/"),
    (re.compile(r"\d{4}年\d{1,2}月|YYYY年MM月|^年月日?(?:至|-|$)", re.IGNORECASE), "年"),
)
"""Patterns in a column or its heading → the separator of year, month and day."""
_TO_THE_MONTH: Final = re.compile("年月(?!日)")
_NUMBERED: Final = re.compile(r"^[(（]?[A-Za-z0-9]{1,2}(?:[.、．:：)）\-－—]\s*|(?=[一-鿿]))")
_BETWEEN_WORDS: Final = re.compile("[/／、]|或者?")
_LISTED: Final = re.compile(r"\(([^()]+)\)\s*$")
_BETWEEN_LISTED: Final = re.compile("[/、|,;]")
_YES_NO: Final = {"是": ("√", "✓", "✔", "有", "已就业", "就业"), "否": ("×", "✗", "✕", "无", "没有", "未就业", "无业")}
"""Words for yes and no in drop-down lists."""
_UNITS: Final = (("万元", 10_000), ("千元", 1_000), ("百元", 100))
_DAY: Final = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")


def words(book: Workbook, sheet: Worksheet, row: int, column: int) -> list[str]:
    """The words of a cell's boxes or drop-down list, in order; empty if there is none or it cannot be read."""
    if found_words := boxes(sheet.cell(row, column).value):
        return found_words
    at = f"{sheet.cell(row, column).coordinate}"
    found = next((rule for rule in sheet.data_validations.dataValidation if rule.type == "list" and at in rule.sqref), None)
    formula = str(found.formula1 or "") if found is not None else ""
    if formula.startswith('"'):
        return [word.strip() for word in formula.strip('"').split(",")][:_MAX_ENTRIES]
    named = sheet.defined_names.get(formula.strip("=")) or book.defined_names.get(formula.strip("="))
    place = _REFERENCE.fullmatch(str(named.attr_text) if named is not None else formula)
    if place is None:
        return []
    name = (place["sheet"] or sheet.title).strip("'")
    if name not in book.sheetnames:
        return []
    left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(place["cells"].replace("$", "")))
    if (right - left + 1) * (bottom - top + 1) > _MAX_ENTRIES:
        return []
    listed = book[name]
    if not 0 < top <= bottom <= listed.max_row or not 0 < left <= right <= listed.max_column:
        return []
    cells = [listed.cell(n, m).value for n in range(top, bottom + 1) for m in range(left, right + 1)]
    return [str(value).strip() for value in cells if value is not None]


def listed(heading: str, target: str) -> list[str]:
    """The words to choose from that a heading lists in brackets at its end, as in 就业状态（已就业/未就业）. Empty if the column has no
    choices."""
    hit = _LISTED.search(half_width(heading))
    words = [word.strip() for word in _BETWEEN_LISTED.split(hit[1])] if hit is not None else []
    f = field_of(target)
    choices = target.startswith(("standing.", "work.already")) or (f is not None and bool(f.choices))
    return words if choices and len(words) > 1 and all(words) and "等" not in words[-1] else []


def chosen(answer: CellContent, offered: Sequence[str]) -> str | None:
    """The word of a list that means the answer; None if there is none."""
    bare = {word: _NUMBERED.sub("", word) for word in offered if word}
    text_wanted = str(answer.cell)
    for word, text in bare.items():
        if text_wanted in (word, text):
            return word
    for word, text in bare.items():
        if text in _YES_NO.get(text_wanted, ()) or _means(answer, text):
            return word
    if other := next((word for alike in answer.also for word, text in bare.items() if text == alike), None):
        return other
    several = [
        word for word, text in bare.items() if any(part == text_wanted or _means(answer, part) for part in _BETWEEN_WORDS.split(text))
    ]
    return several[0] if len(several) == 1 else None


def _means(answer: CellContent, text: str) -> bool:
    with suppress(FieldError, ValueError):
        return answer.read is not None and bool(text) and bool(answer.read(text) == answer.code)
    return False


@dataclass(frozen=True)
class Style:
    """How a column is written: `between` separates year, month and day; `month` omits the day; money is in a `unit` of that many yuan, or
    in `capital` numerals."""

    between: str = "-"
    month: bool = False
    unit: int = 1
    capital: bool = False


def fitted(answer: CellContent, offered: Sequence[str], style: Style, number_format: str) -> Any:
    """The value for a cell: the word of its list that means the answer (None if there is none), or without a list the result of
    `as_cell`."""
    return chosen(answer, offered) if offered else as_cell(answer, style, number_format)


def style_of(headings: Sequence[str], there: Sequence[Any], titles: Sequence[str] = ()) -> Style:
    """The style of a column, from its headings, the unit in the titles, and its content (`there`)."""
    texts = [*map(plain, headings), *(plain(title).partition("单位")[2] for title in titles)]
    unit = next((times for text in texts for word, times in _UNITS if word in text), 1)
    month, capital = any(map(_TO_THE_MONTH.search, headings)), any("大写" in heading or "元整" in heading for heading in headings)
    for text in (*headings, *(str(value) for value in there if isinstance(value, str | int))):
        for form, between in _STYLES:
            if form.search(text):
                return Style(between, month, unit, capital)
    return Style(month=month, unit=unit, capital=capital)


def dated(text: str, style: Style) -> str:
    """A text with its dates in the style of a column: 2023-06-05至今 → 2023.06.05至今."""

    def written(hit: re.Match[str]) -> str:
        parts = [part for part in hit.groups()[: 2 if style.month else 3] if part]
        if style.between == "年":
            return "".join(f"{int(part)}{unit}" for part, unit in zip(parts, "年月日", strict=False))
        return style.between.join(parts)

    return text if (style.between, style.month) == ("-", False) else _DAY.sub(written, text)


def as_cell(answer: CellContent, style: Style, number_format: str) -> Any:
    """The value for a cell: a date if the cell has a date format, otherwise text in the column's style; numbers are unchanged, and money is
    in the column's unit."""
    cell = answer.cell
    if isinstance(cell, float):  # money
        return capitals(round(cell * 100)) if style.capital else round(cell / style.unit, 6)
    if isinstance(cell, str) and _DAY.fullmatch(cell) and len(cell) == len("2023-06-05") and is_date_format(number_format):
        return date.fromisoformat(cell)
    days = isinstance(cell, str) and (answer.read is None or _DAY.fullmatch(cell))
    return dated(str(cell), style) if days else cell
