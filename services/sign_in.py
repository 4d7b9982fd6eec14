"""The daily sign-in sheet of a course. Records have only the totals of days present and days held (`enrolment`); the individual days are
kept on this laptop only, to continue the sheet the next day. If they contradict the record, the record counts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from db import local
from db.session import Session
from domain.errors import DomainError
from domain.records import Course
from domain.words import _
from services import training

PRESENT, ABSENT, OPEN = "1", "0", "."
"""Marks of a day: present, absent, not entered."""


@dataclass(frozen=True)
class SignIn:
    """A course's sheet: `marks` by enrolment id, one character for each of `days`; `off` are days without a lesson."""

    days: tuple[str, ...]
    marks: Mapping[str, str]
    off: frozenset[str] = frozenset()


def load(session: Session, course_id: str) -> SignIn:
    """The sheet as last saved, without the marks that contradict the record."""
    held = training.course(session, course_id).course
    days = tuple(training.days(held))
    kept = json.loads(local.get_meta(session, _key(course_id)) or "{}")
    off = frozenset(kept.get("off", ())) & set(days)
    marks = {}
    for line in training.roster(session, course_id):
        by_day = kept.get("marks", {}).get(line.enrolment.id, {})
        line_marks = "".join(by_day.get(day, OPEN) for day in days)
        if by_day and sum(by_day.get(day) == PRESENT for day in days if day not in off) == line.enrolment.days_present:
            marks[line.enrolment.id] = line_marks
        elif line.enrolment.days_present is not None and line.enrolment.days_present == len(days) - len(off):
            # present on every day, so the marks follow from the total
            marks[line.enrolment.id] = "".join(OPEN if day in off else PRESENT for day in days)
    return SignIn(days, marks, off)


def keep(session: Session, course_id: str, marks: Mapping[str, str], off: Collection[str]) -> int:
    """Save the sheet, writing days present and days held to the enrolments in `marks`; returns their number. Raises `DomainError` if the
    course's days have changed."""
    held: Course = training.course(session, course_id).course
    days = training.days(held)
    if any(len(line) != len(days) for line in marks.values()):
        raise DomainError(_("培训班的日期改过了，签到表要重新打开。"))
    lessons = [n for n, day in enumerate(days) if day not in off]
    present = {id: sum(line[n] == PRESENT for n in lessons) for id, line in marks.items()}
    training.set_attendance(session, present, len(lessons))
    kept = json.loads(local.get_meta(session, _key(course_id)) or "{}").get("marks", {})
    kept |= {id: {day: line[n] for n, day in enumerate(days) if line[n] != OPEN} for id, line in marks.items()}
    local.set_meta(session, _key(course_id), json.dumps({"off": sorted(off), "marks": kept}))
    return len(present)


def _key(course_id: str) -> str:
    return f"sign_in:{course_id}"
