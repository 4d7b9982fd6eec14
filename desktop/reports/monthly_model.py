"""The view model of 务工月报: the figures of a month, the chart of one row, and the people behind a figure, as text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.widgets.ledger_table import Source
from desktop.wiring.lists import chosen_source
from domain.periods import add_months, month_word, months_between
from domain.scopes import is_village, township_of
from domain.words import _
from services import work
from services.reports import monthly
from services.reports.monthly import MEASURES, Monthly

_REGIONS = ("county", "city", "province", "outside", "wishing")
"""The bars: regions from near to far, then people who want work."""


@dataclass(frozen=True)
class ReportLine:
    """A row of the table: a village or the sum of an area; at a village one of its months."""

    id: str
    name: str
    month: str
    area: str
    cells: Mapping[str, str]
    """Figures as text, by column."""
    sum: bool = False
    fell: bool = False
    """Whether the number of working people fell markedly."""
    regions: Sequence[tuple[str, int]] = ()
    """The bars of the chart: labels and numbers of people."""


@dataclass(frozen=True)
class MonthTable:
    """The table of a month. `people` is 0 on a new station."""

    month: str
    day: str
    people: int
    first: str = ""
    """The header of the first column: rows are villages, or months."""
    lines: Sequence[ReportLine] = ()
    to_check: int = 0
    checked: int = 0
    silent: Sequence[str] = ()
    """Villages without any person on record."""


Trend = Mapping[str, Sequence[tuple[str, int]]]
"""By area: how many people worked in each of the last 24 months, as (`10月`, number)."""


def sheet(session: Session, month: str) -> MonthTable:
    """Return the table: villages and sums; at a village the months of the year, latest first."""
    made = monthly.report(session, month)
    alone = is_village(made.scope)
    lines, first = (_months(session, made), _("月份")) if alone else (_areas(session, made), _("村"))
    people = session.count("person")
    return MonthTable(month, made.day, people, first, lines, made.checks.people, made.checks.done, made.silent)


def trend(session: Session, month: str) -> Trend:
    """Return the last 24 months of every village and every area above."""
    found: dict[str, dict[str, int]] = {}
    for village, counts in monthly.series(session, month, 24).items():
        for area in {village, township_of(village), session.scope}:
            sums = found.setdefault(area, {})
            for each, count in counts:
                sums[each] = sums.get(each, 0) + count
    return {area: [(month_word(int(each[5:])), count) for each, count in sums.items()] for area, sums in found.items()}


def _areas(session: Session, made: Monthly) -> list[ReportLine]:
    asked = work.asked(session, [made.month])
    total = _line(made.month, made.total, made.total.area, _("合计"), asked, sum_=True)
    return [total, *(_line(made.month, one, one.area, one.name, asked, sum_=not one.village) for one in made.lines)]


def _months(session: Session, made: Monthly) -> list[ReportLine]:
    months = months_between(f"{made.month[:4]}-01", made.month)
    totals = [(made.month, made.total), *((month, monthly.total(session, month)) for month in reversed(months[:-1]))]
    asked = work.asked(session, months)
    return [_line(month, total, month, month_word(int(month[5:])), asked) for month, total in totals]


def _line(month: str, line: monthly.AreaMonth, id: str, name: str, asked: Collection[tuple[str, str]], *, sum_: bool = False) -> ReportLine:
    cells = {key: f"{line.figures[key]:,}" for key in MEASURES if key != "change"}
    change = line.figures["change"]
    cells["change"] = f"{change:+,}" if change else "0"
    unknown = monthly.nobody_asked(line, month, asked)
    if unknown:  # not the same as nobody who wants work
        cells["wishing"] = "—"
    bars: Sequence[tuple[str, int]] = [
        (_(MEASURES[key].label), line.figures[key]) for key in _REGIONS if not (unknown and key == "wishing")
    ]
    return ReportLine(id, name, month, line.area, cells, sum_, line.fell, bars)


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
        self._jobs.run(lambda: self._station.read(sheet, month), self._show, key="monthly")
        self._jobs.run(lambda: self._station.read(trend, month), self._show_trend, key="monthly-trend", later=True)

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
