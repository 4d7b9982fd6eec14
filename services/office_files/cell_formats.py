"""Cell formats of an `.xlsx` that calamine does not report, read from the workbook's styles and a sheet's XML: rows that are struck
through, as people cross out a line on paper, and date cells that show only the month. 2023年6月 typed into Excel or WPS is stored as
2023-06-01, a day that nobody wrote."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

_FORMATS = re.compile(rb"<cellXfs\b.*?</cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<xf[\s>/][^>]*")
_CELL = re.compile(rb'<c\s+r="([A-Z]{1,3})(\d{1,7})"([^>]*[^>/])?>\s*<[vif]')
_FORMAT_OF = re.compile(rb'\ss="(\d{1,5})"')
_FONTS = re.compile(rb"<fonts\b.*?</fonts>", re.DOTALL)
_FONT = re.compile(rb"<font\s*/>|<font[\s>].*?</font>", re.DOTALL)
_STRIKE = re.compile(rb'<strike\s*/>|<strike\s+val="(?:1|true)"')
_BUILT_IN = frozenset({b"17", b"27", b"36", b"50", b"52", b"57"})
"""Built-in formats, which have no format code in the file: mmm-yy, and 年月 in Chinese locales."""
_OWN = re.compile(rb'<numFmt\s(?=[^>]*\bnumFmtId="(\d{1,5})")[^>]*\bformatCode="([^"]*)"')
_LITERAL = re.compile(rb"&quot;.*?&quot;|\[[^\]]*\]|\\.|;.*", re.DOTALL)


def formats_with(styles: bytes, attribute: bytes, values: frozenset[bytes]) -> frozenset[bytes]:
    """Indices of the cell formats whose `attribute` (`fontId` or `numFmtId`) has one of `values`."""
    formats = _FORMATS.search(styles)
    wanted = re.compile(rb"\s" + attribute + rb'="(\d{1,5})"')
    found = (wanted.search(hit[0]) for hit in _FORMAT.finditer(formats[0])) if formats else ()
    return frozenset(str(at).encode() for at, hit in enumerate(found) if hit is not None and hit[1] in values)


class FormattedCells:
    """Collects the filled cells of a sheet's XML, which arrives in pieces, that have one of `formats`. A piece begins with the last bytes
    of the one before, at most `again`."""

    def __init__(self, formats: frozenset[bytes], again: int) -> None:
        self.formats, self.again = formats, again
        self._seen = 0
        self._filled: Counter[int] = Counter()
        self._rows: defaultdict[bytes, set[int]] = defaultdict(set)

    def __call__(self, xml: bytes) -> None:
        """Take in a piece."""
        seen, self._seen = self._seen, min(self.again, len(xml) - self._seen)
        for hit in _CELL.finditer(xml):
            if hit.end() > seen:
                self._filled[int(hit[2])] += 1
                form = _FORMAT_OF.search(hit[3] or b"")
                if form is not None and form[1] in self.formats:
                    self._rows[hit[1]].add(int(hit[2]))

    def by_column(self) -> dict[str, set[int]]:
        """Row numbers by column letters."""
        return {column.decode(): rows for column, rows in self._rows.items()}

    def whole_rows(self) -> set[int]:
        """Numbers of the rows most of whose filled cells have one of the formats."""
        found = Counter(row for rows in self._rows.values() for row in rows)
        return {row for row, count in found.items() if count > 1 and 2 * count > self._filled[row]}


def struck_formats(styles: bytes) -> frozenset[bytes]:
    """Indices of the cell formats whose font is struck through; most workbooks have none, which is quickly found."""
    fonts = _FONTS.search(styles) if b"<strike" in styles else None
    if fonts is None:
        return frozenset()
    struck = frozenset(str(at).encode() for at, hit in enumerate(_FONT.finditer(fonts[0])) if _STRIKE.search(hit[0]))
    return formats_with(styles, b"fontId", struck)


def month_formats(styles: bytes) -> frozenset[bytes]:
    """Indices of the cell formats that show a date's month but not its day."""
    own = {hit[1]: _LITERAL.sub(b"", hit[2]).lower() for hit in _OWN.finditer(styles)}
    months = {number for number, code in own.items() if b"y" in code and b"m" in code and not re.search(b"[dhs]", code)}
    return formats_with(styles, b"numFmtId", _BUILT_IN - own.keys() | months)


def two_place_formats(styles: bytes) -> frozenset[bytes]:
    """Indices of the cell formats that show two decimal places: 2022.10, typed as a month, is stored as 2022.1."""
    own = {hit[1] for hit in _OWN.finditer(styles) if re.match(rb"0\.00(?!0)", _LITERAL.sub(b"", hit[2]))}
    return formats_with(styles, b"numFmtId", frozenset({b"2"} | own))


MEMBER = "xl/sharedstrings.xml"
"""Name of the member with the shared texts, in small letters."""
MOST = 256 * 2**20
"""Most bytes of all texts together, each counted as often as a cell names it."""
_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>")
_VALUE = re.compile(rb"</(?:[\w.-]+:)?v\s*>")
_TEXT_CELL = re.compile(rb"<c\s([^>]*)>\s*(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?\s*<v>([^<]*)</v>")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")


class _Pieces:
    """What is called with the pieces of a member, each of which begins with the last bytes (at most `overlap`) of the one before."""

    def __init__(self, overlap: int) -> None:
        self.overlap = overlap
        self._before = self._seen = 0

    def __call__(self, piece: bytes) -> None:
        """Look at the next piece."""
        self.look(piece, self._before - self._seen, self._seen)
        self._before += len(piece) - self._seen
        self._seen = min(self.overlap, len(piece) - self._seen)

    def look(self, piece: bytes, start: int, seen: int) -> None:
        """Look at a piece that begins at byte `start` of the member; its first `seen` bytes came before."""
        raise NotImplementedError


class Texts(_Pieces):
    """The lengths of the shared texts in bytes, with their markup."""

    def __init__(self, overlap: int) -> None:
        super().__init__(overlap)
        self.lengths = array("Q")
        self._last = 0

    def look(self, piece: bytes, start: int, seen: int) -> None:
        """Find the ends of texts."""
        for hit in _END.finditer(piece):
            if hit.end() > seen:
                self.lengths.append(start + hit.end() - self._last)
                self._last = start + hit.end()


class Cells(_Pieces):
    """What the cells of a sheet come to. A cell in an unusual notation counts as the longest text."""

    def __init__(self, overlap: int, lengths: Sequence[int]) -> None:
        super().__init__(overlap)
        self._lengths, self._longest = lengths, max(lengths, default=0)
        self._size = self._values = self._read = 0

    @property
    def size(self) -> int:
        """The bytes of the texts of all cells."""
        return self._size + max(self._values - self._read, 0) * self._longest

    def look(self, piece: bytes, start: int, seen: int) -> None:
        """Add up the cells that end in a piece."""
        self._values += sum(hit.end() > seen for hit in _VALUE.finditer(piece))
        for hit in _TEXT_CELL.finditer(piece):
            if hit.end() > seen:
                self._read += 1
                self._size += self._length(hit[2]) if _SHARED.search(hit[1]) else 0

    def _length(self, number: bytes) -> int:
        if not number.isdigit() or len(number) > 9:
            return self._longest
        return self._lengths[int(number)] if int(number) < len(self._lengths) else 0


def fits(texts: Texts, values: int, count: Callable[[Cells], None]) -> bool:
    """Whether the texts of all cells together are no more than `MOST`. `values`: the number of cells with a value, at least; `count` passes
    the sheets to what counts them exactly."""
    if max(texts.lengths, default=0) * values <= MOST:
        return True
    cells = Cells(texts.overlap, texts.lengths)
    count(cells)
    return cells.size <= MOST
