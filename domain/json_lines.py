"""Reading of JSON Lines records, for `import` and for facts given to the rules (the contract's "Facts and JSON Lines"). Every fault is
reported; nothing is guessed and nothing raises, whatever the line holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain import divisions, identity
from domain.errors import FieldError
from domain.fields import KINDS, SYSTEM_FIELDS, Field, Kind
from domain.values import MAX_TEXT, Type
from domain.words import _

MAX_LINE: Final = 2_000_000
"""Longest line, in characters."""
_PLACE: Final = re.compile(r"[0-9]{6}")
_KEPT_APART: Final = frozenset({*SYSTEM_FIELDS, "deleted_at", "kind", "id", "village"})


@dataclass(frozen=True)
class Fault:
    """A fault in a line: the field, the value as it may be shown, a message and its code."""

    column: str
    value: str
    message: str
    code: str


@dataclass
class JsonLine:
    """A parsed line: its kind (None if unknown), the JSON object, checked values and faults."""

    kind: Kind | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, column: str, value: object, message: str, code: str) -> None:
        """Record a fault."""
        self.faults.append(Fault(column, str(value)[:60], message, code))


def read_line(text: str, default: Kind | None = None) -> JsonLine:
    """Parse a line into its object and kind (`default` if it names none). Its values are read by `read_values`."""
    line = JsonLine()
    if len(text) > MAX_LINE:
        line.fault("", "", _("这一行太长"), "length")
        return line
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        twice = isinstance(error, _Twice)
        line.fault(str(error) if twice else "", "", _("同一个字段写了两次") if twice else _("这一行不是 JSON"), "json")
        return line
    if not isinstance(content, dict):
        line.fault("", "", _("这一行应是一个 JSON 对象"), "json")
        return line
    line.content = content
    line.kind = KINDS.get(content["kind"]) if isinstance(content.get("kind"), str) else default if "kind" not in content else None
    if line.kind is None:
        name = content.get("kind", "")
        message = _("没有「{name}」这种记录").format(name=str(name)[:40]) if name else _("没有写明记录种类 kind")
        line.fault("kind", name, message, "kind")
    return line


class _Twice(ValueError):
    """A key occurred twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def read_values(line: JsonLine, *, any_id: bool = False) -> None:
    """Fill `values` from the line's fields, and record faults for unknown fields and unsuitable values.

    A masked secret is kept unchanged for the importer to decide. With `any_id` an id may be any short text, as in handwritten facts
    (`"p1"`), and a place any code of a known province; otherwise an id is a UUID and a place is in the table.
    """
    kind = line.kind
    if kind is None:
        return
    for name, value in line.content.items():
        if name in _KEPT_APART and name not in kind.by_name:
            continue
        f = kind.by_name.get(name)
        if f is None:
            line.fault(name, "", _("{kind}没有「{name}」这个字段").format(kind=_(kind.label), name=name[:40]), "field")
            continue
        try:
            line.values[name] = value if is_masked(f, value) else _read(f, value, any_id)
        except FieldError as error:
            line.fault(name, _shown(f, value), str(error), error.code)


def _read(f: Field, value: Any, any_id: bool) -> Any:
    if any_id and f.type is Type.ID and value is not None:
        return id_text(value)
    if any_id and f.type is Type.IDS and isinstance(value, list):
        return tuple(map(id_text, value))
    if any_id and f.type is Type.PLACE and isinstance(value, str) and _PLACE.fullmatch(value) and _somewhere(value):
        return value
    return f.from_json(value)


def _somewhere(place: str) -> bool:
    """Whether the province is known: people write codes such as 110100 (市辖区) that no table of places has."""
    return divisions.exists(place) or divisions.exists(place[:2] + "0000")


def id_text(value: Any) -> str:
    """Check a short text as an id; raises `FieldError`. A UUID is returned in lower case, so that both spellings are equal."""
    if not isinstance(value, str) or not value.strip() or len(value) > min(80, MAX_TEXT) or not value.isprintable():
        raise FieldError(_("编号应为 1 到 80 个字"), "id")
    return value.lower() if len(value) == 36 and value.count("-") == 4 else value


def is_masked(f: Field, value: object) -> bool:
    """Whether a value is a partly masked secret."""
    return f.secret and isinstance(value, str) and identity.is_masked(value)


def _shown(f: Field, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f.masked(text) if f.secret else text
