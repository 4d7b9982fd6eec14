"""How a value stands in a spreadsheet cell: shared by export and by the comparison of an import with what is there."""

from __future__ import annotations

import json
import re
from typing import Any

from domain.fields import Field
from domain.values import Type, canonical_json, yuan_text

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""Text beginning with one of these is a formula to a spreadsheet: kept as text in `.xlsx`, marked with ' in `.csv`."""

_SEPARATORS = re.compile(r"[,，、;；\s]")


def sheet_value(f: Field, value: Any, *, plain: bool = False) -> str | int | float:
    """What a cell holds: labels for codes, numbers for money and counts, codes for places; secrets masked unless `plain`."""
    if value is None:
        return ""
    if f.type is Type.YUAN:
        return float(yuan_text(value))
    if f.type is Type.INT:
        return int(value)
    if f.type is Type.SECRET and plain:
        return str(value)
    if f.type is Type.SET:
        items = sorted(value)
        if any(_SEPARATORS.search(item) or item[:1] == "[" for item in items):
            return json.dumps(items, ensure_ascii=False)
        return "、".join(map(f.label_of, items))
    if f.type is Type.IDS:
        return "、".join(value)
    if f.type is Type.JSON:
        return canonical_json(value)
    if f.type in (Type.PLACE, Type.AREA):
        return str(value)
    return f.show(value)
