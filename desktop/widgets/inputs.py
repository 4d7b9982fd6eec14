"""Lines and boxes of choices that are no field of a record.

box = choices(_("渠道"), {"": _("全部渠道"), "migrant": _("外出")})     its `currentData()` is the key
Choices(), Number()                                                 the only box of choices and box of a number that pages make
offer(box, words)                                                   other choices
hidden_line(_("密码"))                                               what is typed is not shown
column(*captioned(_("发放日期"), day))                                a caption and what it is of
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSpinBox, QWidget

from desktop.widgets.basics import label

_T = TypeVar("_T", bound=QWidget)


class Choices(QComboBox):
    """A box of choices that a turning wheel never changes."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling over a form scrolls the form."""
        event.ignore()


class Number(QSpinBox):
    """A number, which a turning wheel never changes either."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Left to what scrolls."""
        event.ignore()


def choices(name: str, words: Mapping[Any, str]) -> QComboBox:
    """A box of choices, their words by their keys; `name` is read out."""
    box = Choices()
    box.setAccessibleName(name)
    for key, word in words.items():
        box.addItem(word, key)
    return box


def offer(box: QComboBox, words: Mapping[Any, str], usual: Any = None) -> None:
    """Put other choices into a box, which tells nobody; what was chosen stays chosen while it is offered, `usual` where nothing was."""
    kept = box.currentData() or usual
    box.blockSignals(True)
    box.clear()
    for key, word in words.items():
        box.addItem(word, key)
    box.setCurrentIndex(max(0, box.findData(kept)))
    box.blockSignals(False)


def hidden_line(name: str = "") -> QLineEdit:
    """A line for a password."""
    line = QLineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setAccessibleName(name)
    return line


def captioned(name: str, asked: _T, role: str = "muted") -> tuple[QLabel, _T]:
    """A caption, and what it is of, which is read out by that name."""
    caption = label(name, role)
    caption.setBuddy(asked)
    asked.setAccessibleName(name)
    return caption, asked
