"""报表: the monthly work report."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.reports.monthly_tab import MonthlyTab
from domain.words import _


class ReportsPage(Page):
    """The page."""

    def __init__(self, frame: Frame, monthly: MonthlyTab) -> None:
        super().__init__(frame, _("报表"), _("务工监测月报"))
        self.monthly = monthly
        self.body.addWidget(monthly, 1)

    def opened(self, **args: object) -> None:
        """Shown: look again."""
        self.monthly.start()
        self.monthly.focus()

    def refresh(self) -> None:
        """Something was saved."""
        self.monthly.start()
