"""The model of an `EntryGrid`: texts of the cells, parsing of input, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop import theme
from desktop.widgets import writing
from desktop.widgets.tips import tip
from domain.errors import FieldError
from domain.words import _

Index = QModelIndex | QPersistentModelIndex
TONE = Qt.ItemDataRole.UserRole
BAD = Qt.ItemDataRole.UserRole + 1
STYLE = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True)
class GridColumn:
    """A column. `editable` cells are typed in; the others show `GridRow.fixed` or are computed by `compute(row id)`. `sign`: cells hold one
    sign, which is centred.

    `style`: "" plain, "strong", "muted", "bar" (`0.83|差 1,293`). `sums`: the column is totalled.
    """

    key: str
    title: str
    width: int = 66
    editable: bool = True
    right: bool = True
    style: str = ""
    sums: bool = False
    sign: bool = False
    compute: Callable[[str], str] | None = None


@dataclass(frozen=True)
class GridRow:
    """A row: its id and the texts of its fixed cells by column key; its `locked` columns are not editable."""

    id: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CellChange:
    """A change of a cell by typing or pasting: the new text and the old one."""

    row: str
    column: str
    text: str
    old: str


def _side(made: GridColumn) -> Qt.AlignmentFlag:
    return theme.CENTRE if made.sign else theme.RIGHT if made.right else theme.LEFT


def number(text: str) -> float:
    """Return the number in a cell's text, 0 if it is none."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return 0.0


class GridModel(QAbstractTableModel):
    """Cells as text by (row id, column key). `read` turns typed text into cell text, or raises `FieldError`."""

    cell_changed = Signal(object)
    refused = Signal(str)
    """The reason why input could not be read."""

    def __init__(self, read: Callable[[str, str, str], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read = read
        self.columns: list[GridColumn] = []
        self.rows: list[GridRow] = []
        self.cells: dict[tuple[str, str], str] = {}
        self.tones: dict[tuple[str, str], str] = {}
        self.wrong: dict[tuple[str, str], tuple[str, str]] = {}
        """Cells with unreadable input: the input and the reason."""
        self._typed: list[list[CellChange]] = []
        """Unsaved changes by typing and pasting, in order, for undoing."""
        self.foot: Mapping[str, str] = {}
        self.with_foot = False
        self.foot_apart = False
        """Whether the totals are drawn by a `GridFoot` below the grid, not as its last row."""

    def set_content(self, columns: Sequence[GridColumn], rows: Sequence[GridRow], cells: Mapping[tuple[str, str], str]) -> None:
        """Replace the content."""
        self.beginResetModel()
        self._typed.clear()
        self.columns, self.rows, self.cells = list(columns), list(rows), dict(cells)
        ids, keys = {row.id for row in rows}, {made.key for made in columns}
        self.wrong = {
            place: reason for place, reason in self.wrong.items() if place[0] in ids and place[1] in keys
        }  # column widths do not count as content
        self.with_foot = any(made.sums for made in columns) and not self.foot_apart
        self.endResetModel()

    def refresh_content(self, columns: Sequence[GridColumn], rows: Sequence[GridRow], cells: Mapping[tuple[str, str], str]) -> bool:
        """Update the texts without a model reset, so that an edit is not interrupted. Returns False when rows or columns differ."""
        alike = [replace(made, compute=None) for made in columns] == [replace(made, compute=None) for made in self.columns]
        if not alike or [row.id for row in rows] != [row.id for row in self.rows]:
            return False
        if self.cells != cells:  # the page changed cells itself: undoing earlier typing would overwrite them
            self._typed.clear()
        self.columns, self.rows, self.cells = list(columns), list(rows), dict(cells)
        self._all_changed()
        return True

    def set_tones(self, tones: Mapping[tuple[str, str], str]) -> None:
        """Set the tones of cells: good warn bad info plain."""
        self.tones = dict(tones)
        self._all_changed()

    def set_foot(self, texts: Mapping[str, str]) -> None:
        """Set the texts of the row of totals, by column key (合计)."""
        self.foot = dict(texts)
        self._all_changed()

    # -- Qt ---------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """The number of rows, including the row of totals."""
        return len(self.rows) + int(self.with_foot)

    def columnCount(self, parent: Index | None = None) -> int:
        """The number of columns."""
        return len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All cells are selectable; editable ones can be edited."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.editable(index.row(), index.column()) else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, alignment, tone, error and style of a cell."""
        made = self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole):
            text = self.text(index.row(), index.column())
            if role == Qt.ItemDataRole.AccessibleTextRole and made.style == "bar":
                return text.partition("|")[2] or text
            return text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(made)
        if index.row() >= len(self.rows):
            return "strong" if role == STYLE else None
        place = (self.rows[index.row()].id, made.key)
        if role == TONE:
            return self.tones.get(place)
        if role == STYLE:
            return made.style
        if role in (BAD, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole) and place in self.wrong:
            reason = self.wrong[place][1]
            return tip(reason) if role == Qt.ItemDataRole.ToolTipRole else reason
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings; no row numbers, but the name of the row as its accessible text."""
        if orientation == Qt.Orientation.Vertical:
            return self._who(section) if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(self.columns[section])
        return None

    def _who(self, line: int) -> str:
        texts = self.rows[line].fixed if line < len(self.rows) else self.foot
        return texts.get("name") or next(iter(texts.values()), "")

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Set a cell to typed text."""
        return bool(self.put([(index.row(), index.column(), str(value))]))

    # -- cells ------------------------------------------------------------------------------------

    def editable(self, line: int, section: int) -> bool:
        """Whether a cell is editable."""
        if not 0 <= line < len(self.rows):  # the row of totals, or no row
            return False
        made = self.columns[section]
        return made.editable and made.compute is None and made.key not in self.rows[line].locked

    def text(self, line: int, section: int) -> str:
        """The text that a cell shows."""
        made = self.columns[section]
        if line >= len(self.rows):
            return self._sum(made)
        id = self.rows[line].id
        if made.compute is not None:
            return made.compute(id)
        if (id, made.key) in self.wrong:
            return self.wrong[id, made.key][0]
        return self.cells.get((id, made.key)) or self.rows[line].fixed.get(made.key, "")

    def read(self, places: Iterable[tuple[int, int, str]]) -> list[CellChange]:
        """Return the changes that typing these texts would make; cells that are not editable are skipped. Raises `FieldError` naming the
        cell, or saying why the present user may not change anything."""
        if why := writing.why_not():
            raise FieldError(why, "readonly")
        changes = []
        for line, section, typed in places:
            if not self.editable(line, section):
                continue
            row, made = self.rows[line], self.columns[section]
            try:
                text = self._read(row.id, made.key, typed.strip()) if typed.strip() else ""
            except FieldError as error:
                who = next(iter(row.fixed.values()), "") if len(row.fixed) == 1 else " ".join(row.fixed.values())
                raise FieldError(_("{who} {column}：{error}").format(who=who, column=made.title, error=error), error.code) from None
            old = self.cells.get((row.id, made.key), "")
            if text != old or (row.id, made.key) in self.wrong:
                changes.append(CellChange(row.id, made.key, text, old))
        return changes

    def put(self, places: Sequence[tuple[int, int, str]]) -> list[CellChange]:
        """Type texts into cells. Unreadable text stays in its cell, marked, with the reason as tooltip."""
        done: list[CellChange] = []
        unread: list[CellChange] = []
        if why := writing.why_not():
            self.refused.emit(why)
            return done
        for line, section, typed in places:
            try:
                changes = self.read([(line, section, typed)])
            except FieldError as error:
                place = (self.rows[line].id, self.columns[section].key)
                self.wrong[place] = (typed, str(error))
                unread.append(CellChange(*place, typed, self.cells.get(place, "")))
                self._all_changed()
                self.refused.emit(str(error))
                continue
            self._stand(changes)
            done += changes
        self._typed.append(done + unread)
        return done

    def take(self, changes: Sequence[CellChange]) -> None:
        """Apply changes and emit `cell_changed` for each."""
        self._typed.append(list(changes))
        self._stand(changes)

    def undo(self) -> tuple[str, str] | None:
        """Undo the last input, except in cells that have changed since. Returns row and column of one of the cells."""
        while self._typed:
            typed = [one for one in self._typed.pop() if self._held(one.row, one.column) == one.text]
            if typed:
                self._stand([CellChange(one.row, one.column, one.old, one.text) for one in typed])
                return typed[0].row, typed[0].column
        return None

    def forget_typed(self) -> None:
        """Clear the undo list."""
        self._typed.clear()

    def _held(self, row: str, column: str) -> str:
        return self.wrong[row, column][0] if (row, column) in self.wrong else self.cells.get((row, column), "")

    def _stand(self, changes: Sequence[CellChange]) -> None:
        for change in changes:
            place = (change.row, change.column)
            self.wrong.pop(place, None)
            if change.text:
                self.cells[place] = change.text
            else:
                self.cells.pop(place, None)
        if changes:
            self._all_changed()
        for change in changes:
            self.cell_changed.emit(change)

    def forget_wrong(self) -> None:
        """Discard unreadable input, because other content is shown or it is not wanted any more."""
        self.wrong.clear()
        self._typed.clear()
        self._all_changed()

    def _sum(self, made: GridColumn) -> str:
        if made.key in self.foot:
            return self.foot[made.key]
        if not made.sums:
            return ""
        texts = (made.compute(row.id) if made.compute else self.cells.get((row.id, made.key), "") for row in self.rows)
        figures = [number(text) for text in texts if text]
        total = sum(figures)
        if not figures:
            return ""
        return f"{total:,.2f}".removesuffix(".00")

    def _all_changed(self) -> None:
        if self.rows and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(self.columns) - 1))
