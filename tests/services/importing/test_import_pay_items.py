"""Pay sheets on which somebody has a line for each thing their pay is made up of."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from tests.services.rosters_taken import WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

TITLE = ["解放村帮扶车间2026年3月工资表"]
HEADS = ["姓名", "身份证号", "工资项目", "金额"]


def paid(store: Store) -> list[int]:
    with store.read() as session:
        return sorted(wage.amount for wage in session.select("wage"))


def lines(*items: tuple[str, Any], names: int = 99) -> list[list[Any]]:
    """Rows of 王芳; only the first `names` say who they are of."""
    return [["王芳" if at < names else "", WANG if at < names else "", *item] for at, item in enumerate(items)]


@pytest.mark.parametrize("names", [99, 1])
@pytest.mark.parametrize("total", [[], [("小计", 2500)], [("合计", "2,500.00")]])
def test_what_pay_is_made_up_of_is_one_wage(people: Store, take: Take, total: list[tuple[str, Any]], names: int) -> None:
    parts = lines(("基本工资", 2000), ("加班费", 300), ("全勤奖", 200), ("补贴", ""), *total, names=names)
    result, plan = take(TITLE, HEADS, *parts, ["赵敏", ZHAO, "基本工资", 1800])
    assert (result.rejected, result.questions, paid(people)) == ([], [], [1800_00, 2500_00])
    told = [issue.message for issue in plan.repaired if issue.row == 3]
    assert len(told) == 1 and "2500" in told[0] and "基本工资" in told[0]
    again, _plan = take(TITLE, HEADS, *parts)
    assert (again.added, again.questions) == (0, [])


def test_what_came_into_the_hand_is_the_wage(people: Store, take: Take) -> None:
    parts = lines(("基本工资", 2000), ("加班费", 300), ("代扣社保", 100), ("应发合计", 2300), ("实发工资", 2200))
    result, _plan = take(TITLE, HEADS, *parts)
    assert (result.rejected, result.questions, paid(people)) == ([], [], [2200_00])


@pytest.mark.parametrize(
    "items",
    [
        [("基本工资", 2000), ("代扣社保", 100)],  # what is left is not said
        [("基本工资", 2000), ("罚款", 50), ("合计", 2050)],
        [("基本工资", 2000), ("其他", -50)],
        [("基本工资", 2000), ("加班费", "三百")],
    ],
)
def test_parts_that_may_not_be_summed_are_refused_as_a_whole(people: Store, take: Take, items: list[tuple[str, Any]]) -> None:
    result, _plan = take(TITLE, HEADS, *lines(*items), ["赵敏", ZHAO, "基本工资", 1800])
    assert (messages(result.rejected), paid(people)) == ([(3, "items")], [1800_00])


@pytest.mark.parametrize("items", [[("基本工资", 2000), ("加班费", 300), ("小计", 2400)], [("上衣", 300), ("上衣", 300)]])
def test_parts_that_do_not_come_to_their_sum_or_come_twice_are_asked_about(people: Store, take: Take, items: list[tuple[str, Any]]) -> None:
    result, _plan = take(TITLE, HEADS, *lines(*items))
    assert (messages(result.questions), paid(people)) == ([(3, "items")], [])


def test_parts_are_summed_by_month_and_months_in_lines_are_none(people: Store, take: Take) -> None:
    title = ["解放村帮扶车间2026年工资表"]
    across = [["王芳", WANG, "基本工资", 2000, 2000], ["王芳", WANG, "加班费", 300, ""]]
    take(title, [*HEADS[:3], "1月", "2月"], *across)
    assert paid(people) == [2000_00, 2300_00]
    below = [["赵敏", ZHAO, "2026年1月", "基本", 1800], ["赵敏", ZHAO, "2026年1月", "加班", 100], ["赵敏", ZHAO, "2026年2月", "基本", 1700]]
    take(title, ["姓名", "身份证号", "工资月份", "项目", "金额"], *below)
    assert paid(people) == [1700_00, 1900_00, 2000_00, 2300_00]
    months, _plan = take(TITLE, HEADS, *lines(("3月", 2000), ("4月", 2100)))
    assert len(months.questions) == 1


def test_pieces_of_several_sorts_are_one_wage(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "品名", "数量", "单价", "金额"]
    title = ["解放村帮扶车间2026年3月计件工资表"]
    result, _plan = take(title, heads, ["王芳", WANG, "手套", 1000, 0.5, 500], ["王芳", WANG, "口罩", 2000, 0.2, 400])
    assert (result.questions, paid(people)) == ([], [900_00])
