"""Cells and sheets: how a value stands in a spreadsheet, and the one way this program writes an `.xlsx`.

Sheets speak Chinese whatever language the window speaks: they are rosters, which others fill in and import reads again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Protocol

from domain.errors import InputUnusable, os_reason
from domain.fields import Field
from domain.values import Type, canonical_json, yuan_text
from domain.words import _

_SEPARATORS = re.compile(r"[,，、;；\s]")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_WIDEST = 40


def sheet_value(f: Field, value: Any, *, plain: bool = False) -> str | int | float:
    """What a cell holds: labels for codes, numbers for money and counts, codes for places; secrets masked unless `plain`."""
    if value is None:
        return ""
    if f.type is Type.YUAN:
        return float(yuan_text(value))
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
    """What ledgers are written to: a workbook, or the pages of a printed one."""

    def sheet(self, name: str) -> Leaf:
        """A new sheet or run of pages."""
        ...


class Workbook:
    """An `.xlsx` being written row by row, in constant memory. Text stays text: no formula, no link, no lost digit."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter  # not with the module: a window that writes no workbook does without its 2 MB

        self.path = path
        # Its rows in the making stay in the folder chosen for them, not in one for everybody, and go away with a disk that is full
        try:
            self.rows = TemporaryDirectory(dir=path.parent, prefix=".rows-", ignore_cleanup_errors=True)
        except OSError as error:
            raise _unwritten(error) from None
        self.made = BytesIO()  # xlsxwriter's own zip on a full disk would leave a traceback on standard error when it is thrown away
        self.book = xlsxwriter.Workbook(
            self.made,
            {
                "constant_memory": True,
                "tmpdir": self.rows.name,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.book.set_properties({"author": "", "company": ""})
        self.sheets: list[Sheet] = []
        self.heading = self.book.add_format({"bold": True, "bg_color": "#E3F1EB", "border": 1, "text_wrap": True, "valign": "vcenter"})
        self.title = self.book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
        self.text = self.book.add_format({"num_format": "@"})
        self.money = self.book.add_format({"num_format": "0.00"})

    def sheet(self, name: str) -> Sheet:
        """A new sheet; its name is cut to what Excel takes and made unlike the others'."""
        base = _FORBIDDEN.sub(" ", name)[:28] or "1"
        taken = {sheet.name for sheet in self.sheets}
        unlike = next(n for n in (base, *(f"{base}{i}" for i in range(2, 1000))) if n not in taken)
        self.sheets.append(Sheet(self, unlike))
        return self.sheets[-1]

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        from xlsxwriter.exceptions import XlsxWriterException

        try:
            self.book.close()
            if error is None:
                self.path.write_bytes(self.made.getbuffer())
        except (XlsxWriterException, OSError) as failure:
            error = error or failure
        finally:
            self.rows.cleanup()
        if isinstance(error, (XlsxWriterException, OSError)):
            raise _unwritten(error) from None


def _unwritten(failure: Exception) -> InputUnusable:
    """The sentence for a workbook that was not written; xlsxwriter wraps the reasons of the operating system."""
    reason = next((os_reason(one) for one in (failure, *failure.args) if isinstance(one, OSError)), str(failure))
    return InputUnusable(_("文件没有写成：{reason}。请检查磁盘空间，或关闭正打开它的程序。").format(reason=reason))


class Sheet:
    """One sheet; rows are written in order from the top."""

    def __init__(self, book: Workbook, name: str) -> None:
        self.book, self.name = book, name
        self.sheet = book.book.add_worksheet(name)
        self.at = 0

    def title(self, text: str, width: int) -> None:
        """A title across the columns."""
        self.sheet.set_row(self.at, 28)
        if width > 1:
            self.sheet.merge_range(self.at, 0, self.at, width - 1, text, self.book.title)
        else:
            self.sheet.write_string(self.at, 0, text, self.book.title)
        self.at += 1

    def headings(self, words: Sequence[str], *, freeze: bool = True) -> None:
        """The heading row, frozen with everything above it; columns as wide as their headings want."""
        for index, word in enumerate(words):
            self.sheet.set_column(index, index, min(_WIDEST, max(8, 2 * len(word) + 2)), self.book.text)
            self.sheet.write_string(self.at, index, word, self.book.heading)
        self.at += 1
        if freeze:
            self.sheet.freeze_panes(self.at, 0)

    def row(self, cells: Sequence[str | int | float]) -> None:
        """A row of cells: text as text, floats as money, integers as numbers; empty text stays an empty cell."""
        for index, cell in enumerate(cells):
            if isinstance(cell, str):
                if cell:
                    self.sheet.write_string(self.at, index, cell, self.book.text)
            elif isinstance(cell, float):
                self.sheet.write_number(self.at, index, cell, self.book.money)
            else:
                self.sheet.write_number(self.at, index, cell)
        self.at += 1
