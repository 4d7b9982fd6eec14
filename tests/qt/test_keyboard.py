"""Every page, tab and form by keys alone: Tab reaches whatever can be used, in the order it is seen, the focus is never lost and always
seen, Enter presses what has it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
    QWidgetItem,
)

from desktop.widgets import keyboard
from desktop.widgets.basics import Button, button, menu_of
from desktop.widgets.dialogs import Dialog
from desktop.widgets.entry_grid import EntryGrid
from desktop.widgets.layout import column, holder, row
from desktop.widgets.ledger_view import PageKeys
from desktop.widgets.tabs import ChipBar, Tabs, TabStack
from tests.qt.test_accessibility import TAKES_INPUT, WindowsShown, belongs_to_another, unheard
from tests.qt.test_english import settle

KEYS, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier


def press(qtbot, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    qtbot.keyClick(QApplication.focusWidget(), key, modifier)


class Walk:
    """Goes round a window by Tab from where the focus is, looking at every stop."""

    def __init__(self, qtbot, window: QWidget) -> None:
        self.qtbot, self.window = qtbot, window
        self.unseen: set[str] = set()
        self._looked_at: set[tuple[object, ...]] = set()

    def round(self) -> list[QWidget]:
        """The stops in order, the first one last."""
        QApplication.processEvents()  # a focus that nobody sees is taken away in the next moment
        first = focus()
        found: list[QWidget] = []
        while first not in found and len(found) < 200:
            before = focus()
            picture = self._picture(before)
            if isinstance(before, EntryGrid):
                press(self.qtbot, KEYS.Key_End, Qt.KeyboardModifier.ControlModifier)
            press(self.qtbot, KEYS.Key_Tab)
            now = focus()
            assert now is not before, f"Tab stays at {name(before)}"
            if picture is not None and picture == self._picture(before, again=True):
                self.unseen.add(name(before))
            found.append(now)
        return found

    def _picture(self, widget: QWidget, *, again: bool = False) -> QImage | None:
        """How a kind of widget looks, once for each kind."""
        kind = (type(widget), widget.objectName(), widget.property("kind"), isinstance(widget, QAbstractButton) and widget.isChecked())
        if not again and kind in self._looked_at:
            return None
        self._looked_at.add(kind)
        QApplication.processEvents()  # brought into sight
        return self.window.grab(QRect(widget.mapTo(self.window, widget.rect().topLeft()), widget.size()).adjusted(-4, -4, 4, 4)).toImage()


def focus() -> QWidget:
    now = QApplication.focusWidget()
    assert now is not None and now.isVisible(), "nothing has the focus"
    return now


def name(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()}"


def missed(root: QWidget, stops: list[QWidget]) -> Iterator[str]:
    """What can be used with a mouse and not reached by Tab; of buttons that belong together one is enough, arrows do the rest."""
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, TAKES_INPUT) or belongs_to_another(widget) or not widget.isVisible() or not widget.isEnabled():
            continue
        group = widget.group() if isinstance(widget, QAbstractButton) else None
        if widget not in stops and not (group is not None and any(one in stops for one in group.buttons())):
            yield name(widget)


@pytest.fixture
def village(app, qtbot):
    ids = settle(app)
    app.window.page("today").refresh()
    app.window.resize(1366, 768)
    app.window.activateWindow()
    qtbot.waitUntil(app.window.isActiveWindow)
    app.window.refresh_status()  # else what is looked up again in between is made anew under the walk
    return ids


def test_tab_goes_round_every_page_and_tab(app, qtbot, village, qapp) -> None:
    window, windows_shown = app.window, WindowsShown()
    qapp.installEventFilter(windows_shown)
    walk = Walk(qtbot, window)
    lost: dict[str, str] = {}
    shown: list[tuple[str, dict[str, Any]]] = [(key, {}) for key in window.page_keys]
    shown += [("people", {"id": village["person"]}), ("workshop", {"id": village["employer"]}), ("training", {"id": village["course"]})]
    shown += [("ledgers", {"kind": "visit", "new": True})]
    for key, args in shown:
        window.search.setFocus()
        window.open(key, **args)
        page = window.page(key)
        assert page.isAncestorOf(QApplication.focusWidget()), f"{key}: the focus is not in the page"
        stacks = [one for one in page.findChildren(TabStack) if one.isVisible()]
        if not stacks:
            lost |= dict.fromkeys((*missed(window, walk.round()), *unheard(window)), f"{key} {args}")
        for tabs, tab in [(stack.tabs, tab) for stack in stacks for tab in stack.tabs.buttons]:
            tabs.buttons[tab].setFocus()
            tabs.choose(tab)
            lost |= dict.fromkeys((*missed(window, walk.round()), *unheard(window)), f"{key} {args} {tab}")
    assert lost == {}
    assert walk.unseen == set()
    assert windows_shown.seen == []


def test_forms_give_the_focus_back(app, qtbot, village) -> None:
    window = app.window
    for key, opening in (("workshop", KEYS.Key_Insert), ("training", KEYS.Key_Insert), ("work", KEYS.Key_Insert)):
        window.open(key)
        before = QApplication.focusWidget()
        press(qtbot, opening)
        assert isinstance(QApplication.focusWidget(), QLineEdit | QComboBox), key
        press(qtbot, KEYS.Key_Escape)
        assert QApplication.focusWidget() is before, key
        (opening_button,) = [one for one in window.page(key).header.findChildren(Button) if one.hint == "Ins" and one.isVisible()]
        opening_button.setFocus()
        press(qtbot, KEYS.Key_Return)
        press(qtbot, KEYS.Key_Escape)
        assert opening_button.hasFocus(), key


def test_tab_follows_the_layout_whatever_was_made_first(qtbot) -> None:
    last, first, second, hidden = QLineEdit("last"), QLineEdit("first"), QPushButton("second"), QLineEdit("hidden")
    window = keyboard.Window()
    qtbot.addWidget(window)
    window.setLayout(column(row(first, second), hidden, last))
    hidden.hide()
    window.show()
    assert list(keyboard.stops(window)) == [first, second, last]
    late = QLineEdit("late")
    body = window.layout()
    assert isinstance(body, QVBoxLayout)
    body.insertWidget(1, late)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    first.setFocus()
    seen = []
    for key in (KEYS.Key_Tab, KEYS.Key_Tab, KEYS.Key_Tab, KEYS.Key_Tab, KEYS.Key_Backtab):
        press(qtbot, key)
        seen.append(QApplication.focusWidget())
    assert seen == [second, late, last, first, last]
    late.setFocus()
    late.hide()
    assert QApplication.focusWidget() is last  # the next one, not the first of all
    for one in (first, second, last):
        one.setEnabled(False)
    second.setEnabled(True)
    qtbot.waitUntil(second.hasFocus)


def test_arrows_go_along_buttons_that_belong_together(qtbot) -> None:
    words = {"a": "一", "b": "二", "c": "三"}
    for made in (Tabs(words), ChipBar(words), ChipBar(words, several=True)):
        qtbot.addWidget(made)
        made.show()
        made.activateWindow()
        qtbot.waitUntil(made.isActiveWindow)
        made.buttons["a"].setFocus()
        press(qtbot, KEYS.Key_Right)
        assert made.buttons["b"].hasFocus()
        press(qtbot, KEYS.Key_Space)
        assert made.buttons["b"].isChecked()


@pytest.mark.parametrize("key", [KEYS.Key_Return, KEYS.Key_Enter, KEYS.Key_Down])
def test_enter_on_a_tab_goes_into_it(qtbot, key) -> None:
    first, second = QLineEdit("first"), QLineEdit("second")
    stack = TabStack({"a": ("甲", holder(column(first))), "b": ("乙", holder(column(second)))})
    window = keyboard.Window()
    qtbot.addWidget(window)
    window.setLayout(column(stack))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    stack.tabs.buttons["a"].setFocus()
    press(qtbot, KEYS.Key_Right)
    assert focus() is stack.tabs.buttons["b"]
    press(qtbot, key)
    assert focus() is second
    press(qtbot, KEYS.Key_PageUp, Qt.KeyboardModifier.ControlModifier)  # also from within
    assert focus() is first
    press(qtbot, KEYS.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert focus() is second


def test_enter_presses_the_button_that_has_the_focus(qtbot) -> None:
    """Also 取消 in a dialog whose marked button is another; a choice leaves Enter to the marked one."""
    done: list[str] = []
    window = keyboard.Window()
    qtbot.addWidget(window)
    go = button("办理", lambda: done.append("go"))
    window.setLayout(column(go))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    go.setFocus()
    press(qtbot, KEYS.Key_Return, Qt.KeyboardModifier.ControlModifier)  # the key of a page that is out of reach from here
    assert done == []
    press(qtbot, KEYS.Key_Return)
    dialog = Dialog(window, "删除？")
    choice = QRadioButton("全部")
    dialog.body.addWidget(choice)
    no, yes = dialog.add_button("取消", accept=False), dialog.add_button("删除", accept=True, kind="primary")
    for focus in (no, yes, choice):
        dialog.open()
        qtbot.waitUntil(dialog.isActiveWindow)
        focus.setFocus()
        press(qtbot, KEYS.Key_Enter)
        done.append(str(dialog.result()))
    assert done == ["go", "0", "1", "1"]


def test_who_stays_on_a_page_goes_on_typing_where_he_was(app, qtbot, village, monkeypatch) -> None:
    window = app.window
    window.open("work")
    press(qtbot, KEYS.Key_Insert)
    typed = focus()
    monkeypatch.setattr(type(window.page("work")), "can_leave", lambda _page: False)
    press(qtbot, KEYS.Key_P, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: focus() is typed)
    assert window.key == "work"


def test_another_text_size_leaves_the_cursor_among_the_sizes(app, qtbot, village) -> None:
    app.window.open("settings", tab="look")
    assert isinstance(focus(), QRadioButton)
    press(qtbot, KEYS.Key_Right)
    window = app.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    now = window.focusWidget()
    assert isinstance(now, QRadioButton)
    assert (now.text(), now.isChecked()) == ("125 %", True)


def test_keys_of_the_page_do_at_the_foot_what_they_do_on_it(app, qtbot, answers) -> None:
    window = app.window
    with qtbot.waitActive(window):
        window.activateWindow()
    foot = window.foot.parts[0]

    def press(key: Qt.Key, at=foot) -> None:
        at.setFocus()
        qtbot.keyClick(at, key)

    window.open("posts")
    page = window.page("posts")
    press(Qt.Key.Key_Insert, page.header.buttons[-1])  # the list's key, on a button of the heading
    assert page.stack.form is not None
    press(Qt.Key.Key_Escape)
    assert page.stack.form is None
    press(Qt.Key.Key_Insert)
    assert page.stack.form is not None
    page.stack.close_form()
    window.open("people")
    people = window.page("people")
    people.list.table.select(people.list.table.model.ids[0])
    people.list.table.table.setFocus()
    asked = []
    answers["ask"] = False
    people.list.table.delete_asked.connect(asked.append)
    press(Qt.Key.Key_Delete)
    assert asked == [[people.list.table.model.ids[0]]]
    people.show_one(people.list.table.model.ids[0])
    press(Qt.Key.Key_Escape)
    assert people.stack.currentWidget() is people.list


def test_a_persons_page_is_read_to_its_end_by_keys(app, qtbot, village) -> None:
    """The cursor is on 修改 in the heading: PageDown did nothing, and what lies below could only be reached by Tab."""
    window = app.window
    window.resize(900, 400)
    window.open("people")
    people = window.page("people")
    people.show_one(people.list.table.model.ids[0])
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.waitUntil(people.view.head.edit.hasFocus)
    bar = max((one.verticalScrollBar() for one in people.view.findChildren(QScrollArea)), key=lambda one: one.maximum())
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    press(qtbot, KEYS.Key_PageDown)
    assert bar.value() > 0
    press(qtbot, KEYS.Key_PageUp)
    assert bar.value() == 0


def test_keys_a_button_of_the_page_names_do_the_same_in_the_navigation(app, qtbot, village, monkeypatch) -> None:
    """人员 → Tab past the end of the list → Ctrl+P: the heading says 打印名单 Ctrl P; a line of text keeps its keys to itself."""
    window = app.window
    with qtbot.waitActive(window):
        window.activateWindow()
    window.open("people")
    printed: list[str] = []
    monkeypatch.setitem(window.page("people").list.table.findChild(PageKeys)._calls, "Ctrl+P", lambda: printed.append("list"))
    for outside in (window.foot.parts[0], window.navigation.buttons["people"]):
        outside.setFocus()
        qtbot.keyClick(outside, KEYS.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert printed == ["list", "list"]
    window.open("work", tab="checks")
    checks = window.page("work").checks
    listed = []
    for outside in (window.search, window.foot.parts[0]):
        outside.setFocus()
        qtbot.keyClick(outside, KEYS.Key_F8)
        listed.append(checks._list is not None)
    assert listed == [False, True]
    window.open("benefits")
    tabs, heading = window.page("benefits").tabs, window.page("benefits").header.buttons[0]
    heading.setFocus()  # as when the list is empty; only the tabs themselves knew the key
    qtbot.keyClick(heading, KEYS.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert tabs.key == "path"


def test_what_hides_the_list_under_the_focus_leaves_it_on_the_page(app, qtbot, village) -> None:
    """补助 → 批量申请 of all of them: the list goes away and the focus went on to the foot of the window."""
    window = app.window
    with qtbot.waitActive(window):
        window.activateWindow()
    window.open("people")
    page = window.page("people")
    table = page.list.table.table
    table.setFocus()
    table.hide()
    qtbot.waitUntil(lambda: page.isAncestorOf(focus()))
    assert focus().isVisible()


def test_who_is_found_while_somebody_else_is_shown_can_be_changed_at_once(app, qtbot, village) -> None:
    """Ctrl+K over a person's page: the cursor stood on the way back to the list, not on 修改 as with the first one found."""
    window = app.window
    with qtbot.waitActive(window):
        window.activateWindow()
    window.open("people", id=village["person"])
    edit = window.page("people").view.head.edit
    assert edit.hasFocus()
    window.search.setFocus()
    window.open("people", id=village["person"])
    assert edit.hasFocus()
    window.open("work")
    window.open("people", id=village["person"])
    assert edit.hasFocus()
    family = window.page("people").view.family
    QApplication.processEvents()  # its lines take their place
    husband = next(one for one in family.findChildren(Button) if one.accessibleName().startswith("打开") and one.isVisible())
    husband.setFocus()
    press(qtbot, KEYS.Key_Return)
    assert edit.hasFocus(), "one of the family, from the card that goes with it"


def items() -> int:
    """How many items of layouts Python holds."""
    return sum(isinstance(one, QWidgetItem) for one in shiboken6.getAllValidWrappers())


def test_tab_leaves_no_wrapper_of_a_layout_item_behind(qtbot) -> None:
    """Qt deletes the item together with its button. A wrapper that outlives it was taken for an event at the same address."""
    made = Dialog(None, "一")
    first, gone = button("一", print), button("二", print)
    for one in (first, gone):
        made.body.addWidget(holder(row(None, one)))
    qtbot.addWidget(made)
    made.show()
    before = items()
    keyboard.move(made, True)
    assert list(keyboard.stops(made)) == [first, gone]
    assert items() == before


def test_enter_takes_the_first_entry_of_a_menu(qtbot) -> None:
    """The first Enter only marked it, and seemed to do nothing."""
    taken: list[str] = []
    owner = button("打印表格")
    qtbot.addWidget(owner)
    owner.show()
    menu = menu_of(owner, [(word, partial(taken.append, word)) for word in ("申请表", "花名册")])
    menu.actions()[0].setEnabled(False)
    menu.popup(owner.pos())
    qtbot.waitUntil(lambda: menu.activeAction() is menu.actions()[1])
    qtbot.keyClick(menu, KEYS.Key_Return)
    assert taken == ["花名册"]
