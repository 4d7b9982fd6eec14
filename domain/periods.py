"""Months and days between dates, spells of work added up, income periods (``domain.md`` §3.3 and §3.4).

All dates are ISO strings. A spell includes both its days. :func:`nth_end` is the one definition of "n months" that
every rule uses; 民法典 201 and 202 are behind it. Parsing of written dates is in :mod:`domain.fuzzy_dates`
and re-exported here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.fuzzy_dates import (
    Precision,
    first_day,
    from_excel_serial,
    grade,
    is_ongoing,
    last_day,
    of_last_months,
    parse_date,
    parse_fdate,
    parse_month,
    parse_range,
    precision,
    term,
    term_start,
    term_words,
    with_century,
)
from domain.words import N_, _

INCOME_PERIOD_START: Final = "10-01"
"""Start of an income period unless a pack says otherwise: 1 October of the year before (``domain.md`` §3.4)."""
_MONTHS: Final = (
    *(N_("1月"), N_("2月"), N_("3月"), N_("4月"), N_("5月"), N_("6月")),
    *(N_("7月"), N_("8月"), N_("9月"), N_("10月"), N_("11月"), N_("12月")),
)


class Convention(StrEnum):
    """When n months are complete. INCLUSIVE: on the day before the corresponding day, as contracts are written (1 Jan to 31 Dec is a
    year). CIVIL_STRICT: on the corresponding day itself (民法典 201: the first day is not counted)."""

    INCLUSIVE = "inclusive"
    CIVIL_STRICT = "civil_strict"


class Aggregation(StrEnum):
    """How several spells are added: all together, the longest unbroken run, or the longest run with short gaps bridged."""

    CUMULATIVE = "cumulative"
    CONTINUOUS = "continuous"
    CONTINUOUS_GAP = "continuous_gap"


class Spell(NamedTuple):
    """A stretch of days, both included (ISO days)."""

    start: str
    end: str


class MonthsDays(NamedTuple):
    """Full calendar months and the days left over."""

    months: int
    days: int

    def text(self) -> str:
        """``9 个月 11 天``, as reasons and lists show it."""
        months, days = _("{months} 个月").format(months=self.months), _("{days} 天").format(days=self.days)
        return " ".join([months] * bool(self.months or not self.days) + [days] * bool(self.days))


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of spells. ``months_from_days``: how many of ``months`` come from leftover days (30 to a month) of several spells;
    ``spells``: their number after merging, of the best run if continuous."""

    months: int
    days: int
    months_from_days: int = 0
    spells: tuple[Spell, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether there are months although no spell holds a full one (G19): whether that is stable work is for people to decide."""
        return self.months > 0 and self.months == self.months_from_days

    def text(self) -> str:
        """``9 个月 11 天``, as reasons and lists show it."""
        return MonthsDays(self.months, self.days).text()


# ---------------------------------------------------------------- days and months


def add_days(day: str, n: int) -> str:
    """The day ``n`` days later (earlier when negative)."""
    return (date.fromisoformat(day) + timedelta(days=n)).isoformat()


def day_count(start: str, end: str) -> int:
    """Days from ``start`` to ``end``, both included; 0 when the end comes before the start."""
    return max(0, (date.fromisoformat(end) - date.fromisoformat(start)).days + 1)


def add_months(month: str, n: int) -> str:
    """The month ``n`` months after ``month`` (before it when negative)."""
    year, zero_based = divmod(int(month[:4]) * 12 + int(month[5:7]) - 1 + n, 12)
    return f"{year:04d}-{zero_based + 1:02d}"


def month_word(n: int) -> str:
    """The name of the n-th month, in Chinese as in the headings of forms: 11月; in English Nov."""
    return _(_MONTHS[n - 1])


def months_between(first: str, last: str) -> list[str]:
    """Every month from ``first`` to ``last``, both included; empty when the last comes first."""
    return [add_months(first, n) for n in range(months_apart(first, last) + 1)]


def days_in(month: str) -> int:
    """The number of days of a month."""
    return int(last_day(month)[8:])


def months_apart(first: str, last: str) -> int:
    """The number of months from that of ``first`` to that of ``last``."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7])


def years_before(day: str, years: int) -> str:
    """The same day of the year, ``years`` earlier; for 29 February that day may not exist."""
    return f"{int(day[:4]) - years:04d}{day[4:]}"


def _corresponding(start: str, n: int) -> tuple[str, bool]:
    """The same day ``n`` months later and whether that day exists; where it does not, the last day of the month."""
    month = add_months(start[:7], n)
    size, wanted = days_in(month), int(start[8:])
    return f"{month}-{min(wanted, size):02d}", wanted <= size


def nth_end(start: str, n: int, convention: Convention = Convention.INCLUSIVE) -> str:
    """The day on which ``n`` months from ``start`` are full (``domain.md`` §3.3).

    The target month is the start month plus n. Where the start's day exists in it: the day before (INCLUSIVE) or that
    day (CIVIL_STRICT); where it does not: the last day of that month, in both.
    """
    day, exists = _corresponding(start, n)
    return add_days(day, -1) if exists and convention is Convention.INCLUSIVE else day


def reaches(start: str, end: str, n: int, convention: Convention = Convention.INCLUSIVE) -> bool:
    """Whether the spell holds at least ``n`` full months (exactly n is enough: 以上 includes the number)."""
    return end >= nth_end(start, n, convention)


def exceeds(start: str, end: str, n: int) -> bool:
    """Whether the spell is longer than ``n`` months (exactly n is not: 不超过 includes the number)."""
    return end > nth_end(start, n)


def months_and_days(start: str, end: str, convention: Convention = Convention.INCLUSIVE) -> MonthsDays:
    """Full months and the days after them. A spell whose end comes before its start is 0 and 0, never an error."""
    if end < start:
        return MonthsDays(0, 0)
    months = months_apart(start, end) + 1
    while months and not reaches(start, end, months, convention):
        months -= 1
    counted_to = date.fromisoformat(nth_end(start, months, convention))
    return MonthsDays(months, (date.fromisoformat(end) - counted_to).days)


# ---------------------------------------------------------------- spells


def clip(spell: Spell, low: str | None, high: str | None) -> Spell | None:
    """The part of ``spell`` from ``low`` to ``high`` (None: no bound); None when nothing is left."""
    start = max(spell.start, low) if low else spell.start
    end = min(spell.end, high) if high else spell.end
    return Spell(start, end) if start <= end else None


def merge(spells: Iterable[Spell], gap: int = 0) -> list[Spell]:
    """Merge overlapping and touching spells, in order of time; ``gap`` idle days between two are bridged too.

    Spells whose end comes before their start are omitted.
    """
    merged: list[Spell] = []
    for spell in sorted(spell for spell in spells if spell.start <= spell.end):
        if merged and spell.start <= add_days(merged[-1].end, 1 + gap):
            merged[-1] = Spell(merged[-1].start, max(merged[-1].end, spell.end))
        else:
            merged.append(spell)
    return merged


def _sum(runs: Sequence[Spell], convention: Convention) -> Total:
    """Months of each run added; thirty leftover days are a month only if they are of different runs (``domain.md`` §3.3)."""
    parts = [months_and_days(run.start, run.end, convention) for run in runs]
    days = sum(part.days for part in parts)
    extra = days // 30 if sum(part.days > 0 for part in parts) > 1 else 0
    return Total(months=sum(part.months for part in parts) + extra, days=days - 30 * extra, months_from_days=extra, spells=tuple(runs))


def aggregate(
    spells: Iterable[Spell],
    aggregation: Aggregation = Aggregation.CUMULATIVE,
    *,
    gap: int = 0,
    convention: Convention = Convention.INCLUSIVE,
) -> Total:
    """Add up spells. ``gap`` (days) applies to CONTINUOUS_GAP only: a break no longer than it does not interrupt, and its days count as
    worked. If continuity is required, the result is the longest run."""
    runs = merge(spells, gap if aggregation is Aggregation.CONTINUOUS_GAP else 0)
    if aggregation is Aggregation.CUMULATIVE or not runs:
        return _sum(runs, convention)
    return max((_sum([run], convention) for run in runs), key=lambda total: (total.months, total.days))


def reached_on(
    spells: Iterable[Spell],
    n: int,
    aggregation: Aggregation = Aggregation.CUMULATIVE,
    *,
    gap: int = 0,
    convention: Convention = Convention.INCLUSIVE,
) -> str | None:
    """The first day on which ``n`` months are reached (year basis THRESHOLD_DATE, §3.4); None when they never are."""
    runs = merge(spells, gap if aggregation is Aggregation.CONTINUOUS_GAP else 0)
    for index, run in enumerate(runs):
        before = runs[:index] if aggregation is Aggregation.CUMULATIVE else []

        def enough(days: int, before: list[Spell] = before, start: str = run.start) -> bool:
            return _sum([*before, Spell(start, add_days(start, days - 1))], convention).months >= n

        if not before and n > 0:  # a single run: the day follows directly
            day = nth_end(run.start, n, convention)
            if day <= run.end:
                return day
            continue
        length = day_count(*run)
        if enough(length):
            low, high = 1, length  # extending a spell lowers the total for a day at most (beside 30 of another), so bisection works
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if enough(middle) else (middle + 1, high)
            return add_days(run.start, low - 1)
    return None


# ---------------------------------------------------------------- dates known to the month or the year


def longest(start: str, end: str | None, on: str) -> Spell | None:
    """The longest spell two fdates can mean; no end means still going on, counted to ``on``. None when there is none."""
    spell = Spell(first_day(start), last_day(end) if end else on)
    return spell if spell.start <= spell.end else None


def shortest(start: str, end: str | None, on: str) -> Spell | None:
    """The shortest spell two fdates can mean: from the last possible start to the first possible end; None if no day."""
    spell = Spell(last_day(start), first_day(end) if end else on)
    return spell if spell.start <= spell.end else None


# ---------------------------------------------------------------- income periods


def income_period(year: int, period_start: str = INCOME_PERIOD_START) -> Spell:
    """The twelve months named by the year they end in: 2023 from ``10-01`` is 2022-10-01 to 2023-09-30.

    ``period_start`` is ``MM-DD``; ``01-01`` gives the calendar year. ValueError for a day not found in every year.
    """
    first = f"{year if period_start == '01-01' else year - 1:04d}-{period_start}"
    if period_start == "02-29":
        raise ValueError(_("收入核算期不能从 2 月 29 日开始"))
    return Spell(date.fromisoformat(first).isoformat(), nth_end(first, 12))


def income_year(day: str, period_start: str = INCOME_PERIOD_START) -> int:
    """The year that names the income period ``day`` lies in."""
    return int(day[:4]) + (period_start != "01-01" and day[5:] >= period_start)
