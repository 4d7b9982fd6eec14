"""What an `.xlsx` says of its cells by their formats, which calamine does not give: read from the workbook's styles and a sheet's XML."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FORMATS = re.compile(rb"<cellXfs\b.*?</cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<xf[\s>/][^>]*")
_CELL = re.compile(rb'<c\s+r="([A-Z]{1,3})(\d{1,7})"([^>]*[^>/])?>\s*<[vif]')
_FORMAT_OF = re.compile(rb'\ss="(\d{1,5})"')


def formats_with(styles: bytes, attribute: bytes, values: frozenset[bytes]) -> frozenset[bytes]:
    """Numbers of the cell formats of which an attribute (`fontId`, `numFmtId`) is one of some values."""
    formats = _FORMATS.search(styles)
    said = re.compile(rb"\s" + attribute + rb'="(\d{1,5})"')
    found = (said.search(hit[0]) for hit in _FORMAT.finditer(formats[0])) if formats else ()
    return frozenset(str(at).encode() for at, hit in enumerate(found) if hit is not None and hit[1] in values)


class FilledCells:
    """Walks the filled cells of a sheet's XML, which comes in pieces."""

    def __init__(self, formats: frozenset[bytes], again: int) -> None:
        self.formats, self.again = formats, again
        self._seen = 0

    def cells(self, xml: bytes) -> Iterator[tuple[int, bytes, bool]]:
        """Row number, column letters and whether the format is one of those looked for, for each cell of a piece, which begins with the
        last bytes of the one before, at most `again`."""
        seen, self._seen = self._seen, min(self.again, len(xml) - self._seen)
        for hit in _CELL.finditer(xml):
            if hit.end() > seen:
                form = _FORMAT_OF.search(hit[3] or b"")
                yield int(hit[2]), hit[1], form is not None and form[1] in self.formats
