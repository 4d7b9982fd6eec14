"""Today's verdicts on claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from db.merged import roots
from db.session import Session
from domain import claims as path
from domain.grouping import by_key
from domain.policy.verdict import Outcome, Verdict
from domain.records import Claim
from domain.words import _
from services import facts, policies, screening
from services.claims.claims import ClaimStatus, otherwise


def judged(session: Session, claim: Claim) -> list[Verdict]:
    """Today's verdicts on the claim's rule, year and subject; empty where no facts are on file."""
    return judged_all(session, [claim])[claim.id]


def judged_all(session: Session, claims: Sequence[Claim]) -> dict[str, list[Verdict]]:
    """Like `judged`, by claim id. The facts about all the people are read once, and each rule and year is judged once."""
    into = roots(session, [claim.person_id for claim in claims if claim.person_id])
    packs, found = policies.used_here(session), dict[str, list[Verdict]]()
    for employer, listed in by_key((None if claim.person_id else claim.employer_id, claim) for claim in claims).items():
        people = frozenset(into.values()) if employer is None else None
        known = facts.of_people(session, into) if employer is None else screening.about(session, employer_id=employer)
        asked = replace(screening.question_about(session), people=people, everyone=False)
        for (rule, year), some in by_key(((claim.rule, claim.year), claim) for claim in listed).items():
            verdicts = [each.verdict for each in screening.judge(known, replace(asked, rule=rule, year=year), packs)]
            by_subject = by_key(((each.person_id, each.employer_id), each) for each in verdicts)
            for claim in some:
                mine = by_subject[into.get(claim.person_id or ""), claim.employer_id]
                found[claim.id] = [each for each in mine if claim.record_id in (None, each.record_id)]
    return found


def undecided(session: Session, listed: Sequence[ClaimStatus]) -> dict[str, str]:
    """Claim id → today's verdict beside the one filed on, where it is another. Of a claim that is eligible and not reviewed yet, the step
    sets the amount."""
    found = judged_all(session, [now.claim for now in listed])
    said = {}
    for now in listed:
        mine = found[now.claim.id]
        amended = now.state in (path.DRAFT, "returned") and any(one.outcome is Outcome.ELIGIBLE for one in mine)
        said[now.claim.id] = "" if amended else _("；").join(otherwise(now.claim, mine))
    return {id: why for id, why in said.items() if why}
