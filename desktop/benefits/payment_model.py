"""The view model of 拨付 at the county: approved claims, payment batches, the bank's sheet and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from db.session import Session
from desktop.benefits import presenting
from desktop.benefits.presenting import DueLine, PaidLine
from desktop.page import Frame
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from desktop.view_model import ViewModel
from domain.words import lazy
from services import policies
from services.claims import cautions
from services.payments import bank_answers, funds, payments, refunds


@dataclass(frozen=True)
class Order:
    """A batch to be paid. `total`: the control total in fen, added up by another person."""

    claims: Sequence[str]
    fund: str
    budget_number: str
    total: int


class PaymentModel(ViewModel):
    """The state of the tab."""

    changed = Signal()
    paid = Signal(list)
    written = Signal(int, int, str)
    """The number of payments in the sheet, the number of these not yet received by the county, and the file's name."""
    answered = Signal(object)
    refunded = Signal(int)
    """What was paid back (fen)."""

    def __init__(self, frame: Frame, station: Station, printer: FormPrinter) -> None:
        super().__init__(frame, station)
        self.print = printer.show
        self.due: Sequence[DueLine] = ()
        self.payments: Sequence[PaidLine] = ()
        self.funds: Mapping[str, str] = {}

    def load(self) -> None:
        """Load again."""
        self._jobs.run(self._station.reading(_read), self._show, key="benefits-payments")

    def check_papers(self, chosen: Sequence[DueLine], then: Callable[[str], None]) -> None:
        """Find whether documents are lacking of what is to be paid; `then` gets the warning, or ""."""
        self._jobs.run(lambda: self._station.read(cautions.papers, [one.claim for one in chosen]), then)

    def pay(self, order: Order) -> None:
        """Record the payments of a batch."""
        label = lazy("拨付 {n} 笔", n=len(order.claims))
        self._jobs.run(lambda: self._station.write(label, _pay, order), self.paid.emit, self._not_paid)

    def bank_sheet(self, ids: Sequence[str], file: Path, reason: str) -> None:
        """Write the sheet for the bank."""
        self._jobs.run(lambda: self._bank_sheet(ids, file, reason), lambda n: self.written.emit(*n, file.name))

    def read_answer(self, file: Path) -> None:
        """Import the bank's answer."""
        self._jobs.run(lambda: self._station.write(lazy("读入银行结果"), bank_answers.read_answer, file), self.answered.emit)

    def sendable(self, ids: Sequence[str]) -> list[str]:
        """Return those of the lines that are payments for the bank: not what was or will be paid back, nor what was only marked."""
        return [line.id for line in self.payments if line.id in set(ids) and not line.instead and line.payment.amount > 0]

    def refund(self, claim_id: str, receipt: str, on: str) -> None:
        """Record that what was paid too much has come back."""
        self._jobs.run(
            lambda: self._station.write(lazy("登记退款"), refunds.record, claim_id, receipt, on), self.refunded.emit, self._not_paid
        )

    def unlisted(self) -> list[str]:
        """Return the payments that are in no sheet for the bank yet."""
        return [one.id for one in self.payments if one.open and not one.listed]

    def _not_paid(self, error: object) -> None:
        self.load()  # somebody else may have paid one of them
        self._jobs.failed.emit(error)

    def _bank_sheet(self, ids: Sequence[str], file: Path, reason: str) -> tuple[int, int]:
        with self._station.store.applying() as session:  # records that full account numbers were shown
            return payments.bank_sheet(session, ids, file, reason=reason), payments.unsent(session, ids)

    def _show(self, found: tuple[Sequence[DueLine], Sequence[PaidLine], Mapping[str, str]]) -> None:
        self.due, self.payments, self.funds = found
        self.changed.emit()


def _read(session: Session) -> tuple[Sequence[DueLine], Sequence[PaidLine], Mapping[str, str]]:
    """The claims due, the payments, and for each fund (code) a sentence on what it has, spent and has left this year."""
    rules = policies.rules(session)
    balances = {one.fund: one.sentence() for one in funds.balances(session)}
    return presenting.due_lines(session, rules), presenting.paid_lines(session, rules), balances


def _pay(session: Session, order: Order) -> list[str]:
    number = order.budget_number or None
    return list(payments.pay(session, order.claims, order.fund, budget_number=number, total=order.total).payments)
