"""USB sticks: village, township and county without a network end equal, in any order, twice, late, with one missing."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from nacl.public import PrivateKey
from sqlalchemy import select

from db.bundles import ahead
from db.bundles import bundle as noted
from db.exchange import cursor, device, entry
from db.mapping import table
from db.snapshots import differences
from db.store import Store
from domain.errors import DomainError, Refused
from server.devices import devices, revoke
from sync.replica import identity
from sync.station import asking, checking, courier, mending, stick
from sync.station.seal import seal_all
from sync.wire import bundle
from sync.wire.bundle import decoded
from sync.wire.bundle_words import BundleError
from sync.wire.codes import receipt_code
from sync.wire.messages import Answer
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put
from tests.sync.sticks import Sticks, everything, unsent


@pytest.fixture
def sticks(world: World, tmp_path: Path) -> Sticks:
    folder = tmp_path / "stick"
    folder.mkdir()
    return Sticks(world, folder)


def states(store: Store) -> list[str]:
    with store.read() as session:
        return [one.state for one in courier.listed(session) if one.kind == "up"]


def suspected(world: World) -> list[int]:
    with world.county.read() as session:
        return list(session.conn.execute(select(device.c.suspected)).scalars())


# -- a village and its county ------------------------------------------------------------------------------------------


def test_a_village_without_a_network_equals_the_county(sticks: Sticks, world: World) -> None:
    village = world.store("村")
    with pytest.raises(BundleError, match="还没有在县里注册"):
        sticks.write(village)
    joined = stick.read(village, sticks.county(sticks.write(village, code=world.code(VILLAGE))))
    assert joined.joined
    ids = [add(village) for _n in range(5)]
    up = sticks.write(village)
    assert (unsent(village), states(village)) == (5, ["written"])
    back = stick.read(village, sticks.county(up))
    assert (back.exchange.pushed, back.exchange.pulled) == (5, 0)
    assert states(village) == ["county"]
    assert {get(world.county, id).name for id in ids} == {get(village, id).name for id in ids}
    other = world.station("乙")
    world.sync(other)
    put(other, ids[0], note="看过")
    world.sync(other)
    assert sticks.round(village).exchange.pulled == 1  # written though nothing was unsent: to fetch news
    assert get(village, ids[0]).note == "看过"
    assert_equal(world)


def test_the_answer_lists_conflicts_and_what_is_held(sticks: Sticks, world: World) -> None:
    a, b = sticks.station("甲", VILLAGE), world.station("乙")
    id = add(b, name="张三")
    world.sync(b)
    sticks.round(a)
    put(a, id, name="甲名")
    put(b, id, name="乙名")
    world.sync(b)
    result = sticks.round(a)
    assert (result.exchange.pushed, result.exchange.pulled, result.exchange.conflicts) == (1, 1, 1)
    world.sync(b)
    assert_equal(world)


@pytest.mark.parametrize("order", ["01", "10", "0101", "1010", "1", "0"])
def test_several_under_way_answered_in_any_order(sticks: Sticks, world: World, order: str) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    add(other)
    world.sync(other)
    add(village)
    ups = [sticks.write(village)]
    add(village)
    add(other)
    world.sync(other)
    ups.append(sticks.write(village))
    answers = [sticks.county(up) for up in (ups if order[0] == "0" else ups[::-1])]
    for place in order:
        stick.read(village, answers[int(place)])
    sticks.round(village)
    world.sync(other)
    assert unsent(village) == 0
    assert set(states(village)) == {"county"}
    assert_equal(world)


def test_the_county_takes_files_twice_late_and_out_of_order(sticks: Sticks, world: World) -> None:
    village = sticks.station("村", VILLAGE)
    ups = []
    for _n in range(3):
        add(village)
        ups.append(sticks.write(village))
    for place in (2, 0, 1, 2, 0):
        assert [one.status for one in sticks.taken(ups[place])] == ["ok"]
    with world.county.read() as session:
        assert len(session.conn.execute(select(entry)).all()) == 3
    stick.read(village, sticks.county(ups[0]))
    assert suspected(world) == [0]
    assert_equal(world)


def test_network_and_stick_side_by_side(sticks: Sticks, world: World) -> None:
    village = world.station("村")
    add(village)
    monday = sticks.write(village)
    world.sync(village)
    assert states(village) == ["county"]  # by the network
    add(village)
    world.sync(village)
    late = sticks.county(monday)
    back = stick.read(village, late)
    assert (back.exchange.pushed, back.exchange.pulled) == (0, 0)
    add(village)
    sticks.county(sticks.write(village))  # the answer never comes back
    assert world.sync(village).pushed == 1
    assert suspected(world) == [0]
    assert_equal(world)


@both
def test_a_hole_at_the_county_is_kept_until_it_is_filled(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    first = sticks.write(village)
    for _n in range(2):
        add(village)
        sticks.write(village)  # each seals a batch of its own
    with monkeypatch.context() as later:
        later.setattr("sync.station.stick.waiting", lambda session, me, _after, budget: asking.waiting(session, me, 1, budget))
        rest = sticks.write(village)
    (taken,) = sticks.taken(rest)
    assert taken.status == "gap"
    with world.county.read() as session:
        assert session.conn.execute(select(entry)).first() is None
        assert [row.number for row in session.conn.execute(select(ahead))] == [2, 3]
    assert taken.answer is not None
    with pytest.raises(Refused, match="缺少"):
        stick.read(village, sticks.file(taken.answer))
    assert unsent(village) == 3
    assert [one.status for one in sticks.taken(first)] == ["ok"]
    with world.county.read() as session:
        assert [row.number for row in session.conn.execute(select(entry).order_by(entry.c.seq))] == [1, 2, 3]
        assert session.conn.execute(select(ahead)).first() is None
    sticks.round(village)
    assert_equal(world)


def test_a_hole_at_the_station_is_kept_and_moves_no_cursor(sticks: Sticks, world: World) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    add(other)
    world.sync(other)
    first = sticks.county(sticks.write(village))
    village.engine.dispose()
    shutil.copytree(village.home, world.folder / "before")
    stick.read(village, first)
    add(other)
    world.sync(other)
    second = sticks.county(sticks.write(village))
    village.close()
    world.stations["村"] = before = Store.open(world.folder / "before", user=None, password=PASSWORD)  # has not read the first answer
    assert stick.read(before, second).exchange.pulled == 0
    with before.read() as session:
        assert session.conn.execute(select(cursor)).first() is None
        assert [row.number for row in session.conn.execute(select(ahead))] == [2]
    assert stick.read(before, first).exchange.pulled == 2
    with before.read() as session:
        assert session.conn.execute(select(ahead)).first() is None
    world.sync(other)
    assert_equal(world)


def test_a_backup_put_back_goes_on_as_a_copy_of_its_own(sticks: Sticks, world: World) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    sticks.round(village)
    village.engine.dispose()
    shutil.copytree(village.home, world.folder / "old")
    add(village)
    sticks.round(village)
    old = Store.open(world.folder / "old", user=None, password=PASSWORD)
    world.stations["旧"] = old
    kept = add(old)
    with pytest.raises(BundleError, match="备份"):
        sticks.round(old)
    assert unsent(old) == 1
    sticks.round(old)
    sticks.round(village)
    assert get(village, kept) is not None
    assert_equal(world)


def test_a_difference_is_told_at_both_ends_and_fetched_again_by_the_next_trip(
    sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "SHARE", 0)
    village, other, person = sticks.station("村", VILLAGE), world.station("乙"), table("person")
    id, own = add(village, note="好"), add(village)
    sticks.round(village)
    assert sticks.round(village).different == 0
    with village.applying() as session:  # behind the program's back
        session.conn.execute(person.update().where(person.c.id == id).values(note="坏"))
    put(village, own, phone="1")  # what waits is no difference
    result = sticks.round(village)
    assert (result.different, result.mended, result.exchange.pushed) == (1, 0, 1)
    assert "请再写一份" in result.sentence()

    def standing() -> list[int]:
        counts = []
        for where in (village, world.county):
            with where.read() as session:
                counts.append(len(differences(session, open_only=True)))
        return counts

    assert standing() == [1, 1]
    world.sync(other)
    added = add(other)  # what others wrote meanwhile comes along
    world.sync(other)
    put(village, own, phone="2")
    late = sticks.county(sticks.write(village))
    put(village, id, phone="3")
    result = sticks.round(village)
    assert result.mended == 1
    assert "重新取回" in result.sentence() and "请再写一份" not in result.sentence()
    assert (get(village, id).note, get(village, id).phone, get(village, own).phone) == ("好", "3", "2")
    assert get(village, added) is not None
    assert stick.read(village, late).mended == 0  # an answer that was overtaken mends nothing twice
    assert sticks.round(village).different == 0
    assert standing() == [0, 0]
    world.sync(other)
    assert_equal(world)


def test_pieces_that_are_not_the_countys_mend_nothing(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "SHARE", 0)
    village, person = sticks.station("村", VILLAGE), table("person")
    id = add(village, note="好")
    sticks.round(village)
    with village.applying() as session:
        session.conn.execute(person.update().where(person.c.id == id).values(note="坏"))
    sticks.round(village)
    (taken,) = sticks.taken(sticks.write(village))
    assert taken.answer is not None
    with village.read() as session:
        me = identity.load(session)
        answer = decoded(Answer, bundle.unseal_at_station(identity.sealing_key(session), taken.answer.body))
        assert me is not None and answer.offer is not None
        for bad in (
            {"signature": bytes(64)},
            {"manifest": b"x"},
            {"manifest": b""},
            {"pieces": [b"x"] * len(answer.offer.pieces)},
            {"pieces": answer.offer.pieces[:-1]},
            {"pieces": answer.offer.pieces * 2},
            {"scope": OTHER_VILLAGE},
            {"first": 1},
        ):
            assert mending.asked_for(session, me, msgspec.structs.replace(answer.offer, **bad)) == []
        assert mending.asked_for(session, me, answer.offer)


def test_more_than_fits_comes_in_parts(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    for store in (village, other):
        for _n in range(4):
            add(store)
            if store is other:
                world.sync(store)
            else:
                sticks.write(store)
    monkeypatch.setattr("sync.station.stick.MAX_BODY", 500)
    monkeypatch.setattr("sync.county.intake.MAX_BODY", 500)
    result = sticks.round(village)
    assert result.more
    assert unsent(village) > 0
    for _round in range(6):
        result = sticks.round(village)
    assert not result.more
    world.sync(other)
    assert_equal(world)


# -- enrolment by stick ------------------------------------------------------------------------------------------------


def test_a_code_is_good_once_and_answers_again(sticks: Sticks, world: World) -> None:
    a, b = world.store("甲"), world.store("乙")
    code = world.code(VILLAGE)
    request = sticks.write(a, code=code)
    answers = [sticks.county(request), sticks.county(request)]
    assert stick.read(a, answers[1]).joined
    with pytest.raises(BundleError, match="已经注册好了"):
        stick.read(a, answers[0])
    (taken,) = sticks.taken(sticks.write(b, code=code))
    assert taken.status == "taken"
    assert taken.answer is not None
    with pytest.raises(Refused, match="别的电脑用过"):
        stick.read(b, sticks.file(taken.answer))
    with pytest.raises(BundleError, match="注册码不对"):
        sticks.county(sticks.write(b, code="0" * 16))
    with pytest.raises(BundleError):  # asked with another code meanwhile
        stick.read(b, sticks.file(taken.answer))
    with pytest.raises(BundleError, match="不是给这台电脑"):
        stick.read(a, sticks.write(b, code=world.code(VILLAGE)))


def test_who_only_enrolled_has_not_been_heard_of_yet(sticks: Sticks, world: World) -> None:
    """Though the answer brings what there is to read: the station has said nothing of what it has."""
    add(world.station("甲"))
    world.settle()
    village = world.store("村")
    add(village)
    answer = sticks.county(sticks.write(village, code=world.code(VILLAGE)))

    def heard() -> bool:
        with world.county.read() as session:
            return [one.last_sync for one in devices(session) if one.device == village.station] != [None]

    assert not heard()
    assert stick.read(village, answer).exchange.pulled == 1
    assert not heard()
    sticks.round(village)
    assert heard()


def test_enrolled_by_stick_there_is_no_address_until_it_is_given(sticks: Sticks, world: World) -> None:
    from sync.station.enrol import enrol

    village = world.store("村")
    code = world.code(VILLAGE)
    stick.read(village, sticks.county(sticks.write(village, code=code)))
    with pytest.raises(DomainError, match="U 盘"):
        world.sync(village)
    enrol(village, "http://127.0.0.1:1", code, transport=world.line)  # the same code and key: the same answer
    add(village)
    assert world.sync(village).pushed == 1
    assert_equal(world)


# -- through the township ----------------------------------------------------------------------------------------------


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
        (carried,) = stick.read(town.township, up, reply=receipts).carried
        assert (carried.scope, carried.records) == (village.scope, 1)
        back = stick.read(village, receipts)
        assert back.receipts == [carried.code] == [receipt_code(bundle.read_file(up)[0].sha256)]
        assert (unsent(village), states(village)) == (1, ["township"])
    pack = sticks.write(town.township)
    assert bundle.read_file(pack)[1].raw == bundle.read_file(ups[0])[0].raw  # verbatim
    reply = sticks.county(pack)
    assert stick.read(town.township, reply).answers == 2
    assert get(town.township, first) is None  # it carries; it reads what the county hands out
    back_home = sticks.write(town.township)
    for village in (town.a, town.b):
        assert stick.read(village, back_home).exchange.pushed == 1
        assert states(village) == ["county"]
    assert stick.read(town.township, sticks.county(back_home)).exchange.pulled == 2
    assert {get(town.township, id).village for id in (first, second)} == {VILLAGE, OTHER_VILLAGE}
    assert_equal(world)


def test_what_is_too_much_for_one_file_goes_into_several(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the village by trips, at the township and the county by files; nothing waits unsaid."""
    town = Town(sticks)
    monkeypatch.setattr(stick, "MAX_BODY", 400)
    monkeypatch.setattr(bundle, "GOOD_FILE", 1000)
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
            made = stick.write(village, home / f"{trip}-{n}.czb")
            assert (made.left, "装进去" in made.sentence()) == ((1, True) if trip == 0 else (0, False))
            stick.read(town.township, home / f"{trip}-{n}.czb")
        made = stick.write(town.township, home / f"town{trip}.czb")
        assert len(made.files) > 1 and f"{len(made.files)} 个文件" in made.sentence()
        for name in made.files:
            with suppress(BundleError):  # nothing but receipts
                answers = (answer.raw for one in sticks.taken(home / name) for answer in one.written())
                for path, _size in bundle.write_files(home / f"reply-{name}", answers):
                    stick.read(town.township, path)
        for name in stick.write(town.township, home / f"back{trip}.czb").files:
            for village in (town.a, town.b):
                with suppress(BundleError):
                    stick.read(village, home / name)
    assert (unsent(town.a), unsent(town.b)) == (0, 0)
    assert all(get(world.county, id) is not None for id in added)
    monkeypatch.setattr(bundle, "GOOD_FILE", 1)
    monkeypatch.setattr(bundle, "MAX_FILE", 2000)
    with pytest.raises(BundleError, match="太大"):
        bundle.write_files(home / "x.czb", [b"x" * 100, b"y" * 100, b"z" * 3000])
    assert list(home.glob("x*")) == []


def test_a_township_sees_the_index_only(sticks: Sticks) -> None:
    town = Town(sticks)
    add(town.a, name="不许看的名字")
    stick.read(town.township, sticks.write(town.a))
    with town.township.read() as session:
        (row,) = session.conn.execute(select(noted).where(noted.c.relayed_by.is_not(None)))
    assert "不许看的名字".encode() not in bytes(row.body)
    with pytest.raises(BundleError):
        bundle.unseal_at_station(PrivateKey.generate(), bundle.opened(bytes(row.body)).body)


def test_a_township_carries_over_the_network(sticks: Sticks, world: World) -> None:
    village, township = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP)
    add(village)
    stick.read(township, sticks.write(village))
    world.sync(township)
    assert states(township) == ["county"]
    receipts = sticks.path()
    add(village)
    stick.read(township, sticks.write(village), reply=receipts)  # the first answer goes back with the second receipt
    back = stick.read(village, receipts)
    assert (back.exchange.pushed, len(back.receipts), unsent(village)) == (1, 1, 1)
    world.sync(township)
    stick.read(village, sticks.write(township))
    world.sync(township)
    assert_equal(world)


def test_what_the_county_refuses_is_told_to_its_courier(sticks: Sticks, world: World) -> None:
    village, township = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP)
    add(village)
    with world.county.write() as session:
        session.conn.execute(device.delete().where(device.c.station == village.station))
    stick.read(township, sticks.write(village))
    world.sync(township)
    assert states(township) == ["refused"]
    requests = world.sync(township).requests
    assert requests == 1  # not asked again


def test_a_request_to_enrol_is_carried_too(sticks: Sticks, world: World) -> None:
    village, township = world.store("村"), world.station("镇", TOWNSHIP)
    stick.read(township, sticks.write(village, code=world.code(VILLAGE)))
    world.sync(township)
    assert stick.read(village, sticks.write(township)).joined
    add(village)
    sticks.round(village)
    world.sync(township)
    assert_equal(world)


def test_a_courier_takes_nothing_from_elsewhere(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    far, near, township = world.station("远", "230881100201"), world.station("近"), world.station("镇", TOWNSHIP)
    with pytest.raises(BundleError, match="不是给这台电脑"):
        stick.read(near, sticks.write(township))
    before = everything(township)
    with pytest.raises(BundleError, match="不是给这台电脑"):
        stick.read(township, sticks.write(far))
    assert everything(township) == before
    monkeypatch.setattr(courier, "MAX_CARRIED", 1)
    stick.read(township, sticks.write(near))
    with pytest.raises(BundleError, match="太多"):
        stick.read(township, sticks.write(near))


def test_receipts_need_the_countys_word_for_the_township(sticks: Sticks, world: World) -> None:
    village, township, other = sticks.station("村", VILLAGE), world.station("镇", TOWNSHIP), world.station("邻")
    up = sticks.write(village)
    for reader, forge in ((township, {"sync.replica.identity.certificate": lambda _session: bytes(64)}), (township, {})):
        receipts = sticks.path()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in forge.items():
                patch.setattr(name, value)
            stick.read(reader, up, reply=receipts)
        if forge:
            with pytest.raises(BundleError, match="签名不对"):
                stick.read(village, receipts)
            assert states(village) == ["written"]
        else:
            assert stick.read(village, receipts).receipts
            with pytest.raises(BundleError, match="不是给这台电脑"):
                stick.read(other, receipts)


# -- refused -----------------------------------------------------------------------------------------------------------


def test_a_revoked_station_is_told_and_keeps_its_work(sticks: Sticks, world: World) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    with world.county.write() as session:
        revoke(session, village.station)
    (taken,) = sticks.taken(sticks.write(village))
    assert taken.status == "revoked"
    assert taken.answer is not None
    with pytest.raises(Refused, match="停用"):
        stick.read(village, sticks.file(taken.answer))
    assert unsent(village) == 1
    with world.county.read() as session:
        assert session.conn.execute(select(entry)).first() is None


def test_files_for_others_are_refused_by_their_own_sentence(sticks: Sticks, world: World, tmp_path: Path, models: Path) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    add(village)
    add(other)
    answer = sticks.county(sticks.write(village))
    with pytest.raises(BundleError, match="不是给这台电脑"):
        stick.read(other, answer)
    with pytest.raises(BundleError, match="还没有县里的答复"):
        stick.read(village, sticks.write(village))
    with pytest.raises(BundleError, match="县里给村站"):
        sticks.county(answer)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = World(tmp_path / "elsewhere", models)
    try:
        foreign = Sticks(elsewhere, sticks.folder / "..")
        stranger = foreign.station("外", VILLAGE)
        before = everything(world.county)
        with pytest.raises(BundleError, match="另一个县") as refused:
            sticks.county(foreign.write(stranger))
        assert refused.value.exit_code == 3
        assert everything(world.county) == before
        with world.county.write() as session:
            session.conn.execute(device.delete().where(device.c.station == village.station))
        with pytest.raises(BundleError, match="没有登记") as refused:
            sticks.county(sticks.write(village))
        assert refused.value.exit_code == 5
    finally:
        elsewhere.close()


def test_one_refused_bundle_does_not_stop_the_others(sticks: Sticks, world: World) -> None:
    a, b = sticks.station("甲", VILLAGE), sticks.station("乙", OTHER_VILLAGE)
    add(a)
    add(b)
    township = sticks.station("镇", TOWNSHIP)
    both = sticks.file(*bundle.read_file(sticks.write(a)), *bundle.read_file(sticks.write(b)))
    stick.read(township, both)
    with world.county.write() as session:
        session.conn.execute(device.delete().where(device.c.station == a.station))
    taken = sticks.taken(both)
    assert [one.status for one in taken] == ["unknown", "ok"]
    assert taken[1].answer is not None
    reply = sticks.file(*(one.answer for one in taken if one.answer))
    for reader, told in ((township, ["refused", "county"]), (a, ["refused"])):
        result = stick.read(reader, reply)
        assert ["没有登记" in str(error) for error in result.refused] == [True]
        assert sorted(states(reader), reverse=True) == told
    assert [one.index.kind for one in bundle.read_file(sticks.write(township))] == ["up", "down"]
    assert stick.read(b, reply).exchange.pushed == 1


def test_a_whole_stick_is_read_at_once(sticks: Sticks, world: World) -> None:
    village, township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    add(village)
    path, written = stick.write_to_stick(village, sticks.folder / "..")
    assert path.parent.name == "cunzhan"
    assert len(path.name) < 64
    assert path.name.isascii()
    drive = path.parent.parent
    (path.parent / "broken.czb").write_bytes(b"cunzhan\x01 half")
    result = stick.read_folder(township, drive)
    assert [one.code for one in result.carried] == [written.receipt]
    assert ["broken.czb" in str(error) for error in result.refused] == [True]
    assert stick.read_folder(village, drive).receipts == [written.receipt]  # the township put the receipt onto it
    neighbour = world.station("邻")
    with pytest.raises(DomainError, match="不能读"):
        stick.read_folder(neighbour, drive)
    (path.parent / "broken.czb").unlink()
    with pytest.raises(BundleError, match="没有给这台电脑"):
        stick.read_folder(neighbour, drive)
