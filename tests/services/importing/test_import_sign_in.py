"""Sign-in sheets of courses, with a column for each day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from db.store import Store
from services.importing.tables.headings import dates_across
from tests.services.rosters_taken import LI, WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

TITLE = ["2026年家政服务培训班签到表"]
DAYS = ["6月1日", "6月2日", "6月3日"]
HEADS = ["序号", "姓名", "身份证号"]


def present(store: Store) -> dict[str, int | None]:
    with store.read() as session:
        names = {person.id: person.name for person in session.select("person")}
        return {names[one.person_id]: one.days_present for one in session.select("enrolment")}


@pytest.mark.parametrize(
    "days", [DAYS, ["6.1", "6.2", "6.3"], ["6/1", "6/2", "6/3"], ["2026年6月1日", "2026年6月2日", "2026年6月3日"], [6.1, 6.2, 6.3]]
)
def test_ticks_and_signatures_are_days_and_the_days_are_the_course(people: Store, take: Take, days: list[Any]) -> None:
    rows = [[1, "王芳", WANG, "√", "√", "√"], [2, "李强", LI, "李强", "", "李 强"], [3, "赵敏", ZHAO, "√", "缺勤", "请假"]]
    result, plan = take(TITLE, [*HEADS, *days], *rows)
    assert (result.rejected, result.questions) == ([], [])
    assert present(people) == {"王芳": 3, "李强": 2, "赵敏": 1}
    with people.read() as session:
        assert {one.days_total for one in session.select("enrolment")} == {3}  # for the share of the days attended
        assert [(c.title, c.trade, c.start, c.end) for c in session.select("course")] == [
            ("2026年家政服务培训班", "家政服务", "2026-06-01", "2026-06-03")
        ]
    assert any("签到" in one for table in plan.tables for one in table.proposals)
    again, _plan = take(TITLE, [*HEADS, *days], *rows)
    assert (again.added, again.changed) == (0, 0)


def test_halves_of_the_days_under_them_are_headings_and_nobody(people: Store, take: Take) -> None:
    heads = [[*HEADS, "6月1日", "", "6月2日", ""], ["", "", "", "上午", "下午", "上午", "下午"]]
    result, _plan = take(TITLE, *heads, [1, "王芳", WANG, *"√√√√"], [2, "李强", LI, "√", "√", "", ""], [3, "赵敏", ZHAO, "√", "", "√", "√"])
    assert (messages(result.rejected), messages(result.warnings)) == ([], [(6, "signed")])
    assert present(people) == {"王芳": 2, "李强": 1, "赵敏": None}


def test_who_signed_for_somebody_else_is_told_and_not_counted(people: Store, take: Take) -> None:
    title = ["桦川县家政服务培训班学员签到表"]
    result, _plan = take(
        title,
        ["培训时间：2026年6月1日至6月3日"],
        [*HEADS[1:], *DAYS],
        ["王芳", WANG, "王芳", "李强", "王芳"],
        ["赵敏", ZHAO, "√", "√", "√"],
    )
    assert messages(result.warnings) == [(4, "signed")]
    assert present(people) == {"王芳": None, "赵敏": 3}
    with people.read() as session:
        assert [(c.trade, c.end) for c in session.select("course")] == [("家政服务", "2026-06-03")]


def test_a_sheet_of_some_days_of_a_course_counts_none(people: Store, take: Take) -> None:
    take(["2026年家政服务培训班签到表"], ["培训时间：2026年6月1日至6月5日"], [*HEADS, *DAYS], [1, "王芳", WANG, "√", "√", "√"])
    assert present(people) == {"王芳": None}


@pytest.mark.parametrize("days", [["6月1日", "6月2日"], ["6月4日", "6月5日"]])
def test_a_sheet_of_some_days_leaves_a_course_that_is_known_as_it_is(people: Store, take: Take, days: list[str]) -> None:
    every = [f"6月{n}日" for n in range(1, 6)]
    take(TITLE, [*HEADS, *every], [1, "王芳", WANG, *"√√√√√"])
    result, plan = take(TITLE, [*HEADS, *days], [1, "王芳", WANG, "√", "√"])
    assert (result.added, result.changed) == (0, 0)
    assert present(people) == {"王芳": 5}
    with people.read() as session:
        assert [(c.start, c.end) for c in session.select("course")] == [("2026-06-01", "2026-06-05")]
    assert any("不是培训的全部日期" in one for table in plan.tables for one in table.proposals)


def test_a_blank_sheet_to_be_signed_says_nothing_of_days(people: Store, take: Take) -> None:
    take(TITLE, [*HEADS, *DAYS], [1, "王芳", WANG, "", "", ""], [2, "赵敏", ZHAO, "", "", ""])
    assert present(people) == {"王芳": None, "赵敏": None}


def test_mornings_and_afternoons_are_a_day_where_they_agree(people: Store, take: Take) -> None:
    result, _plan = take(
        TITLE,
        [*HEADS, "6月1日上午", "6月1日下午", "6月2日上午", "6月2日下午"],
        [1, "王芳", WANG, *"√√√√"],
        [2, "赵敏", ZHAO, "√", "√", "√", ""],
    )
    assert messages(result.warnings) == [(4, "signed")]
    assert present(people) == {"王芳": 2, "赵敏": None}


def test_days_without_a_year_anywhere_make_no_course(people: Store, take: Take) -> None:
    result, _plan = take(["家政服务培训班签到表"], [*HEADS, "工种", *DAYS], [1, "王芳", WANG, "家政", "√", "√", "√"])
    assert messages(result.rejected) == [(3, "required")]


@pytest.mark.parametrize(
    ("row", "days"),
    [
        (["姓名", date(2026, 6, 1), date(2026, 6, 2)], 2),
        (["姓名", date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)], 0),  # months
        (["姓名", 6.1, 6.11, 6.12], 0),  # 6.1 may be the tenth
        (["姓名", "6月31日", "7月1日"], 0),
        (["李强", "2026-02-20", ""], 0),
        (["姓名", "6月1日", "6月1日", "6月2日", "6月2日"], 4),
    ],
)
def test_days_side_by_side(row: list[Any], days: int) -> None:
    assert len(dates_across(row)) == days
