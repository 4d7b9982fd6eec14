"""What 乡镇 shows: one line per village with what came from it, how far its month is and what is due here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.ledger_table import Column, Source

CLAIMS, DISPUTED, CHANGES = "due", "disputed", "changes"
"""Figures behind which there are claims, what 同步 shows, and changes to confirm; behind the others there are people."""


@dataclass(frozen=True)
class Line:
    """A village, or the sum of a township: figures as they are shown by column, when it sent last, and what is to be said of it. `tone`:
    warn for a village that used to send."""

    area: str
    name: str
    cells: Mapping[str, str]
    sent: str
    note: str
    tone: str = ""
    sum: bool = False


@dataclass(frozen=True)
class ChangeLine:
    """A change that waits for a second pair of eyes; `row` are its texts by column, secrets masked."""

    id: str
    person_id: str
    row: Mapping[str, str]


@dataclass(frozen=True)
class Overview:
    """All lines, and the sentence over them."""

    lines: Sequence[Line]
    said: str


@dataclass(frozen=True)
class Uses:
    """What the page needs done; `overview` waits for the database."""

    overview: Callable[[], Overview]
    behind: Callable[[str, str], tuple[Sequence[Column], Source]]
    """`behind(area, figure)`: the list behind a figure."""
    changes: Callable[[str], Sequence[ChangeLine]]
    """What waits in an area; waits for the database, as `say` does."""
    say: Callable[[Sequence[str], str, str], int]
    """`say(changes, "confirm" or "dispute", reason)`: of all of them, or of none; answers how many."""


class TownshipModel(QObject):
    """The state behind the page."""

    shown = Signal(object)
    said = Signal(int)

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__()
        self._jobs, self.uses = jobs, uses
        self.overview: Overview | None = None

    def load(self) -> None:
        """Look at the villages again."""
        self._jobs.run(self.uses.overview, self._show, key="township")

    def say(self, ids: Sequence[str], what: str, reason: str) -> None:
        """Confirm changes, or object to them."""
        self._jobs.run(lambda: self.uses.say(ids, what, reason), self.said.emit)

    def line(self, area: str) -> Line | None:
        """A line by its area."""
        return next((one for one in self.overview.lines if one.area == area), None) if self.overview else None

    def _show(self, overview: Overview) -> None:
        self.overview = overview
        self.shown.emit(overview)
