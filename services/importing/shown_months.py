"""Finds date cells of an `.xlsx` that show a month and no day: 2023年6月 typed into Excel or WPS is kept as the first of June, a day that
nobody wrote."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from services.importing.cell_formats import FilledCells, formats_with

_BUILT_IN = frozenset({b"17", b"27", b"36", b"50", b"52", b"57"})
"""Formats without a code of their own: mmm-yy, and 年月 where Chinese is spoken."""
_OWN = re.compile(rb'<numFmt\s(?=[^>]*\bnumFmtId="(\d{1,5})")[^>]*\bformatCode="([^"]*)"')
_LITERAL = re.compile(rb"&quot;.*?&quot;|\[[^\]]*\]|\\.|;.*", re.DOTALL)


def month_formats(styles: bytes) -> frozenset[bytes]:
    """Numbers of the cell formats that show the month of a date and not its day."""
    own = {hit[1]: _LITERAL.sub(b"", hit[2]).lower() for hit in _OWN.finditer(styles)}
    months = {number for number, code in own.items() if b"y" in code and b"m" in code and not re.search(b"[dhs]", code)}
    return formats_with(styles, b"numFmtId", _BUILT_IN - own.keys() | months)


class ShownMonths(FilledCells):
    """Notes where they are."""

    def __init__(self, formats: frozenset[bytes], again: int) -> None:
        super().__init__(formats, again)
        self._rows: defaultdict[bytes, set[int]] = defaultdict(set)

    def __call__(self, xml: bytes) -> None:
        """Take in a piece."""
        for row, column, month in self.cells(xml):
            if month:
                self._rows[column].add(row)

    def columns(self) -> Mapping[str, set[int]]:
        """Row numbers by the letters of their column."""
        return {column.decode(): rows for column, rows in self._rows.items()}
