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
    spare = {}
    for n, made in enumerate(columns):
        if made.style == "bar" or kept[n]:
            continue
        words = max(metrics.horizontalAdvance(row.get(made.key, "")) for row in rows) + theme.px(24 if made.style == "chip" else 18)
        if words > header.sectionSize(n):
            header.resizeSection(n, min(words, round(theme.px(made.width) * WIDER)))
        if made.style == "chip":  # the next state may be a longer word than those of the first rows
            continue
        heading = metrics.horizontalAdvance(made.title) + theme.px(20)
        spare[n] = max(0, header.sectionSize(n) - max(words, heading, round(theme.px(made.width) * NARROWER)))
    over, all_spare = header.length() - table.viewport().width(), sum(spare.values())
    if 0 < over <= all_spare and table.isVisible():
        for n, size in spare.items():
            header.resizeSection(n, header.sectionSize(n) - math.ceil(size * over / all_spare))


def _bold() -> QFontMetrics:
    return QFontMetrics(theme.font(14, bold=True))
