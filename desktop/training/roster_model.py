"""花名册 and 签到 of one course: what is on record, what is typed and not yet saved. Saving is one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from db.session import Session
from desktop.page import Frame
from desktop.sheet_model import SheetModel
from desktop.station import Station
from domain.records import Enrolment
from domain.words import N_, _
from services import sign_in, training
from services.sign_in import ABSENT, OPEN, PRESENT, SignIn
from services.training import RosterLine

RESULTS = ("score", "outcome", "certificate", "certified_on")
"""Fields of an enrolment that are typed into the roster."""
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
    """The state behind the roster and the sign-in sheet of a course."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.course_id = self._asked = ""
        """The course that is shown, and the one that is asked for."""
        self.students: dict[str, RosterLine] = {}
        """By the id of their enrolment."""
        self._known: dict[str, dict[str, Any]] = {}
        """Results on record, by enrolment."""
        self.sheet = SignIn((), {})
        self.results: dict[str, dict[str, Any]] = {}
        """Typed and not saved, by enrolment."""
        self.marks: dict[str, str] = {}
        """The sheet as it stands, typed marks included."""
        self.off: frozenset[str] = frozenset()

    # -- reading ------------------------------------------------------------------------------------

    def open(self, course_id: str) -> None:
        """Show a course's people; what was typed and not saved is gone (the page asks first)."""
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
        """What both grids have that is not saved."""
        results = {id: dict(values) for id, values in self.results.items()}
        return {"results": results, "marks": self.pending_marks(), "off": sorted(self.off)} if results or self.sheet_typed else {}

    @property
    def sheet_typed(self) -> bool:
        """Whether something typed into the sign-in sheet is not saved."""
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
        """A field of somebody's enrolment, typed or on record."""
        return (self._known.get(id, {}) | self.results.get(id, {})).get(name)

    def read(self, id: str, column: str, text: str) -> str:
        """What typed text makes of a cell of the roster; raises FieldError."""
        return _FIELDS[column].show(self._value(column, text))

    def typed(self, id: str, column: str, text: str) -> None:
        """A cell of the roster holds another text now."""
        if id in self._known:  # else taken off the roster while it was typed
            self._set(id, column, self._value(column, text))
            self.pending_changed.emit()

    def complete_all(self) -> int:
        """Everybody who is still 在训, or of whom nothing is said, has completed; answers how many."""
        ids = [id for id in self.students if self.result(id, "outcome") in (None, "enrolled")]
        for id in ids:
            self._set(id, "outcome", "completed")
        self._tell()
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
        """A day's cell holds another text now."""
        if id not in self.marks or day not in self.sheet.days:  # taken off the roster, or out of the course, while it was typed
            return
        at = self.sheet.days.index(day)
        line = self.marks[id]
        self.marks[id] = line[:at] + _READ.get(text.strip().lower(), OPEN) + line[at + 1 :]
        self.pending_changed.emit()

    def all_present(self, ids: Sequence[str] = ()) -> None:
        """全勤 for these people, or for all: every day that nothing else is said about."""
        for id in ids or list(self.marks):
            self.marks[id] = "".join(PRESENT if mark == OPEN else mark for mark in self.marks[id])
        self._tell()

    def toggle_day(self, day: str) -> None:
        """No lesson on that day, or one after all."""
        self.off = self.off ^ {day}
        self._tell()

    def lessons(self) -> int:
        """Days with a lesson."""
        return len(self.sheet.days) - len(self.off)

    def present(self, id: str) -> int | None:
        """Days somebody was there: by the marks, or by the record where the sheet says nothing."""
        line = self.marks.get(id, "")
        if set(line) <= {OPEN}:
            return self.students[id].enrolment.days_present if id in self.students else None
        return sum(mark == PRESENT for mark, day in zip(line, self.sheet.days, strict=True) if day not in self.off)

    def attendance(self, id: str) -> str:
        """`9/10` as the roster shows it."""
        present = self.present(id)
        held = None if id in self.pending_marks() or id not in self.students else self.students[id].enrolment.days_total
        held = self.lessons() if held is None else held
        return "" if present is None else f"{present}/{held}"

    def pending_marks(self) -> dict[str, str]:
        """Lines of the sheet that are to be saved; when a day off changed, all that say anything."""
        known = self.sheet.marks
        blank = OPEN * len(self.sheet.days)
        moved = self.off != self.sheet.off
        return {id: line for id, line in self.marks.items() if line != known.get(id, blank) or (moved and not set(line) <= {OPEN})}

    def lowered(self) -> list[str]:
        """Whose days on record would become fewer by a line that leaves days unsaid: those came from a roster or another laptop."""
        recorded = {id: one.enrolment.days_present or 0 for id, one in self.students.items()}
        lessons = [n for n, day in enumerate(self.sheet.days) if day not in self.off]
        begun = {id: line for id, line in self.pending_marks().items() if id not in self.sheet.marks}
        return [id for id, line in begun.items() if any(line[n] == OPEN for n in lessons) and recorded[id] > (self.present(id) or 0)]

    def unmark(self, ids: Sequence[str]) -> None:
        """Take back what was marked for these people; their days stay as they are on record."""
        self.marks |= dict.fromkeys(ids, OPEN * len(self.sheet.days))
        self._tell()

    # -- saving -------------------------------------------------------------------------------------

    def save_results(self) -> None:
        """Write scores, outcomes and certificates."""
        results = {id: dict(values) for id, values in self.results.items()}
        label, said = _("成绩和结果 {n} 人").format(n=len(results)), _("已保存 {n} 人的成绩和结果").format(n=len(results))
        if results:
            self._write(lambda: self._station.write(label, training.enter_results, results), said, lambda: self._keep(results))

    def _keep(self, saved: Mapping[str, Mapping[str, Any]]) -> None:
        """What was saved is on record now; what was typed meanwhile still waits."""
        self._known |= {id: {**self._known[id], **values} for id, values in saved.items() if id in self._known}
        for id in saved:
            for column, value in self.results.get(id, {}).copy().items():
                self._set(id, column, value)

    def save_sheet(self) -> None:
        """Write the days everybody was there."""
        marks, off, course_id = self.pending_marks(), self.off, self.course_id
        label, said = _("签到 {n} 人").format(n=len(marks)), _("已保存 {n} 人的出勤").format(n=len(marks))

        def kept() -> None:
            self.sheet = replace(self.sheet, marks={**self.sheet.marks, **marks}, off=off)

        if self.sheet_typed:
            self._write(lambda: self._station.write(label, sign_in.keep, course_id, marks, off), said, kept)


def _roster(session: Session, course_id: str) -> tuple[Sequence[training.RosterLine], sign_in.SignIn]:
    return training.roster(session, course_id), sign_in.load(session, course_id)
