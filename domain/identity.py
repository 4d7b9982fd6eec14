"""Numbers that identify: citizen ID numbers, credit codes, phones, bank cards, and how each is masked.

Pure functions over text and no third-party validator (``domain.md`` §0.10 and §0.11 say why). Everything takes any
text whatsoever without raising, except :func:`normalise_id`, :func:`check_digit` and :func:`age_on`, which say so.

Sources: GB 11643-1999 (citizen number), GB 32100-2015 (unified social credit code), GB 11714-1997 (organisation
code), the numbering of 残疾人证 (18 + category + grade, re-issued + ``B`` + count), ISO/IEC 7812-1 (Luhn).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Final, Literal

from domain import clock
from domain.other_numbers import (
    FLOAT_LOOKING,
    INVISIBLE,
    MOBILE,
    Problem,
    bank_card_problem,
    bare,
    clean_account,
    clean_phone,
    explain,
    half_width,
    luhn_ok,
    organisation_check,
    phone_problem,
    placeholder,
    uscc_check,
    uscc_problem,
)

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid number, taken apart. ``original`` is set for a number of 15, 20 or 22 characters: as it came, cleaned."""

    id18: str
    original: str | None
    sex: Sex
    birth: str
    disability_category: int | None = None


# Roman ten, the multiplication sign and the Greek and Cyrillic letters that look like the check character
_LOOKS_LIKE_X: Final = dict.fromkeys(map(ord, "ⅩⅹΧχХх×✕"), "X")


def clean_id(text: str) -> str:
    """The number as it should have been typed: half-width, no blanks or quotes, upper-case X. Repairs, never judges."""
    typed = bare(text)
    if re.fullmatch(r"[0-9]{15}\.0+", typed):  # a number cell holds fifteen digits exactly, so nothing is lost
        typed = typed[:15]
    return typed.translate(_LOOKS_LIKE_X).upper()


# ---------------------------------------------------------------- citizen ID numbers

CITIZENS: Final = frozenset({"resident_id", "disability", "household_book"})
"""Documents whose number is a citizen's ID number."""

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_ID: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
_FIRST17: Final = re.compile(r"[0-9]{17}")
_BIRTH: Final = re.compile(r"[0-9]{8}")
_DISABILITY: Final = re.compile(r"(?P<category>[1-7])(?P<level>[1-4])(B[0-9])?")
_EARLIEST_BIRTH: Final = "1800-01-01"  # the sample in the standard itself was born in 1880
# A laptop whose clock battery is dead thinks it is 2000; nobody born before this day may be refused for that.
_CLOCK_FLOOR: Final = "2026-11-01"


def check_digit(first17: str) -> str:
    """The check character of seventeen digits (GB 11643-1999 §4.2, ISO 7064 MOD 11-2). ValueError for anything else."""
    if not _FIRST17.fullmatch(first17):
        raise ValueError("校验位由前17位数字算出")
    return _CHECK[sum(map(mul, map(int, first17), _WEIGHTS)) % 11]


def _upgraded(id15: str) -> str:
    """A first-generation number as eighteen characters: the century 19 put in, the check character put behind."""
    first17 = id15[:6] + "19" + id15[6:]
    return first17 + check_digit(first17)


def latest_birth(on: str | None) -> str:
    """The last day on which somebody may have been born as of a day, by default today."""
    return on if on is not None else max(clock.today(), _CLOCK_FLOOR)


def to_come(birth: str, on: str | None) -> bool:
    """Whether a birth (ISO) lies after the day ``on``, by default today."""
    return birth > (on or _CLOCK_FLOOR) and birth > latest_birth(on)  # asking the clock takes as long as all the rest of a check


def _id18_problem(number: str, on: str | None) -> Problem | None:
    birth = birth_of(number)
    if birth is None or birth < _EARLIEST_BIRTH or to_come(birth, on):
        return Problem.BIRTH_DATE
    return None if check_digit(number[:17]) == number[17] else Problem.CHECKSUM


def _kept_problem(number: str, on: str | None) -> Problem | None:
    """The problem of a number of eighteen characters or more."""
    problem = _id18_problem(number[:18], on)
    return Problem.DIGITS_LOST if problem is not None and set(number[15:]) == {"0"} else problem


def id_problem(text: str, *, on: str | None = None) -> Problem | None:
    """Why ``text`` is not a valid number of 18, 15, 20 or 22 characters; None when it is. ``on``: latest birth (ISO).

    Region codes are not judged: numbers keep the code of the day they were given out (``domain.md`` §0.10).
    A tail of ``000`` with a correct check character is a real number; with a wrong one Excel has eaten the digits.
    """
    if _ID.fullmatch(text):  # as numbers are kept: nothing to clean
        return _kept_problem(text, on)
    if FLOAT_LOOKING.fullmatch(bare(text).upper()):
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
    problem = _kept_problem(number, on)
    if problem is not None:
        return problem
    return None if len(number) == 18 or _DISABILITY.fullmatch(number[18:]) else Problem.DISABILITY


def normalise_id(text: str) -> IdNumber:
    """A valid number taken apart. Raises ValueError with a Chinese sentence when :func:`id_problem` finds one."""
    problem = id_problem(text)
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
    )


def id18(text: str) -> str:
    """The first eighteen characters, by which people are compared; fifteen digits are upgraded. Never raises.

    Text that is no number comes back cleaned, so that two equal wrong numbers still compare equal.
    """
    if _ID.fullmatch(text):  # as numbers are kept: nothing to clean
        return text
    number = clean_id(text)
    return _upgraded(number) if re.fullmatch(r"[0-9]{15}", number) else number[:18]


def identifies(number: str, document: str | None, other: str | None) -> bool:
    """Whether one ``number`` on two documents (types of :class:`~domain.records.people.Person`) means one person. The number of a document
    that is no citizen's number does so only within its own type; a placeholder never does. An unknown document (None) is any."""
    if _ID.fullmatch(number):
        return True
    same = document is None or other is None or (document in CITIZENS) == (other in CITIZENS)
    return same and not placeholder(number)


WITHOUT: Final = "无证"
"""With this begins the number of a person who has no document (`services.unnumbered`)."""
_WITHOUT: Final = re.compile(rf"{WITHOUT}[\d-]*\d")


def unnumbered(number: str) -> bool:
    """Whether a number only stands for one: its person has no document."""
    return _WITHOUT.fullmatch(number) is not None


def sex_of(number: str) -> Sex | None:
    """``male`` for an odd 17th digit, ``female`` for an even one (GB 11643-1999 §4.1.3); None when there is none."""
    digit = number[16:17]
    if digit not in set("0123456789"):
        return None
    return "male" if int(digit) % 2 else "female"


def birth_of(number: str) -> str | None:
    """Birth date (ISO) in characters 7 to 14 of an 18-character number; None when they are no date."""
    digits = number[6:14]
    if not _BIRTH.fullmatch(digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None


def age_on(birth: str, day: str) -> int:
    """Full years of age on ``day`` (both ISO days); born on 29 February counts from 1 March. ValueError if no days."""
    born, then = date.fromisoformat(birth), date.fromisoformat(day)
    return then.year - born.year - ((then.month, then.day) < (born.month, born.day))


# ---------------------------------------------------------------- suggested corrections

_OLDEST: Final = 110
_PROVINCES: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9")
"""Possible beginnings of a number: provinces (GB/T 2260), and the permits of residents of Hong Kong, Macao and Taiwan and of foreigners."""
# Digits that are taken for one another in handwriting and on a number pad
_CONFUSED: Final = frozenset(frozenset(pair) for pair in "06 08 17 38 35 56 58 49 79 27 14 12 23 45 78 89 0X".split(" "))


def _one_slip_away(number: str) -> Iterator[tuple[int, str]]:
    """Every number that becomes this one by swapping two neighbours or mistyping one character, with how unlikely the slip is."""
    for place in range(17):
        if number[place] != number[place + 1]:
            yield 0, number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    for place, was in enumerate(number):
        for char in "0123456789X" if place == 17 else "0123456789":
            if char != was:
                yield 1 if frozenset((char, was)) in _CONFUSED else 2, number[:place] + char + number[place + 1 :]


def suggestions(text: str, region: str = "") -> list[str]:
    """The five most probable intended numbers: one slip away, with a valid check character and a possible birth date.

    Best first: those that begin with ``region`` (the leading digits of most local numbers, 230826), then those of its province; within
    each, swapped neighbours before often confused digits before others. Numbers of a nonexistent province are left out. Empty if the number
    is valid or cannot be repaired. The tail of a disability number is kept.
    """
    number = clean_id(text)
    if not re.fullmatch(r"[0-9X]{18}([0-9]{2}|[0-9]{2}B[0-9])?", number) or id_problem(number) in (None, Problem.DIGITS_LOST):
        return []
    ranked: dict[str, tuple[int, int, bool, str]] = {}
    for effort, candidate in _one_slip_away(number[:18]):
        if not _PROVINCES.match(candidate) or not _ID.fullmatch(candidate) or _id18_problem(candidate, None) is not None:
            continue
        elsewhere = (not candidate.startswith(region)) + (not candidate.startswith(region[:2]))
        too_old = age_on(birth_of(candidate) or "", latest_birth(None)) > _OLDEST
        rank = (elsewhere + 3 * too_old, effort, candidate[:6] != number[:6], candidate)
        ranked[candidate] = min(rank, ranked.get(candidate, rank))
    return [candidate + number[18:] for candidate in sorted(ranked, key=ranked.__getitem__)[:5]]


# ---------------------------------------------------------------- masking

_HIDDEN: Final = "****"
_MASK_SIGNS: Final = str.maketrans("＊●•·", "****")
_LONG_NUMBER: Final = re.compile(r"\d(?:[\s.\-－‐-―]?[\dXxＸｘ]){6,}(?:[Bb]\d)?")


def mask_id(text: str, *, common: bool = False) -> str:
    """Eighteen places with the last four shown (``**************0010``); ``common`` shows the first six as well.

    Of a disability number only the first eighteen are shown: the tail tells a person's impairment.
    """
    number = clean_id(text)[:18]
    if len(number) <= 8:
        return _HIDDEN if number else ""
    head = number[:6] if common and len(number) >= 15 else ""
    return head + "*" * (len(number) - 4 - len(head)) + number[-4:]


def mask_phone(text: str) -> str:
    """``138****0217`` for a mobile; of any other number only the last four are shown."""
    phone = text if MOBILE.fullmatch(text) else clean_phone(text)  # nearly every one is clean as it is
    if MOBILE.fullmatch(phone):
        return phone[:3] + _HIDDEN + phone[-4:]
    return mask_account(phone)


def mask_account(text: str) -> str:
    """``****6620``: the length is hidden too. Fewer than eight characters are hidden altogether."""
    account = clean_account(text)
    if not account:
        return ""
    return _HIDDEN + account[-4:] if len(account) >= 8 else _HIDDEN


def mask_numbers(text: str) -> str:
    """Mask each number of seven digits or more in a text, even if divided by blanks or dashes."""

    def masked(found: re.Match[str]) -> str:
        number = re.sub(r"\W", "", half_width(found.group()))
        return mask_id(number) if len(number) in (15, 18, 20, 22) else mask_phone(number)

    return _LONG_NUMBER.sub(masked, text)


_INSIDE: Final = re.compile(r"(?<![0-9０-９])[0-9０-９](?:[ -]?[0-9０-９]){15,18}[XxＸｘ]?(?![0-9０-９A-Za-z])")
"""Digits in a text that may be an ID number or a bank card."""
_BLOCKS: Final = re.compile(r"[^ -]{16,19}|.{4}([ -]).{4}\1.{4}\1.{4}(?:\1.{1,3})?")
"""How card numbers are written: in one block or in fours. (2024-05-04-2022-10-15 is two dates, and one in ten such sums passes as a
card.)"""


def _personal(digits: str) -> bool:
    number = half_width(re.sub("[ -]", "", digits))
    card = number.isdigit() and (number.startswith("62") or (luhn_ok(number) and _BLOCKS.fullmatch(digits) is not None))
    return card or id_problem(number) is None


def inside_problem(text: str) -> Problem | None:
    """The problem of a text, not itself a number, that contains an ID number or a bank card, where nothing masks it."""
    return Problem.INSIDE if len(text) > 15 and any(_personal(hit[0]) for hit in _INSIDE.finditer(text)) else None


def mask_inside(text: str) -> str:
    """The text with what `inside_problem` finds masked; other text is returned unchanged."""
    return _INSIDE.sub(lambda hit: mask_account(hit[0]) if _personal(hit[0]) else hit[0], text) if len(text) > 15 else text


def is_masked(text: str) -> bool:
    """Whether ``text`` shows a secret in part: it holds a run of at least four masking stars."""
    return _HIDDEN in text.translate(_MASK_SIGNS)


def _as_shown(text: str) -> str:
    """Normalise a masked value, whichever stars and widths a spreadsheet has made of it."""
    return INVISIBLE.sub("", half_width(text).translate(_MASK_SIGNS)).upper()


def masks(masked: str, value: str, *, usual: bool = False) -> bool:
    """Whether ``masked`` hides exactly ``value``, so that on import it means "unchanged"; False if nothing is masked. `usual`: only
    in a form in which this program shows numbers, so that nobody finds one out by showing more and more of it."""
    shown = _as_shown(masked)
    if not is_masked(shown) or not value:
        return False
    number = clean_id(value)
    known = {_as_shown(form) for form in (mask_id(value), mask_id(value, common=True), mask_phone(value), mask_account(value), _HIDDEN)}
    same_places = len(shown) == len(number) and all(sign in ("*", char) for sign, char in zip(shown, number, strict=True))
    return shown in known or (same_places and not usual)
