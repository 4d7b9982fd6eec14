"""要核对的地方: contradictions in the records of a claim, for its auditors. Each has an innocent explanation too, so nothing is refused
because of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from db.merged import root
from db.session import Session
from domain import claims as path
from domain import clock
from domain.authors import name_of
from domain.periods import add_days
from domain.records import Notice, Objection, Payment, Person
from domain.words import _
from services import policies
from services.claims import cautions, claims, notices, steps, twins, work
from services.claims import posted as posted_as

_LATE_DAYS = 31
"""A laptop without a line may send a step that many days after it was taken."""


def doubts(session: Session, now: claims.ClaimStatus, posted: Sequence[Notice], missing: Sequence[str]) -> list[str]:
    """A sentence for each contradiction; empty if none was found. `posted`: the notices that name the claim; `missing`: the documents that
    are not there."""
    lacking = [_("没有的材料：{missing}").format(missing=_("、").join(missing))] if missing else []
    return [
        *_of_days(session, now),
        *_of_notices(session, posted),
        *_of_duties(session, now),
        *_of_twins(session, now),
        *_of_death(session, now),
        *_of_payment(session, now),
        *cautions.of_verdict(session, now.claim),
        *lacking,
    ]


def _of_duties(session: Session, now: claims.ClaimStatus) -> Iterator[str]:
    """Whether one person took two of the county's decisions, or made the payment as well, which are two persons' work (`domain.md`
    §9.1)."""
    by = {step.to_state: step.by for step in now.steps}
    if "approved" in by and by.get("county_review") == by["approved"]:
        yield _("县里的审核和批准是同一个人办的：{name}").format(name=name_of(by["approved"]))
    paid_by = {one.created_by or "" for one in session.select(Payment, claim_id=now.claim.id)}
    for author in sorted(paid_by & {step.by for step in now.steps if step.to_state in ("county_review", "approved")}):
        yield _("审核和拨付是同一个人办的：{name}").format(name=name_of(author))


def _of_payment(session: Session, now: claims.ClaimStatus) -> Iterator[str]:
    if now.state in ("approved", "paid", "recovered"):
        yield from cautions.of_payment(session, now, paid=path.was_paid(now.steps))


def _of_twins(session: Session, now: claims.ClaimStatus) -> Iterator[str]:
    known = twins.others(session, now.claim)
    for other in known:
        text = _("同一人同一项还有一笔申请（{id}），{what}")
        yield text.format(id=other.claim.id[:8], what=twins.described(other, now.claim.village))
    granted = twins.granted(session, now.claim)
    if granted is not None and all(other.claim.id != granted.claim.id for other in known):
        yield twins.enjoyed(granted, now.claim.village)


def _of_days(session: Session, now: claims.ClaimStatus) -> Iterator[str]:
    """Steps that arrived long after the day they are dated: the laptop's clock was wrong, or it was long without a line."""
    for step, received in zip(now.steps, steps.received_on(session, now.steps), strict=True):
        day = clock.day_of(step.at)
        if received and received > add_days(day, _LATE_DAYS):
            text = _("「{step}」写的是 {day} 办的，{received} 才收到")
            yield text.format(step=path.state_label(step.to_state), day=day, received=received)


def _of_notices(session: Session, posted: Sequence[Notice]) -> Iterator[str]:
    late = notices.backdated(session, posted)
    for notice in posted:
        level = Notice.KIND.by_name["level"].label_of(notice.level)
        if notice.id in late:
            yield _("{level}公示：{what}").format(level=level, what=late[notice.id])
        for what, last in posted_as.edited(session, notice):
            text = _("{level}公示（{start} 起）发出以后{who}于 {day} 改过：{what}")
            yield text.format(level=level, start=notice.start, who=last.by, day=clock.day_of(last.at), what=what)
        if short := notices.too_short(notice):
            yield _("{level}公示（{start} 起）：{what}").format(level=level, start=notice.start, what=short)
        said = session.select(Objection, notice_id=notice.id, deleted=True)
        if notice.result == "objected" and not said:
            text = _("{level}公示（{start} 起）结果是「有异议」，没有登记是什么异议")
            yield text.format(level=level, start=notice.start)
        if notice.result is not None and (open_ones := steps.open_objections(session, notice.id)):
            text = _("{level}公示（{start} 起）结果是「{result}」，收到的异议没有写明处理情况：{what}")
            what = _("；").join(one.content for one in open_ones)
            yield text.format(level=level, start=notice.start, result=notice.shown("result"), what=what)
        for one in said:
            if one.deleted_at is not None:
                text = _("{level}公示收到的异议后来删了（{day}：{what}），删的人是{who}")
                yield text.format(level=level, day=one.on, what=one.content, who=name_of(one.updated_by or ""))


def _of_death(session: Session, now: claims.ClaimStatus) -> Iterator[str]:
    claim = now.claim
    person = session.get(Person, root(session, claim.person_id), deleted=True) if claim.person_id else None
    if person is None or not person.died_on:
        return
    paid = _paid_on(session, now)
    if claim.employer_id is None and paid > person.died_on:
        payee = _("收款人写的是{name}").format(name=claim.payee) if claim.payee else _("申请里没有写由谁领取")
        yield _("本人 {died} 去世，{paid} 才拨付，{payee}").format(died=person.died_on, paid=paid, payee=payee)
    rules = policies.rules(session)
    rule = rules.of(claim.pack, claim.rule)
    last = work.period(rule, claim.year)[1] if rule is not None else f"{claim.year}-12-31"
    for spell in work.spells(session, [claim], rules)[claim.id]:
        end = min(spell.end or last, last)
        if end > person.died_on[: len(end)]:
            text = _("本人 {died} 去世，所据的务工登记到 {end}") if spell.end else _("本人 {died} 去世，所据的务工没有登记结束")
            yield text.format(died=person.died_on, end=spell.end)


def _paid_on(session: Session, now: claims.ClaimStatus) -> str:
    """The day of the last payment that did not fail, or of the step that says so without one; "" if nothing was paid."""
    made = [one for one in session.select(Payment, claim_id=now.claim.id) if one.amount > 0 and one.bank_result != "failed"]
    days = [one.paid_on or clock.day_of(one.created_at or session.at) for one in made]
    return max(days or [clock.day_of(step.at) for step in now.steps if step.to_state == "paid"], default="")
