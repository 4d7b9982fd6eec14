"""Ledgers as PDF: A4 across, as many columns as there are, headings and page numbers on every page. No screen is needed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from desktop import theme
from desktop.paper.document import DOTS, Printed, with_fonts
from domain.words import _
from services.ledgers import Page

_DOTS = 300
_MARGIN = 10  # mm
_SIZES = (10.0, 9.0, 8.0, 7.0, 6.0)  # points: the largest at which every column has its width, else the smallest and lines are broken
_WIDEST, _NARROWEST = 16.0, 2.5  # of a column, in widths of a Chinese character
_LEAST = 40  # characters of a cell on a page, more than what says that it goes on
_WRAPPED = Qt.TextFlag.TextWrapAnywhere | Qt.AlignmentFlag.AlignVCenter
_FIGURE = re.compile(r"-?(\d{1,8}|\d{1,3}(,\d{3})+)(\.\d+)?")
"""What is counted or paid; longer numbers are names of something."""
_GREY, _LINES = QColor("#E8EEEA"), QColor("#8A948F")


class LedgerPaper(Printed):
    """Ledgers laid out one after another. `note` stands at the foot of every page beside its number."""

    wide = True
    margin = _MARGIN

    def __init__(self, ledgers: Sequence[Page], note: str) -> None:
        with_fonts()
        self.title, self._note = ledgers[0].name if ledgers else "", note
        inside = QRectF(QPointF(0, 0), self.size * (_DOTS / DOTS))
        self._sheets = [sheet for ledger in ledgers for sheet in _Table(ledger, inside).sheets()]

    @property
    def pages(self) -> int:
        """How many pages they take."""
        return len(self._sheets)

    def draw(self, painter: QPainter, number: int, area: QRectF) -> None:
        """Draw a page (from 0) into an area inside the margins."""
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
    """How wide a text is about, in widths of a Chinese character."""
    return sum(1.0 if mark > "\u2e7f" else 0.6 for mark in text)


@dataclass(frozen=True)
class _Sheet:
    """One page of a table: rows from `first` up to `last`."""

    table: _Table
    first: int
    last: int


class _Table:
    """One ledger measured for the page."""

    def __init__(self, page: Page, inside: QRectF) -> None:
        self.name = page.name
        self.heading, self.rows = page.filled()
        filled = [[text for text in column if text] for column in zip(*self.rows, strict=True)] or [[] for _word in self.heading]
        figures = [bool(column) and all(map(_FIGURE.fullmatch, column)) for column in filled]
        self.flags = [int(_WRAPPED | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)) for right in figures]
        self.page = inside
        room = inside.width() - _points(2)  # the outermost lines are not cut off
        wanted = [min(_WIDEST, max(_NARROWEST, *map(_ems, column))) + 0.8 for column in zip(self.heading, *self.rows, strict=True)]
        total = sum(wanted) or 1.0
        self.size = next((size for size in _SIZES if total * _points(size) <= room), _SIZES[-1])
        wider = room / (total * _points(self.size))
        self.widths = [width * _points(self.size) * min(wider, 1.5) for width in wanted]
        self.font, self.bold = _font(self.size), _font(self.size, bold=True)
        self.metrics, self.bold_metrics = (QFontMetricsF(font) for font in (self.font, self.bold))
        self.top, self.foot = _points(24), _points(14)
        self.heading_height = self._height(self.heading, self.bold_metrics)
        self.room = self.page.height() - self.top - self.foot - self.heading_height
        self.rows = [part for row in self.rows for part in self._parts(row)]
        self.heights = [self._height(row, self.metrics) for row in self.rows]

    def _height(self, cells: Sequence[str], metrics: QFontMetricsF) -> float:
        """A row's height: that of the cell with most lines."""
        return self._tallest(cells, metrics) + _points(self.size) * 0.5

    def _tallest(self, cells: Sequence[str], metrics: QFontMetricsF) -> float:
        return max((self._tall(text, width, metrics) for text, width in zip(cells, self.widths, strict=True)), default=metrics.height())

    def _tall(self, text: str, width: float, metrics: QFontMetricsF) -> float:
        """The height of a cell's text in its lines."""
        inner, line = width - _points(self.size) * 0.5, metrics.height()
        short = len(text) * _points(self.size) <= inner or metrics.horizontalAdvance(text) <= inner  # no sign is wider than its size
        if short and "\n" not in text:
            return line
        return max(line, metrics.boundingRect(QRectF(0, 0, inner, 10 * self.page.height()), _WRAPPED, text).height())

    def _parts(self, row: list[str]) -> Iterator[list[str]]:
        """A row; one taller than a page in parts of a page, the later ones with what is left of its long cells."""
        room, left = self.room - _points(self.size) * 0.5, list(row)
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
        """The pages it takes, at least one."""
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
        painter.drawText(QRectF(0, 0, self.page.width(), self.top * 0.8), Qt.AlignmentFlag.AlignCenter, self.name)
        y = self._row(painter, self.top, self.heading, self.heading_height, self.bold, _GREY)
        for n in range(sheet.first, sheet.last):
            y = self._row(painter, y, self.rows[n], min(self.heights[n], self.page.height() - self.foot - y), self.font, None)
        foot = QRectF(0, self.page.height() - self.foot, self.page.width(), self.foot)
        painter.setFont(_font(8))
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, note)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, number)

    def _row(self, painter: QPainter, y: float, cells: Sequence[str], height: float, font: QFont, ground: QColor | None) -> float:
        """Paint a row of cells and answer where the next begins."""
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
