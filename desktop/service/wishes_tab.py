"""The tab 需求: wishes for work, open or ended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from desktop.page import Frame
from desktop.service.entry import CloseWish
from desktop.service.view_model import ServiceModel
from desktop.widgets.basics import EmptyState, button
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.layout import column
from desktop.widgets.ledger_table import LedgerTable, View
from desktop.widgets.record_form import all_fields
from desktop.widgets.records_tab import RecordsTab
from desktop.widgets.tabs import ChipBar
from domain import clock
from domain.fields import Record
from domain.records import JobWish
from domain.words import N_, _

END = ("closed_on", "close_reason")
FIELDS = all_fields(JobWish.KIND, "person_id", "opened_on", "trades", "areas", "wage_min", "skills", without=END)
_OPEN = "open"


class WishesTab(RecordsTab[ServiceModel]):
    """The list; the page shows its forms through `show_form`."""

    kind, fields, changing = JobWish.KIND, FIELDS, N_("修改就业需求")
    note = N_("几个工种、几个地方用顿号隔开；技能要写上，岗位的硬性要求按它核对。")

    def __init__(self, frame: Frame, model: ServiceModel, tools: Tools, empty: EmptyState, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__(frame, model, tools, show_form)
        self.state = ChipBar({_OPEN: _("未结束"), "closed": _("已结束"), "all": _("全部")})
        self.table = LedgerTable(frame, model.wishes, key="wishes", empty=empty, title=_("就业需求"))
        self.table.narrow_by(self.state)
        self.table.fade(lambda row: bool(row["closed_on"]))
        self.table.add(
            button(_("结束"), self.end, hint="F7", within=self, writes=True),
            button(_("重新打开"), self.reopen, hint="F6", within=self, writes=True),
            button(_("修改"), self.change, hint="F2", writes=True),
            rows=True,
        )
        self.search = self.table.add_search(_("姓名、拼音、工种"), 150, name=_("在就业需求里找"))
        self.setLayout(column(self.state, self.table, spacing=8))
        self.table.view = View(filters={"state": _OPEN})
        self.listen(_("删除 {n} 条就业需求？"), _("记错了才删除；找到工作或不想找了，请用「结束」。"))

    # -- forms --------------------------------------------------------------------------------------

    def new(self, person_id: str = "") -> None:
        """Show the form of a new wish, with the person filled in if given."""
        values = {"opened_on": clock.today(), "person_id": person_id or None}
        self.enter(_("登记就业需求"), values, draft=f"job_wish::{person_id}")

    def show_record(self, record: Record) -> FormPanel:
        """Show the form of a wish, with the fields of its end if it has ended."""
        return self.correct(record, *FIELDS, *(END if record["closed_on"] else ()))

    # -- actions ------------------------------------------------------------------------------------

    def end(self) -> None:
        """Ask when and why the selected wishes ended."""
        ids = self._marked(over=False)
        if ids:
            self.closing = CloseWish(self, self._tools, len(ids), clock.today())
            self.closing.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.closing.closed.connect(lambda on, reason: self._model.close(ids, on, reason))
            self.closing.open()
        else:
            self._frame.message(_("请先选中没有结束的就业需求，按住 Ctrl 可选几条。"))

    def reopen(self) -> None:
        """Remove the end of the selected wishes."""
        ids = self._marked(over=True)
        if ids:
            self._model.reopen(ids)
        else:
            self._frame.message(_("请先选中已经结束的就业需求。"))

    def _marked(self, *, over: bool) -> list[str]:
        shown = {id: self.table.model.row(self.table.model.line_of(id)) or {} for id in self.table.marked()}
        return [id for id, row in shown.items() if bool(row.get("closed_on")) == over]
