"""Keys of a list that work wherever the focus is on its page, unless the page uses them otherwise.

    PageKeys(table, {"Ctrl+P": table.print, "Ctrl+E": table.save})

Shortcuts of widgets nearer to the focus, or of widgets around the list, take precedence. If there are two lists on a page, the one with the
focus gets the key, otherwise the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from desktop.page import Page


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
