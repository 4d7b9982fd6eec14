"""Tables whose columns are answers: ticked columns (外出务工 | 公益岗 | 待业) become one column with the words, a column for each service
(职业指导 | 岗位推荐 | 技能培训) becomes a row for each service. Also joins ID numbers split over two cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from domain.fields import Field, declaration
from domain.records import Service
from domain.words import _
from services.importing.columns.binding import Binding
from services.importing.columns.headlines import services_given
from services.importing.columns.repeated import by_purpose, cell_of, deaths_kept, turns_split
from services.importing.columns.sections import sections_as_column
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import known_by, plain
from services.importing.tables.headings import Heading, identity_words, is_column_word, month_of_heading
from services.importing.tables.rosters import field_of, ticked_fields
from services.importing.tables.title_months import TitleMonths, with_years, year_of
from services.importing.tables.titles import is_about
from services.importing.values.cells import is_empty, text_of

_TICKS = frozenset("√ ✓ ✔ ☑ ■ ● 是 有 1 v y".split())
_NO_TICKS = frozenset("× x 否 无 没有 0 □ ○ n".split())
_DAY_AHEAD = re.compile(
    r"(?:(?:20)?\d\d[-./年]\d{1,2}[-./月]\d{1,2}|(?:20\d\d年)?\d{1,2}月\d{1,2})[日号]?(?![\d.])|20\d\d(?:0\d|1[0-2])[0-3]\d(?!\d)", re.ASCII
)
_SERIALS = range(36_000, 60_000)
"""Serial numbers of days from 1998 to 2064."""
_ID_NUMBER = re.compile(r"\d{17}[\dXx]", re.ASCII)
_PERSON = re.compile(r"([一-龥·]{2,6})\s*[(（:：,，]?\s*(?:(?:身份)?证号?码?[:：]?)?\s*(\d{17}[\dXx])(?!\d)[)）]?[、，,;；\s]*", re.ASCII)
"""A name with the person's ID number behind it."""
_NEGATED = re.compile("[未无不没非]")
_RESULT = re.compile("结果|反馈|意见")
_WISHED = re.compile("需|是否|意愿|想|愿|希望|拟|计划")
"""Headings of services that people ask for."""
_MOST_DOUBLE = 10
"""At most one row in so many may have two ticks; with more the columns do not exclude each other."""


def unfolded(found: FoundTable, recognised: Callable[[FoundTable], Binding | None]) -> FoundTable:
    """The table with its ticked columns joined, and with one row for each service; unchanged if it has none of these. Ticked columns are
    joined for the first field that is read from the table then (`recognised`)."""
    if found.uncomputed:
        return found
    found = deaths_kept(by_purpose(_numbers_parted(found), recognised), recognised)
    found = sections_as_column(found, recognised)
    found = turns_split(_months_ticked(_numbers_joined(found), recognised), recognised)
    for target, joined in _ticks_joined(found, _only_ticks(found)):
        binding = recognised(joined)
        if binding is not None and joined.headings[-1] in ([binding.columns.get(target)] if target else binding.columns.values()):
            return joined
    return _services_split(found)


@cache
def _codes(f: Field) -> Mapping[str, str]:
    """The words for the choices of a field, in `plain` form → label."""
    labels = f.choices or {}
    return {plain(word): labels[code] for word, code in (*((label, code) for code, label in labels.items()), *(f.synonyms or {}).items())}


def _ticked(cell: Any) -> bool:
    return plain(cell) in _TICKS


def _no_tick(cell: Any) -> bool:
    return is_empty(cell) or plain(cell) in _NO_TICKS


def _named(found: FoundTable, f: Field) -> Heading | None:
    """The column that a field's own name heads."""
    words = {plain(word) for word in (f.label, *f.aliases)}
    return next((heading for heading in found.headings if known_by(heading.words, words)), None)


# ---------------------------------------------------------------- numbers in several cells, or beside names


def _numbers_parted(found: FoundTable) -> FoundTable:
    """The table with a row for each person if a column holds names and ID numbers together (王芳（230826…）、李强（230826…）) and none only
    numbers."""
    rows = found.rows()
    for heading in found.headings if not any(one.words[-1] in identity_words()[1] for one in found.headings) else ():
        cells = [text_of(cell_of(row, heading)) for row in rows]
        if _PERSON.match(next(filter(None, cells), "")) and all(not _PERSON.sub("", cell) for cell in cells):
            made = ((i, rows[i], person) for i, cell in enumerate(cells) for person in _PERSON.findall(cell) or [("", "")])
            note = _("「{column}」写着姓名和号码，按一人一行读入").format(column=heading.text)
            return found.with_columns([("姓名", "姓名"), ("证件号码", "证件号码")], made, note, [heading])
    return found


def _numbers_joined(found: FoundTable) -> FoundTable:
    """The table with an ID number that is split over neighbouring cells (two, or one for each digit) in one."""
    first = next((one for one in found.headings if one.words[-1] in identity_words()[1]), None)
    if first is None:
        return found
    others = [heading.index for heading in found.headings if heading.index > first.index and heading.words != first.words]
    own = range(first.index, min(others, default=max(map(len, found.rows()), default=0)))
    parts = [[text_of(cell) for cell in row[own.start : own.stop]] for row in found.rows()] if len(own) > 1 else []
    whole = [_ID_NUMBER.fullmatch("".join(cells)) is not None for cells in parts if sum(map(bool, cells)) > 1]
    if not whole or not all(whole):
        return found
    made = [(i, [*row[: own.start], "".join(parts[i]), *[""] * (len(own) - 1), *row[own.stop :]]) for i, row in enumerate(found.rows())]
    return found.split([one for one in found.headings if one is first or one.index not in own], made, found.note)


# ---------------------------------------------------------------- ticked columns


def _only_ticks(found: FoundTable) -> list[Heading]:
    """The columns with nothing but ticks, and blanks."""
    rows = found.rows()
    return [
        heading
        for heading in found.headings
        if all(_ticked(cell) or _no_tick(cell) for cell in (cell_of(row, heading) for row in rows)) and heading.day is None
    ]


def _ticks_joined(found: FoundTable, only_ticks: Sequence[Heading]) -> Iterator[tuple[str, FoundTable]]:
    """The table with ticked columns as one of the words chosen, the last: for each field of which they name choices (its target), and for
    each heading that they have above them ("", several may be ticked)."""
    rows = found.rows()
    for target, text, word, chosen in (*_sets_of_fields(found, only_ticks), *_sets_below(only_ticks)):
        ticks = [[heading for heading in chosen if _ticked(cell_of(row, heading))] for row in rows]
        double, single = (sum(test(len(one)) for one in ticks) for test in ((1).__lt__, (1).__eq__))
        if (double or single) and (not target or double * _MOST_DOUBLE <= single):
            note = _("打勾的几列（{columns}）合为一列，按「{label}」读入").format(columns="、".join(_names(chosen)), label=_(word))
            made = ((i, row, ["、".join(chosen[one] for one in ticks[i])]) for i, row in enumerate(rows))
            yield target, found.with_columns([(text, word)], made, note, without=chosen)


_Ticked = tuple[str, str, str, dict[Heading, str]]
"""A target or "", the text and the word of the column to make, and the words of the ticked columns."""


def _sets_of_fields(found: FoundTable, only_ticks: Sequence[Heading]) -> Iterator[_Ticked]:
    """The columns that name choices of a field, the most first."""
    fields = [(target, f) for target in ticked_fields() if (f := field_of(target)) is not None and _named(found, f) is None]
    sets = [(target, f, chosen) for target, f in fields if len(set((chosen := _chosen(f, only_ticks)).values())) > 1]
    for target, f, chosen in sorted(sets, key=lambda one: -len(one[2])):
        yield target, "、".join(_names(chosen)), f.label, chosen


def _sets_below(only_ticks: Sequence[Heading]) -> Iterator[_Ticked]:
    """The columns below one heading that is the name of a column: 岗位 above 保洁员 and 护林员."""
    groups: dict[str, dict[Heading, str]] = {}
    for heading in only_ticks:
        top = heading.words[0].removesuffix(heading.words[-1])
        if top and is_column_word(top):
            groups.setdefault(top, {})[heading] = heading.words[-1]
    return (("", top, top, chosen) for top, chosen in groups.items() if len(chosen) > 1)


def _names(chosen: Mapping[Heading, str]) -> list[str]:
    return [heading.text for heading in chosen]


def _chosen(f: Field, headings: Sequence[Heading]) -> dict[Heading, str]:
    """The headings that name a choice of the field, each with its label."""
    words = _codes(f)
    named = {heading: known_by(heading.words, words) for heading in headings}
    exact = {heading: words[word] for heading, word in named.items() if word is not None}
    others = {heading: _inside(f, heading.words[-1]) for heading in headings if not _NEGATED.search(heading.words[-1])} if exact else {}
    return {heading: label for heading in headings if (label := exact.get(heading) or others.get(heading))}


def _inside(f: Field, text: str) -> str | None:
    """The label of the choice whose word is in a text, by the longest of the words: 灵活就业 in 就近灵活就业."""
    words = [word for word in _codes(f) if len(word) > 1 and word in text]
    return _codes(f)[max(words, key=len)] if words else None


# ---------------------------------------------------------------- a column for each month, or for each service


def _months_ticked(found: FoundTable, recognised: Callable[[FoundTable], Binding | None]) -> FoundTable:
    """A list of training at work (以工代训) with one row for each month of a person that is ticked or has an amount."""
    months = {heading: month for heading in found.headings if (month := next(filter(None, map(month_of_heading, heading.words)), None))}
    year = year_of([*found.titles, found.sheet.name])
    dates = with_years(list(months.values()), TitleMonths(), year)
    if len(dates) < 2 or not any(is_about("work_training_title", title) for title in found.titles):
        return found
    across = list(zip(months, dates, strict=True))
    made = [(i, row, [day]) for i, row in enumerate(found.rows()) for heading, day in across if _counts(cell_of(row, heading))]
    shown = _("、").join(heading.text for heading in months)
    note = _("一列一个月的（{columns}），打了勾或写了金额的按一个月一行读入").format(columns=shown)
    split = found.with_columns([("月份", "月份")], made, note, without=months) if made else found
    binding = recognised(split) if made else None
    return split if binding is not None and binding.roster.makes == ("work_training",) else found


def _counts(cell: Any) -> bool:
    """Whether a month's cell has a tick, or an amount of at least 100 yuan; a smaller number may be of days."""
    return _ticked(cell) or re.fullmatch(r"[1-9]\d{2,3}(?:\.0*)?", text_of(cell), re.ASCII) is not None


def _services_split(found: FoundTable) -> FoundTable:
    """The table with one row for each service, if at least two sorts of service have columns with the day or a tick."""
    sort, on, result = (declaration(f) for f in (Service.type, Service.on, Service.result))
    named = ((heading, _inside(sort, heading.words[0])) for heading in found.headings if not _WISHED.search(heading.text))
    services = {heading: label for heading, label in named if label} if all(map(services_given, found.titles)) else {}
    rows = found.rows()
    day = _named(replace(found, headings=[one for one in found.headings if one not in services]), on)
    dated = [heading for heading in services if _holds_days(rows, heading, ticks=day is not None)]
    if len({services[heading] for heading in dated}) < 2 or _named(found, sort) is not None:
        return found
    results = {services[heading]: heading for heading in services if heading not in dated and _RESULT.search(heading.words[-1])}
    made, left = list[tuple[int, list[Any], list[Any]]](), []
    for i, row in enumerate(rows):
        for heading, cell in _given(row, dated):
            answer = cell_of(row, results[services[heading]]) if services[heading] in results else ""
            when, rest = (cell_of(row, day), "") if day is not None and _ticked(cell) else _day_ahead(cell)
            left += [rest] if rest else []
            made.append((i, row, [services[heading], when, answer]))
    shown = _("、").join(heading.text for heading in dated)
    note = _("一列一种服务的（{columns}），按一次服务一行读入").format(columns=shown)
    note += _("；日期后面写的没有读入：{text}").format(text=_("、").join(dict.fromkeys(left))[:60]) if left else ""
    return found.with_columns([(_(f.label), f.label) for f in (sort, on, result)], made, note, [*dated, *results.values(), day])


def _holds_days(rows: Sequence[Sequence[Any]], heading: Heading, *, ticks: bool) -> bool:
    """Whether all cells of a column are blank or days, or ticks if `ticks`, and not all are blank."""
    filled = [cell for cell in (cell_of(row, heading) for row in rows) if not _no_tick(cell)]
    return bool(filled) and all(_is_day(cell) or (ticks and _ticked(cell)) for cell in filled)


def _is_day(cell: Any) -> bool:
    if isinstance(cell, date):
        return True
    if isinstance(cell, float | int):
        return int(cell) in _SERIALS
    return _DAY_AHEAD.match(text_of(cell)) is not None


def _day_ahead(cell: Any) -> tuple[Any, str]:
    """A cell's day, and what is written after it."""
    text = text_of(cell)
    hit = _DAY_AHEAD.match(text) if isinstance(cell, str) else None
    return (hit[0], text[hit.end() :].strip(" ,，、:：()（）")) if hit else (cell, "")


def _given(row: Sequence[Any], headings: Sequence[Heading]) -> Iterator[tuple[Heading, Any]]:
    return ((heading, cell) for heading in headings if not _no_tick(cell := cell_of(row, heading)))
