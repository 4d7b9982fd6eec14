"""Subsidy claims: filing them, and their current state, derived from the steps taken (`services.claims.steps`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from db import erased
from db.mapping import table
from db.merged import root, selves
from db.session import Session
from domain import claims as path
from domain.authors import scope_of
from domain.errors import DomainError, NotFound, Refused
from domain.money import yuan_grouped
from domain.policy.verdict import Outcome, Verdict
from domain.records import Claim, ClaimStep, Notice, Person
from domain.scopes import level_of
from domain.words import _
from services import policies, records, screening
from services.lists.titles import titles


@dataclass(frozen=True)
class ClaimStatus:
    """A claim, its current state (code) and the steps that led to it, in county order."""

    claim: Claim
    state: str
    steps: Sequence[ClaimStep]

    @property
    def returned_because(self) -> str:
        """The opinion of the last step if it returned, refused or recovered the claim; "" otherwise."""
        last = self.steps[-1] if self.steps else None
        return (last.opinion or "") if last and last.to_state in ("returned", "refused", "recovered") else ""


# -- reading ---------------------------------------------------------------------------------------------------------------


def steps_of(session: Session, ids: Iterable[str]) -> dict[str, list[ClaimStep]]:
    """The steps of claims, by claim id, in county order; steps the county has not acknowledged come last."""
    return session.by_parent(ClaimStep, "claim_id", ids, order=("seq", "at", "id"))


def standings(session: Session, claims: Iterable[Claim]) -> list[ClaimStatus]:
    """The current state of claims, in the order given."""
    listed = list(claims)
    steps = steps_of(session, (claim.id for claim in listed))
    taken = {claim.id: path.counted(claim, steps.get(claim.id, ())) for claim in listed}
    return [ClaimStatus(claim, taken[claim.id][-1].to_state if taken[claim.id] else path.DRAFT, taken[claim.id]) for claim in listed]


def standing(session: Session, id: str) -> ClaimStatus:
    """The current state of one claim. Raises `NotFound`."""
    claim = session.existing(Claim, id, _("没有这笔补助申请，或已被删除。"))
    return standings(session, [claim])[0]


def refuse_edit(session: Session, claim: Claim, changed: Collection[str], *, deletes: bool = False) -> None:
    """Raise `Refused` where the county would refuse that this station changes these fields of a claim, deletes it, or brings it back."""
    state = standings(session, [claim])[0].state
    word = path.edit_problem(state, session.role, changed, deletes=deletes)
    if word is not None:
        raise Refused(path.sentence(word, state))


def refuse_gone(session: Session, kind: str, id: str, name: str) -> None:
    """Raise `Refused` where a person or an employer is to be deleted who has a claim under way: it would go on without them."""
    found = standings(session, session.select(Claim, table("claim").c[f"{kind}_id"] == id))
    open_ones = [now for now in found if now.state not in (*path.ENDED, "paid")]
    if not open_ones:
        return
    named = titles(session, "claim", [now.claim.id for now in open_ones])
    listed = _("、").join(_("{claim}，{state}").format(claim=named[now.claim.id], state=path.state_label(now.state)) for now in open_ones)
    text = _("{name}还有没办完的补助申请（{claims}），不能删除。请先撤回申请（上级在办的，请上级退回或不予通过）；重复登记的，用「合并」。")
    raise Refused(text.format(name=name, claims=listed))


def listing(session: Session, state: str | None = None) -> list[ClaimStatus]:
    """Every claim, or those in `state`, the latest filed first."""
    found = standings(session, session.select(Claim, order=("-filed_on", "id")))
    return [each for each in found if state is None or each.state == state]


def waiting(session: Session) -> list[ClaimStatus]:
    """Claims that wait for action at this station's level, the earliest filed first.

    At a village these are the claims returned to it. Above, these are the claims whose next step belongs to the level, without those on
    a public notice that has no result yet or at the bank: nobody can take their next step before that ends.
    """
    c, step, pay = table("claim"), table("claim_step"), table("payment")
    final = select(step.c.claim_id).where(step.c.to_state.in_(path.SETTLED), step.c.deleted_at.is_(None))
    again = select(step.c.claim_id).where(step.c.to_state == "approved", step.c.deleted_at.is_(None))
    again = again.group_by(step.c.claim_id).having(func.count() > 1)  # perhaps paid, and approved again for a supplementary payment
    at_bank = select(pay.c.claim_id).where(pay.c.bank_result.is_(None), pay.c.deleted_at.is_(None))
    open_ones = (c.c.id.not_in(final) | c.c.id.in_(again)) & c.c.id.not_in(at_bank)
    found = standings(session, session.select(Claim, open_ones, order=("filed_on", "id")))
    on_notice = _on_notice(session)
    return [each for each in found if waits_here(each, session.role) and (each.state, each.claim.id) not in on_notice]


def _on_notice(session: Session) -> set[tuple[str, str]]:
    """State and id of every claim on a public notice whose result has not been entered."""
    open_ = session.select(Notice, result=None)
    return {(path.NOTICES[notice.level], id) for notice in open_ for id in notice.claims or ()}


def refused_above(session: Session, since: str) -> list[ClaimStatus]:
    """Claims that another station refused on or after the day `since`, the latest first: the claimants have to be told."""
    c, step = table("claim"), table("claim_step")
    lately = select(step.c.claim_id).where(step.c.to_state == "refused", step.c.at >= since, step.c.deleted_at.is_(None))
    found = standings(session, session.select(Claim, c.c.id.in_(lately)))
    ended = [each for each in found if each.state == "refused" and scope_of(each.steps[-1].by) != session.scope]
    return sorted(ended, key=lambda each: each.steps[-1].at, reverse=True)


def waits_here(each: ClaimStatus, level: str) -> bool:
    """Whether the claim's state calls for action at a level (see `waiting`)."""
    if level == "village":
        return each.state == "returned"
    if each.state == "paid":
        return False
    if each.state in (path.DRAFT, "returned") and (level_of(scope_of(each.claim.created_by or "")) or "village") != level:
        return False  # a workshop's claim may also begin above, but this one is with who filed it
    return any(path.MOVES[to].levels[0] == level for to in path.next_steps(each.claim, each.state, level) if to in path.PATH)


# -- filing ----------------------------------------------------------------------------------------------------------------


def judge_and_file(
    session: Session,
    rule: str,
    year: int,
    *,
    person_id: str | None = None,
    employer_id: str | None = None,
    record_id: str | None = None,
    payee: str | None = None,
) -> str:
    """Judge the person or employer as of today, file a claim on the verdict and return the claim's id.

    Where a rule has several verdicts for the year (one per term, course or worker) the first that is eligible and not claimed yet is
    taken, unless `record_id` or the other id names one. Raises `NotFound` where the rule finds nothing to judge, and the errors of `file`.
    """
    erased.refuse(session.conn, [(Person.KIND.number, person_id)] if person_id else ())
    found = screening.screen(session, year=year, rule=rule, person_id=person_id, employer_id=employer_id if person_id is None else None)
    wanted = {"person_id": person_id, "employer_id": employer_id, "record_id": record_id}
    fitting = [each for each in found if all(id is None or getattr(each.verdict, name) == id for name, id in wanted.items())]
    if not fitting:
        raise NotFound(_("{rule} 在 {year} 年没有可以判定的事实，不能申请。请先登记务工、用工等情况。").format(rule=rule, year=year))
    chosen = min(fitting, key=lambda each: (each.claim_id is not None, each.verdict.outcome not in screening.FILEABLE, not each.unclaimed))
    verdict = chosen.verdict.to_json()
    if not chosen.claimable and chosen.verdict.amount:
        raise DomainError(_("这一项不用申请：{why}。").format(why=verdict["reasons"][-1]["text"]))
    if not chosen.claimable:
        raise DomainError(_("{rule} 是核对或服务的规则，不用申请。").format(rule=rule))
    facts = {"on": session.today, "reasons": verdict["reasons"]}
    return file(session, verdict, facts=facts, payee=payee, months=chosen.verdict.months)


def file(session: Session, verdict: Mapping[str, Any], *, facts: Any = None, payee: str | None = None, months: Collection[str] = ()) -> str:
    """File a claim on a verdict (`domain.policy.verdict`, its JSON form) and return the claim's id.

    `months`: the months claimed, for a benefit paid by the month. Months claimed already are left out, and the amount is reduced
    accordingly. Raises `DomainError` where the verdict is a definite no, or where a claim for the same rule, year and person or
    employer exists and has not ended.
    """
    if verdict["outcome"] not in screening.FILEABLE:
        raise DomainError(_("按政策这一项现在不能申请：{why}").format(why=unmet_words(verdict)))
    twins = _twins(session, verdict)
    left = frozenset(months).difference(*(path.months(each.claim) for each in twins))
    twin = next((each for each in twins if not left or not path.months(each.claim)), None)
    if twin is not None:
        label = path.state_label(twin.state)
        if twin.claim.rule != verdict["rule"] and twin.state not in path.GRANTED:  # the old rule lets no step through any more
            text = _("{year} 年的这一项已按前后衔接的另一份文件申请过（{rule}），现在是「{state}」。请先把那一笔撤回，再按这一份申请。")
            raise DomainError(text.format(year=verdict["year"], rule=twin.claim.rule, state=label))
        text = _("{year} 年的这一项已经申请过，现在是「{state}」。请在原来的申请上办理。")
        raise DomainError(text.format(year=verdict["year"], state=label))
    values: dict[str, Any] = {
        name: verdict.get(name) for name in ("rule", "pack", "year", "outcome", "person_id", "employer_id", "record_id")
    }
    amount = Claim.KIND.by_name["amount"].from_json(verdict["amount"])
    values |= {"pack_version": verdict["version"], "amount": amount * len(left) // len(months) if months else amount}
    values |= {"filed_on": session.today, "facts": facts, "missing": frozenset(verdict["missing"]) or None, "payee": payee}
    values |= {"months": left or None}
    return records.save(session, "claim", {name: value for name, value in values.items() if value is not None})


def unmet_words(verdict: Mapping[str, Any]) -> str:
    """The unmet conditions of a verdict (its JSON form) as text, else the label of its outcome."""
    unmet = [reason["text"] for reason in verdict["reasons"] if not reason["met"]]
    return _("；").join(unmet) or Claim.KIND.by_name["outcome"].label_of(verdict["outcome"])


def otherwise(claim: Claim, found: Sequence[Verdict]) -> Iterator[str]:
    """Whether today's verdict (of those `found`) is another one than the claim was filed on."""
    filed = _said(claim.outcome, claim.amount)
    if not found:
        if path.grounded(claim.facts) and claim.outcome != Outcome.DUPLICATE.value:
            yield _("申请时判为{filed}，所据的事实现在没有登记了").format(filed=filed)
        return
    eligible = max((one for one in found if one.outcome is Outcome.ELIGIBLE), key=lambda one: one.amount, default=None)
    verdict = eligible or found[0]
    due = screening.due_of(claim, verdict)
    if verdict.outcome.value == claim.outcome and (eligible is None or due == claim.amount):
        return
    text = _("申请时判为{filed}，按现在的文件和登记的事实是{now}")
    said = text.format(filed=filed, now=_said(verdict.outcome.value, due))
    yield said if eligible is not None else _("{text}：{why}").format(text=said, why=unmet_words(verdict.to_json()))


def _said(outcome: str, amount: int) -> str:
    label = Claim.KIND.by_name["outcome"].label_of(outcome)
    text = _("「{outcome}」{amount} 元") if amount else _("「{outcome}」")
    return text.format(outcome=label, amount=yuan_grouped(amount))


def _twins(session: Session, verdict: Mapping[str, Any]) -> list[ClaimStatus]:
    """Claims for the same benefit that have not ended, including those under a predecessor or successor rule and those of records that
    were merged with the person's."""
    t, person = table("claim"), verdict.get("person_id")
    same = [t.c[name] == verdict.get(name) for name in ("year", "employer_id", "record_id")]
    same.append(t.c.person_id.in_(selves(session, root(session, person))) if person else t.c.person_id.is_(None))
    same.append(t.c.rule.in_(sorted({verdict["rule"], *policies.kin(session, verdict["rule"])})))
    return [each for each in standings(session, session.select(Claim, *same)) if each.state not in path.ENDED]
