"""The start page (今日): tasks due, checks to make and three short series of figures, all from a single read of the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from db import conflicts, erased, exchange, held
from db.announced import announced
from db.bundles import early
from db.local import half_filled
from db.session import Session
from domain import claims as path
from domain import divisions
from domain.alert_rule import Alert
from domain.divisions import Region
from domain.fields import Record
from domain.periods import add_days
from domain.policy.pack import Pack
from domain.policy.verdict import Outcome
from domain.progress import Progress, unwatched
from domain.promise import NEEDED, Needed, promise
from domain.quality import RULES
from domain.records import JobWish, Notice, Person
from domain.records.people import ABLE
from domain.register import Register
from domain.words import _
from services import employment_services, key_changes, policies, work
from services.alerts import alerts
from services.claims import claims, twins, verdicts
from services.claims.notices import last_day
from services.lists.titles import titles
from services.payments import payments
from services.quality import quality
from services.surveys import surveys

CHECKED_PEOPLE = 5000
TAKE_DOWN_DAYS = 3
"""A notice is shown from this many days before its last."""
REFUSED_DAYS = 30
"""A refused claim is shown for this many days."""
PUBLISHED_DAYS = 14
"""A newly published policy is shown for this many days."""
_UNNAMED = tuple(rule for rule in RULES if rule.id == "I11")
_ERRORS = tuple(rule for rule in RULES if rule.severity == "error")


@dataclass(frozen=True)
class Services:
    """Progress of the 1-3-1 services: number of open job wishes, and for how many of them each part is done."""

    wishes: int
    guidance: int
    jobs: int
    training: int


@dataclass(frozen=True)
class NoticeEnd:
    """A public notice about to end: its last day, and the number of claims it shows."""

    notice: Notice
    last_day: str
    claims: int


@dataclass(frozen=True)
class Today:
    """The content of the start page for a day."""

    on: str
    people: int
    labour: int
    checks: work.CheckCounts
    alerts: Sequence[Alert]
    notices: Sequence[NoticeEnd]
    conflicts: int
    held: int
    closed_into: str | None
    """The scope this village was merged into."""
    unnamed: int
    """Number of posts of which a list did not say type, developer or fund."""
    errors: int | None
    """Number of doubts of severity `error`; None where there are too many people to check while the page opens."""
    regions: Mapping[Region, int]
    idle: int
    """Number of people who can work, are of working age and do not work."""
    months: Sequence[tuple[str, int]]
    services: Services
    early: int = 0
    """Number of items from USB bundles that wait for their predecessors."""
    changes: int = 0
    """Number of changes of names, ID numbers, accounts and categories to be confirmed here; always 0 at a village."""
    returned: Sequence[str] = ()
    """Ids of claims returned to this village."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """At a village: claims refused at a higher level within `REFUSED_DAYS`, with the reason."""
    bounced: Mapping[str, str] = field(default_factory=dict)
    """At a village: claims the bank could not pay, with its reason."""
    turned: Mapping[str, str] = field(default_factory=dict)
    """At a village: claims under way that were filed as eligible and are not any more, with whose and why."""
    twice: Mapping[str, str] = field(default_factory=dict)
    """Claims that stand behind another for the same benefit, with whose and which it is."""
    claims: Sequence[str] = ()
    """Above a village: ids of claims whose next step belongs to this level."""
    surveys: Sequence[surveys.SurveyProgress] = ()
    """Survey sheets not completely filled in, by due date."""
    drafts: Sequence[tuple[str, str]] = ()
    """Forms the current user left half filled in, and when."""
    policies: Sequence[Pack] = ()
    """Policy packs in use that the county published within `PUBLISHED_DAYS`."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Above a village: the name of the village of each record that a warning or notice is about, by the record's id."""
    release: str = ""
    """Version of a newer program release that the county distributes; "" for none."""


def today(session: Session, on: str, progress: Progress = unwatched) -> Today:
    """Build the start page for a day."""
    many = session.count("person") > CHECKED_PEOPLE
    register, gone = quality.load(session, progress, asked=on[:7] if many else None), erased.rows(session.conn)
    living = [person for person in register.all(Person) if not person.died_on and person.id not in gone]
    found, ending = alerts(session, on, register=register), notices_ending(session, on)
    waiting, above = [each.claim.id for each in claims.waiting(session)], session.role != "village"
    return Today(
        on=on,
        people=len(living),
        labour=sum(person.labour in ABLE for person in living),
        checks=work.counts(session, on[:7]),
        alerts=found,
        notices=ending,
        conflicts=conflicts.open_count(session),
        held=held.count(session),
        closed_into=exchange.closed_into(session, session.scope),
        unnamed=len(quality.check(session, on, register, _UNNAMED)),
        errors=len(quality.check(session, on, None if many else register, _ERRORS, progress)) if len(living) <= CHECKED_PEOPLE else None,
        regions=work.by_region(session, on),
        idle=work.idle_count(session, on),
        months=work.by_month(session, on),
        services=services(register, employment_services.services_needed(session, on), on),
        early=early(session.conn),
        changes=len(key_changes.waiting(session)) if above else 0,
        returned=() if above else waiting,
        refused={} if above else _refused(session, add_days(on, -REFUSED_DAYS)),
        bounced={} if above else payments.bounced(session),
        turned={} if above else _turned(session),
        twice={id: claim for id, (claim, _other) in twins.told(session).items()},
        claims=waiting if above else (),
        surveys=surveys.waiting(session),
        drafts=half_filled(session),
        policies=policies.published_since(session, add_days(on, -PUBLISHED_DAYS)),
        places=_places(register, found, ending) if above else {},
        release=announced(session),
    )


def _places(register: Register, found: Sequence[Alert], ending: Sequence[NoticeEnd]) -> Mapping[str, str]:
    ids, kinds = {alert.id for alert in found}, {alert.kind for alert in found}
    about: list[Record] = [end.notice for end in ending]
    about += [one for kind in kinds for one in register.records(kind) if one.id in ids]
    return {one.id: divisions.called(one.village) for one in about}


def _refused(session: Session, since: str) -> Mapping[str, str]:
    found = claims.refused_above(session, since)
    named = titles(session, "claim", [each.claim.id for each in found])
    return {each.claim.id: _("{claim}：{why}").format(claim=named[each.claim.id], why=_why(session, each)) for each in found}


def _turned(session: Session) -> Mapping[str, str]:
    open_ones = [each for each in claims.listing(session) if each.state not in path.SETTLED | path.GRANTED]
    found = verdicts.undecided(session, [each for each in open_ones if each.claim.outcome == Outcome.ELIGIBLE.value])
    named = titles(session, "claim", found)
    return {id: _("{claim}：{why}").format(claim=named[id], why=why) for id, why in found.items()}


def _why(session: Session, each: claims.ClaimStatus) -> str:
    if each.claim.outcome != "duplicate":
        return each.returned_because
    here = any(other.claim.village == each.claim.village for other in twins.others(session, each.claim))
    return _("本村已有一笔，只付一份") if here else _("别处已有一笔，只付一份")


def notices_ending(session: Session, on: str) -> list[NoticeEnd]:
    """Notices without a result that have ended or end within `TAKE_DOWN_DAYS`. The day of posting counts as the first."""
    open_ = session.select(Notice, result=None, order=("start", "id"))
    ends = [NoticeEnd(notice, last_day(notice), len(notice.claims or ())) for notice in open_]
    return [end for end in ends if end.last_day <= add_days(on, TAKE_DOWN_DAYS)]


def services(register: Register, needed: Needed = NEEDED, until: str = "9") -> Services:
    """Progress of the 1-3-1 services over every open wish; several wishes of one person each count."""
    counts = [0, 0, 0]
    living = {id for id, person in register.people.items() if not person.died_on}
    wishes = [wish for wish in register.all(JobWish) if wish.closed_on is None and wish.person_id in living]
    for wish in wishes:
        person = register.people[wish.person_id]
        places = register.enrolments.get(person.id, ())
        given = promise(wish, register.services.get(person.id, ()), register.vacancies, person.birth, register.courses, places, until)
        for n, owed in enumerate(given.owes(needed).values()):
            counts[n] += not owed
    return Services(len(wishes), *counts)
