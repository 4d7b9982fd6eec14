"""Spreadsheets: converting values to cells, and the only writer of `.xlsx` files in the program.

Sheets are in Chinese whatever the language of the window: they are rosters, which others fill in and import reads again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from domain.errors import InputUnusable, os_reason
from domain.fields import Field
from domain.money import yuan_text
from domain.values import Type, canonical_json
from services.files import unwritten, written

_SEPARATORS = re.compile(r"[,，、;；\s]")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_WIDEST, _NARROWEST = 40, 8
"""Widest and narrowest column, in digits; longer text is wrapped."""
_ROWS_MEASURED = 1000
"""Number of rows that determine the width of the columns."""
_NOTE = 200
"""Characters of a note; Excel limits a footer to 255."""
_LINE, _TALLEST = 15, 400
"""Height of a line and of the tallest row, in points; Excel limits rows to 409."""
_FIRST_DAY = "1900-03-01"
"""First date that spreadsheets number correctly: they take 1900 for a leap year."""
_PAGE_WIDTH = 190
"""Digits per line that are still readable on A4 landscape."""


def sheet_value(f: Field, value: Any, *, plain: bool = False) -> str | int | float:
    """The cell for a value: labels for codes, numbers for money and counts, codes for places; secrets are masked unless `plain`."""
    if value is None:
        return ""
    if f.type is Type.YUAN:
        return yuan(value)
    if f.type is Type.INT:
        return int(value)
    if f.type is Type.SECRET:
        return str(value) if plain else f.masked(str(value))
    if f.type is Type.SET:
        items = sorted(value)
        if any(_SEPARATORS.search(item) or item[:1] == "[" for item in items):
            return json.dumps(items, ensure_ascii=False)
        return "、".join(label(f, item) for item in items)
    if f.type is Type.IDS:
        return "、".join(value)
    if f.type is Type.JSON:
        return canonical_json(value)
    if f.type in (Type.PLACE, Type.AREA):
        return str(value)
    if f.type is Type.BOOL:
        return "是" if value else "否"
    return label(f, str(value))


class Day(str):
    """A date that a workbook stores as a date, so that users can sort and filter by it; anywhere else it is plain text."""

    __slots__ = ()


def list_value(f: Field, value: Any, *, plain: bool = False) -> str | int | float:
    """`sheet_value` for a list that people work on, with full dates as `Day`. Possibly partial dates stay text, so that their column sorts
    consistently."""
    cell = sheet_value(f, value, plain=plain)
    return Day(cell) if f.type is Type.DATE and isinstance(cell, str) and cell >= _FIRST_DAY else cell


def yuan(amount: int) -> float:
    """An amount in fen as a cell value in yuan."""
    return float(yuan_text(amount))


def label(f: Field, code: str) -> str:
    """The Chinese label of a code; the code itself for an open field or a retired code."""
    return f.choices.get(code, code) if f.choices else code


class Leaf(Protocol):
    """A sheet or a page being filled from the top."""

    def title(self, text: str, width: int) -> None:
        """A title across the columns."""
        ...

    def headings(self, words: Sequence[str]) -> None:
        """The heading row."""
        ...

    def row(self, cells: Sequence[str | int | float]) -> None:
        """A row of cells: text, floats as money, integers."""
        ...


class Book(Protocol):
    """A target for ledgers: a workbook, or pages to print."""

    def sheet(self, name: str) -> Leaf:
        """A new sheet or run of pages."""
        ...


class Workbook:
    """An `.xlsx` written row by row: its rows lie in files, and it is packed in memory. Text stays text: it never becomes a formula, a
    link or a rounded number.

    `note`: origin of the data (`services.printed_lists.note`), shown in the footer of printed pages and in the file's properties; import
    ignores both.
    """

    def __init__(self, path: Path, note: str = "") -> None:
        import xlsxwriter  # imported late: it takes 2 MB, and most windows write no workbook

        self.path, self.note = path, note[:_NOTE]
        self.made = BytesIO()  # xlsxwriter's own zip on a full disk would leave a traceback on standard error when it is thrown away
        self.book = xlsxwriter.Workbook(
            self.made,
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),  # its rows in the making stay beside it, where `services.files` takes them away
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.book.set_properties({"author": "", "company": "", "comments": self.note})
        self.sheets: list[SheetWriter] = []
        self.heading = self.book.add_format({"bold": True, "bg_color": "#E3F1EB", "border": 1, "text_wrap": True, "valign": "vcenter"})
        self.title = self.book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
        self.text = self.book.add_format({"num_format": "@", "valign": "vcenter"})
        self.broken = self.book.add_format({"num_format": "@", "valign": "vcenter", "text_wrap": True})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "vcenter"})
        self.count = self.book.add_format({"valign": "vcenter"})
        self.money = self.book.add_format({"num_format": "0.00", "valign": "vcenter"})

    def sheet(self, name: str) -> SheetWriter:
        """Add a sheet; its name is shortened to Excel's limit and made unique."""
        base = _FORBIDDEN.sub(" ", name)[:28] or "1"
        taken = {sheet.name for sheet in self.sheets}
        unique = next(n for n in (base, *(f"{base}{i}" for i in range(2, 1000))) if n not in taken)
        self.sheets.append(SheetWriter(self, unique))
        return self.sheets[-1]

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        from xlsxwriter.exceptions import XlsxWriterException

        try:
            for sheet in self.sheets:
                sheet.finish()
            self.book.close()
            if error is None:
                self.path.write_bytes(self.made.getbuffer())
        except (XlsxWriterException, OSError) as failure:
            if error is None:
                raise _unwritten(failure) from None  # kept under a name of this function it would keep the unfinished zip
        if isinstance(error, (XlsxWriterException, OSError)):
            raise _unwritten(error) from None


def _unwritten(failure: Exception) -> InputUnusable:
    """The sentence for a workbook that was not written; xlsxwriter wraps the reasons of the operating system."""
    reason = next((os_reason(one) for one in (failure, *failure.args) if isinstance(one, OSError)), str(failure))
    return unwritten(reason)


class SheetWriter:
    """One sheet, written from the top, row by row. Columns fit their content, and the sheet is set up for printing on A4 landscape with
    the headings on every page."""

    def __init__(self, book: Workbook, name: str) -> None:
        self.book, self.name = book, name
        self.sheet = book.book.add_worksheet(name)
        self.at = 0
        self.widths: list[int] = []
        """Column widths of a list, in digits; empty for a sheet whose layout the caller sets."""
        self.days: set[int] = set()
        """Indexes of the columns that hold dates."""

    def title(self, text: str, width: int) -> None:
        """A title across the columns."""
        self.sheet.set_row(self.at, 28)
        if width > 1:
            self.sheet.merge_range(self.at, 0, self.at, width - 1, text, self.book.title)
        else:
            self.sheet.write_string(self.at, 0, text, self.book.title)
        self.at += 1

    def headings(self, words: Sequence[str]) -> None:
        """The heading row, frozen with everything above it."""
        self.widths = [max(_NARROWEST, _digits(word)) for word in words]
        for index, word in enumerate(words):
            self.sheet.write_string(self.at, index, word, self.book.heading)
        self.sheet.repeat_rows(0, self.at)
        self.at += 1
        self.sheet.freeze_panes(self.at, 0)

    def row(self, cells: Sequence[str | int | float]) -> None:
        """A row of cells: text as text, `Day` as date, floats as money, integers as numbers; empty text leaves the cell empty."""
        if self.at < _ROWS_MEASURED:
            for index, cell in enumerate(cells[: len(self.widths)]):
                self.widths[index] = max(self.widths[index], _digits(cell))
        lines = 1
        for index, cell in enumerate(cells):
            if isinstance(cell, Day):
                self.sheet.write_datetime(self.at, index, datetime.fromisoformat(cell), self.book.day)
                self.days.add(index)
            elif isinstance(cell, str):
                taken = _lines(cell)
                lines = max(lines, taken)
                if cell:
                    self.sheet.write_string(self.at, index, cell, self.book.text if taken == 1 else self.book.broken)
            elif isinstance(cell, float):
                self.sheet.write_number(self.at, index, cell, self.book.money)
            else:
                self.sheet.write_number(self.at, index, cell, self.book.count)
        if lines > 1:
            self.sheet.set_row(self.at, min(_TALLEST, lines * _LINE))
        self.at += 1

    def table(self, title: str, headings: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> None:
        """A whole list: its title, its headings and its rows."""
        self.title(title, len(headings))
        self.headings(headings)
        for cells in rows:
            self.row(cells)

    def finish(self) -> None:
        """Apply the settings that depend on the whole list: column widths and the page setup."""
        widths = [min(_WIDEST, width + 2) for width in self.widths]
        for index, width in enumerate(widths):
            self.sheet.set_column(index, index, width, self.book.day if index in self.days else self.book.text)
        if widths:
            self.sheet.set_paper(9)
            self.sheet.set_landscape()
            self.sheet.hide_gridlines(0)  # lines between cells on paper too
            self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
            self.sheet.fit_to_pages(max(1, round(sum(widths) / _PAGE_WIDTH)), 0)
            note = f"&L{self.book.note.replace('&', '&&')}" if self.book.note else ""
            self.sheet.set_footer(f"{note}&C第 &P 页，共 &N 页")


def _lines(text: str) -> int:
    """How many lines a text takes in the widest column."""
    if len(text) <= _WIDEST / 2 and "\n" not in text:
        return 1
    return sum(max(1, -(-_digits(part) // _WIDEST)) for part in text.split("\n"))


def _digits(cell: str | int | float) -> int:
    """Width of a cell's longest line, in digits; a non-Latin character counts as two."""
    if isinstance(cell, float):
        return len(f"{cell:.2f}")
    return max(len(line.encode("gb18030", "replace")) for line in str(cell).split("\n")) if cell else 0


def write_list(file: Path, title: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    """Write lines of text to an `.xlsx` file, atomically, and return their number. Raises `InputUnusable` if it cannot be written."""
    kept = list(lines)
    with written(file) as unfinished, Workbook(unfinished) as book:
        book.sheet(title).table(title, headings, kept)
    return len(kept)
