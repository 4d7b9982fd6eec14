"""Calendar and working days of notices. Public holidays are data (`resources/calendar/days.csv`, cut by `packaging/slice_holidays.py`).

Outside the years of the data a working day is a Monday to Friday, and `known` says so: never an error, as with libraries that
raise for the coming year.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).resolve().parent.parent / "resources" / "calendar" / "days.csv"
_FRIDAY: Final = 4


@cache
def _days() -> Mapping[str, bool]:
    """Days that are not what their day of the week says → whether they are worked."""
    lines = _FILE.read_text(encoding="utf-8").split()[1:]
    return {day: what == "work" for day, _comma, what in (line.partition(",") for line in lines)}


@cache
def _years() -> frozenset[str]:
    return frozenset(day[:4] for day in _days())


def known(day: str) -> bool:
    """Whether the holidays of that day's year are in the data."""
    return day[:4] in _years()


def is_workday(day: str) -> bool:
    """Whether people work on that day."""
    return _days().get(day, date.fromisoformat(day).weekday() <= _FRIDAY)


def last_day(start: str, days: int, kind: str = "calendar") -> str:
    """The last day of a notice of `days` days put up on `start`, which counts (`domain.md` §9.3: 04-09 for 7 days ends 04-15).

    `kind` is calendar or working. Of working days the first is `start`, or the first worked day after it.
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
