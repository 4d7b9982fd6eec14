"""A layout that wraps its widgets to the next line, for chips and small buttons in narrow windows.

widget.setLayout(Flow(chip, chip, chip, spacing=6))
widget.setLayout(Flow(count, None, button))                  # None is a stretch: what follows is at the right end of its line
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSpacerItem, QWidget, QWidgetItem

from desktop import theme

_LINES = 8
"""Largest spacing between lines, in px at 100 % text size."""


class Flow(QLayout):
    """Lays out widgets from left to right, line after line."""

    def __init__(self, *widgets: QWidget | None, spacing: int = 6) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap: QLayoutItem | None = None
        self._heights: dict[int, int] = {}
        """Heights by width; Qt asks for them thousands of times while it lays out a window."""
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
        """Add an item; called by Qt."""
        self._items.append(item)

    def count(self) -> int:
        """The number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """The item at this index, or None."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # the stubs know no None
        """Remove and return the item at this index, or None."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It does not want to grow."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Its height depends on its width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height for a width."""
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def invalidate(self) -> None:
        """Clear the cache, because an item changed."""
        self._heights.clear()
        super().invalidate()

    def setGeometry(self, box: QRect) -> None:
        """Place all items; surplus height, beside taller neighbours, is divided above and below."""
        super().setGeometry(box)
        spare = max(0, box.height() - self.heightForWidth(box.width()))
        self._place(box.translated(0, spare // 2), move=True)

    def sizeHint(self) -> QSize:
        """The size with all items in one line."""
        sizes = [item.sizeHint() for item in self._shown()]
        wide = sum(size.width() for size in sizes) + self.spacing() * max(len(sizes) - 1, 0)
        return QSize(wide, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """The size with one item per line."""
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(max((size.width() for size in sizes), default=0), max((size.height() for size in sizes), default=0))

    def insertWidget(self, index: int, widget: QWidget) -> None:
        """Insert a widget before the item at `index`; the stretch counts as an item."""
        self.addChildWidget(widget)
        self._items.insert(index, QWidgetItem(widget))
        self.invalidate()

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """The items of each line with their sizes; the stretch has size 0."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = [[]]
        x = 0
        for item in self._items:
            if item is self._gap:
                lines[-1].append((item, QSize(0, 0)))
            if item.isEmpty():
                continue
            wide = min(item.sizeHint().width(), max(width, item.minimumSize().width()))
            high = item.heightForWidth(wide) if item.hasHeightForWidth() else item.sizeHint().height()
            if x and wide and x + wide > width:  # an empty label needs no line of its own
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
