"""The path of a claim: every step from every state, by every level."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import claims as path
from domain.records import Claim, ClaimStep
from domain.records.money import CLAIM_STATES

LEVELS = ("village", "township", "county")
VILLAGE = "230826101202"


def claim(*, employer: bool = False, by: str = "李文书@v") -> Claim:
    who: dict[str, Any] = {"employer_id": "e"} if employer else {"person_id": "p"}
    base: dict[str, Any] = {
        "rule": "R03",
        "pack": "HLJ-2021-16",
        "pack_version": "1.0.0",
        "year": 2023,
        "outcome": "eligible",
        "amount": 50000,
    }
    return Claim(id="c", village=VILLAGE, created_by=by, **base, **who)


def steps(*states: str) -> list[ClaimStep]:
    return [
        ClaimStep(id=str(n), village=VILLAGE, claim_id="c", to_state=s, by="x@y", at=f"2023-06-05T08:00:{n:02d}Z")
        for n, s in enumerate(states)
    ]


def test_every_state_of_the_contract_has_its_step() -> None:
    assert set(path.MOVES) == set(CLAIM_STATES)
    assert {s for move in path.MOVES.values() for s in (*move.origins, *move.employer_origins)} <= set(CLAIM_STATES)


def test_the_whole_path_level_by_level() -> None:
    taken: list[str] = []
    for state, level in zip(path.PATH[1:], ["village"] * 2 + ["township"] * 2 + ["county"] * 4, strict=True):
        assert path.problem(claim(), steps(*taken), state, level, "王@z") is None
        taken.append(state)
    assert path.state_of(claim(), steps(*taken)) == "paid"


@pytest.mark.parametrize("state", [*path.PATH, "returned"])
def test_no_village_and_no_township_approves_or_pays(state: str) -> None:
    for level, to in itertools.product(("village", "township"), ("county_review", "county_notice", "approved", "paid", "recovered")):
        assert to not in path.next_steps(claim(), state, level)
        assert to not in path.next_steps(claim(employer=True), state, level)


def test_who_entered_does_not_approve() -> None:
    before = steps(*path.PATH[1:7])
    assert path.problem(claim(by="王@county"), before, "approved", "county", "王@county") == "duties"
    assert path.problem(claim(by="王@county"), before, "approved", "county", "赵@county") is None


def test_an_employer_may_apply_at_the_township_or_the_county() -> None:
    assert path.problem(claim(employer=True), [], "township_reviewed", "township", "x") is None
    assert path.problem(claim(employer=True), [], "county_review", "county", "x") is None
    assert path.problem(claim(), [], "county_review", "county", "x") == "path"


def test_a_level_sends_back_only_what_lies_with_it() -> None:
    assert path.problem(claim(), steps("village_reviewed"), "returned", "township", "x") is None
    assert path.problem(claim(), [], "returned", "village", "x") == "level"
    assert path.problem(claim(), [], "returned", "county", "x") is None  # duplicates are settled wherever a claim stands
    assert path.problem(claim(), steps(*path.PATH[1:6]), "returned", "village", "x") == "level"
    assert path.problem(claim(), steps(*path.PATH[1:6]), "returned", "county", "x") is None


@given(st.lists(st.sampled_from(list(path.MOVES)), max_size=14), st.booleans())
def test_a_step_that_leads_nowhere_counts_for_nothing(states: list[str], employer: bool) -> None:
    one = claim(employer=employer)
    legal: list[str] = []
    for state in states:
        if path.leads(one, path.state_of(one, steps(*legal)), state):
            legal.append(state)
    assert path.state_of(one, steps(*states)) == path.state_of(one, steps(*legal))
    assert legal.count("paid") <= 1 or "recovered" not in legal[: legal.index("paid")]


@given(st.lists(st.sampled_from(list(path.MOVES)), max_size=10), st.sampled_from(LEVELS), st.sampled_from(list(path.MOVES)))
def test_what_is_offered_is_what_is_allowed(states: list[str], level: str, to: str) -> None:
    one, taken = claim(), steps(*states)
    offered = path.next_steps(one, path.state_of(one, taken), level)
    assert (to in offered) == (path.problem(one, taken, to, level, "somebody@else") is None)


@given(st.lists(st.sampled_from(list(path.MOVES)), max_size=20), st.lists(st.integers(0, 1), min_size=20, max_size=20))
def test_steps_of_one_run_stay_in_the_order_in_which_they_were_taken(states: list[str], ticks: list[int]) -> None:
    """Sent back and handed in again within a second, as a batch of claims is."""
    one = claim()
    taken: list[ClaimStep] = []
    seconds = itertools.accumulate(ticks)
    for state, second in zip(states, seconds, strict=False):
        if path.leads(one, taken[-1].to_state if taken else path.DRAFT, state):
            (step,) = steps(state)
            step.id, step.at = f"0123abcd-0123-4567-0000-{len(taken):012x}", f"2023-06-05T08:00:{second:02d}Z"
            taken.append(step)
    assert path.counted(one, taken) == taken


@given(st.permutations(["village_reviewed", "village_notice", "returned"]), st.booleans())
def test_steps_of_one_second_are_put_in_the_order_that_leads_on(states: list[str], withdrawn: bool) -> None:
    taken = steps(*states, *(["withdrawn"] if withdrawn else []))
    for step in taken:
        step.at = "2023-06-05T08:00:00Z"
    assert len(path.counted(claim(), taken)) >= 3
    assert path.state_of(claim(), taken) in ({"withdrawn"} if withdrawn else {"returned"})


def test_the_next_step_is_looked_for_once_per_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A township lists thousands of claims with eight steps each."""
    asked: list[str] = []
    find = path._next_of

    def noted(of: Claim, state: str, left: list[ClaimStep]) -> ClaimStep | None:
        asked.append(state)
        return find(of, state, left)

    monkeypatch.setattr(path, "_next_of", noted)
    taken = steps(*path.PATH[1:4])
    assert path.counted(claim(), taken) == taken
    assert len(asked) == 3
