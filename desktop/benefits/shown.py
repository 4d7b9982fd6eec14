"""The rows and texts that the tabs of 补助 show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desktop.widgets.verdict_card import VerdictShown
from domain import clock
from domain.clock import when
from domain.money import yuan_grouped
from domain.records import Claim, Notice, Payment
from domain.words import _
from services.claims.claims import ClaimStatus
from services.forms import Form
from services.payments.payments import Due

UNCLAIMED, NEARLY, UNENTITLED, UNDERPAID = "unclaimed", "nearly", "unentitled", "underpaid"
"""The four lists: 应享未享, 快够条件, 不符合却已申请, 少发."""
TONES = {"returned": "warn", "refused": "bad", "recovered": "bad", "paid": "good", "approved": "good", "withdrawn": "plain"}
"""Tones of states; others are "info"."""


@dataclass(frozen=True, kw_only=True)
class ScreeningLine:
    """A person or unit in one of the lists. `amount` in fen: what is due; in 少发, what it is short of that; `pinyin`: of the name;
    `why`: the most informative condition; `searched`: the text that is searched."""

    id: str
    name: str
    pinyin: str
    group: str
    why: str
    searched: str
    status: str
    amount: int
    shown: VerdictShown
    paid: bool
    """Whether its claim was paid, so that the difference can be paid (补发)."""
    at_bank: bool = False
    """Whether its claim was paid and the bank has not answered yet."""


@dataclass(frozen=True, kw_only=True)
class ClaimLine(ClaimStatus):
    """A claim. `amount` in fen; `signed`: whether its application form has come back signed; `next`: the states this station and user may
    move it to, those of the path first; `held`: why they cannot move it further, "" if they can; `waits`: for somebody of this level;
    `bounced`: why the bank could not pay; `died`: when the payee died, if nobody else is named as payee and the claim is not settled,
    otherwise ""."""

    name: str
    group: str
    item: str
    article: str
    amount: int
    signed: str
    bounced: str
    died: str
    next: Sequence[str]
    held: str
    waits: bool

    @property
    def id(self) -> str:
        """The id of the claim."""
        return self.claim.id

    @property
    def since(self) -> str:
        """When it came to its state."""
        return when(self.steps[-1].at) if self.steps else self.claim.filed_on or ""

    @property
    def missing(self) -> str:
        """The documents that are missing."""
        return _("、").join(sorted(self.claim.missing or ()))

    @property
    def tone(self) -> str:
        """The tone of its state."""
        return TONES.get(self.state, "info")


@dataclass(frozen=True)
class NoticeLine:
    """A notice, its last day, and the number of objections to it. `mine`: whether this station made it and so records its result; `late`:
    that it starts before the review that it follows, "" if it does not."""

    notice: Notice
    last_day: str
    objections: int
    unsettled: Sequence[tuple[str, str]]
    """Id and content of each objection whose handling is not recorded."""
    mine: bool
    late: str

    @property
    def id(self) -> str:
        """The id of the notice."""
        return self.notice.id

    @property
    def open(self) -> bool:
        """Whether it has no result yet."""
        return self.notice.result is None

    def result(self) -> str:
        """Its result, or what it waits for."""
        waits = _("异议待处理") if self.unsettled else _("公示中") if self.last_day >= clock.today() else _("待登记")
        return self.notice.shown("result") or waits

    def left(self) -> str:
        """How long it is still posted, if it has no result."""
        days = (date.fromisoformat(self.last_day) - date.fromisoformat(clock.today())).days
        if not self.open:
            return ""
        return _("已过 {n} 天").format(n=-days) if days < 0 else _("还有 {n} 天").format(n=days) if days else _("今天")


@dataclass(frozen=True)
class SheetShown:
    """A notice as posted, the names on its rows and its last day; `holidays_known`: the holidays of its year are announced; `left_out`: the
    number of claims left out because they have no amount; `remarks`: what to point out to whoever makes it."""

    form: Form
    names: Sequence[str]
    last_day: str
    holidays_known: bool
    left_out: int
    remarks: Sequence[str] = ()


@dataclass(frozen=True)
class DueLine:
    """A claim due for payment, the name of its benefit, and the code of the fund that its rule names, or ""."""

    due: Due
    item: str
    fund: str

    @property
    def claim(self) -> Claim:
        """The claim."""
        return self.due.standing.claim


@dataclass(frozen=True, kw_only=True)
class PaidLine:
    """A payment of a claim, which it is called by, and the bank's answer; `open` while there is none. `marked`: there is no payment, the
    claim was only marked as paid."""

    id: str
    name: str
    village: str
    item: str
    payment: Payment
    marked: bool = False

    @property
    def open(self) -> bool:
        """Whether the bank has not answered."""
        return self.payment.bank_result is None and not self.marked


def whose(names: Sequence[str], amount: int) -> str:
    """Name the people of several claims and their sum in fen, as a sentence; of more than five, the first."""
    named = _("、").join(names[:5])
    if len(names) > 5:
        named = _("{names}等").format(names=named)
    return _("{names}，合计 {amount} 元。").format(names=named, amount=yuan_grouped(amount))
