"""The page 报表: the monthly work report, all ledgers and forms on paper, and sheets from above to be filled in."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.reports import handed_in
from desktop.reports.fill_tab import FillTab
from desktop.reports.monthly_model import MonthlyModel
from desktop.reports.monthly_tab import MonthlyTab
from desktop.reports.papers_tab import PapersTab
from desktop.reports.view_model import FillModel, PapersModel
from desktop.station import Station
from desktop.widgets.basics import bind
from desktop.widgets.tabs import Later, TabStack
from domain import clock
from domain.words import _


class ReportsPage(Page):
    """Three tabs."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("报表"))
        self._station, self._printer = station, FormPrinter(frame, station)
        self.model = self.own(MonthlyModel(frame, station, clock.this_month()))
        self.monthly = MonthlyTab(
            frame,
            self.model,
            lambda parent, month: self._printer.show(parent, "monthly", month=month),
            lambda parent, month: handed_in.show(frame, parent, station, month),
        )
        self.stack = TabStack(
            {
                "monthly": (_("务工月报"), self.monthly),
                "papers": (_("台账和表格"), lambda: self.papers),
                "fill": (_("填上级表格"), lambda: self.fill),
            }
        )
        self.tabs = self.stack.tabs
        self.body.addWidget(self.stack, 1)
        self.tabs.chosen.connect(lambda _key: self._start())
        for number, key in enumerate(self.tabs.buttons, 1):
            bind(self, f"Ctrl+{number}", partial(self.tabs.choose, key))

    @Later
    def papers(self) -> PapersTab:
        """The tab of ledgers and forms."""
        return PapersTab(self.frame, PapersModel(self.frame, self._station, self._printer), self.model.last)

    @Later
    def fill(self) -> FillTab:
        """The tab for filling in sheets."""
        return FillTab(self.frame, FillModel(self._station))

    def opened(self, **args: object) -> None:
        """Show the last tab, or `tab=`, and load its figures again; `fill=` a file to be filled in."""
        self.tabs.choose(str(args.get("tab") or ("fill" if args.get("fill") else self.tabs.key)))
        if file := args.get("fill"):
            self.fill.take(Path(str(file)))

    def refresh(self) -> None:
        """Load the shown tab again, since records changed."""
        self._shown.start()

    @property
    def _shown(self) -> MonthlyTab | PapersTab | FillTab:
        shown: MonthlyTab | PapersTab | FillTab = getattr(self, self.tabs.key)
        return shown

    def _start(self) -> None:
        self._shown.start()
        if not self.tabs.buttons[self.tabs.key].hasFocus():
            self._shown.focus()


build = ReportsPage
