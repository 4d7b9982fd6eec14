"""The row of totals below an EntryGrid, always visible however many rows scroll.

foot = GridFoot(grid)                       # before the grid gets its content
layout.addWidget(foot.with_grid())          # the grid as high as its rows need, with the totals directly below
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.widgets.drawing import draw_cell, smooth_painter
from desktop.widgets.entry_grid import EntryGrid
from desktop.widgets.layout import column, holder

HEIGHT = 34


class GridFoot(QWidget):
    """Draws the sums of the grid's model, aligned with its columns."""

    def __init__(self, grid: EntryGrid) -> None:
        super().__init__()
        self._grid = grid
        grid.model().foot_apart = True
        self.setFixedHeight(theme.px(HEIGHT))
        grid.model().modelReset.connect(self._fit)
        grid.model().dataChanged.connect(lambda *_places: self.update())
        grid.horizontalScrollBar().valueChanged.connect(lambda _value: self.update())
        grid.horizontalScrollBar().rangeChanged.connect(lambda *_range: self._fit())
        grid.horizontalHeader().sectionResized.connect(lambda *_sizes: self.update())

    def with_grid(self) -> QWidget:
        """The grid and its sums as one widget."""
        return holder(column(self._grid, self, None, spacing=0, shares=(1000,)))

    def _fit(self) -> None:
        """Limit the grid's height to its rows, so that the sums are directly below the last one."""
        grid = self._grid
        bar = grid.horizontalScrollBar()
        across = bar.sizeHint().height() if bar.maximum() > 0 else 0
        lines = len(grid.model().rows) * grid.verticalHeader().defaultSectionSize()
        grid.setMaximumHeight(grid.horizontalHeader().sizeHint().height() + lines + across + 2 * grid.frameWidth() + 2)
        self.setVisible(bool(grid.model().rows))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sums."""
        painter = smooth_painter(self)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("band"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(theme.colour("text"))
        grid, cells = self._grid, self._grid.model()
        for section, made in enumerate(cells.columns):
            text = cells.text(len(cells.rows), section)
            if text:
                box = QRect(grid.frameWidth() + grid.columnViewportPosition(section), 0, grid.columnWidth(section), self.height())
                painter.setFont(theme.font(14, bold=True))
                draw_cell(painter, box, text, theme.RIGHT if made.right else theme.LEFT, theme.px(8))
