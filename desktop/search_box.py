"""The search box at the top: results while typing, arrow keys move, Enter opens the record. The text never leaves this computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import shiboken6
from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop import icons, theme
from desktop.jobs import Jobs
from desktop.widgets.basics import label
from desktop.widgets.drawing import draw_text
from desktop.widgets.picker import OPTION, Drop, Option
from domain.words import _

DELAY = 60  # milliseconds without typing before a search starts: too short to be noticed


@dataclass(frozen=True)
class SearchResult(Option):
    """A result, and the page that shows it with its arguments."""

    page: str = "people"
    args: Mapping[str, object] = field(default_factory=dict)


class _Results(Drop):
    """The list below the search box: names in one column, details in another."""

    def __init__(self, line: QWidget) -> None:
        super().__init__(line)
        self.setAccessibleName(_("搜索结果"))
        self.setItemDelegate(_ResultDelegate(self))

    def chosen(self) -> SearchResult | None:
        """The marked result, or None."""
        option = self.marked()
        return option if isinstance(option, SearchResult) else None


class _ResultDelegate(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]  # the stubs ask for both index classes
        found = index.data(OPTION)
        if not isinstance(found, SearchResult):  # the sentence for an empty result
            super().paint(painter, option, index)
            return
        box: QRect = option.rect  # type: ignore[attr-defined]  # the stubs lack the fields of style options
        widget: QListWidget = option.widget  # type: ignore[attr-defined]  # the stubs lack the fields of style options
        painter.save()
        if widget.currentIndex() == index:
            painter.fillRect(box, theme.colour("accent_soft"))
            painter.fillRect(QRect(box.x(), box.y(), 4, box.height()), theme.colour("accent"))
        title = QRect(box.x() + theme.px(14), box.y(), theme.px(120), box.height())
        draw_text(painter, title, found.title, "text", 14, bold=True)
        draw_text(painter, box.adjusted(theme.px(142), 0, -theme.px(8), 0), found.detail, "muted", 13)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]  # the stubs ask for both index classes
        return QSize(theme.px(390), theme.px(33))


class SearchBox(QLineEdit):
    """The search field; `opened` carries the `SearchResult` that was chosen."""

    opened = Signal(object)

    def __init__(self, jobs: Jobs, search: Callable[[str], Sequence[SearchResult]]) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setPlaceholderText(_("姓名、拼音首字母、证件或电话尾号、组别"))
        self.setAccessibleName(_("搜索"))
        self._jobs, self._search = jobs, search
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self.search_now)
        self.textChanged.connect(self._typed)
        self._glass = QLabel(self)
        self._glass.setPixmap(icons.pixmap("search", "muted", 16))
        self._hint = label("Ctrl K")
        self._hint.setObjectName("hint")
        self._hint.setParent(self)
        self.results: _Results | None = None
        self._listed = ""
        """The text the results are for; the typed text may be newer."""
        self._entered = False
        self._from: QWidget | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._remember_focus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the icon and the shortcut hint."""
        super().resizeEvent(event)
        self._glass.move(theme.px(11), (self.height() - theme.px(16)) // 2)
        self._hint.adjustSize()
        self._hint.move(self.width() - self._hint.width() - theme.px(8), (self.height() - self._hint.height()) // 2)
        self._leave_room()

    def _leave_room(self) -> None:
        """Keep the placeholder clear of the shortcut hint."""
        self.setTextMargins(0, 0, self._hint.width() if self._hint.isVisibleTo(self) else 0, 0)

    def search_now(self) -> None:
        """Search for the present text."""
        text = self.text().strip()
        if not text:
            self.close_results()
            return
        self._jobs.run(lambda: self._search(text), lambda found: self._show(text, found), key="search")

    def close_results(self) -> None:
        """Hide the results."""
        self._timer.stop()
        if self.results is not None:
            self.results.hide()

    def _typed(self, text: str) -> None:
        self._hint.setVisible(not text)
        self._leave_room()
        self._entered = False
        self._timer.start()

    def _remember_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is self and before is not None:
            self._from = before

    def _show(self, text: str, found: Sequence[SearchResult]) -> None:
        if not self.text().strip():
            return
        self._listed = text
        if self.results is None:
            self.results = _Results(self)
            self.results.itemClicked.connect(lambda _item: self._open())
        self.results.offer(found, _("没有找到。可以只输姓、拼音首字母或号码后四位。"))
        if self._entered and len(found) == 1:
            self._open()

    def _open(self) -> None:
        shown = self.results is not None and self.results.isVisible() and self._listed == self.text().strip()
        found = self.results.chosen() if self.results is not None and shown else None
        if found is None:
            self._entered = True
            self.search_now()
            return
        self.close_results()
        self.clear()
        self.opened.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move in the results, Enter opens one, Escape clears the text; with empty text it returns the focus to where it was."""
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.results is not None:
            self.results.move_by(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        elif key == Qt.Key.Key_Escape:
            if not self.text() and self._from is not None and shiboken6.isValid(self._from):
                self._from.setFocus()
            self.clear()
            self.close_results()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Hide the results when the focus leaves."""
        if event.type() == QEvent.Type.FocusOut:
            self.close_results()
        return super().event(event)
