"""Two claims of one person or employer for the same benefit, as two laptops may file while both are offline: only one of them may go on.

The one further on goes first; of two that are equally far, the one entered first. Claims of different employers for one person are left to
arbitration, which decides by the facts (`services.claims.arbitration`), and so are claims under a predecessor or successor rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import func, select

from db.among import among
from db.mapping import table
from db.merged import replaced, root, selves
from db.same_benefit import Beneficiaries
from db.session import Session
from domain import claims as path
from domain import clock, divisions
from domain.authors import name_of
from domain.errors import DomainError
from domain.grouping import by_key
from domain.records import Claim
from domain.words import _
from services.claims.claims import ClaimStatus, standings
from services.lists.titles import titles


def refuse(session: Session, now: ClaimStatus) -> None:
    """Raise `DomainError` where another claim for the same benefit goes first."""
    other = before(session, now)
    if other is not None:
        raise DomainError(_sentence(now, other))


def _sentence(now: ClaimStatus, other: ClaimStatus) -> str:
    text = _("同一项补助（{year} 年）已有另一笔申请，{what}，只能享受一次。请核对后只留一笔，多报的撤回；上级办的，退回或不予通过。")
    return text.format(year=now.claim.year, what=described(other, now.claim.village))


def refuse_any(session: Session, asked: Iterable[ClaimStatus]) -> None:
    """Like `refuse`, for many claims at once; the error names the first that stands behind another."""
    behind = {pair[0].claim.id: pair for pair in pairs(session)}
    found = next((behind[now.claim.id] for now in asked if now.claim.id in behind), None)
    if found is not None:
        later, first = found
        name = titles(session, "claim", [later.claim.id])[later.claim.id]
        raise DomainError(_("{name}：{why}").format(name=name, why=_sentence(later, first)))


def before(session: Session, now: ClaimStatus) -> ClaimStatus | None:
    """The claim for the same benefit that goes first; None if there is none."""
    first = min(others(session, now.claim), key=_rank, default=now)
    return first if _rank(first) < _rank(now) else None


def others(session: Session, claim: Claim) -> list[ClaimStatus]:
    """The other claims for the same benefit that have not ended: those of records merged with the person's or with the same number
    count."""
    c = table("claim")
    same = [c.c.rule == claim.rule, c.c.employer_id == claim.employer_id, c.c.id != claim.id]
    same.append(c.c.person_id.is_(None) if claim.person_id is None else c.c.person_id.in_(_records_of(session, claim.person_id)))
    return _live(session, [one for one in session.select(Claim, *same) if not path.apart(claim, one)])


def granted(session: Session, claim: Claim, known: Beneficiaries | None = None) -> ClaimStatus | None:
    """The approved or paid claim for the same benefit, judging by all that it has rested on since it was approved (decision 063); None if
    there is none. `known`: for many claims."""
    of, c = known or Beneficiaries(session), table("claim")
    whose, ids = of.theirs(claim)
    alike = session.select(Claim, c.c.rule == claim.rule, among(c.c[whose], ids), c.c.id != claim.id)
    same = [one for one in alike if of.same_benefit(one, claim, ids[one[whose]])]
    return next((now for now in standings(session, same) if now.state in path.GRANTED), None)


def enjoyed(now: ClaimStatus, village: str) -> str:
    """The sentence about another claim that was granted."""
    text = _("同一项补助批过另一笔（{id}，{what}）：按那一笔批准以来的登记，与这一笔是同一件事")
    return text.format(id=now.claim.id[:8], what=described(now, village))


def pairs(session: Session) -> list[tuple[ClaimStatus, ClaimStatus]]:
    """Every claim with the one for the same benefit that goes before it, in the whole store."""
    c, p, into, merged = table("claim"), table("person"), table("person").alias("into"), replaced()
    whose = func.coalesce(into.c.id_tail, p.c.id_tail, into.c.id, p.c.id, c.c.employer_id)
    alike = (c.c.rule, c.c.year, func.coalesce(c.c.employer_id, ""), whose)
    joined = c.outerjoin(p, p.c.id == c.c.person_id).outerjoin(merged, merged.c.id == p.c.id)
    joined = joined.outerjoin(into, into.c.id == merged.c.into)
    query = select(c.c.id, *alike).select_from(joined).where(c.c.deleted_at.is_(None))
    twice = {tuple(row) for row in session.conn.execute(query.with_only_columns(*alike).group_by(*alike).having(func.count() > 1))}
    of = {row[0]: tuple(row[1:]) for row in session.conn.execute(query) if tuple(row[1:]) in twice} if twice else {}
    live = by_key((of[now.claim.id], now) for now in _live(session, session.select(Claim, id=of)))
    return [pair for group in live.values() for pair in _pairs(sorted(group, key=_rank))]


def described(now: ClaimStatus, village: str) -> str:
    """What is told of the other claim: by whom it was entered and when, its state, and its village if another."""
    claim = now.claim
    where = _("在{place}").format(place=divisions.called(claim.village)) if claim.village != village else ""
    said = {
        "where": where,
        "day": clock.day_of(claim.created_at or ""),
        "by": name_of(claim.created_by or ""),
        "state": path.state_label(now.state),
    }
    return _("{day} {by}{where}录入，现在是「{state}」").format(**said)


def told(session: Session) -> dict[str, tuple[str, str]]:
    """For each claim that stands behind another and was not paid: whose and which benefit it is, and what is told of the other claim."""
    found = [pair for pair in pairs(session) if pair[0].state != "paid"]
    named = titles(session, "claim", [later.claim.id for later, _first in found])
    return {later.claim.id: (named[later.claim.id], described(first, later.claim.village)) for later, first in found}


def _pairs(group: list[ClaimStatus]) -> Iterable[tuple[ClaimStatus, ClaimStatus]]:
    for place, now in enumerate(group):
        first = next((one for one in group[:place] if not path.apart(one.claim, now.claim)), None)
        if first is not None:
            yield now, first


def _records_of(session: Session, person_id: str) -> Collection[str]:
    """The ids of the person's record, of those merged with it, and of those with the same number."""
    p = table("person")
    mine = selves(session, root(session, person_id))
    tails = select(p.c.id_tail).where(among(p.c.id, mine))
    return {*mine, *session.conn.execute(select(p.c.id).where(p.c.id_tail.in_(tails))).scalars()}


def _live(session: Session, claims: Iterable[Claim]) -> list[ClaimStatus]:
    return [now for now in standings(session, claims) if now.state not in path.ENDED]


def _rank(now: ClaimStatus) -> tuple[Any, ...]:
    return -path.PATH.index(now.state) if now.state in path.PATH else 0, now.claim.created_at or "", now.claim.id
