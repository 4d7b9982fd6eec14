"""The view model of 培训: lists courses, shows one, saves its forms, and enrols people."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import RecordModel
from desktop.widgets.ledger_model import Column, Source, View, in_memory
from desktop.wiring.lists import query_of
from domain.periods import term_words
from domain.records import Course
from domain.words import _, lazy
from services import training
from services.lists import listing
from services.training import CourseLine, TermLine


class TrainingModel(RecordModel):
    """The state of the page."""

    counted = Signal(str)
    """The figures below the list."""
    terms_found = Signal(object)
    opened = Signal(str)
    course_changed = Signal(object)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.courses, self.schooling = _courses(station), _terms(station)
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


def _courses(station: Station) -> Source:
    course = attrgetter("course")
    columns: list[Column[CourseLine]] = [
        Column("title", _("班名"), 230, course, style="strong"),
        Column("type", _("培训类型"), 110, course),
        Column("trade", _("工种"), 110, course),
        Column("start", _("开班"), 100, course),
        Column("end", _("结业"), 100, course),
        Column("hours", _("课时"), 60, course, right=True),
        Column("seats", _("计划"), 60, course, right=True),
        Column("enrolled", _("学员"), 60, lambda line: line.enrolled, right=True, sortable=False),
        Column("completed", _("结业人数"), 84, lambda line: line.outcomes.get("completed", 0), right=True, sortable=False),
        Column("certified", _("发证"), 60, lambda line: line.certified, right=True, sortable=False),
        Column("place", _("地点"), 160, course, sortable=False),
    ]
    return in_memory(columns, lambda view: station.read(_course_lines, view), attrgetter("course.id"), None)


def _course_lines(session: Session, view: View) -> list[CourseLine]:
    lines = {line.course.id: line for line in training.courses(session)}
    return [lines[id] for id in listing.ids(session, query_of("course", view)) if id in lines]


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


def _terms(station: Station) -> Source:
    term = attrgetter("schooling")
    columns: list[Column[TermLine]] = [
        Column("name", _("学生"), 84, lambda line: line.name, style="strong", sortable=False),
        Column("category", _("身份"), 130, lambda line: line.category, sortable=False),
        Column("school", _("学校"), 220, term),
        Column("stage", _("学段"), 84, term),
        Column("grade", _("年级"), 60, term, right=True),
        Column("term", _("学期"), 110, lambda line: term_words(line.schooling.term)),
        Column("term_start", _("开学日期"), 104, term),
        Column("state", _("学籍状态"), 90, term),
    ]
    return in_memory(columns, lambda view: station.read(_term_lines, view), attrgetter("schooling.id"), None)


def _term_lines(session: Session, view: View) -> list[TermLine]:
    if not (view.search or view.order):
        return training.terms(session, view.filters.get("term"))
    lines = {line.schooling.id: line for line in training.terms(session)}
    return [lines[id] for id in listing.ids(session, query_of("schooling", view)) if id in lines]


def _term_names(session: Session) -> list[str]:
    return list(dict.fromkeys(line.schooling.term for line in training.terms(session)))


def _next_terms(session: Session, ids: Sequence[str]) -> int:
    return len({training.next_term(session, id) for id in ids})
