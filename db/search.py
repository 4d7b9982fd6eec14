"""Search while typing: names, pinyin, initials, last digits, village groups; and the local columns that make it fast.

The columns `pinyin`, `initials`, `id_tail` and `phone_tail` are derived here from a record's own fields whenever it is
written. They never travel: every store derives its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from db.pinyin import initials, syllables
from domain.fields import Kind
from domain.identity import clean_phone, id18
from domain.values import Type

_NAMED = ("name", "title")


def search_columns(kind: Kind, values: Mapping[str, Any]) -> dict[str, str | None]:
    """Search columns of the record values given; only those whose source field is among them."""
    columns: dict[str, str | None] = {}
    named = _name(kind)
    if named is not None and named in values:
        parts = syllables(values[named] or "", surname=kind.name == "person")
        columns["pinyin"] = " ".join(parts) or None
        columns["initials"] = initials(parts) or None
    if "id_number" in values and _secret(kind, "id_number"):
        number = values["id_number"] or ""
        columns["id_tail"] = (number if len(number) == 18 else id18(number))[::-1] or None
    if "phone" in values and _secret(kind, "phone"):
        phone = values["phone"] or ""
        columns["phone_tail"] = (phone if phone.isdecimal() else _digits(clean_phone(phone)))[::-1] or None
    return columns


@cache
def _name(kind: Kind) -> str | None:
    return next((name for name in _NAMED if name in kind.by_name and kind.by_name[name].type is Type.TEXT), None)


@cache
def _secret(kind: Kind, name: str) -> str | None:
    return name if name in kind.by_name and kind.by_name[name].secret else None


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
