"""A record's history, to read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QTableWidget, QWidget

from desktop import theme
from desktop.ledgers.view_model import Step
from desktop.widgets.dialogs import Dialog
from desktop.widgets.fixed_table import fixed_table
from domain.words import _


def show_history(parent: QWidget, steps: Sequence[Step]) -> None:
    """Show every change, the newest first."""
    dialog = Dialog(parent, _("修改记录"))
    dialog.setMinimumSize(theme.px(760), theme.px(420))
    dialog.body.addWidget(history_table(steps), 1)
    dialog.add_button(_("关闭"), accept=True, kind="primary").setFocus()
    dialog.run()


def history_table(steps: Sequence[Step]) -> QTableWidget:
    """The table itself."""
    lines = [(step.at, step.by, step.what, step.old, step.new) for step in reversed(steps)]
    table = fixed_table(_("修改记录"), [_("时间"), _("谁"), _("项目"), _("原来"), _("改成")], lines)
    table.resizeColumnsToContents()
    return table
