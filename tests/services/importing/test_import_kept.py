"""Lists laid out as offices keep them: people in columns, the month above each block, a sheet for each group, headings on two lines."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from db.store import Store
from domain.errors import InputUnusable
from services import importing
from tests.rosters import write_xlsx
from tests.services.importing.test_import_first_sight import fields
from tests.services.rosters_taken import LI, WANG, Take, messages, number, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]
POSTS = [["公益性岗位台账"], [*NI, "岗位名称", "岗位类型", "补贴标准", "上岗时间"], ["王芳", WANG, "保洁员", "保洁", 500, "2023-01-01"]]


def test_people_in_columns_are_read_as_rows(people: Store, take: Take) -> None:
    rows = [
        ["务工人员情况"],
        ["姓名", "王芳", "李强"],
        ["身份证号", WANG, LI],
        ["务工地点", "大连", "北京"],
        ["外出时间", "2023-03", "没有"],
    ]
    result, plan = take(*rows)
    assert fields(people, "employment", "start", "place") == [("2023-03", "210200")]
    assert [row for row, _code in messages(result.rejected)] == [4]
    assert any("从第 3 行起" in note for note in plan.notes)


def test_a_month_above_each_block_completes_the_title(people: Store, take: Take) -> None:
    """The second block had neither the year nor the workshop; its headings below 应发 are words the program does not know."""
    heads = [["姓名", "身份证号", "应发", "", "实发工资"], ["", "", "底薪", "全勤", ""]]
    blocks = [[[f"{month}月份"], *heads, ["王芳", WANG, 900, 50, 950 + month], ["合计", "", 900, 50, 950]] for month in (10, 11)]
    result, _plan = take(["解放村帮扶车间2023年工资发放表"], *blocks[0], *blocks[1])
    assert fields(people, "wage", "month", "amount") == [("2023-10", 96000), ("2023-11", 96100)]
    assert not result.rejected


def test_the_name_of_a_sheet_tells_the_group(store: Store, tmp_path: Path) -> None:
    rows = [["户编号", "姓名", "证件号码", "与户主关系", "劳动技能"], ["2001", "孙红", number(11), "户主", "普通劳动力"]]
    with store.write("导入") as session:
        importing.apply(session, importing.plan(session, write_xlsx(tmp_path / "分组.xlsx", rows, sheet="解放村二组")))
    assert fields(store, "household", "number", "group") == [("2001", "二组")]


@pytest.mark.parametrize(("title", "group"), [("解放村三组人员信息表", "三组"), ("解放村一组至三组人员信息表", None)])
def test_a_title_tells_the_group_if_it_names_one(store: Store, take: Take, title: str, group: str | None) -> None:
    take([title], ["户编号", "姓名", "证件号码", "与户主关系", "劳动技能"], ["2001", "孙红", number(11), "户主", "普通劳动力"])
    assert fields(store, "household", "group") == [(group,)]


def test_a_list_of_the_insured_is_no_list_of_the_insurers_workers(people: Store, take: Take) -> None:
    take(*POSTS)
    above = [
        ["公益性岗位人员意外险投保名单"],
        ["保险公司：人寿桦川支公司"],
        ["保单号：2023001"],
        ["保险期间：2023年1月1日至2023年12月31日"],
    ]
    take(*above, [*NI, "职业", "保费"], ["王芳", WANG, "保洁员", 60])
    assert fields(people, "insurance", "insurer", "policy_number", "end") == [("人寿桦川支公司", "2023001", "2023-12-31")]
    assert not fields(people, "employer", "name")


def test_the_day_of_payment_beside_months_is_kept(people: Store, take: Take) -> None:
    take(*POSTS)
    take(["2023年公益性岗位补贴发放表"], [*NI, "7月", "8月", "发放日期"], ["王芳", WANG, 500, 400, "2023.9.12"])
    assert fields(people, "post_pay", "month", "paid_on") == [("2023-07", "2023-09-12"), ("2023-08", "2023-09-12")]


def test_starts_and_ends_below_one_heading(people: Store, take: Take) -> None:
    heads = [[*NI, "岗位名称", "补贴标准", "聘用期限", ""], ["", "", "", "", "起", "止"]]
    take(["公益性岗位台账"], *heads, ["王芳", WANG, "保洁员", 500, "2023-01-01", "2023-12-31"])
    assert fields(people, "agreement", "start", "end") == [("2023-01-01", "2023-12-31")]


def test_a_number_left_open_is_asked(people: Store, take: Take) -> None:
    heads = ["招聘单位", "招聘岗位", "工作地点", "招聘人数", "有效期"]
    result, _plan = take(["招聘信息"], heads, ["桦川米业", "包装工", "解放村", "若干", "长期"])
    assert [issue.code for issue in result.questions] == ["some"]
    take(["招聘信息"], heads, ["桦川米业", "包装工", "解放村", "若干", "2023-12-31"], answer=[3])
    assert fields(people, "vacancy", "headcount", "place", "expires_on") == [(1, "230826", "2023-12-31")]


def test_part_of_a_year_is_known_to_the_year(people: Store, take: Take) -> None:
    take(["务工人员名册"], [*NI, "务工地点", "外出时间", "返乡时间"], ["王芳", WANG, "大连", "2023年春", "2023年底"])
    assert fields(people, "employment", "start", "end") == [("2023", "2023")]


def test_a_bus_on_a_day_to_a_place(people: Store, take: Take) -> None:
    take(["2024年2月18日“点对点”包车赴大连市务工人员名单"], ["座位号", *NI, "用工企业"], [1, "王芳", WANG, "大连船舶"])
    assert fields(people, "employment", "start", "place", "point_to_point") == [("2024-02-18", "210200", True)]


@pytest.mark.parametrize(
    ("cell", "needs"),
    [
        ("☑岗位推荐 ☑技能培训 ☐创业服务", {"岗位推荐", "技能培训"}),
        ("岗位推荐□ 技能培训☑", {"技能培训"}),
        ("☐岗位推荐 ☐技能培训", None),
    ],
)
def test_of_words_with_boxes_the_ticked_ones_count(people: Store, take: Take, cell: str, needs: set[str] | None) -> None:
    """All of them, with their boxes, were taken for needs."""
    take(["就业意愿调查"], [*NI, "就业服务需求", "意向工作地", "登记时间"], ["王芳", WANG, cell, "☑县内 ☐县外", "2023-10-09"])
    assert fields(people, "job_wish", "needs", "areas") == [(frozenset(needs) if needs else None, "县内")]


def test_the_number_of_a_certificate_beside_that_of_a_person(people: Store, take: Take) -> None:
    above = ["2023年第3期电焊工培训班取证人员名单", "培训时间：2023年9月4日—9月15日"]
    take(*([line] for line in above), [*NI, "证书等级", "证号", "发证时间"], ["王芳", WANG, "初级", "S0001", "2023.10.8"])
    assert fields(people, "enrolment", "certificate", "certified_on") == [("S0001", "2023-10-08")]


def test_a_bare_number_is_that_of_the_person(people: Store, take: Take) -> None:
    take(["2023年第3期电焊工培训班名单"], ["培训时间：2023年9月4日—9月15日"], ["姓名", "证号", "成绩"], ["王芳", WANG, 80])
    assert fields(people, "enrolment", "certificate", "score") == [(None, 80)]


def test_several_holders_in_a_cell_with_the_day_above(people: Store, take: Take) -> None:
    above = [["解放村公益性岗位聘用情况"], ["聘用时间：2024年3月1日"]]
    take(*above, ["岗位名称", "聘用人员", "身份证号", "补贴标准"], ["保洁员", "王芳\n李强", f"{WANG}\n{LI}", 600])
    assert fields(people, "appointment", "start") == [("2024-03-01",)] * 2
    assert fields(people, "post", "quota", "standard") == [(2, 60000)]


@pytest.mark.parametrize(("purpose", "month"), [("公益岗9月补贴", "2023-09"), ("公益岗12月补贴", "2022-12")])
def test_the_month_of_a_bank_line_is_before_its_day(people: Store, take: Take, purpose: str, month: str) -> None:
    take(*POSTS[:2], ["王芳", WANG, "保洁员", "保洁", 500, "2022-01-01"])
    take(["交易日期", "对方户名", "金额", "摘要"], ["20231012", "王芳", 500, purpose])
    assert fields(people, "post_pay", "month", "paid_on") == [(month, "2023-10-12")]


def test_the_year_of_days_in_the_name_of_the_file(people: Store, tmp_path: Path) -> None:
    rows = [[*NI, "去向", "几月走的", "几月回来"], ["王芳", WANG, "大连市", "3月", "11月"]]
    with people.write("导入") as session:
        importing.apply(session, importing.plan(session, write_xlsx(tmp_path / "2023年外出务工.xlsx", rows, sheet="一组")))
    assert fields(people, "employment", "start", "end") == [("2023-03", "2023-11")]


def test_a_pay_list_whose_headings_are_what_is_taken_off(people: Store, take: Take) -> None:
    take(
        ["解放村帮扶车间2023年10月工资"],
        ["班组", "姓名", "应发", "扣水电", "扣饭费", "实发", "签领"],
        ["一班", "王芳", 1010, 20, 30, 960, ""],
    )
    assert fields(people, "wage", "month", "amount") == [("2023-10", 96000)]


def test_amounts_of_several_products_are_not_the_pay_but_their_total_is(people: Store, take: Take) -> None:
    """The amount for the first product was taken for the wage."""
    rows: list[list[object]] = [[*NI, "草帽", "", "草垫", "", "合计金额"], ["", "", "件数", "金额", "件数", "金额", ""]]
    rows.append(["王芳", WANG, 100, 300, 50, 450, 750])
    for month, ending in ((10, 7), (11, 6)):
        with contextlib.suppress(InputUnusable):
            take([f"解放村帮扶车间2023年{month}月计件工资表"], *(row[:ending] for row in rows))
    assert fields(people, "wage", "month", "amount") == [("2023-10", 75000)]


def test_a_list_of_training_at_work_makes_no_job(people: Store, take: Take) -> None:
    take(["佳木斯恒源食品有限公司以工代训人员花名册（2021年9月）"], [*NI, "岗位", "培训天数", "补贴金额"], ["王芳", WANG, "包装", 22, 500])
    assert fields(people, "work_training", "month", "days") == [("2021-09", 22)]
    assert not fields(people, "employment", "job")


@pytest.mark.parametrize("heading", ["外出务工成员（身份证号）", "姓名及身份证号"])
def test_names_and_numbers_in_one_cell(people: Store, take: Take, heading: str) -> None:
    take(
        ["外出务工名单"],
        ["序号", heading, "务工地点", "外出时间"],
        [1, f"王芳（{WANG}）、李强 {LI}", "大连市", "2023-03"],
        ["合计", "", "", ""],
    )
    assert fields(people, "employment", "start", "place") == [("2023-03", "210200")] * 2


def test_of_people_a_village_has_lost_the_dead_are_read(people: Store, take: Take) -> None:
    rows = [["王芳", WANG, "死亡", "2023年8月9日"], ["李强", LI, "婚嫁迁出", "2023-09-01"], ["合计", "2人", "", ""]]
    _result, plan = take(["2023年脱贫人口自然减少名单"], [*NI, "减少原因", "减少时间"], *rows)
    assert [day for (day,) in fields(people, "person", "died_on") if day] == ["2023-08-09"]
    assert any("婚嫁迁出" in note for note in plan.tables[0].notes)
