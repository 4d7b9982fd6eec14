"""A grid of figures that open the records behind them.

grid = FigureGrid(_("务工月报"))                    # a read-only EntryGrid; grid.asked: Enter or a double click on a figure
grid.show_figures(columns, rows, tones)            # the current cell stays the same
list_ = BehindList(frame, key="report-names")      # a heading, the list behind a figure, 返回 Esc; list_.opened(id), list_.closed
list_.show_list(_("合计　省外　78"), _("已务工的人里……"), source)
two_lines(_("有意愿未就业")), width(words)          # headers of narrow columns
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.entry_grid import EntryGrid, GridColumn, GridRow
from desktop.widgets.layout import column, row
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source
from domain.errors import FieldError
from domain.words import _

_LEAST, _AROUND = 50, 20
"""Minimum width of a figure, and padding around text, in px at 100 % text size."""


class FigureGrid(EntryGrid):
    """Read-only figures; Enter or a double click asks for the records behind one."""

    asked = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(_nothing, name=name)
        self.freeze(1)
        header = self.horizontalHeader()
        header.setTextElideMode(Qt.TextElideMode.ElideNone)  # eliding would join the two lines
        header.setFixedHeight(2 * QFontMetrics(theme.font(14, bold=True)).lineSpacing() + theme.px(10))
        header.setStretchLastSection(True)
        self.doubleClicked.connect(lambda _index: self.asked.emit())

    def show_figures(self, columns: Sequence[GridColumn], rows: Sequence[GridRow], tones: Mapping[tuple[str, str], str]) -> None:
        """Show other figures; the current cell stays the same if its row and column still exist."""
        begun = bool(self.place()[0])
        self.set_content(columns, rows, {})
        self.set_tones(tones)
        if not begun:
            self.go_to(rows[0].id if rows else "", columns[min(2, len(columns) - 1)].key)

    def _to_edge(self, first: bool, *, whole: bool) -> None:
        """Move to the first figure or the last column; unlike in an entry grid, read-only cells count."""
        lines, columns = self.model().rowCount(), self.model().columnCount()
        line = self.currentIndex().row() if not whole else 0 if first else lines - 1
        self.setCurrentIndex(self.model().index(line, min(1, columns - 1) if first else columns - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space ask for the records behind the figure."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit()
        else:
            super().keyPressEvent(event)


def _nothing(_row: str, _column: str, _text: str) -> str:
    raise FieldError(_("这里的数字由记录算出，不能改。"), "readonly")


class BehindList(QWidget):
    """The records behind a figure."""

    opened = Signal(str)
    closed = Signal()

    def __init__(self, frame: Frame, *, key: str) -> None:
        super().__init__()
        self._key = key
        self.title, self.meaning = label("", "heading"), label("", "small", wrap=True)
        back = button(_("返回"), self.closed.emit, hint="Esc", within=self)
        nothing = in_memory([Column[Any]("name", "")], lambda _view: ())
        empty = EmptyState(_("名单是空的"), _("这一项没有人。"), icon="users")
        self.table = LedgerTable(frame, nothing, key=key, empty=empty, title=_("名单"))
        self.search = self.table.add_search(_("在名单里找"), 180)
        self.table.opened.connect(self.opened.emit)
        self.setLayout(column(row(self.title, None, back), self.meaning, self.table, spacing=6))
        self.setFocusProxy(self.table)

    def show_list(self, title: str, meaning: str, source: Source) -> None:
        """Show the records behind another figure."""
        self.title.setText(title)
        self.meaning.setText(meaning)
        self.search.clear()
        self.table.set_source(source, self._key, title)


def two_lines(word: str) -> str:
    """Break a header into two lines of about equal length, at a space if there is one: figures are narrow."""
    if len(word) <= 3:
        return word
    blanks = [n for n, sign in enumerate(word) if sign == " "]
    middle = min(blanks, key=lambda n: abs(n - len(word) / 2)) if blanks else -(-len(word) // 2)
    return f"{word[:middle]}\n{word[middle:].lstrip()}" if blanks or word[0] > "\u2e7f" else word


def names_width(names: Iterable[str], least: int, most: int) -> int:
    """Return the width of a column of names, in px at 100 % text size: names that are alike bear a year, and some are long."""
    longest = max(names, key=len, default="")
    return min(max(least, width(longest)), most) if longest else least


def width(words: str) -> int:
    """Return the width of bold text with padding, in px at 100 % text size."""
    metrics = QFontMetrics(theme.font(14, bold=True))
    needed = max(metrics.horizontalAdvance(line) for line in words.splitlines()) / theme.scale()
    return max(_LEAST, round(needed) + _AROUND)
