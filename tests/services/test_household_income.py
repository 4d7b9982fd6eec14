"""A household's income in a store: what is shown of it, what is likely to come next, and the warning by the rules in force."""

import pytest

from services import records
from services.households import income
from services.records import save
from tests.services.test_village_day import village

__all__ = ["village"]


@pytest.fixture
def household(session, village):
    return session.get("household", village.home)


def ahead(session, household, people, on):
    found = income.to_collect(session, household, people, on, "10-01")
    return found.start, found.end


def test_what_was_collected_beside_the_line(session, household):
    assert income.collected(session, household, "10-01").latest is None
    for start, end in (("2022-10", "2022-12"), ("2023-01", "2023-09")):
        save(session, "household_income", {"household_id": household.id, "start": start, "end": end, "persons": 5, "wages": 20_000_00})
    found = income.collected(session, household, "10-01")
    assert found.latest is not None
    assert (found.latest.year, found.latest.whole, found.latest.per_head, found.line) == (2023, True, 8_000_00, None)
    save(session, "monitor_line", {"area": "230000", "year": 2023, "amount": 7_000_00})
    assert income.collected(session, household, "10-01").line == 7_000_00


@pytest.mark.parametrize(
    ("on", "months"),
    [
        ("2023-05-20", ("2022-10", "2023-04")),
        ("2023-10-02", ("2022-10", "2023-09")),
        ("2023-12-31", ("2022-10", "2023-09")),  # the period that began in October is hardly a quarter old
        ("2024-01-01", ("2023-10", "2023-12")),
    ],
)
def test_the_first_stretch_begins_with_its_period(session, household, on, months):
    assert ahead(session, household, [], on) == months


def test_the_next_stretch_follows_the_last(session, household):
    id = save(session, "household_income", {"household_id": household.id, "start": "2022-10", "end": "2022-12", "persons": 5})
    assert ahead(session, household, [], "2023-04-10") == ("2023-01", "2023-03")
    records.save(session, "household_income", {"end": "2023-09"}, id)
    assert ahead(session, household, [], "2023-12-05") == ("2023-10", "2023-11")
    assert ahead(session, household, [], "2023-10-05") == ("2023-10", "2023-10")  # nothing is left: the month that runs
    records.save(session, "household_income", {"start": "2019-10", "end": "2020-09"}, id)
    assert ahead(session, household, [], "2023-04-10") == ("2022-10", "2023-03")  # the years between are not asked for


def test_what_members_earned_is_what_they_say_or_what_was_paid(session, village):
    who = village.ids["王秀兰"]
    for month, amount in (("2023-01", 500_00), ("2023-02", 700_00), ("2023-06", 900_00)):
        save(session, "wage", {"employment_id": village.hire, "month": month, "paid_on": month, "amount": amount})
    save(session, "wage", {"employment_id": village.hire, "month": "2023-01", "paid_on": "2023-03", "amount": -100_00})
    for month, said in (("2023-02", 650_00), ("2023-03", 1_000_00)):
        save(session, "monthly_check", {"person_id": who, "month": month, "status": "workshop", "income": said})
    assert income.earned(session, [who], "2023-01", "2023-05") == 400_00 + 700_00 + 1_000_00
    assert income.earned(session, [], "2023-01", "2023-05") == 0
