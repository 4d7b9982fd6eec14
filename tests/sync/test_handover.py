"""A village beside its township, on a local network: the bundles of a stick without one. Only this machine's own address is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import pytest

from db import lease
from db.bundles import bundle as noted
from db.local import set_meta
from db.store import Store
from domain.errors import CunzhanError, DomainError, InputUnusable, Unreachable
from server.devices import set_lease
from sync.replica import identity
from sync.station.lan import desk, handing_in, receiver
from sync.station.lan.finding import lan_addresses, near, parse_address
from sync.station.lan.handing_in import HandedIn, TurnedAway, hand_in
from sync.station.lan.receiver import Receiver
from sync.station.stick import courier, reading
from sync.wire import handover
from sync.wire.handover import FramedConnection, HandoverError
from sync.wire.words import BundleError
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, unsent
from tests.sync.sticks import Sticks, everything, states

HERE = "127.0.0.1"


@pytest.fixture
def open_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Receiver]]:
    monkeypatch.setattr(receiver, "_LOOK", 0.01)
    made: list[Receiver] = []

    def open_(store: Store, **more: Any) -> Receiver:
        made.append(Receiver(store, host=HERE, port=0, **more))
        return made[-1]

    yield open_
    for one in made:
        one.close()


@pytest.fixture
def village(sticks: Sticks) -> Store:
    return sticks.station("村", VILLAGE)


@pytest.fixture
def township(sticks: Sticks) -> Store:
    return sticks.station("镇", TOWNSHIP)


def visit(store: Store, at: Receiver, **more: Any) -> HandedIn:
    return hand_in(store, at.addresses[0], at.code, **more)


def carried(store: Store) -> int:
    with store.read() as session:
        return sum(1 for _raw in courier.upward(session))


def cut(patch: pytest.MonkeyPatch, kind: type[handover.Message], after: int = 0) -> list[int]:
    """Let the line break in place of the message of this kind that follows `after` others; answers the offsets of all sent."""
    send, seen = FramedConnection.send, list[int]()

    def sending(line: FramedConnection, message: handover.Message) -> None:
        if isinstance(message, kind):
            seen.append(getattr(message, "offset", 0))
            if len(seen) == after + 1:
                raise HandoverError
        send(line, message)

    patch.setattr(FramedConnection, "send", sending)
    return seen


def test_an_answer_that_was_read_from_a_stick_does_not_tell_of_what_waits_now(
    sticks: Sticks, village: Store, township: Store, open_at: Callable[..., Receiver]
) -> None:
    add(village, name="先交的")
    at = open_at(township)
    visit(village, at)
    answers = sticks.county(sticks.write(township))
    reading.read(township, answers)
    assert "县里已收到。上传 1 条" in reading.read(village, answers).sentence()
    add(village, name="后登记的")
    done = visit(village, at)
    assert (done.records, unsent(village)) == (1, 1)
    assert "县里已收到" not in done.sentence() and "县里的答复已读入，没有新的内容。" in done.sentence()


def test_a_village_hands_in_and_fetches_without_a_stick(
    sticks: Sticks, world: World, village: Store, township: Store, open_at: Callable[..., Receiver]
) -> None:
    add(village, name="不许看的名字")
    at = open_at(township)
    done = visit(village, at)
    assert (done.records, unsent(village), states(village)) == (1, 1, ["township"])
    (arrived,) = at.standing.arrived
    assert (arrived.code, arrived.scope, arrived.records) == (done.receipt, VILLAGE, 1)
    assert "乡镇已收" in done.sentence()
    pack = sticks.write(township)
    with world.county.write() as session:
        set_lease(session, 90)
    assert reading.read(township, sticks.county(pack)).answers == 1
    assert village.get_meta(lease.SETTING) is None
    again = visit(village, at)
    assert (again.read.exchange.pushed, again.records, unsent(village)) == (1, 0, 0)
    assert (village.get_meta(lease.SETTING) or "").startswith("90 ")  # a word of the county came with it
    assert "县里已收到" in again.sentence()
    assert states(village) == ["township", "county"]
    assert (at.standing.gave, village.get_meta(handing_in.ADDRESS)) == (1, at.addresses[0])
    with village.read() as session:
        log = session.conn.exec_driver_sql("SELECT message FROM exchange_log ORDER BY id DESC LIMIT 1").scalar()
    assert str(log).startswith("局域网")
    reading.read(township, sticks.county(sticks.write(township)))
    assert_equal(world)
    assert not [path for path in (village.home / "handover").rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", [handover.Put, handover.Have])
def test_a_cut_upload_goes_on_where_it_was_cut(
    village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch, kind: type[handover.Message]
) -> None:
    monkeypatch.setattr(handover, "PART", 100)
    add(village)
    at = open_at(township)
    with monkeypatch.context() as patch:
        cut(patch, kind, 3)
        with pytest.raises(Unreachable, match="接着传"):
            visit(village, at)
    assert (carried(township), unsent(village), states(village)) == (0, 1, ["written"])
    at.close()  # the township's program ends meanwhile
    at = open_at(township)
    with monkeypatch.context() as patch:
        offsets = cut(patch, handover.Put, 10**6)
        assert visit(village, at).records == 1
    assert offsets[0] == 300
    assert (carried(township), states(village)) == (1, ["township"])


def test_a_cut_download_goes_on_where_it_was_cut(
    sticks: Sticks, village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "PART", 100)
    add(village)
    at = open_at(township)
    visit(village, at)
    reading.read(township, sticks.county(sticks.write(township)))
    with monkeypatch.context() as patch:
        cut(patch, handover.Fetch, 2)
        with pytest.raises(Unreachable):
            visit(village, at)
    assert unsent(village) == 1
    with monkeypatch.context() as patch:
        offsets = cut(patch, handover.Fetch, 10**6)
        assert visit(village, at).read.exchange.pushed == 1
    assert offsets[0] == 200


def test_a_township_killed_before_its_receipt_left_gives_it_at_the_next_visit(
    village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(village)
    with monkeypatch.context() as patch:
        cut(patch, handover.Taken)
        with pytest.raises(Unreachable):
            visit(village, open_at(township))
    assert (carried(township), states(village)) == (1, ["written"])
    done = visit(village, open_at(township))
    assert (done.receipt, len(done.read.receipts)) == ("", 1)  # nothing is sent a second time
    assert (carried(township), states(village)) == (1, ["township"])


def test_what_is_changed_after_a_cut_goes_with_a_new_bundle(
    village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "PART", 100)
    add(village)
    at = open_at(township)
    with monkeypatch.context() as patch:
        cut(patch, handover.Put, 3)
        with pytest.raises(Unreachable):
            visit(village, at)
    add(village)
    assert visit(village, at).records == 2
    assert list((township.home / "handover" / "in").iterdir()) == []


def test_a_laptop_put_back_from_a_backup_writes_anew(
    village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows nothing of the bundle whose way was cut, which lies beside its store."""
    add(village)
    at = open_at(township)
    with monkeypatch.context() as patch:
        cut(patch, handover.Put)
        with pytest.raises(Unreachable):
            visit(village, at)
    with village.applying() as session:
        session.conn.execute(noted.delete())
    assert visit(village, at).records == 1


def test_a_false_township_fills_no_disk(
    village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_at(township)
    much = [handover.WaitingBundle(bytes([n]) * 32, handover.MAX_BUNDLE) for n in range(5)]
    monkeypatch.setattr(desk.Conversation, "_waits", lambda _self: much)
    with pytest.raises(Unreachable):
        visit(village, at)
    assert not [path for path in (village.home / "handover").rglob("*") if path.is_file()]


def test_a_receipt_the_county_does_not_vouch_for_counts_nothing(
    village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(village)
    make = courier.make_receipt
    with monkeypatch.context() as patch:
        patch.setattr(courier, "make_receipt", lambda me, _certificate, head, sha: make(me, bytes(64), head, sha))
        with pytest.raises(TurnedAway, match="签名不对"):
            visit(village, open_at(township))
    assert (states(village), unsent(village)) == (["written"], 1)


def test_waiting_for_a_slow_township_can_be_stopped(
    village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_at(township)
    monkeypatch.setattr(handover, "LOOK", 0.01)
    slow, carry = Event(), desk.Conversation._carry
    monkeypatch.setattr(desk.Conversation, "_carry", lambda *words: slow.wait(10) and carry(*words))

    def stop(_done: int, _total: int, what: str) -> None:
        if "等" in what:
            raise CunzhanError("stopped")

    with pytest.raises(CunzhanError, match="stopped"):
        visit(village, at, progress=stop)
    slow.set()


def test_a_wrong_code_and_too_many_of_them(village: Store, township: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township)
    wrong = f"{(int(at.code) + 1) % 10**6:06}"
    before = everything(village)
    for _n in range(5):
        with pytest.raises(TurnedAway, match="六位码不对"):
            hand_in(village, at.addresses[0], wrong)
    with pytest.raises(TurnedAway, match="次数太多"):
        visit(village, at)  # the right one, from there, now
    assert (everything(village), carried(township)) == (before, 0)
    with pytest.raises(InputUnusable):
        hand_in(village, at.addresses[0], "12345")


def test_whoever_guesses_codes_closes_the_door(township: Store) -> None:
    now = [0.0]
    guard = desk.Guard(lambda: now[0])
    tries = 0
    while not guard.spent:
        now[0] += 13
        if guard.may_try("a"):
            guard.missed("a")
            tries += 1
    assert tries == desk.MAX_WRONG and now[0] > desk.MAX_WRONG * 12
    assert not guard.may_try("b")


def test_two_villages_at_once_get_what_is_theirs(
    sticks: Sticks, village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "PART", 100)
    other = sticks.station("邻", OTHER_VILLAGE)
    at = open_at(township)
    for _round in range(2):
        for one in (village, other):
            add(one)
        both = [Thread(target=visit, args=(one, at)) for one in (village, other)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(20)
        reading.read(township, sticks.county(sticks.write(township)))
    assert [visit(one, at).read.exchange.pushed for one in (village, other)] == [1, 1]
    assert {one.scope for one in at.standing.arrived} == {VILLAGE, OTHER_VILLAGE}
    assert (unsent(village), unsent(other)) == (0, 0)


def test_it_closes_by_itself(township: Store, village: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township, idle=0.05)
    at._threads[0].join(5)
    assert (at.standing.closed, at.standing.left) == ("idle", 0)
    with pytest.raises(Unreachable, match="没有打开收件"):
        visit(village, at)


def test_who_may_open_and_who_may_come(sticks: Sticks, world: World, village: Store, township: Store, tmp_path: Any) -> None:
    with pytest.raises(DomainError, match="由乡镇"):
        Receiver(village, host=HERE, port=0)
    with pytest.raises(BundleError, match="还没有在县里注册"):
        Receiver(world.store("新镇", TOWNSHIP), host=HERE, port=0)
    with pytest.raises(DomainError, match="村里的电脑"):
        hand_in(township, HERE, "123456")
    with pytest.raises(DomainError, match="还没有在县里注册"):
        hand_in(world.store("新村"), HERE, "123456")


def test_a_laptop_of_another_place_goes_away_before_it_says_anything(
    sticks: Sticks, township: Store, open_at: Callable[..., Receiver]
) -> None:
    far = sticks.station("远", "230881100201")
    with pytest.raises(TurnedAway, match="所属乡镇"):
        visit(far, open_at(township))
    with far.applying() as session:
        set_meta(session, identity.COUNTY, "another")
    with pytest.raises(TurnedAway, match="不是本县"):
        visit(far, open_at(township))


def test_stopping_keeps_everything(village: Store, township: Store, open_at: Callable[..., Receiver]) -> None:
    add(village)

    def stop(_done: int, _total: int, what: str) -> None:
        if "交给" in what:
            raise CunzhanError("stopped")

    with pytest.raises(CunzhanError, match="stopped"):
        visit(village, open_at(township), progress=stop)
    assert unsent(village) == 1


@pytest.mark.parametrize(("text", "found"), [("192.168.1.5", ("192.168.1.5", 47230)), ("１０。0．0.7：8000", ("10.0.0.7", 8000))])
def test_addresses_as_they_are_typed(text: str, found: tuple[str, int]) -> None:
    assert parse_address(text) == found


@pytest.mark.parametrize("text", ["", "8.8.8.8", "example.org", "192.168.1.5:0", "192.168.1.5:x", "192.168.1", "::1", "http://192.168.1.5"])
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(InputUnusable):
        parse_address(text)


def test_codes_and_networks() -> None:
    assert [handover.plain_code(text) for text in ("123 456", "１２３-４５６", "12345", "1234567", "")] == ["123456", "123456", "", "", ""]
    assert [near(one) for one in ("192.168.0.9", "169.254.3.3", "172.32.0.1", "1.1.1.1")] == [True, True, False, False]
    assert all(near(one) for one in lan_addresses())
