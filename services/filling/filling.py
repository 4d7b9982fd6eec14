"""A sheet as it would be handed back: what was filled in, what is to be looked at, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell

from domain.words import _
from services.filling import book
from services.importing.lines import shown


@dataclass
class AskedColumn:
    """A column of the sheet: its heading, what it is filled in with ("" where nobody knows), and how many cells of it were filled in, had
    something in them, had something else than the records say, and stay empty because nothing is on record."""

    sheet: str
    heading: str
    what: str = ""
    filled: int = 0
    there: int = 0
    differing: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Remark:
    """Something to be looked at in a row; `person`: the id of whom it is about, where that is certain."""

    sheet: str
    row: int
    who: str
    column: str
    message: str
    person: str = ""


@dataclass
class FilledTable:
    """One table as it looks now: the name of its sheet, its headings, and of every row the number, the texts with numbers of people hidden,
    and which of them were filled in (columns from 0)."""

    sheet: str
    headings: list[str]
    rows: list[tuple[int, list[str], set[int]]] = field(default_factory=list)


@dataclass
class Filling:
    """A sheet as it would be handed back. `named`: rows that name somebody, `found` those whose person is on record, `listed` people
    written into tables without names; `blank`: whether there is such a table; `form`: whether it is a form of one person, `of` whose."""

    file: str
    workbook: Workbook
    notes: list[str] = field(default_factory=list)
    columns: list[AskedColumn] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    named: int = 0
    found: int = 0
    listed: int = 0
    blank: bool = False
    form: bool = False
    of: str = ""
    tables: list[FilledTable] = field(default_factory=list)
    secret: list[tuple[Cell, str]] = field(default_factory=list)
    """Cells that hold a number in full, and how it stands where numbers are hidden."""

    @property
    def filled(self) -> int:
        """How many cells were filled in."""
        return sum(column.filled for column in self.columns)

    def put(self, cell: Cell, value: Any, masked: str | None) -> str:
        """Fill in a cell; answers its text with numbers of people hidden."""
        book.put(cell, value)
        if masked is not None:
            self.secret.append((cell, masked))
        return shown(None, value) if masked is None else masked

    def sentence(self) -> str:
        """What was done, for the person."""
        told = []
        if self.named and not self.form:
            told.append(_("表上有 {named} 人，台账里找到 {found} 人。").format(named=self.named, found=self.found))
        if self.listed:
            told.append(_("按名单填进 {n} 人。").format(n=self.listed))
        if self.form:
            told.append(_("填的是{name}的表。").format(name=self.of) if self.of else _("一人一张的表，请选是谁的。"))
        if self.blank:
            told.append(_("表里没有名单，请选要填的人。"))
        told.append(_("填了 {n} 格，表上原来有的都没有动。").format(n=f"{self.filled:,}"))
        return "".join(told)


def save(filling: Filling, file: Path, *, plain: bool) -> None:
    """Write the sheet; numbers of people in full only where they are wanted (`plain`). Raises `InputUnusable`."""
    full = [(cell, cell.value) for cell, _hidden in filling.secret]
    if not plain:
        for cell, hidden in filling.secret:
            book.put(cell, hidden)
    try:
        book.write(filling.workbook, file)
    finally:
        for cell, value in full:
            book.put(cell, value)
