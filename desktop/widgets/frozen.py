"""Keeps the first columns of a table visible while the others scroll sideways.

freeze(view, 2)          # any view with a model; columns can still be resized, rows scroll, keys go to the view
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView

from desktop.widgets.rows_view import RowsView


class _Frozen(QTableView):
    """A table over the left edge of a view that shows its first columns."""

    def __init__(self, view: RowsView, columns: int) -> None:
        super().__init__(view)
        self._view, self._columns = view, columns
        self.setModel(view.model())
        self.setSelectionModel(view.selectionModel())
        self.horizontalHeader().setSelectionModel(view.horizontalHeader().selectionModel())  # the empty one that `RowsView` sets
        self.setItemDelegate(view.itemDelegate())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(view)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "frozen")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(view.selectionBehavior())
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(view.verticalScrollMode())
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(view.verticalHeader().defaultSectionSize())
        self.verticalHeader().setMinimumSectionSize(view.verticalHeader().minimumSectionSize())
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        view.horizontalHeader().sectionResized.connect(lambda *_sizes: self.fit())
        view.model().modelReset.connect(self.fit)
        view.selectionModel().currentRowChanged.connect(lambda *_rows: self.viewport().update())  # the frame around the current row
        view.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(view.verticalScrollBar().setValue)
        view.horizontalScrollBar().valueChanged.connect(lambda _at: self.fit())
        self.doubleClicked.connect(view.doubleClicked)
        view.installEventFilter(self)
        self.fit()

    def fit(self) -> None:
        """Take over the widths of the view's first columns; hidden while the view is not scrolled sideways."""
        header = self._view.horizontalHeader()
        for section in range(self._view.model().columnCount()):
            self.setColumnHidden(section, section >= self._columns)
            if section < self._columns:
                self.setColumnWidth(section, header.sectionSize(section))
        width = sum(header.sectionSize(section) for section in range(min(self._columns, header.count())))
        self.horizontalHeader().setFixedHeight(max(header.height(), 1))
        frame = self._view.frameWidth()
        self.setGeometry(frame, frame, width + 1, self._view.viewport().height() + header.height())
        scrolled = self._view.horizontalScrollBar().value() > 0
        self.setVisible(scrolled)
        self._view.covered = width if scrolled else 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the view's size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.LayoutRequest):
            self.fit()
        return False


def freeze(view: RowsView, columns: int) -> QTableView:
    """Keep the first `columns` of a view visible; returns the table that covers them."""
    return _Frozen(view, columns)
