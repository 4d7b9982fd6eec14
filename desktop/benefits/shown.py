"""What the tabs of 补助 show, line by line: as it was read, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.widgets.listed import Listed
from desktop.widgets.verdict_card import VerdictShown
from domain.money import yuan_grouped
from domain.words import _
from services.forms import Form

UNCLAIMED, NEARLY, UNENTITLED = "unclaimed", "nearly", "unentitled"
"""The three lists: 应享未享, 快够条件, 不符合却已申请."""
TONES = {"returned": "warn", "refused": "bad", "recovered": "bad", "paid": "good", "approved": "good", "withdrawn": "plain"}
"""Tones of states; those on the way are informative."""


@dataclass(frozen=True)
class Finding:
    """Somebody in one of the lists. `amount` in fen; `why` is the condition that tells most; `pinyin` and its initials are sought too."""

    id: str
    sort: str
    name: str
    pinyin: str
    initials: str
    group: str
    amount: int
    why: str
    shown: VerdictShown

    @property
    def listed(self) -> Listed:
        """The line of the list."""
        row = {
            "id": self.id,
            "name": self.name,
            "sought": f"{self.name}\n{self.pinyin}\n{self.initials}\n{self.group}",
            "group": self.group,
            "item": self.shown.name,
            "year": str(self.shown.year),
            "amount": yuan_grouped(self.amount) if self.amount else "",
            "why": self.why,
            "missing": _("、").join(self.shown.missing),
            "state": self.shown.claim_state,
        }
        return Listed(row, {"amount": self.amount, "name": self.pinyin})


@dataclass(frozen=True)
class Taken:
    """A step as it was taken, in words."""

    state: str
    by: str
    at: str
    opinion: str


@dataclass(frozen=True)
class ClaimLine:
    """A claim. `amount` in fen; `next` are the states this station and user may take it to, those of the path first; `waits`: for
    somebody of this level; `bounced`: what the bank said when it could not pay."""

    id: str
    name: str
    group: str
    item: str
    article: str
    year: int
    amount: int
    state: str
    state_label: str
    tone: str
    since: str
    reason: str
    bounced: str
    missing: Sequence[str]
    person_id: str
    employer_id: str
    next: Sequence[str]
    waits: bool
    taken: Sequence[Taken]
    held: str = ""
    """Why this station and user cannot take it further; "" if they can."""
    unsigned: bool | None = None
    """Whether its application form has still to come back signed; None where it needs none."""
    died: str = ""
    """The day on which whoever is to be paid died, while nobody else is named and nothing is settled."""

    @property
    def listed(self) -> Listed:
        """The line of the list."""
        row = {
            "id": self.id,
            "reason": self.reason,
            "name": self.name,
            "group": self.group,
            "item": self.item,
            "year": str(self.year),
            "amount": yuan_grouped(self.amount),
            "state": self.state_label,
            "since": self.since,
            "signed": "" if self.unsigned is None else _("未收回") if self.unsigned else _("已收回"),
            "missing": _("、").join(self.missing),
        }
        return Listed(row, {"amount": self.amount})


@dataclass(frozen=True, kw_only=True)
class NoticeLine(Listed):
    """A notice. `open`: no result is entered."""

    level: str
    start: str
    last_day: str
    open: bool
    mine: bool
    """Whether this station made it and so enters its result."""
    place: str
    phone: str


@dataclass(frozen=True)
class SheetShown:
    """A notice as it hangs on the wall, its number of lines and last day; `holidays_known`: the days off of its year are announced;
    `left_out`: claims that have no sum and are not on it."""

    form: Form
    count: int
    last_day: str
    holidays_known: bool
    left_out: int


@dataclass(frozen=True, kw_only=True)
class DueLine(Listed):
    """A claim that waits for its money. `amount` in fen; `fund` is the code its rule names, "" when none."""

    name: str
    amount: int
    account: bool
    doubtful: bool
    """Whether the account is to be looked into first."""
    fund: str


@dataclass(frozen=True, kw_only=True)
class PaidLine(Listed):
    """A payment and what the bank made of it; `open` while it has not answered."""

    paid_on: str
    open: bool
