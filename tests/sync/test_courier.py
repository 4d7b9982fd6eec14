"""A township carries sticks on, and sees their index only."""

from __future__ import annotations

import errno
import tracemalloc
from contextlib import suppress
from weakref import WeakSet

import msgspec
import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from sqlalchemy import select

from db.bundles import bundle as noted
from db.exchange import device
from domain.codes import receipt_code
from sync.county import bundle_intake
from sync.county.keys import county_keys
from sync.replica import identity
from sync.station.sealing.seal import seal_all
from sync.station.stick import courier, reading, writing
from sync.wire import bundle
from sync.wire.bundle import Bundle
from sync.wire.words import BundleError
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, unsent
from tests.sync.sticks import Sticks, everything, states


class Town:
    """Two villages and the township above them."""

    def __init__(self, sticks: Sticks) -> None:
        self.a, self.b = sticks.station("甲", VILLAGE), sticks.station("乙", OTHER_VILLAGE)
        self.township = sticks.station("镇", TOWNSHIP)


@both
def test_a_township_carries_both_ways(sticks: Sticks, world: World) -> None:
    town = Town(sticks)
    first, second = add(town.a), add(town.b)
    ups = [sticks.write(town.a), sticks.write(town.b)]
    for up, village in zip(ups, (town.a, town.b), strict=True):
        receipts = sticks.path()
        (carried,) = reading.read(town.township, up, reply=receipts).carried
        assert (carried.scope, carried.records) == (village.scope, 1)
        back = reading.read(village, receipts)
        assert back.receipts == [carried.code] == [receipt_code(next(bundle.read_file(up)).sha256)]
        assert (unsent(village), states(village)) == (1, ["township"])
    pack = sticks.write(town.township)
    assert list(bundle.read_file(pack))[1].raw == next(bundle.read_file(ups[0])).raw  # verbatim
    reply = sticks.county(pack)
    assert reading.read(town.township, reply).answers == 2
    assert get(town.township, first) is None  # it carries; it reads what the county hands out
    back_home = sticks.write(town.township)
    for village in (town.a, town.b):
        assert reading.read(village, back_home).exchange.pushed == 1
        assert states(village) == ["county"]
    assert reading.read(town.township, sticks.county(back_home)).exchange.pulled == 2
    assert {get(town.township, id).village for id in (first, second)} == {VILLAGE, OTHER_VILLAGE}
    assert_equal(world)


def test_what_is_too_much_for_one_file_goes_into_several(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the village by trips, at the township and the county by files; nothing waits unsaid."""
    town = Town(sticks)
    monkeypatch.setattr(writing, "MAX_BODY", 400)
    monkeypatch.setattr(bundle, "SPLIT_AT", 1000)
    added = [add(village) for village in (town.a, town.b)]
    for village in (town.a, town.b):
        with village.applying() as session:
            me = identity.load(session)
            assert me is not None
            seal_all(session, me)  # the next change is a batch of its own
        added += [add(village, note="长" * 400)]
    home = sticks.folder / "home"
    home.mkdir()
    for trip in range(2):
        for n, village in enumerate((town.a, town.b)):
            made = writing.write(village, home / f"{trip}-{n}.czb")
            assert (made.left, "装进去" in made.sentence()) == ((1, True) if trip == 0 else (0, False))
            reading.read(town.township, home / f"{trip}-{n}.czb")
        made = writing.write(town.township, home / f"town{trip}.czb")
        assert len(made.files) > 1 and f"{len(made.files)} 个文件" in made.sentence()
        for name in made.files:
            with suppress(BundleError):  # nothing but receipts
                answers = (answer.raw for one in sticks.taken(home / name) for answer in one.written())
                for path, _size in bundle.write_files(home / f"reply-{name}", answers):
                    reading.read(town.township, path)
        for name in writing.write(town.township, home / f"back{trip}.czb").files:
            for village in (town.a, town.b):
                with suppress(BundleError):
                    reading.read(village, home / name)
    assert (unsent(town.a), unsent(town.b)) == (0, 0)
    assert all(get(world.county, id) is not None for id in added)
    monkeypatch.setattr(bundle, "SPLIT_AT", 1)
    monkeypatch.setattr(bundle, "MAX_FILE", 2000)
    with pytest.raises(BundleError, match="太大"):
        bundle.write_files(home / "x.czb", [b"x" * 100, b"y" * 100, b"z" * 3000])
    assert list(home.glob("x*")) == []


def test_a_township_sees_the_index_only(sticks: Sticks) -> None:
    town = Town(sticks)
    add(town.a, name="不许看的名字")
    reading.read(town.township, sticks.write(town.a))
    with town.township.read() as session:
        (row,) = session.conn.execute(select(noted).where(noted.c.relayed_by.is_not(None)))
    assert "不许看的名字".encode() not in bytes(row.body)
    with pytest.raises(BundleError):
        bundle.unseal_at_station(PrivateKey.generate(), bundle.opened(bytes(row.body)).body)


def test_a_township_carries_over_the_network(sticks: Sticks, world: World) -> None:
    village, township = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP)
    add(village)
    reading.read(township, sticks.write(village))
    world.sync(township)
    assert states(township) == ["county"]
    receipts = sticks.path()
    add(village)
    reading.read(township, sticks.write(village), reply=receipts)  # the first answer goes back with the second receipt
    back = reading.read(village, receipts)
    assert (back.exchange.pushed, len(back.receipts), unsent(village)) == (1, 1, 1)
    world.sync(township)
    reading.read(village, sticks.write(township))
    world.sync(township)
    assert_equal(world)


def test_an_older_answer_still_on_the_stick_does_not_take_the_place_of_the_newer(sticks: Sticks, world: World) -> None:
    """A stick keeps the files of earlier trips: whoever reads it anew comes upon the answer that went back with it last time."""
    village, township = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP)
    for trip in range(2):
        add(village)
        writing.write(village, sticks.folder / f"up{trip}.czb")
        reading.read_folder(township, sticks.folder)
        world.sync(township)
        told = reading.read_folder(township, sticks.folder)  # here the answer goes onto the stick
        assert told.returned == 1 and "1 份已写回" in told.sentence()
        assert reading.read_folder(village, sticks.folder).answered
        assert unsent(village) == 0
        assert told.answers <= 1  # what lies there is counted once, and not at all when it was superseded
    world.sync(township)
    assert_equal(world)


def test_what_a_township_brings_over_the_network_comes_down_in_the_same_exchange(sticks: Sticks, world: World) -> None:
    village, township = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP)
    id = add(village)
    reading.read(township, sticks.write(village))
    assert world.sync(township).pulled == 1  # not 「没有新的改动」 of what it has just handed in
    assert get(township, id) is not None


def test_what_the_county_refuses_is_told_to_its_courier(sticks: Sticks, world: World) -> None:
    village, township = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP)
    add(village)
    with world.county.write() as session:
        session.conn.execute(device.delete().where(device.c.station == village.station))
    reading.read(township, sticks.write(village))
    world.sync(township)
    assert states(township) == ["refused"]
    requests = world.sync(township).requests
    assert requests == 1  # not asked again


def test_a_file_with_no_change_in_it_that_never_arrived_is_over_once_a_later_one_was_answered(sticks: Sticks) -> None:
    """It was written to be sent word by, and lost: it stood as written for ever."""
    a = sticks.station("甲", VILLAGE)
    sticks.write(a)
    assert states(a) == ["written"]
    lost = add(a)
    sticks.write(a)
    assert states(a) == ["written", "written"]
    sticks.round(a)
    assert states(a) == ["county"] * 3
    assert get(a, lost) is not None
    sticks.write(a)
    assert states(a)[0] == "written"


def test_a_request_to_enrol_is_carried_too(sticks: Sticks, world: World) -> None:
    village, township = world.store("村"), world.station("镇", TOWNSHIP)
    reading.read(township, sticks.write(village, code=world.code(VILLAGE)))
    world.sync(township)
    assert reading.read(village, sticks.write(township)).joined
    add(village)
    sticks.round(village)
    world.sync(township)
    assert_equal(world)


def test_a_courier_takes_nothing_from_elsewhere(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    far, near, township = world.station("远", "230881100201"), world.station("近"), world.station("镇", TOWNSHIP)
    with pytest.raises(BundleError, match="不是给这台电脑"):
        reading.read(near, sticks.write(township))
    before = everything(township)
    with pytest.raises(BundleError, match="不是给这台电脑"):
        reading.read(township, sticks.write(far))
    assert everything(township) == before


@pytest.mark.parametrize("bound", ["MAX_CARRIED", "MAX_CARRIED_BYTES"])
def test_a_courier_takes_no_more_than_there_is_room_for_until_it_was_at_the_county(
    sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    near, township = world.station("近"), world.station("镇", TOWNSHIP)
    add(near)
    one, two = sticks.write(near), sticks.write(near)
    monkeypatch.setattr(courier, bound, 1 if bound == "MAX_CARRIED" else one.stat().st_size + two.stat().st_size // 2)
    reading.read(township, one)
    with pytest.raises(BundleError, match="太多"):
        reading.read(township, two)
    assert reading.read(township, one).carried  # again: it is here
    world.sync(township)
    assert reading.read(township, two).carried


def test_one_stick_does_not_take_the_places_of_all(sticks: Sticks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has a stick and no key could fill a township with bundles that nobody can open."""
    town = Town(sticks)
    monkeypatch.setattr(courier, "MAX_OF_STATION", 3)
    monkeypatch.setattr(courier, "MAX_OF_VILLAGE", 5)
    add(town.a)
    add(town.b)
    honest, other = next(bundle.read_file(sticks.write(town.a))), next(bundle.read_file(sticks.write(town.b)))
    with town.township.applying() as session:
        me = identity.load(session)
        assert me is not None

        def carried(last: int, station: str) -> bool:
            index = msgspec.structs.replace(honest.index, station=station, last=last)
            with suppress(BundleError):
                courier.carry(session, me, bundle.make(index, b"x", SigningKey.generate()))
                return True
            return False

        assert [carried(n, f"{VILLAGE}-deadbeef") for n in range(5)] == [True] * 3 + [False] * 2
        courier.carry(session, me, honest)
        assert [carried(n, f"{VILLAGE}-deadbee{n}") for n in range(3)] == [True, False, False]
        courier.carry(session, me, other)


def test_receipts_need_the_countys_word_for_the_township(sticks: Sticks, world: World) -> None:
    village, township, other = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP), world.station("邻")
    up = sticks.write(village)
    for reader, forge in ((township, {"sync.replica.identity.certificate": lambda _session: bytes(64)}), (township, {})):
        receipts = sticks.path()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in forge.items():
                patch.setattr(name, value)
            reading.read(reader, up, reply=receipts)
        if forge:
            with pytest.raises(BundleError, match="签名不对"):
                reading.read(village, receipts)
            assert states(village) == ["written"]
        else:
            assert reading.read(village, receipts).receipts
            with pytest.raises(BundleError, match="不是给这台电脑"):
                reading.read(other, receipts)


def test_of_hundreds_of_bundles_in_a_file_one_is_held_at_a_time(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    (one,) = bundle.read_file(sticks.write(village))
    many = sticks.file(*[one] * 40)
    alive = WeakSet[Bundle]()
    most = 0
    whole, made = bundle.opened, bundle.make

    def counted(found: Bundle) -> Bundle:
        nonlocal most
        alive.add(found)
        most = max(most, len(alive))
        return found

    monkeypatch.setattr(bundle, "opened", lambda raw: counted(whole(raw)))
    monkeypatch.setattr(bundle, "make", lambda *words: counted(made(*words)))
    keys = county_keys(world.county)
    statuses = [taken.status for taken in bundle_intake.take_all(world.county, keys, bundle.read_file(many))]
    assert statuses == ["ok"] * 40
    assert most <= 5  # what was read and its answer, and those before until they are let go


def test_a_large_file_takes_no_more_memory_than_what_is_in_it_once(sticks: Sticks) -> None:
    station = sticks.station("村", VILLAGE)
    (one,) = bundle.read_file(sticks.write(station))
    large = bundle.make(one.index, bytes(2**20), SigningKey.generate())
    path = sticks.path()
    bundle.write_file(path, [large.raw] * 24)
    tracemalloc.start()
    assert sum(len(found.body) for found in bundle.read_file(path)) == 24 * 2**20
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 2**20


def test_a_stick_pulled_out_in_the_middle_is_said_to_be(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before is taken in, and the sentence does not say otherwise; the same file once more brings the rest."""
    town = Town(sticks)
    add(town.a)
    add(town.b)
    both_ = sticks.file(*(one for store in (town.a, town.b) for one in bundle.read_file(sticks.write(store))))
    whole, left = bundle.opened, iter(range(3))  # both are looked through, then the first is taken

    def pulled_out(raw: bytes) -> Bundle:
        if next(left, None) is None:
            raise OSError(errno.EIO, "x")
        return whole(raw)

    with monkeypatch.context() as patch:
        patch.setattr(bundle, "opened", pulled_out)
        with pytest.raises(BundleError, match="读到的已经收好"):
            sticks.taken(both_)
    assert [one.status for one in sticks.taken(both_)] == ["ok", "ok"]
    with world.county.read() as session:
        assert session.count("person") == 2


@pytest.mark.parametrize("way", ["network", "stick"])
def test_of_what_the_county_refused_nothing_is_kept_but_a_line(
    sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Bodies of refused bundles counted towards no limit and stayed: whoever brought sticks of an unknown station filled the disk."""
    village, township = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP)
    with world.county.write() as session:
        session.conn.execute(device.delete().where(device.c.station == village.station))
    monkeypatch.setattr(courier, "MAX_CARRIED", 2)
    for _trip in range(5):
        add(village)
        reading.read(township, sticks.write(village))
        if way == "network":
            world.sync(township)
        else:
            with suppress(BundleError):
                reading.read(township, sticks.county(sticks.write(township)))
    with township.read() as session:
        kept = session.conn.execute(select(noted.c.body, noted.c.problem).where(noted.c.station == village.station)).all()
    assert [tuple(row) for row in kept] == [(None, "unknown")] * 2
    assert unsent(village) == 5
