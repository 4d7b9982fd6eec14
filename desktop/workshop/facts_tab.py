"""The tabs 基本情况, 认定与减免 and 用工花名册: the workshop itself, its recognition documents, its functions and fee relief; who works
here and who has left, hiring, ending and correcting."""

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
from desktop.widgets.ledger_table import LedgerTable, View
from desktop.widgets.record_form import RecordForm, all_fields
from desktop.widgets.records_tab import RecordsTab
from desktop.widgets.tabs import ChipBar
from desktop.workshop.view_model import Facts, WorkshopModel
from domain import clock
from domain.records import Employer, Employment, Recognition
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


LEAVE = ("end", "end_reason")
_OF_THE_WORKSHOP = ("employer_id", "employer_name", "channel", "place", "address", "industry", "organised", "point_to_point")
HIRE = all_fields(
    Employment.KIND,
    *("person_id", "start", "job", "contract", "contract_start", "contract_end", "open_ended", "monthly_wage", "insured", "proofs"),
    without=(*_OF_THE_WORKSHOP, *LEAVE),
)
CHANGE = (*HIRE[1:], *LEAVE)


class RosterTab(RecordsTab[WorkshopModel]):
    """The list with its filters; the page shows its forms through `show_form`."""

    kind, fields, changing = Employment.KIND, CHANGE, N_("修改用工")

    def __init__(self, frame: Frame, model: WorkshopModel, tools: Tools, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__(frame, model, tools, show_form)
        self.state = ChipBar({"now": _("在职"), "left": _("已离职"), "all": _("全部")})
        empty = EmptyState(
            _("这里还没有人"),
            _("办入职时按姓名、拼音或证件尾号找到人；也可以导入用工花名册。"),
            button(_("入职"), self.hire, kind="primary", hint="Ins", writes=True),
            button(_("导入花名册"), lambda: frame.open("importing"), hint="Ctrl I"),
            icon="users",
        )
        self.table = LedgerTable(frame, model.roster(), key="workshop-roster", empty=empty, title=_("用工花名册"))
        self.table.narrow_by(self.state)
        self.hire_button = button(_("入职"), self.hire, kind="primary", icon="user-plus", hint="Ins", within=self, writes=True)
        self.leave_button = button(_("离职"), self.leave, hint="F8", within=self, writes=True)
        self.table.bar.insertWidget(0, self.state)
        self.table.add(self.leave_button, button(_("修改"), self.change, hint="F2", writes=True), rows=True)
        self.table.add(self.hire_button)
        self.setLayout(column(self.table, spacing=0))
        self.table.view = View(filters={"state": "now"})
        self.listen(_("删除这条用工记录？"), _("只在录错人时删除；人不做了请用离职。删除后可以撤销，也可以在回收站找回。"))

    # -- forms --------------------------------------------------------------------------------------

    def hire(self) -> None:
        """Show the form for hiring somebody."""
        form = self.form({"start": clock.today()}, *HIRE)
        note = _("务工地、单位和渠道由车间得出，不用填。")
        panel = FormPanel(self._frame, _("入职"), form, note=note, draft=f"hire:{self._model.employer_id}")
        panel.asked.connect(lambda: self._hire(panel, form))
        self._show_form(panel)

    def _hire(self, panel: FormPanel, form: RecordForm) -> None:
        values = form.given()
        person_id = values.pop("person_id")
        doubt = self._model.doubted(person_id, values["start"])
        if not doubt or dialogs.ask(self, doubt, _("请核对选的人和出生日期。没有选错，仍要办入职吗？"), yes=_("办入职")):
            self._model.hire(person_id, values)
        else:
            panel.refuse("person_id", doubt)

    def leave(self) -> None:
        """Ask when the selected people left."""
        if ids := self.marked(_("请先在名册里选中要离职的人，按住 Ctrl 可选几个。")):
            self.ask_end(_("离职　{who}"), ids, LEAVE, self._model.end, no_day=_("请填离职日期"))
