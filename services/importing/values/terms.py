"""Reads the terms of contracts and other documents as ledgers write them: 一年 from the day in another column, 至2026-12-31, 长期; also
starts without a day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from domain import periods
from domain.errors import FieldError
from domain.fuzzy_dates import han_number
from domain.identity import half_width
from domain.words import _
from services.importing.values.cells import HOUR, WARN, Notice, is_empty, text_of, written_out

_HAN_COUNT = "[一二两三四五六七八九十]{1,3}"
_DURATION = re.compile(
    rf"(?:共|为期|期限)?(?:(?P<years>\d|{_HAN_COUNT})(?:周年|年)(?:半|零?(?P<further>\d{{1,2}}|{_HAN_COUNT})个?月)?"
    rf"|(?P<months>\d{{1,2}}|{_HAN_COUNT})个月|半年)(?:期|整|期限)?"
)
"""A duration. 26年, 24年6月 and 3月 are calendar dates: a two-digit year, or a month that is not 个月, is not a duration."""
_DANGLING = re.compile(r"(?<=[\d年月日号])\s*[-－—–~～]+\s*$")
"""2025.1—: work that goes on."""
_UNTIL = re.compile(r"(?:截?[至到止]|截止)(?P<end>\d.*)")
_NO_DOCUMENT = frozenset({"无", "没有", "暂无", "未签", "未签订"})


class Reach(NamedTuple):
    """The term of a document as far as one cell states it: start and end (fuzzy dates), or a number of months."""

    start: str | None = None
    end: str | None = None
    months: int | None = None

    def begun(self, start: str | None) -> Reach:
        """The term with the start from another column, and the end computed from the months."""
        start = self.start or start
        end = self.end
        if end is None and self.months and start and len(start) > 4:
            end = periods.nth_end(periods.first_day(start), self.months)
        return Reach(start, end, self.months)


def read_term(cell: Any, notices: list[Notice], *, may_be_open: bool = False) -> Reach | None:
    """The term of an agreement, insurance or contract; None for an empty cell. A contract's term may be open-ended (`may_be_open`). Raises
    `FieldError`."""
    text = HOUR.sub("", re.sub(r"\s+", "", half_width(text_of(cell))))
    text = re.sub("(?<=[日号])起(?=至)", "", text)
    if is_empty(cell) or text in _NO_DOCUMENT:
        return None
    if (months := months_long(text)) is not None:
        notices.append(_without_start(text))
        return Reach(months=months)
    until = _UNTIL.fullmatch(text)
    if periods.is_ongoing(until["end"] if until else text):
        if not (may_be_open and "无固定" in text):
            notices.append(Notice(WARN, "term", _("「{text}」没有写到哪一天止，期限没有登记").format(text=text[:20])))
        return Reach()
    try:
        if until:
            end = periods.parse_fdate(until["end"])
            notices.append(_without_start(text))
            return Reach(end=end)
        start, _from, long = text.partition("起")
        if (months := months_long(long)) is not None:
            return Reach(periods.parse_date(written_out(start, notices)), months=months).begun(None)
        return Reach(*periods.parse_range(written_out(text, notices)))
    except FieldError as error:
        raise FieldError(str(error), "date") from None


def read_contract_term(cell: Any, notices: list[Notice]) -> Reach | None:
    """The term of a contract, which may be 无固定期限."""
    return read_term(cell, notices, may_be_open=True)


def read_spell(cell: Any, notices: list[Notice]) -> tuple[str, str | None] | None:
    """The start and end of work; a single day below 务工时间 is the start. Raises `FieldError`."""
    if is_empty(cell):
        return None
    try:
        text = written_out(_DANGLING.sub("至今", text_of(cell)), notices)
        if len(day := _single_date(text)) < 10:
            return periods.parse_range(text)
    except FieldError as error:
        raise FieldError(str(error), "date") from None
    notices.append(Notice(WARN, "start", _("只写了一个日期，按开始时间导入，还没有结束时间")))
    return day, None


def _single_date(text: str) -> str:
    """The text as a single date; empty for anything else."""
    try:
        return periods.parse_fdate(text)
    except FieldError:
        return ""


def _without_start(text: str) -> Notice:
    message = _("「{text}」没有写从哪一天起：另有一列写明起始日的按它算，没有的期限不登记，请核对")
    return Notice(WARN, "term", message.format(text=text[:20]))


def months_long(text: str) -> int | None:
    """A duration (一年, 2年, 半年, 一年半, 12个月) in months; None for anything else."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    return (_number(match["years"]) * 12 + _number(match["further"] or match["months"]) + (6 if "半" in text else 0)) or None


def _number(text: str | None) -> int:
    return int(text or 0) if not text or text.isdigit() else han_number(text.replace("两", "二"))


def known_start(said: str, recorded: Iterable[str]) -> str | None:
    """The first recorded day within the month or year, or on the day, that a list states."""
    return min((day for day in recorded if day.startswith(said)), default=None)


def coarse_start(said: str, written: str) -> tuple[str, str]:
    """The first day of the month or year that a list states, and the question for the clerk."""
    day = periods.first_day(said)
    asked = (
        _("只写了「{text}」，没有写到日；收下则按 {day} 登记，不对的请改成哪一天")
        if len(said) == 7
        else _("只写了「{text}」，没有写到月和日；收下则按 {day} 登记，不对的请改成哪一天")
    )
    return day, asked.format(text=written[:20], day=day)
