"""A list with details of the current row beside it; in a narrow window the details are below, and both scroll vertically together.

layout.addWidget(Beside(self.table, cards, 300))      # width of the details in px at 100 % text size; they scroll on their own
"""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop import theme
from desktop.widgets.layout import column, holder, in_sight, row, scrolled

NARROW = 640
"""Below this total width, in px at 100 % text size, they are one below the other, as on 1024×600 at 125 %."""
LIST, LEAST, SIDE = 180, 150, 220
"""The height of the list in that case, where the window is too low for it, and of the details."""
UNLIMITED = 16_777_215
"""QWIDGETSIZE_MAX: the maximum size of a widget that has none."""


class Beside(QWidget):
    """The list, the details, and the area in which both scroll."""

    def __init__(self, list_: QWidget, side: QWidget, width: int) -> None:
        super().__init__()
        self._list, self._side, self._width = list_, scrolled(side), theme.px(width)
        self._both = row(list_, self._side, spacing=12, shares=(1,))
        inside = holder(self._both)
        inside.setMinimumWidth(1)  # so that the area never scrolls sideways: the list does that itself
        self._area = scrolled(inside)
        self.setLayout(column(self._area, spacing=0))

    def to_top(self) -> None:
        """Scroll the details to the top, after another row became the current one."""
        self._side.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side if there is room."""
        narrow = self.width() < theme.px(NARROW)
        self._both.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        high = max(theme.px(LEAST), self.height())
        self._list.setMinimumHeight(min(theme.px(LIST), high) if narrow else 0)
        self._list.setMaximumHeight(high if narrow else UNLIMITED)  # so that its buttons stay in sight
        self._side.setMinimumSize(0 if narrow else self._width, theme.px(SIDE) if narrow else 0)
        self._side.setMaximumSize(UNLIMITED if narrow else self._width, theme.px(SIDE) if narrow else UNLIMITED)
        super().resizeEvent(event)
        now = self.window().focusWidget()
        if narrow and now is not None and self._list.isAncestorOf(now):  # it was scrolled to when there was less room
            if self.height() >= self._list.minimumHeight():
                self._area.verticalScrollBar().setValue(0)  # all of the list, with its buttons
            else:
                in_sight(now)
