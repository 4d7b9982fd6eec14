"""The 1-3-1 services owed to a job seeker: by the county's own rule where it published packs, else by the document that ships.

（二十九）says 「提供1次职业指导、3次适合的岗位信息、1次免费培训」, without 可 or 按规定: every county of the province owes that. A county
may offer more; an overlay that says less than its base is not published (`domain.policy.packs.keep_promises`), and where an older
program published one the base holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from db.session import Session
from domain.promise import NEEDED, Needed
from services import policies

if TYPE_CHECKING:
    from domain.policy.packs import InForce


def needed(session: Session, on: str) -> Needed:
    """Return how many guidance sessions, suitable jobs and trainings everybody with an open wish is owed on a day."""
    if not session.count("policy_pack"):
        return NEEDED  # without reading the document, which takes long
    from domain.policy.packs import in_force

    return by_rules(in_force(policies.used_here(session)), session.scope, on)


def by_rules(rules: Iterable[InForce], scope: str, on: str) -> Needed:
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
