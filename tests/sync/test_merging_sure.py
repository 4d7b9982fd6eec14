"""One register imported on two laptops: all pairs are merged at once, on one of them or on both, and everybody agrees afterwards."""

from __future__ import annotations

import pytest

from db import changes
from db.store import Store
from services import importing, merging, merging_sure, records
from services.lists import listing
from services.lists.listing import Query
from services.quality import quality, repeats
from tests.sync.conftest import VILLAGE, World, add, assert_equal, both, drop, get, listed, put
from tests.sync.test_merging import found, merge

REGISTER = """户编号,姓名,证件类型,证件号码,与户主关系,劳动技能,户类型
23082600000001,田玉华,居民身份证,230826197908178768,户主,普通劳动力,脱贫户
23082600000001,金丽淑,居民身份证,230826197805050956,配偶,普通劳动力,脱贫户
23082600000002,陈玉志,居民身份证,230826198609030629,户主,普通劳动力,脱贫户
"""
ONCE = [3, 2, 3]
"""How many people, households and categories it has."""
NUMBER = "230826197908178768"


def both_import(world: World) -> tuple[Store, Store]:
    stores, register = (world.station("甲"), world.station("甲二")), world.folder / "花名册.csv"
    register.write_text(REGISTER)
    for store in stores:
        with store.write("导入") as session:
            assert importing.apply(session, importing.plan(session, register)).added == sum(ONCE)
    world.settle()
    return stores


def merge_sure(store: Store) -> merging_sure.Done:
    with store.write("合并") as session:
        return merging_sure.merge_sure(session)


def delete_repeats(store: Store) -> repeats.Deleted:
    with store.write("删去多记的") as session:
        return repeats.delete_repeats(session)


def counted(store: Store) -> list[int]:
    with store.read() as session:
        return [len(listing.ids(session, Query(kind))) for kind in ("person", "household", "category_span")]


@both
def test_a_register_imported_twice_is_one_again(world: World) -> None:
    a, b = both_import(world)
    assert counted(a) == [2 * n for n in ONCE] and len(found(b)) == 3
    done = merge_sure(a)
    assert done.merged == 3 and not done.left and found(a) == []
    assert not delete_repeats(a).left
    world.settle()
    assert counted(a) == counted(b) == ONCE and found(b) == []
    assert_equal(world)
    with a.read() as session:
        assert not {"E04", "E20"} & {doubt.rule for doubt in quality.check(session)}
        assert merging_sure.sure(session) == []


@both
def test_both_laptops_merge_at_once_and_in_the_same_direction(world: World) -> None:
    a, b = both_import(world)
    for store in (a, b):
        assert merge_sure(store).merged == 3
        assert not delete_repeats(store).left
    world.settle()
    assert counted(a) == counted(b) == ONCE and found(a) == found(b) == []
    assert not listed(a) and not listed(b)
    assert_equal(world)


def pair(world: World) -> tuple[Store, Store, str, str]:
    """Two laptops that registered one person, and the two records, the first one first."""
    a, b = world.station("甲"), world.station("甲二")
    one, two = (add(store, name="田玉华", id_number=NUMBER) for store in (a, b))
    world.settle()
    first, second = sorted((one, two), key=lambda id: (get(a, id).created_at, id))
    return a, b, first, second


@both
def test_merged_by_hand_in_opposite_directions_one_key_opens_the_circle(world: World) -> None:
    a, b, first, second = pair(world)
    merge(a, first, second)
    merge_sure(b)
    world.settle()
    assert [set(ids) for ids in found(a)] == [{first, second}]
    for store in (a, b):  # both take up the circle before they hear of each other
        assert merge_sure(store).merged == 1
    world.settle()
    assert found(a) == found(b) == []
    low, high = sorted((first, second))
    assert get(b, low).merged_into is None and get(b, high).merged_into == low
    assert_equal(world)


@both
def test_what_the_one_lacks_is_filled_in_once(world: World) -> None:
    a, b, first, second = pair(world)
    put(a, second, phone="13101064292", bank_account="6217001234568813")
    world.settle()
    with b.read() as session:
        (sure,) = merging_sure.sure(session)
    assert (sure.into, sure.id, sure.differs) == (first, second, [])
    assert set(sure.lacking) == {"phone", "bank_account"} and "补上" in sure.text and NUMBER not in sure.text
    for store in (a, b):
        merge_sure(store)
    world.settle()
    assert (get(a, first).phone, get(a, first).bank_account) == ("13101064292", "6217001234568813")
    assert not listed(a) and not listed(b)
    assert_equal(world)
    with a.write("撤销") as session:
        records.undo_last(session)
    assert get(a, second).merged_into is None and get(a, first).phone is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"name": "田玉花"}, "another name"),
        ({"bank_account": "6217001234568813"}, "another account"),
        ({"birth": "1979-08-18"}, "another day of birth"),
        ({"document": "disability", "id_number": NUMBER + "44"}, "the number of another document"),
    ],
)
def test_what_a_person_has_to_decide_is_left(world: World, values: dict[str, str], reason: str) -> None:
    a, _b, first, second = pair(world)
    put(a, first, bank_account="6217009876546620", birth="1979-08-17")
    with a.read() as session:
        assert len(merging_sure.sure(session)) == 1
    put(a, second, **values)
    with a.read() as session:
        assert merging_sure.sure(session) == [] and len(merging.matches(session)) == 1, reason


def test_a_number_that_is_wrong_or_was_looked_into_proves_nothing(world: World) -> None:
    a, _b, first, second = pair(world)
    finding = {"code": "E04", "record_id": second, "state": "false_alarm", "by": "李文书", "closed_on": "2023-06-01"}
    id = add(a, "finding", **finding)
    assert not merge_sure(a).merged
    drop(a, id, "finding")
    for person in (first, second):
        put(a, person, id_number=NUMBER[:-1] + "9")
    assert merge_sure(a).text == "没有能一起合并的。"


def test_the_third_record_is_compared_with_what_the_second_filled_in(world: World) -> None:
    a, _b, first, second = pair(world)
    third, fourth = (add(a, name="田 玉华", id_number=NUMBER, bank_account=card) for card in ("6217001234568813", "6217009876546620"))
    assert merge_sure(a).merged == 2
    assert [get(a, id).merged_into for id in (second, third, fourth)] == [first, first, None]
    assert get(a, first).bank_account == "6217001234568813"


def test_two_villages_are_left_to_the_township(world: World) -> None:
    a, b, town = world.station("甲"), world.station("乙", VILLAGE[:-1] + "3"), world.station("镇", VILLAGE[:9])
    for store in (a, b):
        add(store, name="田玉华", id_number=NUMBER)
    world.settle()
    with town.read() as session:
        assert len(merging.matches(session)) == 1 and merging_sure.sure(session) == []


def test_what_differs_is_told_and_the_home_of_the_first_is_kept(world: World) -> None:
    a, _b, first, second = pair(world)
    homes = [add(a, "household", number=number) for number in ("0012", "0013", "0012")]
    for person, home, relation in ((first, homes[0], None), (second, homes[1], "配偶")):
        put(a, person, household_id=home, relation=relation, phone=f"1310106429{len(home) % 9}" if person == first else "13101064299")
    with a.read() as session:
        (sure,) = merging_sure.sure(session)
        assert [what for what, _kept, _other in sure.differs] == ["户", "联系电话"]
        assert "13101064299" not in sure.text and "relation" not in sure.lacking
    put(a, second, household_id=homes[2])
    with a.read() as session:
        assert [what for what, _kept, _other in merging_sure.sure(session)[0].differs] == ["联系电话"]
    merge_sure(a)
    assert delete_repeats(a).counts == {"household": 1}
    assert get(a, second).household_id == homes[0]


def test_unnumbered_households_are_one_by_their_head(world: World) -> None:
    a, _b, first, second = pair(world)
    for person in (first, second):
        put(a, person, household_id=add(a, "household", head_id=person, address="一组"))
    merge_sure(a)
    assert delete_repeats(a).counts == {"household": 1}
    with a.write("改") as session:
        changes.update(session, "person", second, {"merged_into": None})
    assert get(a, second).household_id == get(a, first).household_id
