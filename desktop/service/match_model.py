"""The state of 匹配: whom or which vacancy is looked at, and what fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.reasons import Reason

PEOPLE, JOBS = "people", "jobs"
"""From a person to vacancies, and from a vacancy to people."""


@dataclass(frozen=True)
class Pair:
    """A wish beside a vacancy in words."""

    wish_id: str
    vacancy_id: str
    title: str
    note: str
    fits: bool
    reasons: Sequence[Reason]


@dataclass(frozen=True)
class Found:
    """What was found for one person or vacancy."""

    heading: str
    pairs: Sequence[Pair]


class MatchModel(QObject):
    """What is chosen on the left and what stands on the right."""

    shown = Signal()

    def __init__(self, jobs: Jobs, candidates: Callable[[str, str], Found]) -> None:
        """`candidates(side, id of the wish or vacancy)` waits for the database."""
        super().__init__()
        self._jobs, self._candidates = jobs, candidates
        self.side = PEOPLE
        self.id = ""
        self.only_fitting = True
        self.found = Found("", ())

    def choose(self, side: str, id: str) -> None:
        """Look for what fits a person or a vacancy."""
        self.side, self.id = side, id
        if id:
            self._jobs.run(lambda: self._candidates(side, id), lambda found: self._show(side, id, found), key="matches")
        else:
            self._show(side, id, Found("", ()))

    def reload(self) -> None:
        """Look again."""
        self.choose(self.side, self.id)

    def narrow(self, only_fitting: bool) -> None:
        """Leave out, or show, what a hard requirement excludes."""
        self.only_fitting = only_fitting
        self.shown.emit()

    def pairs(self) -> list[Pair]:
        """What is to be seen, the more fitting first."""
        return [pair for pair in self.found.pairs if pair.fits or not self.only_fitting]

    def _show(self, side: str, id: str, found: Found) -> None:
        if (side, id) == (self.side, self.id):
            self.found = found
            self.shown.emit()
