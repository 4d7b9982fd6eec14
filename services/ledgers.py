"""Ledgers as they stand on paper: the rows of an export as text, without the columns in which nothing is written."""

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
"""More than anybody prints: some nine hundred pages."""


class Page:
    """One ledger: its title, headings and rows of text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heading: list[str] = []
        self.rows: list[list[str]] = []

    def title(self, text: str, width: int) -> None:
        """The title, in the place of the sheet's name."""
        self.name = text

    def headings(self, words: Sequence[str]) -> None:
        """The heading row."""
        self.heading = list(words)

    def row(self, cells: Sequence[str | int | float]) -> None:
        """A row. Raises `InputUnusable` when there are too many."""
        if len(self.rows) >= MOST_ROWS:
            raise InputUnusable(_("超过 {rows} 行，印出来没法看。请按月份分开，或改用 .xlsx。").format(rows=MOST_ROWS))
        self.rows.append([f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in cells])

    def filled(self) -> tuple[list[str], list[list[str]]]:
        """Headings and rows without the columns that are empty throughout; all columns when there is no row."""
        used = [n for n in range(len(self.heading)) if not self.rows or any(row[n] for row in self.rows)]
        return [self.heading[n] for n in used], [[row[n] for n in used] for row in self.rows]


class Pages:
    """A printed book: what `services.sheets.Workbook` is for `.xlsx`."""

    def __init__(self) -> None:
        self.sheets: list[Page] = []

    def sheet(self, name: str) -> Page:
        """A new ledger, which begins on a new page."""
        self.sheets.append(Page(name))
        return self.sheets[-1]


def note(session: Session, *, plain: bool) -> str:
    """What stands at the foot of every page: whose it is, who printed it when, and that numbers stand in full."""
    place = divisions.full_name(session.scope) or session.scope
    told = _("{place}　{user}　{day} 印").format(place=place, user=session.user, day=session.today)
    return told + "　" + _("含完整号码，用后收好") if plain else told


def printed_value(f: Field, value: Any, *, plain: bool = False) -> str | int | float:
    """What a cell shows on paper: as in a sheet, places by name."""
    if value is not None and f.type in (Type.PLACE, Type.AREA):
        return divisions.full_name(value) or str(value)
    if f.type is Type.SET and value:
        return "；".join(label(f, item) for item in sorted(value))
    if f.type is Type.JSON and isinstance(value, dict) and isinstance(value.get("reasons"), list):
        return "；".join(str(reason.get("text", "")) for reason in value["reasons"] if isinstance(reason, dict))
    return sheet_value(f, value, plain=plain)
