"""Packing of one column of a batch: a form is chosen by what its values have in common, which zstd then compresses further.

Every form is a tagged MessagePack array, whose shape is checked by decoding; the `read_` functions check the rest and raise `ValueError`.
A released form keeps its tag and its meaning.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from operator import le, sub

import msgspec

from domain.values import Stored

PREFIX = 28
"""Length of the prefix, of a UUID's 36 characters, that ids of one program run share."""
_PREFIX = re.compile(r"[0-9a-f-]{28}")
_ID_LENGTH = 36
_MAX_DISTINCT = 255
_SAMPLE = 2 * _MAX_DISTINCT
"""So many values show whether a column has too many different ones for a dictionary: making a set of all takes a third of packing them."""
_MAX_DIGITS = 19
"""Decimal digits that always fit into eight bytes."""
_DIGITS_TO_ZERO = str.maketrans("123456789", "000000000")
_ID_NUMBER_SHAPE = "0" * 17 + "X"
"""The shape of an identity card number, whose last character is a digit or X."""
_CHECK_CHARACTERS = "0123456789X"
_CHECK_VALUES = {character: n for n, character in enumerate(_CHECK_CHARACTERS)}
_UUIDS = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})*")


class Run(msgspec.Struct, array_like=True, frozen=True, tag=0):
    """An arithmetic sequence; a step of 0 means that all numbers are equal."""

    first: int
    step: int


class Steps(msgspec.Struct, array_like=True, frozen=True, tag=1):
    """Delta encoding: the first number and the differences between neighbours."""

    steps: list[int]


class Same(msgspec.Struct, array_like=True, frozen=True, tag=2):
    """The same value in all rows."""

    value: str | int | None


class Plain(msgspec.Struct, array_like=True, frozen=True, tag=3):
    """Values without packing."""

    values: list[str | int | None]


class Few(msgspec.Struct, array_like=True, frozen=True, tag=4):
    """Dictionary encoding: the distinct values, and for each row the index of its value."""

    values: list[str | int | None]
    which: bytes


class Digits(msgspec.Struct, array_like=True, frozen=True, tag=5):
    """Texts of one shape (`0000-00-00`: a zero stands for any digit) as numbers minus the `least`, their lowest bytes first.

    `grows`: the numbers ascend, and each is stored as the difference from the one before. `present`: one byte per row, 0 for None; empty
    when no value is None.
    """

    shape: str
    least: int
    grows: bool
    present: bytes
    planes: bytes


class Ids(msgspec.Struct, array_like=True, frozen=True, tag=6):
    """Ids by the number of their prefix in the batch's table (-1: none) and their last eight hexadecimal digits."""

    heads: Run | Steps
    tails: Run | Steps


class Hashes(msgspec.Struct, array_like=True, frozen=True, tag=7):
    """Ids without common prefixes: sixteen bytes each."""

    data: bytes


Numbers = Run | Steps
Column = Same | Plain | Few | Digits | Ids | Hashes


class Names(dict[str, int]):
    """Assigns numbers to names in the order of their first use."""

    def __missing__(self, name: str) -> int:
        self[name] = len(self)
        return self[name]


# -- packing -----------------------------------------------------------------------------------------------------------


def numbers(values: Sequence[int]) -> Numbers:
    """Pack integers."""
    if isinstance(values, range):
        return Run(values.start, values.step)
    first, last, n = values[0], values[-1], len(values)
    step = (last - first) // (n - 1) if n > 1 else 0
    if (step == 0 and values.count(first) == n) or (step and list(values) == list(range(first, first + step * n, step))):
        return Run(first, step)
    return Steps([first, *(b - a for a, b in pairwise(values))])


def ids(values: Sequence[str | None], prefixes: Names) -> Ids | Hashes:
    """Pack ids."""
    present = [v for v in values if v is not None]
    heads = {v[:PREFIX] for v in present}
    if len(present) == len(values) and len(heads) * 2 > len(values) > 1:
        return Hashes(bytes.fromhex("".join(present).replace("-", "")))
    return Ids(
        numbers([-1 if v is None else prefixes[v[:PREFIX]] for v in values]),
        numbers([0 if v is None else int(v[PREFIX:], 16) for v in values]),
    )


def are_ids(values: Sequence[Stored]) -> bool:
    """Whether all of them are ids in their canonical form, or None."""
    texts = _texts_of(values)
    if texts is None or set(map(len, texts)) - {_ID_LENGTH}:
        return False
    return _UUIDS.fullmatch("".join(texts)) is not None


def any_column(values: Sequence[Stored], prefixes: Names) -> Column:
    """Pack values of any type, ids by their common prefixes."""
    return ids(values, prefixes) if are_ids(values) else column(values)  # type: ignore[arg-type]  # texts or None, just checked


def column(values: Sequence[Stored]) -> Column:
    """Pack values of any type in the most compact form."""
    if len(set(values[:_SAMPLE])) <= _MAX_DISTINCT:
        found = {value: n for n, value in enumerate(dict.fromkeys(values))}
        if len(found) == 1:
            return Same(values[0])
        if len(found) <= min(_MAX_DISTINCT, len(values) // 2):
            return Few(list(found), bytes(map(found.__getitem__, values)))
    return (_digits(values) if len(values) > 7 else None) or Plain(list(values))


def _texts_of(values: Sequence[Stored]) -> list[str] | None:
    """The values that are not None; None unless they are texts."""
    texts = [v for v in values if type(v) is str]
    missing = len(values) - len(texts)
    return texts if missing == 0 or values.count(None) == missing else None


def _digits(values: Sequence[Stored]) -> Digits | None:
    texts = _texts_of(values)
    if not texts:
        return None
    shape = _shape(texts)
    if shape is None:
        return None
    found = list(_numbered(texts, shape))
    least = min(found)
    grows = all(map(le, found, found[1:]))
    rest = [found[0] - least, *map(sub, found[1:], found)] if grows else [n - least for n in found]
    present = bytes(v is not None for v in values) if len(texts) < len(values) else b""
    return Digits(shape, least, grows, present, _planes(rest))


def _shape(texts: Sequence[str]) -> str | None:
    """The common shape of all texts, or None if they cannot be packed by one."""
    shape, length = texts[0].translate(_DIGITS_TO_ZERO), len(texts[0])
    places = shape.count("0")
    if not (4 <= places <= _MAX_DIGITS and places * 2 > length and set(map(len, texts)) == {length}):
        return None
    if length == len(_ID_NUMBER_SHAPE) and shape[:-1] == _ID_NUMBER_SHAPE[:-1]:
        heads, tails = "".join([text[:-1] for text in texts]), {text[-1] for text in texts}
        if "X" in tails and tails <= set(_CHECK_CHARACTERS):
            return _ID_NUMBER_SHAPE if heads.translate(_DIGITS_TO_ZERO) == _ID_NUMBER_SHAPE[:-1] * len(texts) else None
    return shape if "".join(texts).translate(_DIGITS_TO_ZERO) == shape * len(texts) else None


def _numbered(texts: Sequence[str], shape: str) -> Iterator[int]:
    if shape == _ID_NUMBER_SHAPE:
        return (int(text[:-1]) * len(_CHECK_CHARACTERS) + _CHECK_VALUES[text[-1]] for text in texts)
    others = set(shape) - {"0"}
    if not others:
        return map(int, texts)
    digits, places = "".join(texts), shape.count("0")
    for character in others:
        digits = digits.replace(character, "")
    return (int(digits[start : start + places]) for start in range(0, len(digits), places))


def _planes(values: Sequence[int]) -> bytes:
    """All lowest bytes, then all second ones and so on, up to the highest byte in use."""
    width = (max(values).bit_length() + 7) // 8
    data = struct.pack(f"<{len(values)}Q", *values)
    return b"".join(data[n::8] for n in range(width))


# -- unpacking ---------------------------------------------------------------------------------------------------------


def read_numbers(packed: Numbers, n: int) -> Sequence[int]:
    """Unpack a column of `n` integers."""
    if isinstance(packed, Run):
        if abs(packed.first) + abs(packed.step) * n >= 2**62:
            raise ValueError("numbers too large")
        return range(packed.first, packed.first + packed.step * n, packed.step) if packed.step else [packed.first] * n
    if len(packed.steps) != n:
        raise ValueError("number of numbers")
    return list(accumulate(packed.steps))


def read_names(packed: Numbers, n: int, names: Sequence[str]) -> list[str]:
    """Unpack `n` numbers into the names they stand for."""
    found = read_numbers(packed, n)
    if min(found) < 0:
        raise ValueError("names")
    return [names[0]] * n if max(found) == 0 else [names[number] for number in found]


def check_prefixes(prefixes: Sequence[str]) -> None:
    """Raise `ValueError` unless these are prefixes of ids."""
    if not all(map(_PREFIX.fullmatch, prefixes)):
        raise ValueError("prefixes")


def read_ids(packed: Ids | Hashes, n: int, prefixes: Sequence[str]) -> list[str | None]:
    """Unpack a column of `n` ids."""
    if isinstance(packed, Hashes):
        if len(packed.data) != 16 * n:
            raise ValueError("ids")
        text = packed.data.hex()
        parts = (text[start : start + 32] for start in range(0, 32 * n, 32))
        return [f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}" for h in parts]
    heads, tails = read_numbers(packed.heads, n), read_numbers(packed.tails, n)
    if min(heads) < -1 or min(tails) < 0 or max(tails) >= 2**32:
        raise ValueError("ids")
    if heads.count(heads[0]) == n and heads[0] >= 0:
        return list(map(f"{prefixes[heads[0]]}%08x".__mod__, tails))
    return [None if head < 0 else f"{prefixes[head]}{tail:08x}" for head, tail in zip(heads, tails, strict=True)]


def read_column(packed: Column, n: int, prefixes: Sequence[str]) -> list[Stored]:
    """Unpack a column of `n` values."""
    found: list[Stored]
    if isinstance(packed, Same):
        return [packed.value] * n
    if isinstance(packed, Ids | Hashes):
        found = [*read_ids(packed, n, prefixes)]
    elif isinstance(packed, Digits):
        found = [*_read_digits(packed, n)]
    else:
        found = packed.values if isinstance(packed, Plain) else list(map(packed.values.__getitem__, packed.which))
    if len(found) != n:
        raise ValueError("column length")
    return found


def spread(packed: Column, n: int) -> int:
    """Upper bound of the characters of a column of `n` rows when unpacked, for the forms that store a text once for many rows (else 0)."""
    texts = [packed.value] if isinstance(packed, Same) else packed.values if isinstance(packed, Few) else []
    return n * max((len(text) for text in texts if isinstance(text, str)), default=0)


def _read_digits(packed: Digits, n: int) -> list[str | None]:
    present = packed.present
    texts = _texts(packed, n - present.count(0))
    if not present:
        return texts  # type: ignore[return-value]  # none is missing
    if len(present) != n or max(present) > 1:
        raise ValueError("digits")
    following = iter(texts)
    return [next(following) if here else None for here in present]


def _texts(packed: Digits, n: int) -> list[str]:
    shape, planes = packed.shape, packed.planes
    width = len(planes) // n if n else 0
    places = shape.count("0")
    if n == 0 or len(planes) != width * n or width > 8 or not 0 < places <= _MAX_DIGITS or len(shape) > 2 * _MAX_DIGITS or packed.least < 0:
        raise ValueError("digits")
    data = bytearray(8 * n)
    for plane in range(width):
        data[plane::8] = planes[plane * n : (plane + 1) * n]
    found: Sequence[int] = struct.unpack(f"<{n}Q", data)
    least = packed.least
    if packed.grows:
        found = list(accumulate(found, initial=least))[1:]
    elif least:
        found = [number + least for number in found]
    with_check = shape == _ID_NUMBER_SHAPE
    if max(found) >= 10**places * (len(_CHECK_CHARACTERS) if with_check else 1):
        raise ValueError("digits")
    if with_check:
        return [f"{number // 11:017d}{_CHECK_CHARACTERS[number % 11]}" for number in found]
    texts = list(map(f"%0{places}d".__mod__, found))
    return texts if places == len(shape) else _shaped(texts, shape)


def _shaped(texts: list[str], shape: str) -> list[str]:
    """Insert the characters between the digits again."""
    cuts = [(match.start(), match.group()) for match in re.finditer("[^0]+", shape)]
    for start, between in cuts:
        texts = [text[:start] + between + text[start:] for text in texts]
    return texts
