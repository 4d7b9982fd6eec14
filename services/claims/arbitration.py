"""Arbitration: decides which of several claims to one benefit proceeds, across all stations, in the fixed order of `domain.md` §3.6.

    for ruling in rulings(session, 2023, packs):  …  still_open(session, ruling)

Claims compete when the rule gives them the same key (a person by number, and the year, the term or the employer). The first by the rule's
own order of facts wins, whoever synced first; if the facts are equal, the one filed first, then the lowest id. Monthly benefits are
divided: a later claim keeps the months that the earlier ones leave, and is returned with the reduced amount. Money already paid to the
person is not reclaimed for another claim of the same person; wrong payments to an employer are listed for recovery. Nothing is written
here; the county records the rulings (`cli.arbitration`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from db.among import among
from db.mapping import table
from db.merged import root, selves
from db.session import Session
from domain import claims as path
from domain import divisions
from domain.claims import ENDED, SETTLED
from domain.grouping import by_key
from domain.money import yuan_text
from domain.policy.case import Case
from domain.policy.competing import allot
from domain.policy.engine import Question, contenders
from domain.policy.facts import Facts
from domain.policy.pack import Pack
from domain.policy.packs import InForce, in_force
from domain.policy.verdict import Outcome
from domain.progress import Progress, unwatched
from domain.records import Claim
from domain.scopes import county_of, township_of
from domain.words import _
from services import facts as stored
from services import policies, screening
from services.claims import claims

_CONTENDS = frozenset({Outcome.ELIGIBLE, Outcome.REVIEW, Outcome.NEED_MORE, Outcome.PENDING, Outcome.NOT_CONFIGURED, Outcome.DUPLICATE})
"""Outcomes with which a claim competes. A claim that is certainly not eligible is refused for its own reason, not as a duplicate; a rule
may find a duplicate from the facts."""


@dataclass(frozen=True)
class Loser:
    """A claim that is a duplicate, entirely or for some months. `paid`: already paid, so it can only be recovered. `area`: the village of
    the claim that gets what this one loses. `keeps`: the months left to it, with their `amount` in fen."""

    claim_id: str
    village: str
    paid: bool
    area: str
    keeps: tuple[str, ...] = ()
    amount: int = 0

    def to_json(self) -> dict[str, Any]:
        """A loser in the output of `arbitrate --json`."""
        left = {"months": list(self.keeps), "amount": yuan_text(self.amount)} if self.keeps else {}
        return {"claim_id": self.claim_id, "outcome": "recover" if self.paid else "reduced" if self.keeps else "duplicate", **left}


@dataclass(frozen=True)
class Ruling:
    """The decision about claims to one benefit. `winner` is None if none is certain yet and people must check the `undecided` claims."""

    rule: str
    year: int
    winner: str | None
    village: str
    losers: Sequence[Loser]
    undecided: Sequence[str] = ()

    def sentence(self, loser: Loser) -> str:
        """The message for a loser; it names only the area in which the other claim was filed."""
        where = divisions.full_name(township_of(loser.area)) or divisions.full_name(county_of(loser.area)) or county_of(loser.area)
        values = {"year": self.year, "area": where}
        if not loser.keeps:
            text = _("重复享受：同一项补助（{year} 年）已在{area}申报，按先后次序由那一笔享受，这一笔不予通过。有疑问请向县里查询。")
            return text.format(**values)
        text = _("部分月份重复（{year} 年）：已在{area}申报，按先后次序由那一笔享受。还剩 {months}，金额改为 {amount} 元。")
        return text.format(months=_("、").join(loser.keeps), amount=yuan_text(loser.amount), **values)

    def to_json(self) -> dict[str, Any]:
        """A ruling in the output of `arbitrate --json`."""
        losers = [one.to_json() for one in self.losers]
        return {"rule": self.rule, "year": self.year, "winner": self.winner, "losers": losers, "undecided": list(self.undecided)}


@dataclass(frozen=True)
class _Entry:
    """A competing claim and its case."""

    claim: claims.ClaimStatus
    case: Case
    paid: bool

    @property
    def rank(self) -> tuple[Any, ...]:
        claim = self.claim.claim
        settled = self.paid and claim.employer_id is None
        eligible = self.case.outcome is Outcome.ELIGIBLE
        amount = min(claim.amount, self.case.amount) if self.case.by_amount else 0
        return (not settled, not eligible, -amount, self.case.order if eligible else (), claim.created_at, claim.id)

    @property
    def months(self) -> frozenset[str]:
        """The months claimed that the facts support; all supported months if the claim names none, and all claimed months if it was
        paid."""
        named, borne = path.months(self.claim.claim), frozenset(self.case.share.months if self.case.share else ())
        return named if named and self.paid else (named & borne) if named else borne


def rulings(session: Session, year: int, packs: Iterable[Pack], progress: Progress = unwatched) -> list[Ruling]:
    """Rulings on all benefits of the year with more than one claim that has not ended, ordered by rule and winner."""
    return _rulings(session, stored.everybody(session, progress), in_force(packs), year, progress)


def stands_behind(session: Session, claim: Claim) -> Ruling | None:
    """The ruling by which a claim would lose or is undecided, as far as this store knows; None if it comes first."""
    kin = {claim.rule, *policies.kin(session, claim.rule)}
    if not _rivals(session, claim, kin):
        return None
    facts = screening.about(session, person_id=claim.person_id, employer_id=claim.employer_id)
    rules = [each for each in in_force(policies.used_here(session)) if each.rule.id in kin]
    found = _rulings(session, facts, rules, claim.year)
    return next((one for one in found if claim.id in (*one.undecided, *(loser.claim_id for loser in one.losers))), None)


def _rivals(session: Session, claim: Claim, rules: Collection[str]) -> bool:
    """Whether the same person (for an employer's own benefit: anybody) has another claim under one of the rules. Usually not, and then no
    facts need be read."""
    c, p = table("claim"), table("person")
    others = [c.c.rule.in_(sorted(rules)), c.c.id != claim.id]
    if claim.person_id is not None:
        ids = set(selves(session, root(session, claim.person_id)))
        tails = select(p.c.id_tail).where(among(p.c.id, ids))
        others.append(among(c.c.person_id, ids) | c.c.person_id.in_(select(p.c.id).where(p.c.id_tail.in_(tails))))
    return bool(session.select(Claim, *others, limit=1))


def _rulings(session: Session, facts: Facts, rules: Sequence[InForce], year: int, progress: Progress = unwatched) -> list[Ruling]:
    open_claims = _open(session, facts)
    question = Question(session.today, None, settled=False, everyone=False, provisional=False)
    groups: dict[tuple[str, ...], dict[str, _Entry]] = defaultdict(dict)
    for case in contenders(facts, rules, question, progress):
        for entry in _entries(case, open_claims, facts):
            assert case.key is not None  # `contenders` yields only cases with a key
            group = groups[min(case.kin | {case.rule.id}), *case.key]  # successive documents give one benefit
            known = group.get(entry.claim.claim.id)
            if known is None or entry.rank < known.rank:  # of several packs the one with the best rank
                group[entry.claim.claim.id] = entry
    found = [_ruling(list(group.values()), year) for group in groups.values() if len(group) > 1]
    return sorted((each for each in found if each is not None), key=lambda each: (each.rule, each.winner or "", each.undecided))


def _open(session: Session, facts: Facts) -> Mapping[tuple[str, str | None], list[claims.ClaimStatus]]:
    """(rule, person) → claims that have not ended, with merged people joined as in the facts."""
    return by_key(
        ((now.claim.rule, now.claim.person_id), now) for now in claims.standings(session, facts.all(Claim)) if now.state not in ENDED
    )


def _entries(case: Case, open_claims: Mapping[tuple[str, str | None], list[claims.ClaimStatus]], facts: Facts) -> list[_Entry]:
    """The claims for a case. A claim without a record is for all records of the year."""
    paid = {claim.id for claim in facts.paid(case.rule.id)}
    return [
        _Entry(now, case, now.claim.id in paid)
        for now in open_claims.get((case.rule.id, case.person_id), ())
        if (now.claim.year, now.claim.employer_id) == (case.year, case.employer_id) and now.claim.record_id in (None, case.record_id)
        if now.claim.id in paid or case.outcome in _CONTENDS
    ]


def _ruling(group: list[_Entry], year: int) -> Ruling | None:
    ranked = sorted(group, key=lambda entry: entry.rank)
    first, rule = ranked[0], ranked[0].case.rule.id
    losers = _divided(ranked) if first.case.share is not None else [_loser(entry, first) for entry in ranked[1:]]
    of_year = tuple(loser for loser, claim_year in losers if claim_year == year)
    if not of_year:
        return None
    if first.case.outcome is not Outcome.ELIGIBLE and not first.paid:
        return Ruling(rule, year, None, "", (), tuple(sorted(entry.claim.claim.id for entry in group)))
    return Ruling(rule, year, first.claim.claim.id, first.claim.claim.village, of_year)


def _loser(entry: _Entry, other: _Entry, keeps: Sequence[str] = (), each: int = 0) -> tuple[Loser, int]:
    """A loser and the year of its claim."""
    claim = entry.claim.claim
    left = min(claim.amount, each * len(keeps))
    return Loser(claim.id, claim.village, entry.paid, other.claim.claim.village, tuple(keeps), left), claim.year


def _divided(ranked: list[_Entry]) -> list[tuple[Loser, int]]:
    """The claims that get fewer months than they claim: each month goes to the first claim in order, up to the maximum number of months."""
    shares = [entry.case.share for entry in ranked if entry.case.share is not None]
    asked = [entry.months for entry in ranked]
    given = allot(asked, [entry.case.outcome is Outcome.ELIGIBLE for entry in ranked], min(share.most for share in shares))
    holders = {month: entry for entry, months in zip(ranked, given, strict=True) for month in months}
    found = []
    for entry, share, months, left in zip(ranked, shares, asked, given, strict=True):
        if lost := sorted(months - set(left)):
            other = next((holders[month] for month in lost if month in holders), ranked[0])
            found.append(_loser(entry, other, left, share.each))
    return found


def still_open(session: Session, ruling: Ruling) -> list[tuple[Loser, claims.ClaimStatus]]:
    """The losers of a ruling with the current state of their claims, without paid ones; empty if the winner has ended meanwhile."""
    losers = {loser.claim_id: loser for loser in ruling.losers if not loser.paid}
    now = {each.claim.id: each for each in claims.standings(session, session.select(Claim, id=[ruling.winner, *losers]))}
    if ruling.winner not in now or now[ruling.winner].state in ENDED:
        return []
    return [(loser, now[id]) for id, loser in losers.items() if id in now and now[id].state not in SETTLED]


def settled(ruling: Ruling, loser: Loser, now: claims.ClaimStatus) -> tuple[dict[str, Any], str | None]:
    """The consequence for a loser: new values of its claim, and its next state (None if it already waits for its village)."""
    if not loser.keeps:
        return {"outcome": Outcome.DUPLICATE.value}, "refused"
    known = now.claim.facts if isinstance(now.claim.facts, dict) else {}
    earlier_reasons = known["reasons"] if isinstance(known.get("reasons"), list) else []
    reasons = [*earlier_reasons, {"met": False, "text": ruling.sentence(loser)}]
    values = {"amount": loser.amount, "months": frozenset(loser.keeps), "facts": {**known, "reasons": reasons}}
    return values, "returned" if path.leads(now.claim, now.state, "returned") else None
