"""Reads the subject, the carrier and the months of a table from the lines above it, the sheet's name and the file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.importing.carrier_names import carrier_of
from services.importing.heading_words import plain
from services.importing.headings import month_of_heading
from services.importing.tables import Found
from services.importing.title_months import TitleMonths, read_months, year_of

_OCCASION = re.compile("培训|学员|签到|考勤|工资|发放|补贴|补助|报名|招聘|意愿|意向|大会|会议|申请|缴费|务工|用工|员工|公益|就业服务|走访")
_CHECK = re.compile("(?:月|务工|就业)监测|(?:务工|就业)(?:情况|状态)")
_EARNED = re.compile("收入|工资|报酬|补贴|补助|发放")
_GIFT = re.compile("慰问|救助|低保|抚恤|救济|分红|养老金|高龄|残疾人?.{0,4}补贴|流转费|耕地.{0,4}补贴|种粮|助学金|雨露")
_WORKED_FOR = re.compile("工资|报酬|务工|岗位|计件|薪")
_POST = re.compile("公益(?:性)?岗|岗位补贴|(?:护林|护路|护水|护河|巡河|保洁)员")
_RECOGNISED = re.compile("识别|纳入|认定")
_COURSE_SPAN = re.compile(r"(?:培训|开班|办班|起止|上课)(?:起止)?(?:时间|日期|期间)|培训起止|(?:^|\s)(?:时间|日期)[:：]")


_CHANNELS = {
    "flexible": re.compile("灵活(?:就业|务工|从业)"),
    "odd_job": re.compile("零工"),
    "self_employed": re.compile("自主(?:创业|经营)|个体(?:经营|工商)"),
    "piecework": re.compile("来料加工"),
    "work_relief": re.compile("以工代赈"),
    "public_post": re.compile("公益(?:性)?岗|护林员"),
    "workshop": re.compile("(?:帮扶|扶贫|就业)车间"),
}
_SEVERAL_CHANNELS = re.compile("外出|务工人员|转移|输[出送]|点对点|返[乡岗]|[、及和与]|等")
"""Words of a title that is about more than one way to work."""
_WORK = re.compile("返[乡回岗家]|回[乡村流]|离[职岗]|务工|打工|就业|用工|外出")
_TERM = re.compile("20\\d\\d年?度?[春秋](?:季学?期?|学期)|20\\d\\d[-—~至]20\\d\\d学?年度?第?[一二12上下]学期")


@dataclass(frozen=True)
class Headlines:
    """What the lines above a table and the names say. Rosters refer to these properties by name (`@post_title`)."""

    carrier: str
    """The workshop or other carrier named; "" if there is none."""
    titled: TitleMonths
    month_from_file: bool
    """Whether the month is only in the file's name."""
    course_title: bool
    """Whether they mention a course."""
    course_span: bool
    """Whether a line gives the dates of the course."""
    gift_title: bool
    """Whether they are about money that nobody worked for (慰问金, 低保金)."""
    check_title: bool
    """Whether they are about people's work status rather than their earnings."""
    occasion_title: bool
    """Whether they are about a course, pay or attendance rather than a register of residents."""
    recognised_title: bool
    """Whether they are about recognition (纳入监测申请)."""
    post_title: bool
    """Whether they mention public-welfare posts."""
    term_title: str
    """The school term that they name; "" if there is none."""
    work_title: bool
    """Whether they are about work or the return from it."""
    channel: str | None
    """The way of working that the title is about (灵活就业人员登记表), if it is about one other than going away."""

    @property
    def month_title(self) -> bool:
        """Whether they name the month or months of each row, rather than a period of several months."""
        return bool(self.titled.months) and not self.titled.several


def headlines(found: Found) -> Headlines:
    """The headlines of a table."""
    return _read(tuple(found.titles), found.sheet.name, found.sheet.file)


@lru_cache(maxsize=64)  # a table is compared with some forty rosters
def _read(titles: tuple[str, ...], sheet: str, file: str) -> Headlines:
    lines = [*titles, sheet]
    titled = _months(lines, sheet, file)
    of_file = TitleMonths() if titled else read_months([file])
    course = any("培训" in title for title in titles)
    return Headlines(
        carrier=carrier_of(titles),
        titled=of_file or titled,
        month_from_file=bool(of_file),
        course_title=course,
        course_span=course and any(map(_COURSE_SPAN.search, titles)),
        gift_title=any(map(_GIFT.search, lines)) and not any(map(_WORKED_FOR.search, lines)),
        check_title=any(map(_CHECK.search, [*lines, file])) and not any(map(_EARNED.search, lines)),
        occasion_title=any(map(_OCCASION.search, lines)),
        recognised_title=any(_RECOGNISED.search(title) and not _EARNED.search(title) for title in lines),
        post_title=any(map(_POST.search, titles)),
        term_title=next((hit[0] for hit in map(_TERM.search, lines) if hit), ""),
        work_title=any(map(_WORK.search, lines)),
        channel=_channel(titles[:1] or lines),
    )


def _channel(titles: Sequence[str]) -> str | None:
    text = "".join(titles)
    named = [code for code, words in _CHANNELS.items() if words.search(text)]
    return named[0] if len(named) == 1 and not _SEVERAL_CHANNELS.search(text) else None


def _months(lines: Sequence[str], sheet: str, file: str) -> TitleMonths:
    """The months that the titles name, otherwise the month that is the sheet's name (3月)."""
    titled = read_months(lines)
    if not titled and (month := month_of_heading(plain(sheet))) and (year := month[0] or year_of([*lines, file])):
        return TitleMonths((f"{year}-{month[1]:02d}",))
    return titled
