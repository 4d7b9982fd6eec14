"""The view model of 培训: lists courses, shows one, saves its forms, and enrols people."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.record_model import RecordModel
from desktop.station import Station
from desktop.widgets.ledger_table import Row, View
from desktop.widgets.listed import Listed, source
from desktop.wiring.lists import query_of
from domain.records import Course
from domain.words import _, lazy
from services import training
from services.lists import listing


class TrainingModel(RecordModel):
    """The state of the page."""

    counted = Signal(str)
    """The figures below the list."""
    terms_found = Signal(object)
    opened = Signal(str)
    course_changed = Signal(object)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.courses = source(lambda view: station.read(_courses, view), searched=None)
        self.schooling = source(lambda view: station.read(_terms, view), searched=None)
        """Filter: `term`."""
        self.course_id = ""
        self.course: Course | None = None

    def open(self, course_id: str) -> None:
        """Show a course."""
        self.course_id, self.course = course_id, None
        self.opened.emit(course_id)
        self.reload()

    def close(self) -> None:
        """Return to the list."""
        self.course_id, self.course = "", None

    def reload(self) -> None:
        """Load the course shown again, or the totals and terms of the lists."""
        course_id = self.course_id
        if course_id:
            self._jobs.run(lambda: self._station.read(training.course, course_id).course, self._show, key="course")
        else:
            self._jobs.run(self._station.reading(_totals), self.counted.emit, key="courses")
            self._jobs.run(self._station.reading(_term_names), self.terms_found.emit, key="terms")

    def _show(self, course: Course) -> None:
        if course.id == self.course_id:
            self.course = course
            self.course_changed.emit(course)

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """Open a new course."""
        if kind == "course" and new:
            self.open(id)

    def enrol(self, people: Sequence[str]) -> None:
        """Add people to the roster."""
        course_id, label = self.course_id, lazy("添加学员 {n} 人", n=len(people))
        self.act(lambda: self._station.write(label, _enrol, course_id, people), lambda n: _("已添加学员 {n} 人").format(n=n))

    def next_terms(self, ids: Sequence[str]) -> None:
        """Add the following term of these students."""
        label = lazy("记下一学期 {n} 人", n=len(ids))
        self.act(lambda: self._station.write(label, _next_terms, ids), lambda n: _("已记下一学期 {n} 人").format(n=n))


def _courses(session: Session, view: View) -> list[Listed]:
    lines = {line.course.id: line for line in training.courses(session)}
    return [Listed(_course_row(lines[id])) for id in listing.ids(session, query_of("course", view)) if id in lines]


def _course_row(line: training.CourseLine) -> Row:
    shown = {name: line.course.shown(name) for name in ("title", "type", "trade", "start", "end", "hours", "seats", "place")}
    completed = str(line.outcomes.get("completed", 0))
    return {"id": line.course.id, **shown, "enrolled": str(line.enrolled), "completed": completed, "certified": str(line.certified)}


def _totals(session: Session) -> str:
    lines = training.courses(session)
    words = _("共 {courses} 个班　参训 {enrolled} 人次　结业 {completed} 人次　发证 {certified} 人次")
    completed = sum(line.outcomes.get("completed", 0) for line in lines)
    enrolled, certified = sum(line.enrolled for line in lines), sum(line.certified for line in lines)
    return words.format(courses=len(lines), enrolled=enrolled, completed=completed, certified=certified) if lines else ""


def _enrol(session: Session, course_id: str, people: Sequence[str]) -> int:
    before = training.course(session, course_id).enrolled
    training.enrol(session, course_id, people)
    return training.course(session, course_id).enrolled - before


def _terms(session: Session, view: View) -> list[Listed]:
    if not (view.search or view.order):
        return [Listed(_term_row(line)) for line in training.terms(session, view.filters.get("term"))]
    lines = {line.schooling.id: line for line in training.terms(session)}
    return [Listed(_term_row(lines[id])) for id in listing.ids(session, query_of("schooling", view)) if id in lines]


def _term_row(line: training.TermLine) -> Row:
    shown = {name: line.schooling.shown(name) for name in ("school", "stage", "grade", "term_start", "state")}
    return {"id": line.schooling.id, "name": line.name, "category": line.category, "term": term_words(line.schooling.term), **shown}


def _term_names(session: Session) -> list[str]:
    return list(dict.fromkeys(line.schooling.term for line in training.terms(session)))


def _next_terms(session: Session, ids: Sequence[str]) -> int:
    return len({training.next_term(session, id) for id in ids})


def term_words(term: str) -> str:
    """Return 2023 年秋季 for 2023-autumn; anything else unchanged."""
    year, _dash, season = term.partition("-")
    if season not in ("spring", "autumn"):
        return term
    return (_("{year} 年春季") if season == "spring" else _("{year} 年秋季")).format(year=year)
