"""What a clerk does most, from the first screen to the saved record, by keys alone and in the whole window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QFileDialog, QLineEdit, QRadioButton, QWidget

from db import backup
from desktop.app import App
from desktop.jobs import InlineJobs
from desktop.widgets import dialogs
from desktop.widgets.picker import Picker
from domain.identity import check_digit
from domain.words import language
from services.workshop import workshop
from tests.qt.conftest import PASSWORD

KEYS, ALT, CTRL = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
NUMBER = "23082619790307002" + check_digit("23082619790307002")


@pytest.fixture
def window(qtbot, app):
    return shown(qtbot, app)


def shown(qtbot, app):
    window = app.window
    window.resize(1366, 768)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def press(qtbot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(QApplication.focusWidget(), key, modifier)
    QApplication.processEvents()


def tab_to(qtbot, wanted: Callable[[QWidget], bool]) -> QWidget:
    """Press Tab until the focus stands there."""
    for _stop in range(80):
        now = QApplication.focusWidget()
        if now is not None and wanted(now):
            return now
        press(qtbot, KEYS.Key_Tab)
    raise AssertionError("Tab does not come there")


def says(*words: str) -> Callable[[QWidget], bool]:
    return lambda one: isinstance(one, QAbstractButton) and (one.text() or one.accessibleName()).startswith(words)


def named(word: str) -> Callable[[QWidget], bool]:
    return lambda one: isinstance(one, QLineEdit | QComboBox) and one.accessibleName().startswith(word)


def test_a_person_is_registered(qtbot, window, app) -> None:
    press(qtbot, KEYS.Key_N, CTRL)
    qtbot.waitUntil(lambda: window.key == "register")
    qtbot.keyClicks(QApplication.focusWidget(), NUMBER)
    press(qtbot, KEYS.Key_Return)
    name = QApplication.focusWidget()
    assert isinstance(name, QLineEdit) and name.accessibleName().startswith("姓名")
    name.setText("周桂英")
    press(qtbot, KEYS.Key_Return)
    tab_to(qtbot, says("已有的户"))
    press(qtbot, KEYS.Key_Right)
    press(qtbot, KEYS.Key_Right)
    tab_to(qtbot, named("劳动"))
    press(qtbot, KEYS.Key_Down)
    press(qtbot, KEYS.Key_S, CTRL)
    with app.station.store.read() as session:
        (made,) = [one for one in session.select("person") if one.id_number == NUMBER]
    assert (made.name, made.birth) == ("周桂英", "1979-03-07")


def test_enter_goes_on_from_a_wrong_number_and_takes_no_guess(qtbot, window) -> None:
    wrong = NUMBER[:10] + NUMBER[11] + NUMBER[10] + NUMBER[12:]
    press(qtbot, KEYS.Key_N, CTRL)
    qtbot.waitUntil(lambda: window.key == "register")
    form = window.page("register").form
    qtbot.keyClicks(QApplication.focusWidget(), wrong)
    assert form.strip.suggestions
    for _enter in range(2):
        press(qtbot, KEYS.Key_Return)
    assert form.id_editor.line.text() == wrong
    assert form.id_editor.message.text().startswith("证件号码")
    assert form.id_editor.message.isVisible()


def test_esc_on_a_person_goes_back_to_where_they_were_opened(qtbot, window, app) -> None:
    with app.station.store.read() as session:
        person = session.select("person")[0]
    window.open("work")
    for opened_from in ("work", "people"):
        window.open("people", id=person.id)
        qtbot.waitUntil(lambda: window.page("people").view.isAncestorOf(QApplication.focusWidget()))
        press(qtbot, KEYS.Key_Escape)
        assert window.key == opened_from
        window.open("people")


def test_an_enter_before_the_person_is_there_presses_nothing(qtbot, window, app, monkeypatch) -> None:
    with app.station.store.read() as session:
        person = session.select("person")[0]
    page = window._make["people"](window)
    window._pages["people"] = page
    window.stack.addWidget(page)
    monkeypatch.setattr(page.person, "open", lambda _id: None)  # the store takes its time
    window.open("people", id=person.id)
    QApplication.processEvents()
    press(qtbot, KEYS.Key_Return)
    assert window.key == "people"
    assert not isinstance(QApplication.focusWidget(), QAbstractButton)


def test_the_language_is_changed(qtbot, window, app) -> None:
    press(qtbot, KEYS.Key_S, ALT)
    qtbot.waitUntil(lambda: window.key == "settings")
    tab_to(qtbot, says("用户和密码"))
    for _tab in range(4):
        press(qtbot, KEYS.Key_Right)
    press(qtbot, KEYS.Key_Return)
    chosen = tab_to(qtbot, lambda one: isinstance(one, QRadioButton) and one.text() == "中文")
    qtbot.keyClick(chosen, KEYS.Key_Right)
    qtbot.waitUntil(lambda: app.window is not window and app.window.isVisible())
    assert language() == "en"
    assert app.window.key == "settings"
    focused = QApplication.focusWidget()
    assert isinstance(focused, QRadioButton) and focused.text() == "English"


def test_somebody_is_hired(qtbot, window, app) -> None:
    with app.station.store.write("准备") as session:
        id = workshop.found(session, {"name": "横头山服装车间"}, {})
    press(qtbot, KEYS.Key_C, ALT)
    qtbot.waitUntil(lambda: window.key == "workshop")
    page = window.page("workshop")
    tab_to(qtbot, lambda one: one is page.table.table)
    press(qtbot, KEYS.Key_Return)
    tab_to(qtbot, lambda one: says("入职")(one) or one.accessibleName().startswith("入职"))
    press(qtbot, KEYS.Key_Return)
    picker = QApplication.focusWidget()
    assert isinstance(picker, Picker)
    qtbot.keyClicks(picker, "zzq")
    picker.find_now()
    press(qtbot, KEYS.Key_Return)
    press(qtbot, KEYS.Key_S, CTRL)
    with app.station.store.read() as session:
        (spell,) = session.select("employment")
        assert session.get("person", spell.person_id).name == "赵志强"
    assert (spell.employer_id, spell.start) == (id, session.today)


@pytest.mark.parametrize("instead", [False, True])
def test_a_backup_is_put_in_place(qtbot, station, home, tmp_path, monkeypatch, instead):
    """On a new laptop, and in the place of data that is here: that stays beside."""
    file, told = tmp_path / "backup.zip", list[str]()
    backup.backup(station.store, file)
    station.store.close()
    began: list[str] = []

    def choose(_parent: object, _title: str, where: str, _kinds: str) -> tuple[str, str]:
        began.append(where)
        return str(file), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    monkeypatch.setattr(dialogs, "show_message", lambda _parent, _title, text: told.append(text))
    app: Any = App(home if instead else tmp_path / "new", jobs=InlineJobs())
    app.start()
    gate = app.gate
    gate.show()
    gate.activateWindow()
    qtbot.waitUntil(gate.isActiveWindow)
    tab_to(qtbot, says("数据坏了？从备份恢复" if instead else "换了电脑？从备份恢复"))

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None or not dialog.isActiveWindow():
            QTimer.singleShot(20, answer)
            return
        qtbot.keyClicks(QApplication.focusWidget(), PASSWORD)
        press(qtbot, KEYS.Key_Return)

    QTimer.singleShot(20, answer)
    press(qtbot, KEYS.Key_Return)
    assert told and "都回来了" in told[-1]
    assert began == [str(home / "backups") if instead else ""]  # where the program puts its own
    assert bool(list(app.home.glob("before-restore-*"))) is instead
    gate = app.gate
    gate.activateWindow()
    qtbot.waitUntil(gate.isActiveWindow)
    qtbot.keyClicks(tab_to(qtbot, lambda one: isinstance(one, QLineEdit) and one.echoMode() == QLineEdit.EchoMode.Password), PASSWORD)
    press(qtbot, KEYS.Key_Return)
    qtbot.waitUntil(lambda: app.window is not None)
    with app.station.store.read() as session:
        assert session.count("person") == 4
    app.close()
