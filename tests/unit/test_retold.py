"""Sentences stored in the language of their time, shown in the present one."""

from collections.abc import Iterator

import pytest

from domain import words
from domain.retold import retold
from domain.words import _

BROKEN = "与县服务器的连接中断了。数据都在本机，下次从断的地方接着传。"
NOBODY = "找不到县服务器 {host}。数据都在本机。先看别的网页能不能打开：打不开是网络没通；打得开就请县管理员核对地址。"


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    words.set_language("zh")


@pytest.mark.parametrize("values", [{}, {"host": "xian.example"}])
def test_a_stored_sentence_is_shown_in_the_present_language(values: dict[str, str]) -> None:
    said = {}
    for language in ("zh", "en"):
        words.set_language(language)
        said[language] = _(NOBODY if values else BROKEN).format(**values)
    assert said["zh"] != said["en"]
    for language in ("en", "zh"):
        words.set_language(language)
        assert {retold(told) for told in said.values()} == {said[language]}


def test_values_are_shown_in_the_present_language_too() -> None:
    stored = _("地址 {host} 打不开：{reason}").format(host="10.0.0.8", reason=_("没有写入或读取的权限"))
    words.set_language("en")
    assert retold(stored) == _("地址 {host} 打不开：{reason}").format(host="10.0.0.8", reason=_("没有写入或读取的权限"))


def test_what_no_catalogue_has_stays() -> None:
    words.set_language("en")
    assert [retold(text) for text in ("", "旧程序的一句话：没有了。", "甲：乙")] == ["", "旧程序的一句话：没有了。", "甲：乙"]


@pytest.mark.parametrize(
    ("label", "values"),
    [("导入 {file}", {"file": "名单.xlsx"}), ("登记 {name}", {"name": "张三"}), ("上课 {n} 天", {"n": "12"})],
)
def test_short_labels_of_acts_are_found_too(label: str, values: dict[str, str]) -> None:
    said = {}
    for language in ("zh", "en"):
        words.set_language(language)
        said[language] = _(label).format(**values)
    assert said["zh"] != said["en"]
    for language in ("en", "zh"):
        words.set_language(language)
        assert {retold(told) for told in said.values()} == {said[language]}


def test_a_long_sentence_is_not_taken_for_two_values_with_a_word_between() -> None:
    words.set_language("en")
    stored = "Two kinds of record differ from the county's: write another file for the county to fetch them again, as ever."
    words.set_language("zh")
    assert retold(stored) == stored
    assert retold("甲说：上传 3 条，收到 5 条") == "甲说：上传 3 条，收到 5 条"


@pytest.mark.parametrize("n", [1, 2])
def test_a_count_is_told_in_its_own_form(n: int) -> None:
    """One person was told as "1 people", also by a window in the language in which it was stored."""
    label = "月监测 {month}　{n} 人"
    stored = [_(label).format(month="2026-11", n=n)]
    words.set_language("en")
    stored.append(_(label).format(month="2026-11", n=n))
    assert ("1 person" in stored[1]) == (n == 1)
    assert [retold(text) for text in stored] == [stored[1]] * 2


def test_a_label_of_one_character_is_known_by_its_value() -> None:
    words.set_language("en")
    assert retold("记岗位推荐") == _("记{service}").format(service=_("岗位推荐"))
    assert retold("记王秀兰") == "记王秀兰"
