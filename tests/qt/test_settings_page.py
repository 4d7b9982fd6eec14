"""设置 with a real store."""

import atexit
import sys
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton, QRadioButton

from db import acts, keys, unlocking
from db.announced import SETTING
from db.store import Store
from desktop.settings.about import _done, about_card, licences
from desktop.settings.page import build
from desktop.settings.view_model import CountyState
from desktop.widgets import dialogs
from desktop.widgets.form_preview import FormPreview
from domain.errors import Refused, StoreDamaged
from domain.release import NEWER, PROGRAM, VERSION, newer_beside
from services.upgrading.previous_program import remember
from tests.unit.test_program_package import archive


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station))


def told(page) -> str:
    return str(page.frame.messages[-1])


def test_a_second_user_with_a_password_of_their_own(page, home, frame) -> None:
    page.model.add_user("王主任", "reviewer", "another one", "another one", frame.show_error)
    assert "王主任" in told(page)
    words = [part.text() for part in page.findChildren(QLabel)]
    assert "王主任" in words
    assert "审核员" in words
    Store.open(home, user="王主任", password="another one").close()
    page.model.change_role("王主任", "clerk", " 选错了 ", frame.show_error)
    assert "填报员" in [part.text() for part in page.findChildren(QLabel)]
    page.model.disable_user("王主任")
    assert frame.errors == []
    page.model.add_user("张三", "clerk", "one", "two", frame.show_error)
    assert "不一样" in str(frame.errors[-1])
    page.model.add_user("李文书", "clerk", "long enough", "long enough", frame.show_error)
    assert "已经有用户" in str(frame.errors[-1])


def test_a_colleague_who_forgot_the_password_gets_another(page, home, frame) -> None:
    """Without the recovery code at hand, only the county could help."""
    page.model.add_user("王主任", "reviewer", "another one", "another one", frame.show_error)
    page.model.reset_password("王主任", "short", "short", frame.show_error)
    page.model.reset_password("王主任", "the third one", "the thirst one", frame.show_error)
    assert len(frame.errors) == 2
    Store.open(home, user="王主任", password="another one").close()  # nothing has changed
    assert ("王主任", "reset") in page.users.buttons
    page.model.reset_password("王主任", "the third one", "the third one", frame.show_error)
    assert "王主任 的密码已重设" in told(page)
    with pytest.raises(Refused):
        Store.open(home, user="王主任", password="another one")
    opened = Store.open(home, user="王主任", password="the third one")
    assert opened.account().role == "reviewer"
    opened.close()


def test_the_cursor_stays_with_the_user_whose_role_was_changed(page, frame) -> None:
    """The lines are made anew, and it came to rest on 改密码."""
    for name in ("王主任", "赵会计"):
        page.model.add_user(name, "clerk", "another one", "another one", frame.show_error)

    page.users.buttons["王主任", "role"].setFocus()
    page.model.change_role("王主任", "reviewer", "选错了", frame.show_error)
    assert page.stack.focusWidget() is page.users.buttons["王主任", "role"]
    page.users.buttons["王主任", "disable"].setFocus()
    page.model.disable_user("王主任")
    assert page.stack.focusWidget() is page.users.add_user


def test_password_pin_and_recovery_code(page, home, frame, answers, monkeypatch) -> None:
    page.model.change_password("wrong", "new password", "new password", frame.show_error)
    assert len(frame.errors) == 1
    page.model.change_password("long enough", "new password", "new password", frame.show_error)
    assert told(page).startswith("密码已改。数据换了新密钥")
    Store.open(home, user="李文书", password="new password").close()
    typed = [("4321", "4312"), ("12", "12"), ("4321", "4321")]  # never seen, so typed twice; asked again until they agree
    refused: list[str] = []

    def type_pin(dialog) -> bool:
        problem = next(one for one in dialog.findChildren(QLabel) if one.property("role") == "bad")
        refused.append(problem.text())
        for line, text in zip(dialog.findChildren(QLineEdit), typed.pop(0), strict=True):
            line.setText(text)
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", type_pin)
    assert not page.users.no_pin.isVisibleTo(page)  # there is none to drop
    page.users._ask_pin()
    assert page.users.no_pin.isVisibleTo(page)
    page.users.no_pin.setFocus()
    assert told(page) == "PIN 已设好" and typed == []
    assert ["不一样" in refused[1], "4 到 8 位" in refused[2]] == [True, True]
    page.users.no_pin.click()
    assert told(page) == "PIN 已取消" and not page.users.no_pin.isVisibleTo(page)
    assert page.users.pin.hasFocus()  # not whatever comes next: 换一个恢复码
    shown = []
    monkeypatch.setattr(
        dialogs.Dialog,
        "run",
        lambda dialog: shown.append(([one.text() for one in dialog.findChildren(QLabel)], dialog.focusWidget().text())),
    )
    monkeypatch.setattr(dialogs, "ask", lambda *_args, **_words: True)
    page.users._ask_new_code()
    (_title, code, _text), focus = shown[-1]
    assert focus == "打印"  # not what closes it: an Enter too many would take the only copy away
    unlocking.recover(home, code=code, user="李文书", password="from the paper").close()


def test_an_enter_too_many_makes_no_second_recovery_code(page, station, monkeypatch) -> None:
    asked: list[bool] = []
    could_press: list[bool] = []
    make = station.store.new_recovery_code

    def yes(*_args, danger=False, **_words) -> bool:
        asked.append(danger)
        return True

    def watched() -> str:
        could_press.append(page.stack.isEnabled())
        return str(make())

    monkeypatch.setattr(dialogs, "ask", yes)
    monkeypatch.setattr(dialogs.Dialog, "run", lambda _dialog: True)
    monkeypatch.setattr(station.store, "new_recovery_code", watched)
    page.users._ask_new_code()
    assert asked == [True]  # what is pressed twice by mistake is no
    assert could_press == [False]
    assert page.stack.isEnabled()


def test_a_password_that_is_refused_is_asked_for_again_with_what_was_typed(page, home, frame, monkeypatch) -> None:
    answers = [
        ("wrong", "new password", "new password"),
        ("long enough", "new password", "new pasword"),
        ("long enough", None, "new password"),
    ]
    said: list[str] = []

    def type_in(dialog) -> bool:
        said.append(dialog.findChildren(QLabel)[-1].text())
        for line, text in zip(dialog.findChildren(QLineEdit), answers[len(said) - 1], strict=True):
            if text is not None:
                line.setText(text)
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", type_in)
    page.users._ask_password()
    assert (said[0], "密码不对" in said[1], "不一样" in said[2]) == ("", True, True)
    assert told(page).startswith("密码已改。") and frame.errors == []
    Store.open(home, user="李文书", password="new password").close()


def test_a_backup_and_its_restore_drill(page, frame, tmp_path, monkeypatch, answers) -> None:
    file = tmp_path / "备份.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(file), ""))
    page.opened(tab="backup")
    page._ask_backup()
    assert "核对过" in told(page)
    assert "今天" in page.last_backup.text()
    answers["ask_text"] = "long enough"
    page._ask_drill()
    assert "演练成功" in told(page)
    file.write_bytes(file.read_bytes()[:500])
    page._ask_drill()
    assert "打不开或不完整" in str(frame.errors[-1])


def test_the_cursor_is_back_where_it_was_when_the_work_is_done(page, qtbot) -> None:
    page.opened(tab="backup")
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.folder.setFocus()
    page.model.busy.emit(True)
    assert not page.folder.isEnabled()
    page.model.busy.emit(False)
    assert page.focusWidget() is page.folder


def test_the_schedule_is_kept(page, station, frame, qtbot) -> None:
    page.opened(tab="backup")
    page.folder.setText("/media/usb")
    page.every.setValue(3)
    page.model.keep_schedule(page.folder.text(), page.every.value())
    again: Any = build(frame, station)
    qtbot.addWidget(again)
    again.opened(tab="backup")
    assert (again.folder.text(), again.every.value()) == ("/media/usb", 3)


def test_looks_are_asked_of_the_window(page, frame) -> None:
    page.opened(tab="look")
    for radio in page.findChildren(QRadioButton):
        if radio.text() in ("125 %", "深色", "English"):
            radio.click()
    assert frame.preferences.number("text_size", 1) == 1.25
    assert frame.preferences.text("theme") == "dark"
    assert frame.preferences.text("language") == "en"
    page.users.idle.setValue(25)
    assert frame.preferences.number("idle_minutes", 10) == 25


def test_the_county_before_enrolment(page, frame) -> None:
    page.opened(tab="county")
    assert "还没有加入" in page.county_state.text()
    page._show_county(CountyState(enrolled=True, revoked=True, server="https://x", device="d"))
    assert "新注册码" in page.county_detail.text()
    next(one for one in page.findChildren(QPushButton) if one.text() == "到「同步」里办").click()
    assert frame.opened[-1] == ("sync", {"tab": "story"})


def test_whoever_leaves_prints_what_is_handed_over(page, monkeypatch) -> None:
    seen: list[FormPreview] = []
    monkeypatch.setattr(FormPreview, "run", lambda preview: seen.append(preview))
    page.users.handover.click()
    assert [one.windowTitle() for one in seen] == ["就业帮扶台账交接清单"]


def test_licences_are_there_to_read(page, qtbot) -> None:
    qtbot.addWidget(about_card(lambda _online: None, QLabel()))
    assert len(licences()) == 4 and all(path.is_file() for path in licences())


def test_the_release_that_the_county_hands_out_is_named_until_it_is_withdrawn(page, station) -> None:
    station.store.set_meta(SETTING, "9.0.0")
    page.stack.tabs.choose("about")
    assert "9.0.0" in page.handed_out.text() and page.handed_out.isVisibleTo(page)
    station.store.set_meta(SETTING, None)
    page.model.load()
    assert not page.handed_out.isVisibleTo(page)


def test_the_way_back_is_offered_where_there_is_a_program_of_before(qtbot, tmp_path, monkeypatch) -> None:
    before, here = (tmp_path / f"cunzhan-{version}-x" for version in ("0.0.1", VERSION))
    for one in (before, here):
        one.mkdir()
        (one / PROGRAM).touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(here / PROGRAM))
    words = [made.text() for made in about_card(lambda _online: None, QLabel()).findChildren(QPushButton)]
    assert "用回升级前的程序" not in words
    remember(here, before)
    (before / NEWER).write_text(here.name)
    monkeypatch.setattr(dialogs, "ask", lambda *_words, **_more: True)
    told: list[str] = []
    monkeypatch.setattr(dialogs, "show_message", lambda _parent, _title, text: told.append(text))
    card = about_card(lambda _online: None, QLabel())
    qtbot.addWidget(card)
    next(made for made in card.findChildren(QPushButton) if made.text() == "用回升级前的程序").click()
    assert not (before / NEWER).exists() and before.name in told[0]


def test_the_program_is_upgraded_from_a_stick_and_the_new_one_opened(page, tmp_path, monkeypatch, frame, station) -> None:
    program = tmp_path / "programs" / "cunzhan-0.1.0"
    program.mkdir(parents=True)
    asked: list[str] = []
    later: list[object] = []

    def ask(_parent: object, title: str, text: str = "", **_more: object) -> bool:
        asked.append(f"{title} {text}")
        return True

    monkeypatch.setattr(dialogs, "open_file", lambda *_words, **_more: archive(tmp_path / "stick"))
    monkeypatch.setattr(dialogs, "ask", ask)
    monkeypatch.setattr(atexit, "register", later.append)
    page.stack.tabs.choose("about")
    upgrade = next(one for one in page.findChildren(QPushButton) if one.text().startswith("从升级包升级"))
    upgrade.click()
    assert "源码" in str(frame.errors[-1]) and not asked, "this one has no folder of its own"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program / "cunzhan"))
    upgrade.click()
    assert "9.0.0" in asked[0] and "没有注册" in asked[0] and "已升级到 9.0.0" in asked[1]
    assert newer_beside(program) is not None and len(later) == 1, "it starts once this one is closed"
    assert list(station.store.home.glob("backups/升级前-*.zip"))
    upgrade.click()
    assert "已经升级过了" in str(frame.errors[-1])
    monkeypatch.setattr(page, "close", lambda: False)
    _done(page, "9.0.0")
    assert len(later) == 1, "something unsaved keeps this one open"
    with station.store.read() as session:
        assert acts.latest(session)[0].label == "升级程序到 9.0.0"


def test_a_disabled_colleague_has_no_key_any_more(page, home, frame, tmp_path) -> None:
    """The key file inside an old backup still had it."""
    page.model.add_user("王主任", "reviewer", "another one", "another one", frame.show_error)
    before = keys.unlock(home / "keys.json", "王主任", "another one").key
    mine = keys.unlock(home / "keys.json", None, "long enough").key
    page.model.change_password("long enough", "long enough now", "long enough now", frame.show_error)
    with pytest.raises(StoreDamaged):
        Store.with_key(home, "李文书", mine)
    page.model.disable_user("王主任")
    assert "已停用 王主任" in told(page) and "换了新密钥" in told(page)
    with pytest.raises(StoreDamaged):
        Store.with_key(home, "李文书", before)
    page.model.renew_key()
    assert frame.errors == []
    page.model.add_user("赵会计", "clerk", "another one", "another one", frame.show_error)
    assert "赵会计" in told(page)
    Store.open(home, user="李文书", password="long enough now").close()
