"""Finds rows of an `.xlsx` that are struck through, as people cross out on paper, from the sheet's styles, which calamine does not give."""

from __future__ import annotations

import re
from collections import Counter

_FONTS = re.compile(rb"<fonts\b.*?</fonts>", re.DOTALL)
_FONT = re.compile(rb"<font\s*/>|<font[\s>].*?</font>", re.DOTALL)
_STRIKE = re.compile(rb'<strike\s*/>|<strike\s+val="(?:1|true)"')
_FORMATS = re.compile(rb"<cellXfs\b.*?</cellXfs>", re.DOTALL)
_FONT_OF = re.compile(rb'<xf\s[^>]*?\bfontId="(\d{1,5})"|<xf[\s>/]')
_CELL = re.compile(rb'<c\s+r="[A-Z]{1,3}(\d{1,7})"([^>]*[^>/])?>\s*<[vif]')
_FORMAT_OF = re.compile(rb'\ss="(\d{1,5})"')


def struck_formats(styles: bytes) -> frozenset[bytes]:
    """Numbers of the cell formats whose font is struck through; most workbooks have none and cost nothing more."""
    if b"<strike" not in styles:
        return frozenset()
    fonts, formats = _FONTS.search(styles), _FORMATS.search(styles)
    if fonts is None or formats is None:
        return frozenset()
    struck = {str(at).encode() for at, hit in enumerate(_FONT.finditer(fonts[0])) if _STRIKE.search(hit[0])}
    return frozenset(str(at).encode() for at, hit in enumerate(_FONT_OF.finditer(formats[0])) if hit[1] in struck)


class StruckRows:
    """Counts, piece by piece of a sheet's XML, the filled cells of each row and those struck through."""

    def __init__(self, formats: frozenset[bytes], again: int) -> None:
        self.formats, self.again = formats, again
        self._seen = 0
        self._struck: Counter[int] = Counter()
        self._filled: Counter[int] = Counter()

    def __call__(self, xml: bytes) -> None:
        """Take in a piece, which begins with the last bytes of the one before, at most `again`."""
        seen, self._seen = self._seen, min(self.again, len(xml) - self._seen)
        for hit in _CELL.finditer(xml):
            if hit.end() <= seen:
                continue
            row, form = int(hit[1]), _FORMAT_OF.search(hit[2] or b"")
            self._filled[row] += 1
            self._struck[row] += form is not None and form[1] in self.formats

    def rows(self) -> set[int]:
        """Numbers of the rows whose cells are mostly struck through."""
        return {row for row, struck in self._struck.items() if struck > 1 and 2 * struck > self._filled[row]}
