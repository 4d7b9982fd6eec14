"""Every page by keyboard and by ear: names for screen readers, a way to every field, nothing shown as a window of its own."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QWidget,
)

from desktop.app import App
from desktop.jobs import InlineJobs
from desktop.registry import ENTRIES
from desktop.widgets import entry_grid, spoken
from desktop.widgets.editors import Tools
from desktop.widgets.entry_grid import EntryGrid, GridColumn, GridRow
from desktop.widgets.form_panel import FormPanel, FormStack
from desktop.widgets.layout import column
from desktop.widgets.picker import Option, Picker
from desktop.widgets.record_form import RecordForm
from domain.errors import FieldError
from domain.fields import KINDS

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


def unheard(root: QWidget) -> Iterator[str]:
    """What a screen reader would pass in silence or call by what it is not."""
    for widget in root.findChildren(QWidget):
        inner = belongs_to_another(widget)
        if not isinstance(widget, TAKES_INPUT) or inner or widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(root):
            continue
        heard = QAccessible.queryAccessibleInterface(widget)
        name = widget.accessibleName() if isinstance(widget, QComboBox) else heard.text(QAccessible.Text.Name)  # on Linux what is chosen
        if not re.search(r"\w", name):
            yield f"{type(widget).__name__} in {type(widget.parent()).__name__}: setAccessibleName, or a label with a buddy"
        group = widget.group() if isinstance(widget, QAbstractButton) else None
        if group is not None and group.exclusive() and heard.role() != QAccessible.Role.RadioButton:
            yield f"{name} is one of several: setAutoExclusive, which a QToolButton has not"
        if isinstance(widget, QTableView) and not all(_headings(widget)):
            yield f"{name} has a column without a heading"


def _headings(table: QTableView) -> Iterator[str]:
    for section in range(table.model().columnCount()):
        yield str(table.model().headerData(section, Qt.Orientation.Horizontal) or "")


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
        if found := list(unheard(page)):
            silent[key] = found
    assert silent == {}
    assert windows_shown.seen == []


def test_every_page_of_the_registry_exists() -> None:
    import importlib.util

    assert {entry.key for entry in ENTRIES if importlib.util.find_spec(f"desktop.{entry.key}.page") is None} == set()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader was given to say."""
    heard: list[str] = []
    monkeypatch.setattr(spoken, "QAccessible", SimpleNamespace(updateAccessibility=lambda event: heard.append(event.message())))
    return heard


def test_what_happens_without_the_focus_is_said(app, said, qtbot):
    window = app.window
    window.open("people")
    qtbot.waitUntil(lambda: said == ["人员", "共 4 条"])
    window.search.setText("wang")
    window.search.search_now()
    assert said[-1].startswith("王秀兰") and said[-1].endswith("第 1 个，共 1 个")
    window.search.setText("nobody")
    window.search.search_now()
    assert said[-1].startswith("没有找到")
    window.message("已保存")
    window.progress.begin("导入")
    assert said[-2:] == ["已保存", "导入"]
    window.open("work", tab="checks")
    keys = window.page("work").checks
    qtbot.waitUntil(lambda: keys.month.name.text() in said)
    page = window.page("people")
    page.list.table.count.setText("共 3 条")  # a list out of sight comes anew
    QApplication.processEvents()
    assert page.list.table.count.text() not in said


def test_a_field_says_what_is_wrong_with_it_once(said, frame, qtbot):
    tools = Tools(InlineJobs(), lambda _kind, _text: [], lambda _kind, _id: "", lambda: False)
    form = RecordForm(KINDS["person"], tools, fields=("name", "birth"))
    stack = FormStack(frame, QWidget())
    qtbot.addWidget(stack)
    with qtbot.waitActive(stack):
        stack.show()
        stack.activateWindow()
    stack.show_form(FormPanel(frame, "新增人员", form))
    assert said == ["新增人员"]
    form.editors["birth"].input.setProperty("text", "昨天")
    assert not form.check()
    qtbot.waitUntil(lambda: len(said) == 3)
    assert said[1:] == [form.editors[name].message.text() for name in ("name", "birth")]


def test_what_a_list_under_a_line_marks_is_said(said: list[str], qtbot) -> None:
    window = QWidget()
    found = [Option("1", "大连市", "辽宁省"), Option("2", "大庆市")]
    line = Picker(InlineJobs(), lambda _text: found, name="务工地")
    window.setLayout(column(line))
    qtbot.addWidget(window)
    window.show()
    line.setText("大")
    line.find_now()
    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert said == ["大连市　辽宁省　第 1 个，共 2 个", "大庆市　第 2 个，共 2 个"]


def test_a_cell_is_heard_with_whose_it_is_and_what_is_wrong_with_it(said: list[str], qtbot, monkeypatch) -> None:
    def read(_row: str, _column: str, text: str) -> str:
        if text == "X":
            raise FieldError("看不懂", "choice")
        return text

    grid = EntryGrid(read)
    qtbot.addWidget(grid)
    bar = GridColumn("line", "到监测线", editable=False, style="bar", compute=lambda _row: "0.83|差 1,293")
    grid.set_content(
        [GridColumn("no", "序", editable=False), GridColumn("day", "1日"), bar], [GridRow("p", {"no": "1", "name": "王秀兰"})], {}
    )
    grid.toggles = ("✓", "")
    grid.show()
    grid.toggle()
    grid.toggle()
    assert said == ["✓", "空白"]
    grid.model().setData(grid.model().index(0, 1), "X")
    heard = [QAccessible.queryAccessibleInterface(grid).child(n) for n in range(8)]
    (row,) = (one for one in heard if one.role() == QAccessible.Role.RowHeader)
    assert row.text(QAccessible.Text.Name) == "王秀兰"
    (cell,) = (one for one in heard if one.text(QAccessible.Text.Name) == "X")
    assert cell.text(QAccessible.Text.Description).endswith("看不懂")
    assert heard[-1].text(QAccessible.Text.Name) == "差 1,293"
    drawn: list[tuple[str, bool]] = []
    monkeypatch.setattr(entry_grid, "draw_cell", lambda painter, _box, text, *_more: drawn.append((text, painter.font().underline())))
    grid.grab()
    assert {("X", True), ("1", False)} <= set(drawn), "who sees no red sees the line under it"
