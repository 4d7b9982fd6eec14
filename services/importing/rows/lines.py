"""Reads the rows of one table column by column, and converts notices about cells to issues with row, column and value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from domain import identity, periods
from domain.errors import FieldError
from domain.fields import Field, declaration
from domain.identity import half_width
from domain.records import Appointment, Wage
from domain.values import Type, uuid_text
from domain.words import _
from services.importing.columns.binding import Binding
from services.importing.columns.carried import begun_by, dated_after, ditto_marks, unmerged, whole_days
from services.importing.columns.sections import FOOTER, is_foot
from services.importing.plan import Issue, Level, PlanRow
from services.importing.rows.column_readers import BELOW_HEADING, by_the_day, in_yuan, of_the_year
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Heading
from services.importing.tables.rosters import SAME_FIELD, field_of
from services.importing.tables.title_months import only_year, year_of
from services.importing.values.cells import (
    ASK,
    REFUSE,
    REPAIR,
    WARN,
    Column,
    Masked,
    Notice,
    Reader,
    chosen,
    is_empty,
    reader,
    text_of,
    written_out,
)
from services.importing.values.id_cells import read_id
from services.importing.values.other_names import read_name
from services.importing.values.terms import read_contract_term, read_spell, read_term

_SUBTOTAL = re.compile("(?:小计|合计|共计)(?:[:：]?\\d*[人户]?)?$")
"""How the name of a subtotal row ends: 一组小计."""
_LABELLED = re.compile("[一-龥]{1,8}[:：]")
"""Start of a line about the list as a whole, in a row without an ID number: 公示期：…, 联系人：…."""
_ORDINAL = re.compile(
    r"\(?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[甲乙丙丁戊己庚辛壬癸]|[a-z]{1,2}|栏次|必填|选填|必填项|选填项|非必填|文本|数字|日期"
    r"|(?:星期|周)?[一二三四五六日天]|[万千]?元(?:/[天日件月人年])?|件|个|次|课时|学时|小时|亩|人|岁|周岁|年|月|年月|年月日|省市县)\)?"
)
"""A cell of a row below the headings that numbers the columns, or states what to fill in or which day of the week it is."""
_HINT = re.compile(r"\((?![^()]*\d{15})[^()]*\)")
"""Instructions below a heading: （18位）, （省市县）. An ID number in brackets is data."""
_NUMBER_LIKE = re.compile(r"\d{17}[\dXx]")
"""An ID number. A row with an ID number is about a person, whatever its columns are."""
_LONG_NUMBER = re.compile(r"\d{6}(?:19|20)\d\d[01]\d[0-3]\d{4}[\dXx]", re.ASCII)
"""An ID number within other text."""
_UNIT = re.compile("([百千万])元")
_TITLE_UNIT = re.compile("(?:单位\\s*[:：]?[^百千万元]{0,6}|[（(]\\s*(?:金额)?)([百千万])元")
_TIMES = {"百": 100, "千": 1_000, "万": 10_000}
_AMOUNT = re.compile(r"\d[\d,]{0,6}(?:\.\d+)?", re.ASCII)
"""An amount or a count; not a telephone number, which people write where they sign, too."""
_PAID = re.compile("实[发领付得]")
_EXAMPLE = re.compile("(?:填写|填报)?(?:示例|样例|例如)|例(?:\\d?$|[:：])")
"""Start of an example row in a blank form."""
_ANY_YEAR = ("person.", "category_span.")
"""Columns whose dates may be in other years than the one in the title."""
_DATED = frozenset({Type.MONTH, Type.DATE, Type.FDATE})
LEVELS = {REFUSE: Level.REFUSED, ASK: Level.QUESTION, WARN: Level.WARNING, REPAIR: Level.REPAIR}


class Lines:
    """One table's rows as columns of values, and the lines of text above it (`titles`)."""

    def __init__(self, found: FoundTable, binding: Binding, *, home: str, sheet: str = "") -> None:
        self.binding, self.has = binding, binding.has
        self.home = home
        self.sheet = sheet
        self.found_in, self.file = found.sheet.name, found.sheet.file
        self.titles = found.titles
        self.unit = _TITLE_UNIT.search(" ".join(self.titles))
        self.cells = whole_days(found, binding, unmerged(found, binding))
        self.first_number, self.numbers = found.start + 1, found.numbers
        self.uncomputed = {(row - found.start, column) for row, column in found.sheet.uncomputed if found.start <= row < found.end}
        self.noticed: dict[int, list[Issue]] = {}
        self._read: dict[str, list[Any]] = {}
        self._written: dict[str, list[str]] = {}
        self._texts: dict[str, list[str]] = {}
        self.masked: set[str] = set()
        """Targets whose columns contain masked values."""
        self.coarse: frozenset[str] = frozenset()
        """Targets of which only the month or year may be known; the maker must handle such values."""
        self._fill_dittos()
        for i in range(len(self)) if found.sheet.struck else ():
            if self.number(i) in found.sheet.struck:
                message = _("整行划了删除线，可能已经作废；确实还算数的再收下")
                self.noticed.setdefault(i, []).append(self.of_row(i, message, "struck", Level.QUESTION))
        self._ask_of_pay()

    def __len__(self) -> int:
        return len(self.cells)

    def _fill_dittos(self) -> None:
        """Replace marks for "as above" by the value of the nearest data row above."""
        headings = [*self.binding.columns.values(), *(heading for heading, _month in self.binding.months)]
        called = {heading.index: heading for heading in headings}
        above, seen = None, 0
        for i, at in ditto_marks(self.cells, list(called), own=self.has("record.id")):
            above = next((j for j in range(i - 1, seen - 1, -1) if self.skipped(j) is None), above)
            seen = i  # rows are not searched twice, however many totals there are
            level, message = (WARN, _("上面没有可以照着写的行，按没有填处理")) if above is None else (REPAIR, _("按上一行的内容导入"))
            self.carry(i, above, [at], Notice(level, "ditto", message), called[at])

    def _ask_of_pay(self) -> None:
        """Ask about rows that may have slipped by a cell, with a number where people sign, and about amounts due if the column of what was
        paid is empty."""
        columns, unread = self.binding.columns, [heading.text for heading in self.binding.unmatched]
        questions = [("sign", "shifted", _("签字的格里是数，这一行的数可能错了一格，请核对；没有错的再收下"))]
        for target in ("wage.amount", "post_pay.amount"):
            paid = next(filter(_PAID.search, unread), None) if "应" in self.heading(target) else None
            if paid is not None:
                message = _("「{paid}」一列空着，按「{due}」读；确实发了这么多的再收下")
                questions.append((target, "due", message.format(paid=paid, due=self.heading(target))))
        for target, code, message in questions:
            for i, row in enumerate(self.cells) if target in columns else ():
                if _AMOUNT.fullmatch(text_of(row[columns[target].index])):
                    self.noticed.setdefault(i, []).append(self.about(i, target, message, code, Level.QUESTION))

    def carry(self, i: int, above: int | None, columns: Iterable[int], why: Notice, heading: Heading) -> None:
        """Fill `columns` of row `i` from row `above` (None: with blanks), and record the notice `why` at `heading`."""
        self._notice(i, heading, self.cells[i][heading.index], why, None)
        given = [""] * len(self.cells[i]) if above is None else self.cells[above]
        self.cells[i] = [given[at] if at in columns else cell for at, cell in enumerate(self.cells[i])]

    def read(self, prefixes: tuple[str, ...]) -> None:
        """Read every column whose target has one of `prefixes`, so that the rows start with all notices about their cells."""
        for target in [*self.binding.columns, *self.binding.title_values]:
            if target.startswith(prefixes):
                self.values(target)

    def values(self, target: str) -> list[Any]:
        """The values of a column; all None if there is no such column."""
        if target not in self._read:
            heading = self.binding.columns.get(target)
            self._read[target] = [self._title_value(target)] * len(self) if heading is None else self._column(heading, target)
        return self._read[target]

    def _title_value(self, target: str) -> Any:
        """The value that a line above the table gives for all rows; None without one, or if it is not a value of that field. What it
        warns of or asks (a place known only to the city, or two of them) applies to every row."""
        stated = self.binding.title_values.get(target)
        if stated is None:
            return None
        column = Column(self._reader(target))
        value = column[stated.text]
        if value is not None:
            for notice in column.noticed.get(stated.text, ()):
                for i in range(len(self)) if notice.level in (WARN, ASK) else ():
                    self.noticed.setdefault(i, []).append(self.about(i, target, notice.message, notice.code, LEVELS[notice.level]))
        return value

    def given(self, kind: str, names: Sequence[str], i: int) -> dict[str, Any]:
        """The values that row `i` gives for these fields of a kind."""
        return {name: value for name in names if (value := self.values(f"{kind}.{name}")[i]) is not None}

    def written(self, target: str) -> list[str]:
        """A column's cells as text, "" for an empty cell or without the column."""
        if target not in self._written:
            heading = self.binding.columns.get(target)
            stated = self.binding.title_values.get(target)
            self._written[target] = (
                [text_of(row[heading.index]) for row in self.cells] if heading is not None else [stated.text if stated else ""] * len(self)
            )
        return self._written[target]

    def month_counts(self, field: Field, read: Reader | None = None) -> list[tuple[str, Heading, list[Any]]]:
        """The values of the month columns, read by `read`, otherwise as `field`: (month, heading, values)."""
        read = read or reader(replace(field, required=False), home=self.home)
        return [(month, heading, self._parsed(heading, Column(read), field)) for heading, month in self.binding.months]

    def month_values(self) -> list[tuple[str, Heading, list[Any]]]:
        """The amounts in the month columns: (month, heading, values). A word (病假) gets a warning; an unreadable amount refuses the
        row."""
        amount = declaration(Wage.amount)
        optional = Field(number=amount.number, label=amount.label, type=Type.YUAN, required=False, default=None, name=amount.name)
        word, money = reader(optional, home=self.home), reader(amount, home=self.home)

        def read(cell: Any, notices: list[Notice]) -> Any:
            return (money if _MEANT_AS_MONEY.match(text_of(cell)) else word)(cell, notices)

        return [
            (month, heading, self._parsed(heading, Column(in_yuan(read, self.times(heading))), optional))
            for heading, month in self.binding.months
        ]

    def times(self, heading: Heading) -> int:
        """The factor that converts a column's amounts to yuan; the unit (万元) may be in its heading, or in a title."""
        text = "".join((heading.text, *heading.words))
        unit = _UNIT.search(text) if "元" in text else self.unit
        return _TIMES[unit[1]] if unit else 1

    def money(self, target: str, i: int) -> int | None:
        """The amount in fen of a cell that only repeats a total; None if it is empty or not an amount."""
        cell = self.values(target)[i] if self.has(target) else None
        try:
            return (
                None
                if cell is None
                else int(Decimal(half_width(str(cell)).replace(",", "")) * 100 * self.times(self.binding.columns[target]))
            )
        except InvalidOperation:
            return None

    def text(self, target: str) -> list[str]:
        """A column's values as text, "" for no value."""
        return self._texts.get(target) or self._texts.setdefault(target, ["" if one is None else str(one) for one in self.values(target)])

    def _reader(self, target: str) -> Reader:
        field, coarse = field_of(target), target in self.coarse
        read = cell_reader(target, replace(field, type=Type.FDATE) if field is not None and coarse else field, self.home)
        if target.startswith(_ANY_YEAR) or not (field.type in _DATED if field is not None else target.endswith(".range")):
            return read
        days = field is not None and field.type is Type.DATE and not coarse
        above = [*self.titles, self.found_in]
        return of_the_year(read, above if year_of(above) else [*above, self.file], self.binding.headlines.titled.one, days=days)

    def _column(self, heading: Heading, target: str) -> list[Any]:
        field = field_of(target)
        read = self._reader(target)
        if target in BELOW_HEADING:
            read = BELOW_HEADING[target](read, heading)
        column = Column(in_yuan(read, self.times(heading)) if field is not None and field.type is Type.YUAN else read)
        if (begun := begun_by(target)) in self.binding.columns:
            self._fill_years(heading, self.values(begun), field)
        values = self._parsed(heading, column, field, told=target != "total")
        for further in self.binding.more.get(target, ()):
            values = list(map(_both, values, self._parsed(further, column, field)))
        if any(isinstance(value, Masked) for value in column.values()):
            self.masked.add(target)
        return values

    def _fill_years(self, heading: Heading, begun: Sequence[str | None], field: Field | None) -> None:
        """Complete the last days of a column that lack the year (8月15日) by the first days of their rows."""
        for i, start in enumerate(begun) if only_year([*self.titles, self.found_in]) is None else ():
            cell = self.cells[i][heading.index]
            if start and (filled := dated_after(start, text_of(cell))):
                message = _("没有写年份，按这一行的开始时间记为 {day}").format(day=filled)
                self._notice(i, heading, cell, Notice(REPAIR, "year", message), field)
                self.cells[i] = [filled if at == heading.index else one for at, one in enumerate(self.cells[i])]

    def _parsed(self, heading: Heading, column: Column, field: Field | None, *, told: bool = True) -> list[Any]:
        cells = [row[heading.index] for row in self.cells]
        values = [column[cell] for cell in cells]
        if column.noticed:
            for i, cell in enumerate(cells):
                for notice in column.noticed.get(cell, ()):
                    self._notice(i, heading, cell, notice, field)
        message = _("这一格是公式，还没有算出数，按没有填处理：用 Excel 打开，保存一次再导入")
        failed = Notice(REFUSE if field is not None and field.required else WARN, "formula", message)
        for i, index in self.uncomputed if told else ():  # a total is not stored, so an error in it does not matter
            if index == heading.index:
                self._notice(i, heading, "", failed, field)
        return values

    def _notice(self, i: int, heading: Heading, cell: Any, notice: Notice, field: Field | None) -> None:
        issue = Issue(self.number(i), heading.text, shown(field, cell), notice.message, notice.code, LEVELS[notice.level], self.sheet)
        self.noticed.setdefault(i, []).append(issue)

    def number(self, i: int) -> int:
        """The row number in the sheet of row `i`."""
        return self.numbers[i] if self.numbers is not None else self.first_number + i

    def of_row(self, i: int, message: str, code: str, level: Level = Level.REFUSED) -> Issue:
        """An issue about row `i` as a whole."""
        return Issue(self.number(i), "", "", message, code, level, self.sheet)

    def heading(self, target: str) -> str:
        """A column's heading as written in the sheet; "" without the column."""
        heading = self.binding.columns.get(target)
        return heading.text if heading else self.binding.title_values[target].label if target in self.binding.title_values else ""

    def about(self, i: int, target: str, message: str, code: str, level: Level = Level.REFUSED) -> Issue:
        """An issue about one cell of row `i`."""
        heading = self.binding.columns.get(target)
        cell = self.cells[i][heading.index] if heading else self.written(target)[i]
        return Issue(self.number(i), self.heading(target), shown(field_of(target), cell), message, code, level, self.sheet)

    def add_issue(self, row: PlanRow, i: int, target: str, message: str, code: str, level: Level = Level.REFUSED) -> None:
        """Add an issue about one cell of row `i` to its plan row."""
        row.add(self.about(i, target, message, code, level))

    def start_row(self, i: int, title: str = "") -> PlanRow:
        """The plan row for row `i`, with the notices about its cells."""
        return PlanRow(self.number(i), title, issues=self.noticed.get(i) or [])

    # -- which rows are data ------------------------------------------------------------------------------------------

    def skipped(self, i: int) -> str | None:
        """None if row `i` is data; otherwise "" for a blank row, or the text of a total, signature or title."""
        filled = [cell for cell in self.cells[i] if not is_empty(cell)]
        if not filled:
            return ""
        if self._filled("record.id", i) or not (self._explains(i, filled) or self._is_foot(i, filled)):
            return None
        return text_of(filled[0])

    @staticmethod
    def _explains(i: int, filled: Sequence[Any]) -> bool:
        """Whether a row directly below the headings numbers the columns, says what to fill in, or is an example."""
        if i >= 2:
            return False
        words = [plain(cell) for cell in filled]
        numbered = len(words) >= 3 and all(map(_ORDINAL.fullmatch, words))
        hints = len(words) >= 2 and all(map(_HINT.fullmatch, words))
        return numbered or hints or any(map(_EXAMPLE.match, (words[0], text_of(filled[0]))))

    def _is_foot(self, i: int, filled: Sequence[Any]) -> bool:
        """Whether a row is a total, a signature or a remark about the list."""
        numbers = self.binding.columns.get("person.id_number")
        if numbers is not None and _NUMBER_LIKE.fullmatch(half_width(text_of(self.cells[i][numbers.index]))):
            return False  # a person, although the first column says 村民代表 or 负责人
        if len(filled) <= 2 and not self._keyed(i):
            return not _has_number(filled)
        text, first = text_of(filled[0]), plain(filled[0])
        if is_foot(text):
            return True
        labelled = _LABELLED.match(text) if self.binding.has("person.id_number") else None
        if (labelled or _SUBTOTAL.search(first)) and not _has_number(filled):
            return True
        return len(filled) > 1 and FOOTER.match(plain(filled[1])) is not None and not self._keyed(i)

    def _filled(self, target: str, i: int) -> bool:
        heading = self.binding.columns.get(target)
        return heading is not None and not is_empty(self.cells[i][heading.index])

    def _keyed(self, i: int) -> bool:
        """Whether a row identifies a person or record, and so is data even if it is short."""
        if self._filled("person.id_number", i):
            return True
        own = [h for t, h in self.binding.columns.items() if t.split(".")[0] in (*self.binding.roster.makes, "person")]
        return sum(1 for heading in own if not is_empty(self.cells[i][heading.index])) >= min(2, len(own))


def _has_number(cells: Sequence[Any]) -> bool:
    return any(_NUMBER_LIKE.search(text_of(cell)) for cell in cells)


_MEANT_AS_MONEY = re.compile(r"[（(¥￥约+\-−\s]*[\d〇零一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟]")


def shown(field: Field | None, cell: Any) -> str:
    """A cell's value for display in an issue: secrets masked, and a number that lost digits as Excel shows it."""
    if isinstance(cell, float) and abs(cell) >= 10**15:
        return f"{cell:.5E}"
    text = text_of(cell)
    if field is not None and field.secret and text:
        return text if identity.is_masked(text) else field.masked(text)
    return identity.mask_inside(_LONG_NUMBER.sub(lambda hit: identity.mask_id(hit[0]), text))[:60]


def _both(one: Any, other: Any) -> Any:
    """The words of two columns of a field that holds several."""
    return one | other if one and other else one or other


_TERMS = {"work.range": read_spell, "contract.range": read_contract_term, "agreement.range": read_term, "insurance.range": read_term}
"""Columns that may hold something other than two dates."""


def cell_reader(target: str, field: Field | None, home: str) -> Reader:
    """The function that reads the cells of the column for `target`."""
    if target in ("person.name", "mentor.name"):
        return read_name
    if target == "person.id_number":
        return read_id
    if target in _TERMS:
        return _TERMS[target]
    if target.endswith(".range"):
        return _read_range
    if target == "change.on":
        field = declaration(Appointment.start)
    if target.endswith("#id") or target == "record.id":
        return lambda cell, _notices: None if is_empty(cell) else uuid_text(text_of(cell))
    if field is None or field.type in (Type.ID, Type.IDS):
        return lambda cell, _notices: None if is_empty(cell) else chosen(cell)
    read = reader(replace(field, required=False) if target in SAME_FIELD else field, home=home)
    return by_the_day(read) if target == "odd_job.pay" else read


def _read_range(cell: Any, notices: list[Notice]) -> tuple[str, str | None] | None:
    if is_empty(cell):
        return None
    try:
        return periods.parse_range(written_out(text_of(cell), notices))
    except FieldError as error:
        raise FieldError(str(error), "date") from None
