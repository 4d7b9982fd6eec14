"""Unified social credit codes, phones and bank accounts: cleaning and checking.

:mod:`domain.identity` offers the public names: import them from there. Sources: GB 32100-2015, GB 11714-1997,
ISO/IEC 7812-1 (Luhn). A problem found here is a warning for the clerk and never rejects the value.
"""

from __future__ import annotations

import re
from typing import Final

from domain.number_text import FLOAT_LOOKING, Problem, bare

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
