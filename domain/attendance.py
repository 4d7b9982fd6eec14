"""A month's attendance: its stored form (one letter a day), its display text, and the pay computed from it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from domain.money import share
from domain.periods import day_count, days_in, first_day, last_day
from domain.words import N_, _

if TYPE_CHECKING:
    from domain.records import Attendance

PRESENT: Final = "P"

DAYS: Final = {
    "P": N_("出勤 {n} 天"),
    "S": N_("病假 {n} 天"),
    "L": N_("事假 {n} 天"),
    "A": N_("旷工 {n} 天"),
    "R": N_("休 {n} 天"),
}
"""The meaning of each letter; `-` means no entry."""


def readable(marks: str, month: str) -> bool:
    """Whether the marks are known letters, at most one for each day of the month."""
    return len(marks) <= days_in(month) and set(marks.upper()) <= {*DAYS, "-"}


def in_words(marks: str) -> str:
    """The marks in words: `PPPSS--` is 出勤 3 天、病假 2 天. Text with other signs is returned unchanged."""
    counted = Counter(marks.replace("-", ""))
    if not marks or not set(counted) <= set(DAYS):
        return marks
    return _("、").join(_(said).format(n=counted[letter]) for letter, said in DAYS.items() if counted[letter]) or _("没有出勤")


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
