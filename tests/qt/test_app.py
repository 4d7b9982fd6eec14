"""The program with its real pages: searching, undoing, another look, backups, another user, the keys of all pages together."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLabel

from db import keys
from db.store import Store
from desktop.app import App
from desktop.day_watch import DayWatch
from desktop.jobs import InlineJobs
from desktop.registry import ENTRIES
from domain import clock
from services import registry
from tests.qt.conftest import PASSWORD


def test_the_real_window_searches_undoes_and_unlocks(app) -> None:
    window = app.window
    assert window is not None
    window.search.setText("wxl")
    window.search.search_now()
    assert window.search.results.chosen().title == "王秀兰"
    save = app.station.writing("登记 孙玉梅", registry.save)
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
    app.station.store.set_pin("4321")
    window.lock()
    for wrong in ("9999", "not it"):
        window._covers[0].secret.setText(wrong)
        window._covers[0].try_unlock()
        assert window.locked
    window._covers[0].secret.setText("4321")
    window._covers[0].try_unlock()
    assert not window.locked
    window.lock()
    window._covers[0].secret.setText("long enough")
    window._covers[0].try_unlock()
    assert not window.locked


def test_a_window_left_open_overnight_shows_the_new_day(app, qtbot, monkeypatch) -> None:
    app.window.open("today")
    seen = clock.now()
    monkeypatch.setattr(clock, "now", lambda: seen + timedelta(days=1))
    app.window.findChild(DayWatch).look()
    day = f"{clock.now().month} 月 {clock.now().day} 日"
    qtbot.waitUntil(lambda: any(day in part.text() for part in app.window.page("today").findChildren(QLabel)))


def test_another_look_keeps_the_page(app, qtbot) -> None:
    app.window.open("settings")
    old = app.window
    app.window.change_look("theme", "dark")
    qtbot.waitUntil(lambda: app.window is not old)
    assert app.window.key == "settings"
    assert app.preferences.text("theme") == "dark"


def test_backups_make_themselves_once_a_day(app) -> None:
    app.back_up()
    files = list((app.home / "backups").glob("auto-*.zip"))
    assert len(files) == 1
    app.back_up()
    assert list((app.home / "backups").glob("auto-*.zip")) == files


def test_switching_the_user_closes_the_store(app) -> None:
    app.switch_user()
    assert app.window is None
    assert app.gate is not None


@pytest.fixture
def county(tmp_path, monkeypatch, qtbot) -> Iterator[App]:
    """The program at the county, whose pages have tabs no village has."""
    monkeypatch.setattr(keys, "_OPS", 1)
    monkeypatch.setattr(keys, "_MEMORY", 8 * 1024)
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
