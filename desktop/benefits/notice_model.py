"""What 公示 shows and does: notices, a new one with its preview, results, objections. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.jobs import Jobs
from desktop.widgets.listed import Listed
from domain.words import _
from services.forms import Form

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class NoticeLine(Listed):
    """A notice. `open`: no result is entered."""

    level: str
    start: str
    last_day: str
    open: bool
    mine: bool
    """Whether this station made it and so enters its result."""
    place: str
    phone: str


@dataclass(frozen=True)
class SheetShown:
    """A notice as it hangs on the wall, its number of lines and last day; `holidays_known`: the days off of its year are announced;
    `left_out`: claims that have no sum and are not on it."""

    form: Form
    count: int
    last_day: str
    holidays_known: bool
    left_out: int


@dataclass(frozen=True)
class Draft:
    """A notice to be made: `claims` None for every claim that waits for one."""

    start: str
    days: int
    day_kind: str
    place: str
    phone: str
    claims: tuple[str, ...] | None = None


@dataclass(frozen=True)
class NoticeUses:
    """What the tab needs done; every call waits for the database. The level is the station's."""

    notices: Callable[[], Sequence[NoticeLine]]
    sheet: Callable[[str], SheetShown]
    preview: Callable[[Draft], SheetShown]
    make: Callable[[Draft], str]
    close: Callable[[str, str], object]
    object_to: Callable[[str, str, str], None]
    """`object_to(notice id, day, content)`"""
    attach: Callable[[str, Sequence[Path]], int]
    """`attach(notice id, photographs)` answers how many there are now."""
    print: Callable[[QWidget, str, str], None]
    """`print(parent, form, notice id)` shows a form as it will be printed."""


class NoticeModel(QObject):
    """The state behind the tab."""

    changed = Signal()
    shown = Signal(object)
    """SheetShown of the notice under the cursor, or of the one being made."""
    made = Signal(str)
    done = Signal(str)
    """Something was kept; the sentence that says so."""
    failed = Signal(object)

    def __init__(self, jobs: Jobs, uses: NoticeUses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses
        self.print = uses.print
        self.notices: Sequence[NoticeLine] = ()
        self.sheet: SheetShown | None = None

    def load(self) -> None:
        """Look again."""
        self._jobs.run(self._uses.notices, self._listed, self.failed.emit, key="benefits-notices")

    def show(self, id: str) -> None:
        """The sheet of a notice."""
        self._jobs.run(lambda: self._uses.sheet(id), self._show, self.failed.emit, key="benefits-sheet")

    def preview(self, draft: Draft) -> None:
        """The sheet a notice would be; nothing is kept."""
        self._jobs.run(lambda: self._uses.preview(draft), self._show, self.failed.emit, key="benefits-sheet")

    def make(self, draft: Draft) -> None:
        """Put it up."""
        self._jobs.run(lambda: self._uses.make(draft), self.made.emit, self.failed.emit)

    def close(self, id: str, result: str) -> None:
        """Enter the result of a notice."""
        self._keep(lambda: self._uses.close(id, result), lambda _none: _("公示结果已登记"))

    def object_to(self, id: str, day: str, content: str) -> None:
        """Enter an objection."""
        self._keep(lambda: self._uses.object_to(id, day, content), lambda _none: _("异议已登记"))

    def attach(self, id: str, files: Sequence[Path]) -> None:
        """Keep photographs of the notice as it hangs."""
        self._keep(lambda: self._uses.attach(id, files), lambda n: _("已有 {n} 张公示照片，会印在结果报告里").format(n=n))

    def _keep(self, work: Callable[[], _T], said: Callable[[_T], str]) -> None:
        self._jobs.run(work, lambda kept: self.done.emit(said(kept)), self.failed.emit)

    def usual(self, level: str) -> tuple[str, str]:
        """Place and telephone of the latest notice of this level (in words); empty when there is none. A township that may see to those
        of its villages is not where their objections go."""
        own = max((one for one in self.notices if one.mine and one.level == level), key=lambda one: one.start, default=None)
        return (own.place, own.phone) if own is not None else ("", "")

    def get(self, id: str) -> NoticeLine | None:
        """A notice."""
        return next((one for one in self.notices if one.id == id), None)

    def _listed(self, notices: Sequence[NoticeLine]) -> None:
        self.notices = notices
        self.changed.emit()

    def _show(self, sheet: SheetShown) -> None:
        self.sheet = sheet
        self.shown.emit(sheet)
