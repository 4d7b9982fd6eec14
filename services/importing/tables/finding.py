"""Finds the tables of a sheet: headings of one to three rows anywhere in its first thirty rows, and again further down.

A heading row is a row most of whose cells are known column names of a record kind or roster. The rows above it are titles; they name the
village, the workshop, the course and the months.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

from services.importing.tables.heading_words import loosely, plain
from services.importing.tables.headings import (
    HALVES,
    ID_LIKE,
    QUARTER,
    Heading,
    blank,
    dates_across,
    days_across,
    identity_words,
    in_pairs,
    is_column_word,
    is_heading_row,
    known_words,
    month_of_heading,
    unambiguous_words,
)
from services.importing.tables.rosters import common_columns
from services.importing.values.cells import text_of
from services.office_files.limits import SEARCHED_ROWS
from services.office_files.reading import Sheet

_ENGLISH = re.compile(r"[A-Za-z][A-Za-z .,_/()-]*", re.ASCII)
_PART = re.compile(
    r"[(（]?(?:第?[一二三四五六七八九十\d]{1,3}(?:[批组期班]|[、.．])|[一二三四五六七八九十\d]{1,2}月份?(?:工资|补贴)?[)）:：]?$)"
)
"""Start of a line above one of several parts of a list: 第二批（3月6日，火车）, 11月份."""
_SUM = re.compile("(?:本页|本组|累计)?(?:小计|合计|总计|共计)")
_IN_HAN = str.maketrans("1234", "一二三四")
_MAX_TITLES = 6
_MAX_HEADING_ROWS = 3


@dataclass
class FoundTable:
    """A table in a sheet; row numbers are indices from 0, `end` is exclusive."""

    sheet: Sheet
    heading_row: int
    start: int
    end: int
    headings: list[Heading]
    titles: list[str] = field(default_factory=list)
    above: int = 0
    """The number of title rows directly above the headings."""
    within: range | None = None
    """Its columns, if there is another table beside it."""
    unfolded: list[list[Any]] | None = None
    """Its rows, if each row of the sheet was split into several."""
    numbers: list[int] | None = None
    """The row numbers in the sheet of `unfolded`."""
    note: str = ""
    """What was done to its rows, for the clerk."""
    again: list[range] = field(default_factory=list)
    """Rows that repeat the titles and headings at the top of another page."""

    @property
    def uncomputed(self) -> bool:
        """Whether a formula in the table has no result."""
        return any(self.start <= row < self.end for row, _column in self.sheet.uncomputed)

    def split(self, headings: list[Heading], rows: Sequence[tuple[int, list[Any]]], note: str) -> FoundTable:
        """The table with other rows, each with the index of the row from which it comes."""
        numbers = [self.numbers[i] if self.numbers is not None else self.start + i + 1 for i, _cells in rows]
        return replace(self, headings=headings, unfolded=[cells for _i, cells in rows], numbers=numbers, note=note)

    def with_columns(
        self,
        words: Sequence[tuple[str, str]],
        rows: Iterable[tuple[int, Sequence[Any], Sequence[Any]]],
        note: str,
        without: Container[Heading | None] = (),
    ) -> FoundTable:
        """The table without some headings and with other rows: the index of the row from which each comes, its cells, and further cells,
        whose columns on the right have the `words` (shown, matched)."""
        width = self.width
        own = [Heading(width + at, text, (plain(word),)) for at, (text, word) in enumerate(words)]
        made = [(i, [*cells, *[""] * (width - len(cells)), *further]) for i, cells, further in rows]
        return self.split([*(one for one in self.headings if one not in without), *own], made, note)

    @property
    def width(self) -> int:
        """The number of columns up to the last with a heading or a cell."""
        return max(max(map(len, self.rows()), default=0), 1 + max(heading.index for heading in self.headings))

    def padded(self) -> list[list[Any]]:
        """Its rows, all of them as long as the longest."""
        width = self.width
        return [[*row, *[""] * (width - len(row))] for row in self.rows()]

    def rows(self) -> list[list[Any]]:
        """The cells below the headings; cells of another table beside it and repeated headings are blank."""
        if self.unfolded is not None:
            return self.unfolded
        rows, within = self.sheet.rows[self.start : self.end], self.within
        for at in (at - self.start for again in self.again for at in again):
            rows[at] = [""] * len(rows[at])
        return rows if within is None else [[cell if at in within else "" for at, cell in enumerate(row)] for row in rows]


def find_tables(sheet: Sheet, asked: Container[str] = ()) -> list[FoundTable]:
    """The tables of a sheet from top to bottom; empty without a heading row in the first thirty rows. For `asked` see `is_heading_row`."""
    rows = sheet.rows
    found: list[FoundTable] = []
    telling = set(unambiguous_words())
    at, after_break = 0, True
    while at < len(rows) and (found or at < SEARCHED_ROWS):
        row = rows[at]
        may_begin = after_break or not found or not telling.isdisjoint(row)
        if may_begin and (is_heading_row(row, asked) or _above_headings(sheet, at)):
            telling.update(_telling(row))
            at, after_break = _begun(sheet, at, found), False
        else:
            at, after_break = at + 1, len(row) - row.count("") - row.count(None) <= 2
    for part in (_side_by_side, _by_quarter):
        found = [one for table in found for one in part(table)]
    return found


def _telling(row: Sequence[Any]) -> list[str]:
    """The cells of a heading row that data rows rarely contain."""
    return [cell for cell in row if isinstance(cell, str) and is_column_word(cell) and plain(cell) in unambiguous_words()]


def _begun(sheet: Sheet, at: int, found: list[FoundTable]) -> int:
    """Add the table whose headings are in row `at`, or continue the one before if it is only another page; the index of its first row."""
    rows, before = sheet.rows, found[-1] if found else None
    table = _table_at(sheet, at, before)
    if before is None or not _is_next_page(before, table):
        found.append(table)
        return table.start
    under = rows[table.start : table.start + 1]  # the column numbers, repeated
    table.start += under == rows[before.start : before.start + 1] and not ID_LIKE.search(str(under))
    top = table.heading_row
    before.again.append(range(top - max(table.above, _is_group_row(sheet, top - 1)), table.start))
    before.end = len(rows)
    return table.start


def _above_headings(sheet: Sheet, at: int) -> bool:
    """Whether a row has a column of names, and below it the days of a month (attendance as 钉钉 exports it) or the headings of its groups:
    the name is merged downwards, and a group sideways (围裙 above 件数 and 单价)."""
    named = [index for index, cell in enumerate(sheet.rows[at]) if isinstance(cell, str) and plain(cell) in identity_words()[0]]
    down = any(first in [(at, index) for index in named] and last[0] > at for first, last in sheet.merged)
    across = any(first[0] == at == last[0] for first, last in sheet.merged)
    return bool(named) and at + 1 < len(sheet.rows) and ((down and across) or bool(days_across(sheet.rows[at + 1])))


def _by_quarter(table: FoundTable) -> list[FoundTable]:
    """Split a table that repeats its headings below each quarter of a year into one table for each, titled with the quarter."""
    common: list[Heading] = []
    parts: dict[str, list[Heading]] = {}
    for heading in table.headings:
        hit = QUARTER.match(heading.words[0]) or QUARTER.fullmatch(heading.words[-1])
        words = [QUARTER.sub("", word, count=1) for word in heading.words]
        if hit is None:
            common.append(heading)
        elif (own := tuple(dict.fromkeys(filter(None, words)))) and own[-1] not in common_columns()["total"]:
            parts.setdefault(hit[1].translate(_IN_HAN), []).append(Heading(heading.index, heading.text, own))
    if len(parts) < 2:
        return [table]
    titles = [QUARTER.sub("", title) for title in table.titles]
    return [
        replace(table, headings=sorted([*common, *parts[quarter]], key=lambda one: one.index), titles=[*titles, f"第{quarter}季度"])
        for quarter in "一二三四"
        if quarter in parts
    ]


def _side_by_side(table: FoundTable) -> list[FoundTable]:
    """Split a table that continues to the right with the same headings, to save paper, or has a table of other people beside it."""
    headings = table.headings
    begins = [at for at, heading in enumerate(headings) if heading.text == headings[0].text]
    blocks = _blocks(headings, begins)
    texts = [[heading.text for heading in block] for block in blocks]
    if len(blocks) < 2 or len(texts[0]) < 2 or any(one != texts[0] for one in texts):
        blocks = _blocks(headings, [0, *_other_people(headings)])
    if len(blocks) < 2:
        return [table]
    ends = [*(block[0].index for block in blocks[1:]), blocks[-1][-1].index + 1]
    spans = [range(block[0].index, end) for block, end in zip(blocks, ends, strict=True)]
    return [
        replace(table, headings=block, within=span, titles=_titles_over(table, spans, span) or table.titles)
        for block, span in zip(blocks, spans, strict=True)
    ]


def _blocks(headings: list[Heading], begins: Sequence[int]) -> list[list[Heading]]:
    return [headings[low:high] for low, high in zip(begins, [*begins[1:], len(headings)], strict=True)]


def _other_people(headings: Sequence[Heading]) -> list[int]:
    """The headings at which tables of other people begin, with those before that also precede the first name (序号)."""
    called = [[at for at, heading in enumerate(headings) if loosely(heading.words[-1]) in words] for words in identity_words()]
    if not all(called):
        return []
    again = [[at for at in places[1:] if _named_again(headings, places[0], at)] for places in called]
    lead = {heading.text for heading in headings[: min(map(min, called))]}
    begins: list[int] = []
    for at in map(min, zip(*again, strict=False)):
        while headings[at - 1].text in lead:
            at -= 1
        begins.append(at)
    return begins


def _named_again(headings: Sequence[Heading], first: int, at: int) -> bool:
    """Whether a heading repeats another: wholly, or below another group (二、返乡人员) that a blank column separates from the first."""
    gap = next((i for i in range(at, first, -1) if headings[i].index > headings[i - 1].index + 1), None)
    return headings[at].words == headings[first].words or (gap is not None and headings[at].words[-1] == headings[first].words[-1])


def _titles_over(table: FoundTable, spans: Sequence[range], span: range) -> list[str]:
    """The titles of one of several tables side by side. A line with text above each of them is divided among them."""
    titles = []
    for row in table.sheet.rows[table.heading_row - table.above : table.heading_row]:
        apart = all(one.start < len(row) and not blank(row[one.start]) for one in spans)
        titles += [str(cell).strip() for at, cell in enumerate(row) if not blank(cell) and (not apart or at in span)]
    return titles


def _table_at(sheet: Sheet, at: int, before: FoundTable | None) -> FoundTable:
    """The table whose heading row is at `at`, or one row higher if that has headings too. The table before ends where its titles begin."""
    low = before.start if before else 0
    at -= at > low and _mixes_headings_and_groups(sheet, at - 1)
    first_title = at
    while first_title > low and at - first_title < _MAX_TITLES and _title_like(sheet.rows[first_title - 1], alone=before is not None):
        first_title -= 1
    titles = [text for row in sheet.rows[first_title:at] for text in _title_texts(row)]
    if before is not None:
        before.end = first_title
        titles = titles or before.titles
    height = _height(sheet, at)
    start = at + height + _repeats_in_english(sheet, at + height)
    headings = _headings(sheet, at, height)
    if before is not None and headings == before.headings and len(titles) < len(before.titles) and all(map(_PART.match, titles)):
        titles = [*before.titles[: -len(titles)], *titles]
    return FoundTable(sheet, at, start, len(sheet.rows), headings, titles, at - first_title)


def _title_texts(row: Sequence[Any]) -> list[str]:
    """The texts of a row of titles; labels with the values beside them as 户编号：1001."""
    cells = [cell for cell in row if not blank(cell)]
    if in_pairs(cells, titles=True):
        return [f"{text_of(label).strip()}：{text_of(value).strip()}" for label, value in zip(cells[::2], cells[1::2], strict=True)]
    return [str(cell).strip() for cell in cells]


def _repeats_in_english(sheet: Sheet, at: int) -> bool:
    """Whether a row below the headings repeats them in English."""
    cells = [str(cell) for cell in sheet.rows[at] if not blank(cell)] if at < len(sheet.rows) else []
    return len(cells) > 1 and all(map(_ENGLISH.fullmatch, cells)) and any(plain(cell) in identity_words()[0] for cell in cells)


def _mixes_headings_and_groups(sheet: Sheet, at: int) -> bool:
    """Whether a row mixes headings (with nothing below) and group names of the headings in the row below."""
    top, sub = sheet.rows[at], sheet.rows[at + 1]
    alone = [blank(sub[i]) for i, cell in enumerate(top) if not blank(cell) and (not blank(sub[i]) or plain(cell) in known_words())]
    return len(set(alone)) == 2 and _height(sheet, at) == 2


def _is_next_page(before: FoundTable, table: FoundTable) -> bool:
    """Whether a table is another page of the one before it: the same headings, and the same titles or none."""
    shown = [[(heading.index, heading.text) for heading in one.headings] for one in (before, table)]
    return shown[0] == shown[1] and set(table.titles) <= set(before.titles)


def _title_like(row: Sequence[Any], *, alone: bool) -> bool:
    """Whether a row may be a title: above the first table any row; between tables at most two cells, not a serial number and a name."""
    if not alone:
        return True
    cells = [plain(cell) for cell in row if not blank(cell)]
    return len(cells) <= 2 and not (len(cells) == 2 and (cells[0].isdecimal() or _SUM.match(cells[0])))


def _height(sheet: Sheet, at: int) -> int:
    """The number of heading rows: as far as merged cells reach, or two if there is a second row of words below empty cells."""
    merged = [last[0] - at + 1 for first, last in sheet.merged if first[0] == at and last[0] > at]
    if merged:
        return min(max(merged), _MAX_HEADING_ROWS)
    return 2 if at + 1 < len(sheet.rows) and _is_second_row(sheet, at) else 1


def _is_second_row(sheet: Sheet, at: int) -> bool:
    """Whether the row below the heading row `at` has halves or days below it, or names below some of its cells and none below others."""
    top, sub = sheet.rows[at], sheet.rows[at + 1]
    under = [(top[i], cell) for i, cell in enumerate(sub) if not blank(cell)]
    days = list(days_across(sub))
    if (under and {plain(cell) for _above, cell in under} <= HALVES[0] | HALVES[1]) or (days and all(blank(top[i]) for i in days[1:])):
        return True
    empty_below = any(not blank(cell) and blank(sub[i]) and plain(cell) in known_words() for i, cell in enumerate(top))
    words = len(under) >= 2 and all(isinstance(cell, str | date) and not re.search(r"\d{7}", str(cell)) for _above, cell in under)
    nobody = any(isinstance(cell, str) and plain(cell) in identity_words()[0] and blank(sub[i]) for i, cell in enumerate(top))
    beside = any(blank(above) for above, _cell in under)
    return empty_below and words and beside and (nobody or _names_columns(_spread(sheet, at, below=True), sub))


def _names_columns(over: Sequence[Any], sub: Sequence[Any]) -> bool:
    """Whether most cells of a row name columns together with the cells above them."""
    names = [_words([str(over[i]), str(_heading_text(cell))]) for i, cell in enumerate(sub) if not blank(cell)]
    return sum(any(map(is_column_word, words)) for words in names) * 2 >= len(names)


def _headings(sheet: Sheet, at: int, height: int) -> list[Heading]:
    group = at - 1 if at and _is_group_row(sheet, at - 1) else None
    rows = ([group] if group is not None else []) + list(range(at, at + height))
    levels = [_spread(sheet, row, below=row + 1 < at + height) for row in rows]
    headings = []
    days = {index: day for row in range(at, at + height) for index, day in days_across(sheet.rows[row]).items()}
    dates = {index: day for level in levels for index, day in dates_across(level).items()}
    for index, cells in enumerate(zip(*levels, strict=False)):
        texts = [str(_heading_text(cell)) for cell in cells if not blank(cell)]
        parts = [text for text, _same in groupby(filter(None, texts))]
        if parts:
            headings.append(Heading(index, _shown(parts, group is not None), _words(parts), days.get(index), dates.get(index)))
    return headings


def _heading_text(cell: Any) -> str:
    return plain(cell) if isinstance(cell, date | float) else re.sub(r"\s+", "", str(cell))


def _shown(parts: list[str], grouped: bool) -> str:
    return parts[-1] if grouped or len(parts) == 1 or month_of_heading(plain(parts[-1])) else "".join(parts)


def _words(parts: list[str]) -> tuple[str, ...]:
    """`合同起止` over `开始` → 合同起止开始, 合同开始, 开始; `务工情况` over `单位` → 务工单位."""
    last = plain(parts[-1])
    words = []
    for over in reversed(parts[:-1]):
        words += [plain(over) + last, re.sub("起止|时间|日期|期限|情况|信息", "", plain(over)) + last]
    return tuple(dict.fromkeys([*words, last]))


def _is_group_row(sheet: Sheet, at: int) -> bool:
    """Whether a row has group names above the headings: several cells, some merged sideways; one is enough beside cells merged down."""
    blocks = sum(first[0] == at == last[0] for first, last in sheet.merged)
    down = any(first[0] == at and last[0] > at for first, last in sheet.merged)
    cells = [cell for cell in sheet.rows[at] if not blank(cell)]
    return blocks >= (1 if down else 2) and len(cells) >= 2 and not in_pairs(cells)


def _spread(sheet: Sheet, at: int, *, below: bool) -> list[Any]:
    """A heading row with the text of merged cells repeated in all their cells; `below` tells that more heading rows follow."""
    row = list(sheet.rows[at])
    for (top, left), (bottom, right) in sheet.merged:
        if top <= at <= bottom and not (top == at and left == 0 and right >= len(row) - 1):
            row[left : right + 1] = [sheet.rows[top][left]] * len(row[left : right + 1])
    return _carried_right(row, sheet.rows[at + 1]) if below and not sheet.merged else row


def _carried_right(row: list[Any], below: Sequence[Any]) -> list[Any]:
    """A row of groups without merged cells (CSV), with a group's name, which is only above its first column, above its others."""
    for index in range(1, len(row)):
        if blank(row[index]) and not blank(below[index]):
            row[index] = row[index - 1]
    return row
