"""Enrolment by stick, and the files that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from db.exchange import device, entry
from domain.errors import DomainError, Refused
from server.devices import devices, revoke
from sync.station.stick import reading, writing
from sync.wire import bundle
from sync.wire.words import BundleError
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, unsent
from tests.sync.sticks import Sticks, everything, states
from tests.sync.test_exchange import revoked


def test_a_code_is_good_once_and_answers_again(sticks: Sticks, world: World) -> None:
    a, b = world.store("甲"), world.store("乙")
    code = world.code(VILLAGE)
    request = sticks.write(a, code=code)
    answers = [sticks.county(request), sticks.county(request)]
    assert reading.read(a, answers[1]).joined
    with pytest.raises(BundleError, match="已经注册好了"):
        reading.read(a, answers[0])
    (taken,) = sticks.taken(sticks.write(b, code=code))
    assert taken.status == "taken"
    assert taken.answer is not None
    with pytest.raises(Refused, match="别的电脑用过"):
        reading.read(b, sticks.file(taken.answer))
    with pytest.raises(BundleError, match="注册码不对"):
        sticks.county(sticks.write(b, code="0" * 16))
    with pytest.raises(BundleError):  # asked with another code meanwhile
        reading.read(b, sticks.file(taken.answer))
    with pytest.raises(BundleError, match="不是给这台电脑"):
        reading.read(a, sticks.write(b, code=world.code(VILLAGE)))


def test_the_stick_of_an_enrolment_is_read_again(sticks: Sticks, world: World) -> None:
    """The own request, which names no county, was told of as a file of another one: at each reading, for as long as it lay there."""
    village = world.store("村")
    request = sticks.write(village, code=world.code(VILLAGE))
    folder = sticks.county(request).parent
    assert request.parent == folder
    assert reading.read_folder(village, folder).joined
    with pytest.raises(BundleError, match="已经注册好了"):
        reading.read_folder(village, folder)
    add(village)
    sticks.county(sticks.write(village))
    result = reading.read_folder(village, folder)
    assert result.answered
    assert not result.refused


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
    assert reading.read(village, answer).exchange.pulled == 1
    assert not heard()
    sticks.round(village)
    assert heard()


def test_enrolled_by_stick_there_is_no_address_until_it_is_given(sticks: Sticks, world: World) -> None:
    from sync.station.enrol import enrol

    village = world.store("村")
    code = world.code(VILLAGE)
    reading.read(village, sticks.county(sticks.write(village, code=code)))
    with pytest.raises(DomainError, match="U 盘"):
        world.sync(village)
    enrol(village, "http://127.0.0.1:1", code, transport=world.line)  # the same code and key: the same answer
    add(village)
    assert world.sync(village).pushed == 1
    assert_equal(world)


def test_a_revoked_station_is_told_and_keeps_its_work(sticks: Sticks, world: World) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    with world.county.write() as session:
        revoke(session, village.station)
    (taken,) = sticks.taken(sticks.write(village))
    assert taken.status == "revoked"
    assert taken.answer is not None
    told = sticks.file(taken.answer)
    with pytest.raises(Refused, match="停用"):
        reading.read(village, told)
    assert (unsent(village), revoked(village), states(village)) == (1, True, ["refused"])
    with world.county.read() as session:
        assert session.conn.execute(select(entry)).first() is None
    reading.read(village, sticks.county(sticks.write(village, code=world.code(VILLAGE))))  # its right is given back
    assert not revoked(village)
    with pytest.raises(Refused, match="停用"):
        reading.read(village, told)  # late, and read again: it tells of what was
    assert not revoked(village)


def test_a_request_that_is_still_on_its_way_is_not_asked_for_again(sticks: Sticks, world: World) -> None:
    """Read with nothing but the own request on the stick, it said to write one first."""
    village = world.store("村", VILLAGE)
    writing.write(village, sticks.folder / "join.czb", code=world.code(VILLAGE))
    with pytest.raises(BundleError, match="还没有县里的答复"):
        reading.read_folder(village, sticks.folder)


def test_files_for_others_are_refused_by_their_own_sentence(sticks: Sticks, world: World, tmp_path: Path) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    add(village)
    add(other)
    answer = sticks.county(sticks.write(village))
    with pytest.raises(BundleError, match="不是给这台电脑"):
        reading.read(other, answer)
    with pytest.raises(BundleError, match="还没有县里的答复"):
        reading.read(village, sticks.write(village))
    with pytest.raises(BundleError, match="县里给村站"):
        sticks.county(answer)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = World(tmp_path / "elsewhere")
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
        with pytest.raises(BundleError, match="没有在县里注册") as refused:
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
    reading.read(township, both)
    with world.county.write() as session:
        session.conn.execute(device.delete().where(device.c.station == a.station))
    taken = sticks.taken(both)
    assert [one.status for one in taken] == ["unknown", "ok"]
    assert taken[1].answer is not None
    reply = sticks.file(*(one.answer for one in taken if one.answer))
    for reader, told in ((township, ["refused", "county"]), (a, ["refused"])):
        result = reading.read(reader, reply)
        assert ["没有在县里注册" in str(error) for error in result.refused] == [True]
        assert sorted(states(reader), reverse=True) == told
    assert [one.index.kind for one in bundle.read_file(sticks.write(township))] == ["up", "down"]
    assert reading.read(b, reply).exchange.pushed == 1


def test_a_whole_stick_is_read_at_once(sticks: Sticks, world: World) -> None:
    village, township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    add(village)
    path, written = writing.write_to_stick(village, sticks.folder / "..")
    assert path.parent.name == "cunzhan"
    assert len(path.name) < 64
    assert path.name.isascii()
    drive = path.parent.parent
    (path.parent / "broken.czb").write_bytes(b"cunzhan\x01 half")
    result = reading.read_folder(township, drive)
    assert [one.code for one in result.carried] == [written.receipt]
    assert ["broken.czb" in str(error) for error in result.refused] == [True]
    assert reading.read_folder(village, drive).receipts == [written.receipt]  # the township put the receipt onto it
    neighbour = world.station("邻")
    with pytest.raises(DomainError, match="不完整"):
        reading.read_folder(neighbour, drive)
    (path.parent / "broken.czb").unlink()
    with pytest.raises(BundleError, match="没有给这台电脑"):
        reading.read_folder(neighbour, drive)
