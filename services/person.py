"""The person page (一人一页): everything on record about one person, as records and figures for the page to format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from db import acts, changes
from db.mapping import table
from db.merged import root, selves, stands
from db.session import Session
from domain import identity
from domain.divisions import Region, region
from domain.grouping import by_key
from domain.income import paid_within
from domain.periods import income_period
from domain.promise import Promise
from domain.records import (
    Appointment,
    CategorySpan,
    Claim,
    Course,
    Employer,
    Employment,
    Enrolment,
    Household,
    JobWish,
    MonthlyCheck,
    Payment,
    Person,
    Schooling,
    Visit,
    Wage,
)
from domain.words import _, openings
from services import history as histories
from services import policies, records
from services.claims.claims import standings as standings_of_claims
from services.employment_services import promises
from services.households.income import Collected, Next, collected, to_collect
from services.importing.applying import LABEL
from services.key_changes import UnconfirmedChange, waiting
from services.lists.titles import titles
from services.standing import PersonStatus, chip, standings
from services.workshop.wages import monitor_line

VISITS_SHOWN = 20
ANSWERS_SHOWN = 60


@dataclass(frozen=True)
class Member:
    """A member of the household; `chip`: label and code of their activity (`services.standing.chip`)."""

    person: Person
    standing: PersonStatus
    chip: tuple[str, str]


@dataclass(frozen=True)
class Spell:
    """A spell of work or of holding a post, for the timeline. `start` and `end` are possibly partial dates; no end: ongoing."""

    id: str
    start: str
    end: str | None
    where: str
    channel: str
    region: Region

    def months(self, last: str) -> tuple[str, str] | None:
        """The first and last month, up to `last`, that the spell covers at its longest; None where there is none."""
        low, high = _month(self.start, "01"), min(last, _month(self.end, "12") if self.end else last)
        return (low, high) if low <= high else None


@dataclass(frozen=True)
class Grant:
    """A claim of the person: its state (code), the amount paid (fen) and the day of the last payment."""

    claim: Claim
    state: str
    paid: int
    paid_on: str | None

    @property
    def differs(self) -> bool:
        """Whether it was paid, and a difference (补发、追回) is still to be paid or paid back."""
        return self.state == "approved" and self.paid > 0 and self.paid != self.claim.amount


@dataclass(frozen=True)
class EmployerWages:
    """Wages one employer paid the person (fen): `months` by month, `counted` within the income period; `line`: the monitor line or None."""

    name: str
    months: Mapping[str, int]
    counted: int
    line: int | None


@dataclass(frozen=True)
class PersonPage:
    """The content of the page as of a day."""

    person: Person
    standing: PersonStatus
    chip: tuple[str, str]
    household: Household | None
    members: Sequence[Member]
    spans: Sequence[CategorySpan]
    spells: Sequence[Spell]
    checks: Mapping[str, MonthlyCheck]
    wish: JobWish | None
    promise: Promise | None
    visits: Sequence[Visit]
    visit_count: int
    grants: Sequence[Grant]
    wages: Sequence[EmployerWages]
    trainings: Sequence[tuple[Enrolment, Course | None]]
    schooling: Sequence[Schooling]
    answers: Sequence[tuple[str, str, str]]
    """Survey answers: survey, question, answer; the latest survey first."""
    history: Sequence[histories.Line]
    """Every change, oldest first, and values of conflicts about the person that nothing took; secrets masked unless `plain`."""
    imported: str
    """The act by which the person was registered, if it was an import here: 导入 花名册.xlsx; else ""."""
    income: Collected | None
    """Income of their household; with `to_collect`, what is to be collected next, None where there is no household."""
    to_collect: Next | None
    unconfirmed: Sequence[UnconfirmedChange] = ()
    """Changes of name, ID number, account or category that nobody else has confirmed yet."""


def _month(fdate: str, month: str) -> str:
    return fdate[:7] if len(fdate) >= 7 else f"{fdate}-{month}"


def person_page(session: Session, id: str, year: int, *, on: str, plain: bool = False) -> PersonPage:
    """The page of a person, deleted or not; of a merged record, the page of the person it was merged into, with the records of both.

    `year` names the income period of the wages. `on`: the day of the status; the rules in force then set when income periods begin.
    """
    period_start = policies.income_start(session, on)
    id = root(session, id)
    person = session.existing(Person, id, _("没有这个人。"), deleted=True)
    members = _members(session, person, on)
    own = next((m for m in members if m.person.id == id), None) or _as_members(session, [person], on)[0]
    wish = _open_wish(session, id)
    visits = _visits(session, person)
    home = session.get(Household, person.household_id) if person.household_id else None
    return PersonPage(
        person=person,
        standing=own.standing,
        chip=own.chip,
        household=home,
        members=members,
        spans=_of(session, "category_span", id, "start"),
        spells=spells(session, id),
        checks={check.month: check for check in _of(session, "monthly_check", id, "month")},
        wish=wish,
        promise=promises(session, [wish.id], on).get(wish.id) if wish else None,
        visits=visits[:VISITS_SHOWN],
        visit_count=len(visits),
        grants=grants(session, id),
        wages=wages(session, id, year, period_start),
        trainings=_trainings(session, id),
        schooling=_of(session, "schooling", id, "term_start"),
        answers=_answers(session, id),
        history=histories.lines(session, Person.KIND, id, plain=plain),
        imported=_imported(session, id),
        income=collected(session, home, period_start) if home else None,
        to_collect=to_collect(session, home, _ids(session, members), on, period_start) if home else None,
        unconfirmed=waiting(session, [id]),
    )


def _imported(session: Session, id: str) -> str:
    first = next((step for step in changes.row_steps(session, Person.KIND, id) if step.what == "I" and step.act), None)
    found = acts.find(session, first.act) if first is not None and first.act is not None else None
    return found.label if found is not None and found.stored.startswith(tuple(openings(LABEL))) else ""


def _ids(session: Session, members: Iterable[Member]) -> Iterator[str]:
    for member in members:
        yield from selves(session, member.person.id)


def _of(session: Session, kind: str, person_id: str, order: str) -> list[Any]:
    return session.select(kind, person_id=selves(session, person_id), order=(f"-{order}", "id"))


def _members(session: Session, person: Person, on: str) -> list[Member]:
    if not person.household_id:
        return []
    people = session.select(Person, stands(), household_id=person.household_id, order=("birth", "id"))
    return _as_members(session, sorted(people, key=lambda member: member.relation != "户主"), on)


def _as_members(session: Session, people: Sequence[Person], on: str) -> list[Member]:
    known = standings(session, (member.id for member in people), on)
    return [Member(member, known[member.id], chip(member, known[member.id], on)) for member in people]


# -- work -----------------------------------------------------------------------------------------------------------------


def spells(session: Session, person_id: str) -> list[Spell]:
    """Spells of work and of posts, the earliest first."""
    jobs: list[Employment] = _of(session, "employment", person_id, "start")
    posts: list[Appointment] = _of(session, "appointment", person_id, "start")
    employers = titles(session, "employer", (job.employer_id for job in jobs if job.employer_id))
    named = titles(session, "post", (held.post_id for held in posts))
    found = [
        Spell(
            job.id,
            job.start,
            job.end,
            employers.get(job.employer_id or "") or job.employer_name or Employment.KIND.by_name["channel"].show(job.channel),
            job.channel,
            region(job.place, job.village),
        )
        for job in jobs
    ]
    found += [
        Spell(held.id, held.start, held.exit_on, named.get(held.post_id, _("公益岗")), "public_post", Region.COUNTY) for held in posts
    ]
    return sorted(found, key=lambda spell: (spell.start, spell.id))


def wages(session: Session, person_id: str, year: int, period_start: str) -> list[EmployerWages]:
    """Wages by employer, for all months; `counted` covers the income period named by `year`, which begins on `period_start` (`MM-DD`)."""
    period = income_period(year, period_start)
    jobs: list[Employment] = _of(session, "employment", person_id, "start")
    paid = session.by_parent(Wage, "employment_id", (job.id for job in jobs), order=("month", "id"))
    by_employer = by_key((job.employer_id, job) for job in jobs if paid[job.id])
    by_id = ((id, spells, [wage for job in spells for wage in paid[job.id]]) for id, spells in by_employer.items())
    return [_employer_wages(session, id, spells, found, year, period) for id, spells, found in by_id]


def _employer_wages(
    session: Session, id: str | None, jobs: Sequence[Employment], paid: Sequence[Wage], year: int, period: tuple[str, str]
) -> EmployerWages:
    employer = session.get(Employer, id, deleted=True) if id else None
    months: dict[str, int] = defaultdict(int)
    for wage in sorted(paid, key=lambda wage: wage.month):
        months[wage.month] += wage.amount
    line = monitor_line(session, (employer.place if employer else None) or jobs[0].village, year, jobs[0].village)
    name = employer.name if employer else jobs[0].employer_name or ""
    return EmployerWages(name, dict(months), paid_within(paid, period), line.amount if line else None)


# -- services, money, training ----------------------------------------------------------------------------------------------


def _open_wish(session: Session, person_id: str) -> JobWish | None:
    found = session.select(JobWish, person_id=selves(session, person_id), closed_on=None, order=("-opened_on", "id"), limit=1)
    return found[0] if found else None


def _visits(session: Session, person: Person) -> list[Visit]:
    t = table("visit")
    mine: Any = t.c.person_id.in_(selves(session, person.id))
    if person.household_id:
        mine = mine | ((t.c.household_id == person.household_id) & t.c.person_id.is_(None))
    return session.select(Visit, mine, order=(t.c.on.desc(), t.c.id))


def grants(session: Session, person_id: str) -> list[Grant]:
    """The person's claims with their state and payments, the latest year first."""
    claims: list[Claim] = _of(session, "claim", person_id, "year")
    states = {each.claim.id: each.state for each in standings_of_claims(session, claims)}
    paid = by_key(
        (payment.claim_id, payment)
        for payment in session.select(Payment, claim_id=list(states), order=("paid_on", "id"))
        if payment.bank_result != "failed"
    )
    return [
        Grant(claim, states[claim.id], sum(p.amount for p in paid[claim.id]), paid[claim.id][-1].paid_on if paid[claim.id] else None)
        for claim in claims
    ]


def _trainings(session: Session, person_id: str) -> list[tuple[Enrolment, Course | None]]:
    enrolments = session.select(Enrolment, person_id=selves(session, person_id))
    courses = records.by_id(session, Course, (e.course_id for e in enrolments))
    pairs = [(enrolment, courses.get(enrolment.course_id)) for enrolment in enrolments]
    return sorted(pairs, key=lambda pair: (pair[1].start if pair[1] else "", pair[0].id), reverse=True)


def _answers(session: Session, person_id: str) -> list[tuple[str, str, str]]:
    a, i, s = table("survey_answer"), table("survey_item"), table("survey")
    query = (
        select(i.c.id, s.c.title, i.c.label, a.c.value)
        .join_from(a, i, i.c.id == a.c.item_id)
        .join(s, s.c.id == i.c.survey_id)
        .where(a.c.person_id.in_(selves(session, person_id)), a.c.value > "", *(one.c.deleted_at.is_(None) for one in (a, i, s)))
        .order_by(s.c.created_at.desc(), s.c.id, i.c.position, i.c.id, a.c.person_id == person_id)
        .limit(ANSWERS_SHOWN)
    )
    own_last = {row.id: (row.title, row.label, identity.mask_inside(row.value)) for row in session.conn.execute(query)}
    return list(own_last.values())
