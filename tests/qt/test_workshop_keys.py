"""The keys that buttons of 务工, 车间 and 培训 show do what the buttons do, within the whole window and its own keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.widgets import dialogs
from services import records, training, work
from services.workshop import workshop

MONTH = "2023-12"


@pytest.fixture
def window(qtbot, app):
    app.window.resize(1366, 768)
    app.window.show()
    app.window.activateWindow()
    qtbot.waitUntil(app.window.isActiveWindow)
    return app.window


@pytest.fixture
def store(app):
    return app.station.store


def press(qtbot, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(QApplication.focusWidget(), key, modifier)


def test_the_month_is_checked_by_keys_alone(qtbot, window, store) -> None:
    with store.write("准备") as session:
        for one in session.select("person"):
            records.save(session, "person", {"birth": "1980-05-06"}, one.id)
        ids = work.people_to_ask(session, MONTH)
        work.save_checks(session, "2023-11", {id: {"status": "away"} for id in ids[:3]})
    window.open("work", tab="checks", month=MONTH)
    page = window.page("work")
    assert page.checks.grid.hasFocus()
    press(qtbot, Qt.Key.Key_F6)
    assert page.checks.filled.text() == "已填 1/4"
    assert page.checks.grid.currentIndex().row() == 1
    press(qtbot, Qt.Key.Key_9)
    press(qtbot, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert page.checks.filled.text() == "已填 3/4"
    press(qtbot, Qt.Key.Key_PageUp, Qt.KeyboardModifier.AltModifier)
    assert page.check_model.month == "2023-11"
    with store.read() as session:
        assert sorted(check.status for check in work.checks(session, MONTH).values()) == ["away", "away", "unemployed"]


def test_wages_are_entered_and_taken_back_by_keys_alone(qtbot, window, store) -> None:
    with store.write("准备") as session:
        id = workshop.found(session, {"name": "横头山服装车间"}, {})
        person = session.select("person")[0]
        workshop.hire(session, id, person.id, {"start": "2022-10-01"})
    window.open("workshop", id=id)
    page = window.page("workshop")
    assert page.wages.grid.hasFocus()
    press(qtbot, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    press(qtbot, Qt.Key.Key_8)
    press(qtbot, Qt.Key.Key_Escape)  # gives the cell up, not the page
    assert page.model.employer_id == id
    assert page.wages_model.pending == {}
    page.wages.grid.setFocus()
    press(qtbot, Qt.Key.Key_5)
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    with store.read() as session:
        assert [one.amount for one in session.select("wage")] == [500]
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    with store.read() as session:
        assert session.count("wage") == 0
    press(qtbot, Qt.Key.Key_Escape)
    assert page.model.employer_id == ""
    press(qtbot, Qt.Key.Key_Insert)
    assert page.stack.form is not None
    press(qtbot, Qt.Key.Key_Escape)
    assert page.stack.form is None


def test_a_page_is_come_back_to_where_it_was_left_and_what_is_unreadable_is_not_lost(qtbot, window, store, monkeypatch) -> None:
    with store.write("准备") as session:
        id = workshop.found(session, {"name": "横头山服装车间"}, {})
        workshop.hire(session, id, session.select("person")[0].id, {"start": "2022-10-01"})
    window.open("workshop", id=id)
    grid = window.page("workshop").wages.grid
    grid.model().put([(0, 2, "5oo"), (0, 3, "498.50")])
    told: list[str] = []

    def no(_parent: object, title: str, _text: str, **_words: object) -> bool:
        told.append(title)
        return False

    monkeypatch.setattr(dialogs, "ask", no)
    window.open("people")
    assert told == ["还有 2 格工资没有保存"] and grid.hasFocus()
    press(qtbot, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert window.messages.text.text() == "已保存 1 格工资；红色的 1 格没有保存，请改正后再保存"
    grid.model().put([(0, 2, "")])
    press(qtbot, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.key == "people")
    press(qtbot, Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.key == "workshop")
    assert grid.hasFocus()


def test_a_course_is_signed_in_by_keys_alone(qtbot, window, store) -> None:
    with store.write("准备") as session:
        values = {"title": "缝纫工培训班", "type": "skills", "trade": "缝纫工", "start": "2023-03-06", "end": "2023-03-08"}
        id = records.save(session, "course", values)
        training.enrol(session, id, [one.id for one in session.select("person")[:2]])
    window.open("training", id=id)
    page = window.page("training")
    page.one.tabs.choose("sign_in")
    assert page.sign_in.grid.hasFocus()
    press(qtbot, Qt.Key.Key_Space)
    press(qtbot, Qt.Key.Key_F7)
    press(qtbot, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    with store.read() as session:
        assert [one.days_present for one in session.select("enrolment")] == [3, 3]
    press(qtbot, Qt.Key.Key_F2, Qt.KeyboardModifier.ControlModifier)
    assert page.stack.form is not None
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, Qt.Key.Key_Escape)
    assert page.model.course_id == ""
