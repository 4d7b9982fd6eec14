"""A filled-in sheet: what was filled in, what needs a look, and how it is saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell

from domain.words import _
from services.filling import book, word
from services.importing.lines import shown
from services.importing.word_tables import Document


@dataclass
class AskedColumn:
    """A column of the sheet: its heading, what it is filled in with ("" if the heading is not known), and how many of its cells were filled
    in, held something already, differ from the records, or stay empty because nothing is on record."""

    sheet: str
    heading: str
    what: str = ""
    filled: int = 0
    there: int = 0
    differing: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Remark:
    """Something to check in a row; `person`: the id of the person it is about, "" where that is not certain."""

    sheet: str
    row: int
    who: str
    column: str
    message: str
    person: str = ""


@dataclass
class FilledTable:
    """One table as it looks when filled in: its sheet, its headings, and for each row the number, the texts (secrets masked) and the
    columns, from 0, that were filled in."""

    sheet: str
    headings: list[str]
    rows: list[tuple[int, list[str], set[int]]] = field(default_factory=list)


@dataclass
class Filling:
    """A filled-in sheet, in memory. `named`: rows that name somebody; `found`: those whose person is on record; `listed`: people put into
    tables without names; `blank`: whether such a table still waits for a list; `form`: whether it is a form about one person, `of` whom."""

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
    """Cells that hold a secret in full, each with its masked text."""
    document: tuple[bytes, Document] | None = None
    """The bytes and tables of the Word document that came, if it was one."""
    insertions: list[word.Insertion] = field(default_factory=list)

    @property
    def ending(self) -> str:
        """The ending of the file it is saved as."""
        return ".xlsx" if self.document is None else ".docx"

    @property
    def filled(self) -> int:
        """How many cells were filled in."""
        return sum(column.filled for column in self.columns)

    def put(self, cell: Cell, value: Any, masked: str | None) -> str:
        """Fill in a cell; answers its text, masked if it is a secret."""
        book.put(cell, value)
        if masked is not None:
            self.secret.append((cell, masked))
        return shown(None, value) if masked is None else masked

    def sentence(self) -> str:
        """What was done, in words for the user."""
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
    """Write the sheet, with secrets in full only if `plain`. Raises `InputUnusable`."""
    full = [(cell, cell.value) for cell, _hidden in filling.secret]
    if not plain:
        for cell, hidden in filling.secret:
            book.put(cell, hidden)
    try:
        if filling.document is None:
            book.write(filling.workbook, file)
        else:
            word.write(*filling.document, filling.workbook, filling.insertions, file)
    finally:
        for cell, value in full:
            book.put(cell, value)
