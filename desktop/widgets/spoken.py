"""Screen reader announcements of changes outside the widget that has the focus.

announce(self, _("已保存"))          read after the present announcement
live_label("bad")                    a label that is read when its text changes (a live region)
say_marked(list)                     the marked row of a completion list, which never has the focus
"""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QListWidget, QWidget

from desktop.widgets.basics import dressed
from domain.words import _


def announce(widget: QWidget, text: str) -> None:
    """Have a text read out, unless the widget it is about is hidden."""
    if text and widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget.window(), text))


def say_marked(shown: QListWidget) -> None:
    """Announce the marked row of a list and the number of rows, or the sentence shown instead of rows."""
    item = shown.currentItem()
    if item is not None:
        place = _("第 {n} 个，共 {count} 个").format(n=shown.currentRow() + 1, count=shown.count())
        announce(shown, f"{item.text()}　{place}")
    elif shown.count():
        announce(shown, shown.item(0).text())


class LiveLabel(QLabel):
    """A label whose text is read out when it changes, or when it is shown again."""

    _due = False

    def setText(self, text: str) -> None:
        """Show a text. It is read out in the next event loop turn, when visibility is settled."""
        comes = text != self.text() or self.isHidden()
        super().setText(text)
        if comes and text and not self._due:
            self._due = True
            QTimer.singleShot(0, self, self._say)

    def _say(self) -> None:
        self._due = False
        announce(self, self.text())


def live_label(role: str = "", *, wrap: bool = True, selectable: bool = False) -> LiveLabel:
    """Return an empty `LiveLabel` with the look of `basics.label`."""
    return dressed(LiveLabel(), role, wrap=wrap, selectable=selectable)
