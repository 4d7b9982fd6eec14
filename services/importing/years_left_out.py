"""Reads dates without a year (3月5日, 3.16) with the year that the title states."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from domain.lunar import without_year
from domain.words import _
from services.importing.cells import REPAIR, Notice, text_of
from services.importing.title_months import in_figures, only_year

_MONTH = re.compile(r"(1[0-2]|0?[1-9])(?:月份?|$)", re.ASCII)
_DAY = re.compile(r"(1[0-2]|0?[1-9])[./-]([12]\d|3[01]|0?[1-9])[日号]?", re.ASCII)
"""3.16 in a column of dates. Only text: a number loses its last zero, so that 3.1 may be the tenth."""

_DAYS = re.compile(r"^(1[0-2]|0?[1-9])\.([12]\d|3[01]|0?[1-9])\s*[-—~至到]+\s*(1[0-2]|0?[1-9])\.([12]\d|3[01]|0?[1-9])$", re.ASCII)
"""5.6-5.20 in a column of starts and ends."""

Reader = Callable[[Any, list[Notice]], Any]


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
        if not of or (said is None and not without_year(text)):
            return read(cell, notices)
        filled = f"{of}-{int(said[1]):02d}" if said and said.end() == len(text) else f"{of}年{text}"
        notices.append(Notice(REPAIR, "year", _("没有写年份，按标题记为 {month}").format(month=filled)))
        return read(filled, notices)

    return dated
