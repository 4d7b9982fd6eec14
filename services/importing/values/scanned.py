"""Cells copied from scans, chats and forms: letters in place of digits, words beside a number, and words with boxes to tick."""

from __future__ import annotations

import re

from domain import identity
from domain.identity import half_width

_LETTERS_FOR_DIGITS = str.maketrans("OoIl", "0011")
_MISREAD = re.compile(r"(?=.*\d)(?=.*[OoIl])[\dOoIl.\-/年月日 ]+", re.ASCII)
_HAN = re.compile("[一-龥]")
_MOBILE = r"(?<![\d-])1[3-9]\d{9}(?!\d)"
_LANDLINE = r"(?<![\d-])(?:0\d{2,3}-?)?[2-9]\d{6,7}(?!\d)"
_NUMBERS: dict[object, tuple[str, ...]] = {identity.mask_phone: (_MOBILE, _LANDLINE), identity.mask_account: (r"(?<!\d)\d{16,19}(?!\d)",)}
"""Mask of a field → patterns of its numbers, the more certain first."""
BOXES = re.compile("[☐□☑☒]")
"""Boxes before or behind words: ☑岗位推荐 ☐创业服务, or 男□ 女☑."""
_MARKS = re.compile("([☐□☑☒■✓✔√])")


def as_digits(text: str) -> str:
    """A text in which a scan took digits for letters, with the digits: 2O25-O2-l8."""
    return text.translate(_LETTERS_FOR_DIGITS)


def is_misread(text: str) -> bool:
    """Whether a text is a number or a date in which a scan took 0 or 1 for a letter."""
    return _MISREAD.fullmatch(text) is not None


def among_words(mask: object, text: str) -> str | None:
    """The only number of a field with this `mask` in a text with Chinese words: 13804541122（儿子）; "" if there is none, None if there
    are several, or no words."""
    if mask not in _NUMBERS or not _HAN.search(text):
        return None
    found = next(filter(None, (set(re.findall(pattern, half_width(text), re.ASCII)) for pattern in _NUMBERS[mask])), {""})
    return found.pop() if len(found) == 1 else None


def ticked_words(text: str) -> str:
    """The words of a cell with boxes that are ticked, joined by 、; the text itself if it has no words."""
    lead, *rest = _MARKS.split(text)
    marks, words = rest[::2], [lead, *rest[1::2]]
    beside = words[1:] if not lead.strip() else words[:-1]
    found = [(mark, word.strip(" \u3000、，,;；/\n")) for mark, word in zip(marks, beside, strict=True)]
    return "、".join(word for mark, word in found if word and mark not in "☐□") if any(word for _mark, word in found) else text
