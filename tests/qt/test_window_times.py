"""What the window makes of time: how it is said, a clock that goes wrong, and nobody there."""

from datetime import date

from PySide6.QtGui import QColor

from db import changes, wrong_clock
from db.capture import act, op
from db.exchange import exchange_log
from db.lease import Lease
from desktop import theme
from desktop.lock import IdleWatch
from desktop.status_line import DAY, Status, StatusLine
from desktop.sync.story_panel import clock_sentence
from desktop.window_uses import status
from domain.clock import when


def test_times_are_said_as_people_say_them() -> None:
    day = date(2023, 11, 23)
    assert when("", day) == "还没有"
    assert when("2023-11-23T00:00:00Z", day) == "今天 08:00"
    assert when("2023-11-22T08:20:00Z", day) == "昨天 16:20"
    assert when("2023-11-20T01:12:00Z", day) == "11-20 09:12"
    assert when("2021-11-20T01:12:00Z", day) == "2021-11-20"


def test_a_clock_that_goes_wrong_is_told(qtbot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    assert not any(part.isVisibleTo(line) for part in line.parts)  # it said 备份 还没有 and 时钟正常 before it knew
    line.show_status(Status(enrolled=True, online=True, clock_wrong_by=14))
    assert line.parts[4].text() == "时钟差 14 分钟"
    assert line.parts[0].text() == "在线"
    line.show_status(Status(clock_wrong_by=3650 * 24 * 60))
    assert line.parts[4].text() == "电脑日期不对，差 3650 天"
    assert line.parts[4].property("role") == "bad"  # what is said once is gone in seconds, and the next message took its place


def test_a_clock_that_starts_again_years_ago_is_told_from_what_is_on_record(make_store, monkeypatch) -> None:
    store = make_store()
    with store.write("登记") as session:
        changes.insert(session, "household", [{"id": session.new_id(), "village": session.scope, "number": "1"}])
    with store.read() as session:
        assert (wrong_clock.behind(session), status(session).clock_wrong_by) == (0, 0)
        at = session.at
        monkeypatch.setattr(wrong_clock, "utc_now", lambda: f"{int(at[:4]) - 10}{at[4:]}")
        assert status(session).clock_wrong_by // DAY in (3652, 3653)
        assert "早 365" in clock_sentence(0, wrong_clock.behind(session))


def test_a_clock_that_was_ahead_once_and_was_put_right_is_forgotten(make_store) -> None:
    store = make_store()
    with store.write("登记") as session:
        changes.insert(session, "household", [{"id": session.new_id(), "village": session.scope, "number": "1"}])
        session.conn.execute(act.update().values(at="2099-01-01T00:00:00Z"))
    with store.read() as session:
        assert wrong_clock.behind(session) > 0
    for n in range(wrong_clock.ACTS_READ):
        with store.write("登记") as session:
            changes.insert(session, "household", [{"id": session.new_id(), "village": session.scope, "number": f"x{n}"}])
    with store.read() as session:
        assert wrong_clock.behind(session) == 0


def test_a_clock_that_was_put_right_is_believed_once_the_county_has_what_was_entered_before(make_store) -> None:
    """It stayed in red for twenty acts, and told whoever had just put it right to do so."""
    store = make_store()
    with store.write("登记") as session:
        changes.insert(session, "household", [{"id": session.new_id(), "village": session.scope, "number": "1"}])
        session.conn.execute(act.update().values(at="2099-01-01T00:00:00Z"))
    with store.applying() as session:
        assert wrong_clock.behind(session) > 0
        session.conn.execute(exchange_log.insert().values(at=session.at, ok=1, message="", figures="{}"))
        session.conn.execute(op.update().values(entry=1))
        assert wrong_clock.behind(session) == 0


def test_a_line_that_was_there_yesterday_is_none_today(make_store) -> None:
    store = make_store()
    with store.applying() as session:
        log = exchange_log.insert().values(at=session.at, ok=1, message="", figures='{"requests": 2}')
        session.conn.execute(log)
        assert status(session).online
        session.conn.execute(exchange_log.update().values(at=session.ago(2)))
        assert not status(session).online


def point(line: StatusLine) -> QColor:
    picture = line.parts[0].icon().pixmap(10, 10).toImage()
    return picture.pixelColor(picture.rect().center())


def test_a_term_off_the_network_is_told_before_its_end_and_after(qtbot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    for left, text in ((90, "离线"), (8, "离线"), (7, "离网期限还剩 7 天"), (0, "离网期限已过")):
        line.show_status(Status(enrolled=True, lease=Lease(90, left)))
        assert line.parts[0].text() == text
    line.show_status(Status(enrolled=True, revoked=True, online=True, lease=Lease(90, 0)))
    assert line.parts[0].text() == "县里已停用"
    assert point(line) == theme.colour("bad")  # it was online an hour ago, and green
    line.show_status(Status(enrolled=True, online=True, lease=Lease(90, 1)))
    assert point(line) == theme.colour("badge")
    assert list(Status(enrolled=True, lease=Lease(90, 8)).warnings()) == []
    told = list(Status(enrolled=True, lease=Lease(90, 1), clock_wrong_by=DAY).warnings())
    assert [text[:5] for text in told] == ["离网期限还", "这台电脑的"]
    assert [Lease(7, left).near for left in (3, 2)] == [False, True]


def test_nobody_there_locks_and_a_key_puts_it_off(qtbot) -> None:
    watch = IdleWatch(1 / 600)  # a tenth of a second
    with qtbot.waitSignal(watch.idle):
        pass
    never = IdleWatch(0)
    assert not never._timer.isActive()
