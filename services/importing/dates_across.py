"""Headings that are the days of a course, one column each, on a sheet that people sign: 6月1日, 6.1, 2026-06-01, date cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from domain.identity import half_width

Day = tuple[int | None, int, int]
"""Year (None if not stated), month and day."""
_DAY = re.compile(r"(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})[日号]?(?:\(?(?:星期|周)[一二三四五六日天]\)?)?(?:上午|下午)?", re.ASCII)
_MOST_DAYS_BETWEEN = 14
"""The most days between two neighbouring columns of one course; month columns are further apart."""
HALVES = ({"上午", "上", "早"}, {"下午", "下", "晚"})
"""Words for the morning and the afternoon."""


def day_of_heading(cell: Any) -> Day | None:
    """The day that a heading states, or None."""
    if isinstance(cell, date):
        return cell.year, cell.month, cell.day
    match = _DAY.fullmatch(re.sub(r"\s+", "", half_width(str(cell)))) if cell is not None else None
    day = (int(match[1]) if match[1] else None, int(match[2]), int(match[3])) if match else None
    return day if day is not None and _exists(day) else None


def dates_across(row: Sequence[Any]) -> dict[int, Day]:
    """Column → day for a row with at least two days in order, each possibly twice (morning, afternoon); empty otherwise, and also if 6.1
    may be the tenth."""
    found = {index: day for index, cell in enumerate(row) if (day := day_of_heading(cell)) is not None}
    steps = [_ordinal(b) - _ordinal(a) for a, b in pairwise(found.values())]
    numbers = any(isinstance(row[index], float) for index in found)
    known = len(set(found.values())) > 1 and all(0 <= step <= (1 if numbers else _MOST_DAYS_BETWEEN) for step in steps)
    return found if known and len({day[0] for day in found.values()}) == 1 else {}


def _exists(day: Day) -> bool:
    try:
        return bool(date(day[0] or 2024, day[1], day[2]))
    except ValueError:
        return False


def _ordinal(day: Day) -> int:
    return date(day[0] or 2024, day[1], day[2]).toordinal()
