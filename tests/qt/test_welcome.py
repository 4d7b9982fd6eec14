"""First use from the village's name to the window, and unlocking."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QLineEdit

from db import backup, keys, unlocking
from db.files import STORE_FILE
from db.store import Store
from desktop import shortcut
from desktop.app import App
from desktop.importing import begun, view_model
from desktop.jobs import InlineJobs
from desktop.lock import LockCover
from desktop.preferences import UNNOTED, Preferences
from desktop.station import Station
from desktop.welcome import opening, practice
from desktop.welcome.first_use import FirstUseView
from desktop.welcome.unlock import UnlockView
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Chip
from desktop.widgets.printers import draw_slip, recovery_words
from domain.errors import Refused, Stopped, Unreachable
from domain.scope_search import find_scope
from domain.scopes import level_of
from domain.words import lazy
from services import importing, records
from services.importing import ImportResult

VILLAGE = "230826101202"


@pytest.fixture
def fresh(tmp_path, qtbot):
    made = App(tmp_path / "new", jobs=InlineJobs())
    made.start()
    yield made
    made.close()


@pytest.mark.parametrize(
    "typed",
    [
        "横头山解放",
        "横头山镇解放村",
        "佳木斯市桦川县横头山镇解放",
        "黑龙江省桦川县横头山镇解放村",
        "２３０８２６１０１２０２",
        "230826101202",
        "hengtoushanjiefang",
        "hengtoushanzhenjiefangcun",
    ],
)
def test_a_village_by_a_part_of_its_name_or_all_of_it(typed) -> None:
    assert find_scope(typed)[0] == VILLAGE


def test_townships_counties_pinyin_and_what_lies_nowhere() -> None:
    assert find_scope("桦川")[0] == "230826"
    assert find_scope("huachuan")[0] == "230826"
    assert find_scope("横头山")[0] == "230826101"
    assert VILLAGE in find_scope("桦川县解放村")
    assert find_scope("佳木斯市郊区")[0] == "230811"
    assert find_scope("桦川县横头山镇")[0] == "230826101"
    assert find_scope("没有这个地方") == find_scope(" ") == []
    assert [level_of(scope) for scope in (VILLAGE, VILLAGE[:9], VILLAGE[:6])] == ["village", "township", "county"]


def test_what_is_typed_over_a_village_chosen_before_is_not_that_village(fresh, qtbot) -> None:
    gate = fresh.gate
    gate.place.set_choice(VILLAGE, "解放村")
    gate.place.setText("没有这个地方")
    qtbot.keyClick(gate.place, Qt.Key.Key_Return)
    assert gate.model.step == "place"
    assert "选一个" in gate.problem.text()


def test_first_use_by_keyboard_from_the_village_to_the_window(fresh, qtbot) -> None:
    view = fresh.gate
    assert isinstance(view, FirstUseView)
    view.place.setText("横头山解放")
    view.place.find_now()
    qtbot.keyClick(view.place, Qt.Key.Key_Return)
    assert view.place.text().endswith("解放村")
    qtbot.keyClick(view.place, Qt.Key.Key_Return)
    assert view.model.step == "user"
    assert "横头山镇解放村" in view.chosen.text()
    view.name.setText("李文书")
    qtbot.keyClick(view.name, Qt.Key.Key_Return)  # an Enter is no end: the password must not be typed where it can be read
    assert view.focusWidget() is view.password
    view.password.setText("12345678")
    qtbot.keyClick(view.password, Qt.Key.Key_Return)
    assert view.focusWidget() is view.again
    assert view.problem.text() == ""
    view.again.setText("1234567x")
    qtbot.keyClick(view.again, Qt.Key.Key_Return)
    assert "不一样" in view.problem.text()
    assert view.again.selectedText() != ""
    view.password.setText("1234567")
    qtbot.keyClick(view.again, Qt.Key.Key_Return)
    assert view.focusWidget() is view.password  # where the fault is
    view.password.setText("12345678")
    view.again.setText("12345678")
    qtbot.keyClick(view.again, Qt.Key.Key_Return)
    assert view.model.step == "recovery"
    assert view.code.text().count("-") == 5
    assert view.password.text() == ""
    assert Preferences(fresh.home / "desktop.json").number(UNNOTED, 0) == 1  # until it is on paper
    view.confirm.setText("????")
    qtbot.keyClick(view.confirm, Qt.Key.Key_Return)
    assert view.model.step == "recovery"
    view.confirm.setText(view.code.text()[-4:].lower())
    qtbot.keyClick(view.confirm, Qt.Key.Key_Return)
    assert view.model.step == "roster"
    assert fresh.preferences.number(UNNOTED, 0) == 0
    view._choose("settings")
    view.finished.emit("settings")
    assert fresh.window.key == "settings"
    assert fresh.station.store.scope == VILLAGE
    assert fresh.station.store.account().role == "admin"
    code = view.code.text()
    fresh.station.store.close()
    unlocking.recover(fresh.home, code=code, user="李文书", password="another one").close()


@pytest.mark.parametrize(
    ("user", "password", "again", "word"),
    [("", "12345678", "12345678", "姓名"), ("李", "1234567", "1234567", "8"), ("李", "12345678", "12345679", "不一样")],
)
def test_what_is_wrong_with_a_name_or_password(fresh, user, password, again, word) -> None:
    assert word in fresh.gate.model.fault_of(user, password, again)[1]


def test_no_village_no_next_step(fresh) -> None:
    fresh.gate.model.choose_place("")
    assert fresh.gate.model.step == "place"
    assert fresh.gate.problem.text()


def test_joining_is_said_in_the_window(fresh, monkeypatch) -> None:
    """The wizard closed without a word, and the status line went on saying 离线."""
    monkeypatch.setattr("desktop.welcome.first_use_model.enrol", lambda *_given: "已加入县服务器，本机编号 A。")
    model = fresh.gate.model
    model.choose_place(VILLAGE)
    model.make("李文书", "12345678", "12345678")
    model.confirm_code(model.code[-4:])
    model.enrol("https://127.0.0.1:1", "ABCD")
    assert "已加入县服务器" in fresh.window.messages.text.text()


def test_enrolment_without_a_network_is_said_and_can_wait(fresh, monkeypatch, qtbot) -> None:
    def unreachable(store, server, code):
        raise Unreachable("县服务器没有应答，数据都在本机，以后再登记。")

    monkeypatch.setattr("desktop.welcome.first_use_model.enrol", unreachable)
    model = fresh.gate.model
    model.choose_place(VILLAGE)
    model.make("李文书", "12345678", "12345678")
    model.confirm_code(" " + "".join(chr(ord(letter) + 0xFEE0) for letter in model.code[-4:].lower()))
    assert model.step == "roster"
    model.go("county")
    model.enrol("", "")
    assert "以后再说" in fresh.gate.problem.text() and fresh.gate.focusWidget() is fresh.gate.server
    model.enrol("https://127.0.0.1:1", "")
    assert fresh.gate.focusWidget() is fresh.gate.enrolment
    fresh.gate.server.setText("https://127.0.0.1:1")
    fresh.gate.server.setFocus()
    qtbot.keyClick(fresh.gate.server, Qt.Key.Key_Return)
    assert fresh.gate.focusWidget() is fresh.gate.enrolment
    fresh.gate.enrolment.setText("ABCD")
    qtbot.keyClick(fresh.gate.enrolment, Qt.Key.Key_Return)
    assert "没有应答" in fresh.gate.problem.text()
    assert fresh.gate.focusWidget() is fresh.gate.enrolment
    fresh.gate.finished.emit("settings")
    assert fresh.window is not None


def test_an_address_that_is_none_leaves_the_cursor_in_it(fresh, qtbot) -> None:
    """The code was marked, to be typed over."""
    model = fresh.gate.model
    model.choose_place(VILLAGE)
    model.make("李文书", "12345678", "12345678")
    model.confirm_code(model.code[-4:])
    model.go("county")
    fresh.gate.server.setText("http://xian.example")
    fresh.gate.enrolment.setText("ABCD")
    fresh.gate.enrolment.setFocus()
    qtbot.keyClick(fresh.gate.enrolment, Qt.Key.Key_Return)
    assert "https" in fresh.gate.problem.text()
    assert fresh.gate.focusWidget() is fresh.gate.server and fresh.gate.server.selectedText() == "http://xian.example"


def test_who_works_for_a_township_is_not_told_to_begin_with_a_village(fresh) -> None:
    gate = fresh.gate
    gate.model.choose_place(VILLAGE)
    gate.model.go("roster")
    assert "村里现成的花名册" in gate.lists.text()
    gate.model.choose_place(VILLAGE[:9])
    gate.model.go("roster")
    assert "各村的人由各村报上来" in gate.lists.text() and gate.lists.isVisible()


def test_a_village_without_a_network_goes_on_to_join_by_stick(fresh) -> None:
    model, gate = fresh.gate.model, fresh.gate
    model.choose_place(VILLAGE)
    model.make("李文书", "12345678", "12345678")
    model.confirm_code(model.code[-4:])
    gate._choose("importing")
    gate.by_stick.click()
    assert fresh.window.key == "sync"
    page = fresh.window.stack.currentWidget()
    assert page.tabs.tabs.key == "stick"
    assert not page.stick.on.isHidden()  # the roster chosen before is gone on with once the request is written
    page.stick.on.click()
    assert fresh.window.key == "importing" and page.stick.on.isHidden()


def test_a_wrong_password_is_said_and_the_right_one_opens(home, qtbot, monkeypatch) -> None:
    app: Any = App(home, jobs=InlineJobs())
    app.start()
    view = app.gate
    assert isinstance(view, UnlockView)
    assert view.user.currentText() == "李文书"
    qtbot.keyClick(view.password, Qt.Key.Key_Return)
    assert "请输入密码" in view.problem.text()
    view.password.setText("wrong one")
    view.model.busy.emit(True)
    assert not list(keyboard.stops(view))  # a second Enter while the password is looked at presses nothing else
    view.model.busy.emit(False)
    qtbot.keyClick(view.password, Qt.Key.Key_Return)
    assert "密码不对" in view.problem.text() and view.problem.text().count("恢复码") == 1
    assert "管理员" not in view.problem.text()  # there is no other user
    monkeypatch.setattr(view.model, "users", lambda: ["李文书", "王主任"])
    qtbot.keyClick(view.password, Qt.Key.Key_Return)
    assert "请本站管理员打开" in view.problem.text()
    assert view.focusWidget() is view.password
    assert app.window is None
    view.password.setText("long enough")
    qtbot.keyClick(view.password, Qt.Key.Key_Return)
    assert app.window is not None
    app.close()


def test_the_recovery_code_gives_a_new_password(tmp_path, qtbot) -> None:
    store, code = Store.create(tmp_path, scope=VILLAGE, role="village", user="李文书", password="forgotten")
    store.close()
    app: Any = App(tmp_path, jobs=InlineJobs())
    app.start()
    view = app.gate
    view._show_page(1)
    view.code.setText(code[:-1] + ("0" if code[-1] != "0" else "1"))
    qtbot.keyClick(view.code, Qt.Key.Key_Return)
    assert view.focusWidget() is view.new_password
    view.new_password.setText("remembered")
    view.again.setText("remembered")
    qtbot.keyClick(view.again, Qt.Key.Key_Return)
    assert "恢复码不对" in view.problem.text()
    assert "可以用恢复码" not in view.problem.text()
    assert view.focusWidget() is view.code
    view.code.setText(code)
    view.new_password.setText("remembered")
    view.again.setText("remembered")
    qtbot.keyClick(view.again, Qt.Key.Key_Return)
    assert app.window is not None
    app.close()
    Store.open(tmp_path, user="李文书", password="remembered").close()


def test_an_import_that_a_power_cut_took_back_is_told_once(home, qtbot, monkeypatch) -> None:
    asked: list[str] = []

    def yes(_parent, _title, text, **_more) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(dialogs, "ask", yes)
    store = Store.open(home, user=None, password="long enough")
    sample = Path(__file__).parents[2] / "resources" / "samples" / "registry.xlsx"
    with store.read() as session:
        plan = importing.plan(session, sample)
    station = Station(store)
    with pytest.raises(Stopped):
        begun.noting(store, station.writing(lazy("导入"), _stopped))(plan, lambda *_how_far: None)
    assert begun.left(store) == "", "who stopped it knows"
    kept: list[Path] = []

    def cut(*given: Any) -> ImportResult:
        kept.append(shutil.copytree(home, home.with_name("cut")))
        return view_model._apply(*given)

    begun.noting(store, station.writing(lazy("导入"), cut))(plan, lambda *_how_far: None)
    assert begun.left(store) == "", "it is in"
    store.close()
    app: Any = App(kept[0], jobs=InlineJobs())
    app.start()
    for _time in range(2):
        app.gate.model.open("李文书", "long enough")
        qtbot.waitUntil(lambda: app.window is not None)
        app.switch_user()
    app.close()
    (told,) = asked
    assert "registry.xlsx" in told and "一条也没有" in told


def _stopped(*_given: object) -> ImportResult:
    raise Stopped("已停止")


def test_a_code_that_nobody_has_on_paper_is_told_after_a_power_cut(home, qtbot, monkeypatch) -> None:
    Preferences(home / "desktop.json").keep(UNNOTED, 1)
    asked: list[str] = []

    def yes(_parent, title, *_words, **_more) -> bool:
        asked.append(title)
        return True

    monkeypatch.setattr(dialogs, "ask", yes)
    app: Any = App(home, jobs=InlineJobs())
    app.start()
    app.gate.model.open("李文书", "long enough")
    qtbot.waitUntil(lambda: app.window is not None and app.window.key == "settings")
    assert asked == ["恢复码还没有抄好"]
    assert app.window.focusWidget() is app.window.page("settings").users.new_code
    monkeypatch.setattr(dialogs.Dialog, "run", lambda _self: True)
    app.window.page("settings").users._ask_new_code()
    assert app.preferences.number(UNNOTED, 0) == 0
    app.close()


def test_the_county_helps_where_the_recovery_code_is_gone_too(tmp_path, qtbot, monkeypatch) -> None:
    store, _code = Store.create(tmp_path / "home", scope=VILLAGE, role="village", user="李文书", password="forgotten")
    asked, answer = tmp_path / "求助.czk", tmp_path / "答复.czk"
    app: Any = App(tmp_path / "home", jobs=InlineJobs())
    app.start()
    view = app.gate
    view._show_page(2)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(asked), ""))
    qtbot.keyClick(view.write_button, Qt.Key.Key_Space)
    assert "没有在县里注册" in view.problem.text()
    county = PrivateKey.generate()
    store.replace_slots(keys.wrap_for_county(bytes(county.public_key), store.data_key, store.station))
    qtbot.keyClick(view.write_button, Qt.Key.Key_Space)
    assert "求助.czk" in view.problem.text()
    assert view.focusWidget() is view.read_button
    key, station = keys.unwrap_for_county(keys.read_slot(asked, "county"), county)
    assert station == store.station
    store.close()
    keys.write(answer, keys.KeyFile(1, [keys.wrap("recovery", "recovery", "told by telephone", b"k" * 32)]))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(answer), ""))
    qtbot.keyClick(view.read_button, Qt.Key.Key_Space)
    assert view.focusWidget() is view.code
    for line, text in ((view.code, "told by telephone"), (view.new_password, "remembered"), (view.again, "remembered")):
        line.setText(text)
    qtbot.keyClick(view.again, Qt.Key.Key_Return)
    assert "不是给这台电脑的" in view.problem.text()
    keys.write(answer, keys.KeyFile(1, [keys.wrap("recovery", "recovery", "told by telephone", key)]))
    qtbot.keyClick(view.again, Qt.Key.Key_Return)
    assert app.window is not None
    app.close()
    Store.open(tmp_path / "home", user="李文书", password="remembered").close()


@pytest.mark.parametrize("how", ["gone", "cut short"])
def test_a_store_copied_half_is_said(home, qtbot, how) -> None:
    file = home / STORE_FILE
    content = file.read_bytes()
    file.unlink()
    if how == "cut short":
        file.write_bytes(content[: len(content) // 2])
    app: Any = App(home, jobs=InlineJobs())
    app.start()
    app.gate.model.open("李文书", "long enough")
    assert "备份" in app.gate.problem.text()
    assert app.window is None
    app.close()


@pytest.mark.slow
def test_the_practice_village_is_made_once_and_kept_apart(fresh, qtbot) -> None:
    fresh.practise()
    assert fresh.window is not None
    assert "练习村" in {chip.text() for chip in fresh.window.findChildren(Chip)}
    store = fresh.station.store
    assert store.home == fresh.home / "practice"
    with store.read() as session:
        assert session.count("person") > 100
        assert session.count("wage") > 100
    assert "离开练习村，回自己的村" in {action.text() for action in fresh.window.user_button.menu().actions()}
    fresh.window.lock()
    (cover,) = fresh.window.findChildren(LockCover)
    cover.open_button.click()  # nobody was told its password
    assert not fresh.window.locked
    fresh.switch_user()
    assert isinstance(fresh.gate, FirstUseView)  # nothing was made outside the practice folder
    practice.open_practice(fresh.home / "practice").close()


def test_the_practice_village_can_begin_anew(fresh, monkeypatch) -> None:
    """It kept what was tried in it, and grew old: its days are those of the day it was made on."""
    monkeypatch.setattr("services.practice.ROSTERS", ("registry.xlsx", "workshops.csv", "vacancies.csv"))
    fresh.practise()
    with fresh.station.store.write("试") as session:
        records.delete_all(session, "vacancy", [row.id for row in session.select("vacancy")])
    (anew,) = (action for action in fresh.window.user_button.menu().actions() if action.text() == "练习村从头来")
    monkeypatch.setattr(dialogs, "ask", lambda *_args, **_words: False)
    anew.trigger()
    QApplication.processEvents()
    with fresh.station.store.read() as session:
        assert not session.count("vacancy")
    monkeypatch.setattr(dialogs, "ask", lambda *_args, **_words: True)
    anew.trigger()
    QApplication.processEvents()
    with fresh.station.store.read() as session:
        assert session.count("vacancy") == 6


def test_the_practice_village_stays_whole_where_it_cannot_be_deleted(tmp_path, monkeypatch) -> None:
    """Windows deletes no open file: half of it was deleted, and it could neither be opened nor made again."""
    monkeypatch.setattr("services.practice.ROSTERS", ("registry.xlsx", "workshops.csv", "vacancies.csv"))
    home = tmp_path / "practice"
    practice.open_practice(home).close()
    whole = {file.name for file in home.iterdir()}

    def in_use(_self: Path, _target: Path) -> Path:
        raise PermissionError(13, "used by another process")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", in_use)
        with pytest.raises(Refused, match="里面的都还在"):
            practice.open_practice(home, anew=True)
    assert {file.name for file in home.iterdir()} == whole
    (home / "keys.json").unlink()  # nor did it begin anew where it was damaged
    practice.open_practice(home, anew=True).close()
    assert [one.name for one in tmp_path.iterdir()] == ["practice"]


def test_the_page_takes_no_key_while_another_store_comes(fresh, monkeypatch) -> None:
    """Pressed twice, the practice village opened two windows; data opened while a backup took its place was taken away."""
    asked: list[Any] = []
    monkeypatch.setattr(fresh.jobs, "run", lambda work, done, failed: asked.append(failed))
    monkeypatch.setattr(opening, "_asked", lambda *_args: ("李文书", "wrong one") if not asked else None)
    monkeypatch.setattr(dialogs, "open_file", lambda *_args, **_words: fresh.home)
    fresh.gate.restore.emit()
    assert not fresh.gate.isEnabled()
    asked[0](Refused("密码不对"))
    assert fresh.gate.isEnabled()
    fresh.practise()
    assert not fresh.gate.isEnabled()


def test_a_new_laptop_is_set_up_from_a_backup(fresh, station, tmp_path, monkeypatch, answers) -> None:
    file = tmp_path / "backup.zip"
    station.store.add_user("王主任", "clerk", "another one")
    backup.backup(station.store, file)
    (tmp_path / "other.zip").write_bytes(b"PK no archive")
    assert backup.users(tmp_path / "other.zip") == [] == backup.users(tmp_path / "none.zip")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(file), ""))

    typed, seen = ["wrong one", None, "wrong one", "long enough"], []

    def run(dialog) -> bool:
        (user,), (password,) = dialog.findChildren(QComboBox), dialog.findChildren(QLineEdit)
        assert [user.itemText(n) for n in range(user.count())] == ["李文书", "王主任"] and dialog.focusWidget() is password
        seen.append((user.currentText(), password.text(), any("密码不对" in one.text() for one in dialog.findChildren(QLabel))))
        password.setText(given := typed.pop(0))
        return given is not None

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    fresh.gate.restore.emit()
    assert seen == [("李文书", "", False), ("李文书", "", True)]  # only the password is typed again
    assert isinstance(fresh.gate, FirstUseView)
    fresh.gate.restore.emit()
    assert "都回来了" in answers["told"][-1]
    assert isinstance(fresh.gate, UnlockView)
    fresh.gate.model.open("李文书", "long enough")
    with fresh.station.store.read() as session:
        assert session.count("person") == 4


def test_an_older_backup_restored_by_mistake_is_taken_back(app, tmp_path, monkeypatch, answers) -> None:
    file = tmp_path / "old.zip"
    backup.backup(app.station.store, file)
    register = app.station.writing(lazy("登记"), records.save)
    register("person", {"name": "孙玉梅", "document": "other", "id_number": "X99", "labour": "ordinary"})
    app.switch_user()
    asked: list[str] = []

    def run(dialog) -> bool:
        (user,), (password,) = dialog.findChildren(QComboBox), dialog.findChildren(QLineEdit)
        asked.append(user.currentText())
        password.setText("long enough")
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(file), ""))
    app.gate.restore.emit()
    (made,) = (app.home / "backups").glob("恢复前的数据-*.zip")
    assert made.name in answers["told"][-1]
    file = made
    app.gate.restore.emit()
    assert asked == ["李文书", "李文书"]  # whose data it is
    app.gate.model.open("李文书", "long enough")
    with app.station.store.read() as session:
        assert session.count("person") == 5


def test_the_code_on_paper(tmp_path, qtbot) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "code.pdf"))
    draw_slip(printer, *recovery_words("ABCDE-FGHIJ", "横头山镇解放村"))
    assert (tmp_path / "code.pdf").read_bytes().startswith(b"%PDF")


def test_the_password_page_says_whose_data_it_opens(app) -> None:
    assert app.preferences.text("place") == "横头山镇 · 解放村"
    app.switch_user()
    assert "横头山镇 · 解放村" in [one.text() for one in app.gate.findChildren(QLabel)]


@pytest.mark.parametrize("wanted", [True, False])
def test_first_use_puts_an_icon_on_the_desktop_unless_it_is_not_wanted(tmp_path, qtbot, monkeypatch, wanted: bool) -> None:
    put: list[Path] = []
    monkeypatch.setattr(shortcut, "missing", lambda: True)
    monkeypatch.setattr(shortcut, "program", lambda: tmp_path / "cunzhan")
    monkeypatch.setattr(shortcut, "put", put.append)
    made = App(tmp_path / "new", jobs=InlineJobs())
    made.start()
    gate: Any = made.gate
    assert gate.icon.isChecked()
    gate.icon.setChecked(wanted)
    gate._choose("today")
    assert put == ([tmp_path / "cunzhan"] if wanted else [])
    made.close()
