"""The dialog that shows a record's history."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QTableWidget, QWidget

from desktop import theme
from desktop.ledgers.view_model import Step
from desktop.widgets import writing
from desktop.widgets.dialogs import Dialog
from desktop.widgets.fixed_table import fixed_table
from domain.words import _


def show_history(parent: QWidget, steps: Sequence[Step]) -> int | None:
    """Show all changes, newest first. Returns the act that the user wants to undo as a whole, chosen by one of its changes, or None: a
    mistake made to a whole list may be noticed long after in one of its records."""
    dialog, newest = Dialog(parent, _("修改记录")), steps[::-1]
    dialog.setMinimumSize(theme.px(760), theme.px(420))
    table = history_table(steps)
    dialog.body.addWidget(table, 1)
    chosen: list[int | None] = []
    if any(step.act for step in steps) and not writing.why_not():
        back = dialog.add_button(_("撤销这一次（连同一起改的）"), accept=True)
        back.clicked.connect(lambda: chosen.append(newest[table.currentRow()].act))
        table.currentCellChanged.connect(lambda row, *_rest: back.setEnabled(row >= 0 and newest[row].act is not None))
        table.setCurrentCell(0, 0)
    dialog.add_button(_("关闭"), accept=False, kind="primary").setFocus()
    return chosen[0] if dialog.run() and chosen else None


def history_table(steps: Sequence[Step]) -> QTableWidget:
    """Return the table of changes, newest first."""
    lines = [(step.at, step.by, step.what, step.old, step.new) for step in reversed(steps)]
    table = fixed_table(_("修改记录"), [_("时间"), _("谁"), _("项目"), _("原来"), _("改成")], lines)
    table.resizeColumnsToContents()
    return table
