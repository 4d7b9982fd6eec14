"""Shared by all identifying numbers: cleaning of typed text, and messages for what is wrong.

:mod:`domain.identity` offers the public names: import them from there.
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
