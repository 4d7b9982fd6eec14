"""The widths of a list's columns until the user changes them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTableView

from desktop import theme
from desktop.widgets.ledger_model import Column, Row

WIDER, NARROWER = 1.7, 0.6
"""A column may be widened for its text to this multiple of its declared width, and is narrowed to no less than this one if others lack
room."""


def usual(column: Column) -> int:
    """Return the column's declared width in px, or that of its header if that is wider, as in English."""
    return max(theme.px(column.width), _bold().horizontalAdvance(column.title) + theme.px(20))


def fit(table: QTableView, columns: Sequence[Column], rows: Sequence[Row], kept: Sequence[bool]) -> None:
    """Widen columns whose text is cut off in these rows (mostly in English), then narrow others until all fit into the window, or as far
    as they can be. Columns marked in `kept` have a width set by the user."""
    header, bold, plain = table.horizontalHeader(), _bold(), QFontMetrics(theme.font(14))
    sizes = [header.sectionSize(n) for n in range(len(columns) - 1)] + [usual(columns[-1])]  # the header stretches the last one
    spare = {}
    for n, made in enumerate(columns):
        if made.style == "bar" or kept[n]:
            continue
        around = theme.px(24 if made.style == "chip" else 17)
        metrics = bold if made.style in ("chip", "strong") else plain
        words = max(metrics.horizontalAdvance(row.get(made.key, "")) for row in rows) + around
        if words > sizes[n]:
            sizes[n] = min(words, round(theme.px(made.width) * WIDER))
        if made.style == "chip":
            if not made.tones:  # later rows may have longer words
                continue
            words = max(words, *(metrics.horizontalAdvance(word) + around for word in made.tones))
        heading = bold.horizontalAdvance(made.title) + theme.px(20 if made.sortable else 17)
        spare[n] = max(0, sizes[n] - max(words, heading, round(theme.px(made.width) * NARROWER)))
    over, all_spare = sum(sizes) - _room(table), sum(spare.values())
    if over > 0 < all_spare and table.isVisible():
        for n, size in spare.items():
            sizes[n] -= math.ceil(size * min(1, over / all_spare))
    for n, size in enumerate(sizes):
        header.resizeSection(n, size)


def _room(table: QTableView) -> int:
    """Width in px for columns. The scroll bar may not be visible yet, just after rows were loaded or before more come; its width is
    subtracted, as the header stretches the last column over it."""
    bar = table.verticalScrollBar()
    return table.viewport().width() - (0 if bar.isVisible() else bar.sizeHint().width())


def _bold() -> QFontMetrics:
    return QFontMetrics(theme.font(14, bold=True))
