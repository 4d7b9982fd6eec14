"""Divides a form, laid out in one or several text documents, into pages: between paragraphs and table rows, never within one.

A list continues below its header. The signatures and seals at the end are on the same page as the last rows they refer to. Qt's own
pagination splits rows, and no text format prevents that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument, QTextTable

_TAIL = 0.6
"""The largest part of a page that is kept together at the end."""
_PICTURE = "\ufffc"


@dataclass(frozen=True)
class Band:
    """A vertical section of a document, in its dots."""

    document: int
    top: float
    bottom: float


@dataclass(frozen=True)
class _Piece:
    """A paragraph or a row, which is not divided. `listed`: it is in the table with headings, which may be spread over several
    documents."""

    document: int
    top: float
    bottom: float
    listed: bool = False
    heading: bool = False
    ruled: bool = False
    picture: bool = False


class _Pages:
    """Pages being filled, each `room` dots high."""

    def __init__(self, documents: Sequence[QTextDocument], room: float, head: Band | None) -> None:
        self.documents, self.room, self.head = documents, room, head
        self.made: list[list[Band]] = [[]]
        self.used = 0.0

    def add(self, group: Sequence[_Piece]) -> None:
        """Add pieces that have to be on one page; start a new page if this one has no room for them."""
        bands = _joined(group, self._last(group[0]))
        if self.used + _height(bands) > self.room and self.made[-1]:
            self._new_page(group[0])
            bands = _joined(group, None)
        for band in bands:
            self._put(band)

    def _last(self, first: _Piece) -> float | None:
        """Where this page ends so far, if that is in the same document as the piece."""
        end = self.made[-1][-1] if self.made[-1] else None
        return end.bottom if end is not None and end.document == first.document and end.bottom <= first.top + 1 else None

    def _new_page(self, first: _Piece | None) -> None:
        self.made.append([])
        self.used = 0.0
        if first is not None and first.listed and not first.heading and self.head is not None:
            self._put(self.head)

    def _put(self, band: Band) -> None:
        while self.used + band.bottom - band.top > self.room:  # taller than a page
            cut = _between_lines(self.documents[band.document], band.top, band.top + self.room - self.used)
            self._append(replace(band, bottom=cut))
            band = replace(band, top=cut)
            self._new_page(None)
        self._append(band)

    def _append(self, band: Band) -> None:
        self.used += band.bottom - band.top
        page = self.made[-1]
        if page and page[-1].document == band.document and page[-1].bottom == band.top:
            page[-1] = replace(page[-1], bottom=band.bottom)
        else:
            page.append(band)


def pages(documents: Sequence[QTextDocument], room: float) -> list[list[Band]]:
    """Return the bands of each page from top to bottom; `room`: the height of a page in dots."""
    pieces = [piece for n, document in enumerate(documents) for piece in _pieces(document, n)]
    head = next((Band(piece.document, piece.top, piece.bottom) for piece in pieces if piece.heading), None)
    pieces = [piece for piece in pieces if not piece.heading or head is None or piece.document == head.document]
    filled = _Pages(documents, room, head)
    for group in _groups(pieces, room):
        filled.add(group)
    return filled.made


def _joined(group: Sequence[_Piece], start: float | None) -> list[Band]:
    """The bands of some pieces, one per document; the first begins at `start`, where the page ends so far."""
    bands: list[Band] = []
    for piece in group:
        if bands and bands[-1].document == piece.document:
            bands[-1] = replace(bands[-1], bottom=piece.bottom)
        else:
            top = start if start is not None and not bands else piece.top
            bands.append(Band(piece.document, top, piece.bottom))
    return bands


def _height(bands: Sequence[Band]) -> float:
    return sum(band.bottom - band.top for band in bands)


def _groups(pieces: Sequence[_Piece], room: float) -> Iterator[Sequence[_Piece]]:
    """Groups of pieces that have to be on one page: headings with their first row; the end as one group."""
    tail = _tail(pieces, room)
    waiting: list[_Piece] = []
    for piece in pieces[:tail]:
        waiting.append(piece)
        if not piece.heading:
            yield waiting
            waiting = []
    last = next((n for n, piece in enumerate(pieces) if n >= tail and piece.picture), len(pieces))
    if waiting or last > tail:
        yield [*waiting, *pieces[tail:last]]
    yield from ([piece] for piece in pieces[last:])


def _tail(pieces: Sequence[_Piece], room: float) -> int:
    """The index of the piece where the end begins: the last box or row, with the row before if it is a sum; later if that would be too
    much."""
    end = next((n for n, piece in enumerate(pieces) if piece.picture), len(pieces))
    rows = [n for n in range(end) if pieces[n].ruled]
    first = rows[-1] if rows else 0
    if len(rows) > 1 and pieces[first].listed and not pieces[rows[-2]].heading:
        first = rows[-2]
    while first < end - 1 and _height(_joined(pieces[first:end], None)) > room * _TAIL:
        first += 1
    return first


def _pieces(document: QTextDocument, number: int) -> Iterator[_Piece]:
    row: tuple[int, int] | None = None
    found: _Piece | None = None
    for block in _blocks(document):
        table = QTextCursor(block).currentTable()
        if table is None and not block.text():
            continue  # Qt adds an empty block after a table, which takes no room
        here = (table.firstPosition(), table.cellAt(block.position()).row()) if table is not None else None
        piece = _paragraph(document, number, block) if table is None else _cell(document, number, block, table)
        if found is not None and here is not None and here == row:
            found = replace(found, top=min(found.top, piece.top), bottom=max(found.bottom, piece.bottom))
            continue
        if found is not None:
            yield found
        row, found = here, piece
    if found is not None:
        yield found


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.firstBlock()
    while block.isValid():
        yield block
        block = block.next()


def _paragraph(document: QTextDocument, number: int, block: QTextBlock) -> _Piece:
    box = document.documentLayout().blockBoundingRect(block)
    return _Piece(number, box.top(), box.bottom(), picture=_PICTURE in block.text())


def _cell(document: QTextDocument, number: int, block: QTextBlock, table: QTextTable) -> _Piece:
    """The piece of a block in a table cell, including padding and border."""
    form, at = table.format().toTableFormat(), table.cellAt(block.position())
    box, look, ruled = document.documentLayout().blockBoundingRect(block), at.format().toTableCellFormat(), form.borderCollapse()
    line = 0.5 if ruled else form.cellPadding()
    top, bottom = box.top() - look.topPadding() - line, box.bottom() + look.bottomPadding() + line
    heads = form.headerRowCount()
    return _Piece(number, top, bottom, bool(heads), at.row() < heads, ruled)


def _between_lines(document: QTextDocument, start: float, limit: float) -> float:
    """The last position before `limit` that splits no line of text; `limit` itself if there is none."""
    layout = document.documentLayout()
    taken: list[tuple[float, float]] = []
    for block in _blocks(document):
        box, lines = layout.blockBoundingRect(block), block.layout()
        if box.bottom() > start and box.top() < limit + 100:
            each = [lines.lineAt(n).rect().translated(box.topLeft()) for n in range(lines.lineCount())]
            taken += [(one.top(), one.bottom()) for one in each]
    places = sorted({limit, *(top for top, _bottom in taken if start < top <= limit)}, reverse=True)
    free = (place for place in places if not any(top < place - 0.5 and place + 0.5 < bottom for top, bottom in taken))
    return next((place for place in free if place - start > (limit - start) / 2), limit)
