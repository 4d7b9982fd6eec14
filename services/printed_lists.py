"""Lists on paper: the rows of an export as text, without empty columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db.session import Session
from domain import divisions
from domain.errors import InputUnusable
from domain.fields import Field
from domain.values import Type
from domain.words import _
from services.sheets import label, sheet_value

MOST_ROWS = 20_000
"""Limit of rows to print, some nine hundred pages."""


class PrintedList:
    """One list: its title, headings and rows of text. `by_hand`: empty cells are for writing in, so its rows are higher and no column is
    left out."""

    def __init__(self, name: str, *, by_hand: bool = False) -> None:
        self.name, self.by_hand = name, by_hand
        self.heading: list[str] = []
        self.rows: list[list[str]] = []

    def title(self, text: str, width: int) -> None:
        """The title, in the place of the sheet's name."""
        self.name = text

    def headings(self, words: Sequence[str]) -> None:
        """The heading row."""
        self.heading = list(words)

    def row(self, cells: Sequence[str | int | float]) -> None:
        """Add a row. Raises `InputUnusable` beyond `MOST_ROWS`."""
        if len(self.rows) >= MOST_ROWS:
            raise InputUnusable(_("超过 {rows} 行，印出来没法看。请按月份分开，或改用 .xlsx。").format(rows=MOST_ROWS))
        self.rows.append([f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in cells])

    def filled(self) -> tuple[list[str], list[list[str]]]:
        """Headings and rows without the columns that are empty throughout; all columns when there is no row."""
        used = [n for n in range(len(self.heading)) if not self.rows or any(row[n] for row in self.rows)]
        return [self.heading[n] for n in used], [[row[n] for n in used] for row in self.rows]


class PrintedLists:
    """The pages to print; the counterpart of `services.sheets.Workbook`."""

    def __init__(self) -> None:
        self.sheets: list[PrintedList] = []

    def sheet(self, name: str) -> PrintedList:
        """Add a list, which starts on a new page."""
        self.sheets.append(PrintedList(name))
        return self.sheets[-1]


def note(session: Session, *, plain: bool) -> str:
    """The footer of every page: the place, who printed it and when and, if `plain`, a warning that numbers are shown in full."""
    place = divisions.full_name(session.scope) or session.scope
    origin = _("{place}　{user}　{day} 印").format(place=place, user=session.user, day=session.today)
    return origin + "　" + _("含完整号码，用后收好") if plain else origin


def printed_value(f: Field, value: Any, *, plain: bool = False) -> str | int | float:
    """The cell for a value on paper: as `sheet_value`, with places by name."""
    if value is not None and f.type in (Type.PLACE, Type.AREA):
        return divisions.full_name(value) or str(value)
    if f.type is Type.SET and value:
        return "；".join(label(f, item) for item in sorted(value))
    if f.type is Type.JSON and isinstance(value, dict) and isinstance(value.get("reasons"), list):
        return "；".join(str(reason.get("text", "")) for reason in value["reasons"] if isinstance(reason, dict))
    return sheet_value(f, value, plain=plain)
