"""How wide the columns of a list are before anybody has drawn them wider."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTableView

from desktop import theme
from desktop.widgets.ledger_model import Column, Row

WIDER, NARROWER = 1.7, 0.6
"""So many times its declared width a column may take for the words in it, and keeps when the others have no room."""


def usual(column: Column) -> int:
    """Its declared width in px, or that of its heading: English words are longer."""
    return max(theme.px(column.width), _bold().horizontalAdvance(column.title) + theme.px(20))


def fit(table: QTableView, columns: Sequence[Column], rows: Sequence[Row], kept: Sequence[bool]) -> None:
    """Let words have room that are cut off in these rows, English ones mostly; then take what the window has not got. Columns that are
    `kept` have the width a person gave them."""
    header, metrics = table.horizontalHeader(), _bold()
    sizes = [header.sectionSize(n) for n in range(len(columns) - 1)] + [usual(columns[-1])]  # the header has stretched the last one
    spare = {}
    for n, made in enumerate(columns):
        if made.style == "bar" or kept[n]:
            continue
        words = max(metrics.horizontalAdvance(row.get(made.key, "")) for row in rows) + theme.px(24 if made.style == "chip" else 18)
        if words > sizes[n]:
            sizes[n] = min(words, round(theme.px(made.width) * WIDER))
        if made.style == "chip":  # the next state may be a longer word than those of the first rows
            continue
        heading = metrics.horizontalAdvance(made.title) + theme.px(20)
        spare[n] = max(0, sizes[n] - max(words, heading, round(theme.px(made.width) * NARROWER)))
    over, all_spare = sum(sizes) - _room(table), sum(spare.values())
    if 0 < over <= all_spare and table.isVisible():
        for n, size in spare.items():
            sizes[n] -= math.ceil(size * over / all_spare)
    for n, size in enumerate(sizes):
        header.resizeSection(n, size)


def _room(table: QTableView) -> int:
    """Px for columns. Rows that just came have not brought their scroll bar yet: it would push the last px of a list out of sight."""
    bar, seen = table.verticalScrollBar(), table.viewport()
    coming = not bar.isVisible() and table.verticalHeader().length() > seen.height()
    return seen.width() - (bar.sizeHint().width() if coming else 0)


def _bold() -> QFontMetrics:
    return QFontMetrics(theme.font(14, bold=True))
