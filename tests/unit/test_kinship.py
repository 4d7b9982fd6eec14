"""What everybody is to a new head."""

import pytest

from domain.kinship import related
from domain.records.choices import RELATIONS


@pytest.mark.parametrize(
    ("head", "before", "member", "sex", "expected"),
    [
        ("之子", "male", "之儿媳", "female", "配偶"),
        ("之子", "male", "之孙女", "female", "之女"),
        ("之子", "male", "户主", "male", "之父"),
        ("之子", "male", "配偶", "female", "之母"),
        ("之子", "female", "之母", "female", "之外祖母"),
        ("配偶", "male", "户主", "male", "配偶"),
        ("配偶", "male", "之子", "male", "之子"),
        ("配偶", "male", "之母", "female", "之婆婆"),
        ("配偶", "female", "之母", "female", "之岳母"),
        ("配偶", "male", "之岳父", "male", "之父"),
        ("之女", "male", "之女婿", "male", "配偶"),
        ("之儿媳", "male", "户主", "male", "之公公"),
        ("之父", "male", "户主", "male", "之子"),
        ("之父", "female", "之子", "male", "之外孙子"),
        ("户主", "male", "之孙子", "male", "之孙子"),
        ("之子", "male", "其他", "male", ""),  # does not follow
        ("其他", "male", "户主", "male", ""),
        ("之子", "male", "配偶", None, ""),  # father or mother: nobody knows
        (None, "male", "配偶", "female", ""),
    ],
)
def test_what_follows_from_the_old_words(head, before, member, sex, expected) -> None:
    assert related(head, before, member, sex) == expected


def test_of_several_couples_nobody_knows_whose_wife_and_child_they_are() -> None:
    assert related("之子", "male", "之儿媳", "female", several=True) == ""
    assert related("之子", "male", "之孙子", "male", several=True) == ""
    assert related("之子", "male", "配偶", "female", several=True) == "之母"


def test_every_answer_is_a_word_of_the_form() -> None:
    for head in RELATIONS:
        for member in RELATIONS:
            for before in ("male", "female", None):
                for sex in ("male", "female", None):
                    assert related(head, before, member, sex) in {"", *RELATIONS}
