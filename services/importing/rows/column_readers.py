"""Readers for columns whose cells mean something only below their heading, or with the year of the title."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from domain.errors import FieldError
from domain.fuzzy_dates import lacks_year, relative
from domain.identity import half_width
from domain.lunar import without_year
from domain.words import _
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Heading
from services.importing.tables.title_months import in_figures, only_year
from services.importing.values.cells import REPAIR, WARN, Notice, Reader, text_of

_NO_INSURANCE = re.compile("[否无未没×/0—-]|没有|[未没无](?:有)?(?:参加?保|缴纳?|参加|社保)(?:险)?")
_SOME_INSURANCE = re.compile("[是有√1]|已?(?:参加?保|缴纳?|参加|办理)(?:险)?|正常(?:参保|缴费)?")
_KIND_OF_INSURANCE = re.compile(r"养老|医|失业|工伤|生育|险|农合|居民|职工|大病|公积金")
_SIGNED = re.compile(r"^\s*(?:已经?|有)?签订?了?(?=[劳用][动务工])")
"""签订 in 签订劳动合同."""
_BY_THE_DAY = re.compile(r"元?(?:[/每一][天日])$")


def in_yuan(read: Reader, times: int) -> Reader:
    """A reader for a column whose amounts must be multiplied by `times` to be yuan; other text is passed on unchanged."""
    if times == 1:
        return read

    def converted(cell: Any, notices: list[Notice]) -> Any:
        try:
            amount = Decimal(half_width(text_of(cell)).replace(",", "")) * times
        except InvalidOperation:
            return read(cell, notices)
        notices.append(
            Notice(REPAIR, "unit", _("表里的单位是 {times} 元，换算成 {amount} 元").format(times=times, amount=f"{amount.normalize():f}"))
        )
        return read(f"{amount.normalize():f}", notices)

    return converted


FULL: Final = frozenset({"全勤", "满勤", "出满勤", "全月出勤", "全月全勤", "整月全勤"})
"""What stands for every day of a month."""


def days_reader(read: Reader, _heading: Heading | None = None) -> Reader:
    """A reader for days of attendance; one of `FULL` is passed on unchanged."""
    return lambda cell, notices: plain(cell) if plain(cell) in FULL else read(cell, notices)


def labour_reader(read: Reader, heading: Heading) -> Reader:
    """A reader for a column of labour types. Below 劳动能力, 有 and 无 are clear; below 劳动技能 they may mean a skill, and are refused."""

    def checked(cell: Any, notices: list[Notice]) -> Any:
        text = text_of(cell)
        if text in ("有", "无", "没有") and "技能" not in heading.text:
            return read("有劳动能力" if text == "有" else "无劳动能力", notices)
        if text in ("有", "无", "没有", "无劳动技能", "无技能"):
            message = _(
                "「{text}」分不清是有没有技能，还是有没有劳动能力，请写普通劳动力、技能劳动力、弱劳动力或半劳动力、丧失劳动力或无劳动力"
            )
            raise FieldError(message.format(text=text), "choice")
        return read(cell, notices)

    return checked


def outcome_reader(read: Reader, _heading: Heading) -> Reader:
    """A reader for the result of a course. 是否合格 may be answered by 是; that a person did not pass has no code."""

    def checked(cell: Any, notices: list[Notice]) -> Any:
        text = text_of(cell)
        if text in ("否", "×", "不合格", "未合格", "不及格", "未结业", "未通过"):
            notices.append(Notice(WARN, "outcome", _("「{text}」没有对应的结果，该格留空，请核对").format(text=text)))
            return None
        return read("合格" if text in ("是", "√", "通过", "及格", "优秀", "良好") else cell, notices)

    return checked


def contract_reader(read: Reader, heading: Heading) -> Reader:
    """A reader for a column of contracts. √ below 是否签订劳动合同 is a labour contract; below 是否签订合同 its sort is not known."""

    def checked(cell: Any, notices: list[Notice]) -> Any:
        text = text_of(cell)
        if text in ("×", "0", "未签订", "没签", "没有"):
            return read("无", notices)
        if text not in ("是", "√", "1", "有", "已签", "已签订"):
            return read(_SIGNED.sub("", cell) if isinstance(cell, str) else cell, notices)
        if "劳动合同" in heading.text and "协议" not in heading.text:
            return read("劳动合同", notices)
        notices.append(Notice(WARN, "contract", _("只写了签了合同，没有写是劳动合同还是劳务协议，合同类型没有登记")))
        return None

    return checked


def insured_reader(read: Reader, _heading: Heading) -> Reader:
    """A reader for a column of insurances. 是, an amount or 个人缴纳 do not say which."""

    def checked(cell: Any, notices: list[Notice]) -> Any:
        text = text_of(cell)
        if _NO_INSURANCE.fullmatch(text):
            return None
        if text and (_SOME_INSURANCE.fullmatch(text) or not _KIND_OF_INSURANCE.search(text)):
            notices.append(Notice(WARN, "insured", _("看不出参加的是哪几种社会保险，该格留空")))
            return None
        return read(cell, notices)

    return checked


def by_the_day(read: Reader) -> Reader:
    """A reader for the pay of a day's work, of which 200元/天 is a usual form."""
    return lambda cell, notices: read(_BY_THE_DAY.sub("", cell) if isinstance(cell, str) else cell, notices)


_MONTH = re.compile(r"(1[0-2]|0?[1-9])(?:月份?|$)", re.ASCII)
_DAY = re.compile(r"(1[0-2]|0?[1-9])[./-]([12]\d|3[01]|0?[1-9])[日号]?", re.ASCII)
"""3.16 in a column of dates. Only text: a number loses its last zero, so that 3.1 may be the tenth."""

_DAYS = re.compile(r"^(1[0-2]|0?[1-9])\.([12]\d|3[01]|0?[1-9])\s*[-—~至到]+\s*(1[0-2]|0?[1-9])\.([12]\d|3[01]|0?[1-9])$", re.ASCII)
"""5.6-5.20 in a column of starts and ends."""


def of_the_year(read: Reader, titles: Sequence[str], month: str | None, *, days: bool = False) -> Reader:
    """A reader for dates without a year (3月, 3月5日, 3月-11月, 正月十六, and 3.16 in columns of `days`) if the titles state it; the
    repair is recorded. If they state only one `month` (2023年5月), its year applies to the days of that month."""
    year = only_year(titles)
    if year is None and month is None:
        return read

    def dated(cell: Any, notices: list[Notice]) -> Any:
        text = _DAYS.sub(r"\1月\2日-\3月\4日", in_figures(text_of(cell))) if isinstance(cell, str) else in_figures(text_of(cell))
        short = _DAY.fullmatch(text) if days and isinstance(cell, str) else None
        if short:
            text = f"{int(short[1])}月{int(short[2])}日"
        said = _MONTH.match(text)
        of = str(year or (month[:4] if month and said and int(said[1]) == int(month[5:]) else ""))
        if relative(text) and (year or month):
            raise lacks_year(text, int(year or str(month)[:4]))
        if not of or (said is None and not without_year(text)):
            return read(cell, notices)
        filled = f"{of}-{int(said[1]):02d}" if said and said.end() == len(text) else f"{of}年{text}"
        notices.append(Notice(REPAIR, "year", _("没有写年份，按标题或文件名记为 {month}").format(month=filled)))
        return read(filled, notices)

    return dated


_WRONGS = (
    ("欠薪", re.compile("(?<![未无没不有])(?:(?<![未无没不有]拖)欠.{0,4}(?:工资|薪|钱|款)|拖?欠薪)")),
    ("工伤", re.compile("(?<![未无没不有])(?:工伤|[砸摔烫碰轧割压]伤|受伤)")),
    ("未签合同", re.compile("[未没不].{0,2}签")),
)


def wrong_reader(read: Reader, _heading: Heading) -> Reader:
    """A reader for what happened to a worker, which offices write as a sentence: 拖欠工资12000元."""

    def checked(cell: Any, notices: list[Notice]) -> Any:
        said = [label for label, words in _WRONGS if words.search(text_of(cell))]
        return read(said[0] if len(said) == 1 else cell, notices)

    return checked


BELOW_HEADING: Mapping[str, Callable[[Reader, Heading], Reader]] = {
    "attendance.days": days_reader,
    "person.labour": labour_reader,
    "enrolment.outcome": outcome_reader,
    "employment.contract": contract_reader,
    "employment.insured": insured_reader,
    "rights_issue.type": wrong_reader,
}
"""Columns whose words mean something only below their heading."""
