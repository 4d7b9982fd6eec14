"""Arbitration: which of several claims to one benefit goes on, over all stations, in the fixed order of `domain.md` §3.6.

    for ruling in rulings(session, 2023, packs):  …  still_open(session, ruling)

Claims compete when the rule gives them one key (a person by the number, and the year, the term or the employer). The first in the
rule's own order of facts wins, whoever synced first; of equal facts the one filed first, then the lowest id. Money that went to the
person already is not asked back for another claim of the same person; what an employer was paid wrongly is listed for recovery.
Nothing is written here: the county writes what is ruled (`cli.arbitration`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.mapping import table
from db.session import Session
from domain import divisions
from domain.claims import ENDED
from domain.policy.case import Case
from domain.policy.engine import Question, contenders
from domain.policy.facts import Facts
from domain.policy.pack import Pack
from domain.policy.packs import in_force
from domain.policy.verdict import Outcome
from domain.records import Claim
from domain.words import _
from services import claims
from services import facts as stored

Progress = Callable[[int, int, str], None]
_CONTENDS = frozenset({Outcome.ELIGIBLE, Outcome.REVIEW, Outcome.NEED_MORE, Outcome.PENDING, Outcome.NOT_CONFIGURED, Outcome.DUPLICATE})
"""Claims that are a certain no are refused for their own reason, not as duplicates; a rule may call a case a duplicate by its facts."""
_TOWNSHIP = 9


@dataclass(frozen=True)
class Loser:
    """A claim that is a duplicate. `paid`: the money is out, so it can only be recovered."""

    claim_id: str
    village: str
    paid: bool


@dataclass(frozen=True)
class Ruling:
    """What was found about claims to one benefit. `winner` is None where none is beyond doubt yet: people must look first (`undecided`)."""

    rule: str
    year: int
    winner: str | None
    village: str
    losers: Sequence[Loser]
    undecided: Sequence[str] = ()

    @property
    def sentence(self) -> str:
        """What the losers are told: the area in which the other claim was filed, and no more."""
        where = divisions.full_name(self.village[:_TOWNSHIP]) or divisions.full_name(self.village[:6]) or self.village[:6]
        text = _("重复享受：同一项补助（{rule}，{year} 年）已在{area}申报，按先后次序由那一笔享受，这一笔不予通过。有疑问请向县里查询。")
        return text.format(rule=self.rule, year=self.year, area=where)

    def to_json(self) -> dict[str, Any]:
        """One value of `arbitrate --json`."""
        losers = [{"claim_id": one.claim_id, "outcome": "recover" if one.paid else "duplicate"} for one in self.losers]
        return {"rule": self.rule, "year": self.year, "winner": self.winner, "losers": losers, "undecided": list(self.undecided)}


@dataclass(frozen=True)
class _Entry:
    """A claim that takes part, with the case it is about."""

    claim: claims.Standing
    case: Case
    paid: bool

    @property
    def rank(self) -> tuple[Any, ...]:
        claim = self.claim.claim
        settled = self.paid and claim.employer_id is None
        eligible = self.case.outcome is Outcome.ELIGIBLE
        return (not settled, not eligible, self.case.order if eligible else (), claim.created_at, claim.id)


def rulings(session: Session, year: int, packs: Iterable[Pack], progress: Progress | None = None) -> list[Ruling]:
    """Every benefit of the year to which more than one claim that has not ended lays claim, in order of rule and winner.

    `progress(done, total, what)` may raise `Stopped`.
    """
    facts = stored.everybody(session, progress)
    open_claims = _open(session, facts)
    question = Question(session.at[:10], None, settled=False, everyone=False, provisional=False)
    groups: dict[tuple[str, ...], dict[str, _Entry]] = defaultdict(dict)
    for case in contenders(facts, in_force(packs), question, progress):
        for entry in _entries(case, open_claims, facts):
            assert case.key is not None  # `contenders` answers no others
            group = groups[case.rule.id, *case.key]
            known = group.get(entry.claim.claim.id)
            if known is None or entry.rank < known.rank:  # of several packs the one under which it is entitled
                group[entry.claim.claim.id] = entry
    found = [_ruling(list(group.values()), year) for group in groups.values() if len(group) > 1]
    return sorted((each for each in found if each is not None), key=lambda each: (each.rule, each.winner or "", each.undecided))


def _open(session: Session, facts: Facts) -> Mapping[tuple[str, str | None], list[tuple[Claim, claims.Standing]]]:
    """Claims that have not ended by rule and person: as the facts have them (people merged), and as they stand."""
    by_id = {each.id: each for each in session.select(Claim)}
    found: dict[tuple[str, str | None], list[tuple[Claim, claims.Standing]]] = defaultdict(list)
    standing = {each.claim.id: each for each in claims.standings(session, by_id.values())}
    for claim in facts.all(Claim):
        now = standing.get(claim.id)
        if now is not None and now.state not in ENDED:
            found[claim.rule, claim.person_id].append((claim, now))
    return found


def _entries(case: Case, open_claims: Mapping[tuple[str, str | None], list[tuple[Claim, claims.Standing]]], facts: Facts) -> list[_Entry]:
    """The claims made on a case. One that names no record is for all the records of the year."""
    paid = {claim.id for claim in facts.paid(case.rule.id)}
    return [
        _Entry(now, case, claim.id in paid)
        for claim, now in open_claims.get((case.rule.id, case.person_id), ())
        if (claim.year, claim.employer_id) == (case.year, case.employer_id) and claim.record_id in (None, case.record_id)
        if claim.id in paid or case.outcome in _CONTENDS
    ]


def _ruling(group: list[_Entry], year: int) -> Ruling | None:
    first, *others = sorted(group, key=lambda entry: entry.rank)
    rule = first.case.rule.id
    of_year = [entry for entry in others if entry.claim.claim.year == year]
    if not of_year:
        return None
    if first.case.outcome is not Outcome.ELIGIBLE and not first.paid:
        return Ruling(rule, year, None, "", (), tuple(sorted(entry.claim.claim.id for entry in group)))
    losers = tuple(Loser(entry.claim.claim.id, entry.claim.claim.village, entry.paid) for entry in of_year)
    return Ruling(rule, year, first.claim.claim.id, first.claim.claim.village, losers)


def still_open(session: Session, ruling: Ruling) -> list[Claim]:
    """The claims that a ruling refuses, as they stand by now; none when the winner has ended meanwhile, none that were paid."""
    ids = [ruling.winner, *(loser.claim_id for loser in ruling.losers if not loser.paid)]
    t = table("claim")
    now = {each.claim.id: each for each in claims.standings(session, session.select(Claim, t.c.id.in_(ids)))}
    if ruling.winner not in now or now[ruling.winner].state in ENDED:
        return []
    return [now[id].claim for id in ids[1:] if id in now and now[id].state not in (*ENDED, "paid")]
