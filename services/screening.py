"""Eligibility screening: who is entitled and has not claimed (应享未享), who claims without being entitled, who nearly qualifies, and what
another policy pack would change.

    screen(session)                          everybody, every rule, the years the packs cover
    screen(session, person_id=id)            one person's verdicts; `leads(...)` adds the leads
    screen(session, employer_id=id)          one workshop's or base's verdicts
    compare(session, old, new)               person by person, what changes under other packs

Unless packs are given, those known here and active apply (`services.policies`). Nothing is written. Verdicts are provisional except at the
county.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select

from db import erased
from db.among import among
from db.gc_pause import gc_paused
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.claims import ENDED, FIXED, counted, grounded, was_paid
from domain.money import yuan_grouped
from domain.policy.engine import Question, evaluate
from domain.policy.facts import Facts
from domain.policy.leads import Lead, of_employer, of_person
from domain.policy.pack import Pack
from domain.policy.packs import InForce, in_force
from domain.policy.verdict import Outcome, Reason, Verdict
from domain.progress import Progress, unwatched
from domain.records import Attendance, Claim, ClaimStep, Employer, Person, PostPay
from domain.records.choices import FUNDS
from domain.scopes import is_county
from domain.words import _
from services import facts as stored
from services import policies

Subject = tuple[str, int, str, str, str]
_VOID: Final = frozenset({Outcome.EXPIRED, Outcome.NOT_YET, Outcome.SUPERSEDED})
FILEABLE: Final = frozenset({Outcome.ELIGIBLE, Outcome.REVIEW, Outcome.NEED_MORE})
"""Outcomes on which a claim may be filed: an open question can be settled during review, a definite no cannot."""
UNENTITLED: Final = frozenset({Outcome.NOT_ELIGIBLE, Outcome.EXPIRED, Outcome.NOT_YET, Outcome.SUPERSEDED, Outcome.DUPLICATE})


@dataclass(frozen=True)
class Screened:
    """A verdict and the open claim made under it, if any. `refused`: id of the last claim that was refused or recovered."""

    verdict: Verdict
    claim_id: str | None
    claimable: bool = True
    """Whether a claim may be made: not for rules that only check or count, nor for a post's month whose pay is recorded as paid."""
    refused: str | None = None
    too_much: int = 0
    """Fen by which the approved amount exceeds the amount due under the present facts and packs."""
    too_little: int = 0
    """Fen by which the approved amount falls short of the amount due under the present facts and packs."""

    undecided: bool = False
    """Whether it has a claim under way and is neither eligible nor a definite no: whoever reviews the claim has to decide."""

    @property
    def can_file(self) -> bool:
        """Whether a claim may be filed on this verdict."""
        return self.claimable and self.claim_id is None and self.verdict.outcome in FILEABLE

    @property
    def unclaimed(self) -> bool:
        """应享未享: entitled, and nobody has claimed. A refused or recovered claim has been decided and does not count as missing."""
        return self.claimable and self.verdict.outcome is Outcome.ELIGIBLE and self.claim_id is None and self.refused is None

    @property
    def unentitled(self) -> bool:
        """不符合却已申请: claimed though definitely not entitled, or approved for more than is due."""
        return self.claim_id is not None and (self.verdict.outcome in UNENTITLED or self.too_much > 0)

    @property
    def underpaid(self) -> bool:
        """少发: approved or paid for less than is due, as after a rise that applies to earlier dates."""
        return self.claim_id is not None and self.too_little > 0

    @property
    def nearly(self) -> bool:
        """快够条件: not eligible yet, but still able to become so; the reasons say what is missing."""
        return self.verdict.outcome is Outcome.PENDING and self.verdict.within_reach

    def to_json(self) -> dict[str, Any]:
        """The verdict in its contract form, with `claim_id`."""
        return {**self.verdict.to_json(), "claim_id": self.claim_id}


@dataclass(frozen=True)
class Change:
    """One subject's verdicts under the packs before and after; None where there is no verdict."""

    before: Verdict | None
    after: Verdict | None

    @property
    def difference(self) -> int:
        """Change of the amount in fen; negative for less."""
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
    """Judge everybody, one person or one employer; for people whose data was erased, only verdicts with a claim.

    Leaves nothing behind where `progress` raises `Stopped` to cancel.
    """
    with gc_paused():
        facts = about(session, person_id=person_id, employer_id=employer_id, progress=progress)
        question = replace(question_about(session, person_id, on), year=year, rule=rule)
        used = tuple(policies.used_here(session) if packs is None else packs)
        found = judge(facts, question, used, employer_id, progress)
        found += _unfounded(session, facts, question, used, employer_id, {each.claim_id for each in found})
    return worth_showing(session, found)


def worth_showing(session: Session, found: list[Screened]) -> list[Screened]:
    """Drop the verdicts without a claim about people whose data was erased: nobody can act on them any more."""
    gone = erased.rows(session.conn)
    return [each for each in found if each.claim_id is not None or each.verdict.person_id not in gone] if gone else found


def question_about(session: Session, person_id: str | None = None, on: str | None = None) -> Question:
    """The question to judge one person or everybody as of a day: every year and rule, including benefits already paid."""
    people = frozenset({person_id}) if person_id is not None else None
    return Question(
        on or session.today, people=people, settled=False, everyone=people is not None, provisional=not is_county(session.scope)
    )


def judge(
    facts: Facts, question: Question, packs: Iterable[Pack], employer_id: str | None = None, progress: Progress = unwatched
) -> list[Screened]:
    """Like `screen`, on facts already read; with an employer, only the verdicts about it."""
    rules = in_force(packs)
    verdicts = _relevant(evaluate(facts, rules, question, progress), rules, question.year)
    claims, refused = _claims(facts), _refused(facts)
    claimed = {(each.pack.id, each.rule.id): each.rule.kind.claimed for each in rules}
    kin = {(each.pack.id, each.rule.id): sorted(each.kin) for each in rules if each.kin}
    in_use = {(each.pack.id, each.rule.id) for each in rules}

    def claim_of(verdict: Verdict, found: Mapping[Subject, str]) -> str | None:
        by_kin = (found.get((rule, *verdict.subject[1:])) for rule in kin.get((verdict.pack, verdict.rule), ()))
        id = found.get(verdict.subject) or next((one for one in by_kin if one), None)
        return None if id is not None and verdict.outcome in UNENTITLED and elsewhere(verdict, id) else id

    def elsewhere(verdict: Verdict, id: str) -> bool:
        """Whether the claim was made under another document in use. That document's verdict decides on it; this one's no does not."""
        claim, judged_by = facts.get(Claim, id), (verdict.pack, verdict.rule)
        return claim is not None and (claim.pack, claim.rule) != judged_by and (claim.pack, claim.rule) in in_use

    posts = {(each.pack.id, each.rule.id) for each in rules if each.rule.kind.on_pay_sheet}

    def checked(each: Screened) -> Screened:
        if (each.verdict.pack, each.verdict.rule) in posts:
            each = _settled_by_sheet(each, facts)
        claim = facts.get(Claim, each.claim_id)
        if claim is None or elsewhere(each.verdict, claim.id):
            return each
        return _checked(each, claim, facts.of(ClaimStep, "claim_id", claim.id))

    return [
        checked(Screened(verdict, claim_of(verdict, claims), claimed[verdict.pack, verdict.rule], claim_of(verdict, refused)))
        for verdict in verdicts
        if employer_id is None or verdict.employer_id == employer_id
    ]


def paid_by_sheet(facts: Facts, record_id: str | None) -> tuple[int, str]:
    """What the pay sheet of posts (`services.posts.pay`) paid for the month of an attendance: the sum (fen) and a sentence; 0 and "" where
    it paid nothing, or what it paid was taken back."""
    kept = facts.get(Attendance, record_id)
    made = [one for one in facts.of(PostPay, "appointment_id", kept.appointment_id) if one.month == kept.month] if kept is not None else []
    amount = sum(one.amount for one in made)
    if kept is None or amount <= 0:
        return 0, ""
    day = max((one.paid_on for one in made if one.paid_on), default="")
    text = _("{month} 的补贴已经发了 {amount} 元（{day}），不用再申请") if day else _("{month} 的补贴已经发了 {amount} 元，不用再申请")
    return amount, text.format(month=kept.month, amount=yuan_grouped(amount), day=day)


def _settled_by_sheet(each: Screened, facts: Facts) -> Screened:
    """Mark a post's month that the pay sheet paid: a claim would pay it twice, so one that was filed is to be taken back."""
    amount, said = paid_by_sheet(facts, each.verdict.record_id)
    if not amount:
        return each
    over = amount - each.verdict.amount if each.verdict.outcome is Outcome.ELIGIBLE else 0
    if over > 0:
        said += _("；按出勤应为 {due} 元，多发 {over} 元，请核实").format(due=yuan_grouped(each.verdict.amount), over=yuan_grouped(over))
    reason = Reason(each.claim_id is None and over <= 0, each.verdict.article + said)
    verdict = replace(each.verdict, reasons=(*each.verdict.reasons, reason))
    return replace(each, verdict=verdict, claimable=False, too_much=amount if each.claim_id is not None else 0)


def due_of(claim: Claim, verdict: Verdict) -> int:
    """The amount due for a claim by an `eligible` verdict (fen); for a claim of some of the verdict's months, their share of it."""
    return verdict.amount * len(claim.months) // len(verdict.months) if claim.months and verdict.months else verdict.amount


def _checked(each: Screened, claim: Claim, steps: Iterable[ClaimStep]) -> Screened:
    """Mark a claim that somebody has to decide upon, or whose amount is not what is due now; of one that is approved or paid, by how much.

    A wrong amount in a pack or a fact corrected since would otherwise go unnoticed once the last review is over.
    """
    verdict, taken = each.verdict, counted(claim, sorted(steps, key=lambda step: (step.at, step.id)))
    if verdict.outcome not in (*UNENTITLED, Outcome.ELIGIBLE):
        return replace(each, undecided=not taken or taken[-1].to_state not in FIXED | ENDED)
    if verdict.outcome is not Outcome.ELIGIBLE or claim.amount == (due := due_of(claim, verdict)):
        return each
    if taken and taken[-1].to_state in ENDED - FIXED:
        return each
    if not taken or taken[-1].to_state not in FIXED:
        why = _("申请写的是 {amount} 元，按现在的文件和登记的事实应为 {due} 元：请退回重办")
        if not taken or taken[-1].to_state == "returned":
            why = _("申请写的是 {amount} 元，按现在的文件和登记的事实应为 {due} 元：审核时按应为的数改")
        reason = Reason(False, verdict.article + why.format(amount=yuan_grouped(claim.amount), due=yuan_grouped(due)))
        return replace(each, verdict=replace(verdict, reasons=(*verdict.reasons, reason)))
    why = _("批的是 {amount} 元，按现在的文件和登记的事实应为 {due} 元：没有拨的退回重办，已经拨的由县里在「不符合却已申请」里追回多发的")
    if claim.amount < due:
        why = _("批的是 {amount} 元，按现在的文件和登记的事实应为 {due} 元：没有拨的退回重办，已经拨的由县里在「少发」里补发差额")
    if taken[-1].to_state == "approved" and was_paid(taken):
        why = _("差额核定到 {amount} 元，按现在的文件和登记的事实应为 {due} 元：先办「不再补发」或「不再追回」，再重新核定")
    reason = Reason(False, verdict.article + why.format(amount=yuan_grouped(claim.amount), due=yuan_grouped(due)))
    verdict = replace(verdict, reasons=(*verdict.reasons, reason))
    return replace(each, verdict=verdict, too_much=max(0, claim.amount - due), too_little=max(0, due - claim.amount))


def _unfounded(
    session: Session, facts: Facts, question: Question, packs: Iterable[Pack], employer_id: str | None, judged: set[str | None]
) -> list[Screened]:
    """Open claims whose facts are no longer on file, so that no rule yields a verdict on them.

    Claims that carry no facts are left out: their facts may never have been here.
    """
    open_ones = set(_claims(facts).values()) - judged
    c = table("claim")
    with_facts = among(c.c.id, open_ones), c.c.facts.is_not(None), c.c.outcome != Outcome.DUPLICATE.value
    read = Claim.KIND.by_name["facts"].from_stored
    lost = {row.id for row in session.conn.execute(select(c.c.id, c.c.facts).where(*with_facts)) if grounded(read(row.facts))}
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
    """The facts about one person or one employer, or all facts: read once, used for verdicts and leads."""
    if person_id is not None:
        return stored.of_people(session, [person_id])
    if employer_id is not None:
        return stored.of_people(session, stored.at_employer(session, employer_id))
    return stored.everybody(session, progress)


def _relevant(verdicts: list[Verdict], rules: Sequence[InForce], year: int | None) -> list[Verdict]:
    """Drop the verdicts of years that no pack covers, unless a year was asked for."""
    if year is not None:
        return verdicts
    first = min((int(each.rule.start[:4]) for each in rules), default=0)
    last = max((int(each.rule.end[:4]) for each in rules), default=0)
    of_the_day = {(each.pack.id, each.rule.id) for each in rules if each.rule.kind.undated}
    return [v for v in verdicts if first <= v.year <= last or (v.pack, v.rule) in of_the_day]


def _claims(facts: Facts) -> Mapping[Subject, str]:
    """Ids of open claims by subject, the latest filed where there are several.

    Includes the claims the county found to be duplicates: the station may not know the claims they duplicate.
    """
    ended = {step.claim_id for step in facts.all(ClaimStep) if step.to_state in ENDED}
    settled = {claim.id for claim in facts.all(Claim) if claim.outcome == Outcome.DUPLICATE.value}
    found: dict[Subject, str] = {}
    for claim in sorted(facts.all(Claim), key=lambda c: (c.id not in ended, c.filed_on or "", c.id)):
        if (claim.id not in ended or claim.id in settled) and claim.year is not None:
            found[_subject(claim, claim.year)] = claim.id
    return found


def _refused(facts: Facts) -> Mapping[Subject, str]:
    """Ids of claims that were refused or recovered, by subject; the last where there are several."""
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
    """Hints at what a person or an employer may apply for under other documents, without amounts.

    `packs` as in `screen`; `facts`: as read by `about`, where the caller has them.
    """
    day = on or session.today
    if facts is None:
        facts = about(session, person_id=person_id, employer_id=employer_id)
    person, employer = facts.get(Person, person_id), facts.get(Employer, employer_id)
    home = employer.village if person is None and employer is not None else facts.home(person)
    used = policies.used_here(session) if packs is None else packs
    offered = [_with_expiry(lead, pack, day) for pack in used if divisions.covers(pack.area, home) for lead in pack.leads]
    own = of_person(facts, person, offered, day) if person is not None else []
    return own + (of_employer(facts, employer, offered, day) if employer is not None else [])


def _with_expiry(lead: Mapping[str, str], pack: Pack, day: str) -> Mapping[str, str]:
    """The lead, with a remark where its document has expired."""
    if day <= pack.end:
        return lead
    return {**lead, "text": _(lead["text"]) + _("（本文件已于 {day} 到期，请问现行政策）").format(day=pack.end)}


def compare(
    session: Session,
    before: Iterable[Pack],
    after: Iterable[Pack],
    *,
    on: str | None = None,
    only: Collection[str] = (),
    progress: Progress = unwatched,
) -> list[Change]:
    """The subjects whose outcome or amount changes under other packs, in order. `only`: the ids of the rules asked about, () for all."""
    facts = about(session, progress=progress)
    question = Question(on or session.today, settled=False, everyone=False)
    rules = [[each for each in in_force(packs) if not only or each.rule.id in only] for packs in (before, after)]
    kin = {(each.pack.id, each.rule.id): min(each.kin | {each.rule.id}) for each in (*rules[0], *rules[1]) if each.kin}
    old, new = (_by_subject(evaluate(facts, some, question, progress), kin) for some in rules)
    changes = [Change(old.get(subject), new.get(subject)) for subject in sorted(old.keys() | new.keys())]
    return [change for change in changes if _effect(change.before) != _effect(change.after)]


def _by_subject(verdicts: list[Verdict], kin: Mapping[tuple[str, str], str]) -> dict[Subject, Verdict]:
    """One verdict per subject. Where rules of several packs give one benefit, an eligible verdict wins, then one of a rule in force."""
    found: dict[Subject, Verdict] = {}
    for verdict in verdicts:
        subject = (kin.get((verdict.pack, verdict.rule), verdict.rule), *verdict.subject[1:])
        known = found.get(subject)
        if known is None or known.outcome in _VOID or (verdict.outcome is Outcome.ELIGIBLE and known.outcome is not Outcome.ELIGIBLE):
            found[subject] = verdict
    return found


def _effect(verdict: Verdict | None) -> tuple[str, int] | None:
    """Outcome and amount; None where no rule in force says anything."""
    return (verdict.outcome.value, verdict.amount) if verdict is not None and verdict.outcome not in _VOID else None
