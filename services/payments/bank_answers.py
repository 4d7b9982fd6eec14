"""Reads the bank's answer to a payment list from its file, one payment after the other.

A line is matched by our payment number. A bank's own sheets have no column for it; there a line is matched by account and amount to the
latest payment up to the bank's date, so that an old answer is not taken for a later payment. It is ambiguous while an earlier payment of
that kind is still unanswered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from db import changes, erased
from db.exchange import held_change
from db.session import Session
from domain.errors import InputUnusable, Refused
from domain.grouping import by_key
from domain.money import fen
from domain.name_likeness import bare_name
from domain.records import Claim, Payment
from domain.words import _
from services import records
from services.claims import claims, steps
from services.payments import payees as payees_of
from services.payments import payments

if TYPE_CHECKING:
    from services.office_files.reading import Sheet

_DONE = ("发放", "交易", "入账", "代发", "代付", "处理", "转账", "支付", "付款", "全部")
OK_WORDS = frozenset({"成功", "ok", "已到账", "已入账", "已发放", "已支付"} | {f"{done}成功" for done in _DONE})
"""Words that mean the money has arrived; 受理成功 and 提交成功 mean only that the bank has received the list."""
FAILED_WORDS = frozenset(
    {"失败", "failed", "退票", "退汇", "退款", "已退票", "已退汇", "已退款", "不成功", "未成功"} | {f"{done}失败" for done in _DONE}
)
_WITH_REASON = re.compile(
    rf"({'|'.join(sorted(FAILED_WORDS, key=len, reverse=True))})\s*(?:[:：,，;；\-—]|[(（](?=.*[)）]$))\s*(.+?)[)）]?"
)
"""A result and a reason in one cell: 失败：户名不符."""
_COLUMN_NAMES: Final = {
    "拨付编号": ("拨付编号",),
    "账号": ("账号", "帐号", "卡号", "账户", "收款账号", "收款人账号", "收款账户", "银行账号", "银行卡号", "社保卡号", "入账账号"),
    "户名": ("户名", "姓名", "收款人", "收款户名", "收款人姓名", "收款人名称", "账户名称"),
    "日期": ("交易日期", "交易时间", "入账日期", "入账时间", "处理日期", "处理时间", "发放日期", "支付日期", "记账日期", "日期"),
    "金额": ("金额", "发放金额", "交易金额", "入账金额", "代发金额", "支付金额", "应处理金额"),
    "结果": ("结果",),
    "原因": ("原因", "失败原因", "退回原因", "退款原因", "退汇原因", "错误原因", "返回信息", "银行返回信息", "结果说明", "摘要", "备注"),
}
"""The names of the columns in banks' answers; for the result also those of rosters (`paid.outcome`). The reason is optional."""
_DAY: Final = re.compile(r"(20\d\d)(\d\d)(\d\d)|(20\d\d)[-/.年](\d\d?)[-/.月](\d\d?)")
_SUM = payments.SUM


@dataclass(frozen=True)
class Answered:
    """The result of reading a bank's answer: the number of lines recorded as paid and as failed and of those recorded before, and errors
    with the row number in the sheet."""

    paid: int
    failed: int
    known: int
    rejected: Sequence[tuple[int, str]]


def read_answer(session: Session, source: Path | bytes) -> Answered:
    """Record the bank's results: 结果 成功 or 失败 (with 原因) beside 拨付编号, or the bank's own sheet with account, amount and date.
    Lines without a result are left for later.

    The amount must be the one sent. Reading the same sheet again changes nothing. Raises `InputUnusable` or `Refused`.
    """
    if session.role != "county":
        raise Refused(_("拨付由县里办理，本站不能记。"))
    paid = failed = known = 0
    rejected: list[tuple[int, str]] = []
    finder = _Finder(session)
    for row, line in _lines(source):
        payment = finder.payment(line)
        result = "ok" if line.word in OK_WORDS else "failed" if line.word in FAILED_WORDS else None
        if isinstance(payment, str):
            rejected.append((row, payment))
        elif error := _error(session, payment, line, result):
            rejected.append((row, _("{name}：{why}").format(name=finder.name(payment), why=error)))
        elif payment.bank_result is not None:
            known += 1
        else:
            more = {"reason": line.why} if result == "failed" and line.why else {}
            changes.update(session, "payment", payment.id, {"bank_result": result} | more)
            paid += result == "ok"
            failed += result == "failed"
            if result == "ok":
                steps.step(session, payment.claim_id, "paid")
    return Answered(paid, failed, known, rejected)


@dataclass(frozen=True)
class BankLine:
    """A line of the bank's sheet: our payment number, or account, holder and ISO day; the amount in fen, -1 if unreadable; the result and
    the reason."""

    number: str
    account: str
    name: str
    day: str
    amount: int
    word: str
    why: str


class _Finder:
    """Finds the payment of a line."""

    def __init__(self, session: Session) -> None:
        self._session, self._made = session, session.select(Payment)

    def payment(self, line: BankLine) -> Payment | str:
        """The payment, or a message why it is unknown or ambiguous."""
        if line.number:
            return self._numbered(line)
        if not line.account:
            return _("没有拨付编号，账号又看不全，认不准是哪一笔")
        if not line.day:
            return _("没有拨付编号，也没有交易日期，认不准是哪一笔")
        sent = [one for one in self._accounts.get((line.account, line.amount), []) if (one[0].paid_on or "9") <= line.day]
        latest = max((one[0].paid_on or "" for one in sent), default="")
        found = [one for one in sent if one[0].paid_on == latest]
        if not found:
            return _("这一天以前没有往这个账号拨过这个金额")
        if len(found) > 1:
            return _("同一天往这个账号拨过两笔同样的金额，认不准是哪一笔，请填上拨付编号")
        (payment, name), others = found[0], (one for one, _name in sent if one is not found[0][0])
        if any(map(self._open, others)):  # a bank may take days for the earlier one
            return _("往这个账号还有一笔同样的金额没有结果，认不准是哪一笔，请填上拨付编号")
        return self._now(payment) if _is_called(line, name) else _("户名与拨付时不符")

    def name(self, payment: Payment) -> str:
        """The account holder's name."""
        return self._payees[payment.id][0]

    def _numbered(self, line: BankLine) -> Payment | str:
        """The payment of a number, if the account and the holder in the line are those it was paid to, and not somebody else's, as after a
        part of the columns was sorted. An older payment does not say its account; that of the payee may have been mended since."""
        known = next(iter(self._session.select(Payment, id=line.number)), None)
        if known is None:
            return self._unknown(line.number)
        name, account = self._payees[known.id]
        if not _is_called(line, name):
            return _("拨付编号是{name}的，户名写的是{other}，认不准是谁的结果").format(name=name, other=line.name)
        others = {other for other, used in self._payees.values() if line.account and used == line.account}
        if line.account != account and others:
            return _("拨付编号是{name}的，账号是{other}的，认不准是谁的结果").format(name=name, other=min(others))
        if line.account and known.account and line.account != account:
            return _("账号与拨付时不符")
        return known

    def _unknown(self, number: str) -> str:
        """The message for a number that is not on record; two computers may have paid the same claims before syncing."""
        if self._session.conn.execute(select(held_change.c.seq).where(held_change.c.row_id == number).limit(1)).first() is None:
            return _("没有这个拨付编号")
        return _("县里没有收下这一笔（原因在「同步 → 搁置」）。银行已经付了的，可能付了两次：请核对，多付的追回，在台账「违规」里记下")

    def _now(self, payment: Payment) -> Payment:
        """The payment in its current state, after the lines before."""
        now: Payment = self._session.existing(Payment, payment.id)
        return now

    def _open(self, payment: Payment) -> bool:
        return self._now(payment).bank_result is None and _state_of(self._session, payment.claim_id) == "approved"

    @cached_property
    def _payees(self) -> dict[str, tuple[str, str]]:
        """Payment id → the account holder's name and account, "" without one."""
        named = records.by_id(self._session, Claim, {payment.claim_id for payment in self._made})
        now = payees_of.accounts(self._session, named.values())
        found = {}
        for payment in self._made:
            to = payees_of.paid_to(payment, now)
            found[payment.id] = to["payee"] or "", _digits(to["account"] or "")
        return found

    @cached_property
    def _accounts(self) -> Mapping[tuple[str, int], list[tuple[Payment, str]]]:
        """(account, amount) → payments with the account holder's name."""
        paid = ((one, *self._payees[one.id]) for one in self._made)
        return by_key(((account, one.amount), (one, name)) for one, name, account in paid if account)


def _is_called(line: BankLine, name: str) -> bool:
    """Whether the holder in a line, if it is given in full, is the one of this name."""
    return not line.name or not name or "*" in line.name or bare_name(line.name) == bare_name(name)


def _error(session: Session, payment: Payment, line: BankLine, result: str | None) -> str:
    """The reason why a result is not recorded; "" if it is."""
    if result is None:
        return _("结果写的是「{word}」，应为「成功」或「失败」").format(word=line.word)
    if payment.amount != line.amount:
        return _("金额与拨付时不符")
    if payment.bank_result is not None:
        if payment.bank_result == result:
            return ""
        if result == "ok":  # the first answer was in the wrong row: the money has arrived, and the list would send it again
            return _("这一笔已经登记为失败，与这次不同。确实到账的，在「办理」里记已拨付，不要再拨")
        return _("这一笔已经登记为成功，与这次不同。确实没有到账的，在「办理」里走「追回」")
    if erased.found(session.conn, [(Payment.KIND.number, payment.id)]):
        return erased.sentence()
    if result == "ok" and _state_of(session, payment.claim_id) != "approved":
        return _("这笔申请已经不是「待拨付」，请先核实")
    return ""


def _state_of(session: Session, claim_id: str) -> str | None:
    """The state of a claim; None if it was deleted."""
    claim = session.get(Claim, claim_id)
    return claims.standings(session, [claim])[0].state if claim is not None else None


def _line(values: Sequence[str]) -> BankLine | None:
    """The line with these values, in the order of the columns; None without a result."""
    id, account, name, day, amount, result, why = values
    if (failed := _WITH_REASON.fullmatch(result)) is not None:
        result, why = failed[1], why or failed[2]
    if not (id or account) or not result or id == _SUM:  # a result filled down the column also reaches the total row
        return None
    return BankLine(id.lower(), _digits(account), name, _day(day), _fen(amount), result.lower(), why)


def _lines(source: Path | bytes) -> Iterable[tuple[int, BankLine]]:
    """The row number and content of every line with a result. Raises `InputUnusable` if there is no heading row."""
    # imported here because the home page imports this module, and the importers are slow to load
    from services.importing.values.cells import text_of
    from services.office_files.reading import load, read_workbook

    tables = [below for sheet in read_workbook(load(source)) if not sheet.hidden and (below := _below_headings(sheet)) is not None]
    if not tables:
        raise InputUnusable(
            _("这不是拨付结果表：没有找到「拨付编号」（或「账号」「交易日期」）「金额」「结果」这几列。请用本程序写出的拨付清单填结果。")
        )
    for places, rows in tables:
        for number, cells in rows:
            words = [text_of(cell).strip() for cell in cells]
            line = _line([words[place] if 0 <= place < len(words) else "" for place in places])
            if line is not None:
                yield number, line


def _below_headings(sheet: Sheet) -> tuple[list[int], Iterator[tuple[int, list[Any]]]] | None:
    """Where the columns are, -1 for a missing one, and the numbered rows below the headings; None if there are no headings."""
    from services.importing.tables.heading_words import plain, without_brackets

    rows = enumerate(sheet.rows, 1)
    for _number, cells in rows:
        places = _column_indices([without_brackets(plain(cell)) for cell in cells])
        if places is not None:
            return places, rows
    return None


def _column_indices(words: Sequence[str]) -> list[int] | None:
    """The column index of each item of the answer among `plain` headings, -1 if missing; None if this is not the heading row."""
    from services.importing.tables.rosters import common_columns

    named = _COLUMN_NAMES | {"结果": (*_COLUMN_NAMES["结果"], *common_columns()["paid.outcome"])}
    found = [next((words.index(word) for word in names if word in words), -1) for names in named.values()]
    number, account, _name, day, *rest = found
    return found if -1 not in rest[:2] and (number >= 0 or min(account, day) >= 0) else None


def _digits(text: str) -> str:
    return re.sub(r"[\s-]", "", text) if "*" not in text else ""


def _day(text: str) -> str:
    """A date or time as banks write it (20230615, 2023-06-15 10:02, 2023年6月15日) as an ISO day; "" if it is none."""
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
