"""The merge rule alone, case by case."""

from itertools import permutations

import pytest

from domain.fields import KINDS
from sync.replica.merge import Rule, State, Verdict, Write, conflict_id, decide, latest, rule_of

A, B = "230826101202-aaaaaaaa.1", "230826101202-bbbbbbbb.1"


def state(seq: int = 5, author: str = A) -> State:
    return State(seq, author, "甲@a", "2023-06-05T08:00:00Z")


def write(known: int = 4, author: str = B, seq: int = 6) -> Write:
    return Write(seq, 0, known, author, "乙@b", "2000-01-01T00:00:00Z")


ALL = list(Rule)


@pytest.mark.parametrize("rule", ALL)
def test_a_field_nobody_wrote_is_filled(rule: Rule) -> None:
    assert decide(rule, None, None, "x", write()) is Verdict.WRITE


@pytest.mark.parametrize("rule", [Rule.AUTO, Rule.REVIEW])
@pytest.mark.parametrize("seen", [write(known=5), write(known=9), write(author=A)])
def test_who_had_seen_the_value_or_wrote_it_simply_follows(rule: Rule, seen: Write) -> None:
    assert decide(rule, "old", state(), "new", seen) is Verdict.WRITE


@pytest.mark.parametrize("rule", ALL)
def test_equal_values_are_no_conflict(rule: Rule) -> None:
    assert decide(rule, "x", state(), "x", write()) is Verdict.SAME


def test_concurrent_values_by_class() -> None:
    assert decide(Rule.AUTO, "a", state(), "b", write()) is Verdict.WINS
    assert decide(Rule.REVIEW, "a", state(), "b", write()) is Verdict.WAITS
    assert decide(Rule.APPEND, "a", state(), "b", write()) is Verdict.WAITS


def test_another_incarnation_of_the_same_station_is_another_author() -> None:
    assert decide(Rule.REVIEW, "a", state(author=A), "b", write(author=A.replace(".1", ".2"))) is Verdict.WAITS


def test_append_only_fields_are_set_once() -> None:
    assert decide(Rule.APPEND, "a", state(), "b", write(known=5)) is Verdict.REFUSED
    assert decide(Rule.APPEND, "a", state(), None, write(known=5)) is Verdict.REFUSED
    assert decide(Rule.APPEND, None, state(), "b", write(known=5)) is Verdict.WRITE
    assert decide(Rule.APPEND, "a", state(), "b", write(known=5), contested=True) is Verdict.WRITE
    assert decide(Rule.APPEND, "a", state(seq=6, author=B), "b", write(seq=6)) is Verdict.WRITE  # still being written


def test_a_field_cleared_by_one_and_set_by_another_is_a_conflict() -> None:
    assert decide(Rule.REVIEW, None, state(), "b", write()) is Verdict.WAITS
    assert decide(Rule.REVIEW, "a", state(), None, write()) is Verdict.WAITS


def test_no_clock_takes_part() -> None:
    early, late = write(), Write(6, 0, 4, B, "乙@b", "2099-01-01T00:00:00Z")
    assert decide(Rule.AUTO, "a", state(), "b", early) is decide(Rule.AUTO, "a", state(), "b", late)


def test_rules_come_from_the_declarations() -> None:
    person, wage = KINDS["person"], KINDS["wage"]
    assert rule_of(person, person.by_name["phone"]) is Rule.AUTO
    assert rule_of(person, person.by_name["id_number"]) is Rule.REVIEW
    assert rule_of(person, person.by_name["birth"]) is Rule.REVIEW
    assert all(rule_of(wage, f) is Rule.APPEND for f in wage.fields)


def test_conflict_ids_name_the_place_of_the_later_change() -> None:
    one = conflict_id("230826101202", "row", 3, write())
    assert one == conflict_id("230826101202", "row", 3, write(known=1))
    assert len({one, conflict_id("230826101202", "row", 4, write()), conflict_id("230826101202", "row", 3, write(seq=7))}) == 3


def test_the_latest_state_does_not_depend_on_the_order_they_are_read_in() -> None:
    """A database gives them in an order of its own, and the conflict that names one is to be equal everywhere."""
    states = [state(4), state(), state()._replace(at="2023-06-05T08:00:01Z")]
    assert {latest(order) for order in permutations(states)} == {states[2]}
    assert latest([]) is None
