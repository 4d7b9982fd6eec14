"""A filled-in form: what was filled in, what needs checking, and how it is saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell

from domain.words import _
from services.filling import book, printed, word
from services.importing.rows.lines import shown
from services.office_files.word_tables import Document

_MOST_NAMED = 6
"""Most columns that are named in the summary because they stayed empty."""


@dataclass
class AskedColumn:
    """A column of the form: its heading, what it is filled with ("" if the heading is unknown), and how many of its cells were filled in,
    had content (`there`), differ from the records, or stay empty because nothing is on record (`missing`)."""

    sheet: str
    heading: str
    what: str = ""
    filled: int = 0
    there: int = 0
    differing: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Remark:
    """Something to check in a row. `person` is the id of the person, "" if uncertain."""

    sheet: str
    row: int
    who: str
    column: str
    message: str
    person: str = ""


@dataclass
class FilledTable:
    """A filled-in table for display: its sheet, its headings, and for each row the row number, the texts (secrets masked) and the columns
    (from 0) that were filled in."""

    sheet: str
    headings: list[str]
    rows: list[tuple[int, list[str], set[int]]] = field(default_factory=list)


@dataclass
class Filling:
    """A filled-in form in memory. `named`: number of rows that name a person; `found`: those whose person is on record; `listed`: people
    put into tables without names; `blank`: whether such a table still needs a list; `form`: whether it is a form about one person, `of`
    that person's name."""

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
    month: str = ""
    """The month of a table of figures that names none for each figure."""
    tables: list[FilledTable] = field(default_factory=list)
    secret: list[tuple[Cell, str]] = field(default_factory=list)
    """Cells with a secret in full, each with its masked text."""
    over: list[Cell] = field(default_factory=list)
    """Cells that had boxes or units printed in them."""
    document: tuple[bytes, Document] | None = None
    """The bytes and tables of the Word document, if the form is one."""
    insertions: list[word.Insertion] = field(default_factory=list)

    @property
    def ending(self) -> str:
        """The suffix of the saved file."""
        return ".xlsx" if self.document is None else ".docx"

    @property
    def filled(self) -> int:
        """The number of cells filled in."""
        return sum(column.filled for column in self.columns)

    def put(self, cell: Cell, value: Any, masked: str | None) -> str:
        """Fill in a cell; returns its text, masked if it is a secret."""
        if cell.value not in (None, ""):
            self.over.append(cell)
            value = printed.into(cell.value, value)
        book.put(cell, value)
        if masked is not None:
            self.secret.append((cell, masked))
        return shown(None, value) if masked is None else masked

    def sentence(self) -> str:
        """A summary for the user."""
        parts = []
        if self.named and not self.form:
            parts.append(_("表上有 {named} 人，台账里找到 {found} 人。").format(named=self.named, found=self.found))
        if self.listed:
            parts.append(_("按名单填进 {n} 人。").format(n=self.listed))
        if self.form:
            parts.append(_("填的是{name}的表。").format(name=self.of) if self.of else _("一人一张的表，请选是谁的。"))
        if self.blank:
            parts.append(_("表里没有名单，请选要填的人。"))
        parts.append(_("填了 {n} 格，表上原来有的都没有动。").format(n=f"{self.filled:,}"))
        empty = (one.heading for one in self.columns if not one.what or (one.missing and not one.filled and not one.there))
        if left := list(dict.fromkeys(empty)):
            names = _("、").join(left[:_MOST_NAMED])
            few = _("没有填的栏：{names}。") if len(left) <= _MOST_NAMED else _("没有填的栏：{names}等 {n} 栏。")
            parts.append(few.format(names=names, n=len(left)))
        return "".join(parts)


def save(filling: Filling, file: Path, *, plain: bool) -> None:
    """Write the form, with secrets in full only if `plain`. Raises `InputUnusable`."""
    full = [(cell, cell.value) for cell, _hidden in filling.secret]
    if not plain:
        for cell, hidden in filling.secret:
            book.put(cell, hidden)
    try:
        if filling.document is None:
            book.write(filling.workbook, file)
        else:
            word.write(*filling.document, filling.workbook, filling.insertions, filling.over, file)
    finally:
        for cell, value in full:
            book.put(cell, value)
