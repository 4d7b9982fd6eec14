"""Citizen numbers, credit codes, phones, bank cards and masks: known values, and no text that makes them fall over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import identity
from domain.identity import (
    IdNumber,
    Problem,
    age_on,
    bank_card_problem,
    birth_of,
    check_digit,
    clean_id,
    clean_phone,
    explain,
    id18,
    id_problem,
    identifies,
    is_masked,
    luhn_ok,
    mask_account,
    mask_id,
    mask_numbers,
    mask_phone,
    masks,
    normalise_id,
    organisation_check,
    phone_problem,
    placeholder,
    sex_of,
    suggestions,
    uscc_check,
    uscc_problem,
)
from domain.records import Person

SAMPLE = "11010519491231002X"  # GB 11643-1999, a woman
CENTENARIAN = "440524188001010014"  # GB 11643-1999, a man born in 1880


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        (SAMPLE.lower(), SAMPLE),
        (" 110105 19491231 002x ", SAMPLE),
        ("１１０１０５１９４９１２３１００２Ｘ", SAMPLE),
        ("'" + SAMPLE, SAMPLE),
        ("\t" + SAMPLE + "\u200b", SAMPLE),
        (f'="{SAMPLE}"', SAMPLE),
        ("\ufeff’" + SAMPLE + "’", SAMPLE),
        ("11010519491231002×", SAMPLE),
        ("11010519491231002Х", SAMPLE),  # Cyrillic
        ("110105491231002.0", "110105491231002"),
    ],
)
def test_numbers_are_read_however_they_were_typed(typed, cleaned):
    assert clean_id(typed) == cleaned
    assert id_problem(typed) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SAMPLE, None),
        (CENTENARIAN, None),
        ("110105491231002", None),
        ("23082619890308136344", None),
        ("23082619890308136344B1", None),
        ("110105194912310021", Problem.CHECKSUM),
        ("230826196202161110", Problem.CHECKSUM),
        ("2.30826196109211e+17", Problem.DIGITS_LOST),
        ("2.3082619531219E+17", Problem.DIGITS_LOST),
        ("230826196109211000.0", Problem.DIGITS_LOST),
        ("230826195312191000", Problem.DIGITS_LOST),
        ("23082619890308100000", Problem.DIGITS_LOST),
        ("110105194913310025", Problem.BIRTH_DATE),
        ("110105490231002", Problem.BIRTH_DATE),
        ("", Problem.LENGTH),
        ("11010519491231002", Problem.LENGTH),
        ("1101051949123100299", Problem.LENGTH),
        ("11010519491231O02X", Problem.CHARACTERS),
        ("1101051949X231002X", Problem.CHARACTERS),
        ("没带身份证", Problem.CHARACTERS),
        ("23082619890308136384", Problem.DISABILITY),
        ("23082619890308136349", Problem.DISABILITY),
    ],
)
def test_what_is_wrong_with_an_id_number(text, problem):
    assert id_problem(text) == problem


def test_a_true_number_may_end_in_three_noughts():
    first17 = next(base for serial in range(10) if check_digit(base := f"23082619610921{serial}00") == "0")
    assert id_problem(first17 + "0") is None


def test_nobody_is_born_tomorrow():
    number = "23082620230605001"
    number += check_digit(number)
    assert id_problem(number, on="2023-06-05") is None
    assert id_problem(number, on="2023-06-04") is Problem.BIRTH_DATE


def test_every_form_of_a_number_is_kept_as_eighteen_places():
    assert normalise_id("11010519491231002x") == IdNumber(SAMPLE, None, "female", "1949-12-31")
    assert normalise_id("110105491231002") == IdNumber(SAMPLE, "110105491231002", "female", "1949-12-31")
    disabled = normalise_id("2308261989 0308136344")
    assert (disabled.id18, disabled.original) == ("230826198903081363", "23082619890308136344")
    assert disabled.disability_category == 4
    assert normalise_id(CENTENARIAN).sex == "male"
    with pytest.raises(ValueError, match="校验位"):
        normalise_id("110105194912310021")


def test_parts_of_a_number():
    assert (sex_of(SAMPLE), sex_of(CENTENARIAN), sex_of("abc")) == ("female", "male", None)
    assert (birth_of(SAMPLE), birth_of("11010519490231002X"), birth_of("")) == ("1949-12-31", None, None)
    assert id18("110105491231002") == id18("11010519491231002x") == SAMPLE
    assert id18("23082619890308136344") == "230826198903081363"
    with pytest.raises(ValueError, match="17"):
        check_digit("123")


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("1989-03-08", "2023-03-07", 33),
        ("1989-03-08", "2023-03-08", 34),
        ("2004-02-29", "2023-02-28", 18),
        ("2004-02-29", "2023-03-01", 19),
    ],
)
def test_full_years_of_age_a_birthday_on_29_february_comes_in_march(birth, day, age):
    assert age_on(birth, day) == age


def test_suggestions_find_what_was_meant():
    right = "230826196202161118"
    assert id_problem(right) is None
    for wrong in ("230826196202161119", "230826196201261118", "320826196202161118", "230826196202161178"):
        assert id_problem(wrong) is Problem.CHECKSUM
        found = suggestions(wrong, region="230826")
        assert right in found
        assert len(found) <= 5
        assert all(id_problem(each) is None for each in found)
    assert suggestions("230826191302161118", region="230826") == suggestions(" 230826191302161118", region="230826")


def test_swapped_neighbours_are_the_first_guess():
    assert suggestions("320826196202161118", region="230826")[0] == "230826196202161118"


def test_a_number_of_another_county_keeps_its_province():
    found = suggestions("230826197003071226", region="230111")
    assert found
    assert all(each.startswith("23") for each in found)
    assert "203826197003071226" not in suggestions("230826197003071226")  # right check character, no such province


def test_nothing_to_suggest():
    assert suggestions(SAMPLE) == []
    assert suggestions("230826195312191000") == []
    assert suggestions("无") == []


def test_a_disability_number_keeps_its_tail():
    assert suggestions("32082619890308136344", region="230826")[0] == "23082619890308136344"


@given(st.text())
def test_no_text_raises(text):
    id_problem(text)
    id18(text)
    suggestions(text)
    uscc_problem(text)
    phone_problem(text)
    bank_card_problem(text)
    luhn_ok(text)
    sex_of(text)
    birth_of(text)
    for mask in (mask_id, mask_phone, mask_account):
        assert mask(text) == "" or masks(mask(text), text)
    assert isinstance(masks(text, text), bool)
    assert isinstance(explain(text), str)
    if id_problem(text) is None:
        normalise_id(text)


@given(st.integers(10**16, 10**17 - 1), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(first17, place, step):
    number = str(first17)
    other = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert check_digit(number) != check_digit(other)


# ---------------------------------------------------------------- others


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("N2230882MF1A00014R", None),  # a village's 股份经济合作社: letter N in front
        ("91350100M000100Y43", None),  # the sample of GB 32100-2015
        ("n2230882mf1a00014r", None),
        (" 91350100M000100Y43\t", None),
        ("91350100M000100Y44", Problem.CHECKSUM),
        ("91350100M000100Y4", Problem.LENGTH),
        ("91350100I000100Y43", Problem.CHARACTERS),
        ("", Problem.LENGTH),
    ],
)
def test_what_is_wrong_with_a_credit_code(code, problem):
    assert uscc_problem(code) == problem


def test_the_organisation_code_inside_is_checked():
    assert organisation_check("MF1A0001") == "4"
    first17 = "N2230882MF1A00015"
    assert uscc_problem(first17 + (uscc_check(first17) or "")) is Problem.ORGANISATION
    assert uscc_check("short") is None
    assert organisation_check("---") is None


@pytest.mark.parametrize("first", "159AY")
def test_every_issuing_body(first):
    first17 = f"{first}1230882MF1A00014"
    assert uscc_problem(first17 + (uscc_check(first17) or "")) is None


@pytest.mark.parametrize(
    ("phone", "problem"),
    [
        ("13812340217", None),
        ("+86 138-1234-0217", None),
        ("13812340217.0", None),
        ("0454-3551234", None),
        ("0454-1234567", None),
        ("（0454）3551234", None),
        ("04543551234", None),
        ("12812340217", Problem.PREFIX),
        ("1381234021", Problem.LENGTH),
        ("3551234", Problem.LENGTH),
        ("", Problem.LENGTH),
        ("无电话", Problem.CHARACTERS),
    ],
)
def test_what_is_wrong_with_a_phone(phone, problem):
    assert phone_problem(phone) == problem


def test_a_phone_loses_country_code_and_blanks():
    assert clean_phone("+86 138 1234 0217") == "13812340217"
    assert clean_phone("(0454)3551234") == "0454-3551234"


@pytest.mark.parametrize(
    ("account", "problem"),
    [
        ("4111 1111 1111 1111", None),
        ("4111111111111112", Problem.CHECKSUM),
        ("411111111111111", Problem.LENGTH),
        ("6.22202010002662E+18", Problem.DIGITS_LOST),
        ("6222020100026620000", Problem.DIGITS_LOST),
        ("存折", Problem.CHARACTERS),
    ],
)
def test_what_is_wrong_with_an_account(account, problem):
    assert bank_card_problem(account) == problem


def test_sentences_name_the_field():
    assert explain(Problem.CHECKSUM) == "证件号码校验位不对，可能有一位抄错"
    assert explain("length", "联系电话") == "联系电话的位数不对"
    assert explain("length", number="2" * 17) == "证件号码只有 17 位，应是 18 位，少了 1 位"
    assert explain("length", number="2" * 20) == "证件号码有 20 位，应是 18 位，多了 2 位"
    assert all(explain(problem, "x") != "x不对" for problem in Problem if problem is not Problem.PLACEHOLDER)
    assert all("号码空着，程序给他编一个" in explain(one) for one in (Problem.PLACEHOLDER, Problem.CHARACTERS))


# ---------------------------------------------------------------- masks


def test_masks_as_shown():
    assert mask_id("440524188001010010") == "**************0010"
    assert mask_id("440524188001010010", common=True) == "440524********0010"
    assert mask_id("23082619890308136344") == "**************1363"  # the tail tells the impairment
    assert mask_phone("13812340217") == "138****0217"
    assert mask_phone("0454-3551234") == "****1234"
    assert mask_account("6222 0201 0002 6620") == "****6620"
    assert mask_account("6620") == "****"


@pytest.mark.parametrize(
    ("masked", "value", "same"),
    [
        ("**************0010", "440524188001010010", True),
        ("＊＊＊＊＊＊＊＊＊＊＊＊＊＊０010", "440524188001010010", True),
        ("440524********0010", "440524188001010010", True),
        ("**************0011", "440524188001010010", False),
        ("**************1363", "23082619890308136344", True),
        ("138****0217", "138 1234 0217", True),
        ("138****0217", "13912340217", False),
        ("****6620", "6222020100026620", True),
        ("****6621", "6222020100026620", False),
        ("13812340217", "13812340217", False),
        ("****", "", False),
    ],
)
def test_a_masked_number_stands_for_one_that_it_hides(masked, value, same):
    assert masks(masked, value) is same


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("230826197503150421", "**************0421"),
        ("２３０８２６１９７５０３１５０４２１", "**************0421"),
        ("王 23082619750315042X43", "王 **************042X"),
        ("23082619750315042143B1", "**************0421"),
        ("230826 19750315 0421，3组", "**************0421，3组"),
        ("138-4555-0217，5组", "138****0217，5组"),
        ("6222 0212 3456 7890 123", "****0123"),
        ("王 3组 2026-11，0217", "王 3组 2026-11，0217"),
        ("", ""),
    ],
)
def test_numbers_in_a_text_are_masked_and_short_ones_stay(text, shown):
    assert mask_numbers(text) == shown


def test_a_lone_star_masks_nothing():
    assert is_masked("138****0217")
    assert not is_masked("13812340217")
    assert not is_masked("3*4")


CARD, SOMEBODY = "6228480402564890018", "110101199003070134"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (CARD, "****0018"),
        ("6228 4804 0256 4890 018", "****0018"),
        (f"家属卡号{CARD}，农商行", "家属卡号****0018，农商行"),
        ("６２２８４８０４０２５６４８９００１８", "****0018"),
        (f"监护人{SOMEBODY}", f"监护人****{SOMEBODY[-4:]}"),
    ],
)
def test_a_number_of_somebody_inside_a_text_is_seen_and_masked(text: str, shown: str) -> None:
    assert check_digit(SOMEBODY[:17]) == SOMEBODY[17]
    assert identity.inside_problem(text) is Problem.INSIDE
    assert identity.mask_inside(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "桦川县农村信用合作联社横头山分社",
        "0454-3821234",
        "13800138001、13800138002",
        "230826101202001",
        "编号 1234567890123456",
        "20230306-20231120",
        "2024-04-12 2021-11-08",
        "2024-05-04-2022-10-15",
        "0454-5214713 8407710",
        "13800138602 2020-07",
        "",
    ],
)
def test_what_is_no_number_of_somebody_is_left_as_it_is(text: str) -> None:
    assert identity.inside_problem(text) is None
    assert identity.mask_inside(text) == text


def test_texts_that_are_numbers_of_their_own_are_not_doubted() -> None:
    assert Person.KIND.by_name["bank_name"].doubt(CARD) is Problem.INSIDE
    assert Person.KIND.by_name["number"].doubt(CARD) is None
    assert Person.KIND.by_name["phone"].doubt("138") is not None


@pytest.mark.parametrize(
    "text",
    [
        "无",
        "没有",
        "暂无",
        "不详",
        "none",
        "None",
        "0",
        "000",
        "-",
        "——",
        " 无 ",
        "无证件",
        "无身份证号码",
        "待补",
        "N/A",
        "/",
        "未知",
        "（无）",
    ],
)
def test_a_word_for_no_number_is_a_placeholder(text: str) -> None:
    assert placeholder(text)
    assert not identifies(text, "other", "other")


@pytest.mark.parametrize("text", ["无证001", "G12345678", "230826197805050956", "A1", "10", "无001"])
def test_a_number_is_no_placeholder(text: str) -> None:
    assert not placeholder(text)


def test_a_number_identifies_only_within_its_type_of_document() -> None:
    assert identifies("A1", "other", "other") and identifies("A1", None, "other")
    assert not identifies("A1", "household_book", "other")
    assert identifies("230826197805050956", "household_book", "other")  # a citizen's number, whatever it was copied from
