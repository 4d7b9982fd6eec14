"""Lists of household incomes as villages send them: whose income, of which months, and sums that do not come out."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from tests.services.rosters_taken import LI, WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

HEADS = ["序号", "户编号", "户主姓名", "证件号码", "家庭人口", "工资性收入", "生产经营性收入", "生产经营性支出", "财产性收入"]
HEADS += ["转移性收入", "家庭纯收入（元）", "人均纯收入（元）"]
ROWS: list[list[Any]] = [
    [1, "1001", "王芳", WANG, 2, 30000, 8000, 2000, 1000, 1200, 38200, 19100],
    [2, "1002", "赵敏", ZHAO, 1, "", 5000.5, 1000, "", "3,600", 7600.5, 7600.5],
    ["合计", "", "", "", 3, 30000, 13000.5, 3000, 1000, 4800, 45800.5, ""],
]
TITLE = "横头山镇解放村脱贫户家庭收入统计表（2022年10月至2023年9月）"


def test_a_list_of_incomes_is_read_by_household_for_the_months_of_its_title(people: Store, take: Take) -> None:
    result, plan = take([TITLE], HEADS, *ROWS)
    assert (plan.tables[0].label, result.added, result.rejected, plan.warnings, plan.tables[0].notes) == ("家庭收入表", 2, [], [], [])
    with people.read() as session:
        made = {session.get("household", one.household_id).number: one for one in session.select("household_income")}
    first, second = made["1001"], made["1002"]
    assert (first.start, first.end, first.persons, first.wages, first.costs) == ("2022-10", "2023-09", 2, 3_000_000, 200_000)
    assert (second.wages, second.business, second.transfers) == (None, 500_050, 360_000)
    assert take([TITLE], HEADS, *ROWS)[0].unchanged == 2
    ROWS[0][5], before = 31000, ROWS[0][5]
    try:
        result, plan = take([TITLE], HEADS, *ROWS)
    finally:
        ROWS[0][5] = before
    assert (result.changed, messages(plan.warnings)) == (1, [(3, "income"), (3, "income")])
    assert "39200.00" in plan.warnings[0].message


def test_a_year_means_its_income_period_and_is_proposed_part_of_a_year_must_be_said(people: Store, take: Take) -> None:
    result, plan = take(["解放村2023年度家庭收入表（截至2023年9月）"], HEADS, ROWS[0])
    assert (result.added, len(plan.tables[0].proposals)) == (1, 1)
    with people.read() as session:
        (made,) = session.select("household_income")
    assert (made.start, made.end) == ("2022-10", "2023-09")
    result, _plan = take(["解放村2023年1-9月家庭收入表"], HEADS, ROWS[0])
    with people.read() as session:
        assert {(one.start, one.end) for one in session.select("household_income")} == {("2022-10", "2023-09"), ("2023-01", "2023-09")}
    for title in (
        "解放村2023年一至三季度家庭收入表",
        "解放村2023年前三季度家庭收入表",
        "解放村家庭收入表",
        "解放村2023年9月家庭收入监测表",
    ):
        result, _plan = take([title], HEADS, ROWS[0])
        assert messages(result.rejected) == [(3, "required")], title


def test_incomes_of_unknown_households_and_second_rows(people: Store, take: Take) -> None:
    heads = ["户编号", "家庭人口", "工资性收入", "起始月份", "截止月份"]
    rows = [["1001", 2, 100, "2022年10月", "2022年12月"], ["9999", 2, 100, "2022-10", "2022-12"], ["1001", 2, 200, "2022.10", "2022-12"]]
    result, _plan = take(heads, *rows, ["1002", 0, 1, "2023-09", "2022-10"])
    assert (result.added, messages(result.rejected), messages(result.questions)) == (
        1,
        [(3, "reference"), (5, "order")],
        [(4, "duplicate")],
    )


def test_members_with_incomes_beside_them_stay_a_registry(people: Store, take: Take) -> None:
    heads = ["户编号", "姓名", "证件号码", "与户主关系", "当前家庭人口数", "工资性收入", "人均纯收入（元）"]
    result, plan = take(heads, ["1001", "王芳", WANG, "户主", 2, 100, 50], ["1001", "李强", LI, "配偶", 2, 100, 50])
    assert (plan.tables[0].label, result.rejected) == ("人员信息表", [])
    assert "工资性收入" in plan.tables[0].notes[0]


def test_the_quarter_of_a_title_is_its_three_months(people: Store, take: Take) -> None:
    take(["解放村2023年第三季度家庭收入表"], HEADS, ROWS[0])
    with people.read() as session:
        assert {(one.start, one.end) for one in session.select("household_income")} == {("2023-07", "2023-09")}


@pytest.mark.parametrize("flat", [True, False])
def test_quarters_side_by_side_are_so_many_records(people: Store, take: Take, flat: bool) -> None:
    who, parts = ["户主姓名", "户主证件号码", "家庭人口"], ["工资性收入", "转移性收入"]
    quarters = ["一季度", "二季度", "三季度", "四季度"]
    over = [*who, *(word for quarter in quarters for word in (quarter, ""))]
    heads = [[*who, *(quarter + part for quarter in quarters for part in parts)]] if flat else [over, ["", "", "", *parts * 4]]
    result, _plan = take(["解放村2023年脱贫户收入采集表"], *heads, ["王芳", WANG, 2, 1000, 10, 2000, 20, 3000, 30, 4000, 40])
    assert result.rejected == []
    with people.read() as session:
        taken = {(one.start, one.end): (one.wages, one.transfers) for one in session.select("household_income")}
    assert taken == {
        ("2023-01", "2023-03"): (1000_00, 10_00),
        ("2023-04", "2023-06"): (2000_00, 20_00),
        ("2023-07", "2023-09"): (3000_00, 30_00),
        ("2023-10", "2023-12"): (4000_00, 40_00),
    }


def test_the_unit_may_stand_in_the_brackets_of_the_title(people: Store, take: Take) -> None:
    take(["解放村2023年家庭收入表（万元）"], HEADS, ROWS[0])
    with people.read() as session:
        assert [one.wages for one in session.select("household_income")] == [30000 * 10_000_00]
