"""A Word document being filled in: its tables are sheets of a workbook, and what was filled in there is written back.

The rest of the document is unchanged, byte for byte: pictures, headers, other tables, formatting.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape, unescape
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.worksheet.worksheet import Worksheet

from services.files import written
from services.forms.template_fields import clean
from services.forms.word import packed
from services.importing.values.cells import text_of
from services.office_files.word_tables import Cell, Document, Row, Table
from services.word_xml import Edit, Span, edited, prefix

_EMPTY: Final = re.compile(rb"\s*/>$")
_NOT_COPIED: Final = re.compile(
    rb"\s(?:[\w.-]+:)?(?:paraId|textId)\s*=\s*(?:\"[^\"]*\"|'[^']*')|<(?:[\w.-]+:)?(?:tblHeader|vMerge|bookmarkStart|bookmarkEnd)(?:\s[^>]*)?/>"
)
"""Attributes and elements that must not be copied to another row: unique ids, heading marks, vertical merges."""
_CHARACTER: Final = re.compile("&[^;]+;|.", re.DOTALL)


@dataclass(frozen=True)
class Insertion:
    """`more` rows inserted below row `at` (from 1, in the original sheet)."""

    sheet: str
    at: int
    more: int


def write(data: bytes, document: Document, book: Workbook, insertions: Sequence[Insertion], over: Sequence[BookCell], file: Path) -> None:
    """Write a document with the current content of its sheets; the file gets its name only when complete. `over`: the cells whose printed
    text is replaced. Raises `InputUnusable`."""
    places = {(cell.parent.title, cell.row, cell.column) for cell in over}
    edits = list[Edit]()
    for sheet, table in zip(book.worksheets, document.tables, strict=True):
        more = {one.at: one.more for one in insertions if one.sheet == sheet.title}
        edits += _edits(document.xml, table, sheet, more, places)
    with ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    made = packed({**parts, document.part: b"".join(edited(document.xml, edits))})
    with written(file) as unfinished:
        unfinished.write_bytes(made)


def _edits(xml: bytes, table: Table, sheet: Worksheet, more: dict[int, int], over: Container[tuple[str, int, int]]) -> Iterator[Edit]:
    rows, number = table.rows, 0
    for at, row in enumerate(rows, 1):
        number += 1
        if row is not None:
            yield from _filled(xml, row, sheet, number, over)
        added = more.get(at, 0) if at < len(rows) else _last(sheet, number) - number
        if added and row is not None:
            copies = (_copied(xml, row, sheet, number + n) for n in range(1, added + 1))
            yield row.end, row.end, b"".join(copies)
        number += added


def _last(sheet: Worksheet, number: int) -> int:
    """The last row below row `number` with content, otherwise `number`. Reading a cell creates its row, so `max_row` is no help."""
    return max((cell.row for row in sheet.iter_rows(min_row=number + 1) for cell in row if cell.value not in (None, "")), default=number)


def _filled(xml: bytes, row: Row, sheet: Worksheet, number: int, over: Container[tuple[str, int, int]]) -> Iterator[Edit]:
    for cell in row.cells:
        text = _text(sheet, number, cell)
        if (sheet.title, number, cell.column + 1) in over and not cell.below:
            yield from _changed(xml, cell, text)
        elif not cell.text and not cell.below:
            yield from _put(xml, cell, text)


def _changed(xml: bytes, cell: Cell, text: str) -> Iterator[Edit]:
    """The edits that turn the printed text of a cell into `text`, leaving all characters that stay."""
    signs, at = list(_signs(xml, cell)), list[int]()  # for each character of the text, the first sign from it on
    following = 0
    for character in cell.text:
        found = next((n for n in range(following, len(signs)) if signs[n][1] == character or not signs[n][1].isspace()), len(signs))
        same = found < len(signs) and signs[found][1] == character
        at.append(found if same else following)
        following = found + 1 if same else following
    at.append(following)
    if not signs:
        yield from _put(xml, cell, text)
        return
    for _tag, first, last, start, end in SequenceMatcher(None, cell.text, text, autojunk=False).get_opcodes():
        if _tag == "equal":
            continue
        here = range(at[first], at[last])
        yield from ((signs[n][0].start, signs[n][0].end, b"") for n in here)
        if new := escape(text[start:end], quote=False):
            span, _character, symbol = signs[min(at[first], len(signs) - 1)]
            place = span.start if at[first] < len(signs) else span.end
            name = prefix(xml, span.start)
            yield place, place, (f"<{name}t>{new}</{name}t>" if symbol else new).encode()


def _signs(xml: bytes, cell: Cell) -> Iterator[tuple[Span, str, bool]]:
    """The characters of a cell with their bytes, and whether each is of a symbol font."""
    for span in sorted((*cell.written, *cell.symbols), key=lambda one: one.start):
        if span in cell.symbols:
            yield span, "□", True
            continue
        start = xml.index(b">", span.start) + 1
        for hit in _CHARACTER.finditer(xml[start : max(xml.rindex(b"<", start, span.end), start)].decode()):
            yield Span(start, start + len(hit[0].encode())), unescape(hit[0]), False
            start += len(hit[0].encode())


def _copied(xml: bytes, row: Row, sheet: Worksheet, number: int) -> bytes:
    """A copy of a row with the texts of row `number`."""
    edits = [(span.start, span.end, b"") for cell in row.cells for span in cell.written]
    for cell in row.cells:
        edits += _put(xml, cell, _text(sheet, number, cell))
    return _NOT_COPIED.sub(b"", b"".join(edited(xml, edits, row.start, row.end)))


def _text(sheet: Worksheet, number: int, cell: Cell) -> str:
    value = sheet.cell(number, cell.column + 1).value
    return "" if value is None else clean(text_of(value))


def _put(xml: bytes, cell: Cell, text: str) -> Iterator[Edit]:
    """The edit that adds a text at the end of a cell's first paragraph."""
    paragraph = cell.paragraph
    if not text or paragraph is None:
        return
    name = prefix(xml, paragraph.start)
    lines = f"<{name}br/>".join(f'<{name}t xml:space="preserve">{escape(line)}</{name}t>' for line in text.split("\n"))
    run = f"<{name}r>".encode() + paragraph.look + f"{lines}</{name}r>".encode()
    if paragraph.close > paragraph.start:
        yield paragraph.close, paragraph.close, run
        return
    end = xml.index(b">", paragraph.start) + 1
    yield paragraph.start, end, _EMPTY.sub(b">", xml[paragraph.start : end]) + run + f"</{name}p>".encode()
