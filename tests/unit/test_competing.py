"""Months that several employers ask for: each is given once, the earliest first, whoever is named first."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from domain.policy.competing import allot
from domain.policy.engine import Question, evaluate
from domain.policy.facts import read_facts
from domain.policy.packs import in_force
from domain.policy.verdict import Outcome, Verdict
from domain.records import Person
from services import policies

MONTHS = [f"2021-{month:02d}" for month in range(1, 13)]
ASKED = st.lists(st.tuples(st.booleans(), st.frozensets(st.sampled_from(MONTHS), max_size=8)), max_size=5)
RULES = tuple(each for each in in_force(policies.in_use()) if each.rule.id == "R17")
PERSON = (
    {"kind": "person", "id": "p", "name": "甲", "id_number": "230826198005050118", "labour": "ordinary", "village": "230826101202"},
    {"kind": "category_span", "id": "c", "person_id": "p", "category": "lifted"},
)


@given(ASKED, st.integers(1, 8), st.frozensets(st.sampled_from(MONTHS), max_size=3))
def test_no_month_is_given_twice_and_never_more_than_there_are(asked: Any, most: int, taken: frozenset[str]) -> None:
    given_to = allot([months for _sure, months in asked], [sure for sure, _months in asked], most, taken)
    flat = [month for months in given_to for month in months]
    assert len(flat) == len(set(flat)) <= max(0, most - len(taken))
    assert taken.isdisjoint(flat)
    assert all(set(got) <= months for got, (_sure, months) in zip(given_to, asked, strict=True))


@given(ASKED, st.integers(1, 8), st.data())
def test_who_comes_later_never_gives_anybody_more(asked: Any, most: int, data: st.DataObject) -> None:
    """So that a claim cut down early, before all had arrived, is cut down as much as it would be at the end."""
    known = data.draw(st.sets(st.integers(0, max(0, len(asked) - 1))))
    part = [asked[place] for place in sorted(known) if place < len(asked)]
    early = allot([months for _s, months in part], [sure for sure, _m in part], most)
    cut = list(asked)
    for place, got in zip(sorted(known), early, strict=False):
        cut[place] = (asked[place][0], frozenset(got))
    whole = allot([months for _s, months in asked], [sure for sure, _m in asked], most)
    assert allot([months for _s, months in cut], [sure for sure, _m in cut], most) == whole


def judged(trained: dict[str, set[str]], reverse: bool, *more: dict[str, Any]) -> list[Verdict]:
    lines: list[dict[str, Any]] = [*PERSON, *more]
    for employer, months in trained.items():
        lines.append({"kind": "employer", "id": employer, "name": employer, "type": "enterprise"})
        for month in months:
            row = {"kind": "work_training", "id": f"{employer}{month}", "employer_id": employer, "person_id": "p", "month": month}
            lines.append(row | {"record": True})
    facts = read_facts(json.dumps(line) for line in (reversed(lines) if reverse else lines))
    return evaluate(facts, RULES, Question("2022-03-01"))


TRAINED = st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from(MONTHS), min_size=1), max_size=4)


@example({"a": {"2021-05", "2021-06"}, "b": {"2021-06", "2021-07"}})
@given(TRAINED)
def test_employers_divide_the_months_of_a_person(trained: dict[str, set[str]]) -> None:
    found = judged(trained, reverse=False)
    assert judged(trained, reverse=True) == found
    assert {verdict.outcome for verdict in found} <= {Outcome.ELIGIBLE, Outcome.DUPLICATE}
    months = [month for verdict in found for month in verdict.months]
    union = sorted(set().union(*trained.values()))
    assert sorted(months) == union[:6]
    assert all(verdict.amount == 50_000 * len(verdict.months) for verdict in found)
    assert all((verdict.outcome is Outcome.ELIGIBLE) == bool(verdict.months) for verdict in found)


def test_the_sentence_says_which_months_another_has() -> None:
    _first, second = judged({"a": {"2021-05", "2021-06"}, "b": {"2021-06", "2021-07", "2021-08"}}, reverse=False)
    told = "".join(reason.text for reason in second.reasons)
    assert second.amount == 100_000
    assert "2021-06 已由在先的一笔享受" in told and "2021-07、2021-08 共 2 个月" in told


def paid(months: list[str] | None, year: int = 2021, amount: str = "1000") -> tuple[dict[str, Any], ...]:
    claim: dict[str, Any] = {"kind": "claim", "id": "k", "rule": "R17", "pack": "P", "pack_version": "1", "person_id": "p"}
    claim |= {"employer_id": "z", "year": year, "outcome": "eligible", "amount": amount, "months": months}
    return claim, {"kind": "payment", "id": "m", "claim_id": "k", "amount": amount, "fund": "employment", "bank_result": "ok"}


def test_what_another_was_paid_for_is_taken_and_the_rest_is_left() -> None:
    trained = {"a": {"2021-06", "2021-07", "2021-08"}}
    (left,) = judged(trained, False, *paid(["2021-06", "2021-05"]))
    assert (left.outcome, left.months) == (Outcome.ELIGIBLE, ("2021-07", "2021-08"))
    (none,) = judged(trained, False, *paid(["2021-06", "2021-07", "2021-08"]))
    assert (none.outcome, none.months) == (Outcome.DUPLICATE, ())
    (cap,) = judged(trained, False, *paid(MONTHS[:5], amount="2500"))
    assert (cap.outcome, cap.months) == (Outcome.ELIGIBLE, ("2021-06",))


def test_what_was_paid_before_the_policy_or_for_nobody_knows_what_excludes() -> None:
    for unknown in (paid(None), paid(["2020-05"], 2020), paid(["五月"])):
        (verdict,) = judged({"a": {"2021-06"}}, False, *unknown)
        assert verdict.outcome is Outcome.NOT_ELIGIBLE


def test_months_of_a_claim_that_names_none_are_those_its_amount_buys() -> None:
    (first, second) = judged({"a": {"2021-06", "2021-07"}, "z": {"2021-06", "2021-07", "2021-08"}}, False, *paid(None, amount="500"))
    assert (first.outcome, first.months) == (Outcome.ELIGIBLE, ("2021-07",))
    assert second.outcome is Outcome.REVIEW


def test_a_short_month_matters_only_where_it_is_needed() -> None:
    short = {"kind": "work_training", "id": "s", "employer_id": "a", "person_id": "p", "month": "2021-01", "record": True, "days": 3}
    (enough,) = judged({"a": set(MONTHS[1:7])}, False, short)
    assert (enough.outcome, enough.months) == (Outcome.ELIGIBLE, tuple(MONTHS[1:7]))
    (asked,) = judged({"a": set(MONTHS[1:6])}, False, short)
    assert asked.outcome is Outcome.REVIEW


def test_a_record_is_looked_up_by_its_id_in_one_step() -> None:
    """Screening a township looks up hundreds of thousands; a list for each id took time and memory."""
    facts = read_facts(json.dumps(line) for line in PERSON)
    assert facts.get(Person, "p") is facts.all(Person)[0] and facts.get(Person, None) is facts.get(Person, "c") is None
    assert not facts._indexes
