"""Training: courses, rosters, attendance, outcomes and certificates; school terms (articles 三十二, 三十三)."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from db import local
from db.mapping import table
from db.session import Session
from domain.errors import DomainError, FieldError
from domain.fields import kind_of
from domain.periods import add_days, day_count
from domain.records import Course, Enrolment, Person, Schooling
from domain.words import _
from services import records
from services.standing import names, standings

COMPLETED: Final = "completed"


def outcome_of(outcome: str | None, certificate: str | None) -> str:
    """The outcome of somebody in a course, "" for none. Whoever has a certificate has completed it, which lists of certificates do not
    say."""
    return outcome or (COMPLETED if certificate else "")


@dataclass(frozen=True)
class CourseLine:
    """A course with its figures. `outcomes`: the number of people by outcome code (`outcome_of`), `""` for no outcome."""

    course: Course
    enrolled: int
    outcomes: Mapping[str, int] = field(default_factory=dict)
    certified: int = 0


@dataclass(frozen=True)
class RosterLine:
    """A person on a course's roster; the ID number is masked."""

    enrolment: Enrolment
    person: Person
    id_number: str
    category: str


# -- courses --------------------------------------------------------------------------------------------------------------


def courses(session: Session) -> list[CourseLine]:
    """All courses, the latest first."""
    found = session.select(Course, order=("-start", "id"))
    figures = _figures(session)
    return [CourseLine(course, *figures.get(course.id, (0, {}, 0))) for course in found]


def course(session: Session, id: str) -> CourseLine:
    """One course with its figures. Raises `NotFound`."""
    found = session.existing(Course, id, _("这个培训班不存在，或已被删除。"))
    return CourseLine(found, *_figures(session, id).get(id, (0, {}, 0)))


def _figures(session: Session, id: str | None = None) -> dict[str, tuple[int, Mapping[str, int], int]]:
    t = table("enrolment")
    query = select(t.c.course_id, t.c.outcome, t.c.certificate).where(t.c.deleted_at.is_(None))
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    certified: Counter[str] = Counter()
    for course_id, outcome, certificate in session.conn.execute(query if id is None else query.where(t.c.course_id == id)):
        outcomes[course_id][outcome_of(outcome, certificate)] += 1
        certified[course_id] += bool(certificate)
    return {key: (found.total(), dict(found), certified[key]) for key, found in outcomes.items()}


def days(course: Course) -> list[str]:
    """The calendar days of a course, which are the columns of its sign-in sheet."""
    return [add_days(course.start, n) for n in range(day_count(course.start, course.end))]


# -- roster ---------------------------------------------------------------------------------------------------------------


def roster(session: Session, course_id: str) -> list[RosterLine]:
    """The people of a course in order of pinyin, with their categories on its first day."""
    held = course(session, course_id).course
    by_person = {e.person_id: e for e in session.select(Enrolment, course_id=course_id)}
    people = records.by_id(session, Person, by_person)
    known = standings(session, by_person, held.start)
    masked = kind_of("person").by_name["id_number"]
    return [
        RosterLine(by_person[id], people[id], masked.show(people[id].id_number), known[id].category_text())
        for id in names(session, by_person)
    ]


def enrol(session: Session, course_id: str, people: Iterable[str]) -> list[str]:
    """Put people on the roster, unless they are on it already. Returns the ids of their enrolments."""
    held = course(session, course_id).course
    existing = {e.person_id: e.id for e in session.select(Enrolment, course_id=course_id)}
    total = day_count(held.start, held.end)
    made = []
    for person_id in dict.fromkeys(people):
        values = {"course_id": course_id, "person_id": person_id, "days_total": total, "outcome": "enrolled"}
        made.append(existing.get(person_id) or records.save(session, "enrolment", values))
    return made


def set_attendance(session: Session, present: Mapping[str, int | None], total: int | None = None) -> int:
    """Set the days present by enrolment id, and the days of the course if given; returns the number of enrolments. The daily sign-in sheet
    is stored as these totals. Raises `FieldError` for more days than the course has."""
    for id, count in present.items():
        enrolment = session.existing(Enrolment, id, _("此人不在这个班的名册里。"))
        held = total if total is not None else enrolment.days_total
        if count is not None and (count < 0 or (held is not None and count > held)):
            raise FieldError(_("出勤天数应在 0 到 {total} 之间").format(total=held), "days")
        records.save(session, "enrolment", {"days_present": count} | ({"days_total": total} if total is not None else {}), id)
    return len(present)


def enter_results(session: Session, results: Mapping[str, Mapping[str, Any]]) -> int:
    """Enter scores, outcomes and certificates by enrolment id, only the fields given; returns the number of people. Raises `DomainError`
    for a certificate number used twice."""
    numbers = [values["certificate"] for values in results.values() if values.get("certificate")]
    taken = [e.certificate for e in session.select(Enrolment, certificate=numbers) if e.id not in results]
    twice = [number for number, count in Counter([*numbers, *taken]).items() if count > 1]
    if twice:
        raise DomainError(_("证书编号 {number} 重复。").format(number=twice[0]))
    for id, values in results.items():
        records.save(session, "enrolment", values, id)
    return len(results)


# -- school ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TermLine:
    """One school term of a student."""

    schooling: Schooling
    name: str
    category: str


def terms(session: Session, term: str | None = None) -> list[TermLine]:
    """School terms, the latest first and within a term by name, with the student's categories on its first day; only one term if `term` is
    given."""
    of_term = [table("schooling").c.term == term] if term else []
    found = session.select(Schooling, *of_term, order=("-term_start", "id"))
    named = names(session, {schooling.person_id for schooling in found})
    order = {id: n for n, id in enumerate(named)}
    known = {day: standings(session, (s.person_id for s in found if s.term_start == day), day) for day in {s.term_start for s in found}}
    lines = [TermLine(s, named.get(s.person_id, ""), known[s.term_start][s.person_id].category_text()) for s in found]
    return sorted(
        lines, key=lambda line: (-int(line.schooling.term_start.replace("-", "")), order.get(line.schooling.person_id, len(order)))
    )


def next_term(session: Session, schooling_id: str) -> str:
    """Enter a student's next term, based on this one: autumn after spring, with the next grade in autumn. Returns its id; an existing
    record is kept."""
    before = session.existing(Schooling, schooling_id, _("这条在读记录不存在，或已被删除。"))
    if not re.fullmatch(r"\d{4}-(spring|autumn)", before.term):
        raise DomainError(_("学期“{term}”应写成 2023年春季 或 2023年秋季。").format(term=before.term))
    year, _dash, season = before.term.partition("-")
    spring = season == "autumn"
    term = f"{int(year) + 1}-spring" if spring else f"{year}-autumn"
    start = f"{int(year) + 1}-03-01" if spring else f"{year}-09-01"
    grade = before.grade + (not spring) if before.grade is not None else None
    existing = session.select(Schooling, person_id=before.person_id, term=term)
    if existing:
        return str(existing[0].id)
    values = {"person_id": before.person_id, "school": before.school, "stage": before.stage, "state": before.state or "enrolled"}
    return records.save(session, "schooling", {**values, "grade": grade, "term": term, "term_start": start})


# -- the daily sign-in sheet of a course --------------------------------------------------------------------------------
# Records have only the totals of days present and held (`enrolment`); the individual days are kept on this laptop only, to continue the
# sheet the next day. If they contradict the record, the record counts.

PRESENT, ABSENT, OPEN = "1", "0", "."
"""Marks of a day: present, absent, not entered."""


@dataclass(frozen=True)
class SignIn:
    """A course's sheet: `marks` by enrolment id, one character for each of `days`; `off` are days without a lesson."""

    days: tuple[str, ...]
    marks: Mapping[str, str]
    off: frozenset[str] = frozenset()


def sign_in_sheet(session: Session, course_id: str) -> SignIn:
    """The sheet as last saved, without the marks that contradict the record."""
    held = course(session, course_id).course
    of = tuple(days(held))
    kept = json.loads(local.get_meta(session, _key(course_id)) or "{}")
    off = frozenset(kept.get("off", ())) & set(of)
    marks = {}
    for line in roster(session, course_id):
        by_day = kept.get("marks", {}).get(line.enrolment.id, {})
        line_marks = "".join(by_day.get(day, OPEN) for day in of)
        if by_day and sum(by_day.get(day) == PRESENT for day in of if day not in off) == line.enrolment.days_present:
            marks[line.enrolment.id] = line_marks
        elif line.enrolment.days_present is not None and line.enrolment.days_present == len(of) - len(off):
            # present on every day, so the marks follow from the total
            marks[line.enrolment.id] = "".join(OPEN if day in off else PRESENT for day in of)
    return SignIn(of, marks, off)


def keep_sign_in(session: Session, course_id: str, marks: Mapping[str, str], off: Collection[str]) -> int:
    """Save the sheet, writing days present and days held to the enrolments in `marks`; returns their number. Raises `DomainError` if the
    course's days have changed."""
    held: Course = course(session, course_id).course
    of = days(held)
    if any(len(line) != len(of) for line in marks.values()):
        raise DomainError(_("培训班的日期改过了，签到表要重新打开。"))
    lessons = [n for n, day in enumerate(of) if day not in off]
    present = {id: sum(line[n] == PRESENT for n in lessons) for id, line in marks.items()}
    set_attendance(session, present, len(lessons))
    kept = json.loads(local.get_meta(session, _key(course_id)) or "{}").get("marks", {})
    kept |= {id: {day: line[n] for n, day in enumerate(of) if line[n] != OPEN} for id, line in marks.items()}
    local.set_meta(session, _key(course_id), json.dumps({"off": sorted(off), "marks": kept}))
    return len(present)


def _key(course_id: str) -> str:
    return f"sign_in:{course_id}"
