"""The 局域网 tab at a village and at its township, on this machine's own address, with the county's answer by stick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from db.local import set_meta
from db.store import Store
from desktop.station import Station
from desktop.sync import exchange_models
from desktop.sync.page import build
from sync.station.lan import finding, receiver
from sync.station.lan.receiver import Receiver
from sync.station.stick import reading, writing
from tests.conftest import TOWNSHIP
from tests.qt.sync_page import texts
from tests.qt.test_sync_stick import Office, register


@pytest.fixture
def office(tmp_path: Path, make_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    made = Office(tmp_path, make_store)
    monkeypatch.setattr(exchange_models, "Receiver", lambda store: Receiver(store, host="127.0.0.1", port=0))
    monkeypatch.setattr(receiver, "_LOOK", 0.01)
    yield made
    made.county.close()


@pytest.fixture
def open_tab(show, frame):
    return lambda store: show(build(frame, Station(store)), tab="lan")


def test_a_village_hands_in_by_keyboard_and_the_township_sees_it(office: Office, open_tab, frame, qtbot, monkeypatch) -> None:
    village, township = office.station("李文书"), office.station("王主任", TOWNSHIP)
    register(village, "周桂英", "A1002")
    town = open_tab(township)
    town.lan._timer.setInterval(3_600_000)  # on a busy machine it would look before this test does
    assert town.lan.open.hasFocus() and not town.lan.giving.isVisible()
    QTest.keyClick(town.lan.open, Qt.Key.Key_Space)
    assert frame.errors == []
    opening = town.beside.opening
    assert opening is not None and town.lan.shut.hasFocus()
    assert town.lan.digits.text().replace(" ", "") == opening.code
    page = open_tab(village)
    tab = page.lan
    assert "有 1 条" in tab.waits.text() and tab.code.hasFocus()
    monkeypatch.setattr(finding, "find", lambda *_given, **_more: list(opening.addresses))
    tab.code.setText(f"{(int(opening.code) + 1) % 10**6:06}")
    QTest.keyClick(tab.code, Qt.Key.Key_Return)
    assert "六位码不对" in tab.trouble.text()
    qtbot.waitUntil(tab.code.hasFocus)
    tab.code.setText(opening.code)
    QTest.keyClick(tab.code, Qt.Key.Key_Return)
    assert "乡镇已收：1 条" in tab.result.text() and not tab.trouble.isVisible()
    qtbot.waitUntil(tab.send.hasFocus)
    changes = frame.changes
    town.beside.tick()
    assert frame.changes == changes + 1  # other pages look again
    assert "解放村" in texts(town.lan.list)
    writing.write_to_stick(township, office.stick)
    office.answer()
    reading.read_folder(township, office.stick)
    again = open_tab(village).lan
    assert again.address.text() == opening.addresses[0] and again.code.hasFocus()
    again.address.setText("127.0.0.1:9")  # the router gave the township another address since
    again.code.setText(opening.code)
    again.send.click()
    assert "县里已收到" in again.result.text()
    assert again.address.text() == opening.addresses[0]
    assert "没有要交的" in again.waits.text()
    at = town.beside._receiver
    assert at is not None
    town.lan.shut.click()
    at.close()  # the window does not wait for it
    assert "收件已关" in town.lan.how.text() and town.lan.open.isVisible()
    again.send.click()
    assert "没有打开收件" in again.trouble.text()


def test_what_is_missing_is_said(office: Office, open_tab, monkeypatch: pytest.MonkeyPatch) -> None:
    tab = open_tab(office.station("李文书")).lan
    tab.send.click()
    assert "请填乡镇电脑屏幕上的六位码" in tab.trouble.text()
    tab.address.setText("8.8.8.8")
    tab.code.setText("123456")
    tab.send.click()
    assert "地址不对" in tab.trouble.text()
    township = office.station("王主任", TOWNSHIP)
    with township.applying() as session:
        set_meta(session, "device_certificate", None)
    tab = open_tab(township).lan
    tab.open.click()
    assert "重新注册" in tab.trouble.text() and tab.open.isEnabled()


def test_an_opening_goes_with_its_window(office: Office, show, frame) -> None:
    page = show(build(frame, Station(office.station("王主任", TOWNSHIP))), tab="lan")
    page.beside.open()
    at = page.beside._receiver
    assert at is not None
    page.beside.deleteLater()
    QTest.qWait(1)
    assert at.standing.closed == "asked"
