"""Lists whose month stands nowhere in their rows, and months side by side for public posts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.store import Store
from domain.errors import InputUnusable
from domain.records import Wage
from services import importing, records
from services.posts import pay as post_pay
from tests.rosters import write_xlsx
from tests.services.rosters_taken import DALIAN, LI, WANG, Take, messages, people, take

__all__ = ["people", "take"]

CHECKS = ["姓名", "证件号码", "务工状态", "务工地", "月收入"]
POSTS = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准（元/月）", "姓名", "身份证号码", "上岗时间"]
MONTHS = [f"{month}月" for month in range(1, 13)]


@pytest.fixture
def holder(people: Store, take: Take) -> Store:
    take(["公益性岗位台账"], POSTS, ["保洁员", "保洁", "人社", "就业补助资金", 500, "王芳", WANG, "2023-03-01"])
    return people


def test_the_month_of_a_monthly_check_stands_in_its_title(people: Store, take: Take) -> None:
    result, plan = take(["2023年6月务工月监测表"], CHECKS, ["王芳", WANG, "外出务工", DALIAN, 5000], ["李强", LI, "返乡待业", "", ""])
    assert (plan.tables[0].roster, result.added, result.rejected) == ("@monthly_check", 2, [])
    with people.read() as session:
        assert {(c.month, c.status) for c in session.select("monthly_check")} == {("2023-06", "away"), ("2023-06", "unemployed")}


def test_a_title_of_several_months_says_no_month_of_a_check(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(["2023年4月至6月务工月监测表"], CHECKS, ["王芳", WANG, "外出务工", DALIAN, 5000])


def test_failing_that_in_the_name_of_its_file_which_is_said(people: Store, tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "2023年7月务工月监测.xlsx", [CHECKS, ["王芳", WANG, "外出务工", DALIAN, 5000]])
    with people.write("导入") as session:
        plan = importing.plan(session, file)
        importing.apply(session, plan)
        assert [check.month for check in session.select("monthly_check")] == ["2023-07"]
    assert "表里没有写月份，按文件名记为 2023-07" in plan.tables[0].notes


def test_pay_of_a_post_month_by_month(holder: Store, take: Take) -> None:
    row = [1, "王芳", WANG, "", "", *[500] * 10, 5000]
    result, plan = take(["2023年解放村公益性岗位补贴发放表"], ["序号", "姓名", "身份证号", *MONTHS, "合计"], row)
    assert (plan.tables[0].roster, result.added, result.rejected) == ("post_months", 10, [])
    with holder.read() as session:
        paid = {pay.month: pay.amount for pay in session.select("post_pay")}
        assert paid == {f"2023-{month:02d}": 500_00 for month in range(3, 13)}
        assert session.count("attendance") == 0


def test_pay_that_was_corrected_is_read_as_what_it_comes_to(holder: Store, take: Take) -> None:
    """A list of what was paid in the end was refused, because the first payment was another."""

    def listed(march: float, april: int) -> Any:
        return take(["2023年公益性岗位补贴发放表"], ["姓名", "身份证号", *MONTHS], ["王芳", WANG, "", "", march, april, *[""] * 8])[0]

    assert listed(500, 500).added == 2
    with holder.write("冲减") as session:
        held = session.select("appointment")[0].id
        for month, amount in (("2023-03", -3_334), ("2023-04", -50_000)):
            records.save(session, "post_pay", {"appointment_id": held, "month": month, "amount": amount})
    again = listed(466.66, 480)
    assert (again.added, again.unchanged, messages(again.rejected)) == (1, 1, [])
    assert (listed(466.66, 480).unchanged, messages(listed(499, 480).rejected)) == (2, [(3, "append_only")])
    with holder.read() as session:
        assert {line.paid.amount for line in post_pay.month(session, "2023-04") if line.paid} == {48_000}


def test_days_present_on_a_post_month_by_month(holder: Store, take: Take) -> None:
    row = [1, "王芳", WANG, "", "", *[26] * 10, 260]
    take(["2023年解放村公益性岗位出勤统计表（单位：天）"], ["序号", "姓名", "身份证号", *MONTHS, "合计"], row)
    with holder.read() as session:
        assert {kept.days for kept in session.select("attendance")} == {26}
        assert (session.count("attendance"), session.count("post_pay")) == (10, 0)


@pytest.mark.parametrize("under", [("应发补贴", "实发补贴"), ("出勤天数", "补贴金额")])
def test_of_what_stands_under_each_month_what_was_paid_is_read(holder: Store, take: Take, under: tuple[str, str]) -> None:
    title, heads = ["2023年公益性岗位出勤及补贴统计表"], ["姓名", "身份证号", "岗位名称", "3月", "", "4月", ""]
    result, plan = take(title, heads, ["", "", "", *under, *under], ["王芳", WANG, "保洁员", 26, 500, 20, 450])
    assert (plan.tables[0].notes, result.rejected) == ([f"没有导入的列：3月{under[0]}、4月{under[0]}"], [])
    with holder.read() as session:
        assert sorted((pay.month, pay.amount) for pay in session.select("post_pay")) == [("2023-03", 500_00), ("2023-04", 450_00)]


def test_a_month_that_comes_twice_in_a_row_is_told(holder: Store, take: Take) -> None:
    heads, row = ["姓名", "身份证号", "3月", "3月"], ["王芳", WANG, 500, 450]
    refused, _plan = take(["2023年公益性岗位补贴发放表"], heads, row)
    assert messages(refused.rejected) == [(3, "duplicate")]
    asked, _plan = take(["2023年务工监测"], heads, [*row[:2], "外出", "待业"])
    assert messages(asked.questions) == [(3, "duplicate")]


def test_what_stands_under_one_month_beside_months_of_their_own_is_told(holder: Store, take: Take) -> None:
    heads, under = ["姓名", "身份证号", "3月", "4月", ""], ["", "", "", "实发补贴", "出勤天数"]
    _result, plan = take(["2023年公益性岗位补贴发放表"], heads, under, ["王芳", WANG, 500, 450, 20])
    assert plan.tables[0].notes == ["没有导入的列：4月实发补贴、4月出勤天数"]


def test_months_of_a_post_that_may_be_days_or_pay_are_refused(holder: Store, take: Take) -> None:
    result, _plan = take(["2023年公益性岗位出勤及补贴统计表"], ["姓名", "身份证号", *MONTHS], ["王芳", WANG, *[30] * 12])
    assert messages(result.rejected) == [(3, "required")]


def test_a_month_before_the_post_was_held_refuses_the_row(holder: Store, take: Take) -> None:
    result, _plan = take(["2023年公益性岗位补贴发放表"], ["姓名", "身份证号", *MONTHS], ["王芳", WANG, *[500] * 12])
    assert messages(result.rejected) == [(3, "reference")]
    assert "2023-01" in result.rejected[0].message


def test_a_month_of_the_sheet_has_the_year_of_the_file(people: Store, tmp_path: Path) -> None:
    rows = CHECKS, ["王芳", WANG, "外出务工", DALIAN, 5000]
    file = write_xlsx(tmp_path / "2023年务工月监测.xlsx", rows, sheet="4月份")
    with people.write("导入") as session:
        importing.apply(session, importing.plan(session, file))
        assert [check.month for check in session.select("monthly_check")] == ["2023-04"]


@pytest.mark.parametrize(
    ("title", "heads", "month", "doubt"),
    [
        ("解放村就业帮扶车间工资表", [2026.1], "2026-01", True),
        ("解放村就业帮扶车间2026年10月工资表", [2026.1], "2026-10", False),
        ("解放村就业帮扶车间2026年1月工资表", [2026.1], "2026-01", False),
        ("解放村就业帮扶车间工资表", [2026.1, 2026.2], "2026-01", False),
    ],
)
def test_a_heading_2026_1_that_may_be_january_or_october_is_told(
    people: Store, take: Take, title: str, heads: list[float], month: str, doubt: bool
) -> None:
    _result, plan = take([title], ["姓名", "身份证号", *heads], ["王芳", WANG, *[2600] * len(heads)])
    with people.read() as session:
        assert min(wage.month for wage in session.select(Wage)) == month
    assert any("1 月还是 10 月" in note for note in [*plan.tables[0].notes, *plan.tables[0].proposals]) is doubt


PAY_HEADS = ["姓名", "身份证号", "岗位名称", "发放月份", "金额"]


def test_a_month_that_a_row_of_pay_states_is_its_month(holder: Store, take: Take) -> None:
    """What was paid later for August went in as paid for the title's October, or was refused as the same record."""
    rows = [
        ["王芳", WANG, "保洁员", month, amount] for month, amount in (("2023年10月", 500), ("2023年8月（补发）", 50), ("6月(补发)", 40))
    ]
    result, _plan = take(["2023年10月公益性岗位补贴发放表"], PAY_HEADS, *rows)
    assert (result.added, messages(result.rejected), messages(result.questions)) == (3, [], [])
    with holder.read() as session:
        assert {pay.month: pay.amount for pay in session.select("post_pay")} == {"2023-06": 4000, "2023-08": 5000, "2023-10": 50000}


def test_a_month_that_a_row_of_wages_states_is_its_month(people: Store, take: Take) -> None:
    rows = [["王芳", WANG, "2023年10月", 3000], ["王芳", WANG, "2023年8月补发", 200]]
    result, _plan = take(["2023年10月解放村帮扶车间工资表"], ["姓名", "身份证号", "发放月份", "实发工资"], *rows)
    assert (messages(result.rejected), messages(result.questions)) == ([], [])
    with people.read() as session:
        assert {wage.month: wage.amount for wage in session.select(Wage)} == {"2023-10": 300_000, "2023-08": 20_000}


@pytest.mark.parametrize(("paid", "months", "asked"), [("2023年11月", ["2023-10"], 0), ("2024年8月", [], 1)])
def test_a_later_month_of_payment_is_that_in_which_it_was_paid_out(
    holder: Store, take: Take, paid: str, months: list[str], asked: int
) -> None:
    result, plan = take(["2023年10月公益性岗位补贴发放表"], PAY_HEADS, ["王芳", WANG, "保洁员", paid, 500])
    assert ([code for _row, code in messages(plan.warnings)], len(result.questions)) == (["month"] if not asked else [], asked)
    with holder.read() as session:
        assert [pay.month for pay in session.select("post_pay")] == months


DAY_HEADS = ["姓名", "身份证号", *range(1, 31), "出勤天数"]


def _told(plan: importing.Plan) -> set[str]:
    return {issue.message for row in plan.tables[0].rows for issue in row.issues}


def _kept(store: Store) -> list[tuple[str | None, int | None]]:
    with store.read() as session:
        return [(one.marks, one.days) for one in session.select("attendance")]


@pytest.mark.parametrize("total", [30, "", "满勤"])
def test_full_attendance_in_one_word_is_the_month_and_not_its_first_day(holder: Store, take: Take, total: object) -> None:
    """It was taken as one day of thirty."""
    result, plan = take(["2023年6月乡村公益性岗位考勤表"], DAY_HEADS, ["王芳", WANG, "全勤", *[""] * 29, total])
    assert _kept(holder) == [(None, 30)] and result.rejected == []
    assert total == 30 or "写的是「全勤」，按 30 天记" in _told(plan)


def test_full_attendance_among_the_days_is_each_a_day(holder: Store, take: Take) -> None:
    take(["2023年6月乡村公益性岗位考勤表"], DAY_HEADS, ["王芳", WANG, *["全勤"] * 20, *["休"] * 10, 20])
    assert _kept(holder) == [("P" * 20 + "R" * 10, None)]


def test_full_attendance_as_days_beside_the_pay_is_what_the_post_requires(people: Store, take: Take) -> None:
    """The days were left blank, and the pay was booked without attendance."""
    heads = [*POSTS[:5], "规定出勤天数", *POSTS[5:], "退岗时间"]
    held = ["保洁员", "保洁", "人社", "就业补助资金", 500, 22]
    take(["公益性岗位台账"], heads, [*held, "王芳", WANG, "2023-03-01", ""], [*held, "李强", LI, "2023-03-01", "2023-04-10"])
    pay = ["姓名", "身份证号", "出勤天数", "补贴金额（元）", "发放日期"]
    rows = ["王芳", WANG, "满勤", 500, "2023-05-10"], ["李强", LI, "全勤", 200, "2023-05-10"]
    _result, plan = take(["2023年4月公益岗补贴发放表"], pay, *rows)
    assert _kept(people) == [(None, 22)]
    assert {"写的是「全勤」，按 22 天记", "写的是「全勤」，但这个月只有一部分在岗，天数没有记，请写出勤天数"} <= _told(plan)


def test_attendance_after_leaving_is_warned_of(people: Store, take: Take) -> None:
    """It went in without a word."""
    take(
        ["公益性岗位台账"],
        [*POSTS, "退岗时间"],
        ["保洁员", "保洁", "人社", "就业补助资金", 500, "王芳", WANG, "2023-03-01", "2023-06-15"],
    )
    row = ["王芳", WANG, *["√"] * 20, *[""] * 10, 20]
    _result, plan = take(["2023年6月乡村公益性岗位考勤表"], DAY_HEADS, row)
    assert "2023-06 在岗只有 2023-06-01 至 2023-06-15，考勤里有不在岗的日子，请核对" in _told(plan)


def test_somebody_and_the_replacement_hold_one_place(people: Store, take: Take) -> None:
    """The quota was the number of rows, so that the page showed a vacancy that never was."""
    post = ["保洁员", "保洁", "人社", "就业补助资金", 500]
    rows = [*post, "王芳", WANG, "2023-01-01", "2023-06-15"], [*post, "李强", LI, "2023-06-16", ""]
    _result, plan = take(["公益性岗位台账"], [*POSTS, "退岗时间"], *rows)
    with people.read() as session:
        assert [one.quota for one in session.select("post")] == [1]
    assert any("岗位数量按同一天最多在岗人数记为 1" in note for note in [*plan.tables[0].notes, *plan.tables[0].proposals])
