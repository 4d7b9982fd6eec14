"""Calendar days and working days for public notices. Public holidays are data (`resources/calendar/days.csv`, made by
`packaging/slice_holidays.py`).

Outside the years of the data, Monday to Friday are working days, except holidays with a fixed date, and `known` is False. Other libraries
raise an error for the coming year; this never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).resolve().parent.parent / "resources" / "calendar" / "days.csv"
_FRIDAY: Final = 4
_FIXED: Final = frozenset({"01-01", "05-01", "05-02", "10-01", "10-02", "10-03"})
"""Public holidays whose date is the same in every year: they are no working days before the year's plan is announced either."""


@cache
def _days() -> Mapping[str, bool]:
    """Exceptional days → whether they are worked."""
    lines = _FILE.read_text(encoding="utf-8").split()[1:]
    return {day: what == "work" for day, _comma, what in (line.partition(",") for line in lines)}


@cache
def _years() -> frozenset[str]:
    return frozenset(day[:4] for day in _days())


def known(day: str) -> bool:
    """Whether the data cover the holidays of that day's year."""
    return day[:4] in _years()


def is_workday(day: str) -> bool:
    """Whether that day is a working day."""
    usual = date.fromisoformat(day).weekday() <= _FRIDAY and (known(day) or day[5:] not in _FIXED)
    return _days().get(day, usual)


def last_day(start: str, days: int, kind: str = "calendar") -> str:
    """The last day of a notice of `days` days, counting the first day `start` (`domain.md` §9.3: 04-09 for 7 days ends 04-15).

    `kind` is calendar or working. The first working day is `start`, or the next one after it.
    """
    if days < 1:
        raise ValueError(days)
    day = date.fromisoformat(start)
    if kind == "calendar":
        return (day + timedelta(days=days - 1)).isoformat()
    left = days
    while True:
        left -= is_workday(day.isoformat())
        if not left:
            return day.isoformat()
        day += timedelta(days=1)
