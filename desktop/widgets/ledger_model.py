"""The read-only model of every list: it has all ids in order, and fetches rows page by page from SQL when they become visible. A list held
in memory is searched and sorted here (`in_memory`)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QAbstractTableModel, QItemSelection, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from desktop import theme
from desktop.jobs import Jobs
from desktop.widgets.tips import tip
from domain import divisions
from domain.fields import Record
from domain.scopes import is_village
from domain.values import Type
from domain.words import _

PAGE = 10
"""Number of rows fetched together; a screen shows two or three such pages."""
SCREEN = 3 * PAGE
"""Number of rows fetched with a list's ids: at least as many as are visible."""
KEPT_PAGES = 180
NAMED = 5
"""Most records named in a question about them."""
Row = Mapping[str, str]
Index = QModelIndex | QPersistentModelIndex
_T = TypeVar("_T")
WIDTHS = {
    Type.DATE: 100,
    Type.FDATE: 100,
    Type.MONTH: 88,
    Type.YUAN: 100,
    Type.INT: 72,
    Type.BOOL: 64,
    Type.SECRET: 170,
    Type.PLACE: 190,
    Type.AREA: 190,
}
"""Widths of columns by type in px at 100 % text; others 120."""


@dataclass(frozen=True)
class Column(Generic[_T]):
    """A column of a list whose records are objects of type `_T`: its key, its heading, how it looks, and where its value comes from.

    `style`: "" plain, "strong", "muted", "chip" (tinted by `tones`, text → tone), "bar" (text `0.83|差 1,293`: part and words).
    """

    key: str
    title: str
    width: int = 110
    of: Callable[[_T], object] | None = None
    """Its value from an object; without it, the object itself is the value. Of a value that is a record or a mapping, the field or item
    `key` is shown."""
    text: Callable[[Any], str] = str
    """How a value that is not None is written."""
    sort: Callable[[_T], Any] | None = None
    """By what a list in memory is sorted, if not by the value."""
    right: bool = False
    style: str = ""
    tones: Mapping[str, str] = field(default_factory=dict)
    sortable: bool = True
    shown: bool = True
    """Whether it is shown by default."""
    tip: str = ""
    holds: str = ""
    """A text that later rows may have and that is never cut off, such as a full date where the first rows have months."""

    def cell(self, one: _T) -> str:
        """The text of its cell for an object."""
        found = self.of(one) if self.of else one
        if isinstance(found, Record):
            return found.shown(self.key)
        value = found.get(self.key) if isinstance(found, Mapping) else found
        return "" if value is None else self.text(value)

    def order(self, one: _T) -> Any:
        """What a list in memory is sorted by."""
        if self.sort:
            return self.sort(one)
        found = self.of(one) if self.of else one
        return self.cell(one) if found is None or isinstance(found, Record | Mapping) else found


def whose(home: str, record: Callable[[_T], Record], *, sortable: bool = False) -> list[Column[_T]]:
    """Return the column of the village of an object's `record`, which lists above a village have; `home`: the code of the station's
    place."""
    return (
        [] if is_village(home) else [Column("village", _("村"), 84, lambda one: divisions.called(record(one).village), sortable=sortable)]
    )


@dataclass(frozen=True)
class View:
    """The view of a list: search text, filters, order (a column's key, "" for the default order)."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    descending: bool = False


@dataclass(frozen=True)
class Source:
    """A list: its columns, and the functions that supply its records."""

    columns: Sequence[Column[Any]]
    """Every column that can be shown."""
    ids: Callable[[View], Sequence[str]]
    objects: Callable[[Sequence[str], Sequence[str]], Mapping[str, Any]]
    """`objects(ids, keys of the columns shown)`: what the columns show, by id."""
    first: Callable[[View, int], Sequence[str] | None] | None = None
    """`first(view, n)`: the first n ids, shown at once, if they are much faster to find than all; else None."""

    def rows(self, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
        """The texts of some records: of the columns with these keys, and of all columns whose values come from functions."""
        made, found = [one for one in self.columns if one.of or one.key in keys], self.objects(ids, keys)
        return [{"id": id, **{one.key: one.cell(found[id]) for one in made}} for id in ids if id in found]


class Loaded(NamedTuple):
    """The ids of a list in order, all of them or (not `whole`) its first screen, and the visible rows of a page with these columns."""

    view: View
    keys: list[str]
    ids: Sequence[str]
    whole: bool
    page: int
    rows: Sequence[Row]


class LedgerModel(QAbstractTableModel):
    """Rows by id, fetched off the GUI thread by pages, all visible pages in one query; "…" is shown for a row being fetched."""

    def __init__(self, jobs: Jobs, rows: Callable[[Sequence[str], Sequence[str]], Sequence[Row]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._rows = jobs, rows
        self.columns: list[Column[Any]] = []
        self.ids: Sequence[str] = ()
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._asked: set[int] = set()
        self._wanted: list[int] = []
        self._generation = 0
        self._trip = QTimer(self, singleShot=True, interval=0)
        self._trip.timeout.connect(self._fetch)

    def set_rows(self, rows: Callable[[Sequence[str], Sequence[str]], Sequence[Row]]) -> None:
        """Replace the source of rows; the list is empty until `set_ids`."""
        self._rows = rows
        self.set_ids(())

    def set_columns(self, columns: Sequence[Column[Any]]) -> None:
        """Replace the columns. Rows are fetched again, as they may lack the cells."""
        self.beginResetModel()
        self.columns = list(columns)
        self._forget()
        self.endResetModel()

    def set_ids(self, ids: Sequence[str], page: int = 0, rows: Sequence[Row] = ()) -> None:
        """Replace the records by these ids in order, with the rows already fetched from a page on; drops all other rows."""
        self.beginResetModel()
        self.ids = ids
        self._forget()
        known = {row["id"]: row for row in rows}
        for number in range(page, page + -(-len(rows) // PAGE)):
            self._keep(number, known)
        self.endResetModel()

    def line_of(self, id: str) -> int:
        """The row number of a record, -1 when it is not listed."""
        try:
            return self.ids.index(id)
        except ValueError:
            return -1

    def ids_in(self, selection: QItemSelection) -> list[str]:
        """The ids of the records in a selection of whole rows, from top to bottom."""
        parts = sorted((part.top(), part.bottom()) for part in map(selection.at, range(selection.size())))
        return [id for top, bottom in parts for id in self.ids[top : bottom + 1]]

    def named(self, ids: Collection[str], columns: int = 1) -> str:
        """Return the names of some records, at most `NAMED`, from the first columns; "" if none of their rows has been fetched."""
        lines = [line for id in list(ids)[:NAMED] if (line := self.line_of(id)) >= 0]
        rows = [row for row in map(self.row, lines) if row is not None]
        names = ["　".join(filter(None, (row.get(made.key, "") for made in self.columns[:columns]))) for row in rows]
        return _("、").join(filter(None, names)) + ("…" if rows and len(ids) > NAMED else "")

    def selection_of(self, ids: Collection[str]) -> QItemSelection:
        """Return the selection of those of some records that are listed."""
        wanted, made = set(ids), QItemSelection()
        lines = [line for line, id in enumerate(self.ids) if id in wanted] if wanted and self.columns else []
        for _step, run in groupby(enumerate(lines), key=lambda each: each[1] - each[0]):  # consecutive lines are one range
            part = [line for _n, line in run]
            made.select(self.index(part[0], 0), self.index(part[-1], len(self.columns) - 1))
        return made

    def rowCount(self, parent: Index | None = None) -> int:
        """The number of records."""
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index | None = None) -> int:
        """The number of columns shown."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def row(self, number: int) -> Row | None:
        """Return a row if it has been fetched; otherwise start to fetch its page and return None."""
        page = number // PAGE
        if page not in self._pages:
            self._ask(page)
        rows = self._pages.get(page)
        if rows is None:
            return None
        self._pages.move_to_end(page)
        return rows[number % PAGE] if number % PAGE < len(rows) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text and alignment of a cell; drawing is the delegate's."""
        column = self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            row = self.row(index.row())
            text = row.get(column.key, "") if row is not None else "" if index.column() else "…"
            if role == Qt.ItemDataRole.AccessibleTextRole and column.style == "bar":
                return text.partition("|")[2] or text
            return tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return theme.RIGHT if column.right else theme.LEFT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings, their tooltips and alignment; row numbers, with the first column as their accessible text."""
        if orientation == Qt.Orientation.Vertical:
            if role == Qt.ItemDataRole.AccessibleTextRole and self.columns:
                return self.data(self.index(section, 0))
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return "　".join(part for part in (column.title, column.tip) if part)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return theme.RIGHT if column.right else theme.LEFT
        return None

    def _forget(self) -> None:
        self._pages.clear()
        self._asked.clear()
        self._wanted.clear()
        self._generation += 1

    def _ask(self, page: int) -> None:
        if page not in self._asked:
            self._asked.add(page)
            self._wanted.append(page)
            self._trip.start()

    def _fetch(self) -> None:
        pages, self._wanted = self._wanted, []
        ids, generation = [id for page in pages for id in self._ids_of(page)], self._generation
        keys = [made.key for made in self.columns]
        if ids:
            self._jobs.run(lambda: self._rows(ids, keys), lambda rows: self._arrived(pages, generation, rows))

    def _ids_of(self, page: int) -> Sequence[str]:
        return self.ids[page * PAGE : (page + 1) * PAGE]

    def _keep(self, page: int, rows: Mapping[str, Row]) -> None:
        self._pages[page] = [rows.get(id, {"id": id}) for id in self._ids_of(page)]
        self._asked.discard(page)
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)

    def _arrived(self, pages: Sequence[int], generation: int, rows: Sequence[Row]) -> None:
        if generation != self._generation:
            return
        found = {row["id"]: row for row in rows}
        for page in pages:
            self._keep(page, found)
        first, last = min(pages) * PAGE, min((max(pages) + 1) * PAGE, len(self.ids)) - 1
        if self.columns and last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))


def in_memory(
    columns: Sequence[Column[_T]],
    lines: Callable[[View], Sequence[_T]],
    id: Callable[[_T], str] = attrgetter("id"),
    searched: Callable[[_T], str] | None = attrgetter("name"),
) -> Source:
    """Return the list of the objects `lines(view)`, which applies the filters. Searching (in the text `searched`) and sorting are done
    here; with None `lines` does these, too."""
    by_key = {one.key: one for one in columns}
    known: Mapping[str, _T] = {}

    def ids(view: View) -> list[str]:
        nonlocal known
        found = list(lines(view))
        if searched is not None and view.search:
            found = [one for one in found if view.search.lower() in searched(one).lower()]
        if searched is not None and view.order in by_key:
            found.sort(key=by_key[view.order].order, reverse=view.descending)
        known = {id(one): one for one in found}
        return [id(one) for one in found]

    def objects(wanted: Sequence[str], _keys: Sequence[str]) -> Mapping[str, Any]:
        return known

    return Source(columns, ids, objects)
