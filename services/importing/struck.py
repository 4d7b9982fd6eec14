"""Finds rows of an `.xlsx` that are struck through, as people cross out on paper."""

from __future__ import annotations

import re
from collections import Counter

from services.importing.cell_formats import FilledCells, formats_with

_FONTS = re.compile(rb"<fonts\b.*?</fonts>", re.DOTALL)
_FONT = re.compile(rb"<font\s*/>|<font[\s>].*?</font>", re.DOTALL)
_STRIKE = re.compile(rb'<strike\s*/>|<strike\s+val="(?:1|true)"')


def struck_formats(styles: bytes) -> frozenset[bytes]:
    """Numbers of the cell formats whose font is struck through; most workbooks have none and cost nothing more."""
    fonts = _FONTS.search(styles) if b"<strike" in styles else None
    if fonts is None:
        return frozenset()
    struck = frozenset(str(at).encode() for at, hit in enumerate(_FONT.finditer(fonts[0])) if _STRIKE.search(hit[0]))
    return formats_with(styles, b"fontId", struck)


class StruckRows(FilledCells):
    """Counts the filled cells of each row and those struck through."""

    def __init__(self, formats: frozenset[bytes], again: int) -> None:
        super().__init__(formats, again)
        self._struck: Counter[int] = Counter()
        self._filled: Counter[int] = Counter()

    def __call__(self, xml: bytes) -> None:
        """Take in a piece."""
        for row, _column, struck in self.cells(xml):
            self._filled[row] += 1
            self._struck[row] += struck

    def rows(self) -> set[int]:
        """Numbers of the rows whose cells are mostly struck through."""
        return {row for row, struck in self._struck.items() if struck > 1 and 2 * struck > self._filled[row]}
