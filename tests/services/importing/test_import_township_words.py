"""Words as townships of the county write them in the lists they hand down."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain import periods
from domain.fields import KINDS
from tests.services.rosters_taken import WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]


@pytest.mark.parametrize(
    ("kind", "name", "word", "code"),
    [
        ("post", "developer", "县人社局", "hrss"),
        ("post", "developer", "桦川县农业农村局", "agriculture"),
        ("post", "developer", "市交通运输局", "transport"),
        ("post", "fund", "生态护林资金", "forest_guard"),
        ("post", "fund", "财政衔接推进乡村振兴补助资金", "bridging"),
        ("post", "fund", "就业资金", "employment"),
    ],
)
def test_departments_and_funds_by_their_everyday_names(kind: str, name: str, word: str, code: str) -> None:
    assert KINDS[kind].by_name[name].read(word) == code


def test_risks_in_short_and_a_risk_that_is_not_over(people: Store, take: Take) -> None:
    heads = ["户编号", "姓名", "身份证号", "与户主关系", "监测对象类别", "识别时间", "风险类型", "风险消除时间"]
    rows: list[list[Any]] = [
        ["1002", "赵敏", ZHAO, "户主", "边缘易致贫户", "2024-03-10", "就业不稳", "未消除"],
        ["1001", "王芳", WANG, "户主", "突发严重困难户", "2025-06-01", "因病", "2025年11月30日"],
    ]
    result, _plan = take(["监测对象台账"], heads, *rows)
    assert (result.rejected, result.questions) == ([], [])
    with people.read() as session:
        spans = {(span.category, span.end): span.risks for span in session.select("category_span") if span.risks}
    assert spans == {
        ("marginal", None): frozenset({"因务工就业不稳"}),
        ("sudden_hardship", "2025-11-30"): frozenset({"因病"}),
    }


def test_a_row_of_units_under_the_headings_is_nobody(people: Store, take: Take) -> None:
    heads = ["序号", "姓名", "身份证号", "出勤", "计件数", "单价", "应发", "实发"]
    result, _plan = take(
        ["解放村帮扶车间2026年3月工资表"], heads, ["", "", "", "天", "件", "元/件", "元", "元"], [1, "王芳", WANG, 24, 520, 5, 2600, 2500]
    )
    assert messages(result.rejected) == []


def test_a_pupil_list_of_the_education_office_is_read(people: Store, take: Take) -> None:
    heads = ["学生姓名", "学生身份证号", "就读学校", "学校类别", "补助学期", "补助标准"]
    result, _plan = take(["雨露计划花名册"], heads, ["王芳", WANG, "某职业学院", "高职", "2025-2026学年第二学期", 1500])
    assert result.rejected == []
    with people.read() as session:
        assert [(one.stage, one.term) for one in session.select("schooling")] == [("higher_vocational", "2026-spring")]


def test_half_a_year_of_income(people: Store, take: Take) -> None:
    heads = ["户编号", "户主", "身份证号", "人口", "工资性收入", "转移性收入", "生产支出"]
    take(["2026年上半年家庭收入测算表"], heads, ["1001", "王芳", WANG, 2, 26000, 3000, 5000])
    with people.read() as session:
        assert [(one.start, one.end, one.costs) for one in session.select("household_income")] == [("2026-01", "2026-06", 5000_00)]


def test_a_letter_in_a_year_is_no_short_year() -> None:
    assert periods.with_century("2O26年2月", 2046) == "2O26年2月"
    assert periods.with_century("26年2月", 2046) == "2026年2月"


def test_a_list_of_who_was_taken_to_work_is_one_of_work(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "输送日期", "输送地", "接收企业", "联系人", "联系人电话"]
    row = ["王芳", WANG, "2026-02-20", "山东省青岛市城阳区", "某食品厂", "某经理", "13912345678"]
    result, _plan = take(["2026年春季点对点输送人员名单"], heads, row)
    assert result.rejected == []
    with people.read() as session:
        assert [(job.start, job.place, job.employer_name) for job in session.select("employment")] == [("2026-02-20", "370214", "某食品厂")]
        assert next(person.phone for person in session.select("person") if person.name == "王芳") == "13800138001"
