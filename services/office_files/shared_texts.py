"""Bounds what the shared texts of an `.xlsx` come to once each cell has its own copy.

A cell names a shared text by its number, and calamine copies the text for every cell, so a few hundred kilobytes can stand for gigabytes.
The longest text times the number of cells is a quick upper bound; only a file that exceeds it is counted cell by cell.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence

MEMBER = "xl/sharedstrings.xml"
"""Name of the member with the shared texts, in small letters."""
MOST = 256 * 2**20
"""Most bytes of all texts together, each counted as often as a cell names it."""
_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>")
_VALUE = re.compile(rb"</(?:[\w.-]+:)?v\s*>")
_CELL = re.compile(rb"<c\s([^>]*)>\s*(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?\s*<v>([^<]*)</v>")
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
        for hit in _CELL.finditer(piece):
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
