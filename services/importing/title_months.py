"""Finds which months a table is about, from its titles and the headings of its month columns, and tells them from when it was handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.identity import half_width
from domain.periods import add_months, months_between

HAN_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_HAN_FIGURES = "零一二三四五六七八九"
_HAN_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年)")
_TO = "-—－–~～至到"
_AND = "、,和及与"
_HAN_MONTH = re.compile(
    rf"(?<![一二三四五六七八九十第])(十[一二]?|[一二三四五六七八九])(?=月|[{_TO}{_AND}]+(?:十[一二]?|[一二三四五六七八九])月)"
)
_NUMBER = "(?:1[0-2]|0?[1-9])"
_MONTH = re.compile(
    rf"((?:19|20)\d\d)(?:年度?|[.\-/])({_NUMBER})(?!\d|[-/.]\d|月\d{{1,2}}[日号]|[个期班人户组批次名天])",
    re.ASCII,
)
"""2026年3月, 2026.3, not a day of it, nor 2026年12个月 or 2026年3期."""
_BARE = re.compile(rf"(?<![\d./])({_NUMBER})月(?!\d{{1,2}}[日号]|[底初末前中上下])", re.ASCII)
"""3月 without a year."""
_BARE_SEVERAL = re.compile(rf"(?<!\d){_NUMBER}月?份?[{_TO}{_AND}]+{_NUMBER}月", re.ASCII)
_SEVERAL = re.compile(
    rf"(?<!\d){_NUMBER}月?份?[{_TO}]+(?:(?:19|20)\d\d年)?{_NUMBER}月(?!\d{{1,2}}[日号])"
    rf"|(?:(?<=年)|(?<=年度)){_NUMBER}[{_AND}](?:(?:19|20)\d\d年)?{_NUMBER}月(?!\d{{1,2}}[日号])"
    rf"|(?<!\d){_NUMBER}月份?[{_AND}]?{_NUMBER}月(?!\d{{1,2}}[日号])"
    "|季度|半年",
    re.ASCII,
)
"""Several months together, for which no single amount of a month can stand: 1-3月, 2026年1、2月, 1月和2月, 第一季度."""
_YEAR = re.compile(r"((?:19|20)\d\d)年")
_YEAR_OF_NO_DAY = re.compile(rf"{_YEAR.pattern}(?!\d{{1,2}}月\d{{1,2}}[日号])", re.ASCII)
_SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)年(?=\d{1,2}月)", re.ASCII)
_HANDED_IN = re.compile(r"(?:填报|填表|制表|编制|上报|报送|打印|导出|(?:发放|拨付|支付|打卡)(?:时间|日期))\D{0,4}(?=(?:19|20)\d\d)")
_WHEN_ALONE = re.compile(r"(?:19|20)\d\d(?:年度?|[.\-/])\d{1,2}月?份?(?:制表?|填报?|报|印|发放?|拨付)?", re.ASCII)
"""A line that is a month and no more, which may be when a list was made."""
_LATE = 3
"""Within this many months after the one it is about, a list is usually handed in."""


@dataclass(frozen=True)
class TitleMonths:
    """The months that titles name, in order."""

    months: tuple[str, ...] = ()
    several: bool = False
    """Whether they speak of several months together, so that an amount belongs to no single month."""
    handed_in: str = ""
    """When the list was handed in, where only that told the year of the month, which is said, or where nothing else names a month."""
    guessed: bool = False
    """Whether the year of the month is that of the handing in."""

    def __bool__(self) -> bool:
        return bool(self.months)

    @property
    def one(self) -> str | None:
        """The one month; None when none or several are named."""
        return self.months[0] if len(self.months) == 1 and not self.several else None


def in_figures(title: str) -> str:
    """A title with years and months in plain figures: 二〇二六年 三 月, ２０２６年元月."""
    text = re.sub(r"\s+(?=[年月])|(?<=年)\s+|(?<=[./-])\s+(?=\d)|(?<=\d)\s+(?=[./-]\d)", "", half_width(title))
    text = _HAN_YEAR.sub(lambda hit: "".join(str(max(_HAN_FIGURES.find(sign), 0)) for sign in hit[0]), text.replace("元月", "1月"))
    text = _SHORT_YEAR.sub(r"20\1年", text)
    return _HAN_MONTH.sub(lambda hit: str(HAN_MONTHS.index(hit[1]) + 1), text)


def months_of(titles: Iterable[str]) -> tuple[str, ...]:
    """Months with their years in titles (`2022年10月—2023年9月` both), without those that are part of a full date."""
    text = " ".join(map(in_figures, titles))
    return tuple(dict.fromkeys(f"{hit[1]}-{int(hit[2]):02d}" for hit in _MONTH.finditer(text)))


def months_said(titles: Sequence[str]) -> TitleMonths:
    """The months that titles are about. When a list was handed in tells a month only where nothing else does, and the year of a month named
    without one (三月份 handed in 2026年4月) if that is a few months later at most."""
    lines = [in_figures(title) for title in titles]
    parts = [part for line in lines for part in re.split(r"[\s();]+", line) if part]
    about = [part for part in parts if not _HANDED_IN.search(part) and not _WHEN_ALONE.fullmatch(part)]
    months = months_of(about)
    several = any(_SEVERAL.search(re.sub(r"\s", "", line)) for line in lines)
    if months:
        return TitleMonths(months, several or len(months) > 1)
    handed_in = months_of(parts)
    bare = {int(hit[1]) for part in about for hit in _BARE.finditer(part)}
    if not bare or not handed_in:
        return TitleMonths(handed_in, several or len(handed_in) > 1, handed_in=handed_in[0] if handed_in else "")
    before = months_between(add_months(handed_in[0], -_LATE), handed_in[0])
    meant = [month for month in before if int(month[5:]) in bare]
    if several or len(bare) > 1 or not meant or any(map(_BARE_SEVERAL.search, about)):
        return TitleMonths()
    return TitleMonths((meant[-1],), handed_in=handed_in[0], guessed=meant[-1] != handed_in[0])


def year_of(titles: Iterable[str]) -> int | None:
    """The first year titles name, not counting the year in 导出时间 or 制表日期."""
    for title in titles:
        if not re.search(r"日期|时间", title):
            hit = _YEAR.search(in_figures(title))
            if hit:
                return int(hit[1])
    return None


def only_year(titles: Iterable[str]) -> int | None:
    """The one year that titles name, leaving out when a list was handed in, and days; None when they name none or several."""
    parts = [part for title in titles for part in re.split(r"[\s();]+", in_figures(title)) if not _HANDED_IN.search(part)]
    years = {hit[1] for part in parts if not _WHEN_ALONE.fullmatch(part) for hit in _YEAR_OF_NO_DAY.finditer(part)}
    return int(years.pop()) if len(years) == 1 else None


def with_years(months: Sequence[tuple[int | None, int]], title: TitleMonths, year: int | None) -> list[str]:
    """The month columns of a table, each a year (None when it says none) and a month, as `2022-10`: years said, else from the title, going
    on to the next after December, or back to the last before January where the columns go backwards. Empty if untold."""
    steps = [(a, b) for (_y, a), (_z, b) in pairwise(months)]
    turned = any(b < a for a, b in steps) or len({month[:4] for month in title.months}) > 1  # 1月, 12月 of one year go on
    backwards = turned and sum((b - a) % 12 for a, b in steps) > 6 * len(steps)
    named = title.months[-1 if backwards else 0] if title and not (title.handed_in and year is not None) else None
    now, found = int(named[:4]) if named else year, list[str]()
    last = 13 if backwards else 0
    for (said, written), after in zip(months, [*months[1:], (None, 0)], strict=False):
        month = written
        followed = (said, last) == (now, 9) or after == (said, 11) or title.one == f"{said}-10"
        if said is not None and written == 1 and followed:  # 2023.10 lost its last digit
            month = 10
        if said is not None:
            now = said
        elif now is not None and (month > last if backwards else month < last):
            now += -1 if backwards else 1
        if now is None:
            return []
        last = month
        found.append(f"{now}-{month:02d}")
    return found
