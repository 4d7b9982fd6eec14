"""Whoever signs what they like has nobody erased who lives: what they say of somebody erased is held, and only that."""

from __future__ import annotations

import pytest

from db.held import held
from domain.fields import kind_of
from domain.values import Stored
from sync.wire.columns import Change
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World, add, assert_equal, both, get, put, put_back, save
from tests.sync.test_erasure import clean, erase, her
from tests.sync.test_signed_nonsense import AT, Mouth
from tests.sync.traces import traces


def say(mouth: Mouth, kind: str, id: str, what: str, scope: str = VILLAGE, **values: Stored) -> None:
    declared = kind_of(kind)
    numbered = {declared.by_name[name].number: value for name, value in values.items()}
    mouth.say([Change(1, declared.number, id, what, "李@x", AT[0], f"00ff{mouth.number:02x}", numbered)], scope)


@both
def test_a_village_has_nothing_erased_in_another(world: World) -> None:
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    hers, living = add(b, name="已故"), add(a, name="王五")
    house = add(a, "household", number="0001", address="一组")
    seen = add(a, "visit", household_id=house, person_id=living, on="2023-06-01", content="要修房顶")
    mouth = Mouth(world, OTHER_VILLAGE)
    world.settle()
    erase(world, hers)
    for what in "UI":
        say(mouth, "visit", seen, what, OTHER_VILLAGE, person_id=hers, on="2023-06-01", content="谎话")
        say(mouth, "employment", seen, what, OTHER_VILLAGE, person_id=hers, employer_name="谎厂")
    world.settle()
    put(a, seen, "visit", content="房顶修好了")
    world.settle()
    assert get(a, seen, "visit").content == get(world.county, seen, "visit").content == "房顶修好了"
    with a.read() as session:
        assert held(session) == []
    assert_equal(world)


@pytest.mark.parametrize("what", ["I", "U", "C"])
def test_a_row_of_another_kind_with_the_id_of_one_that_lives(world: World, what: str) -> None:
    a, mouth = world.station("甲"), Mouth(world)
    ids = her(a)
    seen = add(a, "visit", household_id=ids["household"], person_id=ids["other"], on="2023-06-01", content="要修房顶")
    world.settle()
    erase(world, ids["person"])
    for id in (seen, ids["other"], ids["household"]):
        values = {"person_id": ids["person"], "channel": "migrant", "place": "210200", "start": "2023-02-10", "employer_name": "谎厂"}
        say(mouth, "employment", id, what, **({"person_id": ids["person"]} if what == "C" else values))
    world.settle()
    put(a, seen, "visit", content="房顶修好了")
    put(a, ids["other"], phone="13611112222")
    put(a, ids["household"], "household", address="二组")
    world.settle()
    for where in (a, world.county):
        assert get(where, seen, "visit").content == "房顶修好了"
        assert get(where, ids["other"]).phone == "13611112222"
        assert get(where, ids["household"], "household").address == "二组"
    assert_equal(world)


@pytest.mark.parametrize("whose", [{"person_id"}, set()])
def test_an_id_somebody_foretold_wipes_nothing(world: World, whose: set[str]) -> None:
    """Ids of a run are counted up, and those of natural keys follow from the record: who takes one first has the later one held, whole."""
    a, mouth = world.station("甲"), Mouth(world)
    ids = her(a)
    world.settle()
    erase(world, ids["person"])
    seen = add(a, "visit", household_id=ids["household"], on="2023-06-01", content="要修房顶", **dict.fromkeys(whose, ids["other"]))
    say(mouth, "visit", seen, "I", person_id=ids["person"], on="2023-06-02", content="谎话")
    world.settle()
    say(mouth, "visit", seen, "U", content="又是谎话")
    world.settle()
    erase(world, ids["person"], "再次核对")
    world.settle()
    for where in (a, world.county):
        with where.read() as session:
            assert traces(session.conn, ("要修房顶",))
    clean(world)
    assert_equal(world)


def test_a_row_a_restored_county_has_not_got_yet_is_not_taken_for_hers(world: World) -> None:
    a, mouth = world.station("甲"), Mouth(world)
    ids = her(a)
    world.settle()
    erase(world, ids["person"])
    world.settle()
    save(world)
    seen = add(a, "visit", household_id=ids["household"], person_id=ids["other"], on="2023-06-01", content="要修房顶")
    world.settle()
    put_back(world)
    say(mouth, "visit", seen, "U", person_id=ids["person"], content="谎话")
    erase(world, ids["person"], "再次核对")
    world.settle()
    put(a, seen, "visit", on="2023-06-02")
    world.settle()
    for where in (a, world.county):
        assert (get(where, seen, "visit").content, get(where, seen, "visit").on) == ("要修房顶", "2023-06-02")
    assert_equal(world)


def test_what_was_hers_once_is_not_wiped_by_a_county_that_erased_anew(world: World) -> None:
    """Put back to a day before the visit was noted, it is told first of the note, then whose it was."""
    a, b = world.station("甲"), world.station("乙")
    ids = her(a)
    world.settle()
    save(world)
    seen = add(a, "visit", household_id=ids["household"], person_id=ids["person"], on="2023-06-01", content="要修房顶")
    world.settle()
    put(a, seen, "visit", person_id=ids["other"])
    world.settle()
    put_back(world)
    erase(world, ids["person"])
    world.settle()
    for where in (a, b, world.county):
        with where.read() as session:
            assert traces(session.conn, ("要修房顶",))
    clean(world)
    assert_equal(world)
