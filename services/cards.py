"""Measure cards for a person or an employer: the most relevant verdict of each measure, with its rule, its claim, and the other years.

    cards(session, person_id=id)      one card for each measure
    cards(session, employer_id=id)    one card for each measure and worker

For leads, which never have an amount, see `screening.leads`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.session import Session
from domain import divisions
from domain.namesakes import marked as told_apart
from domain.policy.case import Rule
from domain.policy.facts import Facts
from domain.policy.pack import Pack
from domain.policy.verdict import Outcome
from domain.records import Claim, Employer, Household, Person
from domain.scopes import is_village
from services import policies, records, screening
from services.claims import claims
from services.claims.claims import ClaimStatus
from services.screening import Screened
from services.standing import namesake_marks

_OPEN = (Outcome.PENDING, Outcome.NEED_MORE, Outcome.REVIEW, Outcome.NOT_CONFIGURED)


@dataclass(frozen=True)
class MeasureCard:
    """One measure for one subject. `name` is the subject's name, "" on a person's own page; `group` is their village group."""

    rule: Rule
    screened: Screened
    others: Sequence[Screened]
    """The verdicts for other years or records, the latest first."""
    claim: ClaimStatus | None
    refused: ClaimStatus | None = None
    """The refused claim, if no other has been made since."""
    name: str = ""
    group: str = ""


def cards(
    session: Session,
    *,
    person_id: str | None = None,
    employer_id: str | None = None,
    packs: Iterable[Pack] | None = None,
    facts: Facts | None = None,
) -> list[MeasureCard]:
    """The cards, those that can be acted on first. Under one rule the verdict that can best be acted on is chosen."""
    used = policies.used_here(session) if packs is None else tuple(packs)
    if facts is None:
        facts = screening.about(session, person_id=person_id, employer_id=employer_id)
    grouped: dict[tuple[str, str], list[Screened]] = {}
    judged = screening.judge(facts, screening.question_about(session, person_id), used, employer_id)
    for each in screening.worth_showing(session, judged):
        subject = each.verdict.person_id or "" if employer_id is not None else ""
        grouped.setdefault((each.verdict.rule, subject), []).append(each)
    rules = rules_of(used)
    chosen = [sorted(group, key=_weight) for group in grouped.values()]
    made = _claims(session, [group[0] for group in chosen])
    names = names_of(session, [(group[0].verdict.person_id, None) for group in chosen]) if employer_id is not None else {}
    found = []
    for first, *others in chosen:
        verdict = first.verdict
        name, home = names.get(verdict.person_id or "", ("", ""))
        others.sort(key=lambda each: -each.verdict.year)
        found.append(MeasureCard(rules[verdict.pack, verdict.rule], first, others, *_claims_of(first, made), name, home))
    return sorted(found, key=lambda card: (_weight(card.screened)[0], card.rule.id, card.name))


def listed(session: Session, screened: Iterable[Screened], packs: Iterable[Pack]) -> list[MeasureCard]:
    """A card for each verdict, for lists of many people; the name is the person's, with the employer's if there is one."""
    shown, rules = list(screened), rules_of(packs)
    made = _claims(session, shown)
    names = names_of(session, [(each.verdict.person_id, each.verdict.employer_id) for each in shown])
    found = []
    for each in shown:
        verdict = each.verdict
        subject = [names[id] for id in (verdict.person_id, verdict.employer_id) if id is not None and id in names]
        name, home = "　".join(one for one, _home in subject), next((home for _one, home in subject if home), "")
        found.append(MeasureCard(rules[verdict.pack, verdict.rule], each, (), *_claims_of(each, made), name, home))
    return found


def rules_of(packs: Iterable[Pack]) -> Mapping[tuple[str, str], Rule]:
    """(pack id, rule id) → rule."""
    return {(pack.id, rule.id): rule for pack in packs for rule in pack.rules}


def rule_names(packs: Iterable[Pack] | None = None) -> Mapping[str, str]:
    """Rule id → name; the first pack wins if several have the same id."""
    names: dict[str, str] = {}
    for pack in policies.shipped() if packs is None else packs:
        for rule in pack.rules:
            names.setdefault(rule.id, rule.name)
    return names


def _weight(each: Screened) -> tuple[int, int]:
    """Sort key: claimable, nearly claimable, claimed, other open ones, the rest; then the latest year."""
    outcome = each.verdict.outcome
    if each.unclaimed:
        place = 0
    elif each.nearly:
        place = 1
    elif each.claim_id is not None:
        place = 2
    elif outcome in _OPEN and outcome is not Outcome.PENDING:
        place = 3
    elif outcome is Outcome.ELIGIBLE:
        place = 4
    else:
        place = 5 if outcome in (Outcome.NOT_ELIGIBLE, Outcome.PENDING) else 6
    return place, -each.verdict.year


def _claims_of(each: Screened, made: Mapping[str, ClaimStatus]) -> tuple[ClaimStatus | None, ClaimStatus | None]:
    """The claim and the refused claim of a verdict; the latter only without the former."""
    claim = made.get(each.claim_id or "")
    return claim, made.get(each.refused or "") if claim is None else None


def _claims(session: Session, screened: Iterable[Screened]) -> dict[str, ClaimStatus]:
    ids = [id for each in screened for id in (each.claim_id, each.refused)]
    return {each.claim.id: each for each in claims.standings(session, records.by_id(session, Claim, ids).values())}


def names_of(session: Session, subjects: Iterable[tuple[str | None, str | None]]) -> dict[str, tuple[str, str]]:
    """Id → (name, group) of people and employers; above a village the group includes the village. `subjects` are pairs of person id and
    employer id."""
    pairs = list(subjects)
    people = records.by_id(session, Person, (person for person, _employer in pairs))
    homes = records.by_id(session, Household, (person.household_id for person in people.values()))
    employers = records.by_id(session, Employer, (employer for _person, employer in pairs))
    above, marked = not is_village(session.scope), namesake_marks(session)
    found = {}
    for id, person in people.items():
        home = _home(person.village if above else "", homes.get(person.household_id))
        found[str(id)] = told_apart(person.name, marked.get(str(id), "")), home
    return found | {str(id): (one.name, "") for id, one in employers.items()}


def _home(village: str, home: Household | None) -> str:
    group = home.group if home is not None else None
    return " ".join(part for part in (divisions.called(village), group) if part)
