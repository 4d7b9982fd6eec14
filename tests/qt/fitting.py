"""Words that have no room: what a picture would show cut off, found by measuring."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from desktop.navigation import NavButton
from desktop.widgets.basics import Card
from desktop.widgets.elided import ElidedLabel

SLACK = 1
"""Pixels that rounding may cost."""


def visible(widget: QWidget) -> Iterator[QWidget]:
    """A widget and what is visible within; of the pages that lie hidden in a window nothing is asked."""
    yield widget
    for child in widget.children():
        if isinstance(child, QWidget) and child.isVisible():
            yield from visible(child)


def misfits(root: QWidget) -> Iterator[str]:
    """Every visible text of `root` that is cut off, with the reason. Cells of tables and labels made to be cut with … are not texts,
    except the notes of cards."""
    for widget in visible(root) if root.isVisible() else ():
        if widget.width() <= 1 or isinstance(widget, ElidedLabel):
            continue
        for text, why in _cut(widget):
            yield f"{type(widget).__name__} {text[:60]!r}: {why}"


def _cut(widget: QWidget) -> Iterator[tuple[str, str]]:
    if isinstance(widget, QLabel) and widget.text():
        yield from _label(widget)
    elif isinstance(widget, Card):
        yield from _wider(widget.note, widget.note.text(), widget.note.sizeHint().width())
    elif isinstance(widget, NavButton):
        yield from _wider(widget, widget.text(), widget.least_width())
    elif isinstance(widget, QPushButton | QToolButton | QCheckBox | QRadioButton) and widget.text():
        yield from _wider(widget, widget.text(), widget.sizeHint().width())
    elif isinstance(widget, QComboBox):
        words = widget.currentText()
        yield from _wider(widget, words, QFontMetrics(widget.font()).horizontalAdvance(words) + 24)
    elif isinstance(widget, QLineEdit) and widget.placeholderText() and not widget.text():
        yield from _wider(widget, widget.placeholderText(), QFontMetrics(widget.font()).horizontalAdvance(widget.placeholderText()) + 8)
    elif isinstance(widget, QHeaderView):
        yield from _headings(widget)
    elif isinstance(widget, QScrollArea) and widget.horizontalScrollBar().isVisible():
        yield "", f"scrolls sideways: needs {widget.widget().minimumSizeHint().width()}, has {widget.viewport().width()}"
    if isinstance(widget, QLabel | QPushButton | QToolButton) and widget.text():
        yield from _outside(widget, widget.text())


def _label(widget: QLabel) -> Iterator[tuple[str, str]]:
    if not widget.wordWrap():
        yield from _wider(widget, widget.text(), widget.sizeHint().width())
        if widget.height() + SLACK < QFontMetrics(widget.font()).height():
            yield widget.text(), f"{widget.height()} px high"
    elif widget.heightForWidth(widget.width()) > widget.height() + 2:
        yield widget.text(), f"needs {widget.heightForWidth(widget.width())} px of height, has {widget.height()}"


def _wider(widget: QWidget, text: str, needed: int) -> Iterator[tuple[str, str]]:
    if needed > widget.width() + SLACK:
        yield text, f"needs {needed} px, has {widget.width()}"


def _headings(header: QHeaderView) -> Iterator[tuple[str, str]]:
    model = header.model()
    for section in range(header.count() if model is not None and header.isVisible() and header.height() else 0):
        text = str(model.headerData(section, header.orientation()) or "")
        if header.orientation() is header.orientation().Horizontal and not header.isSectionHidden(section) and text:
            metrics = QFontMetrics(header.font())
            needed = max(metrics.horizontalAdvance(line) for line in text.splitlines())
            if needed > header.sectionSize(section):
                yield text, f"heading needs {needed} px, has {header.sectionSize(section)}"


def _outside(widget: QWidget, text: str) -> Iterator[tuple[str, str]]:
    """Whether a parent that cannot be scrolled cuts part of it off."""
    parent, place = widget.parentWidget(), widget.geometry()
    while parent is not None and not widget.isWindow():
        box = QRect(0, 0, parent.width(), parent.height())
        area = parent.parentWidget()
        if isinstance(area, QAbstractScrollArea):
            if not isinstance(area, QScrollArea) or isinstance(area, QAbstractItemView):
                return
            box.setHeight(1 << 20)
            box.setY(-(1 << 20))
            if area.horizontalScrollBar().isVisible():
                return  # said already
        if not box.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(place):
            yield text, f"{place.getRect()} lies outside of {type(parent).__name__} {parent.width()} × {parent.height()}"
            return
        if isinstance(area, QAbstractScrollArea) or parent.isWindow():
            return
        place = place.translated(parent.pos())
        parent = parent.parentWidget()
