"""Where a document laid out in one piece is divided into pages: between paragraphs and rows of tables, never through one.

A list goes on under its headings. What is signed and stamped at the end stands on the page of the last rows it is about. Qt's own pages
divide rows and know no format that forbids it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument, QTextTable

_TAIL = 0.6
"""Of a page: more is not kept together at the end."""
_PICTURE = "\ufffc"
Band = tuple[float, float]
"""From where to where of the document, in its dots."""


@dataclass(frozen=True)
class _Piece:
    """A paragraph or a row: what is not divided. `list`: the table with headings that it is a row of, by where that begins."""

    top: float
    bottom: float
    list: int | None = None
    heading: bool = False
    ruled: bool = False
    picture: bool = False


def pages(document: QTextDocument, room: float) -> list[list[Band]]:
    """The bands of the document that stand on each page from top to bottom, where a page holds so many dots."""
    pieces = list(_pieces(document))
    heads = {piece.list: (piece.top, piece.bottom) for piece in pieces if piece.heading}
    made: list[list[Band]] = []
    start, end, head = 0.0, 0.0, None
    for group in _groups(pieces, room):
        above = heads.get(group[0].list) if not group[0].heading else None
        taken = head[1] - head[0] if head else 0.0
        if end > start and taken + group[-1].bottom - start > room:
            made.append([*([head] if head else []), (start, end)])
            start, head = group[0].top, above
            taken = head[1] - head[0] if head else 0.0
        end = group[-1].bottom
        while taken + end - start > room:  # taller than a page
            cut = _between_lines(document, start, start + room - taken)
            made.append([*([head] if head else []), (start, cut)])
            start, head, taken = cut, None, 0.0
    return [*made, [*([head] if head else []), (start, max(end, start + 1))]]


def _groups(pieces: Sequence[_Piece], room: float) -> Iterator[Sequence[_Piece]]:
    """Pieces that stand on one page: headings with their first row, the end as one."""
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
    """Which piece the end begins with: the last box or row, with the one before a sum; later where that would be too much."""
    end = next((n for n, piece in enumerate(pieces) if piece.picture), len(pieces))
    rows = [n for n in range(end) if pieces[n].ruled]
    first = rows[-1] if rows else 0
    if len(rows) > 1 and pieces[first].list is not None and not pieces[rows[-2]].heading:
        first = rows[-2]
    while first < end - 1 and pieces[end - 1].bottom - pieces[first].top > room * _TAIL:
        first += 1
    return first


def _pieces(document: QTextDocument) -> Iterator[_Piece]:
    row: tuple[int, int] | None = None
    found: _Piece | None = None
    for block in _blocks(document):
        table = QTextCursor(block).currentTable()
        if table is None and not block.text():
            continue  # Qt puts one after a table, where it takes no room
        here = (table.firstPosition(), table.cellAt(block.position()).row()) if table is not None else None
        piece = _paragraph(document, block) if table is None else _cell(document, block, table)
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


def _paragraph(document: QTextDocument, block: QTextBlock) -> _Piece:
    box = document.documentLayout().blockBoundingRect(block)
    return _Piece(box.top(), box.bottom(), picture=_PICTURE in block.text())


def _cell(document: QTextDocument, block: QTextBlock, table: QTextTable) -> _Piece:
    """What a paragraph of a cell takes with the room and the line around it."""
    form, at = table.format().toTableFormat(), table.cellAt(block.position())
    box, look, ruled = document.documentLayout().blockBoundingRect(block), at.format().toTableCellFormat(), form.borderCollapse()
    line = 0.5 if ruled else form.cellPadding()
    top, bottom = box.top() - look.topPadding() - line, box.bottom() + look.bottomPadding() + line
    heads = form.headerRowCount()
    return _Piece(top, bottom, table.firstPosition() if heads else None, at.row() < heads, ruled)


def _between_lines(document: QTextDocument, start: float, limit: float) -> float:
    """The last place before the limit that divides no line of text; the limit itself where there is none."""
    layout = document.documentLayout()
    taken: list[Band] = []
    for block in _blocks(document):
        box, lines = layout.blockBoundingRect(block), block.layout()
        if box.bottom() > start and box.top() < limit + 100:
            each = [lines.lineAt(n).rect().translated(box.topLeft()) for n in range(lines.lineCount())]
            taken += [(one.top(), one.bottom()) for one in each]
    places = sorted({limit, *(top for top, _bottom in taken if start < top <= limit)}, reverse=True)
    free = (place for place in places if not any(top < place - 0.5 and place + 0.5 < bottom for top, bottom in taken))
    return next((place for place in free if place - start > (limit - start) / 2), limit)
