"""Blank rosters to fill in: a title, headings, and drop-down lists or input hints for the cells."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from domain.fields import Field
from domain.values import Type
from services.files import written
from services.importing.columns.matching import words_of
from services.importing.tables.heading_words import plain
from services.importing.tables.rosters import field_of, rosters
from services.office_files.limits import column_letters
from services.sheets import SheetWriter, Workbook

_FILE = Path(__file__).resolve().parents[2] / "resources" / "rosters" / "blank.toml"
_ROWS = 2_000
"""Number of rows below the headings that have the lists and hints."""
_LIST_LIMIT = 255
"""Most characters of a list that Excel stores in the validation itself; longer lists are put on a hidden sheet."""
_HINTS = {
    Type.DATE: "2023-06-05",
    Type.FDATE: "2023-06-05 / 2023-06",
    Type.MONTH: "2023-06",
    Type.PLACE: "辽宁省大连市甘井子区",
    Type.YUAN: "3800.00",
}


@cache
def _clerks_columns() -> dict[str, tuple[str, ...]]:
    return {entry["name"]: tuple(entry["columns"]) for entry in tomllib.loads(_FILE.read_text(encoding="utf-8"))["blank"]}


def roster_templates() -> list[tuple[str, str]]:
    """The available blank rosters as (name, label)."""
    labels = {roster.name: roster.label for roster in rosters()}
    return [(name, labels[name]) for name in _clerks_columns()]


def roster_template(name: str, out: Path, year: int) -> Path:
    """Write one of the `roster_templates` to `out`. `year` is the year of the month columns of a wage sheet."""
    roster = next(one for one in rosters() if one.name == name)
    words, columns = words_of(roster), list[tuple[str, Field | None]]()
    for heading in _clerks_columns()[name]:
        if heading == "@months":
            columns += [(f"{year}年{month}月", None) for month in range(1, 13)]
        else:
            columns.append((heading, field_of(words.get(plain(heading), ""))))
    _write(out, roster.label, columns)
    return out


def _write(out: Path, title: str, columns: Sequence[tuple[str, Field | None]]) -> None:
    with written(out) as unfinished, Workbook(unfinished) as book:
        sheet = book.sheet("填写")
        sheet.title(title, len(columns))
        sheet.headings([heading for heading, _field in columns])
        lists = _Lists(book)
        for index, (_word, field) in enumerate(columns):
            _offer(sheet, index, field, lists)


class _Lists:
    """Drop-down lists that are too long for the validation itself, on a hidden sheet."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.sheet: SheetWriter | None = None
        self.columns: list[list[str]] = []

    def source(self, words: list[str]) -> list[str] | str:
        """The source of a validation: the words, or a reference to the cells that hold them if they are too long."""
        if len(",".join(words)) <= _LIST_LIMIT:
            return words
        if self.sheet is None:
            self.sheet = self.book.sheet("lists")
            self.sheet.sheet.hide()
        # the workbook is written row by row (constant memory), so each list is one row
        self.sheet.row(words)
        return f"='lists'!$A${self.sheet.at}:${column_letters(len(words) - 1)}${self.sheet.at}"


def _offer(sheet: SheetWriter, index: int, f: Field | None, lists: _Lists) -> None:
    """Add the drop-down list or the input hint of a column."""
    if f is None:
        return
    first, last = sheet.at, sheet.at + _ROWS
    if f.type is Type.BOOL or (f.choices and f.type is Type.ENUM):
        words = ["是", "否"] if f.type is Type.BOOL else list((f.choices or {}).values())
        sheet.sheet.data_validation(first, index, last, index, {"validate": "list", "source": lists.source(words), "error_type": "stop"})
    elif f.type in _HINTS or f.choices:
        hint = _HINTS.get(f.type) or "、".join((f.choices or {}).values())[:200]
        rule = {"validate": "any", "input_title": f.label[:32], "input_message": f"例如 {hint}"[:255]}
        sheet.sheet.data_validation(first, index, last, index, rule)
