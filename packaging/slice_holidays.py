"""Cut the days off and the working weekends of China out of the package chinesecalendar (PyPI, MIT licence).

    pip install chinesecalendar
    python packaging/slice_holidays.py

writes `resources/calendar/days.csv`. Run it again each December, when the State Council has published the next year's arrangement
and the package has taken it in; a year that is not in the file is counted by weekends alone, and the notice says so.
"""

from __future__ import annotations

from pathlib import Path

from chinese_calendar import constants

TARGET = Path(__file__).resolve().parent.parent / "resources" / "calendar" / "days.csv"
FIRST = 2021  # the policy's first year


def lines() -> list[str]:
    """`day,off` for a working day that is off, `day,work` for a weekend day that is worked; the last year only if it is whole."""
    last = max(constants.holidays).year
    days = [(day, "off") for day in constants.holidays if day.weekday() < 5]
    days += [(day, "work") for day in constants.workdays if day.weekday() >= 5]
    return [f"{day.isoformat()},{what}" for day, what in sorted(days) if FIRST <= day.year <= last]


def whole(year: int) -> bool:
    """Whether the package knows the year's National Day, which is announced together with the rest."""
    return any(day.year == year and day.month == 10 for day in constants.holidays)


if __name__ == "__main__":
    assert whole(max(constants.holidays).year)
    TARGET.write_text("day,what\n" + "\n".join(lines()) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(lines())} days")
