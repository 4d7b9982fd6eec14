"""The two cards with a time axis: 务工时间线, a strip of months with a row per year, spans of work and a mark per monthly check; and 工资
by income period.

timeline = Timeline()
timeline.set_lines([
    TimelineRow("2023", [Span(1, 4, "横头山服装车间", "good"), Span(5, 5, "农忙", "warn")]),      months 1…12, both ends included
    TimelineRow(_("监测"), [], marks={1: "done", 5: "返乡", 9: "open"}),                  "done" ✓, "open" 待填, other text as it is
])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop import icons, theme
from desktop.people.presenting import PersonShown, Spell
from desktop.widgets.basics import Card, LineBar, ToolButton, button, label
from desktop.widgets.drawing import draw_text, smooth_painter
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import clear, column, grid, row
from domain.money import yuan_read, yuan_typed
from domain.periods import month_word, months_between
from domain.words import _
from services.person import EmployerWages


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


YEARS = 2


class _YearCard(Card):
    """A card with arrows that change the year shown."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.year = 0
        self._shown: PersonShown | None = None
        for sign, step, name in (("chevron-left", -1, _("前一年")), ("chevron-right", 1, _("后一年"))):
            arrow = ToolButton()
            arrow.setIcon(icons.icon(sign, "muted", 16))
            arrow.setIconSize(QSize(theme.px(16), theme.px(16)))
            arrow.setToolTip(name)
            arrow.setAccessibleName(f"{title}　{name}")
            arrow.clicked.connect(lambda _on=False, step=step: self.turn(step))
            self.head.addWidget(arrow)

    def show_person(self, shown: PersonShown) -> None:
        """Show a person; for another person than before, start at the latest year with data."""
        if self._shown is None or self._shown.id != shown.id:
            self.year = self._latest(shown)
        self._shown = shown
        self._draw(shown)

    def turn(self, step: int) -> None:
        """Go `step` years forward, or back if it is negative."""
        self.year += step
        if self._shown is not None:
            self._draw(self._shown)

    def _latest(self, shown: PersonShown) -> int:
        raise NotImplementedError

    def _draw(self, shown: PersonShown) -> None:
        raise NotImplementedError


class WorkCard(_YearCard):
    """务工时间线: spells of work in two years, and the monthly checks of the later year."""

    def __init__(self) -> None:
        super().__init__(_("务工时间线"))
        self.add_spell = button(_("＋ 务工"), kind="link", writes=True, name=_("记一段务工"))
        self.head.addWidget(self.add_spell)
        self.strip = Timeline()
        self.add(self.strip)

    def _latest(self, shown: PersonShown) -> int:
        months = [*(spell.last for spell in shown.spells), *shown.checks]
        now = shown.month[:4]
        return int(min(max([month[:4] for month in months], default=now), now))

    def _draw(self, shown: PersonShown) -> None:
        self.note.setText(_("{year} 年").format(year=self.year))
        lines = [line for year in range(self.year - YEARS + 1, self.year + 1) for line in year_lines(shown.spells, year)]
        marks = {int(month[5:]): mark for month, mark in shown.checks.items() if month[:4] == str(self.year)}
        if shown.month[:4] == str(self.year) and shown.month not in shown.checks and (shown.checks or shown.spells):
            marks[int(shown.month[5:])] = "open"
        self.strip.set_lines([*lines, TimelineRow(_("监测"), [], marks)])


def year_lines(spells: Sequence[Spell], year: int) -> list[TimelineRow]:
    """Return the spells of a year as lines; overlapping spells get lines of their own."""
    lanes: list[list[Span]] = []
    for spell in sorted(spells, key=lambda spell: (spell.first, spell.last)):
        if spell.first[:4] > str(year) or spell.last[:4] < str(year):
            continue
        first = int(spell.first[5:]) if spell.first[:4] == str(year) else 1
        last = int(spell.last[5:]) if spell.last[:4] == str(year) else 12
        lane = next((lane for lane in lanes if lane[-1].last < first), None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(Span(first, last, spell.word, spell.tone))
    return [TimelineRow(str(year) if n == 0 else "", lane) for n, lane in enumerate(lanes or [[]])]


class WageCard(_YearCard):
    """工资: what was earned in each month of an income period, and what each employer paid in it."""

    year_asked = Signal(int)
    """The year of another income period to be shown; the model has to load its sums."""

    def __init__(self) -> None:
        super().__init__(_("工资"))
        self._grid = grid(across=8, down=6)
        self._employers = column(spacing=6)
        self.add(column(self._grid, self._employers, spacing=10))

    def turn(self, step: int) -> None:
        """Ask for the income period `step` years later, or earlier if it is negative."""
        self.year_asked.emit(self.year + step)

    def show_person(self, shown: PersonShown) -> None:
        """Show the loaded period."""
        self.year = shown.wage_year
        self._draw(shown)

    def _draw(self, shown: PersonShown) -> None:
        start, end = shown.wage_period
        self.note.setText(_("核算期 {start} 至 {end}").format(start=start, end=end))
        months = months_between(start[:7], end[:7])
        clear(self._grid)
        clear(self._employers)
        if not any(month in shown.wages for month in months) and not shown.paid:
            self._grid.addWidget(label(_("这个核算期没有工资记录。"), "small"), 0, 0)
            return
        for n, month in enumerate(months):
            name = label(_("{year}年{n}月").format(year=month[2:4], n=int(month[5:])), "small")
            amount = yuan_typed(shown.wages[month]) if month in shown.wages else "–"
            self._grid.addLayout(column(name, label(amount), spacing=0), n // 6, n % 6)
        for one in shown.paid:
            self._employers.addLayout(_paid(one))


def _paid(one: EmployerWages) -> QHBoxLayout:
    amount = yuan_read(one.counted)
    if one.line is None:
        return row(ElidedLabel(one.name, "strong"), label(_("本期已发 {amount} 元").format(amount=amount)))
    bar = LineBar(one.counted, one.line, f"{amount} / {yuan_read(one.line)}")
    name = ElidedLabel(one.name, "strong")
    return row(name, bar, spacing=12, shares=(2, 3))
