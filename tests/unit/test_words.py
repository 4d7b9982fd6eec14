"""Sentences that are stored before they are translated: labels of acts."""

from collections.abc import Iterator

import pytest

from domain import words
from domain.words import LazyText, lazy, openings, shown, stored


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    words.set_language("zh")


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        (lazy("登记 {name}", name="高中"), "登记 高中", "Register 高中"),
        (lazy("撤销"), "撤销", "Undo"),
        (lazy("新增{kind}", kind=lazy("务工记录")), "新增务工记录", None),
        (lazy("月监测 {month}　{n} 人", month="2026-11", n=1), "月监测 2026-11　1 人", "1 person"),
        (lazy("导入 {file}", file=lazy("{file}（{n} 行）", file="{a}[.xlsx", n="1,200")), "导入 {a}[.xlsx（1,200 行）", None),
    ],
)
def test_a_stored_sentence_is_shown_in_the_present_language(text: LazyText, chinese: str, english: str | None) -> None:
    """A name that is also a word of the program stays a name: 高中 was shown as Senior high."""
    kept = {stored(text)}
    assert shown(*kept) == str(text) == chinese
    words.set_language("en")
    assert {stored(text)} == kept, "whatever the language of the window"
    assert shown(*kept) == str(text) != chinese
    assert english is None or english in str(text)


@pytest.mark.parametrize("text", ["", "旧程序的一句话", '["', '["登记 {name}", {}]', '["甲"]', '["甲", 3]', '["甲", {"a": []}]', "[1, {}]"])
def test_other_text_is_shown_as_it_is(text: str) -> None:
    assert shown(text) == text


def test_lazy_texts_of_a_sentence_begin_alike() -> None:
    begin = tuple(openings("导入 {file}"))
    assert stored(lazy("导入 {file}", file="甲")).startswith(begin)
    assert not stored(lazy("导入 {file}（演练）", file="甲")).startswith(begin)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_so_do_the_sentences_of_earlier_releases(language: str) -> None:
    """They were stored as they were shown."""
    words.set_language(language)
    assert str(lazy("导入 {file}", file="甲")).startswith(tuple(openings("导入 {file}")))
