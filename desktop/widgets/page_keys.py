"""Keys of a list wherever on its page the focus is, where the page gives them no other meaning.

    PageKeys(table, {"Ctrl+P": table.print, "Ctrl+E": table.save})

What is bound by something nearer to the focus, or around the list, comes first; of two lists on a page it is the one with the focus, else
the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from desktop.page import Page


class PageKeys(QObject):
    """The keys of `owner`, which hears them on the page it is shown on, or in the dialog."""

    def __init__(self, owner: QWidget, calls: Mapping[str, Callable[[], object]]) -> None:
        super().__init__(owner)
        self._owner, self._calls = owner, calls
        owner.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the owner to its page; there take the keys that nobody nearer to the focus has a use for."""
        if event.type() == QEvent.Type.Show and watched is self._owner:
            *_between, page = self._around()
            page.installEventFilter(self)
        elif isinstance(event, QKeyEvent) and event.type() == _sort() and self._owner.isVisible():
            keys = QKeySequence(event.keyCombination())
            call = self._calls.get(keys.toString())
            if call is not None and not self._taken(keys) and (watched is self._owner or self._first(watched, keys.toString())):
                event.accept()
                call()
                return True
        return False

    def _around(self) -> Iterator[QWidget]:
        """The owner and what it stands in, up to its page or window."""
        at: QWidget | None = self._owner
        while at is not None:
            yield at
            at = None if isinstance(at, Page) or at.isWindow() else at.parentWidget()

    def _first(self, page: QObject, keys: str) -> bool:
        """Whether no list before it on the page has the same key; Qt asks the last one first."""
        return self is next(one for one in page.findChildren(PageKeys) if one._owner.isVisible() and keys in one._calls)

    def _taken(self, keys: QKeySequence) -> bool:
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        return any(one.key() == keys for around in self._around() for one in around.findChildren(QShortcut, options=direct))


def _sort() -> QEvent.Type:
    """Of the two events a key makes the second; a box of choices lets nobody have that."""
    return QEvent.Type.ShortcutOverride if isinstance(QApplication.focusWidget(), QComboBox) else QEvent.Type.KeyPress
