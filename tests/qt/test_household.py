"""户变动 on a person's page, by keys to the end and back again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit

from desktop.people.household import HouseholdDialog
from domain.kinship import HEAD
from services import records
from tests.qt.people_page import ids, open_person, page, press, station, stored

__all__ = ["ids", "page", "station"]

KEYS = Qt.Key


def tab_to(qtbot, dialog, wanted) -> None:
    for _stop in range(40):
        if wanted(dialog.focusWidget()):
            return
        press(qtbot, KEYS.Key_Tab, dialog.focusWidget())
    raise AssertionError("Tab does not come there")


def during(qtbot, act) -> list[bool]:
    """Act in the dialog once it is shown."""
    done: list[bool] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, HouseholdDialog)
        try:
            dialog.activateWindow()
            qtbot.waitUntil(dialog.isActiveWindow)
            act(dialog)
            done.append(True)
        finally:
            if dialog.isVisible():
                dialog.reject()

    QTimer.singleShot(0, look)
    return done


def test_a_daughter_sets_up_her_own_household_by_keys_and_it_is_taken_back(qtbot, page, station, ids) -> None:
    open_person(qtbot, page)

    def act(dialog) -> None:
        tab_to(qtbot, dialog, lambda one: isinstance(one, QCheckBox) and one.text() == "赵雨桐")
        press(qtbot, KEYS.Key_Space, dialog.focusWidget())
        assert dialog.new_head.currentText() == "赵雨桐"
        tab_to(qtbot, dialog, lambda one: isinstance(one, QLineEdit) and one.accessibleName() == "户编号")
        qtbot.keyClicks(dialog.focusWidget(), "23082609")
        press(qtbot, KEYS.Key_Return, dialog.focusWidget())
        assert dialog.focusWidget().accessibleName() == "住址"  # the next that is empty
        press(qtbot, KEYS.Key_Return, dialog.focusWidget())
        assert dialog.stack.currentIndex() == 1
        assert "赵雨桐：之女 → 户主" in dialog.summary.text()
        assert "边缘易致贫户" in dialog.warnings.text()
        press(qtbot, KEYS.Key_Escape, dialog.focusWidget())
        assert dialog.stack.currentIndex() == 0
        press(qtbot, KEYS.Key_Return, dialog.next)
        press(qtbot, KEYS.Key_Return, dialog.focusWidget())

    done = during(qtbot, act)
    qtbot.keyClick(QApplication.focusWidget(), KEYS.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert done
    moved = stored(station, "person", ids["赵雨桐"])
    assert (moved.relation, moved.household_id != ids["户"]) == (HEAD, True)
    assert stored(station, "household", moved.household_id).number == "23082609"
    assert [one.name for one in page.person.shown.members] == ["王秀兰", "赵福生"]
    with station.store.write("撤销") as session:
        undone = records.undo_last(session)
    assert undone is not None and undone[0] == "赵雨桐分户"
    assert stored(station, "person", ids["赵雨桐"]).household_id == ids["户"]
    assert stored(station, "household", moved.household_id).deleted_at


def test_what_is_not_chosen_yet_is_said_where_it_is_missing(qtbot, page, station, ids) -> None:
    open_person(qtbot, page)

    def act(dialog) -> None:
        dialog.ways.choose("join")
        press(qtbot, KEYS.Key_Return, dialog.next)
        assert "迁入哪一户" in dialog.message.text()
        dialog.picker.set_choice("", "")
        with station.store.read() as session:
            other = session.get("person", ids["孙玉梅"]).household_id
        dialog.picker.set_choice(other, "孙玉梅 户")
        dialog.picker.picked.emit(other)
        assert dialog.column.text() == "与户主孙玉梅的关系"
        dialog.rows[0].moves.setChecked(True)  # the head: who stays is something to somebody else
        assert dialog.column.text() == f"走的：与孙玉梅的关系\n留下的：与{dialog.old_head.currentText()}的关系"
        for line in dialog.rows:
            line.moves.setChecked(True)
        assert dialog.empty.isVisible()
        press(qtbot, KEYS.Key_Return, dialog.next)
        assert "请选与户主的关系" in dialog.message.text()
        assert isinstance(dialog.focusWidget(), QComboBox)
        for line in dialog.rows:
            line.relation.setCurrentIndex(line.relation.findData("其他"))
        press(qtbot, KEYS.Key_Return, dialog.next)
        assert "没有人了" in dialog.message.text()
        dialog.delete.setChecked(True)
        press(qtbot, KEYS.Key_Return, dialog.next)
        assert not dialog.message.isVisible()  # what was missing stood in red beneath what is now to be confirmed
        press(qtbot, KEYS.Key_Return, dialog.focusWidget())

    done = during(qtbot, act)
    page.change_household()
    assert done
    assert stored(station, "household", ids["户"]).deleted_at
    assert len(page.person.shown.members) == 4


@pytest.mark.parametrize("way", ["head", "leave"])
def test_another_head_and_how_to_ask_the_county(qtbot, page, station, ids, way) -> None:
    open_person(qtbot, page)

    def act(dialog) -> None:
        dialog.ways.choose(way)
        if way == "leave":
            words, marked = dialog.leaving.words, [line.moves for line in dialog.rows]
            for box in marked:
                box.setChecked(False)
            assert ids["户"] in words.text()
            marked[1].setChecked(True)  # a daughter who marries out takes nobody with her
            assert dialog.rows[1].person.id in words.text() and "1 人" in words.text()
            marked[1].setChecked(False)
            marked[0].setChecked(True)
            assert "先用「换户主」" in words.text() and dialog.leaving.copy.isHidden()
            marked[0].setChecked(False)
            marked[1].setChecked(True)
            marked[2].setChecked(True)
            assert "先用「分户」" in words.text() and dialog.leaving.copy.isHidden()
            marked[0].setChecked(True)
            assert ids["户"] in words.text() and not dialog.leaving.copy.isHidden()
            dialog.leaving.copy.click()
            assert QApplication.clipboard().text() == words.text() and "复制好了" in dialog.leaving.copy.text()
            assert not dialog.next.isVisible()
            return
        dialog.old_head.setCurrentIndex(dialog.old_head.findData(ids["赵福生"]))
        assert [line.relation_code for line in dialog.rows] == ["配偶", HEAD, "之女"]
        press(qtbot, KEYS.Key_Return, dialog.next)
        press(qtbot, KEYS.Key_Return, dialog.focusWidget())

    done = during(qtbot, act)
    page.change_household()
    assert done
    expected = "赵福生" if way == "head" else "王秀兰"
    assert page.person.shown.members[0].name == expected


def test_the_cursor_begins_with_the_sort_of_change_and_a_new_head_comes_before_everybodys_word(qtbot, page) -> None:
    open_person(qtbot, page)

    def act(dialog) -> None:
        assert dialog.focusWidget() is dialog.ways.buttons["split"]
        for _step in range(2):
            press(qtbot, KEYS.Key_Right, dialog.focusWidget())
        press(qtbot, KEYS.Key_Tab, dialog.focusWidget())
        assert dialog.focusWidget() is dialog.old_head
        press(qtbot, KEYS.Key_Backtab, dialog.focusWidget())
        press(qtbot, KEYS.Key_Return, dialog.focusWidget())
        assert dialog.stack.currentIndex() == 1 or dialog.message.text(), "Enter goes on from the sort of change"

    done = during(qtbot, act)
    qtbot.keyClick(QApplication.focusWidget(), KEYS.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert done
