"""Workshops and other carriers: recognition, figures and employees (articles 十五, 十六). For their wages see `services.workshop.wages`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from db.among import among
from db.mapping import table
from db.session import Session
from domain.errors import DomainError
from domain.identity import age_on, birth_of
from domain.periods import first_day, last_day
from domain.records import Employer, Employment, Person, Recognition
from domain.records.people import WORKING_AGE
from domain.scopes import county_of
from domain.words import _
from services import records
from services.standing import PersonStatus, holding, names, standings

CARRIERS = frozenset({"workshop", "community_factory", "satellite_factory", "heritage_workshop", "base"})
"""Types of employer that are carriers; any employer with a recognition document is one too."""
OLD = 75
"""At this age and above a hire is asked about: the wrong person may have been picked, or the birth date mistyped."""


@dataclass(frozen=True)
class Workshop:
    """A carrier on a day. `recognition` is the document in force, or None."""

    employer: Employer
    recognition: Recognition | None
    hired: int = 0
    lifted: int = 0
    monitored: int = 0


@dataclass(frozen=True)
class Hire:
    """A person's employment at a workshop."""

    employment: Employment
    name: str
    person: Person | None
    lifted: bool
    monitored: bool
    current: bool


# -- workshops ---------------------------------------------------------------------------------------------------------


def workshops(session: Session, on: str) -> list[Workshop]:
    """All carriers with their figures on a day, in order of name."""
    e, r = table("employer"), table("recognition")
    recognised = select(r.c.employer_id).where(r.c.deleted_at.is_(None))
    found = session.select(Employer, or_(e.c.type.in_(sorted(CARRIERS)), e.c.id.in_(recognised)), order=("pinyin", "id"))
    return _described(session, found, on)


def workshop(session: Session, id: str, on: str) -> Workshop:
    """One carrier with its figures on a day. Raises `NotFound`."""
    employer = session.existing(Employer, id, _("这个单位不存在，或已被删除。"))
    return _described(session, [employer], on)[0]


def _described(session: Session, employers: Sequence[Employer], on: str) -> list[Workshop]:
    ids = [employer.id for employer in employers]
    documents = recognised(session, ids, on)
    hired: dict[str, set[str]] = defaultdict(set)
    t = table("employment")
    query = select(t.c.employer_id, t.c.person_id).where(among(t.c.employer_id, ids), t.c.deleted_at.is_(None), holding(t, on))
    for employer_id, person_id in session.conn.execute(query):
        hired[employer_id].add(person_id)
    known = standings(session, set().union(*hired.values()), on)
    return [
        Workshop(
            employer,
            documents.get(employer.id),
            len(hired[employer.id]),
            sum(known[id].lifted for id in hired[employer.id]),
            sum(known[id].monitored for id in hired[employer.id]),
        )
        for employer in employers
    ]


def recognised(session: Session, ids: Collection[str], on: str) -> dict[str, Recognition]:
    """Employer id → recognition document in force on a day, the latest if there are several."""
    found = session.select(Recognition, holding(table("recognition"), on), employer_id=ids, order=("start", "id"))
    return {document.employer_id: document for document in found}


def documents(session: Session, ids: Collection[str]) -> dict[str, list[Recognition]]:
    """Employer id → all its recognition documents, the latest last."""
    return session.by_parent(Recognition, "employer_id", ids, order=("start", "id"))


def found(session: Session, employer: Mapping[str, Any], recognition: Mapping[str, Any]) -> str:
    """Save a new workshop, and its recognition document if given; returns the workshop's id."""
    id = records.save(session, "employer", {"type": "workshop", **employer})
    if recognition:
        records.save(session, "recognition", {"type": "workshop", **recognition, "employer_id": id})
    return id


# -- hires -------------------------------------------------------------------------------------------------------------


def hires(session: Session, workshop_id: str, on: str) -> list[Hire]:
    """Everybody who works or worked there, current employees first, then by name."""
    spells = session.select(Employment, employer_id=workshop_id, order=("start", "id"))
    named = names(session, {spell.person_id for spell in spells})
    order = {id: n for n, id in enumerate(named)}
    known = standings(session, named, on)
    people = records.by_id(session, Person, named)
    made = [_hire(spell, people.get(spell.person_id), known.get(spell.person_id, PersonStatus()), on) for spell in spells]
    return sorted(made, key=lambda hire: (not hire.current, order.get(hire.employment.person_id, len(order)), hire.employment.id))


def _hire(spell: Employment, person: Person | None, standing: PersonStatus, on: str) -> Hire:
    current = spell.start <= on and (spell.end is None or spell.end >= on[: len(spell.end)])
    return Hire(spell, person.name if person else "", person, standing.lifted, standing.monitored, current)


def doubted(session: Session, person_id: str, start: str) -> str:
    """Why to ask before hiring somebody: below sixteen, which the law forbids, or older than workers usually are; "" otherwise."""
    person = session.get(Person, person_id)
    birth = (person.birth or birth_of(person.id_number or "")) if person is not None else None
    day = last_day(start)
    if person is None or not birth or len(birth) != 10 or birth > day:
        return ""
    age = age_on(birth, day)
    said = {"name": person.name, "day": day, "age": age, "limit": WORKING_AGE.start}
    if age < WORKING_AGE.start:
        return _("{name} {day} 才 {age} 岁，不满 {limit} 周岁，依法不得招用。").format(**said)
    return _("{name} {day} 已经 {age} 岁。").format(**said) if age >= OLD else ""


def hire(session: Session, workshop_id: str, person_id: str, values: Mapping[str, Any]) -> str:
    """Add an employee; `values` are fields of the employment, at least `start`. Channel and place have default values. Raises `DomainError`
    if the person already works there, and `NotFound`."""
    employer = session.existing(Employer, workshop_id, _("这个单位不存在，或已被删除。"))
    employed = session.count("employment", employer_id=workshop_id, person_id=person_id, end=None)
    if employed and not values.get("end"):
        raise DomainError(_("此人已在这个车间的用工名册里。请先办离职，再重新办入职。"))
    person = session.get(Person, person_id)
    home = county_of(employer.place or (person.village if person is not None else session.scope))
    return records.save(
        session, "employment", {"channel": "workshop", "place": home, **values, "person_id": person_id, "employer_id": workshop_id}
    )


def leave(session: Session, ids: Iterable[str], day: str, reason: str | None = None) -> int:
    """End employments on a day; returns their number. Those that ended before keep their end, because a whole list may be selected. Raises
    `DomainError` if none was changed."""
    left = 0
    for id in ids:
        known = session.existing(Employment, id)
        if known.end and last_day(known.end) < first_day(day):
            continue
        records.save(session, "employment", {"end": day} | ({"end_reason": reason} if reason else {}), id)
        left += 1
    if not left:
        raise DomainError(_("选中的记录在那以前都已经结束，没有改动。如果结束时间写错了，请按 F2 修改。"))
    return left
