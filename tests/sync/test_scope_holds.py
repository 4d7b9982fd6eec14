"""What a village writes about another village's people is held, and there is always a way on from there: nothing of it is stuck or lost."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from db import changes
from db.county import County
from db.held import Held, held
from db.mapping import TABLES, table
from db.store import Store
from domain.dependents import owners
from domain.fields import kind_of
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.station import releasing
from sync.wire.messages import reads
from tests.seeds import seeds
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put, seeded

JOB = {"channel": "migrant", "place": "210200", "start": "2023-02-10"}


def waiting(store: Store | County) -> list[Held]:
    with store.read() as session:
        return held(session)


def stands(store: Store, one: Held) -> str | None:
    with store.read() as session:
        return releasing.obstacle(session, one)


def release_all(store: Store) -> int:
    with store.write("放行") as session:
        return releasing.release_all(session, held(session))


def move(world: World, kind: str, id: str, to: str, household: str | None = None) -> None:
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, kind, id, to, household=household)


def settled(world: World) -> None:
    world.settle()
    assert_equal(world)
    assert list(out_of_sight(world.county)) == []


def out_of_sight(county: County) -> Iterator[tuple[str, str, str]]:
    """Rows whose village cannot see the person or record they belong to."""
    with county.read() as session:
        for name in TABLES:
            for f in owners(kind_of(name)):
                if f.ref and f.name != "record_id":
                    mine, theirs = table(name), table(f.ref).alias("theirs")
                    joined = mine.join(theirs, mine.c[f.name] == theirs.c.id)
                    for id, here, there in session.conn.execute(
                        joined.select().with_only_columns(mine.c.id, mine.c.village, theirs.c.village)
                    ):
                        if not reads(there, here):
                            yield name, id, f.name


@both
def test_an_insertion_is_released_once_its_person_has_moved_in(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    hers = add(b)
    world.settle()
    job = add(a, "employment", person_id=hers, **JOB)
    settled(world)
    (one,) = waiting(a)
    assert one.reason == "scope" and stands(a, one) is not None
    move(world, "person", hers, VILLAGE)
    world.settle()
    assert stands(a, one) is None
    assert release_all(a) == 1
    settled(world)
    assert get(town, job, "employment").village == VILLAGE
    for place in (a, b, town, world.county):
        assert waiting(place) == []


@both
def test_an_insertion_is_released_into_its_persons_village_by_who_writes_there(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    hers = add(b)
    world.settle()
    job = add(a, "employment", person_id=hers, **JOB)
    settled(world)
    (one,) = waiting(town)
    assert stands(town, one) is None
    assert release_all(town) == 1
    settled(world)
    assert get(b, job, "employment").person_id == hers
    assert get(a, job, "employment") is None
    for place in (a, b, town, world.county):
        assert waiting(place) == []


@both
@pytest.mark.parametrize("together", [True, False])
def test_what_belongs_to_a_held_row_is_held_and_released_with_it(world: World, together: bool) -> None:
    """Otherwise the wages would stay in a village that cannot see whose they are."""
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    hers = add(b)
    world.settle()
    job = add(a, "employment", person_id=hers, **JOB)
    if not together:
        world.sync(a, town)
        assert get(a, job, "employment") is None
    pay = add(a, "wage", employment_id=job, month="2023-03", paid_on="2023-03", amount=400000)
    settled(world)
    assert {one.record_id: one.reason for one in waiting(town)} == {job: "scope", pay: "scope"}
    assert {one.record_id: "先放行" in str(stands(town, one)) for one in waiting(town)} == {job: False, pay: True}
    assert release_all(town) == 2
    settled(world)
    assert get(b, pay, "wage").village == get(b, job, "employment").village == OTHER_VILLAGE
    assert waiting(a) == waiting(world.county) == []


@both
def test_its_village_releases_a_row_and_what_belongs_to_it_at_once(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    hers = add(b)
    world.settle()
    job = add(a, "employment", person_id=hers, **JOB)
    pay = add(a, "wage", employment_id=job, month="2023-03", paid_on="2023-03", amount=400000)
    settled(world)
    move(world, "person", hers, VILLAGE)
    world.settle()
    assert release_all(a) == 2
    settled(world)
    assert get(town, pay, "wage").village == get(town, job, "employment").village == VILLAGE
    for place in (a, b, town, world.county):
        assert waiting(place) == []


@both
def test_an_edit_of_a_person_who_moved_away_puts_them_into_a_household_just_made(world: World) -> None:
    """A household is split while the county moves it: its new village would see a person in a household that it cannot see."""
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    home, person = add(a, "household"), add(a)
    put(a, person, household_id=home)
    world.settle()
    split = add(a, "household")
    put(a, person, household_id=split)
    move(world, "household", home, OTHER_VILLAGE)
    settled(world)
    assert (get(b, person).household_id, get(a, split, "household").village) == (home, VILLAGE)
    (one,) = waiting(a)
    assert one.reason == "scope" and waiting(town) == [one] and "日升村" in str(stands(town, one))
    move(world, "household", split, OTHER_VILLAGE)
    world.settle()
    assert release_all(town) == 1
    settled(world)
    assert get(b, person).household_id == split
    assert waiting(a) == waiting(world.county) == []


@both
def test_new_people_of_a_village_that_was_merged_go_with_their_new_household(world: World) -> None:
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    home, person = add(a, "household"), add(a)
    put(a, person, household_id=home)
    world.settle()
    split = add(a, "household")
    put(a, person, household_id=split)
    born = add(a, household_id=split)
    add(a, "employment", person_id=born, **JOB)
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.merge_villages(session, keys, VILLAGE, OTHER_VILLAGE)
    settled(world)
    assert get(b, born).household_id == get(b, person).household_id == split
    assert waiting(a) == waiting(b) == waiting(world.county) == []


@both
def test_an_edit_that_puts_a_person_into_a_household_that_moved_away(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    county = world.station("县", COUNTY)
    home, person = add(a, "household"), add(a)
    world.settle()
    put(a, person, household_id=home, phone="13945670001")  # while the county moves the household
    move(world, "household", home, OTHER_VILLAGE)
    settled(world)
    assert get(a, person).phone is None
    for store in (town, county):
        (one,) = waiting(store)
        why = str(stands(store, one))
        assert "解放村" in why and "日升村" in why and "迁" in why and "上级" not in why
    move(world, "person", person, OTHER_VILLAGE, home)
    world.settle()
    assert release_all(town) == 1
    settled(world)
    assert (get(b, person).household_id, get(b, person).phone) == (home, "13945670001")
    for place in (a, b, town, county, world.county):
        assert waiting(place) == []


@both
def test_an_edit_of_a_row_that_moved_away_gives_it_to_somebody_who_stayed(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    moving, staying = add(a), add(a)
    job = add(a, "employment", person_id=moving, **JOB)
    world.settle()
    put(a, job, "employment", person_id=staying)
    move(world, "person", moving, OTHER_VILLAGE)
    settled(world)
    assert get(b, job, "employment").person_id == moving
    (one,) = waiting(a)
    assert one.reason == "scope" and waiting(town) == [one] and stands(town, one) is not None
    move(world, "person", staying, OTHER_VILLAGE)
    world.settle()
    assert release_all(town) == 1
    settled(world)
    assert get(b, job, "employment").person_id == staying
    assert waiting(a) == waiting(world.county) == []


@both
def test_the_household_comes_back_and_its_village_releases_the_edit(world: World) -> None:
    a, _b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    home, person = add(a, "household"), add(a)
    world.settle()
    put(a, person, household_id=home)
    move(world, "household", home, OTHER_VILLAGE)
    settled(world)
    (one,) = waiting(a)
    assert stands(a, one) is not None
    move(world, "household", home, VILLAGE)
    world.settle()
    assert release_all(a) == 1
    settled(world)
    assert get(a, person).household_id == home
    assert waiting(a) == waiting(world.county) == []


def test_a_step_of_a_claim_is_not_called_a_choice(world: World) -> None:
    one = Held(VILLAGE, 1, 0, "claim_step", "x", "I", {"to_state": "approved"}, "", "", "level")
    assert "办理步骤" in str(stands(world.station("甲"), one))


def _write(world: World, dice: Random, store: Store, made: dict[str, list[str]]) -> None:
    """One change that the window or a file with ids makes possible: about rows that the county or this laptop has."""
    people, homes, jobs = ([id for id in ids if get(world.county, id, kind) or get(store, id, kind)] for kind, ids in made.items())
    deed = dice.choice(("person", "household", "job", "job", "wage", "again", "join", "split", "repoint"))
    if deed in ("person", "household"):
        made[deed].append(add(store, deed))
    elif deed == "job" and people:
        made["employment"].append(add(store, "employment", person_id=dice.choice(people), **JOB))
    elif deed == "wage" and jobs:
        add(store, "wage", employment_id=dice.choice(jobs), month="2023-03", paid_on="2023-03", amount=dice.randrange(1, 9) * 100)
    elif deed == "again":
        _edit(store, "person", dice.choice(people or [""]), {"phone": f"139{dice.randrange(10**8):08d}"})
    elif deed == "join" and homes:
        _edit(store, "person", dice.choice(people or [""]), {"household_id": dice.choice(homes)})
    elif deed == "split":
        made["household"].append(add(store, "household"))
        _edit(store, "person", dice.choice(people or [""]), {"household_id": made["household"][-1]})
    elif deed == "repoint" and people:
        _edit(store, "employment", dice.choice(jobs or [""]), {"person_id": dice.choice(people)})


def _edit(store: Store, kind: str, id: str, values: dict[str, Any]) -> None:
    with store.write("修改") as session:
        if session.get(kind, id) is not None:
            changes.update(session, kind, id, values)


@seeded(seeds(6), on_postgresql=2)
def test_at_random_nothing_stays_held_that_has_a_place(world: World, seed: int) -> None:
    """Villages write about each other's people while the county moves them; in the end the township releases, and what it cannot release
    it is told why: the parties live apart. Moving them together is always the way out."""
    dice = Random(seed)
    town = world.station("镇", TOWNSHIP)
    stores = [world.station("甲"), world.station("甲二"), world.station("乙", OTHER_VILLAGE)]
    made: dict[str, list[str]] = {"person": [], "household": [], "employment": []}
    for _turn in range(40):
        _write(world, dice, dice.choice(stores), made)
        if dice.random() < 0.3:
            world.sync(dice.choice([*stores, town]))
        for kind, often in (("person", 0.15), ("household", 0.1)):
            if dice.random() < often and made[kind]:
                _moved(world, kind, dice.choice(made[kind]))
        if dice.random() < 0.1:
            release_all(dice.choice([*stores, town]))
    world.settle()
    _gather(world, town)
    assert [(one.kind, one.reason, stands(town, one)) for one in waiting(town) if one.reason == "scope"] == []
    assert all(get(town, id, kind) is not None for kind, ids in made.items() for id in ids)
    assert_equal(world)
    assert list(out_of_sight(world.county)) == []


def _moved(world: World, kind: str, id: str) -> None:
    row: Any = get(world.county, id, kind)
    if row is not None:
        move(world, kind, id, VILLAGE if row.village == OTHER_VILLAGE else OTHER_VILLAGE)


def _gather(world: World, town: Store) -> None:
    """Do what the messages say until nothing is held for its scope: release, and move together who belongs together."""
    for _round in range(40):
        release_all(town)
        world.settle()
        left = [one for one in waiting(town) if one.reason == "scope"]
        if not left:
            return
        for one in left:
            for field, kind in (("household_id", "household"), ("person_id", "person")):
                owner = get(world.county, one.values.get(field) or "", kind)
                row = get(world.county, one.record_id, one.kind)
                if owner is not None and row is not None and owner.village != row.village:
                    _join(world, kind, owner, row, one.kind)
        world.settle()


def _join(world: World, kind: str, owner: Any, row: Any, what: str) -> None:
    if what == "person":
        move(world, "person", row.id, owner.village, owner.id)
    elif what == "employment":
        move(world, kind, owner.id, row.village)
