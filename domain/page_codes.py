"""The code on a printed page: of which record the page is, which form, and which of its pages; so that a signed sheet finds its way back.

    text(id, "A", page=1, pages=2)  ->  "CZ1AGMWZ…A0102"      34 signs of a QR code's small alphabet, nothing personal
    parse(code)                     ->  PageCode | None

Capitals and digits only: a QR code (ISO/IEC 18004) of version 2 holds 38 of them and can still lose a sixth of its area to a stamp.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from binascii import Error
from dataclasses import dataclass
from typing import Final
from uuid import UUID

MOST: Final = 99
"""Pages of one form that are numbered; those after it carry no code."""
_CODE: Final = re.compile(r"CZ1([A-Z2-7]{26})([A-Z])(\d\d)(\d\d)", re.ASCII)


@dataclass(frozen=True)
class PageCode:
    """What a code says: the record's id, the form's `mark` in the catalogue of forms, the page (from 1) and how many there are."""

    record: str
    mark: str
    page: int
    pages: int


def text(record: str, mark: str, *, page: int, pages: int) -> str:
    """The code of a page; "" where there is none: for an id that is no UUID, and for pages beyond the 99th."""
    try:
        id = b32encode(UUID(record).bytes).decode().rstrip("=")
    except ValueError:
        return ""
    return f"CZ1{id}{mark}{page:02}{pages:02}" if pages <= MOST else ""


def parse(code: str) -> PageCode | None:
    """What a code says; None for any other text, such as the code of somebody else's paper."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    id, mark, page, pages = found.groups()
    try:
        record = str(UUID(bytes=b32decode(f"{id}======")))
    except (ValueError, Error):
        return None
    return PageCode(record, mark, int(page), int(pages)) if 1 <= int(page) <= int(pages) else None
