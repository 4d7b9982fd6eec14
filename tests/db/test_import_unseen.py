"""Lists laid out as the importer had not met them: ticked columns, a column for each service, headings in pinyin or English."""

from __future__ import annotations

import pytest

from db.store import Store
from tests.db.rosters_taken import DALIAN, LI, WANG, ZHAO, Take, messages, number, people, take
from tests.db.test_import_first_sight import WORK, fields

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]
NEW, CHILD = number(5), number(6, "男")


# ---------------------------------------------------------------- ticked columns


def test_ticked_columns_are_one_column_of_their_words(people: Store, take: Take) -> None:
    take(
        ["2025年5月就业状态调查表"],
        [*NI, "外出务工", "公益岗", "未就业", "务工地点"],
        ["王芳", WANG, "√", "", "", DALIAN],
        ["李强", LI, "", "√", "", ""],
        ["赵敏", ZHAO, "", "", "√", ""],
    )
    assert fields(people, "monthly_check", "month", "status") == [("2025-05", "away"), ("2025-05", "post"), ("2025-05", "unemployed")]


def test_a_ticked_column_of_labour_is_not_taken_for_none(people: Store, take: Take) -> None:
    """Everybody was recorded with the usual labour, beside ticks that said otherwise."""
    take(
        ["家庭成员劳动力登记表"],
        ["姓名", "与户主关系", "身份证号", "普通", "技能", "弱劳力", "无劳动能力"],
        ["钱一", "户主", NEW, "", "√", "", ""],
        ["钱二", "之子", CHILD, "", "", "", "√"],
    )
    found = fields(people, "person", "name", "labour")
    assert ("钱一", "skilled") in found and ("钱二", "none") in found


def test_two_ticks_in_a_row_are_not_read_as_one_of_them(people: Store, take: Take) -> None:
    head = [*NI, "外出务工", "公益岗", "未就业"]
    rows = [["王芳", WANG, "√", "√", ""], *(["李强", LI, "√", "", ""] for _more in range(10))]
    _result, plan = take(["2025年5月就业状态调查表"], head, *rows)
    assert messages(plan.tables[0].rows[0].issues) == [(3, "choice")]


def test_numbers_of_people_are_not_ticks(people: Store, take: Take) -> None:
    """男 and 女 of a household's members."""
    take(["户情况登记表"], ["姓名", "身份证号", "与户主关系", "男", "女"], ["钱一", NEW, "户主", 1, 2], ["钱二", CHILD, "户主", 1, 1])
    assert ("钱一", "female") in fields(people, "person", "name", "sex")


# ---------------------------------------------------------------- a column for each service


def test_a_column_for_each_service_makes_a_record_of_each(people: Store, take: Take) -> None:
    _result, plan = take(
        ["2025年“一三一”就业服务台账"],
        [*NI, "1次职业指导时间", "岗位推荐第1次", "岗位推荐第2次", "1次培训信息", "服务人"],
        ["王芳", WANG, "2025.3.4", "2025-03-10 县农商行", "2025年4月8日", "", "李协理"],
    )
    assert fields(people, "service", "type", "on", "by") == [
        ("guidance", "2025-03-04", "李协理"),
        ("job", "2025-03-10", "李协理"),
        ("job", "2025-04-08", "李协理"),
    ]
    assert any("县农商行" in note for note in plan.tables[0].notes)


def test_ticked_services_have_the_date_of_their_row(people: Store, take: Take) -> None:
    take(
        ["就业服务登记"],
        [*NI, "服务日期", "职业指导", "岗位推荐"],
        ["王芳", WANG, "2025-05-12", "√", "√"],
        ["李强", LI, "2025-05-13", "", "√"],
    )
    assert fields(people, "service", "type", "on") == [("guidance", "2025-05-12"), ("job", "2025-05-12"), ("job", "2025-05-13")]


def test_ticks_without_a_date_are_no_services(people: Store, take: Take) -> None:
    """They may be what people ask for."""
    take(["求职登记表"], [*NI, "意向工种", "登记日期", "职业指导", "岗位推荐"], ["王芳", WANG, "电工", "2025-05-12", "√", "√"])
    assert fields(people, "service", "type") == []


# ---------------------------------------------------------------- headings of databases


@pytest.mark.parametrize(
    "head",
    [
        ["xm", "sfzh", "wgdz", "kssj", "jssj", "yxz"],
        ["Name", "ID No.", "Work Place", "Start Date", "End Date", "Monthly Salary"],
        ["XM", "ID_CARD", "WORK_PLACE", "START_DATE", "END_DATE", "SALARY"],
        ["姓名/Name", "身份证号", "WorkPlace", "StartDate", "EndDate", "Wage"],
    ],
)
def test_headings_in_pinyin_or_english_are_read(people: Store, take: Take, head: list[str]) -> None:
    take(head, ["王芳", WANG, DALIAN, "2025-03-01", "2025-10-01", "5000"])
    assert fields(people, "employment", "start", "end", "monthly_wage") == [("2025-03-01", "2025-10-01", 500000)]


def test_a_second_row_of_english_headings_is_no_person(people: Store, take: Take) -> None:
    _result, plan = take(["外出务工人员"], WORK, ["Name", "ID Number", "Place", "Departure"], ["王芳", WANG, DALIAN, "2025-03-05"])
    assert fields(people, "employment", "start") == [("2025-03-05",)]
    assert [row.number for row in plan.tables[0].rows if not row.skipped] == [4]
