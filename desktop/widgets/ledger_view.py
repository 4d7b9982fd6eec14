"""The table view of a `LedgerTable`: the keys for the record under the cursor, and what is said while the list is still loading."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent

from desktop import theme
from desktop.widgets.rows_view import RowsView
from domain.words import _

_SLOW = 300
"""Milliseconds after which a list that is not there yet says so; shorter would flicker."""
_KEYS = {Qt.Key.Key_Return: "open", Qt.Key.Key_Enter: "open", Qt.Key.Key_F2: "edit", Qt.Key.Key_Delete: "delete"}


class LedgerView(RowsView):
    """The table view; it passes keys to the `LedgerTable` around it."""

    key = Signal(str)
    slow = Signal(str)
    """What to say while a list is loading for the first time."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = ""
        self._timer = QTimer(self, singleShot=True, interval=_SLOW)
        self._timer.timeout.connect(self._say)

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass on Enter, F2, Del and Ctrl+C, which apply to the record under the cursor."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.key.emit("copy")
        elif Qt.Key(event.key()) in _KEYS and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            self.key.emit(_KEYS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
