"""Forms for paper (`domain.md` §9.4), each described once as data: title, fields, table, text and the boxes to sign; drawn by `write`.

    write(notice_form(session, id), path)      公示, masked
    write(claim_roster(session), path)         汇总名册, ID numbers masked unless looked at for a reason
    write(refusal_note(session, id), path)     不予通过/补正通知书
    write(fund_request(session), path)         资金申请公函

Forms speak Chinese whatever language the window speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db import changes
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.claims import ENDED, state_label
from domain.errors import DomainError
from domain.identity import mask_id
from domain.records import Claim, Employer, Person
from domain.values import yuan_text
from domain.words import _
from services import claims, notices, payments
from services.exporting import written
from services.sheets import Workbook

Cell = str | int | float
_ROSTER = ("序号", "姓名或单位", "证件号码", "村", "项目", "年度", "金额（元）", "状态", "签字")
_NOTICE = ("序号", "姓名", "村（组）", "项目", "金额（元）", "务工地", "起止")


@dataclass(frozen=True)
class Form:
    """One form. `fields` stand above the table, `text` below it, `signatures` last; money is in yuan."""

    title: str
    fields: Mapping[str, str]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    text: Sequence[str] = ()
    signatures: Sequence[str] = ()


def notice_form(session: Session, id: str) -> Form:
    """A notice as it hangs: only the columns of the whitelist. Raises `NotFound`."""
    sheet = notices.sheet(session, id)
    rows = [(x.number, x.name, x.village, x.item, _yuan(x.amount), x.place, x.months) for x in sheet.lines]
    text = [f"合计 {len(rows)} 笔，{yuan_text(sheet.total)} 元。公示期间对名单有异议的，请向下列电话反映。"]
    fields = {"公示单位": sheet.place, "公示时间": f"{sheet.notice.start} 至 {sheet.last_day}", "监督电话": sheet.notice.phone or ""}
    return Form("就业帮扶补助公示", fields, _NOTICE, rows, text, ("公示单位（盖章）",))


def claim_roster(session: Session, *, reason: str | None = None) -> Form:
    """The claims that have not ended in the villages this station writes. With a `reason`, which is logged, ID numbers in full."""
    listed = [each for each in claims.listing(session) if each.state not in ENDED and session.may_write(each.claim.village)]
    if reason is not None:
        changes.log_view(session, f"claim roster of {len(listed)}", reason)
    people, employers = _subjects(session, [each.claim for each in listed])
    rows: list[Sequence[Cell]] = []
    for number, each in enumerate(reversed(listed), 1):
        claim = each.claim
        number_shown, name = _who(claim, people, employers, plain=reason is not None)
        village = divisions.name(claim.village) or claim.village
        state = state_label(each.state)
        rows.append((number, name, number_shown, village, claim.rule, claim.year, _yuan(claim.amount), state, ""))
    total = yuan_text(sum(each.claim.amount for each in listed))
    fields = {"填报单位": divisions.full_name(session.scope) or session.scope, "填报时间": session.at[:10]}
    return Form("就业帮扶补助汇总名册", fields, _ROSTER, rows, [f"合计 {len(rows)} 笔，{total} 元"], ("填报人", "审核人", "单位（盖章）"))


def refusal_note(session: Session, id: str) -> Form:
    """What an applicant is told of a claim that was sent back or refused. Raises `NotFound`, or `DomainError` for any other claim."""
    now = claims.standing(session, id)
    if now.state not in ("returned", "refused"):
        raise DomainError(_("这笔申请没有退回，也没有不予通过，不用发通知书。"))
    people, employers = _subjects(session, [now.claim])
    title = "补正通知书" if now.state == "returned" else "不予通过通知书"
    fields = {"申请人": _who(now.claim, people, employers)[1], "项目": now.claim.rule, "年度": str(now.claim.year)}
    asked = "请补齐后再报。" if now.state == "returned" else "如有异议，可向经办单位申请复核。"
    missing = [f"还缺：{'、'.join(sorted(now.claim.missing))}"] if now.claim.missing else []
    return Form(
        title, fields, text=[f"原因：{now.returned_because}", *missing, asked], signatures=("经办人", "经办单位（盖章）", "申请人签收")
    )


def fund_request(session: Session) -> Form:
    """The letter that asks for the money of everything approved and not under way, one line a measure and year."""
    sums: dict[tuple[str, int], list[int]] = {}
    for each in payments.due(session):
        sums.setdefault((each.standing.claim.rule, each.standing.claim.year), []).append(each.standing.claim.amount)
    rows = [(n, rule, year, len(found), _yuan(sum(found))) for n, ((rule, year), found) in enumerate(sorted(sums.items()), 1)]
    count, total = sum(map(len, sums.values())), yuan_text(sum(map(sum, sums.values())))
    text = [f"以上共 {count} 笔，申请资金 {total} 元，已经审核公示，请予拨付。"]
    fields = {"申请单位": divisions.full_name(session.scope) or session.scope, "日期": session.at[:10]}
    return Form("资金申请公函", fields, ("序号", "项目", "年度", "笔数", "金额（元）"), rows, text, ("经办人", "负责人", "单位（盖章）"))


def write(form: Form, file: Path) -> None:
    """Draw a form as a new `.xlsx` of its own: text stays text, there are no formulas and no hidden columns."""
    width = max(len(form.columns), 2)
    with written(file) as unfinished, Workbook(unfinished) as book:
        sheet = book.sheet(form.title)
        sheet.title(form.title, width)
        for label, value in form.fields.items():
            sheet.row([label, value])
        if form.columns:
            sheet.headings(form.columns, freeze=False)
        for row in form.rows:
            sheet.row(row)
        for line in form.text:
            sheet.row([line])
        for box in form.signatures:
            sheet.row([f"{box}：", ""])


def _subjects(session: Session, listed: Sequence[Claim]) -> tuple[dict[str, Person], dict[str, Employer]]:
    def named(kind: str, ids: set[str | None]) -> dict[str, Any]:
        return {row.id: row for row in session.select(kind, table(kind).c.id.in_(ids - {None}), deleted=True)}

    return named("person", {claim.person_id for claim in listed}), named("employer", {claim.employer_id for claim in listed})


def _who(claim: Claim, people: Mapping[str, Person], employers: Mapping[str, Employer], *, plain: bool = False) -> tuple[str, str]:
    """The number as it may be shown, and the names."""
    person, employer = people.get(claim.person_id or ""), employers.get(claim.employer_id or "")
    number = person.id_number if person else ""
    return (number if plain else mask_id(number) if number else ""), "、".join(each.name for each in (person, employer) if each is not None)


def _yuan(amount: int) -> float:
    return float(yuan_text(amount))
