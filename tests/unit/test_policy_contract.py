"""The contract's section on verdicts, a test for each sentence that the packs' own examples do not show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.policy import in_words
from domain.errors import InputUnusable
from domain.policy.engine import Question, evaluate
from domain.policy.facts import read_facts
from domain.policy.packs import in_force, read_setting
from domain.policy.verdict import Verdict
from services import policies

P = {"kind": "person", "id": "p", "name": "甲", "id_number": "230826197908178768", "labour": "ordinary", "village": "230826101202"}
LIFTED = {"kind": "category_span", "id": "c", "person_id": "p", "category": "lifted"}
Line = dict[str, Any]
ABROAD = "990000"
POST: Line = {"kind": "post", "id": "o", "name": "x", "type": "cleaner", "quota": 1, "fund": "solar", "standard": "9", "developer": "hrss"}
TERM = {"kind": "schooling", "id": "s", "person_id": "p", "school": "x", "stage": "technician", "term": "t", "term_start": "2023-09-01"}
SET = ("R32b.amount=1500",)
BASES = ("R04.amount=5000", "R04.min_people=1", "R04.min_months=6")
LINE: Line = {"kind": "monitor_line", "id": "l1", "area": "230000", "year": 2023, "amount": "6000"}


def span(category: str, start: str | None = None, end: str | None = None, id: str = "c") -> Line:
    return {"kind": "category_span", "id": id, "person_id": "p", "category": category, "start": start, "end": end}


def away(start: str, end: str | None = None, place: str = "110000", id: str = "e", **more: Any) -> Line:
    return {"kind": "employment", "id": id, "person_id": "p", "channel": "migrant", "place": place, "start": start, "end": end, **more}


HALF_A_YEAR = away("2023-01-01", "2023-06-30")


def carrier(id: str = "a", start: str = "2022-01-01", type: str = "workshop") -> list[Line]:
    """A recognised unit."""
    return [
        {"kind": "employer", "id": id, "name": f"单位{id}", "type": type},
        {"kind": "recognition", "id": f"r{id}", "employer_id": id, "type": type, "start": start},
    ]


def wage(day: str, amount: str, id: str = "w", job: str = "e") -> Line:
    return {"kind": "wage", "id": id, "employment_id": job, "month": day[:7], "paid_on": day, "amount": amount}


def judge(
    *lines: Line, on: str = "2026-11-23", year: int | None = None, rule: str | None = None, said: tuple[str, ...] = ()
) -> list[Verdict]:
    packs = policies.in_use()
    facts = read_facts(json.dumps(line, ensure_ascii=False) for line in lines)
    return evaluate(facts, in_force(packs, dict(read_setting(text, packs) for text in said)), Question(on, year, rule))


def outcome(*lines: Line, rule: str = "R03", **how: Any) -> str:
    (verdict,) = judge(*lines, rule=rule, **how)
    return f"{verdict.outcome.value} {verdict.amount // 100}" if verdict.amount else verdict.outcome.value


# ---------------------------------------------------------------- expired, not_yet: the dates of the facts, not the day of asking


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2025-10-01", "2025-12-31", ["eligible"]),
        ("2025-10-02", "2026-03-31", ["not_eligible", "expired"]),
        ("2026-01-01", "2026-06-30", ["expired"]),
        ("2020-10-01", "2021-03-31", ["not_yet", "review"]),
        ("2020-10-01", "2020-12-31", ["not_yet"]),
        ("2021-09-09", "2021-12-08", ["eligible"]),
        ("2021-09-09", "2021-12-07", ["not_eligible"]),
        ("2021-09-08", "2021-12-08", ["review"]),
    ],
)
@pytest.mark.parametrize("on", ["2026-06-30", "2030-01-01"])
def test_facts_are_clipped_to_the_policys_life(start: str, end: str, expected: list[str], on: str) -> None:
    assert [v.outcome.value for v in judge(P, LIFTED, away(start, end), rule="R03", on=on)] == expected


@pytest.mark.parametrize(("start", "end", "said"), [("2023-01", "2023-07", True), ("2023-01-31", "2023-07-01", False)])
def test_days_that_come_from_months_are_told_as_such(start: str, end: str, said: bool) -> None:
    (verdict,) = judge(P, LIFTED, away(start, end), rule="R03")
    told = next(reason.text for reason in verdict.reasons if "跨省就业" in reason.text)
    assert "2023-01-31 至 2023-07-01，共 5 个月 1 天，满 3 个月" in told and ("只登记到月份" in told) == said


def test_a_year_asked_for_without_facts_outside_the_policy_is_told_as_such() -> None:
    assert outcome(P, LIFTED, year=2026) == "expired"
    assert outcome(P, LIFTED, year=2020) == "not_yet"
    assert outcome(P, LIFTED, year=2024) == "not_eligible"
    assert judge(P, LIFTED) == []


def test_pending_turns_into_no_when_the_time_is_over() -> None:
    facts = (P, LIFTED, away("2023-12-01"))
    assert outcome(*facts, on="2023-12-31") == "pending"
    assert [v.outcome.value for v in judge(*facts, on="2024-01-01", rule="R03", year=2023)] == ["not_eligible"]


def test_what_came_after_the_end_is_told_with_what_to_do() -> None:
    (verdict,) = judge(P, LIFTED, away("2026-03-01", "2026-08-31"), year=2026, rule="R03")
    assert verdict.outcome.value == "expired" and "有没有接着执行的文件请问县里" in verdict.reasons[-1].text


def test_whoever_died_within_the_year_has_no_days_left_to_work() -> None:
    facts = ({**P, "died_on": "2023-05-31"}, LIFTED, away("2023-04-01", "2023-05-20"))
    assert outcome(*facts, on="2023-05-30") == "pending"
    assert [v.outcome.value for v in judge(*facts, on="2023-05-31", rule="R03", year=2023)] == ["not_eligible"]


def test_days_after_the_day_of_asking_have_not_been_worked() -> None:
    assert outcome(P, LIFTED, away("2023-03-01", "2023-12-31"), on="2023-05-30") == "pending"
    assert outcome(P, LIFTED, away("2023-03-01", "2023-12-31"), on="2023-05-31") == "eligible 500"


# ---------------------------------------------------------------- what a cadre reads


def told(verdicts: list[Verdict]) -> str:
    return "\n".join(reason.text for verdict in verdicts for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("belonging", "job", "expected"),
    [
        (LIFTED, away("2023-06", "2023-08"), "务工起止到日"),
        (LIFTED, away("2023-07-21", "2023-10", ABROAD), "务工起止到日"),
        (LIFTED, {**away("2023-06-01", "2023-08-31"), "place": None}, "务工地点"),
        (span("marginal", "2023-06"), away("2023-01-01", "2023-09-15"), "身份认定和风险消除的日期"),
    ],
)
def test_what_is_too_coarse_is_named(belonging: Line, job: Line, expected: str) -> None:
    assert f"请补充：{expected}\n" in told(judge(P, belonging, job, rule="R03", year=2023))


def test_a_certain_no_asks_for_no_fare_and_no_documents() -> None:
    (verdict,) = judge(P, LIFTED, away("2023-01-01", "2023-06-30", place="230100"), rule="R03", year=2023)
    assert "没有能计入的跨省就业" in told([verdict])
    assert "元" not in told([verdict])
    assert verdict.missing == ()


def test_a_duplicate_points_at_the_earlier_one() -> None:
    jobs = [away("2022-09-01", place="230826", employer_id=id, id=f"e{id}") for id in "ab"]
    wages = [wage("2023-08-31", "7000", "wa", "ea"), wage("2023-06-30", "7000", "wb", "eb")]
    late, first = judge(P, LIFTED, *carrier("a"), *carrier("b"), *jobs, *wages, LINE, rule="R15", year=2023)
    assert (late.outcome.value, first.outcome.value) == ("duplicate", "eligible")
    assert "单位b" in told([late])


# ---------------------------------------------------------------- precedence


def test_a_certain_no_comes_before_a_parameter_that_is_not_set() -> None:
    assert outcome(P, LIFTED, {**TERM, "stage": "high_school"}, rule="R32b") == "not_eligible"
    assert outcome(P, LIFTED, TERM, rule="R32b") == "not_configured"
    assert outcome(P, LIFTED, {**TERM, "term_start": "2026-03-01"}, rule="R32b") == "expired"


def test_not_configured_before_need_more_before_review() -> None:
    assert outcome(P, span("marginal"), TERM, rule="R32b") == "not_configured"
    assert outcome(P, span("marginal"), TERM, rule="R32b", said=SET) == "need_more"
    assert outcome({**P, "labour": "none"}, span("marginal"), HALF_A_YEAR) == "need_more"
    assert outcome({**P, "labour": "none"}, LIFTED, HALF_A_YEAR) == "review"


@pytest.mark.parametrize("spelling", ["2023-fall", "2023年秋季学期", "2023-2024学年第一学期", "上学期"])
def test_a_semester_is_paid_once_however_it_is_written(spelling: str) -> None:
    """`domain.md` §3.6: once for student and semester. A second spelling of it was paid again."""
    terms = [{**TERM, "id": id, "term": term, "state": "enrolled"} for id, term in (("s", "2023-autumn"), ("t", spelling))]
    assert [v.outcome for v in judge(P, LIFTED, *terms, rule="R32b", said=SET)] == ["eligible", "duplicate"]


def test_a_semester_that_does_not_hold_its_first_day_is_asked_about() -> None:
    spring = {**TERM, "term": "2023-spring", "state": "enrolled"}
    assert outcome(P, LIFTED, spring, rule="R32b", said=SET) == "review"
    assert outcome(P, LIFTED, {**spring, "term_start": "2023-03-01"}, rule="R32b", said=SET) == "eligible 1500"


def test_review_before_duplicate() -> None:
    claim = {"kind": "claim", "id": "k", "rule": "R03", "pack": "x", "pack_version": "1", "person_id": "p", "year": 2023}
    paid = {"kind": "payment", "id": "m", "claim_id": "k", "amount": "500", "fund": "bridging"}
    lost = {**P, "labour": "lost"}
    assert outcome(P, LIFTED, HALF_A_YEAR, claim, paid) == "duplicate"
    assert outcome(lost, LIFTED, HALF_A_YEAR, claim, paid) == "review"
    assert outcome(P, LIFTED, HALF_A_YEAR, claim, {**paid, "bank_result": "failed"}) == "eligible 500"
    assert outcome(P, LIFTED, HALF_A_YEAR, claim) == "eligible 500"


# ---------------------------------------------------------------- groups and their dates


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ((span("lifted"),), "eligible 500"),
        ((span("lifted_unstable", "2021-01-01"),), "eligible 500"),
        ((span("marginal", "2021-01-01"),), "eligible 500"),
        ((span("sudden_hardship", "2023-03-01"),), "eligible 500"),
        ((span("sudden_hardship", "2023-03-02"),), "not_eligible"),
        ((span("sudden_hardship", "2023-03"),), "need_more"),
        ((span("sudden_hardship", "2023-02"),), "eligible 500"),
        ((span("sudden_hardship"),), "need_more"),
        ((span("marginal", "2021-01-01", "2023-05-31"),), "eligible 500"),
        ((span("marginal", "2021-01-01", "2023-05-30"),), "review"),
        ((span("marginal", "2021-01-01", "2023-02-28"),), "not_eligible"),
        ((span("low_income", "2021-01-01"),), "not_eligible"),
        ((span("prevention_target", "2021-01-01"),), "not_eligible"),
        ((span("ordinary"),), "not_eligible"),
        ((), "not_eligible"),
        ((span("lifted", "2021-01-01"), span("lifted_unstable", "2022-01-01", id="d")), "eligible 500"),
        ((span("lifted"), span("ordinary", "2024-01-01", id="d")), "eligible 500"),
        ((span("lifted"), span("ordinary", "2023-05-01", id="d")), "review"),
        ((span("marginal", "2021-01-01"), span("sudden_hardship", "2022-01-01", id="d")), "eligible 500"),
        ((span("lifted"), span("marginal", "2022-01-01", id="d")), "eligible 500"),
        ((span("low_income", "2021-01-01"), span("ordinary", id="d")), "not_eligible"),
        ((span("lifted_unstable", "2021-01-01", "2022-06-30"),), "eligible 500"),
        ((span("lifted_unstable", "2021-01-01", "2022-06-30"), span("ordinary", "2020-01-01", "2020-12-31", id="d")), "eligible 500"),
        ((span("lifted_unstable", "2021-01-01", "2022-06-30"), span("ordinary", "2022-07-01", id="d")), "not_eligible"),
        ((span("lifted_unstable", "2021-01-01", "2022-06-30"), span("ordinary", "2022-06-30", id="d")), "not_eligible"),
        ((span("lifted_unstable", "2021-01-01", "2022-06"), span("ordinary", "2022-06", id="d")), "not_eligible"),
        ((span("lifted_unstable", "2021-01-01", "2022-06-30"), span("ordinary", id="d")), "need_more"),
    ],
)
def test_who_belongs_on_which_day(spans: tuple[Line, ...], expected: str) -> None:
    assert outcome(P, *spans, away("2023-03-01", "2023-05-31")) == expected


@pytest.mark.parametrize(
    ("end", "expected"), [("2023-05-31", "need_more"), ("2023-04-30", "need_more"), ("2023-02-28", "not_eligible"), (None, "need_more")]
)
def test_days_that_nobody_wrote_down_are_asked_for_before_the_county_is(end: str | None, expected: str) -> None:
    """With months only, whether three are full hangs on the days: the county was asked what an end before that day means."""
    assert outcome(P, span("marginal", "2021-01-01", end), away("2023-03", "2023-05")) == expected


@pytest.mark.parametrize(("said", "told"), [('"birth": 1e999', "出生日期"), ('"created_at": NaN', "不是 JSON")])
def test_numbers_that_json_has_not_are_named_also_without_an_id(said: str, told: str) -> None:
    with pytest.raises(InputUnusable, match=told):
        read_facts(['{"kind": "person", "name": "甲", "document": "other", "id_number": "A1", "labour": "ordinary", ' + said + "}"])


def test_sex_and_birth_come_from_the_number() -> None:
    young = {**P, "id_number": "230826200802158769"}
    assert outcome(young, LIFTED, HALF_A_YEAR) == "not_eligible"
    assert outcome({**young, "birth": "1980-01-01"}, LIFTED, HALF_A_YEAR) == "eligible 500"


# ---------------------------------------------------------------- need_more, documents


def test_documents_never_change_the_outcome() -> None:
    (bare,) = judge(P, LIFTED, HALF_A_YEAR, rule="R03")
    (full,) = judge({**P, "bank_account": "6228480402564890018"}, LIFTED, away("2023-01-01", "2023-06-30", proofs=["ticket"]), rule="R03")
    assert (bare.outcome, bare.amount) == (full.outcome, full.amount)
    assert len(bare.missing) == 3
    assert full.missing == ()


@pytest.mark.parametrize("lacking", ["start", "place"])
def test_what_the_answer_hangs_on_is_asked_for(lacking: str) -> None:
    spell = {**HALF_A_YEAR, lacking: None}
    expected = "need_more" if lacking == "place" else "not_eligible"
    assert outcome(P, LIFTED, spell, year=2023) == expected


# ---------------------------------------------------------------- rules that carry no money


def test_posts_and_services_carry_no_money() -> None:
    candidate = {"kind": "post_candidate", "id": "k", "post_id": "o", "person_id": "p", "applied_on": "2023-05-01"}
    held = {"kind": "appointment", "id": "h", "post_id": "o", "person_id": "p", "start": "2023-06-02"}
    agreement = {"kind": "agreement", "id": "g", "appointment_id": "h", "type": "service", "start": "2023-06-02", "end": "2024-06-01"}
    insurance = {"kind": "insurance", "id": "i", "appointment_id": "h", "start": "2023-06-02", "end": "2024-06-01"}
    found = {v.rule: v for v in judge(P, LIFTED, POST, candidate, held, agreement, insurance, on="2023-06-01")}
    assert {rule: (v.outcome.value, v.amount) for rule, v in found.items()} == {"R25": ("eligible", 0), "R28": ("eligible", 0)}
    assert (found["R25"].year, found["R25"].record_id) == (2023, None)
    assert (found["R28"].record_id, found["R28"].person_id) == ("g", "p")


def test_missing_says_what_is_owed() -> None:
    wish = {"kind": "job_wish", "id": "j", "person_id": "p", "opened_on": "2023-03-01"}
    (verdict,) = judge(P, LIFTED, wish, rule="R29", on="2023-04-01")
    assert verdict.outcome.value == "pending"
    assert verdict.missing == ("职业指导 1 次", "适合的岗位信息（不同岗位） 3 次", "免费培训 1 次")


@pytest.mark.parametrize(
    ("cleared", "again", "expected"),
    [("2023-01-31", "2023-04-01", "eligible 500"), ("2023-01-31", "2023-05-01", "eligible 500"), ("2023-01-31", "2023-05-02", "review")],
)
def test_who_was_taken_in_again_is_judged_by_the_days_of_belonging(cleared: str, again: str, expected: str) -> None:
    assert outcome(P, span("marginal", "2021-01-01", cleared), span("sudden_hardship", again, id="d"), HALF_A_YEAR) == expected


def test_days_between_two_spans_count_only_for_the_county() -> None:
    """Three months with ten days between two spans were given as of one span, without a word."""
    spans = (span("marginal", "2023-01-01", "2023-04-30"), span("sudden_hardship", "2023-05-11", id="d"))
    for end, expected in (("2023-06-14", "review"), ("2023-06-24", "eligible 500"), ("2023-06-13", "not_eligible")):
        (verdict,) = judge(P, *spans, away("2023-03-15", end), rule="R03")
        said = "；".join(reason.text for reason in verdict.reasons)
        assert f"{verdict.outcome.value} {verdict.amount // 100}".removesuffix(" 0") == expected
        assert "2023-05-01 至 2023-05-10 不是脱贫人口或监测对象，这些天不算" in said
        assert ("加上身份中断的天数才满 3 个月" in said) == (expected == "review")
        assert ("2023-03-15 至 2023-04-30、2023-05-11 至" in said) == (expected != "review")
    (pending,) = judge(P, *spans, away("2023-03-15"), rule="R03", on="2023-06-13")
    assert pending.outcome.value == "pending" and "还差 11 天" in "；".join(reason.text for reason in pending.reasons)


def test_a_base_counts_the_days_within_the_spans() -> None:
    spans = (span("lifted", "2023-01-01", "2023-03-31"), span("lifted_unstable", "2023-04-11", id="d"))
    for end, expected in (("2023-06-30", "not_eligible"), ("2023-07-10", "eligible 5000")):
        job = away("2023-01-01", end, place="230826", employer_id="a")
        assert outcome(P, *spans, *carrier(type="base"), job, rule="R04", year=2023, said=BASES) == expected


# ---------------------------------------------------------------- monitor lines


@pytest.mark.parametrize(("area", "expected"), [("230826", "not_eligible"), ("230826101202", "eligible 1000"), ("230883", "eligible 1000")])
def test_the_most_specific_line_that_contains_the_village_wins(area: str, expected: str) -> None:
    job = away("2022-09-01", place="230826", employer_id="a")
    nearer = {**LINE, "id": "l2", "area": area, "amount": "7000" if len(area) == 12 else "8000"}
    assert outcome(P, LIFTED, *carrier(), job, wage("2023-05-10", "7000"), LINE, nearer, rule="R15") == expected


def test_a_line_that_another_village_made_for_the_county_is_not_this_villages() -> None:
    job = away("2022-09-01", place="230826", employer_id="a")
    wrong = {**LINE, "id": "l2", "amount": "70"}
    known = (P, LIFTED, *carrier(), job, wage("2023-05-10", "6500"), LINE)
    assert outcome(*known, {**wrong, "village": "230826101203"}, rule="R15") == "eligible 1000"
    assert outcome(*known, wrong, rule="R15") == "review"


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_line_of_nothing_is_no_line(amount: str) -> None:
    job = {**away("2022-09-01", place="230826", employer_id="a"), "channel": "workshop"}
    assert outcome(P, LIFTED, *carrier(), job, {**LINE, "amount": amount}, rule="R15", year=2023) == "not_configured"


def test_pay_outside_recognition_is_for_the_county() -> None:
    known = (
        P,
        LIFTED,
        *carrier(start="2023-03-15"),
        away("2022-09-01", place="230826", employer_id="a"),
        LINE,
        wage("2023-02-10", "2500", "w1"),
    )
    assert outcome(*known, wage("2023-06-10", "4000"), rule="R15") == "review"
    assert outcome(*known, wage("2023-06-10", "6000"), rule="R15") == "eligible 1000"
    assert outcome(*known, wage("2023-06-10", "3000"), rule="R15") == "not_eligible"


def test_a_correction_counts_in_the_period_of_the_pay_it_corrects() -> None:
    """What was paid too much in June and was corrected in October stayed in the year of June and was taken off the next one."""
    known = (P, LIFTED, *carrier(), away("2022-09-01", place="230826", employer_id="a"), LINE)
    wrong = {**wage("2023-10-05", "-600", "w2"), "month": "2023-06"}
    assert outcome(*known, wage("2023-06-30", "6500"), wrong, rule="R15") == "not_eligible"
    assert outcome(*known, wage("2023-06-30", "6600"), wrong, rule="R15") == "eligible 1000"
    next_year = {**LINE, "id": "l2", "year": 2024}
    later = (wage("2023-06-30", "9000"), wrong, wage("2024-03-01", "6000", "w3"), next_year)
    assert outcome(*known, *later, rule="R15", year=2024) == "eligible 1000"
    assert outcome(*known, wage("2023-06-30", "6500"), {**wrong, "month": "2023-05"}, rule="R15", year=2023) == "eligible 1000"


@pytest.mark.parametrize(("year", "expected"), [(None, ["eligible", "duplicate"]), (2023, ["eligible"]), (2024, ["duplicate"])])
def test_a_base_is_rewarded_once_whatever_year_is_asked_for(year: int | None, expected: list[str]) -> None:
    job = away("2023-01-01", "2024-12-31", place="230826", employer_id="a")
    assert [v.outcome.value for v in judge(P, LIFTED, *carrier(type="base"), job, rule="R04", year=year, said=BASES)] == expected


def test_a_first_year_that_fell_short_does_not_stand_in_the_way_of_a_base() -> None:
    job = away("2023-11-01", "2024-12-31", place="230826", employer_id="a")
    assert [v.outcome.value for v in judge(P, LIFTED, *carrier(type="base"), job, rule="R04", said=BASES)] == ["not_eligible", "eligible"]


# ---------------------------------------------------------------- what the answer does not hang on asks for nothing

HOUSE: list[Line] = [
    {**P, "household_id": "h"},
    {"kind": "person", "id": "w", "name": "乙", "document": "resident_id", "id_number": "", "labour": "ordinary", "household_id": "h"},
    {"kind": "household_business", "id": "b", "household_id": "h", "operator_id": "w", "business": "养猪", "start": "2020-01-01"},
]


@pytest.mark.parametrize(
    ("rule", "lines", "expected"),
    [
        # the months with work abroad are full, but the status had ended before the first of them
        ("R03", (P, span("marginal", "2022-06-01", "2023-02-28"), away("2023-03-01", "2023-05-31", ABROAD)), "not_eligible"),
        ("R03", (P, span("marginal", "2022-06-01", "2023-04-30"), away("2023-03-01", "2023-05-31", ABROAD)), "review"),
        # whether they are full with work abroad hangs on a day first
        ("R03", (P, LIFTED, away("2023-07-21", "2023-10", ABROAD)), "need_more"),
        ("R03", (P, LIFTED, away("2023-07-01", "2023-10", ABROAD)), "review"),
        # two months abroad are no two months in the province
        ("R09", (*HOUSE, LIFTED, away("2021-03-01", "2021-04-30", ABROAD)), "not_eligible"),
        ("R09", (*HOUSE, LIFTED, away("2021-03-01", "2021-05-31", ABROAD)), "review"),
        # months away when the status had ended take nothing from the months at home before
        (
            "R09",
            (*HOUSE, span("marginal", "2020-01-01", "2021-06-30"), away("2021-02-01", "2021-03-31", "230100"), away("2021-07-01", id="f")),
            "eligible 500",
        ),
    ],
)
def test_work_abroad_is_asked_about_only_where_it_decides(rule: str, lines: tuple[Line, ...], expected: str) -> None:
    (verdict,) = (v for v in judge(*lines, rule=rule, year=int(lines[-1]["start"][:4])) if v.person_id == "p")
    assert verdict.outcome.value + (f" {verdict.amount // 100}" if verdict.amount else "") == expected


@pytest.mark.parametrize(("on", "expected"), [("2023-10-20", "pending"), ("2023-12-20", "need_more")])
def test_the_fare_home_is_asked_for_once_the_months_are_full(on: str, expected: str) -> None:
    """Whoever is still away has no ticket home; the missing one hid that a claim comes near."""
    ticket = {"kind": "travel", "id": "t", "person_id": "p", "year": 2023, "outward": "260"}
    assert outcome(P, LIFTED, away("2023-08-20"), ticket, year=2023, on=on) == expected


@pytest.mark.parametrize(
    ("rule", "lines", "on", "expected"),
    [
        ("R03", (P, span("marginal", "2021-01-01", "2023-04-30"), away("2023-08-01")), "2023-10-20", "not_eligible"),
        ("R03", (P, span("marginal", "2021-01-01", "2023-04-30")), "2023-10-20", "not_eligible"),
        ("R03", (P, span("marginal", "2021-01-01", "2023-10-20"), away("2023-08-01")), "2023-10-20", "pending"),
        ("R03", (P, span("marginal", "2021-01-01", "2023-10"), away("2023-08-01")), "2023-10-20", "pending"),
        ("R03", (P, span("marginal", "2021-01-01", "2023-04-30"), away("2023-04-30")), "2023-06-20", "pending"),
        ("R03", (P, span("lifted_unstable", "2021-01-01", "2023-04-30"), away("2023-08-01")), "2023-10-20", "pending"),
        # work away began too late, work at home did not
        (
            "R09",
            (*HOUSE, span("marginal", "2020-01-01", "2021-06-30"), away("2021-06-01", "2021-06-20", "230100"), away("2021-07-01", id="f")),
            "2021-08-20",
            "pending",
        ),
    ],
)
def test_nobody_is_said_to_be_near_who_left_before_the_work_began(rule: str, lines: tuple[Line, ...], on: str, expected: str) -> None:
    """「还差 11 天」 stood until the last day and became a no: the risk was cleared in April, the work began in August."""
    (verdict,) = (v for v in judge(*lines, rule=rule, year=int(on[:4]), on=on) if v.person_id == "p")
    assert verdict.outcome.value == expected


def test_a_death_on_one_record_of_a_person_counts_for_the_others() -> None:
    """Recorded twice, in the old village and the new: whichever is judged, the dead are not paid as the living."""
    other = {**P, "id": "q", "died_on": "2023-05-10"}
    said = {v.person_id: v.outcome.value for v in judge(P, other, LIFTED, away("2023-01-01", "2023-12-31"), rule="R03", year=2023)}
    assert said == {"p": "review", "q": "review"}
    assert outcome(P, {**other, "died_on": "2020-12-31"}, LIFTED, *training("05", "06"), rule="R17", year=2021) == "not_eligible"


def training(*months: str, bare: tuple[str, ...] = (), days: int | None = 20) -> list[Line]:
    row = {"kind": "work_training", "employer_id": "a", "person_id": "p", "days": days}
    return [{"kind": "employer", "id": "a", "name": "甲厂", "type": "enterprise"}] + [
        {**row, "id": f"t{month}", "month": f"2021-{month}", "record": month not in bare} for month in months
    ]


@pytest.mark.parametrize(
    ("bare", "expected"), [(("11",), "eligible 3000"), (("06",), "eligible 3000"), (("05", "06", "11"), "need_more")], ids="abc"
)
def test_a_month_without_a_record_matters_only_if_there_are_not_six_others(bare: tuple[str, ...], expected: str) -> None:
    months = training("05", "06", "07", "08", "09", "10", "11", "12", bare=bare)
    assert outcome(P, LIFTED, *months, rule="R17", year=2021) == expected


def test_the_status_of_a_household_is_clear_where_that_of_one_member_is() -> None:
    house: list[Line] = [{**P, "household_id": "h"}, {**HOUSE[1], "id": "g"}, {**TERM, "state": "enrolled"}]
    twice: list[Line] = [
        {**span("marginal", "2020-01-01"), "person_id": "g", "id": "m"},
        {**span("ordinary", "2022-01-01"), "person_id": "g", "id": "o"},
    ]
    assert outcome(*house, *twice, rule="R32b", said=SET) == "review"
    assert outcome(*house, *twice, LIFTED, rule="R32b", said=SET) == "eligible 1500"


def test_nothing_is_said_of_the_household_of_a_student_without_one() -> None:
    (alone,) = judge(P, TERM, rule="R32b")
    (housed,) = judge({**P, "household_id": "h"}, TERM, rule="R32b")
    assert alone.outcome is housed.outcome and alone.outcome.value == "not_eligible"
    assert "请补上户" in told([alone]) and "同户成员都不属于" in told([housed])


def test_a_month_of_attendance_still_to_come_is_named_as_a_month() -> None:
    post: list[Line] = [
        {**POST, "required_days": 30},
        {"kind": "appointment", "id": "n", "post_id": "o", "person_id": "p", "start": "2023-01-01"},
        {"kind": "attendance", "id": "d", "appointment_id": "n", "month": "2023-04", "days": 20},
    ]
    (verdict,) = judge(P, *post, on="2023-03-31", rule="R28-pay")
    assert verdict.outcome.value == "pending" and "考勤月份 2023-04 还没有到" in told([verdict])
    assert outcome(P, *post, on="2023-04-01", rule="R28-pay") == "eligible 6"


def test_wrong_days_of_attendance_are_told_as_what_they_are() -> None:
    course: Line = {
        "kind": "course",
        "id": "k",
        "title": "甲班",
        "trade": "缝纫工",
        "type": "skills",
        "start": "2023-03-06",
        "end": "2023-03-15",
    }
    for present, total, said in ((-3, 10, "出勤天数或总天数不对"), (5, 0, "出勤天数或总天数不对"), (11, 10, "超过培训班天数")):
        taught: Line = {"kind": "enrolment", "id": "n", "course_id": "k", "person_id": "p", "days_present": present, "days_total": total}
        (verdict,) = judge(P, LIFTED, course, taught, rule="R32a", said=("R32a.per_day=25", "R32a.min_attendance=0.8", "R32a.appraisal=0"))
        assert verdict.outcome.value == "review" and said in told([verdict])


@pytest.mark.parametrize(
    ("place", "end", "warned"), [("210200", None, True), ("230826", None, False), ("210200", "2023-03-10", False), (None, None, False)]
)
def test_whoever_worked_far_away_on_all_days_of_a_course_is_pointed_out(place: str | None, end: str | None, warned: bool) -> None:
    course: Line = {"kind": "course", "id": "k", "title": "甲班", "trade": "缝纫工", "type": "skills", "start": "2023-03-06"}
    taught: Line = {"kind": "enrolment", "id": "n", "course_id": "k", "person_id": "p", "days_present": 10, "days_total": 10}
    job = {**away("2023-01-01", end), "place": place}
    said = ("R32a.per_day=25", "R32a.min_attendance=0.8", "R32a.appraisal=0")
    (verdict,) = judge(P, LIFTED, {**course, "end": "2023-03-15"}, taught, job, rule="R32a", said=said)
    assert verdict.outcome.value == "eligible" and ("培训的每一天都登记在县外务工" in told([verdict])) == warned
    assert ("培训期间在县外务工的核实" in verdict.missing) == warned


@pytest.mark.parametrize(("end", "warned"), [("2021-10-31", True), ("2021-12", False), (None, False)])
def test_a_business_that_was_over_before_the_months_were_full_is_pointed_out(end: str | None, warned: bool) -> None:
    job = away("2021-10-25", "2021-12-31", "230100")
    found = judge(*HOUSE[:2], {**HOUSE[2], "end": end}, LIFTED, job, rule="R09", year=2021)
    verdict = next(one for one in found if one.person_id == "p")
    assert verdict.outcome.value == "eligible" and ("登记的生产经营到 2021-10-31 为止" in told([verdict])) == warned


def test_nobody_is_insured_after_death() -> None:
    lines: list[Line] = [
        POST,
        {"kind": "appointment", "id": "h", "post_id": "o", "person_id": "p", "start": "2023-01-01"},
        {"kind": "agreement", "id": "g", "appointment_id": "h", "type": "service", "start": "2023-01-01", "end": "2023-12-31"},
        {"kind": "insurance", "id": "i", "appointment_id": "h", "start": "2023-01-01", "end": "2023-06-15"},
    ]
    assert outcome(P, LIFTED, *lines, rule="R28") == "need_more"
    assert outcome({**P, "died_on": "2023-06-15"}, LIFTED, *lines, rule="R28") == "eligible"


def test_places_on_a_post() -> None:
    """A post without a free place is a certain no, whatever else is open; of equals somebody of the post's own village comes first."""
    other = {**P, "id": "q", "id_number": "", "village": "230826101203", "name": "乙"}
    lines: list[Line] = [
        {**POST, "village": "230826101202"},
        {"kind": "post_candidate", "id": "x", "post_id": "o", "person_id": "q", "applied_on": "2023-05-01"},
        {**LIFTED, "id": "d", "person_id": "q"},
        P,
        other,
    ]
    held = {"kind": "appointment", "id": "h", "post_id": "o", "person_id": "p", "start": "2023-01-01"}
    open_status = {**span("marginal"), "person_id": "q"}
    assert outcome(*lines[:2], P, other, open_status, rule="R25", on="2023-06-01") == "need_more"
    assert outcome(*lines[:2], P, other, open_status, held, rule="R25", on="2023-06-01") == "not_eligible"
    own = {"kind": "post_candidate", "id": "y", "post_id": "o", "person_id": "p", "applied_on": "2023-05-02"}
    said = {v.person_id: v.outcome.value for v in judge(*lines, LIFTED, own, rule="R25", on="2023-06-01")}
    assert said == {"p": "eligible", "q": "not_eligible"}


def said_of(*lines: Line, year: int, **how: Any) -> str:
    (verdict,) = judge(P, LIFTED, *lines, rule="R03", year=year, **how)
    return f"{verdict.outcome.value} " + "；".join(reason.text for reason in verdict.reasons)


def test_a_spell_across_new_year_says_which_days_count() -> None:
    """Three months from December to February count for neither year (`domain.md` §3.4 and R03, example 7); nothing said why."""
    for year in (2023, 2024):
        said = said_of(away("2023-12-01", "2024-02-29"), year=year)
        assert said.startswith("not_eligible ") and f"只算 {year} 年里的天数" in said and "连起来满 3 个月，要不要连着算由县里定" in said
    said = said_of(away("2023-08-01", "2024-02-29"), year=2023)
    assert said.startswith("eligible ") and "只算 2023 年里的天数" in said and "连起来" not in said
    said = said_of(away("2023-12-20", "2024-02-10"), year=2024)
    assert said.startswith("not_eligible ") and "只算 2024 年里的天数" in said and "连起来" not in said


def test_work_within_the_year_is_not_told_of_other_years() -> None:
    for lines in ([away("2023-01-01", "2023-12-31")], [away("2022-11-01", "2022-12-31"), away("2023-02-01", "2023-03-01", id="f")]):
        assert "跨年" not in said_of(*lines, year=2023)
    assert "跨年" not in said_of(away("2023-11-01"), year=2023, on="2023-12-20"), "the year is not over"


@pytest.mark.parametrize("number", ["无证101202-48315", "无证001"])
def test_whoever_has_no_document_lacks_one_and_the_outcome_stays(number: str) -> None:
    """What is lacking never changes the outcome."""
    without = P | {"id_number": number, "document": "other", "birth": "1979-08-17"}
    (verdict,) = judge(without, LIFTED, HALF_A_YEAR, rule="R03", year=2023)
    assert (verdict.outcome.value, "证件号码" in verdict.missing) == ("eligible", True)
    (verdict,) = judge(P, LIFTED, HALF_A_YEAR, rule="R03", year=2023)
    assert "证件号码" not in verdict.missing


def test_no_sentence_names_a_record_by_its_id() -> None:
    """A clerk was told of 编号 14b84c2f-…, the employer of a woman who had moved in from another village."""
    unit, whose = "14b84c2f-0000-4000-8000-000000000001", "14b84c2f-0000-4000-8000-000000000002"
    job = away("2022-10-01", place="230826", employer_id=unit, employer_name="红星车间", channel="workshop")
    (found,) = judge(P, LIFTED, LINE, job, wage("2023-05-01", "7000"), rule="R15", year=2023)
    assert found.outcome.value == "review"
    assert any("红星车间没有在本村登记（可能是别的村的），它的认定这里看不到" in reason.text for reason in found.reasons)
    placed = {"kind": "schooling", "id": whose, "person_id": whose, "school": "x", "stage": "technician", "term_start": "2023-09-01"}
    again = {**placed, "id": unit, "person_id": "p"}
    twin = {**again, "id": unit[:-1] + "9"}
    said = judge(P, LIFTED, placed, again, twin, rule="R32b", year=2023, said=SET)
    texts = [reason.text for verdict in (found, *said) for reason in verdict.reasons]
    assert any("同一项补助已由在先的一笔享受（2023-09-01 的一笔）" in text for text in texts)
    assert not [text for text in texts if unit[:8] in text]
    assert unit[:8] not in in_words([one for one in said if one.person_id == "p"], read_facts(map(json.dumps, (P, again, twin))).get)


def test_insurance_up_to_an_early_exit_is_not_said_to_cover_every_day() -> None:
    held = {"kind": "appointment", "id": "h", "post_id": "o", "person_id": "p", "start": "2023-01-01", "exit_on": "2023-06-30"}
    term = {"id": "g", "appointment_id": "h", "start": "2023-01-01", "end": "2023-12-31"}
    cover = {**term, "kind": "insurance", "id": "i", "end": "2023-06-30"}
    (found,) = judge(P, LIFTED, POST, held, {**term, "kind": "agreement", "type": "service"}, cover, rule="R28")
    said = [reason.text for reason in found.reasons if "意外伤害保险" in reason.text]
    assert (found.outcome.value, said) == ("eligible", ["（二十八）意外伤害保险覆盖到 2023-06-30 退岗的每一天"])
