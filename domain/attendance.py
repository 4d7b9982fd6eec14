"""A month's attendance: whether it is readable, the days it counts, and the pay computed from them."""

from __future__ import annotations

from typing import Final

from domain.money import share
from domain.periods import day_count, days_in, first_day, last_day
from domain.records import Attendance
from domain.records.posts import DAYS

PRESENT: Final = "P"


def readable(marks: str, month: str) -> bool:
    """Whether the marks are known letters, at most one for each day of the month."""
    return len(marks) <= days_in(month) and set(marks.upper()) <= {*DAYS, "-"}


def pay_of(standard: int, required: int, days: int) -> int:
    """The pay in fen of a month: 标准 ÷ 规定出勤天数 × 实际出勤, never more than the standard (`domain.md` R28)."""
    return min(share(standard, days, required), standard)


def days_of(attendance: Attendance) -> int | None:
    """Days present: counted from the marks if there are any, otherwise the total; None if both are missing."""
    return attendance.marks.upper().count(PRESENT) if attendance.marks else attendance.days


def same_days(one: Attendance, other: Attendance) -> bool:
    """Whether the two sheets must share a day."""
    if one.marks and other.marks:
        return any(a in "pP" and b in "pP" for a, b in zip(one.marks, other.marks, strict=False))
    return (days_of(one) or 0) + (days_of(other) or 0) > day_count(first_day(one.month), last_day(one.month)) and bool(days_of(other))
