"""A strip of months, a row per year: spans of work, and a mark per month.

timeline = Timeline()
timeline.set_lines([
    Line("2023", [Span(1, 4, "横头山服装车间", "good"), Span(5, 5, "农忙", "warn")]),      months 1…12, both ends included
    Line(_("监测"), [], marks={1: "done", 5: "返乡", 9: "open"}),                          "done" ✓, "open" 待填, other text as it is
])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import icons, theme
from desktop.widgets.drawing import draw_text, smooth_painter
from domain.periods import month_word
from domain.words import _


@dataclass(frozen=True)
class Span:
    """Months `first` to `last` (1…12) with one label; tones good warn info plain."""

    first: int
    last: int
    word: str
    tone: str = "good"


@dataclass(frozen=True)
class TimelineRow:
    """One row of the strip."""

    title: str
    spans: Sequence[Span] = ()
    marks: Mapping[int, str] = field(default_factory=dict)


class Timeline(QWidget):
    """The strip; it takes the available width."""

    def __init__(self, lines: Sequence[TimelineRow] = ()) -> None:
        super().__init__()
        self._lines: Sequence[TimelineRow] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(theme.px(380))
        self.set_lines(lines)

    def set_lines(self, lines: Sequence[TimelineRow]) -> None:
        """Show other rows."""
        self._lines = tuple(lines)
        self.setFixedHeight(theme.px(24) + theme.px(32) * len(self._lines))
        self.setAccessibleName(_("；").join(_spoken(line) for line in lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw months, spans and marks."""
        painter = smooth_painter(self)
        head, height = theme.px(24), theme.px(32)
        titles = QFontMetricsF(theme.font(13.5))
        left = max(theme.px(52), *(round(titles.horizontalAdvance(line.title)) + theme.px(8) for line in self._lines), 0)
        month = (self.width() - left) / 12
        for n in range(12):
            draw_text(painter, QRectF(left + n * month, 0, month, head), month_word(n + 1), "muted", 12, align=theme.CENTRE)
        painter.setPen(QPen(theme.colour("line"), 1))
        for n in range(1, 13):
            x = round(left + n * month) - 0.5
            painter.drawLine(QPointF(x, head - 4), QPointF(x, head + height * len(self._lines)))
        for n, line in enumerate(self._lines):
            box = QRectF(left, head + n * height, self.width() - left, height)
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(0, box.bottom() - 0.5), QPointF(self.width(), box.bottom() - 0.5))
            draw_text(painter, QRectF(0, box.y(), left, height), line.title, "muted", 13.5)
            self._draw_line(painter, line, box, month)

    def _draw_line(self, painter: QPainter, line: TimelineRow, box: QRectF, month: float) -> None:
        for span in line.spans:
            ground, ink = theme.TONES[span.tone]
            area = QRectF(
                box.x() + (span.first - 1) * month,
                box.y() + theme.px(6),
                (span.last - span.first + 1) * month - 1,
                box.height() - theme.px(12),
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mix(ground, ink, 0.12))
            painter.drawRoundedRect(area, 4, 4)
            room = area.adjusted(theme.px(6), 0, -2, 0)
            draw_text(painter, room, span.word, "text" if span.tone == "good" else ink, 12.5)
        for number, mark in line.marks.items():
            area = QRectF(box.x() + (number - 1) * month, box.y(), month, box.height())
            if mark == "done":
                side = theme.px(14)
                painter.drawPixmap(QPointF(area.center().x() - side / 2, area.center().y() - side / 2), icons.pixmap("check", "accent", 14))
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("warn_soft"))
            painter.drawRoundedRect(area.adjusted(1, theme.px(6), -1, -theme.px(6)), 4, 4)
            draw_text(painter, area, _("待填") if mark == "open" else mark, "warn", 12, align=theme.CENTRE)


def _spoken(line: TimelineRow) -> str:
    words = [_("{first} 月至 {last} 月 {word}").format(first=span.first, last=span.last, word=span.word) for span in line.spans]
    names = {"done": _("已填"), "open": _("待填")}
    words += [_("{n} 月 {word}").format(n=n, word=names.get(mark, mark)) for n, mark in line.marks.items()]
    return _("{label}：{text}").format(label=line.title, text=_("，").join(words))
