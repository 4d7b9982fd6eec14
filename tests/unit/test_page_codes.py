"""The code on a printed page."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.page_codes import PageCode, parse, text


@given(st.uuids(), st.sampled_from("ABZ"), st.integers(1, 99), st.integers(1, 99))
def test_a_code_says_what_was_put_in(id: UUID, mark: str, page: int, pages: int) -> None:
    code = text(str(id), mark, page=min(page, pages), pages=pages)
    assert parse(code) == PageCode(str(id), mark, min(page, pages), pages)
    assert len(code) == 34, "a QR code of version 2 holds 38 such signs"


@given(st.text())
def test_any_other_text_is_no_code(code: str) -> None:
    assert parse(code) is None


def test_codes_that_say_what_cannot_be_are_none() -> None:
    good = text("0193b3a0-0000-7000-8000-000000000001", "A", page=1, pages=2)
    for bad in (
        good[:-4] + "0302",
        good[:-4] + "0002",
        good[:-4] + "0000",
        good.lower(),
        good + "0",
        f" {good}",
        good.replace("A01", "٣01"),
    ):
        assert parse(bad) is None, bad


def test_no_code_for_what_has_no_place_in_it() -> None:
    assert text("not a uuid", "A", page=1, pages=1) == ""
    assert text("0193b3a0-0000-7000-8000-000000000001", "A", page=1, pages=100) == ""
