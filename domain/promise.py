"""The 1-3-1 promise: one guidance, three suitable jobs and one training for everybody who looks for work (article 二十九)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from domain.records import Course, Enrolment, JobWish, Service, Vacancy
from domain.vacancies import suits

Needed = tuple[int, int, int]
"""Required numbers of guidance, suitable jobs and training."""
NEEDED: Final[Needed] = (1, 3, 1)
"""The numbers in the document; a county's own rule may require more."""


NO_COURSES: Final[Mapping[str, Course]] = {}


@dataclass(frozen=True)
class Promise:
    """How much of the promise was fulfilled."""

    guidance: int
    jobs: int
    training: int

    def owes(self, needed: Needed = NEEDED) -> dict[str, bool]:
        """Whether each type of service is still due."""
        got = (self.guidance, self.jobs, self.training)
        return {kind: done < owed for kind, done, owed in zip(("guidance", "job", "training"), got, needed, strict=True)}

    def complete(self, needed: Needed = NEEDED) -> bool:
        """Whether everything required was given."""
        return not any(self.owes(needed).values())


@dataclass(frozen=True)
class Given:
    """A service since the wish was opened. `why`: the reason why it does not count, "" if it does: `other` (not part of the promise),
    `late` (the wish was closed), `unreached` (the person was not reached), `charged` (the course is not free), `unnamed` (a job without
    its vacancy), `unsuitable` (a hard requirement is not met), `again` (the vacancy has counted already)."""

    service: Service
    why: str = ""


def promise(
    wish: JobWish,
    services: Iterable[Service],
    vacancies: Mapping[str, Vacancy],
    birth: str | None = None,
    courses: Mapping[str, Course] = NO_COURSES,
    enrolments: Iterable[Enrolment] = (),
    until: str = "9",
) -> Promise:
    """What the person received from the day of the wish to the day it was closed, or `until` a day. Jobs must be different vacancies;
    one whose hard requirement or age limit the person does not meet does not count. An offer that the person refused counts."""
    given = account(wish, services, vacancies, birth, courses, enrolments)
    return counted(one for one in given if one.service.on <= until)


def counted(given: Iterable[Given]) -> Promise:
    """Count the services that fulfil the promise."""
    kinds = [one.service.type for one in given if not one.why]
    return Promise(kinds.count("guidance"), kinds.count("job"), kinds.count("training"))


def account(
    wish: JobWish,
    services: Iterable[Service],
    vacancies: Mapping[str, Vacancy],
    birth: str | None = None,
    courses: Mapping[str, Course] = NO_COURSES,
    enrolments: Iterable[Enrolment] = (),
) -> list[Given]:
    """The services considered for a promise, in order of their days. A place in a free course is a training given on its first day."""
    after = [service for service in services if service.person_id == wish.person_id and service.on >= wish.opened_on]
    after += _enrolled(after, wish, courses, enrolments)
    seen: set[str] = set()
    found = []
    for one in sorted(after, key=lambda service: service.on):
        why = _not_given(one, wish, courses)
        if not why and one.type == "job":
            why = _no_job(one, wish, vacancies, birth, seen)
        found.append(Given(one, why))
    return found


def _enrolled(
    services: Iterable[Service], wish: JobWish, courses: Mapping[str, Course], enrolments: Iterable[Enrolment]
) -> Iterator[Service]:
    """The person's places in free courses, as services; not those recorded as services too. A service without its course is the record
    of the first of the others."""
    told = [one.course_id for one in services if one.type == "training" and not _not_given(one, wish, courses)]
    taken: dict[str, Service] = {}
    for one in enrolments:
        course = courses.get(one.course_id)
        if course is not None and course.free and course.start and course.start >= wish.opened_on and course.id not in told:
            taken[course.id] = Service(
                id=one.id, village=one.village, person_id=wish.person_id, type="training", on=course.start, course_id=course.id
            )
    yield from sorted(taken.values(), key=lambda service: service.on)[told.count(None) :]


def _not_given(service: Service, wish: JobWish, courses: Mapping[str, Course]) -> str:
    if service.type not in ("guidance", "job", "training"):
        return "other"
    if wish.closed_on is not None and service.on > wish.closed_on:
        return "late"
    if service.result == "unreached":
        return "unreached"
    course = courses.get(service.course_id or "") if service.type == "training" else None
    return "charged" if course is not None and course.free is False else ""


def _no_job(service: Service, wish: JobWish, vacancies: Mapping[str, Vacancy], birth: str | None, seen: set[str]) -> str:
    vacancy = vacancies.get(service.vacancy_id or "")
    if vacancy is None:
        return "unnamed"
    if not suits(vacancy, wish, birth, service.on):
        return "unsuitable"
    if vacancy.id in seen:
        return "again"
    seen.add(vacancy.id)
    return ""
