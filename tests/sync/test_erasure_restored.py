"""Erasure beside yesterday: a backup, a county put back, an erasure that comes back to where somebody erased since."""

from __future__ import annotations

import pytest

from db import backup, changes
from db.held import held
from sync.county.sending import snapshot
from sync.replica import audit
from sync.station.sealing.seal import seal_all
from tests.sync.conftest import TOWNSHIP, World, add, assert_equal, get, person_values, put, put_back, save, snapshots_where
from tests.sync.test_county_restored import log
from tests.sync.test_erasure import clean, erase, her, identity_of
from tests.sync.test_identity import restored
from tests.sync.traces import NAME, PHONE, traces


@pytest.mark.parametrize("by_snapshot", [False, True])
def test_a_backup_from_before_erases_again_when_it_catches_up(world: World, monkeypatch: pytest.MonkeyPatch, by_snapshot: bool) -> None:
    a = world.station("甲")
    ids = her(a)
    world.settle()
    backup.backup(a, world.folder / "backup.zip")
    erase(world, ids["person"])
    put(a, ids["other"], phone="13611112222")
    world.settle()
    if by_snapshot:
        snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor)
        monkeypatch.setattr(snapshot, "BUDGET", 1)
    again = restored(world, "甲", world.folder / "backup.zip")
    with again.read() as session:
        assert traces(session.conn)
    world.settle()
    with again.read() as session:
        assert not traces(session.conn)
        assert audit.verify(session).ok
    assert_equal(world)


def test_a_county_put_back_from_before_is_told_by_the_stations(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    ids = her(a)
    world.settle()
    save(world)
    erase(world, ids["person"])
    world.settle()
    before = log(world)
    put_back(world)
    assert world.sync(township).restored > 0
    assert log(world) == before
    world.settle()
    clean(world)
    assert_equal(world)


def test_what_came_late_comes_back_as_it_was_left(world: World) -> None:
    """Its values were erased as it came: nothing is left to be erased when a county put back from a backup is told of it."""
    a, b = world.station("甲"), world.station("乙")
    ids = her(a)
    world.settle()
    add(b, "visit", household_id=ids["household"], person_id=ids["person"], on="2023-06-01", content=PHONE)
    erase(world, ids["person"])
    save(world)
    world.settle()
    before = log(world)
    put_back(world)
    world.settle()
    assert log(world) == before
    clean(world)
    assert_equal(world)


def test_an_empty_county_is_given_rewritten_batches(world: World) -> None:
    a = world.station("甲")
    save(world)
    ids = her(a)
    world.settle()
    erase(world, ids["person"])
    world.settle()
    before = log(world)
    put_back(world)
    world.settle()
    assert log(world) == before
    clean(world)
    assert_equal(world)


@pytest.mark.parametrize("same", [True, False])
def test_an_erasure_that_comes_back_to_a_county_that_erased_since(world: World, same: bool) -> None:
    """The same person or another one of the same batch: what is left of it is signed once more, also where more was erased than there."""
    a, b = world.station("甲"), world.station("乙")
    with a.write("导入") as session:
        ids = [session.new_id() for _n in range(3)]
        rows = [{"id": id, "village": a.scope, **person_values(name=name)} for id, name in zip(ids, (NAME, PHONE, "王五"), strict=True)]
        changes.insert(session, "person", rows)
    world.settle()
    save(world)
    erase(world, ids[0])
    world.sync(a)
    put_back(world)
    erase(world, ids[0] if same else ids[1])
    world.sync(b)
    put(b, ids[2], note="乙写的")
    world.settle()
    assert_equal(world)
    world.station("新")
    world.settle()  # a log from its beginning can still be read
    if same:
        erase(world, ids[1])
        world.settle()
    clean(world)
    world.stations.pop("新").close()  # the county of yesterday does not know it
    put_back(world)
    world.settle()
    assert_equal(world)
    clean(world)
    assert get(a, ids[2]).note == "乙写的"


def test_what_a_backup_sends_a_second_time_is_erased_a_second_time(world: World) -> None:
    a = world.station("甲")
    ids = her(a)
    with a.applying() as session:
        seal_all(session, identity_of(a))
    backup.backup(a, world.folder / "backup.zip")
    world.settle()
    erase(world, ids["person"])
    world.settle()
    again = restored(world, "甲", world.folder / "backup.zip")
    assert world.sync(again).forked
    world.settle()
    clean(world)
    assert_equal(world)
    with again.read() as session:
        assert held(session) == []
