"""The panel beside the list: the form of a record with its buttons."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel

from desktop import theme
from desktop.page import Frame
from desktop.widgets.basics import Card, button
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.record_form import RecordForm
from domain.fields import Kind, Record
from domain.words import _

LEAST, WIDEST = 380, 580
"""In px at 100 % text size: minimum and maximum width of the form."""


class RecordPanel(FormPanel):
    """The form of a record, or an empty one for a new record."""

    history_asked = Signal()
    delete_asked = Signal()

    def __init__(self, frame: Frame, tools: Tools, kind: Kind, record: Record | None) -> None:
        form = RecordForm(kind, tools)
        title = (_("修改{kind}") if record is not None else _("新增{kind}")).format(kind=_(kind.label))
        self.id = record.id if record is not None else ""
        # an existing record has one draft, shared by all pages
        super().__init__(frame, title, form, draft=f"{kind.name}:{self.id}" if self.id else f"ledger:{kind.name}:")
        if record is not None:
            form.set_record(record)
        else:
            form.set_values({f.name: f.default for f in kind.fields if not f.required})

    def lay_out(self, title: QLabel, *more: tuple[str, RecordForm]) -> None:
        """Lay out as a column beside the list, with the buttons above as on other pages."""
        title.setWordWrap(True)
        area = scrolled(holder(column(self.forms[0])))
        card = Card(padding=14)
        card.add(row(title, None, self.back, self.save_button, spacing=10), self.found, self.error)
        card.body.addWidget(area, 1)
        if self.id:
            history = button(_("修改记录"), self.history_asked.emit, kind="small", icon="history")
            delete = button(_("删除"), self.delete_asked.emit, kind="small", icon="trash", writes=True)
            card.add(row(history, delete, None))
        self.setLayout(column(card))
        # wide enough for the form and its scroll bar, so that it never scrolls sideways; English labels need more
        edges = card.body.contentsMargins().left() + card.body.contentsMargins().right() + theme.px(4)
        needed = self.forms[0].minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width() + edges
        self.setMinimumWidth(max(theme.px(LEAST), min(needed, theme.px(WIDEST))))
