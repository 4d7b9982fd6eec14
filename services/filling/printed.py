"""What forms print in the cells to fill in: boxes or brackets to tick (□是 □否, （ ）是 （ ）否), and units around blanks (　年　月)."""

from __future__ import annotations

import re
from typing import Any, Final

_BOX: Final = re.compile("[□☐]")
_BRACKETS: Final = re.compile(r"([(（])\s*([)）])")
_BETWEEN: Final = re.compile(r"[\s_、,，;；。.]+")
_PREFIX: Final = re.compile(r"[:：]\s*$")
_UNIT: Final = r"(?:自|年度?|月份?|日|号|至|起|止|省|市|县|区|乡|镇|村|组|元|岁|人|亩|[(（](?:[州市县区旗乡镇]|街道|、)+[)）]|[-—~/／])"
_BLANKS: Final = re.compile(rf"(?=.*[\s_])[\s_]*{_UNIT}(?:[\s_]*{_UNIT})*[\s_]*")
_ONE_UNIT: Final = re.compile(
    r"(?P<before>(?:[大小]写[:：]\s*)?(?P<sign>人民币|[¥￥])?)[\s_]*(?P<unit>(?:元整?|岁|人|户)(?:[/／每](?:人[·.]?)?月)?)?[\s_]*"
)
"""One blank with its unit, or the sign of money before it; 大写 asks for capital numerals."""
_OF_DATE: Final = re.compile(r"[\s_]+(?=[年月日])")


def boxes(text: Any) -> list[str]:
    """The words beside the boxes in a cell, in order; empty if there are none, or it is unclear which word belongs to which box."""
    raw = _sign(text).split(text) if isinstance(text, str) else []
    raw = raw if len(raw) < 3 or _BOX.search(text) else raw[::3]
    parts = [_BETWEEN.sub("", part) for part in raw]
    if len(parts) < 3:
        return []
    words = parts[:-1] if not parts[-1] else parts[1:] if not parts[0] or _PREFIX.search(raw[0]) else []
    return words if all(words) and len(set(words)) == len(words) else []


def fillable(text: Any) -> bool:
    """Whether a cell with this text is still to be filled in."""
    return isinstance(text, str) and bool(boxes(text) or _BLANKS.fullmatch(text) or one_unit(text) is not None)


def one_unit(text: Any) -> str | None:
    """The unit behind the only blank in a cell, "" if only the sign of money is before it; None if there is something else."""
    hit = _ONE_UNIT.fullmatch(text) if isinstance(text, str) else None
    return None if hit is None or not (hit["unit"] or hit["sign"]) else hit["unit"] or ""


def into(text: Any, value: Any) -> Any:
    """The content of a cell with this text after filling in a value, one of the words of its boxes if it has some."""
    if words := boxes(text):
        box = list(_sign(text).finditer(text))[words.index(value)]
        return f"{text[: box.start()]}{'☑' if len(box[0]) == 1 else f'{box[1]}√{box[2]}'}{text[box.end() :]}"
    if (unit := one_unit(text)) is not None:
        written = f"{value:g}" if isinstance(value, float) else str(value)
        hit = _ONE_UNIT.match(text)
        return f"{hit['before'] if hit else ''}{written}{'' if '元' in written else unit}"
    parts = re.findall(r"\d+", value) if isinstance(value, str) else []
    if isinstance(text, str) and len(parts) == len(_OF_DATE.findall(text)) and re.fullmatch(r"[\d年月日至\-]+", value):
        return _OF_DATE.sub(lambda _hit: parts.pop(0), text).strip()
    return value


def _sign(text: str) -> re.Pattern[str]:
    """What is ticked in a cell: boxes, otherwise empty brackets."""
    return _BOX if _BOX.search(text) else _BRACKETS
