"""Rosters under headings that townships really write: whose a column is and what it is about, other words for the same column."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain.errors import InputUnusable
from services.importing.plan import Level
from tests.services.rosters_taken import CHANGCHUN, DALIAN, LI, WANG, ZHAO, Take, messages, number, people, take

__all__ = ["people", "take"]

CHILD = number(7, "男")


def test_whose_a_column_is_and_that_it_is_about_it_may_stand_in_the_heading(store: Store, take: Take) -> None:
    heads = ["户主姓名", "家庭成员姓名", "成员公民身份证号码", "与户主之间关系", "劳动能力情况", "身体状况", "受教育程度", "成员手机号"]
    result, plan = take(heads, ["王芳", "王小 明", CHILD, "大儿子", "普通劳力", "健康", "初中", "138-0013-8001"])
    assert (result.added, result.rejected) == (1, [])
    assert [note for note in plan.tables[0].notes if "没有导入" in note] == []
    with store.read() as session:
        (made,) = session.select("person")
    assert (made.name, made.relation, made.labour, made.education, made.phone) == ("王小明", "之子", "ordinary", "初中", "13800138001")
    assert made.health == {"健康"}


def test_a_choice_that_is_none_is_refused_with_the_words_that_are(people: Store, take: Take) -> None:
    result, _plan = take(["姓名", "证件号码", "与户主关系", "性别"], ["王芳", WANG, "之友", "女"], ["李强", LI, "户主", "不详"])
    assert messages(result.rejected) == [(2, "choice"), (3, "choice")]
    assert "户主、配偶、之子" in result.rejected[0].message
    assert result.rejected[1].message.endswith("男、女")


def test_a_registry_that_renames_somebody_says_so(people: Store, take: Take) -> None:
    result, plan = take(["姓名", "证件号码", "与户主关系"], ["王方", WANG, "户主"], ["李强", LI, "配偶"])
    assert (result.changed, messages(plan.warnings)) == (1, [(2, "name")])
    assert "王芳" in plan.warnings[0].message


def test_posts_by_the_words_of_their_departments(people: Store, take: Take) -> None:
    heads = ["序号", "姓名", "身份证号", "岗位类别", "公益性岗位名称", "上岗时间", "协议起止时间", "补贴标准", "资金来源", "开发部门"]
    rows: list[list[Any]] = [
        [1, "王芳", WANG, "保洁员", "村内保洁", "2023-01-01", "2023年1月至2023年12月", 500, "衔接资金", "农业农村局"],
        [2, "李强", LI, "护林员", "护林", "2023-01-01", "2023.1.15-2024.1.14", 600, "就业补助资金", "人社部门"],
    ]
    result, plan = take(["公益性岗位人员台账"], heads, *rows)
    assert (result.rejected, messages(plan.warnings)) == ([], [(3, "date_coarse")])
    with people.read() as session:
        assert {(p.name, p.type, p.fund, p.developer) for p in session.select("post")} == {
            ("村内保洁", "cleaner", "bridging", "agriculture"),
            ("护林", "forest", "employment", "hrss"),
        }
        spans = {(a.start, a.end) for a in session.select("agreement")}
    assert spans == {("2023-01-01", "2023-12-31"), ("2023-01-15", "2024-01-14")}


def test_a_months_pay_for_posts_is_no_wage_sheet(people: Store, take: Take) -> None:
    take(["姓名", "身份证号", "岗位名称", "上岗时间", "补贴标准"], ["王芳", WANG, "保洁员", "2023-01-01", 500])
    heads = ["序号", "姓名", "身份证号", "岗位", "应出勤", "实出勤", "应发金额", "实发金额", "领取人签字"]
    result, plan = take(["解放村2023年6月公益性岗位补贴发放表"], heads, [1, "王芳", WANG, "保洁员", 30, 28, 500, 466.67, ""])
    assert (plan.tables[0].label, result.added, result.rejected) == ("岗位补贴月报", 2, [])
    with people.read() as session:
        (paid,), (present,) = session.select("post_pay"), session.select("attendance")
    assert (paid.amount, present.days, paid.month) == (46667, 28, "2023-06")


def test_a_workshop_and_a_list_of_work_under_other_headings(people: Store, take: Take) -> None:
    heads = ["编号", "员工姓名", "身份证号", "工种", "入职日期", "合同签订时间", "合同到期时间", "月平均工资"]
    result, _plan = take(
        ["解放村就业帮扶车间务工人员花名册"], heads, [1, "王芳", WANG, "缝纫工", "2022.10", "2022-10-08", "2023-10-07", 2600]
    )
    assert result.rejected == []
    heads = ["姓名", "身份证号", "务工省份", "务工地市", "务工县区", "务工单位", "外出务工时间", "社会保障卡号"]
    result, plan = take(heads, ["李强", LI, "山东省", "青岛市", "", "B厂", "2023年3月", "6222020200112233440"])
    assert (result.rejected, plan.tables[0].notes) == ([], [])
    with people.read() as session:
        made = {e.person_id: e for e in session.select("employment")}
        by_name = {session.get("person", id).name: e for id, e in made.items()}
    worked = by_name["王芳"]
    assert (worked.start, worked.contract_start, worked.contract_end, worked.monthly_wage) == (
        "2022-10",
        "2022-10-08",
        "2023-10-07",
        260000,
    )
    assert (by_name["李强"].place, by_name["李强"].start) == ("370200", "2023-03")


@pytest.mark.parametrize("cells", [("", WANG), (WANG, "")])
def test_a_short_row_with_an_id_number_is_refused_and_not_passed_over(people: Store, take: Take, cells: tuple[str, str]) -> None:
    heads = ["备注", "姓名", "证件号码", "务工所在地", "务工企业名称", "开始时间"]
    result, _plan = take(heads, ["", "李强", LI, CHANGCHUN, "A厂", "2023-04-01"], [cells[0], cells[1], "", DALIAN, "", ""])
    assert [issue.row for issue in result.rejected] == [3]


def test_who_plans_to_go_out_is_a_list_of_wishes_whatever_it_calls_the_plan(people: Store, take: Take) -> None:
    heads = ["脱贫户姓名", "身份证号", "联系电话", "意向务工地", "意向工种", "期望月工资", "是否计划外出", "服务需求"]
    rows = [["王芳", WANG, "", "大连", "缝纫", "3000", "是", "岗位推荐"], ["李强", LI, "", "哈尔滨", "", "", "否", ""]]
    result, plan = take(["解放村2023年计划外出务工人员摸底表"], heads, *rows)
    assert (result.added, plan.tables[0].label, plan.tables[0].notes) == (1, "计划外出务工名单", [])


def test_a_list_of_names_alone_is_no_list_of_anything(people: Store, take: Take) -> None:
    """It had become returned entrepreneurs: of all kinds that one needs only a person."""
    for heads in (["序号", "姓名", "身份证号", "签字"], ["序号", "姓名", "身份证号", "44835", "合计"]):
        with pytest.raises(InputUnusable):
            take(["会议签到表"], heads, [1, "王芳", WANG, "", 1])


def test_the_end_of_a_post_and_the_outcome_of_a_course_by_other_words(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "岗位名称", "聘用时间", "离岗时间", "补贴标准"]
    take(heads, ["王芳", WANG, "保洁员", "2022年3月1日", "2023.2.28", "500"])
    take(
        ["班级名称", "姓名", "身份证号", "工种", "开班日期", "结业日期", "结果"],
        ["一班", "李强", LI, "焊工", "2023.5.8", "2023.5.17", "合格"],
    )
    with people.read() as session:
        assert ([a.exit_on for a in session.select("appointment")], [e.outcome for e in session.select("enrolment")]) == (
            ["2023-02-28"],
            ["completed"],
        )


TITLE = "解放村就业帮扶车间2023年{}工资发放表"
WAGES = ["序号", "姓名", "身份证号", "工资金额"]


def amounts(store: Store, kind: str = "wage", field: str = "amount") -> list[Any]:
    with store.read() as session:
        return [one[field] for one in session.select(kind)]


def test_amounts_by_the_thousand_or_ten_thousand_become_yuan(people: Store, take: Take) -> None:
    """Taken as they stood they had been 3.20 yuan, without a word."""
    result, plan = take(
        [TITLE.format("5月") + "（单位：千元）"], WAGES, [1, "王芳", WANG, 3.2], [2, "李强", LI, "2.5555"], [3, "赵敏", ZHAO, "无"]
    )
    assert ({*amounts(people)}, messages(result.rejected)) == ({320_000, 255_550}, [(5, "money")])
    assert [(issue.row, issue.code) for row in plan.rows() for issue in row.issues if issue.code == "unit"] == [(3, "unit"), (4, "unit")]
    take([TITLE.format("")], ["单位：万元"], ["姓名", "身份证号", "6月", "7月（元）", "合计"], ["王芳", WANG, 0.1, 900, 0.19])
    assert {*amounts(people)} == {320_000, 255_550, 100_000, 90_000}
    take(["姓名", "身份证号", "务工所在地", "务工企业名称", "开始时间", "月工资（千元）"], ["李强", LI, DALIAN, "A厂", "2023-03", "4"])
    assert 400_000 in amounts(people, "employment", "monthly_wage")
    heads = ["户编号", "家庭人口", "工资性收入", "转移性收入", "人均纯收入"]
    _result, plan = take(["家庭收入表（2022年10月至2023年9月）"], ["单位：万元"], heads, ["1001", 2, 3.2, 0.5, "1.85"])
    assert (amounts(people, "household_income", "wages"), plan.warnings) == ([3_200_000], [])


@pytest.mark.parametrize("months", ["1月至3月", "1-3月", "第一季度", "上半年"])
def test_one_amount_for_several_months_is_no_months_wage(people: Store, take: Take, months: str) -> None:
    """It had gone to the first of them."""
    with pytest.raises(InputUnusable):
        take([TITLE.format(months)], WAGES, [1, "王芳", WANG, 3000])


def test_the_month_of_a_wage_sheet_may_be_its_sheets_name_and_a_row_without_amount_is_told(people: Store, take: Take) -> None:
    result, plan = take([TITLE.format("")], WAGES, [1, "王芳", WANG, 3000], [2, "李强", LI, ""], sheet="5月")
    assert (amounts(people), amounts(people, field="month")) == ([300_000], ["2023-05"])
    assert (result.rejected, messages(plan.warnings)) == ([], [(4, "amount")])
    take([TITLE.format("-06月").replace("年", "")], WAGES, [1, "王芳", WANG, 3100])
    assert {*amounts(people, field="month")} == {"2023-05", "2023-06"}


def test_a_remark_after_a_name_is_no_part_of_it(people: Store, take: Take) -> None:
    """It was stored: 李强 became 李强(男), and 王芳(女) was nobody's name."""
    heads = ["姓名", "证件号码", "与户主关系"]
    result, plan = take(heads, ["李强（男）", LI, "配偶"], ["王小明（已故）", CHILD, "之子"], answer=[3])
    assert (result.changed, result.added, messages(plan.repaired)) == (0, 1, [(2, "spaces"), (2, "remark"), (3, "spaces")])
    assert [(issue.row, issue.code) for row in plan.rows() for issue in row.of(Level.QUESTION)] == [(3, "remark")]
    with people.read() as session:
        assert sorted(person.name for person in session.select("person")) == ["李强", "王小明", "王芳", "赵敏"]
    _again, plan = take(heads, ["王芳（大）", WANG, "户主"])  # one of two people of that name
    assert messages(plan.warnings)[0] == (2, "lost_character")


def test_the_example_in_a_form_is_nobody(people: Store, take: Take) -> None:
    heads = ["序号", "姓名", "证件号码", "与户主关系"]
    for sign, name in (("例", "张三"), ("", "示例：张三"), ("填写示例", "张三")):
        result, plan = take(heads, [sign, name, "11010519491231002X", "户主"], [1, "王小明", CHILD, "之子"])
        assert result.added + result.unchanged == 1, name
        assert [row.number for row in plan.rows() if row.skipped] == [2]
