"""Paying approved claims: a batch with fund, budget number and control total, the sheet for the bank, and what the bank answered.

A claim is `paid` only when the bank says so; a failed payment leaves it 待拨付 with the reason, to be paid again. That nothing goes out
twice is the county's word at ingest (`sync.county.claim_steps`); here the same is checked first, so that nobody is surprised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db import changes, unmasked
from db.among import among
from db.mapping import table
from db.merged import root
from db.session import Session
from domain.errors import DomainError, InputUnusable, Refused
from domain.money import fen, yuan_grouped
from domain.records import Claim, Employer, Payment, Person
from domain.words import _
from services import claim_steps, claims, funds, records
from services import payees as payees_of
from services.files import written
from services.ledgers import note
from services.sheets import Workbook, yuan

_DONE = ("发放", "交易", "入账", "代发", "代付", "处理", "转账", "支付", "付款", "全部")
OK_WORDS = frozenset({"成功", "ok", "已到账", "已入账", "已发放", "已支付"} | {f"{done}成功" for done in _DONE})
"""What says that the money is there; 受理成功 and 提交成功 say only that the bank has the list."""
FAILED_WORDS = frozenset(
    {"失败", "failed", "退票", "退汇", "退款", "已退票", "已退汇", "已退款", "不成功", "未成功"} | {f"{done}失败" for done in _DONE}
)
_WITH_REASON = re.compile(
    rf"({'|'.join(sorted(FAILED_WORDS, key=len, reverse=True))})\s*(?:[:：,，;；\-—]|[(（](?=.*[)）]$))\s*(.+?)[)）]?"
)
"""失败：户名不符, in one cell."""
_ANSWERED: Final = {
    "拨付编号": ("拨付编号",),
    "金额": ("金额", "发放金额", "交易金额", "入账金额", "代发金额", "支付金额", "应处理金额"),
    "结果": ("结果",),
    "原因": ("原因", "失败原因", "退回原因", "退款原因", "退汇原因", "错误原因", "返回信息", "银行返回信息", "结果说明", "摘要", "备注"),
}
"""What banks call the columns of their answer; the result also as rosters call it (`paid.outcome`). A reason they need not give."""
_SUM = "合计"
_HEADINGS = ("序号", "拨付编号", "户名", "开户行", "账号", "金额", "结果", "原因")


@dataclass(frozen=True)
class Batch:
    """Payments made together: how many, and their sum in fen (the control total the bank and the finance bureau compare)."""

    payments: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class Due:
    """An approved claim that waits for its money. `account`: whether one is known; `failed`: what the bank said last; `barred`: why it
    cannot be paid as it stands, "" when it can; `doubt`: what to look into about the account first."""

    standing: claims.Standing
    name: str
    account: bool
    failed: str = ""
    barred: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Answered:
    """What a bank's sheet came to: lines taken as paid and as failed, those known before, and complaints with the sheet's row number."""

    paid: int
    failed: int
    known: int
    rejected: Sequence[tuple[int, str]]


def due(session: Session) -> list[Due]:
    """Approved claims without a payment under way, those filed first first."""
    waiting = [each for each in claims.listing(session, "approved") if session.may_write(each.claim.village)]
    payments = _payments(session, [each.claim.id for each in waiting])
    payees = _payees(session, waiting)
    doubts = payees_of.doubts(session, {id: payee for id, payee in payees.items() if isinstance(payee, Person)})
    found = []
    for each in reversed(waiting):
        made = payments.get(each.claim.id, [])
        if all(payment.bank_result == "failed" for payment in made):
            payee = payees.get(each.claim.id)
            name = each.claim.payee or (payee.name if payee else "")
            account = isinstance(payee, Person) and bool(payee.bank_account)
            own = _("谁录入谁不能拨付：这笔是您录入的，请换一位同事") if each.claim.created_by == session.author else ""
            failed, barred = made[-1].reason or "" if made else "", own or _barred(each.claim, payee)
            found.append(Due(each, name, account, failed, barred, doubts.get(each.claim.id, "")))
    return found


def bounced(session: Session) -> dict[str, str]:
    """What the bank said last of approved claims that it could not pay, by claim: whoever keeps the records has to look into the account.
    A record of the payee that was changed since is looked into."""
    p = table("payment")
    tried = {one.claim_id for one in session.select("payment", p.c.bank_result == "failed")}
    kept = [claim for claim in records.by_id(session, "claim", tried).values() if claim.deleted_at is None]
    listed = [each for each in claims.standings(session, kept) if each.state == "approved"]
    payments, payees = _payments(session, [each.claim.id for each in listed]), _payees(session, listed)
    found = {}
    for each in listed:
        made, payee = payments[each.claim.id], payees.get(each.claim.id)
        since = payee.updated_at if payee is not None else None
        if all(one.bank_result == "failed" for one in made) and (since or "") <= (made[-1].updated_at or ""):
            found[each.claim.id] = made[-1].reason or _("银行没有写原因")
    return found


def _barred(claim: Claim, payee: Person | Employer | None) -> str:
    if claim.payee:
        return ""
    if payee is None or payee.deleted_at is not None:
        return _("收款人的记录不在了，请先核实，或在申请里写明收款人")
    if isinstance(payee, Person) and payee.died_on:
        return _("收款人已于 {day} 去世，请先核定由谁领取，在申请里写明收款人").format(day=payee.died_on)
    return ""


def pay(session: Session, claim_ids: Iterable[str], fund: str, *, budget_number: str | None = None, total: int | None = None) -> Batch:
    """Make the payments of one batch. `total` (fen) is the control total somebody else added up: another sum makes nothing.

    Raises `Refused` away from the county, `DomainError` for a claim that is not approved, is being paid already, or is worth nothing, and
    for more than is left of the fund (`services.funds`).
    """
    if session.role != "county":
        raise Refused(_("拨付由县里办理，本站不能记。"))
    open_ones = {each.standing.claim.id: each for each in due(session)}
    waiting = {id: each.standing.claim for id, each in open_ones.items()}
    chosen = list(dict.fromkeys(claim_ids))
    if not chosen or any(id not in waiting for id in chosen):
        raise DomainError(_("有的申请不是「待拨付」，或已经在拨付中。请刷新名单后重选。"))
    barred = next((open_ones[id] for id in chosen if open_ones[id].barred), None)
    if barred is not None:
        raise DomainError(_("{name}：{why}。").format(name=barred.name or barred.standing.claim.id[:8], why=barred.barred))
    sums = sum(waiting[id].amount for id in chosen)
    if any(waiting[id].amount <= 0 for id in chosen):
        raise DomainError(_("有的申请金额是 0，不能拨付。"))
    if total is not None and total != sums:
        raise DomainError(
            _("控制总额不符：名单合计 {sums} 元，填写的是 {total} 元。请核对后再拨。").format(
                sums=yuan_grouped(sums), total=yuan_grouped(total)
            )
        )
    funds.within(session, fund, sums)
    made = []
    for id in chosen:
        values = {"claim_id": id, "amount": waiting[id].amount, "fund": fund, "paid_on": session.today}
        values |= {"budget_number": budget_number} if budget_number else {}
        made.append(records.save(session, "payment", values))
    return Batch(tuple(made), sums)


def _payments(session: Session, claim_ids: Sequence[str]) -> Mapping[str, list[Payment]]:
    t = table("payment")
    return records.by_parent(session, "payment", "claim_id", claim_ids, order=(t.c.created_at, t.c.id))


def _payees(session: Session, listed: Sequence[claims.Standing]) -> Mapping[str, Person | Employer]:
    """Whose account the money goes to: the employer of an employer's claim, else the person, or whom they were merged into."""
    people = records.by_id(session, "person", (each.claim.person_id for each in listed))
    roots = {id: root(session, str(id)) for id, person in people.items() if person.merged_into}
    into = records.by_id(session, "person", roots.values())
    people |= {id: into[other] for id, other in roots.items() if other in into}
    employers = records.by_id(session, "employer", (each.claim.employer_id for each in listed))
    chosen = ((each.claim.id, employers.get(each.claim.employer_id or "") or people.get(each.claim.person_id or "")) for each in listed)
    return {id: payee for id, payee in chosen if payee is not None}


# -- the bank --------------------------------------------------------------------------------------------------------------


def bank_sheet(session: Session, payments: Sequence[str], file: Path, *, reason: str) -> int:
    """Write the sheet for the bank, with full accounts (looked at for a reason, which is logged); answers how many lines."""
    t = table("payment")
    found = {payment.id: payment for payment in session.select("payment", among(t.c.id, payments))}
    listed = [found[id] for id in payments if id in found]
    named = records.by_id(session, "claim", (payment.claim_id for payment in listed))
    standings = {each.claim.id: each for each in claims.standings(session, named.values())}
    payees = _payees(session, list(standings.values()))
    unmasked.log_view(session, f"payment sheet of {len(listed)}", reason)
    with written(file) as unfinished, Workbook(unfinished, note(session, plain=True)) as book:
        sheet = book.sheet("拨付清单")
        sheet.title("补助资金拨付清单", len(_HEADINGS))
        for line in _fund_lines(session, listed):
            sheet.row([line])
        sheet.headings(_HEADINGS)
        for number, payment in enumerate(listed, 1):
            claim, payee = standings[payment.claim_id].claim, payees.get(payment.claim_id)
            bank, account = (payee.bank_name or "", payee.bank_account or "") if isinstance(payee, Person) else ("", "")
            name = claim.payee or (payee.name if payee else "")
            sheet.row([number, payment.id, name, bank, account, yuan(payment.amount), "", ""])
        sheet.row(["", _SUM, "", "", "", yuan(sum(payment.amount for payment in listed)), "", ""])
    return len(listed)


def _fund_lines(session: Session, listed: Sequence[Payment]) -> list[str]:
    """Out of which funds the listed payments are, and what each has left, for who signs the list."""
    paid = {payment.fund for payment in listed}
    return [one.sentence() for one in funds.balances(session) if one.fund in paid]


def read_answer(session: Session, source: Path | bytes) -> Answered:
    """Take in the sheet as the bank filled it: 结果 成功 or 失败 (with 原因) beside 拨付编号. Lines it did not fill are left for later.

    The amount beside a number must be the one sent. The same sheet again changes nothing. Raises `InputUnusable` or `Refused`.
    """
    if session.role != "county":
        raise Refused(_("拨付由县里办理，本站不能记。"))
    t = table("payment")
    paid = failed = known = 0
    rejected: list[tuple[int, str]] = []
    for row, (number, amount, word, why) in _lines(source):
        payment = next(iter(session.select("payment", t.c.id == number)), None)
        result = "ok" if word in OK_WORDS else "failed" if word in FAILED_WORDS else None
        if payment is None or (told := _wrong(session, payment, amount, result)):
            rejected.append((row, _("没有这个拨付编号") if payment is None else told))
        elif payment.bank_result is not None:
            known += 1
        else:
            more = {"reason": why} if result == "failed" and why else {}
            changes.update(session, "payment", payment.id, {"bank_result": result} | more)
            paid += result == "ok"
            failed += result == "failed"
            if result == "ok":
                claim_steps.step(session, payment.claim_id, "paid")
    return Answered(paid, failed, known, rejected)


def _wrong(session: Session, payment: Payment, amount: int, result: str | None) -> str:
    """Why what the bank says of a payment is not taken in; empty when it is."""
    if result is None:
        return _("结果应为「成功」或「失败」")
    if payment.amount != amount:
        return _("金额与拨付时不符")
    if payment.bank_result is not None:
        if payment.bank_result == result:
            return ""
        if result == "ok":  # a row too high or too low the first time: the money is there, and the list would send it once more
            return _("这一笔已经登记为失败，与这次不同。确实到账的，在「办理」里记已拨付，不要再拨")
        return _("这一笔已经登记为成功，与这次不同。确实没有到账的，在「办理」里走「追回」")
    if result == "ok" and _state_of(session, payment.claim_id) != "approved":
        return _("这笔申请已经不是「待拨付」，请先核实")
    return ""


def _state_of(session: Session, claim_id: str) -> str | None:
    """Where a claim stands; None where it was deleted."""
    claim = session.get("claim", claim_id)
    return claims.standings(session, [claim])[0].state if claim is not None else None


def _lines(source: Path | bytes) -> Iterable[tuple[int, tuple[str, int, str, str]]]:
    """Row number, and payment, amount, result and reason, of every line the bank filled."""
    # today's page counts payments, and no start waits for all that reads rosters
    from services.importing.cells import text_of
    from services.importing.heading_words import plain, without_brackets
    from services.importing.reading import load, read_workbook

    found = False
    for sheet in read_workbook(load(source)):
        if sheet.hidden:
            continue
        places: list[int] | None = None  # -1 where there is no such column
        for number, cells in enumerate(sheet.rows, 1):
            words = [text_of(cell).strip() for cell in cells]
            if places is None:
                places = _places([without_brackets(plain(cell)) for cell in cells])
                found = found or places is not None
                continue
            id, amount, result, why = (words[place] if 0 <= place < len(words) else "" for place in places)
            if (failed := _WITH_REASON.fullmatch(result)) is not None:
                result, why = failed[1], why or failed[2]
            if id and result and id != _SUM:  # a result dragged down the column reaches the sum, too
                yield number, (id.lower(), _fen(amount), result.lower(), why)
    if not found:
        raise InputUnusable(_("这不是拨付结果表：没有找到「拨付编号」「金额」「结果」这几列。请用本程序写出的拨付清单填结果。"))


def _places(words: Sequence[str]) -> list[int] | None:
    """Where the columns of the answer stand among compared headings; None where this is not the heading row."""
    from services.importing.rosters import common_columns

    named = _ANSWERED | {"结果": (*_ANSWERED["结果"], *common_columns()["paid.outcome"])}
    found = [next((words.index(word) for word in names if word in words), -1) for names in named.values()]
    return found if -1 not in found[:3] else None


def _fen(text: str) -> int:
    try:
        return fen(text)
    except ValueError:
        return -1
