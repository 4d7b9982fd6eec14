"""Short functions for layouts: rows, columns, grids, stacks, scroll areas; `Flow`, which wraps to the next line; a list with details beside
it, and columns of cards, which are one below the other in a narrow window.

column(label("…"), button, None, spacing=8)     # None is a stretch; a number an empty space in px
row(button, None, other)
row(list, side, shares=(2, 5))                  # stretch factors: the first takes two parts of the free room, the second five
Flow(chip, chip, None, button, spacing=6)       # for narrow windows; what follows None is at the right end of its line
grid(across=12, shares=(1, 2))                  # a grid, to be filled with addWidget
stacked(list, form)                             # one of them is shown
scrolled(widget)                                # scrolls vertically when the window is too low, horizontally only if unavoidable
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSpacerItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
    QWidgetItem,
)

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


Item = QWidget | QLayout | int | None
Margins = tuple[int, int, int, int]
NO_MARGINS: Margins = (0, 0, 0, 0)


def column(*items: Item, spacing: int = 8, margins: Margins = NO_MARGINS, shares: Sequence[int] = ()) -> QVBoxLayout:
    """Return a vertical layout; margins are left, top, right, bottom in px at 100 % text."""
    layout = QVBoxLayout()
    _fill(layout, items, spacing, margins, shares)
    return layout


def row(*items: Item, spacing: int = 8, margins: Margins = NO_MARGINS, shares: Sequence[int] = ()) -> QHBoxLayout:
    """Return a horizontal layout; parameters as for `column`."""
    layout = QHBoxLayout()
    _fill(layout, items, spacing, margins, shares)
    return layout


def grid(*, across: int | None = None, down: int | None = None, shares: Sequence[int] = ()) -> QGridLayout:
    """Return a grid layout; `across` and `down`: spacing between columns and between rows, in px at 100 % text; `shares`: stretch factors
    of the columns."""
    layout = QGridLayout()
    layout.setContentsMargins(*NO_MARGINS)
    if across is not None:
        layout.setHorizontalSpacing(theme.px(across))
    if down is not None:
        layout.setVerticalSpacing(theme.px(down))
    for place, share in enumerate(shares):
        layout.setColumnStretch(place, share)
    return layout


def stacked(*pages: QWidget) -> QStackedWidget:
    """Return a stack of widgets; the first is shown."""
    stack = QStackedWidget()
    for page in pages:
        stack.addWidget(page)
    return stack


def holder(layout: QLayout, *, role: str = "", name: str = "") -> QWidget:
    """Return a plain widget around a layout; `role` and `name` select a look in the style sheet."""
    widget = QWidget()
    widget.setLayout(layout)
    if role:
        widget.setProperty("role", role)
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if name:
        widget.setObjectName(name)
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget


class _Area(QScrollArea):
    """A scroll area that keeps the widget with the focus visible, however it got it: Qt itself only follows the Tab key."""

    def __init__(self) -> None:
        super().__init__()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow)

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self.isVisible() and self.widget().isAncestorOf(now):
            self.show_whole(now)

    def show_whole(self, part: QWidget) -> None:
        """Scroll a widget into view, together with what it belongs to, if that fits: an editor may have an error message below it, a list
        has its buttons above it."""
        whole, over = part, part.parentWidget()
        while over is not None and over is not self.widget():
            if over.focusProxy() is part and over.height() <= self.viewport().height():
                whole = over
            over = over.parentWidget()
        QTimer.singleShot(0, whole, lambda: self._reveal(whole))

    def _reveal(self, whole: QWidget) -> None:
        """Not by `ensureWidgetVisible`, to which a list is no more than its current cell."""
        top = whole.mapTo(self.widget(), QPoint(0, 0))
        room = self.viewport().height() - whole.height()
        if room >= 0:
            for y in (top.y() + whole.height(), top.y()):
                self.ensureVisible(top.x(), y, 0, min(theme.px(44), room // 2))


def in_sight(part: QWidget) -> None:
    """Scroll the area around a widget so that it is visible together with any message below it."""
    over = part.parentWidget()
    while over is not None and not isinstance(over, _Area):
        over = over.parentWidget()
    if isinstance(over, _Area):
        over.show_whole(part)


def scrolled(content: QWidget) -> QScrollArea:
    """Return a frameless area that scrolls its content vertically; the content takes the available width."""
    area = _Area()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def clear(layout: QLayout) -> None:
    """Remove and delete everything in a layout."""
    while layout.count():
        item = layout.takeAt(0)
        widget: QWidget | None = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif isinstance(item, QLayout):
            clear(item)


def fill(layout: QBoxLayout, items: Sequence[Item]) -> None:
    """Add items at the end of a row or column."""
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(theme.px(item))
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


def _fill(layout: QBoxLayout, items: tuple[Item, ...], spacing: int, margins: Margins, shares: Sequence[int]) -> None:
    layout.setSpacing(theme.px(spacing) if spacing else 0)
    layout.setContentsMargins(*(theme.px(m) if m else 0 for m in margins))
    fill(layout, items)
    for place, share in enumerate(shares):
        layout.setStretch(place, share)


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


GAP = 12


class SideBySide(QWidget):
    """Columns of widgets with their shares of the width; `least`: the width, in px at 100 % text size, below which they form one column."""

    def __init__(self, columns: Sequence[Sequence[QWidget]], shares: Sequence[int], *, least: int = 760) -> None:
        super().__init__()
        self._least, self._shares = least, shares
        self.columns = [holder(column(*parts, None, spacing=GAP)) for parts in columns]
        self._line: QBoxLayout = row(spacing=GAP)
        for one, share in zip(self.columns, shares, strict=True):
            one.setMinimumWidth(1)
            self._line.addWidget(one, share)
        self.setLayout(self._line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the new size."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Arrange again when the content of the cards changed."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        free = self.width() - self._line.spacing() * (len(self.columns) - 1)
        whole = sum(self._shares)
        cut = any(one.minimumSizeHint().width() > free * share / whole for one, share in zip(self.columns, self._shares, strict=True))
        narrow = self.width() < theme.px(self._least) or cut
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._line.direction() != wanted:
            self._line.setDirection(wanted)

    def minimumSizeHint(self) -> QSize:
        """The width of the widest column, since they can be placed one below the other."""
        hint = super().minimumSizeHint()
        return QSize(max(one.minimumSizeHint().width() for one in self.columns), hint.height())
