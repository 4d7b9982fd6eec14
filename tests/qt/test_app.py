"""The program with its real pages: searching, undoing, another look, backups, another user, the keys of all pages together."""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QClipboard, QShortcut
from PySide6.QtWidgets import QApplication, QLabel
from sqlalchemy import update

from cli import station
from db import local
from db.store import Store
from db.unlocking import set_pin
from desktop import registry
from desktop.app import App, DayWatch, start_in_documents
from desktop.jobs import InlineJobs
from desktop.registry import ENTRIES
from desktop.widgets.basics import Button
from desktop.window_uses import WindowUses
from domain import clock, words
from domain.words import lazy
from services import records
from tests.qt.conftest import PASSWORD


def test_the_real_window_searches_undoes_and_unlocks(app) -> None:
    window = app.window
    assert window is not None
    window.search.setText("wxl")
    window.search.search_now()
    assert window.search.results.chosen().title == "王秀兰"
    save = app.station.writing(lazy("登记 孙玉梅"), records.save)
    save("person", {"name": "孙玉梅", "document": "other", "id_number": "X99", "labour": "ordinary"})
    with app.station.store.read() as session:
        assert session.count("person") == 5
    window.undo()
    assert "孙玉梅" in window.messages.text.text()
    with app.station.store.read() as session:
        assert session.count("person") == 4
    window.redo()
    assert "已重做：登记 孙玉梅" in window.messages.text.text()
    window.redo()
    assert "没有可以重做" in window.messages.text.text()
    window.undo()
    set_pin(app.station.store, "4321")
    window.lock()
    for wrong in ("9999", "not it"):
        window._lock.covers[0].secret.setText(wrong)
        window._lock.covers[0].try_unlock()
        assert window.locked
    window._lock.covers[0].secret.setText("4321")
    window._lock.covers[0].try_unlock()
    assert not window.locked
    window.lock()
    window._lock.covers[0].secret.setText("long enough")
    window._lock.covers[0].try_unlock()
    assert not window.locked


def test_an_act_from_before_this_start_is_asked_about(app) -> None:
    app.station.since = "9999-12-31T00:00:00Z"
    with app.station.store.read() as session:
        before = session.count("person")
    undo = WindowUses(app.station).undo
    text, done = undo(False)
    assert done is None
    assert "是这次打开程序以前做的" in text
    assert undo(True)[1] is True
    with app.station.store.read() as session:
        assert session.count("person") < before


def test_whoever_was_disabled_meanwhile_is_told_so_and_comes_in_by_no_pin(app) -> None:
    store = app.station.store
    set_pin(store, "4321")
    unlock = WindowUses(app.station).unlock
    assert unlock is not None
    assert "不对" in unlock("9999")
    assert unlock("4321") == ""
    with store.applying() as session:
        session.conn.execute(update(local.account).values(disabled_at=session.at))
    assert "已停用" in unlock("4321")


def test_a_window_left_open_overnight_shows_the_new_day(app, qtbot, monkeypatch) -> None:
    app.window.open("today")
    seen = clock.now()
    monkeypatch.setattr(clock, "now", lambda: seen + timedelta(days=1))
    app.window.findChild(DayWatch).look()
    day = f"{clock.now().month} 月 {clock.now().day} 日"
    qtbot.waitUntil(lambda: any(day in part.text() for part in app.window.page("today").findChildren(QLabel)))


SAVE = (
    "登记",
    "新增",
    "新建",
    "修改",
    "保存",
    "删除",
    "办上岗",
    "确认",
    "找回",
    "记",
    "与上月相同",
    "全部与上月相同",
    "批量申请",
    "新公示",
    "收回签好的表",
)
"""How the words of buttons begin that save."""


def test_who_may_only_look_finds_what_saves_turned_off_with_a_word_why(home, qtbot, answers) -> None:
    store = Store.open(home, user="李文书", password=PASSWORD)
    store.add_user("王主任", "readonly", "another one")
    store.close()
    app: Any = App(home, jobs=InlineJobs())
    app.start("王主任", "another one")
    window: Any = app.window
    with qtbot.waitActive(window):
        window.activateWindow()
    with app.station.store.read() as session:
        someone = session.select("person")[0].id
    for key in window.page_keys:
        window.open(key)
        for made in window.page(key).findChildren(Button):
            assert not made.text().startswith(SAVE) or (not made.isEnabled() and "只能看" in made.toolTip()), (key, made.text())
    window.open("people", id=someone)
    head = window.page("people").view.head
    assert [made.isEnabled() for made in (head.edit, head.add, head.more, head.check, head.paper)] == [False] * 4 + [True]
    assert "只能看" in head.check.toolTip()  # not only that there is nothing to repeat
    assert head.paper.hasFocus()  # within the page, whose keys go on to the next person and back to the list
    qtbot.keyClick(head.paper, Qt.Key.Key_F6)
    assert "只能看" in window.messages.text.text()
    window.open("service", tab="wishes")
    page = window.page("service")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Insert)
    assert page.stack.form is None and "只能看" in window.messages.text.text()
    window.open("training", tab="schooling")
    assert window.focusWidget().isEnabled() and window.page("training").isAncestorOf(window.focusWidget())  # of an empty list, too
    window.open("ledgers", kind="visit")
    page = window.page("ledgers")
    page.kinds.setFocus()
    qtbot.keyClick(page.kinds, Qt.Key.Key_Insert)
    assert page.panel is None and "只能看" in window.messages.text.text()
    window.open("ledgers", kind="person")
    page.table.table.selectRow(0)
    qtbot.keyClick(page.table.table, Qt.Key.Key_Delete)
    assert answers["told"] == []  # not asked first and refused then
    window.open("settings", tab="users")
    page = window.page("settings")
    assert not page.users.add_user.isEnabled() and not page.users.new_code.isEnabled() and page.users.by_admin.isVisible()
    app.close()


def test_another_look_keeps_the_page(app, qtbot) -> None:
    app.window.open("settings")
    old = app.window
    app.window.change_look("theme", "dark")
    qtbot.waitUntil(lambda: app.window is not old)
    assert app.window.key == "settings"
    assert app.preferences.text("theme") == "dark"


def test_another_look_leaves_no_widget_behind(app, qtbot) -> None:
    """Tabs that were never shown and the empty heading of each card stayed, and the program grew with each change."""
    for entry in registry.entries(app.station.store.role):
        app.window.open(entry.key)
    old = app.window
    app.window.change_look("theme", "dark")
    qtbot.waitUntil(lambda: app.window is not old and not shiboken6.isValid(old))
    assert [one for one in QApplication.allWidgets() if one.parent() is None and one is not app.window] == []


def test_no_other_look_while_long_work_is_under_way(app) -> None:
    """Its progress and its stop button went with the window."""
    work = app.window.progress.begin("正在导入")
    app.window.change_look("theme", "dark")
    assert app.preferences.text("theme") != "dark"
    app.window.progress.end(work)


def test_what_is_begun_is_answered_to_the_window_that_stands(app, qtbot) -> None:
    old = app.window
    assert app.jobs.owner is old
    app.rebuild()
    assert app.jobs.owner is app.window is not old
    app._leave()
    assert app.jobs.owner is None


def test_backups_make_themselves_once_a_day(app) -> None:
    app.back_up()
    files = list((app.home / "backups").glob("auto-*.zip"))
    assert len(files) == 1
    app.back_up()
    assert list((app.home / "backups").glob("auto-*.zip")) == files


def test_the_user_named_at_the_start_is_proposed(app) -> None:
    """`--user` without a password was not heard: what a second person did stood under the name of the first."""
    app.station.store.add_user("马会计", "clerk", PASSWORD)
    app.switch_user()
    app.start("马会计")
    assert app.gate.user.currentText() == "马会计"


def test_every_page_is_loaded_while_the_password_is_typed(home, qtbot, monkeypatch) -> None:
    loaded: list[str] = []

    def load(name: str) -> ModuleType:
        loaded.append(name)
        return import_module(name)

    monkeypatch.setattr(registry, "import_module", load)
    made = App(home, jobs=InlineJobs())
    made.start()
    assert loaded == [f"desktop.{entry.key}.page" for entry in ENTRIES]
    made.close()


def test_on_windows_files_are_proposed_for_the_documents(tmp_path, monkeypatch) -> None:
    """Not for the folder of the program, which goes with an upgrade."""
    monkeypatch.chdir("/")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _where: str(tmp_path))
    start_in_documents()
    assert Path.cwd() == tmp_path
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _where: str(tmp_path / "gone"))
    start_in_documents()


def test_switching_the_user_closes_the_store(app, monkeypatch) -> None:
    """The next at the computer pastes no number that was copied before."""
    QApplication.clipboard().setText("张三 13845678901")
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _self: True)
    app.switch_user()
    assert QApplication.clipboard().text() == ""
    assert app.window is None
    assert app.gate is not None


@pytest.fixture
def county(tmp_path, qtbot) -> Iterator[App]:
    """The program at the county, whose pages have tabs no village has."""
    Store.create(tmp_path, scope="230826", role="county", user="王县", password=PASSWORD)[0].close()
    made = App(tmp_path, jobs=InlineJobs())
    made.start("王县", PASSWORD)
    yield made
    made.close()


@pytest.mark.parametrize("where", ["app", "county"])
def test_no_page_takes_a_key_of_the_window(where, request) -> None:
    """Two shortcuts of one key put each other out of action."""
    window = request.getfixturevalue(where).window
    taken = {key.key().toString() for key in window._root.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly)}
    taken |= {f"Alt+{entry.letter}" for entry in ENTRIES if entry.letter}
    assert {"F9", "Ctrl+K", "Alt+R"} <= taken
    for key in window.page_keys:
        window.open(key)
        clashing = {one.key().toString() for one in window.page(key).findChildren(QShortcut)} & taken
        assert not clashing, key


def test_the_language_of_the_command_holds_for_one_run_until_another_is_chosen(home: Path, qapp: Any) -> None:
    """`cunzhan --lang en` opened the window in the language of the settings."""
    file = home / "desktop.json"
    program = App(home, jobs=InlineJobs(), language="en")
    assert (words.language(), program.preferences.text("language")) == ("en", "en")
    program.preferences.keep("theme", "dark")
    assert "language" not in json.loads(file.read_text("utf-8"))
    program.apply_look()
    assert words.language() == "en"
    program.preferences.keep("language", "zh")
    program.apply_look()
    assert words.language() == "zh"
    program.close()
    App(home, jobs=InlineJobs()).close()
    assert words.language() == "zh"


def test_the_command_gives_its_language_to_the_window(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def main(_home: Path, _user: str, _password: str, language: str) -> int:
        given.append(language)
        return 0

    monkeypatch.setattr("desktop.app.main", main)
    monkeypatch.setattr("signal.signal", lambda *_args: None)
    for options in (("--lang", "en"), ("--lang=zh",), ()):
        assert station.PROGRAM.main(["--home", str(home), *options, "desktop"]) == 0
    assert station.PROGRAM.main(["--home", str(home), "--lang", "en"]) == 0
    assert given == ["en", "zh", "", "en"]
