"""Claims: filing them, and where each stands on its path by the steps taken (`services.claim_steps`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from db.among import among
from db.mapping import table
from db.merged import root, selves
from db.session import Session
from domain import claims as path
from domain.authors import scope_of
from domain.errors import DomainError, NotFound
from domain.grouping import by_key
from domain.records import Claim, ClaimStep, Notice
from domain.words import _
from services import policies, records, screening

_FILEABLE = frozenset({"eligible", "review", "need_more", "pending"})
"""Verdicts with which a claim may be filed: what is open may be cleared up on the way, a certain no may not."""
_OVER = ("paid", *sorted(path.ENDED))
"""States after which a claim waits for nobody, so that not every claim there ever was is looked through."""


@dataclass(frozen=True)
class Standing:
    """A claim, its state (code) and the steps that led there, in county order."""

    claim: Claim
    state: str
    steps: Sequence[ClaimStep]

    @property
    def returned_because(self) -> str:
        """The opinion with which it was sent back, refused or recovered last; "" while it goes its way."""
        last = self.steps[-1] if self.steps else None
        return (last.opinion or "") if last and last.to_state in ("returned", "refused", "recovered") else ""


# -- reading ---------------------------------------------------------------------------------------------------------------


def steps_of(session: Session, ids: Iterable[str]) -> dict[str, list[ClaimStep]]:
    """The steps of claims in county order; own ones the county has not acknowledged come last."""
    t = table("claim_step")
    order = (t.c.seq.is_(None), t.c.seq, t.c.at, t.c.id)
    return by_key((step.claim_id, step) for step in session.select(ClaimStep, among(t.c.claim_id, ids), order=order))


def standings(session: Session, claims: Iterable[Claim]) -> list[Standing]:
    """Where claims stand, in the order given."""
    listed = list(claims)
    steps = steps_of(session, (claim.id for claim in listed))
    taken = {claim.id: path.counted(claim, steps.get(claim.id, ())) for claim in listed}
    return [Standing(claim, taken[claim.id][-1].to_state if taken[claim.id] else path.DRAFT, taken[claim.id]) for claim in listed]


def standing(session: Session, id: str) -> Standing:
    """Where one claim stands; raises `NotFound`."""
    claim = session.existing("claim", id, _("没有这笔补助申请，或已被删除。"))
    return standings(session, [claim])[0]


def listing(session: Session, state: str | None = None) -> list[Standing]:
    """Every claim, the latest filed first; with `state` only those that stand there."""
    t = table("claim")
    found = standings(session, session.select("claim", order=(t.c.filed_on.desc(), t.c.id)))
    return [each for each in found if state is None or each.state == state]


def waiting(session: Session) -> list[Standing]:
    """Claims that wait for somebody here, those waiting longest first: at a village those sent back to it; above it those whose next step
    on the path is this level's own, unless a notice about them still hangs: until it ends nobody can take that step."""
    c, step = table("claim"), table("claim_step")
    over = select(step.c.claim_id).where(step.c.to_state.in_(_OVER), step.c.deleted_at.is_(None))
    found = standings(session, session.select("claim", c.c.id.not_in(over), order=(c.c.filed_on, c.c.id)))
    hanging = _hanging(session)
    return [each for each in found if waits_here(each, session.role) and (each.state, each.claim.id) not in hanging]


def _hanging(session: Session) -> set[tuple[str, str]]:
    """The state and the claim of every notice whose result is not entered."""
    open_ = session.select(Notice, table("notice").c.result.is_(None))
    return {(path.NOTICES[notice.level], id) for notice in open_ for id in notice.claims or ()}


def refused_above(session: Session, since: str) -> list[Standing]:
    """Claims that somebody else refused on a day or after it, the latest first: whoever claimed has to be told."""
    c, step = table("claim"), table("claim_step")
    lately = select(step.c.claim_id).where(step.c.to_state == "refused", step.c.at >= since, step.c.deleted_at.is_(None))
    found = standings(session, session.select("claim", c.c.id.in_(lately)))
    ended = [each for each in found if each.state == "refused" and scope_of(each.steps[-1].by) != session.scope]
    return sorted(ended, key=lambda each: each.steps[-1].at, reverse=True)


def waits_here(each: Standing, level: str) -> bool:
    """Whether it is among those `waiting` at a level."""
    if level == "village":
        return each.state == "returned"
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
    """Judge the person or employer today and file a claim on the verdict; answers the claim's id.

    Where a rule has several verdicts for the year (a term, a course, a worker each) the first that is eligible and not claimed yet is
    taken, unless `record_id` or the other id names one. Raises `NotFound` where the rule finds nothing to judge, else as `file`.
    """
    records.not_erased(session, *filter(None, (person_id,)))
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
        raise DomainError(_("按政策这一项现在不能申请：{why}").format(why=unmet_words(verdict)))
    twins = _twins(session, verdict)
    left = frozenset(months).difference(*(path.months(each.claim) for each in twins))
    twin = next((each for each in twins if not left or not path.months(each.claim)), None)
    if twin is not None:
        label = path.state_label(twin.state)
        if twin.claim.rule != verdict["rule"] and twin.state not in ("approved", "paid"):  # the old rule lets no step through any more
            text = _("这一项今年已按前后衔接的另一份文件申请过（{rule}），现在是「{state}」。请先把那一笔撤回，再按这一份申请。")
            raise DomainError(text.format(rule=twin.claim.rule, state=label))
        raise DomainError(_("这一项今年已经申请过，现在是「{state}」。请在原来的申请上办理。").format(state=label))
    values: dict[str, Any] = {
        name: verdict.get(name) for name in ("rule", "pack", "year", "outcome", "person_id", "employer_id", "record_id")
    }
    amount = Claim.KIND.by_name["amount"].from_json(verdict["amount"])
    values |= {"pack_version": verdict["version"], "amount": amount * len(left) // len(months) if months else amount}
    values |= {"filed_on": session.today, "facts": facts, "missing": frozenset(verdict["missing"]) or None, "payee": payee}
    values |= {"months": left or None}
    return records.save(session, "claim", {name: value for name, value in values.items() if value is not None})


def unmet_words(verdict: Mapping[str, Any]) -> str:
    """What speaks against a verdict (its JSON form), else what it came to."""
    unmet = [reason["text"] for reason in verdict["reasons"] if not reason["met"]]
    return _("；").join(unmet) or Claim.KIND.by_name["outcome"].label_of(verdict["outcome"])


def _twins(session: Session, verdict: Mapping[str, Any]) -> list[Standing]:
    """Claims for the same that have not ended, also by a rule of the document before or after, and by another record of the person."""
    t, person = table("claim"), verdict.get("person_id")
    same = [t.c[name] == verdict.get(name) for name in ("year", "employer_id", "record_id")]
    same.append(t.c.person_id.in_(selves(session, root(session, person))) if person else t.c.person_id.is_(None))
    same.append(t.c.rule.in_(sorted({verdict["rule"], *policies.kin(session, verdict["rule"])})))
    return [each for each in standings(session, session.select("claim", *same)) if each.state not in path.ENDED]
