"""Targets of a year: what their words mean, what is done, which one applies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from db.session import Session
from db.store import Store
from domain import divisions
from domain.fields import KINDS
from domain.funds import is_rule
from services import forms, merging, records
from services.reports import targets
from services.reports.targets import understood
from tests.fresh import taken_back

TOWN, ONE, OTHER = "230826101", "230826101202", "230826101203"
YEAR = 2023


@pytest.fixture
def session(township: Store) -> Iterator[Session]:
    """A writing session of an empty township; nothing of it is kept."""
    with taken_back(township) as session:
        yield session


def test_every_indicator_the_form_suggests_is_counted_or_a_ceiling() -> None:
    for words in KINDS["target"].by_name["indicator"].suggestions:
        assert understood(words) is not None or is_rule(words), words


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("外出务工人数", "away"),
        ("劳务输出规模（人）", "away"),
        ("农村劳动力转移就业人数", "away"),
        ("跨省务工", "outside"),
        ("务工就业人数", "working"),
        ("脱贫人口务工规模", "working"),
        ("公益性岗位安置人数", "post"),
        ("公益岗人数", "post"),
        ("就业帮扶车间吸纳脱贫人口就业", "workshop"),
        ("职业技能培训人次", "trained"),
        ("培训人数", "trained_people"),
        ("职业指导次数", "guidance"),
        ("返乡创业人数", "founded"),
        ("outside", "outside"),
        ("就近就地就业人数", "county"),
        ("2026年全镇脱贫劳动力（含监测对象）外出务工不少于300人", "away"),
        ("建档立卡脱贫户务工人数", "working"),
        ("乡村公益性岗位安置脱贫人口上岗人数", "post"),
        ("组织农民参加技能培训（人次）", "trained"),
        ("职业指导服务次数", "guidance"),
        ("防止返贫监测对象就业人数≥20", "working"),
    ],
)
def test_words_people_use(words: str, name: str) -> None:
    reading = understood(words)
    assert reading is not None
    assert reading.indicator.name == name


@pytest.mark.parametrize(
    "words",
    ["务工收入（万元）", "就业率", "帮扶车间个数", "培训班期数", "公益岗补贴资金", "创业带动就业人数", "新增培训人次", "满意度", "", "= 1"],
)
def test_what_cannot_be_counted_is_not_guessed(words: str) -> None:
    assert understood(words) is None


@pytest.mark.parametrize(
    "words",
    [
        *("非公益岗务工人数", "务工（不含公益岗）", "未就业人数", "零就业家庭", "女性劳动力就业", "残疾人就业人数", "低收入人口务工人数"),
        *(
            "外出务工6个月以上人数",
            "省内县外务工人数",
            "市外务工",
            "有组织劳务输出",
            "企业吸纳就业人数",
            "以工代赈务工人数",
            "就业服务次数",
        ),
        *("创业培训人数", "妇女技能培训人次", "返乡就业人数"),
    ],
)
def test_a_word_nobody_understands_makes_it_another_count(words: str) -> None:
    """It was passed over: a target of those not on public posts counted those on them, one of women everybody."""
    assert understood(words) is None


def test_groups_and_new_ones_are_read_from_the_words() -> None:
    reading = understood("新增脱贫人口（含监测对象）外出务工人数")
    assert reading is not None
    assert reading.new
    assert reading.groups == {"lifted", "lifted_unstable", "marginal", "sudden_hardship"}
    assert not understood("外出务工人数").groups  # type: ignore[union-attr]  # it was understood above


def person(session: Session, name: str, village: str = ONE, start: str = "2022-03-01", place: str = "210200", lifted: bool = False) -> str:
    values = {"name": name, "document": "other", "id_number": f"n{name}", "labour": "ordinary", "village": village}
    id = records.save(session, "person", values)
    records.save(session, "employment", {"person_id": id, "channel": "migrant", "place": place, "start": start})
    if lifted:
        records.save(session, "category_span", {"person_id": id, "category": "lifted", "start": "2020-01-01"})
    return id


def target(session: Session, area: str, indicator: str, value: int) -> str:
    return records.save(session, "target", {"year": YEAR, "area": area, "indicator": indicator, "value": value})


def found(session: Session) -> dict[tuple[str, str], tuple[int | None, int | None, int | None]]:
    return {(one.area, one.indicator): (one.done, one.percent, one.left) for one in targets.progress(session, YEAR)}


def test_done_percent_and_left(session: Session) -> None:
    person(session, "甲", lifted=True)
    person(session, "乙", start="2023-05-01")
    person(session, "丙", OTHER, place="230826")
    trainee = person(session, "丁", OTHER, place="230882")
    for start, outcome in (
        ("2023-02-01", "completed"),
        ("2023-06-01", "completed"),
        ("2023-07-01", "dropped"),
        ("2022-07-01", "completed"),
    ):
        course = {"title": f"班{start}", "trade": "电工", "type": "skills", "start": start, "end": start}
        id = records.save(session, "course", course)
        records.save(session, "enrolment", {"course_id": id, "person_id": trainee, "outcome": outcome})
    for area, words, value in (
        (TOWN, "外出务工人数", 4),
        (OTHER, "外出务工人数", 1),
        (TOWN, "务工 就业 人数", 3),
        (TOWN, "脱贫人口外出务工人数", 2),
        (TOWN, "新增外出务工人数", 3),
        (TOWN, "培训人次", 4),
        (TOWN, "培训人数", 4),
        (TOWN, "务工收入（万元）", 900),
    ):
        target(session, area, words, value)
    assert found(session) == {
        (TOWN, "外出务工人数"): (3, 75, 1),
        (OTHER, "外出务工人数"): (1, 100, 0),
        (TOWN, "务工 就业 人数"): (4, 133, 0),
        (TOWN, "脱贫人口外出务工人数"): (1, 50, 1),
        (TOWN, "新增外出务工人数"): (1, 33, 2),
        (TOWN, "培训人次"): (2, 50, 2),
        (TOWN, "培训人数"): (1, 25, 3),
        (TOWN, "务工收入（万元）"): (None, None, None),
    }
    said = targets.summary(targets.progress(session, YEAR), TOWN)
    assert "外出务工人数 3/4（75%）" in said
    assert "1/1" not in said  # that of one of its villages
    form = forms.make(session, "targets", year=YEAR)
    assert ("—", "—", "—", "无法自动计算") in {tuple(row[4:]) for row in form.rows}
    assert [row[4:7] for row in form.rows if row[1:3] == (divisions.name(OTHER), "外出务工人数")] == [(1, "100%", 0)]


def test_of_the_levels_above_the_most_specific_applies(session: Session) -> None:
    person(session, "甲")
    target(session, "230000", "外出务工人数", 90000)
    county = target(session, "230826", "外出务工人数", 9000)
    target(session, "230882", "外出务工人数", 5)
    lines = targets.progress(session, YEAR)
    assert [(one.id, one.done, one.percent, one.own) for one in lines] == [(county, 1, None, False)]
    assert "230826" in lines[0].note or "桦川县" in lines[0].note
    own = target(session, TOWN, "外出务工人数", 10)
    assert [one.id for one in targets.progress(session, YEAR)] == [own]


def test_a_year_to_come_has_nothing_done(session: Session) -> None:
    records.save(session, "target", {"year": 2090, "area": TOWN, "indicator": "外出务工人数", "value": 5})
    assert [(one.done, one.note) for one in targets.progress(session, 2090)] == [(None, "这一年还没有到")]
    assert targets.progress(session, 1999) == []
    assert forms.make(session, "targets", year=1999).text == ["1999 年没有登记目标。"]


def test_somebody_on_record_in_two_villages_is_one_and_what_is_to_come_is_not_done(session: Session) -> None:
    """Two records merged across villages counted twice; a course of next month counted, and a call that nobody
    answered."""
    today = replace(session, at=f"{YEAR}-06-15T08:00:00Z")
    one, twin = person(today, "甲"), person(today, "甲又", OTHER)
    merging.merge(today, twin, one, compared=True)
    for title, start, who in (("焊工", "05-01", one), ("电工", "05-02", twin), ("瓦工", "07-01", one)):
        values = {"title": title, "trade": title, "type": "skills", "start": f"{YEAR}-{start}", "end": f"{YEAR}-{start}"}
        course = records.save(today, "course", values)
        records.save(today, "enrolment", {"course_id": course, "person_id": who})
    for on, result in (("06-01", "accepted"), ("06-02", "unreached"), ("06-20", "accepted")):
        records.save(today, "service", {"person_id": one, "type": "guidance", "on": f"{YEAR}-{on}", "result": result})
    for words in ("培训人数", "培训人次", "职业指导次数"):
        target(today, TOWN, words, 9)
    done = {line.indicator: line.done for line in targets.progress(today, YEAR)}
    assert done == {"培训人数": 1, "培训人次": 2, "职业指导次数": 1}
