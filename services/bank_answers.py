"""What the bank answered to a sheet of payments: read from its file, one payment after the other.

A line is about the payment whose number stands in it. A bank's own sheets have no room for our number: there it is the payment of that
amount to that account which was the latest on the day the bank names, so that an old answer never speaks of a later payment. While an
earlier one waits for its answer nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import select

from db import changes
from db.exchange import held_change
from db.mapping import table
from db.session import Session
from domain.errors import InputUnusable, Refused
from domain.money import fen
from domain.records import Payment, Person
from domain.words import _
from services import claim_steps, claims, payments, records

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
    "账号": ("账号", "帐号", "卡号", "账户", "收款账号", "收款人账号", "收款账户", "银行账号", "银行卡号", "社保卡号", "入账账号"),
    "户名": ("户名", "姓名", "收款人", "收款户名", "收款人姓名", "收款人名称", "账户名称"),
    "日期": ("交易日期", "交易时间", "入账日期", "入账时间", "处理日期", "处理时间", "发放日期", "支付日期", "记账日期", "日期"),
    "金额": ("金额", "发放金额", "交易金额", "入账金额", "代发金额", "支付金额", "应处理金额"),
    "结果": ("结果",),
    "原因": ("原因", "失败原因", "退回原因", "退款原因", "退汇原因", "错误原因", "返回信息", "银行返回信息", "结果说明", "摘要", "备注"),
}
"""What banks call the columns of their answer; the result also as rosters call it (`paid.outcome`). A reason they need not give."""
_DAY: Final = re.compile(r"(20\d\d)(\d\d)(\d\d)|(20\d\d)[-/.年](\d\d?)[-/.月](\d\d?)")
_SUM = payments.SUM


@dataclass(frozen=True)
class Answered:
    """What a bank's sheet came to: lines taken as paid and as failed, those known before, and complaints with the sheet's row number."""

    paid: int
    failed: int
    known: int
    rejected: Sequence[tuple[int, str]]


def read_answer(session: Session, source: Path | bytes) -> Answered:
    """Take in the sheet as the bank filled it: 结果 成功 or 失败 (with 原因) beside 拨付编号, or the bank's own sheet with
    account, amount and date. Lines it did not fill are left for later.

    The amount must be the one sent. The same sheet again changes nothing. Raises `InputUnusable` or `Refused`.
    """
    if session.role != "county":
        raise Refused(_("拨付由县里办理，本站不能记。"))
    paid = failed = known = 0
    rejected: list[tuple[int, str]] = []
    meant = _Meant(session)
    for row, line in _lines(source):
        payment = meant.payment(line)
        result = "ok" if line.word in OK_WORDS else "failed" if line.word in FAILED_WORDS else None
        if isinstance(payment, str) or (told := _wrong(session, payment, line.amount, result)):
            rejected.append((row, payment if isinstance(payment, str) else told))
        elif payment.bank_result is not None:
            known += 1
        else:
            more = {"reason": line.why} if result == "failed" and line.why else {}
            changes.update(session, "payment", payment.id, {"bank_result": result} | more)
            paid += result == "ok"
            failed += result == "failed"
            if result == "ok":
                claim_steps.step(session, payment.claim_id, "paid")
    return Answered(paid, failed, known, rejected)


@dataclass(frozen=True)
class Line:
    """A line of the bank's sheet: our number, or account, holder and ISO day; fen, -1 where the amount is none; what it says and why."""

    number: str
    account: str
    name: str
    day: str
    amount: int
    word: str
    why: str


class _Meant:
    """Finds the payment that a line is about."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_account: dict[tuple[str, int], list[tuple[Payment, str]]] | None = None
        """Payments with their holder's name, by account and amount."""

    def payment(self, line: Line) -> Payment | str:
        """The payment, or why it cannot be told."""
        if line.number:
            known = next(iter(self._session.select("payment", table("payment").c.id == line.number)), None)
            return known or self._unknown(line.number)
        if self._by_account is None:
            self._by_account = self._accounts()
        if not line.account:
            return _("没有拨付编号，账号又看不全，认不准是哪一笔")
        if not line.day:
            return _("没有拨付编号，也没有交易日期，认不准是哪一笔")
        sent = [one for one in self._by_account.get((line.account, line.amount), []) if (one[0].paid_on or "9") <= line.day]
        latest = max((one[0].paid_on or "" for one in sent), default="")
        found = [one for one in sent if one[0].paid_on == latest]
        if not found:
            return _("这一天以前没有往这个账号拨过这个金额")
        if len(found) > 1:
            return _("同一天往这个账号拨过两笔同样的金额，认不准是哪一笔，请填上拨付编号")
        (payment, name), others = found[0], (one for one, _name in sent if one is not found[0][0])
        if any(map(self._open, others)):  # a bank may take days over the earlier one
            return _("往这个账号还有一笔同样的金额没有结果，认不准是哪一笔，请填上拨付编号")
        return self._now(payment) if not line.name or line.name == name else _("户名与拨付时不符")

    def _unknown(self, number: str) -> str:
        """What is said of a number that is on record no more: two desks may have paid the same claims before either synced."""
        if self._session.conn.execute(select(held_change.c.seq).where(held_change.c.row_id == number).limit(1)).first() is None:
            return _("没有这个拨付编号")
        return _("县里没有收下这一笔（原因在「同步 → 搁置」）。银行已经付了的，可能付了两次：请核对，多付的追回，在台账「违规」里记下")

    def _now(self, payment: Payment) -> Payment:
        """As the lines before have left it."""
        now: Payment = self._session.existing("payment", payment.id)
        return now

    def _open(self, payment: Payment) -> bool:
        return self._now(payment).bank_result is None and _state_of(self._session, payment.claim_id) == "approved"

    def _accounts(self) -> dict[tuple[str, int], list[tuple[Payment, str]]]:
        made = list(self._session.select("payment"))
        named = records.by_id(self._session, "claim", {payment.claim_id for payment in made})
        payees = payments.payees_by_claim(self._session, claims.standings(self._session, named.values()))
        found: dict[tuple[str, int], list[tuple[Payment, str]]] = {}
        for payment in made:
            payee = payees.get(payment.claim_id)
            if isinstance(payee, Person) and payee.bank_account:
                name = named[payment.claim_id].payee or payee.name
                found.setdefault((_digits(payee.bank_account), payment.amount), []).append((payment, name))
        return found


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


def _lines(source: Path | bytes) -> Iterable[tuple[int, Line]]:
    """Row number and content of every line the bank filled."""
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
            said = (words[place] if 0 <= place < len(words) else "" for place in places)
            id, account, name, day, amount, result, why = said
            if (failed := _WITH_REASON.fullmatch(result)) is not None:
                result, why = failed[1], why or failed[2]
            if (id or account) and result and id != _SUM:  # a result dragged down the column reaches the sum, too
                yield number, Line(id.lower(), _digits(account), name, _day(day), _fen(amount), result.lower(), why)
    if not found:
        raise InputUnusable(
            _("这不是拨付结果表：没有找到「拨付编号」（或「账号」「交易日期」）「金额」「结果」这几列。请用本程序写出的拨付清单填结果。")
        )


def _places(words: Sequence[str]) -> list[int] | None:
    """Where the columns of the answer stand among compared headings; None where this is not the heading row."""
    from services.importing.rosters import common_columns

    named = _ANSWERED | {"结果": (*_ANSWERED["结果"], *common_columns()["paid.outcome"])}
    found = [next((words.index(word) for word in names if word in words), -1) for names in named.values()]
    number, account, _name, day, *rest = found
    return found if -1 not in rest[:2] and (number >= 0 or min(account, day) >= 0) else None


def _digits(text: str) -> str:
    return re.sub(r"[\s-]", "", text) if "*" not in text else ""


def _day(text: str) -> str:
    """A day or moment as banks write it (20230615, 2023-06-15 10:02, 2023年6月15日) as an ISO day, "" where it is none."""
    hit = _DAY.match(text)
    try:
        return date(*(int(part) for part in hit.groups() if part)).isoformat() if hit is not None else ""
    except ValueError:
        return ""


def _fen(text: str) -> int:
    try:
        return fen(text)
    except ValueError:
        return -1
