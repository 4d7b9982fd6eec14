"""Courses and posts told by the lines above a table; merged cells, wide digits, sets over several columns."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from db.store import Store
from domain.errors import InputUnusable
from domain.records import Household, Person, Wage
from services import importing
from tests.services.rosters_taken import HEADS, LI, PEOPLE, WANG, Take, people, take

__all__ = ["people", "take"]


ROSTER = ["序号", "姓名", "身份证号", "出勤天数", "成绩"]
POSTS = ["序号", "岗位名称", "岗位类型", "开发主体", "资金渠道", "姓名", "身份证号", "上岗时间", "月补贴标准"]


def test_a_course_told_by_the_lines_above_its_roster(people: Store, take: Take) -> None:
    above = [["2023年第1期养殖培训班学员名册"], ["培训时间：2023年3月6日至3月15日　地点：村部"]]
    result, plan = take(*above, ROSTER, [1, "王芳", WANG, 9, 88], [2, "李强", LI, 10, "缺考"])
    assert (plan.tables[0].label, result.added, result.rejected) == ("培训花名册", 3, [])
    with people.read() as session:
        (course,) = session.select("course")
    assert (course.title, course.start, course.end, course.trade) == ("2023年第1期养殖培训班", "2023-03-06", "2023-03-15", "养殖")


def test_a_course_is_called_by_what_it_teaches(people: Store, take: Take) -> None:
    above = [["培训花名册"], ["培训工种：养老护理员", "", "培训时间：2023年7月3日至7月14日"]]
    assert take(*above, ["姓名", "证件号码", "出勤天数", "考核成绩"], ["王芳", WANG, 10.0, "优秀"])[0].added == 2
    with people.read() as session:
        course = session.select("course")[0]
    assert (course.title, course.trade, course.start, course.end) == ("养老护理员培训班", "养老护理员", "2023-07-03", "2023-07-14")


def test_a_course_without_a_day_is_refused_for_that(people: Store, take: Take) -> None:
    result, _plan = take(["2023年第1期养殖培训班学员名册"], ROSTER, [1, "王芳", WANG, 9, 88])
    assert [issue.message for issue in result.rejected] == ["没有开班日期：请在表里加「开班日期」一列，或在表的上方写明培训时间"]
    assert result.added == 0


POST_FACTS = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准", "姓名", "证件号码", "上岗时间"]


def test_a_row_that_says_less_of_its_post_means_the_post_that_agrees(people: Store, take: Take) -> None:
    rows = [
        ["保洁员", "", "", "", "", "王芳", WANG, "2023-01-01"],
        ["保洁员", "保洁", "人社", "就业补助资金", 500.0, "李强", LI, "2023-01-01"],
    ]
    result, _plan = take(POST_FACTS, *rows)
    assert (result.added, result.rejected) == (3, [])
    with people.read() as session:
        assert [post.quota for post in session.select("post")] == [2]
    assert take(POST_FACTS, *rows)[0].batch is None


def test_a_list_of_posts_without_what_tells_them_apart_proposes_it(people: Store, take: Take) -> None:
    result, plan = take(["姓名", "证件号码", "岗位名称", "上岗时间", "月补贴标准"], ["王芳", WANG, "护路员", "2023-01-01", 500.0])
    assert result.added == 2
    assert any("开发主体：其他" in said for said in plan.tables[0].proposals)
    with people.read() as session:
        post = session.select("post")[0]
    assert (post.type, post.developer, post.fund, post.quota) == ("road", "other", "other", 1)


def test_a_list_of_posts_with_its_allowance_by_the_month(people: Store, take: Take) -> None:
    rows = [[1, "保洁员", "保洁", "人社部门", "就业补助资金", "王芳", WANG, "2023-01-01", 500], ["合计", "", "", "", "", "", "", "", 500]]
    result, plan = take(["解放村公益性岗位安置情况表"], POSTS, *rows)
    assert (plan.tables[0].label, result.rejected) == ("公益性岗位台账", [])
    with people.read() as session:
        assert [(post.name, post.standard) for post in session.select("post")] == [("保洁员", 50000)]
        assert session.count("appointment") == 1


def test_a_cell_merged_over_a_household_is_each_members(store: Store, tmp_path: Path) -> None:
    rows = [[*PEOPLE[0]], [*PEOPLE[1][:1], "", *PEOPLE[1][2:]], PEOPLE[2]]
    book = xlsxwriter.Workbook(tmp_path / "merged.xlsx")
    page = book.add_worksheet()
    for i, row in enumerate([[*HEADS, "补助合计"], *([*row, ""] for row in rows)]):
        page.write_row(i, 0, row)
    page.merge_range(1, 1, 2, 1, "1001")
    page.merge_range(1, 7, 2, 7, "边缘易致贫户")
    book.close()
    with store.write("导入") as session:
        importing.apply(session, importing.plan(session, tmp_path / "merged.xlsx"))
        households = {h.id: h.number for h in session.select(Household)}
        assert {p.name: households[p.household_id] for p in session.select(Person) if p.household_id} == {
            "王芳": "1001",
            "李强": "1001",
            "赵敏": "1002",
        }
        assert [s.category for s in session.select("category_span")] == ["marginal"] * 3


def test_a_merged_amount_is_not_everybodys(people: Store, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "merged.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, ["解放村帮扶车间2023年6月工资表"])
    page.write_row(1, 0, ["姓名", "证件号码", "金额"])
    page.write_row(2, 0, ["王芳", WANG, ""])
    page.write_row(3, 0, ["李强", LI, ""])
    page.merge_range(2, 2, 3, 2, 1000)
    book.close()
    with people.write("导入") as session:
        importing.apply(session, importing.plan(session, tmp_path / "merged.xlsx"))
        assert [wage.amount for wage in session.select(Wage)] == [100_000]


@pytest.mark.parametrize("heading", ["村民小组", "组别", "屯"])
def test_wide_digits_of_a_group_are_made_narrow_and_said(store: Store, take: Take, heading: str) -> None:
    _result, plan = take([*HEADS, heading], [*PEOPLE[0], "３组"], [*PEOPLE[2], "3组"])
    assert [(issue.code, issue.row) for issue in plan.repaired] == [("full_width", 2)]
    with store.read() as session:
        assert [house.group for house in session.select("household")] == ["3组", "3组"]


def test_risks_in_several_columns_are_one_set(store: Store, take: Take) -> None:
    heads = [*HEADS, "监测对象类别", "识别监测时间", *(f"致贫/返贫风险{n}" for n in range(1, 4))]
    rows = [
        [*PEOPLE[0][:7], "", "", "突发严重困难户", "2023-02-01", "因病", "", "因残"],
        [*PEOPLE[2][:7], "", "", "边缘易致贫户", "2023-02-01", "因病", "因病", ""],
    ]
    result, plan = take(heads, *rows)
    assert not result.rejected
    assert not [note for note in plan.tables[0].notes if "风险" in note]
    with store.read() as session:
        assert sorted(sorted(span.risks) for span in session.select("category_span")) == [["因残", "因病"], ["因病"]]


def test_remarks_alone_make_no_household_of_a_list_of_people(people: Store, take: Take) -> None:
    heads = ["序号", "姓名", "身份证号", "岗位", "聘用时间", "工资标准", "资金来源", "备注"]
    with pytest.raises(InputUnusable):
        take(["解放村人员名单"], heads, [1, "王芳", WANG, "护林员", "2023-01-01", 500, "衔接资金", ""])


def test_a_job_is_a_post_where_the_title_says_so(people: Store, take: Take) -> None:
    heads = ["序号", "姓名", "身份证号", "岗位", "聘用时间", "工资标准", "资金来源", "备注"]
    result, plan = take(["解放村公益岗人员名单"], heads, [1, "王芳", WANG, "护林员", "2023-01-01", 500, "衔接资金", ""])
    assert (plan.tables[0].label, result.rejected) == ("公益性岗位台账", [])
    with people.read() as session:
        assert [(post.name, post.standard) for post in session.select("post")] == [("护林员", 500_00)]
