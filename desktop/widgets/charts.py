"""Small charts, drawn by hand; each has its figures as text for screen readers.

BarChart().set_bars([(_("县内"), 41), (_("待业"), 9)])
LineChart(_("{n} 人")).set_points([("1月", 120), …])
ServiceBars().set_bars([(_("职业指导"), 29, 31), …])      1-3-1: share bars with label and figure
Lights(2, 3)                                                      ● ● ○ of a person's 1-3-1
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme
from desktop.widgets.drawing import draw_bar, draw_text, smooth_painter

_STRENGTHS = (0.55, 0.55, 0.8, 1.0)
"""Opacity of the columns, from near to far; it stays the same from the last one on."""


class _Chart(QWidget):
    def __init__(self, height: int) -> None:
        super().__init__()
        self.setMinimumHeight(theme.px(height))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)


class BarChart(_Chart):
    """Columns with label and figure below: regions from near to far, and last, in another colour, people who want work."""

    def __init__(self) -> None:
        super().__init__(128)
        self._bars: Sequence[tuple[str, int]] = ()

    def set_bars(self, bars: Sequence[tuple[str, int]]) -> None:
        """Show other columns: labels and figures."""
        self._bars = tuple(bars)
        self.setAccessibleName("　".join(f"{word} {value:,}" for word, value in bars))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the columns."""
        if not self._bars:
            return
        painter = smooth_painter(self)
        gap, figures = theme.px(10), theme.px(20)
        width = min((self.width() - gap * (len(self._bars) - 1)) / len(self._bars), theme.px(72))
        metrics = QFontMetricsF(theme.font(12.5))
        lines = 1 if all(metrics.horizontalAdvance(word) <= width for word, _value in self._bars) else 2
        words = theme.px(20 if lines == 1 else 36)
        unbroken = (part for word, _value in self._bars for part in word.split() if part.isascii())
        widest = max(map(metrics.horizontalAdvance, unbroken), default=0.0)
        size = 12.5 * min(1.0, (width + gap / 2) * 0.95 / max(widest, 1))  # captions in English would run into each other
        foot = figures + words
        left = (self.width() - width * len(self._bars) - gap * (len(self._bars) - 1)) / 2
        highest = max(value for _word, value in self._bars) or 1
        for n, (word, value) in enumerate(self._bars):
            last = n == len(self._bars) - 1
            x = left + n * (width + gap)
            height = (self.height() - foot - theme.px(4)) * value / highest
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mix("surface", *(("amber", 1.0) if last else ("accent", _STRENGTHS[min(n, len(_STRENGTHS) - 1)]))))
            painter.drawRoundedRect(QRectF(x, self.height() - foot - height, width, height), 3, 3)
            painter.setPen(theme.colour("muted"))
            painter.setFont(theme.font(size))
            under = QRectF(x - gap / 4, self.height() - foot, width + gap / 2, words)
            painter.drawText(under, int(theme.CENTRE | Qt.TextFlag.TextWordWrap), word)
            draw_text(painter, QRectF(x, self.height() - figures, width, figures), f"{value:,}", "text", 13, bold=True, align=theme.CENTRE)


class LineChart(_Chart):
    """A line over months; the last point is marked with its figure, as text with `{n}`. The year before is dashed."""

    def __init__(self, words: str) -> None:
        super().__init__(90)
        self._words = words
        self._points: Sequence[tuple[str, float]] = ()
        self._before: Sequence[tuple[str, float]] = ()

    def set_points(self, points: Sequence[tuple[str, float]], before: Sequence[tuple[str, float]] = ()) -> None:
        """Show another line; `before`: the points of the year before, hidden if all are 0."""
        self._points = tuple(points)
        self._before = tuple(before) if any(value for _word, value in before) else ()
        self.setAccessibleName("　".join(f"{word} {self._figure_text(value)}" for word, value in points))
        self.update()

    def _figure_text(self, value: float) -> str:
        return self._words.format(n=f"{value:,g}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        if not self._points:
            return
        painter = smooth_painter(self)
        foot, edge = theme.px(22), theme.px(14)
        box = QRectF(edge, theme.px(8), self.width() - 2 * edge, self.height() - foot - theme.px(16))
        painter.setPen(QPen(theme.colour("line"), 1))
        for part in (0.0, 0.5, 1.0):
            painter.drawLine(QPointF(0, box.top() + box.height() * part), QPointF(self.width(), box.top() + box.height() * part))
        highest = max(value for _word, value in (*self._points, *self._before)) or 1
        step = box.width() / max(len(self._points) - 1, 1)
        earlier, line = (
            [QPointF(box.left() + n * step, box.bottom() - box.height() * 0.9 * value / highest) for n, (_w, value) in enumerate(points)]
            for points in (self._before, self._points)
        )
        painter.setPen(QPen(theme.colour("faint"), 1.6, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(earlier))
        painter.setPen(QPen(theme.colour("accent"), 2.2))
        painter.drawPolyline(QPolygonF(line))
        painter.setBrush(theme.colour("accent"))
        painter.drawEllipse(line[-1], theme.px(3.5), theme.px(3.5))
        last = self._figure_text(self._points[-1][1])
        below = QRectF(line[-1].x() - theme.px(86), line[-1].y() + theme.px(5), theme.px(98), theme.px(20))
        if below.bottom() > box.bottom():
            below.moveBottom(line[-1].y() - theme.px(5))
        draw_text(painter, below, last, "text", 12.5, align=theme.RIGHT)
        foot_box = QRectF(0, self.height() - foot, self.width(), foot)
        draw_text(painter, foot_box, self._points[0][0], "muted", 12.5)
        draw_text(painter, foot_box, self._points[-1][0], "muted", 12.5, align=theme.RIGHT)


class ServiceBars(_Chart):
    """Rows of label, bar and figure."""

    def __init__(self) -> None:
        super().__init__(26)
        self._bars: Sequence[tuple[str, int, int]] = ()

    def set_bars(self, bars: Sequence[tuple[str, int, int]]) -> None:
        """Show other rows: labels, and how many of how many."""
        self._bars = tuple(bars)
        self.setFixedHeight(theme.px(26) * max(len(bars), 1))
        self.setAccessibleName("　".join(f"{word} {value}/{whole}" for word, value, whole in bars))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        painter = smooth_painter(self)
        painter.setFont(theme.font(14))
        word_width = max((painter.fontMetrics().horizontalAdvance(word) for word, _value, _whole in self._bars), default=0) + theme.px(16)
        figure = theme.px(64)
        for n, (word, value, whole) in enumerate(self._bars):
            y, height, left = n * theme.px(26), theme.px(26), self.width() - figure
            draw_text(painter, QRectF(0, y, word_width, height), word, "text", 14)
            draw_bar(painter, QRectF(word_width, y, left - word_width, height), value / whole if whole else 0, "accent")
            draw_text(painter, QRectF(left, y, figure, height), f"{value}/{whole}", "text", 14, bold=True, align=theme.RIGHT)


class Lights(QWidget):
    """Filled and empty circles: `done` of `needed`."""

    def __init__(self, done: int, needed: int) -> None:
        super().__init__()
        self._done, self._needed = done, needed
        self.setFixedSize(theme.px(20) * max(needed, 1), theme.px(22))
        self.setAccessibleName(f"{done}/{needed}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the circles."""
        painter = smooth_painter(self)
        tint = theme.colour("accent" if self._done >= self._needed else "warn")
        painter.setPen(QPen(tint, 1.4))
        for n in range(self._needed):
            painter.setBrush(tint if n < self._done else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(theme.px(20) * n + theme.px(8), self.height() / 2), theme.px(6), theme.px(6))
