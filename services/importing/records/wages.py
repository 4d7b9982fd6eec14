"""工资表 → wages, with months in columns or one month in each row; missing employments at the workshop are proposed. Sheets with one
row for each pay item (基本工资, 加班费, 全勤奖) are first joined to one row for each person and month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from domain import clock
from domain.fields import kind_of
from domain.grouping import by_key
from domain.identity import half_width
from domain.money import yuan_text
from domain.words import _
from services.importing.plan import Action, Draft, Issue, Level, PlanRow
from services.importing.records.work import Spells, employment_values, named_carriers, proposed_employment
from services.importing.rows.drafting import find_employer, month_of_pay
from services.importing.rows.known import PersonRef
from services.importing.rows.lines import Lines
from services.importing.rows.people import PeopleMaker, Ready
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import month_of_heading
from services.importing.values.cells import is_empty, text_of

_PAID = re.compile("实发|实领|到手")
_SUM = re.compile("小计|合计|总计|应发")
_DEDUCTION = re.compile("扣|罚|税|保险|社保|养老|医疗|公积金|借支|预支|预借|水电")
_OF_ALL = re.compile("总计|本页|共计")
"""A total of all people, in a row without a person."""
_SIGN = re.compile("[¥￥,元\\s]")
_KEY = ("person.name", "person.id_number", "wage.month", "employer.name")


def join_items(lines: Lines) -> None:
    """Put the total of each person's rows into the first of them, with a note, and blank the others. If the total is uncertain, the first
    row is refused or becomes a question."""
    if not lines.has("item"):
        return
    amounts = [heading.index for heading, _month in lines.binding.months] or [lines.binding.columns["wage.amount"].index]
    for rows in _groups(lines):
        if len(rows) > 1:
            _join(lines, rows, amounts)


def _groups(lines: Lines) -> Iterable[list[int]]:
    """The rows of each person and month; a row without a person belongs to the one above."""
    columns = lines.binding.columns
    key_columns, item = [columns[target].index for target in _KEY if target in columns], columns["item"].index
    found: dict[tuple[str, ...], list[int]] = {}
    above: list[int] | None = None
    for i, row in enumerate(lines.cells):
        item_text, key = plain(text_of(row[item])), tuple(plain(text_of(row[at])) for at in key_columns)
        if not item_text or month_of_heading(item_text) or (any(key) and lines.skipped(i) is not None):
            continue
        if any(key):
            above = found.setdefault(key, [])
        if above is not None and (any(key) or not _OF_ALL.search(item_text)):
            above.append(i)
    return found.values()


def _join(lines: Lines, rows: Sequence[int], amounts: Sequence[int]) -> None:
    heading = lines.binding.columns["item"]
    items = [text_of(lines.cells[i][heading.index]) for i in rows]
    sums, doubt = [], None
    for at in amounts:
        total, level = _total(items, [_amount(lines, i, at) for i in rows])
        sums.append(total)
        doubt = min(filter(None, (doubt, level)), key=[Level.REFUSED, Level.QUESTION].index, default=None)
    first = list(lines.cells[rows[0]])
    for i in rows[1:]:
        first = [value if not is_empty(value) else cell for value, cell in zip(first, lines.cells[i], strict=True)]
        lines.cells[i] = [""] * len(first)
    for at, total in zip(amounts, sums, strict=True):
        first[at] = "" if total is None else str(total)
    lines.cells[rows[0]] = first
    message = {
        Level.REFUSED: _("{items}：有扣款或看不懂的数，算不出到手多少，没有导入；请加一行「实发」，或一人只写一行"),
        Level.QUESTION: _("{items}：合计与各项之和不符，或同一项写了不止一次；收下则按 {amount} 元登记"),
        None: _("{items}：几行是一个人一个月的工资，按 {amount} 元登记"),
    }[doubt]
    filled = message.format(
        items=_("、").join(dict.fromkeys(items)), amount=_("、").join(str(total) for total in sums if total is not None)
    )
    issue = Issue(lines.number(rows[0]), heading.text, "", filled, "items", doubt or Level.REPAIR, lines.sheet)
    lines.noticed.setdefault(rows[0], []).append(issue)


def _total(items: Sequence[str], amounts: Sequence[Decimal | None]) -> tuple[Decimal | None, Level | None]:
    """The total of the items, None if there is none or it is unknown; and the level of doubt, None if it is certain. An amount is NaN if it
    could not be read."""
    found = by_key((_sort(item), (item, amount)) for item, amount in zip(items, amounts, strict=True) if amount is not None)
    paid, sums, parts = ([amount for _item, amount in found[sort]] for sort in (_PAID, _SUM, None))
    if len(paid) == 1 and not paid[0].is_nan() and paid[0] >= 0:
        return paid[0], None
    unknown = any(amount.is_nan() or amount < 0 for amount in (*sums, *parts))
    if paid or unknown or any(amount and _DEDUCTION.search(item) for item, amount in found[None]):
        return None, Level.REFUSED
    if not sums and not parts:
        return None, None
    total = sum(parts, Decimal(0)) if parts else sums[0]
    certain = len({item for item, _amount in found[None]}) == len(parts) and all(one == total for one in sums)
    return (sums[0] if sums else total), None if certain else Level.QUESTION


def _sort(item: str) -> re.Pattern[str] | None:
    """Whether an item is the amount paid, a sum, or (None) a part of it."""
    return next((words for words in (_PAID, _SUM) if words.search(item)), None)


def _amount(lines: Lines, i: int, at: int) -> Decimal | None:
    """The amount in a cell, None if it is empty, NaN if it cannot be read."""
    if (i, at) in lines.uncomputed:
        return Decimal("NaN")
    text = _SIGN.sub("", half_width(text_of(lines.cells[i][at])))
    try:
        return Decimal(text) if not is_empty(text) else None
    except InvalidOperation:
        return Decimal("NaN")


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
            month = month_of_pay(lines, row, i, ("wage.month",))
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
                row, i, "employer.name", _("工资表没有写明车间或单位，请在标题里写上，例如 XX村帮扶车间工资表"), "employer"
            )
            return None
        return find_employer(self.context, str(name), self.titled)

    # -- whose wages ------------------------------------------------------------------------------------------------------

    def _employments(self, ready: Ready) -> dict[int, dict[str, str]]:
        """The employment for each month of each row: an existing one, otherwise one proposed from the first paid month."""
        found: dict[int, dict[str, str]] = {}
        for i, row, person in ready:
            employer = self._employer(i, row) if self.payments[i] and not row.refused else None
            if employer is not None:
                row.uses = [employer]
                found[i] = self._employed(i, row, person, employer)
        return found

    def _employed(self, i: int, row: PlanRow, person: PersonRef, employer: Draft) -> dict[str, str]:
        """The employment for each month of a row, up to the first that cannot be proposed."""
        found: dict[str, str] = {}
        for payment in self.payments[i]:
            id = self.spells.at(person.id, employer, payment.month) or self._proposed(i, row, person, employer)
            if id is None:
                break
            found[payment.month] = id
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
