"""A list of entries with two lines each, a bold one and a muted one, such as the files of an import or conflicts to decide.

entries = TwoLineList(_("文件"))
entries.set_entries([TwoLines("registry.xlsx", _("可以导入")), TwoLines("work.xlsx", _("没有变化"), quiet=True)])
entries.moved.connect(lambda number: …)          the user moved to another entry ; entries.go(number) moves without the signal
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem

from desktop import theme
from desktop.widgets.drawing import draw_text
from desktop.widgets.tips import tip

_HEIGHT = 58


@dataclass(frozen=True)
class TwoLines:
    """One entry; the title of a `quiet` one is not bold."""

    title: str
    note: str = ""
    quiet: bool = False


class TwoLineList(QListWidget):
    """The list; see the module's docstring."""

    moved = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.entries: list[TwoLines] = []
        self.setItemDelegate(_Lines(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.currentRowChanged.connect(self._moved)

    def set_entries(self, entries: Sequence[TwoLines], chosen: int = -1) -> None:
        """Show other entries and select one, without emitting `moved`."""
        with QSignalBlocker(self):
            self.entries = list(entries)
            self.clear()
            for entry in entries:
                item = QListWidgetItem(self)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, "　".join(filter(None, (entry.title, entry.note))))
                item.setToolTip(tip(entry.title))
                item.setSizeHint(QSize(theme.px(80), theme.px(_HEIGHT)))
            self.setCurrentRow(chosen)

    def go(self, number: int) -> None:
        """Select an entry without emitting `moved`."""
        with QSignalBlocker(self):
            self.setCurrentRow(number)

    def _moved(self, number: int) -> None:
        if number >= 0:
            self.moved.emit(number)


class _Lines(QStyledItemDelegate):
    def __init__(self, view: TwoLineList) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]  # the stubs ask for both index classes
        entry = self._view.entries[index.row()]
        box: QRect = option.rect  # type: ignore[attr-defined]  # the stubs lack the fields of style options
        painter.save()
        if self._view.currentIndex() == index:
            painter.fillRect(box, theme.colour("accent_soft"))
            painter.fillRect(QRect(box.x(), box.y(), theme.px(4), box.height()), theme.colour("accent"))
        painter.setPen(theme.colour("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        inner = box.adjusted(theme.px(14), theme.px(8), -theme.px(10), -theme.px(7))
        upper = QRect(inner.x(), inner.y(), inner.width(), inner.height() // 2 if entry.note else inner.height())
        draw_text(painter, upper, entry.title, "muted" if entry.quiet else "text", 14, bold=not entry.quiet)
        if entry.note:
            draw_text(painter, QRect(inner.x(), upper.bottom(), inner.width(), inner.height() // 2), entry.note, "muted", 12.5)
        painter.restore()
