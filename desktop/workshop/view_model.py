"""What 车间 does: list workshops, show one, save what its forms hold, hire and end hires. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from desktop.jobs import Jobs
from desktop.record_model import RecordModel, Records, Values
from desktop.widgets.ledger_table import Row, Source, View
from desktop.widgets.listed import Listed, source
from desktop.widgets.verdict_card import Verdicts, VerdictShown
from domain.records import Employer
from domain.words import _


@dataclass(frozen=True)
class Facts:
    """One workshop as its heading tells: recognition in words with its tone (good, warn, plain), people hired today."""

    employer: Employer
    recognition: str = ""
    tone: str = "plain"
    hired: int = 0
    lifted: int = 0
    monitored: int = 0

    @property
    def name(self) -> str:
        """What it is called."""
        return self.employer.name

    @property
    def type(self) -> str:
        """Its type in words."""
        return self.employer.shown("type")


@dataclass(frozen=True)
class Export:
    """What is to be written where: `what` is `roster` or `wages` (of the income period `year`); `reason` unmasks secrets."""

    what: str
    employer_id: str
    file: Path
    year: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Uses:
    """What the page needs done; every call waits for the database."""

    workshops: Source
    facts: Callable[[str], Facts]
    roster: Callable[[str, View], Sequence[str]]
    """`roster(employer_id, view)` -> ids of the spells there; `view.filters["state"]` is `now`, `left` or absent."""
    roster_rows: Callable[[Sequence[str], Sequence[str]], Sequence[Row]]
    recognitions: Callable[[str], Sequence[Listed]]
    records: Records
    found: Callable[[Values, Values], str]
    """`found(employer values, recognition values or {})` -> id: a new workshop with its recognition, in one act."""
    hire: Callable[[str, str, Values], str]
    """`hire(employer_id, person_id, values of the spell)`"""
    end: Callable[[Sequence[str], str, str | None], int]
    """`end(spell ids, day, reason)`: they leave; answers how many."""
    verdicts: Callable[[str], Verdicts]
    file: Callable[[VerdictShown], str]
    """File the claim a card offers; answers its id."""
    export: Callable[[Export], int]
    """Write a roster or wage sheet to an .xlsx; answers how many people."""


class WorkshopModel(RecordModel):
    """The state behind the page."""

    facts_changed = Signal(object)
    opened = Signal(str)
    """Another workshop is shown."""
    judged = Signal(object)
    """Verdicts of the workshop shown."""

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__(jobs, uses.records)
        self.uses = uses
        self.employer_id = ""
        self.facts: Facts | None = None

    # -- which workshop -----------------------------------------------------------------------------

    def open(self, employer_id: str) -> None:
        """Show a workshop."""
        self.employer_id, self.facts = employer_id, None
        self.opened.emit(employer_id)
        self.reload()

    def close(self) -> None:
        """Back to the list."""
        self.employer_id, self.facts = "", None

    def reload(self) -> None:
        """Look at the workshop again."""
        if self.employer_id:
            employer_id = self.employer_id
            self._jobs.run(lambda: self.uses.facts(employer_id), self._show, key="workshop")

    def _show(self, facts: Facts) -> None:
        if facts.employer.id == self.employer_id:
            self.facts = facts
            self.facts_changed.emit(facts)

    def judge(self) -> None:
        """Judge what the workshop may claim; `judged` tells when it is known."""
        id = self.employer_id
        self._jobs.run(lambda: self.uses.verdicts(id), lambda found: self._judged(id, found), key="workshop-verdicts")

    def _judged(self, employer_id: str, found: Verdicts) -> None:
        if employer_id == self.employer_id:
            self.judged.emit(found)

    def file(self, shown: VerdictShown) -> None:
        """File the claim a card offers."""
        self.act(lambda: self.uses.file(shown), lambda _id: _("已提出申请：{name}").format(name=shown.name))

    def roster(self) -> Source:
        """The people it hires, as a list."""
        return Source(lambda view: self.uses.roster(self.employer_id, view), self.uses.roster_rows)

    def recognitions(self) -> Source:
        """Its recognition documents, as a list."""
        return source(lambda _view: self.uses.recognitions(self.employer_id))

    # -- saving -------------------------------------------------------------------------------------

    def found(self, employer: Values, recognition: Values) -> None:
        """Save a new workshop, with its recognition document if there is one, and open it."""
        self.act(lambda: self.uses.found(employer, recognition), lambda _id: _("已新增车间"), self.open)

    def save(self, kind: str, values: Values, id: str | None = None, base: Values | None = None) -> None:
        """Save a form of the workshop, of a recognition or of somebody hired."""
        own = {"employer_id": self.employer_id} if kind == "recognition" and id is None else {}
        super().save(kind, {**values, **own}, id, base)

    def hire(self, person_id: str, values: Values) -> None:
        """Take somebody on."""
        employer_id = self.employer_id
        self.act(lambda: self.uses.hire(employer_id, person_id, values), lambda _id: _("已办入职"))

    def end(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """Let people go on a day."""
        self.act(lambda: self.uses.end(ids, day, reason), lambda n: _("已办离职 {n} 人").format(n=n))
