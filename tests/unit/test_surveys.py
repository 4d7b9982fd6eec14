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
