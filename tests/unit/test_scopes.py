"""Levels of scopes, and what lies in what."""

import pytest

from domain.scopes import county_of, is_county, is_township, is_village, level_of, township_of, valid, within

VILLAGE, TOWNSHIP, COUNTY = "230826101202", "230826101", "230826"


@pytest.mark.parametrize(
    ("scope", "level"), [(VILLAGE, "village"), (TOWNSHIP, "township"), (COUNTY, "county"), ("", ""), ("2308", ""), (VILLAGE + "1", "")]
)
def test_the_level_follows_from_the_digits(scope: str, level: str) -> None:
    assert level_of(scope) == level
    assert (is_village(scope), is_township(scope), is_county(scope)) == (level == "village", level == "township", level == "county")
    assert valid(scope) == bool(level)


def test_only_digits_are_a_code() -> None:
    assert not valid("23082A") and not valid("二三〇八二六") and not valid("２３０８２６")


def test_a_village_lies_in_its_township_and_county() -> None:
    assert (township_of(VILLAGE), township_of(TOWNSHIP), county_of(VILLAGE), county_of(TOWNSHIP), county_of(COUNTY)) == (
        TOWNSHIP,
        TOWNSHIP,
        COUNTY,
        COUNTY,
        COUNTY,
    )
    assert all(within(VILLAGE, area) for area in (VILLAGE, TOWNSHIP, COUNTY, ""))
    assert not within(TOWNSHIP, VILLAGE) and not within(VILLAGE, "230826102")
