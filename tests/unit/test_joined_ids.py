"""Ids out of one text are what splitting it gives, whatever is asked of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.lists.joined_ids import split_ids

ID = st.text("abc0-", max_size=4)


@given(st.one_of(st.lists(ID, max_size=6), st.lists(st.text("abc0-", min_size=3, max_size=3), max_size=6)), st.integers(-8, 8), ID)
def test_ids_are_those_of_the_text(ids: list[str], n: int, other: str) -> None:
    text = ",".join(ids)
    plain = text.split(",") if text else []
    found = split_ids(text)
    assert list(found) == plain and found == plain and len(found) == len(plain)
    assert found[n:] == plain[n:] and found[:n:2] == plain[:n:2] and list(reversed(found)) == plain[::-1]
    for id in {*plain, other, ",".join(plain[:2])}:
        assert (id in found) == (id in plain)
        if id in plain:
            assert found.index(id) == plain.index(id)
    for list_ in (found, plain):
        if not -len(plain) <= n < len(plain):
            with pytest.raises(IndexError):
                list_[n]
        with pytest.raises(ValueError, match="no such id"):
            list_.index("no such id")
    if -len(plain) <= n < len(plain):
        assert found[n] == plain[n]
