"""Checks a file before any library opens it: its size, and the content of the zip archive of an `.xlsx` or another office file.

A file may come from an unknown USB stick. Calamine allocates a sheet as one dense block, so two cells at opposite corners of an empty sheet
take gigabytes. A zip member may decompress to a thousand times its size and may misstate that size. Each member is therefore decompressed
here once, in small pieces that are counted and thrown away.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import BadZipFile, ZipFile, ZipInfo

from domain.errors import InputUnusable
from domain.words import _
from services.office_files import cell_formats
from services.office_files.cell_formats import FormattedCells, month_formats, struck_formats, two_place_formats
from services.office_files.other_files import archive as archive_refused
from services.office_files.other_files import unusable

MAX_FILE_BYTES = 64 * 2**20
MAX_UNFOLDED_BYTES = 768 * 2**20
MAX_RATIO = 400
RATIO_COUNTS_FROM = 8 * 2**20
"""Below this many decompressed bytes a high ratio means a repetitive sheet, not a zip bomb."""
MAX_MEMBERS = 2_000
MAX_ROWS = 200_000
SEARCHED_ROWS = 30
"""Number of rows at the top of a sheet among which the first heading row must be."""
MAX_COLUMNS = 702
"""Column ZZ."""
MAX_CELLS = 24_000_000
"""Maximum rows × columns of a sheet, and of all sheets of a file together, as calamine allocates them."""

_MAX_EMPTY_SHEETS = 20
"""Number of sheets that may lack the element for cells, as some programs write empty sheets."""
_MAX_READ = 4 * MAX_UNFOLDED_BYTES
_STYLES, _MAX_STYLES = "xl/styles.xml", 16 * 2**20
_PIECE = 1 << 20
_CELL_ELEMENT = b"sheetData"
"""The element that makes calamine treat a member as a sheet, wherever it is in the zip."""
_ODD_CELL = re.compile(rb'<c(?![A-Za-z])(?! r="[A-Z]{1,3}[0-9]{1,7}")')
_PREFIXED_CELL = re.compile(rb":c[\s/>]")
"""Cells in an unusual notation, whose positions the patterns below do not match."""
_PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,9})", re.ASCII)
_CONTENT = frozenset({"v", "is", "f"})
# a cell beyond column CZ or row 99 999; only then are the cells with content (not self-closing) measured one by one
_FAR = re.compile(rb'r="(?:[A-Z][A-Z][A-Z]|[D-Z][A-Z]|[A-Z][A-Z]?[0-9]{6})')
_CELL = re.compile(rb'\sr="([A-Z]{1,3})(\d{1,7})"[^>/]*>\s*<[a-z]')
_FORMULA = re.compile(rb'<c\s+r="([A-Z]+)(\d+)"[^>]*><f[^>]*>([^<]*)</f>(?:<v\s*/>|<v>\s*</v>)?</c>')
_TEXT = re.compile(rb'(?:"|&quot;)([^"&]*)(?:"|&quot;)')
"""A formula that is only a string (`="2308…"`), which some systems write so that a spreadsheet does not convert a long number."""
_HIDDEN_ROW = re.compile(rb'<row\s[^>]*?\br="(\d{1,7})"[^>]*?\shidden="(?:1|true)"')
_HIDDEN_COLUMNS = re.compile(rb'<col(?=\s[^>]*?\bhidden="(?:1|true)")(?=[^>]*\bmin="(\d{1,5})")[^>]*\bmax="(\d{1,5})"')
_ERROR = re.compile(rb'<c\s+r="([A-Z]+)(\d+)"[^>]*t="e"')
_TAIL = 4096
"""Number of bytes carried over to the next piece, so that no cell is cut in two."""


_TENTH = re.compile(rb"<v>(?:19|20)\d\d\.1</v>")


@dataclass
class SheetFacts:
    """Findings in one sheet's XML; formulas without a result, or with an error, as (row, column) from 0."""

    uncomputed: set[tuple[int, int]] = field(default_factory=set)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    """Formulas without a result that are only a string, with the string."""
    hidden_rows: set[int] = field(default_factory=set)
    """Numbers of the rows hidden by a filter or by hand."""
    hidden_columns: set[int] = field(default_factory=set)
    """The hidden columns, from 0."""
    struck: set[int] = field(default_factory=set)
    """Numbers of the rows that are struck through."""
    months: dict[int, set[int]] = field(default_factory=dict)
    """Row numbers, by column from 0, of dates that show a month without a day."""
    tenths: bool = False
    """Whether there is a number like 2022.1, which may be 2022.10."""
    two_places: dict[int, set[int]] = field(default_factory=dict)
    """Row numbers, by column from 0, of cells that show two decimal places, if `tenths`."""
    size: int = 0
    """Size of the XML in bytes."""
    sheet: bool = False
    """Whether the member is a sheet with cells."""
    far: bool = False
    odd: bool = False
    rows: int = 0
    columns: int = 0
    values: int = 0
    """At least the number of its cells with a value."""


def check_size(size: int) -> None:
    """Raise `InputUnusable` for a file larger than `MAX_FILE_BYTES`."""
    if size > MAX_FILE_BYTES:
        raise InputUnusable(
            _("文件有 {size} MB，超过 {limit} MB。请按村或按年份分开后再导入。").format(size=size >> 20, limit=MAX_FILE_BYTES >> 20)
        )


def check_grid(rows: int, columns: int) -> None:
    """Raise `InputUnusable` for a sheet with too many rows, columns or cells."""
    if rows > MAX_ROWS:
        message = _("表格到第 {rows} 行还有内容，超过 {limit} 行。请删去后面用不到的行，或分成几个文件后再导入。")
        raise InputUnusable(message.format(rows=rows, limit=MAX_ROWS))
    if columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise InputUnusable(_("表格太大（{rows} 行 {columns} 列）。请删去用不到的行和列后再导入。").format(rows=rows, columns=columns))


def check_cells(cells: int) -> None:
    """Raise `InputUnusable` if the sheets of a file together have too many cells."""
    if cells > MAX_CELLS:
        raise InputUnusable(_("几张工作表合起来太大。请分成几个文件，或删去用不到的行和列后再导入。"))


def check_sheets(named: int, members: Collection[SheetFacts]) -> None:
    """Raise `InputUnusable` for a workbook that lists more sheets than it has, or a large one many times; each is read once for each
    listing."""
    if named > len(members) + _MAX_EMPTY_SHEETS or named * max((one.size for one in members), default=0) > _MAX_READ:
        raise _bomb()


def check_workbook(data: bytes, *, most: int = MAX_UNFOLDED_BYTES) -> dict[str, SheetFacts]:
    """Check the zip of an `.xlsx`, which may decompress to at most `most` bytes; returns the findings for each sheet member. Raises
    `InputUnusable`."""
    try:
        with _members(data, most) as members:
            names = {m.filename for m in members}
            # calamine would also try its readers for these formats
            if "content.xml" in names or any(name.endswith("workbook.bin") for name in names):
                raise archive_refused(names)
            if "xl/workbook.xml" not in names and not any(name.endswith("workbook.xml") for name in names):
                raise archive_refused(names)
            left = most
            seen: dict[str, SheetFacts] = {}
            for member in members:
                seen[member.filename] = facts = _facts(data, member, left)
                left -= facts.size
            _check_texts(data, members, seen)
            styles = next((m for m in members if m.filename == _STYLES and m.file_size <= _MAX_STYLES), None)
            stylesheet = _content(data, styles) if styles is not None else b""
            for member in members:
                if (facts := seen[member.filename]).sheet:
                    find = partial(_formatted, data, member, most)
                    facts.struck = find(struck_formats(stylesheet)).whole_rows()
                    facts.months = _numbered(find(month_formats(stylesheet)))
                    facts.two_places = _numbered(find(two_place_formats(stylesheet) if facts.tenths else frozenset()))
    except ExpatError as error:
        raise unusable() from error
    return {name: facts for name, facts in seen.items() if facts.sheet}


def _check_texts(data: bytes, members: Sequence[ZipInfo], facts: Mapping[str, SheetFacts]) -> None:
    """Raise `InputUnusable` if the shared texts come to too much once each cell has its own copy."""
    texts = cell_formats.Texts(_TAIL)
    for member in members:
        if member.filename.lower() == cell_formats.MEMBER:
            _unfold(data, member, MAX_UNFOLDED_BYTES, texts)
    sheets = [member for member in members if facts[member.filename].sheet]

    def count(cells: cell_formats.Cells) -> None:
        for sheet in sheets:
            _unfold(data, sheet, MAX_UNFOLDED_BYTES, cells)

    if not cell_formats.fits(texts, sum(facts[sheet.filename].values for sheet in sheets), count):
        raise InputUnusable(_("表里有很长的文字，又用在很多格里，合起来太大。请删去这样的格，或分成几个文件后再导入。"))


def _facts(data: bytes, member: ZipInfo, left: int) -> SheetFacts:
    """What is found in a member's XML, which may decompress to at most `left` bytes."""
    facts = SheetFacts()
    facts.size = _unfold(data, member, left, partial(_look, facts))
    if facts.odd:
        _unfold(data, member, MAX_UNFOLDED_BYTES, _CellPositions(facts))
    elif facts.far:
        _unfold(data, member, MAX_UNFOLDED_BYTES, partial(_measure, facts))
    return facts


def _formatted(data: bytes, member: ZipInfo, most: int, formats: frozenset[bytes]) -> FormattedCells:
    """The cells of a sheet that have one of `formats`."""
    cells = FormattedCells(formats, _TAIL)
    if formats:
        _unfold(data, member, most, cells)
    return cells


def _numbered(cells: FormattedCells) -> dict[int, set[int]]:
    return {column_number(column): rows for column, rows in cells.by_column().items()}


def check_package(data: bytes, *, most: int) -> None:
    """Check the zip of another office file, which may decompress to at most `most` bytes. Raises `InputUnusable`."""
    with _members(data, most) as members:
        left = most
        for member in members:
            left -= _unfold(data, member, left, None)


@contextmanager
def _members(data: bytes, most: int) -> Iterator[list[ZipInfo]]:
    """The members of a zip, whose stated sizes together may be at most `most` bytes."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > most:
                raise _bomb()
            yield members
    except (BadZipFile, struct.error, zlib.error, NotImplementedError, EOFError) as error:
        raise InputUnusable(_("文件已损坏或没有复制完整，打不开。请重新导出或复制一份。")) from error


def _content(data: bytes, member: ZipInfo) -> bytes:
    """The content of a small member."""
    pieces: list[bytes] = []

    def take(text: bytes) -> None:
        pieces.append(text[min(_TAIL, len(pieces[-1])) if pieces else 0 :])

    _unfold(data, member, 2 * _MAX_STYLES, take)
    return b"".join(pieces)


def _bomb() -> InputUnusable:
    return InputUnusable(_("文件解开后大得不正常，可能是有人做了手脚。没有导入任何内容。"))


def _unfold(data: bytes, member: ZipInfo, left: int, look: Callable[[bytes], None] | None) -> int:
    """Decompress one member in pieces, passing each to `look`, and return its size; the size stated in the zip's directory is not trusted.
    Raises `InputUnusable` if it exceeds `left` bytes or `MAX_RATIO`."""
    if member.flag_bits & 1:
        raise InputUnusable(_("文件设了打开密码。请在 Excel 里去掉密码另存一份后再导入。"))
    start = _content_start(data, member)
    packed = memoryview(data)[start : start + member.compress_size]
    if len(packed) != member.compress_size or member.compress_type not in (0, 8):
        raise BadZipFile("cut short or unknown method")
    size, tail = 0, b""
    for piece in _inflated(packed) if member.compress_type == 8 else _pieces(packed):
        size += len(piece)
        if size > left or (size > RATIO_COUNTS_FROM and size > MAX_RATIO * max(member.compress_size, 1)):
            raise _bomb()
        if look is not None and piece:
            look(tail + piece)
            tail = piece[-_TAIL:]
    return size


def _pieces(packed: memoryview) -> Iterator[bytes]:
    return (bytes(packed[offset : offset + _PIECE]) for offset in range(0, len(packed), _PIECE))


def _inflated(packed: memoryview) -> Iterator[bytes]:
    """Decompressed pieces, each of limited size; there may be several for one compressed piece."""
    inflater, offset, piece = zlib.decompressobj(-15), 0, b""
    while not inflater.eof and (piece or offset < len(packed)):
        feed = inflater.unconsumed_tail or packed[offset : offset + _PIECE]
        offset += 0 if inflater.unconsumed_tail else _PIECE
        piece = inflater.decompress(feed, _PIECE)
        yield piece


def _content_start(data: bytes, member: ZipInfo) -> int:
    """The offset of a member's data, after its local header with a name and an extra field of variable length."""
    header = data[member.header_offset : member.header_offset + 30]
    if header[:4] != b"PK\x03\x04":
        raise BadZipFile("no local header")
    name, extra = struct.unpack("<HH", header[26:30])
    return member.header_offset + 30 + int(name) + int(extra)


def _look(facts: SheetFacts, xml: bytes) -> None:
    """Look in a piece of a sheet for formulas without a result or with an error (`#REF!`), hidden rows and columns, and distant cells."""
    facts.sheet = facts.sheet or _CELL_ELEMENT in xml
    if not facts.sheet:
        return
    facts.tenths = facts.tenths or _TENTH.search(xml) is not None
    facts.values += xml.count(b"</v") + xml.count(b":v")
    facts.far = facts.far or _FAR.search(xml) is not None
    whole = xml.rfind(b"<")  # the last tag may be cut in two; the next piece has it again
    facts.odd = facts.odd or any(pattern.search(xml, 0, whole) for pattern in (_ODD_CELL, _PREFIXED_CELL))
    if b"<f" in xml:
        for hit in _FORMULA.finditer(xml):
            place, text = (int(hit[2]) - 1, column_number(hit[1].decode())), _TEXT.fullmatch(hit[3])
            if text is None:
                facts.uncomputed.add(place)
            else:
                facts.texts[place] = text[1].decode(errors="replace")
    if b"hidden=" in xml:
        facts.hidden_rows.update(int(hit[1]) for hit in _HIDDEN_ROW.finditer(xml))
        for hit in _HIDDEN_COLUMNS.finditer(xml):
            facts.hidden_columns.update(range(int(hit[1]) - 1, min(int(hit[2]), MAX_COLUMNS)))
    if b't="e"' in xml:
        for hit in _ERROR.finditer(xml):
            facts.uncomputed.add((int(hit[2]) - 1, column_number(hit[1].decode())))


class _CellPositions:
    """Finds the last row and the last column with content, with an XML parser (slow). Raises `ExpatError`."""

    def __init__(self, facts: SheetFacts) -> None:
        self.facts = facts
        self.row = self.column = -1
        self._seen = 0
        self._parser = ParserCreate()
        self._parser.StartElementHandler = self._begun
        self._parser.StartDoctypeDeclHandler = self._declared

    def __call__(self, text: bytes) -> None:
        """Parse a piece, which begins with the end of the one before."""
        piece = text[self._seen :]
        self._seen = min(_TAIL, len(piece))
        self._parser.Parse(piece)
        check_grid(self.facts.rows, self.facts.columns)

    def _begun(self, name: str, attributes: dict[str, str]) -> None:
        local, reference = name.rpartition(":")[2], attributes.get("r", "")
        if local == "row":
            self.row, self.column = (int(reference) - 1 if reference.isdecimal() and len(reference) < 10 else self.row + 1), -1
        elif local == "c" and (found := _PLACE.fullmatch(reference)):
            self.row, self.column = int(found[2]) - 1, column_number(found[1].upper())
        elif local == "c" and reference and self.facts.sheet:
            raise unusable()  # calamine fails at such a reference, or allocates as many columns as its letters count
        elif local == "c":
            self.column += 1
        elif local in _CONTENT:
            self.facts.rows, self.facts.columns = max(self.facts.rows, self.row + 1), max(self.facts.columns, self.column + 1)

    def _declared(self, *_any: object) -> None:
        raise _bomb()


def _measure(facts: SheetFacts, xml: bytes) -> None:
    """Find the last row and the last column with content."""
    for hit in _CELL.finditer(xml):
        facts.rows = max(facts.rows, int(hit[2]))
        facts.columns = max(facts.columns, column_number(hit[1].decode()) + 1)
    check_grid(facts.rows, facts.columns)


def column_number(letters: str) -> int:
    """Column letters → number from 0: `A` → 0, `AA` → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """Column number from 0 → letters: 0 → `A`, 26 → `AA`."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
