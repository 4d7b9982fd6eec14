"""The first columns of a table stay in sight while the others are scrolled sideways.

freeze(view, 2)          # of any QTableView whose model is set; columns may be resized, rows scrolled, keys go to the view as before
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView


class _Frozen(QTableView):
    """Lies over the left edge of a view and shows its first columns."""

    def __init__(self, view: QTableView, columns: int) -> None:
        super().__init__(view)
        self._view, self._columns = view, columns
        self.setModel(view.model())
        self.setSelectionModel(view.selectionModel())
        self.horizontalHeader().setSelectionModel(view.horizontalHeader().selectionModel())  # which `RowsView` keeps empty
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
        view.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(view.verticalScrollBar().setValue)
        view.horizontalScrollBar().valueChanged.connect(lambda _at: self.fit())
        view.installEventFilter(self)
        self.fit()

    def fit(self) -> None:
        """Take the widths of the view's first columns; nothing to be seen while the view is not scrolled sideways."""
        header = self._view.horizontalHeader()
        for section in range(self._view.model().columnCount()):
            self.setColumnHidden(section, section >= self._columns)
            if section < self._columns:
                self.setColumnWidth(section, header.sectionSize(section))
        width = sum(header.sectionSize(section) for section in range(min(self._columns, header.count())))
        self.horizontalHeader().setFixedHeight(max(header.height(), 1))
        frame = self._view.frameWidth()
        self.setGeometry(frame, frame, width + 1, self._view.viewport().height() + header.height())
        self.setVisible(self._view.horizontalScrollBar().value() > 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the view's size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.LayoutRequest):
            self.fit()
        return False


def freeze(view: QTableView, columns: int) -> QTableView:
    """Keep the first `columns` of a view in sight; answers the table that lies over it."""
    return _Frozen(view, columns)
