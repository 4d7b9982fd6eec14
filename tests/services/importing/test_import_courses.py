"""Courses: several trades under one title, days that cannot be, terms of school that nobody can tell."""

from __future__ import annotations

import pytest

from db.store import Store
from services.importing.columns.supplied import START
from services.importing.records.training import course_trade
from tests.services.rosters_taken import LI, WANG, Take, messages, people, take

__all__ = ["people", "take"]

HEADS = ["姓名", "身份证号", "培训工种", "培训开始", "培训结束", "出勤天数"]


def test_trades_under_one_title_are_so_many_courses(people: Store, take: Take) -> None:
    rows = [["王芳", WANG, "缝纫工", "2026-03-01", "2026-03-10", 9], ["李强", LI, "电焊工", "2026-03-01", "2026-03-10", 8]]
    result, _plan = take(["2026年培训花名册"], HEADS, *rows)
    assert (result.added, result.warnings) == (4, [])
    with people.read() as session:
        assert sorted((course.title, course.trade) for course in session.select("course")) == [
            ("电焊工培训班", "电焊工"),
            ("缝纫工培训班", "缝纫工"),
        ]
    assert take(["2026年培训花名册"], HEADS, *rows)[0].added == 0


def test_what_the_lines_above_say_is_taught_goes_before_the_title(people: Store, take: Take) -> None:
    heads, row = ["姓名", "身份证号", "证书编号"], ["王芳", WANG, "BY001"]
    take(["2023年职业技能培训补贴花名册"], ["培训工种：育婴员（初级）　培训时间：2023.3.6-2023.3.15"], heads, row)
    take(["2023年第一期缝纫工培训班"], ["培训时间：2023.4.6-2023.4.15"], heads, row)
    with people.read() as session:
        assert sorted(course.trade for course in session.select("course")) == ["缝纫工", "育婴员"]


def test_the_dates_of_the_course_are_read_behind_the_name_of_the_list(people: Store, take: Take) -> None:
    """All rows were refused for want of the first day."""
    heads = ["姓名", "身份证号", "出勤天数", "应到天数"]
    result, plan = take(["2023年电焊工培训班花名册（2023年5月8日—5月17日）"], heads, ["王芳", WANG, 9, 10])
    assert (result.rejected, [column.heading for column in plan.tables[0].columns if not column.target]) == ([], [])
    with people.read() as session:
        assert [(c.title, c.start, c.end) for c in session.select("course")] == [("2023年电焊工培训班", "2023-05-08", "2023-05-17")]
        assert [(e.days_present, e.days_total) for e in session.select("enrolment")] == [(9, 10)]


def test_the_first_day_of_a_course_can_be_given_for_the_whole_list(people: Store, take: Take) -> None:
    rows = [["2023年电焊工培训班花名册"], ["姓名", "身份证号", "出勤天数"], ["王芳", WANG, 9]]
    result, plan = take(*rows)
    assert len(result.rejected) == 1 and plan.tables[0].lacks == START
    assert take(*rows, supplied={START: "2023-05"})[0].rejected  # a day is needed
    result, plan = take(*rows, supplied={START: "2023-05-08"})
    assert (result.rejected, plan.tables[0].lacks) == ([], START)
    with people.read() as session:
        assert [course.start for course in session.select("course")] == ["2023-05-08"]


def test_more_days_present_than_the_course_had_are_told(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "出勤天数"]
    title = ["2026年缝纫工培训班（培训时间：2026年3月1日至3月5日）"]
    result, _plan = take(title, heads, ["王芳", WANG, 30], ["李强", LI, 5])
    assert messages(result.warnings) == [(3, "days")]
    assert messages(take(title, heads, ["王芳", WANG, 30])[0].warnings) == [(3, "days")]
    assert messages(take(title, [*heads, "总天数"], ["王芳", WANG, 30, 30])[0].warnings) == [(3, "days")]


def test_a_course_without_an_end_is_of_no_known_length(people: Store, take: Take) -> None:
    rows = ["姓名", "身份证号", "培训工种", "开班日期", "出勤天数"], ["王芳", WANG, "缝纫工", "2026-03-01", 5]
    assert take(["培训花名册"], *rows)[0].warnings == []
    assert take(["培训花名册"], *rows)[0].warnings == []


def test_a_term_nobody_can_tell_is_what_is_asked_for(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "学校", "学段", "学期"]
    result, _plan = take(["雨露计划花名册"], heads, ["王芳", WANG, "某校", "中等职业", "2026上半年"])
    assert result.rejected[0].code == "term"
    assert "2026上半年" in result.rejected[0].message


def test_a_course_of_no_trade_is_taken_in_under_its_own_name(people: Store, take: Take) -> None:
    result, plan = take(["2026年解放村培训花名册"], ["姓名", "身份证号", "开班日期", "出勤天数"], ["王芳", WANG, "2026-03-02", 5])
    assert (result.rejected, any("工种" in said for said in plan.tables[0].proposals)) == ([], True)
    with people.read() as session:
        assert [(course.title, course.trade) for course in session.select("course")] == [("2026年解放村培训", "2026年解放村培训")]


@pytest.mark.parametrize(
    ("title", "trade"),
    [
        ("2026年6月桦川县育婴员培训班", "育婴员"),
        ("2026年桦川县横头山镇解放村育婴员技能培训班", "育婴员"),
        ("横头山镇养老护理培训班", "养老护理"),
        ("2026年农村电商培训班", "农村电商"),
        ("2026年新农村建设培训班", "新农村建设"),
        ("2026年美丽乡村建设培训班", "美丽乡村建设"),
        ("2026年外出返乡人员培训班", "外出返乡人员"),
        ("2026年乡村振兴带头人培训班", "乡村振兴带头人"),
        ("2026年解放村培训花名册", None),
        ("2026年桦川县横头山镇解放村培训班", None),
    ],
)
def test_what_is_taught_is_told_from_whose_course_it_is(title: str, trade: str | None) -> None:
    assert course_trade(title) == trade
