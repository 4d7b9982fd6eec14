"""What 应享未享 shows and does: screens everybody, files for those chosen. Knows no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from db.session import Session
from desktop.benefits import presenting
from desktop.benefits.shown import UNCLAIMED, Finding
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.widgets.ledger_table import View
from desktop.widgets.listed import Listed
from desktop.wiring.verdicts import file_claim
from domain.errors import DomainError
from domain.words import _
from services import policies, screening


@dataclass(frozen=True)
class Filed:
    """What became of a batch: claims filed, and sentences about those that could not be."""

    count: int
    refused: Sequence[str]


class ScreeningModel(ViewModel):
    """The state behind the tab."""

    changed = Signal()
    filed = Signal(object)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.found: Sequence[Finding] = ()
        self._by_id: Mapping[str, Finding] = {}
        self.over = ""
        self.done = False
        """Whether everybody was screened since the records last changed."""
        self.stopped = False
        self._busy = False

    def screen(self) -> None:
        """Screen everybody, with progress and a stop button."""
        if self._busy:
            return
        self._busy, self.stopped = True, False
        self._frame.run_long(_("正在筛查应享未享"), lambda progress: self._station.read(_screen, progress), self._screened, self._broke)

    def file(self, chosen: Sequence[Finding]) -> None:
        """File for those chosen, as one act; stopped, nothing is filed."""
        label = _("提出补助申请 {n} 笔").format(n=len(chosen))
        self._frame.run_long(_("正在提出申请"), lambda progress: self._station.write(label, _file, chosen, progress), self.filed.emit)

    def of(self, sort: str) -> list[Finding]:
        """Those of one list."""
        return [one for one in self.found if one.sort == sort]

    def lines(self, view: View) -> list[Listed]:
        """The lines of a view: the filters `sort`, `rule` and `year`; "" means any."""
        sort, rule, year = (view.filters.get(name, "") for name in ("sort", "rule", "year"))
        found = self.of(sort or UNCLAIMED)
        return [one.listed for one in found if rule in ("", one.shown.rule) and year in ("", str(one.shown.year))]

    def get(self, id: str) -> Finding | None:
        """Somebody of the lists."""
        return self._by_id.get(id)

    def _screened(self, found: tuple[Sequence[Finding], str]) -> None:
        (self.found, self.over), self.done, self._busy = found, True, False
        self._by_id = {one.id: one for one in reversed(self.found)}  # under two documents the larger sum, which is the first
        self.changed.emit()

    def _broke(self, error: Exception) -> None:
        self._busy, self.stopped = False, True
        self._frame.show_error(error)


def _screen(session: Session, progress: Progress) -> tuple[Sequence[Finding], str]:
    """Those of the three lists, and since which day no document is in force any more; "" while one is."""
    packs = policies.used_here(session)
    found = screening.screen(session, packs=packs, progress=lambda done, total, what: progress(done, total, _(what)))
    return presenting.findings(session, found, packs), policies.over(packs, session.today)


def _file(session: Session, chosen: Sequence[Finding], progress: Progress) -> Filed:
    refused = []
    for number, one in enumerate(chosen):
        progress(number, len(chosen), one.name)
        try:
            file_claim(session, one.shown)
        except DomainError as error:
            refused.append(f"{one.name}：{error}")
    return Filed(len(chosen) - len(refused), refused)
