"""1-3-1: one guidance, three suitable jobs and one training for everybody who looks for work (article 二十九)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.identity import age_on
from domain.records import JobWish, Service, Vacancy

NEEDED: Final = (1, 3, 1)


@dataclass(frozen=True)
class Promise:
    """How much of it was given."""

    guidance: int
    jobs: int
    training: int

    @property
    def complete(self) -> bool:
        """Whether everything owed was given."""
        return all(done >= needed for done, needed in zip((self.guidance, self.jobs, self.training), NEEDED, strict=True))


def promise(wish: JobWish, services: Iterable[Service], vacancies: Mapping[str, Vacancy], birth: str | None = None) -> Promise:
    """What the person got on or after the day of the wish. Jobs are different vacancies; one whose hard requirement or age limit
    the person does not meet does not count."""
    after = [service for service in services if service.person_id == wish.person_id and service.on >= wish.opened_on]
    jobs = {s.vacancy_id for s in after if s.type == "job" and s.vacancy_id and _suits(vacancies.get(s.vacancy_id), wish, birth, s.on)}
    kinds = [service.type for service in after]
    return Promise(kinds.count("guidance"), len(jobs), kinds.count("training"))


def _suits(vacancy: Vacancy | None, wish: JobWish, birth: str | None, on: str) -> bool:
    if vacancy is None:
        return False
    too_old = vacancy.age_max is not None and birth is not None and age_on(birth, on) > vacancy.age_max
    return not too_old and (vacancy.requires or frozenset()) <= (wish.skills or frozenset())
