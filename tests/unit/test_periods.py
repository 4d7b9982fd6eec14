"""Month arithmetic (the golden cases G1 to G19 of domain.md §3.3), spells, income periods."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.periods import (
    Aggregation,
    Convention,
    MonthsDays,
    Spell,
    add_days,
    add_months,
    aggregate,
    clip,
    day_count,
    exceeds,
    income_period,
    income_year,
    merge,
    month_word,
    months_and_days,
    months_between,
    nth_end,
    of_last_months,
    reached_on,
    reaches,
)
from domain.words import set_language

STRICT = Convention.CIVIL_STRICT
CONTINUOUS = Aggregation.CONTINUOUS
GAP = Aggregation.CONTINUOUS_GAP


def spells(*pairs):
    return [Spell(*pair.split("/")) for pair in pairs]


# ---------------------------------------------------------------- golden cases


@pytest.mark.parametrize(
    ("case", "start", "end", "months", "days", "n", "inclusive", "strict"),
    [
        ("G1", "2023-01-01", "2023-03-31", 3, 0, 3, True, False),
        ("G2", "2023-01-01", "2023-03-30", 2, 30, 3, False, False),
        ("G3", "2022-12-01", "2023-02-28", 3, 0, 3, True, False),
        ("G4", "2023-12-01", "2024-02-28", 2, 28, 3, False, False),
        ("G5", "2023-12-01", "2024-02-29", 3, 0, 3, True, False),
        ("G6", "2023-11-30", "2024-02-28", 2, 30, 3, False, False),
        ("G7", "2023-11-30", "2024-02-29", 3, 0, 3, True, True),
        ("G8", "2022-11-30", "2023-02-28", 3, 0, 3, True, True),
        ("G9a", "2024-01-31", "2024-04-29", 2, 30, 3, False, False),
        ("G9b", "2024-01-31", "2024-04-30", 3, 0, 3, True, True),
        ("G10", "2024-02-29", "2024-05-28", 3, 0, 3, True, False),
        ("G11", "2022-01-01", "2022-12-31", 12, 0, 12, True, False),
        ("G12", "2022-01-01", "2023-01-01", 12, 1, 12, True, True),
        ("G13a", "2024-02-29", "2025-02-28", 12, 0, 12, True, True),
        ("G13b", "2024-02-29", "2025-02-27", 11, 30, 12, False, False),
        ("G14a", "2023-03-01", "2024-02-29", 12, 0, 12, True, False),
        ("G14b", "2023-03-01", "2024-02-28", 11, 28, 12, False, False),
    ],
)
def test_golden_months_and_days_of_a_spell(case, start, end, months, days, n, inclusive, strict):
    assert months_and_days(start, end) == (months, days), case
    assert reaches(start, end, n) is inclusive
    assert reaches(start, end, n, STRICT) is strict


def test_a_year_at_most():
    assert not exceeds("2022-01-01", "2022-12-31", 12)  # G11: both at least and at most a year
    assert exceeds("2022-01-01", "2023-01-01", 12)  # G12
    assert not exceeds("2024-02-29", "2025-02-28", 12)  # G13


@pytest.mark.parametrize(
    ("case", "given_spells", "months", "days", "doubtful"),
    [
        ("G15", spells("2023-03-01/2023-04-15", "2023-06-01/2023-07-15"), 3, 0, False),
        ("G16", spells("2023-03-01/2023-04-14", "2023-06-01/2023-07-15"), 2, 29, False),
        ("G17", spells("2023-02-01/2023-02-28", "2023-05-01/2023-05-31", "2023-07-01/2023-07-31"), 3, 0, False),
        ("G18", spells("2023-03-01/2023-04-15", "2023-04-10/2023-05-31"), 3, 0, False),
        ("G19", spells("2023-01-01/2023-01-30", "2023-03-01/2023-03-30", "2023-05-01/2023-05-30"), 3, 0, True),
        ("G2 in two spells", spells("2024-01-01/2024-02-29", "2024-05-02/2024-05-31"), 2, 30, False),
        ("G2 in a long spell", spells("2024-01-31/2024-02-29", "2024-04-30/2024-06-28"), 2, 30, False),
        ("a day of another spell joins", spells("2024-01-01/2024-02-29", "2024-05-02/2024-05-31", "2024-07-01/2024-07-01"), 3, 1, False),
    ],
)
def test_golden_sums(case, given_spells, months, days, doubtful):
    total = aggregate(given_spells)
    assert (total.months, total.days, total.doubtful) == (months, days, doubtful), case
    assert aggregate(reversed(given_spells)) == total


def test_days_become_a_month_only_across_spells():
    assert aggregate(spells("2023-01-01/2023-03-30")).text() == "2 个月 30 天"  # G2
    assert aggregate(spells("2023-03-01/2023-04-15", "2023-06-01/2023-07-15")).months_from_days == 1


def test_an_unbroken_run_bridges_no_gap_longer_than_allowed():
    broken = spells("2023-03-01/2023-04-15", "2023-06-01/2023-07-15")
    best = aggregate(broken, CONTINUOUS)
    assert (best.months, best.days) == (1, 15)
    near = spells("2023-03-01/2023-04-15", "2023-04-26/2023-05-31")
    assert aggregate(near, CONTINUOUS).months == 1
    assert aggregate(near, GAP, gap=9).months == 1
    assert aggregate(near, GAP, gap=10).months == 3
    assert aggregate(near, CONTINUOUS, gap=10).months == 1
    assert aggregate([], CONTINUOUS).months == 0


def test_touching_spells_are_one():
    assert merge(spells("2023-03-01/2023-03-31", "2023-04-01/2023-04-30")) == spells("2023-03-01/2023-04-30")
    assert len(merge(spells("2023-03-01/2023-03-30", "2023-04-01/2023-04-30"))) == 2
    assert merge(spells("2023-03-01/2023-05-30", "2023-04-01/2023-04-30")) == spells("2023-03-01/2023-05-30")
    assert merge(spells("2023-03-02/2023-03-01")) == []


def test_the_day_it_is_reached():
    assert reached_on(spells("2023-03-01/2023-04-15", "2023-06-01/2023-07-31"), 3) == "2023-07-15"
    assert reached_on(spells("2023-12-01/2024-03-31"), 3) == "2024-02-29"
    assert reached_on(spells("2023-12-01/2024-02-28"), 3) is None
    assert reached_on(spells("2023-03-01/2023-04-15", "2023-06-01/2023-07-15"), 3, CONTINUOUS) is None
    assert reached_on(spells("2023-01-01/2023-03-31"), 3, convention=STRICT) is None


# ---------------------------------------------------------------- properties

days = st.dates(date(1990, 1, 1), date(2060, 12, 31)).map(date.isoformat)
conventions = st.sampled_from(Convention)
some_spells = st.lists(st.tuples(days, st.integers(0, 400)).map(lambda pair: Spell(pair[0], add_days(*pair))), max_size=6)


@given(days, st.integers(0, 500), conventions)
def test_a_day_more_is_never_less(start, length, convention):
    end = add_days(start, length)
    assert months_and_days(start, add_days(end, 1), convention) > months_and_days(start, end, convention)


@given(days, st.integers(1, 60), conventions)
def test_months_are_full_exactly_at_their_end(start, n, convention):
    end = nth_end(start, n, convention)
    assert months_and_days(start, end, convention) == (n, 0)
    assert reaches(start, end, n, convention)
    assert not reaches(start, add_days(end, -1), n, convention)
    assert nth_end(start, n, convention) < nth_end(start, n + 1, convention)


@given(days, st.integers(0, 500))
def test_strict_is_never_more_generous(start, length):
    end = add_days(start, length)
    assert months_and_days(start, end, STRICT).months <= months_and_days(start, end).months


@given(days, st.integers(0, 800), st.integers(0, 30))
def test_reaching_agrees_with_counting(start, length, n):
    end = add_days(start, length)
    assert reaches(start, end, n) == (months_and_days(start, end).months >= n)


@given(some_spells)
def test_order_and_repetition_change_nothing(given_spells):
    total = aggregate(given_spells)
    assert aggregate(given_spells[::-1]) == total
    assert aggregate([*given_spells, *given_spells]) == total
    days = {add_days(spell.start, n) for spell in given_spells for n in range(day_count(*spell))}
    assert len(days) == sum(day_count(*spell) for spell in total.spells)


@given(some_spells, st.integers(0, 400))
def test_work_elsewhere_in_time_never_lowers_the_sum(given_spells, length):
    far = Spell("2070-01-01", add_days("2070-01-01", length))
    before, after = aggregate(given_spells), aggregate([*given_spells, far])
    assert after.months >= before.months
    assume((before.days, before.months_from_days) != (30, 0))  # thirty days of one spell: a month with those of `far`, none without them
    longer = aggregate([*given_spells, Spell(far.start, add_days(far.end, 1))])
    assert (longer.months, longer.days) >= (after.months, after.days)


@given(some_spells, st.sampled_from([0, 1, 27, 28, 29, 30]), conventions)
def test_no_month_is_made_of_the_days_of_one_spell(given_spells, length, convention):
    """Thirty days beside full months were a month, although nobody worked another day to go with them (`domain.md` §3.3, G2)."""
    total = aggregate([*given_spells, Spell("2070-01-01", add_days("2070-01-01", length))], convention=convention)
    parts = [months_and_days(*spell, convention) for spell in total.spells]
    assert sum(part.days > 0 for part in parts) > 1 or not total.months_from_days
    assert all(part.days <= 30 for part in parts)
    assert total.months == sum(part.months for part in parts) + total.months_from_days
    assert total.days == sum(part.days for part in parts) - 30 * total.months_from_days


@given(some_spells, st.integers(0, 12))
def test_reached_on_is_the_first_such_day(given_spells, n):
    day = reached_on(given_spells, n)
    assert (day is None) == (aggregate(given_spells).months < n or not given_spells)
    for run in merge(given_spells) if day else ():
        if run.start <= (day or "") <= run.end:
            before = [spell for spell in merge(given_spells) if spell.end < run.start]
            assert aggregate([*before, Spell(run.start, day or "")]).months >= n
            if day != run.start:
                assert aggregate([*before, Spell(run.start, add_days(day or "", -1))]).months < n


# ---------------------------------------------------------------- clipping, years, months


def test_what_lies_outside_is_cut_off_a_spell():
    spell = Spell("2022-12-01", "2023-02-28")
    assert clip(spell, "2023-01-01", "2023-12-31") == ("2023-01-01", "2023-02-28")
    assert clip(spell, None, None) == spell
    assert clip(spell, "2023-03-01", None) is None


def test_months_and_days_are_counted_with_both_ends():
    assert months_between("2022-10", "2023-09")[::11] == ["2022-10", "2023-09"]
    assert len(months_between("2022-10", "2023-09")) == 12
    assert months_between("2023-02", "2023-01") == []
    assert (add_months("2023-01", -1), add_months("2023-12", 1)) == ("2022-12", "2024-01")
    assert (day_count("2023-01-01", "2023-03-31"), day_count("2023-01-02", "2023-01-01")) == (90, 0)


def test_income_period():
    assert income_period(2023) == ("2022-10-01", "2023-09-30")
    assert income_period(2023, "01-01") == ("2023-01-01", "2023-12-31")
    assert (income_year("2022-10-01"), income_year("2023-09-30"), income_year("2023-10-01")) == (2023, 2023, 2024)
    assert income_year("2023-10-01", "01-01") == 2023
    with pytest.raises(ValueError, match="2 月 29"):
        income_period(2024, "02-29")


@given(days, st.sampled_from(["10-01", "01-01", "07-15"]))
def test_every_day_lies_in_its_income_period(day, period_start):
    start, end = income_period(income_year(day, period_start), period_start)
    assert start <= day <= end


def test_months_and_days_in_words():
    assert months_and_days("2023-02-10", "2023-11-20").text() == "9 个月 11 天"
    assert (MonthsDays(3, 0).text(), MonthsDays(0, 5).text()) == ("3 个月", "5 天")
    assert months_and_days("2023-02-10", "2023-02-09") == (0, 0)


def test_a_month_has_a_name_in_both_languages() -> None:
    assert month_word(11) == "11月"
    set_language("en")
    try:
        assert [month_word(n) for n in (1, 5, 12)] == ["Jan", "May", "Dec"]
    finally:
        set_language("zh")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("10.8", "2023-10-08"),
        ("10-8", "2023-10-08"),
        ("10月8日", "2023-10-08"),
        ("10月8", "2023-10-08"),
        ("10.25", "2023-10-25"),
        ("5.12", "2023-05-12"),
        ("4.1", ""),  # next April is nearer
        ("10.26", ""),
        ("23.3", ""),
        ("2.30", ""),
        ("10月", ""),
        ("2023.10.8", ""),
        ("王", ""),
    ],
)
def test_a_day_without_its_year_is_the_last_one(typed: str, day: str) -> None:
    assert of_last_months(typed, "2023-10-25") == day


def test_a_day_without_its_year_may_lie_in_the_year_before() -> None:
    assert of_last_months("12.30", "2024-01-05") == "2023-12-30"
    assert of_last_months("2.29", "2024-03-05") == "2024-02-29"
