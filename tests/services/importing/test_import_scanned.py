"""Rosters copied from scans and chats: letters for digits, words beside numbers, rows that slipped, headings read wrongly."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.errors import InputUnusable
from services import importing
from tests.services.importing.test_import_first_sight import fields
from tests.services.rosters_taken import LI, WANG, ZHAO, Take, messages, number, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]


def taken(store: Store, text: str, name: str = "名册.txt") -> importing.ImportResult:
    with store.write("导入") as session:
        return importing.apply(session, importing.plan(session, text.encode(), name=name))


def test_pay_without_its_result_is_not_what_was_due(people: Store) -> None:
    """The column of what was paid counts although its formulas failed; what was due is no substitute."""
    result = taken(people, f"巾帼帮扶车间2023年1月工资表\n姓名,身份证号,应发工资,扣款,实发工资\n王芳,{WANG},1500,50,#REF!\n", "名册.csv")
    assert messages(result.rejected) == [(3, "formula")] and not fields(people, "wage", "amount")


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("换号了", "13800138001"),
        ("13804541122（儿子的）", "13804541122"),
        ("13804541122/家里0454-6221133", "13804541122"),
        ("13804541122、13904541122两个都行", "13804541122、13904541122两个都行"),
    ],
)
def test_a_phone_among_words_is_read_alone(people: Store, take: Take, cell: str, phone: str) -> None:
    result, _plan = take(["人员信息表"], [*NI, "与户主关系", "联系电话"], ["王芳", WANG, "户主", cell])
    assert (phone,) in fields(people, "person", "phone") and not result.rejected


def test_letters_for_digits_in_an_id_number_are_repaired_if_the_check_digit_fits(people: Store, take: Take) -> None:
    scanned = WANG.replace("0", "O").replace("1", "l")
    result, _plan = take(["外出务工台账"], [*NI, "务工地点", "外出时间"], ["王芳", scanned, "大连市", "2025-02-18"])
    assert fields(people, "employment", "start") == [("2025-02-18",)] and not result.rejected
    result, _plan = take(["外出务工台账"], [*NI, "务工地点", "外出时间"], ["王芳", WANG[:-1] + "lO", "大连市", "2025-02-18"])
    assert [issue.row for issue in result.rejected] == [3]


def test_letters_for_digits_in_a_date_are_asked(people: Store, take: Take) -> None:
    rows = ["外出务工台账"], [*NI, "务工地点", "外出时间"], ["王芳", WANG, "大连市", "2O25-O2-l8"]
    result, _plan = take(*rows)
    assert messages(result.questions) == [(3, "misread")] and not fields(people, "employment", "start")
    take(*rows, answer=[3])
    assert fields(people, "employment", "start") == [("2025-02-18",)]


def test_a_number_where_people_sign_is_asked(people: Store, take: Take) -> None:
    heads = [*NI, "应发工资", "扣款", "实发工资", "签字"]
    result, _plan = take(["巾帼帮扶车间2023年1月工资表"], heads, ["王芳", WANG, 2100, ".", 50, 2050], ["李强", LI, 2100, 50, 2050, "李强"])
    assert messages(result.questions) == [(3, "shifted")] and fields(people, "wage", "amount") == [(205000,)]


def test_people_below_headings_read_wrongly_are_not_left_out_in_silence(people: Store, take: Take) -> None:
    wrong = ["姓各", "身份征号", "务工地占", "外出时闾"]
    right = [*NI, "务工地点", "外出时间"]
    result, _plan = take(["外出务工台账"], wrong, ["王芳", WANG, "大连市", "2025-02"], right, ["李强", LI, "大连市", "2025-03"])
    assert messages(result.rejected) == [(3, "unheaded")] and fields(people, "employment", "start") == [("2025-03",)]


def test_a_form_above_a_list_is_no_row_of_it(people: Store, take: Take) -> None:
    rows = ["户主姓名", "王芳", "身份证号", WANG], [*NI, "与户主关系"], ["李强", LI, "配偶"]
    result, _plan = take(*rows)
    assert not result.rejected


def test_the_line_below_the_headings_of_a_text_is_no_row(people: Store) -> None:
    text = f"外出务工台账\n| 姓名 | 身份证号 | 务工地点 | 外出时间 |\n|:---:|---|---|---|\n| 王芳 | {WANG} | 大连市 | 2025-02-18 |\n"
    result = taken(people, text)
    assert fields(people, "employment", "start") == [("2025-02-18",)] and not result.rejected


def test_status_place_and_income_below_each_month(people: Store, take: Take) -> None:
    top, below = ["姓名", "身份证号", "9月", "", "", "10月", "", ""], ["", "", *(["状态", "务工地", "收入"] * 2)]
    rows = [["王芳", WANG, "外出务工", "大连", 5600, "待业", "", ""], ["赵敏", ZHAO, "", "", "", "公益岗", "", 500]]
    result, plan = take(["2025年脱贫劳动力务工就业月监测表"], top, below, *rows)
    found = [("2025-09", "away", 560000), ("2025-10", "post", 50000), ("2025-10", "unemployed", None)]
    assert fields(people, "monthly_check", "month", "status", "income") == found and not result.rejected
    assert any("按一次一行读入" in note for note in plan.tables[0].notes)


def test_insured_people_below_a_policy(people: Store, take: Take) -> None:
    post = [*NI, "岗位名称", "岗位类型", "补贴标准", "上岗时间"]
    take(["公益性岗位台账"], post, ["王芳", WANG, "保洁员", "保洁", 500, "2025-01-01"])
    titles = [["公益性岗位人员意外伤害保险被保险人清单"], ["保险公司：中国人寿　保单号：PEAC1"], ["保险期间：2025年1月1日至2025年12月31日"]]
    heads = ["被保险人姓名", "证件类型", "证件号码", "职业类别", "身故保额（元）", "医疗保额（元）", "保费（元）", "受益人"]
    take(*titles, heads, ["王芳", "身份证", WANG, "4类", 100000, 10000, 50, "法定"])
    assert fields(people, "insurance", "policy_number", "premium", "start") == [("PEAC1", 5000, "2025-01-01")]


def test_experts_and_job_fairs_by_the_words_of_county_offices(people: Store, take: Take) -> None:
    heads = ["姓名", "单位及职务", "职称", "专业特长", "服务领域", "联系方式"]
    take(["创业导师库成员名单"], heads, ["陈　丽", "人社局", "", "政策解读", "创业贷款", "0454-6221188"])
    assert fields(people, "mentor", "name", "field", "phone") == [("陈丽", "政策解读", "0454-6221188")]
    take(["专场招聘会统计表"], ["活动名称", "举办时间", "进场求职人数"], ["春风行动", "2025-02-10", 356])
    assert fields(people, "job_fair", "name", "attended") == [("春风行动", 356)]


@pytest.mark.parametrize(("cell", "phone"), [("无手机", None), ("1394500（不全）", None), ("家里0454-6221133", "0454-6221133")])
def test_words_or_half_a_number_are_no_phone(people: Store, take: Take, cell: str, phone: str | None) -> None:
    heads = [*NI, "与户主关系", "户编号", "联系电话"]
    take(["人员信息表"], heads, ["钱一", number(7), "户主", "1009", cell])
    assert ("钱一", phone) in fields(people, "person", "name", "phone")


def test_an_account_among_words_is_read_alone(people: Store, take: Take) -> None:
    take(["人员信息表"], [*NI, "与户主关系", "银行账号"], ["王芳", WANG, "户主", "信用社6228480402564890018"])
    assert ("6228480402564890018",) in fields(people, "person", "bank_account")


def test_what_was_due_is_asked_if_nothing_was_paid_yet(people: Store, take: Take) -> None:
    rows = ["巾帼帮扶车间2023年1月工资表"], [*NI, "应发工资", "扣款", "实发工资"], ["王芳", WANG, 2150, 50, ""]
    result, _plan = take(*rows)
    assert messages(result.questions) == [(3, "due")] and not fields(people, "wage", "amount")
    take(*rows, answer=[3])
    assert fields(people, "wage", "amount") == [(215000,)]


def test_those_insured_on_a_course_are_not_insured_on_a_post(people: Store, take: Take) -> None:
    post = [*NI, "岗位名称", "岗位类型", "补贴标准", "上岗时间"]
    take(["公益性岗位台账"], post, ["王芳", WANG, "保洁员", "保洁", 500, "2025-01-01"])
    with pytest.raises(InputUnusable):
        take(["技能培训班学员意外伤害保险名单"], ["保险期限：2025年9月1日至2025年9月15日"], [*NI, "保费"], ["王芳", WANG, 10])


def test_a_telephone_number_where_people_sign_is_no_slip(people: Store, take: Take) -> None:
    heads = [*NI, "应发工资", "实发工资", "签字"]
    result, _plan = take(["巾帼帮扶车间2023年1月工资表"], heads, ["王芳", WANG, 2100, 2050, "13800138001"])
    assert fields(people, "wage", "amount") == [(205000,)] and not result.questions


@pytest.mark.parametrize("title", ["巾帼帮扶车间10月工资代发清单（2022年）", "巾帼帮扶车间十月份工资表(2022年度)"])
def test_the_year_of_a_month_may_stand_in_brackets_at_the_end(people: Store, take: Take, title: str) -> None:
    take([title], [*NI, "实发工资"], ["王芳", WANG, 2050])
    assert fields(people, "wage", "month") == [("2022-10",)]


def test_two_mobile_numbers_do_not_become_one(people: Store, take: Take) -> None:
    take(["人员信息表"], [*NI, "与户主关系", "联系电话"], ["王芳", WANG, "户主", "13804541122 13904541122"])
    assert ("13804541122/13904541122",) in fields(people, "person", "phone")
