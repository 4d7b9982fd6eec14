"""Draws the cells of lists: plain, strong, muted, as a chip or a bar (`ledger_model.Column.style`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from desktop import theme
from desktop.widgets.drawing import draw_share
from desktop.widgets.ledger_model import Column

_SELECTED, _FOCUSED = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_HasFocus.value
"""Integers, because they are tested for every cell, and operations on Python's flags take as long as drawing the text."""


class CellDelegate(QStyledItemDelegate):
    """Draws cells in the style of their column; `columns` is called each time, because the user can choose other columns."""

    def __init__(self, columns: Callable[[], Sequence[Column[Any]]], table: QTableView) -> None:
        super().__init__(table)
        self._columns, self._table = columns, table
        self.faded: Callable[[int], bool] | None = None  # whether a row is drawn in grey
        self._fonts = {bold: theme.font(14, bold=bold) for bold in (False, True)}
        self._metrics = {bold: QFontMetrics(font) for bold, font in self._fonts.items()}
        self._ink = {token: theme.colour(token) for token in ("text", "muted", "line", "field", "accent", "accent_soft")}
        self._small = theme.font(12.5)
        self._pad, self._em, self._edge = theme.px(8), theme.px(14), theme.px(2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]  # the stubs ask for both index classes
        """Draw one cell."""
        box: QRect = option.rect  # type: ignore[attr-defined]  # the stubs lack the fields of style options
        state: int = option.state.value  # type: ignore[attr-defined]  # the stubs lack the fields of style options
        if state & _SELECTED:
            painter.fillRect(box, self._ink["accent_soft"])
        painter.setPen(self._ink["line"])
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        text = str(index.data() or "")
        if text:
            made = self._columns()[index.column()]
            faded = made.style == "muted" or (self.faded is not None and self.faded(index.row()))
            self._draw(painter, box.adjusted(self._pad, 0, -self._pad, 0), text, made, "muted" if faded else "text")
        if state & _FOCUSED:
            painter.setPen(self._ink["accent"])
            painter.setBrush(Qt.BrushStyle.NoBrush)  # drawing a chip has set a brush
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        if index.row() == self._table.currentIndex().row():
            self._frame_row(painter, box, index.column())

    def _frame_row(self, painter: QPainter, box: QRect, at: int) -> None:
        """Draw the part of the frame around the current row that is in one cell; thin and grey while the keys go elsewhere."""
        there = self._table.hasFocus()
        edge, ink = (self._edge, "accent") if there else (1, "field")
        sides = [(box.x(), box.y(), box.width(), edge), (box.x(), box.bottom() + 1 - edge, box.width(), edge)]
        if at == 0:
            sides.append((box.x(), box.y(), 2 * edge, box.height()))
        if at == len(self._columns()) - 1:
            sides.append((box.right() + 1 - edge, box.y(), edge, box.height()))
        for side in sides:
            painter.fillRect(*side, self._ink[ink])

    def _draw(self, painter: QPainter, inner: QRect, text: str, made: Column[Any], ink: str) -> None:
        if made.style == "chip":
            self._chip(painter, inner, text, made.tones.get(text, "plain"))
        elif made.style == "bar" and "|" in text:
            draw_share(painter, inner, text, 0.55)
        else:
            bold = made.style == "strong"
            painter.setFont(self._fonts[bold])
            painter.setPen(self._ink[ink])
            if len(text) * self._em > inner.width():  # no character is wider than an em, so most cells need no measuring
                text = self._metrics[bold].elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, theme.RIGHT if made.right else theme.LEFT, text)

    def _chip(self, painter: QPainter, inner: QRect, text: str, tone: str) -> None:
        ground, ink = theme.TONES[tone]
        painter.setFont(self._small)
        width = min(painter.fontMetrics().horizontalAdvance(text) + theme.px(16), inner.width())
        pill = QRectF(inner.x(), inner.center().y() - theme.px(10), width, theme.px(21))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setPen(theme.colour(ink))
        painter.drawText(pill, int(theme.CENTRE), painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width) - 8))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
