"""Values that the lines above a table give for all its rows, and employers that a plain list proposes."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.errors import InputUnusable
from services import records
from services.importing.columns.headlines import read_title_values
from services.importing.columns.matching import words_of
from services.importing.columns.recognising import generic_roster
from services.importing.tables.rosters import rosters
from tests.services.rosters_taken import HEADS, LI, WANG, Take, messages, number, people, take

__all__ = ["people", "take"]

POSTS = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准", "姓名", "身份证号", "上岗时间"]
HOLDER = ["保洁员", "保洁", "人社", "就业补助资金", 500, "王芳", WANG, "2023-01-01"]


def kept(store: Store, kind: str, *fields: str) -> list[tuple[object, ...]]:
    with store.read() as session:
        return [tuple(getattr(record, name) for name in fields) for record in session.select(kind)]


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("解放村公益性岗位人员2023年第二季度考核表", "2023年第二季度"),
        ("2023年度公益性岗位考核结果", "2023年度"),
        ("2023年上半年公益岗考核", "2023年上半年"),
        ("2023年6月公益岗人员考核表", "2023年6月"),
    ],
)
def test_the_period_of_an_assessment_is_in_the_title(people: Store, take: Take, title: str, period: str) -> None:
    take(["公益性岗位台账"], POSTS, HOLDER)
    result, plan = take([title], ["姓名", "身份证号", "考核得分", "考核等次"], ["王芳", WANG, 92, "优秀"], ["合计", "", "", ""])
    assert (result.rejected, kept(people, "assessment", "period", "score")) == ([], [(period, 92)])
    assert f"表上方写的也读入每一行：{period}" in plan.tables[0].notes


def test_training_on_the_job_takes_the_workshop_from_its_title(people: Store, take: Take) -> None:
    rows = (
        ["解放村就业帮扶车间以工代训人员名单（2021年9月）"],
        ["姓名", "身份证号", "以工代训月份", "培训天数"],
        ["王芳", WANG, "2021年9月", 22],
    )
    result, plan = take(*rows)
    assert kept(people, "employer", "name", "type") == [("解放村就业帮扶车间", "workshop")]
    assert kept(people, "work_training", "month", "days") == [("2021-09", 22)]
    assert "新建用人单位「解放村就业帮扶车间」" in plan.tables[0].proposals
    assert result.added == 2
    assert take(*rows)[0].added == 0


def test_a_placement_proposes_agency_and_employer(people: Store, take: Take) -> None:
    heads = ["服务机构", "姓名", "身份证号", "用工单位", "介绍时间", "合同起始"]
    row = ["桦川县鑫诚人力资源有限公司", "王芳", WANG, "解放村就业帮扶车间", "2023-03-01", "2023-03-01"]
    result, _plan = take(["介绍就业花名册"], heads, row, [*row[:1], "李强", LI, *row[3:]])
    assert sorted(kept(people, "employer", "name", "type")) == [
        ("桦川县鑫诚人力资源有限公司", "agency"),
        ("解放村就业帮扶车间", "workshop"),
    ]
    assert (result.added, result.rejected) == (4, [])
    unknown, _plan = take(["介绍就业花名册"], heads, [*row[:1], "某某", number(8), *row[3:]])
    assert (unknown.added, messages(unknown.rejected)) == (0, [(3, "person")])


def test_the_hours_of_a_course_and_the_result_of_each_person(people: Store, take: Take) -> None:
    above = "培训机构：县职教中心   培训工种：中式面点师   培训时间：2023年3月6日至2023年3月20日   课时：120"
    heads = ["姓名", "身份证号", "成绩", "是否合格"]
    result, _plan = take(["桦川县职业技能培训学员花名册"], [above], heads, ["王芳", WANG, 88, "合格"], ["李强", LI, 30, "不合格"])
    assert kept(people, "course", "hours", "trade") == [(120, "中式面点师")]
    assert sorted(kept(people, "enrolment", "score", "outcome")) == [(30, None), (88, "completed")]
    assert messages(result.warnings) == [(5, "outcome")]


def test_the_day_of_a_trip_is_the_start_of_its_jobs(people: Store, take: Take) -> None:
    above = "出发日期：2023年2月16日   目的地：江苏省昆山市   交通方式：包车   联系电话：13900000000"
    result, _plan = take(["点对点劳务输出花名册"], [above], ["姓名", "身份证号", "用工企业"], ["王芳", WANG, "某电子厂"], ["李强", LI, ""])
    assert (result.added, result.rejected) == (2 + 1 + 2, [])  # with the trip and its members
    assert kept(people, "employment", "start", "place") == [("2023-02-16", "320583")] * 2
    assert "13900000000" not in [phone for (phone,) in kept(people, "person", "phone")]


def test_a_pay_sheet_of_work_relief_names_its_project(people: Store, take: Take) -> None:
    rows = (["2023年解放村道路硬化以工代赈项目劳务报酬发放表"], ["姓名", "身份证号", "出工天数", "劳务报酬"], ["王芳", WANG, 20, 3000])
    with people.write("登记") as session:
        records.save(session, "relief_project", {"name": "解放村道路硬化以工代赈项目"})
    result, _plan = take(*rows)
    assert (result.rejected, kept(people, "relief_work", "days", "paid")) == ([], [(20, 300_000)])


def test_a_column_counts_before_the_line_above(people: Store, take: Take) -> None:
    take(
        ["外出务工名单"], ["出发日期：2023年2月16日"], ["姓名", "身份证号", "务工地点", "开始时间"], ["王芳", WANG, "大连市", "2023-05-01"]
    )
    assert kept(people, "employment", "start") == [("2023-05-01",)]


@pytest.mark.parametrize("line", ["单位：某某公司", "填报单位：解放村", "日期：2023年5月1日", "备注：无", "务工单位", "课时：不详"])
def test_lines_about_the_list_say_nothing_of_its_rows(line: str) -> None:
    for roster in (*rosters(), generic_roster("odd_job"), generic_roster("mentor"), generic_roster("person")):
        found = read_title_values([line], roster, words_of(roster), {})
        assert set(found) <= {"course.hours"}


def test_an_unreadable_value_above_is_left_out(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(["介绍就业"], ["介绍时间：不详"], ["姓名", "身份证号"], ["王芳", WANG])
    above = "培训工种：面点师   培训时间：2023年3月6日至3月20日   课时：不详"
    result, _plan = take(["技能培训花名册"], [above], ["姓名", "身份证号", "成绩"], ["王芳", WANG, 88])
    assert (result.rejected, kept(people, "course", "hours")) == ([], [(None,)])


def test_a_name_in_a_register_that_is_somebody_elses_is_a_question(people: Store, take: Take) -> None:
    row = ["解放村", "1001", "李强", "女", WANG, "户主", "普通劳动力", "脱贫户", "13800138001"]
    result, _plan = take(HEADS, row)
    assert (result.changed, messages(result.questions)) == (0, [(2, "name")])
    assert take(HEADS, row, answer=[2])[0].changed == 1
    other, _plan = take(HEADS, [*row[:2], "李墙", *row[3:]])
    assert (other.questions, messages(other.warnings)) == ([], [(2, "name")])


def test_two_addresses_of_one_household_are_told(people: Store, take: Take) -> None:
    heads = [*HEADS, "家庭住址"]
    rows = [
        ["解放村", "1001", "王芳", "女", WANG, "户主", "普通劳动力", "脱贫户", "", "一组1号"],
        ["解放村", "1001", "李强", "男", LI, "配偶", "普通劳动力", "脱贫户", "", "二组5号"],
    ]
    result, _plan = take(heads, *rows)
    assert messages(result.warnings) == [(3, "household")]
    assert "第 2 行写的是「一组1号」" in result.warnings[0].message
    assert ("1001", "一组1号") in kept(people, "household", "number", "address")


INSURED = "保险公司：中国人寿   保险期限：2023年1月1日至2023年12月31日"
AGREED = "签订日期：2023年1月5日   协议期限：2023年1月1日至2023年12月31日"


@pytest.mark.parametrize(
    ("kind", "above", "heading", "value"), [("insurance", INSURED, "保单号", "GP1"), ("agreement", AGREED, "协议编号", "1号")]
)
def test_the_term_of_a_paper_is_above_its_list(people: Store, take: Take, kind: str, above: str, heading: str, value: str) -> None:
    take(["公益性岗位台账"], POSTS, HOLDER)
    result, _plan = take(["公益性岗位人员名单"], [above], ["姓名", "身份证号", heading], ["王芳", WANG, value])
    assert (result.added, result.rejected) == (1, [])
    assert kept(people, kind, "start", "end") == [("2023-01-01", "2023-12-31")]


def test_a_service_of_one_day_is_above_the_names(people: Store, take: Take) -> None:
    above = "服务日期：2023年6月8日   服务类型：政策宣讲"
    result, _plan = take(["政策宣讲签到表"], [above], ["序号", "姓名", "身份证号", "签字"], [1, "王芳", WANG, ""])
    assert (result.rejected, kept(people, "service", "type", "on")) == ([], [("policy", "2023-06-08")])


def test_the_pay_of_both_halves_of_a_year_is_no_second_job(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "务工地点", "开始时间", "上半年", "", "下半年", ""]
    row = ["王芳", WANG, "大连市", "2023年3月", 4, 18000, 6, 27000]
    result, _plan = take(["2023年外出务工情况"], heads, ["", "", "", "", *("月数", "收入") * 2], row)
    assert (result.added, result.questions) == (1, [])


def test_the_headings_of_other_offices_systems(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "务工所在地（省）", "务工所在地（市）", "务工所在地（县）", "开始务工时间"]
    take(["（务工月监测）务工信息明细"], heads, ["王芳", WANG, "辽宁省", "大连市", "甘井子区", "2023-03-01"])
    assert kept(people, "employment", "place", "start") == [("210211", "2023-03-01")]
    heads = ["派工日期", "求职人姓名", "求职人身份证号", "用工单位", "日薪（元）"]
    take(["零工派工单"], heads, ["2023/6/3", "王芳", WANG, "某工地", "200元/天"])
    assert kept(people, "odd_job", "on", "employer_name", "pay") == [("2023-06-03", "某工地", 200_00)]
    heads = ["工资月份", "姓名", "身份证号", "实发工资", "发薪单位"]
    result, _plan = take(heads, ["2023-06", "李强", LI, 1850, "解放村就业帮扶车间"])
    assert (result.rejected, kept(people, "wage", "month", "amount")) == ([], [("2023-06", 185_000)])
    heads = ["班级名称", "职业（工种）", "开班日期", "结业日期", "学员姓名", "证件号码", "鉴定结果"]
    take(heads, ["家政服务员一班", "家政服务员", "2023-05-08", "2023-05-17", "王芳", WANG, "合格"])
    assert kept(people, "course", "trade") == [("家政服务员",)]
    assert kept(people, "enrolment", "outcome") == [("completed",)]
    heads = ["Q1_姓名", "Q2_身份证号", "Q3_务工地点", "Q4_外出时间"]
    take(heads, ["李强", LI, "大连市", "2023年4月"])
    assert ("210200", "2023-04") in kept(people, "employment", "place", "start")


def test_where_a_form_was_filled_in_refuses_nobody(people: Store, take: Take) -> None:
    result, _plan = take(["来源", "提交时间", "Q1_姓名", "Q2_身份证号", "Q3_联系电话"], ["微信", "2023-06-01", "王芳", WANG, "13800009999"])
    assert (result.changed, result.rejected) == (1, [])


NAMED = ["序号", "姓名", "身份证号", "岗位", "上岗时间", "协议期限", "月补贴"]


def test_the_fund_above_a_list_of_posts_is_read_and_only_posts_that_are_made_are_told(people: Store, take: Take) -> None:
    """The fund was recorded as other, and a post was told that only a row with a question needs."""
    above = ["解放村乡村公益性岗位人员名单"], ["2023年1月1日　每人每月400元，资金来源：衔接资金"]
    rows = [1, "王芳", WANG, "保洁员", "2023.1.1", "2023.1.1-2023.12.31", 400], [2, "李强", LI, "护林员", "2023年1月", "", 400]
    _result, plan = take(*above, NAMED, *rows)
    told = plan.tables[0].proposals
    assert [one for one in told if "护林员" in one and not one.startswith("收下第 5 行以后")] == []
    assert ["协议类型" in one for one in told if "新建岗位" in one] == [True, False]
    take(*above, NAMED, *rows, answer=[5])
    with people.read() as session:
        assert [(post.name, post.fund) for post in session.select("post")] == [("保洁员", "bridging"), ("护林员", "bridging")]


def test_the_fund_above_a_list_finds_a_post_on_record_with_another(people: Store, take: Take) -> None:
    row = [1, "王芳", WANG, "保洁员", "2023.1.1", "", 400]
    take(["解放村公益性岗位人员名单"], NAMED, row)
    for said in ("衔接资金", "村里的钱"):
        result, _plan = take(["解放村公益性岗位人员名单"], [f"资金来源：{said}"], NAMED, row)
        assert (result.added, result.changed, result.rejected) == (0, 0, [])
