"""Fills in a table of a form with a row for each person.

A row is about the person with its ID number, otherwise about the only person with its name. Cells with content are not changed; a remark
tells where the records differ. A table without names gets the people of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from domain.errors import InputUnusable
from domain.fields import Field
from domain.identity import masks
from domain.records import SurveyItem
from domain.words import _, chinese
from services.filling import asked, book, options
from services.filling.answers import MONTHLY, Answers, answerable
from services.filling.content import CellContent, span_of
from services.filling.filling import AskedColumn, FilledTable, Filling, Remark
from services.filling.finding import Finder, bare
from services.filling.word import Insertion
from services.importing.columns.binding import Binding
from services.importing.rows.drafting import Context
from services.importing.rows.lines import Lines, shown
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Heading
from services.importing.tables.rosters import field_of
from services.importing.values.cells import Masked
from services.importing.values.id_cells import Number
from services.lists.listing import Filter, Query, ids

EVERYBODY = "all"
_MOST_LISTED = 20_000
_MOST_SHOWN = 2_000
"""Most rows of a table that are shown before saving."""
_WHO = (asked.NAME, asked.NUMBER)
_A_NAME = re.compile("[㐀-䶿一-鿿]{2,4}|[㐀-䶿一-鿿]+·[㐀-䶿一-鿿·]+")
_LEFT = asked.NEVER | {"row"}
"""Columns that nobody expects to be filled in from the records."""
_NO_NAMES = frozenset(
    {"合计", "小计", "总计", "共计", "备注", "说明", "填表人", "制表人", "审核人", "负责人", "经办人", "盖章", "签字", "日期"}
)
"""Words at the foot of a column of names that are not names."""


class Table:
    """One table of a form, with the people of its rows."""

    def __init__(
        self,
        context: Context,
        made: Filling,
        found: FoundTable,
        sheet: Worksheet,
        questions: Mapping[str, Sequence[SurveyItem]],
        before: Table | None = None,
    ) -> None:
        self.context, self.made, self.found, self.sheet, self.questions = context, made, found, sheet, questions
        self.binding: Binding = asked.asked(found)
        self.lines = Lines(found, self.binding, home=context.home.scope)
        months = tuple(month for _heading, month in self.binding.months)
        self.span = span_of([*found.titles, found.sheet.name, found.sheet.file], context.session.today, months)
        self.monthly = "monthly_check" if self.binding.check_title else "post_pay" if self.binding.headlines.tell("post_title") else "wage"
        self.people: dict[int, str] = {}
        """Row number of the sheet → person id."""
        self.filled: dict[tuple[int, int], str] = {}
        """(row, column) of the sheet, from 1 → the text filled in, secrets masked."""
        self.shown = {heading.index: heading for heading in found.headings}
        """The headings to display; with those of the table `before`, if it is another quarter of the same people."""
        self.told: frozenset[int] = frozenset()
        if before is not None and before.found.heading_row == found.heading_row and before.found.within == found.within:
            self.told = frozenset(before.shown)
            self.shown |= before.shown
            self.filled |= before.filled

    def fill(self, who: str) -> None:
        """Fill in the table; a table that is not about people only gets a note."""
        if not {asked.NAME, asked.NUMBER} & set(self.binding.columns):
            self.made.notes.append(_("「{sheet}」第 {row} 行的表没有姓名和证件号码，没有填").format(**self._place()))
            return
        rows = [i for i in range(len(self.lines)) if self._named(i)]
        if rows:
            self._find(rows)
        elif self.found.within is not None:  # each side would get all the people
            message = _("「{sheet}」第 {row} 行并排的空表，分不清谁写在哪一边，没有填").format(**self._place())
            self.made.notes += [message] if message not in self.made.notes else []
        elif who and self._has_content() and not any(self._blank_rows()):
            self.made.notes.append(_("「{sheet}」第 {row} 行的表，行里已经写了别的，没有写是谁，没有填").format(**self._place()))
        elif who:
            self.people = self._list(who)
        else:
            self.made.blank = True
        self._columns(listed=not rows)
        self._keep([self.lines.number(i) for i in rows] or list(self.people))

    def _keep(self, rows: Sequence[int]) -> None:
        """Keep the rows for display as they are now."""
        headings = [self.shown[index] for index in sorted(self.shown)]
        table = FilledTable(self.sheet.title, [heading.text for heading in headings])
        if len(rows) > _MOST_SHOWN:
            self.made.notes.append(_("这里只显示前 {n} 行，存的时候是全部").format(n=f"{_MOST_SHOWN:,}"))
        for number in rows[:_MOST_SHOWN]:
            texts, new = [], set()
            for n, heading in enumerate(headings):
                new_text = self.filled.get((number, heading.index + 1))
                texts.append(book.seen(self.sheet.cell(number, heading.index + 1)) if new_text is None else new_text)
                new |= {n} if new_text is not None else set()
            table.rows.append((number, texts, new))
        self.made.tables[: int(bool(self.told))] = [table]

    def _place(self) -> dict[str, Any]:
        return {"sheet": self.sheet.title, "row": self.found.heading_row + 1}

    # -- whose rows --------------------------------------------------------------------------------------------------------

    def _named(self, i: int) -> bool:
        """Whether row `i` names a person and is not a total, a signature or an instruction. A name alone is enough."""
        row = self.found.rows()[i]
        headings = (self.binding.columns.get(target) for target in (asked.NAME, asked.NUMBER))
        if all(heading is None or row[heading.index] in (None, "") for heading in headings):
            return False
        name = bare(self.lines.values(asked.NAME)[i] or "")
        alone = sum(cell not in (None, "") for cell in row) <= 2  # other rows, such as examples, are recognised by their content
        return self.lines.skipped(i) is None or (alone and bool(_A_NAME.fullmatch(name)) and name not in _NO_NAMES)

    def _serial(self, row: Sequence[Any]) -> bool:
        """Whether a row has a serial number."""
        heading = self.binding.columns.get("row")
        return heading is not None and plain(row[heading.index] or "").isdecimal()

    def _find(self, rows: Sequence[int]) -> None:
        """Find the people of the rows, with a remark for each uncertain one."""
        finder = Finder(self.context, self.lines, rows)
        elsewhere = {i for i in rows if finder.elsewhere(i)}
        if elsewhere:
            message = _("「{sheet}」里有 {n} 行写的是别的村，没有填").format(sheet=self.sheet.title, n=len(elsewhere))
            self.made.notes.append(message)
        unseen = {i for i in rows if self.lines.number(i) in self.found.sheet.unseen} - elsewhere
        if unseen:
            message = _("「{sheet}」里隐藏的 {n} 行没有填，要填请先取消隐藏或筛选").format(sheet=self.sheet.title, n=len(unseen))
            self.made.notes.append(message)
        rows = [i for i in rows if i not in elsewhere | unseen]
        for i in rows:
            id, message = finder.person(i)
            if id:
                self.people[self.lines.number(i)] = id
            if message:
                self._remark(self.lines.number(i), self.lines.heading(asked.NAME), message)
        if not self.told:
            self.made.named += len(rows)
            self.made.found += len(self.people)

    def _list(self, who: str) -> dict[int, str]:
        """Assign a row to each person of a list, from the first blank row on; rows below are moved down if there is not enough room."""
        filters = [Filter("died_on", "empty"), *(() if who == EVERYBODY else (Filter(who),))]
        title = "".join((*self.found.titles, self.lines.heading(asked.NAME)))
        for words, limit in asked.LIMITS:
            if (hit := words.search(title)) is not None:
                filters.append(limit)
                self.made.notes.append(_("表上写的是{whom}，名单里只填了{whom}").format(whom=hit[0]))
        wanted = list(ids(self.context.session, Query("person", tuple(filters), order="group", on=self.span.last)))
        if asked.of_heads(self.binding):
            wanted = _heads(Answers(self.context.known, wanted, self.span), wanted)
        if (all_in_all := self.made.listed + len(wanted)) > _MOST_LISTED:
            raise InputUnusable(_("要填 {n} 人，太多了。请选小一点的名单，或按村分开填。").format(n=all_in_all))
        blank = list(self._blank_rows())
        first = blank[0] if blank else self.found.start + 1
        room = next((n for n, row in enumerate(blank) if row != first + n), len(blank))
        ended = first + room - 1 < self.sheet.max_row
        pattern = first if room else max(first - 1, 1)
        if len(wanted) > room and ended and self._below(first + room):
            at, more = max(first + room - 1, 1), len(wanted) - room
            self.made.insertions.append(Insertion(self.sheet.title, at, more))
            book.extend(self.sheet, at, more)
        elif len(wanted) > room:
            book.alike(self.sheet, pattern, range(first + room, first + len(wanted)))
        self.made.listed += len(wanted)
        return {first + n: id for n, id in enumerate(wanted)}

    def _has_content(self) -> bool:
        """Whether the rows already have other content: numbered rows with text, or rows of data."""
        rows = self.found.rows()
        return any(self.lines.skipped(i) is None or (self._serial(row) and sum(map(bool, row)) > 1) for i, row in enumerate(rows))

    def _blank_rows(self) -> Iterator[int]:
        """Row numbers of the first block of rows that are empty except for a serial number."""
        begun = False
        for i, row in enumerate(self.found.rows()):
            if sum(cell not in (None, "") for cell in row) == self._serial(row):
                begun = True
                yield self.lines.number(i)
            elif begun:
                return

    def _below(self, row: int) -> bool:
        """Whether a row or one below it has content."""
        return any(cell.value not in (None, "") for cells in self.sheet.iter_rows(min_row=row) for cell in cells)

    # -- filling in --------------------------------------------------------------------------------------------------------

    def _columns(self, *, listed: bool) -> None:
        answers = Answers(self.context.known, set(self.people.values()), self.span, posts=self.binding.headlines.tell("post_title"))
        for number, id in self.people.items():
            if (died := answers.people[id]["died_on"]) and not listed:
                self._remark(number, self.lines.heading(asked.NAME), _("台账里记着 {day} 去世").format(day=died))
        known = list(asked.targets(self.binding, self.questions))
        self._note_unfilled([heading for _target, heading in known])
        columns = [(heading.index, self._asked(target, heading, answers)) for target, heading in known if target != "row" or listed]
        columns += [
            (heading.index, AskedColumn(self.sheet.title, heading.text))
            for heading in (*self.binding.unmatched, *(one for target, one in self.binding.columns.items() if target not in _LEFT))
            if all(heading is not one for _target, one in known)
        ]
        self.made.columns += [column for index, column in sorted(columns, key=lambda one: one[0]) if index not in self.told]

    def _note_unfilled(self, known: Sequence[Heading]) -> None:
        """Note which columns are left to the clerk."""
        if paid := asked.subsidies(self.binding):
            message = _("「{columns}」是补贴补助的钱，不是工资，没有填。请照核定的金额填（「补助 → 办理」里有）")
            self.made.notes.append(message.format(columns=_("、").join(paid)))
        if unseen := [heading.text for heading in known if heading.index in self.found.sheet.unseen_columns]:
            # the clerk would pass on data unseen
            self.made.notes.append(_("隐藏的列没有填：{columns}").format(columns=_("、").join(unseen)))

    def _asked(self, target: str, heading: Heading, answers: Answers) -> AskedColumn:
        """Fill in a column, if it is shown and the records can answer it."""
        if (target != "row" and not answerable(target)) or heading.index in self.found.sheet.unseen_columns:
            return AskedColumn(self.sheet.title, heading.text)
        column = AskedColumn(self.sheet.title, heading.text, asked.called(target))
        with chinese():
            self._column(target, heading, column, answers)
        return column

    def _column(self, target: str, heading: Heading, column: AskedColumn, answers: Answers) -> None:
        at = heading.index + 1
        first = next(iter(self.people), self.found.start + 1)
        offered = options.words(self.made.workbook, self.sheet, first, at) or options.listed(heading.text, target)
        sample = [row[heading.index] for row in self.found.rows()[:50]]
        style = options.style_of((heading.text, *heading.words), sample, self.found.titles)
        for done, (number, id) in enumerate(self.people.items()):
            if done % 500 == 0:
                self.context.tick(done, len(self.people), heading.text)
            cell = book.blank(self.sheet, number, at)
            answer: CellContent | None = CellContent(done + 1) if target == "row" else self._answer(answers, id, target)
            if cell is None:
                column.there += 1
                if self.binding.columns.get(target) is heading:
                    self._compare(target, number, column, answer)
            elif answer is None:
                column.missing += 1
            else:
                self._put(cell, answer, offered, style, column, number)

    def _answer(self, answers: Answers, id: str, target: str) -> CellContent | None:
        if target.startswith("?"):
            return answers.surveyed(id, [item.id for item in self.questions[target[1:]]])
        if target.startswith("@"):
            return answers.month(id, self.monthly, target[1:])
        kind, _dot, name = target.partition(".")
        if kind in MONTHLY and name == MONTHLY[kind][2]:
            month = self.binding.headlines.titled.one
            return answers.month(id, kind, month) if month else answers.over_months(id, kind)
        return answers.answer(id, target)

    def _put(self, cell: Cell, answer: CellContent, offered: Sequence[str], style: options.Style, column: AskedColumn, number: int) -> None:
        value = options.fitted(answer, offered, style, cell.number_format)
        if value is None:
            message = _("可选的里面没有「{word}」，没有填").format(word=_masked(answer))
            self._remark(number, column.heading, message)
            column.missing += 1
            return
        column.filled += 1
        self.filled[number, cell.column] = self.made.put(cell, value, answer.masked)

    def _compare(self, target: str, number: int, column: AskedColumn, answer: CellContent | None) -> None:
        """Add a remark if the sheet differs from the records."""
        f, i = field_of(target), number - self.lines.number(0)
        if f is None or answer is None or answer.code is None or not target.startswith(("person.", "household.")) or i < 0:
            return
        written = self.lines.values(target)[i] if i < len(self.lines) else None
        if written is None or _same(f, written, answer.code) or (target == asked.NAME and bare(written) == answer.code):
            return
        column.differing += 1
        there = shown(f, self.lines.cells[i][self.binding.columns[target].index])
        message = _("表上是「{there}」，台账里是「{known}」，没有改动表上的").format(there=there, known=_masked(answer))
        self._remark(number, self.lines.heading(target), message)

    def _remark(self, number: int, column: str, message: str) -> None:
        """Add a remark about a row, by its number in the sheet."""
        names = (shown(field_of(t), self.sheet.cell(number, h.index + 1).value) for t, h in self.binding.columns.items() if t in _WHO)
        who = next(filter(None, names), "")[:30]
        self.made.remarks.append(Remark(self.sheet.title, number, who, column, message, self.people.get(number, "")))


def _heads(answers: Answers, people: Sequence[str]) -> list[str]:
    """The heads of these people's households, in the same order, without duplicates."""
    heads = (answers.head(id) for id in people)
    return list(dict.fromkeys(head["id"] for head in heads if head is not None))


def _same(f: Field, written: Any, code: Any) -> bool:
    """Whether a cell agrees with the records; a birth date may lack the day, and a number may be masked."""
    if isinstance(written, Masked):
        return masks(written, str(code))
    if isinstance(written, Number):
        return bool(written.id18 == code)
    if isinstance(written, str) and isinstance(code, str) and f.name == "birth":
        return code.startswith(written)
    return bool(written == code)


def _masked(answer: CellContent) -> str:
    return answer.masked if answer.masked is not None else str(answer.cell)
