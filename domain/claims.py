"""The workflow of a claim from draft to payment: allowed transitions, who may make them, and the state derived from the steps.

Pure, so that a station, the county's ingest and a page decide alike. The workflow is that of `domain.md` §9.2: claims for people go village
→ township → county; an employer may also apply at the township or the county. A claim's state is never stored but derived from its steps in
county order (`state_of`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from domain.records import Claim, ClaimStep, Payment
from domain.words import N_, _

DRAFT: Final = "draft"
PATH: Final = tuple(
    "draft village_reviewed village_notice township_reviewed township_notice county_review county_notice approved paid".split()
)
"""The states of an undisturbed claim, in order."""
ENDED: Final = frozenset({"refused", "withdrawn", "recovered"})
"""Final states: the person may only file a new claim."""
SETTLED: Final = frozenset({"paid", *ENDED})
"""States that call for nothing more, unless a difference (补发、追回) is approved."""
GRANTED: Final = frozenset({"approved", "paid"})
FIXED: Final = frozenset({*GRANTED, "recovered"})
"""States in which the fields `APPROVED_AS` may not change; the claim has to be sent back first."""
APPROVED_AS: Final = frozenset({"rule", "person_id", "employer_id", "record_id", "year", "amount", "months"})
NOTICES: Final = {"village": "village_notice", "township": "township_notice", "county": "county_notice"}
"""The state during public notice at each level."""
ENTERED_BY: Final = frozenset({"clerk", "reviewer", "admin"})
"""Roles that may enter and withdraw claims; every other step takes a reviewer or an administrator (§9.1)."""
DECIDED_BY: Final = frozenset({"reviewer", "admin"})
POSTED: Final = "posted"
"""The key, in the facts of a claim, of the lines of repeated notices by the notice's id (`services.claims.posted`)."""
SUBMITTED: Final = "submitted"
"""The key, in the facts of a claim, of the application form as it was handed in (`services.claims.submitted`)."""

_VILLAGE: Final = ("village", "township")
"""Levels that take the village's steps: the village, or the township that keeps its ledgers for it (代录)."""
_AT: Final = {
    "draft": _VILLAGE,
    "village_reviewed": _VILLAGE,
    "village_notice": _VILLAGE,
    "township_reviewed": ("township", "county"),
    "township_notice": ("township", "county"),
    "county_review": ("county",),
    "county_notice": ("county",),
    "approved": ("county",),
}
"""Levels that may send back or refuse a claim in each state. The county may do either in any state; nobody else sends back a draft."""


@dataclass(frozen=True)
class Move:
    """A transition: the levels that may make it, its source states, and the source states for employers' claims only."""

    levels: tuple[str, ...]
    origins: tuple[str, ...]
    employer_origins: tuple[str, ...] = ()


_RUN: Final = len("0123abcd-0123-4567")
"""Length of the part of an id that identifies a program run; the rest is a counter."""
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_OPEN: Final = PATH[: PATH.index("approved")]
MOVES: Final[dict[str, Move]] = {
    "draft": Move((*_VILLAGE, "county"), ("returned",)),
    "village_reviewed": Move(_VILLAGE, ("draft", "returned")),
    "village_notice": Move(_VILLAGE, ("village_reviewed",)),
    "township_reviewed": Move(("township",), ("village_notice",), ("draft", "returned")),
    "township_notice": Move(("township",), ("township_reviewed",)),
    "county_review": Move(("county",), ("township_reviewed", "township_notice"), ("draft", "returned")),
    "county_notice": Move(("county",), ("county_review",)),
    "approved": Move(("county",), ("county_notice", "paid")),  # once paid: a difference, to be paid or paid back (decision 059)
    "paid": Move(("county",), ("approved",)),
    "returned": Move((*_VILLAGE, "county"), (*_OPEN, "approved")),
    "refused": Move((*_VILLAGE, "county"), (*_OPEN, "approved", "returned")),
    "withdrawn": Move((*_VILLAGE, "county"), (*_OPEN, "returned")),
    "recovered": Move(("county",), ("paid",)),
}
"""Every transition, by target state."""


def may_file(level: str, *, personal: bool) -> bool:
    """Whether a level enters claims: those of people start at the village or the township, as the county cannot take their first step."""
    return not personal or level in MOVES["village_reviewed"].levels


def may_notice(level: str, of: str) -> bool:
    """Whether a station of a level may write notices of the level `of`. The county may correct those below it."""
    return level == "county" or level in MOVES[NOTICES[of]].levels


def leads(claim: Claim, state: str, to_state: str) -> bool:
    """Whether there is a transition from `state` to `to_state`, whoever makes it."""
    move = MOVES.get(to_state)
    if move is None:
        return False
    personal = claim.employer_id is None
    return state in move.origins or (not personal and state in move.employer_origins)


def counted(claim: Claim, steps: Iterable[ClaimStep]) -> list[ClaimStep]:
    """The valid steps, in the order they were taken. Steps with no transition from the claim's state at that point are omitted.

    `steps` come in county order, those of one entry by time. Among steps of the same second, those of one program run keep the order of
    their ids; others are ordered so that each leads on to the next, because clocks count only seconds and ids say nothing about the order
    of two runs.
    """
    placed: list[ClaimStep] = []
    state = DRAFT
    for _at, group in groupby(steps, key=lambda step: step.at):
        left = list(group)
        while left and (found := _next_of(claim, state, left)) is not None:
            left.remove(found)
            placed.append(found)
            state = found.to_state
    return placed


def _next_of(claim: Claim, state: str, left: Iterable[ClaimStep]) -> ClaimStep | None:
    first_of_run: dict[str, ClaimStep] = {}
    for step in left:
        if leads(claim, state, step.to_state):
            first_of_run.setdefault(step.id[:_RUN], step)
    # a final step was taken last
    return min(first_of_run.values(), key=lambda step: (step.to_state in ENDED, step.to_state not in PATH), default=None)


def state_of(claim: Claim, steps: Iterable[ClaimStep]) -> str:
    """The claim's state after its steps (`counted`)."""
    taken = counted(claim, steps)
    return taken[-1].to_state if taken else DRAFT


def next_steps(claim: Claim, state: str, level: str) -> list[str]:
    """The states to which a level may take the claim, those of the regular path first."""
    found = [to for to in MOVES if leads(claim, state, to) and _level_may(state, to, level)]
    return sorted(found, key=lambda to: (to not in PATH, list(MOVES).index(to)))


def _level_may(state: str, to_state: str, level: str) -> bool:
    if level not in MOVES[to_state].levels:
        return False
    if to_state not in ("returned", "refused") or level == "county":
        return True  # duplicates are resolved in any state
    return level in _AT.get(state, ()) and (state, to_state) != (DRAFT, "returned")


def problem(claim: Claim, steps: Sequence[ClaimStep], to_state: str, level: str, author: str) -> str | None:
    """The reason code for refusing a step: `path`, `level`, `was_paid` or `duties`; None if it is allowed.

    `level` is that of the station, `author` the user as `name@station`. Whoever entered a claim may approve neither it nor its payment
    (不相容职务分离, §9.1).
    """
    taken = counted(claim, steps)
    state = taken[-1].to_state if taken else DRAFT
    if to_state in MOVES and level not in MOVES[to_state].levels:
        return "level"  # wherever the claim stands
    if to_state in ("returned", "refused") and was_paid(taken):
        return "was_paid"
    if not leads(claim, state, to_state):
        return "path"
    if not _level_may(state, to_state, level):
        return "level"
    if to_state == "approved" and author == claim.created_by:
        return "duties"
    return None


def was_paid(steps: Iterable[ClaimStep]) -> bool:
    """Whether a claim was paid once, by its valid steps. If it is approved again, a difference is to be paid (补发) or paid back (追回)."""
    return any(step.to_state == "paid" for step in steps)


def reviewed_by(steps: Iterable[ClaimStep]) -> frozenset[str]:
    """Who reviewed or approved at the county what is to be paid now, as `name@station`: since the last payment, if the claim was paid."""
    found: set[str] = set()
    for step in steps:
        found |= {step.by} if step.to_state in ("county_review", "approved") else set()
        if step.to_state == "paid":
            found.clear()
    return frozenset(found)


def outstanding(claim: Claim, payments: Iterable[Payment]) -> int:
    """What was granted and neither paid nor ordered yet (fen); negative if more was paid, which is to be paid back. Payments that the bank
    returned do not count."""
    return claim.amount - sum(payment.amount for payment in payments if payment.bank_result != "failed")


def edit_problem(state: str, level: str, changed: Iterable[str], *, deletes: bool = False) -> str | None:
    """The reason code for refusing to change the fields `changed` of a claim, or to delete it: `review` or `fixed`; None if it is allowed.

    Below the county a claim changes only while it is a draft, returned or withdrawn; after that only the county corrects it. Nobody changes
    what was approved, or deletes it: it must be returned first, so that it is approved again.
    """
    if level != "county" and state not in (DRAFT, "returned", "withdrawn"):
        return "review"
    fixed = deletes or not APPROVED_AS.isdisjoint(changed)
    return "fixed" if fixed and state in FIXED else None


_SENTENCES: Final = {
    "taken": N_("这笔申请已经办到「{to}」了，不用再办。"),
    "path": N_("这笔申请现在是「{state}」，不能直接到「{to}」。请按办理顺序一步一步办。"),
    "level": N_("「{to}」不由本级办理，本站不能办这一步。请交给该办的一级。"),
    "was_paid": N_("这笔申请拨付过，现在是补发或追回差额，不能退回，也不能不予通过。差额不该补、不该追的请办「不再补发」「不再追回」。"),
    "duties": N_("谁录入谁不能审批：这笔申请是您录入的，请换一位同事办「{to}」。"),
    "reviewed": N_("县里规定审核与拨付不能是同一人：这笔申请是您审核或批准的，请换一位同事拨付。"),
    "review": N_("这笔申请已经办到「{state}」，本站不能再改，也不能删除。确需改动请先退回，改好再办。"),
    "fixed": N_("批准以后不能再改金额、月份、人员和单位，也不能删除。确需改动请先退回，改好再审批。"),
}


def sentence(word: str, claim_state: str, to_state: str = "") -> str:
    """The message for a reason code of `problem` or `edit_problem`: what happened and what to do."""
    labels = {"state": state_label(claim_state), "to": state_label(to_state) if to_state else ""}
    known = "taken" if word == "path" and claim_state == to_state else word
    return _(_SENTENCES.get(known, N_("您的用户没有办这一步的权限，请换审核员或本站管理员登录后再办。"))).format(**labels)


def grounded(facts: object) -> bool:
    """Whether the facts of a claim say anything about what it was judged by, besides the papers that are kept there."""
    if not isinstance(facts, dict):
        return facts is not None
    return bool(facts.get("reasons") or facts.keys() - {"on", "reasons", POSTED, SUBMITTED})


def months(claim: Claim) -> frozenset[str]:
    """The months of a claim that is paid by month; empty for other claims, and if the field is malformed."""
    named = claim.months or frozenset()
    return named if all(_MONTH.fullmatch(month) for month in named) else frozenset()


def apart(one: Claim, other: Claim) -> bool:
    """Whether two claims of one person under one rule are for different months, records (school terms, courses) or years. A claim with
    neither months nor a record is for its whole year."""
    mine, theirs = months(one), months(other)
    if mine and theirs:
        return mine.isdisjoint(theirs)
    if one.record_id is None or other.record_id is None or one.record_id == other.record_id:
        return one.year != other.year
    return True


def state_label(state: str) -> str:
    """The state in the words of the forms."""
    choices = ClaimStep.KIND.by_name["to_state"].choices or {}
    return _(choices.get(state, state))
