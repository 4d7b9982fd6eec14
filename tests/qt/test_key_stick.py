"""The key stick by hand: made in 设置, asked for by the password page, doubled, given up."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit

from db import unlocking
from db.store import Store
from db.unlocking import set_pin
from desktop.app import App
from desktop.drives import Drive
from desktop.jobs import InlineJobs
from desktop.settings import users_tab
from desktop.settings.page import build
from desktop.widgets import dialogs
from desktop.window_uses import WindowUses
from domain.errors import Refused

PASSWORD = "long enough"


@pytest.fixture
def stick(tmp_path, monkeypatch):
    """A stick that is plugged in."""
    folder = tmp_path / "KINGSTON"
    folder.mkdir()
    monkeypatch.setattr("db.removable.roots", lambda: [folder])
    monkeypatch.setattr(users_tab, "drives", lambda: [Drive(folder, "KINGSTON", 2**31)])
    return folder


@pytest.fixture
def card(show, frame, station):
    page = show(build(frame, station))
    return page.findChild(users_tab.StickCard)


@pytest.fixture
def typed(monkeypatch):
    """What is typed as the password in each dialog; what was said in it before."""
    answers: list[str] = []
    said: list[str] = []

    def type_in(dialog) -> bool:
        said.append(dialog.findChildren(QLabel)[-1].text())
        for line in dialog.findChildren(QLineEdit):
            line.setText(answers.pop(0))
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", type_in)
    return answers, said


def test_a_stick_is_made_doubled_and_given_up(card, home, stick, typed, frame) -> None:
    answers, said = typed
    assert card.spare.isHidden() and card.drop.isHidden()
    answers[:] = ["wrong one", PASSWORD]
    card.make.click()
    assert "密码不对" in said[1]
    assert "钥匙已写到" in frame.messages[-1]
    (file,) = stick.iterdir()
    assert file.name in card.state.text()
    assert not (card.spare.isHidden() or card.drop.isHidden())
    with pytest.raises(Refused):
        Store.open(home, user=None, password="wrong one")
    said.clear()
    card.spare.click()
    assert (said, frame.messages[-1]) == ([""], "备用的钥匙 U 盘做好了")
    answers[:] = [PASSWORD]
    card.drop.click()
    assert card.drop.isHidden()
    file.unlink()
    Store.open(home, user=None, password=PASSWORD).close()


def test_without_a_stick_plugged_in_that_is_said(card, monkeypatch, answers) -> None:
    monkeypatch.setattr(users_tab, "drives", list)
    card.make.click()
    assert "请插上 U 盘" in answers["told"][-1]


def test_the_password_page_asks_for_the_stick_and_does_not_blame_the_password(home, stick, station, qtbot) -> None:
    unlocking.use_stick(station.store, PASSWORD, stick)
    station.store.close()
    (file,) = stick.iterdir()
    held = file.read_bytes()
    file.unlink()
    app: Any = App(home, jobs=InlineJobs())
    app.start()
    app.gate.password.setText(PASSWORD)
    qtbot.keyClick(app.gate.password, Qt.Key.Key_Return)
    assert "请插上钥匙 U 盘" in app.gate.problem.text()
    assert "大小写" not in app.gate.problem.text()
    file.write_bytes(held)
    qtbot.keyClick(app.gate.password, Qt.Key.Key_Return)
    assert app.window is not None
    app.close()


def test_a_locked_window_asks_for_the_stick_too_and_tells_a_wrong_pin_from_it(home, stick, station, qtbot) -> None:
    unlocking.use_stick(station.store, PASSWORD, stick)
    set_pin(station.store, "4321")
    unlock = WindowUses(station).unlock
    assert unlock is not None
    assert unlock(PASSWORD) == ""
    for file in stick.iterdir():
        file.unlink()
    assert "请插上钥匙 U 盘" in unlock(PASSWORD)
    assert "PIN" in unlock("1234")
    assert unlock("4321") == ""
