"""A table of lines as lists and grids have it: one height, no grid, no numbers beside them, headings of one line."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView

from desktop import theme

ROW_HEIGHT = 32


class RowsView(QTableView):
    """The bare table."""

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
        """The headings look after no selection: with it they asked each chosen line, for each column, whether it may be chosen, which for
        20 000 lines stood still for half a second."""
        super().setModel(model)
        header = self.horizontalHeader()
        header.setSelectionModel(QItemSelectionModel(self.model(), header))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The line of the cursor stays in sight when a bar above takes another line or a scroll bar comes."""
        line, before = self.currentIndex().row(), event.oldSize().height()
        seen = line >= 0 and 0 <= self.rowViewportPosition(line) < before
        super().resizeEvent(event)
        if seen and event.size().height() < before:
            across = self.horizontalScrollBar().value()
            self.scrollTo(self.currentIndex())
            self.horizontalScrollBar().setValue(across)

    def list_lines(self) -> None:
        """As a list: whole lines are chosen, it scrolls smoothly, Tab leaves it, the last column takes what room is left."""
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setStretchLastSection(True)
