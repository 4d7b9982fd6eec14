"""Sheets in traditional characters, as a converter or a visitor from elsewhere leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from services.office_files.limits import SEARCHED_ROWS
from services.office_files.reading import Sheet

_FILE = Path(__file__).resolve().parents[2] / "resources" / "rosters" / "traditional.txt"
_FEWEST = 3
"""Different traditional characters in the top rows that make a sheet one in traditional characters; a name may have one."""


@cache
def _simplified() -> Mapping[int, str]:
    """Traditional characters → simplified ones; the file has them in pairs."""
    text = _FILE.read_text(encoding="utf-8").replace("\n", "")
    return str.maketrans(dict(zip(text[::2], text[1::2], strict=True)))


def simplify(sheet: Sheet) -> bool:
    """Convert a sheet in traditional characters to simplified ones; returns whether it was one."""
    top = {ord(sign) for row in sheet.rows[:SEARCHED_ROWS] for cell in row if isinstance(cell, str) for sign in cell}
    if len(top & _simplified().keys()) < _FEWEST:
        return False
    sheet.name = sheet.name.translate(_simplified())
    sheet.rows = [[cell.translate(_simplified()) if isinstance(cell, str) else cell for cell in row] for row in sheet.rows]
    return True
