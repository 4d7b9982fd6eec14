"""What holds for any facts whatever: the order of lines never matters, nothing crashes, money comes only with `eligible`."""

from __future__ import annotations

import json
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fields import KINDS
from domain.periods import Spell, add_days, aggregate, clip, months_and_days, nth_end, reached_on
from domain.policy.engine import Question, evaluate
from domain.policy.facts import Facts, read_facts
from domain.policy.packs import InForce, in_force, read_setting
from domain.policy.verdict import Outcome, Verdict
from services import policies
from tests.anything import values

SETTINGS = ("R04.amount=1", "R04.min_people=1", "R04.min_months=1", "R32a.per_day=25", "R32a.min_attendance=0.8", "R32a.appraisal=9")
KEPT_OUT = ("attachment", "finding", "visit", "policy_lead")


def rules(*said: str) -> tuple[InForce, ...]:
    packs = policies.in_use()
    return in_force(packs, dict(read_setting(text, packs) for text in said))


WITH, WITHOUT = rules(*SETTINGS, "R32b.amount=1500"), rules()


def lines(rng: random.Random, each: int, holes: float) -> list[dict[str, Any]]:
    """Facts of every kind with any values, some of them missing; references point at what is there, mostly."""
    ids = {name: [f"{name}-{n}" for n in range(each)] for name in KINDS}
    made = []
    for kind in KINDS.values():
        if kind.name in KEPT_OUT:
            continue
        for id in ids[kind.name]:
            said = values(kind, rng, ids)
            line = {"kind": kind.name, "id": id, "village": rng.choice(("230826101202", "230883100200"))}
            for f in kind.fields:
                if f.ref is None and f.name in said and rng.random() < holes:
                    continue
                if f.name in said:
                    line[f.name] = f.to_json(said[f.name])
            made.append(line)
    return made


def judged(facts: Facts, each: tuple[InForce, ...], **question: Any) -> list[Verdict]:
    return evaluate(facts, each, Question(**question))


def read(made: list[dict[str, Any]]) -> Facts:
    return read_facts(json.dumps(line, ensure_ascii=False) for line in made)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    holes=st.sampled_from((0.0, 0.3, 0.9)),
    each=st.integers(1, 4),
    year=st.sampled_from((None, 2021, 2023, 2025)),
)
def test_any_facts_are_judged_whatever_their_order_and_money_comes_only_with_a_yes(
    seed: int, holes: float, each: int, year: int | None
) -> None:
    rng = random.Random(seed)
    made = lines(rng, each, holes)
    on = f"20{rng.randint(21, 27)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    for how in (WITH, WITHOUT):
        found = judged(read(made), how, on=on, year=year)
        rng.shuffle(made)
        assert judged(read(made), how, on=on, year=year) == found
        for verdict in found:
            assert verdict.amount == 0 or verdict.outcome is Outcome.ELIGIBLE
            assert verdict.reasons, verdict
            assert all(reason.text.startswith(verdict.article) for reason in verdict.reasons)
            assert verdict.outcome is Outcome.ELIGIBLE or any(not reason.met for reason in verdict.reasons)
            assert year is None or verdict.year == year
        subjects = [verdict.subject for verdict in found]
        assert len(subjects) == len(set(subjects))
    bare = judged(read(made), WITHOUT, on=on)
    assert not [v for v in bare if v.rule in ("R04", "R32a", "R32b") and v.outcome is Outcome.ELIGIBLE and v.amount]


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_asking_for_one_person_or_rule_or_year_picks_from_the_whole(seed: int) -> None:
    rng = random.Random(seed)
    facts = read(lines(rng, 3, 0.2))
    whole = judged(facts, WITH, on="2024-06-01")
    rule, person, year = rng.choice(("R03", "R15", "R17", "R28", "R32b")), "person-1", rng.choice((2021, 2023, 2024))
    assert judged(facts, WITH, on="2024-06-01", rule=rule) == [v for v in whole if v.rule == rule]
    own = [v for v in whole if v.person_id == person]
    assert judged(facts, WITH, on="2024-06-01", people=frozenset({person})) == own
    by_year = judged(facts, WITH, on="2024-06-01", year=year, everyone=False)
    asked = {v.subject: v for v in by_year}
    assert {v.subject: v for v in whole if v.year == year}.items() <= asked.items()


DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2025, 12, 31)).map(str)


@given(start=DAYS, n=st.integers(0, 40), more=st.integers(0, 400))
def test_months_never_shrink_when_a_spell_grows(start: str, n: int, more: int) -> None:
    end = add_days(start, n * 7)
    longer = add_days(end, more)
    assert months_and_days(start, end) <= months_and_days(start, longer)
    assert nth_end(start, n) < nth_end(start, n + 1)
    assert aggregate([Spell(start, end)]).months <= aggregate([Spell(start, longer)]).months
    day = reached_on([Spell(start, longer)], n)
    assert day is None or n == 0 or (aggregate([Spell(start, day)]).months >= n > aggregate([Spell(start, add_days(day, -1))]).months)


@given(start=DAYS, end=DAYS, low=DAYS)
def test_a_clipped_spell_never_holds_more(start: str, end: str, low: str) -> None:
    clipped = clip(Spell(start, end), low, None)
    assert clipped is None or months_and_days(*clipped) <= months_and_days(start, end)


def test_what_outcome_holds_when_several_apply() -> None:
    person = {"kind": "person", "id": "p", "name": "甲", "labour": "ordinary", "village": "230826101202"}
    marginal = {"kind": "category_span", "id": "c", "person_id": "p", "category": "marginal"}
    away = {"kind": "employment", "id": "e", "person_id": "p", "place": "110000", "start": "2023-03-01", "end": "2023-03-31"}
    (verdict,) = judged(read([person, marginal, away]), WITHOUT, on="2024-01-01", rule="R03")
    assert verdict.outcome is Outcome.NOT_ELIGIBLE  # too short is certain, whenever the status began
    (verdict,) = judged(read([person, marginal, {**away, "end": "2023-09-30"}]), WITHOUT, on="2024-01-01", rule="R03")
    assert verdict.outcome is Outcome.NEED_MORE


GHOST = {"kind": "employment", "id": "e", "person_id": "ghost", "place": "110000", "start": "2023-01-01", "end": "2023-06-30"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            {"kind": "employment", "id": "e", "person_id": "ghost", "place": "110000", "start": "2023-01-01", "end": "2023-06-30"},
            "没有这个人",
        ),
        ({"kind": "travel", "id": "t", "person_id": "p", "year": 2**40}, ""),
        ({"kind": "post", "id": "o", "quota": -3, "standard": "-5", "required_days": 0}, ""),
    ],
)
def test_strange_facts_get_a_sentence(line: dict[str, Any], said: str) -> None:
    found = judged(read([line]), WITHOUT, on="2024-01-01")
    assert all(v.outcome is not Outcome.ELIGIBLE for v in found)
    assert not said or any(said in reason.text for v in found for reason in v.reasons)
