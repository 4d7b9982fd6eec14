"""Tables of figures with a row for each village, figure or month, filled in with what the statistics count (`month_figures`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from db.mapping import table
from db.session import Session
from domain import divisions
from domain.errors import FieldError, InputUnusable
from domain.money import yuan_text
from domain.periods import months_between
from domain.scopes import county_of, is_village, within
from domain.words import _
from services.filling import book
from services.filling.content import span_of
from services.filling.figure_words import AWAY, COUNT, Told, Wanted, in_order, once, titled, together, told, wanted
from services.filling.filling import AskedColumn, FilledTable, Filling, Remark
from services.importing.rows.home import Home
from services.importing.tables.heading_words import plain
from services.importing.tables.rosters import field_of
from services.importing.tables.title_months import in_figures, read_months
from services.office_files.reading import Sheet
from services.reports.month_figures import FIGURES, Counted, counted, in_course, unknown


class _Limit(NamedTuple):
    """What the labels of rows are if their `heading`, below the titles, is of this form: values of a field, which limit figures in a `way`
    (as in `standing.limits`); alone they mean `figures`."""

    heading: str
    kind: str
    name: str
    way: str
    figures: tuple[str, ...] = ()


_HEADING_ROWS: Final = 30
_VILLAGE: Final = re.compile(r"(?:所在|行政)?村(?:名|名称|别|屯|委会)?|单位(?:名称)?|填报单位")
_TOWN: Final = re.compile(r"乡(?:\(?镇\)?)?(?:名|名称)?|乡\(?镇、?街道\)?|乡镇\(街道\)|镇")
_PLACES: Final = {
    "village": (_VILLAGE, _TOWN),
    "item": (
        re.compile(
            "(?:统计)?(?:项目|指标|内容|事项)(?:名称)?|(?:务工|就业)?(?:地点?|去向|区域|地区|范围)|(?:所属|务工|从事|就业)?行业(?:类别|名称|类型|分布)?"
            "|组别|(?:村民)?小?组|(?:公益)?岗位(?:名称)?|(?:培训)?(?:工种|专业|职业)(?:名称)?"
        ),
    ),
    "month": (re.compile("(?:统计)?月份?"),),
}
"""What the rows of a table are, and the heading of their labels."""
_FEWEST: Final = {"village": 2, "item": 3, "month": 2}
"""A table asks in at least this many columns, or with a figure in each row in this many rows, for something on record."""
_LIMITS: Final = (
    _Limit("行业.*$", "employment", "industry", "industry", ("working",)),
    _Limit("组.*$", "household", "group", "group"),
    _Limit(r"公益[\s\S]*岗位.*$", "post", "name", "post", ("post",)),
    _Limit(r"培训[\s\S]*(?:工种|专业|职业).*$", "course", "trade", "trade", ("trained",)),
)
_CHANGES: Final = frozenset({"started", "returned"})
"""Figures of people in a month, which cannot be added up."""
_GROUP: Final = re.compile("第?([0-9一二三四五六七八九十]+)(?:村民)?小?[组社队屯]")
_UNIT: Final = re.compile("(?:计量|统计)?单位")
_TOTAL: Final = re.compile(r"[合总]计|全[县村乡镇]|汇总")
_TOWN_ENDING: Final = re.compile("(?:街道|民族乡|镇|乡)$")


@dataclass(frozen=True)
class _Table:
    """A table: what its rows are (a key of `_PLACES`), the rows of its headings (from 0), the column of the labels; what each column and
    each row asks for, with its text, and the title."""

    kind: str
    top: int
    bottom: int
    place: int
    columns: Mapping[int, tuple[str, Told]]
    rows: Mapping[int, tuple[str, Told]]
    title: Told

    def wanted(self, n: int, m: int) -> tuple[Wanted | None, tuple[str, str]]:
        """What a cell asks for, and the month that its column or row names."""
        asks = together([self.rows[n][1], self.columns[m][1]])
        return wanted(asks, self.title), asks.month

    @property
    def asking(self) -> int:
        """The number of columns, or in a table of items of rows, that ask for something on record."""
        cells = ((n if self.kind == "item" else m) for n in self.rows for m in self.columns if self.wanted(n, m)[0] is not None)
        return len(set(cells))


def fill(made: Filling, session: Session, sheet: Sheet, page: Worksheet, asked_month: str = "") -> bool:
    """Fill in a table of figures; returns whether the sheet has one. Raises `FieldError` and `DomainError` for a month that is invalid or
    has not begun."""
    table = next((one for kind in _PLACES if (one := _table(kind, session, sheet)) is not None), None)
    if table is not None:
        _Filled(made, session, sheet, page, table, asked_month).fill()
    return table is not None


def _table(kind: str, session: Session, sheet: Sheet) -> _Table | None:
    for at, row in enumerate(sheet.rows[:_HEADING_ROWS]):
        if (place := _place(kind, session, row)) is None:
            continue
        bottom = _bottom(sheet, at, place)
        parts = {m: named for m in range(place + 1, max(map(len, sheet.rows[at : bottom + 1]))) if (named := _parts(sheet, at, bottom, m))}
        units = [m for m, texts in parts.items() if kind == "item" and _UNIT.fullmatch(plain(texts[-1]))]
        headings = {m: "：".join(texts) for m, texts in parts.items() if m not in units}
        columns = _each(headings, [together([told(text) for text in parts[m]]) for m in headings])
        if kind == "item":
            columns = {m: one for m, one in columns.items() if one[1].asks or COUNT.fullmatch(plain(parts[m][-1]))}
        own = _limits(session, "\n".join([*_titles(sheet, at), plain(_at(sheet, at, place))]))
        first = min(columns, default=place + 1)
        labels = {n: text for n in range(bottom + 1, len(sheet.rows)) if (text := _label(sheet, n, place, first))}
        asks = [Told() if kind == "village" else together([*_row(sheet, n, (*range(place, first), *units), own)]) for n in labels]
        if kind == "item":  # the label of a total says no figure, of which the columns then are no parts; others are of something else
            totals = [_TOTAL.search(text) is not None for text in labels.values()]
            asks = [
                replace(one, unclear=one.unclear or not (one.clear or total), clear=one.clear and (bool(one.figures) or not total))
                for one, total in zip(asks, totals, strict=True)
            ]
        rows = {n: one for n, one in _each(labels, asks).items() if kind != "month" or one[1].month[1]}
        title = titled(_titles(sheet, at), [asks for _text, asks in (*columns.values(), *rows.values())])
        table = _Table(kind, at, bottom, place, columns, rows, title)
        if table.asking >= (1 if title.figures else _FEWEST[kind]):
            return table
    return None


def _place(kind: str, session: Session, row: Sequence[object]) -> int | None:
    """The column of the labels, if this is the row of headings; at a village a column of townships does not count."""
    words = [plain(cell) if cell is not None else "" for cell in row]
    forms = _PLACES[kind][:1] if is_village(session.scope) else _PLACES[kind]
    return next((m for form in forms for m, word in enumerate(words) if form.fullmatch(word)), None)


def _each(texts: Mapping[int, str], asks: Sequence[Told]) -> dict[int, tuple[str, Told]]:
    """What headings or labels with these texts ask for, each with its text."""
    each = {n: (text, one) for (n, text), one in zip(texts.items(), in_order(asks), strict=True)}
    return {n: (texts[n], one) for n, one in once(each).items()}


def _bottom(sheet: Sheet, at: int, place: int) -> int:
    """The last row of the headings that begin in row `at`: nothing stands below the heading of the labels, and words beside it."""
    bottom = at
    for row in sheet.rows[at + 1 : at + 4]:
        beside = [cell for cell in row[place + 1 :] if cell not in (None, "")]
        if any(cell not in (None, "") for cell in row[: place + 1]) or not beside or not all(isinstance(cell, str) for cell in beside):
            break
        bottom += 1
    return bottom


def _parts(sheet: Sheet, top: int, bottom: int, m: int) -> list[str]:
    """The headings of a column from top to bottom."""
    parts = (str(cell).strip() for n in range(top, bottom + 1) if (cell := _at(sheet, n, m)) not in (None, ""))
    return list(dict.fromkeys(parts))


def _label(sheet: Sheet, n: int, place: int, first: int) -> str:
    """The labels of a row, from column `place` up to the `first` that is filled in."""
    labels = dict.fromkeys(str(_at(sheet, n, m) or "").strip() for m in range(place, first))
    return "" if any(label.endswith(("：", ":")) for label in labels) else "：".join(filter(None, labels))


def _row(sheet: Sheet, n: int, columns: Iterable[int], own: Callable[[str], Told | None]) -> Iterator[Told]:
    """What the labels of a row ask for, those of the table's `own` kind and all others."""
    for text in dict.fromkeys(str(_at(sheet, n, m) or "") for m in columns):
        yield own(plain(text)) or told(text)


def _limits(session: Session, heading: str) -> Callable[[str], Told | None]:
    """What a label below a heading such as 行业 asks for; None if it is no value of it, nor their total."""
    limit = next((one for one in _LIMITS if re.search(one.heading, heading)), None)
    f = field_of(f"{limit.kind}.{limit.name}") if limit is not None else None
    if limit is None or f is None:
        return lambda _label: None
    values = select(table(limit.kind).c[limit.name]).distinct()
    known = {} if f.choices else {_key(plain(value)): value for value in session.conn.execute(values).scalars() if value}

    def asks(label: str) -> Told | None:
        value = None
        with suppress(FieldError):
            value = f.read(label) if f.choices else known.get(_key(label))
        total = Told(limit.figures) if _TOTAL.fullmatch(label) else None
        return Told(limit.figures, limit=f"{limit.way}={value}") if value else total

    return asks


def _key(label: str) -> str:
    number = _GROUP.fullmatch(label)
    return in_figures(f"{number[1]}月") if number else label


def _at(sheet: Sheet, n: int, m: int) -> object:
    """The content of a cell, or of the merged block that covers it."""
    for (top, left), (bottom, right) in sheet.merged:
        if top <= n <= bottom and left <= m <= right:
            n, m = top, left
            break
    return sheet.rows[n][m] if n < len(sheet.rows) and m < len(sheet.rows[n]) else None


def _titles(sheet: Sheet, top: int) -> list[str]:
    return [str(cell) for row in sheet.rows[:top] for cell in row if isinstance(cell, str)]


class _Filled:
    """Fills in one table. Figures of a month and of a group of people are counted once for all cells."""

    def __init__(self, made: Filling, session: Session, sheet: Sheet, page: Worksheet, table: _Table, asked_month: str) -> None:
        self.made, self.session, self.sheet, self.page, self.table = made, session, sheet, page, table
        titles = [*_titles(sheet, table.top), sheet.name, sheet.file]
        self.titled = max(read_months(titles).months, default="")
        span = span_of(titles, session.today)
        self.month = asked_month or (self.titled if self.titled > session.today[:7] else span.last[:7])
        self.months = months_between(span.first[:7], self.month) if not asked_month else [self.month]
        """The months of the title, over which what happens in a month is added up."""
        self.year = span.last[:4]
        self.counts = {(self.month, frozenset[str]()): counted(session, self.month)}
        self.villages = list(self._counted(self.month).villages)
        self.own = Home(session, None).from_titles(_titles(sheet, table.top))
        self.used, self.groups = set[str](), False

    def fill(self) -> None:
        """Fill in the cells, and tell how they were understood."""
        table, columns = self.table, self.table.columns
        item = table.kind == "item"
        texts = {n: text for n, (text, _asks) in (table.rows if item else columns).items()}
        asked = {n: AskedColumn(self.sheet.name, text, self._called(n)) for n, text in texts.items()}
        shows = FilledTable(self.sheet.name, [str(_at(self.sheet, table.top, table.place)), *(text for text, _asks in columns.values())])
        for n, villages in self._areas().items():
            row, new = [table.rows[n][0]], set[int]()
            for m in columns:
                if self._cell(n, m, villages, asked[n if item else m]):
                    new.add(len(row))
                row.append(book.seen(self.page.cell(n + 1, m + 1)))
            shows.rows.append((n + 1, row, new))
        self.made.columns += asked.values()
        self.made.tables.append(shows)
        message = _("旁边还有「县内」，看不出算不算在外出务工里，没有填：县外的几栏加起来，或者再加上县内，请按上级的口径自己填")
        beside = any(asks.figures == ("county",) for _text, asks in columns.values())
        away = [text for text, asks in columns.values() if asks.figures == AWAY and asks.unclear and beside]
        self.made.remarks += [Remark(self.sheet.name, table.bottom + 1, "", text, message) for text in away]
        self._note()

    def _called(self, at: int) -> str:
        """The user's name for what a column, or in a table of items a row, is filled with."""
        cells = ((at, m) for m in self.table.columns) if self.table.kind == "item" else ((n, at) for n in self.table.rows)
        what, month = next((found for n, m in cells if (found := self.table.wanted(n, m))[0]), (None, ("", "")))
        if what is None:
            return ""
        of_column = month[1] and self.table.kind == "village"
        return f"{what.called()} {self._when(month)}" if of_column else what.called()

    def _cell(self, n: int, m: int, villages: Sequence[str] | None, asked: AskedColumn) -> bool:
        """Fill in a cell; returns whether there was something to fill in. `villages`: None if the row must stay empty."""
        what, named = self.table.wanted(n, m)
        month, cell = self._when(named), book.blank(self.page, n + 1, m + 1)
        if cell is None:
            asked.there += 1
        elif what is None or villages is None or month > self.session.today[:7]:
            asked.missing += 1
        else:
            months = [month] if named[1] or not in_course(FIGURES[what.figures[0]]) else self.months
            each = [self._counted(one, what.codes) for one in months]
            figures = {(at, village): one.villages.get(village, {}) for at, one in enumerate(each) for village in villages}
            untold = any(
                unknown(name, one.get(name, 0), where, month, each[at].asked)
                for name in what.figures
                for (at, where), one in figures.items()
            )
            number = _number([*figures.values()], what.figures)
            changes = not named[1] and len(self.months) > 1 and not _CHANGES.isdisjoint(what.figures)
            if untold or changes or (len(months) > 1 and what.people) or (FIGURES[what.figures[0]].money and not number):
                asked.missing += 1  # nobody was asked who wants work; people taught twice; or nothing on record about pay
                return False
            self.made.put(cell, number, None)
            asked.filled += 1
            self.used.update(months)
            self.groups |= bool(what.codes)
            self.made.month = self.made.month if named[1] or len(months) > 1 else self.month
            return True
        return False

    def _when(self, named: tuple[str, str]) -> str:
        return f"{named[0] or self.year}-{int(named[1]):02d}" if named[1] else self.month

    def _counted(self, month: str, codes: frozenset[str] = frozenset()) -> Counted:
        if (month, codes) not in self.counts:
            self.counts[month, codes] = counted(self.session, month, codes)
        return self.counts[month, codes]

    # -- the villages of a row ---------------------------------------------------------------------------------------------------

    def _areas(self) -> dict[int, Sequence[str] | None]:
        """The villages of each row; None for a sum that would lack a place which is not the station's."""
        everywhere = [self.own] if self.own else self.villages
        if self.table.kind != "village":
            return dict.fromkeys(self.table.rows, everywhere)
        areas, totals, unknown = dict[int, Sequence[str] | None](), list[int](), False
        for n, (said, _asks) in self.table.rows.items():
            row = self.sheet.rows[n]
            if any(_TOTAL.fullmatch(plain(cell)) for cell in row[: self.table.place + 1] if cell not in (None, "")):
                totals.append(n)
            elif (found := self._area(n, said)) and found not in areas.values():
                areas[n] = found
            else:
                unknown = True
                message = _("不是本站的村，或者这个村前面已有一行：这一行和合计都没有填")
                self.made.remarks.append(Remark(self.sheet.name, n + 1, said[:30], "", message))
        listed = [village for villages in areas.values() for village in villages or ()] or everywhere
        return dict(sorted((areas | dict.fromkeys(totals, None if unknown else listed)).items()))

    def _area(self, n: int, said: str) -> list[str]:
        """The villages of the place that a row names, a village or (not at a village) a township; empty if it is not the station's."""
        headings = self.sheet.rows[self.table.top]
        beside = next((m for m, cell in enumerate(headings) if m < self.table.place and _TOWN.fullmatch(plain(cell or ""))), None)
        town = "" if beside is None else str(_at(self.sheet, n, beside) or "").strip()
        if (code := self._town(said)) is not None:
            return [village for village in self.villages if within(village, code)]
        try:
            village = Home(self.session, None).village_of("", town, said)
        except (FieldError, InputUnusable):
            return []
        return [village] if village else []

    def _town(self, said: str) -> str | None:
        if is_village(self.session.scope):
            return None
        towns = {divisions.name(code) or "": code for code in divisions.children(county_of(self.session.scope))}
        bare = {_TOWN_ENDING.sub("", name): code for name, code in towns.items()}
        found = towns.get(said) or (bare.get(said) if _TOWN.fullmatch(plain(self.sheet.rows[self.table.top][self.table.place])) else None)
        return found if found is not None and within(found, self.session.scope) else None

    # -- notes -------------------------------------------------------------------------------------------------------------------

    def _note(self) -> None:
        if not self.used:
            return
        first, last = min(self.used), max(self.used)
        message = _("数是 {month} 的，算到 {day}，和「务工监测月报」「统计」同一种数法；每个数是哪些人，到报表页打开这个月的月报或统计看")
        month = first if first == last else _("{first} 到 {last} 这些月").format(first=first, last=last)
        self.made.notes.append(message.format(month=month, day=self._counted(last).day))
        if self.made.month and self.titled and self.titled != self.month:
            made = _("表题写的是 {titled}，填的是 {month} 的数，报之前请把表题也改过来")
            self.made.notes.append(made.format(titled=self.titled, month=self.month))
        if not self.groups:
            message = _("劳动力、务工、公益岗、车间数的是台账里登记的所有人，不只是脱贫户和监测户；表上只要其中一类人的，请核对")
        else:
            message = _("题上或栏上写明脱贫人口、监测对象的，只数这一类人；没有写明的，数的是台账里登记的所有人")
        self.made.notes.append(message)


def _number(villages: Sequence[Mapping[str, int]], names: Sequence[str]) -> int | float:
    total = sum(one.get(name, 0) for one in villages for name in names)
    return float(yuan_text(total)) if FIGURES[names[0]].money else total
