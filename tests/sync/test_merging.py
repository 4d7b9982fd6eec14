"""One person recorded twice: listed, joined by a pointer, taken back; reads follow the pointer, both rows keep their fields."""

from __future__ import annotations

from typing import Any

import pytest

from db import changes, merged
from db.store import Store
from domain.errors import DomainError, NotFound
from services import merging, records, suspects
from services.importing.rows.known import Known
from services.lists import listing
from services.lists.listing import Query
from services.person import person_page
from services.posts import pay
from services.search import search
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, drop, get, put

NUMBER = "230826197003070015"
OTHER_NUMBER = "230826197003070023"


def found(store: Store) -> list[list[str]]:
    with store.read() as session:
        return [[twin.id for twin in match.records] for match in merging.matches(session)]


def merge(store: Store, id: str, into: str) -> str:
    with store.write("合并") as session:
        return merging.merge(session, id, into)


def unmerge(store: Store, id: str) -> str:
    with store.write("取消合并") as session:
        return merging.unmerge(session, id)


@both
def test_a_person_of_two_villages_is_found_joined_and_parted_by_the_township(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    one, other = add(a, name="张三", id_number=NUMBER), add(b, name="张三", id_number=NUMBER + "44")
    add(b, id_number=OTHER_NUMBER)
    job = add(b, "employment", person_id=other, channel="migrant", place="210200", start="2023-02-10")
    world.settle()
    assert found(a) == found(b) == []
    assert [set(match) for match in found(town)] == [{one, other}]
    with town.read() as session:
        assert "19700307" not in merging.matches(session)[0].number
    with pytest.raises(NotFound):
        merge(a, one, other)
    assert merge(town, other, one) == one
    world.settle()
    assert found(town) == []
    with town.read() as session:
        assert [spell.id for spell in person_page(session, one, 2023, on="2023-06-05").spells] == [job]
        assert merged.root(session, other) == one
        assert person_page(session, other, 2023, on="2023-06-05").person.id == one
    assert get(b, other).id_number == NUMBER + "44"
    assert_equal(world)
    assert unmerge(town, other) == one
    world.settle()
    assert get(b, other).merged_into is None
    assert len(found(town)) == 1
    assert_equal(world)


def test_two_laptops_of_one_village_register_the_same_person(world: World) -> None:
    a, b = world.station("甲"), world.station("甲二")
    one, other = add(a, id_number=NUMBER), add(b, id_number=NUMBER)
    world.settle()
    assert [set(match) for match in found(a)] == [{one, other}] == [set(match) for match in found(b)]
    merge(a, other, one)
    with pytest.raises(DomainError, match="已并入"), a.write("修改") as session:
        records.save(session, "person", {"note": "改错了地方"}, other)
    with a.write("修改") as session:
        records.save(session, "person", {"note": "改对了"}, one)
    world.settle()
    assert get(b, one).note == "改对了"
    assert_equal(world)


def test_both_merge_the_other_way_round_and_one_of_them_stands(world: World) -> None:
    a, b = world.station("甲"), world.station("甲二")
    one, other = add(a, id_number=NUMBER), add(a, id_number=NUMBER)
    world.settle()
    merge(a, one, other)
    merge(b, other, one)
    world.settle()
    for store in (a, b):
        with store.read() as session:
            assert merged.root(session, one) == merged.root(session, other) == min(one, other)
            assert person_page(session, max(one, other), 2023, on="2023-06-05").person.id == min(one, other)
    with a.read() as session:
        assert min(one, other) in listing.ids(session, Query("person"))  # lists show that one, and search finds it
        assert max(one, other) not in listing.ids(session, Query("person"))
        assert [hit.id for hit in search(session, get(a, one).name)] == [min(one, other)]
    assert [set(match) for match in found(a)] == [{one, other}]
    with a.write("修改") as session:
        records.save(session, "person", {"note": "站着的那条"}, min(one, other))
    with pytest.raises(DomainError, match="已并入"), a.write("修改") as session:
        records.save(session, "person", {"note": "指着的那条"}, max(one, other))
    assert merge(a, max(one, other), min(one, other)) == min(one, other)
    assert found(a) == []
    world.settle()
    assert get(b, min(one, other)).merged_into is None
    assert_equal(world)


def test_who_was_merged_before_follows_and_stays_when_that_is_taken_back(world: World) -> None:
    a = world.station("甲")
    first, second, third = (add(a, id_number=NUMBER) for _n in range(3))
    merge(a, first, second)
    assert merge(a, second, third) == third
    with a.read() as session:
        assert set(merged.selves(session, third)) == {first, second, third}
    unmerge(a, second)
    with a.read() as session:
        assert merged.roots(session, [first, second, third]) == {first: second, second: second, third: third}
    merge(a, second, third)
    drop(a, third)
    with a.read() as session:
        assert merged.root(session, first) == second
    drop(a, second)
    with a.write("修改") as session:  # whom it pointed at is gone: it stands for itself
        records.save(session, "person", {"note": "改得了"}, first)


def test_what_cannot_be_merged(world: World) -> None:
    a = world.station("甲")
    one, other, different = add(a, id_number=NUMBER), add(a, id_number=NUMBER), add(a, id_number=OTHER_NUMBER)
    for id, into, error in (
        (one, one, DomainError),
        (one, different, DomainError),
        (one, "00000000-0000-0000-0000-000000000000", NotFound),
        ("x", one, NotFound),
    ):
        with pytest.raises(error):
            merge(a, id, into)
    with pytest.raises(DomainError):
        unmerge(a, one)
    merge(a, one, other)
    with pytest.raises(DomainError):
        merge(a, other, one)


def test_rows_with_a_natural_key_that_came_twice_are_listed(world: World) -> None:
    a = world.station("甲")
    person = add(a)
    with a.write("导入") as session:
        ids = [session.new_id() for _n in range(2)]
        changes.insert(session, "travel", [{"id": id, "village": VILLAGE, "person_id": person, "year": 2023} for id in ids])
    assert [set(match) for match in found(a)] == [set(ids)]
    drop(a, ids[0], "travel")
    assert found(a) == []
    put(a, person, note="x")


@pytest.mark.parametrize("undone", [False, True])
def test_two_laptops_that_pay_a_month_again_pay_it_once(world: World, undone: bool) -> None:
    """After it was taken back, also where one of them undid that and paid once more. Only the first payment of a month had one id."""
    a, b = world.station("甲"), world.station("乙")
    person = add(a)
    facts: dict[str, Any] = {"type": "cleaner", "quota": 1, "developer": "hrss", "fund": "employment", "standard": 50000}
    held = add(a, "appointment", post_id=add(a, "post", name="保洁员", required_days=30, **facts), person_id=person, start="2023-01-01")
    with a.write("考勤") as session:
        pay.keep(session, "2023-06", {held: "P" * 30})
        pay.pay(session, "2023-06", "2023-07-05")
    add(a, "post_pay", appointment_id=held, month="2023-06", amount=-50000, paid_on="2023-07-06")
    world.settle()
    for store in (a, b):
        with store.write("再发") as session:
            assert pay.pay(session, "2023-06", "2023-07-07") == (1, 50000)
    if undone:
        with a.write("撤销") as session:
            records.undo_last(session)
        with a.write("再发") as session:
            pay.pay(session, "2023-06", "2023-07-07")
    world.settle()
    for store in (a, b):
        with store.read() as session:
            assert [one.amount for one in session.select("post_pay")].count(50000) == 2
            assert [line.paid for line in pay.month(session, "2023-06")] == [pay.Paid(50000, "2023-07-07")]
    assert_equal(world)


def test_whose_other_record_is_not_here_stands_for_himself(world: World) -> None:
    """A village does not read the other one its person was merged into; and a record somebody was merged into may be deleted."""
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    one, other = add(a, name="张三", id_number=NUMBER), add(b, name="张三", id_number=NUMBER)
    world.settle()
    merge(town, one, other)
    world.settle()
    assert shown(a) == [one] and shown(b) == shown(town) == [other]
    with a.read() as session:
        assert [p.id for p in records.duplicates(session, NUMBER)] == [one]  # registered again he would be two
    drop(b, other)
    world.settle()
    assert shown(town) == [one]


def shown(store: Store) -> list[str]:
    """Whom the list of people shows; a search finds the same."""
    with store.read() as session:
        listed = list(listing.ids(session, Query("person")))
        assert [hit.id for hit in search(session, "张三")] == listed
    return listed


def test_an_import_finds_the_same_one_of_two_wherever_it_is_made(world: World) -> None:
    """Households are found by their numbers in the order of ids; people too, else a roster taken in on two laptops moves them about."""
    a = world.store("甲")
    ids = [f"{n}0000000-0000-4000-8000-000000000000" for n in (3, 1, 2)]
    for id in ids:
        add(a, id=id, id_number=NUMBER)
    with a.read() as session:
        known = Known(session)
        known.ask_people([NUMBER])
        assert [person.id for person in known.people(NUMBER)] == sorted(ids)


def test_two_laptops_tell_the_same_two_people_apart(world: World) -> None:
    """The finding about a pair has one id wherever it is made: no conflict, and one of them listing the pair again counts for both."""
    a, b = world.station("甲"), world.station("甲二")
    one, other = add(a, id_number=NUMBER, name="王淑珍"), add(a, id_number=NUMBER[:15] + "9" + NUMBER[16:], name="王叔珍", document="other")
    world.settle()
    for store, reason in ((a, "问过本人"), (b, "是姐妹")):
        with store.write("不是同一人") as session:
            suspects.tell_apart(session, one, other, reason)
    world.settle()
    assert [apart(store) for store in (a, b)] == [[True], [True]]
    assert_equal(world)
    with b.write("再列") as session:
        suspects.list_again(session, other, one)
    world.settle()
    assert [apart(store) for store in (a, b)] == [[False], [False]]
    with world.county.read() as session:
        assert [match.apart for match in suspects.suspects(session)] == [False]
        assert suspects.suspects(session, within=OTHER_VILLAGE) == []
    assert_equal(world)


def apart(store: Store) -> list[bool]:
    with store.read() as session:
        return [match.apart for match in suspects.suspects(session)]
