"""The list of a file's rows. Cell texts are made when they are shown, so a file may have any number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView

from desktop import theme
from desktop.importing.preview import Preview, TableRow, outcome, outcome_chips, sentence
from desktop.widgets.cells import CellDelegate
from desktop.widgets.ledger_model import Column, Index
from desktop.widgets.rows_view import RowsView
from desktop.widgets.tips import tip
from domain.words import _

_TEXT = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
_ANSWERS = {Qt.Key.Key_1: True, Qt.Key.Key_2: False}


class RowsModel(QAbstractTableModel):
    """The rows of one group of a preview."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: list[Column[TableRow]] = []
        self._preview: Preview | None = None
        self._numbers: Sequence[int] = ()

    def show(self, preview: Preview | None, group: str = "all") -> None:
        """Show a group of a preview."""
        self.beginResetModel()
        self._preview = preview
        self._numbers = preview.groups[group] if preview else ()
        self.columns = _columns(preview) if preview else self.columns
        self.endResetModel()

    def number(self, row: int) -> int | None:
        """The index in the preview of the row shown at `row`."""
        return self._numbers[row] if 0 <= row < len(self._numbers) else None

    def answered(self) -> None:
        """Repaint, as an answer may have changed the chips."""
        if self._numbers and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._numbers) - 1, len(self.columns) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """The number of rows in the group."""
        return 0 if parent is not None and parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index | None = None) -> int:
        """The number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell; the delegate draws it."""
        if self._preview is None or role not in _TEXT:
            return None
        text = self.columns[index.column()].cell(self._preview.lines[self._numbers[index.row()]])
        return tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The headings."""
        if orientation == Qt.Orientation.Vertical:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        return (theme.RIGHT if column.right else theme.LEFT) if role == Qt.ItemDataRole.TextAlignmentRole else None


class RowList(RowsView):
    """The list. `chosen`: an index in the preview, or -1; `answered`: 收下 (True) or 不收, by the keys 1 and 2."""

    chosen = Signal(int)
    answered = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.rows = RowsModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(CellDelegate(lambda: self.rows.columns, self))
        self.setAccessibleName(_("名册的行"))
        self.list_lines()
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSectionsClickable(False)
        self.selectionModel().currentRowChanged.connect(lambda *_rows: self._emit_chosen())

    def show_group(self, preview: Preview | None, group: str) -> None:
        """Show a group and select its first row."""
        self.rows.show(preview, group)
        for n, column in enumerate(self.rows.columns):
            self.horizontalHeader().resizeSection(n, theme.px(column.width))
        if self.rows.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.rows.index(0, 0), flags)
        else:
            self._emit_chosen()

    def step(self) -> None:
        """Select the next row."""
        self.selectRow(min(self.currentIndex().row() + 1, self.rows.rowCount() - 1))

    def _emit_chosen(self) -> None:
        number = self.rows.number(self.currentIndex().row())
        self.chosen.emit(-1 if number is None else number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 accepts a questionable row, 2 leaves it out."""
        answer = _ANSWERS.get(Qt.Key(event.key()))
        if answer is None:
            super().keyPressEvent(event)
        else:
            self.answered.emit(answer)


def _columns(preview: Preview) -> list[Column[TableRow]]:
    chips = outcome_chips()
    table = Column[TableRow]("table", _("哪张表"), 130, lambda line: preview.table_name(line.table), style="muted")
    return [
        Column("row", _("行"), 56, lambda line: line.row.number, right=True, style="muted"),
        Column("outcome", _("结果"), 92, lambda line: chips[outcome(line.row)][0], style="chip", tones=dict(chips.values())),
        *([table] if len(preview.plan.tables) > 1 else []),
        Column("title", _("姓名"), 96, lambda line: line.row.title, style="strong"),
        Column("sentence", _("说明"), 120, lambda line: sentence(line.row)),
    ]
