"""How answers to a survey's questions are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import surveys
from domain.errors import FieldError
from domain.records import SurveyItem

ITEMS = {
    "yes_no": "",
    "choice": "去南方、留本县、不出去",
    "choices": "电焊、家政、月嫂、养殖",
    "number": "",
    "date": "",
    "text": "",
}


def item(type: str) -> SurveyItem:
    return SurveyItem(id="i", village="230826100201", survey_id="s", label="问题", type=type, choices=ITEMS[type] or None)


@pytest.mark.parametrize(
    ("type", "typed", "kept"),
    [
        ("yes_no", "1", "是"),
        ("yes_no", "2", "否"),
        ("yes_no", "√", "是"),
        ("yes_no", "否", "否"),
        ("choice", "2", "留本县"),
        ("choice", "不出去 ", "不出去"),
        ("choices", "41", "电焊、养殖"),
        ("choices", "养殖，电焊", "电焊、养殖"),
        ("choices", "３", "月嫂"),
        ("number", "1,200.50", "1200.5"),
        ("number", "－3", "-3"),
        ("number", "0.00", "0"),
        ("number", "4000元", "4000"),
        ("date", "2026年3月", "2026-03"),
        ("text", "  想学电焊 ", "想学电焊"),
        ("text", "  ", None),
        ("choices", "、,", None),
    ],
)
def test_what_is_kept_of_what_is_typed(type: str, typed: str, kept: str | None) -> None:
    assert surveys.read(item(type), typed, keys=True) == kept


@pytest.mark.parametrize(
    ("type", "typed"),
    [
        ("yes_no", "也许"),
        ("choice", "4"),
        ("choice", "0"),
        ("choices", "15"),
        ("number", "三十"),
        ("number", "1e9"),
        ("number", "3千"),
        ("number", "3000-4000"),
        ("date", "去年"),
        ("text", "字" * 301),
        ("text", "卡号 6217001234567890123"),
    ],
)
def test_what_does_not_fit_is_refused(type: str, typed: str) -> None:
    with pytest.raises(FieldError):
        surveys.read(item(type), typed, keys=True)


def test_a_number_with_zeros_in_front_is_no_choice() -> None:
    """It was taken for choice 11 of 2, and the program stopped."""
    with pytest.raises(FieldError):
        surveys.read(item("yes_no"), "0011", keys=True)
    with pytest.raises(FieldError):
        surveys.read(item("choice"), "0011", keys=True)


def test_a_number_is_no_key_where_a_sheet_is_read() -> None:
    with pytest.raises(FieldError):
        surveys.read(item("choice"), "2")
    assert surveys.read(item("yes_no"), "1") == "是"


@given(st.sampled_from(sorted(ITEMS)), st.text(max_size=40))
def test_what_is_kept_is_read_back_as_it_is(type: str, typed: str) -> None:
    """What a sheet was filled with comes back from an exported one as the same answer."""
    try:
        kept = surveys.read(item(type), typed, keys=True)
    except FieldError:
        return
    assert kept is None or surveys.read(item(type), kept) == kept


@pytest.mark.parametrize(
    ("type", "label", "choices"),
    [
        ("choice", "去哪", "南方"),
        ("choices", "去哪", "字" * 21 + "、南方"),
        ("text", " ", ""),
        ("text", "字" * 41, ""),
        ("choice", "去哪", "、".join(map(str, range(21)))),
    ],
)
def test_a_question_that_cannot_be_asked(type: str, label: str, choices: str) -> None:
    with pytest.raises(FieldError):
        surveys.question(type, label, choices)


def test_choices_are_kept_apart_by_one_sign() -> None:
    assert surveys.question("choice", "去哪", "南方, 本县；本县\n不去") == "南方、本县、不去"
    assert surveys.question("text", "去哪", "南方、本县") == ""


def question(id: str, label: str, type: str = "yes_no", choices: str | None = None, asked_if: str | None = None) -> SurveyItem:
    return SurveyItem(id=id, village="2308", survey_id="s", label=label, type=type, choices=choices, asked_if=asked_if)


CHAIN = [
    question("a", "出去吗"),
    question("b", "去哪", "choice", "南方、本县", "出去吗=是"),
    question("c", "会什么", "choices", "电焊、家政", "去哪=南方"),
    question("d", "几人", "number", asked_if="会什么=电焊"),
]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("1=是", "出去吗=是"),
        ("出去吗＝是", "出去吗=是"),
        (" 2 = 本县，南方 ", "去哪=南方、本县"),
        ("2=2", "去哪=本县"),
        ("1=2", "出去吗=否"),
    ],
)
def test_a_condition_names_an_earlier_question_and_its_answers(typed: str, kept: str) -> None:
    assert surveys.condition(typed, 3, CHAIN) == kept


@pytest.mark.parametrize("typed", ["是", "3=电焊", "9=是", "1=也许", "1=", "几人=2", "=是", "²=是", "0011=是", "1=0011"])
def test_a_condition_that_cannot_be_met_is_refused(typed: str) -> None:
    with pytest.raises(FieldError):
        surveys.condition(typed, 3, CHAIN)


def test_a_condition_without_its_question_is_named_by_what_was_typed() -> None:
    """Its number would be another one in the form, whose empty places are numbered too."""
    with pytest.raises(FieldError, match="「9=是」"):
        surveys.condition("9=是", 3, CHAIN)


def test_only_questions_with_choices_can_be_depended_on() -> None:
    with pytest.raises(FieldError, match="不是选择题"):
        surveys.condition("4=2", 5, CHAIN)


@pytest.mark.parametrize(
    ("answers", "ids"),
    [
        ({}, "a"),
        ({"a": "否"}, "a"),
        ({"a": "是"}, "ab"),
        ({"a": "是", "b": "南方"}, "abc"),
        ({"a": "是", "b": "南方", "c": "电焊、家政"}, "abcd"),
        ({"a": "否", "b": "南方", "c": "电焊"}, "a"),  # what is not asked meets no condition, whatever was said before
    ],
)
def test_who_is_asked_what(answers: dict[str, str], ids: str) -> None:
    assert "".join(item.id for item in surveys.asked(surveys.conditions(CHAIN), answers)) == ids


def test_a_condition_is_void_whose_question_is_gone_or_comes_later() -> None:
    assert [item.id for item in surveys.asked(surveys.conditions(CHAIN[1:2]), {})] == ["b"]
    assert [item.id for item in surveys.asked(surveys.conditions([CHAIN[1], CHAIN[0]]), {})] == ["b", "a"]


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["是", "否", "南方", "本县", "电焊", "电焊、家政", "2"])))
def test_further_answers_never_take_away_a_question_that_was_answered_before_them(answers: dict[str, str]) -> None:
    known = surveys.conditions(CHAIN)
    asked = {item.id for item in surveys.asked(known, answers)}
    for id in "abcd":
        fewer = {key: value for key, value in answers.items() if key < id}
        assert {item.id for item in surveys.asked(known, fewer) if item.id <= id} == {one for one in asked if one <= id}
