"""What is put into the cells of a form, and the period that a form is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain import divisions
from domain.fields import Field
from domain.values import Type
from services.sheets import list_value

Cell = str | int | float


@dataclass(frozen=True)
class Span:
    """The period of a sheet: the one its title names, otherwise today. Of several jobs the last one within it counts."""

    first: str
    last: str

    def holds(self, start: str | None, end: str | None) -> bool:
        """Whether `start` to `end` (fuzzy dates, taken at their longest) overlaps with the period."""
        return (start or "") <= self.last and (end is None or end >= self.first[: len(end)])


class CellContent(NamedTuple):
    """The content for a cell. If it is a field's value: that value as `code`, and the function that reads the field's words. `masked` is
    the masked form of a secret; `also` are other words for it in lists to choose from, the most precise first."""

    cell: Cell
    code: Any = None
    read: Callable[[Any], Any] | None = None
    masked: str | None = None
    also: Sequence[str] = ()


def of_field(f: Field, stored: Any) -> CellContent | None:
    """A field's stored value as an answer, None if not set. Places are given by name."""
    value = f.from_stored(stored)
    if value is None:
        return None
    if f.type in (Type.PLACE, Type.AREA):
        return CellContent(divisions.full_name(value) or str(value), value, f.read)
    return CellContent(list_value(f, value, plain=True), value, f.read, f.masked(str(value)) if f.secret else None)
