"""Household income in an income period, from records that cover some of its months (`domain.md` §3.4, §9.5 A15).

Net income is wages, business less its costs, property and transfers. Money is integer fen. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from math import lcm
from typing import Final

from domain import divisions
from domain.fields import Record
from domain.periods import INCOME_PERIOD_START, Spell, income_period, income_year, months_between
from domain.records import HouseholdIncome, MonitorLine, Wage
from domain.records.people import MONITORED
from domain.register import Register
from domain.scopes import is_county
from domain.words import _

PARTS: Final = ("wages", "business", "costs", "property", "transfers")
"""The fields of an income; `costs` are subtracted."""
PERIOD_MONTHS: Final = 12
"""Months of an income period."""


@dataclass(frozen=True)
class Income:
    """A household's income in one income period. `months`: how many of its months are covered; `parts`: sums by field, counting only
    this period; `per_head`: net income per person, each record divided by the people who lived on it."""

    year: int
    period: Spell
    months: int
    parts: Mapping[str, int]
    per_head: int

    @property
    def whole(self) -> bool:
        """Whether every month is covered: only then may it be compared with an annual line."""
        return self.months == PERIOD_MONTHS


def counted_on(wage: Wage, others: Iterable[Wage]) -> str:
    """The day (fdate) on which a payment counts. A correction, whatever the day on which it was entered, counts on the last day on which
    its month was paid; `others`: the payments of the same spell of work."""
    paid = [one.paid_on for one in others if one.month == wage.month and (one.amount or 0) > 0 and one.paid_on]
    return max(paid) if paid and (wage.amount or 0) < 0 else wage.paid_on


def paid_within(wages: Collection[Wage], period: tuple[str, str]) -> int:
    """The sum paid within a period (fen) for a spell of work. Where only the year of payment is known, the month of work decides."""
    days = ((wage, counted_on(wage, wages)) for wage in wages)
    known = ((wage.amount, day if len(day) >= 7 else wage.month) for wage, day in days)
    return sum(amount for amount, day in known if period[0][: len(day)] <= day <= period[1][: len(day)])


def net(collected: HouseholdIncome | Mapping[str, int | None]) -> int:
    """The net income of one income record, or of its fields; an empty field is 0."""
    return sum((-1 if part == "costs" else 1) * (collected[part] or 0) for part in PARTS)


def income(collected: Iterable[HouseholdIncome], year: int, period_start: str = INCOME_PERIOD_START) -> Income:
    """A household's income in the period named by `year`.

    Of records that share a month the longest counts (a year's figure replaces those of its quarters); of equally long ones, that with the
    smaller id. A record that crosses the period's boundary counts by its months inside.
    """
    period, inside = _period(year, period_start)
    counted = [(one, len(months), months & inside) for one, months in _apart(collected)]
    whole = lcm(*(months * one.persons for one, months, _within in counted))  # common denominator, so that sums of shares are exact
    shares = [(one, len(within) * (whole // months)) for one, months, within in counted]
    parts = {part: sum((one[part] or 0) * share for one, share in shares) // whole for part in PARTS}
    per_head = sum(net(one) * (share // one.persons) for one, share in shares) // whole
    return Income(year, period, sum(len(within) for _one, _months, within in counted), parts, per_head)


@lru_cache(maxsize=64)
def _period(year: int, period_start: str) -> tuple[Spell, Set[str]]:
    """An income period and its months."""
    period = income_period(year, period_start)
    return period, frozenset(months_between(period.start[:7], period.end[:7])[:PERIOD_MONTHS])


@lru_cache(maxsize=1024)
def _months(start: str, end: str) -> frozenset[str]:
    return frozenset(months_between(start, end))


def _apart(collected: Iterable[HouseholdIncome]) -> Iterator[tuple[HouseholdIncome, Set[str]]]:
    """Records that share no month, with their months; invalid ones (nobody lived on it, an end before the start) are skipped."""
    taken = set[str]()
    stretches = [(one, _months(one.start, one.end)) for one in collected if one.persons > 0]
    for one, months in sorted(stretches, key=lambda each: (-len(each[1]), each[0].id)):
        if months and not months & taken:
            taken |= months
            yield one, months


def lines_at(lines: Iterable[MonitorLine], year: int, place: str, keeper: str = "") -> list[MonitorLine]:
    """The monitoring lines of a year that apply to a place ("" for an unknown place: all of that year); more than one only if they
    contradict each other. Lines of the county, or above, take precedence over all others. Of them, the line of the smallest area counts;
    for one area, that entered at the widest scope. Without any, lines entered at or above `keeper`, the scope of the records in question
    (by default the place itself), take precedence over lines that another village entered for the county."""
    counted = [line for line in lines if line.year == year and (line.amount or 0) > 0 and line.area]
    if not place:
        return counted
    here = [line for line in counted if divisions.covers(line.area, place)]
    here = [line for line in here if is_official(line)] or [line for line in here if _entered_above(line, keeper or place)] or here
    area = divisions.most_specific((line.area for line in here), place)
    nearest = [line for line in here if line.area == area]
    return [line for line in nearest if all(_entered_above(line, other.village) for other in nearest)]


def is_official(line: MonitorLine) -> bool:
    """Whether the county, or an office above it, entered a line: only such a line entitles anybody to money."""
    return not line.village or is_county(line.village)


def _entered_above(line: MonitorLine, scope: str) -> bool:
    """Whether a line was entered at or above a scope."""
    return not line.village or divisions.covers(line.village, scope)


def line_at(lines: Iterable[MonitorLine], year: int, place: str, keeper: str = "") -> MonitorLine | None:
    """The single line of `lines_at`; None if there is none or several contradict each other."""
    found = lines_at(lines, year, place, keeper)
    return found[0] if len({line.amount for line in found}) == 1 else None


def poor(register: Register, on: str) -> Iterator[tuple[Record | str, str, str]]:
    """Households below the monitoring line, for the built-in income period."""
    return below_line(register, on, INCOME_PERIOD_START)


def below_line(register: Register, on: str, period_start: str) -> Iterator[tuple[Record | str, str, str]]:
    """Households with a complete income record for this or the last income period that is, per person, below the line of their place and
    year. Households already monitored are omitted."""
    this = income_year(on, period_start)
    for year in (this, this - 1):
        lines = [line for line in register.all(MonitorLine) if line.year == year]
        for household_id, collected in register.incomes.items() if lines else ():
            household = register.households.get(household_id)
            found = income(collected, year, period_start)
            line = line_at(lines, year, household.village) if household is not None and found.whole else None
            if household is None or line is None or found.per_head >= line.amount or _monitored(register, household_id, on):
                continue
            show = MonitorLine.KIND.by_name["amount"].show
            said = {"name": register.householder(household_id), "year": year, "amount": show(found.per_head), "line": show(line.amount)}
            yield household, found.period.end, _("{name} 家人均纯收入 {amount} 元，低于监测线 {line} 元（{year} 年度）").format(**said)


def _monitored(register: Register, household_id: str, on: str) -> bool:
    return any(MONITORED & register.categories(person.id, on) for person in register.members.get(household_id, ()))
