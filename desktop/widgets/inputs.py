"""Inputs that are not fields of a record.

box = choices(_("渠道"), {"": _("全部渠道"), "migrant": _("外出")})     its `currentData()` is the key
Choices(), Number()                                                 the combo box and spin box to use on all pages
offer(box, words)                                                   replaces the choices
hidden_line(_("密码"))                                               a password field
column(*captioned(_("发放日期"), day))                                a caption and its input
with_unit(declared)                                                 a field's label: 月工资（元）
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSpinBox, QWidget

from desktop.widgets.basics import bind, button, label
from desktop.widgets.layout import row
from desktop.widgets.spoken import live_label
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


class Stepper(QWidget):
    """The name and the buttons, which call `step(-1)` or `step(1)`. `words`: labels of the two buttons, if they do not change the month."""

    def __init__(self, within: QWidget, step: Callable[[int], object], words: tuple[str, str] = ("", "")) -> None:
        super().__init__()
        self.name = live_label("strong", wrap=False)
        self.before = button("", lambda: step(-1), kind="quiet", icon="chevron-left")
        self.after = button("", lambda: step(1), kind="quiet", icon="chevron-right")
        labels = words if all(words) else (_("上个月　Alt＋PgUp"), _("下个月　Alt＋PgDn"))
        for one, word in zip((self.before, self.after), labels, strict=True):
            one.setToolTip(word)
            one.setAccessibleName(word)
        self.setLayout(row(self.before, self.name, self.after, spacing=8))
        bind(within, "Alt+PgUp", lambda: step(-1))
        bind(within, "Alt+PgDown", lambda: step(1))

    def show_month(self, month: str) -> None:
        """Show the name of a month (`2026-10`)."""
        self.name.setText(_("{year} 年 {month} 月").format(year=month[:4], month=int(month[5:])))
