"""A form as a new `.xlsx`: text stays text, no formula, no link, nothing hidden; laid out for A4 as it is to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from services.exporting import written
from services.forms.form import Cell, Form, lines, shown
from services.forms.markup import column_widths, to_whom
from services.sheets import Workbook

_LINE: Final = 17.0
"""Points of a line of text."""
_BOXES: Final = 6
_UNIT: Final = 2.1
"""Widths of an Excel column to one Chinese character."""
_OPINION: Final = 4
"""Lines left for somebody to write in."""


def write(form: Form, file: Path) -> int:
    """Draw a form; answers how many lines its table has. Raises `InputUnusable`."""
    with written(file) as unfinished, Workbook(unfinished) as book:
        _Drawing(book, form).draw()
    return len(form.rows)


class _Drawing:
    """One sheet being filled from the top."""

    def __init__(self, book: Workbook, form: Form) -> None:
        self.form = form
        self.sheet: Any = book.sheet(form.title).sheet
        self.width = max(len(form.columns), _BOXES if form.boxes or form.opinions else 0, 4)
        add = book.book.add_format
        base = {"valign": "vcenter", "text_wrap": True, "font_size": 11}
        self.title = add({**base, "bold": True, "font_size": 18, "align": "center"})
        self.plain, self.right = add(base), add({**base, "align": "right"})
        self.name = add({**base, "border": 1, "align": "center"})
        self.head = add({**base, "border": 1, "align": "center", "bold": True})
        self.cells = {
            str: add({**base, "border": 1, "num_format": "@"}),
            int: add({**base, "border": 1, "align": "center"}),
            float: add({**base, "border": 1, "num_format": "#,##0.00"}),
        }
        self.foot = add({**base, "border": 1, "valign": "bottom", "align": "right"})
        self.at = 0
        self.widths = self._columns()

    def draw(self) -> None:
        """Everything from the title down, then how it goes to paper."""
        form = self.form
        self._across(form.title, self.title, 32)
        self._spread([f"{label}：{value}" for label, value in form.heads.items()])
        for text in form.opening:
            self._across(text if to_whom(text) else f"　　{text}", self.plain)
        for row in form.boxes:
            self._boxes(row)
        if form.columns:
            self._table()
        for text in form.text:
            self._across(f"　　{text}", self.plain)
        for one in form.opinions:
            self._opinion(one.label, one.text, one.signs)
        if form.signatures:
            self.at += 1
            self._spread([f"{name}：" for name in form.signatures], height=30)
        for text in form.closing:
            self._across(text, self.right)
        self._paper()

    def _columns(self) -> list[float]:
        """Widths in Chinese characters, as they were set."""
        wanted = column_widths(self.form) + [6.0] * (self.width - len(self.form.columns))
        if self.form.boxes:
            wanted = [max(width, 6.5) for width in wanted]
        for n, width in enumerate(wanted):
            self.sheet.set_column(n, n, width * _UNIT)
        return wanted

    def _across(self, text: str, look: Any, height: float = 0) -> None:
        self._cell(0, self.width - 1, text, look)
        self._next(height or _LINE * lines(text, sum(self.widths)) + 4)

    def _spread(self, texts: Sequence[str], height: float = 22) -> None:
        """Texts side by side over the whole width."""
        if texts:
            for (first, after), text in zip(pairwise(_edges(len(texts), self.width)), texts, strict=True):
                self._cell(first, after - 1, text, self.plain)
            self._next(height)

    def _boxes(self, row: Sequence[tuple[str, str]]) -> None:
        tallest = 1
        for (first, after), (label, value) in zip(pairwise(_edges(len(row), self.width)), row, strict=True):
            self._cell(first, first, label, self.name)
            self._cell(first + 1, after - 1, value, self.cells[str])
            tallest = max(tallest, lines(value, sum(self.widths[first + 1 : after])), lines(label, self.widths[first]))
        self._next(_LINE * tallest + 7)

    def _table(self) -> None:
        self._row(self.form.columns, self.head)
        self.sheet.repeat_rows(self.at - 1)
        for row in self.form.rows or [[""] * len(self.form.columns)]:
            self._row(row)
        if self.form.total:
            self._row(self.form.total)

    def _row(self, cells: Sequence[Cell], look: Any = None) -> None:
        for n, cell in enumerate(cells):
            last = self.width - 1 if n == len(self.form.columns) - 1 else n
            self._cell(n, last, cell, look or self.cells[type(cell)])
        self._next(_LINE * max(lines(shown(cell), width) for cell, width in zip(cells, self.widths, strict=False)) + 7)

    def _opinion(self, label: str, text: str, signs: str) -> None:
        self._cell(0, 0, label, self.name)
        said = "\n".join(f"　　{part}" for part in text.split("\n")) if text else ""
        self._cell(1, self.width - 1, f"{said}\n\n{signs}", self.cells[str] if text else self.foot)
        room = sum(self.widths[1:])
        self._next(_LINE * max(_OPINION, lines(said, room) + 2, lines(label, self.widths[0])) + 7)

    def _cell(self, first: int, last: int, value: Cell, look: Any) -> None:
        if last > first:
            self.sheet.merge_range(self.at, first, self.at, last, "", look)
        if isinstance(value, str):
            self.sheet.write_string(self.at, first, value, look) if value else self.sheet.write_blank(self.at, first, None, look)
        else:
            self.sheet.write_number(self.at, first, value, look)

    def _next(self, height: float) -> None:
        self.sheet.set_row(self.at, min(height, 400.0))
        self.at += 1

    def _paper(self) -> None:
        self.sheet.set_paper(9)
        self.sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        self.sheet.center_horizontally()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.hide_gridlines(2)
        if self.form.wide:
            self.sheet.set_landscape()
        if len(self.form.rows) > 1:
            self.sheet.set_footer("&C第 &P 页，共 &N 页")


def _edges(parts: int, width: int) -> list[int]:
    """Where so many parts begin over the columns, and the end."""
    return [round(n * width / parts) for n in range(parts)] + [width]
