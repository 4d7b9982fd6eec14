"""What 车间 does: list workshops, show one, save what its forms hold, hire and end hires. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.ledger_table import Row, Source, View
from desktop.widgets.verdict_card import Verdicts, VerdictShown
from domain.fields import Record
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
        return Employer.KIND.by_name["type"].show(self.employer.type)


@dataclass(frozen=True)
class Hire:
    """Somebody taken on: the person and the fields of their spell of work."""

    employer_id: str
    person_id: str
    values: Mapping[str, Any] = field(default_factory=dict)


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
    recognitions: Callable[[str], Sequence[str]]
    recognition_rows: Callable[[Sequence[str], Sequence[str]], Sequence[Row]]
    get: Callable[[str, str], Record | None]
    save: Callable[[str, Mapping[str, Any], str | None, Mapping[str, Any] | None], str]
    """`save(kind, values, id, base)` -> id"""
    found: Callable[[Mapping[str, Any], Mapping[str, Any]], str]
    """`found(employer values, recognition values or {})` -> id: a new workshop with its recognition, in one act."""
    hire: Callable[[Hire], str]
    end: Callable[[Sequence[str], str, str | None], int]
    """`end(spell ids, day, reason)`: they leave; answers how many."""
    delete: Callable[[str, str], str]
    verdicts: Callable[[str], Verdicts]
    file: Callable[[VerdictShown], str]
    """File the claim a card offers; answers its id."""
    export: Callable[[Export], int]
    """Write a roster or wage sheet to an .xlsx; answers how many people."""


class WorkshopModel(QObject):
    """The state behind the page."""

    facts_changed = Signal(object)
    changed = Signal()
    """Something was saved: lists look again."""
    said = Signal(str, bool)
    """A sentence for the foot of the window, and whether it can be undone."""
    failed = Signal(object)
    opened = Signal(str)
    """Another workshop is shown."""
    judged = Signal(object)
    """Verdicts of the workshop shown."""
    record_found = Signal(object)
    """A record that is to be edited."""

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__()
        self._jobs, self.uses = jobs, uses
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
            self._jobs.run(lambda: self.uses.facts(employer_id), self._show, self.failed.emit, key="workshop")

    def _show(self, facts: Facts) -> None:
        if facts.employer.id == self.employer_id:
            self.facts = facts
            self.facts_changed.emit(facts)

    def judge(self) -> None:
        """Judge what the workshop may claim; `judged` tells when it is known."""
        id = self.employer_id
        self._jobs.run(lambda: self.uses.verdicts(id), lambda found: self._judged(id, found), self.failed.emit, key="workshop-verdicts")

    def _judged(self, employer_id: str, found: Verdicts) -> None:
        if employer_id == self.employer_id:
            self.judged.emit(found)

    def file(self, shown: VerdictShown) -> None:
        """File the claim a card offers."""
        said = _("已提出申请：{name}").format(name=shown.name)
        self._jobs.run(lambda: self.uses.file(shown), lambda _id: self._saved(said), self.failed.emit)

    def roster(self) -> Source:
        """The people it hires, as a list."""
        return Source(lambda view: self.uses.roster(self.employer_id, view), self.uses.roster_rows)

    def recognitions(self) -> Source:
        """Its recognition documents, as a list."""
        return Source(lambda _view: self.uses.recognitions(self.employer_id), self.uses.recognition_rows)

    def edit(self, kind: str, id: str) -> None:
        """Fetch a record for its form; `record_found` tells when it is there."""
        self._jobs.run(lambda: self.uses.get(kind, id), self._found, self.failed.emit)

    def _found(self, record: Record | None) -> None:
        if record is not None:
            self.record_found.emit(record)

    # -- saving -------------------------------------------------------------------------------------

    def found(self, employer: Mapping[str, Any], recognition: Mapping[str, Any]) -> None:
        """Save a new workshop, with its recognition document if there is one, and open it."""
        self._jobs.run(lambda: self.uses.found(employer, recognition), self._founded, self.failed.emit)

    def _founded(self, id: str) -> None:
        self._saved(_("已新增车间"))
        self.open(id)

    def save(self, kind: str, values: Mapping[str, Any], id: str | None = None, base: Mapping[str, Any] | None = None) -> None:
        """Save a form of the workshop, of a recognition or of somebody hired."""
        if kind == "recognition" and id is None:
            values = {**values, "employer_id": self.employer_id}
        self._jobs.run(lambda: self.uses.save(kind, values, id, base), lambda _id: self._saved(_("已保存")), self.failed.emit)

    def hire(self, person_id: str, values: Mapping[str, Any]) -> None:
        """Take somebody on."""
        hire = Hire(self.employer_id, person_id, values)
        self._jobs.run(lambda: self.uses.hire(hire), lambda _id: self._saved(_("已办入职")), self.failed.emit)

    def end(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """Let people go on a day."""
        done = _("已办离职 {n} 人")
        self._jobs.run(lambda: self.uses.end(ids, day, reason), lambda count: self._saved(done.format(n=count)), self.failed.emit)

    def delete(self, kind: str, id: str) -> None:
        """Delete a recognition or a spell entered by mistake; it goes to the bin."""
        self._jobs.run(lambda: self.uses.delete(kind, id), lambda said: self._saved(said or _("已删除")), self.failed.emit)

    def _saved(self, text: str) -> None:
        self.said.emit(text, True)
        self.changed.emit()
        self.reload()
