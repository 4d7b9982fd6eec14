"""What 同步记录 says of a laptop without a line, of a village that is no more, of people who moved; and where the cursor goes."""

from __future__ import annotations

from pathlib import Path
from socket import gaierror

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea

from db import changes, exchange
from db.erased import erased
from db.local import PRACTICE
from desktop.sync import page as page_module
from desktop.sync.view_model import SyncModel
from desktop.today.presenting import present
from domain import clock
from domain.authors import laptop
from domain.words import _, set_language
from server import devices
from services import today
from sync.county import bundle_intake
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.replica import identity
from sync.station.recovery.kept_copies import clean_up_copies
from sync.station.result import ExchangeResult
from sync.station.stick import reading, writing
from sync.station.stick.results import took_by
from sync.wire import bundle
from sync.wire.connection import HttpRequest, HttpResponse, NotConnected
from tests.conftest import TOWNSHIP, VILLAGE
from tests.qt.sync_page import SERVER, open_page, register, texts, world
from tests.sync.forging import Pretending

__all__ = ["open_page", "world"]

OTHER = VILLAGE[:-3] + "203"


def test_a_laptop_that_enrolled_by_stick_is_shown_its_ways(world, open_page, tmp_path: Path) -> None:
    store, path = world.store(), tmp_path / "join.czb"
    writing.write(store, path, code=world.code(VILLAGE))
    (taken,) = bundle_intake.take_all(world.county, county_keys(world.county), bundle.read_file(path))
    assert taken.answer is not None
    bundle.write_file(path, [taken.answer.raw])
    reading.read(store, path)
    page = open_page(store)
    story = page.story
    assert "到「U 盘」写一份" in texts(story.lines)
    assert story.join.isVisibleTo(page) and "用 U 盘注册" in story.join.why.text()
    assert not story.every.isVisibleTo(page) and not story.change.isVisibleTo(page)
    page.now.click()
    assert "U 盘" in story.trouble.text() and not story.retry.isVisibleTo(page)
    story.join.server.setText(SERVER)
    story.join.code.setText(world.code(VILLAGE))
    QTest.keyClick(story.join.code, Qt.Key.Key_Return)
    assert not story.join.isVisibleTo(page) and story.every.isVisibleTo(page)
    assert story.server.text() == SERVER


def test_the_county_has_another_address(world, open_page) -> None:
    store = world.station("李文书")
    store.set_meta(identity.SERVER, "http://127.0.0.1:9")
    page = open_page(store)
    assert not page.story.join.isVisibleTo(page)
    page.story.change.setFocus()
    QTest.keyClick(page.story.change, Qt.Key.Key_Return)
    assert page.story.join.server.hasFocus() and page.story.join.title.text() == "县服务器换了地址"
    page.story.join.server.setText(SERVER)
    page.story.join.code.setText("7K3M")
    QTest.keyClick(page.story.join.code, Qt.Key.Key_Return)
    assert page.story.join.isVisibleTo(page) and page.story.join.code.hasFocus()
    page.story.join.code.setText(world.code(VILLAGE))
    QTest.keyClick(page.story.join.code, Qt.Key.Key_Return)
    assert not page.story.join.isVisibleTo(page)
    assert page.story.server.text() == SERVER


def test_another_address_is_enough(world, open_page, monkeypatch) -> None:
    page = open_page(world.station("李文书"))
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr("desktop.sync.view_model.enrol", lambda _store, *said: asked.append(said))
    page.story.change.click()
    page.story.join.server.setText("https://new:8440")
    QTest.keyClick(page.story.join.server, Qt.Key.Key_Return)
    QTest.keyClick(page.story.join.code, Qt.Key.Key_Return)
    assert asked == [("https://new:8440", "")]


def test_whose_right_was_taken_away_is_told_where_the_new_code_goes(world, open_page) -> None:
    """The page offered to try again and a stick, which the county takes as little; 换地址 was the place, and no place by stick."""
    store = world.station("李文书")
    with world.county.write() as session:
        devices.revoke(session, store.station)
    page = open_page(store)
    register(store, "甲", "1")
    page.now.click()
    page.refresh()  # as the window does behind every exchange
    story = page.story
    assert "停用" in story.trouble.text() and not story.by_stick.isVisibleTo(page)
    assert story.join.title.text() == "县里已停用这台电脑" and story.join.server.text()
    assert "没上传的 1 条" in story.join.why.text() and laptop(store.station) in story.join.why.text()
    story.join.stick.click()
    assert page.stick.code.isVisibleTo(page) and "县里不收" in page.stick.waits.text()
    story.join.server.setText(SERVER)
    story.join.code.setText(world.code(VILLAGE))
    QTest.keyClick(story.join.code, Qt.Key.Key_Return)
    page.now.click()
    assert not story.join.isVisibleTo(page) and page.model.standing.unsent == 0
    page.refresh()
    assert not page.stick.code.isVisibleTo(page)


def test_before_enrolment_the_cursor_goes_where_something_is_missing(world, open_page) -> None:
    page = open_page(world.store())
    page.now.click()
    assert page.story.join.server.hasFocus()


def test_the_practice_village_exchanges_with_nobody(world, open_page, frame) -> None:
    store = world.store()
    store.set_meta(PRACTICE, "1")
    page = open_page(store)
    assert page.story.join.title.text() == "练习村不和县里交换"
    assert not page.story.join.server.isVisibleTo(page)
    page.now.click()
    assert "练习村" in frame.messages[-1]


def test_a_village_that_was_merged_and_people_who_moved_are_told(world, open_page) -> None:
    store = world.station("李文书")
    id = register(store, "周桂英", "A1")
    register(store, "何秀珍", "A2")
    world.settle()
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", id, OTHER)
    world.settle()
    page = open_page(store)
    assert "周桂英" in page.story.departed.text.text() and "日升村" in page.story.departed.text.text()
    assert not page.story.closed.isVisibleTo(page) and not page.story.arrived.isVisibleTo(page)
    with world.county.write() as session:
        moves.move(session, keys, "person", id, store.scope)
    world.settle()
    page.refresh()
    assert "周桂英" in page.story.arrived.text.text() and page.story.arrived.isVisibleTo(page)
    with world.county.write() as session:
        moves.merge_villages(session, keys, VILLAGE, OTHER)
    world.settle()
    page.refresh()
    assert "并入日升村" in page.story.closed.text.text() and page.story.closed.isVisibleTo(page)
    with store.read() as session:
        (first, *_rest) = [line for part in present(today.today(session, session.today)).sections for line in part.lines]
    assert first.title == "本村已并村" and "日升村" in first.text


def test_what_was_mended_is_not_nothing(frame, station) -> None:
    model = SyncModel(frame, station)
    for result, words in (
        (ExchangeResult(requests=1, seconds=2.0), "没有新的改动"),
        (ExchangeResult(different=1, mended=1), "已重新取回"),
        (ExchangeResult(restored=2), "补交"),
        (ExchangeResult(files_left=1), "还有 1 个附件"),
    ):
        model._exchanged(result)
        assert words in frame.messages[-1]


def test_releasing_one_after_another_keeps_the_cursor_at_its_place(world, open_page) -> None:
    village, town = world.station("李文书"), world.station("王主任", TOWNSHIP)
    with village.write("写错村") as session:
        people = [{"id": session.new_id(), "name": f"孙{n}", "document": "other", "id_number": f"A{n}"} for n in "一二"]
        changes.insert(session, "person", [{**one, "village": OTHER, "labour": "ordinary"} for one in people])
    world.settle()
    page = open_page(town)
    page.opened(tab="held")
    assert page.tabs.tabs.buttons["held"].hasFocus()
    assert "人员 孙一" in texts(page.held) and "新增 姓名 孙一" in texts(page.held)
    (first, _second) = [b for b in page.held.findChildren(QPushButton) if b.text() == "放行" and b.isVisibleTo(page.held)]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Return)
    now = QApplication.focusWidget()
    assert isinstance(now, QPushButton) and now.accessibleName() == "放行：人员 孙二"
    QTest.keyClick(now, Qt.Key.Key_Return)
    assert page.model.standing.held == 0
    assert page.tabs.tabs.buttons["held"].hasFocus()


@pytest.mark.parametrize(
    ("behind", "told"),
    [(None, "请看网线"), (ConnectionRefusedError(), "那边的程序没有开"), (OSError(101, "x"), "请看网线"), (gaierror(), "核对地址")],
)
def test_why_nobody_answered_is_told_apart(world, open_page, behind: OSError | None, told: str) -> None:
    def reply(request: HttpRequest) -> HttpResponse:
        raise NotConnected("x") from behind

    store = world.station("李文书")
    world.line.inner = Pretending(reply)
    page = open_page(store)
    page.now.click()
    assert told in page.story.trouble.text() and "数据都在本机" in page.story.trouble.text()


def test_in_a_narrow_low_window_nothing_is_squeezed(world, open_page) -> None:
    """As on a netbook with large letters: one thing above the other, all of its own height, and scrolled."""
    store = world.station("李文书")
    register(store, "周桂英", "A1")
    page = open_page(store)
    world.line.cut = 1
    page.now.click()
    page.resize(560, 300)
    QApplication.processEvents()
    story = page.story
    assert story.side.mapTo(story, story.side.rect().topLeft()).y() > story.lines.mapTo(story, story.lines.rect().bottomLeft()).y()
    for part in (story.trouble, story.trouble_title, story.retry):
        assert part.height() >= max(part.heightForWidth(part.width()), part.minimumSizeHint().height())
    page.resize(1218, 686)
    QApplication.processEvents()
    assert story.side.mapTo(story, story.side.rect().topLeft()).y() == 0


def test_long_words_of_an_exchange_do_not_scroll_it_sideways(qtbot, world, open_page) -> None:
    """In English at 125 % the last letters lay outside the card."""
    set_language("en")
    page = open_page(world.station("李文书"))
    world.line.cut = 1
    page.now.click()
    page.resize(790, 686)
    assert page.story.lines.shown
    (area,) = page.story.lines.findChildren(QScrollArea)
    qtbot.waitUntil(lambda: 0 < area.widget().minimumSizeHint().width() <= area.viewport().width() < 450)


def test_the_receipt_on_paper_says_whose_it_is(world, open_page, monkeypatch) -> None:
    printed: list[tuple[str, ...]] = []
    monkeypatch.setattr(page_module, "print_slip", lambda _parent, *words: printed.append(words))
    page = open_page(world.station("李文书"))
    page.stick.print_asked.emit("HNBY-7D1C-2EW0", "1 条")
    ((title, code, text),) = printed
    assert "回执" in title and code == "HNBY-7D1C-2EW0"
    assert text.startswith("解放村-") and clock.today() in text and text.endswith("1 条")


def test_results_are_told_in_the_language_of_the_window(world, open_page) -> None:
    """They are stored in the language of their time."""
    store, told = world.station("李文书"), "与县服务器的连接中断了。数据都在本机，下次从断的地方接着传。"
    with store.write("准备") as session:
        exchange.log_exchange(session, ok=True, message="上传 3 条，收到 0 条", figures=ExchangeResult(pushed=3, requests=1).figures())
        exchange.log_exchange(session, ok=False, message=told, figures={})
        by_stick = ExchangeResult(pushed=2, pulled=5)
        figures = by_stick.figures() | {"way": "stick"}
        exchange.log_exchange(session, ok=True, message=took_by("stick", by_stick), figures=figures)
    set_language("en")
    try:
        lines = texts(open_page(store).story.lines)
        assert (
            _(told) != told
            and _(told) in lines
            and told not in lines
            and ExchangeResult(pushed=3).sentence() in lines
            and "Stick: 2 sent, 5 received" in lines
            and "上传" not in lines
        )
    finally:
        set_language("zh")


def test_copies_that_cannot_be_read_are_named(world, open_page) -> None:
    store = world.station("李文书")
    copy = store.home / "backups" / "before-rewind-x.db"
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(b"x" * 8192)
    with store.applying() as session:
        session.conn.execute(erased.insert().values(scope=VILLAGE, kind=1, row_id="x", seq=1, at=session.at, reason="", fields="{}"))
    clean_up_copies(store, 1)
    page = open_page(store)
    assert page.story.copies.isVisibleTo(page) and copy.name in texts(page.story.copies)
    copy.unlink()
    clean_up_copies(store, 1)
    page = open_page(store)
    assert not page.story.copies.isVisibleTo(page)
