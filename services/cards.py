"""What a person or an employer is shown of each measure: the verdict that says most, with its rule, its claim, and the other years.

    cards(session, person_id=id)      one card a measure
    cards(session, employer_id=id)    one card a measure and worker

Whom leads concern (`Lead`) is told by the packs; they never carry an amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.mapping import table
from db.session import Session
from domain.policy.pack import Pack, Rule
from domain.policy.verdict import Outcome
from services import claims, policies, screening
from services.claims import Standing
from services.screening import Screened

_OPEN = (Outcome.PENDING, Outcome.NEED_MORE, Outcome.REVIEW, Outcome.NOT_CONFIGURED)


@dataclass(frozen=True)
class MeasureCard:
    """One measure about one subject. `name` is the worker an employer's card is about, "" on a person's own page."""

    rule: Rule
    screened: Screened
    others: Sequence[Screened]
    """The verdicts of other years or records, the latest first."""
    claim: Standing | None
    name: str = ""


def cards(
    session: Session, *, person_id: str | None = None, employer_id: str | None = None, packs: Iterable[Pack] | None = None
) -> list[MeasureCard]:
    """The cards, those that ask for something first. Under one rule the verdict is chosen by which something can be done."""
    used = policies.in_use() if packs is None else tuple(packs)
    grouped: dict[tuple[str, str], list[Screened]] = {}
    for each in screening.screen(session, person_id=person_id, employer_id=employer_id, packs=used):
        subject = each.verdict.person_id or "" if employer_id is not None else ""
        grouped.setdefault((each.verdict.rule, subject), []).append(each)
    rules = rules_of(used)
    chosen = [sorted(group, key=_weight) for group in grouped.values()]
    made = _claims(session, [group[0].claim_id for group in chosen])
    names = _names(session, [group[0].verdict.person_id for group in chosen]) if employer_id is not None else {}
    found = [
        MeasureCard(
            rules[group[0].verdict.pack, group[0].verdict.rule],
            group[0],
            sorted(group[1:], key=lambda each: -each.verdict.year),
            made.get(group[0].claim_id or ""),
            names.get(group[0].verdict.person_id or "", ""),
        )
        for group in chosen
    ]
    return sorted(found, key=lambda card: (_weight(card.screened)[0], card.rule.id, card.name))


def rules_of(packs: Iterable[Pack]) -> Mapping[tuple[str, str], Rule]:
    """Rules by pack and id."""
    return {(pack.id, rule.id): rule for pack in packs for rule in pack.rules}


def rule_names(packs: Iterable[Pack] | None = None) -> Mapping[str, str]:
    """What each rule is called, by its id; of packs that share an id the first in use."""
    names: dict[str, str] = {}
    for pack in policies.shipped() if packs is None else packs:
        for rule in pack.rules:
            names.setdefault(rule.id, rule.name)
    return names


def _weight(each: Screened) -> tuple[int, int]:
    """What can be claimed, what is nearly there, what is under way, the rest; of equals the latest year."""
    outcome = each.verdict.outcome
    if each.unclaimed:
        place = 0
    elif outcome is Outcome.PENDING:
        place = 1
    elif each.claim_id is not None:
        place = 2
    elif outcome in _OPEN:
        place = 3
    elif outcome is Outcome.ELIGIBLE:
        place = 4
    else:
        place = 5 if outcome is Outcome.NOT_ELIGIBLE else 6
    return place, -each.verdict.year


def _claims(session: Session, ids: Iterable[str | None]) -> dict[str, Standing]:
    t = table("claim")
    wanted = sorted({id for id in ids if id})
    return {each.claim.id: each for each in claims.standings(session, session.select("claim", t.c.id.in_(wanted)))} if wanted else {}


def _names(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    t = table("person")
    return {person.id: person.name for person in session.select("person", t.c.id.in_(sorted({id for id in ids if id})))}
