"""Screening: who is entitled and has not claimed (应享未享), who claims and is not entitled, who is nearly there, and what another
pack would change.

    screen(session)                          everybody, every rule, the years the packs are about
    screen(session, person_id=id)            one person's cards, with leads from `leads(...)`
    screen(session, employer_id=id)          one workshop's or base's cards
    compare(session, old, new)               person by person, what changes under other packs

Packs are those known here and active unless given (`services.policies`). Nothing is written. Answers are provisional except at the county.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select

from db import erased
from db.among import among
from db.gc_pause import gc_paused
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.claims import ENDED, FIXED
from domain.money import yuan_grouped
from domain.policy.engine import Question, evaluate
from domain.policy.facts import Facts
from domain.policy.leads import Lead, of_employer, of_person
from domain.policy.pack import Pack
from domain.policy.packs import InForce, in_force
from domain.policy.verdict import Outcome, Reason, Verdict
from domain.progress import Progress, unwatched
from domain.records import Claim, ClaimStep, Employer, Person
from domain.records.choices import FUNDS
from domain.words import _
from services import facts as stored
from services import policies

Subject = tuple[str, int, str, str, str]
_OVER: Final = frozenset({Outcome.EXPIRED, Outcome.NOT_YET, Outcome.SUPERSEDED})
UNENTITLED: Final = frozenset({Outcome.NOT_ELIGIBLE, Outcome.EXPIRED, Outcome.NOT_YET, Outcome.SUPERSEDED, Outcome.DUPLICATE})


@dataclass(frozen=True)
class Screened:
    """A verdict and the claim made under it, if there is one that has not ended; `refused`: the last one that was not passed, or of
    which the money was taken back."""

    verdict: Verdict
    claim_id: str | None
    claimable: bool = True
    refused: str | None = None
    too_much: int = 0
    """Fen for which the claim was approved beyond what is due by the facts and packs of the day."""

    @property
    def unclaimed(self) -> bool:
        """应享未享: entitled, and nobody has claimed. What was refused or recovered is decided: who files another knows why."""
        return self.claimable and self.verdict.outcome is Outcome.ELIGIBLE and self.claim_id is None and self.refused is None

    @property
    def unentitled(self) -> bool:
        """不符合却已申请: claimed, and a certain no, or approved for more than is due."""
        return self.claim_id is not None and (self.verdict.outcome in UNENTITLED or self.too_much > 0)

    @property
    def nearly(self) -> bool:
        """快够条件: short today, and it can still be reached; the reasons say by how much."""
        return self.verdict.outcome is Outcome.PENDING and self.verdict.within_reach

    def to_json(self) -> dict[str, Any]:
        """The contract's verdict with `claim_id`."""
        return {**self.verdict.to_json(), "claim_id": self.claim_id}


@dataclass(frozen=True)
class Change:
    """What another pack makes of one subject; None where it has no verdict."""

    before: Verdict | None
    after: Verdict | None

    @property
    def difference(self) -> int:
        """Fen more (or less) than before."""
        return (self.after.amount if self.after else 0) - (self.before.amount if self.before else 0)


def screen(
    session: Session,
    *,
    on: str | None = None,
    year: int | None = None,
    rule: str | None = None,
    person_id: str | None = None,
    employer_id: str | None = None,
    packs: Iterable[Pack] | None = None,
    progress: Progress = unwatched,
) -> list[Screened]:
    """Judge everybody, one person or one employer; of somebody erased by rule only what was claimed.

    Where `progress` raises `Stopped` nothing is left behind.
    """
    with gc_paused():
        facts = about(session, person_id=person_id, employer_id=employer_id, progress=progress)
        question = replace(asked(session, person_id, on), year=year, rule=rule)
        used = tuple(policies.used_here(session) if packs is None else packs)
        found = judge(facts, question, used, employer_id, progress)
        found += _unfounded(session, facts, question, used, employer_id, {each.claim_id for each in found})
    return worth_showing(session, found)


def worth_showing(session: Session, found: list[Screened]) -> list[Screened]:
    """Without what nobody may do any more for somebody erased by rule: of them only what was claimed."""
    gone = erased.rows(session.conn)
    return [each for each in found if each.claim_id is not None or each.verdict.person_id not in gone] if gone else found


def asked(session: Session, person_id: str | None = None, on: str | None = None) -> Question:
    """What a page asks about one person or everybody as of a day: every year and rule, those who were paid, too."""
    people = frozenset({person_id}) if person_id is not None else None
    return Question(on or session.today, people=people, settled=False, everyone=people is not None, provisional=not _at_county(session))


def judge(
    facts: Facts, question: Question, packs: Iterable[Pack], employer_id: str | None = None, progress: Progress = unwatched
) -> list[Screened]:
    """As `screen`, by facts that were read already; with an employer only what is about it."""
    rules = in_force(packs)
    verdicts = _relevant(evaluate(facts, rules, question, progress), rules, question.year)
    claims, refused = _claims(facts), _refused(facts)
    claimed = {each.rule.id: each.rule.kind.claimed for each in rules}
    kin = {(each.pack.id, each.rule.id): sorted(each.kin) for each in rules if each.kin}
    in_use = {(each.pack.id, each.rule.id) for each in rules}

    def of(verdict: Verdict, found: Mapping[Subject, str]) -> str | None:
        by_kin = (found.get((rule, *verdict.subject[1:])) for rule in kin.get((verdict.pack, verdict.rule), ()))
        id = found.get(verdict.subject) or next((one for one in by_kin if one), None)
        return None if id is not None and verdict.outcome in UNENTITLED and elsewhere(verdict, id) else id

    def elsewhere(verdict: Verdict, id: str) -> bool:
        """Whether the claim was made under another document in use, whose verdict says what it is worth: this one's no is not about it."""
        claim, told = facts.get(Claim, id), (verdict.pack, verdict.rule)
        return claim is not None and (claim.pack, claim.rule) != told and (claim.pack, claim.rule) in in_use

    passed = {step.claim_id for step in facts.all(ClaimStep) if step.to_state in FIXED}
    found = [
        Screened(verdict, of(verdict, claims), claimed[verdict.rule], of(verdict, refused))
        for verdict in verdicts
        if employer_id is None or verdict.employer_id == employer_id
    ]
    return [
        each if (id := each.claim_id) is None or id not in passed or elsewhere(each.verdict, id) else _weighed(each, facts.get(Claim, id))
        for each in found
    ]


def due_of(claim: Claim, verdict: Verdict) -> int:
    """What a claim comes to by an `eligible` verdict (fen); months are shared out among claims: what so many months come to."""
    return verdict.amount * len(claim.months) // len(verdict.months) if claim.months and verdict.months else verdict.amount


def _weighed(each: Screened, claim: Claim | None) -> Screened:
    """Says of what was approved whether it is more than is due: a wrong sum in a pack, or a fact that was put right since, was heard of
    by nobody once the last review had passed it."""
    verdict = each.verdict
    if claim is None or verdict.outcome is not Outcome.ELIGIBLE or claim.amount <= (due := due_of(claim, verdict)):
        return each
    why = _("批的是 {amount} 元，按现在的文件和登记的事实应为 {due} 元：没有拨的退回重办，已经拨的走「追回」，再按应发的申请")
    told = Reason(False, verdict.article + why.format(amount=yuan_grouped(claim.amount), due=yuan_grouped(due)))
    return replace(each, verdict=replace(verdict, reasons=(*verdict.reasons, told)), too_much=claim.amount - due)


def _unfounded(
    session: Session, facts: Facts, question: Question, packs: Iterable[Pack], employer_id: str | None, judged: set[str | None]
) -> list[Screened]:
    """Claims that were judged by facts of which none is on file any more: no rule finds them, and nobody would hear of it. One that came
    without the facts it was judged by may never have had any here."""
    open_ones = set(_claims(facts).values()) - judged
    c = table("claim")
    with_facts = among(c.c.id, open_ones), c.c.facts.is_not(None), c.c.outcome != Outcome.DUPLICATE.value
    lost = set(session.conn.execute(select(c.c.id).where(*with_facts)).scalars())
    rules = {(each.pack.id, each.rule.id): each for each in in_force(packs)} if lost else {}
    return [
        Screened(_without_facts(claim, each, question), claim.id, each.rule.kind.claimed)
        for claim in facts.all(Claim)
        if claim.id in lost and (each := rules.get((claim.pack, claim.rule))) is not None
        if question.rule in (None, claim.rule)
        if claim.year == question.year or (question.year is None and each.rule.start[:4] <= str(claim.year) <= each.rule.end[:4])
        if (question.people is None or claim.person_id in question.people) and employer_id in (None, claim.employer_id)
    ]


def _without_facts(claim: Claim, each: InForce, question: Question) -> Verdict:
    why = _("申请时所据的事实现在没有登记了（删除了，或改到了别的年度、别的人名下），请核实；不该享受的请退回、不予通过或追回")
    return Verdict(
        rule=claim.rule,
        article=each.rule.article,
        year=claim.year,
        person_id=claim.person_id,
        employer_id=claim.employer_id,
        record_id=claim.record_id,
        outcome=Outcome.NOT_ELIGIBLE,
        amount=0,
        fund=FUNDS.get(each.rule.fund) if each.rule.fund else None,
        provisional=question.provisional,
        reasons=(Reason(False, each.rule.article + why),),
        missing=(),
        pack=each.pack.id,
        version=each.version(()),
    )


def about(session: Session, *, person_id: str | None = None, employer_id: str | None = None, progress: Progress = unwatched) -> Facts:
    """The facts that bear on one person or employer, or all there are: read once for verdicts and leads."""
    if person_id is not None:
        return stored.of_people(session, [person_id])
    if employer_id is not None:
        return stored.of_people(session, stored.at_employer(session, employer_id))
    return stored.everybody(session, progress)


def _at_county(session: Session) -> bool:
    return len(session.scope) == 6


def _relevant(verdicts: list[Verdict], rules: Sequence[InForce], year: int | None) -> list[Verdict]:
    """Years long before or after the packs say nothing to anybody unless asked for."""
    if year is not None:
        return verdicts
    first = min((int(each.rule.start[:4]) for each in rules), default=0)
    last = max((int(each.rule.end[:4]) for each in rules), default=0)
    of_the_day = {(each.pack.id, each.rule.id) for each in rules if each.rule.kind.name == "post"}  # R25: places on posts, as of today
    return [v for v in verdicts if first <= v.year <= last or (v.pack, v.rule) in of_the_day]


def _claims(facts: Facts) -> Mapping[Subject, str]:
    """Claims that have not ended, by what they are about, and those the county found to be duplicates of claims a station does not
    know; the latest filed where there are several."""
    ended = {step.claim_id for step in facts.all(ClaimStep) if step.to_state in ENDED}
    settled = {claim.id for claim in facts.all(Claim) if claim.outcome == Outcome.DUPLICATE.value}
    found: dict[Subject, str] = {}
    for claim in sorted(facts.all(Claim), key=lambda c: (c.id not in ended, c.filed_on or "", c.id)):
        if (claim.id not in ended or claim.id in settled) and claim.year is not None:
            found[_subject(claim, claim.year)] = claim.id
    return found


def _refused(facts: Facts) -> Mapping[Subject, str]:
    """Claims that were refused or recovered, by what they are about; of several the last."""
    claims = {claim.id: claim for claim in facts.all(Claim)}
    found: dict[Subject, str] = {}
    for step in sorted(facts.all(ClaimStep), key=lambda step: step.at):
        claim = claims.get(step.claim_id) if step.to_state in ("refused", "recovered") else None
        if claim is not None and claim.year is not None:
            found[_subject(claim, claim.year)] = claim.id
    return found


def _subject(claim: Claim, year: int) -> Subject:
    return claim.rule, year, claim.person_id or "", claim.employer_id or "", claim.record_id or ""


def leads(
    session: Session,
    *,
    person_id: str | None = None,
    employer_id: str | None = None,
    on: str | None = None,
    packs: Iterable[Pack] | None = None,
    facts: Facts | None = None,
) -> list[Lead]:
    """What a person or an employer may ask about under other documents; never an amount. `packs` and `facts` as in `screen`."""
    day = on or session.today
    if facts is None:
        facts = about(session, person_id=person_id, employer_id=employer_id)
    person, employer = facts.get(Person, person_id), facts.get(Employer, employer_id)
    home = employer.village if person is None and employer is not None else facts.home(person)
    used = policies.used_here(session) if packs is None else packs
    said = [_still(one, pack, day) for pack in used if divisions.covers(pack.area, home) for one in pack.leads]
    own = of_person(facts, person, said, day) if person is not None else []
    return own + (of_employer(facts, employer, said, day) if employer is not None else [])


def _still(lead: Mapping[str, str], pack: Pack, day: str) -> Mapping[str, str]:
    """A lead that says so when the document it comes from has run out."""
    if day <= pack.end:
        return lead
    return {**lead, "text": _(lead["text"]) + _("（本文件已于 {day} 到期，请问现行政策）").format(day=pack.end)}


def compare(
    session: Session,
    before: Iterable[Pack],
    after: Iterable[Pack],
    *,
    on: str | None = None,
    progress: Progress = unwatched,
) -> list[Change]:
    """What changes under other packs, subject by subject; those with the same outcome and amount are left out."""
    facts = about(session, progress=progress)
    question = Question(on or session.today, settled=False, everyone=False)
    rules = in_force(before), in_force(after)
    kin = {(each.pack.id, each.rule.id): min(each.kin | {each.rule.id}) for each in (*rules[0], *rules[1]) if each.kin}
    old, new = (_by_subject(evaluate(facts, some, question, progress), kin) for some in rules)
    changes = [Change(old.get(subject), new.get(subject)) for subject in sorted(old.keys() | new.keys())]
    return [change for change in changes if _told(change.before) != _told(change.after)]


def _by_subject(verdicts: list[Verdict], kin: Mapping[tuple[str, str], str]) -> dict[Subject, Verdict]:
    """One verdict a subject: of several packs, whose rules are one benefit, the one that gives, else that says more than that it is over,
    not yet or replaced."""
    found: dict[Subject, Verdict] = {}
    for verdict in verdicts:
        subject = (kin.get((verdict.pack, verdict.rule), verdict.rule), *verdict.subject[1:])
        known = found.get(subject)
        if known is None or known.outcome in _OVER or (verdict.outcome is Outcome.ELIGIBLE and known.outcome is not Outcome.ELIGIBLE):
            found[subject] = verdict
    return found


def _told(verdict: Verdict | None) -> tuple[str, int] | None:
    return (verdict.outcome.value, verdict.amount) if verdict is not None and verdict.outcome not in _OVER else None
