"""Whether two records are of one person: symmetric, monotonic, and what each slip is called."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.pinyin import syllables
from domain.likeness import (
    BIRTHS,
    LISTED,
    NAMES,
    NUMBERS,
    PLACES,
    SEXES,
    Somebody,
    compare_births,
    compare_numbers,
    hopeless,
    likeness,
    one_left_out,
    slip,
    slips,
)
from domain.name_likeness import Name, bare_name, compare
from tests.numbers import whole

ONE = whole("23082619700307002")


def named(name: str, id_number: str = "", **more: str) -> Somebody:
    return Somebody(name, syllables(name), id_number, **more)


_NUMBER = st.one_of(
    st.sampled_from([ONE, ONE[:9] + "1" + ONE[10:], whole("23082619700307004"), whole("23082619820901013"), "230826700307002", "无", ""]),
    st.text("0123456789X无", max_size=20),
)
_SOMEBODY = st.builds(
    named,
    st.one_of(st.sampled_from(["王淑珍", "王叔珍", "汪淑真", "王珍", "王珍淑", "李玲", "李铃", ""]), st.text(max_size=5)),
    _NUMBER,
    sex=st.sampled_from(["male", "female", ""]),
    birth=st.sampled_from(["1970-03-07", "1970-07-03", "1970-04-12", "1982-09-01", "1970", ""]),
    village=st.sampled_from(["230826105201", "230826105202", ""]),
    household=st.sampled_from(["h1", "h2", ""]),
    phone=st.sampled_from(["13800000001", "13800000002", ""]),
    account=st.sampled_from(["6217000000000000001", "6217000000000000002", ""]),
)


@settings(max_examples=300, deadline=None)
@given(_SOMEBODY, _SOMEBODY)
def test_the_order_of_two_records_does_not_matter(one: Somebody, other: Somebody) -> None:
    assert likeness(one, other) == likeness(other, one)


@settings(max_examples=300, deadline=None)
@given(_SOMEBODY, _SOMEBODY, st.sampled_from(["name", "sex", "birth", "village", "household", "phone", "account"]))
def test_what_is_made_equal_never_makes_two_records_less_alike(one: Somebody, other: Somebody, field: str) -> None:
    more = {"name": one.name, "sounds": one.sounds} if field == "name" else {field: getattr(one, field)}
    if any(more.values()):
        assert likeness(one, replace(other, **more)).score >= likeness(one, other).score


@settings(max_examples=300, deadline=None)
@given(_SOMEBODY, _SOMEBODY)
def test_what_is_hopeless_is_never_listed(one: Somebody, other: Somebody) -> None:
    assert not hopeless(one, other) or likeness(one, other).score < LISTED
    assert hopeless(one, other) == hopeless(other, one)


@pytest.mark.parametrize(
    "signs", [list(NAMES.values()), list(NUMBERS.values()), list(BIRTHS.values()), list(SEXES.values()), list(PLACES.values())]
)
def test_weights_fall_from_the_better_sign_to_the_worse(signs) -> None:
    assert [sign.weight for sign in signs] == sorted((sign.weight for sign in signs), reverse=True)
    beside = [sign.beside_number for sign in signs if sign.beside_number is not None]
    assert beside == sorted(beside, reverse=True)
    assert all(sign.text for sign in signs if sign.weight)


@pytest.mark.parametrize(
    ("one", "other", "grade"),
    [
        ("王淑珍", "王 淑珍", Name.SAME),
        ("闫玉霞", "阎玉霞", Name.VARIANT),
        ("张玲", "章铃", Name.SOUND),
        ("王淑珍", "王叔珍", Name.SOUND),
        ("李海", "李梅", Name.SHAPE),
        ("李末兰", "李未南", Name.HEARD),
        ("陈林", "岑凌", Name.HEARD),
        ("王秀兰", "王兰秀", Name.ORDER),
        ("王秀兰", "王兰", Name.SHORTER),
        ("王秀兰", "王秀英", Name.ONE_OTHER),
        ("王秀兰", "李春花", Name.DIFFERENT),
        ("王秀兰", "", Name.UNKNOWN),
        ("单雄", "陕雄", Name.SOUND),
        ("阿依古丽·买买提", "阿依古丽买买提", Name.SAME),
    ],
)
def test_names(one: str, other: str, grade: Name) -> None:
    assert compare(bare_name(one), bare_name(other), syllables(one), syllables(other)) is grade


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        (ONE, ONE, "same"),
        (ONE, ONE + "44", "same"),
        (ONE, "230826700307002", "generation"),
        (ONE, ONE[:9] + "1" + ONE[10:], "digit"),
        (ONE, ONE[:14] + ONE[15] + ONE[14] + ONE[16:], "same"),
        (ONE, ONE[:13] + ONE[14] + ONE[13] + ONE[15:], "swapped"),
        (ONE, ONE[:5] + ONE[6:], "length"),
        (ONE, whole("23082619790307002"), "near"),
        (ONE, whole("23082619700307004"), "twins"),
        (ONE, whole("23082619820901013"), "apart"),
        (ONE, "230826198209010000", "unlike"),
        (ONE, "无", "unknown"),
        ("无", "无", "unknown"),
    ],
)
def test_two_numbers_are_alike_whichever_comes_first(one: str, other: str, key: str) -> None:
    assert compare_numbers(named("", one), named("", other)) == compare_numbers(named("", other), named("", one)) == key


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        ("1970-03-07", "1970-03-07", "same"),
        ("1970-03-07", "1970-07-03", "slip"),
        ("1970-03-07", "1979-03-07", "slip"),
        ("1970-03-07", "1970-04-12", "lunar"),
        ("1970-03-07", "1982-09-01", "other"),
        ("1970-03-07", "1970", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_two_births_are_alike_where_one_slip_makes_the_other(one: str, other: str, key: str) -> None:
    assert compare_births(one, other) == key


def test_slips_are_those_that_are_recognised() -> None:
    found = slips(ONE)
    assert ONE not in found and slips("无") == slips("") == []
    for other in found:
        longer, shorter = sorted((ONE, other), key=len, reverse=True)
        assert slip(ONE, other) if len(other) == 18 else one_left_out(longer, shorter)
    dice = Random(1)
    for _n in range(50):
        place = dice.randrange(18)
        wrong = ONE[:place] + str((int(ONE[place].replace("X", "0")) + 1) % 10) + ONE[place + 1 :]
        assert wrong in found and ONE in slips(wrong)


def test_a_family_is_no_duplicate() -> None:
    home = {"village": "v", "household": "h", "phone": "13800000001", "account": "6217000000000000001"}
    one = named("王建国", ONE, **home)
    for other in (
        named("王建军", whole("23082619700307004"), **home),
        named("王健国", whole("23082619700307004"), **home),
        named("王建国", whole("23082619950102001"), **home),
        named("王建", whole("23082619950102001"), **home),
        named("王建国", whole("23082619700307113"), village="v"),
    ):
        assert likeness(one, other).score < LISTED, other.name
