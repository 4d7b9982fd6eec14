"""The tabs 基本情况 and 认定与减免: the workshop itself, its recognition documents, its functions and fee relief."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, EmptyState, bind, button, label
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.record_form import RecordForm, all_fields
from desktop.widgets.records_tab import RecordsTab
from desktop.workshop.view_model import Facts, WorkshopModel
from domain.records import Employer, Recognition
from domain.words import N_, _

RELIEF = ("functions", "fee_relief")
BASICS = all_fields(Employer.KIND, "name", "type", without=RELIEF)
DOCUMENT = all_fields(Recognition.KIND, without=("employer_id",))
WIDEST = 900


class EmployerCard(QWidget):
    """Some fields of the workshop in a form that is always open; 保存 is enabled once something is changed."""

    def __init__(self, model: WorkshopModel, tools: Tools, title: str, fields: Sequence[str], columns: int) -> None:
        super().__init__()
        self._model = model
        self._id = ""
        self.form = RecordForm(Employer.KIND, tools, fields=fields, columns=columns)
        self.save_button = button(_("保存"), self.save, kind="primary", hint="Ctrl S", writes=True)
        self.card = Card(title)
        self.card.add(self.form)
        self.card.add_row(None, self.save_button)
        self.setLayout(column(self.card, None))
        self.setFocusProxy(next(iter(self.form.editors.values())))
        self.form.saved.connect(self.save)
        bind(self.save_button, "Ctrl+S", self.save)
        self.form.edited.connect(lambda: self.save_button.setEnabled(self.form.dirty))

    def show_facts(self, facts: Facts) -> None:
        """Show the workshop, unless there is unsaved input about the same one."""
        if facts.employer.id != self._id or not self.form.dirty:
            self._id = facts.employer.id
            self.form.set_record(facts.employer)
            self.save_button.setEnabled(False)

    def save(self) -> None:
        """Save the changes."""
        if self.form.dirty and self.form.check():
            changes = self.form.changes()
            base = self.form.base
            self.form.set_values({**base, **changes})
            self.save_button.setEnabled(False)
            self._model.save("employer", changes, self._id, base)

    def may_leave(self) -> bool:
        """Whether nothing is unsaved, or the user agrees to discard it."""
        return dialogs.may_leave(self, self.form.dirty, _("填写的内容会丢失。"), lambda: self.form.set_values(self.form.base))


class RecognitionTab(RecordsTab[WorkshopModel]):
    """Recognition documents at the left, functions and fee relief at the right."""

    kind, fields, changing = Recognition.KIND, DOCUMENT, N_("修改认定")

    def __init__(self, frame: Frame, model: WorkshopModel, tools: Tools, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__(frame, model, tools, show_form)
        empty = EmptyState(
            _("还没有认定文件"),
            _("只有在有效期内的认定车间，吸纳脱贫人口才能申请奖补（十五）。"),
            button(_("新增认定"), self.new, kind="primary", hint="Ins", writes=True),
            icon="certificate",
        )
        self.table = LedgerTable(frame, model.recognitions(), key="workshop-recognition", empty=empty, title=_("认定"))
        self.table.add(button(_("新增认定"), self.new, kind="primary", icon="plus", hint="Ins", within=self, writes=True))
        self.relief = EmployerCard(model, tools, _("功能与减免（十六）"), RELIEF, 1)
        self.relief.setFixedWidth(theme.px(280))
        note = label(_("几项之间用顿号隔开。"), "small")
        self.relief.card.body.insertWidget(1, note)
        self.setLayout(row(self.table, self.relief, spacing=12))
        self.listen(_("删除这份认定？"), _("删除后可以撤销，也可以在回收站找回。"))

    def new(self) -> None:
        """Show the form of a new recognition document."""
        facts = self._model.facts
        kinds = Recognition.KIND.by_name["type"].choices or {}
        kind = facts.employer.type if facts else None
        values = {"type": kind if kind in kinds else None}
        self.enter(_("新增认定"), values, draft=f"recognition::{self._model.employer_id}")


def basics_tab(model: WorkshopModel, tools: Tools) -> tuple[QWidget, EmployerCard]:
    """Return the tab 基本情况 and the card in it."""
    card = EmployerCard(model, tools, _("基本情况"), BASICS, 2)
    card.setMaximumWidth(theme.px(WIDEST))
    tab = scrolled(holder(row(card, None, spacing=0, shares=(100,))))
    tab.setFocusProxy(card)
    return tab, card
