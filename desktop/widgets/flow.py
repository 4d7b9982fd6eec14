"""A layout that goes on in the next line when a line is full: chips and small buttons in narrow windows.

widget.setLayout(Flow(chip, chip, chip, spacing=6))
widget.setLayout(Flow(count, None, button))                  # None: what the line leaves, so that the rest stands at its right end
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSpacerItem, QWidget, QWidgetItem

from desktop import theme

_LINES = 8
"""Space between lines in px at 100 % text, at most."""


class Flow(QLayout):
    """Lays widgets out from left to right and line after line."""

    def __init__(self, *widgets: QWidget | None, spacing: int = 6) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap: QLayoutItem | None = None
        self._heights: dict[int, int] = {}
        """What was worked out for a width; a window that takes its shape asks thousands of times."""
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(theme.px(spacing))
        self._between = theme.px(min(spacing, _LINES))
        for widget in widgets:
            if widget is None:
                self._gap = QSpacerItem(0, 0)
                self.addItem(self._gap)
            else:
                self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        """Qt hands an item over."""
        self._items.append(item)

    def count(self) -> int:
        """How many items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """The item at a place, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # the stubs know no None
        """Take an item out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It needs no more room than it has."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """The narrower, the higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height for a width."""
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def invalidate(self) -> None:
        """Something within changed."""
        self._heights.clear()
        super().invalidate()

    def setGeometry(self, box: QRect) -> None:
        """Place everything, in the middle when there is more height than is needed: beside higher neighbours."""
        super().setGeometry(box)
        spare = max(0, box.height() - self.heightForWidth(box.width()))
        self._place(box.translated(0, spare // 2), move=True)

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = [item.sizeHint() for item in self._shown()]
        wide = sum(size.width() for size in sizes) + self.spacing() * max(len(sizes) - 1, 0)
        return QSize(wide, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """One item a line."""
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(max((size.width() for size in sizes), default=0), max((size.height() for size in sizes), default=0))

    def insertWidget(self, index: int, widget: QWidget) -> None:
        """Put a widget before the item at `index`; the gap counts as one."""
        self.addChildWidget(widget)
        self._items.insert(index, QWidgetItem(widget))
        self.invalidate()

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """What stands in each line with its size; the gap has none."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = [[]]
        x = 0
        for item in self._items:
            if item is self._gap:
                lines[-1].append((item, QSize(0, 0)))
            if item.isEmpty():
                continue
            wide = min(item.sizeHint().width(), max(width, item.minimumSize().width()))
            high = item.heightForWidth(wide) if item.hasHeightForWidth() else item.sizeHint().height()
            if x and wide and x + wide > width:  # words that are not there need no line of their own
                lines.append([])
                x = 0
            lines[-1].append((item, QSize(wide, high)))
            x += wide + self.spacing()
        return lines

    def _place(self, box: QRect, *, move: bool) -> int:
        y = box.y()
        for line in self._lines(box.width()):
            high = max((size.height() for _item, size in line), default=0)
            count = sum(item is not self._gap for item, _size in line)
            spare = box.width() - sum(size.width() for _item, size in line) - self.spacing() * (count - 1)
            x = box.x()
            for item, size in line:
                if item is self._gap:
                    x += max(spare, 0)
                    continue
                if move:
                    item.setGeometry(QRect(QPoint(x, y + (high - size.height()) // 2), size))
                x += size.width() + self.spacing()
            y += high + self._between
        return max(y - self._between - box.y(), 0)
