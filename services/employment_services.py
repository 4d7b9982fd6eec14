"""Employment services (article 二十九): the services given to and owed to each open wish, vacancies, matching and recommending."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from db import unmasked
from db.among import among
from db.gc_pause import gc_paused
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.errors import DomainError, NotFound
from domain.periods import day_count
from domain.policy.facts import Facts
from domain.policy.rules.services import given
from domain.promise import NEEDED, Given, Needed, Promise, counted
from domain.records import Course, Employer, JobWish, Person, Service, Vacancy
from domain.vacancies import Match, Opening, advert, match, on_offer
from domain.words import _
from services import policies, records
from services.facts import of_wishes
from services.lists.titles import titles
from services.standing import names, standings

if TYPE_CHECKING:
    from domain.policy.packs import InForce

MOST_ADVERTS = 50
"""Most vacancies in one text; nobody reads more on a phone."""


@dataclass(frozen=True)
class WishLine:
    """An open wish. `needed` is what the promise requires; `days` counts the days it has been open, including the first and today."""

    wish: JobWish
    name: str
    category: str
    promise: Promise
    needed: Needed
    days: int


@dataclass(frozen=True)
class VacancyLine:
    """A vacancy. `recommended` is the number of people it was recommended to, `hired` of those who were hired."""

    vacancy: Vacancy
    employer: str
    recommended: int
    hired: int


@dataclass(frozen=True)
class Candidate:
    """A wish matched with a vacancy; `recommendation` is the latest one of it to this person."""

    wish: JobWish
    vacancy: Vacancy
    name: str
    employer: str
    match: Match
    recommendation: Service | None


# -- one-three-one --------------------------------------------------------------------------------------------------------


def open_wishes(session: Session) -> list[str]:
    """Ids of the open wishes of people on record, the longest open first."""
    w, p = table("job_wish"), table("person")
    query = (
        select(w.c.id).join(p, p.c.id == w.c.person_id).where(w.c.deleted_at.is_(None), w.c.closed_on.is_(None), p.c.deleted_at.is_(None))
    )
    return list(session.conn.execute(query.order_by(w.c.opened_on, w.c.id)).scalars())


def promises(session: Session, wishes: Collection[str], on: str) -> dict[str, Promise]:
    """The 1-3-1 services of each wish, as rule R29 counts them."""
    return {id: counted(given(facts, wish, on)) for id, (facts, wish) in _with_facts(session, wishes).items()}


def lines(session: Session, wishes: Sequence[str], on: str) -> list[WishLine]:
    """The lines of a list of wishes, in the order of `wishes`."""
    found = _with_facts(session, wishes)
    people = {wish.person_id for _facts, wish in found.values()}
    named, known = names(session, people), standings(session, people, on)
    owed = services_needed(session, on)
    return [
        WishLine(
            wish,
            named.get(wish.person_id, ""),
            known[wish.person_id].category_text(),
            counted(given(facts, wish, on)),
            owed,
            day_count(wish.opened_on, on),
        )
        for facts, wish in (found[id] for id in wishes if id in found)
    ]


def account_of(session: Session, wish_id: str, on: str) -> list[tuple[Given, str]]:
    """The services given for one wish and which of them count, each with the name of its vacancy or course; the latest first."""
    found = _with_facts(session, [wish_id])
    if wish_id not in found:
        return []
    all_given = given(*found[wish_id], on)
    vacancies = titles(session, "vacancy", (one.service.vacancy_id for one in all_given if one.service.vacancy_id))
    courses = titles(session, "course", (one.service.course_id for one in all_given if one.service.course_id))
    named = {**vacancies, **courses}
    return [(one, named.get(one.service.vacancy_id or one.service.course_id or "", "")) for one in reversed(all_given)]


def _with_facts(session: Session, wishes: Collection[str]) -> dict[str, tuple[Facts, JobWish]]:
    """Wishes and their facts as the rule sees them; those of a merged person belong to the person they were merged into."""
    w = table("job_wish")
    people = set(session.conn.execute(select(w.c.person_id).where(among(w.c.id, wishes))).scalars())
    with gc_paused():
        facts = of_wishes(session, people)
    return {id: (facts, wish) for id in wishes if (wish := facts.get(JobWish, id)) is not None}


# -- giving ----------------------------------------------------------------------------------------------------------------


def give(session: Session, values: Mapping[str, object], *, close: str = "") -> str:
    """Record a service and return its id. The same service on the same day is one record; saving it again updates the result. `close` is
    the id of a wish to close because the person found work."""
    t = table("service")
    same = ("person_id", "type", "on", "vacancy_id", "course_id")
    existing = session.select(Service, *(t.c[name] == values.get(name) if values.get(name) else t.c[name].is_(None) for name in same))
    id = records.save(session, "service", values, existing[0].id if existing else None)
    if close:
        close_wishes(session, [close], str(values["on"]), "已就业")
    return id


def close_wishes(session: Session, wishes: Iterable[str], on: str, reason: str | None) -> int:
    """Close wishes; returns their number. Raises `DomainError` for a day before a wish was opened."""
    done = 0
    for id in wishes:
        wish = session.existing(JobWish, id)
        if on < wish.opened_on:
            raise DomainError(_("结束日期不能早于登记日期 {day}。").format(day=wish.opened_on))
        records.save(session, "job_wish", {"closed_on": on, "close_reason": reason}, id)
        done += 1
    return done


def reopen(session: Session, wishes: Iterable[str]) -> int:
    """Reopen wishes; returns their number."""
    return len([records.save(session, "job_wish", {"closed_on": None, "close_reason": None}, id) for id in wishes])


def courses(session: Session, on: str) -> list[Course]:
    """Courses to which a training may belong: those not yet over first, then the latest."""
    c = table("course")
    return session.select(Course, order=((c.c.end < on), c.c.start.desc(), c.c.id), limit=200)


# -- vacancies and candidates ------------------------------------------------------------------------------------------------


def vacancy_lines(session: Session, ids: Sequence[str]) -> list[VacancyLine]:
    """The lines of a list of vacancies, with the number of recommendations, in the order of `ids`."""
    s = table("service")
    found = {vacancy.id: vacancy for vacancy in session.select(Vacancy, id=ids)}
    people = select(s.c.vacancy_id, func.count(s.c.person_id.distinct())).group_by(s.c.vacancy_id)
    query = people.where(among(s.c.vacancy_id, ids), s.c.type == "job", s.c.deleted_at.is_(None))
    recommended: dict[str, int] = dict(session.conn.execute(query).all())
    hired: dict[str, int] = dict(session.conn.execute(query.where(s.c.result == "hired")).all())
    employers = titles(session, "employer", {vacancy.employer_id for vacancy in found.values()})
    return [
        VacancyLine(found[id], employers.get(found[id].employer_id, ""), recommended.get(id, 0), hired.get(id, 0))
        for id in ids
        if id in found
    ]


def offered(session: Session, on: str) -> list[Vacancy]:
    """Vacancies still open for applications: not expired and, as far as is known here, not filled."""
    t, s = table("vacancy"), table("service")
    began = select(func.count(s.c.person_id.distinct())).where(s.c.vacancy_id == t.c.id, s.c.result == "hired", s.c.deleted_at.is_(None))
    free = began.scalar_subquery() < t.c.headcount
    return session.select(Vacancy, or_(t.c.expires_on.is_(None), t.c.expires_on >= on), free, order=(t.c.expires_on, t.c.title, t.c.id))


def for_wish(session: Session, wish_id: str, on: str) -> list[Candidate]:
    """All open vacancies matched with one wish, the best first. Raises `NotFound`."""
    found = _with_facts(session, [wish_id])
    if wish_id not in found:
        raise NotFound(_("这条就业需求不存在，或已被删除。"))
    facts, wish = found[wish_id]
    vacancies = offered(session, on)
    employers = titles(session, "employer", {vacancy.employer_id for vacancy in vacancies})
    recommendations = _latest_recommendations(facts.of(Service, "person_id", wish.person_id), "vacancy_id")
    name = names(session, [wish.person_id]).get(wish.person_id, "")
    birth = _birth(facts, wish)
    made = [
        Candidate(wish, each, name, employers.get(each.employer_id, ""), match(each, wish, birth, on), recommendations.get(each.id))
        for each in vacancies
    ]
    return sorted(made, key=_match_order)


def for_vacancy(session: Session, vacancy_id: str, on: str) -> list[Candidate]:
    """All open wishes matched with one vacancy, the best first. Raises `NotFound`."""
    vacancy = session.existing(Vacancy, vacancy_id, _("这个岗位不存在，或已被删除。"))
    found = _with_facts(session, open_wishes(session))
    recommendations = _latest_recommendations(session.select(Service, vacancy_id=vacancy_id, type="job"), "person_id")
    named = names(session, {wish.person_id for _facts, wish in found.values()})
    employer = titles(session, "employer", [vacancy.employer_id]).get(vacancy.employer_id, "")
    made = [
        Candidate(
            wish,
            vacancy,
            named.get(wish.person_id, ""),
            employer,
            match(vacancy, wish, _birth(facts, wish), on),
            recommendations.get(wish.person_id),
        )
        for facts, wish in found.values()
    ]
    return sorted(made, key=_match_order)


def _birth(facts: Facts, wish: JobWish) -> str | None:
    person = facts.get(Person, wish.person_id)
    return facts.birth(person) if person is not None else None


def _match_order(candidate: Candidate) -> tuple[bool, bool, int]:
    """Sort key: fitting candidates first, those not yet told before those told, then by fewer differences."""
    return not candidate.match.fits, candidate.recommendation is not None, candidate.match.differences


def _latest_recommendations(services: Iterable[Service], field: str) -> dict[str, Service]:
    jobs = sorted((one for one in services if one.type == "job"), key=lambda one: one.on)
    return {id: one for one in jobs if (id := one[field])}


# -- text --------------------------------------------------------------------------------------------------------------------


def advert_text(session: Session, ids: Sequence[str], *, reason: str = "") -> str:
    """A text of vacancies to send around. With a `reason`, which is logged, it has the employers' telephones. Raises `DomainError` for too
    many."""
    if len(ids) > MOST_ADVERTS:
        raise DomainError(_("一次最多 {n} 个岗位，请少选一些。").format(n=MOST_ADVERTS))
    vacancies = [line.vacancy for line in vacancy_lines(session, ids)]
    employers = records.by_id(session, Employer, (vacancy.employer_id for vacancy in vacancies))
    if reason:
        unmasked.log_view(session, "employer " + " ".join(sorted(str(id) for id in employers)), reason)
    openings = []
    for vacancy in vacancies:
        employer = employers.get(vacancy.employer_id)
        name, phone = (employer.name, employer.phone) if employer is not None else ("", None)
        openings.append(Opening(vacancy, name, (phone or "") if reason else ""))
    station = divisions.name(session.scope)
    return advert(openings, _("报名请到{place}就业服务站").format(place=station or _("本村")))


def expired(vacancy: Vacancy, on: str) -> bool:
    """Whether a vacancy has expired."""
    return not on_offer(vacancy, on)


def services_needed(session: Session, on: str) -> Needed:
    """Return how many guidance sessions, suitable jobs and trainings everybody with an open wish is owed on a day."""
    if not session.count("policy_pack"):
        return NEEDED  # without reading the document, which takes long
    from domain.policy.packs import in_force

    return needed_by_rules(in_force(policies.used_here(session)), session.scope, on)


def needed_by_rules(rules: Iterable[InForce], scope: str, on: str) -> Needed:
    """Like `needed`, by the given rules in force. Where several hold on the day, the largest number of each counts."""
    from domain.policy.packs import holding

    found = []
    for each in holding((each for each in rules if each.rule.kind.name == "services"), scope, on):
        params = each.params(each.applied(scope, on))
        guidance, jobs, training = (params.get(name) for name in ("guidance", "jobs", "training"))
        if isinstance(guidance, int) and isinstance(jobs, int) and isinstance(training, int):
            found.append((guidance, jobs, training))
    if not found:
        return NEEDED
    return max(one[0] for one in found), max(one[1] for one in found), max(one[2] for one in found)
