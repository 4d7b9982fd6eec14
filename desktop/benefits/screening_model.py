"""What 应享未享 shows and does: screens everybody, files for those chosen. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.widgets.ledger_table import View
from desktop.widgets.listed import Listed
from desktop.widgets.verdict_card import VerdictShown
from domain.money import yuan_grouped
from domain.words import _

UNCLAIMED, NEARLY, UNENTITLED = "unclaimed", "nearly", "unentitled"
"""The three lists: 应享未享, 快满条件, 不符合已申请."""


@dataclass(frozen=True)
class Finding:
    """Somebody in one of the lists. `amount` in fen; `why` is the condition that tells most; `pinyin` and its initials are sought too."""

    id: str
    sort: str
    name: str
    pinyin: str
    initials: str
    group: str
    amount: int
    why: str
    shown: VerdictShown

    @property
    def listed(self) -> Listed:
        """The line of the list."""
        row = {
            "id": self.id,
            "name": self.name,
            "sought": f"{self.name}\n{self.pinyin}\n{self.initials}\n{self.group}",
            "group": self.group,
            "item": self.shown.name,
            "year": str(self.shown.year),
            "amount": yuan_grouped(self.amount) if self.amount else "",
            "why": self.why,
            "missing": _("、").join(self.shown.missing),
            "state": self.shown.claim_state,
        }
        return Listed(row, {"amount": self.amount, "name": self.pinyin})


@dataclass(frozen=True)
class Filed:
    """What became of a batch: claims filed, and sentences about those that could not be."""

    count: int
    refused: Sequence[str]


@dataclass(frozen=True)
class ScreeningUses:
    """What the tab needs done; both wait for the database."""

    screen: Callable[[Progress], tuple[Sequence[Finding], str]]
    """Those of the three lists, and since which day no document is in force any more; "" while one is."""
    file: Callable[[Sequence[Finding], Progress], Filed]
    """File for everybody given, as one act; stopped, nothing is filed."""


class ScreeningModel(QObject):
    """The state behind the tab."""

    changed = Signal()
    filed = Signal(object)

    def __init__(self, frame: Frame, uses: ScreeningUses) -> None:
        super().__init__()
        self._frame, self._uses = frame, uses
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
        self._frame.run_long(_("正在筛查应享未享"), self._uses.screen, self._screened, self._broke)

    def file(self, chosen: Sequence[Finding]) -> None:
        """File for those chosen."""
        self._frame.run_long(_("正在提出申请"), lambda progress: self._uses.file(chosen, progress), self.filed.emit)

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
