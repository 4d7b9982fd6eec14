"""The tab 用工花名册: who works here and who has left; hiring, ending and correcting."""

from __future__ import annotations

from collections.abc import Callable

from desktop.page import Frame
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.layout import column
from desktop.widgets.ledger_table import LedgerTable, View
from desktop.widgets.record_form import RecordForm, all_fields
from desktop.widgets.records_tab import RecordsTab
from desktop.widgets.tabs import ChipBar
from desktop.workshop.view_model import WorkshopModel
from domain import clock
from domain.records import Employment
from domain.words import N_, _

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
