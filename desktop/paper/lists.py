"""Prints any list as shown in the window, or saves it as a workbook: with the same columns, order, filters and masking.

    listing = Listing(_("人员"), columns, ids, rows)
    lists.show(frame, parent, listing)             the preview, which prints and saves
    lists.save(frame, parent, listing)             asks for a file and writes `.xlsx`
    lists.of_grid(title, grid.model())             the listing of a grid

Reading runs off the GUI thread. For unmasked numbers use an export (台账, 报表), which asks for a reason and logs it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import DOTS, Printed, to_pdf, with_fonts
from desktop.paper.printing import write_out
from desktop.widgets import dialogs
from desktop.widgets.form_preview import FormPreview, Write
from desktop.widgets.grid_model import GridModel
from desktop.widgets.ledger_model import Column, Row
from domain import clock
from domain.words import _
from services.files import written
from services.printed_lists import PrintedList
from services.sheets import Workbook

_DOTS = 300
_MARGIN = 10  # mm
_SIZES = (10.0, 9.0, 8.0, 7.0, 6.0)  # points: the largest at which all columns fit, else the smallest, with wrapped text
_WIDEST, _NARROWEST = 16.0, 2.5  # width of a column in Chinese characters
_LEAST = 40  # least characters of a cell per page, more than the mark of a continued cell takes
_WRAPPED = Qt.TextFlag.TextWrapAnywhere | Qt.AlignmentFlag.AlignVCenter
_FIGURE = re.compile(r"-?(\d{1,8}|\d{1,3}(,\d{3})+)(\.\d+)?")
"""Counts and amounts; longer numbers are identifiers."""
_GREY, _LINES = QColor("#E8EEEA"), QColor("#8A948F")


class ListPaper(Printed):
    """Lists, one after another. `note` is at the bottom of every page, beside the page number."""

    wide = True
    margin = _MARGIN

    def __init__(self, lists: Sequence[PrintedList], note: str) -> None:
        with_fonts()
        self.title, self._note = lists[0].name if lists else "", note
        inside = QRectF(QPointF(0, 0), self.size * (_DOTS / DOTS))
        self._sheets = [sheet for one in lists for sheet in _Table(one, inside).sheets()]

    @property
    def pages(self) -> int:
        """The number of pages."""
        return len(self._sheets)

    def draw(self, painter: QPainter, number: int, area: QRectF) -> None:
        """Draw a page (from 0) into the area inside the margins."""
        sheet = self._sheets[number]
        painter.save()
        painter.translate(area.topLeft())
        painter.scale(area.width() / sheet.table.page.width(), area.width() / sheet.table.page.width())
        sheet.table.paint(painter, sheet, _("第 {page} 页，共 {pages} 页").format(page=number + 1, pages=self.pages), self._note)
        painter.restore()


def _points(size: float) -> float:
    return size * _DOTS / 72


def _font(size: float, *, bold: bool = False) -> QFont:
    font = theme.font(bold=bold)
    font.setPixelSize(round(_points(size)))
    return font


def _ems(text: str) -> float:
    """The approximate width of a text, in Chinese characters."""
    return sum(1.0 if mark > "\u2e7f" else 0.6 for mark in text)


@dataclass(frozen=True)
class _Sheet:
    """One page of a table: rows from `first` to before `last`."""

    table: _Table
    first: int
    last: int


class _Table:
    """One list, measured for the page."""

    def __init__(self, page: PrintedList, inside: QRectF) -> None:
        self.name = page.name
        self.heading, self.rows = (page.heading, page.rows) if page.by_hand else page.filled()
        self.spare = 1.6 if page.by_hand else 0.5
        """Height of a row beyond that of its text, in font sizes."""
        filled = [[text for text in column if text] for column in zip(*self.rows, strict=True)] or [[] for _word in self.heading]
        figures = [bool(column) and all(map(_FIGURE.fullmatch, column)) for column in filled]
        self.flags = [int(_WRAPPED | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)) for right in figures]
        self.page = inside
        room = inside.width() - _points(2)  # so that the outermost borders are not cut off
        wanted = [min(_WIDEST, max(_NARROWEST, *map(_ems, column))) + 0.8 for column in zip(self.heading, *self.rows, strict=True)]
        total = sum(wanted) or 1.0
        self.size = next((size for size in _SIZES if total * _points(size) <= room), _SIZES[-1])
        wider = room / (total * _points(self.size))
        self.widths = [width * _points(self.size) * min(wider, 1.5) for width in wanted]
        self.font, self.bold = _font(self.size), _font(self.size, bold=True)
        self.metrics, self.bold_metrics = (QFontMetricsF(font) for font in (self.font, self.bold))
        self.title_height, self.foot = _points(24), _points(14)
        self.heading_height = self._height(self.heading, self.bold_metrics)
        self.room = self.page.height() - self.title_height - self.foot - self.heading_height
        self.rows = [part for row in self.rows for part in self._parts(row)]
        self.heights = [self._height(row, self.metrics, self.spare) for row in self.rows]

    def _height(self, cells: Sequence[str], metrics: QFontMetricsF, spare: float = 0.5) -> float:
        """The height of a row: that of its tallest cell, and some more."""
        return self._tallest(cells, metrics) + _points(self.size) * spare

    def _tallest(self, cells: Sequence[str], metrics: QFontMetricsF) -> float:
        return max((self._tall(text, width, metrics) for text, width in zip(cells, self.widths, strict=True)), default=metrics.height())

    def _tall(self, text: str, width: float, metrics: QFontMetricsF) -> float:
        """The height of a cell's text when wrapped."""
        inner, line = width - _points(self.size) * 0.5, metrics.height()
        # no character is wider than the font size, so most texts need no measuring
        short = len(text) * _points(self.size) <= inner or metrics.horizontalAdvance(text) <= inner
        if short and "\n" not in text:
            return line
        return max(line, metrics.boundingRect(QRectF(0, 0, inner, 10 * self.page.height()), _WRAPPED, text).height())

    def _parts(self, row: list[str]) -> Iterator[list[str]]:
        """A row; one taller than a page is split into parts, the later ones with the rest of its long cells."""
        room, left = self.room - _points(self.size) * self.spare, list(row)
        while max(map(len, left), default=0) > _LEAST and self._tallest(left, self.metrics) > room:
            part, rest = list(left), [""] * len(left)
            for at, (text, width) in enumerate(zip(left, self.widths, strict=True)):
                tall = partial(lambda text, width, n: self._tall(text[:n], width, self.metrics), text, width)
                fitting = max(_LEAST, bisect_right(range(1, len(text) + 1), room, key=tall))
                if fitting < len(text):
                    part[at], rest[at] = text[:fitting], _("（接上页）") + text[fitting:]
            yield part
            left = rest
        yield left

    def sheets(self) -> Iterator[_Sheet]:
        """Return the pages of the table, at least one."""
        first, used = 0, 0.0
        for n, height in enumerate(self.heights):
            if used + height > self.room and n > first:
                yield _Sheet(self, first, n)
                first, used = n, 0.0
            used += height
        yield _Sheet(self, first, len(self.rows))

    def paint(self, painter: QPainter, sheet: _Sheet, number: str, note: str) -> None:
        """Paint one page."""
        painter.setPen(QPen(QColor("black")))
        painter.setFont(_font(13, bold=True))
        painter.drawText(QRectF(0, 0, self.page.width(), self.title_height * 0.8), Qt.AlignmentFlag.AlignCenter, self.name)
        y = self._row(painter, self.title_height, self.heading, self.heading_height, self.bold, _GREY)
        for n in range(sheet.first, sheet.last):
            y = self._row(painter, y, self.rows[n], min(self.heights[n], self.page.height() - self.foot - y), self.font, None)
        foot = QRectF(0, self.page.height() - self.foot, self.page.width(), self.foot)
        painter.setFont(_font(8))
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, note)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, number)

    def _row(self, painter: QPainter, y: float, cells: Sequence[str], height: float, font: QFont, ground: QColor | None) -> float:
        """Paint a row of cells; returns the y coordinate of the next."""
        painter.setFont(font)
        lefts = accumulate(self.widths, initial=(self.page.width() - sum(self.widths)) / 2)
        places = [QRectF(x, y, width, height) for x, width in zip(lefts, self.widths, strict=False)]
        for place in places if ground is not None else ():
            painter.fillRect(place, ground)
        painter.setPen(QPen(_LINES, _points(0.4)))
        painter.drawRects(places)
        painter.setPen(QColor("black"))
        inset = _points(self.size) * 0.25
        for text, place, flags in zip(cells, places, self.flags, strict=True):
            if text:
                painter.drawText(place.adjusted(inset, 0, -inset, 0), flags, text)
        return y + height


CHUNK = 500
"""Rows read at once."""
_AMOUNT = re.compile(r"-?\d{1,3}(,?\d{3})*(\.\d+)?")


@dataclass(frozen=True)
class Listing:
    """A list: its title, its filters in words, its columns, and functions that load its records (called off the GUI thread)."""

    title: str
    narrowed: str
    columns: Sequence[Column[Any]]
    ids: Callable[[], Sequence[str]]
    rows: Callable[[Sequence[str], Sequence[str]], Sequence[Row]]
    by_hand: bool = False
    """Whether its empty cells are for writing in on paper."""

    @property
    def heading(self) -> str:
        """The heading on paper."""
        return _("{title}（{narrowed}）").format(title=self.title, narrowed=self.narrowed) if self.narrowed else self.title

    def file_name(self, place: str) -> str:
        """Return a proposed file name. It leaves out the filters, which may contain a search text."""
        return dialogs.file_name(f"{self.title} {place} {clock.today()}")

    def read(self, progress: Progress) -> Iterator[list[str]]:
        """Yield its rows as shown."""
        ids, keys = self.ids(), [made.key for made in self.columns]
        for start in range(0, len(ids), CHUNK):
            progress(start, len(ids), _("读取{title}").format(title=self.title))
            part = ids[start : start + CHUNK]
            found = {row["id"]: row for row in self.rows(part, keys)}
            for id in part:
                yield [_shown(made, found.get(id, {}).get(made.key, "")) for made in self.columns]


def of_grid(title: str, grid: GridModel) -> Listing:
    """A grid as it is shown now, which may be empty: a sheet to be signed or filled in by hand."""
    columns = [Column[Any](one.key, one.title, one.width, right=one.right and not one.sign, style=one.style) for one in grid.columns]
    rows = {
        line.id: {"id": line.id} | {one.key: str(grid.index(n, m).data() or "") for m, one in enumerate(grid.columns)}
        for n, line in enumerate(grid.rows)
    }
    return Listing(title, "", columns, lambda: list(rows), lambda ids, _keys: [rows[id] for id in ids], by_hand=True)


def show(frame: Frame, parent: QWidget | None, listing: Listing) -> None:
    """Read a list and preview it."""

    def read(progress: Progress) -> ListPaper:
        page = PrintedList(listing.heading, by_hand=listing.by_hand)
        page.headings([made.title for made in listing.columns])
        for cells in listing.read(progress):
            page.row(cells)
        note = _("{place}　{day} 印　共 {n} 条").format(place=frame.place, day=clock.today(), n=f"{len(page.rows):,}")
        return ListPaper([page], note)

    def shown(paper: ListPaper) -> None:
        writes: dict[str, Write] = {".pdf": to_pdf, ".xlsx": lambda _paper, file, progress: _write(listing, file, progress)}
        FormPreview(frame, parent, paper, writes, name=listing.file_name(frame.place)).run()

    frame.run_long(_("排版"), read, shown)


def save(frame: Frame, parent: QWidget | None, listing: Listing) -> None:
    """Ask for a file and write the list as a workbook."""
    file = dialogs.save_as(parent, _("保存到"), f"{listing.file_name(frame.place)}.xlsx")
    if file is not None:
        write_out(frame, file, partial(_write, listing, file))


def _write(listing: Listing, file: Path, progress: Progress) -> None:
    with written(file) as unfinished, Workbook(unfinished) as book:
        sheet = book.sheet(listing.title)
        sheet.headings([made.title for made in listing.columns])
        for cells in listing.read(progress):
            sheet.row([_cell(made, text) for made, text in zip(listing.columns, cells, strict=True)])


def _shown(column: Column[Any], text: str) -> str:
    return text.partition("|")[2] if column.style == "bar" else text


def _cell(column: Column[Any], text: str) -> str | int | float:
    """A figure as a number, so that it can be summed; any other text unchanged."""
    if not column.right or not _AMOUNT.fullmatch(text):
        return text
    plain = text.replace(",", "")
    return float(plain) if "." in plain else int(plain)
