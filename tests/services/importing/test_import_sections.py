"""Lines between the rows that divide a table into sections, and the other layouts that an eighth set of unseen lists taught: tables of
other people beside each other, a digit in each cell, labels above the headings, pay under headings nobody has listed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from db.store import Store
from domain.errors import InputUnusable
from services import importing
from services.importing.tables.cards import in_one_table
from services.office_files.reading import Sheet
from tests.services.importing.test_import_first_sight import fields
from tests.services.rosters_taken import LI, WANG, ZHAO, Take, messages, number, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]
CHILD = number(9, "男")


def read(store: Store, path: Path, rows: list[list[Any]], *merged: tuple[int, int, int, int]) -> importing.ImportResult:
    """Import rows with merged blocks (first row and column, last row and column)."""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for block in merged:
            page.merge_range(*block, "")
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    with store.write("导入") as session:
        return importing.apply(session, importing.plan(session, path))


def test_companies_between_the_rows_are_the_employers(people: Store, take: Take) -> None:
    """All were recorded at the agency in the title."""
    sent = [["大连海宝食品有限公司（2人）"], ["王芳", WANG, "包装工", "2025-02-20"], ["李强", LI, "分拣工", "2025-02-20"]]
    _result, plan = take(
        ["桦川县鑫盛劳务派遣有限公司输出人员名单"],
        [*NI, "岗位", "入职时间"],
        *sent,
        ["青岛海尔集团（1人）"],
        ["赵敏", ZHAO, "装配工", "2025-02-25"],
    )
    companies = ["大连海宝食品有限公司", "大连海宝食品有限公司", "青岛海尔集团"]
    assert sorted(str(name) for (name,) in fields(people, "employment", "employer_name")) == companies
    assert any("按一列「用工单位」读入" in note for note in plan.tables[0].notes)


def test_the_parts_of_a_company_are_no_employers(people: Store, take: Take) -> None:
    rows = [["缝纫车间"], ["王芳", WANG, 1600], ["包装车间"], ["李强", LI, 1700]]
    take(["桦川县富民服饰有限公司2025年9月工资表"], [*NI, "实发工资"], *rows)
    assert fields(people, "employer", "name") == [("桦川县富民服饰有限公司",)]


def test_posts_between_the_rows_are_the_posts(people: Store, take: Take) -> None:
    heads = [*NI, "聘用时间", "补贴标准"]
    rows = [["一、保洁员（1人）"], ["王芳", WANG, "2025-01-01", 500], ["二、护林员"], ["李强", LI, "2025-04-01", 800], ["合计：2人"]]
    take(["解放村公益性岗位聘用人员名单"], heads, ["", ""], *rows, ["填表人：李文书"])
    assert sorted(fields(people, "post", "name", "standard")) == [("保洁员", 500_00), ("护林员", 800_00)]


def test_other_lines_between_the_rows_name_nothing(people: Store, take: Take) -> None:
    """A watermark or a remark; and where not all lines name the same sort of thing."""
    for line in ("内部资料 严禁外传", "保洁员", "以下为外出人员"):
        rows = [["王芳", WANG, "大连市", "2025-02"], [line], ["李强", LI, "大连市", "2025-02"]]
        result, _plan = take(["外出务工名单"], [*NI, "务工地点", "外出时间"], ["大连某某有限公司"], *rows)
        assert (result.added + result.unchanged, result.rejected) == (2, [])
    assert {name for (name,) in fields(people, "employment", "employer_name")} == {None}


def test_a_table_of_other_people_beside_it_is_read_apart(people: Store, tmp_path: Path) -> None:
    """The returns on the right ended the work of whoever was on the left."""
    rows = [
        ["一、外出务工人员", "", "", "", "", "二、返乡人员"],
        [*NI, "去向", "外出时间", "", *NI, "返乡时间"],
        ["王芳", WANG, "大连市", "2025-02-18", "", "李强", LI, "2025-09-10"],
    ]
    result = read(people, tmp_path / "two.xlsx", rows, (0, 0, 0, 3), (0, 5, 0, 7))
    assert (fields(people, "employment", "start", "end"), messages(result.rejected)) == ([("2025-02-18", None)], [(3, "reference")])


def test_an_id_number_may_have_a_cell_for_each_digit(people: Store, tmp_path: Path) -> None:
    rows = [["姓名", "身份证号码", *[""] * 17, "与户主关系"], ["王小明", *CHILD, "之子"]]
    assert read(people, tmp_path / "boxes.xlsx", rows, (0, 1, 0, 18)).rejected == []
    assert CHILD in {one for (one,) in fields(people, "person", "id_number")}


def test_pay_is_read_under_headings_nobody_has_listed(people: Store, take: Take) -> None:
    heads = ["班组", "组长", "工人姓名", "基本工资", "计件提成", "预支", "实领金额", "领款人签字"]
    take(["解放村帮扶车间2025年10月工资表"], heads, ["一组", "赵敏", "王芳", 1200, 900, 500, 1600, ""])
    assert fields(people, "wage", "month", "amount") == [("2025-10", 1600_00)]


def test_the_file_may_name_the_workshop_if_no_line_does(people: Store, tmp_path: Path) -> None:
    result = read(people, tmp_path / "2025年10月解放村就业帮扶车间工资.xlsx", [[*NI, "实发工资"], ["王芳", WANG, 1600]])
    assert (result.rejected, fields(people, "employer", "name")) == ([], [("解放村就业帮扶车间",)])


def test_a_bare_name_is_that_of_the_only_workshop(people: Store, take: Take) -> None:
    heads, rows = [*NI, "实发工资"], [["王芳", WANG, 1600]]
    take(["解放村就业帮扶车间2025年9月工资表"], heads, *rows)
    _result, plan = take(["帮扶车间2025年10月工资表"], heads, *rows)
    assert fields(people, "employer", "name") == [("解放村就业帮扶车间",)]
    assert any("请核对" in note for note in plan.tables[0].notes)


def test_values_beside_labels_above_the_headings_count(people: Store, take: Take) -> None:
    pairs = ["用工单位", "解放村就业帮扶车间", "所属月份", "2025年9月"]
    take(["工资发放表"], pairs, ["姓名", "底薪", "绩效奖", "罚款", "结算金额"], ["王芳", 1500, 500, 0, 2000])
    assert fields(people, "wage", "month", "amount") == [("2025-09", 2000_00)]


def test_what_trains_workers_is_no_pay_of_theirs(people: Store, take: Take) -> None:
    """Subsidies of 以工代训, months across, were read as wages, and later as a job."""
    heads = [*NI, "岗位", "2025年7月", "2025年8月"]
    result, _plan = take(["以工代训人员名册"], ["单位名称：桦川县富民米业有限公司"], heads, ["王芳", WANG, "包装", 500, 500])
    assert not result.questions
    assert fields(people, "work_training", "month") == [("2025-07",), ("2025-08",)]
    assert [fields(people, kind, "id") for kind in ("wage", "post_pay", "employment")] == [[], [], []]


def test_labels_in_pairs_above_the_headings_are_no_headings(people: Store, tmp_path: Path) -> None:
    """The trade was 黑龙江省就业, of the title, and the row above the headings became part of them."""
    rows: list[list[Any]] = [
        ["黑龙江省就业技能培训学员花名册"],
        ["培训机构（盖章）", "启航职业培训学校", "", "培训职业（工种）", "中式烹调师"],
        ["开班时间", "2025-05-12", "", "结业时间", "2025-05-30"],
        ["序号", "姓名", "身份证号码", "人员类别", "备注"],
        [1, "王芳", WANG, "脱贫人口", ""],
    ]
    read(people, tmp_path / "class.xlsx", rows, (1, 1, 1, 2), (2, 1, 2, 2))
    assert fields(people, "course", "trade", "start", "end") == [("中式烹调师", "2025-05-12", "2025-05-30")]


def test_the_days_of_a_course_may_follow_its_name_in_brackets(people: Store, take: Take) -> None:
    take(["电工培训班（2025年4月7日—4月26日）"], ["序号", *NI, "备注"], [1, "王芳", WANG, ""])
    assert fields(people, "course", "trade", "start", "end") == [("电工", "2025-04-07", "2025-04-26")]


def test_the_year_of_a_student_tells_the_stage(people: Store, take: Take) -> None:
    heads = ["学生姓名", "学生身份证号", "就读学校", "年级"]
    rows = [["王芳", WANG, "佳木斯职业学院", "高职二年级"], ["李强", LI, "桦川职教中心", "二年级"]]
    result, _plan = take(["2025年秋季学期雨露计划补助花名册"], heads, *rows)
    assert (fields(people, "schooling", "stage", "grade"), messages(result.rejected)) == ([("higher_vocational", 2)], [(4, "required")])


@pytest.mark.parametrize("nothing", ["无", "没有", "暂无"])
def test_nothing_is_no_employer(people: Store, take: Take, nothing: str) -> None:
    take(["外出务工名单"], [*NI, "务工地点", "外出时间", "务工单位"], ["王芳", WANG, "大连市", "2025-02", nothing])
    assert fields(people, "employment", "employer_name") == [(None,)]


def test_the_year_and_the_month_may_be_in_two_lines(people: Store, take: Take) -> None:
    take(["解放村帮扶车间工资表（2025年度）"], ["9月份"], [*NI, "实发工资"], ["王芳（组长）", "", 1600])
    assert fields(people, "wage", "month", "amount") == [("2025-09", 1600_00)]


def test_the_month_in_which_a_list_was_updated_is_no_start(people: Store, take: Take) -> None:
    result, _plan = take(["解放村帮扶车间2025年用工花名册（6月更新）"], [*NI, "岗位"], ["王芳", WANG, "缝纫工"])
    assert [code for _row, code in messages(result.questions)] == ["undated"]


@pytest.mark.parametrize("place", ["辽宁省、大连市", "大连市，甘井子区", "大连市甘井子区、沙河口区"])
def test_places_within_each_other_are_one(people: Store, take: Take, place: str) -> None:
    result, _plan = take(["外出务工名单"], [*NI, "开始时间", "务工地点"], ["王芳", WANG, "2025-03-01", place])
    assert (result.questions, result.rejected) == ([], [])


@pytest.mark.parametrize(("line", "code"), [("东村", 0), ("申家店村", 3)])
def test_a_part_of_the_village_is_no_other_village(people: Store, take: Take, line: str, code: int) -> None:
    rows = [[line], ["王芳", WANG, "大连市", "2025-02"]]
    if code:
        with pytest.raises(InputUnusable, match=line):
            take(["外出务工名单"], [*NI, "务工地点", "外出时间"], *rows)
    else:
        result, _plan = take(["外出务工名单"], [*NI, "务工地点", "外出时间"], *rows)
        assert result.added == 1


@pytest.mark.parametrize("heads", [["返岗去向", "返岗时间"], ["转移地点", "转移时间"], ["工作地点", "派遣时间"]])
def test_other_words_for_where_people_went(people: Store, take: Take, heads: list[str]) -> None:
    take(["解放村劳动力情况登记"], [*NI, *heads], ["王芳", WANG, "大连市", "2025-02-18"])
    assert fields(people, "employment", "place", "start") == [("210200", "2025-02-18")]


def test_a_list_is_not_searched_for_forms_to_its_end() -> None:
    """Every cell of a long register was compared with the names of all columns."""
    rows = [["姓名", "身份证号"], *([str(n), WANG] for n in range(50))]
    sheet = Sheet("1", rows, [], set())
    sheet.rows = Counting(rows)
    assert in_one_table([sheet]) is None
    assert sheet.rows.read < 10


class Counting(list[list[Any]]):
    """Rows that count how many of them are read."""

    read = 0

    def __iter__(self) -> Iterator[list[Any]]:
        for row in super().__iter__():
            self.read += 1
            yield row
