"""The panel beside the list: the form of a record with its buttons; and the dialog that shows a record's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QTableWidget, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.widgets import writing
from desktop.widgets.basics import Card, button
from desktop.widgets.dialogs import Dialog
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.record_form import RecordForm
from desktop.widgets.rows_view import fixed_table
from domain.authors import laptop
from domain.clock import when
from domain.fields import Kind, Record
from domain.words import _
from services.history import Line

LEAST, WIDEST = 380, 580
"""In px at 100 % text size: minimum and maximum width of the form."""


class RecordPanel(FormPanel):
    """The form of a record, or one for a new record, in which `values` are proposed."""

    history_asked = Signal()
    delete_asked = Signal()

    def __init__(self, frame: Frame, tools: Tools, kind: Kind, record: Record | None, values: Mapping[str, Any]) -> None:
        form = RecordForm(kind, tools)
        title = (_("修改{kind}") if record is not None else _("新增{kind}")).format(kind=_(kind.label))
        self.id = record.id if record is not None else ""
        # an existing record has one draft, shared by all pages
        super().__init__(frame, title, form, draft=f"{kind.name}:{self.id}" if self.id else f"ledger:{kind.name}:")
        if record is not None:
            form.set_record(record)
        else:
            form.set_values({f.name: f.default for f in kind.fields if not f.required} | dict(values))

    def lay_out(self, title: QLabel, *more: tuple[str, RecordForm]) -> None:
        """Lay out as a column beside the list, with the buttons above as on other pages."""
        title.setWordWrap(True)
        area = scrolled(holder(column(self.forms[0])))
        card = Card(padding=14)
        card.add(row(title, None, self.back, self.save_button, spacing=10), self.found, self.error)
        card.body.addWidget(area, 1)
        if self.id:
            history = button(_("修改记录"), self.history_asked.emit, kind="small", icon="history", hint="F4", within=self)
            delete = button(_("删除"), self.delete_asked.emit, kind="small", icon="trash", writes=True)
            card.add(row(history, delete, None))
        self.setLayout(column(card))
        # wide enough for the form and its scroll bar, so that it never scrolls sideways; English labels need more
        edges = card.body.contentsMargins().left() + card.body.contentsMargins().right() + theme.px(4)
        needed = self.forms[0].minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width() + edges
        self.setMinimumWidth(max(theme.px(LEAST), min(needed, theme.px(WIDEST))))


def show_history(parent: QWidget, steps: Sequence[Line]) -> int | None:
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


def history_table(steps: Sequence[Line]) -> QTableWidget:
    """Return the table of changes, newest first."""
    lines = [(when(one.at), f"{one.by}　{laptop(one.device)}", one.what, one.old, one.new, one.deed) for one in reversed(steps)]
    table = fixed_table(_("修改记录"), [_("时间"), _("谁"), _("项目"), _("原来"), _("改成"), _("怎么来的")], lines)
    table.resizeColumnsToContents()
    return table
