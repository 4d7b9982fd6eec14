"""Numbers that identify: citizen ID numbers, credit codes, phones, bank cards, and how each is masked.

Pure functions over text and no third-party validator (``domain.md`` §0.10 and §0.11 say why). Everything takes any
text whatsoever without raising, except :func:`normalise_id`, :func:`check_digit` and :func:`age_on`, which say so.

Sources: GB 11643-1999 (citizen number), GB 32100-2015 (unified social credit code), GB 11714-1997 (organisation
code), the numbering of 残疾人证 (18 + category + grade, re-issued + ``B`` + count), ISO/IEC 7812-1 (Luhn).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from domain.words import _

Sex = Literal["male", "female"]


class Problem(StrEnum):
    """What is wrong with a number: codes for reports and tests; :func:`explain` has the sentence for people."""

    LENGTH = "length"
    CHARACTERS = "characters"
    CHECKSUM = "checksum"
    BIRTH_DATE = "birth_date"
    DIGITS_LOST = "digits_lost"
    DISABILITY = "disability"
    ORGANISATION = "organisation"
    PREFIX = "prefix"


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid number, taken apart. ``original`` is set for a number of 15, 20 or 22 characters: as it came, cleaned."""

    id18: str
    original: str | None
    sex: Sex
    birth: str
    disability_category: int | None = None
    disability_level: int | None = None


# ---------------------------------------------------------------- text

_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# Roman ten, the multiplication sign and the Greek and Cyrillic letters that look like the check character
_LOOKS_LIKE_X: Final = dict.fromkeys(map(ord, "ⅩⅹΧχХх×✕"), "X")
_INVISIBLE: Final = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_FORMULA: Final = re.compile(r'^="?(.*?)"?$', re.DOTALL)
_QUOTES: Final = "'‘’`´′\"“”"
_FLOAT_LOOKING: Final = re.compile(r"\d(\.\d+)?E\+?\d+|\d{16,}\.0*|\d{1,15}\.\d*[1-9]\d*")


def half_width(text: str) -> str:
    """Full-width digits, letters, punctuation and space as their half-width forms; everything else unchanged."""
    return text.translate(_HALF_WIDTH)


def _bare(text: str) -> str:
    """Without blanks, invisible characters, quotes and the ``="…"`` that keeps a number text in a CSV."""
    return _INVISIBLE.sub("", _FORMULA.sub(r"\1", _INVISIBLE.sub("", half_width(text)).strip(_QUOTES))).strip(_QUOTES)


def clean_id(text: str) -> str:
    """The number as it should have been typed: half-width, no blanks or quotes, upper-case X. Repairs, never judges."""
    bare = _bare(text)
    if re.fullmatch(r"[0-9]{15}\.0+", bare):  # a number cell holds fifteen digits exactly, so nothing is lost
        bare = bare[:15]
    return bare.translate(_LOOKS_LIKE_X).upper()


# ---------------------------------------------------------------- citizen ID numbers

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_ID: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
_DISABILITY: Final = re.compile(r"(?P<category>[1-7])(?P<level>[1-4])(B[0-9])?")
_EARLIEST_BIRTH: Final = "1800-01-01"  # the sample in the standard itself was born in 1880
# A laptop whose clock battery is dead thinks it is 2000; nobody born before this day may be refused for that.
_CLOCK_FLOOR: Final = "2026-11-01"


def check_digit(first17: str) -> str:
    """The check character of seventeen digits (GB 11643-1999 §4.2, ISO 7064 MOD 11-2). ValueError for anything else."""
    if not re.fullmatch(r"[0-9]{17}", first17):
        raise ValueError("校验位由前17位数字算出")
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def _upgraded(id15: str) -> str:
    """A first-generation number as eighteen characters: the century 19 put in, the check character put behind."""
    first17 = id15[:6] + "19" + id15[6:]
    return first17 + check_digit(first17)


def _latest_birth(on: str | None) -> str:
    return on if on is not None else max(date.today().isoformat(), _CLOCK_FLOOR)  # noqa: DTZ011 — a local calendar day


def _id18_problem(number: str, on: str | None) -> Problem | None:
    birth = birth_of(number)
    if birth is None or not _EARLIEST_BIRTH <= birth <= _latest_birth(on):
        return Problem.BIRTH_DATE
    return None if check_digit(number[:17]) == number[17] else Problem.CHECKSUM


def id_problem(text: str, *, on: str | None = None) -> Problem | None:
    """Why ``text`` is not a valid number of 18, 15, 20 or 22 characters; None when it is. ``on``: latest birth (ISO).

    Region codes are not judged: numbers keep the code of the day they were given out (``domain.md`` §0.10).
    A tail of ``000`` with a correct check character is a real number; with a wrong one Excel has eaten the digits.
    """
    if _FLOAT_LOOKING.fullmatch(_bare(text).upper()):
        number = clean_id(text)
        return Problem.DIGITS_LOST if len(number) != 15 or not number.isdigit() else id_problem(number, on=on)
    number = clean_id(text)
    if number and not re.fullmatch(r"[0-9XB]+", number):
        return Problem.CHARACTERS
    if len(number) not in (15, 18, 20, 22):
        return Problem.LENGTH
    if len(number) == 15:
        return _id18_problem(_upgraded(number), on) if re.fullmatch(r"[1-9][0-9]{14}", number) else Problem.CHARACTERS
    if not _ID.match(number):
        return Problem.CHARACTERS
    problem = _id18_problem(number[:18], on)
    if problem is not None:
        return Problem.DIGITS_LOST if set(number[15:]) == {"0"} else problem
    return None if len(number) == 18 or _DISABILITY.fullmatch(number[18:]) else Problem.DISABILITY


def normalise_id(text: str, *, on: str | None = None) -> IdNumber:
    """A valid number taken apart. Raises ValueError with a Chinese sentence when :func:`id_problem` finds one."""
    problem = id_problem(text, on=on)
    number = clean_id(text)
    full = id18(number)
    sex, birth = sex_of(full), birth_of(full)
    if problem is not None or sex is None or birth is None:
        raise ValueError(explain(problem or Problem.CHARACTERS))
    tail = _DISABILITY.fullmatch(number[18:])
    return IdNumber(
        id18=full,
        original=None if number == full else number,
        sex=sex,
        birth=birth,
        disability_category=int(tail["category"]) if tail else None,
        disability_level=int(tail["level"]) if tail else None,
    )


def id18(text: str) -> str:
    """The first eighteen characters, by which people are compared; fifteen digits are upgraded. Never raises.

    Text that is no number comes back cleaned, so that two equal wrong numbers still compare equal.
    """
    number = clean_id(text)
    return _upgraded(number) if re.fullmatch(r"[0-9]{15}", number) else number[:18]


def sex_of(number: str) -> Sex | None:
    """``male`` for an odd 17th digit, ``female`` for an even one (GB 11643-1999 §4.1.3); None when there is none."""
    digit = number[16:17]
    if digit not in set("0123456789"):
        return None
    return "male" if int(digit) % 2 else "female"


def birth_of(number: str) -> str | None:
    """Birth date (ISO) in characters 7 to 14 of an 18-character number; None when they are no date."""
    digits = number[6:14]
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None


def age_on(birth: str, day: str) -> int:
    """Full years of age on ``day`` (both ISO days); born on 29 February counts from 1 March. ValueError if no days."""
    born, then = date.fromisoformat(birth), date.fromisoformat(day)
    return then.year - born.year - ((then.month, then.day) < (born.month, born.day))


# ---------------------------------------------------------------- credit codes, phones, bank cards

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_SHAPE: Final = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"0[0-9]{2,3}-?[2-9][0-9]{6,7}")


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
    """Why ``text`` is not a unified social credit code; None when it is. A warning, never a bar.

    Every letter of the alphabet may stand first: village bodies begin with N, others with A or Y (GB 32100-2015 §4).
    """
    code = _bare(text).upper()
    if len(code) != 18:
        return Problem.LENGTH
    if not _USCC_SHAPE.fullmatch(code):
        return Problem.CHARACTERS
    if uscc_check(code[:17]) != code[17]:
        return Problem.CHECKSUM
    return None if organisation_check(code[8:16]) == code[16] else Problem.ORGANISATION


def clean_phone(text: str) -> str:
    """A phone number as digits (a landline keeps its one dash): blanks, brackets and +86 taken away."""
    bare = re.sub(r"[‐-―－]", "-", _bare(text))
    bare = re.sub(r"^(\+?86-?|0086-?)(?=1[0-9-]{10})", "", re.sub(r"\.0+$", "", bare))
    bare = re.sub(r"^\((0[0-9]{2,3})\)-?", r"\1-", bare)
    return bare.replace("-", "") if bare.startswith("1") else bare


def phone_problem(text: str) -> Problem | None:
    """Why ``text`` is neither a mobile (1[3-9] + 9 digits) nor a landline with area code; None when it is one."""
    phone = clean_phone(text)
    if _MOBILE.fullmatch(phone) or _LANDLINE.fullmatch(phone):
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
    return _bare(text).replace("-", "")


def bank_card_problem(text: str) -> Problem | None:
    """Why an account is doubtful as a bank card of 16 to 19 digits. Passbooks of 信用社 may fail Luhn: warn only."""
    account = clean_account(text)
    if _FLOAT_LOOKING.fullmatch(account.upper()):
        return Problem.DIGITS_LOST
    if account and not re.fullmatch(r"[0-9]+", account):
        return Problem.CHARACTERS
    if not 16 <= len(account) <= 19:
        return Problem.LENGTH
    if luhn_ok(account):
        return None
    return Problem.DIGITS_LOST if account[15:].strip("0") == "" and len(account) > 16 else Problem.CHECKSUM


def explain(problem: str, what: str | None = None) -> str:
    """The sentence for the clerk about a :class:`Problem` (or its code); ``what`` is the label of the field."""
    sentences: dict[str, str] = {
        Problem.LENGTH: _("{what}的位数不对"),
        Problem.CHARACTERS: _("{what}里有不该出现的字符"),
        Problem.CHECKSUM: _("{what}校验位不对，可能有一位抄错"),
        Problem.BIRTH_DATE: _("{what}里的出生日期不存在或不合理"),
        Problem.DIGITS_LOST: _("{what}末几位已被表格软件丢掉，请把该列设为文本后重新填写"),
        Problem.DISABILITY: _("{what}末两位的残疾类别或等级不对"),
        Problem.ORGANISATION: _("{what}里的组织机构代码（第9至17位）校验不对"),
        Problem.PREFIX: _("{what}的开头不对"),
    }
    return sentences.get(problem, _("{what}不对")).format(what=what if what is not None else _("证件号码"))


# ---------------------------------------------------------------- masking

_HIDDEN: Final = "****"
_MASK_SIGNS: Final = str.maketrans("＊●•·", "****")
_HINTS: Final = {"id_number": "id", "original_number": "id", "phone": "phone", "bank_account": "account"}


def mask_id(text: str, *, common: bool = False) -> str:
    """Eighteen places with the last four shown (``**************0010``); ``common`` shows the first six as well.

    Of a disability number only the first eighteen are shown: the tail tells a person's impairment.
    """
    number = clean_id(text)[:18]
    if len(number) <= 8:
        return "*" * len(number)
    head = number[:6] if common and len(number) >= 15 else ""
    return head + "*" * (len(number) - 4 - len(head)) + number[-4:]


def mask_phone(text: str) -> str:
    """``138****0217`` for a mobile; of any other number only the last four are shown."""
    phone = clean_phone(text)
    if _MOBILE.fullmatch(phone):
        return phone[:3] + _HIDDEN + phone[-4:]
    return mask_account(phone)


def mask_account(text: str) -> str:
    """``****6620``: the length is hidden too. Fewer than eight characters are hidden altogether."""
    account = clean_account(text)
    if not account:
        return ""
    return _HIDDEN + account[-4:] if len(account) >= 8 else _HIDDEN


def mask(text: str, field_hint: str = "") -> str:
    """A secret as it may be shown. ``field_hint`` is the field's name in ``records.md`` or ``id``/``phone``/``account``.

    A secret of another sort is hidden altogether; nothing stays nothing.
    """
    kind = _HINTS.get(field_hint, field_hint)
    if kind == "id":
        return mask_id(text)
    if kind == "phone":
        return mask_phone(text)
    if kind == "account":
        return mask_account(text)
    return _HIDDEN if text else ""


def is_masked(text: str) -> bool:
    """Whether ``text`` shows a secret in part: it holds a run of at least four masking stars."""
    return _HIDDEN in text.translate(_MASK_SIGNS)


def masks(masked: str, value: str) -> bool:
    """Whether ``masked`` hides exactly ``value``, so that on import it means "unchanged"; False if nothing is masked."""
    shown = _INVISIBLE.sub("", half_width(masked).translate(_MASK_SIGNS)).upper()
    if not is_masked(shown) or not value:
        return False
    number = clean_id(value)
    known = {mask_id(value), mask_id(value, common=True), mask_phone(value), mask_account(value), _HIDDEN}
    same_places = len(shown) == len(number) and all(sign in ("*", char) for sign, char in zip(shown, number, strict=True))
    return shown in known or same_places
