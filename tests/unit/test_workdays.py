"""Ends of notices: calendar days, working days with public holidays, years nobody has announced yet."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.workdays import is_workday, known, last_day


@pytest.mark.parametrize(
    ("start", "days", "kind", "end"),
    [
        ("2024-04-09", 7, "calendar", "2024-04-15"),  # a county's own notice: the day of posting counts
        ("2023-12-30", 3, "calendar", "2024-01-01"),
        ("2023-06-05", 5, "working", "2023-06-09"),
        ("2023-06-10", 1, "working", "2023-06-12"),  # posted on a Saturday
        ("2023-09-28", 5, "working", "2023-10-10"),  # Mid-Autumn and National Day, two weekends worked
        ("2024-02-08", 3, "working", "2024-02-18"),  # Spring Festival; Sunday 02-18 is worked
        ("2031-06-05", 5, "working", "2031-06-11"),  # not announced: weekends, and holidays with a fixed date
        ("2030-12-31", 2, "working", "2031-01-02"),
        ("2031-09-30", 2, "working", "2031-10-06"),
    ],
)
def test_the_last_day_of_a_term_in_days_or_workdays(start: str, days: int, kind: str, end: str) -> None:
    assert last_day(start, days, kind) == end


def test_what_is_known() -> None:
    assert known("2026-10-01") and not known("2031-01-01")
    assert not is_workday("2026-10-01") and is_workday("2024-02-18")


@given(st.dates(), st.integers(1, 40))
def test_a_longer_notice_ends_later_and_working_days_are_never_shorter(day: date, days: int) -> None:
    start = min(day.isoformat(), "9990-01-01")
    for kind in ("calendar", "working"):
        assert last_day(start, days, kind) < last_day(start, days + 1, kind)
    assert last_day(start, days, "working") >= last_day(start, days, "calendar")
