"""The traditional calendar (农历), by which people say when they left and came back: 正月十六, 腊月二十三.

Months and leap months follow GB/T 33661-2017 for the years 1900 to 2080. They are kept as a table, since computing them takes the positions
of sun and moon. A lunar year begins with 正月初一, between 21 January and 21 February of the year with its number.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from typing import Final, NamedTuple

from domain.errors import FieldError
from domain.words import _

_FIRST_YEAR: Final = 1900
_FIRST_DAY: Final = date(1900, 1, 31)
_TABLE: Final = (
    "116d20075200ea50b64a0064b00a9b095560056a00b5905752007520db2500b2500a4b0b4ab002ad0056b04b6900da90fd92"
    "00e9200d250ba4d00a56002b6095b5006d400ea905e9200e920cd260052b00a570b2b600b5a006d406ec9007490f69300a93"
    "0052b0ca5b00aad0056a09b5500ba400b4905a9300a950f52d0053600aad0b5aa005b200da507d4a00d4a10a9500a9700556"
    "0cab500ad5006d208ea500ea50064a06c9700a9b0f55a0056a00b690b75200b5200b250964b00a4b114ab002ad0056d0cb69"
    "00da900d9209d2500d2515a4d00a56002b60c5b5006d500ea90be9200e9200d2606a5600a57114d60035a006d50b6c900749"
    "006930952b0052b00a5b0555a0056a0fb5500ba400b490ba9300a950052d08aad00ab5135aa005d200da50dd4a00d4a00c95"
    "0952e0055600ab5055b2006d20cea5007250064b0ac9700cab0055a06ad600b691775200b5200b250da4b00a4b004ab0a55b"
    "005ad00b6a05b5200d920fd2500d2500a550b4ad004b6005b506daa00ec911e9200e9200d260ca5600a57004d6086d500755"
    "0074906e93006930f52b0052b00a5b0b55a0056a00b650974a00b4a11a9500a950052d0caad00ab5005aa08ba500da500d4a"
    "07c95"
)
"""Five hexadecimal digits a year. From bit 13 on: the month that is followed by its leap month (0 = none). Below: one bit per month in
order, 1 for a month of 30 days."""

_DIGITS: Final = "一二三四五六七八九十"
_MONTHS: Final = ("正", *_DIGITS[1:], "冬", "腊")
_DAYS: Final = (
    *("初" + n for n in _DIGITS),
    *("十" + n for n in _DIGITS[:9]),
    "二十",
    *("廿" + n for n in _DIGITS[:9]),
    "三十",
)
_MONTH_SAID: Final = {word: n for n, word in enumerate(_MONTHS, 1)} | {"一": 1, "十一": 11, "十二": 12}
_DAY_SAID: Final = (
    {word: n for n, word in enumerate(_DAYS, 1)} | {"二十" + n: 20 + i for i, n in enumerate(_DIGITS[:9], 1)} | {"卅": 30, "廿": 20}
)
_SAID: Final = re.compile(
    r"(?P<named>农历|阴历|旧历)?(?:(?P<year>(?<!\d)\d{4})年|(?P<next>次年|翌年|第二年))?(?P<named2>农历|阴历|旧历)?"
    r"(?P<leap>闰)?(?P<month>十[一二]|[正一二三四五六七八九十冬腊]|(?<!\d)\d{1,2})月"
    r"(?:份?(?P<day>初[一二三四五六七八九十]|二?十[一二三四五六七八九]?|三十|廿[一二三四五六七八九]?|卅|\d{1,2}(?!\d))[日号]?)?"
)
_ITS_SIGNS: Final = re.compile("[农阴旧闰正冬腊初廿卅]")
_LONGEST: Final = 200
"""Longest text that is read, in characters: the year of each date is searched for in all the text before it."""
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class LunarDay(NamedTuple):
    """A day of the traditional calendar; `leap`: it lies in the leap month of that number."""

    year: int
    month: int
    day: int
    leap: bool = False

    @property
    def words(self) -> str:
        """The date in words, without its year: 闰二月初一."""
        return f"{'闰' if self.leap else ''}{_MONTHS[self.month - 1]}月{_DAYS[self.day - 1]}"


class _Month(NamedTuple):
    year: int
    month: int
    leap: bool
    begins: date
    days: int


@cache
def _months() -> dict[tuple[int, int, bool], _Month]:
    """Every month of the table, in order."""
    found = {}
    begins = _FIRST_DAY
    for n in range(len(_TABLE) // 5):
        said = int(_TABLE[5 * n : 5 * n + 5], 16)
        after = said >> 13
        order = [(month, False) for month in range(1, 13)]
        if after:
            order.insert(after, (after, True))
        for place, (month, leap) in enumerate(order):
            days = 29 + (said >> place & 1)
            found[_FIRST_YEAR + n, month, leap] = _Month(_FIRST_YEAR + n, month, leap, begins, days)
            begins += timedelta(days)
    return found


@cache
def _beginnings() -> list[tuple[int, _Month]]:
    ordered = list(_months().values())
    return list(zip(accumulate((month.days for month in ordered[:-1]), initial=0), ordered, strict=True))


def lunar_day(day: str) -> LunarDay | None:
    """The traditional date of a day (ISO); None outside the years of the table."""
    passed = (date.fromisoformat(day) - _FIRST_DAY).days
    months = _beginnings()
    if not 0 <= passed < months[-1][0] + months[-1][1].days:
        return None
    first, found = next(pair for pair in reversed(months) if pair[0] <= passed)
    return LunarDay(found.year, found.month, passed - first + 1, found.leap)


def solar_day(said: LunarDay) -> str:
    """The day (ISO) of a traditional date. FieldError if that year has no such month or day."""
    found = _months().get((said.year, said.month, said.leap))
    if found is None and (said.year, said.month, False) in _months():
        raise FieldError(_("农历{year}年没有闰{month}月").format(year=said.year, month=said.month), "date")
    if found is None:
        raise FieldError(_("农历{year}年换不成公历，请写公历日期").format(year=said.year), "date")
    if not 1 <= said.day <= found.days:
        month = ("闰" if said.leap else "") + _MONTHS[said.month - 1] + "月"
        day = _DAYS[said.day - 1] if 1 <= said.day <= len(_DAYS) else f"{said.day}日"
        message = _("{year}年{month}没有{day}，最后一天是{last}")
        raise FieldError(message.format(year=said.year, month=month, day=day, last=_DAYS[found.days - 1]), "date")
    return (found.begins + timedelta(said.day - 1)).isoformat()


def birthday_of(written: str, day: str) -> bool:
    """Whether `written` (ISO), read as a traditional date, is `day`: a birthday recorded by the family's calendar."""
    year, month, number = (int(part) for part in written.split("-"))
    return any(
        found is not None and number <= found.days and (found.begins + timedelta(number - 1)).isoformat() == day
        for found in (_months().get((year, month, leap)) for leap in (False, True))
    )


def in_solar(text: str) -> str:
    """Replace each traditional date in a text by its day (ISO): 2023年正月十六至腊月二十 → 2023-02-06至2024-01-30.

    A date without a year takes the year before it in the text. FieldError if it would then precede the previous date, and for a date
    without year or day, or that does not exist. Dates that may as well be of the common calendar (三月十六, 3月16日) are left unchanged.
    """
    if len(text) > _LONGEST or not _ITS_SIGNS.search(text):
        return text
    days: list[str] = []

    def solar(match: re.Match[str]) -> str:
        if not _meant(match):
            return match[0]
        days.append(_solar_of(match, text))
        if not match["year"] and days[-1] < max(days):
            raise FieldError(_("“{text}”的结束早于开始").format(text=text), "date")
        return days[-1]

    return _SAID.sub(solar, text)


def is_lunar(text: str) -> bool:
    """Whether a text names a day of the traditional calendar."""
    return any(map(_meant, _SAID.finditer(text)))


def without_year(text: str) -> bool:
    """Whether a text begins with a traditional date that does not say its year."""
    match = _SAID.match(text.strip())
    return match is not None and _meant(match) and not match["year"] and not match["next"]


def _meant(match: re.Match[str]) -> bool:
    """Whether the match can only be a traditional date: the calendar is named, or the month or day exists only there."""
    named = match["named"] or match["named2"] or match["leap"] or match["month"] in ("正", "冬", "腊")
    return bool(named) or (match["day"] or "").startswith(("初", "廿", "卅"))


def _solar_of(match: re.Match[str], text: str) -> str:
    before = _YEAR.findall(text, 0, match.start())
    year = match["year"] or (before[-1] if before else None)
    if year is None:
        raise FieldError(_("“{text}”是农历，要写上年份，例如 2023年正月十六").format(text=match[0]), "date")
    if match["day"] is None:
        raise FieldError(_("“{text}”是农历，一个月跨着公历两个月，要写到日，例如 2023年正月十六").format(text=match[0]), "date")
    month = int(match["month"]) if match["month"].isdigit() else _MONTH_SAID[match["month"]]
    day = int(match["day"]) if match["day"].isdigit() else _DAY_SAID[match["day"]]
    return solar_day(LunarDay(int(year) + (match["next"] is not None), month, day, match["leap"] is not None))
