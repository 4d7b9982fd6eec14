"""Rosters that say days of the traditional calendar (农历)."""

from __future__ import annotations

from db.store import Store
from tests.services.rosters_taken import CHANGCHUN, DALIAN, HEADS, LI, PEOPLE, WANG, WORK, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]


def test_days_of_the_traditional_calendar_are_read_and_told(people: Store, take: Take) -> None:
    rows = [
        ["王芳", WANG, "2023年正月十六", "2023年腊月初八", DALIAN, "某食品厂", 4500],
        ["李强", LI, "二月初二", "", CHANGCHUN, "某建筑公司", 5000],
        ["赵敏", ZHAO, "2023年正月", "", CHANGCHUN, "某饭店", 3000],
    ]
    result, plan = take(["解放村2023年外出务工人员名单"], WORK, *rows)
    assert messages(result.rejected) == [(5, "date")]
    assert "写到日" in result.rejected[0].message
    told = [(row.number, issue.code, issue.message) for row in plan.rows() for issue in row.issues if issue.code in ("lunar", "year")]
    assert [(n, code) for n, code, _said in told] == [(3, "lunar"), (3, "lunar"), (4, "year"), (4, "lunar")]
    assert told[0][2] == "“2023年正月十六”是农历，按公历 2023-02-06 导入"
    with people.read() as session:
        jobs = {job.employer_name: (job.start, job.end) for job in session.select("employment")}
    assert jobs == {"某食品厂": ("2023-02-06", "2024-01-18"), "某建筑公司": ("2023-02-21", None)}


def test_a_birthday_as_the_family_keeps_it_is_asked_about_with_what_it_is(store: Store, take: Take) -> None:
    person = list(PEOPLE[0])  # born on 1979-08-17 by her number, the 25th of the sixth leap month
    result, _plan = take([*HEADS, "出生日期"], [*person, "1979-06-25"])
    assert [(issue.code, issue.message) for issue in result.questions] == [("birth", "出生日期与证件号码对不上，像是农历生日")]
