"""Every page by keyboard and by ear: names for screen readers, a way to every field, nothing shown as a window of its own."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from desktop.app import App
from desktop.registry import ENTRIES

TAKES_INPUT = (QLineEdit, QComboBox, QPlainTextEdit, QAbstractButton, QAbstractItemView, QAbstractSpinBox)


class WindowsShown(QObject):
    """Notes widgets that come up as windows of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


@pytest.fixture
def windows_shown(qapp) -> Iterator[WindowsShown]:
    made = WindowsShown()
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)


def belongs_to_another(widget: QWidget) -> bool:
    """The line of a combo box, its list, the editor of a cell: their owner is announced."""
    if widget.objectName().startswith("qt_"):
        return True
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QComboBox | QAbstractSpinBox | QAbstractItemView):
            return True
        above = above.parentWidget()
    return False


def nameless(root: QWidget) -> list[str]:
    """Inputs a screen reader would pass in silence."""
    found = []
    for widget in root.findChildren(QWidget):
        inner = belongs_to_another(widget)
        if not isinstance(widget, TAKES_INPUT) or inner or widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(root):
            continue
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not (widget.accessibleName() or text or widget.toolTip()):
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


def test_every_page_can_be_heard_and_opens_no_window(app: App, windows_shown: WindowsShown) -> None:
    window = app.window
    assert window is not None
    assert len(window.page_keys) >= 10
    silent = {}
    for key in window.page_keys:
        window.open(key)
        page = window.page(key)
        assert page is not None
        assert page.accessibleName() or window.windowTitle(), key
        if found := nameless(page):
            silent[key] = found
    assert silent == {}, "setAccessibleName, or a label with a buddy"
    assert windows_shown.seen == []


def test_every_page_of_the_registry_exists() -> None:
    import importlib.util

    assert {entry.key for entry in ENTRIES if importlib.util.find_spec(f"desktop.{entry.key}.page") is None} == set()
