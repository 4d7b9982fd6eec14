"""Inputs that are not fields of a record.

box = choices(_("渠道"), {"": _("全部渠道"), "migrant": _("外出")})     its `currentData()` is the key
Choices(), Number()                                                 the combo box and spin box to use on all pages
offer(box, words)                                                   replaces the choices
hidden_line(_("密码"))                                               a password field
column(*captioned(_("发放日期"), day))                                a caption and its input
with_unit(declared)                                                 a field's label: 月工资（元）
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSpinBox, QWidget

from desktop.widgets.basics import label
from domain.fields import Field
from domain.values import Type
from domain.words import _

_T = TypeVar("_T", bound=QWidget)


class Choices(QComboBox):
    """A combo box that ignores the mouse wheel and the keys that turn pages: in a form they would change the choice unseen."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the event to the scroll area."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave PageUp and PageDown to the page."""
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            event.ignore()
        else:
            super().keyPressEvent(event)


class Number(QSpinBox):
    """A spin box that ignores the mouse wheel."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the event to the scroll area."""
        event.ignore()


def choices(name: str, words: Mapping[Any, str]) -> QComboBox:
    """Return a combo box; `words`: labels by key; `name`: its accessible name."""
    box = Choices()
    box.setAccessibleName(name)
    for key, word in words.items():
        box.addItem(word, key)
    return box


def offer(box: QComboBox, words: Mapping[Any, str], usual: Any = None) -> None:
    """Replace the choices of a combo box without emitting signals. The present choice is kept if it is still offered; `usual` is chosen if
    there was none."""
    kept = box.currentData() or usual
    box.blockSignals(True)
    box.clear()
    for key, word in words.items():
        box.addItem(word, key)
    box.setCurrentIndex(max(0, box.findData(kept)))
    box.blockSignals(False)


def hidden_line(name: str = "") -> QLineEdit:
    """Return a password field."""
    line = QLineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setAccessibleName(name)
    return line


def with_unit(declared: Field) -> str:
    """Return the label of a field for forms and headings, with the unit of money."""
    word = _(declared.label)
    return _("{label}（元）").format(label=word) if declared.type is Type.YUAN else word


def captioned(name: str, asked: _T, role: str = "muted") -> tuple[QLabel, _T]:
    """Return a caption and its input, which gets the caption as accessible name."""
    caption = label(name, role)
    caption.setBuddy(asked)
    asked.setAccessibleName(name)
    return caption, asked
