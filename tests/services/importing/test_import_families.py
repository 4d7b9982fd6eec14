"""Registers without 户编号: who is one household by 户主姓名, and what is not guessed."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain.identity import check_digit
from domain.records import Household, Person
from tests.services.rosters_taken import Take, take

__all__ = ["take"]

HEADS = ["户主姓名", "姓名", "身份证号", "与户主关系", "劳动能力", "住址"]


def born(year: int, serial: int, sex: str) -> str:
    first17 = f"230826{year}0817{serial:02d}{1 if sex == '男' else 2}"
    return first17 + check_digit(first17)


ZHANG, WIFE, SON = born(1970, 1, "男"), born(1972, 2, "女"), born(1996, 3, "男")
LIU, LIU_SON = born(1960, 4, "女"), born(1985, 5, "男")
ROWS: list[list[Any]] = [
    ["张国强", "张国强", ZHANG, "户主", "普通", "一组3号"],
    ["张国强", "李桂兰", WIFE, "妻", "普通", ""],
    ["张国强", "张小伟", SON, "长子", "普通", ""],
    ["刘桂英", "刘桂英", LIU, "户主", "弱劳动力", "二组9号"],
    ["刘桂英", "孙长江", LIU_SON, "之子", "普通", ""],
]
HOMES = {"张国强": {"李桂兰", "张国强", "张小伟"}, "刘桂英": {"刘桂英", "孙长江"}}


def homes(store: Store) -> dict[str, set[str]]:
    """Who lives together, by the name of the head."""
    with store.read() as session:
        people = list(session.select(Person))
        names = {one.id: one.name for one in people}
        found = {names.get(home.head_id or "", "—"): home.id for home in session.select(Household)}
    return {head: {one.name for one in people if one.household_id == id} for head, id in found.items()}


def test_those_beside_one_head_are_its_household_which_is_told_and_found_again(store: Store, take: Take) -> None:
    result, plan = take(HEADS, *ROWS)
    assert (result.added, result.rejected, plan.warnings) == (7, [], [])
    assert homes(store) == HOMES
    assert any("归成 2 户" in said for said in plan.tables[0].proposals)
    with store.read() as session:
        assert sorted(home.address or "" for home in session.select(Household)) == ["一组3号", "二组9号"]
    again, _plan = take(HEADS, *ROWS)
    assert (again.added, again.changed) == (0, 0)


def test_the_order_of_rows_alone_makes_no_household(store: Store, take: Take) -> None:
    result, plan = take(HEADS[1:], *(row[1:] for row in ROWS))
    assert (result.added, homes(store)) == (5, {})
    assert any("人先不归户" in note for note in plan.tables[0].notes)


def test_a_number_that_comes_later_is_given_to_the_household_that_is_there(store: Store, take: Take) -> None:
    take(HEADS, *ROWS)
    numbered = [["户编号", *HEADS], *([number, *row] for number, row in zip((1, 1, 1, 2, 2), ROWS, strict=True))]
    result, _plan = take(*numbered)
    assert (result.added, result.changed, homes(store)) == (0, 2, HOMES)
    with store.read() as session:
        assert sorted(home.number or "" for home in session.select(Household)) == ["1", "2"]


@pytest.mark.parametrize("relations", [True, False])
def test_the_rows_may_come_in_any_order_and_without_relations(store: Store, take: Take, relations: bool) -> None:
    heads, rows = HEADS, ROWS
    if not relations:
        heads, rows = [*HEADS[:3], *HEADS[4:]], [[*row[:3], *row[4:]] for row in ROWS]
    take(heads, rows[3], rows[1], rows[0], rows[4], rows[2])
    assert homes(store) == HOMES


def test_the_name_of_a_head_written_once_over_its_household_is_that_of_the_members_below(store: Store, take: Take) -> None:
    take(HEADS, *([whose, *row[1:]] for whose, row in zip(("张 国　强", "", "", "刘桂英", ""), ROWS, strict=True)))
    assert homes(store) == HOMES


@pytest.mark.parametrize(
    ("rows", "made"),
    [
        ([ROWS[1], *ROWS[3:]], {"刘桂英": HOMES["刘桂英"]}),  # the head of 李桂兰 is not in the list
        ([*ROWS[:2], ["张国强", "王芳", born(1973, 6, "女"), "妻", "普通", ""]], {}),  # a second wife
        ([ROWS[0], ["张国强", "张大山", born(1972, 8, "男"), "之子", "普通", ""]], {}),  # two years younger than his father
    ],
)
def test_what_may_be_read_in_two_ways_is_said_and_left(store: Store, take: Take, rows: list[list[Any]], made: dict[str, set[str]]) -> None:
    result, plan = take(HEADS, *rows)
    assert (homes(store), result.rejected) == (made, [])
    assert any("先不归户" in said for said in [*plan.tables[0].notes, *(issue.message for issue in plan.warnings)])


def test_heads_of_one_name_make_no_household(store: Store, take: Take) -> None:
    other = ["张国强", "张国强", born(1965, 9, "男"), "户主", "普通", "四组"]
    take(HEADS, ROWS[0], other, ROWS[2], ROWS[3])
    assert homes(store) == {"刘桂英": {"刘桂英"}}


def test_whom_the_store_has_in_another_household_stays_there(store: Store, take: Take) -> None:
    take(["户编号", *HEADS[1:]], ["7", *ROWS[2][1:3], "户主", *ROWS[2][4:]])
    _result, plan = take(HEADS, *ROWS[:3])
    assert homes(store) == {"张小伟": {"张小伟"}}
    assert "台账里他们在别的户" in plan.warnings[0].message
    take(["户编号", *HEADS[1:]], ["6", *ROWS[0][1:]])
    _result, plan = take(HEADS, *ROWS[:3])
    assert homes(store) == {"张小伟": {"张小伟"}, "张国强": {"张国强", "李桂兰"}}
    assert "在别的户，导入不改" in plan.warnings[0].message


def test_a_list_in_another_order_of_people_who_have_their_households_is_not_doubted(store: Store, take: Take) -> None:
    take(HEADS, *ROWS)
    result, plan = take(HEADS, ROWS[0], ROWS[3], ROWS[4], ROWS[2], ROWS[1])
    assert (result.changed, plan.warnings, homes(store)) == (0, [], HOMES)
    assert not any("户编号" in said for said in plan.tables[0].notes)
