"""Duplicate detection: whether two records are of one person, as a sum of weighted signs, each explained in words.

The weight of a sign is, in bits, how much likelier it is between two records of one person than between two people (log2 of m over u,
after Fellegi and Sunter 1969): one in 2^14 pairs of people in a county has the same birth date. Among all pairs of 50 000 people about
one in 2^21 is a duplicate, so a sum of `LISTED` is as often right as wrong, and one of `LIKELY` nearly always right.

What families share never counts twice: household, phone, account and village count as one sign, the strongest of them. Two different
valid numbers count against a match, and most of all those of the same place and day of birth (twins); so does a different given name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from domain.identity import birth_of, clean_account, clean_id, clean_phone, id18, id_problem, sex_of
from domain.lunar import birthday_of
from domain.name_likeness import Name, bare_name, compare
from domain.values import canonical_json
from domain.words import N_, _

LISTED: Final = 20
"""Least sum at which a pair is listed."""
LIKELY: Final = 28
"""Least sum at which a pair is called 很可能."""

_DIGITS: Final = re.compile(r"[0-9]{16,18}[0-9X]")
_LONGEST_NUMBER: Final = 40


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign: its weight in bits, its text, and its weight beside a nearly equal ID number, which already contains the birth date."""

    weight: int
    text: str
    beside_number: int | None = None


APART: Final = "I05-2"
"""Code of findings that keep two people apart; `I05` is the check that lists the pairs."""


def pair_id(one: str, other: str) -> str:
    """The id of the finding about two people, in either order: the same on every laptop."""
    return str(UUID(bytes=sha256(canonical_json(["finding", APART, *sorted((one, other))]).encode()).digest()[:16]))


NAMES: Final[Mapping[Name, Sign]] = {
    Name.SAME: Sign(12, N_("姓名相同")),
    Name.VARIANT: Sign(11, N_("姓名只差一个异体字或常混写的字")),
    Name.SOUND: Sign(9, N_("姓名同音")),
    Name.SHAPE: Sign(9, N_("姓名字形相近")),
    Name.HEARD: Sign(7, N_("姓名读音相近")),
    Name.ORDER: Sign(6, N_("姓名字序颠倒")),
    Name.UNKNOWN: Sign(0, ""),
    Name.SHORTER: Sign(0, N_("姓名少一个字")),
    Name.ONE_OTHER: Sign(-2, N_("姓名有一个字不同")),
    Name.DIFFERENT: Sign(-12, N_("姓名不同")),
}
NUMBERS: Final[Mapping[str, Sign]] = {
    "same": Sign(40, N_("证件号码相同")),
    "generation": Sign(40, N_("15 位与 18 位号码是同一个")),
    "swapped": Sign(15, N_("证件号码有两位颠倒")),
    "digit": Sign(14, N_("证件号码差一位")),
    "length": Sign(13, N_("证件号码少一位或多一位")),
    "near": Sign(6, N_("证件号码前 17 位只差一处")),
    "unknown": Sign(0, ""),
    "unlike": Sign(-3, N_("证件号码不同，其中有号码不正确")),
    "apart": Sign(-10, N_("两个证件号码都正确而且不同")),
    "twins": Sign(-14, N_("同地同日出生、号码都正确而且不同，像双胞胎")),
}
CLOSE: Final = frozenset({"same", "generation", "swapped", "digit", "length", "near"})
"""Results that mean one number: a differing birth date beside them is the same slip."""
BIRTHS: Final[Mapping[str, Sign]] = {
    "same": Sign(14, N_("同一出生日期"), 4),
    "slip": Sign(6, N_("出生日期差一个数或月日颠倒"), 2),
    "lunar": Sign(3, N_("出生日期像是一个公历一个农历"), 1),
    "unknown": Sign(0, "", 0),
    "other": Sign(-8, N_("出生日期不同"), 0),
}
SEXES: Final[Mapping[str, Sign]] = {"same": Sign(1, N_("性别相同")), "unknown": Sign(0, ""), "other": Sign(-6, N_("性别不同"))}
PLACES: Final[Mapping[str, Sign]] = {
    "account": Sign(9, N_("社保卡账号相同")),
    "phone": Sign(8, N_("电话相同")),
    "household": Sign(8, N_("在同一户")),
    "village": Sign(3, N_("在同一个村")),
    "none": Sign(0, ""),
}
"""Only the strongest of them counts."""
_NOT_SHOWN: Final = frozenset({SEXES["same"].text})
"""Signs not worth reading as a reason: half of all people share them."""


@dataclass(frozen=True)
class Somebody:
    """The compared data of a person; unknown values are empty."""

    name: str = ""
    sounds: Sequence[str] = ()
    """Syllables of the name without tones."""
    number: str = ""
    sex: str = ""
    birth: str = ""
    village: str = ""
    household: str = ""
    phone: str = ""
    account: str = ""
    original: str = ""
    """The number as entered, if it had another length."""

    @cached_property
    def bare(self) -> str:
        """The name normalised for comparison."""
        return bare_name(self.name)

    @cached_property
    def number18(self) -> str:
        """The number used to tell people apart; a first-generation one is converted to eighteen characters."""
        return id18(self.number[:_LONGEST_NUMBER])

    @cached_property
    def certain(self) -> bool:
        """Whether the number is valid."""
        return _is_valid(self.number18)

    @cached_property
    def born(self) -> str:
        """The birth date, taken from the number if it is not on record."""
        return self.birth or birth_of(self.number18) or ""

    @cached_property
    def gender(self) -> str:
        """The sex, taken from a valid number if it is not on record."""
        return self.sex or (sex_of(self.number18) or "" if self.certain else "")

    @cached_property
    def first_generation(self) -> bool:
        """Whether the number was entered with fifteen digits."""
        return 15 in (len(clean_id(self.original[:_LONGEST_NUMBER])), len(clean_id(self.number[:_LONGEST_NUMBER])))

    @cached_property
    def calls(self) -> tuple[str, str]:
        """Phone and account normalised for comparison."""
        return calls(self.phone, self.account)


@dataclass(frozen=True)
class Likeness:
    """The result of a comparison: the sum of the weights, and the signs for and against in words, the weightiest first."""

    score: int
    reasons: tuple[str, ...]
    against: tuple[str, ...]


def likeness(one: Somebody, other: Somebody) -> Likeness:
    """Compare two records; symmetric."""
    signs = [(sign, weight) for sign, weight in _signs(one, other) if weight]
    weighted = sorted((weight, _(sign.text)) for sign, weight in signs if sign.text not in _NOT_SHOWN)
    reasons = tuple(text for weight, text in reversed(weighted) if weight > 0)
    return Likeness(sum(weight for _sign, weight in signs), reasons, tuple(text for weight, text in weighted if weight < 0))


class Outline(NamedTuple):
    """Of a person only what decides whether to compare them, with the attributes of `Somebody`."""

    id: str
    village: str
    bare: str
    sounds: Sequence[str]
    number18: str
    certain: bool
    born: str


def outlined(id: str, village: str, name: str, sounds: Sequence[str], number: str, birth: str) -> Outline:
    """The outline of a person; unknown values are empty."""
    number18 = id18(number[:_LONGEST_NUMBER])
    return Outline(id, village, bare_name(name), sounds, number18, _is_valid(number18), birth or birth_of(number18) or "")


def _is_valid(number18: str) -> bool:
    return len(number18) == 18 and id_problem(number18) is None


def calls(phone: str, account: str) -> tuple[str, str]:
    """Phone and account normalised for comparison."""
    phone, account = phone[:_LONGEST_NUMBER], account[:_LONGEST_NUMBER]
    return phone if phone.isascii() and phone.isdigit() else clean_phone(phone), clean_account(account) if account else ""


def hopeless(one: Outline | Somebody, other: Outline | Somebody) -> bool:
    """Whether two records can never be listed, because their valid numbers and either names or births differ. Much quicker than
    `likeness`."""
    if not (one.certain and other.certain) or one.number18 == other.number18:
        return False
    if one.born != other.born and not slip(one.number18[:17], other.number18[:17]):
        return True  # what is left for them, equal names and an account, does not suffice
    return compare(one.bare, other.bare, one.sounds, other.sounds) <= Name.ONE_OTHER


def _signs(one: Somebody, other: Somebody) -> list[tuple[Sign, int]]:
    number = compare_numbers(one, other)
    birth = BIRTHS[compare_births(one.born, other.born)]
    name = NAMES[compare(one.bare, other.bare, one.sounds, other.sounds)]
    others = (name, NUMBERS[number], SEXES[_equal(one.gender, other.gender)], PLACES[_place(one, other)])
    beside = birth.beside_number if number in CLOSE and birth.beside_number is not None else birth.weight
    return [(birth, beside), *((sign, sign.weight) for sign in others)]


def _equal(one: str, other: str) -> str:
    return "unknown" if not one or not other else "same" if one == other else "other"


def _place(one: Somebody, other: Somebody) -> str:
    (phone, account), (other_phone, other_account) = one.calls, other.calls
    shared = {
        "account": len(account) > 7 and account == other_account,
        "phone": len(phone) > 6 and phone == other_phone,
        "household": one.household != "" and one.household == other.household,
        "village": one.village != "" and one.village == other.village,
    }
    return next((place for place, same in shared.items() if same), "none")


def compare_numbers(one: Somebody, other: Somebody) -> str:
    """The key in `NUMBERS`. The check character detects every single wrong digit and every swap of neighbours (ISO 7064 MOD 11-2), so
    two valid numbers, even of siblings, are never one slip apart."""
    a, b = one.number18, other.number18
    if not _DIGITS.fullmatch(a) or not _DIGITS.fullmatch(b):
        return "same" if a == b and len(a) > 14 else "unknown"
    if a == b:
        return "generation" if one.first_generation != other.first_generation else "same"
    if len(a) != len(b):
        longer, shorter = sorted((a, b), key=len, reverse=True)
        return "length" if len(longer) == len(shorter) + 1 and one_left_out(longer, shorter) else "unlike"
    if one.certain and other.certain:
        return "twins" if a[:14] == b[:14] else "near" if slip(a[:17], b[:17]) else "apart"
    return slip(a, b) or "unlike"


def slip(one: str, other: str) -> str:
    """`digit` if texts of the same length differ in one place, `swapped` if two neighbours changed places, otherwise empty."""
    places = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) == 1:
        return "digit"
    if len(places) == 2 and places[1] == places[0] + 1 and one[places[0]] == other[places[1]] and one[places[1]] == other[places[0]]:
        return "swapped"
    return ""


def one_left_out(longer: str, shorter: str) -> bool:
    """Whether the shorter text is the longer one without one of its characters."""
    place = next((n for n, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b), len(shorter))
    return longer[place + 1 :] == shorter[place:]


def slips(number: str) -> list[str]:
    """Every number that is one wrong digit, one swap of neighbours, or one missing or extra character away from a number of 17 to 19
    characters; empty for other text."""
    if not _DIGITS.fullmatch(number):
        return []
    found = [number[:n] + number[n + 1] + number[n] + number[n + 2 :] for n in range(len(number) - 1)]
    found += [number[:n] + digit + number[n + 1 :] for n in range(len(number)) for digit in "0123456789X"]
    found += [number[:n] + number[n + 1 :] for n in range(len(number))]
    found += [number[:n] + digit + number[n:] for n in range(len(number) + 1) for digit in "0123456789"]
    return [one for one in dict.fromkeys(found) if one != number and _DIGITS.fullmatch(one)]


def compare_births(one: str, other: str) -> str:
    """The key in `BIRTHS` for two days; an invalid day counts as unknown."""
    if one == other:
        return "same" if one else "unknown"
    try:
        lunar = birthday_of(one, other) or birthday_of(other, one)
    except ValueError:
        return "unknown"
    if slip(one, other) or (one[:4] == other[:4] and one[5:7] == other[8:] and one[8:] == other[5:7]):
        return "slip"
    return "lunar" if lunar else "other"
