"""The QR code on a printed page: the record, the form and the page number, by which a signed sheet is filed when it comes back.

    text(id, "A", page=1, pages=2)  ->  "CZ1AGMWZ…A0102"      34 characters of a QR code's alphanumeric mode, nothing personal
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

MAX_PAGES: Final = 99
"""Most pages of one form that are numbered; further pages carry no code."""
_CODE: Final = re.compile(r"CZ1([A-Z2-7]{26})([A-Z])(\d\d)(\d\d)", re.ASCII)


@dataclass(frozen=True)
class PageCode:
    """The content of a code: the record's id, the form's `mark` in the catalogue of forms, the page (from 1) and the number of pages."""

    record: str
    mark: str
    page: int
    pages: int


def text(record: str, mark: str, *, page: int, pages: int) -> str:
    """The code of a page; "" if there is none: for an id that is no UUID, and for pages beyond the 99th."""
    try:
        id = b32encode(UUID(record).bytes).decode().rstrip("=")
    except ValueError:
        return ""
    return f"CZ1{id}{mark}{page:02}{pages:02}" if pages <= MAX_PAGES else ""


def parse(code: str) -> PageCode | None:
    """Parse a code; None for any other text, such as a code on somebody else's paper."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    id, mark, page, pages = found.groups()
    try:
        record = str(UUID(bytes=b32decode(f"{id}======")))
    except (ValueError, Error):
        return None
    return PageCode(record, mark, int(page), int(pages)) if 1 <= int(page) <= int(pages) else None
