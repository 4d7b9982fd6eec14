"""Facts that contradict or exclude each other: deaths within a period, two posts at once, people who hire themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_policy_contract import BASES, LIFTED, LINE, POST, P, away, carrier, judge, outcome, training, wage

HOLDER = {**P, "id": "q", "name": "王某", "id_number": "", "household_id": "h"}


@pytest.mark.parametrize(
    ("own", "head", "expected"),
    [({}, None, "eligible 1000"), ({}, "李某", "eligible 1000"), ({}, "甲", "review"), ({"household_id": "h"}, "王 某", "review")],
)
def test_whoever_runs_a_workshop_and_their_family_are_for_the_county(own: dict[str, Any], head: str | None, expected: str) -> None:
    workshop, recognition = carrier()
    job = away("2022-09-01", place="230826", employer_id="a")
    lines = ({**P, **own}, HOLDER, LIFTED, {**workshop, "head": head}, recognition, job, LINE, wage("2023-05-10", "6000"))
    assert outcome(*lines, rule="R15") == expected


@pytest.mark.parametrize(("days", "expected"), [(5, "review"), (4, "eligible 1000"), (None, "eligible 1000")])
def test_nobody_trains_longer_than_they_lived(days: int | None, expected: str) -> None:
    rows = training("09", "10")
    rows[-1]["days"] = days
    paid = wage("2021-10-04", "100") | {"month": "2021-10"}
    job = away("2021-09-01", place="230826", employer_id="a")
    assert outcome({**P, "died_on": "2021-10-04"}, LIFTED, *rows, job, paid, rule="R17", year=2021) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"marks": "P" * 31}, {"marks": "P" * 31}, ["eligible", "review"]),
        ({"marks": "P" * 15}, {"marks": "-" * 15 + "P" * 16}, ["eligible", "eligible"]),
        ({"days": 20}, {"days": 12}, ["eligible", "review"]),
        ({"days": 20}, {"days": 11}, ["eligible", "eligible"]),
        ({"days": 31}, {"days": 0}, ["eligible", "not_eligible"]),
    ],
)
def test_nobody_is_paid_for_one_day_at_two_posts(first: dict[str, Any], second: dict[str, Any], expected: list[str]) -> None:
    lines = [P, LIFTED, {**POST, "standard": "500"}, {**POST, "id": "o2", "type": "forest", "standard": "800"}]
    for n, (post, said) in enumerate((("o", first), ("o2", second)), 1):
        lines.append({"kind": "appointment", "id": f"h{n}", "post_id": post, "person_id": "p", "start": f"2023-0{n}-01"})
        lines.append({"kind": "attendance", "id": f"a{n}", "appointment_id": f"h{n}", "month": "2023-07", **said})
    assert [v.outcome.value for v in judge(*lines, rule="R28-pay")] == expected


def test_a_month_that_has_not_begun_is_not_paid() -> None:
    """A slip of the year gave the pay of next July, where everything else that is still to come is pending."""
    lines = [
        P,
        LIFTED,
        {**POST, "standard": "500"},
        {"kind": "appointment", "id": "h", "post_id": "o", "person_id": "p", "start": "2023-01-01"},
    ]
    lines.append({"kind": "attendance", "id": "a", "appointment_id": "h", "month": "2023-07", "days": 20})
    for day, told in (("2023-06-30", "pending"), ("2023-07-01", "eligible")):
        assert [v.outcome.value for v in judge(*lines, rule="R28-pay", on=day)] == [told]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "eligible 5000"),
        ({"died_on": "2023-06-30"}, "eligible 5000"),
        ({"died_on": "2023-06-29"}, "not_eligible"),
        ({"id_number": "", "birth": "2007-01-01"}, "eligible 5000"),
        ({"id_number": "", "birth": "2007-01-02"}, "not_eligible"),
    ],
)
def test_a_base_counts_the_living_of_working_age(more: dict[str, Any], expected: str) -> None:
    job = away("2023-01-01", "2023-06-30", place="230826", employer_id="a")
    assert outcome({**P, **more}, LIFTED, *carrier(type="base"), job, rule="R04", year=2023, said=BASES) == expected


@pytest.mark.parametrize(
    ("begins", "expected"),
    [("2023-01-01", "eligible 5000"), ("2023-01-02", "not_eligible"), ("2023-01", "need_more"), ("2022-12", "eligible 5000")],
)
def test_a_base_counts_no_days_before_somebody_belonged(begins: str, expected: str) -> None:
    job = away("2023-01-01", "2023-06-30", place="230826", employer_id="a")
    assert outcome(P, {**LIFTED, "start": begins}, *carrier(type="base"), job, rule="R04", year=2023, said=BASES) == expected


@pytest.mark.parametrize(("end", "expected"), [("2021-09-08", "not_yet"), ("2021-09-09", "not_eligible"), ("2021-09", "not_eligible")])
def test_work_at_a_base_that_was_over_before_the_document_is_not_yet(end: str, expected: str) -> None:
    job = away("2021-02-01", end, place="230826", employer_id="a")
    assert outcome(P, LIFTED, *carrier(start="2021-01-01", type="base"), job, rule="R04", said=BASES) == expected


def test_the_years_after_a_death_have_no_facts() -> None:
    """Work whose end nobody wrote down went on for years, with a verdict for each."""
    gone = {**P, "died_on": "2023-06-10"}
    assert [v.year for v in judge(gone, LIFTED, away("2023-02-01"), rule="R03")] == [2023]
    assert [(v.year, v.outcome.value) for v in judge(gone, LIFTED, away("2024-02-01"), rule="R03")] == [(2024, "not_eligible")]
    assert judge(gone, LIFTED, away("2023-02-01", "2022-11-30"), rule="R03") == []
    assert judge(P, LIFTED, away("2023-02-01", "2022-11-30"), rule="R03") == []


def test_a_certain_no_shows_no_reward_and_which_months_were_short() -> None:
    house: dict[str, Any] = {"household_id": "h"}
    alone = judge({**P, **house}, LIFTED, away("2021-04-01", "2021-06-30"), rule="R09", year=2021)
    assert not any("奖补" in reason.text for reason in alone[0].reasons) and not alone[0].missing
    both = (away("2021-04-01", "2021-05-31"), away("2021-07-01", "2021-07-31", place="230102", id="f"))
    (short,) = judge({**P, **house}, LIFTED, *both, rule="R09", year=2021)
    assert [reason.met for reason in short.reasons if "不满" in reason.text] == [False, False]


@pytest.mark.parametrize(
    ("result", "held", "first", "second"),
    [
        ("waiting", False, "岗位 1 个，已聘 0 人", "按优先次序（普通劳动力）排在后面"),
        ("refused", False, "这个岗位的评议结果是未选", "优先次序：普通劳动力；岗位 1 个，已聘 0 人"),
        ("waiting", True, "岗位 1 个，已聘 1 人，没有空缺", "岗位 1 个，已聘 1 人，没有空缺"),
    ],
)
def test_who_was_passed_over_takes_no_place(result: str, held: bool, first: str, second: str) -> None:
    lines = [{**P, "labour": "weak"}, HOLDER, {**P, "id": "r", "id_number": ""}, POST, LIFTED, {**LIFTED, "id": "l", "person_id": "r"}]
    for person, said in (("p", result), ("r", "waiting")):
        lines.append(
            {"kind": "post_candidate", "id": person, "post_id": "o", "person_id": person, "applied_on": "2023-05-01", "result": said}
        )
    if held:
        lines.append({"kind": "appointment", "id": "h", "post_id": "o", "person_id": "q", "start": "2023-01-01"})
    one, two = ("；".join(r.text for r in v.reasons) for v in judge(*lines, rule="R25", on="2023-06-01"))
    assert first in one and second in two


def test_whoever_is_on_record_twice_is_told_so_and_not_that_somebody_had_the_money() -> None:
    lines = (P, {**P, "id": "q"}, LIFTED, away("2023-01-01", "2023-06-30"))
    texts = [v.reasons[-1].text for v in judge(*lines, rule="R03", year=2023)]
    assert sum("同一证件号码登记了不止一条人员记录" in text for text in texts) == 1


@pytest.mark.parametrize(
    ("rule", "since", "said"), [("R03", "2023-05-20", 1), ("R03", "2023-05", 0), ("R03", "2023-01-01", 0), ("R09", "2021-05-20", 1)]
)
def test_from_when_days_count_is_said_once_to_whoever_worked_before(rule: str, since: str, said: int) -> None:
    """「2023-05-20 至 2023-07-31，共 2 个月 12 天」 stood beside work from February on, without a word why."""
    year = int(since[:4])
    taken_in = {**LIFTED, "category": "sudden_hardship", "start": since}
    found = judge({**P, "household_id": "h"}, taken_in, away(f"{year}-02-01", f"{year}-07-31"), rule=rule, year=year)
    assert sum("起才是脱贫人口或监测对象" in reason.text for verdict in found for reason in verdict.reasons) == said


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2023-08-31", "2023-04、2023-05、2023-06等 4 个月 的月监测填的是待业"),
        ("2023-06-10", "2023-04、2023-05 的月监测填的是待业"),
        ("2023-03-31", ""),
    ],
)
def test_monthly_checks_that_deny_the_work_are_pointed_out(end: str, said: str) -> None:
    """A dated spell with four checks 待业 within it was eligible without a word; the list of checks is what an auditor compares first."""
    checks = [
        {"kind": "monthly_check", "id": f"c{month}", "person_id": "p", "month": f"2023-0{month}", "status": "unemployed"}
        for month in range(4, 8)
    ]
    seen = {"kind": "monthly_check", "id": "c3", "person_id": "p", "month": "2023-03", "status": "away"}
    (verdict,) = judge(P, LIFTED, away("2022-12-31", end), *checks, seen, rule="R03", year=2023)
    assert [reason.text for reason in verdict.reasons if "月监测" in reason.text] == (
        [f"（三）注意：{said}，与登记的务工对不上，请先核实"] if said else []
    )
    assert ("月监测填待业的核实" in verdict.missing) is bool(said)


ON_POST = {"kind": "appointment", "id": "h", "person_id": "p", "post_id": "o", "start": "2023-04-01", "exit_on": "2023-06-15"}
UNSEEN, OVERLAP = "2024 年还在务工的核实", "公益岗和务工时间重叠的核实"


@pytest.mark.parametrize(
    ("more", "overlaps"),
    [([ON_POST], True), ([{**ON_POST, "start": "2023-07-01", "exit_on": None}], False), ([{**ON_POST, "person_id": "q"}], False)],
)
def test_days_on_a_post_and_at_work_elsewhere_are_pointed_out(more: list[dict[str, Any]], overlaps: bool) -> None:
    """Two incomes on the same days: nothing was said of it. It may be a wrong date, so that it decides nothing."""
    (verdict,) = judge(P, LIFTED, POST, away("2023-01-01", "2023-06-30"), *more, rule="R03")
    assert verdict.outcome.value == "eligible"
    assert (OVERLAP in verdict.missing) is overlaps
    assert any("2023-04-01 至 2023-06-15 又登记在公益性岗位" in reason.text for reason in verdict.reasons) is overlaps


@pytest.mark.parametrize(
    ("spell", "more", "unseen"),
    [
        ({}, [], True),
        ({"end": "2024-12-31"}, [], False),
        ({"open_ended": True}, [], False),
        ({"contract_end": "2025-06-30"}, [], False),
        ({"contract_end": "2023-12-31"}, [], True),
        ({}, [{"kind": "monthly_check", "id": "m", "person_id": "p", "month": "2024-02", "status": "away"}], False),
        ({}, [{"kind": "monthly_check", "id": "m", "person_id": "p", "month": "2023-12", "status": "away"}], True),
        ({}, [{"kind": "monthly_check", "id": "m", "person_id": "p", "month": "2024-02", "status": "unemployed"}], True),
        ({}, [wage("2025-01-31", "5000")], False),
        ({}, [{"kind": "travel", "id": "t", "person_id": "p", "year": 2024, "outward": "260", "homeward": "260"}], False),
        ({}, [away("2024-05-01", None, id="f")], False),
        ({}, [{"kind": "monthly_check", "id": "m", "person_id": "p", "status": "away"}], True),
        ({}, [{**wage("2025-01-31", "5000"), "month": None}], True),
        ({}, [{"kind": "travel", "id": "t", "person_id": "p", "outward": "260"}], True),
    ],
)
def test_work_of_an_earlier_list_that_nobody_saw_since_is_pointed_out(spell: Any, more: list[dict[str, Any]], unseen: bool) -> None:
    """A list of 2023 without ends gave full claims for every year since."""
    found = {v.year: v for v in judge(P, LIFTED, {**away("2023-02-10"), **spell}, *more, on="2025-11-23", rule="R03")}
    assert found[2024].outcome.value == found[2023].outcome.value == "eligible"
    assert (UNSEEN in found[2024].missing) is unseen
    assert not any("核实" in lacking for lacking in found[2023].missing)
