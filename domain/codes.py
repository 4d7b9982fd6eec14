"""Codes that people read aloud and type: Crockford's base 32, and the short receipt code with its check character."""

from __future__ import annotations

import base64
from unicodedata import normalize

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O or U to misread."""
_HASHED = 11
"""Characters of a receipt code before its check character: 55 bits of the bundle's hash."""


def crockford(data: bytes) -> str:
    """Bytes in base 32, without padding."""
    plain = base64.b32encode(data).decode().rstrip("=")
    return plain.translate(str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET))


def plain_code(text: str) -> str:
    """Normalise a typed code, or part of one: lower case, full-width letters, dashes, dots, blanks and O for 0 are accepted."""
    letters = "".join(letter for letter in normalize("NFKC", text).upper() if letter.isalnum())
    return letters.replace("O", "0").replace("I", "1").replace("L", "1")


def grouped(code: str) -> str:
    """A code in groups of four."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def receipt_code(sha: bytes) -> str:
    """The short code of a bundle by its hash, with a check character at the end: `7K3M-9QTX-4C2D`."""
    code = crockford(sha)[:_HASHED]
    return grouped(code + ALPHABET[-_sum(code + "0") % 32])


def check_code(text: str) -> str | None:
    """Normalise a typed receipt code; None if a character is wrong or missing."""
    code = plain_code(text)
    if len(code) != _HASHED + 1 or set(code) - set(ALPHABET) or _sum(code) % 32:
        return None
    return grouped(code)


def _sum(code: str) -> int:
    """Luhn checksum in base 32: it detects every single wrong character and nearly every swap of two."""
    total = 0
    for place, char in enumerate(reversed(code)):
        value = ALPHABET.index(char) * (1 + place % 2)
        total += value // 32 + value % 32
    return total
