"""What 公益岗 does: list posts and who holds them, save what its forms hold. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.ledger_table import Source
from domain.fields import Record
from domain.words import _

Values = Mapping[str, Any]


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
    get: Callable[[str, str], Record | None]
    save: Callable[[str, Values, str | None, Values | None], str]
    """`save(kind, values, id, base)` -> id"""
    delete: Callable[[str, Sequence[str]], str]
    appoint: Callable[[Values, Values, Values], str]
    leave: Callable[[Sequence[str], str, str | None], int]
    terms: Callable[[Sequence[str], str], Sequence[Term]]
    """`terms(appointment ids, kind)`: the next agreement or insurance of each."""
    renew: Callable[[str, Values, Sequence[str]], int]
    """`renew(kind, values, appointment ids)`: the same one for each; answers how many."""


class PostsModel(QObject):
    """The state behind the lists."""

    counted = Signal(object)
    changed = Signal()
    """Something was saved: lists look again."""
    said = Signal(str, bool)
    failed = Signal(object)
    record_found = Signal(object)
    located = Signal(str)
    """The appointment that a record is of."""
    terms_found = Signal(str, object)
    """The kind, agreement or insurance, and the Terms."""

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__()
        self._jobs, self.uses = jobs, uses

    def reload(self) -> None:
        """Count again."""
        self._jobs.run(self.uses.totals, self.counted.emit, self.failed.emit, key="posts")

    def edit(self, kind: str, id: str) -> None:
        """Fetch a record for its form; `record_found` tells when it is there."""
        self._jobs.run(lambda: self.uses.get(kind, id), lambda record: self.record_found.emit(record) if record else None, self.failed.emit)

    def locate(self, kind: str, id: str) -> None:
        """Find the appointment that an agreement, an insurance or an appointment is of."""

        def found(record: Record | None) -> None:
            if record is not None:
                self.located.emit(record.get("appointment_id", record.id))

        self._jobs.run(lambda: self.uses.get(kind, id), found, self.failed.emit)

    def save(self, kind: str, values: Values, id: str | None = None, base: Values | None = None) -> None:
        """Save a form."""
        self._run(lambda: self.uses.save(kind, values, id, base), lambda _id: _("已保存"))

    def delete(self, kind: str, ids: Sequence[str]) -> None:
        """Delete records entered by mistake; they go to the bin."""
        self._run(lambda: self.uses.delete(kind, ids), lambda said: said or _("已删除"))

    def appoint(self, values: Values, agreement: Values, insurance: Values) -> None:
        """Put a person on a post, with agreement and insurance where they are filled in."""
        self._run(lambda: self.uses.appoint(values, agreement, insurance), lambda _id: _("已办上岗"))

    def leave(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """退岗."""
        self._run(lambda: self.uses.leave(ids, day, reason), lambda n: _("已办退岗 {n} 人").format(n=n))

    def next_terms(self, kind: str, ids: Sequence[str]) -> None:
        """Ask from when to when the next agreement or insurance of each appointment runs."""
        self._jobs.run(lambda: self.uses.terms(ids, kind), lambda terms: self.terms_found.emit(kind, terms), self.failed.emit)

    def renew(self, kind: str, values: Values, ids: Sequence[str]) -> None:
        """Save the same agreement or insurance for each appointment, in one act."""
        self._run(lambda: self.uses.renew(kind, values, ids), lambda n: _("已保存 {n} 人").format(n=n) if n > 1 else _("已保存"))

    def _run(self, work: Callable[[], Any], said: Callable[[Any], str]) -> None:
        def done(result: Any) -> None:
            self.said.emit(said(result), True)
            self.changed.emit()
            self.reload()

        self._jobs.run(work, done, self.failed.emit)
