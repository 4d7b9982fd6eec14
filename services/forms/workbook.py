"""Writes a form as a new `.xlsx` for printing on A4: text remains text, without formulas, links or hidden content."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from services.files import written
from services.forms.fitting import SIGNED, UPRIGHT, WIDE, fit
from services.forms.form import Cell, Form, lines, shown
from services.forms.markup import TEXT, to_whom
from services.forms.template_fields import FIELD
from services.sheets import Workbook

_LINE: Final = 1.5
"""Line height relative to the text size."""
_BOXES: Final = 6
_LABEL: Final = 5.0
"""Fewest ems of a column with labels of boxes."""
_UNIT: Final = 5.25
"""Points per unit of column width in a workbook."""
_SIGNATURE: Final = 25.0
"""Height in points of a row to sign in."""
_APART: Final = "　" * 9
_OPINION: Final = 4
"""Fewest lines of a box to write in."""


def write(form: Form, file: Path) -> int:
    """Write a form; returns the number of table rows. Raises `InputUnusable`."""
    with written(file) as unfinished, Workbook(unfinished) as book:
        _Drawing(book, form).draw()
    return len(form.rows)


class _Drawing:
    """One sheet being written from the top."""

    def __init__(self, book: Workbook, form: Form) -> None:
        self.form = form
        self.sheet: Any = book.sheet(form.title).sheet
        self.width = max(len(form.columns), _BOXES if form.boxes or form.opinions else 0, 4)
        self.table = fit(form, least=_LABEL if form.boxes else 0) if form.columns else None
        self.widths = self._columns()
        add = book.book.add_format
        base = {"valign": "vcenter", "text_wrap": True, "font_size": TEXT}
        self.title = add({**base, "bold": True, "font_size": 18, "align": "center"})
        self.plain, self.right = add(base), add({**base, "align": "right"})
        self.name = add({**base, "border": 1, "align": "center"})
        self.value = add({**base, "border": 1, "num_format": "@"})
        self.foot = add({**base, "border": 1, "valign": "bottom", "align": "right"})
        small = {**base, "border": 1, "font_size": self.table.points if self.table else TEXT}
        self.head = add({**small, "align": "center", "bold": True})
        self.mark = add({**small, "num_format": "@", "align": "center"})
        self.cells = {
            str: add({**small, "num_format": "@"}),
            int: add({**small, "align": "center"}),
            float: add({**small, "num_format": "#,##0.00"}),
        }
        self.at = 0

    def draw(self) -> None:
        """Write everything from the title down, then the page setup."""
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
            self._sign([f"{name}：" for name in form.signatures])
        for text in form.closing:
            self._across(text, self.right)
        self._paper()

    def _columns(self) -> list[float]:
        """Set the column widths and return them in points."""
        room = WIDE if self.form.wide else UPRIGHT
        wanted = list(self.table.widths) if self.table else []
        wanted += [room / self.width] * (self.width - len(wanted))
        for n, width in enumerate(wanted):
            self.sheet.set_column(n, n, max(1.0, width / _UNIT - 0.71))
        return wanted

    def _across(self, text: str, look: Any, height: float = 0) -> None:
        self._cell(0, self.width - 1, text, look)
        self._next(height or self._height(text, sum(self.widths)) + 4)

    def _height(self, text: str, width: float, size: float = TEXT) -> float:
        """The height in points of a text in a cell of `width` points."""
        return lines(text, (width - 5) / size) * size * _LINE

    def _spread(self, texts: Sequence[str], height: float = 22) -> None:
        """Write texts side by side across the sheet, in a row at least `height` points high."""
        for (first, after), text in zip(pairwise(_edges(len(texts), self.width)), texts, strict=True):
            self._cell(first, after - 1, text, self.plain)
            height = max(height, self._height(text, sum(self.widths[first:after])) + 4)
        if texts:
            self._next(height)

    def _sign(self, names: Sequence[str]) -> None:
        """Write the signatures side by side; in one cell if a part would be too narrow for its text."""
        edges = _edges(len(names), self.width)
        narrow = any(self._height(name, sum(self.widths[a:b])) > TEXT * _LINE for name, (a, b) in zip(names, pairwise(edges), strict=True))
        self._spread([_APART.join(names)] if narrow else names, height=30)

    def _boxes(self, row: Sequence[tuple[str, str]]) -> None:
        tallest = 0.0
        for (first, after), (label, value) in zip(pairwise(_edges(len(row), self.width)), row, strict=True):
            self._cell(first, first, label, self.name)
            self._cell(first + 1, after - 1, value, self.value)
            room = sum(self.widths[first + 1 : after])
            tallest = max(tallest, self._height(value, room), self._height(label, self.widths[first]))
        self._next(tallest + 7)

    def _table(self) -> None:
        self._row(self.form.columns, self.head)
        self.sheet.repeat_rows(self.at - 1)
        for row in self.form.rows or [[""] * len(self.form.columns)]:
            self._row(row)
        if self.form.total:
            self._row(self.form.total)

    def _row(self, cells: Sequence[Cell], look: Any = None) -> None:
        size = self.table.points if self.table else TEXT
        for n, cell in enumerate(cells):
            last = self.width - 1 if n == len(self.form.columns) - 1 else n
            self._cell(n, last, cell, look or self._look(cell))
        texts = (FIELD.sub(r"\1", shown(cell)) for cell in cells)  # a field's braces are not part of its value
        tallest = max(self._height(text, width, size) for text, width in zip(texts, self.widths, strict=False))
        self._next(max(tallest + 7, _SIGNATURE if SIGNED in self.form.columns else 0))

    def _look(self, cell: Cell) -> Any:
        """The format of a cell: as on paper, single characters are centred."""
        return self.mark if isinstance(cell, str) and len(cell) == 1 else self.cells[type(cell)]

    def _opinion(self, label: str, text: str, signs: str) -> None:
        self._cell(0, 0, label, self.name)
        content = "\n".join(f"　　{part}" for part in text.split("\n")) if text else ""
        self._cell(1, self.width - 1, f"{content}\n\n{signs}", self.value if text else self.foot)
        room, line = sum(self.widths[1:]), TEXT * _LINE
        self._next(max(line * _OPINION, self._height(content, room) + 2 * line, self._height(label, self.widths[0])) + 7)

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
        aside = 0.4 if self.form.wide else 0.6
        self.sheet.set_margins(left=aside, right=aside, top=0.7, bottom=0.7)
        self.sheet.center_horizontally()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.hide_gridlines(2)
        if self.form.wide:
            self.sheet.set_landscape()
        note = f"&L{self.form.note.replace('&', '&&')[:120]}" if self.form.note else ""
        if len(self.form.rows) > 1 or note:
            self.sheet.set_footer(f"{note}&R第 &P 页，共 &N 页" if note else "&C第 &P 页，共 &N 页")


def _edges(parts: int, width: int) -> list[int]:
    """The columns at which each of `parts` parts begins, and the end."""
    return [round(n * width / parts) for n in range(parts)] + [width]
