"""Letters between offices and to applicants: the roster of claims, notices to applicants, the request for funds."""

from __future__ import annotations

from collections.abc import Sequence

from db.session import Session
from domain import clock, divisions
from domain.claims import ENDED, state_label
from domain.errors import DomainError
from domain.grouping import by_key
from domain.han_amounts import capitals
from domain.money import yuan_grouped
from domain.records import Claim, Payment
from domain.records.choices import FUNDS
from domain.scopes import county_of
from domain.words import _
from services import policies
from services.claims import cautions, claims, work
from services.forms.form import REPORTED_BY_HEAD, TOTAL, Cell, Form
from services.forms.subjects import Subjects, date_words, place_name
from services.payments import payments
from services.sheets import yuan

ROSTER = ("序号", "姓名或单位", "证件号码", "村", "项目", "年度", "务工地", "起止", "金额（元）", "状态", "签字")
_NOT_LISTED = ENDED | {"draft", "returned"}
FUND = ("序号", "项目", "年度", "资金渠道", "笔数", "金额（元）")


def claim_roster(session: Session, *, plain: bool = False) -> Form:
    """No. 7: the claims in progress in this station's villages, in order of filing. Claims not yet reviewed by the village, or sent back to
    it, are left out because there is nothing to sign for yet."""
    listed = [each for each in claims.listing(session) if each.state not in _NOT_LISTED and session.may_write(each.claim.village)]
    gone = payments.paid_before(session, listed)  # people sign for what they get
    listed = [each for each in reversed(listed) if each.claim.amount > gone.get(each.claim.id, 0)]
    about = Subjects(session, [each.claim for each in listed], plain=plain)
    rows = [_roster_row(about, n, each, gone.get(each.claim.id, 0)) for n, each in enumerate(listed, 1)]
    total = sum(each.claim.amount - gone.get(each.claim.id, 0) for each in listed)
    fields = {"填报单位": place_name(session), "填报时间": date_words(session.today)}
    text = [f"合计 {len(rows)} 笔，{yuan_grouped(total)} 元（大写：{capitals(total)}）。", *_bases(about, [each.claim for each in listed])]
    sums: Sequence[Cell] = ("", TOTAL, "", "", "", "", "", "", yuan(total), "", "")
    return Form("就业帮扶补助汇总名册", fields, columns=ROSTER, rows=rows, total=sums, text=text, signatures=REPORTED_BY_HEAD, wide=True)


def _bases(about: Subjects, listed: Sequence[Claim]) -> list[str]:
    """The policies by which the claims were judged, each once."""
    found = dict.fromkeys(basis for claim in listed if (basis := about.basis(claim)))
    return [f"政策依据：{'；'.join(found)}。"] if found else []


def _roster_row(about: Subjects, number: int, each: claims.ClaimStatus, gone: int) -> Sequence[Cell]:
    claim, rule, spells = each.claim, about.rule(each.claim), about.work[each.claim.id]
    months = "、".join(dict.fromkeys(work.months(rule, claim.year, spell) for spell in spells)) if rule else ""
    village = divisions.called(claim.village)
    place = work.places(spells)
    named = (number, about.names(claim), about.number(claim), village, about.item(claim) + ("（补发）" if gone else ""))
    return (*named, claim.year, place, months, yuan(claim.amount - gone), state_label(each.state), "")


def refusal_note(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 24: the notice to the applicant about a claim that was sent back or refused. Raises `NotFound`, or `DomainError` for any other
    claim."""
    now = claims.standing(session, id)
    if now.state not in ("returned", "refused"):
        raise DomainError(_("这笔申请没有退回，也没有不予通过，不用发通知书。"))
    about = Subjects(session, [now.claim], plain=plain)
    returned = now.state == "returned"
    boxes = _boxes("申请人", about, now.claim)
    missing = [f"还缺：{'、'.join(sorted(now.claim.missing))}。"] if now.claim.missing else []
    asked = (
        "请补齐以上材料或情况后，交原受理单位再报。"
        if returned
        else "如有异议，可自收到本通知书之日起向经办单位申请复核；经办单位应当当面说明理由。"
    )
    decision = f"您申请的上述补助，经审核{'需要补正' if returned else '不予通过'}。"
    text = [decision, f"原因：{now.returned_because}", *missing, *_bases(about, [now.claim]), asked]
    return Form(
        "补正通知书" if returned else "不予通过通知书",
        boxes=boxes,
        text=text,
        signatures=("经办人", "联系电话", "申请人签收"),
        closing=(place_name(session), date_words(clock.day_of(now.steps[-1].at))),
    )


def _boxes(whose: str, about: Subjects, claim: Claim) -> list[tuple[tuple[str, str], ...]]:
    """Who and what a notice about a claim is about."""
    return [
        ((whose, about.names(claim)), ("证件号码", about.number(claim))),
        (("项目", about.item(claim)), ("年度", str(claim.year))),
    ]


def recovery_note(session: Session, id: str, *, plain: bool = False) -> Form:
    """The notice to a recipient who must pay back all of it, or what was paid too much (`refunds`). Raises `NotFound`, or `DomainError`
    for a claim that was not paid, and for one of which a difference is still to be paid."""
    now = claims.standing(session, id)
    about = Subjects(session, [now.claim], plain=plain)
    made = session.select(Payment, claim_id=id, bank_result="ok", order=("paid_on", "id"))
    total = sum(payment.amount for payment in made) or now.claim.amount
    part = total - now.claim.amount if now.state == "approved" else 0
    if part <= 0 and now.state not in ("paid", "recovered"):
        raise DomainError(_("这笔补助没有要追缴的：还没有拨付，或者还差着没有拨。"))
    why = "" if part else "；".join(cautions.of_verdict(session, now.claim))
    decided = "approved" if part else "recovered"
    why = why or next((step.opinion for step in reversed(now.steps) if step.to_state == decided and step.opinion), "")
    days = "、".join(date_words(payment.paid_on) for payment in made if payment.amount > 0)
    boxes = [
        *_boxes("被追缴人", about, now.claim),
        (("拨付金额（元）", yuan_grouped(total)), ("拨付日期", days)),
        *([(("应享受金额（元）", yuan_grouped(now.claim.amount)), ("应退金额（元）", yuan_grouped(part)))] if part else ()),
        (("应退大写" if part else "金额大写", capitals(part or total)),),
        (("退款户名", ""), ("退款账号", "")),
    ]
    found = f"多发了一部分，应当退回 {yuan_grouped(part)} 元" if part else "不符合政策规定，应当退回"
    text = [
        f"经核查，您（单位）领取的上述补助{found}。",
        f"原因：{why or '　' * 30}",
        "请自收到本通知书之日起　　　日内，将上述款项退至以上账户。",
        "如有异议，可在上述期限内向本单位书面说明。逾期不退的，按有关规定处理。",
    ]
    names = ("经办人", "联系电话", "被追缴人签收")
    closing = (place_name(session), date_words(session.today))
    return Form("追缴通知书", boxes=boxes, text=text, signatures=names, closing=closing)


def fund_request(session: Session) -> Form:
    """No. 25: the request for the funds of all approved claims without a payment in progress, one line for each measure, year and fund.
    Raises `DomainError` if there are none."""
    rules = policies.rules(session)
    waiting = [(each.standing.claim, each.amount) for each in payments.due(session)]
    sums = by_key(((claim.rule, claim.year, claim.pack), amount) for claim, amount in waiting)
    if not sums:
        raise DomainError(_("没有待拨付的申请，不用写申请资金的函。"))
    rows: list[Sequence[Cell]] = []
    for n, ((rule, year, pack), found) in enumerate(sorted(sums.items()), 1):
        known = rules.of(pack, rule)
        fund = FUNDS.get(known.fund or "", "") if known else ""
        rows.append((n, known.name if known else rule, year, fund, len(found), yuan(sum(found))))
    count, total = sum(map(len, sums.values())), sum(map(sum, sums.values()))
    county = divisions.name(county_of(session.scope)) or ""
    opening = [
        f"{county}财政局：",
        f"按照就业帮扶有关政策，我单位对申报的补助进行了审核和公示，公示无异议。共 {count} 笔，申请资金 {yuan_grouped(total)} 元"
        f"（大写：{capitals(total)}），明细如下：",
    ]
    sum_row: Sequence[Cell] = ("", TOTAL, "", "", count, yuan(total))
    text = ["以上资金请予审核拨付。发放名册随函附送。"]
    closing = (f"{place_name(session)}（经办单位盖章）", date_words(session.today))
    return Form("关于申请拨付就业帮扶补助资金的函", opening=opening, columns=FUND, rows=rows, total=sum_row, text=text, closing=closing)
