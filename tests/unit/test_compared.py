"""The arithmetic of the bench's target table, without measuring anything."""

from __future__ import annotations

import pytest

from tests.bench.compared import MEASURES, Measure, compared, number, ratio

RATE = Measure("push", "push", "rows/s", 100, more=True)
TIME = Measure("nothing", "nothing", "ms", 4)


@pytest.mark.parametrize(
    ("measure", "value", "expected"),
    [(RATE, 200, 2.0), (RATE, 50, 0.5), (TIME, 2, 2.0), (TIME, 8, 0.5), (TIME, 0, float("inf")), (Measure("x", "x", "s"), 1, None)],
)
def test_a_ratio_above_one_is_better_than_the_must_whichever_way_is_good(measure: Measure, value: float, expected: float | None) -> None:
    assert ratio(measure, value) == expected


def test_a_missed_must_is_marked_and_a_met_one_is_not() -> None:
    lines = compared({"push": 12_500, "delta": 5.0, "new slow": 1.2}, {"Anki": {"push": 17_000}, "PouchDB": {}}).splitlines()
    push, delta, unbound = lines[2:]
    assert "0.50 MISSED" in push and "17,000" in push and push.endswith("-")
    assert "3.00" in delta and "MISSED" not in delta
    assert "MISSED" not in unbound


def test_every_measure_has_its_own_key_and_its_aim_is_beyond_its_must() -> None:
    assert len({m.key for m in MEASURES}) == len(MEASURES)
    for m in MEASURES:
        if m.must is not None and m.aim is not None:
            assert m.aim > m.must if m.more else m.aim < m.must


@pytest.mark.parametrize(("value", "text"), [(None, "-"), (25_000.4, "25,000"), (0.6249, "0.625"), (15.0, "15")])
def test_numbers_keep_three_digits(value: float | None, text: str) -> None:
    assert number(value) == text
