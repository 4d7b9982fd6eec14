"""Canonical values: one form for a record, its table column, JSON Lines and the wire, and how each is read, checked and shown.

| type | value in a record | stored and on the wire | JSON Lines |
|---|---|---|---|
| text, secret, enum, id, place, area, date, fdate, month, datetime | `str` in canonical form | the same text | the same text |
| int | `int` | integer | number |
| yuan | `int` fen | integer fen | text with two places, `"520.00"` |
| bool | `bool` | 0 or 1 | true / false |
| set | `frozenset[str]` | JSON array, sorted | array, sorted |
| ids | `tuple[str, ...]` | JSON array | array |
| json | any JSON value | canonical JSON text | the value |

Dates are ISO text and so compare and sort as they are; `fdate` is `2023-06-05`, `2023-06` or `2023` (precision is kept).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import filterfalse
from typing import Any
from uuid import UUID

from domain import periods
from domain.errors import FieldError
from domain.money import fen, written_yuan, yuan_text
from domain.words import _

Stored = str | int | None

MAX_TEXT = 4000
MAX_JSON = 200_000
_LISTED = 30


class Type(StrEnum):
    """The types of field values (fixed by the contract)."""

    TEXT = "text"
    SECRET = "secret"
    ENUM = "enum"
    SET = "set"
    DATE = "date"
    FDATE = "fdate"
    MONTH = "month"
    DATETIME = "datetime"
    YUAN = "yuan"
    INT = "int"
    BOOL = "bool"
    JSON = "json"
    ID = "id"
    IDS = "ids"
    PLACE = "place"
    AREA = "area"


INTEGERS = frozenset({Type.YUAN, Type.INT, Type.BOOL})
STRUCTURED = frozenset({Type.SET, Type.IDS, Type.JSON})
"""Types stored as JSON text."""
SHAPED = STRUCTURED | {Type.DATE, Type.FDATE, Type.MONTH}
"""Types whose texts are read as something else."""

_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_ISO = {
    Type.DATE: re.compile(r"\d{4}-\d\d-\d\d"),
    Type.FDATE: re.compile(r"\d{4}(-\d\d(-\d\d)?)?"),
    Type.MONTH: re.compile(r"\d{4}-\d\d"),
}
_PLACE = re.compile(r"[0-9]{6}")
_AREA = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")
_PADDED = re.compile(r"(?<=^[0-9]{6})000(000)?$|(?<=^[0-9]{9})000$")
"""Zeros that pad a county's or township's code to the length of a village's: without removing them, a target or line with such a code
belonged to no area."""
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""Start of a text that a spreadsheet may take for a formula. Such text is written as text in `.xlsx` and marked with ' in `.csv`."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # a lone surrogate cannot be encoded in UTF-8
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Characters that no text may hold."""
UNSEEN = re.compile("[\x80-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Invisible characters, which come along from other programs: they can reverse a line, and make two names that look alike differ."""
_YES = frozenset({"是", "有", "√", "✓", "✔", "☑", "✅", "■", "●", "v", "y", "yes", "true", "1", "已", "对"})
_NO = frozenset({"否", "无", "没有", "×", "✗", "✕", "✘", "x", "n", "no", "false", "0", "未", "不", "不是", "□", "☐"})


def canonical_json(value: Any) -> str:
    """JSON text with sorted keys and no spaces, so that equal values have equal text on every database."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


_STORED: Mapping[Type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    Type.SET: (lambda value: canonical_json(sorted(value)), lambda text: frozenset(json.loads(text))),
    Type.IDS: (lambda value: canonical_json(list(value)), lambda text: tuple(json.loads(text))),
    Type.JSON: (canonical_json, json.loads),
    Type.BOOL: (int, bool),
}
"""Conversions to and from the stored form, for types whose stored form differs from the value."""


def to_stored(kind: Type, value: Any) -> Stored:
    """Convert a record value to its column and wire form."""
    stored: Stored = value if value is None or kind not in _STORED else _STORED[kind][0](value)
    return stored


def from_stored(kind: Type, value: Stored) -> Any:
    """Convert a column or wire form to a record value; the inverse of `to_stored`."""
    return value if value is None or kind not in _STORED else _STORED[kind][1](value)


def readable(kind: Type, value: Stored) -> bool:
    """Whether a column or wire form is valid for its type: data from elsewhere may be malformed."""
    if value is None or kind not in STRUCTURED:
        right = value is None or isinstance(value, int) == (kind in INTEGERS)
        return right and (value is None or kind not in _ISO or _on_calendar(str(value)))
    try:
        found = json.loads(str(value), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return kind is Type.JSON or (isinstance(found, list) and all(isinstance(item, str) for item in found))


def all_readable(kind: Type, column: Sequence[Stored]) -> bool:
    """Whether all texts of a column are valid for their type."""
    texts = set(column) - {None}
    found = filterfalse(_EVERY_YEAR.fullmatch, texts) if kind in _ISO else texts  # type: ignore[arg-type]  # texts, as was said
    return all(readable(kind, value) for value in found)


_EVERY_YEAR = re.compile("[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?")
"""Dates valid in every month and year, for which no calendar is needed: an exchange checks every date of every row."""


def _on_calendar(text: str) -> bool:
    """Whether a text is an existing day, month or year, at any precision."""
    if _EVERY_YEAR.fullmatch(text):
        return True
    if len(text) not in (4, 7, 10):
        return False
    whole = text + "-01-01"[len(text) - 4 :]
    try:
        return whole[4] == whole[7] == "-" and bool(date.fromisoformat(whole))
    except ValueError:
        return False


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def to_json(kind: Type, value: Any) -> Any:
    """Convert a record value to its JSON Lines form."""
    if value is None:
        return None
    if kind is Type.YUAN:
        return yuan_text(value)
    if kind is Type.SET:
        return sorted(value)
    if kind is Type.IDS:
        return list(value)
    return value


def from_json(kind: Type, value: Any) -> Any:
    """Convert a strict JSON Lines form to a record value; raises `FieldError` saying what is expected. Choices are checked by the field."""
    if value is None:
        return None
    if kind is Type.YUAN:
        return fen(value)
    if kind is Type.INT:
        return _json_int(value)
    if kind is Type.BOOL:
        if isinstance(value, bool):
            return value
        raise FieldError(_("应为 true 或 false"), "bool")
    if kind is Type.SET:
        return frozenset(_strings(value))
    if kind is Type.IDS:
        return tuple(uuid_text(item) for item in _strings(value))
    if kind is Type.JSON:
        return _bounded_json(value)
    if not isinstance(value, str):
        raise FieldError(_("应为文字"), "text")
    return check_text(kind, value)


def seen(value: Any) -> Any:
    """The value without invisible characters."""
    if isinstance(value, str):
        return UNSEEN.sub("", value)
    return [seen(item) if isinstance(item, str) else item for item in value] if isinstance(value, list) else value


def check_text(kind: Type, value: str) -> str | None:
    """Return `value` if it is canonical text of its type (empty text is not a value); otherwise raise `FieldError`."""
    if CONTROL.search(value):
        raise FieldError(_("含有看不见的控制字符，不能保存"), "control")
    if len(value) > MAX_TEXT:
        raise FieldError(_("超过 {n} 字").format(n=MAX_TEXT), "length")
    if value == "":
        return None
    if kind in _ISO:
        return _iso(kind, value)
    if kind is Type.ID:
        return uuid_text(value)
    if kind is Type.DATETIME and not is_moment(value):
        raise FieldError(_("应为 2023-06-05T08:00:00Z 这样的时间"), "datetime")
    if kind is Type.PLACE and not _PLACE.fullmatch(value):
        raise FieldError(_("应为 6 位区划代码"), "place")
    if kind is Type.AREA and not _AREA.fullmatch(value):
        raise FieldError(_("应为 6、9 或 12 位区划代码"), "area")
    return _PADDED.sub("", value) if kind is Type.AREA else value


def is_moment(text: str) -> bool:
    """Whether a text is a time in the form records keep, as 2023-06-05T08:00:00Z."""
    try:
        return bool(_DATETIME.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def unmarked(text: str) -> str:
    """A cell's text without the leading mark that keeps a spreadsheet from reading it as a formula or a number."""
    return text[1:] if text[:1] == "'" and (FORMULA.match(text, 1) or text[1:2].isdigit()) else text


def as_text(value: Any) -> str:
    """A value as text: of a verdict, which a claim keeps as its grounds, the sentences of its reasons."""
    reasons = value.get("reasons") if isinstance(value, dict) else None
    if isinstance(reasons, list):
        return _("；").join(str(reason.get("text", "")) for reason in reasons if isinstance(reason, dict))
    return str(value)


def read_text(kind: Type, value: object) -> Any:
    """Parse what a person typed or a sheet holds (dates in any usual notation, `3,800`, 是/否) to a record value; raises `FieldError`."""
    if value is None:
        return None
    text = seen(str(value)).strip()
    if text == "":
        return None
    try:
        if kind in _PARSERS:
            return _PARSERS[kind](text)
    except ValueError as error:
        raise FieldError(str(error), "date") from None
    if kind is Type.YUAN:
        return fen(written_yuan(text) or value)
    if kind is Type.INT:
        return _loose_int(text)
    if kind is Type.BOOL:
        return _loose_bool(text)
    if kind is Type.SET:
        return frozenset(part.strip() for part in re.split(r"[,，、;；\s]+", text) if part.strip())
    if kind is Type.JSON:
        return _bounded_json(value)
    return check_text(kind, text)


def uuid_text(value: str) -> str:
    """Any UUID in lower case with dashes; raises `FieldError`."""
    try:
        text = str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise FieldError(_("应为 UUID"), "id") from None
    if len(value) != 36:
        raise FieldError(_("应为带连字符的 UUID"), "id")
    return text


_PARSERS = {Type.DATE: periods.parse_date, Type.FDATE: periods.parse_fdate, Type.MONTH: periods.parse_month}


def _iso(kind: Type, value: str) -> str:
    if not _ISO[kind].fullmatch(value):
        shape = {Type.DATE: "2023-06-05", Type.MONTH: "2023-06", Type.FDATE: "2023-06-05 / 2023-06 / 2023"}[kind]
        raise FieldError(_("应写成 {shape}").format(shape=shape), "date")
    try:
        return _PARSERS[kind](value)
    except ValueError as error:
        raise FieldError(str(error), "date") from None


def _json_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**53:
        raise FieldError(_("应为整数"), "int")
    return value


def _loose_int(text: str) -> int:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise FieldError(_("「{value}」不是数字").format(value=text), "int") from None
    if not number.is_finite() or number != number.to_integral_value() or abs(number) >= 2**53:
        raise FieldError(_("应为整数"), "int")
    return int(number)


def _loose_bool(text: str) -> bool:
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise FieldError(_("「{value}」没有看懂，这里只能填「是」或「否」").format(value=text), "bool")


def _strings(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value) or len(value) > 1000:
        raise FieldError(_("应为文字的列表"), "set")
    for item in value:
        if item == "" or CONTROL.search(item) or len(item) > 200:
            raise FieldError(_("列表中有空的或不能保存的值"), "set")
    return value


def _bounded_json(value: object) -> object:
    try:
        text = canonical_json(value)
    except (TypeError, ValueError, RecursionError):
        raise FieldError(_("不是可保存的 JSON"), "json") from None
    if len(text) > MAX_JSON or "\\u0000" in text or _SURROGATE.search(text):
        raise FieldError(_("JSON 过大或含有不能保存的字符"), "json")
    return value


def listed(words: Iterable[str]) -> str:
    """Choices in an error message; only the longest lists are cut."""
    choices = list(dict.fromkeys(words))
    return _("、").join(choices[:_LISTED]) + (_("等") if len(choices) > _LISTED else "")
