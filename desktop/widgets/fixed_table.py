"""A short table to be read in a dialog: what is pasted, whom to call, which pages came back, a record's history.

table = fixed_table(_("差异"), [_("姓名"), _("原来")], [("王秀兰", "498"), …])
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

from desktop import theme


def fixed_table(name: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> QTableWidget:
    """Lines of texts under headings; whole lines are chosen, nothing is typed, the last column takes what room is left."""
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
