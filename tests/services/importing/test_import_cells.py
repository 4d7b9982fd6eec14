"""Cells to values: what is repaired, what is refused, what is only doubtful."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import FieldError
from domain.fields import Field, declaration
from domain.identity import clean_id, id_problem
from domain.records import CategorySpan, Course, Employment, Enrolment, Person, Target, Travel, Wage
from services.importing.values.cells import Column, Masked, Notice, reader, text_of
from services.importing.values.id_cells import Doubtful, Number, read_id
from services.importing.values.other_names import read_name
from tests.rosters import id_number

VALID = "230826197908178768"


def read(attribute: Any, cell: Any) -> tuple[Any, list[str]]:
    field: Field = declaration(attribute)
    notices: list[Notice] = []
    return reader(field, home="230826101202")(cell, notices), [notice.code for notice in notices]


def codes(cell: Any) -> tuple[Any, list[str]]:
    notices: list[Notice] = []
    return read_id(cell, notices), [notice.code for notice in notices]


@pytest.mark.parametrize(
    ("attribute", "cell", "value"),
    [
        (Person.relation, " 户 主 ", "户主"),
        (Person.labour, "弱劳动力", "weak"),
        (Person.nation, "汉", "汉族"),
        (Person.health, "残疾、长期慢性病", frozenset({"残疾", "长期慢性病"})),
        (Person.school_state, "无", None),
        (Person.school_state, "非在校生", None),
        (Person.school_state, "高二", "普通高中二年级"),
        (CategorySpan.risks, "缺技术、因灾", frozenset({"其他", "因自然灾害"})),
        (CategorySpan.category, "一般贫困户", "lifted"),
        (CategorySpan.category, "'脱贫户", "lifted"),
        (Person.note, "5e3", "5e3"),
        (Person.note, "好\u200b人\ufeff", "好人"),
        (Person.note, "好\u2066人\u2069", "好人"),
        (Target.area, "230826000000", "230826"),
        (Person.phone, "１３８００１３８０００", "13800138000"),
        (Person.phone, 13800138000.0, "13800138000"),
        (Person.number, 2308260000000100.0 / 10, "230826000000010"),
        (Person.birth, datetime(1979, 8, 17), "1979-08-17"),
        (Person.birth, date(1979, 8, 17), "1979-08-17"),
        (Person.birth, 29084.0, "1979-08-17"),
        (Person.birth, 29084, "1979-08-17"),
        (Employment.start, "45060", "2023-05-14"),
        (Employment.start, "2023年06月", "2023-06"),
        (Employment.start, "23年3月", "2023-03"),
        (Employment.end, "9999-12-31", None),
        (Employment.end, datetime(9999, 12, 31), None),
        (Employment.monthly_wage, "4.5千元", 450000),
        (Employment.start, "202306", "2023-06"),
        (Employment.start, 202306.0, "2023-06"),
        (Employment.start, "2023.6", "2023-06"),
        (Employment.monthly_wage, "3,800", 380000),
        (Employment.monthly_wage, "3 800", 380000),
        (Wage.amount, "1\xa0203.50元", 120350),
        (Employment.monthly_wage, "￥3800元", 380000),
        (Employment.monthly_wage, 6100.5, 610050),
        (Employment.monthly_wage, 0.1 + 0.2, 30),
        (Employment.monthly_wage, "1.2万", 1_200_000),
        (Employment.monthly_wage, "0.35 万元", 350_000),
        (Employment.monthly_wage, "3,000元/月", 300_000),
        (Employment.monthly_wage, "每月600元", 60_000),
        (Employment.monthly_wage, "'3000", 300_000),
        (Employment.monthly_wage, "1,200元整", 120_000),
        (Employment.employer_name, "大连\n某厂", "大连某厂"),
        (Employment.employer_name, "ABC\r\n厂", "ABC 厂"),
        (Person.note, "一\n二", "一\n二"),
        (Employment.point_to_point, "□", False),
        (Employment.point_to_point, "V", True),
        (Employment.point_to_point, "■", True),
        (Employment.end, "至今", None),
        (Employment.end, "仍在务工", None),
        (Employment.end, "无", None),
        (Employment.end, 0.0, None),
        (Employment.start, "2023年6月初", "2023-06"),
        (Employment.start, "2023‐06‐05", "2023-06-05"),
        (Person.phone, "无", None),
        (Person.sex, 1.0, "male"),
        (Person.relation, "妻子", "配偶"),
        (Person.education, "中专", "高中"),
        (Person.political, "党员", "中共党员"),
        (Employment.point_to_point, "否", False),
        (Employment.point_to_point, True, True),
        (Employment.place, "吉林省长春市朝阳区", "220104"),
        (Employment.place, "北京市北京市朝阳区", "110105"),
        (Employment.channel, "公益岗位", "public_post"),
        (Employment.contract, "—", None),
        (CategorySpan.category, "脱贫户", "lifted"),
        (CategorySpan.start, "2021年06月", "2021-06"),
        (Wage.month, date(2023, 6, 1), "2023-06"),
        (Course.hours, "80课时", 80),
        (Enrolment.days_present, 10.0, 10),
    ],
)
def test_what_clerks_write(attribute: Any, cell: Any, value: Any) -> None:
    assert read(attribute, cell)[0] == value


@pytest.mark.parametrize(
    ("attribute", "cell", "code"),
    [
        (Person.relation, "亲戚", "choice"),
        (Person.labour, "强", "choice"),
        (Person.labour, "无", "choice"),
        (Employment.start, "至今", "date"),
        (Wage.amount, "1.2345678万", "money"),
        (Person.birth, "1979-02-30", "date"),
        (Employment.start, "去年", "date"),
        (Employment.start, "20236", "date"),
        (Wage.amount, "38 00", "money"),
        (Employment.start, 2023.1, "date"),
        (Employment.place, "火星", "place"),
        (Employment.point_to_point, "也许", "choice"),
        (Wage.amount, "面议", "money"),
        (Wage.month, "2023-06-15", "date"),
        (Person.number, 2.3e16, "digits_lost"),
        (Person.bank_account, 6.22848e18, "digits_lost"),
        (Person.number, "2.3E+17", "digits_lost"),
    ],
)
def test_what_bars_a_row(attribute: Any, cell: Any, code: str) -> None:
    with pytest.raises(FieldError) as error:
        read(attribute, cell)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("attribute", "cell", "value", "code"),
    [
        (Enrolment.score, "缺考", None, "int"),
        (Employment.monthly_wage, "面议", None, "money"),
        (Employment.contract_start, "2022年10月", None, "date_coarse"),
        (Employment.place, "黑龙江省佳木斯市", "230800", "place_coarse"),
        (Person.phone, "12345", "12345", "length"),
        (Person.bank_account, "6228480000000000001", "6228480000000000001", "checksum"),
    ],
)
def test_what_is_only_doubtful(attribute: Any, cell: Any, value: Any, code: str) -> None:
    assert read(attribute, cell) == (value, [code])


@pytest.mark.parametrize(("cell", "place"), [("俄罗斯", "990000"), ("香港", "810000"), ("990000", "990000")])
def test_a_place_abroad_has_no_county_to_ask_for(cell: str, place: str) -> None:
    assert read(Employment.place, cell) == (place, [])


def test_a_masked_secret_is_told_apart() -> None:
    value, _codes = read(Person.phone, "138****8000")
    assert isinstance(value, Masked)
    assert isinstance(codes("**************8768")[0], Masked)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("23082619620919350x", "lower_x"),
        ("'" + VALID, "quote"),
        (f'="{VALID}"', "quote"),
        ("\t" + VALID, "tab"),
        ("230826 19790817 8768", "spaces"),
        ("２３０８２６１９７９０８１７８７６８", "full_width"),
        ("身份证：" + VALID, "words"),
        (VALID + "（户主）", "words"),
        ("230826-19790817-8768", "words"),
        ("23082619890308136344", "twenty"),
        ("230826790817876", "fifteen"),
    ],
)
def test_repairs_of_an_id_number_are_told(cell: str, code: str) -> None:
    value, told = codes(cell)
    assert isinstance(value, Number)
    assert code in told
    assert id_problem(value.id18) is None
    assert value.original == (clean_id(cell) if code in ("twenty", "fifteen") else None)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("230826197908178769", "checksum"),
        (2.3082619531219e17, "digits_lost"),
        ("2.30826E+17", "digits_lost"),
        ("230826197913178768", "birth_date"),
        ("2308261979081787", "length"),
        ("暂留", "characters"),
        (f"{VALID} {VALID}", "length"),
    ],
)
def test_numbers_that_are_none(cell: Any, problem: str) -> None:
    value, _told = codes(cell)
    assert isinstance(value, Doubtful)
    assert value.problem == problem


def test_names_lose_their_blanks_and_nothing_is_no_name() -> None:
    notices: list[Notice] = []
    assert read_name("张　三", notices) == "张三"
    assert [notice.code for notice in notices] == ["spaces"]
    assert read_name("欧阳涛垚", []) == "欧阳涛垚"
    assert {read_name(f"阿依古丽{dot}买买提", []) for dot in "·•‧・．."} == {"阿依古丽·买买提"}
    assert read_name("John  Smith", []) == "John Smith"
    assert {read_name(nothing, []) for nothing in (" ", "NULL", "null", "无", "—")} == {None}
    for name in ("王?华", "王□华", "王\ue123华"):  # made up by one machine, or lost on the way
        lost: list[Notice] = []
        assert read_name(name, lost) == name
        assert [(notice.level, notice.code) for notice in lost] == [("warn", "lost_character")]
    rare: list[Notice] = []
    assert (read_name("䶮𠮷", rare), rare) == ("䶮𠮷", [])


@pytest.mark.parametrize(
    ("cell", "text"), [(1.0, "1"), (1.5, "1.5"), (True, "是"), ('="0123"', "0123"), (date(2023, 1, 2), "2023-01-02"), ("a\x00b", "ab")]
)
def test_text_of_cells(cell: Any, text: str) -> None:
    assert text_of(cell) == text


def test_the_mark_that_keeps_a_formula_text_is_taken_off() -> None:
    assert read(Person.note, "'=1+1")[0] == "=1+1"
    assert read(Person.note, "=1+1")[0] == "=1+1"
    assert read(Person.note, "'quoted'")[0] == "'quoted'"


def test_each_distinct_cell_is_read_once() -> None:
    calls: list[Any] = []

    def once(cell: Any, notices: list[Notice]) -> Any:
        calls.append(cell)
        return cell

    column = Column(once)
    assert [column[cell] for cell in ("a", "b", "a", "a")] == ["a", "b", "a", "a"]
    assert calls == ["a", "b"]


@given(st.integers(0, 10**6), st.sampled_from("男女"))
def test_the_quick_reading_of_a_number_agrees_with_the_full_one(serial: int, sex: str) -> None:
    number = id_number(random.Random(0), sex, serial)
    value, told = codes(number)
    assert value == Number(number, None, "male" if sex == "男" else "female", f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    assert told == []


@given(st.text(alphabet="0123456789Xx", min_size=18, max_size=18))
def test_whatever_looks_like_a_number_is_judged_as_identity_judges(text: str) -> None:
    value, _told = codes(text)
    assert isinstance(value, Number) == (id_problem(text) is None)


@given(st.text(max_size=40) | st.floats(allow_nan=False) | st.integers(-(10**20), 10**20) | st.booleans())
def test_no_cell_whatever_breaks_a_reader(cell: Any) -> None:
    for attribute in (
        Person.name,
        Person.relation,
        Person.health,
        Person.birth,
        Person.phone,
        Employment.place,
        Employment.monthly_wage,
        Course.hours,
    ):
        try:
            read(attribute, cell)
        except FieldError:
            continue
    codes(cell)


def test_a_list_nested_for_ever_is_no_list() -> None:
    with pytest.raises(FieldError, match="不是列表"):
        read(Person.health, "[" * 30_000)


@pytest.mark.parametrize(("cell", "said"), [(60.5, "不是整数"), ("60.5", "不是整数"), ("缺考", "不是数字")])
def test_a_half_is_a_number_but_no_whole_one(cell: object, said: str) -> None:
    notices: list[Notice] = []
    assert reader(declaration(Enrolment.score), home="230826101202")(cell, notices) is None
    assert said in notices[0].message


def test_an_amount_with_a_third_decimal_says_how_to_write_it() -> None:
    notices: list[Notice] = []
    assert reader(declaration(Travel.homeward), home="230826")("300.005", notices) is None
    assert notices[0].message == "返程金额：金额最多写到分，请写成 300.00 或 300.01；「300.005」没有导入，该格留空"
