"""Money and whose it is, where a sheet has several columns that could be it."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain.errors import InputUnusable
from domain.fields import kind_of
from services.lists.columns import cells
from tests.services.rosters_taken import DALIAN, LI, WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

CARD = "6228480402564890018"
POSTS = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准（元/月）", "姓名", "身份证号码", "上岗时间"]


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        (["应发工资", "代扣社保", "实发"], [3000, 300, 2700]),
        (["计件数", "单价", "金额", "扣款", "实发工资"], [300, 10, 3000, 300, 2700]),
        (["基本工资", "奖金", "应发合计", "扣款合计", "实发合计"], [2000, 1000, 3000, 300, 2700]),
        (["实发金额", "应发工资"], [2700, 3000]),
    ],
)
def test_a_wage_is_what_came_into_the_hand(people: Store, take: Take, headings: list[str], cells: list[Any]) -> None:
    result, _plan = take(["解放村帮扶车间2026年3月工资表"], ["姓名", "身份证号", *headings], ["王芳", WANG, *cells])
    assert (result.rejected, result.warnings) == ([], [])
    with people.read() as session:
        assert [wage.amount for wage in session.select("wage")] == [2700_00]


def test_what_was_paid_altogether_is_compared_with_the_months(people: Store, take: Take) -> None:
    result, _plan = take(["解放村帮扶车间2026年工资表"], ["姓名", "身份证号", "1月", "2月", "实发合计"], ["王芳", WANG, 2000, 1000, 3100])
    assert messages(result.warnings) == [(3, "total")]
    with people.read() as session:
        assert sorted(wage.amount for wage in session.select("wage")) == [1000_00, 2000_00]


def test_pay_on_a_post_is_what_came_into_the_hand(people: Store, take: Take) -> None:
    take(["公益性岗位台账"], POSTS, ["保洁员", "保洁", "人社", "就业补助资金", 500, "王芳", WANG, "2026-01-01"])
    take(
        ["2026年2月公益岗补贴发放表"],
        ["姓名", "身份证号", "岗位", "出勤天数", "应发", "扣款", "实发"],
        ["王芳", WANG, "保洁员", 28, 500, 50, 450],
    )
    with people.read() as session:
        assert [pay.amount for pay in session.select("post_pay")] == [450_00]


@pytest.mark.parametrize("holder", ["户名", "一卡通户名", "惠农卡户名", "社保卡姓名"])
def test_an_account_held_by_somebody_else_is_not_the_persons_own(people: Store, take: Take, holder: str) -> None:
    heads = ["学生姓名", "学生身份证号", "学校", "学段", "学期", "一卡通账号", holder]
    row = ["某职业学院", "高职", "2026年春季学期", CARD]
    result, _plan = take(["雨露计划花名册"], heads, ["王芳", WANG, *row, "李强"], ["赵敏", ZHAO, *row, "赵 敏"])
    assert messages(result.warnings) == [(3, "holder")]
    with people.read() as session:
        assert {p.name: p.bank_account for p in session.select("person")} == {"王芳": None, "李强": None, "赵敏": CARD}


def test_a_list_of_cards_says_that_another_holds_the_account(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "账户名", "一卡通账号"]
    result, _plan = take(["惠农一卡通信息采集表"], heads, ["王芳", WANG, "李强", CARD], ["李强", LI, "李强", CARD])
    assert (result.rejected, messages(result.warnings)) == ([], [(3, "holder")])
    told, _plan = take(["惠农一卡通信息采集表"], heads, ["赵敏", ZHAO, "赵敏（本人）", CARD])
    assert told.warnings == []
    again, _plan = take(["惠农一卡通信息采集表"], heads, ["王芳", WANG, "李强", CARD])
    assert (again.changed, again.warnings) == (0, [])


def test_the_number_of_a_student_is_read_and_not_looked_for_by_name(people: Store, take: Take) -> None:
    heads = ["学生姓名", "学生身份证号", "户主姓名", "户主身份证号", "学校", "学段", "学期"]
    result, _plan = take(["雨露计划花名册"], heads, ["汪芳", WANG, "赵敏", ZHAO, "某职业学院", "高职", "2026年春季学期"])
    assert messages(result.warnings) == [(3, "name")]
    with people.read() as session:
        assert [study.person_id for study in session.select("schooling")] == [p.id for p in session.select("person") if p.name == "王芳"]


def test_a_disability_number_tells_who_it_is_where_no_other_does(people: Store, take: Take) -> None:
    result, _plan = take(["残疾人花名册"], ["姓名", "性别", "残疾证号", "与户主关系"], ["王芳", "女", WANG + "43", "户主"])
    assert (result.added, result.rejected) == (0, [])
    result, plan = take(["残疾人花名册"], ["姓名", "残疾证号", "身份证号", "与户主关系"], ["王芳", "丢了", WANG, "户主"])
    assert (result.rejected, plan.tables[0].columns[1].target) == ([], "")


def test_fares_of_a_second_leg_are_told_and_not_lost_in_silence(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "务工地点", "务工开始时间", "去程金额", "返程金额"]
    legs = [["王芳", WANG, DALIAN, "2026-03-01", 35, 35], ["王芳", WANG, DALIAN, "2026-06-01", 180.5, 180.5]]
    result, _plan = take(["2026年交通补贴申报表"], heads, *legs)
    assert messages(result.warnings) == [(4, "fare")]
    with people.read() as session:
        assert [(travel.outward, travel.homeward) for travel in session.select("travel")] == [(3500, 3500)]


@pytest.mark.parametrize("heading", ["工资（元/天）", "金额（元/件）", "工资（元/小时）", "工资（元/人/天）", "工资（每天）", "工资（年）"])
def test_pay_by_the_day_or_piece_is_no_months_wage(people: Store, take: Take, heading: str) -> None:
    with pytest.raises(InputUnusable):
        take(["解放村帮扶车间2026年3月工资表"], ["姓名", "身份证号", heading, "数量"], ["王芳", WANG, 100, 26])


@pytest.mark.parametrize("heading", ["工资（元/个月）", "工资（每个月）"])
def test_pay_by_the_month_is_a_months_wage(people: Store, take: Take, heading: str) -> None:
    assert take(["解放村帮扶车间2026年3月工资表"], ["姓名", "身份证号", heading], ["王芳", WANG, 2000])[0].rejected == []
    with people.read() as session:
        assert [wage.amount for wage in session.select("wage")] == [2000_00]


def test_a_standard_by_the_year_is_not_by_the_month(people: Store, take: Take) -> None:
    heads = [*POSTS[:4], "补贴标准（元/年）", *POSTS[5:]]
    result, _plan = take(["公益岗台账"], heads, ["护林员", "护林", "林草", "生态护林员资金", 9600, "王芳", WANG, "2026-01-01"])
    assert (result.added, [code for _row, code in messages(result.rejected)]) == (0, ["required"])
    take(["2026年外出务工名单"], ["姓名", "身份证号", "开始时间", "务工地点", "月工资（元/天）"], ["王芳", WANG, "2026-03-01", DALIAN, 200])
    with people.read() as session:
        assert [work.monthly_wage for work in session.select("employment")] == [None]


def test_pay_above_the_standard_and_an_agreement_that_ends_before_it_begins_are_told(people: Store, take: Take) -> None:
    row = ["保洁员", "保洁", "人社", "就业补助资金", 500, "王芳", WANG, "2026-01-01"]
    result, _plan = take(["公益性岗位台账"], [*POSTS, "协议开始", "协议结束"], [*row, "2026-12-31", "2026-01-01"])
    assert messages(result.warnings) == [(3, "order")]
    pay = [["2026年3月公益岗补贴发放表"], ["姓名", "身份证号", "岗位", "补贴月数", "补贴金额"], ["王芳", WANG, "保洁员", 3, 1500]]
    result, _plan = take(*pay)
    assert (result.added, messages(result.warnings)) == (1, [(3, "standard")])
    assert take(*pay)[0].warnings == []


@pytest.mark.parametrize("month", ["2062年3月", "2099年12月"])
def test_a_month_that_is_to_come_is_told(people: Store, take: Take, month: str) -> None:
    result, _plan = take([f"解放村帮扶车间{month}工资表"], ["姓名", "身份证号", "实发工资"], ["王芳", WANG, 100])
    assert {code for _row, code in messages(result.warnings)} == {"ahead"}


def test_one_amount_of_several_months_says_what_is_wrong(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable, match="几个月"):
        take(["2026年2月、3月公益岗补贴发放表"], ["姓名", "身份证号", "岗位", "补贴金额"], ["王芳", WANG, "保洁员", 1000])


def test_a_card_in_the_column_of_the_bank_is_told_and_goes_in(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "开户行", "银行卡号", "备注"]
    result, _plan = take(["惠农一卡通信息采集表"], heads, ["王芳", WANG, CARD, "", f"配偶{LI}"], ["李强", LI, "邮储", CARD, ""])
    assert (result.rejected, messages(result.warnings)) == ([], [(3, "inside"), (3, "inside")])
    assert not any(CARD in issue.value or LI in issue.value for issue in result.warnings)
    with people.read() as session:
        kind, wang = kind_of("person"), next(person for person in session.select("person") if person.name == "王芳")
        assert wang.bank_name == CARD
        assert cells(session, kind, [wang], ["bank_name"], "2026-11-27") == [("****0018",)]
