"""The table view of a `LedgerTable`: the keys for the record under the cursor, what is said while the list is still loading, and the
widths of columns until the user changes them; and keys of a list that work wherever the focus is on its page, unless the page uses them
otherwise."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QTableView, QWidget

from desktop import theme
from desktop.page import Page
from desktop.widgets.frozen import freeze
from desktop.widgets.ledger_model import Column, LedgerModel, Row
from desktop.widgets.rows_view import RowsView
from domain.values import FORMULA
from domain.words import _

_SLOW = 300
"""Milliseconds after which a list that is not there yet says so; shorter would flicker."""
_KEYS = {Qt.Key.Key_Return: "open", Qt.Key.Key_Enter: "open", Qt.Key.Key_F2: "edit", Qt.Key.Key_Delete: "delete"}
_AMOUNT = re.compile(r"-?[\d,]*(\.\d+)?%?")
WIDER, NARROWER = 1.7, 0.6
"""A column may be widened for its text to this multiple of its declared width, and is narrowed to no less than this one if others lack
room."""


class LedgerView(RowsView):
    """The table view; it passes keys to the `LedgerTable` around it."""

    key = Signal(str)
    slow = Signal(str)
    """What to say while a list is loading for the first time."""

    def __init__(self, model: LedgerModel) -> None:
        super().__init__()
        self.rows = model
        self._waiting = ""
        self._timer = QTimer(self, singleShot=True, interval=_SLOW)
        self._timer.timeout.connect(self._say)
        self._frozen: QTableView | None = None
        self.horizontalScrollBar().valueChanged.connect(self._freeze)

    def _freeze(self, at: int) -> None:
        """Keep the first column visible, from the first time the others are scrolled."""
        if at > 0 and self._frozen is None:
            self._frozen = freeze(self, 1)

    def wait(self) -> None:
        """The first list is being loaded."""
        self._timer.start()

    def there(self) -> None:
        """The list is there, or could not be read."""
        self._timer.stop()
        self._waiting = ""
        self.viewport().update()

    def _say(self) -> None:
        self._waiting = _("正在读名单，请稍等…")
        self.slow.emit(self._waiting)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say in the middle that the list is loading: empty rows look as if there were nobody."""
        super().paintEvent(event)
        if self._waiting:
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("muted"))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self._waiting)

    def put_cursor(self, id: str, marks: Sequence[str], line: int, at: int) -> None:
        """Move the cursor to a record, or if it is gone to the one now in its row, so that Enter can open it; select only the given
        records."""
        self.mark(marks)
        if self.rows.ids:
            found = self.rows.line_of(id)
            line = found if found >= 0 else min(max(0, line), len(self.rows.ids) - 1)
            index = self.rows.index(line, max(0, min(at, self.rows.columnCount() - 1)))
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def mark(self, ids: Sequence[str]) -> None:
        """Select some records, and no others."""
        self.selectionModel().select(self.rows.selection_of(ids), QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def copy(self) -> None:
        """Copy the cell under the cursor, or the lines when several are selected."""
        lines = sorted(index.row() for index in self.selectionModel().selectedRows())
        if len(lines) <= 1:
            QGuiApplication.clipboard().setText(str(self.currentIndex().data() or ""))
            return
        rows = [self.rows.row(line) or {} for line in lines]
        keys = [made.key for made in self.rows.columns]
        QGuiApplication.clipboard().setText("\n".join("\t".join(_cell(one.get(key, "")) for key in keys) for one in rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass on Enter, F2, Del and Ctrl+C, which apply to the record under the cursor."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.key.emit("copy")
        elif Qt.Key(event.key()) in _KEYS and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            self.key.emit(_KEYS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


def _cell(text: str) -> str:
    """Return a text for one spreadsheet cell: on one line, and never taken for a formula."""
    flat = " ".join(text.split())
    return f"'{flat}" if FORMULA.match(flat) and not _AMOUNT.fullmatch(flat) else flat


def usual_width(column: Column[Any]) -> int:
    """Return the column's declared width in px, or that of its header if that is wider, as in English."""
    return max(theme.px(column.width), _bold().horizontalAdvance(column.title) + theme.px(20))


def fit_columns(table: QTableView, columns: Sequence[Column[Any]], rows: Sequence[Row], kept: Sequence[bool]) -> None:
    """Widen columns whose text is cut off in these rows (mostly in English), then narrow others until all fit into the window, or as far
    as they can be. Columns marked in `kept` have a width set by the user."""
    header, bold, plain = table.horizontalHeader(), _bold(), QFontMetrics(theme.font(14))
    sizes = [header.sectionSize(n) for n in range(len(columns) - 1)] + [usual_width(columns[-1])]  # the header stretches the last one
    spare = {}
    for n, made in enumerate(columns):
        if made.style == "bar" or kept[n]:
            continue
        around = theme.px(24 if made.style == "chip" else 17)
        metrics = bold if made.style in ("chip", "strong") else plain
        words = max(metrics.horizontalAdvance(text) for text in (made.holds, *(row.get(made.key, "") for row in rows))) + around
        if words > sizes[n]:
            sizes[n] = min(words, round(theme.px(made.width) * WIDER))
        if made.style == "chip":
            if not made.tones:  # later rows may have longer words
                continue
            words = max(words, *(metrics.horizontalAdvance(word) + around for word in made.tones))
        heading = bold.horizontalAdvance(made.title) + theme.px(20 if made.sortable else 17)
        spare[n] = max(0, sizes[n] - max(words, heading, round(theme.px(made.width) * NARROWER)))
    over, all_spare = sum(sizes) - _room(table), sum(spare.values())
    if over > 0 < all_spare and table.isVisible():
        for n, size in spare.items():
            sizes[n] -= math.ceil(size * min(1, over / all_spare))
    for n, size in enumerate(sizes):
        header.resizeSection(n, size)


def _room(table: QTableView) -> int:
    """Width in px for columns. The scroll bar may not be visible yet, just after rows were loaded or before more come; its width is
    subtracted, as the header stretches the last column over it."""
    bar = table.verticalScrollBar()
    return table.viewport().width() - (0 if bar.isVisible() else bar.sizeHint().width())


def _bold() -> QFontMetrics:
    return QFontMetrics(theme.font(14, bold=True))


class PageKeys(QObject):
    """The keys of `owner`, valid on the page or in the dialog that contains it."""

    def __init__(self, owner: QWidget, calls: Mapping[str, Callable[[], object]]) -> None:
        super().__init__(owner)
        self._owner, self._calls = owner, calls
        owner.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the page the owner is shown on, and handle keys that no widget nearer to the focus uses."""
        if event.type() == QEvent.Type.Show and watched is self._owner:
            *_between, page = self._around()
            page.installEventFilter(self)
        elif isinstance(event, QKeyEvent) and event.type() == _event_type() and self._owner.isVisible():
            keys = QKeySequence(event.keyCombination())
            call = self._calls.get(keys.toString())
            if call is not None and not self._taken(keys) and (watched is self._owner or self._first(watched, keys.toString())):
                event.accept()
                call()
                return True
        return False

    def _around(self) -> Iterator[QWidget]:
        """The owner and the widgets around it, up to its page or window."""
        at: QWidget | None = self._owner
        while at is not None:
            yield at
            at = None if isinstance(at, Page) or at.isWindow() else at.parentWidget()

    def _first(self, page: QObject, keys: str) -> bool:
        """Whether this is the first list on the page with the key; Qt asks the last event filter first."""
        return self is next(one for one in page.findChildren(PageKeys) if one._owner.isVisible() and keys in one._calls)

    def _taken(self, keys: QKeySequence) -> bool:
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        return any(one.key() == keys for around in self._around() for one in around.findChildren(QShortcut, options=direct))


def _event_type() -> QEvent.Type:
    """Which of the two events of a key press to handle: the second, but the first in a combo box, which accepts every second one."""
    return QEvent.Type.ShortcutOverride if isinstance(QApplication.focusWidget(), QComboBox) else QEvent.Type.KeyPress
