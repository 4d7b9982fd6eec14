"""What one person's page shows and does. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.people.shown import PersonShown
from desktop.widgets.verdict_card import Verdicts, VerdictShown
from domain.errors import ChangedUnderneath
from domain.fields import Record


@dataclass(frozen=True)
class Edit:
    """A form to be saved: `id` None for a new record; `base` the values the form was opened with."""

    kind: str
    values: Mapping[str, Any]
    id: str | None = None
    base: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PersonUses:
    """What the page needs done; every call waits for the database."""

    show: Callable[[str, bool, int], PersonShown | None]
    """The page of a person, plain or masked, with the wages of an income period (0: the latest); None when there is no such person."""
    record: Callable[[str, str], Record | None]
    save: Callable[[Edit], str]
    delete: Callable[[str], str]
    undelete: Callable[[str], None]
    repeat_check: Callable[[str], str]
    """与上月相同 for this month; answers what was filled in, "" when there is nothing to repeat."""
    log_view: Callable[[str, str], None]
    """Remember that a person was seen plain, and why."""
    verdicts: Callable[[str], Verdicts]
    file: Callable[[VerdictShown], str]
    """File the claim a card offers; answers its id."""
    explain: Callable[[Sequence[str], str], None] = lambda _changes, _reason: None
    """Write why these changes were made, for who confirms them."""


class PersonModel(QObject):
    """The state behind the page."""

    changed = Signal(object)
    """PersonShown."""
    gone = Signal()
    """The person is not there any more."""
    form_ready = Signal(object)
    """The Record to be changed."""
    saved = Signal(object)
    """Edit that was saved."""
    clash = Signal(object, object)
    """Edit and the values somebody else has set meanwhile."""
    failed = Signal(object)
    deleted = Signal(str, str)
    """Name, and a sentence about what stays behind."""
    checked = Signal(str)
    judged = Signal(object)
    """Verdicts of the person shown."""
    explained = Signal()
    filed = Signal(object)
    """VerdictShown under which a claim was filed."""

    def __init__(self, jobs: Jobs, uses: PersonUses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses
        self.id = ""
        self.plain = False
        self.year = 0
        self.shown: PersonShown | None = None

    def open(self, id: str) -> None:
        """Show another person, masked."""
        self.id, self.plain, self.year, self.shown = id, False, 0, None
        self.load()

    def load(self) -> None:
        """Look at the person again."""
        id, plain, year = self.id, self.plain, self.year
        self._jobs.run(lambda: self._uses.show(id, plain, year), lambda shown: self._show(id, shown), key="person")
        self._jobs.run(lambda: self._uses.verdicts(id), lambda found: self._judge(id, found), key="person-verdicts")

    def file(self, shown: VerdictShown) -> None:
        """File the claim a card offers."""
        self._jobs.run(lambda: self._uses.file(shown), lambda _id: self.filed.emit(shown), self.failed.emit)

    def explain(self, reason: str) -> None:
        """Write why the user changed what waits to be confirmed."""
        changes = self.shown.to_explain if self.shown is not None else ()
        self._jobs.run(lambda: self._uses.explain(changes, reason), lambda _none: self.explained.emit(), self.failed.emit)

    def close(self) -> None:
        """Nobody is looked at any more; what is still on its way is not shown."""
        self.id, self.shown = "", None

    def show_wages_of(self, year: int) -> None:
        """Show the wages of another income period."""
        self.year = year
        self.load()

    def reveal(self, reason: str) -> None:
        """Show numbers plain; who, whom and why is kept first."""
        id = self.id

        def kept(_none: None) -> None:
            if self.id == id:
                self.plain = True
                self.load()

        self._jobs.run(lambda: self._uses.log_view(id, reason), kept)

    def mask(self) -> None:
        """Mask them again."""
        self.plain = False
        self.load()

    def edit(self) -> None:
        """Fetch the record for the form."""
        id = self.id
        self._jobs.run(lambda: self._uses.record("person", id), self._ready)

    def save(self, edit: Edit) -> None:
        """Save a form; a clash with somebody else's change is told by `clash`."""
        if edit.id and not edit.values:
            self.saved.emit(edit)
            return
        self._jobs.run(lambda: self._uses.save(edit), lambda _id: self.saved.emit(edit), lambda error: self._broke(edit, error))

    def save_settled(self, edit: Edit, theirs: Mapping[str, Any], mine: set[str]) -> None:
        """Save after a clash was looked at: of the fields in question only those named `mine`."""
        values = {name: value for name, value in edit.values.items() if name not in theirs or name in mine}
        if values:
            self.save(Edit(edit.kind, values, edit.id, {**edit.base, **theirs}))
        else:
            self.saved.emit(Edit(edit.kind, {}, edit.id))

    def delete(self) -> None:
        """Delete the person; 撤销 brings them back."""
        id, name = self.id, self.shown.name if self.shown else ""
        self._jobs.run(lambda: self._uses.delete(id), lambda said: self.deleted.emit(name, said))

    def undelete(self) -> None:
        """Bring a deleted person back."""
        id = self.id
        self._jobs.run(lambda: self._uses.undelete(id), lambda _none: self.load())

    def repeat_check(self) -> None:
        """This month as last month."""
        id = self.id
        self._jobs.run(lambda: self._uses.repeat_check(id), self.checked.emit)

    def _show(self, id: str, shown: PersonShown | None) -> None:
        if id != self.id:
            return
        if shown is None:
            self.gone.emit()
            return
        self.shown = shown
        self.changed.emit(shown)

    def _judge(self, id: str, found: Verdicts) -> None:
        if id == self.id:
            self.judged.emit(found)

    def _ready(self, record: Record | None) -> None:
        if record is None:
            self.gone.emit()
        else:
            self.form_ready.emit(record)

    def _broke(self, edit: Edit, error: Exception) -> None:
        if isinstance(error, ChangedUnderneath):
            self.clash.emit(edit, error.fields)
        else:
            self.failed.emit(error)
