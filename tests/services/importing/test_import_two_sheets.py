"""Two sheets of one file that speak of the same people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.store import Store
from services import importing
from tests.rosters import write_sheets
from tests.services.rosters_taken import DALIAN, HEADS, LI, PEOPLE, WANG, WORK, Take, people, take

__all__ = ["people", "take"]

COURSE = ["姓名", "身份证号", "培训班名称", "培训工种", "开班日期"]


@pytest.mark.parametrize(
    ("rows", "is_about"),
    [
        ([WORK, ["李强", LI, "2026-01-01", "", DALIAN, "某厂", 5000]], "同一段务工"),
        ([["2026年3月解放村帮扶车间工资表"], ["姓名", "身份证号", "金额"], ["王芳", WANG, 2000]], "同一个人同一个月的工资"),
        ([COURSE, ["王芳", WANG, "缝纫工培训班", "缝纫工", "2026-03-01"]], "同一个人"),
        ([HEADS, PEOPLE[0]], "同一个证件号码"),
        ([["2026年务工月监测"], ["姓名", "身份证号", "1月"], ["王芳", WANG, "外出务工"]], "同一个人"),
    ],
)
def test_the_first_of_two_rows_is_named_with_its_sheet(people: Store, tmp_path: Path, rows: list[list[Any]], is_about: str) -> None:
    path = write_sheets(tmp_path / "a.xlsx", {"一组": rows, "二组": [*rows, rows[-1]]})
    with people.read() as session:
        plan = importing.plan(session, path)
    first = len(rows)
    expected = f"与工作表「一组」第 {first} 行是{is_about}"
    assert [issue.message.split("；")[0] for issue in plan.questions if issue.row == first] == [expected]


def test_in_one_sheet_its_number_is_enough(people: Store, take: Take) -> None:
    row = ["李强", LI, "2026-01-01", "", DALIAN, "某厂", 5000]
    result, _plan = take(WORK, row, row)
    assert [issue.message for issue in result.questions] == ["与第 2 行是同一段务工"]


def test_a_row_that_repeats_several_months_says_of_which_row_once(people: Store, take: Take) -> None:
    row = ["王芳", WANG, 2000, 2100, 2200]
    months = ["姓名", "身份证号", "2026年1月", "2026年2月", "2026年3月"]
    result, _plan = take(["2026年解放村帮扶车间工资表"], months, row, row)
    assert [issue.message for issue in result.questions] == ["与第 3 行是同一个人同一个月的工资"]


def test_who_waits_for_an_answer_in_one_sheet_is_said_to_in_the_others(store: Store, tmp_path: Path) -> None:
    """Once the question was answered and the file imported, their rows elsewhere stayed refused as of somebody unknown."""
    asked = [*PEOPLE[0]]
    asked[HEADS.index("性别")] = "男" if asked[HEADS.index("性别")] == "女" else "女"
    name, number = asked[HEADS.index("姓名")], next(cell for cell in asked if len(str(cell)) == 18)
    work: list[list[Any]] = [
        WORK,
        [name, number, "2026-01-01", "", DALIAN, "某厂", 5000],
        [name, "", "2026-01-01", "", DALIAN, "某厂", 5000],
    ]
    path = write_sheets(tmp_path / "a.xlsx", {"人员": [HEADS, asked], "务工": work})
    with store.read() as session:
        plan = importing.plan(session, path)
    assert len(plan.questions) == 1 and ["再把这个文件导入一次" in issue.message for issue in plan.rejected] == [True, True]
    plan.answer(next(row for row in plan.rows() if row.questioned), keep=True)
    with store.write("导入") as session:
        importing.apply(session, plan)
        assert not importing.plan(session, path).rejected
