"""关键信息变更 between laptops: works at once, waits for the township, and no village can say it was confirmed."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from db import changes
from db.capture import control
from db.exchange import entry
from db.held import held
from db.store import Store
from services import key_changes, records
from services.payments import payees
from sync.county.acts import moves
from sync.county.keys import county_keys
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, TOWNSHIP, World, add, assert_equal, both, drop, get, put, snapshots_where
from tests.sync.forging import OwnProgram
from tests.sync.test_snapshot import installed

ACCOUNT, OTHER, THIRD = "6228480000000016620", "6228480000000016638", "6228480000000016646"


def waits(store: Store) -> list[str]:
    with store.read() as session:
        return [one.shown(plain=True)[1] for one in key_changes.waiting(session)]


def named(store: Store) -> str:
    with store.read() as session:
        return key_changes.waiting(session)[0].id


@both
def test_a_change_of_the_village_waits_everywhere_until_the_township_confirms(world: World) -> None:
    village, township, county = world.station("甲"), world.station("镇", TOWNSHIP), world.station("县", COUNTY)
    id = add(village, bank_account=ACCOUNT)
    world.settle()
    put(village, id, bank_account=OTHER)
    assert waits(village) == [OTHER]  # before anybody was asked
    world.settle()
    assert waits(village) == waits(township) == waits(county) == [OTHER]
    with village.write("硬写") as session:  # a tampered laptop, with a second user of its own
        code = key_changes.waiting(session)[0].pending.event.finding
        values = {"code": code, "record_id": id, "state": "verified", "by": "别人"}
        changes.insert(session, "finding", [{"id": session.new_id(), "village": village.scope, **values}])
    with village.write("再硬写") as session:  # and one that changes its mind on the way
        own = session.new_id()
        changes.insert(session, "finding", [{"id": own, "village": village.scope, **values, "state": "open"}])
    with village.write("改口") as session:
        changes.update(session, "finding", own, {"state": "verified"})
    world.settle()
    with world.county.read() as session:
        assert [one.reason for one in held(session)] == ["level", "level"]
    assert waits(township) == waits(county) == [OTHER]
    with township.write("确认") as session:
        key_changes.confirm(session, named(township), "已入户核实")
    world.settle()
    assert waits(village) == waits(township) == waits(county) == []
    with village.write("硬删") as session:
        t = next(one for one in session.select("finding") if one.reason == "已入户核实")
        changes.delete(session, "finding", t.id)
    world.settle()
    assert waits(township) == waits(county) == []
    assert_equal(world)


def test_a_laptop_that_joins_by_a_snapshot_knows_what_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of changes is in it."""
    village, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(village, bank_account=ACCOUNT)
    world.settle()
    put(village, id, bank_account=OTHER)
    world.settle()
    snapshots_where(monkeypatch, lambda _session, _scope, cursor, head: head > cursor)
    late = world.station("镇二", TOWNSHIP)
    world.sync(late)
    assert installed(late)
    assert waits(late) == waits(township) == [OTHER]


def test_a_slip_mended_before_the_exchange_is_no_change_on_any_laptop(world: World) -> None:
    village, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(village, bank_account=ACCOUNT)
    put(village, id, bank_account=OTHER)
    assert waits(village) == []
    world.settle()
    assert waits(village) == waits(township) == []
    with village.write("再改") as session:
        records.save(session, "person", {"bank_account": ACCOUNT}, id)
    world.settle()
    assert waits(village) == waits(township) == [ACCOUNT]


@both
def test_what_waits_goes_on_waiting_when_the_person_moves(world: World) -> None:
    """All of a history comes in one entry then: what was changed the same day, but after the first account was sent, passed for a slip."""
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    id, keys = add(a, bank_account=ACCOUNT), county_keys(world.county)
    world.settle()
    put(a, id, bank_account=OTHER)
    world.settle()
    for to, there in ((OTHER_VILLAGE, b), (a.scope, a)):
        with world.county.write() as session:
            moves.move(session, keys, "person", id, to)
        world.settle()
        assert waits(there) == waits(town) == [OTHER]
    with town.write("核实") as session:
        key_changes.confirm(session, key_changes.waiting(session)[0].id)
    world.settle()
    assert waits(a) == waits(town) == []
    with world.county.write() as session:
        moves.move(session, keys, "person", id, OTHER_VILLAGE)
    world.settle()
    assert waits(b) == waits(town) == []


def test_who_was_merged_into_somebody_of_another_village_waits_for_nobody(world: World) -> None:
    """The village reads its own record only, and neither township nor county lists a change of it any more."""
    village, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(village, bank_account=ACCOUNT)
    into = add(township, village=OTHER_VILLAGE)
    world.settle()
    put(village, id, bank_account=OTHER)
    put(township, id, merged_into=into)
    world.settle()
    assert waits(village) == waits(township) == []
    put(township, id, merged_into=None)
    world.settle()
    assert waits(village) == waits(township) == [OTHER]


def test_a_confirmation_holds_for_one_change_only(world: World) -> None:
    """A tampered laptop that dates another account as the one that was confirmed finds no second pair of eyes."""
    village, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(village, bank_account=ACCOUNT)
    world.settle()
    put(village, id, bank_account=OTHER)
    world.settle()
    with township.write("确认") as session:
        (one,) = key_changes.waiting(session)
        key_changes.confirm(session, one.id)
    world.settle()
    assert waits(village) == waits(township) == []
    with village.write("同一时刻") as session:
        session.conn.execute(update(control).values(at=one.pending.event.at))  # by which the log dates it
        records.save(session, "person", {"bank_account": THIRD}, id)
    assert waits(village) == [THIRD]
    world.settle()
    assert waits(village) == waits(township) == [THIRD]
    with township.read() as session:
        assert not key_changes.confirmed(session, one.pending.event)


@both
def test_an_edit_that_brings_a_deleted_person_back_waits_too(world: World) -> None:
    """One laptop deletes the person, the other changes the account meanwhile: the log calls that a restoration, and nobody was asked."""
    one, other, township = world.station("甲"), world.station("乙"), world.station("镇", TOWNSHIP)
    id = add(one, bank_account=ACCOUNT)
    world.settle()
    drop(one, id)
    put(other, id, bank_account=OTHER)
    world.sync(one)
    world.sync(other)
    world.settle()
    assert (get(township, id).bank_account, get(township, id).deleted_at) == (OTHER, None)
    for store in (one, other, township):
        assert waits(store) == [OTHER]
    with world.county.read() as session:
        told = payees.doubts(session, {"claim": session.get("person", id)})["claim"]
    assert "还没有人确认" in told and "在审批后" in told
    with township.write("确认") as session:
        key_changes.confirm(session, named(township))
    world.settle()
    assert waits(one) == waits(township) == []


def test_a_change_dated_years_ago_waits_all_the_same(world: World) -> None:
    """A clock set back, or a program of the clerk's own: the list went by the date that the laptop gave."""
    village, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id, other = (add(village, bank_account=ACCOUNT) for _n in range(2))
    own = OwnProgram(world, village)
    own.say(own.change("person", other, "U", bank_account=THIRD, when="2024-01-01T08:00:00Z"), known=0)  # not there yet: held
    world.settle()
    with township.applying() as session:  # it has been there for a year
        session.conn.execute(update(entry).values(at="2025-01-01T08:00:00Z"))
    own.say(own.change("person", id, "U", bank_account=OTHER, when="2024-01-01T08:00:00Z"))
    world.settle()
    assert waits(township) == [OTHER]
    with world.county.read() as session:
        assert [one.shown(plain=True)[1] for one in key_changes.waiting(session)] == [OTHER]
    late = world.station("镇二", TOWNSHIP)
    world.sync(late)
    assert waits(late) == []  # all of the log arrived there on one day
