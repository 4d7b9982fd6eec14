"""工资表 → wages, with months in columns or one month in each row; missing employments at the workshop are proposed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain import clock
from domain.fields import kind_of
from domain.grouping import by_key
from domain.money import yuan_text
from domain.words import _
from services.importing.employers import find_employer
from services.importing.known import PersonRef
from services.importing.pay_items import join_items
from services.importing.people_maker import PeopleMaker, Ready
from services.importing.plan import Action, Draft, Issue, Level, PlanRow
from services.importing.work import Spells, employment_values, named_carriers, proposed_employment


class Payment(NamedTuple):
    """One amount of a row: its month, payment date and heading."""

    i: int
    month: str
    amount: int
    paid_on: str
    heading: str


class WageMaker(PeopleMaker):
    """Makes the rows of one wage sheet."""

    reads: tuple[str, ...] = ("person.", "wage.", "employer.name", "employment.", "contract.", "area.", "total", "item")

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        join_items(self.lines)
        return super().make()

    def _rows(self) -> list[tuple[int, PlanRow]]:
        self.kind, self.months = kind_of("wage"), self.lines.month_values()
        self.summed = not ("应发" in self.lines.heading("total") and "实" in self.lines.heading("wage.amount"))  # total before deductions
        return super()._rows()

    def _ask(self, ready: Ready) -> str:
        self.spells = Spells(self.context, self.lines, [person for _i, _row, person in ready])
        self.details = employment_values(self.lines)
        self.carriers = named_carriers(self.lines)
        self.payments = {i: list(self._payments(i, row)) for i, row, _person in ready}
        self.first = self._first_months(ready)
        self.employments = self._employments(ready)
        self._ask_wages()
        return _("核对工资表")

    # -- the row's values ---------------------------------------------------------------------------------------------------

    def _payments(self, i: int, row: PlanRow) -> Iterator[Payment]:
        """The amounts of a row, from the month columns or from the single column of amounts."""
        lines = self.lines
        paid = lines.values("wage.paid_on")[i]
        for column_month, heading, amounts in self.months:
            if amounts[i]:
                yield Payment(i, column_month, amounts[i], paid or column_month, heading.text)
        amount = lines.values("wage.amount")[i]
        if amount and not self.months:
            month = lines.values("wage.month")[i] or lines.binding.headlines.titled.one
            if month is None:
                lines.add_issue(row, i, "wage.month", _("没有写明哪个月的工资"), "required")
            else:
                yield Payment(i, month, amount, paid or month, lines.heading("wage.amount"))
        elif amount is None and not self.months and not row.refused:
            lines.add_issue(row, i, "wage.amount", _("没有写金额，这一行没有导入"), "amount", Level.WARNING)

    def _first_months(self, ready: Ready) -> dict[str, str]:
        first: dict[str, str] = {}
        for i, _row, person in ready:
            for payment in self.payments[i]:
                first[person.id] = min(first.get(person.id, payment.month), payment.month)
        return first

    def _employer(self, i: int, row: PlanRow) -> Draft | None:
        name = self.carriers[i] or self.details[i].get("employer_name")
        if not name:
            self.lines.add_issue(
                row, i, "employer.name", _("工资表没有写明车间或单位，请在标题里写上，例如 XX村帮扶车间工资表"), "required"
            )
            return None
        return find_employer(self.context, str(name), self.titled)

    # -- whose wages ------------------------------------------------------------------------------------------------------

    def _employments(self, ready: Ready) -> dict[int, dict[str, str]]:
        """The employment for each month of each row: an existing one, otherwise one proposed from the first paid month."""
        found: dict[int, dict[str, str]] = {}
        for i, row, person in ready:
            if not self.payments[i] or row.refused:
                continue
            employer = self._employer(i, row)
            if employer is None:
                continue
            row.uses = [employer]
            found[i] = {}
            for payment in self.payments[i]:
                id = self.spells.at(person.id, employer, payment.month) or self._proposed(i, row, person, employer)
                if id is None:
                    break
                found[i][payment.month] = id
                made = self.context.shared.get(("employment", id))
                if made is not None and made not in row.uses:
                    row.uses.append(made)
        return found

    def _proposed(self, i: int, row: PlanRow, person: PersonRef, employer: Draft) -> str | None:
        given = {name: value for name, value in self.details[i].items() if name != "employer_name"}
        values = proposed_employment(self.context, person, employer, self.first[person.id]) | given
        draft = self.spells.draft(i, row, person, values, None)
        if draft is None:
            return None
        draft.proposed = ("channel", "place", "start")
        self.context.shared["employment", draft.id] = draft
        return draft.id

    def _ask_wages(self) -> None:
        ids = {id for months in self.employments.values() for id in months.values() if id in self.spells.rows}
        self.paid = by_key(
            ((employment, wage["month"]), wage["amount"])
            for employment, wages in self.context.known.children("wage", "employment_id", ids).items()
            for wage in wages
        )

    # -- the wages --------------------------------------------------------------------------------------------------------

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        if i not in self.employments:
            return
        payments, employments = self.payments[i], self.employments[i]
        for payment in payments:
            if payment.month in employments:
                row.drafts.append(self._wage(row, person, payment, employments[payment.month]))
        total = self.lines.money("total", i) if self.summed else None
        sum_of_months = sum(payment.amount for payment in payments)
        if payments and total and total != sum_of_months:
            message = _("合计 {total} 与各月之和 {sum} 不符").format(total=yuan_text(total), sum=yuan_text(sum_of_months))
            self.lines.add_issue(row, i, "total", message, "total", Level.WARNING)

    def _wage(self, row: PlanRow, person: PersonRef, payment: Payment, employment: str) -> Draft:
        """The draft for one payment. An amount that is already recorded is unchanged; a different one becomes a question and would add the
        difference."""
        values: dict[str, Any] = {
            "employment_id": employment,
            "month": payment.month,
            "paid_on": payment.paid_on,
            "amount": payment.amount,
            "pay_way": self.lines.values("wage.pay_way")[payment.i],
            "proof": self.lines.values("wage.proof")[payment.i],
        }
        if payment.month > clock.today()[:7]:
            message = _("{month} 还没有到，请核对年份").format(month=payment.month)
            row.add(Issue(row.number, payment.heading, yuan_text(payment.amount), message, "ahead", Level.WARNING, self.lines.sheet))
        key = ("wage", employment, payment.month)
        paid = self.paid.get((employment, payment.month), [])
        if (first := self.context.claim(row, *key)) is not None:
            message = _("与{place}是同一个人同一个月的工资").format(place=first)
            row.add(self._question(row, payment, message, "duplicate"))
        elif payment.amount in paid or (paid and sum(paid) == payment.amount):
            return Draft(self.kind, "", person.village, Action.UNCHANGED, {})
        elif paid:
            message = _("台账里这个月已登记 {paid} 元；收下则补记差额 {rest} 元").format(
                paid=yuan_text(sum(paid)), rest=yuan_text(payment.amount - sum(paid))
            )
            row.add(self._question(row, payment, message, "paid"))
            values["amount"] = payment.amount - sum(paid)
        return self.context.new("wage", person.village, values)

    def _question(self, row: PlanRow, payment: Payment, message: str, code: str) -> Issue:
        return Issue(row.number, payment.heading, yuan_text(payment.amount), message, code, Level.QUESTION, self.lines.sheet)
