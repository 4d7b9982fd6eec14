"""The view models of 培训: lists courses, shows one, saves its forms, and enrols people; the roster and the sign-in sheet of one course:
stored values and unsaved input. Saving either is one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import RecordModel, SheetModel
from desktop.widgets.ledger_model import Column, Source, View, in_memory
from desktop.wiring.lists import query_of
from domain.periods import term_words
from domain.records import Course, Enrolment
from domain.words import N_, _, lazy
from services import training
from services.lists import listing
from services.training import ABSENT, OPEN, PRESENT, CourseLine, RosterLine, SignIn, TermLine


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


RESULTS = ("score", "outcome", "certificate", "certified_on")
"""Fields of an enrolment that are entered in the roster."""
OUTCOMES: Mapping[str, str] = Enrolment.KIND.by_name["outcome"].choices or {}
OUTCOME_KEYS = {str(n): code for n, code in enumerate(OUTCOMES, 1)}
MARKS = {PRESENT: "✓", ABSENT: N_("缺"), OPEN: ""}
_READ = {
    "✓": PRESENT,
    "√": PRESENT,
    "1": PRESENT,
    "到": PRESENT,
    "是": PRESENT,
    "缺": ABSENT,
    "0": ABSENT,
    "x": ABSENT,
    "×": ABSENT,
    "否": ABSENT,
}
_FIELDS = Enrolment.KIND.by_name


class RosterModel(SheetModel):
    """The state of the roster and the sign-in sheet."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.course_id = self._asked = ""
        """The course shown, and the course asked for."""
        self.students: dict[str, RosterLine] = {}
        """By enrolment id."""
        self._known: dict[str, dict[str, Any]] = {}
        """Stored results, by enrolment id."""
        self.sheet = SignIn((), {})
        self.results: dict[str, dict[str, Any]] = {}
        """Unsaved results, by enrolment id."""
        self.marks: dict[str, str] = {}
        """One mark per day by enrolment id, including unsaved input."""
        self.off: frozenset[str] = frozenset()

    # -- reading ------------------------------------------------------------------------------------

    def open(self, course_id: str) -> None:
        """Show a course, discarding unsaved input (the page asks first)."""
        self._asked, self.awaited = course_id, course_id != self.course_id
        reading = partial(self._station.read, _roster, course_id)
        self._jobs.run(reading, lambda found: self._show(course_id, *found), self._not_read, key="roster")

    def _read(self) -> None:
        if self._asked:
            self.open(self._asked)

    def _show(self, course_id: str, students: Sequence[RosterLine], sheet: SignIn) -> None:
        def put() -> None:
            self.course_id, self.students, self.sheet = course_id, {one.enrolment.id: one for one in students}, sheet
            self._known = {id: {name: one.enrolment[name] for name in RESULTS} for id, one in self.students.items()}

        self._take(f"course:{course_id}", put)

    def unsaved(self) -> dict[str, Any]:
        """Return the unsaved input of both grids."""
        results = {id: dict(values) for id, values in self.results.items()}
        return {"results": results, "marks": self.pending_marks(), "off": sorted(self.off)} if results or self.sheet_typed else {}

    @property
    def sheet_typed(self) -> bool:
        """Whether the sign-in sheet has unsaved input."""
        return bool(self.pending_marks()) or self.off != self.sheet.off

    def _restore(self, kept: dict[str, Any]) -> None:
        for id, values in kept["results"].items():
            for column, value in values.items() if id in self._known else ():
                self._set(id, column, value)
        self.marks |= {id: line for id, line in kept["marks"].items() if len(line) == len(self.marks.get(id, ""))}
        self.off = frozenset(kept["off"]) & frozenset(self.sheet.days)

    def _forget(self) -> None:
        self.results.clear()
        blank = OPEN * len(self.sheet.days)
        self.marks = {id: self.sheet.marks.get(id, blank) for id in self.students}
        self.off = self.sheet.off

    # -- results ------------------------------------------------------------------------------------

    def result(self, id: str, name: str) -> Any:
        """A field of an enrolment, unsaved or stored."""
        return (self._known.get(id, {}) | self.results.get(id, {})).get(name)

    def read(self, id: str, column: str, text: str) -> str:
        """Return the text of a roster cell for typed input. Raises `FieldError`."""
        return _FIELDS[column].show(self._value(column, text))

    def typed(self, id: str, column: str, text: str) -> None:
        """Record the changed text of a roster cell."""
        if id in self._known:  # else removed from the roster while it was typed
            self._set(id, column, self._value(column, text))
            self.pending_changed.emit()

    def complete_all(self) -> int:
        """Set the outcome "completed" for everybody who is 在训 or has no outcome yet; returns how many."""
        ids = [id for id in self.students if self.result(id, "outcome") in (None, "enrolled")]
        for id in ids:
            self._set(id, "outcome", "completed")
        self._emit_changes()
        return len(ids)

    def _value(self, column: str, text: str) -> Any:
        typed = text.strip()
        return _FIELDS[column].read(OUTCOME_KEYS.get(typed, typed) if column == "outcome" else typed)

    def _set(self, id: str, column: str, value: Any) -> None:
        changed = {**self.results.get(id, {}), column: value}
        changed = {name: now for name, now in changed.items() if now != self._known[id].get(name)}
        if changed:
            self.results[id] = changed
        else:
            self.results.pop(id, None)

    # -- the sign-in sheet --------------------------------------------------------------------------

    def mark(self, id: str, day: str, text: str) -> None:
        """Record the changed text of a day's cell."""
        if id not in self.marks or day not in self.sheet.days:  # removed while it was typed
            return
        at = self.sheet.days.index(day)
        line = self.marks[id]
        self.marks[id] = line[:at] + _READ.get(text.strip().lower(), OPEN) + line[at + 1 :]
        self.pending_changed.emit()

    def all_present(self, ids: Sequence[str] = ()) -> None:
        """Mark 全勤 for these people, or for all: every day without a mark."""
        for id in ids or list(self.marks):
            self.marks[id] = "".join(PRESENT if mark == OPEN else mark for mark in self.marks[id])
        self._emit_changes()

    def toggle_day(self, day: str) -> None:
        """Mark a day as without lessons, or remove that mark."""
        self.off = self.off ^ {day}
        self._emit_changes()

    def lessons(self) -> int:
        """The number of days with lessons."""
        return len(self.sheet.days) - len(self.off)

    def present(self, id: str) -> int | None:
        """The number of days a person was present: by the marks, or as recorded if there are none."""
        line = self.marks.get(id, "")
        if set(line) <= {OPEN}:
            return self.students[id].enrolment.days_present if id in self.students else None
        return sum(mark == PRESENT for mark, day in zip(line, self.sheet.days, strict=True) if day not in self.off)

    def attendance(self, id: str) -> str:
        """The attendance as shown in the roster: `9/10`, or `9/—` if the days of lessons are not on record."""
        present = self.present(id)
        recorded = id in self.students and id not in self.pending_marks()
        held = self.students[id].enrolment.days_total if recorded else self.lessons()
        return "" if present is None else f"{present}/{'—' if held is None else held}"

    def pending_marks(self) -> dict[str, str]:
        """Return the rows of the sign-in sheet to be saved; if the days off changed, all rows with marks."""
        known = self.sheet.marks
        blank = OPEN * len(self.sheet.days)
        off_changed = self.off != self.sheet.off
        return {id: line for id, line in self.marks.items() if line != known.get(id, blank) or (off_changed and not set(line) <= {OPEN})}

    def lowered(self) -> list[str]:
        """The people whose recorded days would become fewer by an incomplete row: those days came from a roster or another laptop."""
        recorded = {id: one.enrolment.days_present or 0 for id, one in self.students.items()}
        lessons = [n for n, day in enumerate(self.sheet.days) if day not in self.off]
        begun = {id: line for id, line in self.pending_marks().items() if id not in self.sheet.marks}
        return [id for id, line in begun.items() if any(line[n] == OPEN for n in lessons) and recorded[id] > (self.present(id) or 0)]

    def unmark(self, ids: Sequence[str]) -> None:
        """Remove the marks of these people; their recorded days stay."""
        self.marks |= dict.fromkeys(ids, OPEN * len(self.sheet.days))
        self._emit_changes()

    # -- saving -------------------------------------------------------------------------------------

    def save_results(self) -> None:
        """Save scores, outcomes and certificates."""
        results = {id: dict(values) for id, values in self.results.items()}
        label, message = lazy("成绩和结果 {n} 人", n=len(results)), _("已保存 {n} 人的成绩和结果").format(n=len(results))
        if results:
            self._write(lambda: self._station.write(label, training.enter_results, results), message, lambda: self._keep(results))

    def _keep(self, saved: Mapping[str, Mapping[str, Any]]) -> None:
        """The saved values become the stored ones; what was typed meanwhile stays unsaved."""
        self._known |= {id: {**self._known[id], **values} for id, values in saved.items() if id in self._known}
        for id in saved:
            for column, value in self.results.get(id, {}).copy().items():
                self._set(id, column, value)

    def save_sheet(self) -> None:
        """Save the days everybody was present."""
        marks, off, course_id = self.pending_marks(), self.off, self.course_id
        label, message = lazy("签到 {n} 人", n=len(marks)), _("已保存 {n} 人的出勤").format(n=len(marks))

        def kept() -> None:
            self.sheet = replace(self.sheet, marks={**self.sheet.marks, **marks}, off=off)

        if self.sheet_typed:
            self._write(lambda: self._station.write(label, training.keep_sign_in, course_id, marks, off), message, kept)


def _roster(session: Session, course_id: str) -> tuple[Sequence[training.RosterLine], training.SignIn]:
    return training.roster(session, course_id), training.sign_in_sheet(session, course_id)
