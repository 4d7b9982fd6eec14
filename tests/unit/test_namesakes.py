"""People of the same name in one village are told apart in lists and sentences."""

import pytest

from domain.namesakes import Bearer, marked, marks

A, B = "230826101202", "230826101203"


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([("a", A, "李雪", "1988-02-01", "230826198802010027"), ("b", A, "李雪", "1990", "230826199001010029")], ["1988年生", "1990年生"]),
        ([("a", A, "李雪", "1988", "230826198802010027"), ("b", A, "李雪", "1988-05", "230826198805010029")], ["尾号 0027", "尾号 0029"]),
        ([("a", A, "李雪", None, None), ("b", A, "李雪", "1988", None)], ["", "1988年生"]),
        ([("a", A, "李雪", "1988", None), ("b", B, "李雪", "1990", None)], [None, None]),
        ([("a", A, "李雪", "1988", None), ("b", A, "李雪梅", "1990", None)], [None, None]),
    ],
)
def test_only_namesakes_of_one_village_are_marked(
    people: list[tuple[str, str, str, str | None, str | None]], expected: list[str | None]
) -> None:
    found = marks(Bearer(*one) for one in people)
    assert [found.get(id) for id in ("a", "b")] == expected


def test_a_name_without_a_mark_stays() -> None:
    assert (marked("李雪", ""), marked("李雪", "1988年生")) == ("李雪", "李雪（1988年生）")
