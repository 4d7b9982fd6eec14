"""Held changes are made again once their cause is gone, by whoever may, and every replica hears that they were."""

from __future__ import annotations

import pytest

from cli.exchange import held_answer
from db import acts, changes
from db.capture import op
from db.held import Held, count, held
from db.store import Store
from desktop.sync.reading import held_shown
from domain.errors import DomainError, NotFound, Unreachable
from services import records
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.station import releasing
from tests.sync.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    TOWNSHIP,
    VILLAGE,
    World,
    add,
    assert_equal,
    both,
    get,
    put,
    snapshots_where,
)
from tests.sync.test_claims import carried, file, step


def waiting(store: Store) -> list[Held]:
    with store.read() as session:
        return held(session)


def stands(store: Store, one: Held) -> str | None:
    with store.read() as session:
        return releasing.obstacle(session, one)


def release(store: Store, one: Held) -> None:
    with store.write("放行") as session:
        releasing.release(session, releasing.find(session, releasing.key_of(one)))


@both
def test_what_a_village_had_no_right_to_write_the_township_releases(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    id = add(a, name="写错村", village=OTHER_VILLAGE)
    world.settle()
    (one,) = waiting(a)
    assert (one.reason, get(town, id)) == ("rights", None)
    assert stands(a, one) is not None
    with pytest.raises(DomainError, match="还不能放行"):
        release(a, one)
    (one,) = waiting(town)
    assert stands(town, one) is None
    release(town, one)
    assert waiting(town) == []
    world.settle()
    assert get(b, id).name == "写错村"
    assert waiting(a) == []  # it is told where it was held, not where the row lives
    with world.county.read() as session:
        assert held(session) == []


@both
def test_what_is_about_anothers_people_is_released_once_they_are_here(world: World) -> None:
    """Before that nobody can: the county would hold it again."""
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    hers, own = add(b), add(a)
    job = add(a, "employment", person_id=own, channel="migrant", place="210200", start="2023-02-10")
    world.settle()
    put(a, job, "employment", person_id=hers)
    world.settle()
    for store, word in ((a, "别的村"), (town, "日升村")):
        (one,) = waiting(store)
        assert one.reason == "scope" and word in str(stands(store, one))
        with pytest.raises(DomainError, match="还不能放行"):
            release(store, one)
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", hers, VILLAGE)
    world.settle()
    release(a, waiting(a)[0])
    world.settle()
    for place in (a, town, world.county):
        assert get(place, job, "employment").person_id == hers
        with place.read() as session:
            assert held(session) == []


@pytest.mark.parametrize("into", [VILLAGE, OTHER_VILLAGE])
def test_a_release_is_told_though_its_village_is_merged_meanwhile(world: World, into: str) -> None:
    a, town = world.station("甲"), world.station("镇", TOWNSHIP)
    add(a, name="写错村", village=OTHER_VILLAGE)
    world.settle()
    release(town, waiting(town)[0])
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.merge_villages(session, keys, OTHER_VILLAGE if into == VILLAGE else VILLAGE, into)
    assert_equal_after(world)
    assert waiting(town) == waiting(a) == []


def test_a_release_that_a_snapshot_passes_over_is_heard(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, town = world.station("甲"), world.station("镇", TOWNSHIP)
    add(a, name="写错村", village=OTHER_VILLAGE)
    world.settle()
    release(town, waiting(town)[0])
    world.sync(town)
    snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor)
    assert_equal_after(world)
    assert waiting(a) == []


def test_a_refused_value_is_released_when_nothing_stands_in_its_way(world: World) -> None:
    a, b = world.station("甲"), world.station("甲二")
    job = add(a, "employment", person_id=add(a), channel="migrant", place="210200", start="2023-02-10")
    pay = add(a, "wage", employment_id=job, month="2023-03", paid_on="2023-03", amount=400000)
    world.settle()
    put(a, pay, "wage", amount=500000)
    world.settle()
    (one,) = waiting(b)
    assert (one.reason, get(a, pay, "wage").amount) == ("append", 400000)
    assert "账目" in str(stands(a, one))
    with a.write("x") as session:
        changes.delete(session, "wage", pay)
    assert stands(a, one) is not None
    assert_equal_after(world)


def assert_equal_after(world: World) -> None:
    world.settle()
    assert_equal(world)


def test_releasing_is_told_to_everyone_and_can_be_undone_before_it_is_sent(world: World) -> None:
    a, b, town = world.station("甲"), world.station("甲二"), world.station("镇", TOWNSHIP)
    first = add(a, name="一", village=OTHER_VILLAGE)
    second = add(a, name="二", village=OTHER_VILLAGE)
    world.settle()
    assert {one.record_id for one in waiting(b)} == {first, second}
    with town.write("放行") as session:
        assert releasing.release_all(session, held(session)) == 2
        act = session.act
    assert act is not None
    with town.write("撤销") as session:
        acts.undo(session, act)
    assert {one.record_id for one in waiting(town)} == {first, second}
    with town.write("重做") as session:
        assert records.redo_last(session)
    assert waiting(town) == []
    with town.write("撤销") as session:
        acts.undo(session, act)
    release(town, waiting(town)[0])
    world.settle()
    assert len(waiting(town)) == 1
    with town.read() as there, world.county.read() as session:
        assert [one.record_id for one in held(session)] == [one.record_id for one in held(there)]


def test_a_record_of_another_village_is_not_released_by_who_does_not_read_it(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    id = add(b)
    world.settle()
    add(a, id=id, name="同号")
    world.settle()
    (one,) = waiting(a)
    assert one.reason == "scope" and "别的村" in str(stands(a, one))  # it would be held again at each exchange
    assert stands(town, one) is None


def test_unknown_names_are_refused(world: World) -> None:
    a = world.station("甲")
    with a.read() as session:
        for key in ("", "1/2/3", "x"):
            with pytest.raises(NotFound):
                releasing.find(session, key)


def test_who_cannot_write_where_a_change_is_held_does_not_end_that(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    add(a, name="写错村", village=OTHER_VILLAGE)
    world.settle()
    (one,) = waiting(a)
    monkeypatch.setattr("sync.station.sealing.seal.released_in", lambda _change: None)  # a program that says it in its own log
    with b.write("放行") as session:
        session.conn.execute(op.insert().values(**releasing._mark(session, one)))
    world.settle()
    assert waiting(a) == waiting(town) == [one]


@both
@pytest.mark.parametrize("way", ["log", "snapshot"])
def test_what_the_county_holds_again_is_listed_again_where_it_was_released(world: World, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """The laptop that released an edit of an approved claim no longer listed it; all others did."""
    village, town, county = world.station("甲"), world.station("镇", TOWNSHIP), world.station("县", COUNTY)
    claim = file(village, add(village))
    carried(world, village, town, county, claim, "approved")
    put(county, claim, "claim", amount=60_000)
    world.settle()
    (one,) = waiting(town)
    monkeypatch.setattr(releasing, "_decided", lambda *_of: None)  # an earlier program, which offered it
    release(town, one)
    if way == "snapshot":
        world.line.after = 1
        with pytest.raises(Unreachable):
            world.sync(town)
        add(village)
        world.sync(village)
        snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor)
    world.settle()
    assert sorted(each.reason for each in waiting(town)) == ["fixed", "path", "rights"]
    assert_equal(world)


@both
def test_what_a_claim_has_passed_needs_nobody_and_is_never_released(world: World) -> None:
    """Two laptops reviewed one claim offline, one with another amount: what was refused was offered for release, which made more of it,
    and stayed on the badge of every station for ever."""
    a, b, town = world.station("甲"), world.station("甲二"), world.station("镇", TOWNSHIP)
    id = file(a, add(a))
    world.settle()
    step(a, id, "village_reviewed")
    put(b, id, "claim", amount=18000)
    step(b, id, "village_reviewed")
    world.sync(a)
    world.settle()
    found = waiting(town)
    changed = next(one for one in found if (one.kind, one.what) == ("claim", "U"))
    for store in (a, b, town):
        with store.read() as session:
            assert count(session) == 2  # the amount and its papers: the step itself was taken by the other laptop
        assert "已经办到" in str(stands(store, changed))
        with pytest.raises(DomainError, match="还不能放行"):
            release(store, changed)
        with store.write("放行") as session:
            assert releasing.release_all(session, found) == 0
    step(town, id, "returned")
    world.settle()
    late = world.station("新电脑")
    world.settle()
    for place in (a, b, town, late, world.county):
        with place.read() as session:
            assert count(session) == 0 and len(held(session)) == len(found)
    assert "留作记录" in str(stands(a, changed))
    with a.read() as session:
        told = held_answer(session, plain=False)
        assert all(one["over"] for one in told.value) and "留作记录" in told.text
        assert all(one.over and "留作记录" in one.obstacle for one in held_shown(session))
