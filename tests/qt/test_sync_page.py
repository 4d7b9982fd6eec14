"""The page 同步: joining, syncing, failing, stopping, and syncing by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from db import exchange as db_exchange
from db import lease
from db.held import Held
from desktop.station import Station
from desktop.sync import reading
from desktop.sync.automatic import AutoSync, automatic
from desktop.sync.standing import SyncStatus
from desktop.sync.story_panel import clock_sentence, figures_sentence
from domain.errors import Unreachable
from domain.words import lazy
from services import records
from services.waiting import waiting
from sync.replica import identity
from sync.station.enrol import enrol
from sync.station.result import ExchangeResult
from tests.conftest import VILLAGE
from tests.qt.sync_page import SERVER, change, open_page, register, texts, world

__all__ = ["open_page", "world"]


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
        records.save(session, "household", {"number": "0001"})
    with store.read() as session:
        assert (
            sum(one.added + one.changed + one.removed + one.restored + one.decided for one in waiting(session))
            == db_exchange.unsent(session)
            == 4
        )
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
    assert "没有成功" in texts(page.story.lines)
    assert page.tabs.tabs.buttons["waiting"].text() == "待上传 1"
    page.tabs.tabs.choose("waiting")
    page.refresh()
    assert page.tabs.tabs.key == "waiting"
    page.story.retry.click()
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

        job = Job(lambda _job: None, done, failed)
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
    assert "快 67 分钟" in page.story.clock.text.text()
    assert "慢 3 小时" in clock_sentence(3 * 3600)
    assert "快 3 天" in clock_sentence(-3 * 86400)


def test_a_term_that_ends_is_told_until_the_next_exchange(world, open_page) -> None:
    store = world.station("李文书")
    page = open_page(store)
    assert not page.story.lease.isVisibleTo(page)
    store.set_meta(lease.SETTING, "90 0 0 0")
    page.refresh()
    assert page.story.lease.isVisibleTo(page)
    assert "90 天没有和县里交换" in page.story.lease.text.text()
    page.now.click()
    assert not page.story.lease.isVisibleTo(page)


def test_figures_in_words() -> None:
    assert figures_sentence({"seconds": 0.2, "bytes_sent": 10, "bytes_received": 5}) == "用时不到 1 秒，传了 1 KB"
    assert figures_sentence({"seconds": 12.4, "bytes_sent": 3 * 2**20}) == "用时 12 秒，传了 3.0 MB"


class Clockwork:
    """An AutoSync with a clock a test turns."""

    def __init__(self, jobs) -> None:
        self.now, self.minutes, self.calls = 0.0, 15, 0
        self.outcome: ExchangeResult | Exception | None = ExchangeResult()
        self.said: list[str] = []
        self.sync = AutoSync(jobs, self._exchange, lambda: self.minutes, lambda: self.now)
        self.sync.message.connect(self.said.append)

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
    clock.outcome = RuntimeError("a fault of ours")
    while not frame.errors:
        clock.after(60)
    assert frame.errors == [clock.outcome]


def test_by_itself_only_with_a_county(world, frame) -> None:
    store = world.store()
    made = automatic(frame, Station(store))
    made.tick()
    assert frame.changes == 0
    enrol(store, SERVER, world.code(VILLAGE), transport=world.line)
    register(store, "周桂英", "A1")
    frame.preferences.keep("sync_minutes", 15)
    made = automatic(frame, Station(store))
    made.start()  # at once, not a minute later
    made.timer.stop()
    assert frame.changes == 1
    with store.read() as session:
        assert db_exchange.unsent(session) == 0


def test_the_pace_is_remembered(world, open_page, frame) -> None:
    page = open_page(world.station("李文书"))
    assert page.story.every.currentData() == 15
    page.story.every.setCurrentIndex(page.story.every.findData(0))
    page.story.every.activated.emit(page.story.every.currentIndex())
    assert frame.preferences.number("sync_minutes", 15) == 0
    assert SyncStatus().clock_wrong is False


def test_what_is_held_says_whose_it_would_be(station) -> None:
    """A step of a claim that came too late said 请打开申请, and not which; who and when stood twice, as the machine writes them."""
    save = station.writing(lazy("改"), records.save)
    who = save("person", {"name": "邵涛", "document": "resident_id", "id_number": "230826196704251471", "labour": "ordinary"})
    spell = save("employment", {"person_id": who, "channel": "migrant", "place": "210200", "start": "2025-03-01"})
    by, at = "李文书@230826101202-c507afbe", "2026-11-28T02:40:26Z"
    values = {"employment_id": spell, "month": "2025-03", "amount": 560000, "created_by": by, "created_at": at}
    one = Held("230826101202", 12, 0, "wage", "w" * 36, "I", values, by, at, "path")
    (told,) = station.read(reading.held_shown, [one])
    assert told.title.startswith("劳动报酬 邵涛")
    assert "@" not in told.what and "2026-11-28T" not in told.what
