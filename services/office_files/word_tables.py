"""Reads the tables of a Word document (`.docx`) with the byte positions of their cells, so that they can be read like sheets and filled in
without changing the rest.

    document(data) -> Document        its tables; raises `InputUnusable` for a file that is damaged, too large or not a document

A table without a line of text before it continues the one above (ECMA-376, part 1, 17.4). Text that is deleted, hidden or repeated for
older programs is not read.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile

from domain.errors import InputUnusable
from domain.words import _
from services.office_files.limits import MAX_COLUMNS, check_cells, check_grid, check_package
from services.office_files.web_tables import Merged
from services.word_xml import STRICT_WORD, WORD, Parser, Span

_FALLBACK: Final = ("http://schemas.openxmlformats.org/markup-compatibility/2006", "Fallback")
_TEXT_PART: Final = re.compile(r"word/document\d{0,2}\.xml")
_MAX_BYTES: Final = 96 * 2**20
"""Most bytes of a decompressed document."""
_MAX_TABLES, _MAX_CELL_TEXT = 500, 100_000
"""Most tables of a document, each of which is read as a sheet, and most characters of a cell."""
_MAX_TITLES: Final = 8
"""Most lines above a table that are read as its titles."""
_PICTURE: Final = frozenset({"drawing", "pict", "object"})
_CHARACTERS: Final = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "sym": "□"}
"""Elements that stand for a character."""
_UNSEEN: Final = frozenset({"moveFrom", "del", "pPrChange", "rPrChange", "tcPrChange", "trPrChange", "instrText", "delText"})


@dataclass
class Paragraph:
    """The first paragraph of a cell: its position, the position of its closing tag (`start` if it has none), and the XML of its text
    format."""

    start: int
    close: int = 0
    look: bytes = b""


@dataclass
class Cell:
    """A cell: its column from 0, the number of columns it spans, and whether it continues the cell above (`below`) or is continued below
    (`begins`)."""

    column: int
    width: int = 1
    begins: bool = False
    below: bool = False
    text: str = ""
    numbered: bool = False
    paragraph: Paragraph | None = None
    written: list[Span] = field(default_factory=list)
    """The positions of its text elements."""
    symbols: list[Span] = field(default_factory=list)
    """The positions of characters of symbol fonts, such as boxes; read as □."""


@dataclass
class Row:
    """A row of a table and its byte positions; its cells begin at column `first`."""

    start: int
    end: int = 0
    first: int = 0
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Table:
    """A table and the lines of text above it; `nested` if it is in a cell of another."""

    start: int
    nested: bool = False
    titles: list[str] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> list[Row | None]:
        """The rows as a sheet counts them; None for each title line, which come first."""
        return [*[None] * len(self.titles), *self.lines]

    @property
    def width(self) -> int:
        """The number of columns."""
        return max((cell.column + cell.width for row in self.lines for cell in row.cells), default=0)

    def texts(self) -> list[list[Any]]:
        """The text of each cell; that of a merged block is in its first cell."""
        width = max(self.width, 1)
        made = [[title, *[""] * (width - 1)] for title in self.titles]
        for row in self.lines:
            texts = [""] * width
            for cell in row.cells:
                texts[cell.column] = "" if cell.below else cell.text
            made.append(texts)
        return made

    def merged(self) -> list[Merged]:
        """Merged blocks."""
        found: list[list[int]] = []
        above: dict[int, list[int]] = {}  # column → block that a cell of the next row may continue
        for at, row in enumerate(self.lines, len(self.titles)):
            going: dict[int, list[int]] = {}
            for cell in row.cells:
                last = cell.column + cell.width - 1
                block = above.get(cell.column) if cell.below else None
                if block is None or block[3] != last:
                    block = [at, cell.column, at, last]
                    found.append(block)
                block[2] = at
                if cell.begins or cell.below:
                    going[cell.column] = block
            above = going
        return [((top, left), (bottom, right)) for top, left, bottom, right in found if (top, left) != (bottom, right)]


@dataclass(frozen=True)
class Document:
    """A document: the name and the XML of its text part, and its tables."""

    part: str
    xml: bytes
    tables: Sequence[Table]


def is_document(data: bytes) -> bool:
    """Whether a file is a zip with the text part of a Word document."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except (BadZipFile, struct.error, NotImplementedError, EOFError, ValueError):
        return False
    return any(map(_TEXT_PART.fullmatch, names)) and "xl/workbook.xml" not in names


def document(data: bytes) -> Document:
    """Read the tables of a document. Raises `InputUnusable`."""
    check_package(data, most=_MAX_BYTES)
    try:
        with ZipFile(BytesIO(data)) as archive:
            part = next(filter(_TEXT_PART.fullmatch, archive.namelist()), "")
            xml = archive.read(part)
            macros = b"macroEnabled" in archive.read("[Content_Types].xml")
        parsed = _Parser(xml)
    except (BadZipFile, KeyError, ExpatError, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        raise _unreadable() from error
    if macros:
        raise InputUnusable(_("这份 Word 文档带宏。请用 Word 或 WPS 打开，另存为不带宏的 .docx 再试。"))
    tables = list(_joined(parsed.tables))
    if not tables:
        raise InputUnusable(_("这份 Word 文档里没有表格。请看看是不是发错了文件；要是文字，请把人员照着填进 Excel 或 WPS 表格再导入。"))
    if len(tables) > _MAX_TABLES:
        raise _too_large()
    for table in tables:
        check_grid(len(table.rows), table.width)
    check_cells(sum(len(table.rows) * table.width for table in tables))
    return Document(part, xml, tables)


def _unreadable() -> InputUnusable:
    return InputUnusable(_("这份 Word 文档读不出来。请用 Word 或 WPS 打开，另存为 .docx 再试。"))


def _too_large() -> InputUnusable:
    return InputUnusable(_("这份 Word 文档太大。请按村或按年份分开再试。"))


def _joined(tables: Sequence[Table]) -> Iterator[Table]:
    """The tables, each with those that continue it."""
    whole: Table | None = None
    for table in sorted(tables, key=lambda one: one.start):
        if not table.width:
            continue
        if whole is not None and not table.titles and not table.nested and whole.width == table.width:
            whole.lines += table.lines
            continue
        yield table
        whole = whole if table.nested else table


class _Parser(Parser):
    """Parses the document's XML and collects its tables."""

    max_elements, max_depth = 4_000_000, 400
    spaces = frozenset({WORD, STRICT_WORD})

    def __init__(self, xml: bytes) -> None:
        super().__init__(xml)
        self.tables = list[Table]()
        self._hidden = 0
        self._tables: list[Table] = []
        self._rows: list[Row] = []
        self._cells: list[Cell] = []
        self._numbers: dict[tuple[int, int], int] = {}
        """The number of automatically numbered cells so far, by (depth, column)."""
        self._line: list[str] = []
        """The text of the current paragraph outside tables."""
        self._lines: list[str] = []
        """Lines of text since the previous table."""
        self._paragraphs: list[int] = []
        self._vanished = False
        self._parser.XmlDeclHandler = self._encoded
        if b"\0" in xml:
            raise _unreadable()  # UTF-16, whatever the declaration says
        self._parse()

    # -- parser events ----------------------------------------------------------------------------------------------------

    def _encoded(self, _version: str, encoding: str | None, _self_closing_end: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise _unreadable()  # filled-in text is written in UTF-8

    def _too_large(self) -> InputUnusable:
        return _too_large()

    def _enter(self, space: str, local: str, attributes: dict[str, str], here: int) -> None:
        self._hidden += self._is_hidden(space, local)
        if space in self.spaces and not self._hidden:
            value = next((value for key, value in attributes.items() if key.rpartition(" ")[2] == "val"), "")
            self._enter_seen(local, value, here)

    def _leave(self, space: str, local: str, start: int) -> None:
        if self._is_hidden(space, local):
            self._hidden -= 1
        elif space in self.spaces and not self._hidden:
            self._leave_seen(local, start)

    def _is_hidden(self, space: str, local: str) -> bool:
        return (space, local) == _FALLBACK or (space in self.spaces and local in _UNSEEN)

    def _enter_seen(self, local: str, value: str, here: int) -> None:
        if local == "tbl":
            nested = bool(self._tables)
            self._tables.append(Table(here, nested, [] if nested else self._lines[-_MAX_TITLES:]))
            self._lines = self._lines if nested else []
        elif local == "tr" and self._tables:
            self._rows.append(Row(here))
        elif local == "tc" and self._rows:
            row = self._rows[-1]
            self._cells.append(Cell(row.cells[-1].column + row.cells[-1].width if row.cells else row.first))
        elif local == "p":
            self._paragraphs.append(here)
            if self._cells and self._cells[-1].paragraph is None and self._inside("tc"):
                self._cells[-1].paragraph = Paragraph(here)
        elif local == "r":
            self._vanished = False
        elif local == "t":
            self._text = []
        elif local in _CHARACTERS and self._inside("r"):
            self._add(_CHARACTERS[local])
        elif local in _PICTURE:
            self._add(_("[图]"))
        else:
            self._property(local, value)

    def _property(self, local: str, value: str) -> None:
        """Handle a property of a row, a cell or a run."""
        number = int(value) if value.isdecimal() and len(value) < 6 else 0
        if local == "gridBefore" and self._rows and not self._rows[-1].cells:
            self._rows[-1].first = min(number, MAX_COLUMNS)
        elif local == "vanish" and value not in ("0", "false", "off") and len(self._open) > 2 and self._open[-3][0] == "r":
            self._vanished = True
        elif self._cells and self._inside("tcPr", 1):
            cell = self._cells[-1]
            if local == "gridSpan":
                cell.width = max(1, number)
                check_grid(1, cell.column + cell.width)
            elif local == "vMerge":
                cell.begins, cell.below = value == "restart", value != "restart"
        elif local == "numPr" and self._cells:
            self._cells[-1].numbered = True

    def _leave_seen(self, local: str, start: int) -> None:
        if local == "t" and self._text is not None:
            text, self._text = "".join(self._text), None
            if self._cells:
                self._cells[-1].written.append(Span(start, self._end(start)))
            if not self._vanished:
                self._add(text)
        elif local == "sym" and self._cells:
            self._cells[-1].symbols.append(Span(start, self._end(start)))
        elif local == "rPr":
            self._keep_format(start)
        elif local == "p":
            self._end_paragraph(self._paragraphs.pop())
        elif local == "tc" and self._rows and self._cells:
            self._end_cell(self._cells.pop())
        elif local == "tr" and self._tables and self._rows:
            row = self._rows.pop()
            row.end = self._end(start)
            self._tables[-1].lines.append(row)
        elif local == "tbl":
            self.tables.append(self._tables.pop())

    # -- text and positions -----------------------------------------------------------------------------------------------

    def _add(self, text: str) -> None:
        if self._cells:
            self._cells[-1].text += text
        elif not self._tables:
            self._line.append(text)

    def _end_paragraph(self, start: int) -> None:
        if self._cells:
            cell = self._cells[-1]
            cell.text += "\n"
            if cell.paragraph is not None and cell.paragraph.start == start:
                cell.paragraph.close = start if self._self_closing_end(start) else self._parser.CurrentByteIndex
        elif not self._paragraphs and not self._tables:
            if line := "".join(self._line).strip():
                self._lines.append(line)
            self._line = []

    def _end_cell(self, cell: Cell) -> None:
        if len(cell.text) > _MAX_CELL_TEXT:
            raise _too_large()
        cell.text = "\n".join(filter(None, map(str.strip, cell.text.split("\n"))))
        if cell.numbered and not cell.text:
            key = len(self._tables), cell.column
            self._numbers[key] = self._numbers.get(key, 0) + 1
            cell.text = str(self._numbers[key])
        self._rows[-1].cells.append(cell)
        check_grid(1, cell.column + cell.width)
        if self._cells:  # a nested table
            self._cells[-1].text += cell.text + "\n"

    def _keep_format(self, start: int) -> None:
        """Keep the text format of the paragraph: that of its paragraph mark, otherwise of its first run."""
        paragraph = self._cells[-1].paragraph if self._cells else None
        within = self._open[-1][0]
        if paragraph is None or within not in ("pPr", "r") or (within == "r" and paragraph.look) or paragraph.close:
            return
        look = self.xml[start : self._end(start)]
        if not re.search(rb"[:<](?:ins|del|moveFrom|moveTo|rPrChange|vanish)[\s/>]", look):
            paragraph.look = look

    def _inside(self, local: str, up: int = 1) -> bool:
        """Whether the element that begins is a direct child of `local`, ignoring content controls in between."""
        around = [name for name, _start in self._open[:-1] if name not in ("", "sdt", "sdtContent")]
        return len(around) >= up and around[-up] == local
