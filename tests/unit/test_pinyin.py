"""Pinyin of names, and reading typed letters as pinyin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.pinyin import beginnings, initials, names, splits, syllables


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("张三", "zhang san"),
        ("单田芳", "shan tian fang"),
        ("仇英", "qiu ying"),
        ("曾国藩", "zeng guo fan"),
        ("解缙", "xie jin"),
        ("尉迟恭", "yu chi gong"),
        ("万俟卨", "mo qi xie"),
        ("区寄", "ou ji"),
        ("查良镛", "zha liang yong"),
        ("朴树", "piao shu"),
        ("盖叫天", "ge jiao tian"),
        ("员半千", "yun ban qian"),
        ("乐毅", "yue yi"),
        ("翟让", "zhai rang"),
        ("吕布", "lv bu"),
        ("欧阳修", "ou yang xiu"),
        ("长孙无忌", "zhang sun wu ji"),
        ("王长生", "wang chang sheng"),
        ("李单", "li dan"),
        ("买买提·艾力", "mai mai ti ai li"),
    ],
)
def test_names_have_their_surname_readings(name, pinyin):
    assert " ".join(syllables(name)) == pinyin


@given(st.lists(st.text(st.sampled_from("张单仇尉迟长孙欧阳行都伟·a３ \n\0") | st.characters(), max_size=5)))
def test_many_names_are_read_as_each_by_itself(many):
    assert list(names(many)) == [(" ".join(syllables(name)), initials(syllables(name))) for name in many]


def test_titles_read_words_not_surnames():
    assert " ".join(syllables("重庆银行（第３分行）", surname=False)).startswith("chong qing yin hang di 3")
    assert " ".join(syllables("会计培训班", surname=False)) == "kuai ji pei xun ban"
    assert syllables("单一作物", surname=False)[0] == "dan"


def test_initials_of_syllables_keep_numbers_whole():
    assert initials(("zhang", "san")) == "zs"
    assert initials(("di", "12", "zu")) == "d12z"
    assert initials(()) == ""


def test_all_li_sort_before_all_liang():
    assert " ".join(syllables("李伟")) < " ".join(syllables("梁安"))


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ("zhangsan", ("zhang", "san")),
        ("xian", ("xian",)),
        ("xian", ("xi", "an")),
        ("xi'an", ("xi", "an")),
        ("fangan", ("fang", "an")),
        ("fangan", ("fan", "gan")),
        ("zhangsf", ("zhang", "s", "f")),
        ("zho", ("zho",)),
        ("lü", ("lv",)),
        ("Zhang San", ("zhang", "san")),
    ],
)
def test_letters_are_read_as_syllables(typed, way):
    assert way in splits(typed)


def test_fewest_syllables_come_first():
    assert splits("ouyangxiu")[0] == ("ou", "yang", "xiu")
    assert splits("liwei")[0] == ("li", "wei")


@given(st.text(max_size=60))
def test_reading_never_fails_nor_explodes(typed):
    ways = splits(typed)
    assert len(ways) <= 12
    letters = "".join(c for c in typed.lower().replace("ü", "v")[:40] if "a" <= c <= "z")
    assert all("".join(way) == letters for way in ways)


@given(st.text(max_size=30))
def test_every_syllable_is_letters_or_digits(name):
    for part in syllables(name):
        assert part.isascii()
        assert part.isalnum()
        assert part == part.lower()


def test_a_surname_alone_finds_compound_surnames_too():
    assert beginnings("尉") == ("wei", "yu chi")
    assert beginnings("张") == ("zhang",)
    assert beginnings("尉迟") == ("yu chi",)


def test_endless_letters_are_read_at_once():
    """All ways to cut them would take for ever; the best few are kept at every letter."""
    assert len(splits("zhangzhangzhangzhangzhangzhangzhangzhangvvvvv" * 20)) == 12
