"""What forms print in the cells to fill in: boxes to tick (□是 □否), and units around blanks (　年　月　日)."""

from __future__ import annotations

import re
from typing import Any, Final

BOX: Final = "[□☐]"
TICKED: Final = "☑"
_BETWEEN: Final = re.compile(r"[\s_、,，;；。.]+")
_PREFIX: Final = re.compile(r"[:：]\s*$")
_UNIT: Final = r"(?:年度?|月份?|日|号|至|起|止|省|市|县|区|乡|镇|村|组|元|岁|人|亩|[(（](?:[州市县区旗乡镇]|街道|、)+[)）]|[-—~/／])"
_BLANKS: Final = re.compile(rf"(?=.*[\s_])[\s_]*{_UNIT}(?:[\s_]*{_UNIT})*[\s_]*")
_ONE_UNIT: Final = re.compile(r"[\s_]*(元|岁|人)[\s_]*")


def boxes(text: Any) -> list[str]:
    """The words beside the boxes in a cell, in order; empty if there are none, or it is unclear which word belongs to which box."""
    raw = re.split(BOX, text) if isinstance(text, str) else []
    parts = [_BETWEEN.sub("", part) for part in raw]
    if len(parts) < 3:
        return []
    words = parts[:-1] if not parts[-1] else parts[1:] if not parts[0] or _PREFIX.search(raw[0]) else []
    return words if all(words) and len(set(words)) == len(words) else []


def fillable(text: Any) -> bool:
    """Whether a cell with this text is still to be filled in."""
    return isinstance(text, str) and bool(boxes(text) or _BLANKS.fullmatch(text) or _ONE_UNIT.fullmatch(text))


def into(text: Any, value: Any) -> Any:
    """The content of a cell with this text after filling in a value, one of the words of its boxes if it has some."""
    if words := boxes(text):
        at = [hit.start() for hit in re.finditer(BOX, text)][words.index(value)]
        return f"{text[:at]}{TICKED}{text[at + 1 :]}"
    unit = _ONE_UNIT.fullmatch(text) if isinstance(text, str) else None
    return value if unit is None else f"{value:g}{unit[1]}" if isinstance(value, float) else f"{value}{unit[1]}"
