"""The view model of 务工月报: the figures of a month, the chart of one row, and the people behind a figure."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal

from desktop.page import Frame
from desktop.reports import presenting
from desktop.reports.presenting import MonthTable, ReportLine, Trend
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.widgets.ledger_table import Source
from desktop.wiring.lists import chosen_source
from domain.periods import add_months
from domain.words import _
from services.reports import monthly


class MonthlyModel(ViewModel):
    """The state of the tab. `last`: the present month; later ones have no report."""

    shown = Signal(object)
    trend_found = Signal()

    def __init__(self, frame: Frame, station: Station, last: str) -> None:
        super().__init__(frame, station)
        self.month = self.last = last
        self.sheet: MonthTable | None = None
        self.trend: Trend = {}

    def load(self) -> None:
        """Load the month again."""
        month = self.month
        self._jobs.run(lambda: self._station.read(presenting.sheet, month), self._show, key="monthly")
        self._jobs.run(lambda: self._station.read(presenting.trend, month), self._show_trend, key="monthly-trend", later=True)

    def step(self, by: int) -> None:
        """Show the month this many months later, or earlier if negative; never a later one than the present."""
        month = min(add_months(self.month, by), self.last)
        if month != self.month:
            self.month = month
            self.load()

    def line(self, id: str) -> ReportLine | None:
        """Return a row by its id, or None."""
        return next((one for one in self.sheet.lines if one.id == id), None) if self.sheet else None

    def behind(self, line: ReportLine, measure: str) -> Source:
        """Return the people behind a figure as a list; their work is that on the day the month is counted on."""
        people = chosen_source(
            self._station,
            "person",
            lambda session: monthly.ids(session, line.month, line.area, measure),
            lambda session: monthly.counted_on(session, line.month),
        )
        return replace(people, columns=[replace(one, title=_("当时做什么")) if one.key == "work" else one for one in people.columns])

    def _show(self, sheet: MonthTable) -> None:
        self.sheet = sheet
        self.shown.emit(sheet)

    def _show_trend(self, trend: Trend) -> None:
        self.trend = trend
        self.trend_found.emit()
