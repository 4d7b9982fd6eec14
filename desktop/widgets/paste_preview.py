"""What pasting a block would change, cell by cell, asked about before it is put in.

grid.preview = lambda changes: paste_preview(grid, changes, note=_("名单里没有：张三"))
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

from desktop import theme
from desktop.widgets import dialogs
from desktop.widgets.entry_grid import EntryGrid
from desktop.widgets.grid_model import CellChange, number
from domain.words import _

MOST = 400
"""So many lines are listed; what comes after is counted."""


def paste_preview(grid: EntryGrid, changes: Sequence[CellChange], *, note: str = "") -> bool:
    """Show the differences and ask."""
    table = _table(grid, changes[:MOST])
    added = sum(number(change.text) - number(change.old) for change in changes)
    text = _("会改 {n} 格，合计增减 {sum}。填入后还要按保存。").format(n=len(changes), sum=f"{added:+,.2f}".removesuffix(".00"))
    if len(changes) > MOST:
        text += _("只列出前 {n} 格。").format(n=MOST)
    if note:
        text += "\n" + note
    return dialogs.confirm(grid, _("粘贴前先看差异"), table, text=text, yes=_("填入 {n} 格").format(n=len(changes)))


def _table(grid: EntryGrid, changes: Sequence[CellChange]) -> QTableWidget:
    model = grid.model()
    names = {line.id: line.fixed.get("name", "") for line in model.rows}
    titles = {made.key: made.title for made in model.columns}
    table = QTableWidget(len(changes), 4)
    table.setHorizontalHeaderLabels([_("姓名"), _("列"), _("原来"), _("改为")])
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.px(30))
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setDefaultAlignment(theme.LEFT)
    table.setAccessibleName(_("差异"))
    for n, change in enumerate(changes):
        texts = (names.get(change.row, ""), titles.get(change.column, ""), change.old or "—", change.text or _("（清空）"))
        for m, text in enumerate(texts):
            item = QTableWidgetItem(text)
            table.setItem(n, m, item)
    return table
