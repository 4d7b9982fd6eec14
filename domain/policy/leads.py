"""Leads: benefits under other documents that may apply to somebody. A lead is never an amount or a verdict; it says where to ask.

A pack lists them (`[[leads]]`: article, policy, text, `when` and optionally `groups`); the conditions for `when` are defined here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.identity import age_on
from domain.periods import add_days, first_day, last_day
from domain.policy.facts import Facts
from domain.policy.standing import membership
from domain.records import Employer, Employment, Person, Schooling, Startup

LOST_DAYS: Final = 180
_SCHOOL_AGE: Final = range(15, 23)
_LEFT_SCHOOL: Final = frozenset({"初中", "高中"})


@dataclass(frozen=True)
class Lead:
    """A lead: article, the policy's name, and a sentence that says where to ask."""

    article: str
    policy: str
    text: str


def _spells(facts: Facts, person: Person) -> list[Employment]:
    return [e for e in facts.theirs(Employment, person.id) if e.start]


def _now(spell: Employment, on: str) -> bool:
    return first_day(spell.start) <= on and (spell.end is None or last_day(spell.end) >= on)


def _lost(facts: Facts, person: Person, on: str) -> list[Employment]:
    """Spells of work that ended lately with none after them."""
    spells = _spells(facts, person)
    if any(_now(spell, on) for spell in spells):
        return []
    return [s for s in spells if s.end and add_days(on, -LOST_DAYS) <= last_day(s.end) < on]


def _own_business(facts: Facts, person: Person, on: str) -> bool:
    started = any(s.start and s.start <= on <= (s.end or on) for s in facts.of(Startup, "person_id", person.id))
    return started or any(s.channel == "self_employed" and _now(s, on) for s in _spells(facts, person))


def _flexible(facts: Facts, person: Person, on: str) -> bool:
    return any(s.channel in ("flexible", "odd_job", "self_employed") and _now(s, on) for s in _spells(facts, person))


def _left_school(facts: Facts, person: Person, on: str) -> bool:
    birth = facts.birth(person)
    if birth is None or birth > on or age_on(birth, on) not in _SCHOOL_AGE or person.school_state:
        return False
    at_school = any(s.state not in ("dropped",) for s in facts.of(Schooling, "person_id", person.id))
    return person.education in _LEFT_SCHOOL and not at_school and not any(_now(s, on) for s in _spells(facts, person))


OF_PEOPLE: Final[Mapping[str, Callable[[Facts, Person, str], bool]]] = {
    "lost_work": lambda facts, person, on: bool(_lost(facts, person, on)),
    "lost_insured_work": lambda facts, person, on: any("失业" in (spell.insured or ()) for spell in _lost(facts, person, on)),
    "own_business": _own_business,
    "flexible_work": _flexible,
    "left_school": _left_school,
}
"""Situations of people that a pack may name."""


def _employs(facts: Facts, employer: Employer, on: str) -> bool:
    spells = (e for e in facts.of(Employment, "employer_id", employer.id) if e.start and _now(e, on))
    return any(membership(facts, e.person_id, ("lifted",)).on(on) for e in spells)


OF_EMPLOYERS: Final[Mapping[str, Callable[[Facts, Employer, str], bool]]] = {
    "employs_lifted": _employs,
    "park": lambda _facts, employer, _on: employer.type == "park",
}
"""Situations of employers that a pack may name."""


def of_person(facts: Facts, person: Person, said: Iterable[Mapping[str, str]], on: str) -> list[Lead]:
    """The leads for a living person on a day, in the order of the pack."""
    if person.died_on:
        return []
    fitting = (one for one in said if one["when"] in OF_PEOPLE and _meant(facts, person, one, on))
    return [_lead(one) for one in fitting if OF_PEOPLE[one["when"]](facts, person, on)]


def _meant(facts: Facts, person: Person, said: Mapping[str, str], on: str) -> bool:
    """Whether the document applies to this person or, for a student, to the household. True if that cannot be known."""
    groups = said.get("groups", "").split()
    members = facts.of(Person, "household_id", person.household_id) if said["when"] == "left_school" else ()
    ids = {person.id, *(member.id for member in members)}
    return not groups or any(membership(facts, id, groups).on(on) is not False for id in ids)


def of_employer(facts: Facts, employer: Employer, said: Iterable[Mapping[str, str]], on: str) -> list[Lead]:
    """The leads for an employer on a day, in the order of the pack."""
    return [_lead(one) for one in said if one["when"] in OF_EMPLOYERS and OF_EMPLOYERS[one["when"]](facts, employer, on)]


def _lead(said: Mapping[str, str]) -> Lead:
    return Lead(said["article"], said["policy"], said["text"])
