"""Finds the months of a table in its titles and the headings of its month columns, and distinguishes them from the date of submission."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from domain.identity import half_width
from domain.periods import add_months, days_in, months_between

_HAN_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_HAN_DIGITS = "零一二三四五六七八九"
_HAN_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年)")
_TO = "-—－–~～至到"
_AND = "、,和及与"
_HAN_MONTH = re.compile(
    rf"(?<![一二三四五六七八九十第])(十[一二]?|[一二三四五六七八九])(?=月|[{_TO}{_AND}]+(?:十[一二]?|[一二三四五六七八九])月)"
)
_NUMBER = "(?:1[0-2]|0?[1-9])"
_MONTH = re.compile(rf"((?:19|20)\d\d)(?:年度?|[.\-/])({_NUMBER})(?!\d|[-/.]\d|月\d{{1,2}}[日号]|[个期班人户组批次名天])", re.ASCII)
"""2026年3月, 2026.3; not a full date, nor 2026年12个月 or 2026年3期."""
_WITHOUT_YEAR = re.compile(rf"(?<![\d./])({_NUMBER})月(?!\d{{1,2}}[日号]|[底初末前中上下])", re.ASCII)
"""3月 without a year."""
_MONTH_ALONE = re.compile(rf"{_NUMBER}月份?(?:[一-龥]{{0,6}}(?:工资|报酬|考勤|出勤|补[贴助]|发放)[一-龥]{{0,6}})?", re.ASCII)
"""9月份, 9月工资表; not 6月更新."""
_SEVERAL_WITHOUT_YEAR = re.compile(rf"(?<!\d){_NUMBER}月?份?[{_TO}{_AND}]+{_NUMBER}月", re.ASCII)
_SEVERAL = re.compile(
    rf"(?<!\d){_NUMBER}月?份?[{_TO}]+(?:(?:19|20)\d\d年)?{_NUMBER}月(?!\d{{1,2}}[日号])"
    rf"|(?:(?<=年)|(?<=年度)){_NUMBER}[{_AND}](?:(?:19|20)\d\d年)?{_NUMBER}月(?!\d{{1,2}}[日号])"
    rf"|(?<!\d){_NUMBER}月份?[{_AND}]?{_NUMBER}月(?!\d{{1,2}}[日号])"
    "|季度|半年",
    re.ASCII,
)
"""A period of several months, whose amounts belong to no single month: 1-3月, 2026年1、2月, 1月和2月, 第一季度."""
_YEAR = re.compile(r"((?:19|20)\d\d)年")
_YEAR_WITHOUT_DATE = re.compile(rf"{_YEAR.pattern}(?!\d{{1,2}}月\d{{1,2}}[日号])", re.ASCII)
_SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)年(?=\d{1,2}月)", re.ASCII)
_SUBMITTED = re.compile(r"(?:填报|填表|制表|编制|上报|报送|打印|导出|(?:发放|拨付|支付|打卡)(?:时间|日期))\D{0,4}(?=(?:19|20)\d\d)")
_DAY = re.compile(rf"((?:19|20)\d\d)[年.\-/]({_NUMBER})[月.\-/]\d", re.ASCII)
_ONLY_MONTH = re.compile(r"(?:19|20)\d\d(?:年度?|[.\-/])\d{1,2}月?份?(?:制表?|填报?|报|印|发放?|拨付)?", re.ASCII)
"""A line with only a month, which may be when the list was made."""
_WHOLE_MONTH = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-./年](\d{1,2})[-./月]0?1日?\s*[-—~至到]+\s*(?:\1[-./年])?\2[-./月](\d{1,2})(?:日|(?!\d))", re.ASCII
)
"""The first and the last day of a month: 统计日期：2026-10-01 至 2026-10-31."""
_PAID_IN = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月份?(?:发放?|代发|补发|支付|拨付|打卡)((?:19|20)\d\d(?=年))?年?(\d{1,2})月", re.ASCII)
_YEAR_BEHIND = re.compile(rf"([^年月()\d]*)({_NUMBER}月[^年月()\d]*)\(((?:19|20)\d\d)年度?\)", re.ASCII)
"""A month whose year is in brackets at the end: 10月工资表(2025年)."""
_SUBMITTED_WITHIN = 3
"""A list is usually submitted within this many months after the one it is about."""


@dataclass(frozen=True)
class TitleMonths:
    """The months that titles name, in order."""

    months: tuple[str, ...] = ()
    several: bool = False
    """Whether they name a period of several months, so that an amount belongs to no single month."""
    submitted: str = ""
    """The month of submission, if the year of the month was derived from it, or if nothing else names a month."""
    guessed: bool = False
    """Whether the year of the month was derived from the month of submission."""

    def __bool__(self) -> bool:
        return bool(self.months)

    @property
    def one(self) -> str | None:
        """The only month; None if none or several are named."""
        return self.months[0] if len(self.months) == 1 and not self.several else None


@lru_cache(maxsize=256)  # a table is compared with some forty rosters
def in_figures(title: str) -> str:
    """A title with years and months as digits: 二〇二六年 三 月, ２０２６年元月."""
    text = re.sub(r"\s+(?=[年月])|(?<=年)\s+|(?<=[./-])\s+(?=\d)|(?<=\d)\s+(?=[./-]\d)", "", half_width(title))
    text = _HAN_YEAR.sub(lambda hit: "".join(str(max(_HAN_DIGITS.find(sign), 0)) for sign in hit[0]), text.replace("元月", "1月"))
    text = _SHORT_YEAR.sub(r"20\1年", text)
    return _HAN_MONTH.sub(lambda hit: str(_HAN_MONTHS.index(hit[1]) + 1), text)


def months_of(titles: Iterable[str]) -> tuple[str, ...]:
    """The months with years in titles (both of `2022年10月—2023年9月`), without those that are part of a full date."""
    text = " ".join(map(in_figures, titles))
    return tuple(dict.fromkeys(f"{hit[1]}-{int(hit[2]):02d}" for hit in _MONTH.finditer(text)))


def read_months(titles: Sequence[str]) -> TitleMonths:
    """The months that titles are about. The month of submission counts only if no other month is named; it also gives the year of a month
    without one (三月份, submitted 2026年4月) if that is at most a few months earlier."""
    lines = [_YEAR_BEHIND.sub(r"\1\3年\2", in_figures(title)) for title in titles]
    lines = [_PAID_IN.sub(_of_pay, _WHOLE_MONTH.sub(_month_of_days, line)) for line in lines]
    parts = [part for line in lines for part in re.split(r"[\s();]+", line) if part]
    subject = [part for part in parts if not _SUBMITTED.search(part) and not _ONLY_MONTH.fullmatch(part)]
    months = months_of(subject)
    several = any(_SEVERAL.search(re.sub(r"\s", "", line)) for line in lines)
    if months:
        return TitleMonths(months, several or len(months) > 1)
    submitted = months_of(parts)
    bare = {int(hit[1]) for part in subject for hit in _WITHOUT_YEAR.finditer(part)}
    handed_in = submitted or tuple(
        f"{day[1]}-{int(day[2]):02d}" for part in parts if _SUBMITTED.search(part) and (day := _DAY.search(part))
    )
    year = only_year(subject)
    if len(bare) == 1 and not submitted and not several and year is not None and any(map(_MONTH_ALONE.fullmatch, subject)):
        return TitleMonths((f"{year}-{bare.pop():02d}",))
    if not bare or not handed_in:
        return TitleMonths(submitted, several or len(submitted) > 1, submitted=submitted[0] if submitted else "")
    before = months_between(add_months(handed_in[0], -_SUBMITTED_WITHIN), handed_in[0])
    candidates = [month for month in before if int(month[5:]) in bare]
    if several or len(bare) > 1 or not candidates or any(map(_SEVERAL_WITHOUT_YEAR.search, subject)):
        return TitleMonths()
    return TitleMonths((candidates[-1],), submitted=handed_in[0], guessed=candidates[-1] != handed_in[0])


def _of_pay(said: re.Match[str]) -> str:
    """The month that pay is for, in a title that also says in which month it is paid: 2025年9月发放8月工资."""
    year, paid, month = int(said[1]), int(said[2]), int(said[4])
    return f"{said[3] or year - (month > paid)}年{month}月"


def _month_of_days(days: re.Match[str]) -> str:
    """The month that `days` are the first and the last of; other days as they are, and those for which something is posted up or taught."""
    year, month, last = int(days[1]), int(days[2]), int(days[3])
    for_something_else = re.search("公示|公告|培训|协议|合同|保险", days.string)
    whole = 1 <= month <= 12 and not for_something_else and last == days_in(f"{year}-{month:02d}")
    return f"{year}年{month}月" if whole else days[0]


def year_of(titles: Iterable[str]) -> int | None:
    """The first year that titles name, except in parts with 日期 or 时间 (导出时间, 制表日期); wide gaps separate the parts of a line."""
    for part in (part for title in titles for part in re.split(r"\s{2,}", in_figures(title))):
        hit = None if re.search(r"日期|时间", part) else _YEAR.search(part)
        if hit:
            return int(hit[1])
    return None


def only_year(titles: Iterable[str]) -> int | None:
    """The only year that titles name, apart from dates and the month of submission; None if there are none or several."""
    parts = [part for title in titles for part in re.split(r"[\s();]+", in_figures(title)) if not _SUBMITTED.search(part)]
    years = {hit[1] for part in parts if not _ONLY_MONTH.fullmatch(part) for hit in _YEAR_WITHOUT_DATE.finditer(part)}
    return int(years.pop()) if len(years) == 1 else None


def with_years(months: Sequence[tuple[int | None, int]], title: TitleMonths, year: int | None) -> list[str]:
    """The month columns of a table, given as (year or None, month), as `2022-10`. A missing year is taken from the title; it increases
    after December, or decreases before January if the columns go backwards. Empty if the year is unknown."""
    steps = [(a, b) for (_y, a), (_z, b) in pairwise(months)]
    turned = any(b < a for a, b in steps) or len({month[:4] for month in title.months}) > 1  # 1月, 12月 of one year are in order
    backwards = turned and sum((b - a) % 12 for a, b in steps) > 6 * len(steps)
    named = title.months[-1 if backwards else 0] if title and not (title.submitted and year is not None) else None
    current_year, found = int(named[:4]) if named else year, list[str]()
    last = 13 if backwards else 0
    for (stated_year, written), after in zip(months, [*months[1:], (None, 0)], strict=False):
        month = written
        followed = (stated_year, last) == (current_year, 9) or after == (stated_year, 11) or title.one == f"{stated_year}-10"
        if stated_year is not None and written == 1 and followed:  # 2023.10 as a number lost its last digit
            month = 10
        if stated_year is not None:
            current_year = stated_year
        elif current_year is not None and (month > last if backwards else month < last):
            current_year += -1 if backwards else 1
        if current_year is None:
            return []
        last = month
        found.append(f"{current_year}-{month:02d}")
    return found
