"""The calendar and the wall clock of China, whatever zone a computer is set to: a village's laptop fresh from the shop, a county's server.

Times are kept in UTC; a *day* is always the one on the calendar here. Nothing else asks the computer what day it is: between midnight and
eight in the morning a machine in UTC is still at yesterday, and one screen would show the 26th beside the 27th.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from domain.words import _

CHINA: Final = timezone(timedelta(hours=8))
"""The one time of the whole country, without summer time since 1991."""
_KEPT: Final = "%Y-%m-%dT%H:%M:%SZ"


def now() -> datetime:
    """What the clock on the wall says."""
    return datetime.now(CHINA)


def today() -> str:
    """The day on the calendar, `2023-06-05`."""
    return now().date().isoformat()


def this_month() -> str:
    """The month on the calendar, `2023-06`."""
    return today()[:7]


def kept(moment: datetime) -> str:
    """A time as records keep it, `2023-06-05T08:00:00Z`."""
    return moment.astimezone(UTC).strftime(_KEPT)


def in_china(at: str) -> datetime:
    """A time as records keep it (`2023-06-05T08:00:00Z`), on the wall clock; ValueError for anything else."""
    return datetime.strptime(at, _KEPT).replace(tzinfo=UTC).astimezone(CHINA)


def said(at: str | None) -> str:
    """A time as records keep it in words for a person, `2023-06-05 16:00:00`; what is no such time as it stands, None as nothing."""
    try:
        return f"{in_china(at):%Y-%m-%d %H:%M:%S}" if at else ""
    except ValueError:
        return str(at)


def when(utc: str, today: date | None = None) -> str:
    """A time as people say it: 今天 08:00, 昨天 16:20, 11-20 09:12, 2023-11-20."""
    if not utc:
        return _("从未")
    local = in_china(utc)
    today = today or now().date()
    days = (today - local.date()).days
    if days == 0:
        return _("今天 {time}").format(time=local.strftime("%H:%M"))
    if days == 1:
        return _("昨天 {time}").format(time=local.strftime("%H:%M"))
    return local.strftime("%m-%d %H:%M") if local.year == today.year else local.strftime("%Y-%m-%d")


def day_of(at: str) -> str:
    """The day on the calendar of a time as records keep it."""
    return in_china(at).date().isoformat()
