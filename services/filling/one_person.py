"""Forms about one person: the cell to fill in is to the right of each label; the family may have its own table (`kin`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from domain.identity import half_width
from domain.records import SurveyItem
from domain.words import _, chinese
from services.filling import asked, book, kin, options, printed
from services.filling.answers import Answers, answerable
from services.filling.content import CellContent, span_of
from services.filling.filling import AskedColumn, FilledTable, Filling, Remark
from services.filling.finding import bare
from services.importing.columns.matching import word_of, words_of
from services.importing.rows.known import Known, Row
from services.importing.rows.lines import shown
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Heading
from services.importing.tables.rosters import field_of
from services.office_files.reading import Sheet

_FEWEST_BLANKS, _FEWEST_ROWS = 4, 2
"""A sheet with at least this many blank cells beside labels, in at least this many rows, is a form."""
_SEARCHED_ROWS = 200
"""Number of rows that are searched."""
_FEWEST_BOXES, _MOST_BOXES = 15, 20
"""A number with so many characters may have a cell for each."""
_LONGEST = 20
"""Most characters of a label."""
_NAMED = (asked.NAME, asked.NUMBER)
_HEADS = frozenset({asked.HEAD, "household.head_number"})
_WHO = _HEADS | {asked.NAME, asked.NUMBER, "head.id_number"}
_APPLICANT = re.compile("(?:申请人|本人)(?!.*(?:签|户主))")
"""The start of a label that shows that a form is about one member of a household, like 姓名 and 与户主关系."""
_MEMBERS = re.compile(r"(?:家庭)?成员[\d一二三四五六七八九十]+|配偶|子女[\d一二三四]?|父亲|母亲|[长次三]子|[长次三]女")
"""Headings of a family table with its labels on the left."""
_NOT_ASKED = re.compile("签[字名章]|盖章|公章|意见|备注|照片|承诺|年月日|日期|申请$|说明$")
"""Labels that do not ask for data about the person."""
_HINT = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[\W_]")
"""Placeholders in a cell that is still to be filled in: (18位), □□□□, [图]."""


@dataclass(frozen=True)
class Blank:
    """A cell to fill in (row and column from 1), its target and its label."""

    target: str
    label: str
    row: int
    column: int


@dataclass(frozen=True)
class Form:
    """A form: its blank cells in order, its family tables, the labels with a blank cell that ask for something else, and its titles."""

    blanks: Sequence[Blank]
    families: Sequence[kin.Family]
    unknown: Sequence[str] = ()
    titles: Sequence[str] = ()

    @property
    def of_household(self) -> bool:
        """Whether the form is about a household."""
        return not {blank.target for blank in self.blanks} & set(_NAMED)


def form(sheet: Sheet, page: Worksheet, questions: Container[str]) -> Form | None:
    """The form on a sheet; None if it is not a form about one person."""
    words = words_of(asked.of_one_person())
    families = list(kin.families(sheet, page, _targets(questions), _SEARCHED_ROWS))
    taken = {row for one in families for row in (one.heading_row, *one.rows)}
    found, unknown = _blanks(sheet, page, words, questions, taken)
    titles = [cell for cells in sheet.rows[: found[0].row - 1] for cell in cells if isinstance(cell, str)] if found else []
    return Form(found, families, unknown, [*titles, sheet.name, sheet.file]) if found else None


def with_family(form: Form, sheet: Sheet, page: Worksheet, questions: Container[str]) -> Form | None:
    """The form with the family table that follows it in the document; None if the next table is something else."""
    more = kin.goes_on(sheet, page, _targets(questions), _SEARCHED_ROWS)
    return replace(form, families=[*form.families, *more]) if more else None


def _targets(questions: Container[str]) -> Callable[[int, str], str]:
    words = words_of(asked.of_one_person())
    return lambda column, said: _asked(Heading(column, said.strip(), (plain(said),)), words, questions)


class _Labels:
    """Reads the labels of a form row by row and finds the blank cells at their right."""

    def __init__(self, sheet: Sheet, page: Worksheet, words: Mapping[str, str], questions: Container[str]) -> None:
        self.sheet, self.page, self.words, self.questions = sheet, page, words, questions
        self.ends = dict(sheet.merged)
        self.width = max(page.max_column, max(map(len, sheet.rows[:_SEARCHED_ROWS]), default=0))
        self.found: list[Blank] = []
        self.unknown: list[str] = []
        self.seen: set[str] = set()
        self.others = -1
        """The last row of a part about another person."""
        self.head = self.own = False
        """`head`: whether the following labels are the head's, from the head's name or number up to the person's. `own`: whether the form
        states that it is about one member of the household."""

    def read(self, row: int, cells: Sequence[Any]) -> None:
        """Read the labels of a row."""
        beside_others, beside_head = row <= self.others, False
        for column, cell in enumerate(cells):
            if not isinstance(cell, str) or not 0 < len(plain(cell)) <= _LONGEST or printed.fillable(cell):
                continue
            last, right = self.ends.get((row, column), (row, column))
            target = self._target(column, cell, row, right)
            self.own |= target == asked.RELATION or _APPLICANT.match(plain(cell)) is not None
            self.head = (self.head or target in _HEADS) and not self.own and target != asked.NAME and asked.NAME not in self.seen
            beside_head = (beside_head or target in _HEADS) and target not in (asked.NAME, asked.RELATION)
            if self.head:
                target = _of_head(target)
            elif beside_head and _of_head(target) != target:
                continue  # 户主姓名, 联系电话 in a form with another name: the owner is unclear
            if target in self.seen & _WHO or (not target and asked.of_others(target, cell)):
                beside_others = True
                section = bool(self.found) and (bool(target) or sum(map(bool, cells)) == 1)  # before the first blank it is the title
                self.others = max(self.others, len(self.sheet.rows) if section else last)
            if not beside_others or target.startswith("household."):
                self._take(target, cell, row + 1, right + 1)
                if not target and (self.found or sum(map(bool, cells)) > 1) and self._asks(cell, row + 1, right + 1):
                    self.unknown.append(cell.strip())
            if not beside_others or target in _WHO:
                self.seen.add(target)
            beside_others |= asked.of_others(target, cell)

    def _target(self, column: int, label: str, row: int, right: int) -> str:
        """What a label asks for; beside a blank with the unit 人 a number of people (劳动力　人)."""
        unit = printed.one_unit(self.page.cell(row + 1, right + 2).value) if right + 1 < self.width else None
        each = (label, f"{label}人数") if unit == "人" else (label,)
        return next(
            (told for one in reversed(each) if (told := _asked(Heading(column, one, (plain(one),)), self.words, self.questions))), ""
        )

    def _asks(self, label: str, row: int, beside: int) -> bool:
        """Whether an unknown label has a blank cell in the column `beside` (from 0) and may ask for something about the person."""
        there = beside < self.width and beside not in self.sheet.unseen_columns and book.blank(self.page, row, beside + 1) is not None
        return there and _NOT_ASKED.search(plain(label)) is None

    def _take(self, target: str, label: str, row: int, beside: int) -> None:
        """Take a label with a blank cell, or with the person's name or number, in the column `beside` (from 0)."""
        if not target or (target in self.seen and "大写" not in label) or beside >= self.width or beside in self.sheet.unseen_columns:
            return
        written = target in _NAMED and _has_identity(self.page.cell(row, beside + 1), self.words)
        if written or book.blank(self.page, row, beside + 1) is not None:
            self.found.append(Blank(target, label.strip(), row, beside + 1))


def _blanks(
    sheet: Sheet, page: Worksheet, words: Mapping[str, str], questions: Container[str], taken: Container[int]
) -> tuple[list[Blank], list[str]]:
    """The blank cells in order, except in rows that are `taken`, and the unknown labels; empty if it is not a form about one person."""
    labels = _Labels(sheet, page, words, questions)
    for row, cells in enumerate(sheet.rows[:_SEARCHED_ROWS]):
        if row + 1 in sheet.unseen or row + 1 in taken:
            continue
        if sum(isinstance(cell, str) and _MEMBERS.fullmatch(plain(cell)) is not None for cell in cells) > 1:
            break  # the owner of a column is not clear from its label
        labels.read(row, cells)
    found = labels.found
    named = {blank.target for blank in found} & _WHO
    if not labels.own and asked.NAME not in named and named - {asked.NUMBER}:  # then a number beside the head's name is the head's
        found = [replace(blank, target=_of_head(blank.target)) for blank in found if blank.target != "payee"]
    there = named and len(found) >= _FEWEST_BLANKS and len({blank.row for blank in found}) >= _FEWEST_ROWS
    return (found, labels.unknown) if there else ([], [])


def fill(made: Filling, known: Known, page: Worksheet, form: Form, person: str, questions: Mapping[str, Sequence[SurveyItem]]) -> None:
    """Fill in a form for the person with that id; with "" only list what it asks for."""
    person = person or _named(known, page, form)
    made.form = True
    answers = Answers(known, {person} if person else set(), span_of(form.titles, known.session.today))
    table = FilledTable(page.title, [_("要填的"), _("填上的")])
    if person and (other := next((one for one in form.blanks if _names_another(page, one, answers.people[person])), None)) is not None:
        written = shown(field_of(other.target), page.cell(other.row, other.column).value)
        message = _("表上写的是「{there}」，不是选的{name}，没有填").format(there=written, name=answers.people[person]["name"])
        made.remarks.append(Remark(page.title, other.row, "", other.label, message, person))
        made.notes.append(message)
        person = ""
    for blank in form.blanks:
        column = AskedColumn(page.title, blank.label, asked.called(blank.target))
        made.columns.append(column)
        answer, text = None, ""
        if person and blank.target[:1] == "?":
            answer = answers.surveyed(person, [item.id for item in questions[blank.target[1:]]])
        elif person:
            with chinese():
                answer = answers.answer(person, blank.target)
        cell = book.blank(page, blank.row, blank.column)
        if answer is not None and cell is not None:
            boxes = _boxes(page, cell, str(answer.cell))
            text = _spread(made, boxes, answer) if boxes else _put(made, page, cell, blank.target, blank.label, answer, person)
        column.filled, column.there = int(bool(text)), int(cell is None)
        column.missing = int(bool(person) and not text and cell is not None)
        shown_text = text if cell is not None else shown(field_of(blank.target), page.cell(blank.row, blank.column).value)
        table.rows.append((len(table.rows) + 1, [blank.label, shown_text], {1} if text else set()))
    made.columns += [AskedColumn(page.title, label) for label in form.unknown]
    made.tables.append(table)
    _fill_families(made, known, form, person, answers)
    if person:
        made.of = answers.people[person]["name"]
        made.named += 1
        made.found += 1


def _fill_families(made: Filling, known: Known, form: Form, person: str, asking: Answers) -> None:
    """Give each member of the household one row; a note names those for whom there is none."""
    families = [family for family in form.families if family.rows]
    ids = kin.members(asking, person, household=form.of_household) if person and families else []
    answers = Answers(known, {person, *ids} if person else set(), asking.span)
    for family in families:
        _fill_family(made, answers, family, person, ids[: len(family.rows)])
        ids = ids[len(family.rows) :]
    if ids:
        last = families[-1]
        message = _("家庭成员的行不够，没有填的有：{names}").format(names=_("、").join(answers.people[id]["name"] for id in ids))
        made.remarks.append(Remark(last.page.title, last.rows[-1], "", last.columns[0][1], message, person))
        made.notes.append(message)


def _fill_family(made: Filling, answers: Answers, family: kin.Family, person: str, ids: Sequence[str]) -> None:
    """Fill in one row for each of these members of the household."""
    page = family.page
    columns = [AskedColumn(page.title, words, asked.called(target)) for target, words, _column in family.columns]
    table = FilledTable(page.title, [words for _target, words, _column in family.columns])
    for number, id in zip(family.rows, ids, strict=False):
        texts = list[str]()
        for (target, words, at), column in zip(family.columns, columns, strict=True):
            with chinese():
                answer = kin.answer(answers, answers.people[person], id, target)
            cell = book.blank(page, number, at)
            text = _put(made, page, cell, target, words, answer, id) if answer is not None and cell is not None else ""
            column.filled += bool(text)
            column.missing += not text
            texts.append(text)
        table.rows.append((number, texts, {n for n, text in enumerate(texts) if text}))
    made.columns += columns
    made.tables.append(table)


def _put(made: Filling, page: Worksheet, cell: Cell, target: str, label: str, answer: CellContent, person: str) -> str:
    """Fill in a cell with the answer about a person; returns its text, or "" and adds a remark if the cell's drop-down list has no word for
    it. What is no number is not put before a unit of number."""
    if isinstance(answer.cell, str) and (printed.one_unit(cell.value) or "")[:1] in tuple("人岁户元"):
        return ""
    offered = options.words(made.workbook, page, cell.row, cell.column) or options.listed(label, target)
    style = options.style_of((label, plain(cell.value or "")), ())
    value = options.fitted(answer, offered, style, cell.number_format)
    if value is not None:
        return made.put(cell, value, answer.masked)
    message = _("可选的里面没有「{word}」，没有填").format(word=answer.cell if answer.masked is None else answer.masked)
    made.remarks.append(Remark(page.title, cell.row, "", label, message, person))
    return ""


def _boxes(page: Worksheet, cell: Cell, text: str) -> list[Cell]:
    """The cells from `cell` on, if there is one for each character of a long number."""
    row = (book.blank(page, cell.row, column) for column in range(cell.column, page.max_column + 1))
    run = list(takewhile(lambda one: one is not None and one.value in (None, ""), row))
    return [one for one in run if one is not None] if text.isalnum() and _FEWEST_BOXES <= len(text) <= len(run) <= _MOST_BOXES else []


def _spread(made: Filling, boxes: Sequence[Cell], answer: CellContent) -> str:
    """Put one character of a number into each cell; returns the number, masked if it is a secret."""
    written, hidden = str(answer.cell), answer.masked
    for cell, character, masked in zip(boxes, written, hidden or [None] * len(written), strict=False):
        made.put(cell, character, masked)
    return hidden or written


def _named(known: Known, page: Worksheet, form: Form) -> str:
    """The id of the only person with the name that is already written in a form, "" if there is none."""
    written = (str(page.cell(one.row, one.column).value or "") for one in form.blanks if one.target == asked.NAME)
    found = [person.id for name in written if bare(name) for person in known.named(bare(name))]
    return found[0] if len(found) == 1 else ""


def _of_head(target: str) -> str:
    """The target for the head of the household instead of the person."""
    return "head.age" if target == "age" else target.replace("person.", "head.", 1) if target.startswith("person.") else target


def _has_identity(cell: Cell | MergedCell, words: Mapping[str, str]) -> bool:
    """Whether a cell already has a name or number, not the next label."""
    return cell.value not in (None, "") and plain(cell.value) not in words


def _names_another(page: Worksheet, blank: Blank, person: Row) -> bool:
    """Whether a form already has another person's name or number."""
    written = page.cell(blank.row, blank.column).value
    if blank.target not in _NAMED or written in (None, "") or not _HINT.sub("", half_width(str(written))):
        return False
    if blank.target == asked.NAME:
        return plain(bare(str(written))) != plain(person["name"])
    return half_width(str(written)).strip().upper() != person["id_number"] and "*" not in str(written)


def _asked(heading: Heading, words: Mapping[str, str], questions: Container[str]) -> str:
    if heading.words[0] in questions:
        return f"?{heading.words[0]}"
    word = word_of(heading, words)
    target = words[word] if word else ""
    return target if target and answerable(target) and not asked.vague(heading, word) and not asked.of_a_card(target, heading) else ""
