"""A list and, beside it, what it says of the line under the cursor; in a narrow window under it, and both scroll downward together.

layout.addWidget(Beside(self.table, cards, 300))      # the width of the cards in px at 100 % text; they scroll by themselves
"""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop import theme
from desktop.widgets.layout import column, holder, row, scrolled

NARROW = 640
"""Below this width of both, in px at 100 % text, they stand under one another, as on 1024×600 at 125 %: a list needs it all."""
LIST, SIDE = 180, 220
"""Their least heights then."""
_FREE = 16_777_215  # Qt's own word for a size without bounds


class Beside(QWidget):
    """The two and the area in which they scroll."""

    def __init__(self, list_: QWidget, side: QWidget, width: int) -> None:
        super().__init__()
        self._list, self._side, self._width = list_, scrolled(side), theme.px(width)
        self._both = row(list_, self._side, spacing=12, shares=(1,))
        inside = holder(self._both)
        inside.setMinimumWidth(1)  # never sideways: the list scrolls by itself
        self.setLayout(column(scrolled(inside), spacing=0))

    def to_top(self) -> None:
        """What is said is of another line: its name comes first."""
        self._side.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside one another where there is room."""
        narrow = self.width() < theme.px(NARROW)
        self._both.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._list.setMinimumHeight(theme.px(LIST) if narrow else 0)
        self._side.setMinimumSize(0 if narrow else self._width, theme.px(SIDE) if narrow else 0)
        self._side.setMaximumSize(_FREE if narrow else self._width, theme.px(SIDE) if narrow else _FREE)
        super().resizeEvent(event)
