"""What 培训 does: list courses, show one, save what its forms hold, enrol people. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.ledger_table import Source
from desktop.widgets.picker import Option
from domain.fields import Record
from domain.records import Course
from domain.words import _


@dataclass(frozen=True)
class Facts:
    """One course as its heading tells."""

    course: Course
    enrolled: int = 0
    completed: int = 0
    certified: int = 0

    @property
    def name(self) -> str:
        """What it is called."""
        return self.course.title

    @property
    def type(self) -> str:
        """Its type in words."""
        return Course.KIND.by_name["type"].show(self.course.type)

    @property
    def span(self) -> str:
        """From when to when."""
        return _("{start} 至 {end}").format(start=self.course.start, end=self.course.end)


@dataclass(frozen=True)
class Totals:
    """What the foot of the list says."""

    courses: int
    enrolled: int
    completed: int
    certified: int


@dataclass(frozen=True)
class Uses:
    """What the page needs done; every call waits for the database. `schooling` has the filter `term`."""

    courses: Source
    totals: Callable[[], Totals]
    facts: Callable[[str], Facts]
    schooling: Source
    term_names: Callable[[], Sequence[str]]
    get: Callable[[str, str], Record | None]
    save: Callable[[str, Mapping[str, Any], str | None, Mapping[str, Any] | None], str]
    """`save(kind, values, id, base)` -> id"""
    delete: Callable[[str, Sequence[str]], str]
    enrol: Callable[[str, Sequence[str]], int]
    next_terms: Callable[[Sequence[str]], int]
    find_people: Callable[[str], Sequence[Option]]


class TrainingModel(QObject):
    """The state behind the page."""

    counted = Signal(object)
    terms_found = Signal(object)
    opened = Signal(str)
    facts_changed = Signal(object)
    changed = Signal()
    """Something was saved: lists look again."""
    said = Signal(str, bool)
    failed = Signal(object)
    record_found = Signal(object)

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__()
        self._jobs, self.uses = jobs, uses
        self.course_id = ""
        self.facts: Facts | None = None

    def open(self, course_id: str) -> None:
        """Show a course."""
        self.course_id, self.facts = course_id, None
        self.opened.emit(course_id)
        self.reload()

    def close(self) -> None:
        """Back to the list."""
        self.course_id, self.facts = "", None

    def reload(self) -> None:
        """Look at the course, or at the totals of all, again."""
        course_id = self.course_id
        if course_id:
            self._jobs.run(lambda: self.uses.facts(course_id), self._show, self.failed.emit, key="course")
        else:
            self._jobs.run(self.uses.totals, self.counted.emit, self.failed.emit, key="courses")
            self._jobs.run(self.uses.term_names, self.terms_found.emit, self.failed.emit, key="terms")

    def _show(self, facts: Facts) -> None:
        if facts.course.id == self.course_id:
            self.facts = facts
            self.facts_changed.emit(facts)

    def edit(self, kind: str, id: str) -> None:
        """Fetch a record for its form; `record_found` tells when it is there."""
        self._jobs.run(lambda: self.uses.get(kind, id), lambda record: self.record_found.emit(record) if record else None, self.failed.emit)

    def save(self, kind: str, values: Mapping[str, Any], id: str | None = None, base: Mapping[str, Any] | None = None) -> None:
        """Save a form; a new course is opened."""
        self._jobs.run(lambda: self.uses.save(kind, values, id, base), lambda saved: self._saved(kind, saved, id), self.failed.emit)

    def _saved(self, kind: str, saved: str, id: str | None) -> None:
        self._done(_("已保存"))
        if kind == "course" and id is None:
            self.open(saved)

    def delete(self, kind: str, ids: Sequence[str]) -> None:
        """Delete records entered by mistake; they go to the bin."""
        self._jobs.run(lambda: self.uses.delete(kind, ids), lambda said: self._done(said or _("已删除")), self.failed.emit)

    def enrol(self, people: Sequence[str]) -> None:
        """Put people on the roster."""
        course_id, said = self.course_id, _("已添加学员 {n} 人")
        self._jobs.run(lambda: self.uses.enrol(course_id, people), lambda n: self._done(said.format(n=n)), self.failed.emit)

    def next_terms(self, ids: Sequence[str]) -> None:
        """Enter the following term of students."""
        said = _("已记下一学期 {n} 人")
        self._jobs.run(lambda: self.uses.next_terms(ids), lambda n: self._done(said.format(n=n)), self.failed.emit)

    def _done(self, text: str) -> None:
        self.said.emit(text, True)
        self.changed.emit()
        self.reload()
