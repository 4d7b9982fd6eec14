"""Claims on their path: filing, steps, where each stands, payments and what the bank made of them.

The rules of the path are `domain.claims`; here they meet the store. At a station the answer is provisional: the county judges every
step again when it arrives, in its own order (`sync.county.claim_steps`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from db import changes, local
from db.chunks import chunks
from db.mapping import record_columns, table, to_records
from db.session import Session
from domain import claims as path
from domain.errors import DomainError, NotFound, Refused
from domain.policy.verdict import Outcome, Verdict
from domain.records import Claim, ClaimStep, Notice, Objection, Payment
from domain.values import yuan_text
from domain.words import _
from services import policies, registry, screening
from services.merging import root
from services.titles import titles

_CERTAIN = screening.UNENTITLED - {Outcome.DUPLICATE}
_REVIEWS = frozenset({"village_reviewed", "township_reviewed", "county_review", "approved"})
"""Steps in which somebody answers for what a claim says."""
_FILEABLE = frozenset({"eligible", "review", "need_more", "pending"})
"""Verdicts with which a claim may be filed: what is open may be cleared up on the way, a certain no may not."""


@dataclass(frozen=True)
class Standing:
    """A claim, its state (code) and the steps that led there, in county order."""

    claim: Claim
    state: str
    steps: Sequence[ClaimStep]

    @property
    def returned_because(self) -> str:
        """The opinion with which it was sent back or refused last; "" while it goes its way."""
        last = self.steps[-1] if self.steps else None
        return (last.opinion or "") if last and last.to_state in ("returned", "refused") else ""


# -- reading ---------------------------------------------------------------------------------------------------------------


def steps_of(session: Session, ids: Iterable[str]) -> dict[str, list[ClaimStep]]:
    """The steps of claims in county order; own ones the county has not acknowledged come last."""
    t, kind = table("claim_step"), ClaimStep.KIND
    found: dict[str, list[ClaimStep]] = defaultdict(list)
    for chunk in chunks(sorted(set(ids))):
        query = select(*record_columns(kind)).where(t.c.claim_id.in_(chunk), t.c.deleted_at.is_(None))
        for step in to_records(kind, session.conn.execute(query.order_by(t.c.seq.is_(None), t.c.seq, t.c.at, t.c.id))):
            found[step.claim_id].append(step)
    return found


def standings(session: Session, claims: Iterable[Claim]) -> list[Standing]:
    """Where claims stand, in the order given."""
    listed = list(claims)
    steps = steps_of(session, (claim.id for claim in listed))
    taken = {claim.id: path.counted(claim, steps.get(claim.id, ())) for claim in listed}
    return [Standing(claim, taken[claim.id][-1].to_state if taken[claim.id] else path.DRAFT, taken[claim.id]) for claim in listed]


def standing(session: Session, id: str) -> Standing:
    """Where one claim stands; raises `NotFound`."""
    claim = session.get("claim", id)
    if claim is None:
        raise NotFound(_("没有这笔补助申请，或已被删除。"))
    return standings(session, [claim])[0]


def listing(session: Session, state: str | None = None) -> list[Standing]:
    """Every claim, the latest filed first; with `state` only those that stand there."""
    t = table("claim")
    found = standings(session, session.select("claim", order=(t.c.filed_on.desc(), t.c.id)))
    return [each for each in found if state is None or each.state == state]


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
    """Judge the person or employer today and file a claim on the verdict; answers the claim's id.

    Where a rule has several verdicts for the year (a term, a course, a worker each) the first that is eligible and not claimed yet is
    taken, unless `record_id` or the other id names one. Raises `NotFound` where the rule finds nothing to judge, else as `file`.
    """
    found = screening.screen(session, year=year, rule=rule, person_id=person_id, employer_id=employer_id if person_id is None else None)
    wanted = {"person_id": person_id, "employer_id": employer_id, "record_id": record_id}
    fitting = [each for each in found if all(id is None or getattr(each.verdict, name) == id for name, id in wanted.items())]
    if not fitting:
        raise NotFound(_("{rule} 在 {year} 年没有可以判定的事实，不能申请。请先登记务工、用工等情况。").format(rule=rule, year=year))
    chosen = min(fitting, key=lambda each: (each.claim_id is not None, each.verdict.outcome not in _FILEABLE, not each.unclaimed))
    if not chosen.claimable:
        raise DomainError(_("{rule} 是核对或服务的规则，不用申请。").format(rule=rule))
    verdict = chosen.verdict.to_json()
    facts = {"on": session.today, "reasons": verdict["reasons"]}
    return file(session, verdict, facts=facts, payee=payee, months=chosen.verdict.months)


def file(session: Session, verdict: Mapping[str, Any], *, facts: Any = None, payee: str | None = None, months: Collection[str] = ()) -> str:
    """File a claim on a verdict (`domain.policy.verdict`, its JSON form); answers the claim's id. `months`: what it is for, where that is
    paid month by month.

    Raises `DomainError` where the verdict is a certain no, or where the same is claimed already (the same rule, year and person
    or employer) and that claim has not ended. Months claimed already are left out, and what they come to.
    """
    if verdict["outcome"] not in _FILEABLE:
        raise DomainError(_("按政策这一项现在不能申请：{why}").format(why=_why(verdict)))
    twins = _twins(session, verdict)
    left = frozenset(months).difference(*(path.months(each.claim) for each in twins))
    twin = next((each for each in twins if not left or not path.months(each.claim)), None)
    if twin is not None:
        label = path.state_label(twin.state)
        raise DomainError(_("这一项今年已经申请过，现在是「{state}」。请在原来的申请上办理。").format(state=label))
    values: dict[str, Any] = {
        name: verdict.get(name) for name in ("rule", "pack", "year", "outcome", "person_id", "employer_id", "record_id")
    }
    amount = Claim.KIND.by_name["amount"].from_json(verdict["amount"])
    values |= {"pack_version": verdict["version"], "amount": amount * len(left) // len(months) if months else amount}
    values |= {"filed_on": session.today, "facts": facts, "missing": frozenset(verdict["missing"]) or None, "payee": payee}
    values |= {"months": left or None}
    return registry.save(session, "claim", {name: value for name, value in values.items() if value is not None})


def _why(verdict: Mapping[str, Any]) -> str:
    unmet = [reason["text"] for reason in verdict["reasons"] if not reason["met"]]
    return _("；").join(unmet) or Claim.KIND.by_name["outcome"].label_of(verdict["outcome"])


def _twins(session: Session, verdict: Mapping[str, Any]) -> list[Standing]:
    """Claims for the same that have not ended."""
    t = table("claim")
    same = [t.c[name] == verdict.get(name) for name in ("rule", "year", "person_id", "employer_id", "record_id")]
    return [each for each in standings(session, session.select("claim", *same)) if each.state not in path.ENDED]


# -- steps -----------------------------------------------------------------------------------------------------------------


def step(session: Session, id: str, to_state: str, opinion: str | None = None) -> Standing:
    """Take one step of a claim's path; answers where it stands then.

    Raises `Refused` (not this level, not this user, who entered does not approve) or `DomainError` (not from here, a notice still
    hangs, no reason given for sending back or refusing); then nothing was written.
    """
    now = standing(session, id)
    word = path.problem(now.claim, now.steps, to_state, session.role, session.author)
    if word in ("level", "duties"):
        raise Refused(path.sentence(word, now.state, to_state))
    if word is not None:
        raise DomainError(path.sentence(word, now.state, to_state))
    _user_may(session, to_state, now.state)
    if to_state in ("returned", "refused") and not (opinion or "").strip():
        raise DomainError(_("退回或不予通过要写明原因，对方才知道怎么改。"))
    _notice_over(session, now, to_state)
    if to_state in ("returned", "refused") and under_way(session, id):
        raise DomainError(_("这笔钱已在拨付中，现在不能退回或不予通过。请等银行结果，失败了再办。"))
    if to_state == "paid" and _unanswered(session, id):
        raise DomainError(_("这笔申请有拨付记录，但没有一笔是成功的，不能记为已拨付。请先在「补助 → 拨付」登记银行结果，失败的重新发放。"))
    if to_state in _REVIEWS:
        found = _judged(session, now.claim)
        if now.state in (path.DRAFT, "returned"):
            _put_right(session, now.claim, found)
        _still_due(standing(session, id).claim, found)
    if to_state == "approved":
        _first_in_line(session, now.claim)
    write_step(session, now.claim, to_state, opinion)
    return standing(session, id)


def step_all(
    session: Session, ids: Sequence[str], to_state: str, opinion: str | None = None, progress: Callable[[int, int], None] | None = None
) -> int:
    """Take the same step with several claims; answers how many. Where one may not take it none is to be written: raises as `step`, saying
    which one it hangs on."""
    for number, id in enumerate(ids):
        if progress is not None:
            progress(number, len(ids))
        try:
            step(session, id, to_state, opinion)
        except DomainError as error:
            if len(ids) == 1:
                raise
            named = titles(session, "claim", [id]).get(id, id[:8])
            text = _("{name}：{why}这一批都没有办，请先把这一笔挑出来。")
            raise type(error)(text.format(name=named, why=error)) from None
    return len(ids)


def write_step(session: Session, claim: Claim, to_state: str, opinion: str | None = None) -> None:
    """Write a step that was judged already. It lives with its claim, whose scope a higher level writes too."""
    values = {
        "claim_id": claim.id,
        "to_state": to_state,
        "by": session.author,
        "at": session.at,
        "opinion": (opinion or "").strip() or None,
    }
    changes.insert(session, "claim_step", [{"id": session.new_id(), "village": claim.village, **values}])


def _user_may(session: Session, to_state: str, state: str) -> None:
    role = next((a.role for a in local.accounts(session) if a.name == session.user), "readonly")
    if role not in (path.ENTERED_BY if to_state in ("draft", "withdrawn") else path.DECIDED_BY):
        raise Refused(path.sentence("user", state, to_state))


def under_way(session: Session, id: str) -> bool:
    """Whether money of a claim is on its way or went out."""
    t = table("payment")
    return any(payment.bank_result != "failed" for payment in session.select(Payment, t.c.claim_id == id))


def _unanswered(session: Session, id: str) -> bool:
    """Whether payments of a claim are on record and the bank confirmed none. Without any the county's word stands alone: some pay by a
    system of their own and only report that it was done."""
    payments = session.select(Payment, table("payment").c.claim_id == id)
    return bool(payments) and all(payment.bank_result != "ok" for payment in payments)


def _still_due(claim: Claim, found: Sequence[Verdict]) -> None:
    """What was filed is judged again by the facts as they are: no review passes a certain no, nor more than is due. What is open is for
    whoever reviews, and so is a claim about which nothing is on file."""
    if not found or any(verdict.outcome not in (*_CERTAIN, Outcome.ELIGIBLE) for verdict in found):
        return
    due = max((verdict for verdict in found if verdict.outcome is Outcome.ELIGIBLE), key=lambda verdict: verdict.amount, default=None)
    if due is None:
        raise DomainError(_("按现在登记的事实不能往下办：{why}。请退回或撤回，或把事实登记准确再办。").format(why=_why(found[0].to_json())))
    # months are shared out among claims (`_first_in_line`): here only what so many months come to
    most = due.amount * len(claim.months) // len(due.months) if claim.months and due.months else due.amount
    if claim.amount > most:
        text = _("按现在登记的事实应为 {due} 元，申请的是 {amount} 元。请先改金额，或退回。")
        raise DomainError(text.format(due=yuan_text(most), amount=yuan_text(claim.amount)))


def _judged(session: Session, claim: Claim) -> list[Verdict]:
    """What the rule says today of what was claimed; empty where nothing is on file about it."""
    facts = screening.about(session, person_id=claim.person_id, employer_id=claim.employer_id)
    asked = replace(screening.asked(session, claim.person_id), rule=claim.rule, year=claim.year, everyone=False)
    person = root(session, claim.person_id) if claim.person_id else None
    return [
        each.verdict
        for each in screening.judge(facts, asked, policies.used_here(session))
        if (each.verdict.person_id, each.verdict.employer_id) == (person, claim.employer_id)
        if claim.record_id in (None, each.verdict.record_id)
    ]


def _put_right(session: Session, claim: Claim, found: Sequence[Verdict]) -> None:
    """A claim that nobody reviewed yet, or that was sent back, goes on with what the facts of the day come to; as it was where the rule
    gives no single sum."""
    if claim.months or len(found) != 1 or found[0].outcome is not Outcome.ELIGIBLE:
        return
    verdict = found[0].to_json()
    if found[0].amount == claim.amount and frozenset(verdict["missing"]) == (claim.missing or frozenset()):
        return
    values = {"amount": found[0].amount, "outcome": verdict["outcome"], "missing": frozenset(verdict["missing"]) or None}
    registry.save(session, "claim", values | {"facts": {"on": session.today, "reasons": verdict["reasons"]}}, claim.id)


def _first_in_line(session: Session, claim: Claim) -> None:
    """Whoever comes first to the county with an approval does not decide who has the benefit: the fixed order does."""
    from services import arbitration  # it stands on this module

    ruling = arbitration.stands_behind(session, claim)
    if ruling is not None and ruling.winner is None:
        raise DomainError(_("同一项补助还有别的申请，哪一笔该享受还说不准。请先核实，把不该享受的那一笔退回或不予通过。"))
    if ruling is not None:
        raise DomainError(_("同一项补助另有在先的申请。请先由县服务器裁定重复申报（arbitrate），同步后再办。"))


def _notice_over(session: Session, now: Standing, to_state: str) -> None:
    """A claim leaves the state of a notice upwards only when the notices about it ended without an open objection."""
    level = next((level for level, state in path.NOTICES.items() if state == now.state), None)
    if level is None or to_state not in path.PATH:
        return
    for notice in notices_about(session, now.claim.id, level):
        if notice.result is None:
            raise DomainError(_("这笔申请的公示还没有结束。公示期满、登记结果后再办下一步。"))
        if notice.result == "objected" or open_objections(session, notice.id):
            raise DomainError(_("公示有异议。请先核实处理，重新公示无异议后再办，或退回。"))


def open_objections(session: Session, notice_id: str) -> list[Objection]:
    """Objections to a notice about which nobody has written yet what was found, late ones too."""
    t = table("objection")
    said = session.select(Objection, t.c.notice_id == notice_id, order=(t.c.on, t.c.id))
    return [each for each in said if not (each.handled or each.result)]


def notices_about(session: Session, claim_id: str, level: str) -> list[Notice]:
    """The latest notice of a level that names a claim (a repeated notice replaces the one before), or none."""
    t = table("notice")
    found = session.select(
        "notice", t.c.level == level, t.c.claims.contains(claim_id, autoescape=True), order=(t.c.start.desc(), t.c.id.desc())
    )
    return found[:1]
