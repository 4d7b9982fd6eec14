"""Reads the tables of web pages and of the XML format before `.xlsx`, which systems write when they 导出 an `.xls`.

Excel would convert the ID numbers to numbers and lose the last digits; here they are read as text. Parsing takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape

from services.office_files.limits import MAX_COLUMNS, MAX_ROWS, check_grid

Merged = tuple[tuple[int, int], tuple[int, int]]
"""A merged block: its first and last cell, as (row, column) from 0."""

_BEGINS = re.compile(r"\s*<(?:!doctype|html|table|\?xml|head|meta|style|body|div)\b", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(?:ss:)?([a-z]\w*)([^<>]*)>", re.IGNORECASE | re.ASCII)
_ATTRIBUTE = re.compile(r"(?:ss:)?([a-z]+)\s*=\s*[\"']?([^\"'\s/>]*)", re.IGNORECASE | re.ASCII)
_WHITE_SPACE = re.compile(r"[ \t\r\n\xa0]+")
_ATTRIBUTES_SEARCHED = 1_000
"""Number of characters of a tag that are searched for attributes."""
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?")
_ROWS, _CELLS, _LINES = frozenset({"tr", "row", "caption"}), frozenset({"td", "th", "cell", "caption"}), frozenset({"br", "p", "div"})
_SKIPPED = frozenset({"script", "style", "title", "xml"})
_INLINE = frozenset("a b i u o span font strong em".split())
_TITLES = 3
"""The most lines directly above a table that are taken for its titles."""


def is_web(text: str) -> bool:
    """Whether a text begins like a web page or XML."""
    return _BEGINS.match(text[:400]) is not None


@dataclass
class WebTable:
    """One table: its rows of text, padded to one length, and its merged blocks."""

    rows: list[list[str]] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    _covered: dict[int, int] = field(default_factory=dict)
    """Columns covered by cells of rows above → number of further rows covered."""
    _parts: list[str] | None = None
    """The text parts of the cell being read."""

    def row(self, said: dict[str, str]) -> None:
        """Begin a row. The XML format leaves out empty rows and states the index of the next."""
        self.close()
        while len(self.rows) < min(_count(said.get("index"), MAX_ROWS), MAX_ROWS) - 1:
            self.rows.append([])
        self.rows.append([])
        check_grid(len(self.rows), 1)
        self._covered = {column: rows - 1 for column, rows in self._covered.items() if rows > 1}

    def cell(self, said: dict[str, str]) -> None:
        """Begin a cell in the next column of the row that no cell from above covers."""
        if not self.rows:
            self.row({})
        self.close()
        row = self.rows[-1]
        row += [""] * (min(_count(said.get("index"), MAX_COLUMNS), MAX_COLUMNS) - 1 - len(row))
        while len(row) in self._covered:
            row.append("")
        at, down = len(row), max(_count(said.get("rowspan"), MAX_ROWS), _count(said.get("mergedown"), MAX_ROWS) + 1)
        across = max(_count(said.get("colspan"), MAX_COLUMNS), _count(said.get("mergeacross"), MAX_COLUMNS) + 1)
        row += [""] * across
        check_grid(len(self.rows), len(row))
        if down > 1 or across > 1:
            self.merged.append(((len(self.rows) - 1, at), (len(self.rows) + down - 2, at + across - 1)))
            self._covered |= dict.fromkeys(range(at, at + across) if down > 1 else (), down)
        self._at, self._parts = at, []

    def text(self, text: str) -> None:
        """Add text to the cell being read; text outside cells is ignored."""
        if self._parts is not None:
            self._parts.append(text)

    def close(self) -> None:
        """End the cell being read."""
        if self._parts is not None:
            text = unescape("".join(self._parts)).replace("\xa0", " ").strip()
            self.rows[-1][self._at] = _MIDNIGHT.sub(r"\1", text)
            self._parts = None

    def squared(self) -> WebTable:
        """The table with rows of one length and merged blocks cut off at the last row."""
        self.close()
        width, height = max(map(len, self.rows), default=0), len(self.rows)
        check_grid(height, width)
        self.rows = [row + [""] * (width - len(row)) for row in self.rows]
        self.merged = [(first, (min(last[0], height - 1), last[1])) for first, last in self.merged]
        return self


def web_tables(text: str) -> list[WebTable]:
    """All tables that have a row with two filled cells, below the lines of text above them; nested tables are separate."""
    text = _without_comments(text)
    open_ones: list[WebTable] = []
    found: list[WebTable] = []
    above: list[str] = []
    at, unread = 0, ""
    for tag in _TAG.finditer(text):
        name, closes = tag[2].casefold(), bool(tag[1])
        if not unread:
            said = _WHITE_SPACE.sub(" ", text[at : tag.start()])
            open_ones[-1].text(said) if open_ones else above.extend((said, "" if name in _INLINE else "\n"))
        at = tag.end()
        if unread or name in _SKIPPED:
            unread = "" if closes and name == unread else unread or ("" if closes else name)
        elif name == "table":
            if not closes:
                found.append(WebTable([[line] for line in _titles(above)]))
                above = []
                open_ones.append(found[-1])
            elif open_ones:
                open_ones.pop().close()
        elif open_ones:
            _read(open_ones[-1], name, closes, tag[3])
    return [table.squared() for table in found if any(sum(map(bool, row)) >= 2 for row in table.rows)]


def _titles(above: Sequence[str]) -> list[str]:
    """The last lines with Chinese words of the text above a table."""
    lines = (line.strip() for line in unescape("".join(above)).splitlines())
    return [line for line in lines if re.search("[一-龥]", line)][-_TITLES:]


def _read(table: WebTable, name: str, closes: bool, rest: str) -> None:
    if name in _LINES:
        table.text("\n")
    elif name not in _ROWS | _CELLS:
        return
    elif closes:
        table.close()
    else:
        attributes = {key.casefold(): value for key, value in _ATTRIBUTE.findall(rest[:_ATTRIBUTES_SEARCHED])}
        if name in _ROWS:
            table.row(attributes)
        if name in _CELLS:
            table.cell(attributes)


def _without_comments(text: str) -> str:
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join([*kept, text[at:]])


def _count(text: str | None, most: int) -> int:
    """The number in an attribute, at most `most`; 0 if there is none."""
    return min(int(text), most) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
