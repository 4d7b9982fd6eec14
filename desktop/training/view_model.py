"""What 培训 does: list courses, show one, save what its forms hold, enrol people. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from desktop.jobs import Jobs
from desktop.record_model import RecordModel, Records
from desktop.widgets.ledger_table import Source
from domain.records import Course
from domain.words import _


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
    course: Callable[[str], Course]
    schooling: Source
    term_names: Callable[[], Sequence[str]]
    records: Records
    enrol: Callable[[str, Sequence[str]], int]
    next_terms: Callable[[Sequence[str]], int]


class TrainingModel(RecordModel):
    """The state behind the page."""

    counted = Signal(object)
    terms_found = Signal(object)
    opened = Signal(str)
    course_changed = Signal(object)

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__(jobs, uses.records)
        self.uses = uses
        self.course_id = ""
        self.course: Course | None = None

    def open(self, course_id: str) -> None:
        """Show a course."""
        self.course_id, self.course = course_id, None
        self.opened.emit(course_id)
        self.reload()

    def close(self) -> None:
        """Back to the list."""
        self.course_id, self.course = "", None

    def reload(self) -> None:
        """Look at the course, or at the totals of all, again."""
        course_id = self.course_id
        if course_id:
            self._jobs.run(lambda: self.uses.course(course_id), self._show, key="course")
        else:
            self._jobs.run(self.uses.totals, self.counted.emit, key="courses")
            self._jobs.run(self.uses.term_names, self.terms_found.emit, key="terms")

    def _show(self, course: Course) -> None:
        if course.id == self.course_id:
            self.course = course
            self.course_changed.emit(course)

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """A new course is opened."""
        if kind == "course" and new:
            self.open(id)

    def enrol(self, people: Sequence[str]) -> None:
        """Put people on the roster."""
        course_id = self.course_id
        self.act(lambda: self.uses.enrol(course_id, people), lambda n: _("已添加学员 {n} 人").format(n=n))

    def next_terms(self, ids: Sequence[str]) -> None:
        """Enter the following term of students."""
        self.act(lambda: self.uses.next_terms(ids), lambda n: _("已记下一学期 {n} 人").format(n=n))
