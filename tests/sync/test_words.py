"""Every failure is told in words: what happened, and what it means or what to do; no machine word reaches people."""

import pytest

from sync.wire.messages import STATUS
from sync.wire.words import REASONS, REFUSALS, reason, refusal

ADVICE = ("请", "可以", "不用", "会", "没有丢")


@pytest.mark.parametrize("word", sorted(REASONS))
def test_a_held_change_is_told_with_what_to_do(word: str) -> None:
    said = reason(word)
    assert said.endswith("。") and len(said) > 12
    assert any(advice in said for advice in ADVICE)
    assert not any(char.isascii() and char.isalpha() for char in said)


@pytest.mark.parametrize("word", sorted(REFUSALS))
def test_a_refused_exchange_says_where_the_data_is_and_what_to_do(word: str) -> None:
    said = refusal(word)
    assert "本机" in said
    assert any(advice in said for advice in ADVICE)


def test_every_status_of_the_county_has_words_and_unknown_ones_too() -> None:
    assert "本机" in refusal("no such status")
    assert REFUSALS.keys() <= STATUS
