"""Whom a row is about where a head stands beside it, and lists that say nothing of what they could be taken for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from db.store import Store
from domain.errors import InputUnusable
from services import importing
from tests.rosters import write_sheets
from tests.services.rosters_taken import CHANGCHUN, DALIAN, LI, WANG, WORK, Take, messages, number, people, take

__all__ = ["people", "take"]


@pytest.mark.parametrize(
    "heads",
    [
        ["户主", "身份证号", "成员姓名", "与户主关系", "身份证号"],
        ["户主姓名", "身份证号码", "家庭成员姓名", "与户主关系", "身份证号码"],
        ["户主", "身份证号", "成员姓名", "与户主关系", "成员身份证号码"],
    ],
)
def test_a_number_beside_the_head_is_not_the_members(people: Store, take: Take, heads: list[str]) -> None:
    result, _plan = take(["解放村花名册"], heads, ["王芳", WANG, "李强", "配偶", LI])
    assert (result.changed, result.warnings) == (0, [])


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        (["姓名", "子女姓名", "子女身份证号"], ["李强", "王芳", WANG]),
        (["学生姓名", "学生身份证号", "姓名", "身份证号"], ["王芳", WANG, "李强", LI]),
        (["姓名", "学生身份证号"], ["王芳", WANG]),
    ],
)
def test_a_childs_number_goes_with_the_childs_name(people: Store, take: Take, heads: list[str], cells: list[str]) -> None:
    row = [*cells, "某职业学院", "高职", "2026年春季学期"]
    result, _plan = take(["雨露计划花名册"], [*heads, "学校", "学段", "学期"], row)
    assert (result.added, result.warnings) == (1, [])
    with people.read() as session:
        assert [person.id for person in session.select("person") if person.name == "王芳"] == [
            study.person_id for study in session.select("schooling")
        ]


def test_a_childs_number_does_not_rename_the_child(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(["户编号", "姓名", "子女身份证号", "与户主关系", "劳动技能"], ["1001", "李强", WANG, "配偶", "普通劳动力"])
    with people.read() as session:
        assert sorted(person.name for person in session.select("person")) == sorted(["王芳", "李强", "赵敏"])


def test_members_without_numbers_of_their_own_are_nobody(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(["解放村花名册"], ["户主", "身份证号", "成员姓名", "与户主关系", "劳动能力"], ["王芳", WANG, "李强", "配偶", "普通劳动力"])
    with people.read() as session:
        assert sorted(person.name for person in session.select("person")) == sorted(["王芳", "李强", "赵敏"])


def test_work_of_a_member_is_not_the_heads(people: Store, take: Take) -> None:
    heads = ["户主", "身份证号", "务工人员姓名", "身份证号", "务工开始时间", "务工地点"]
    take(["外出务工名单"], heads, ["王芳", WANG, "李强", LI, "2026-03-01", "大连市甘井子区"])
    with people.read() as session:
        names = {person.id: person.name for person in session.select("person")}
        assert [names[work.person_id] for work in session.select("employment")] == ["李强"]


@pytest.mark.parametrize(
    "rows",
    [
        [["值班表"], ["姓名", "电话", "签字"], ["王芳", "13800138000", ""]],
        [["物资发放登记表"], ["姓名", "数量", "日期", "签字"], ["王芳", 2, "2026-03-01", ""]],
        [["慰问金发放表"], ["姓名", "身份证号", "金额", "发放日期", "签字"], ["王芳", WANG, 500, "2026-03-01", ""]],
        [["交通补贴申请花名册"], ["姓名", "身份证号", "户类型", "联系电话"], ["王芳", WANG, "边缘易致贫户", "13900000000"]],
        [["认定帮扶车间吸纳就业补助发放表"], ["姓名", "身份证号", "户类型", "补助金额"], ["王芳", WANG, "边缘易致贫户", 500]],
    ],
)
def test_names_with_a_day_are_no_experts_and_a_claim_recognises_nobody(people: Store, take: Take, rows: list[list[Any]]) -> None:
    with pytest.raises(InputUnusable):
        take(*rows)


def test_a_claim_to_be_recognised_is_about_being_recognised(people: Store, take: Take) -> None:
    result, _plan = take(["纳入监测对象申请名单"], ["姓名", "身份证号", "户类型"], ["王芳", WANG, "边缘易致贫户"])
    assert result.added == 1


def test_an_ordinary_household_that_was_lifted_is_asked_about(people: Store, take: Take) -> None:
    heads = ["户编号", "姓名", "证件号码", "与户主关系", "劳动技能", "户类型"]
    result, _plan = take(heads, ["1001", "王芳", WANG, "户主", "普通劳动力", "一般农户"])
    assert (result.added, messages(result.questions)) == (0, [(2, "category")])
    with people.read() as session:
        assert "ordinary" not in [span.category for span in session.select("category_span")]


@pytest.mark.parametrize(
    ("heading", "word", "code"), [("劳动能力", "无", "none"), ("劳动能力", "有", "ordinary"), ("劳动技能", "无", None)]
)
def test_whether_there_is_ability_or_a_craft(store: Store, take: Take, heading: str, word: str, code: str | None) -> None:
    result, _plan = take(["姓名", "证件号码", "与户主关系", heading], ["甲一", number(40), "户主", word])
    assert messages(result.rejected) == ([] if code else [(2, "choice")])
    with store.read() as session:
        assert [person.labour for person in session.select("person")] == ([code] if code else [])


@pytest.mark.parametrize("place", ["哈尔滨、大连", "黑龙江省哈尔滨市/辽宁省大连市", "哈尔滨转北京", "大连、沈阳"])
def test_several_places_in_one_cell_are_a_question(people: Store, take: Take, place: str) -> None:
    """The first was read, with a warning only if another is in another province."""
    result, _plan = take(["外出务工名单"], ["姓名", "证件号码", "开始时间", "务工地点"], ["王芳", WANG, "2026-03-01", place])
    assert (result.added, [code for _row, code in messages(result.questions)]) == (0, ["place_several"])


def test_a_month_in_a_column_has_the_year_of_the_title(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "月份", "实发工资"]
    result, plan = take(["解放村帮扶车间2026年工资表"], heads, ["王芳", WANG, 3, 3000], ["王芳", WANG, "四月", 3000])
    assert ([code for _row, code in messages(plan.repaired)], result.rejected) == (["year", "year"], [])
    result, _plan = take(["解放村帮扶车间2025年10月至2026年9月工资表"], heads, ["李强", LI, "1月", 3000])
    assert messages(result.rejected) == [(3, "date")]
    with people.read() as session:
        assert sorted(wage.month for wage in session.select("wage")) == ["2026-03", "2026-04"]


def test_a_sheet_named_after_another_month_than_its_title_is_told(people: Store, take: Take) -> None:
    _result, plan = take(["解放村帮扶车间2026年1月工资表"], ["姓名", "身份证号", "实发工资"], ["王芳", WANG, 100], sheet="2月")
    assert any("2月" in note and "2026-01" in note for note in plan.tables[0].notes)


def test_a_number_merged_over_two_people_is_the_firsts(people: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    heads = ["姓名", "证件号码", "开始时间", "务工所在地"]
    for row in (heads, ["王芳", WANG, "2026-03", DALIAN], ["李强", "", "2026-06", DALIAN], ["", "", "2026-07", DALIAN]):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("A3:A4")
    book.save(tmp_path / "merged.xlsx")
    with people.write("导入") as session:
        importing.apply(session, importing.plan(session, tmp_path / "merged.xlsx"))
        names = {person.id: person.name for person in session.select("person")}
        works = sorted((work.start, names[work.person_id]) for work in session.select("employment"))
    assert works == [("2026-03", "王芳"), ("2026-06", "李强"), ("2026-07", "李强")]


def test_a_page_without_headings_is_named(people: Store, tmp_path: Path) -> None:
    first: list[list[Any]] = [["解放村帮扶车间2026年3月工资表"], ["姓名", "身份证号", "实发工资"], ["王芳", WANG, 100]]
    path = write_sheets(tmp_path / "pages.xlsx", {"第1页": first, "第2页": [["李强", LI, 200]], "说明": [["一式三份"]]})
    with people.read() as session:
        notes = importing.plan(session, path).notes
    assert len(notes) == 1
    assert "第2页" in notes[0]


def test_both_ends_of_a_pay_in_one_column(people: Store, take: Take) -> None:
    take(["车间名称", "类型", "负责人", "认定文号"], ["某服装厂", "企业", "王芳", ""])
    heads = ["用人单位", "岗位名称", "工作地点", "招聘人数", "月薪"]
    rows = [
        ["某服装厂", name, DALIAN, 1, pay]
        for name, pay in (("甲", "4000-6000"), ("乙", "3-5千元/月"), ("丙", "4000以上"), ("丁", 4500), ("戊", "面议"))
    ]
    take(heads, *rows)
    with people.read() as session:
        found = {vacancy.title: (vacancy.wage_min, vacancy.wage_max) for vacancy in session.select("vacancy")}
    assert found == {"甲": (400000, 600000), "乙": (300000, 500000), "丙": (400000, None), "丁": (450000, None), "戊": (None, None)}


def test_a_row_that_says_how_to_fill_in_the_columns_is_nobody(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号码", "务工地点", "外出时间", "返乡时间"]
    result, _plan = take(
        ["外出务工人员登记表"], heads, ["", "（18位）", "（省市县）", "（年月日）", ""], ["王芳", WANG, DALIAN, "2026.3.5", "长期在外"]
    )
    assert (result.added, result.rejected) == (1, [])


def test_somebody_in_brackets_is_no_hint(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号码", "务工地点", "外出时间"]
    result, _plan = take(["外出务工人员登记表"], heads, ["（王芳）", f"（{WANG}）", "（大连）", "（2026-03）"])
    assert len(result.rejected) == 1


def test_a_number_under_a_name_that_is_somebody_elses_is_told_as_a_slip(people: Store, take: Take) -> None:
    slip, _plan = take(WORK, ["王芳", LI, "2026-01-01", "", DALIAN, "某厂", 5000])
    assert (slip.added, [(issue.code, "另有其人" in issue.message) for issue in slip.questions]) == (0, [("name", True)])
    typo, _plan = take(WORK, ["李墙", LI, "2026-02-01", "", CHANGCHUN, "另一厂", 5000])
    assert [(issue.code, "另有其人" in issue.message) for issue in typo.warnings] == [("name", False)]
