"""A household's income as shown on its members' pages, and the next period to collect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from db.among import among
from db.mapping import table
from db.merged import stands
from db.session import Session
from domain.income import Income, income
from domain.periods import add_months, income_period, income_year
from domain.records import Household, HouseholdIncome
from services.workshop.wages import monitor_line

QUARTER: Final = 3


@dataclass(frozen=True)
class Collected:
    """The latest income period with collected income, None if there is none; `line` is its monitoring line, None if not entered."""

    latest: Income | None
    line: int | None


@dataclass(frozen=True)
class Next:
    """The months to collect next: those of an income period after the ones collected, up to its end or the last past month; `persons` is
    the number of people in the household, `earned` the recorded earnings of its members in those months, in fen."""

    start: str
    end: str
    persons: int
    earned: int


def collected(session: Session, household: Household, period_start: str) -> Collected:
    """The income collected from a household; income periods begin on `period_start` (`MM-DD`)."""
    records = session.select(HouseholdIncome, household_id=household.id)
    if not records:
        return Collected(None, None)
    year = max(income_year(f"{one.end}-01", period_start) for one in records)
    line = monitor_line(session, household.village, year)
    return Collected(income(records, year, period_start), line.amount if line else None)


def to_collect(session: Session, household: Household, members: Iterable[str], on: str, period_start: str) -> Next:
    """The months that are probably collected next on a day. `members` are the ids of the people in the household and of records merged into
    theirs.

    In the first quarter of an income period, the one before is still to be collected.
    """
    ids = list(members)
    over = add_months(on[:7], -1)
    period = income_period(income_year(f"{add_months(over, 1 - QUARTER)}-01", period_start), period_start)
    after = [add_months(one.end, 1) for one in session.select(HouseholdIncome, household_id=household.id)]
    start = max([period.start[:7], *after])
    last = max(start, min(over, period.end[:7]) if start <= period.end[:7] else over)
    living = session.count("person", stands(), household_id=household.id, died_on=None)
    return Next(start, last, living, earned(session, ids, start, last))


def earned(session: Session, people: list[str], first: str, last: str) -> int:
    """The earnings of people from month `first` to `last` in fen: for each month the income of the monthly check or the recorded payments,
    whichever is higher."""
    e, w, a, pay, check = (table(kind) for kind in ("employment", "wage", "appointment", "post_pay", "monthly_check"))
    paid: dict[tuple[str, str], int] = defaultdict(int)
    checked: dict[tuple[str, str], int] = defaultdict(int)
    wages = select(e.c.person_id, w.c.month, w.c.amount).join(w, w.c.employment_id == e.c.id).where(w.c.deleted_at.is_(None))
    on_post = select(a.c.person_id, pay.c.month, pay.c.amount).join(pay, pay.c.appointment_id == a.c.id).where(pay.c.deleted_at.is_(None))
    checks = select(check.c.person_id, check.c.month, check.c.income).where(check.c.income.is_not(None))
    for query, whose, sums in ((wages, e, paid), (on_post, a, paid), (checks, check, checked)):
        for person_id, month, amount in session.conn.execute(query.where(among(whose.c.person_id, people), whose.c.deleted_at.is_(None))):
            if first <= month <= last:
                sums[person_id, month] += amount
    return sum(max(paid[each], checked[each]) for each in paid.keys() | checked.keys())
