"""Ledgers as PDF: A4 across, as many columns as there are, headings and page numbers on every page. No screen is needed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen
from PySide6.QtWidgets import QApplication

from desktop import theme
from domain.words import _
from services.ledgers import Page

_DOTS = 300
_MARGIN = 10  # mm
_SIZES = (10.0, 9.0, 8.0, 7.0, 6.0)  # points: the largest at which every column has its width, else the smallest and lines are broken
_WIDEST, _NARROWEST = 16.0, 2.5  # of a column, in widths of a Chinese character
_WRAPPED = Qt.TextFlag.TextWrapAnywhere | Qt.AlignmentFlag.AlignVCenter
_AMOUNT = re.compile(r"-?[\d,]+\.\d\d")
_GREY, _LINES = QColor("#E8EEEA"), QColor("#8A948F")


def draw(pages: Sequence[Page], note: str) -> tuple[bytes, int]:
    """The PDF and how many pages it has. `note` stands at the foot of every page beside its number."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if QApplication.instance() is None:
        QApplication(["cunzhan"])
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DOTS)
    margins = QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    layout = QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Landscape, margins, QPageLayout.Unit.Millimeter)
    writer.setPageLayout(layout)
    writer.setTitle(pages[0].name if pages else "")
    count = _paint(writer, [_Table(page, writer) for page in pages], note)
    return bytes(buffer.data().data()), count


def _paint(writer: QPdfWriter, tables: Sequence[_Table], note: str) -> int:
    sheets = [sheet for table in tables for sheet in table.sheets()]
    painter = QPainter(writer)
    for number, sheet in enumerate(sheets, 1):
        if number > 1:
            writer.newPage()
        sheet.table.paint(painter, sheet, _("第 {page} 页，共 {pages} 页").format(page=number, pages=len(sheets)), note)
    painter.end()
    return len(sheets)


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

    def __init__(self, page: Page, writer: QPdfWriter) -> None:
        self.name = page.name
        self.heading, self.rows = page.filled()
        self.page = QRectF(0, 0, writer.width(), writer.height())
        inside = self.page.width() - _points(2)  # the outermost lines are not cut off
        wanted = [min(_WIDEST, max(_NARROWEST, *map(_ems, column))) + 0.8 for column in zip(self.heading, *self.rows, strict=True)]
        total = sum(wanted) or 1.0
        self.size = next((size for size in _SIZES if total * _points(size) <= inside), _SIZES[-1])
        room = inside / (total * _points(self.size))
        self.widths = [width * _points(self.size) * min(room, 1.5) for width in wanted]
        self.font, self.bold = _font(self.size), _font(self.size, bold=True)
        self.metrics, self.bold_metrics = (QFontMetricsF(font, writer) for font in (self.font, self.bold))
        self.top, self.foot = _points(24), _points(14)
        self.heading_height = self._height(self.heading, self.bold_metrics)
        self.heights = [self._height(row, self.metrics) for row in self.rows]

    def _height(self, cells: Sequence[str], metrics: QFontMetricsF) -> float:
        """A row's height: that of the cell with most lines."""
        tallest, line = 0.0, metrics.height()
        for text, width in zip(cells, self.widths, strict=True):
            inner = width - _points(self.size) * 0.5
            if _ems(text) * _points(self.size) > inner:
                tallest = max(tallest, metrics.boundingRect(QRectF(0, 0, inner, 10 * self.page.height()), _WRAPPED, text).height())
        return max(tallest, line) + _points(self.size) * 0.5

    def sheets(self) -> Iterator[_Sheet]:
        """The pages it takes, at least one; a row taller than a page stands alone and is cut off."""
        room = self.page.height() - self.top - self.foot - self.heading_height
        first, used = 0, 0.0
        for n, height in enumerate(self.heights):
            if used + height > room and n > first:
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
        x, inset = (self.page.width() - sum(self.widths)) / 2, _points(self.size) * 0.25
        for text, width in zip(cells, self.widths, strict=True):
            cell = QRectF(x, y, width, height)
            if ground is not None:
                painter.fillRect(cell, ground)
            painter.setPen(QPen(_LINES, _points(0.4)))
            painter.drawRect(cell)
            painter.setPen(QPen(QColor("black")))
            side = Qt.AlignmentFlag.AlignRight if _AMOUNT.fullmatch(text) else Qt.AlignmentFlag.AlignLeft
            painter.drawText(cell.adjusted(inset, 0, -inset, 0), int(_WRAPPED | side), text)
            x += width
        return y + height
