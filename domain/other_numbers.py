"""Unified social credit codes, phones and bank accounts: cleaning and checking; and the cleaning of all identifying numbers as typed.

:mod:`domain.identity` offers the public names: import them from there. Sources: GB 32100-2015, GB 11714-1997,
ISO/IEC 7812-1 (Luhn). A problem found here is a warning for the clerk and never rejects the value.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from domain.words import _


class Problem(StrEnum):
    """What is wrong with a number: codes for reports and tests; :func:`explain` gives the message."""

    LENGTH = "length"
    CHARACTERS = "characters"
    CHECKSUM = "checksum"
    BIRTH_DATE = "birth_date"
    DIGITS_LOST = "digits_lost"
    DISABILITY = "disability"
    ORGANISATION = "organisation"
    PREFIX = "prefix"
    INSIDE = "inside"
    PLACEHOLDER = "placeholder"


_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
INVISIBLE: Final = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_FORMULA: Final = re.compile(r'^="?(.*?)"?$', re.DOTALL)
_QUOTES: Final = "'‘’`´′\"“”"
FLOAT_LOOKING: Final = re.compile(r"\d(\.\d+)?E\+?\d+|\d{16,}\.0*|\d{1,15}\.\d*[1-9]\d*", re.ASCII)
"""A long number after a spreadsheet has treated it as a quantity and kept only fifteen digits."""


def half_width(text: str) -> str:
    """Full-width digits, letters, punctuation and space as their half-width forms; everything else unchanged."""
    return text.translate(_HALF_WIDTH)


def bare(text: str) -> str:
    """Remove blanks, invisible characters, quotes and the ``="…"`` that keeps a number as text in a CSV."""
    if text.isascii() and text.isalnum():  # as numbers are kept: nothing to remove
        return text
    return INVISIBLE.sub("", _FORMULA.sub(r"\1", INVISIBLE.sub("", half_width(text)).strip(_QUOTES))).strip(_QUOTES)


_PLACEHOLDER: Final = re.compile(
    r"0*|(?:暂时?)?[无没](?:有)?(?:身份)?(?:证件?)?(?:号码?)?(?:户[口籍])?|暂[无缺]|空缺?|缺失?|不[详明清知]|未[知详办报填]|未(?:提供|办理|上户口?)"
    r"|待[补办查核定](?:[录实])?|(?:补办|办理)中|丢失|遗失|none|null|nil|nan?|no|x{2,}"
)
"""What is written where there is no number, without its punctuation and in lower case."""


def placeholder(text: str) -> bool:
    """Whether a text in a number's place says only that there is no number: 无, 不详, 0, none, a dash. Such a text identifies nobody."""
    return len(text) < 16 and _PLACEHOLDER.fullmatch(re.sub(r"[\W_]+", "", half_width(text)).lower()) is not None


def explain(problem: str, what: str | None = None, number: str = "") -> str:
    """The message for a :class:`Problem` (or its code); ``what`` is the label of the field, by default that of an ID number, of which the
    ``number`` tells how many characters it lacks."""
    written = re.sub(r"\s", "", number)
    if problem == Problem.LENGTH and what is None and written and (short := 18 - len(written)):
        text = _("证件号码只有 {n} 位，应是 18 位，少了 {short} 位") if short > 0 else _("证件号码有 {n} 位，应是 18 位，多了 {over} 位")
        return text.format(n=len(written), short=short, over=-short)
    if what is None and problem in (Problem.CHARACTERS, Problem.PLACEHOLDER):
        without = _("没有证件的，证件类型选「其他」，号码空着，程序给他编一个")
        said = _("身份证号只能是数字，最后一位可以是 X") if problem == Problem.CHARACTERS else _("「无」「不详」「0」这样的字不是证件号码")
        return _("{said}。{without}").format(said=said, without=without)
    sentences: dict[str, str] = {
        Problem.LENGTH: _("{what}的位数不对"),
        Problem.CHARACTERS: _("{what}里有不该出现的字符"),
        Problem.CHECKSUM: _("{what}校验位不对，可能有一位抄错"),
        Problem.BIRTH_DATE: _("{what}里的出生日期不存在或不合理"),
        Problem.DIGITS_LOST: _("{what}末几位已被表格软件丢掉，请把该列设为文本后重新填写"),
        Problem.DISABILITY: _("{what}末两位的残疾类别或等级不对"),
        Problem.ORGANISATION: _("{what}里的组织机构代码（第9至17位）校验不对"),
        Problem.PREFIX: _("{what}的开头不对"),
        Problem.INSIDE: _("{what}里像是写了证件号码或银行卡号，谁都看得见"),
    }
    return sentences.get(problem, _("{what}不对")).format(what=what if what is not None else _("证件号码"))


_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_SHAPE: Final = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
"""A mobile number; the landlines follow."""
_LANDLINE: Final = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}")


def uscc_check(first17: str) -> str | None:
    """Check character of a credit code (GB 32100-2015 §5.3: weights 3^i mod 31); None when it cannot be computed."""
    if len(first17) != 17 or not set(first17) <= set(_USCC_ALPHABET):
        return None
    total = sum(_USCC_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(first17))
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check(first8: str) -> str | None:
    """Check character of an organisation code (GB 11714-1997: A = 10 … Z = 35); None when it cannot be computed."""
    if not re.fullmatch(r"[0-9A-Z]{8}", first8):
        return None
    total = sum(int(char, 36) * weight for char, weight in zip(first8, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def uscc_problem(text: str) -> Problem | None:
    """Why ``text`` is not a unified social credit code; None when it is. Only a warning.

    Every letter of the alphabet may stand first: village bodies begin with N, others with A or Y (GB 32100-2015 §4).
    """
    code = bare(text).upper()
    if len(code) != 18:
        return Problem.LENGTH
    if not _USCC_SHAPE.fullmatch(code):
        return Problem.CHARACTERS
    if uscc_check(code[:17]) != code[17]:
        return Problem.CHECKSUM
    return None if organisation_check(code[8:16]) == code[16] else Problem.ORGANISATION


def clean_phone(text: str) -> str:
    """A phone number as digits (a landline keeps its one dash): blanks, brackets and +86 taken away."""
    number = re.sub(r"\.0+$", "", re.sub(r"[‐-―－]", "-", bare(text)))
    number = re.sub(r"^(\+?86-?|0086-?)(?=1[0-9-]{10})", "", number)
    number = re.sub(r"^\((0[0-9]{2,3})\)-?", r"\1-", number)
    return number.replace("-", "") if number.startswith("1") else number


def phone_problem(text: str) -> Problem | None:
    """Why ``text`` is neither a mobile (1[3-9] + 9 digits) nor a landline with area code; None when it is one."""
    phone = text if MOBILE.fullmatch(text) else clean_phone(text)  # nearly every one is clean as it is
    if MOBILE.fullmatch(phone) or _LANDLINE.fullmatch(phone):
        return None
    if not re.fullmatch(r"[0-9-]+", phone):
        return Problem.CHARACTERS if phone else Problem.LENGTH
    if phone.startswith("1") and len(phone) == 11:
        return Problem.PREFIX
    return Problem.LENGTH


def luhn_ok(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of those before it (ISO/IEC 7812-1 annex B)."""
    if not re.fullmatch(r"[0-9]{2,}", digits):
        return False
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[::-2]) + sum(value - 9 * (value > 9) for value in doubled)) % 10 == 0


def clean_account(text: str) -> str:
    """An account number without blanks, quotes and the dashes that group its digits."""
    return bare(text).replace("-", "")


def bank_card_problem(text: str) -> Problem | None:
    """Why an account is doubtful as a bank card of 16 to 19 digits. Passbooks of 信用社 may fail Luhn: warn only."""
    account = clean_account(text)
    if FLOAT_LOOKING.fullmatch(account.upper()):
        return Problem.DIGITS_LOST
    if account and not re.fullmatch(r"[0-9]+", account):
        return Problem.CHARACTERS
    if not 16 <= len(account) <= 19:
        return Problem.LENGTH
    if luhn_ok(account):
        return None
    return Problem.DIGITS_LOST if account[15:].strip("0") == "" and len(account) > 16 else Problem.CHECKSUM
