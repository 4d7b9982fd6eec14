"""Lists as workshops, schools, agencies and clerks write them: their own words for columns, numbers in words, days without a year."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.errors import InputUnusable
from services import importing
from services.importing.columns.carried import dated_after
from services.importing.records.training import course_title, course_trade
from services.importing.tables.heading_words import known_by, plain
from tests.services.importing.test_import_first_sight import fields
from tests.services.rosters_taken import DALIAN, LI, WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]


@pytest.mark.parametrize(
    ("heading", "word"),
    [
        ("AAC003姓名", "姓名"),
        ("Monthly salary (RMB)", "月工资"),
        ("求职者", "姓名"),
        ("学员", "姓名"),
        ("去哪了", "务工地点"),
        ("想去哪里", "意向地"),
        ("想干什么活", "意向工种"),
        ("推荐到何单位", "推荐单位"),
        ("签订合同起始日", "合同开始"),
        ("劳动合同止", "合同结束"),
        ("职务/工种", "工种"),
    ],
)
def test_headings_in_other_words(heading: str, word: str) -> None:
    assert known_by([plain(heading)], {word}) == word


def test_a_clerks_own_words(people: Store, take: Take) -> None:
    """The list was refused for want of a place."""
    take(
        ["2023年出门打工登记"],
        ["打工的人", "身份证", "去哪了", "啥时候走的", "干啥活", "一个月挣多少"],
        ["王 芳", WANG, "大连甘井子", "3月6号", "保姆", "四千五"],
        ["李强", LI, "210211-大连市甘井子区", "4月", "瓦工", "五千"],
    )
    assert fields(people, "employment", "start", "job", "monthly_wage") == [("2023-03-06", "保姆", 450000), ("2023-04", "瓦工", 500000)]
    assert {place for (place,) in fields(people, "employment", "place")} == {"210211"}


def test_what_workers_did_goes_to_those_whom_their_column_names(people: Store, take: Take) -> None:
    """The names beside their numbers were not read, so that nobody noticed a number of somebody else."""
    head = ["户主", "务工人员", "身份证号", "务工地点", "开始时间", "月工资"]
    rows = [["王芳", "王芳\n李强", f"{WANG}\n{LI}", "青岛市\n济南市", "2023.4\n2023.5", "4000\n4500"]]
    result, _plan = take(["2023年务工统计"], head, *rows)
    assert not result.rejected
    found = fields(people, "employment", "place", "start", "monthly_wage")
    assert sorted(found) == [("370100", "2023-05", 450000), ("370200", "2023-04", 400000)]


def test_a_last_day_without_a_year_follows_the_first(people: Store, take: Take) -> None:
    """The rows were refused."""
    head = [*NI, "务工地点", "开始时间", "结束时间"]
    take(["务工名单"], head, ["王芳", WANG, DALIAN, "2023.8.1", "10月15日"], ["李强", LI, DALIAN, "2023年11月5日", "1月20日"])
    assert fields(people, "employment", "start", "end") == [("2023-08-01", "2023-10-15"), ("2023-11-05", "2024-01-20")]
    assert (dated_after("2023-08", "八月"), dated_after("2023-08-01", "8.15"), dated_after("2023-08-01", "2024年1月")) == (
        "2023-08",
        None,
        None,
    )


def test_the_school_is_no_part_of_the_trade() -> None:
    """The course was called 金桥职业培训, and its trade 金桥."""
    title = course_title(["桦川县金桥职业培训学校电焊工（初级）培训班学员花名册"])
    assert (title, course_trade(title)) == ("桦川县金桥职业培训学校电焊工（初级）培训班", "电焊工")
    assert (course_title(["金桥职业培训学校学员名单"]), course_trade("佳木斯市博学培训中心养老护理员培训")) == ("", "养老护理员")


def test_the_total_of_the_parts_of_pay_is_what_was_paid(people: Store, take: Take) -> None:
    take(["2023年11月解放村帮扶车间工资表"], [*NI, "基本工资", "计件", "合计"], ["王芳", WANG, 300, 211, 511])
    assert fields(people, "wage", "month", "amount") == [("2023-11", 51100)]
    with pytest.raises(InputUnusable):  # more may be taken off than is summed up
        take(["2023年12月解放村帮扶车间工资表"], [*NI, "基本工资", "扣款", "合计"], ["王芳", WANG, 300, 20, 300])


def test_the_pay_of_several_days_is_not_that_of_one(people: Store, take: Take) -> None:
    head = ["日期", "干活的人", "身份证号", "雇主", "工种", "天数", "日工资", "应付工资"]
    take(["零工记账"], head, ["2023.10.2", "王芳", WANG, "张大棚", "摘瓜", 2, 150, 300])
    assert fields(people, "odd_job", "pay") == [(30000,)]
    take(["零工记账"], [*head[:3], "工种", "天数", "日工资"], ["2023.10.5", "李强", LI, "除草", 2, 150])
    assert fields(people, "odd_job", "job", "pay") == [("摘瓜", 30000), ("除草", None)]


def test_months_of_training_at_work_may_be_ticked_across(people: Store, take: Take) -> None:
    """The list was refused."""
    take(["桦川县利民服装厂2021年以工代训花名册"], [*NI, "1月", "2月", "3月"], ["王芳", WANG, "√", "√", ""], ["李强", LI, "", 500, "×"])
    assert fields(people, "work_training", "month") == [("2021-01",), ("2021-02",), ("2021-02",)]


def test_fares_are_recorded_although_the_start_of_the_work_is_not_said(people: Store, take: Take) -> None:
    """Each row was a question about the work, and the fares waited for its answer."""
    head = [*NI, "务工地", "去程车票", "返程车票"]
    result, _plan = take(["2023年度跨省务工交通补助花名册"], head, ["王芳", WANG, DALIAN, 128.5, "无"])
    assert fields(people, "travel", "year", "outward", "homeward") == [(2023, 12850, None)]
    assert not result.questions and (3, "undated") in messages(result.warnings)
    result, _plan = take(["跨省务工交通补助花名册"], head, ["李强", LI, DALIAN, 100, 100])  # of which year?
    assert messages(result.questions) == [(3, "undated")]


def test_the_standard_of_posts_may_be_in_a_sentence_above(people: Store, take: Take) -> None:
    """All rows were refused for want of it."""
    head = ["岗位", *NI, "上岗时间", "资金来源"]
    take(["2024年公益性岗位人员名单"], ["每人每月补助500元。"], head, ["保洁员", "王芳", WANG, "2024-01-01", "就业补助资金"])
    assert fields(people, "post", "name", "standard") == [("保洁员", 50000)]


def test_numbers_in_words_and_with_their_counters(people: Store, take: Take) -> None:
    head = ["用工单位", "招聘岗位", "招工人数", "薪资待遇", "工作地点"]
    take(["招工信息"], head, ["星火米业", "装卸工", "二十人", "3000-4000元", "桦川县"], ["富士康", "普工", "两百", "5500起", "深圳龙华"])
    assert fields(people, "vacancy", "headcount", "wage_min") == [(20, 300000), (200, 550000)]


def test_a_former_name_is_no_part_of_the_name(people: Store, take: Take) -> None:
    take(["卡号登记"], [*NI, "与户主关系", "联系电话"], ["王芳（曾用名：王小芳）", WANG, "本人或户主", "13900000001"])
    assert ("王芳", "户主", "13900000001") in fields(people, "person", "name", "relation", "phone")


def test_what_households_grow_and_how_a_complaint_ended(people: Store, take: Take) -> None:
    """The first was taken for a register, of which nothing changed."""
    take(["自主发展产业登记"], ["户主", "户主身份证号", "发展项目", "开始时间"], ["王芳", WANG, "养牛", "2023年3月"])
    assert fields(people, "household_business", "business", "start") == [("养牛", "2023-03")]
    take(["欠薪投诉台账"], ["投诉日期", "投诉人", "身份证号", "处理结果"], ["2023-12-05", "李强", LI, "已支付"])
    assert fields(people, "rights_issue", "on", "handled") == [("2023-12-05", "已支付")]


@pytest.mark.parametrize("space", ["、", " "])
def test_lines_of_a_chat_below_the_columns_it_asks_for_need_no_numbers(people: Store, space: str) -> None:
    """They were no table."""
    said = ["王芳 大连 3月 4千", "李强 青岛 4月 5000", "赵敏 天津 2月 3500"]
    text = "2023年务工摸底，请报：姓名 在哪 几月去的 月收入\n" + "\n".join(said) + "\n"
    with people.write("导入") as session:
        result = importing.apply(session, importing.plan(session, text.replace(" ", space).encode(), name="粘贴.txt"))
    assert not result.rejected and ZHAO
    assert sorted(fields(people, "employment", "start", "monthly_wage")) == [
        ("2023-02", 350000),
        ("2023-03", 400000),
        ("2023-04", 500000),
    ]


def test_a_web_pages_title_is_above_its_table(people: Store) -> None:
    """Text outside the table was lost: the rows were refused for want of the employer."""
    cells = "".join(f"<td>{cell}</td>" for cell in ("王芳", WANG, "612.50"))
    heads = "<th>Name</th><th>ID No</th><th>Net pay</th>"
    title = "<h2>解放村帮扶车间<b>2024年3月</b>工资表</h2>"
    page = f"<html><title>导出</title><body>{title}<table><tr>{heads}</tr><tr>{cells}</tr></table></body>"
    with people.write("导入") as session:
        result = importing.apply(session, importing.plan(session, page.encode(), name="导出.xls"))
    assert not result.rejected
    assert fields(people, "wage", "month", "amount") == [("2024-03", 61250)]


def test_the_title_says_when_and_where_a_group_went(people: Store, take: Take) -> None:
    """The list was refused for want of both."""
    title = "组织赴江苏昆山务工人员名单（2024年2月18日“点对点”专车）"
    take([title], [*NI, "接收单位", "岗位"], ["王芳", WANG, "昆山纬创", "普工"])
    assert fields(people, "employment", "start", "place", "point_to_point") == [("2024-02-18", "320583", True)]


def test_scores_and_days_of_a_schools_list(people: Store, take: Take) -> None:
    """All rows were refused for want of the first day, and the score was lost."""
    title = "保育师（五级）培训班结业人员花名册（2024年4月8日至4月26日）"
    take([title], [*NI, "理论", "实操", "综合", "结业证书编号"], ["王芳", WANG, 80, 85, 83, "YG01"])
    assert fields(people, "course", "trade", "start", "end") == [("保育师", "2024-04-08", "2024-04-26")]
    assert fields(people, "enrolment", "score", "certificate") == [(83, "YG01")]


def test_the_year_that_a_chat_asks_about_is_not_lost_with_its_line(people: Store) -> None:
    """It was in the line that made place for the headings, too far on for the name of the sheet."""
    said = "1. 王芳 13800138001 大连 电焊 3月\n2. 李强 13800138002 沈阳铁西 保洁 2月\n"
    text = f"@所有人 在外务工的都报一下，务工地点写清楚，格式：姓名 手机号 务工地点 工种 2024年几月走的\n{said}"
    with people.write("导入") as session:
        result = importing.apply(session, importing.plan(session, text.encode(), name="粘贴.txt"))
    assert not result.rejected
    assert sorted(fields(people, "employment", "start", "job")) == [("2024-02", "保洁"), ("2024-03", "电焊")]
