"""The two cards with a time axis: 务工时间线 with the monthly checks, and 工资 by income period."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout

from desktop import icons, theme
from desktop.people.presenting import PersonShown, Spell
from desktop.widgets.basics import Card, LineBar, ToolButton, button, label
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import clear, column, grid, row
from desktop.widgets.timeline import Span, Timeline, TimelineRow
from domain.money import yuan_read, yuan_typed
from domain.periods import months_between
from domain.words import _
from services.person import EmployerWages

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
