"""The calendar and wall clock of China, whatever time zone the computer is set to.

Times are stored in UTC, but a *day* is always a calendar day in China. No other module reads the system clock for a date: between midnight
and eight in the morning a computer in UTC is still at yesterday, and one screen would show both the 26th and the 27th.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from domain.words import _

CHINA: Final = timezone(timedelta(hours=8))
"""The single time zone of the country, without daylight saving since 1991."""
_KEPT: Final = "%Y-%m-%dT%H:%M:%SZ"


def now() -> datetime:
    """The present time in China."""
    return datetime.now(CHINA)


def today() -> str:
    """Today's date in China, `2023-06-05`."""
    return now().date().isoformat()


def this_month() -> str:
    """The present month in China, `2023-06`."""
    return today()[:7]


def kept(moment: datetime) -> str:
    """A moment in the form records keep, `2023-06-05T08:00:00Z`."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


def month_start(month: str) -> str:
    """The first moment of a month in China, in the form records keep."""
    return kept(datetime.fromisoformat(f"{month}-01").replace(tzinfo=CHINA))


def in_china(at: str) -> datetime:
    """Parse a time in the form records keep (`2023-06-05T08:00:00Z`) to China time; ValueError for anything else."""
    return datetime.strptime(at, _KEPT).replace(tzinfo=UTC).astimezone(CHINA)


def text(at: str | None) -> str:
    """Format a record's time for display, `2023-06-05 16:00:00`. Other text is returned unchanged; None gives an empty text."""
    try:
        return f"{in_china(at):%Y-%m-%d %H:%M:%S}" if at else ""
    except ValueError:
        return str(at)


def when(utc: str, today: date | None = None) -> str:
    """Format a time relative to today: 今天 08:00, 昨天 16:20, 11-20 09:12, 2023-11-20."""
    if not utc:
        return _("还没有")
    local = in_china(utc)
    today = today or now().date()
    days = (today - local.date()).days
    if days == 0:
        return _("今天 {time}").format(time=local.strftime("%H:%M"))
    if days == 1:
        return _("昨天 {time}").format(time=local.strftime("%H:%M"))
    return local.strftime("%m-%d %H:%M") if local.year == today.year else local.strftime("%Y-%m-%d")


def day_of(at: str) -> str:
    """The calendar day in China of a record's time."""
    return in_china(at).date().isoformat()
