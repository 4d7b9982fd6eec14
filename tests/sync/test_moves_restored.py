"""A county put back from a backup, and moves it had made since: whichever half comes back, from whomever, nobody ends up in no village."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from db import changes
from db.exchange import closed_into, conflict, held_change
from db.store import Store
from domain.fields import kind_of
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.station import rounds
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, drop, get, put, put_back, save, snapshots_where
from tests.sync.test_county_restored import log, sound
from tests.sync.test_erasure import erase
from tests.sync.test_identity import copied, lose
from tests.sync.traces import NAME, PHONE, traces


def move(world: World, id: str, to: str = OTHER_VILLAGE, **more: Any) -> None:
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", id, to, **more)


def gone(world: World, store: Store) -> None:
    """A laptop that is never seen again."""
    del world.stations[store.home.name]
    store.close()


def held(world: World) -> int:
    with world.county.read() as session:
        return session.conn.execute(select(func.count()).select_from(held_change)).scalar_one()


def quiet(world: World) -> None:
    world.settle()
    assert_equal(world)
    sound(world)
    assert held(world) == 0


def test_only_the_leaving_comes_back_and_the_county_makes_the_entering_anew(world: World) -> None:
    a, c = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    id = add(a, name="张三", phone="1")
    job = add(a, "employment", person_id=id, channel="migrant", place="210200", start="2023-02-10")
    put(a, id, phone="2")
    world.settle()
    save(world)
    move(world, id)
    world.sync(a)
    put_back(world)
    quiet(world)
    assert get(a, id) is None
    person = get(c, id)
    assert (person.village, person.name, person.phone) == (OTHER_VILLAGE, "张三", "2")
    assert get(c, job, "employment") is not None
    put(c, id, note="新村的")
    quiet(world)


@pytest.mark.parametrize(("who", "scope"), [("镇", TOWNSHIP), ("甲", VILLAGE)])
def test_the_village_somebody_went_to_was_closed_since_the_county_was_put_back(world: World, who: str, scope: str) -> None:
    """Who comes with both halves of the move, or with the leaving alone, brings them to where that village is by now."""
    a, last = world.station("甲"), world.station("丁", "230826101204")
    town = world.station("镇", TOWNSHIP)
    id = add(a, name="张三")
    world.settle()
    save(world)
    move(world, id)
    world.sync(town if scope == TOWNSHIP else a)
    put_back(world)
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.merge_villages(session, keys, OTHER_VILLAGE, last.scope)
    world.sync(world.stations[who])
    quiet(world)
    assert get(last, id).name == "张三"


def test_of_the_entering_only_a_snapshot_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, town = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(a, name="张三")
    world.settle()
    save(world)
    move(world, id)
    with monkeypatch.context() as patch:
        snapshots_where(patch, lambda _s, scope, cursor, head: scope == OTHER_VILLAGE and head > cursor)
        world.settle()
    put_back(world)
    world.sync(town)
    quiet(world)
    assert get(town, id).village == OTHER_VILLAGE


@pytest.mark.parametrize(("here", "there"), [(VILLAGE, OTHER_VILLAGE), (OTHER_VILLAGE, VILLAGE)])
def test_who_has_both_halves_gives_both_their_places_back(world: World, here: str, there: str) -> None:
    """Also where the log entered stands before the one that was left."""
    a, c, town = world.station("甲", here), world.station("丙", there), world.station("镇", TOWNSHIP)
    id = add(a, name="张三")
    house = add(c, "household", number="0002")
    world.settle()
    save(world)
    move(world, id, there, household=house)
    world.settle()
    put(c, id, note="新村的")
    world.settle()
    before = log(world)
    put_back(world)
    world.sync(town)
    assert log(world) == before
    quiet(world)
    assert (get(town, id).note, get(c, id).household_id) == ("新村的", house)


@pytest.mark.parametrize(("first", "wrote"), [("甲", "nobody"), ("丙", "nobody"), ("丙", "here"), ("甲", "there")])
def test_each_village_brings_its_half(world: World, first: str, wrote: str) -> None:
    """Whoever comes first; also where somebody has filled the places meanwhile."""
    a, c, town = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    b, d = world.station("乙"), world.station("丁", OTHER_VILLAGE)
    id = add(a, name="张三", phone="1")
    house = add(c, "household", number="0002")
    world.settle()
    save(world)
    put(a, id, phone="2")
    new = add(a, name="刚登记")
    world.sync(a)
    for one in (id, new):
        move(world, one, household=house)
    world.sync(a, c)
    put(c, id, note="新村的")
    put(c, new, phone="3")
    world.sync(c)
    put_back(world)
    other = b if wrote == "here" else d
    waiting = [add(other) for _n in range(2 if wrote != "nobody" else 0)]
    if waiting:
        world.sync(other)
    if wrote == "here":
        put(b, id, bank_account="6222")
        world.sync(b)
    world.sync(*((a, c) if first == "甲" else (c, a)))
    world.settle()
    assert_equal(world)
    sound(world)
    assert get(a, id) is None
    person = get(town, id)
    assert (person.village, person.phone, person.note) == (OTHER_VILLAGE, "2", "新村的")
    assert (get(town, new).village, get(town, new).name, get(town, new).phone) == (OTHER_VILLAGE, "刚登记", "3")
    if wrote == "here":
        assert person.bank_account == "6222"
    assert all(get(town, i) is not None for i in waiting)
    put(c, id, note="后来的")
    world.settle()
    assert get(town, id).note == "后来的"
    assert_equal(world)


def test_an_entering_that_comes_late_does_not_write_over_what_was_done_since(world: World) -> None:
    a, c, d = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("丁", OTHER_VILLAGE)
    id = add(a, name="张三", phone="1")
    world.settle()
    save(world)
    move(world, id)
    world.settle()
    put_back(world)
    world.sync(a)
    with world.county.read() as session:
        assert session.get("person", id).village == OTHER_VILLAGE
    gone(world, a)
    world.sync(d)
    put(d, id, phone="9")
    world.sync(d)
    quiet(world)
    assert get(c, id).phone == "9"


@pytest.mark.parametrize("first", ["甲", "丙"])
def test_a_village_that_was_merged_into_another_is_so_again(world: World, first: str) -> None:
    """Late work of the closed village is passed on as before, also of rows the county never knew."""
    a, c, late = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("迟")
    ids = [add(a) for _n in range(3)]
    world.settle()
    save(world)
    lost = add(a, name="丢了")
    world.sync(a)
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.merge_villages(session, keys, VILLAGE, OTHER_VILLAGE)
    world.sync(a, c)
    put(c, lost, note="新村的")
    world.sync(c)
    put_back(world)
    world.sync(*((a, c) if first == "甲" else (c, a)))
    put(late, ids[0], phone="9")
    new = add(late)
    world.settle()
    assert_equal(world)
    sound(world)
    assert held(world) == 0
    assert {get(c, id).village for id in (*ids, lost, new)} == {OTHER_VILLAGE}
    assert (get(c, lost).note, get(c, ids[0]).phone) == ("新村的", "9")
    with world.county.read() as session:
        assert closed_into(session, VILLAGE) == OTHER_VILLAGE


def test_an_entering_that_comes_late_brings_back_nothing_that_was_erased_meanwhile(world: World) -> None:
    a, c = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    id = add(a, name=NAME, phone="1")
    world.settle()
    save(world)
    put(a, id, phone=PHONE)
    world.sync(a)
    move(world, id)
    world.sync(a, c)
    put_back(world)
    gone(world, a)
    erase(world, id)
    world.settle()
    assert_equal(world)
    sound(world)
    for where in (world.county, c):
        with where.read() as session:
            assert not traces(session.conn, (NAME, PHONE))


@pytest.mark.parametrize("first", ["甲", "丙", "镇"])
def test_what_was_passed_on_after_a_move_is_passed_on_again(world: World, first: str) -> None:
    """Whether the log it came in is brought first, or the one it went to, or both together: once."""
    stores = {"甲": world.station("甲"), "丙": world.station("丙", OTHER_VILLAGE), "镇": world.station("镇", TOWNSHIP)}
    a = stores["甲"]
    id = add(a, name="张三", phone="1")
    world.settle()
    save(world)
    move(world, id)
    put(a, id, phone="2", bank_account="6222")
    world.sync(a)
    if first == "甲":
        gone(world, stores.pop("丙"))
        gone(world, stores.pop("镇"))
    world.sync(*stores.values())
    put_back(world)
    world.sync(stores.pop(first), *stores.values())
    late = world.station("新", OTHER_VILLAGE)
    quiet(world)
    assert (get(late, id).phone, get(late, id).bank_account) == ("2", "6222")
    with late.read() as session:
        listed = session.conn.execute(select(conflict.c.state)).scalars().all()
    assert listed == (["info"] if first == "丙" else [])  # there it met an entering made anew


def listed(world: World) -> list[tuple[int, str, str, str]]:
    with world.county.read() as session:
        return [(c.field, c.earlier, c.later, c.state) for c in session.conn.execute(select(conflict))]


def test_what_followed_an_entering_follows_it_made_anew(world: World) -> None:
    """Edits of the new village on what its laptop had seen enter are nobody's contradiction, though the county made the entering anew."""
    a, c, d = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("丁", OTHER_VILLAGE)
    id = add(a, name="张三", phone="1", bank_account="6000")
    world.settle()
    save(world)
    move(world, id)
    world.settle()
    put(c, id, phone="2", bank_account="6222")
    world.sync(c)
    put(c, id, phone="3")
    world.settle()
    put(d, id, note="丁写的")
    world.sync(d)
    put_back(world)
    world.sync(a)
    world.sync(c)
    quiet(world)
    assert (get(d, id).phone, get(d, id).bank_account, get(d, id).note) == ("3", "6222", "丁写的")
    assert listed(world) == []
    for store in (c, d):
        with store.read() as session:
            told = [(h.by, h.new) for h in changes.history(session, "person", id) if h.what == "U"]
        assert sorted(told) == sorted([("丙", "2"), ("丙", "6222"), ("丙", "3"), ("丁", "丁写的")])


@pytest.mark.parametrize("disagrees", [True, False])
@pytest.mark.parametrize("budget", [1, rounds.LAST_BUDGET])
def test_a_lost_edit_follows_the_lost_edit_its_author_saw(
    world: World, disagrees: bool, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though others filled their places meanwhile, and though the two come in one request each where they are too much for one: it is
    listed against those others only, and only where they wrote the same field."""
    monkeypatch.setattr(rounds, "LAST_BUDGET", budget)
    a, b, w = world.station("甲"), world.station("乙"), world.station("丁")
    id, other = add(a, phone="0", bank_account="0"), add(a)
    world.settle()
    save(world)
    put(a, id, phone="1", bank_account="1")
    world.sync(a, b)
    put(b, id, phone="2", bank_account="2")
    world.sync(b, a)
    put_back(world)
    put(w, id if disagrees else other, phone="9")
    world.sync(w)
    world.sync(a)
    quiet(world)
    assert (get(w, id).phone, get(w, id).bank_account) == ("2", "2")
    phone = kind_of("person").by_name["phone"].number
    assert listed(world) == ([(phone, '"9"', '"1"', "info")] if disagrees else [])


@pytest.mark.parametrize("first", ["甲", "读"])
def test_a_lost_edit_follows_the_one_its_author_saw_in_another_request(world: World, first: str) -> None:
    """Somebody who had read only the first of two brings it, then comes the author of the second: he had seen it all the same."""
    a, b, w, reader = world.station("甲"), world.station("乙"), world.station("丁"), world.station("读")
    id, other = add(a, phone="0", bank_account="0"), add(a)
    world.settle()
    save(world)
    put(a, id, phone="1", bank_account="1")
    world.sync(a, b, reader)
    put(b, id, phone="2", bank_account="2")
    world.sync(b)
    put_back(world)
    put(w, other, phone="9")
    world.sync(w)
    world.sync(world.stations[first])
    world.sync(b)
    quiet(world)
    assert (get(w, id).phone, get(w, id).bank_account) == ("2", "2")
    assert listed(world) == []


def test_the_same_lost_edit_from_several_holders_is_one(world: World) -> None:
    """Its author's own copy, sealed again after the county was put back, among them; what the author did on top of it follows it."""
    a, b, w = world.station("甲"), world.station("乙"), world.station("丁")
    id, gone, other = add(a, phone="0", bank_account="0"), add(a), add(a)
    world.settle()
    save(world)
    put(a, id, phone="1", bank_account="1")
    put(a, gone, note="甲注")
    made = add(a, phone="1", bank_account="1")
    world.sync(a, b)
    put_back(world)
    put(w, other, phone="9")
    world.sync(w)
    for each in (id, made):
        put(a, each, phone="3", bank_account="3")
    drop(a, gone)
    world.sync(b)
    world.sync(a)
    quiet(world)
    assert listed(world) == []
    assert [(get(w, each).phone, get(w, each).bank_account) for each in (id, made)] == [("3", "3")] * 2
    assert get(w, gone) is None
    for where in (a, w, world.county):
        with where.read() as session:
            told = [h.new for h in changes.history(session, "person", id) if h.what == "U"]
        assert sorted(told) == ["1", "1", "3", "3"]


def test_what_a_copy_had_not_seen_is_still_listed(world: World) -> None:
    """The other copy's edit is not its own, though both bear the name of one laptop."""
    a, b = world.station("甲"), world.station("乙")
    id = add(a, bank_account="0")
    world.settle()
    copy = copied(world, a, "copy")
    put(a, id, bank_account="1")
    world.sync(a)
    put(copy, id, bank_account="2")
    world.sync(copy)
    world.settle()
    assert get(b, id).bank_account == "1"
    assert [(earlier, later, state) for _field, earlier, later, state in listed(world)] == [('"1"', '"2"', "open")]
    assert_equal(world)


def test_a_copy_follows_what_it_had_changed_before_it_was_one(world: World) -> None:
    """Whose answer was lost: both copies send it, and it is in the log once."""
    a, b = world.station("甲"), world.station("乙")
    id = add(a, bank_account="0")
    world.settle()
    put(a, id, bank_account="1")
    lose(world, a)
    copy = copied(world, a, "copy")
    put(copy, id, bank_account="2")
    world.sync(a)
    add(a)
    world.sync(a)
    world.sync(copy)
    world.settle()
    assert get(b, id).bank_account == "2"
    assert listed(world) == []
    assert_equal(world)
