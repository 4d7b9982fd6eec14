"""The table view that lists and grids are built on: rows of equal height, no grid lines, no row numbers, headers of one line; and short
read-only tables for dialogs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QTableWidget, QTableWidgetItem

from desktop import theme

ROW_HEIGHT = 32


class RowsView(QTableView):
    """The plain table view."""

    covered = 0
    """Width in px at the left edge that frozen columns cover."""

    def __init__(self) -> None:
        super().__init__()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_HEIGHT))
        self.verticalHeader().setMinimumSectionSize(theme.px(ROW_HEIGHT))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Give the header an empty selection model of its own. With the view's it would ask for every selected row and column whether it is
        selectable, which for 20,000 rows takes half a second."""
        super().setModel(model)
        header = self.horizontalHeader()
        header.setSelectionModel(QItemSelectionModel(self.model(), header))

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Scroll a cell into view, and out from under frozen columns."""
        super().scrollTo(index, hint)
        behind = self.covered - self.columnViewportPosition(index.column())
        if self.covered and behind > 0:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - behind)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current row visible when the view gets lower, because a bar above wraps or a scroll bar appears."""
        line, before = self.currentIndex().row(), event.oldSize().height()
        seen = line >= 0 and 0 <= self.rowViewportPosition(line) < before
        super().resizeEvent(event)
        if seen and event.size().height() < before:
            across = self.horizontalScrollBar().value()
            self.scrollTo(self.currentIndex())
            self.horizontalScrollBar().setValue(across)

    def list_lines(self) -> None:
        """Behave as a list: select whole rows, scroll by pixels, let Tab leave it, stretch the last column."""
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setStretchLastSection(True)


def fixed_table(name: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> QTableWidget:
    """Return a table with these headers and rows; it selects whole rows, and its last column takes the remaining width."""
    table = QTableWidget(len(lines), len(headings))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(headings))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.px(32))
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setDefaultAlignment(theme.LEFT)
    for n, line in enumerate(lines):
        for m, text in enumerate(line):
            table.setItem(n, m, QTableWidgetItem(text))
    return table
