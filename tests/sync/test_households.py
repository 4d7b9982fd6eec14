"""Two laptops of a village change the same household without knowing of each other."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.kinship import HEAD
from domain.quality import doubts
from services import records
from services.households import households
from services.households.households import DELETE, Plan
from services.quality import quality
from tests.sync.conftest import World, add, assert_equal, get, put


@pytest.fixture
def family(world: World) -> tuple[Store, Store, str, dict[str, str]]:
    """Two laptops that both have a household of a father, his son and the son's wife."""
    a, b = world.station("甲"), world.station("甲二")
    home = add(a, "household", number="1")
    words = {"父": (HEAD, "male"), "子": ("之子", "male"), "媳": ("之儿媳", "female")}
    ids = {name: add(a, name=name, household_id=home, relation=word, sex=sex) for name, (word, sex) in words.items()}
    put(a, home, "household", head_id=ids["父"])
    world.settle()
    return a, b, home, ids


def change(store: Store, plan: Plan) -> str:
    with store.write("分户") as session:
        return households.carry_out(session, plan)


def homes(store: Store) -> dict[str, set[str]]:
    """Names of the living of each household that is not deleted."""
    with store.read() as session:
        return {one.id: {p.name for p in households.home(session, one.id).members} for one in session.select("household")}


def left_empty(store: Store) -> list[str]:
    """Households the data check says have nobody in them, their head being in another."""
    with store.read() as session:
        return [doubt.id for doubt in doubts(quality.load(session), session.today) if doubt.rule == "I09"]


def test_both_split_off_the_son_and_one_household_comes_of_it(world, family) -> None:
    a, b, home, ids = family
    made = change(a, Plan(home, {ids["子"]: HEAD, ids["媳"]: "配偶"}, values={"number": "2"}))
    put(b, ids["媳"], phone="13845550217")  # unsent, and goes with her
    assert change(b, Plan(home, {ids["子"]: HEAD}, values={"number": "2", "address": "村东"})) == made
    world.settle()
    assert_equal(world)
    assert homes(a) == homes(b) == {home: {"父"}, made: {"子", "媳"}}
    assert (get(b, ids["媳"]).relation, get(a, ids["媳"]).phone, get(a, made, "household").address) == ("配偶", "13845550217", "村东")
    with a.read() as session:
        head = households.home(session, made).head
    assert head is not None and head.name == "子"


def test_different_heads_leave_everybody_in_one_of_the_two(world, family) -> None:
    a, b, home, ids = family
    one = change(a, Plan(home, {ids["子"]: HEAD, ids["媳"]: "配偶"}))
    other = change(b, Plan(home, {ids["媳"]: HEAD, ids["子"]: "配偶"}))
    world.sync(a, b)
    world.settle()
    assert_equal(world)
    found = homes(a)
    assert found == homes(b)
    full, empty = (one, other) if found[one] else (other, one)
    assert (found[home], found[full], found[empty]) == ({"父"}, {"子", "媳"}, set())
    with a.read() as session:
        assert households.home(session, full).head is not None  # words and places of one laptop, not half of each
    assert left_empty(a) == left_empty(b) == [empty]
    with a.write("删除空户") as session:
        records.delete(session, "household", empty)
    assert left_empty(a) == []
    world.settle()
    assert_equal(world)


def test_one_takes_the_split_back_that_the_other_made_too(world, family) -> None:
    a, b, home, ids = family
    made = change(a, Plan(home, {ids["子"]: HEAD, ids["媳"]: "配偶"}))
    change(b, Plan(home, {ids["子"]: HEAD, ids["媳"]: "配偶"}))
    world.settle()
    with a.write("撤销") as session:
        records.undo_last(session)
    world.settle()
    assert_equal(world)
    there = homes(b)
    assert sum(len(names) for names in there.values()) == 3  # nobody twice, nobody nowhere
    assert set().union(*(there.get(id, set()) for id in (home, made))) == {"父", "子", "媳"}


def test_a_household_joined_by_one_while_the_other_registers_somebody_in_it(world, family) -> None:
    a, b, home, ids = family
    to = change(a, Plan(home, {ids["子"]: HEAD, ids["媳"]: "配偶"}))
    world.settle()
    change(a, Plan(home, {ids["父"]: "之父"}, into=to, emptied=DELETE))
    child = add(b, name="孙", household_id=home, relation="之孙子")
    world.settle()
    assert_equal(world)
    assert get(a, child).household_id == home
    with a.write("恢复") as session:  # the bin has it still: the child goes after the others
        records.undelete(session, "household", home)
        households.carry_out(session, Plan(home, {child: "之子"}, into=to, emptied=DELETE))
    world.settle()
    assert_equal(world)
    assert homes(b) == {to: {"父", "子", "媳", "孙"}}
