"""Lists nobody knows at once: what is said of them, and short lists that only other words kept out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from db.store import Store
from domain.errors import InputUnusable, Unrecognised
from domain.records import Assessment, Insurance, Service, Visit
from services import importing
from tests.services.rosters_taken import LI, WANG, Take, messages, people, take

__all__ = ["people", "take"]

POST = ["岗位名称", "姓名", "身份证号码", "上岗时间", "待遇标准（元/月）", "资金渠道", "开发主体"]


@pytest.fixture
def holder(people: Store, take: Take) -> Store:
    take(["公益性岗位台账"], POST, ["保洁", "王芳", WANG, "2023-01-01", 500, "就业补助资金", "人社部门"])
    return people


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["姓名", "身份证号", "务工状态"], ["王芳", WANG, "外出务工"]], "最像「务工月监测」，还缺：月份（写在标题里也行，要有年份）"),
        ([["车间工资表2023年"], ["姓名", "身份证号", "一季度", "二季度"], ["王芳", WANG, 1500, 1800]], "只有几个月合在一起的数"),
        ([["车间工资表2023年"], ["姓名", "身份证号", "1-3月", "4-6月"], ["王芳", WANG, 1500, 1800]], "只有几个月合在一起的数"),
        (
            [["2023年第一季度公益性岗位补贴发放表"], ["姓名", "身份证号", "岗位名称", "补贴金额"], ["王芳", WANG, "保洁员", 1500]],
            "标题写的是几个月",
        ),
        ([["姓名", "身份证号", "学校", "学段"], ["王芳", WANG, "一中", "普高"]], "还缺：学期"),
        (
            [
                ["姓名", "身份证号", "与户主关系", "务工地点", "务工单位", "月工资", "动身"],
                ["王芳", WANG, "户主", "大连", "某厂", 4000, "2023.3"],
            ],
            "最像「外出务工名单」，还缺：开始时间或起止时间",
        ),
        ([["姓名", "身份证号", "血型", "身高"], ["王芳", WANG, "A", "165"]], "表头里要有姓名、证件号码和相应的列"),
    ],
)
def test_a_list_is_told_what_it_lacks_to_be_what_it_is_most_like(people: Store, take: Take, rows: list[list[Any]], said: str) -> None:
    with pytest.raises(InputUnusable, match=r"还缺|几个月|表头里要有") as refused:
        take(*rows)
    assert said in str(refused.value)


def test_lists_of_insurances_and_assessments_are_about_who_holds_a_post(holder: Store, take: Take) -> None:
    take(
        ["被保险人", "身份证号", "保险公司", "保单号", "保费", "保险期间"], ["王芳", WANG, "人保财险", "P1", "100元", "2023.1.1-2023.12.31"]
    )
    take(["姓名", "身份证号", "考核期", "考核得分", "考核等次"], ["王芳", WANG, "2023年一季度", "95", "优秀"])
    with holder.read() as session:
        (insurance,), (assessment,) = session.select(Insurance), session.select(Assessment)
    assert (insurance.premium, insurance.start, insurance.end) == (10000, "2023-01-01", "2023-12-31")
    assert (assessment.score, assessment.opinion) == (95, "优秀")
    heads = ["姓名", "身份证号", "保险公司", "保险期间"]
    result, _plan = take(heads, ["王芳", WANG, "人保财险", "2024年1月-2024年12月"])
    assert messages(result.rejected)[0] == (2, "date")


def test_a_visit_is_to_the_household_of_the_head_it_names(people: Store, take: Take) -> None:
    take(["走访记录"], ["户主", "走访日期", "走访人", "走访内容"], ["王芳", "23.1.6", "李书记", "送年货"])
    with people.read() as session:
        (visit,) = session.select(Visit)
        assert session.get("household", visit.household_id)["number"] == "1001"
    assert (visit.on, visit.content) == ("2023-01-06", "送年货")


def test_services_in_everyday_words(people: Store, take: Take) -> None:
    rows = (
        ["服务对象", "身份证号", "服务内容", "服务日期", "结果"],
        ["王芳", WANG, "介绍工作", "2023.1.6", "同意"],
        ["李强", LI, "政策宣传", "2023.1.7", "不去"],
    )
    take(*rows)
    with people.read() as session:
        assert sorted((s.type, s.result) for s in session.select(Service)) == [("job", "accepted"), ("policy", "refused")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("#接龙\n家政培训报名\n\n1. 王芳\n2. 李强\n", "接龙.*开头加一行"),
        ("甲,乙,丙\n一,二,三\n", "没有找到表头"),
    ],
)
def test_words_and_people_in_a_chat_have_a_way_out(people: Store, data: str, said: str) -> None:
    with people.read() as session, pytest.raises(InputUnusable, match=said):
        importing.plan(session, data.encode(), name="名单.txt")


@pytest.mark.parametrize("sheets", [("3月",), ("3月", "4月")])
def test_a_month_without_its_year_is_told_also_of_several_sheets(people: Store, tmp_path: Path, sheets: tuple[str, ...]) -> None:
    """They were said to lack a name and a number, which stood there."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name in sheets:
        page = book.create_sheet(name)
        for row in (
            [f"解放村车间{name}份工资表"],
            ["姓名", "身份证号", "计件数", "单价", "应发", "扣款", "实发"],
            ["王芳", WANG, 120, 12.5, 1500, 0, 1500],
        ):
            page.append(row)
    book.save(file := tmp_path / "工资.xlsx")
    with people.read() as session, pytest.raises(Unrecognised, match="没有写明是哪一年"):
        importing.plan(session, file)
