"""Of which months a table is: words of titles, when a list was handed in, columns that go backwards."""

from __future__ import annotations

import pytest

from services.importing.tables.title_months import TitleMonths, months_of, only_year, read_months, with_years, year_of


def test_full_dates_in_titles_are_no_months() -> None:
    assert months_of(["导出时间：2025-11-20", "2023年10月10日填", "2023年6月工资"]) == ("2023-06",)


@pytest.mark.parametrize(
    "title",
    [
        "2026年3月工资",
        "２０２６年３月份工资",
        "二〇二六年三月工资",
        "2026年 三 月 工资",
        "26年3月工资",
        "2026年度3月工资",
        "2026.3工资",
        "2026 年 3 月工资",
    ],
)
def test_a_month_in_whatever_figures(title: str) -> None:
    assert read_months([title]).one == "2026-03"


def test_yuan_yue_is_january() -> None:
    assert read_months(["2026年元月份工资"]).one == "2026-01"


@pytest.mark.parametrize(
    "said", ["1、2月份", "1月、2月", "1和2月", "1月2月", "一、二月份", "1-2月", "1月至3月", "一季度", "上半年", "1月、2026年2月"]
)
def test_an_amount_of_several_months_is_of_none(said: str) -> None:
    assert read_months([f"2026年{said}工资发放表"]).one is None


@pytest.mark.parametrize("title", ["附件1、2026年3月工资", "1、2026年3月工资", "2026年3月工资（4月10日发）", "2026年3月、4月10日前上报"])
def test_numbers_that_are_no_months(title: str) -> None:
    assert read_months([title]).one == "2026-03"


@pytest.mark.parametrize("title", ["2026年12个月工资", "2026年3期培训", "2026年2组工资"])
def test_numbers_after_a_year_that_are_no_months(title: str) -> None:
    assert read_months([title]).months == ()


def test_when_a_list_was_handed_in_is_not_what_it_is_about() -> None:
    assert read_months(["解放村2026年3月补贴发放表", "填报时间：2026年4月"]).one == "2026-03"
    assert read_months(["解放村三月份补贴发放表", "填报单位：解放村", "填报时间：2026年4月"]) == TitleMonths(
        ("2026-03",), submitted="2026-04", guessed=True
    )
    assert read_months(["解放村12月份工资表", "2027年1月"]).one == "2026-12"
    assert read_months(["解放村3月份工资表", "发放时间：2026年4月"]).one == "2026-03"
    assert read_months(["解放村3月份工资表（2026年3月制）"]) == TitleMonths(("2026-03",), submitted="2026-03")


def test_where_nothing_else_names_a_month_it_is_that_in_which_it_was_handed_in() -> None:
    assert read_months(["（务工月监测）已外出务工信息", "2023年12月"]).one == "2023-12"


@pytest.mark.parametrize("about", ["1、2月份工资表", "8月份工资表"])
def test_a_month_that_cannot_be_of_the_year_of_handing_in_is_asked_for(about: str) -> None:
    assert not read_months([about, "填报时间：2026年3月"])


def test_columns_that_go_backwards_stay_in_their_year() -> None:
    assert with_years([(None, month) for month in (12, 11, 10)], TitleMonths(), 2026) == ["2026-12", "2026-11", "2026-10"]
    assert with_years([(None, month) for month in (2, 1)], TitleMonths(), 2026) == ["2026-02", "2026-01"]
    title = TitleMonths(("2025-10", "2026-03"), several=True)
    assert with_years([(None, month) for month in (3, 2, 1, 12, 11, 10)], title, 2025)[-3:] == ["2025-12", "2025-11", "2025-10"]


def test_a_few_months_of_one_year_stay_in_it() -> None:
    assert with_years([(None, 1), (None, 12)], TitleMonths(), 2026) == ["2026-01", "2026-12"]
    assert with_years([(None, 1), (None, 9)], TitleMonths(), 2025) == ["2025-01", "2025-09"]
    title = TitleMonths(("2025-12", "2026-01"), several=True)
    assert with_years([(None, 1), (None, 12)], title, 2025) == ["2026-01", "2025-12"]


def test_the_day_a_list_was_made_does_not_tell_the_year_of_a_month() -> None:
    assert only_year(["解放村帮扶车间工资表", "2026年1月10日"]) is None
    assert only_year(["解放村帮扶车间2025年工资表", "2026年1月10日"]) == 2025


def test_columns_that_go_on_into_the_next_year() -> None:
    assert with_years([(None, month) for month in (10, 11, 12, 1)], TitleMonths(), 2025)[-2:] == ["2025-12", "2026-01"]
    assert with_years([(None, month) for month in (12, 1)], TitleMonths(), 2025) == ["2025-12", "2026-01"]


def test_the_year_of_the_columns_is_not_that_of_the_handing_in() -> None:
    titles = ["解放村帮扶车间2026年工资表", "制表：2027年1月"]
    assert with_years([(None, 1), (None, 2)], read_months(titles), year_of(titles)) == ["2026-01", "2026-02"]


def test_october_that_lost_its_nought() -> None:
    assert with_years([(2026, 1), (2026, 11), (2026, 12)], TitleMonths(), None) == ["2026-10", "2026-11", "2026-12"]
    assert with_years([(2026, 9), (2026, 1)], TitleMonths(), None) == ["2026-09", "2026-10"]
    assert with_years([(2026, 1), (2026, 2)], TitleMonths(), None) == ["2026-01", "2026-02"]
