"""What 公益岗 does: list posts and who holds them, save what its forms hold. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from desktop.jobs import Jobs
from desktop.record_model import RecordModel, Records, Values
from desktop.widgets.ledger_table import Source
from domain.fields import Record
from domain.words import _


@dataclass(frozen=True)
class Totals:
    """What the foot of the list says, as of today. `matters`: holders of whom something is not in order."""

    posts: int
    quota: int
    holders: int
    matters: int


@dataclass(frozen=True)
class Term:
    """Whose agreement or insurance is to be entered, and from when to when it would run."""

    appointment_id: str
    name: str
    start: str
    end: str


@dataclass(frozen=True)
class Uses:
    """What the page needs done; every call waits for the database. `holders` has the filters `post` and `state`."""

    posts: Source
    holders: Source
    totals: Callable[[], Totals]
    records: Records
    appoint: Callable[[Values, Values, Values], str]
    leave: Callable[[Sequence[str], str, str | None], int]
    terms: Callable[[Sequence[str], str], Sequence[Term]]
    """`terms(appointment ids, kind)`: the next agreement or insurance of each."""
    renew: Callable[[str, Values, Sequence[str]], int]
    """`renew(kind, values, appointment ids)`: the same one for each; answers how many."""
    home: str
    """Code of the station's place."""


class PostsModel(RecordModel):
    """The state behind the lists."""

    counted = Signal(object)
    located = Signal(str)
    """The appointment that a record is of."""
    terms_found = Signal(str, object)
    """The kind, agreement or insurance, and the Terms."""

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__(jobs, uses.records)
        self.uses = uses

    def reload(self) -> None:
        """Count again."""
        self._jobs.run(self.uses.totals, self.counted.emit, key="posts")

    def locate(self, kind: str, id: str) -> None:
        """Find the appointment that an agreement, an insurance or an appointment is of."""

        def found(record: Record | None) -> None:
            if record is not None:
                self.located.emit(record.get("appointment_id", record.id))

        self._jobs.run(lambda: self.uses.records.get(kind, id), found)

    def appoint(self, values: Values, agreement: Values, insurance: Values) -> None:
        """Put a person on a post, with agreement and insurance where they are filled in."""
        self.act(lambda: self.uses.appoint(values, agreement, insurance), lambda _id: _("已办上岗"))

    def leave(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """退岗."""
        self.act(lambda: self.uses.leave(ids, day, reason), lambda n: _("已办退岗 {n} 人").format(n=n))

    def next_terms(self, kind: str, ids: Sequence[str]) -> None:
        """Ask from when to when the next agreement or insurance of each appointment runs."""
        self._jobs.run(lambda: self.uses.terms(ids, kind), lambda terms: self.terms_found.emit(kind, terms))

    def renew(self, kind: str, values: Values, ids: Sequence[str]) -> None:
        """Save the same agreement or insurance for each appointment, in one act."""
        self.act(lambda: self.uses.renew(kind, values, ids), lambda n: _("已保存 {n} 人").format(n=n) if n > 1 else _("已保存"))
