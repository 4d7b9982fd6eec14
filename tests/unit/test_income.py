"""What a household lives on in an income period: months, nonsense, the line, whatever the order of records."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import warnings
from domain.income import income, is_official, line_at, lines_at, net
from domain.periods import add_months, months_between
from domain.records import CategorySpan, Household, HouseholdIncome, MonitorLine
from tests.unit.test_quality import found, new, person, register

ON = "2023-11-15"


def collected(start, end, persons=4, home="home", **sums):
    return new(HouseholdIncome, household_id=home, start=start, end=end, persons=persons, **sums)


def test_net_income_is_what_came_in_less_the_costs_of_the_business():
    one = collected("2022-10", "2023-09", wages=10_000_00, business=5_000_00, costs=2_000_00, property=300_00, transfers=700_00)
    assert net(one) == 14_000_00
    found = income([one], 2023)
    assert (found.months, found.whole, found.per_head) == (12, True, 3_500_00)
    assert net(collected("2022-10", "2023-09")) == 0
    assert income([collected("2022-10", "2023-09", costs=400_00)], 2023).per_head == -100_00  # a bad harvest


def test_quarters_add_up_until_a_figure_for_the_year_takes_their_place():
    quarters = [
        collected(start, add_months(start, 2), persons, wages=3_000_00)
        for start, persons in zip(("2022-10", "2023-01", "2023-04", "2023-07"), (3, 3, 3, 2), strict=True)
    ]
    assert income(quarters[:3], 2023).months == 9
    assert income(quarters, 2023).per_head == 4_500_00  # a member left: each quarter is shared among those who lived on it
    year = collected("2022-10", "2023-09", 4, wages=20_000_00)
    assert income([*quarters, year], 2023).per_head == 5_000_00


def test_what_reaches_over_the_edge_of_a_period_counts_by_its_months():
    over = collected("2023-07", "2023-12", 1, wages=600_00)
    assert [(i.months, i.per_head) for i in (income([over], year) for year in (2022, 2023, 2024))] == [(0, 0), (3, 300_00), (3, 300_00)]
    assert [income([over], year).parts["wages"] for year in (2022, 2023, 2024)] == [0, 300_00, 300_00]
    assert income([collected("2023-01", "2023-12", 1, wages=1200_00)], 2023, "01-01").whole


def test_nonsense_is_passed_over():
    nobody, backwards = collected("2022-10", "2023-09", 0, wages=1), collected("2023-09", "2022-10", 1, wages=1)
    assert income([nobody, backwards], 2023).months == 0


MONTHS = st.integers(0, 30).map(lambda n: add_months("2022-01", n))


@given(st.lists(st.tuples(MONTHS, st.integers(0, 14), st.integers(1, 9), st.integers(-(10**9), 10**9)), max_size=6), st.randoms())
def test_no_month_counts_twice_and_order_never_matters(drawn, rng: random.Random):
    all_of = [collected(start, add_months(start, length), persons, wages=wages) for start, length, persons, wages in drawn]
    found = income(all_of, 2023)
    mixed = list(all_of)
    rng.shuffle(mixed)
    assert income(mixed, 2023) == found
    assert 0 <= found.months <= 12
    spread: list[Fraction] = []
    taken: set[str] = set()
    for one in sorted(all_of, key=lambda one: (-len(months_between(one.start, one.end)), one.id)):
        months = months_between(one.start, one.end)
        if taken.isdisjoint(months):
            taken.update(months)
            spread += [Fraction(one.wages, len(months) * one.persons) for month in months if "2022-10" <= month <= "2023-09"]
    assert found.months == len(spread)
    assert found.per_head == sum(spread) // 1


def below(*records, on=ON):
    return [alert for alert in warnings(register(*records), on) if alert.alert == "A15"]


def test_a15_below_the_line():
    home = new(Household, number="01")
    who = person(household_id=home.id)
    home.head_id = who.id
    line = new(MonitorLine, area="230000", year=2023, amount=6_900_00)
    year = collected("2022-10", "2023-09", 2, home.id, wages=13_799_99)
    (alert,) = below(home, who, line, year)
    assert (alert.kind, alert.id, alert.due, alert.tone) == ("household", home.id, "2023-09-30", "bad")
    assert alert.message == "张三 家人均纯收入 6,899.99 元，低于监测线 6,900.00 元（2023 年度）"
    year.wages = 13_800_00  # 低于 does not include the line itself
    assert not below(home, who, line, year)
    year.wages = 1
    assert not below(home, who, year)  # no line
    assert not below(home, who, line, collected("2022-10", "2023-08", 2, home.id, wages=1))  # not the whole period
    assert below(home, who, line, year, on="2023-09-30")
    assert not below(home, who, line, year, on="2024-10-01")  # two periods ago
    assert not below(home, who, line, year, new(CategorySpan, person_id=who.id, category="marginal", start="2023-05"))  # seen to
    line.amount, near = 1, new(MonitorLine, area="230826", year=2023, amount=7_000_00)
    assert below(home, who, line, near, year)  # the line of the county is nearer


def test_doubts_about_income():
    home = new(Household, number="01")
    who = person(household_id=home.id)
    fine = collected("2022-10", "2023-09", 4, home.id, wages=40_000_00)
    assert found(home, who, fine).keys() & {"W36", "W37", "I08", "E13"} == set()
    assert found(home, who, fine, collected("2023-09", "2023-10", 4, home.id))["W36"] == 1
    assert found(home, who, fine, collected("2023-10", "2023-10", 4, home.id))["W36"] == 0
    assert found(home, who, collected("2023-10", "2023-10", 0, home.id), collected("2023-11", "2023-11", 31, home.id))["W37"] == 2
    assert found(home, who, collected("2023-10", "2023-09", 2, home.id))["E13"] == 1
    fine.wages = 4 * 499_99
    assert found(home, who, fine)["I08"] == 1
    fine.wages = 4 * 30_000_01
    assert found(home, who, fine)["I08"] == 1


def test_a_line_of_another_village_holds_only_where_there_is_no_other():
    """A village's wrong line for its county made R15 a matter of review in all of it."""

    def said(village: str, area: str, amount: int) -> MonitorLine:
        line: MonitorLine = new(MonitorLine, area=area, year=2023, amount=amount)
        line.village = village
        return line

    county = said("230826", "230826", 7_000_00)
    wrong = said("230826101202", "230826", 70_00)
    own = said("230826101203", "230826", 6_000_00)
    nearer = said("230826101", "230826101", 8_000_00)
    for lines in ([county, wrong, own], [own, wrong, county]):
        assert {lines_at(lines, 2023, f"23082610120{n}")[0].amount for n in range(1, 5)} == {7_000_00}
        assert line_at(lines, 2023, "230826", "230826101203") is county  # a workshop's place, as the county is told there
    assert line_at([wrong, own], 2023, "230826101202") is wrong and line_at([wrong], 2023, "230826101203") is wrong
    assert [is_official(line) for line in (county, nearer, wrong)] == [True, False, False]
    assert line_at([wrong, own], 2023, "230826", "230826101203") is own
    assert line_at([county, nearer], 2023, "230826101202") is county  # nobody below the county decides who is paid
    above = said("230826", "230826101", 7_500_00)
    assert line_at([county, nearer, above], 2023, "230826101202") is above
    elsewhere = said("230826101203", "230833", 5_000_00)
    assert line_at([wrong, elsewhere], 2023, "230826101203") is wrong
    other = said("230826", "230826", 7_100_00)
    assert line_at([county, other], 2023, "230826101202") is None and len(lines_at([county, other], 2023, "230826101202")) == 2
