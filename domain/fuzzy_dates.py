"""Dates known to the day, the month or the year, and the many ways clerks write them.

A ``date`` is ``2023-06-05``; an ``fdate`` is ``2023-06-05``, ``2023-06`` or ``2023`` and keeps its precision; a
``month`` is ``2023-06``. Whatever cannot be read raises :class:`~domain.errors.FieldError` (a ValueError) with a
sentence for the clerk and the code ``date``. Years lie between 1900 and 2100; a year of two digits is refused, since
nobody can tell 23年 from 1923年, unless :func:`with_century` filled it in before and says so. A day of the traditional calendar
(2023年正月十六) is read as the day it was (:mod:`domain.lunar`). :mod:`domain.periods` offers
everything here again: import it from there.
"""

from __future__ import annotations

import calendar
import math
import re
from contextlib import suppress
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from domain import clock
from domain.errors import FieldError
from domain.identity import half_width
from domain.lunar import in_solar
from domain.words import _

YEARS: Final = range(1900, 2101)


class Precision(StrEnum):
    """How exactly an ``fdate`` is known."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


_CANONICAL: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_TIME: Final = r"(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
# One date. A separator must be the same both times, or "2023.3-2023.8" would begin with "2023.3-20".
_DATE: Final = re.compile(
    r"(?P<y1>\d{4})年(?:(?P<m1>\d{1,2})(?:月份?(?:(?P<d1>\d{1,2})(?:[日号]" + _TIME + r")?)?|[.](?P<d4>\d{1,2})[日号]?(?!\d)|(?!\d)))?"
    r"|(?P<y2>\d{4})(?P<sep>[-/.])(?P<m2>\d{1,2})(?:(?P=sep)(?P<d2>\d{1,2})(?!\d)(?:[日号]|" + _TIME + r"))?(?!\d)"
    r"|(?P<y3>\d{4})(?P<m3>\d{2})(?P<d3>\d{2})?(?!\d)(?:\.0+(?!\d))?"
    r"|(?P<y4>\d{4})(?!\d)(?:\.0+(?!\d))?",
    re.ASCII,
)
# What may follow the dash of a range when the year is not repeated: "5月", "5月20日", "5.20", "5/20", "20日", "5"
_REST: Final = re.compile(
    r"(?P<next>次年|翌年|第二年)?(?:(?P<m1>\d{1,2})月份?(?:(?P<d1>\d{1,2})[日号]?)?|(?P<m2>\d{1,2})[-/.](?P<d2>\d{1,2})[日号]?|(?P<n>\d{1,2})[日号]?)",
    re.ASCII,
)
_TO: Final = re.compile(r"起?[,，、]?(?:[-‐-―－—~～∼〜]+|至|到)+")
_OPEN: Final = re.compile(
    r"[至到]?(?:今|现在|目前|如今)|(?:还?没|[尚还]?未)(?:结束|返乡|退岗|回来?|返回?|回村|回家)|(?:风险)?[尚暂]?未(?:稳定|完全)?消除|仍?在(?:岗|外|职|务工)|长期(?:有效|在外|外出|务工)?|待定|无固定期限?"
    r"|(?:9999|2999|2099)(?:(?P<at>[-/.]?)12(?P=at)31|年12月31日)(?:[T ]00:00(?::00)?)?"
)
"""Words, and the days by which systems write that there is no end."""
_YEARLESS: Final = re.compile(r"(\d{1,2})(?:[-/.](\d{1,2})[日号]?|月(\d{1,2})[日号]?)", re.ASCII)
_YEARS_FROM_NOW: Final = {"前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_DAYS_FROM_TODAY: Final = {"前天": -2, "昨天": -1, "今天": 0, "今日": 0, "明天": 1, "后天": 2}
_FROM_ON: Final = re.compile(r"(?:至今|到今|起|以来|开始|起至今|以来至今)")


# Not the day with which a date ends that a range goes on from: 2023/3/15-20, 2023-3-15-8-15; nor the month of 2023-13-05.
_SHORT_YEAR: Final = re.compile(
    r"(?<![\dA-Za-z./年月])(?<!\d-\d-)(?<!\d-\d\d-)(?:(?<!(?<!\d)\d{4}-)|(?=\d\d年))(?P<year>\d\d)"
    r"(?:年(?=(?:\d{1,2}|[正冬腊])月|[农闰])|(?P<dot>[./-])(?=\d{1,2}(?:(?P=dot)\d{1,2})?(?![\d月./])(?!-\d{1,2}-)))",
    re.ASCII,
)
_HAN_DATE: Final = re.compile(
    r"(\d{4}|[〇○零一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?)?"
)
_PART_OF_YEAR: Final = re.compile(r"(?<=\d{4}年)(?:年?[初中底末]|[春夏秋冬][天季]?|[上下]半年)$", re.ASCII)
_HAN: Final = "零一二三四五六七八九"
_DAY_BEGINS: Final = tuple("一二三四五六七八九十初廿卅")


class _Parts(NamedTuple):
    year: int
    month: int | None
    day: int | None

    def text(self) -> str:
        """The canonical form, checked against the calendar."""
        if self.year not in YEARS:
            raise _unreadable(_("年份 {year} 不在 1900 至 2100 之间").format(year=self.year))
        if self.month is None:
            return f"{self.year:04d}"
        if not 1 <= self.month <= 12:
            raise _unreadable(_("没有 {month} 月").format(month=self.month))
        if self.day is None:
            return f"{self.year:04d}-{self.month:02d}"
        if not 1 <= self.day <= calendar.monthrange(self.year, self.month)[1]:
            raise _unreadable(_("{year}年{month}月没有 {day} 日").format(year=self.year, month=self.month, day=self.day))
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"


def _unreadable(sentence: str) -> FieldError:
    return FieldError(sentence, "date")


# ---------------------------------------------------------------- canonical values


def precision(fdate: str) -> Precision:
    """How exactly a canonical ``fdate`` is known. FieldError when it is not canonical."""
    sizes = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}
    if not _CANONICAL.fullmatch(fdate):
        raise _unreadable(_("“{text}”不是规范的日期").format(text=fdate))
    return sizes[len(fdate)]


@lru_cache(maxsize=16_384)  # rules ask for the same days over and over
def first_day(fdate: str) -> str:
    """The first day an ``fdate`` can mean: ``2023-06`` → ``2023-06-01``."""
    return fdate + {Precision.DAY: "", Precision.MONTH: "-01", Precision.YEAR: "-01-01"}[precision(fdate)]


@lru_cache(maxsize=16_384)
def last_day(fdate: str) -> str:
    """The last day an ``fdate`` can mean: ``2023-02`` → ``2023-02-28``."""
    how = precision(fdate)
    if how is Precision.DAY:
        return fdate
    if how is Precision.YEAR:
        return fdate + "-12-31"
    return f"{fdate}-{calendar.monthrange(int(fdate[:4]), int(fdate[5:]))[1]:02d}"


# ---------------------------------------------------------------- what clerks write


def _squeezed(text: str) -> str:
    """Half-width and without blanks, except the one between a date and its time."""
    half = half_width(text).strip().strip("'‘’“”\"").replace("‐", "-").replace("‑", "-")
    half = re.sub(r"(?<=月)份?(?:初|底|末|[上中下]旬)$|(?<=\d)\.$|(?<=[日号月\d])为?止$", "", re.sub(r"^[自从到至](?=\d)", "", half))
    half = _HAN_DATE.sub(_in_figures, half)
    half = re.sub(r"(?<=\d)[。、](?=\d)", ".", half)
    return re.sub(r"\s+(?!\d{1,2}:\d{2})", "", half)


def _in_figures(match: re.Match[str]) -> str:
    """二〇二三年十二月 as 2023年12月, and 2023年六月 as 2023年6月; 2023年六月十五 may be of either calendar and stays."""
    if match[1].isascii() and (match[3] or match.string[match.end() : match.end() + 1] in _DAY_BEGINS):
        return match[0]
    year = "".join(sign if sign.isascii() else str(_HAN.index(sign)) if sign in _HAN else "0" for sign in match[1])
    return f"{year}年" + "".join(f"{han_number(said)}{unit}" for said, unit in ((match[2], "月"), (match[3], "日")) if said)


def han_number(text: str) -> int:
    """1 to 99: 三, 十二, 二十一."""
    tens, ten, ones = text.rpartition("十")
    return (_HAN.index(tens[-1]) if tens else 1) * 10 * bool(ten) + (_HAN.index(ones[-1]) if ones else 0)


def with_century(text: str, latest: int) -> str:
    """A text with its years of two digits written out: the last such year not after `latest`. Only what can be nothing but a year:
    23年3月 and, above 12, 23.3 or 23/3/5. Text without any comes back as it is."""

    def written(match: re.Match[str]) -> str:
        short = int(match["year"])
        if match["dot"] and short <= 12:  # 5.12 is a day of May as well
            return match[0]
        return f"{latest - (latest - short) % 100}{match[0][2:]}"

    squeezed = _squeezed(text)
    filled = _SHORT_YEAR.sub(written, squeezed)
    return text if filled == squeezed else filled


def _parts(match: re.Match[str]) -> _Parts:
    found = match.groupdict()
    values = [next((int(found[name + str(way)]) for way in range(1, 5) if found.get(name + str(way))), None) for name in "ymd"]
    return _Parts(values[0] or 0, values[1], values[2])


def parse_fdate(text: str) -> str:
    """A date as written (``2023年6月``, ``2023.6``, ``202306``, ``2023/1/5``, ``20230905``, ``2023``) in canonical form.

    The precision written is the precision kept. FieldError (a ValueError) with a sentence when it is no date.
    """
    squeezed = in_solar(_squeezed(text))
    match = _DATE.fullmatch(_PART_OF_YEAR.sub("", squeezed))
    if match is not None:
        return _parts(match).text()
    if re.fullmatch(r"(?:\d{4}年)?[一二三四五六七八九十]+月.*", squeezed):
        message = _("“{text}”是公历还是农历？公历写成 2023-06-05，农历前面写上：2023年农历六月初五")
        raise _unreadable(message.format(text=text.strip()))
    if full := _in_full(squeezed, date.fromisoformat(clock.today())):
        raise _unreadable(_("“{text}”看不出是哪一年哪一天，请写全，例如 {full}").format(text=text.strip(), full=full))
    if relative(squeezed):
        raise lacks_year(text, int(clock.today()[:4]) + _YEARS_FROM_NOW[squeezed[:2]])
    if re.fullmatch(r"\d{2}年.*|\d{2}([-/.]\d{1,2}([-/.]\d{1,2})?)", squeezed):
        raise _unreadable(_("“{text}”的年份要写四位，例如 2023").format(text=text.strip()))
    if re.fullmatch(r"\d{5}(\.\d+)?", squeezed):
        raise _unreadable(_("“{text}”像是表格里的日期序号，请把单元格设为日期或文本").format(text=text.strip()))
    raise _unreadable(_("“{text}”看不出是哪一天，请写成 2023-06-05").format(text=text.strip()))


def _in_full(text: str, today: date) -> str:
    """A date without its year or month (2月10日, 10号), or told from today (明年3月, 上个月, 昨天), as it would be written in full; "" for
    any other text."""
    if (match := _YEARLESS.fullmatch(text)) is not None:
        month, day = int(match[1]), int(match[2] or match[3])
        return f"{today.year}年{month}月{day}日" if 1 <= month <= 12 and 1 <= day <= 31 else ""
    if re.fullmatch(r"\d{1,2}月份?", text):
        return f"{today.year}年{text}"
    if re.fullmatch(r"\d{1,2}[日号]", text):
        return f"{today.year}年{today.month}月{text}"
    if text[:2] in _YEARS_FROM_NOW and re.fullmatch(r"度?|\d.*", text[2:]):
        return f"{today.year + _YEARS_FROM_NOW[text[:2]]}年{text[2:].removeprefix('度')}"
    if text in _DAYS_FROM_TODAY:
        return (today + timedelta(days=_DAYS_FROM_TODAY[text])).isoformat()
    if (match := re.fullmatch(r"([上本这下])个?月份?(\d.*)?", text)) is not None:
        months = today.year * 12 + today.month - 1 + {"上": -1, "下": 1}.get(match[1], 0)
        return f"{months // 12}年{months % 12 + 1}月{match[2] or ''}"
    return ""


def relative(text: str) -> bool:
    """Whether a date names its year only as the year before or after another: 去年秋天."""
    return re.fullmatch(r"[今去前明]年\D+", text.strip()) is not None


def lacks_year(text: str, year: int) -> FieldError:
    """That a date lacks its year, with a day of `year` as an example."""
    message = _("“{text}”看不出是哪一天，请写成 {year}年10月，或 {year}年10月8日")
    return _unreadable(message.format(text=text.strip(), year=year))


def of_last_months(text: str, today: str) -> str:
    """A day written without its year (``10.8``, ``10月8日``) as the last such day up to `today`; "" if `text` is none, or if the next such
    day is nearer, which may be meant as well."""
    match = _YEARLESS.fullmatch(_squeezed(text))
    if match is None:
        return ""
    now, near = date.fromisoformat(today), []
    for year in (now.year - 1, now.year, now.year + 1):
        with suppress(ValueError):  # the 29th of February of another year
            near.append(date(year, int(match[1]), int(match[2] or match[3])))
    past = max((day for day in near if day <= now), default=None)
    coming = min((day for day in near if day > now), default=None)
    if past is None or (coming is not None and coming - now < now - past):
        return ""
    return past.isoformat()


def parse_date(text: str) -> str:
    """A date written to the day, as ``2023-06-05``. FieldError when it is no date or only a month or a year."""
    found = parse_fdate(text)
    if len(found) != 10:
        raise _unreadable(_("“{text}”要写到日，例如 2023-06-05").format(text=text.strip()))
    return found


def parse_month(text: str) -> str:
    """A month as written (``2023年6月``, ``2023-06``, ``202306``, ``2023.6``), as ``2023-06``. FieldError otherwise.

    The first of a month passes, for that is how a spreadsheet stores a month. Any other day is refused rather than
    cut: a wage "month" of 2023-06-15 may have been meant as the day of payment.
    """
    found = parse_fdate(text).removesuffix("-01") if len(text) > 7 else parse_fdate(text)
    if len(found) != 7:
        raise _unreadable(_("“{text}”要写成年月，例如 2023-06").format(text=text.strip()))
    return found


def is_ongoing(text: str) -> bool:
    """Whether an end is written as a word that says there is none yet: 至今, 目前, 在岗, 无固定期限."""
    return _OPEN.fullmatch(_squeezed(text)) is not None


_TERM: Final = re.compile(r"(\d{4})[-年/ ]*(?:年度)?(?P<half>春|秋|spring|autumn)(?:季)?(?:学期)?", re.IGNORECASE)
_SCHOOL_YEAR: Final = re.compile(r"(\d{4})[-—~至](\d{4})(?:学年)?度?第?(?:(?P<one>一|1|上)|二|2|下)学期")
_GRADE: Final = re.compile(r"(?:\D*?)(?P<n>[一二三四五六七八九])年?级?")


def term(text: str) -> str:
    """A school term as it is kept: 2023年秋季学期 and 2023-2024学年第一学期 are ``2023-autumn``. Other text comes back as it is."""
    squeezed = _squeezed(text)
    named, numbered = _TERM.fullmatch(squeezed), _SCHOOL_YEAR.fullmatch(squeezed)
    if named is not None:
        return f"{named[1]}-{'spring' if named['half'].lower() in ('春', 'spring') else 'autumn'}"
    if numbered is not None and int(numbered[2]) == int(numbered[1]) + 1:
        return f"{numbered[1]}-autumn" if numbered["one"] else f"{numbered[2]}-spring"
    return text


def term_start(term: str) -> str | None:
    """The usual first day of a kept term: 1 September, 1 March. None for text that is no term."""
    match = re.fullmatch(r"(\d{4})-(autumn|spring)", term)
    return f"{match[1]}-{'09' if match[2] == 'autumn' else '03'}-01" if match else None


def grade(text: str) -> str:
    """A school year's number: 中职二年级 → ``2``. Other text comes back as it is."""
    match = _GRADE.fullmatch(text.strip())
    return str("一二三四五六七八九".index(match["n"]) + 1) if match else text


def parse_range(text: str) -> tuple[str, str | None]:
    """Start and end (fdates) of ``2023.3.5-2023.6.20``, ``2023年2月-5月``, ``2023年2月5日至今`` …; None = still going on.

    What the second half leaves out is taken from the first (``2023年11月至次年2月`` too). A month or a year alone is
    that whole month or year. FieldError for a single day, for an end that would lie before the start once completed
    so, and for anything unreadable; an end written out in full may lie before the start, which is for the data checks.
    """
    squeezed = in_solar(_squeezed(text))
    match = _DATE.match(squeezed)
    if match is None:
        return parse_fdate(text), None  # raises with the sentence that fits
    start, rest = _parts(match), squeezed[match.end() :].strip()
    if not rest:
        if start.day is not None and start.text():  # which says what is wrong with a day that does not exist
            raise _unreadable(_("“{text}”只有一个日期，请写起止两个").format(text=text.strip()))
        return start.text(), start.text()
    separator = _TO.match(rest)
    if _FROM_ON.fullmatch(rest) or (separator is not None and _OPEN.fullmatch(rest[separator.end() :])):
        return start.text(), None
    end = _range_end(start, rest[separator.end() :]) if separator is not None else None
    if end is None or separator is None:
        raise _unreadable(_("“{text}”看不出起止时间，请写成 2023-03-05至2023-06-20").format(text=text.strip()))
    if last_day(end.text()) < first_day(start.text()) and not _DATE.fullmatch(rest[separator.end() :].removesuffix("止")):
        raise _unreadable(_("“{text}”的结束早于开始").format(text=text.strip()))
    return start.text(), end.text()


def _range_end(start: _Parts, text: str) -> _Parts | None:
    """The second half of a range, what it leaves out filled in from the first half; None when it is no date."""
    text = text.removesuffix("止")
    whole = _DATE.fullmatch(text)
    if whole is not None:
        return _parts(whole)
    match = _REST.fullmatch(text)
    if match is None or start.month is None:
        return None
    year = start.year + (match["next"] is not None)
    if match["n"]:
        number = int(match["n"])
        days = start.day is not None
        if text[-1] in "日号" and not days:
            return None
        return _Parts(year, start.month, number) if days else _Parts(year, number, None)
    day = match["d1"] or match["d2"]
    return _Parts(year, int(match["m1"] or match["m2"]), int(day) if day else None)


def from_excel_serial(number: float) -> str:
    """The day (ISO) of a date cell that arrives as a number; the time of day is dropped. FieldError when it is none.

    Day 60 is the 29 February 1900 that spreadsheets believe in.
    """
    if isinstance(number, bool) or not math.isfinite(number) or not 1 <= number < 73416:
        raise _unreadable(_("数字 {number} 不是日期").format(number=number))
    serial = int(number)
    if serial == 60:
        raise _unreadable(_("{year}年{month}月没有 {day} 日").format(year=1900, month=2, day=29))
    return (date(1899, 12, 31 if serial < 60 else 30) + timedelta(days=serial)).isoformat()


def term_words(term: str) -> str:
    """A term as shown: 2023 年秋季 for 2023-autumn; anything else unchanged."""
    year, _dash, season = term.partition("-")
    if season not in ("spring", "autumn"):
        return term
    return (_("{year} 年春季") if season == "spring" else _("{year} 年秋季")).format(year=year)
