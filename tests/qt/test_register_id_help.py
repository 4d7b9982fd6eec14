"""What an ID number says while it is typed."""

import pytest

from desktop.register.view_model import State, read_id

TODAY = "2026-11-23"


def test_nothing_typed_says_nothing() -> None:
    assert read_id("  ").state is State.EMPTY


@pytest.mark.parametrize("text", ["2", "230826", "23082619780505095", "230826780505"])
def test_a_short_number_is_not_called_wrong_while_it_is_typed(text: str) -> None:
    assert read_id(text).state is State.TYPING
    assert read_id(text, left=True).state is State.WRONG


@pytest.mark.parametrize(
    ("text", "sex", "birth"),
    [
        ("230826197805050956", "male", "1978-05-05"),
        ("23082619620919350x", "female", "1962-09-19"),
        ("'２３０８２６１９７８０５０５０９５６", "male", "1978-05-05"),
    ],
)
def test_a_valid_number_says_sex_birth_and_age(text: str, sex: str, birth: str) -> None:
    help = read_id(text, today=TODAY)
    assert (help.state, help.sex, help.birth) == (State.VALID, sex, birth)
    assert f"{2026 - int(birth[:4])} 岁" in help.sentence


def test_a_disability_number_is_known_as_one() -> None:
    assert read_id("23082619780505095643", today=TODAY).disability


def test_a_slip_is_told_and_the_right_number_proposed() -> None:
    help = read_id("230826197805050965", region="230826")  # two neighbours swapped
    assert help.state is State.WRONG
    assert "校验" in help.sentence
    assert "230826197805050956" in [one.number for one in help.suggestions]
    assert "男" in next(one.note for one in help.suggestions if one.number == "230826197805050956")


def test_lost_digits_are_told_and_nothing_is_proposed() -> None:
    help = read_id("230826197805050000")
    assert help.state is State.WRONG
    assert help.suggestions == ()
