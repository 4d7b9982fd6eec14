"""The rows and texts that the tabs of 补助 show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.widgets.verdict_card import VerdictShown
from domain.money import yuan_grouped
from domain.records import Payment
from domain.words import _
from services.forms import Form

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


@dataclass(frozen=True)
class Taken:
    """A step that was taken, as text."""

    state: str
    by: str
    at: str
    opinion: str


@dataclass(frozen=True, kw_only=True)
class ClaimLine:
    """A claim. `amount` in fen; `since`: when it came to its state; `reason`: why it was returned; `signed`: whether its application form
    has come back signed; `missing`: documents; `next`: the states this station and user may move it to, those of the path first; `waits`:
    for somebody of this level; `bounced`: why the bank could not pay."""

    id: str
    name: str
    group: str
    item: str
    year: int
    since: str
    reason: str
    signed: str
    missing: str
    article: str
    amount: int
    state: str
    tone: str
    bounced: str
    person_id: str
    employer_id: str
    next: Sequence[str]
    waits: bool
    taken: Sequence[Taken]
    held: str
    """Why this station and user cannot move it further; "" if they can."""
    died: str
    """When the payee died, if nobody else is named as payee and the claim is not settled; otherwise ""."""


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """A notice. `result`: or what it waits for; `left`: how long it is still posted; `count`: of its claims; `open`: it has no result
    yet."""

    id: str
    level: str
    village: str
    start: str
    last_day: str
    left: str
    count: int
    result: str
    objections: int
    open: bool
    mine: bool
    """Whether this station made it and so records its result."""
    place: str
    phone: str
    unsettled: Sequence[tuple[str, str]]
    """Id and content of each objection whose handling is not recorded."""
    late: str
    """That it starts before the review that it follows; "" if it does not."""


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


@dataclass(frozen=True, kw_only=True)
class DueLine:
    """A claim due for payment. `amount` in fen; `fund`: the code its rule names, or ""; `person`, `employer`: ids of whose claim it is;
    `failed`: what is to be checked, and why it failed before."""

    id: str
    name: str
    village: str
    item: str
    year: int
    failed: str
    person: str | None
    employer: str | None
    amount: int
    account: bool
    doubtful: bool
    """Whether the account must be checked first."""
    reviewed: bool
    """Whether this user reviewed it, so that better somebody else pays it."""
    fund: str


@dataclass(frozen=True, kw_only=True)
class PaidLine:
    """A payment of a claim, which it is called by, and the bank's answer; `open` while there is none."""

    id: str
    name: str
    village: str
    item: str
    payment: Payment

    @property
    def open(self) -> bool:
        """Whether the bank has not answered."""
        return self.payment.bank_result is None


def whose(names: Sequence[str], amount: int) -> str:
    """Name the people of several claims and their sum in fen, as a sentence; of more than five, the first."""
    named = _("、").join(names[:5])
    if len(names) > 5:
        named = _("{names}等").format(names=named)
    return _("{names}，合计 {amount} 元。").format(names=named, amount=yuan_grouped(amount))
