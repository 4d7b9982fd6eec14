"""Lists in parts that are read as one: several batches, agreements for two terms, groups of headings; and what the lines above them or
another column say: the place of work, a birth without its day, a workshop under a shorter name."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.store import Store
from tests.services.importing.test_import_first_sight import fields
from tests.services.importing.test_import_sections import read
from tests.services.rosters_taken import DALIAN, LI, WANG, Take, messages, number, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]
NEW = number(5)
HEADS = [*NI, "用工企业", "岗位"]
POSTS = [["公益性岗位台账"], [*NI, "岗位名称", "岗位类型", "补贴标准", "上岗时间"], ["王芳", WANG, "保洁员", "保洁", 500, "2025-01-01"]]


def test_batches_sent_on_different_days(people: Store, take: Take) -> None:
    """The second had neither the year nor 点对点; they stand above the first."""
    first, second = ["第一批（2月18日，大巴，目的地：辽宁大连）"], ["第二批（3月6日，火车，目的地：山东青岛）"]
    rows = [first, HEADS, ["王芳", WANG, "大连松下", "操作工"], second, HEADS, ["李强", LI, "海尔物流", "分拣"]]
    take(["桦川县2025年“点对点”劳务输出人员名单"], *rows)
    found = fields(people, "employment", "start", "place", "employer_name", "point_to_point")
    assert sorted(found) == [("2025-02-18", "210200", "大连松下", True), ("2025-03-06", "370200", "海尔物流", True)]


def test_the_line_of_another_list_is_not_that_of_a_part(people: Store, take: Take) -> None:
    """解放村帮扶车间 above the first sheet of pay does not hold for the second, which names no employer."""
    heads = [*NI, "实发工资"]
    pay = [["解放村帮扶车间工资表"], ["2025年8月"], heads, ["王芳", WANG, 2100], ["2025年9月"], heads, ["李强", LI, 1900]]
    result, _plan = take(*pay)
    assert fields(people, "wage", "month") == [("2025-08",)] and len(result.rejected) == 1


def test_agreements_for_two_terms(people: Store, tmp_path: Path, take: Take) -> None:
    take(*POSTS)
    over = [*NI, "岗位", "上岗时间", "第一期协议起止", "", "第二期协议起止", ""]
    rows = [over, ["", "", "", "", "开始", "结束", "开始", "结束"]]
    days = ["2025-01-01", "2025-01-01", "2025-12-31", "2026-01-01", "2026-12-31"]
    merged = [(1, 4, 1, 5), (1, 6, 1, 7), *((1, at, 2, at) for at in range(4))]
    result = read(people, tmp_path / "a.xlsx", [["解放村公益岗人员协议签订台账"], *rows, ["王芳", WANG, "保洁员", *days]], *merged)
    assert sorted(fields(people, "agreement", "start", "end")) == [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-12-31")]
    assert not result.rejected and not result.questions and fields(people, "appointment", "start") == [("2025-01-01",)]


def test_a_further_agreement_begins_no_other_appointment(people: Store, take: Take) -> None:
    """A ledger with only the agreement's dates made another appointment every year."""
    take(*POSTS)
    heads = [*NI, "岗位名称", "岗位类型", "补贴标准", "协议起止"]
    take(["公益性岗位台账"], heads, ["王芳", WANG, "保洁员", "保洁", 500, "2026年1月1日至2026年12月31日"])
    assert fields(people, "appointment", "start") == [("2025-01-01",)] and fields(people, "agreement", "start") == [("2026-01-01",)]
    take(["公益性岗位台账"], heads, ["李强", LI, "保洁员", "保洁", 500, "2026年1月1日至2026年12月31日"])
    assert sorted(fields(people, "appointment", "start")) == [("2025-01-01",), ("2026-01-01",)]


def test_groups_of_unknown_headings(people: Store, tmp_path: Path) -> None:
    """件数 and 单价 of each product: no heading row was found."""
    over, under = ["姓名", "围裙", "", "手套", "", "实付金额"], ["", "件数", "单价", "件数", "单价", ""]
    merged = [(1, 1, 1, 2), (1, 3, 1, 4), (1, 0, 2, 0), (1, 5, 2, 5)]
    read(people, tmp_path / "a.xlsx", [["解放村帮扶车间2025年10月计件工资单"], over, under, ["王芳", 300, 4, 100, 3, 1500]], *merged)
    assert fields(people, "wage", "month", "amount") == [("2025-10", 150000)]


def test_the_place_of_work_above_a_list_of_employees(people: Store, take: Take) -> None:
    """They were recorded in the own county, at the agency in the title."""
    above = ["昆山鑫诚人力资源有限公司员工花名册"], ["用工企业：昆山纬创资通有限公司　　工作地：江苏省苏州市昆山市"]
    take(*above, [*NI, "到岗日期", "岗位"], ["王芳", WANG, "2025-02-18", "装配"])
    assert fields(people, "employment", "place", "employer_name") == [("320583", "昆山纬创资通有限公司")]


def test_parts_of_an_address_are_the_place(people: Store, tmp_path: Path) -> None:
    over, under = [*NI, "就业地址", "", "", "开始日期"], ["", "", "省（区、市）", "市（州）", "县（市、区）", ""]
    merged = [(1, 2, 1, 4), (1, 0, 2, 0), (1, 1, 2, 1), (1, 5, 2, 5)]
    read(people, tmp_path / "a.xlsx", [["外出务工台账"], over, under, ["王芳", WANG, "辽宁省", "大连市", "金州区", "2025-02-18"]], *merged)
    assert fields(people, "employment", "place") == [("210213",)]


def test_two_places_above_a_list_are_a_question(people: Store, take: Take) -> None:
    above = ["桦川县鑫盛劳务派遣有限公司员工名册"], ["用工单位：中铁六局集团　　工作地点：天津、北京两地"]
    result, _plan = take(*above, [*NI, "入职时间", "工种"], ["王芳", WANG, "2025-03-05", "瓦工"])
    assert [issue.code for issue in result.questions] == ["place_several"] and not fields(people, "employment", "place")


def test_courses_one_below_the_other(people: Store, take: Take) -> None:
    """The days of each stand above its part, the title above the first."""
    first, second = ["第一期（2025年4月7日至4月9日）"], ["第二期（2025年5月6日至5月8日）"]
    take(["解放村2025年黑木耳栽培技术培训班学员花名册"], first, ["序号", *NI], [1, "王芳", WANG], second, ["序号", *NI], [1, "李强", LI])
    assert sorted(fields(people, "course", "start", "end")) == [("2025-04-07", "2025-04-09"), ("2025-05-06", "2025-05-08")]
    assert len(fields(people, "enrolment", "id")) == 2


def test_pay_under_headings_of_deductions(people: Store, take: Take) -> None:
    heads = ["姓名", "计时工资", "计件工资", "夜班补助", "应发小计", "代扣个税", "餐费", "实领"]
    take(["解放村帮扶车间2025年10月工资表"], heads, ["王芳", 800, 1250, 100, 2150, 0, 50, 2100])
    assert fields(people, "wage", "amount") == [(210000,)]


def test_a_list_in_traditional_characters(people: Store, take: Take) -> None:
    heads = ["姓名", "身份證號碼", "務工地點", "務工單位", "外出時間"]
    _result, plan = take(["解放村外出務工人員臺賬"], heads, ["李強", LI, "瀋陽市", "順豐速運", "2025年3月2日"])
    assert fields(people, "employment", "place", "employer_name", "start") == [("210100", "顺丰速运", "2025-03-02")]
    assert any("繁体字" in note for note in plan.notes)
    take(["姓名", "证件号码", "务工所在地", "务工企业名称", "开始时间"], ["王芳", WANG, DALIAN, "鑫昇號", "2025-03-02"])
    assert ("鑫昇號",) in fields(people, "employment", "employer_name")


@pytest.mark.parametrize(("born", "asked"), [("1979年8月", []), ("1979.08", []), ("1979", []), ("1980年8月", ["birth"])])
def test_a_birth_to_the_month_is_compared_with_the_number(people: Store, take: Take, born: str, asked: list[str]) -> None:
    """It was left out unread, with a warning for everybody."""
    result, _plan = take(["户编号", *NI, "与户主关系", "出生年月"], ["2001", "钱一", NEW, "户主", born])
    assert [issue.code for issue in result.questions] == asked and not [issue for issue in result.warnings if issue.code == "date_coarse"]
    assert (("钱一", "1979-08-17") in fields(people, "person", "name", "birth")) is (not asked)


def test_a_workshop_under_a_shorter_name_is_the_same(people: Store, take: Take) -> None:
    heads = [*NI, "实发工资"]
    take(["解放村就业帮扶车间2025年8月工资表"], heads, ["王芳", WANG, 2100])
    _result, plan = take(["解放村帮扶车间2025年9月工资册"], heads, ["王芳", WANG, 2000])
    assert fields(people, "employer", "name") == [("解放村就业帮扶车间",)] and len(fields(people, "wage", "month")) == 2
    assert any("按台账里的「解放村就业帮扶车间」导入" in note for note in plan.tables[0].notes)
    take(["解放村缝纫帮扶车间2025年9月工资册"], heads, ["李强", LI, 2000])
    assert len(fields(people, "employer", "name")) == 2


def test_income_beside_the_months_worked_is_not_monthly(people: Store, take: Take) -> None:
    heads = [*NI, "务工地点", "外出时间", "务工时间（月）", "务工收入（元）"]
    take(["2025年务工收入核算表"], heads, ["王芳", WANG, DALIAN, "2025-03-02", 2, 9600])
    assert fields(people, "employment", "monthly_wage") == [(None,)]


def test_the_post_ticked_by_an_applicant(people: Store, tmp_path: Path, take: Take) -> None:
    take(*POSTS)
    over, under = [*NI, "报名日期", "拟报岗位", ""], ["", "", "", "保洁员", "护林员"]
    rows = [["公益性岗位报名登记表"], over, under, ["李强", LI, "2025-03-01", "√", ""], ["王芳", WANG, "2025-03-01", "", "√"]]
    result = read(people, tmp_path / "a.xlsx", rows, (1, 3, 1, 4), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2))
    assert fields(people, "post_candidate", "applied_on") == [("2025-03-01",)] and messages(result.rejected) == [(5, "reference")]
