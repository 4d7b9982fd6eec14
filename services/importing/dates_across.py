"""Days of a course side by side over a sheet that people sign: 6月1日, 6.1, 2026-06-01, date cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from domain.identity import half_width

Day = tuple[int | None, int, int]
"""Year, where it is said, month and day."""
_DAY = re.compile(r"(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})[日号]?(?:\(?(?:星期|周)[一二三四五六日天]\)?)?(?:上午|下午)?", re.ASCII)
_APART = 14
"""Days between two that are of one course: months side by side are further apart."""
HALVES = ({"上午", "上", "早"}, {"下午", "下", "晚"})
"""What the halves of a day are called."""


def day_said(cell: Any) -> Day | None:
    """The day over a column; None when it is none."""
    if isinstance(cell, date):
        return cell.year, cell.month, cell.day
    match = _DAY.fullmatch(re.sub(r"\s+", "", half_width(str(cell)))) if cell is not None else None
    said = (int(match[1]) if match[1] else None, int(match[2]), int(match[3])) if match else None
    return said if said is not None and _real(said) else None


def dates_across(row: Sequence[Any]) -> dict[int, Day]:
    """Column → day where a row holds two days or more, one after another, each maybe twice (morning, afternoon); none where it does not, or
    where 6.1 may be the tenth."""
    found = {index: day for index, cell in enumerate(row) if (day := day_said(cell)) is not None}
    steps = [_days(b) - _days(a) for a, b in pairwise(found.values())]
    numbers = any(isinstance(row[index], float) for index in found)
    known = len(set(found.values())) > 1 and all(0 <= step <= (1 if numbers else _APART) for step in steps)
    return found if known and len({day[0] for day in found.values()}) == 1 else {}


def _real(day: Day) -> bool:
    try:
        return bool(date(day[0] or 2024, day[1], day[2]))
    except ValueError:
        return False


def _days(day: Day) -> int:
    return date(day[0] or 2024, day[1], day[2]).toordinal()
