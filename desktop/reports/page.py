"""报表: the monthly work report, and every ledger and form on paper."""

from __future__ import annotations

from functools import partial

from desktop.page import Frame, Page
from desktop.reports.monthly_tab import MonthlyTab
from desktop.reports.papers_tab import PapersTab
from desktop.widgets.basics import bind
from desktop.widgets.tabs import TabStack
from domain.words import _


class ReportsPage(Page):
    """The page: two tabs."""

    def __init__(self, frame: Frame, monthly: MonthlyTab, papers: PapersTab) -> None:
        super().__init__(frame, _("报表"))
        self.monthly, self.papers = monthly, papers
        self.stack = TabStack({"monthly": (_("务工月报"), monthly), "papers": (_("台账和表格"), papers)})
        self.tabs = self.stack.tabs
        self.body.addWidget(self.stack, 1)
        self.tabs.chosen.connect(lambda _key: self._start())
        for number, key in enumerate(self.tabs.buttons, 1):
            bind(self, f"Ctrl+{number}", partial(self.tabs.choose, key))

    def opened(self, **args: object) -> None:
        """The tab last seen, or `tab=` another; its figures are counted again."""
        self.tabs.choose(str(args.get("tab") or self.tabs.key))

    def refresh(self) -> None:
        """Something was saved."""
        self._shown.start()

    @property
    def _shown(self) -> MonthlyTab | PapersTab:
        return self.monthly if self.tabs.key == "monthly" else self.papers

    def _start(self) -> None:
        self._shown.start()
        if not self.tabs.buttons[self.tabs.key].hasFocus():
            self._shown.focus()
