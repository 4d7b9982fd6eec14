"""What 务工月报 shows: a table of figures for a month, the chart of one line of it, the names behind one figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.ledger_table import Source
from domain.periods import add_months


@dataclass(frozen=True)
class Heading:
    """A column of figures: its key, its word, and what it counts."""

    key: str
    word: str
    meaning: str


@dataclass(frozen=True)
class Line:
    """A line of the table: a village or the sum of an area, or at a village one of its months."""

    id: str
    name: str
    month: str
    area: str
    cells: Mapping[str, str]
    """Figures as they are shown, by column."""
    sum: bool = False
    fell: bool = False
    """务工人数下降明显."""
    regions: Sequence[tuple[str, int]] = ()
    """Where its people work, and who wishes to, for the chart."""


@dataclass(frozen=True)
class Sheet:
    """The table of a month. `people` is 0 on a fresh station."""

    month: str
    day: str
    people: int
    first: str = ""
    """The heading of the first column: lines are villages, or months."""
    headings: Sequence[Heading] = ()
    lines: Sequence[Line] = ()
    to_check: int = 0
    checked: int = 0
    silent: Sequence[str] = ()
    """Villages of which nobody is on record."""


@dataclass(frozen=True)
class Names:
    """The people behind a figure: its words for a heading, and the list."""

    title: str
    meaning: str
    figure: str
    source: Source


Trend = Mapping[str, Sequence[tuple[str, int]]]
"""By area the number at work in each of the last months: `10月` and how many."""


@dataclass(frozen=True)
class MonthlyUses:
    """What the tab needs done; all but `names` wait for the database."""

    sheet: Callable[[str], Sheet]
    trend: Callable[[str], Trend]
    names: Callable[[Line, Heading], Source]


class MonthlyModel(QObject):
    """The state behind the tab. `last` is the present month: later ones have no report."""

    shown = Signal(object)
    trend_found = Signal()
    names_found = Signal(object)

    def __init__(self, jobs: Jobs, uses: MonthlyUses, last: str) -> None:
        super().__init__()
        self._jobs, self.uses = jobs, uses
        self.month = self.last = last
        self.sheet: Sheet | None = None
        self.trend: Trend = {}

    def load(self) -> None:
        """Look at the month again."""
        month = self.month
        self._jobs.run(lambda: self.uses.sheet(month), self._show, key="monthly")
        self._jobs.run(lambda: self.uses.trend(month), self._show_trend, key="monthly-trend", later=True)

    def step(self, by: int) -> None:
        """Another month; there is none after the present one."""
        month = min(add_months(self.month, by), self.last)
        if month != self.month:
            self.month = month
            self.load()

    def line(self, id: str) -> Line | None:
        """A line by its id."""
        return next((one for one in self.sheet.lines if one.id == id), None) if self.sheet else None

    def heading(self, key: str) -> Heading | None:
        """A column of figures by its key."""
        return next((one for one in self.sheet.headings if one.key == key), None) if self.sheet else None

    def open_names(self, line: Line, heading: Heading) -> None:
        """Show who is behind a figure."""
        title = f"{line.month}　{line.name}　{heading.word}" if line.id != line.month else f"{line.month}　{heading.word}"
        self.names_found.emit(Names(title, heading.meaning, line.cells.get(heading.key, ""), self.uses.names(line, heading)))

    def _show(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.shown.emit(sheet)

    def _show_trend(self, trend: Trend) -> None:
        self.trend = trend
        self.trend_found.emit()
