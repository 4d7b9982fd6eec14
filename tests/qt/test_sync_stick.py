"""The U 盘 tab with real stores, a folder as the stick, and a county in the same process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import update

from db.bundles import bundle as noted
from db.local import PRACTICE
from db.removable import removable
from db.store import Store
from desktop import theme
from desktop.drives import Drive, drives
from desktop.station import Station
from desktop.sync import exchange_models
from desktop.sync.page import build
from desktop.sync.reading import stick_standing
from desktop.widgets import dialogs
from domain.scopes import level_of
from server.devices import make_code
from services import records
from sync.county import bundle_intake
from sync.county.keys import county_keys
from sync.station.stick import reading, writing
from sync.wire import bundle
from tests.conftest import TOWNSHIP, VILLAGE
from tests.fresh import new_county
from tests.qt.sync_page import texts


class Office:
    """A county, and the stick that goes round."""

    def __init__(self, folder: Path, make_store: Callable[..., Store]) -> None:
        self.folder = folder
        self.county = new_county(folder)
        self.store = make_store
        self.stick = folder / "stick"
        self.stick.mkdir()

    def code(self, scope: str) -> str:
        with self.county.write() as session:
            return make_code(session, scope, level_of(scope), 1).code

    def answer(self) -> None:
        """The county reads the newest file on the stick and writes its answers onto it."""
        newest = reading.bundle_files(self.stick)[-1]
        taken = bundle_intake.take_all(self.county, county_keys(self.county), bundle.read_file(newest))
        bundle.write_file(self.stick / "answer.czb", [one.answer.raw for one in taken if one.answer])

    def station(self, user: str, scope: str = VILLAGE) -> Store:
        made = self.store(scope, user)
        path = self.folder / "join.czb"
        writing.write(made, path, code=self.code(scope))
        (taken,) = bundle_intake.take_all(self.county, county_keys(self.county), bundle.read_file(path))
        assert taken.answer is not None
        bundle.write_file(path, [taken.answer.raw])
        reading.read(made, path)
        return made


@pytest.fixture
def office(tmp_path: Path, make_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    made = Office(tmp_path, make_store)
    monkeypatch.setattr(exchange_models, "drives", lambda: [Drive(made.stick, "KINGSTON", 3 * 2**30)])
    yield made
    made.county.close()


@pytest.fixture
def open_tab(show, frame):
    return lambda store: show(build(frame, Station(store)), tab="stick")


def register(store: Store, name: str, number: str) -> None:
    with store.write("登记") as session:
        person: dict[str, Any] = {"name": name, "document": "other", "id_number": number, "labour": "ordinary"}
        records.save(session, "person", person)


def test_a_stick_goes_up_and_comes_back_by_keyboard(office: Office, open_tab, frame) -> None:
    village = office.station("李文书")
    register(village, "周桂英", "A1002")
    page = open_tab(village)
    tab = page.stick
    assert frame.errors == []
    assert "KINGSTON" in tab.choice.sticks.currentText()
    assert "有 1 条还没有交到县里" in tab.waits.text()
    assert not tab.code.isVisible()
    assert tab.write.hasFocus()
    QTest.keyClick(tab, Qt.Key.Key_2)
    assert page.sticks.written is not None
    code = page.sticks.written[1].receipt
    assert tab.receipt.text() == code
    assert tab.write.hasFocus()
    assert "已写入" in texts(tab.list)
    printed: list[tuple[str, str]] = []
    tab.print_asked.disconnect()
    tab.print_asked.connect(lambda code, text: printed.append((code, text)))
    tab.print.click()
    assert printed == [(code, f"1 条　{page.sticks.written[0].name}")]
    office.answer()
    tab.handing_over.receipt_code.setText(code.lower().replace("-", ""))
    assert tab.handing_over.verdict.text().startswith("对")
    tab.handing_over.receipt_code.setText(code[:-1] + ("0" if code[-1] != "0" else "1"))
    assert "再核对" in tab.handing_over.verdict.text()
    (office.stick / "half.czb").write_bytes((office.stick / "answer.czb").read_bytes()[:100])
    QTest.keyClick(tab, Qt.Key.Key_4)
    assert "上传 1 条" in tab.read_result.text()
    assert "half.czb：这个 U 盘文件不完整" in tab.read_trouble.text() and "half" not in tab.read_result.text()
    assert "县已收" in texts(tab.list)
    page.refresh()  # as the window has it do when records change
    assert page.model.standing.unsent == 0
    assert page.model.standing.exchanges[0].message.startswith("U 盘")
    assert frame.changes == 2


def test_in_a_narrow_window_nothing_of_the_steps_is_cut_off(office: Office, open_tab, qtbot, qapp) -> None:
    """1024×600 at 150 % text: the list goes beneath, and comes back beside the steps where there is room."""
    theme.apply(qapp, "light", 1.5)
    tab = open_tab(office.station("李文书")).stick
    tab.write.click()
    for width, beneath in ((830, True), (1186, False), (830, True)):
        tab.window().resize(width, 420)
        qtbot.waitUntil(lambda beneath=beneath: tab._steps.isAncestorOf(tab.list) == beneath)
    qtbot.waitUntil(lambda: tab._steps.horizontalScrollBar().maximum() == 0)
    assert tab._steps.isAncestorOf(tab.list) and "已写入" in texts(tab.list)


def test_what_a_stick_brought_stays_in_sight(office: Office, open_tab, qtbot, qapp) -> None:
    """What waits was told above it in two lines a moment later, and the receipt that is to be read out was cut off at its foot."""
    theme.apply(qapp, "light", 1.25)
    village, town = office.station("李文书"), office.station("王姐", TOWNSHIP)
    writing.write(village, office.stick / "up.czb")
    tab = open_tab(town).stick
    tab.window().resize(1100, 480)
    QTest.keyClick(tab, Qt.Key.Key_4)
    said, area = tab.read_result, tab._steps
    assert "回执" in said.text()

    def seen() -> bool:
        foot: int = said.mapTo(area.viewport(), said.rect().bottomLeft()).y()
        return 0 < foot <= int(area.viewport().height())

    qtbot.waitUntil(seen)
    tab.waits.setText("")
    area.verticalScrollBar().setValue(0)
    assert not seen()
    tab._show()
    qtbot.waitUntil(seen)


def test_a_long_list_is_scrolled_and_not_pressed_together(office: Office, open_tab) -> None:
    """Lines could be pressed below what they need, which cut the feet of their letters off: a Q of a receipt's code was read as an O."""
    tab = open_tab(office.station("李文书")).stick
    tab.write.click()
    line = tab.list.shown[0]
    assert "回执码" in texts(line)
    assert line.minimumHeight() == 0 or line.minimumHeight() >= line.minimumSizeHint().height()


def test_joining_by_stick(office: Office, open_tab) -> None:
    page = open_tab(office.store(VILLAGE, "李文书"))
    page.story.join.stick.click()
    tab = page.stick
    assert tab.code.hasFocus()
    tab.write.click()
    assert "注册码" in tab.write_trouble.text()
    tab.code.setText("7K3M")
    tab.write.click()
    assert "不完整" in tab.write_trouble.text()
    tab.code.setText(office.code(VILLAGE))
    QTest.keyClick(tab.code, Qt.Key.Key_Return)
    assert not tab.write_trouble.isVisible()
    assert tab.write.hasFocus()  # the code is done with: 4 is a key now
    assert not tab.on.isVisible()
    page.opened(tab="stick", then="importing")
    assert tab.on.isVisible()
    tab.on.setFocus()
    tab.on.click()
    assert tab.read.hasFocus()  # not the field for the receipt's code, into which 4 would be typed
    tab.focus()
    assert tab.read.hasFocus()
    office.answer()
    tab.read.click()
    assert "已在县里注册" in tab.read_result.text()
    assert not tab.code.isVisible()
    page.refresh()  # as the window has it do when records change
    assert page.model.standing.enrolled
    assert "用 U 盘交换" in page.story.server.text()
    page.model.sync_now()
    assert "U 盘" in page.model.trouble


def test_a_township_carries_and_sees_how_far_it_is(office: Office, open_tab) -> None:
    village, township = office.station("李文书"), office.station("王主任", TOWNSHIP)
    register(village, "周桂英", "A1002")
    _path, written = writing.write_to_stick(village, office.stick)
    page = open_tab(township)
    page.stick.read.click()
    assert written.receipt in page.stick.read_result.text()
    assert "乡镇已收" in texts(page.stick.list)
    assert "解放村" in texts(page.stick.list)
    assert "1 份一起带去" in page.stick.waits.text()
    at_village = open_tab(village)
    at_village.stick.read.click()
    assert "乡镇已收" in texts(at_village.stick.list)
    assert "横头山镇-" in texts(at_village.stick.list)
    page.stick.write.click()
    office.answer()
    page.stick.read.click()
    assert "答复 1 份" in page.stick.read_result.text()
    assert "县已收" in texts(page.stick.list)


def test_without_a_stick_a_folder_will_do(office: Office, open_tab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_models, "drives", list)
    page = open_tab(office.station("李文书"))
    page.stick.write.click()
    page.stick.read.click()
    assert "没有找到 U 盘" in page.stick.write_trouble.text()
    assert "没有找到 U 盘" in page.stick.read_trouble.text()
    assert "没有找到 U 盘" in page.stick.choice.found.text()
    monkeypatch.setattr(dialogs, "open_folder", lambda *_given: None)
    page.stick.choice.other.click()
    assert page.sticks.target is None
    monkeypatch.setattr(dialogs, "open_folder", lambda *_given: office.stick)
    page.stick.choice.other.click()
    assert page.stick.write_trouble.text() == page.stick.read_trouble.text() == ""  # what was wrong before is so no longer
    page.stick.read.click()
    assert "没有给这台电脑的文件" in page.stick.read_trouble.text()
    page.stick.write.click()
    assert page.sticks.written is not None
    page.stick.read.click()
    assert "还没有县里的答复" in page.stick.read_trouble.text()
    office.stick.rename(office.folder / "pulled")
    page.stick.read.click()
    assert "拔下" in page.stick.read_trouble.text()
    page.stick.write.click()
    assert "拔下" in page.stick.write_trouble.text()


def test_a_stick_of_others_says_whose_it_is_not(office: Office, open_tab) -> None:
    village = office.station("李文书")
    writing.write_to_stick(office.station("王文书", VILLAGE[:-3] + "203"), office.stick)
    office.answer()
    page = open_tab(village)
    page.stick.read.click()
    assert "给别的电脑的" in page.stick.read_trouble.text()
    (office.stick / "stranger").mkdir()
    stranger = Office(office.stick / "stranger", lambda scope, user: office.store(scope, user))
    taken = stranger.station("外县", VILLAGE)
    writing.write(taken, office.stick / "foreign.czb")
    page.stick.read.click()
    assert "另一个县" in page.stick.read_trouble.text()
    stranger.county.close()


def test_what_the_county_has_in_the_end_is_no_longer_told_as_refused(office: Office) -> None:
    """A laptop that got its right back read 县已收 and under it that nothing of it was taken."""
    store = office.station("李文书")
    written = writing.write(store, office.folder / "up.czb")
    with store.write("退回") as session:
        session.conn.execute(update(noted).values(problem="revoked"))
        (line,) = [one for one in stick_standing(session).lines if not one.request]
        assert line.code == written.receipt and line.state == "refused" and "停用" in line.note
        session.conn.execute(update(noted).values(answered_at=session.at))
        (line,) = [one for one in stick_standing(session).lines if not one.request]
        assert (line.state, line.note) == ("county", "")


def test_the_practice_village_writes_nothing(office: Office, open_tab) -> None:
    practice = office.store(VILLAGE, "练习")
    practice.set_meta(PRACTICE, "1")
    page = open_tab(practice)
    page.stick.code.setText(office.code(VILLAGE))
    page.stick.write.click()
    assert "练习村" in page.stick.write_trouble.text()
    assert not list(office.stick.rglob("*.czb"))


def test_which_drives_can_be_pulled_out() -> None:
    assert [removable(root) for root in ("/media/li/KINGSTON", "/run/media/li/USB", "/home", "/")] == [True, True, False, False]
    assert all(removable(str(drive.root)) for drive in drives())
    assert Drive(Path("/media/li/A"), "", 5 * 2**20).title == "U 盘（/media/li/A）　空 5 MB"
