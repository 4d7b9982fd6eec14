"""A short read-only table for dialogs: a paste preview, a phone list, pages that were read, a record's history.

table = fixed_table(_("差异"), [_("姓名"), _("原来")], [("王秀兰", "498"), …])
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

from desktop import theme


def fixed_table(name: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> QTableWidget:
    """Return a table with these headers and rows; it selects whole rows, and its last column takes the remaining width."""
    table = QTableWidget(len(lines), len(headings))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(headings))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.px(32))
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setDefaultAlignment(theme.LEFT)
    for n, line in enumerate(lines):
        for m, text in enumerate(line):
            table.setItem(n, m, QTableWidgetItem(text))
    return table
