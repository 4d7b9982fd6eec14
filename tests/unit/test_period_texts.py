"""Fuzzy dates, and periods as people write them: what a text is read as, and what is none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import clock
from domain.errors import FieldError
from domain.periods import (
    Precision,
    first_day,
    from_excel_serial,
    grade,
    is_ongoing,
    last_day,
    longest,
    parse_date,
    parse_fdate,
    parse_month,
    parse_range,
    precision,
    shortest,
    term,
    term_start,
    with_century,
)

# ---------------------------------------------------------------- fuzzy dates


def test_first_and_last_day():
    assert (first_day("2023"), last_day("2023")) == ("2023-01-01", "2023-12-31")
    assert (first_day("2024-02"), last_day("2024-02"), last_day("2023-02")) == ("2024-02-01", "2024-02-29", "2023-02-28")
    assert first_day("2023-06-05") == last_day("2023-06-05") == "2023-06-05"
    assert [precision(text) for text in ("2023", "2023-06", "2023-06-05")] == [Precision.YEAR, Precision.MONTH, Precision.DAY]
    with pytest.raises(ValueError, match="规范"):
        precision("2023/06")


def test_months_only_give_a_least_and_a_most():
    assert shortest("2023-06", "2023-08", "2024-01-01") == ("2023-06-30", "2023-08-01")
    assert longest("2023-06", "2023-08", "2024-01-01") == ("2023-06-01", "2023-08-31")
    assert shortest("2023-06", "2023-06", "2024-01-01") is None
    assert longest("2023-06-05", None, "2023-06-01") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2023年6月", "2023-06"),
        ("2023年06月", "2023-06"),
        ("2023-06", "2023-06"),
        ("202306", "2023-06"),
        ("202306.0", "2023-06"),
        ("2023.6", "2023-06"),
        ("2023年6月份", "2023-06"),
        ("2023/1/5", "2023-01-05"),
        ("2023年9月30日", "2023-09-30"),
        ("2023年9月30号", "2023-09-30"),
        ("2023.9.30日", "2023-09-30"),
        ("2023年9.30", "2023-09-30"),
        ("20230905", "2023-09-05"),
        ("2023.1.1", "2023-01-01"),
        ("２０２３．１．１", "2023-01-01"),
        (" 2023 年 1 月 1 日 ", "2023-01-01"),
        ("2023-06-05 00:00:00", "2023-06-05"),
        ("2023-06-05T08:00:00Z", "2023-06-05"),
        ("2023年", "2023"),
        ("2023", "2023"),
    ],
)
def test_dates_are_read_however_they_are_written(text, value):
    assert parse_fdate(text) == value
    assert parse_fdate(value) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2023-02-29", "没有 29 日"),
        ("2023年13月", "没有 13 月"),
        ("2023-00-01", "没有 0 月"),
        ("20230230", "没有 30 日"),
        ("23年6月", "四位"),
        ("23.6.5", "四位"),
        ("45082", "序号"),
        ("1823-01-01", "1900"),
        ("2023-6.5", "看不出"),
        ("去年", "看不出"),
        ("", "看不出"),
    ],
)
def test_what_is_no_date_says_why(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse_fdate(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("二〇二六年三月", "2026-03"),
        ("2026年十二月", "2026-12"),
        ("一九七九年八月十七日", "1979-08-17"),
        ("二○二六年十二月二十一日", "2026-12-21"),
        ("1979、8、17", "1979-08-17"),
        ("2026年11月30日止", "2026-11-30"),
        ("到2026年11月", "2026-11"),
        ("1979年08月17日 00:00:00", "1979-08-17"),
    ],
)
def test_dates_in_han_figures_and_with_other_marks(text, value):
    assert parse_fdate(text) == value


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("23年3月", "2023年3月"),
        ("26.3～26.11", "2026.3~2026.11"),
        ("98.6.1", "1998.6.1"),
        ("79年8月17日", "1979年8月17日"),
        ("23.11-24.2", "2023.11-2024.2"),
        ("5.12", "5.12"),
        ("12.5", "12.5"),
        ("2026.3.15-3.31", "2026.3.15-3.31"),
        ("2026年3月5日-20日", "2026年3月5日-20日"),
        ("2023-3-2023-8", "2023-3-2023-8"),
        ("2023-3-15-20", "2023-3-15-20"),
        ("2023-03-15-8-15", "2023-03-15-8-15"),
        ("2023/3/15-8/15", "2023/3/15-8/15"),
        ("2023/3/15-20", "2023/3/15-20"),
        ("2023/3/15-23/8/15", "2023/3/15-2023/8/15"),
        ("20年", "20年"),
    ],
)
def test_years_of_two_digits_that_can_be_nothing_else_are_written_out(text, filled):
    assert with_century(text, 2046) == filled


def test_nobody_is_born_in_years_to_come():
    assert with_century("36年3月", 2026) == "1936年3月"
    assert with_century("36年3月", 2046) == "2036年3月"


@pytest.mark.parametrize(
    "text", ["9999-12-31", "9999/12/31", "2099-12-31", "2099年12月31日", "99991231", "9999-12-31 00:00:00", "长期有效"]
)
def test_days_that_mean_no_end(text):
    assert is_ongoing(text)
    assert parse_range(f"2026.3.1至{text}") == ("2026-03-01", None)


def test_a_day_of_an_end_is_a_day():
    assert not is_ongoing("2098-12-31")
    assert not is_ongoing("2099-12-30")


def test_dates_and_months_need_their_precision():
    assert (parse_date("2023.6.5"), parse_month("2023年6月")) == ("2023-06-05", "2023-06")
    assert parse_month("2023-06-01 00:00:00") == "2023-06"  # how a spreadsheet stores a month
    with pytest.raises(ValueError, match="写到日"):
        parse_date("2023-06")
    for text in ("2023-06-15", "2023", "2023-01-01-01"):
        with pytest.raises(ValueError, match="2023"):
            parse_month(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2023/1/5—2023/5/20", "2023-01-05", "2023-05-20"),
        ("2023.3.5-2023.6.20", "2023-03-05", "2023-06-20"),
        ("2023年2月5日至2023年8月20日", "2023-02-05", "2023-08-20"),
        ("2023-03-05 - 2023-06-20", "2023-03-05", "2023-06-20"),
        ("20230305-20230620", "2023-03-05", "2023-06-20"),
        ("2023-06-05 00:00:00至2023-08-20 00:00:00", "2023-06-05", "2023-08-20"),
        ("2023年2月-5月", "2023-02", "2023-05"),
        ("2023.3-2023.8", "2023-03", "2023-08"),
        ("2023-3-2023-8", "2023-03", "2023-08"),
        ("202303～202308", "2023-03", "2023-08"),
        ("2023.2-5", "2023-02", "2023-05"),
        ("2023/1/5-5/20", "2023-01-05", "2023-05-20"),
        ("2023年2月5日-20日", "2023-02-05", "2023-02-20"),
        ("2023年11月至次年2月", "2023-11", "2024-02"),
        ("2022-2023", "2022", "2023"),
        ("2023年3月到5月20日止", "2023-03", "2023-05-20"),
        ("2023.3.5-至今", "2023-03-05", None),
        ("2023年3月至今", "2023-03", None),
        ("2023年3月起", "2023-03", None),
        ("2023年6月", "2023-06", "2023-06"),
        ("从2023年3月到2023年8月底", "2023-03", "2023-08"),
        ("2023-01-01至无固定期限", "2023-01-01", None),
        ("2023.3.5-2023.2.1", "2023-03-05", "2023-02-01"),  # written out in full: the data checks say so
    ],
)
def test_ranges_are_read_however_they_are_written(text, start, end):
    assert parse_range(text) == (start, end)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2023年秋季学期", "2023-autumn"),
        ("2023秋", "2023-autumn"),
        ("2024-spring", "2024-spring"),
        ("2023-2024学年第一学期", "2023-autumn"),
        ("2023-2024学年下学期", "2024-spring"),
        ("2023-2025学年第二学期", "2023-2025学年第二学期"),
        ("第一学期", "第一学期"),
    ],
)
def test_school_terms_are_kept_in_one_form(text, kept):
    assert term(text) == kept
    assert term(kept) == kept


def test_a_term_begins_when_terms_do():
    assert [term_start(t) for t in ("2023-autumn", "2024-spring", "第一学期")] == ["2023-09-01", "2024-03-01", None]


@pytest.mark.parametrize(("text", "kept"), [("中职二年级", "2"), ("一年级", "1"), ("3", "3"), ("大二", "2"), ("毕业班", "毕业班")])
def test_school_grades_are_kept_in_one_form(text, kept):
    assert grade(text) == kept


@pytest.mark.parametrize(
    "text", ["2023.3.5", "2023.3.5-", "2023年11月-2月", "2023.3.5-2.1", "2023-3-8", "23.3.5-23.6.20", "2023.3.5-2023.2.30", "三月", ""]
)
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        parse_range(text)


@given(st.text(alphabet="0123456789年月日至-—./ 今止起号:T", max_size=24))
def test_parsing_raises_nothing_else(text):
    for parse in (parse_fdate, parse_date, parse_month, parse_range):
        with suppress(FieldError):
            found = parse(text)
            for value in found if isinstance(found, tuple) else (found,):
                assert value is None or first_day(value) <= last_day(value)


@pytest.mark.parametrize(
    ("serial", "day"), [(45082, "2023-06-05"), (45082.75, "2023-06-05"), (1, "1900-01-01"), (59, "1900-02-28"), (61, "1900-03-01")]
)
def test_excel_serial(serial, day):
    assert from_excel_serial(serial) == day


@pytest.mark.parametrize("number", [0, -5, 60, 99999, float("nan"), float("inf"), True])
def test_no_excel_serial(number):
    with pytest.raises(ValueError, match=r"日期|没有"):
        from_excel_serial(number)


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("2月10日", "2023年2月10日"),
        ("2.10", "2023年2月10日"),
        ("10月", "2023年10月"),
        ("10号", "2023年1月10号"),
        ("明年", "2024年"),
        ("明年3月", "2024年3月"),
        ("去年度", "2022年"),
        ("上个月", "2022年12月"),
        ("下月10日", "2023年2月10日"),
        ("昨天", "2022-12-31"),
    ],
)
def test_a_date_that_is_not_written_in_full_is_refused_with_what_to_write(typed: str, full: str, monkeypatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: "2023-01-01")
    for read in (parse_fdate, parse_date, parse_month):
        with pytest.raises(FieldError, match=f"“{typed}”看不出.*请写全，例如 {full}$"):
            read(typed)
    assert parse_fdate(full)  # what it says can be read


@pytest.mark.parametrize("typed", ["2.45", "0.5", "年底"])
def test_what_is_no_day_of_any_year_is_told_so(typed: str) -> None:
    with pytest.raises(FieldError, match="看不出是哪一天"):
        parse_fdate(typed)


def test_an_untold_part_of_a_year_is_asked_for_in_that_year(monkeypatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: "2023-01-01")
    with pytest.raises(FieldError, match="请写成 2022年10月"):
        parse_fdate("去年秋天")


@pytest.mark.parametrize("text", ["自2024年2月20日起至2024年8月31日止", "2024年2月20日起，至8月31日止"])
def test_a_range_as_contracts_write_it(text: str) -> None:
    assert parse_range(text) == ("2024-02-20", "2024-08-31")
