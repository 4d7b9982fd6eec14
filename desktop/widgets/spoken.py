"""What a screen reader says by itself, though the focus goes nowhere: somebody who does not see hears that something happened.

announce(self, _("已保存"))          said once it has finished what it is saying
told("bad")                          a label of a sentence that comes while one works, said when it comes
say_marked(list)                     which line a list under a line of text marks: the list never has the focus
"""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QListWidget, QWidget

from desktop.widgets.basics import dressed
from domain.words import _


def announce(widget: QWidget, text: str) -> None:
    """Have a text said, unless the widget it is about is out of sight."""
    if text and widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget.window(), text))


def say_marked(shown: QListWidget) -> None:
    """Say the marked line of a list and how many there are, or the sentence it shows instead of lines."""
    item = shown.currentItem()
    if item is not None:
        place = _("第 {n} 个，共 {count} 个").format(n=shown.currentRow() + 1, count=shown.count())
        announce(shown, f"{item.text()}　{place}")
    elif shown.count():
        announce(shown, shown.item(0).text())


class Told(QLabel):
    """A label whose text is said when another one comes, or when the same one comes back."""

    _due = False

    def setText(self, text: str) -> None:
        """Show a text; it is said in the next moment, when it is clear what is in sight."""
        comes = text != self.text() or self.isHidden()
        super().setText(text)
        if comes and text and not self._due:
            self._due = True
            QTimer.singleShot(0, self, self._say)

    def _say(self) -> None:
        self._due = False
        announce(self, self.text())


def told(role: str = "", *, wrap: bool = True, selectable: bool = False) -> Told:
    """A label of the kind `label` makes, empty for now."""
    return dressed(Told(), role, wrap=wrap, selectable=selectable)
