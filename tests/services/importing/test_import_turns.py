"""Tables with the same columns several times for each row, choices ticked below one heading, bank lists whose lines say what each is for,
and what else a new set of offices' lists taught."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from db.store import Store
from domain.errors import InputUnusable
from services import importing
from tests.services.importing.test_import_first_sight import fields
from tests.services.rosters_taken import DALIAN, LI, WANG, Take, messages, number, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]
NEW, CHILD = number(5), number(6, "男")
POSTS = [["公益性岗位台账"], [*NI, "岗位名称", "岗位类型", "补贴标准", "上岗时间"], ["王芳", WANG, "保洁员", "保洁", 500, "2025-01-01"]]
LIN = ["李强", LI, "护林员", "护林", 800, "2025-01-01"]


def test_two_spells_in_a_row_are_two(people: Store, take: Take) -> None:
    heads = [*NI, "第一次务工地点", "第一次开始时间", "第二次务工地点", "第二次开始时间"]
    rows = [["王芳", WANG, "大连市", "2025-02", "沈阳市", "2025-07"], ["李强", LI, "长春市", "2025-03", "", ""]]
    result, plan = take(["2025年务工情况登记"], heads, *rows)
    found = [("210100", "2025-07"), ("210200", "2025-02"), ("220100", "2025-03")]
    assert sorted(fields(people, "employment", "place", "start")) == found and not result.rejected
    assert any("按一次一行读入" in note for note in plan.tables[0].notes)


def test_several_workers_of_a_household_are_all_read(people: Store, take: Take) -> None:
    """Those of the second were left out without a word."""
    heads = [
        "户主姓名",
        "务工人员1姓名",
        "务工人员1务工地点",
        "务工人员1外出时间",
        "务工人员2姓名",
        "务工人员2务工地点",
        "务工人员2外出时间",
    ]
    take(["务工情况一览表"], heads, ["王芳", "王芳", DALIAN, "2025-02", "李强", DALIAN, "2025-03"])
    assert sorted(fields(people, "employment", "start")) == [("2025-02",), ("2025-03",)]


def test_members_across_stay_a_register(people: Store, take: Take) -> None:
    heads = ["户主姓名", "户主身份证号", "成员1姓名", "成员1身份证号", "成员1关系", "成员2姓名", "成员2身份证号", "成员2关系"]
    take(heads, ["钱一", NEW, "钱二", CHILD, "之子", "", "", ""])
    assert {("钱一",), ("钱二",)} <= set(fields(people, "person", "name"))


def ticked(path: Path, *rows: list[str]) -> Path:
    """A list of wishes with the places ticked below one heading."""
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    page.write_row(0, 0, ["2025年求职意愿登记表（登记日期：2025年11月3日）"])
    page.merge_range(1, 2, 1, 3, "意向地区")
    for column, word in ((0, "姓名"), (1, "身份证号"), (4, "意向工种")):
        page.merge_range(1, column, 2, column, word)
    page.write_row(2, 2, ["县内", "省外"])
    for at, row in enumerate(rows, 3):
        page.write_row(at, 0, row)
    book.close()
    return path


def test_ticks_below_one_heading_name_what_it_holds(people: Store, tmp_path: Path) -> None:
    rows = [["王芳", WANG, "", "√", "电工"], ["李强", LI, "√", "√", "厨师"]]
    with people.write("导入") as session:
        result = importing.apply(session, importing.plan(session, ticked(tmp_path / "意愿.xlsx", *rows)))
    assert sorted(fields(people, "job_wish", "areas", "opened_on")) == [("县内、省外", "2025-11-03"), ("省外", "2025-11-03")]
    assert not result.rejected


def test_only_the_lines_for_posts_of_a_bank_list_are_pay(people: Store, take: Take) -> None:
    """Other allowances of people who also hold posts were read as the pay of their posts."""
    take(*POSTS, LIN)
    rows = [
        ["2025年9月公益性岗位补贴", "王芳", WANG, 500],
        ["农村低保金", "王芳", WANG, 420],
        ["2025年8月公益性岗位补贴", "李强", LI, 800],
    ]
    _result, plan = take(["惠农补贴一卡通发放清册"], ["补贴项目", *NI, "金额"], *rows)
    assert sorted(fields(people, "post_pay", "month", "amount")) == [("2025-08", 80000), ("2025-09", 50000)]
    assert "用途是别的没有读入：农村低保金" in plan.tables[0].notes
    take(["2025年10月公益性岗位补贴等资金发放表"], ["摘要", *NI, "金额"], ["公益岗补贴", "王芳", WANG, 500], ["低保", "李强", LI, 300])
    assert [pay for pay in fields(people, "post_pay", "month", "amount") if pay[0] == "2025-10"] == [("2025-10", 50000)]


def test_the_column_of_posts_among_several_allowances(people: Store, take: Take) -> None:
    take(*POSTS)
    take(["2025年9月一卡通资金发放表"], [*NI, "公益岗补贴", "低保金", "合计"], ["王芳", WANG, 500, 420, 920])
    assert fields(people, "post_pay", "month", "amount") == [("2025-09", 50000)]


def test_a_list_that_gives_only_the_sort_of_posts_names_them_by_it(people: Store, take: Take) -> None:
    take(
        ["公益性岗位人员花名册"], [*NI, "岗位类别", "聘用期限", "补贴标准"], ["王芳", WANG, "道路维护", "2025年1月1日至2025年12月31日", 500]
    )
    assert (fields(people, "post", "name"), fields(people, "appointment", "start")) == ([("道路维护",)], [("2025-01-01",)])


def test_an_agreement_without_an_end_is_left_out_and_told(people: Store, take: Take) -> None:
    heads = [*NI, "岗位名称", "合同起始日期", "补贴标准"]
    result, _plan = take(["公益性岗位人员花名册"], heads, ["王芳", WANG, "护林员", "2025-01-01", 800])
    assert fields(people, "appointment", "start") == [("2025-01-01",)] and fields(people, "agreement", "start") == []
    assert messages(result.warnings) == [(3, "no_end")]


def test_pay_is_of_the_month_it_is_for(people: Store, take: Take) -> None:
    """2025年9月发放8月工资 was read as the pay of September."""
    take(["解放村帮扶车间2025年9月发放8月工资表"], [*NI, "实发工资"], ["王芳", WANG, 2100])
    take(["解放村帮扶车间2025年1月发放12月工资表"], [*NI, "实发工资"], ["王芳", WANG, 2000])
    assert sorted(fields(people, "wage", "month", "amount")) == [("2024-12", 200000), ("2025-08", 210000)]


def test_the_lines_of_a_form_above_its_members_are_no_headings(people: Store, take: Take) -> None:
    """户主姓名 | 王芳 | 户编号 | 1001 was read as headings, and a telephone number below as the group."""
    take(
        ["脱贫户登记卡"],
        ["户主姓名", "钱一", "户编号", 2001, "村民小组", "3组"],
        ["住址", "解放村3组12号", "联系电话", 13845447570],
        ["姓名", "与户主关系", "身份证号", "文化程度"],
        ["钱一", "户主", NEW, "初中"],
        ["钱二", "之子", CHILD, "小学"],
    )
    assert ("2001", "3组") in fields(people, "household", "number", "group")
    assert not any("138" in str(group) for (group,) in fields(people, "household", "group"))


def test_a_check_says_whether_people_are_at_their_posts(people: Store, take: Take) -> None:
    heads = [*NI, "是否在岗", "务工地点", "务工单位", "本月收入"]
    rows = [["王芳", WANG, "是", DALIAN, "大连松下", 5600], ["李强", LI, "否", "", "", ""]]
    result, _plan = take(["2025年9月脱贫人口稳岗就业情况核查表"], heads, *rows)
    assert fields(people, "monthly_check", "month", "status", "income") == [("2025-09", "away", 560000)]
    assert messages(result.rejected) == [(4, "status")] and not fields(people, "employment", "start")


def test_a_course_is_called_by_its_trade(people: Store, take: Take) -> None:
    take(["2025年职业技能培训开班情况表"], ["培训工种", "培训等级", "开班时间", "结业时间"], ["电工", "初级", "2025-04-07", "2025-04-26"])
    assert fields(people, "course", "title", "trade", "start") == [("电工培训班", "电工", "2025-04-07")]
    titles = [["2025年实用技术培训班（黑木耳栽培）结业人员名单"], ["培训时间：2025年5月1日至5月3日"]]
    take(*titles, [*NI, "成绩"], ["王芳", WANG, 85])
    assert ("黑木耳栽培", "2025-05-01") in fields(people, "course", "trade", "start")


@pytest.mark.parametrize(
    ("kind", "heads", "row"),
    [
        ("job_fair", ["活动名称", "活动时间", "活动地点", "进场人数", "达成意向人数"], ["春风行动", "2025-02-10", "县城", 860, 132]),
        ("startup", [*NI, "企业名称", "营业执照注册日期", "带动就业人数"], ["王芳", WANG, "王芳木耳社", "2024-03-06", 5]),
        ("household_business", ["户主姓名", "身份证号", "经营项目", "开始经营时间"], ["王芳", WANG, "养牛", "2023年4月"]),
        ("employment", [*NI, "工地", "进场日期", "工种"], ["王芳", WANG, "天津市滨海新区", "2025-03-05", "瓦工"]),
        ("schooling", [*NI, "学校名称", "学制类型"], ["李强", LI, "县职教中心", "中职"]),
        ("post_candidate", [*NI, "报名岗位"], ["王芳", WANG, "保洁员"]),
        ("vacancy", ["企业名称", "招聘岗位", "人数", "工资（元/月）", "工作地点"], ["富民米业", "装卸工", 5, "4500-5500", "桦川县"]),
    ],
)
def test_words_of_offices(people: Store, take: Take, kind: str, heads: list[str], row: list[object]) -> None:
    take(*POSTS)
    title = {
        "employment": "建筑务工人员名单（2025年）",
        "schooling": "2025年秋季学期雨露计划学生花名册",
        "post_candidate": "公益性岗位报名登记表（报名时间：2025年3月5日）",
    }
    take([title.get(kind, "统计表")], heads, row)
    assert len(fields(people, kind, "id")) == 1


def test_a_telephone_after_an_official_is_not_that_of_the_villager(people: Store, take: Take) -> None:
    """It replaced the villagers' own numbers."""
    with pytest.raises(InputUnusable):
        take(
            ["帮扶责任人对应表"],
            ["户主姓名", "身份证号", "帮扶责任人", "帮扶单位", "联系电话"],
            ["王芳", WANG, "赵主任", "林草局", "13945400001"],
        )
    heads = [*NI, "务工地点", "外出时间", "企业联系人", "联系电话", "本人电话"]
    _result, plan = take(heads, ["王芳", WANG, DALIAN, "2025-02", "刘经理", "13945400001", "13945400009"])
    assert [column.heading for column in plan.tables[0].columns if column.target == "person.phone"] == ["本人电话"]


@pytest.mark.parametrize(
    ("head", "amount", "wage"),
    [("收入（元）", 58000, None), ("工资（万元）", 6.2, None), ("收入", 5600, 560000), ("月收入", 13000, 1300000)],
)
def test_the_pay_of_a_year_is_not_that_of_a_month(people: Store, take: Take, head: str, amount: int, wage: int | None) -> None:
    _result, plan = take(["外出务工人员情况表"], [*NI, "务工地点", "外出时间", head], ["王芳", WANG, DALIAN, "2025-02", amount])
    assert fields(people, "employment", "monthly_wage") == [(wage,)]
    assert any("没有写是每月的还是全年的" in note for note in plan.tables[0].notes) == (head == "收入")


def test_a_page_after_a_subtotal_is_read(people: Store, take: Take) -> None:
    head = ["序号", *NI, "实发工资"]
    rows = [
        [1, "王芳", WANG, 2100],
        ["本页小计", "", "", 2100],
        head,
        [2, "李强", LI, 1900],
        ["本页小计", "", "", 1900],
        ["合计", "", "", 4000],
    ]
    take(["解放村帮扶车间2025年9月工资表"], head, *rows)
    assert sorted(fields(people, "wage", "month", "amount")) == [("2025-09", 190000), ("2025-09", 210000)]


def test_of_what_is_due_and_paid_each_month_the_paid_counts(people: Store, take: Take) -> None:
    heads = ["姓名", "7月应发", "7月实发", "8月应发", "8月实发", "合计实发"]
    take(["解放村帮扶车间2025年工资发放表"], heads, ["王芳", 2150, 2050, 2200, 2100, 4150])
    assert sorted(fields(people, "wage", "month", "amount")) == [("2025-07", 205000), ("2025-08", 210000)]


def test_forms_of_casual_work_that_are_jobs(people: Store, take: Take) -> None:
    take(["灵活就业人员台账（2025年）"], [*NI, "就业形式", "从业起始时间", "务工地点"], ["王芳", WANG, "摆摊", "2025年3月", "桦川县"])
    assert fields(people, "employment", "channel", "job") == [("flexible", "摆摊")]
    take(["灵活就业人员台账（2025年）"], [*NI, "就业形式", "从业起始时间", "务工地点"], ["李强", LI, "零工", "2025年3月", "桦川县"])
    assert ("odd_job", None) in fields(people, "employment", "channel", "job")


def test_a_period_in_the_title_without_a_colon(people: Store, take: Take) -> None:
    take(*POSTS)
    title = "公益性岗位人员意外伤害保险花名册（保险期间2025年1月1日至2025年12月31日）"
    take([title], [*NI, "岗位", "保单号", "保费"], ["王芳", WANG, "保洁员", "PEAB2025001", 120])
    assert fields(people, "insurance", "start", "end") == [("2025-01-01", "2025-12-31")]


def test_the_day_of_payment_gives_its_year_to_the_month(people: Store, take: Take) -> None:
    take(*POSTS)
    title = "解放村公益性岗位12月补贴发放表（发放时间：2026年1月15日）"
    _result, plan = take([title], [*NI, "实发补贴"], ["王芳", WANG, 500])
    assert fields(people, "post_pay", "month") == [("2025-12",)]
    assert any("没有写年份" in note for note in plan.tables[0].notes)
    take(["解放村公益性岗位2026年1月补发11月补贴表"], [*NI, "补发金额"], ["王芳", WANG, 500])
    assert sorted(fields(people, "post_pay", "month")) == [("2025-11",), ("2025-12",)]
    with pytest.raises(InputUnusable):
        take(["公益性岗位补贴发放表（发放时间：2026年1月15日）"], [*NI, "实发补贴"], ["王芳", WANG, 500])
