"""Drawing functions shared by widgets that paint themselves: elided text, bars, cells."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPaintDevice, QPainter

from desktop import theme


def smooth_painter(device: QPaintDevice) -> QPainter:
    """Return a painter that draws smooth edges."""
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def draw_text(
    painter: QPainter, box: QRect | QRectF, text: str, tint: str, size: float, *, bold: bool = False, align: Qt.AlignmentFlag = theme.LEFT
) -> None:
    """Draw text in the colour token `tint`, elided if it does not fit."""
    painter.setPen(theme.colour(tint))
    painter.setFont(theme.font(size, bold=bold))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(QRectF(box), int(align), shown)


def draw_bar(painter: QPainter, box: QRectF, part: float, tint: str) -> None:
    """Draw a rounded bar, 8 px high, in the vertical middle of `box`, filled to `part` (0…1) in the colour token `tint`."""
    thick = theme.px(8)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    lane = QRectF(box.x(), box.center().y() - thick / 2, box.width(), thick)
    painter.setBrush(theme.colour("plain_soft"))
    painter.drawRoundedRect(lane, thick / 2, thick / 2)
    width = lane.width() * min(max(part, 0.0), 1.0)
    if width > 0:
        painter.setBrush(theme.colour(tint))
        painter.drawRoundedRect(QRectF(lane.x(), lane.y(), max(width, thick), thick), thick / 2, thick / 2)


def draw_share(painter: QPainter, box: QRect, text: str, room: float) -> None:
    """Draw `0.4|text`: a bar filled to that part, which takes the share `room` (0…1) of the box, and the text beside it."""
    part, _bar, words = text.partition("|")
    reached = float(part) >= 1
    lane = QRectF(box.x(), box.y(), box.width() * room, box.height())
    draw_bar(painter, lane, float(part), "accent" if reached else "amber")
    painter.setPen(theme.colour("accent" if reached else "warn"))
    painter.setFont(theme.font(12.5))
    painter.drawText(box.adjusted(int(lane.width()) + theme.px(8), 0, 0, 0), theme.LEFT, words)


def draw_cell(painter: QPainter, box: QRect, text: str, align: Qt.AlignmentFlag, inset: int) -> None:
    """Draw text in a cell, `inset` px from its sides. Left-aligned text is elided; a figure (right-aligned) is compressed instead."""
    inner = box.adjusted(inset, 0, -inset, 0)
    if align & Qt.AlignmentFlag.AlignRight and (needed := painter.fontMetrics().horizontalAdvance(text)) > inner.width():
        inner = box.adjusted(2, 0, -2, 0)
        font = painter.font()
        font.setStretch(min(100, 100 * inner.width() // needed))
        painter.setFont(font)
    else:
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
    painter.drawText(inner, align, text)
