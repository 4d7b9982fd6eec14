"""同步 with real stores and a county in the same process: two laptops of a village and the township above them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from sqlalchemy import select

from db import exchange as db_exchange
from db.capture import view_log
from db.county import County
from db.exchange import held_change
from db.store import Store
from desktop.station import Station
from desktop.sync import page as page_module
from desktop.sync import wiring
from desktop.sync.automatic import AutoSync
from desktop.sync.page import SyncPage, ask_value
from desktop.sync.standing import Standing
from desktop.sync.story_panel import clock_sentence, figures_sentence
from desktop.widgets import dialogs
from desktop.widgets.editors import editor_for
from domain.errors import Unreachable
from domain.fields import KINDS
from server.app import InProcess
from server.devices import make_code
from services import registry
from services.importing.reading import load, read_workbook
from services.waiting import waiting
from sync.replica import identity
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.station.result import ExchangeResult
from sync.wire.words import reason
from tests.conftest import TOWNSHIP, VILLAGE

SERVER = "http://127.0.0.1:1"
MINE, THEIRS = "6217009876546620", "6217001234568813"


class Line(httpx2.BaseTransport):
    """The way to the county; `cut` drops so many requests."""

    def __init__(self, county: County) -> None:
        self.inner, self.cut = InProcess(county), 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.cut:
            self.cut -= 1
            raise httpx2.ConnectError("cut", request=request)
        return self.inner.handle_request(request)


class World:
    """A county and its stations."""

    def __init__(self, folder: Path, make_store: Callable[..., Store]) -> None:
        self.county = County(f"sqlite:///{folder}/county.db")
        self.line = Line(self.county)
        self.store = make_store
        self.stations: list[Store] = []

    def code(self, scope: str) -> str:
        with self.county.write() as session:
            return make_code(session, scope, {12: "village", 9: "township"}[len(scope)], 1).code

    def station(self, user: str, scope: str = VILLAGE) -> Store:
        made = self.store(scope, user)
        enrol(made, SERVER, self.code(scope), transport=self.line)
        self.stations.append(made)
        return made

    def sync(self, store: Store) -> ExchangeResult:
        return exchange(store, transport=self.line)

    def settle(self) -> None:
        """Exchange until everybody knows everything."""
        for _round in range(3):
            for store in self.stations:
                self.sync(store)


@pytest.fixture
def world(tmp_path, make_store, monkeypatch) -> Iterator[World]:
    made = World(tmp_path, make_store)
    monkeypatch.setattr(wiring, "exchange_now", lambda store, progress=None: exchange(store, progress=progress, transport=made.line))
    monkeypatch.setattr(wiring, "enrol", lambda store, _server, code: enrol(store, SERVER, code, transport=made.line))
    yield made
    made.county.close()


@pytest.fixture
def open_page(qtbot, frame):
    def make(store) -> SyncPage:
        made = wiring.build(frame, Station(store))
        assert isinstance(made, SyncPage)
        qtbot.addWidget(made)
        made.resize(1218, 686)
        with qtbot.waitActive(made):
            made.show()
            made.activateWindow()
        return made

    return make


def register(store, name: str, number: str, **values: Any) -> str:
    with store.write(f"登记 {name}") as session:
        person = {"name": name, "document": "other", "id_number": number, "labour": "ordinary", **values}
        return registry.save(session, "person", person)


def change(store, id: str, **values: Any) -> None:
    with store.write("修改") as session:
        registry.save(session, "person", values, id)


def value(store, id: str, field: str) -> Any:
    with store.read() as session:
        return getattr(session.get("person", id), field)


def texts(widget) -> str:
    QCoreApplication.sendPostedEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


class Dispute:
    """周桂英's bank card was changed on two laptops; the township's came first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.village = world.station("李文书")
        self.id = register(self.village, "周桂英", "A1002", phone="13800000001")
        self.township = world.station("王主任", TOWNSHIP)
        world.settle()
        change(self.township, self.id, bank_account=THEIRS, phone="13900000009")
        world.sync(self.township)
        change(self.village, self.id, bank_account=MINE, phone="13700000007")
        world.sync(self.village)


@pytest.fixture
def dispute(world) -> Dispute:
    return Dispute(world)


# ---------------------------------------------------------------- joining, syncing, failing


def test_joining_the_county_and_the_first_sync(world, open_page, frame) -> None:
    store = world.store()
    register(store, "周桂英", "A1")
    page = open_page(store)
    page.now.click()
    assert "还没有加入" in page.story.join.trouble.text()
    page.story.join.server.setText("example.org")
    page.story.join.code.setText("AAAA-AAAA-AAAA-AAAA")
    page.story.join.go.click()
    assert "注册码不对" in page.story.join.trouble.text()
    page.story.join.code.setText(world.code(VILLAGE))
    QTest.keyClick(page.story.join.code, Qt.Key.Key_Return)
    assert page.model.standing.enrolled
    assert not page.story.join.isVisibleTo(page)
    assert page.tabs.tabs.buttons["waiting"].text() == "待上传 1"
    page.now.click()
    assert page.tabs.tabs.buttons["waiting"].text() == "待上传"
    assert frame.messages[-1] == "同步好了：上传 1 条，收到 0 条"
    assert "上传 1 条，收到 0 条" in texts(page.story.lines)
    assert frame.changes
    assert frame.errors == []


def test_what_waits_is_named_and_adds_up(world, open_page) -> None:
    store = world.station("李文书")
    first = register(store, "周桂英", "A1")
    register(store, "何秀珍", "A2")
    change(store, first, phone="13800000001")
    with store.write("登记户") as session:
        registry.save(session, "household", {"number": "0001"})
    with store.read() as session:
        assert sum(group.total for group in waiting(session)) == db_exchange.unacknowledged(session) == 4
    page = open_page(store)
    page.tabs.tabs.choose("waiting")
    said = texts(page.waiting)
    assert "新增 2，修改 1" in said
    assert "最近：周桂英、何秀珍" in said
    assert "共 4 条" in said


def test_an_unreachable_county_is_no_loss(world, open_page, frame) -> None:
    store = world.station("李文书")
    register(store, "周桂英", "A1")
    page = open_page(store)
    page.tabs.tabs.choose("waiting")
    world.line.cut = 1
    page.now.click()
    assert page.tabs.tabs.key == "story"
    assert "连不上县服务器" in page.story.trouble.text()
    assert page.story.trouble_card.isVisibleTo(page)
    assert "没成" in texts(page.story.lines)
    assert page.tabs.tabs.buttons["waiting"].text() == "待上传 1"
    page.tabs.tabs.choose("waiting")
    page.refresh()
    assert page.tabs.tabs.key == "waiting"
    page.story.retry_asked.emit()
    assert not page.story.trouble_card.isVisibleTo(page)
    assert page.tabs.tabs.buttons["waiting"].text() == "待上传"
    assert frame.errors == []


def test_syncing_is_stopped_without_loss(world, open_page, frame) -> None:
    store = world.station("李文书")
    register(store, "周桂英", "A1")
    page = open_page(store)
    run = frame.jobs.run_long

    def stopping(work, done, failed, *, report, lane):
        def stopped(progress):
            def told(*args):
                job.stop()
                progress(*args)

            return work(told)

        from desktop.jobs import Job

        job = Job()
        return run(lambda progress: stopped(lambda *args: job.check(*args)), done, failed, report=report, lane=lane)

    frame.jobs.run_long = stopping
    page.now.click()
    assert "已停下" in frame.messages[-1]
    assert page.tabs.tabs.buttons["waiting"].text() == "待上传 1"
    assert page.now.isEnabled()
    frame.jobs.run_long = run
    page.now.click()
    assert page.tabs.tabs.buttons["waiting"].text() == "待上传"


def test_a_clock_far_off_is_told(world, open_page) -> None:
    store = world.station("李文书")
    page = open_page(store)
    for seconds, shown in ((299, False), (-4000, True)):
        store.set_meta(identity.CLOCK, str(seconds))
        page.refresh()
        assert page.story.clock.isVisibleTo(page) is shown
    assert "快 67 分钟" in page.story.clock_text.text()
    assert "慢 3 小时" in clock_sentence(3 * 3600)
    assert "快 3 天" in clock_sentence(-3 * 86400)


def test_figures_in_words() -> None:
    assert figures_sentence({"seconds": 0.2, "bytes_sent": 10, "bytes_received": 5}) == "用时不到 1 秒，传了 1 KB"
    assert figures_sentence({"seconds": 12.4, "bytes_sent": 3 * 2**20}) == "用时 12 秒，传了 3.0 MB"


# ---------------------------------------------------------------- conflicts


def test_both_values_side_by_side(dispute, open_page) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    assert page.tabs.tabs.buttons["conflicts"].text() == "要核对 1"
    panel = page.conflicts.panel
    assert panel.heading.text() == "周桂英　社保卡账号"
    assert (panel.mine.who.text(), panel.mine.value.text()) == ("本机 · 李文书", "****6620")
    assert (panel.theirs.who.text(), panel.theirs.value.text()) == ("横头山镇 · 王主任", "****8813")
    assert not panel.mine.now.isVisibleTo(page)
    assert panel.theirs.now.isVisibleTo(page)
    assert (panel.use_mine.text(), panel.use_theirs.text()) == ("用本机的", "用镇里的")
    assert panel.before_value.text() == "（空）"
    assert [entry.title for entry in page.conflicts.told.entries] == ["周桂英 · 联系电话"]
    page.conflicts.told.setFocus()
    page.conflicts.told.setCurrentRow(0)
    assert panel.heading.text() == "周桂英　联系电话"
    assert (panel.mine.value.text(), panel.theirs.value.text()) == ("137****0007", "139****0009")


@pytest.mark.parametrize(("key", "kept"), [(Qt.Key.Key_1, MINE), (Qt.Key.Key_2, THEIRS)])
def test_one_key_decides_everywhere(dispute, open_page, frame, key, kept) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    page.conflicts.focus()
    QTest.keyClick(page.conflicts.list, key)
    assert page.model.standing.to_settle == []
    assert page.tabs.tabs.buttons["conflicts"].text() == "要核对"
    QTest.keyClick(page.focusWidget(), key)  # once more by habit: what was only told stays as it is
    assert [one.title for one in page.conflicts.told.entries] == ["周桂英 · 联系电话"]
    assert "下次同步告诉对方" in frame.messages[-1]
    assert value(dispute.village, dispute.id, "bank_account") == kept
    dispute.world.settle()
    assert value(dispute.township, dispute.id, "bank_account") == kept
    assert open_page(dispute.township).model.standing.to_settle == []


@pytest.mark.parametrize(("arrows", "kept"), [((Qt.Key.Key_Right, Qt.Key.Key_Left), MINE), ((Qt.Key.Key_Right,), THEIRS)])
def test_arrows_point_and_enter_decides(qtbot, dispute, open_page, arrows, kept) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.conflicts.focus()
    for arrow in arrows:
        QTest.keyClick(page.conflicts.list, arrow)
    assert page.model.standing.to_settle != []  # an arrow alone decides nothing
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_Return)
    assert page.model.standing.to_settle == []
    assert value(dispute.village, dispute.id, "bank_account") == kept


def test_neither_value_is_right(dispute, open_page, monkeypatch) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    monkeypatch.setattr(page_module, "ask_value", lambda *_args: "6222020200112233445")
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_3)
    assert page.model.standing.to_settle == []
    dispute.world.settle()
    assert value(dispute.township, dispute.id, "bank_account") == "6222020200112233445"


def test_the_editor_asks_again_for_what_cannot_be_read(dispute, open_page, monkeypatch) -> None:
    page = open_page(dispute.village)
    (one,) = page.model.standing.to_settle
    editor = editor_for(KINDS["person"].by_name["died_on"], page._tools)
    typed = iter(["不是日期", "2023年6月5日"])

    def run(dialog) -> bool:
        line = editor.findChild(QLineEdit)
        assert line is not None
        line.setText(next(typed))
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    assert ask_value(page, one, editor) == "2023-06-05"
    monkeypatch.setattr(dialogs.Dialog, "run", lambda dialog: False)
    assert ask_value(page, one, editor) is None


def test_an_edit_against_a_deletion(world, open_page) -> None:
    village = world.station("李文书")
    other = world.station("赵会计")
    id = register(village, "李大山", "A5")
    world.settle()
    with other.write("删除") as session:
        registry.delete(session, "person", id)
    world.sync(other)
    change(village, id, phone="13611112222")
    world.sync(village)
    page = open_page(village)
    page.opened(tab="conflicts")
    panel = page.conflicts.panel
    assert panel.heading.text() == "李大山　删除还是保留"
    assert (panel.use_mine.text(), panel.use_theirs.text()) == ("保留", "删除")
    assert not panel.refill.isVisibleTo(page)
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_2)
    with village.read() as session:
        assert session.get("person", id) is None
    world.settle()
    assert open_page(other).model.standing.to_settle == []


def test_later_goes_to_the_next_and_decides_nothing(dispute, open_page) -> None:
    change(dispute.township, dispute.id, payee_relation="儿子")
    dispute.world.sync(dispute.township)
    change(dispute.village, dispute.id, payee_relation="女儿")
    dispute.world.sync(dispute.village)
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    seen = [page.conflicts.panel.heading.text()]
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_Escape)
    seen.append(page.conflicts.panel.heading.text())
    assert seen == ["周桂英　社保卡账号", "周桂英　收款人与本人关系"]
    assert len(page.model.standing.to_settle) == 2


def test_secrets_are_shown_for_a_reason_that_is_logged(dispute, open_page, frame) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    frame.given_reason = None
    page.conflicts.panel.eye.click()
    assert MINE not in texts(page)
    frame.given_reason = "核对本人信息"
    page.conflicts.panel.eye.click()
    assert page.conflicts.panel.mine.value.text() == MINE
    assert page.conflicts.panel.theirs.value.text() == THEIRS
    with dispute.village.read() as session:
        (line,) = session.conn.execute(select(view_log)).all()
    assert (line.reason, line.what) == ("核对本人信息", f"conflict person {dispute.id}")


def test_nothing_to_settle_says_so(world, open_page) -> None:
    page = open_page(world.station("李文书"))
    for tab, panel, title in (("conflicts", page.conflicts, "没有要核对的"), ("waiting", page.waiting, "没有待上传的")):
        page.tabs.tabs.choose(tab)
        assert title in texts(panel)
    page.tabs.tabs.choose("held")
    assert "没有搁置的" in texts(page.parked)


# ---------------------------------------------------------------- held


def test_held_changes_say_why_and_are_exported(dispute, open_page, monkeypatch, tmp_path, frame) -> None:
    with dispute.village.applying() as session:
        number = KINDS["person"].by_name["bank_account"].number
        line = {"scope": VILLAGE, "seq": 99, "row_id": dispute.id, "by": f"王主任@{dispute.township.station}", "at": session.at}
        line |= {"author": "x", "values": json.dumps({str(number): MINE})}
        known = line | {"place": 1, "kind": KINDS["person"].number, "what": "U", "reason": "scope"}
        unknown = line | {"place": 2, "kind": 999, "what": "I", "reason": "kind"}
        session.conn.execute(held_change.insert(), [known, unknown])
    page = open_page(dispute.village)
    assert page.tabs.tabs.buttons["held"].text() == "搁置 2"
    page.tabs.tabs.choose("held")
    said = texts(page.parked)
    assert "人员 周桂英" in said
    assert "修改 社保卡账号 ****6620" in said
    assert reason("scope") in said
    assert MINE not in said
    file = tmp_path / "搁置.xlsx"
    monkeypatch.setattr(page_module, "choose_target", lambda *_args: file)
    page.parked.export.click()
    rows = read_workbook(load(file))[0].rows
    assert [row[0] for row in rows[2:]] == ["人员 周桂英", "新种类的记录"]
    assert str(file) in frame.messages[-1]


# ---------------------------------------------------------------- by itself


class Clockwork:
    """An AutoSync with a clock a test turns."""

    def __init__(self, jobs) -> None:
        self.now, self.minutes, self.calls = 0.0, 15, 0
        self.outcome: ExchangeResult | Exception | None = ExchangeResult()
        self.said: list[str] = []
        self.sync = AutoSync(jobs, self._exchange, lambda: self.minutes, lambda: self.now)
        self.sync.said.connect(self.said.append)

    def _exchange(self) -> ExchangeResult | None:
        self.calls += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def after(self, seconds: float) -> int:
        """Turn the clock by minutes of a tick; answers how often it exchanged."""
        before = self.calls
        for _tick in range(int(seconds // 60)):
            self.now += 60
            self.sync.tick()
        return self.calls - before


def test_by_itself_every_so_many_minutes(frame) -> None:
    clock = Clockwork(frame.jobs)
    assert clock.after(60) == 1
    assert clock.after(14 * 60) == 0
    assert clock.after(60) == 1
    assert clock.said == []
    clock.outcome = ExchangeResult(pulled=3)
    clock.after(15 * 60)
    assert clock.said == ["自动同步：上传 0 条，收到 3 条"]
    clock.outcome = ExchangeResult(forked=True)
    clock.after(15 * 60)
    assert "复制到了另一台电脑" in clock.said[-1]
    clock.minutes = 0
    assert clock.after(3600) == 0


def test_by_itself_later_and_later_after_failures(frame) -> None:
    clock = Clockwork(frame.jobs)
    clock.outcome = Unreachable("连不上县服务器。")
    tries = [clock.after(3600) for _hour in range(3)]
    assert tries[0] > tries[2] >= 1
    assert clock.said == []
    assert frame.errors == []
    clock.outcome = ExchangeResult()
    clock.after(3600)
    clock.outcome = httpx2.InvalidURL("a fault of ours")
    while not frame.errors:
        clock.after(60)
    assert frame.errors == [clock.outcome]


def test_by_itself_only_with_a_county(world, frame) -> None:
    store = world.store()
    made = wiring.automatic(frame, Station(store))
    made.tick()
    assert frame.changes == 0
    enrol(store, SERVER, world.code(VILLAGE), transport=world.line)
    register(store, "周桂英", "A1")
    frame.preferences.keep("sync_minutes", 15)
    made = wiring.automatic(frame, Station(store))
    made.tick()
    assert frame.changes == 1
    with store.read() as session:
        assert db_exchange.unacknowledged(session) == 0


def test_the_pace_is_remembered(world, open_page, frame) -> None:
    page = open_page(world.station("李文书"))
    assert page.story.every.currentData() == 15
    page.story.every.setCurrentIndex(page.story.every.findData(0))
    page.story.every.activated.emit(page.story.every.currentIndex())
    assert frame.preferences.number("sync_minutes", 15) == 0
    assert Standing().clock_wrong is False
