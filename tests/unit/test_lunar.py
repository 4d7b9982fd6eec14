"""The traditional calendar: its table against days known from elsewhere, and the ways clerks write its dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import FieldError
from domain.fuzzy_dates import parse_fdate, parse_range, with_century
from domain.lunar import LunarDay, birthday_of, in_solar, is_lunar, lunar_day, solar_day, without_year

# 春节 as the State Council's holiday notices and older almanacs have it.
NEW_YEARS = {
    1900: "01-31", 1912: "02-18", 1933: "01-26", 1949: "01-29", 1954: "02-03", 1966: "01-21", 1978: "02-07", 1985: "02-20", 1996: "02-19",
    2000: "02-05", 2008: "02-07", 2015: "02-19", 2020: "01-25", 2021: "02-12", 2022: "02-01", 2023: "01-22", 2024: "02-10", 2025: "01-29",
    2026: "02-17", 2027: "02-06", 2033: "01-31", 2034: "02-19", 2050: "01-23", 2080: "01-22",
}  # fmt: skip
LEAP_MONTHS = {
    1941: 6,
    1949: 7,
    1984: 10,
    1987: 6,
    2004: 2,
    2006: 7,
    2009: 5,
    2012: 4,
    2014: 9,
    2017: 6,
    2020: 4,
    2023: 2,
    2025: 6,
    2028: 5,
    2033: 11,
}
MID_AUTUMNS = {1978: "09-17", 2019: "09-13", 2020: "10-01", 2023: "09-29", 2024: "09-17", 2025: "10-06", 2026: "09-25"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026年十月十五", "农历前面写上"),
        ("十月十五", "农历前面写上"),
        ("今年农历十月十五", "要写上年份"),
        ("去年6月", "请写全"),
        ("去年秋收后", "2025年10月"),
    ],
)
def test_a_day_that_cannot_be_read_is_refused_with_what_to_write(written: str, told: str) -> None:
    with pytest.raises(FieldError, match=told):
        parse_fdate(written)


def test_the_table_has_the_days_that_are_known() -> None:
    for year, day in NEW_YEARS.items():
        assert solar_day(LunarDay(year, 1, 1)) == f"{year}-{day}"
    for year, day in MID_AUTUMNS.items():
        assert solar_day(LunarDay(year, 8, 15)) == f"{year}-{day}"
    for year, month in LEAP_MONTHS.items():
        assert lunar_day(solar_day(LunarDay(year, month, 1, leap=True))) == (year, month, 1, True)
    assert lunar_day("1900-01-30") is None and lunar_day("2081-02-09") is None
    assert lunar_day("2081-02-08") == (2080, 12, 30, False)


@given(st.dates(date(1900, 1, 31), date(2081, 2, 7)))
def test_a_day_comes_back_and_the_next_one_follows(day: date) -> None:
    today, tomorrow = lunar_day(day.isoformat()), lunar_day((day + timedelta(1)).isoformat())
    assert today is not None and tomorrow is not None
    assert solar_day(today) == day.isoformat()
    assert tomorrow.day in (today.day + 1, 1)
    assert (tomorrow.day == 1) <= (today.day >= 29)
    assert parse_fdate(f"农历{today.year}年{today.words}") == day.isoformat()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2023年正月十六", "2023-02-06"),
        ("2023 年 正月 初八", "2023-01-29"),
        ("农历2023年3月16", "2023-05-05"),
        ("2023年农历三月十六", "2023-05-05"),
        ("阴历2023年3月初六", "2023-04-25"),
        ("二〇二三年正月初一", "2023-01-22"),
        ("２０２３年腊月卅", "2024-02-09"),
        ("2023年闰二月初一", "2023-03-22"),
        ("2023年冬月廿三", "2024-01-04"),
        ("2023年二月二十三日", None),
        ("2023年3月16日", "2023-03-16"),
        ("正月十六", None),
        ("2023年正月", None),
        ("2023年腊月三十一", None),
        ("2022年闰二月初一", None),
        ("2095年正月初一", None),
        ("2023年十三月初一", None),
    ],
)
def test_dates_as_they_are_said(written: str, day: str | None) -> None:
    if day is None:
        with pytest.raises(FieldError):
            parse_fdate(written)
    else:
        assert parse_fdate(written) == day


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("2023年正月十六至腊月二十", ("2023-02-06", "2024-01-30")),
        ("2023年正月十六至今", ("2023-02-06", None)),
        ("2022年腊月二十至次年正月初八", ("2023-01-11", "2023-01-29")),
        ("2023年正月十六-2023年11月", ("2023-02-06", "2023-11")),
        ("2023.3.5-冬月初一", ("2023-03-05", "2023-12-13")),
    ],
)
def test_spans_of_them(written: str, span: tuple[str, str | None]) -> None:
    assert parse_range(written) == span


def test_what_may_be_of_either_calendar_is_left_alone() -> None:
    for text in ("2023年三月十六", "2023年3月初", "二月二十三日", "1月", "十月至十二月", "农业技术员", "正月"[:1], "初中"):
        assert is_lunar(text) is False and in_solar(text) == text
    assert without_year("腊月二十三") and without_year("三月初六") and not without_year("2023年腊月二十三") and not without_year("3月6日")
    assert with_century("23年正月十六", 2043) == "2023年正月十六"


def test_a_birthday_kept_by_the_traditional_calendar() -> None:
    assert birthday_of("1970-03-07", "1970-04-12")
    assert birthday_of("2023-02-01", "2023-02-20") and birthday_of("2023-02-01", "2023-03-22")  # the leap month too
    assert (
        not birthday_of("1970-04-12", "1970-03-07")
        and not birthday_of("1970-02-31", "1970-04-08")
        and not birthday_of("1850-01-01", "1850-01-30")
    )


def test_a_text_too_long_for_a_date_is_not_searched_for_many() -> None:
    """A cell of a hundred thousand characters took a quarter of a minute."""
    text = "2023年正月初一" * 100
    assert in_solar(text) == text


def test_an_end_without_a_year_that_would_lie_before_its_start_is_not_taken() -> None:
    """2022年腊月二十至正月十六 ended eleven months before it began."""
    with pytest.raises(FieldError, match="结束早于开始"):
        in_solar("2022年腊月二十至正月十六")
    assert parse_range("2022年腊月二十至次年正月十六") == ("2023-01-11", "2023-02-06")


def test_a_day_that_its_month_lacks_is_told_by_its_names() -> None:
    with pytest.raises(FieldError, match="2026年腊月没有三十，最后一天是廿九"):
        solar_day(LunarDay(2026, 12, 30, leap=False))
