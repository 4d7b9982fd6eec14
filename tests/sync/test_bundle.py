"""A village and its county by stick: equal, in any order, twice, late, with holes, in parts."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from db import backup
from db.bundles import ahead
from db.exchange import cursor, entry, exchanges, outbox
from db.local import PRACTICE
from db.mapping import table
from db.session import Session
from db.snapshots import differences
from db.store import Store
from desktop.sync.reading import stick_standing
from domain.errors import DomainError, Refused
from server import devices
from server.status import standing as county_standing
from services.today import today
from sync.county import answering
from sync.county.receiving.ingest import ingest
from sync.replica import identity
from sync.replica.identity import new_incarnation
from sync.station import asking
from sync.station.enrol import enrol
from sync.station.recovery import mending
from sync.station.sealing.fork import fork
from sync.station.stick import reading
from sync.wire import bundle
from sync.wire.bundle import decoded
from sync.wire.messages import Answer
from sync.wire.words import BundleError
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, SERVER, VILLAGE, World, add, assert_equal, both, get, put, snapshots_where, unsent
from tests.sync.sticks import Sticks, states, suspected

# -- a village and its county ------------------------------------------------------------------------------------------


def test_a_practice_village_exchanges_with_nobody(sticks: Sticks, world: World) -> None:
    practice, real = world.store("练习"), sticks.station("村", VILLAGE)
    practice.set_meta(PRACTICE, "1")
    add(real)
    up = sticks.write(real)
    for exchange in (
        lambda: enrol(practice, SERVER, world.code(VILLAGE)),
        lambda: world.sync(practice),
        lambda: sticks.write(practice, code=world.code(VILLAGE)),
        lambda: sticks.write(practice),
        lambda: reading.read(practice, up),
    ):
        with pytest.raises(DomainError, match="练习村"):
            exchange()


def test_a_village_without_a_network_equals_the_county(sticks: Sticks, world: World) -> None:
    village = world.store("村")
    with pytest.raises(BundleError, match="还没有在县里注册"):
        sticks.write(village)
    joined = reading.read(village, sticks.county(sticks.write(village, code=world.code(VILLAGE))))
    assert joined.joined
    ids = [add(village) for _n in range(5)]
    up = sticks.write(village)
    assert (unsent(village), states(village)) == (5, ["written"])
    back = reading.read(village, sticks.county(up))
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


def test_each_file_of_a_stick_that_cannot_be_read_says_why(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of a newer program was called damaged, and its sender was asked for another one, which was just as new."""
    village = sticks.station("村", VILLAGE)
    sticks.write(village)
    (sticks.folder / "坏.czb").write_bytes(b"x" * 100)
    monkeypatch.setattr(bundle, "FORMAT", 0)
    with pytest.raises(DomainError, match=r"\d.czb：这个 U 盘文件是新版程序写的，请先升级村站通"):
        reading.read_folder(village, sticks.folder)
    for path in sticks.folder.glob("[0-9]*.czb"):
        path.unlink()
    with pytest.raises(DomainError, match=r"坏.czb：这不是村站通的 U 盘文件"):
        reading.read_folder(village, sticks.folder)


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


def test_an_answer_read_again_is_no_contact_with_the_county(sticks: Sticks) -> None:
    """「上次同步」 is when something of the county's was first read, not when the stick was put in once more."""
    village = sticks.station("村", VILLAGE)
    add(village)
    answer = sticks.county(sticks.write(village))

    for _time in range(2):
        assert reading.read(village, answer).answered
        with village.read() as session:
            assert len(exchanges(session)) == 1


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
        reading.read(village, answers[int(place)])
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
    reading.read(village, sticks.county(ups[0]))
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
    back = reading.read(village, late)
    assert (back.exchange.pushed, back.exchange.pulled) == (0, 0)
    add(village)
    sticks.county(sticks.write(village))  # the answer never comes back
    assert world.sync(village).pushed == 1
    assert suspected(world) == [0]
    assert_equal(world)


def without_the_first(sticks: Sticks, village: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stick file with all batches that wait but the first."""
    with monkeypatch.context() as later:
        later.setattr("sync.station.stick.writing.waiting", lambda session, me, _after, budget: asking.waiting(session, me, 1, budget))
        return sticks.write(village)


@both
def test_a_hole_at_the_county_is_kept_until_it_is_filled(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    first = sticks.write(village)
    for _n in range(2):
        add(village)
        sticks.write(village)  # each seals a batch of its own
    rest = without_the_first(sticks, village, monkeypatch)
    (taken,) = sticks.taken(rest)
    assert taken.status == "gap"
    with world.county.read() as session:
        assert session.conn.execute(select(entry)).first() is None
        assert [row.number for row in session.conn.execute(select(ahead))] == [2, 3]
        assert county_standing(session).early == 2
    assert taken.answer is not None
    with pytest.raises(Refused, match="缺少"):
        reading.read(village, sticks.file(taken.answer))
    assert unsent(village) == 3
    taken_at = list[Any]()

    def noted(session: Session, *rest: Any) -> str:
        taken_at.append(session)  # kept, so that each has an address of its own
        return ingest(session, *rest)

    monkeypatch.setattr(answering, "ingest", noted)
    assert [one.status for one in sticks.taken(first)] == ["ok"]
    assert len({id(session) for session in taken_at}) == 3, "the other stations would wait for all that was kept"
    with world.county.read() as session:
        assert [row.number for row in session.conn.execute(select(entry).order_by(entry.c.seq))] == [1, 2, 3]
        assert session.conn.execute(select(ahead)).first() is None
    sticks.round(village)
    assert_equal(world)


@both
def test_what_waits_at_the_county_is_dropped_once_it_came_under_another_incarnation(
    sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The laptop was restored from a backup: what it had sealed before it seals again, and the first of it may never come."""
    village = sticks.station("村", VILLAGE)
    for _n in range(3):
        add(village)
        sticks.write(village)  # each seals a batch of its own
    rest = without_the_first(sticks, village, monkeypatch)
    sticks.taken(rest)
    with world.county.read() as session:
        (found,) = devices.devices(session)
        assert (found.early, county_standing(session).early) == (2, 2)
    with village.applying() as session:
        me = identity.load(session)
        assert me is not None
        fork(session, me, new_incarnation())
    sticks.round(village)
    with world.county.read() as session:
        assert session.count("person") == 3
        assert (devices.devices(session)[0].early, county_standing(session).early) == (0, 0)
    assert_equal(world)


@pytest.mark.parametrize("bound", ["MAX_AHEAD", "MAX_AHEAD_BYTES"])
def test_of_batches_after_a_hole_the_county_keeps_a_bounded_number(
    sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    """A station could have filled the county's disk with batches that nothing came before. What is not kept stays in its outbox."""
    village = sticks.station("村", VILLAGE)
    add(village)
    first = sticks.write(village)
    for _n in range(3):
        add(village)
        sticks.write(village)  # each seals a batch of its own
    rest = without_the_first(sticks, village, monkeypatch)
    with village.read() as session:
        sizes = [len(body) for body in session.conn.execute(select(outbox.c.body).order_by(outbox.c.number)).scalars()]
    monkeypatch.setattr(answering, bound, 2 if bound == "MAX_AHEAD" else sum(sizes[1:3]))
    assert [one.status for one in sticks.taken(rest)] == ["gap"]
    with world.county.read() as session:
        assert [row.number for row in session.conn.execute(select(ahead))] == [2, 3]
    assert [one.status for one in sticks.taken(first)] == ["ok"]
    with world.county.read() as session:
        assert session.count("person") == 3
    sticks.round(village)
    assert_equal(world)


def test_a_hole_at_the_station_is_kept_and_moves_no_cursor(sticks: Sticks, world: World) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    add(other)
    world.sync(other)
    first = sticks.county(sticks.write(village))
    village.engine.dispose()
    shutil.copytree(village.home, world.folder / "before")
    reading.read(village, first)
    add(other)
    world.sync(other)
    second = sticks.county(sticks.write(village))
    village.close()
    world.stations["村"] = before = Store.open(world.folder / "before", user=None, password=PASSWORD)  # has not read the first answer
    read = reading.read(before, second)
    assert (read.exchange.pulled, read.early, "先读到 1 批" in read.sentence()) == (0, 1, True)
    with before.read() as session:
        assert (stick_standing(session).early, today(session, "2023-06-01").early) == (1, 1)
    with before.read() as session:
        assert session.conn.execute(select(cursor)).first() is None
        assert [row.number for row in session.conn.execute(select(ahead))] == [2]
    read = reading.read(before, first)
    assert (read.exchange.pulled, read.early) == (2, 0)
    with before.read() as session:
        assert session.conn.execute(select(ahead)).first() is None
    world.sync(other)
    assert_equal(world)


@pytest.mark.parametrize("whole", [False, True], ids=["log", "snapshot"])
def test_a_backup_put_back_that_reads_before_it_writes(
    sticks: Sticks, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """Numbers of the batches that wait are other ones from then on: what an answer from before acknowledges is not them."""
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    add(village)
    sticks.round(village)
    add(village)
    snapshots_where(monkeypatch, lambda _session, _scope, cursor, head: whole and head > cursor)
    up = sticks.write(village)
    add(other)
    world.sync(other)
    answer = sticks.county(up)
    last = add(village)
    sticks.write(village)
    made = backup.backup(village, tmp_path / "backup.zip")
    village.close()
    backup.restore(village.home, made.file, user=None, password=PASSWORD)
    world.stations["村"] = back = Store.open(village.home, user=None, password=PASSWORD)
    with suppress(BundleError):
        reading.read(back, answer)
    assert unsent(back) > 0
    for _trip in range(3):
        sticks.round(back)
    assert get(world.county, last) is not None
    assert unsent(back) == 0
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
    monkeypatch.setattr(mending, "SHARE", 0)
    village, other, person = sticks.station("村", VILLAGE), world.station("乙"), table("person")
    id, own = add(village, note="好"), add(village)
    sticks.round(village)
    assert sticks.round(village).exchange.different == 0
    with village.applying() as session:  # behind the program's back
        session.conn.execute(person.update().where(person.c.id == id).values(note="坏"))
    put(village, own, phone="1")  # what waits is no difference
    result = sticks.round(village)
    assert (result.exchange.different, result.exchange.mended, result.exchange.pushed) == (1, 0, 1)
    assert "请再写一份" in result.sentence()

    def standing() -> list[int]:
        counts = []
        for where in (village, world.county):
            with where.read() as session:
                counts.append(len(differences(session)))
        return counts

    assert standing() == [1, 1]
    world.sync(other)
    added = add(other)  # what others wrote meanwhile comes along
    world.sync(other)
    put(village, own, phone="2")
    late = sticks.county(sticks.write(village))
    put(village, id, phone="3")
    result = sticks.round(village)
    assert result.exchange.mended == 1
    assert "重新取回" in result.sentence() and "请再写一份" not in result.sentence()
    assert (get(village, id).note, get(village, id).phone, get(village, own).phone) == ("好", "3", "2")
    assert get(village, added) is not None
    assert reading.read(village, late).exchange.mended == 0  # an answer that was overtaken mends nothing twice
    assert sticks.round(village).exchange.different == 0
    assert standing() == [0, 0]
    world.sync(other)
    assert_equal(world)


def test_pieces_that_are_not_the_countys_mend_nothing(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "SHARE", 0)
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
    monkeypatch.setattr("sync.station.stick.writing.MAX_BODY", 500)
    monkeypatch.setattr("sync.county.bundle_intake.MAX_BODY", 500)
    result = sticks.round(village)
    assert result.more
    assert unsent(village) > 0
    for _round in range(6):
        result = sticks.round(village)
    assert not result.more
    world.sync(other)
    assert_equal(world)
