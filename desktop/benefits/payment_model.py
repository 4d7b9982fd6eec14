"""What 拨付 shows and does at the county: approved claims, batches, the bank's sheet and its answer. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.jobs import Jobs
from desktop.widgets.listed import Listed
from services.payments import Answered


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


@dataclass(frozen=True)
class Order:
    """A batch to be paid. `total` is the control total in fen that somebody else added up."""

    claims: Sequence[str]
    fund: str
    budget_number: str
    total: int


@dataclass(frozen=True)
class PaymentUses:
    """What the tab needs done; every call waits for the database."""

    due: Callable[[], Sequence[DueLine]]
    funds: Callable[[], Mapping[str, str]]
    """What each fund (code) has, spent and has left this year, in a sentence."""
    payments: Callable[[], Sequence[PaidLine]]
    pay: Callable[[Order], int]
    bank_sheet: Callable[[Sequence[str], Path, str], int]
    """`bank_sheet(payment ids, file, reason)`: full accounts are looked at for a reason, which is logged."""
    read_answer: Callable[[Path], Answered]
    print: Callable[[QWidget, str], None]
    """`print(parent, form)` shows a form as it will be printed."""


class PaymentModel(QObject):
    """The state behind the tab."""

    changed = Signal()
    paid = Signal(int)
    written = Signal(int, str)
    answered = Signal(object)

    def __init__(self, jobs: Jobs, uses: PaymentUses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses
        self.print = uses.print
        self.due: Sequence[DueLine] = ()
        self.payments: Sequence[PaidLine] = ()
        self.funds: Mapping[str, str] = {}

    def load(self) -> None:
        """Look again."""
        self._jobs.run(self._read, self._show, key="benefits-payments")

    def pay(self, order: Order) -> None:
        """Make the payments of a batch."""
        self._jobs.run(lambda: self._uses.pay(order), self.paid.emit, self._not_paid)

    def bank_sheet(self, ids: Sequence[str], file: Path, reason: str) -> None:
        """Write the sheet for the bank."""
        self._jobs.run(lambda: self._uses.bank_sheet(ids, file, reason), lambda n: self.written.emit(n, file.name))

    def read_answer(self, file: Path) -> None:
        """Take in what the bank answered."""
        self._jobs.run(lambda: self._uses.read_answer(file), self.answered.emit)

    def unanswered(self) -> list[str]:
        """Payments the bank has not answered."""
        return [one.id for one in self.payments if one.open]

    def _not_paid(self, error: object) -> None:
        self.load()  # somebody else may have paid one of them
        self._jobs.failed.emit(error)

    def _read(self) -> tuple[Sequence[DueLine], Sequence[PaidLine], Mapping[str, str]]:
        return self._uses.due(), self._uses.payments(), self._uses.funds()

    def _show(self, found: tuple[Sequence[DueLine], Sequence[PaidLine], Mapping[str, str]]) -> None:
        self.due, self.payments, self.funds = found
        self.changed.emit()
