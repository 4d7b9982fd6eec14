"""A √ a day over a month, and a word a month over a year."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from db.store import Store
from domain.records import Assessment, Attendance, MonthlyCheck, PostPay, Wage
from services.importing.tables.headings import days_across
from tests.services.rosters_taken import LI, WANG, Take, messages, people, take

__all__ = ["people", "take"]

POST = ["岗位名称", "姓名", "身份证号码", "上岗时间", "协议起止", "待遇标准（元/月）", "资金渠道", "开发主体"]
HELD = ["2023-01-01", "2023.1.1-2023.12.31", 500, "就业补助资金", "人社部门"]
DAYS = list(range(1, 32))


@pytest.fixture
def holders(people: Store, take: Take) -> Store:
    take(["公益性岗位台账"], POST, ["保洁", "王芳", WANG, *HELD], ["护路", "李强", LI, *HELD])
    return people


def marks(store: Store) -> list[tuple[str, str | None, int | None]]:
    with store.read() as session:
        return sorted((a.month, a.marks, a.days) for a in session.select(Attendance))


def test_a_tick_a_day_is_a_months_attendance(holders: Store, take: Take) -> None:
    heads = ["序号", "姓名", "身份证号", *DAYS, "出勤天数"]
    result, _plan = take(
        ["公益性岗位人员考勤表"], ["2023年3月"], heads, [1, "王芳", WANG, *["√"] * 20, *["病"] * 2, *["事"], *[""] * 8, 20]
    )
    assert result.rejected == []
    assert marks(holders) == [("2023-03", "P" * 20 + "SSL" + "-" * 8, None)]


@pytest.mark.parametrize(
    "heads",
    [
        [["姓名", *[f"{day}日" for day in DAYS]]],
        [["姓名", *[f"3月{day}日" for day in DAYS]]],
        [["姓名", "日期", *[""] * 30], ["", *DAYS]],
    ],
)
def test_days_are_headed_in_many_ways(holders: Store, take: Take, heads: list[list[Any]]) -> None:
    take(["公益岗考勤 2023年3月"], *heads, ["王芳", *[1, 0] * 15, 1])
    assert marks(holders) == [("2023-03", "P-" * 15 + "P", None)]


def test_a_line_that_says_what_the_signs_mean_is_believed(holders: Store, take: Take) -> None:
    rows = [["姓名", *DAYS], ["王芳", *["√"] * 29, "○", "△"], ["备注：出勤√ 病假△ 事假○ 旷工×"]]
    take(["公益岗考勤 2023年3月"], *rows)
    assert marks(holders) == [("2023-03", "P" * 29 + "LS", None)]


def test_what_no_day_can_hold_refuses_the_row(holders: Store, take: Take) -> None:
    heads = ["姓名", *DAYS]
    result, _plan = take(["公益岗考勤 2023年4月"], heads, ["王芳", *["√"] * 31], ["李强", "√", "♀", *[""] * 29])
    assert messages(result.rejected) == [(3, "day"), (4, "mark")]
    assert marks(holders) == []


def test_a_total_that_the_ticks_do_not_come_to_is_asked_about(holders: Store, take: Take) -> None:
    rows = ["姓名", *DAYS, "出勤天数"], ["王芳", *["√"] * 25, *[""] * 6, 31]
    result, _plan = take(["公益岗考勤 2023年3月"], *rows)
    assert messages(result.questions) == [(3, "days")]
    take(["公益岗考勤 2023年3月"], *rows, answer=[3])
    assert marks(holders) == [("2023-03", "P" * 25 + "-" * 6, None)]


def test_a_sheet_of_days_takes_the_place_of_a_total(holders: Store, take: Take) -> None:
    take(["公益岗考勤"], ["姓名", "身份证号", "月份", "出勤天数"], ["王芳", WANG, "2023年3月", 22])
    assert marks(holders) == [("2023-03", None, 22)]
    rows = ["姓名", *DAYS], ["王芳", *["√"] * 20, *[""] * 11]
    result, _plan = take(["公益岗考勤 2023年3月"], *rows)
    assert (result.changed, marks(holders)) == (1, [("2023-03", "P" * 20 + "-" * 11, None)])
    result, _plan = take(["公益岗考勤 2023年3月"], *rows)
    assert (result.changed, result.unchanged) == (0, 1)


def test_an_attendance_of_nothing_or_of_too_much_is_none(holders: Store, take: Take) -> None:
    result, _plan = take(["姓名", "身份证号", "月份", "出勤天数"], ["王芳", WANG, "2023年4月", "31"], ["李强", LI, "2023年4月", "28.5"])
    assert messages(result.rejected) == [(2, "days"), (3, "unread")]
    result, _plan = take(["2023年4月公益岗出勤"], ["姓名", "身份证号", "出勤天数"], ["王芳", WANG, 31])
    assert messages(result.rejected) == [(3, "days")]
    assert marks(holders) == []


def test_who_was_not_there_to_be_assessed_has_no_score(holders: Store, take: Take) -> None:
    result, _plan = take(["公益岗考核表"], ["姓名", "身份证号", "考核期", "得分"], ["王芳", WANG, "2023年", "缺考"])
    assert (result.added, result.rejected) == (1, [])
    with holders.read() as session:
        assert [(one.period, one.score) for one in session.select(Assessment)] == [("2023年", None)]


def test_the_row_that_sums_up_a_monthly_list_is_nobody(holders: Store, take: Take) -> None:
    rows = ["姓名", "身份证号", "出勤天数"], ["王芳", WANG, 30], ["合计", "1人", 30]
    result, _plan = take(["2023年4月公益岗出勤"], *rows)
    assert result.rejected == []
    assert marks(holders) == [("2023-04", None, 30)]


def test_a_word_a_month_is_what_they_were_doing(people: Store, take: Take) -> None:
    rows = ["姓名", "身份证号", "1月", "2月", "3月"], ["王芳", WANG, "外出务工", "待业", ""], ["李强", LI, "车间务工", "外出打工", "休眠"]
    result, _plan = take(["解放村2023年务工月监测"], *rows)
    assert messages(result.rejected) == [(4, "choice")]
    with people.read() as session:
        assert sorted((c.month, c.status) for c in session.select(MonthlyCheck)) == [("2023-01", "away"), ("2023-02", "unemployed")]
    again, _plan = take(["解放村2023年务工月监测"], *rows[:2])
    assert (again.added, again.changed) == (0, 0)


@pytest.mark.parametrize("title", ["解放村就业帮扶车间2023年务工情况统计表", "解放村就业帮扶车间2023年就业情况"])
def test_sums_under_a_title_that_speaks_of_work_are_pay(people: Store, take: Take, title: str) -> None:
    take(["解放村就业帮扶车间用工花名册"], ["姓名", "身份证号码", "岗位", "入职时间"], ["王芳", WANG, "缝纫", "2023-01-01"])
    result, _plan = take([title], ["姓名", "身份证号", "1月", "2月", "累计"], ["王芳", WANG, 1200, "1,300.5", 2500.5])
    assert result.rejected == []
    with people.read() as session:
        assert sorted(wage.amount for wage in session.select(Wage)) == [120000, 130050]


def test_totals_of_quarters_between_the_months_are_no_tables_of_their_own(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "1月", "2月", "3月", "一季度小计", "4月", "5月", "6月", "二季度小计"]
    title = ["解放村就业帮扶车间2023年工资表"]
    take(["解放村就业帮扶车间用工花名册"], ["姓名", "身份证号码", "岗位", "入职时间"], ["王芳", WANG, "缝纫", "2023-01-01"])
    result, plan = take(title, heads, ["王芳", WANG, 1, 2, 3, 6, 4, 5, 6, 15])
    assert (result.questions, len(plan.tables)) == ([], 1)
    with people.read() as session:
        assert sorted(wage.amount for wage in session.select(Wage)) == [100, 200, 300, 400, 500, 600]


def test_dates_side_by_side_are_days_and_a_few_numbers_are_not() -> None:
    assert list(days_across(["姓名", *(date(2023, 3, day) for day in DAYS)]).values()) == DAYS
    assert days_across(["姓名", 1, 2, 3]) == {}
    assert days_across(["姓名", *range(5, 32)]) == {}


def test_the_sheet_this_program_prints_is_read_when_it_is_filled_in(holders: Store, take: Take) -> None:
    titles = ["乡村公益性岗位考勤表"], ["用人单位：解放村", "月份：2023年3月"]
    feet = ["　　√ 出勤　病 病假　事 事假　旷 旷工　休 休息；只有 √ 计入出勤天数。"], ["考勤员：", "", "审核人：", "", "单位（盖章）："]
    result, plan = take(
        *titles, ["序号", "姓　　名", *DAYS, "出勤", "签字"], [1, "王芳", *["√"] * 31, 31, ""], [2, "李强", *[""] * 33], *feet
    )
    assert (result.rejected, result.questions, plan.tables[0].notes) == ([], [], [])
    assert marks(holders) == [("2023-03", "P" * 31, None)]


HALVES = ["上午", "下午"]
AS_COLUMNS = ["姓名", *(cell for day in DAYS for cell in (day, ""))], ["", *HALVES * 31]
AS_COLUMNS_SAID = ["姓名", *(cell for day in DAYS for cell in (day, day))], ["", *HALVES * 31]


@pytest.mark.parametrize("name", ["王芳", ""])
def test_mornings_and_afternoons_in_two_rows_are_whole_days_where_they_agree(holders: Store, take: Take, name: str) -> None:
    rows = ["姓名", "时段", *DAYS], ["王芳", "上午", *["√"] * 30, "病"], [name, "下午", *["√"] * 30, "病"]
    result, _plan = take(["2023年3月公益岗考勤"], *rows)
    assert result.rejected == []
    assert marks(holders) == [("2023-03", "P" * 30 + "S", None)]


@pytest.mark.parametrize("heads", [AS_COLUMNS, AS_COLUMNS_SAID])
def test_mornings_and_afternoons_in_two_columns_are_whole_days_where_they_agree(holders: Store, take: Take, heads: Any) -> None:
    """The afternoons had been left out without a word: half a day was a whole one."""
    result, plan = take(["2023年3月公益岗考勤"], *heads, ["王芳", *["√"] * 60, "", ""], ["李强", *["√", "√"] * 30, "√", "病"])
    assert (messages(result.rejected), plan.tables[0].notes) == ([(5, "half_day")], [])
    assert "31 日是「上午√下午病」" in result.rejected[0].message
    assert marks(holders) == [("2023-03", "P" * 30 + "-", None)]


def test_half_days_are_no_days(holders: Store, take: Take) -> None:
    rows = [["王芳", "上午", *["√"] * 31], ["王芳", "下午", *["√"] * 30, ""], ["李强", "下午", *["√"] * 31]]
    result, _plan = take(["2023年3月公益岗考勤"], ["姓名", "时段", *DAYS], *rows)
    assert messages(result.rejected) == [(3, "half_day"), (5, "half_day")]
    assert marks(holders) == []


def test_a_list_of_pay_says_its_month_in_a_column(holders: Store, take: Take) -> None:
    take(
        ["公益岗补贴发放表"], ["姓名", "身份证号", "补贴月份", "补贴金额"], ["王芳", WANG, "2023年1月", 500], ["王芳", WANG, "23年2月", 500]
    )
    with holders.read() as session:
        assert sorted(pay.month for pay in session.select(PostPay)) == ["2023-01", "2023-02"]


def test_the_month_in_which_money_went_out_is_not_the_one_it_is_for(holders: Store, take: Take) -> None:
    take(["2023年3月公益岗补贴发放表"], ["姓名", "身份证号", "补贴金额", "发放月份"], ["王芳", WANG, 500, "2023年4月"])
    with holders.read() as session:
        assert [pay.month for pay in session.select(PostPay)] == ["2023-03"]


def test_a_stroke_means_what_a_line_says_and_is_told_where_none_does(holders: Store, take: Take) -> None:
    heads = ["序号", "姓名", "身份证号", *DAYS]
    strokes = ["√"] * 20 + ["/"] * (len(DAYS) - 20)
    _result, plan = take(["2023年3月公益岗考勤表"], heads, [1, "王芳", WANG, *strokes])
    assert any("/" in note for note in plan.tables[0].notes)
    _result, plan = take(["2023年3月公益岗考勤表"], heads, [1, "李强", LI, *["/"] * len(DAYS)], ["备注：出勤/ 病假△ 事假○"])
    assert not any("/" in note for note in plan.tables[0].notes)
    found = {said for _month, said, _days in marks(holders)}
    assert found == {"P" * 20 + "-" * 11, "P" * len(DAYS) + "-" * (31 - len(DAYS))}


@pytest.mark.parametrize("said", ["出勤/缺勤由站长填写", "考勤：出勤/病假/事假"])
def test_a_stroke_between_words_is_no_sign(holders: Store, take: Take, said: str) -> None:
    take(["2023年3月公益岗考勤表"], [said], ["姓名", "身份证号", *DAYS], ["王芳", WANG, *["√"] * 20, *["/"] * 11])
    assert marks(holders) == [("2023-03", "P" * 20 + "-" * 11, None)]


def test_strokes_between_signs_part_them(holders: Store, take: Take) -> None:
    take(["2023年3月公益岗考勤表"], ["出勤√/病假△/事假○"], ["姓名", "身份证号", *DAYS], ["王芳", WANG, *["√"] * 29, "△", "○"])
    assert marks(holders) == [("2023-03", "P" * 29 + "SL", None)]


def test_a_sign_for_absence_that_the_sheet_explains_is_absence_without_leave_and_says_so(holders: Store, take: Take) -> None:
    """It was recorded as a day of which nothing is known."""
    rows = [["姓名", *DAYS], ["王芳", *["√"] * 29, "×", "×"]]
    _result, plan = take(["公益岗考勤 2023年3月"], *rows, ["备注：√出勤 ×缺勤"])
    assert marks(holders) == [("2023-03", "P" * 29 + "AA", None)]
    assert any("缺勤" in note for note in plan.tables[0].notes)


def test_a_sign_for_absence_without_an_explanation_says_no_more_than_that(holders: Store, take: Take) -> None:
    _result, plan = take(["公益岗考勤 2023年3月"], ["姓名", *DAYS], ["王芳", *["√"] * 29, "×", "缺勤"])
    assert marks(holders) == [("2023-03", "P" * 29 + "--", None)]
    assert not any("缺勤" in note for note in plan.tables[0].notes)
