"""Lists about something else than they look: what must not be read from them, and no question that nobody can answer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from db.local import set_meta
from db.store import Store
from domain.errors import InputUnusable
from services.importing.assigned import remembered
from tests.services.importing.test_import_first_sight import WORK, fields
from tests.services.importing.test_import_unseen import ledger
from tests.services.rosters_taken import DALIAN, LI, WANG, Take, messages, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]


# ---------------------------------------------------------------- work without a start


@pytest.mark.parametrize(
    ("title", "head", "cells"),
    [
        ("外出人员登记表（春节期间）", ["外出地点", "外出事由"], [DALIAN, "探亲"]),
        ("常年外出人员名单", ["现居地", "备注"], [DALIAN, "带孙子"]),
        ("外出（空挂户）人员名单", ["户籍地址", "现住地"], ["1组", DALIAN]),
        ("外出户房屋登记", ["现居地", "房屋面积"], [DALIAN, 80]),
        ("2026年拟外出务工人员摸底", ["务工地点", "意向工种"], [DALIAN, "电焊"]),
        ("未务工劳动力名单", ["现居地", "未务工原因"], [DALIAN, "身体原因"]),
        ("2025届高校毕业生就业去向登记", ["去向", "毕业院校"], [DALIAN, "海事大学"]),
        ("就业人员社会保障卡领取", ["去向", "领取人"], [DALIAN, "李强"]),
        ("外出务工人员慰问名单", ["务工地点", "慰问金"], [DALIAN, 500]),
        ("外出务工人员一次性补助发放名单", ["务工地点", "补助金额"], [DALIAN, 300]),
        ("灵活就业人员社保补贴申领名单", ["缴费月数", "补贴金额"], [12, 4000]),
        ("2025年6月务工监测表", ["务工地点", "在岗", "返乡"], [DALIAN, "", "√"]),
    ],
)
def test_lists_of_people_who_are_not_all_at_work_ask_for_no_jobs(
    people: Store, take: Take, title: str, head: list[str], cells: Sequence[object]
) -> None:
    with pytest.raises(InputUnusable):
        take([title], [*NI, *head], ["王芳", WANG, *cells])


def test_who_has_left_a_workshop_is_not_asked_since_when(people: Store, take: Take) -> None:
    result, _plan = take(["解放村手工编织帮扶车间离职人员名单"], [*NI, "工种"], ["王芳", WANG, "编织工"])
    assert messages(result.rejected) == [(3, "required")] and not result.questions


def test_the_particulars_of_people_away_are_work_with_the_place_and_the_job(people: Store, take: Take) -> None:
    head = ["户主", "外出人员姓名", "与户主关系", "外出人员身份证号", "现居地", "做什么工作"]
    result, _plan = take(["解放村外出人员基本情况（2026年摸底）"], head, ["王芳", "王芳", "户主", WANG, DALIAN, "焊工"])
    assert messages(result.questions) == [(3, "undated")]


def test_people_away_with_a_job_are_at_work(people: Store, take: Take) -> None:
    result, _plan = take(["解放村外出人员名单"], [*NI, "外出地点", "工种"], ["王芳", WANG, DALIAN, "焊工"])
    assert messages(result.questions) == [(3, "undated")]


def test_work_without_a_start_is_asked_about_also_where_the_kind_is_given(people: Store, take: Take) -> None:
    """Each line was refused for want of a start and a way to work."""
    rows = [["2025年外出务工人员花名册"], [*NI, "务工地点"], ["王芳", WANG, DALIAN]]
    result, _plan = take(*rows, kind="employment")
    assert messages(result.questions) == [(3, "undated")] and not result.rejected


@pytest.mark.parametrize(
    ("remark", "start"),
    [
        ("2024年3月去北京打工", "2024-03"),
        ("2024年3月开始享受低保", None),
        ("2024年3月去医院看病", None),
        ("2024年3月走访时不在家", None),
        ("2019年5月去过北京", None),
    ],
)
def test_a_day_in_a_remark_about_something_else_is_no_start(people: Store, take: Take, remark: str, start: str | None) -> None:
    take(["外出务工人员名册"], [*NI, "务工地点", "备注"], ["王芳", WANG, DALIAN, remark])
    assert fields(people, "employment", "start") == ([(start,)] if start else [])


@pytest.mark.parametrize("remark", ["月工资3000-5000元", "期望月薪8000元", "原月工资6500元，现待岗", "妻子月收入3500元"])
def test_other_pay_in_a_remark_is_not_the_persons_own(people: Store, take: Take, remark: str) -> None:
    take(["务工人员名册"], [*WORK, "备注"], ["王芳", WANG, DALIAN, "2025年3月", remark])
    assert fields(people, "employment", "monthly_wage") == [(None,)]


def test_the_pay_of_who_works_in_an_electronics_factory_is_read(people: Store, take: Take) -> None:
    take(["务工人员名册"], [*WORK, "备注"], ["王芳", WANG, DALIAN, "2025年3月", "电子厂月工资6500元"])
    assert fields(people, "employment", "monthly_wage") == [(650000,)]


# ---------------------------------------------------------------- pay


@pytest.mark.parametrize("what", ["伙食费扣款表", "计件产量统计", "水费收缴表"])
def test_fees_and_counts_by_the_month_are_no_wages(people: Store, take: Take, what: str) -> None:
    with pytest.raises(InputUnusable):
        take([f"解放村帮扶车间2025年{what}"], ["姓名", "一月", "二月", "三月"], ["王芳", 120, 130, 110])


def test_a_deduction_that_a_bank_names_is_no_wage(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(
            ["解放村帮扶车间明细"],
            ["户名", "账号", "交易金额", "摘要"],
            ["王芳", "6217007340137123458", 120, "2025年6月水费"],
        )


def test_the_title_says_the_month_and_not_the_purpose(people: Store, take: Take) -> None:
    """Two months in titles are none."""
    take(["解放村帮扶车间2025年5月工资表"], [*NI, "实发工资", "摘要"], ["王芳", WANG, 2100, "2025年6月代发"])
    assert fields(people, "wage", "month", "amount") == [("2025-05", 210000)]


def test_the_account_of_somebody_else_is_not_the_workers(people: Store, take: Take) -> None:
    head = ["工人", "户名", "账号", "实发工资"]
    take(["解放村帮扶车间2025年6月工资表"], head, ["王芳", "李强", "6217007340137123458", 2100])
    assert not any(account for (account,) in fields(people, "person", "bank_account"))
    assert fields(people, "wage", "amount") == [(210000,)]
    ((worker,),) = fields(people, "employment", "person_id")
    assert (worker, "王芳") in fields(people, "person", "id", "name")


# ---------------------------------------------------------------- services, wrongs, posts, agreements


@pytest.mark.parametrize("title", ["2025年技能培训报名登记", "政策宣传单发放签收", "岗位推荐需求登记"])
def test_services_wished_for_are_not_given(people: Store, take: Take, title: str) -> None:
    with pytest.raises(InputUnusable):
        take([title], [*NI, "日期"], ["王芳", WANG, "2025-01-08"])


@pytest.mark.parametrize(("title", "ask"), [("2026年就业服务计划表", ""), ("就业服务台账", "需要")])
def test_columns_of_services_planned_or_wished_for_are_not_read(people: Store, take: Take, title: str, ask: str) -> None:
    with pytest.raises(InputUnusable):
        take([title], [*NI, f"{ask}职业指导", f"{ask}岗位推荐"], ["王芳", WANG, "2025-12-08", "2025-12-20"])


def test_what_a_title_gives_is_shown_in_words(people: Store, take: Take) -> None:
    _result, plan = take(["2025年职业指导活动"], [*NI, "服务日期"], ["王芳", WANG, "2025-01-08"])
    assert fields(people, "service", "type") == [("guidance",)]
    assert any(note.endswith("：职业指导") for note in plan.tables[0].notes)


@pytest.mark.parametrize("title", ["欠薪隐患排查登记表", "工伤保险缴费人员名单"])
def test_a_title_about_wrongs_that_may_be_wronged_nobody(people: Store, take: Take, title: str) -> None:
    with pytest.raises(InputUnusable):
        take([title], [*NI, "登记日期", "备注"], ["王芳", WANG, "2025-03-01", "无"])


@pytest.mark.parametrize("said", ["未拖欠工资", "没有工伤", "无欠薪"])
def test_a_wrong_that_is_denied_is_none(people: Store, take: Take, said: str) -> None:
    result, _plan = take(["权益问题登记"], [*NI, "登记日期", "问题类型"], ["王芳", WANG, "2025-03-01", said])
    assert [issue.row for issue in result.rejected] == [3] and fields(people, "rights_issue", "type") == []


@pytest.mark.parametrize("title", ["公益性岗位拟退出人员公示", "退出低保人员名单（公益岗）"])
def test_who_has_not_left_the_post_stays(people: Store, take: Take, title: str) -> None:
    ledger(take)
    with pytest.raises(InputUnusable):
        take([title], [*NI, "岗位", "退出时间"], ["王芳", WANG, "护林员", "2026-12-31"])


def test_a_more_particular_post_in_the_title_is_another(people: Store, take: Take) -> None:
    head = ["岗位名称", "岗位类型", "待遇标准", "资金渠道", "开发主体", *NI, "上岗时间"]
    take(["公益性岗位台账"], head, ["保洁员", "保洁", 500, "就业补助资金", "人社", "王芳", WANG, "2025-01-01"])
    take(["解放村河道保洁员花名册"], [*NI, "聘用日期", "月补贴"], ["李强", LI, "2025-03-01", 450])
    assert sorted(fields(people, "post", "name")) == [("保洁员",), ("河道保洁员",)]


def test_agreements_about_land_are_not_those_of_posts(people: Store, take: Take) -> None:
    ledger(take)
    with pytest.raises(InputUnusable):
        take(["土地流转协议台账"], [*NI, "协议编号", "协议开始", "协议结束"], ["王芳", WANG, "001", "2025-01-01", "2025-12-31"])


# ---------------------------------------------------------------- ticks, headings


def test_ticks_are_joined_only_for_what_is_read(people: Store, take: Take) -> None:
    """The note said that they were read, and the next that they were not."""
    _result, plan = take(
        ["外出务工花名册"], [*WORK, "男", "女"], ["王芳", WANG, DALIAN, "2025-03-05", "", "√"], ["李强", LI, DALIAN, "2025-03-05", "√", ""]
    )
    assert not any("打勾" in note for note in plan.tables[0].notes)


def test_ticks_are_read_as_the_field_that_the_list_has(people: Store, take: Take) -> None:
    head = [*WORK, "外出务工", "公益岗", "帮扶车间"]
    rows = [["王芳", WANG, DALIAN, "2025-03-05", "√", "", ""], ["李强", LI, "桦川县", "2025-03-05", "", "", "√"]]
    take(["就业台账"], head, *rows)
    assert fields(people, "employment", "channel") == [("migrant",), ("workshop",)]


@pytest.mark.parametrize("heading", ["zh", "kh", "xz", "cm", "contact", "unit", "nationality", "class", "state"])
def test_initials_with_several_meanings_are_no_headings(people: Store, take: Take, heading: str) -> None:
    _result, plan = take(["xm", "sfzh", "wgdz", "kssj", heading], ["王芳", WANG, DALIAN, "2025-03-05", "东岗"])
    assert any(note.casefold().endswith(heading) for note in plan.tables[0].notes)


def test_a_register_of_people_away_is_still_a_register(people: Store, take: Take) -> None:
    head = ["姓名", "性别", "出生日期", "身份证号", "民族", "文化程度", "联系电话"]
    take(["解放村外出人员基本信息表"], head, ["王芳", "女", "", WANG, "汉族", "高中", ""])
    assert ("王芳", "高中") in fields(people, "person", "name", "education")


@pytest.mark.parametrize("word", ["不限", "无业，想找工作", "未就业，有意愿", "不确定"])
def test_who_may_want_work_keeps_the_wish(people: Store, take: Take, word: str) -> None:
    """The row was left out without a word."""
    take(["求职意愿台账"], [*NI, "就业意愿", "意向岗位", "登记日期"], ["王芳", WANG, word, "电工", "2025-08-05"])
    assert fields(people, "job_wish", "trades") == [("电工",)]


@pytest.mark.parametrize("who", ["横头山镇学员", "农民工"])
def test_who_attends_is_no_trade(people: Store, take: Take, who: str) -> None:
    title = f"桦川县（{who}）技能培训班学员名册"
    take([title], ["培训时间：2025年5月6日—5月20日"], [*NI, "出勤天数"], ["王芳", WANG, 15])
    assert fields(people, "course", "trade") != [(who,)]


def test_columns_assigned_under_an_english_heading_are_still_remembered(people: Store) -> None:
    """An earlier release kept `status` where this one says 状态."""
    with people.write("导入") as session:
        set_meta(session, "import_columns", '{"work": {"status": "employment.note", "打工的活": "employment.job"}}')
    with people.read() as session:
        assert remembered(session) == {"work": {"状态": "employment.note", "打工的活": "employment.job"}}
