"""The view model of 应享未享: screens everybody, and files claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from db import wrong_clock
from db.session import Session
from desktop.benefits import presenting
from desktop.benefits.presenting import UNCLAIMED, ScreeningLine
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.widgets.ledger_table import View
from desktop.wiring.verdicts import file_claim
from domain.errors import DomainError
from domain.words import _, lazy
from services import policies, screening
from services.claims import steps


@dataclass(frozen=True)
class Filed:
    """The result of filing a batch: the number of claims filed, why others were not, and what to say of the computer's clock, or ""."""

    count: int
    refused: Sequence[str]
    clock: str = ""


class ScreeningModel(ViewModel):
    """The state of the tab."""

    changed = Signal()
    filed = Signal(object)
    approved = Signal(int, bool)
    """The number of claims whose difference was approved, and whether it is to be paid back."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.found: Sequence[ScreeningLine] = ()
        self._by_id: Mapping[str, ScreeningLine] = {}
        self.pays = station.store.role == "county"
        """Whether this station pays, and so may settle the difference of paid claims."""
        self.over = ""
        self.done = False
        """Whether everybody has been screened since records last changed."""
        self.stopped = False
        self._busy = self._outdated = self._again = False

    def outdate(self) -> None:
        """Records changed: neither what is shown nor what is being screened is current."""
        self.done, self._outdated = False, True

    def screen(self) -> None:
        """Screen everybody, with progress and a stop button; once more if records changed while it is under way."""
        if self._busy:
            self._again = self._outdated
            return
        self._busy, self.stopped, self._outdated, self._again = True, False, False, False
        self._frame.run_long(
            _("正在筛查应享未享"), lambda progress: self._station.read(_screen, progress), self._screened, self._screening_failed
        )

    def file(self, chosen: Sequence[ScreeningLine]) -> None:
        """File the chosen claims, as one act; if stopped, none is filed."""
        label = lazy("提出补助申请 {n} 笔", n=len(chosen))
        self._frame.run_long(_("正在提出申请"), lambda progress: self._station.write(label, _file, chosen, progress), self.filed.emit)

    def approve(self, chosen: Sequence[ScreeningLine], opinion: str | None = None) -> None:
        """Approve that the chosen paid claims get the difference, or with an `opinion` that it is paid back: all as one act, or none."""
        label = lazy("核定追回 {n} 笔", n=len(chosen)) if opinion else lazy("核定补发 {n} 笔", n=len(chosen))
        ids = [one.shown.claim_id for one in chosen]

        def work(progress: Progress) -> int:
            self._station.write(label, steps.step_all, ids, "approved", opinion, progress)
            return len(ids)

        self._frame.run_long(_("正在办理"), work, lambda count: self.approved.emit(count, bool(opinion)))

    def of(self, status: str) -> list[ScreeningLine]:
        """Return the findings of one list."""
        return [one for one in self.found if one.status == status]

    def lines(self, view: View) -> list[ScreeningLine]:
        """The rows of a view; its filters are `status`, `rule` and `year`, "" for any."""
        status, rule, year = (view.filters.get(name, "") for name in ("status", "rule", "year"))
        found = self.of(status or UNCLAIMED)
        return [one for one in found if rule in ("", one.shown.rule) and year in ("", str(one.shown.year))]

    def get(self, id: str) -> ScreeningLine | None:
        """Return a finding, or None."""
        return self._by_id.get(id)

    def _screened(self, found: tuple[Sequence[ScreeningLine], str]) -> None:
        (self.found, self.over), self.done, self._busy = found, not self._outdated, False
        self._by_id = {one.id: one for one in reversed(self.found)}  # of two findings with one id, keep the larger sum, which comes first
        self.changed.emit()
        if self._again:
            self.screen()

    def _screening_failed(self, error: Exception) -> None:
        self._busy, self.stopped = False, True
        self._frame.show_error(error)


def _screen(session: Session, progress: Progress) -> tuple[Sequence[ScreeningLine], str]:
    """The findings of the four lists, and the day since which no policy pack is in force; "" if one is."""
    packs = policies.used_here(session)
    found = screening.screen(session, packs=packs, progress=lambda done, total, what: progress(done, total, _(what)))
    return presenting.findings(session, found, packs), policies.over(packs, session.today)


def _file(session: Session, chosen: Sequence[ScreeningLine], progress: Progress) -> Filed:
    refused, clock = [], wrong_clock.warning(session)
    for number, one in enumerate(chosen):
        progress(number, len(chosen), one.name)
        try:
            file_claim(session, one.shown)
        except DomainError as error:
            refused.append(f"{one.name}：{error}")
    return Filed(len(chosen) - len(refused), refused, clock)
