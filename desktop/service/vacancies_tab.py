"""The tab 招聘岗位: vacancies with their requirements and pay; expired ones are grey."""

from __future__ import annotations

from collections.abc import Callable

from desktop.page import Frame
from desktop.service.entry import Advert
from desktop.service.view_model import ServiceModel
from desktop.widgets.basics import EmptyState, button
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.layout import column
from desktop.widgets.ledger_table import LedgerTable, View
from desktop.widgets.records_tab import RecordsTab
from desktop.widgets.tabs import ChipBar
from domain.records import Vacancy
from domain.words import N_, _

_OPEN = "open"


class VacanciesTab(RecordsTab[ServiceModel]):
    """The list; the page shows its forms through `show_form`."""

    kind, changing = Vacancy.KIND, N_("修改岗位")
    note = N_("硬性要求写没有就不能干的，如「驾驶证」，用顿号隔开；要和需求里的技能写得一样。没有截止日期可不填「有效期至」。")

    def __init__(self, frame: Frame, model: ServiceModel, tools: Tools, empty: EmptyState, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__(frame, model, tools, show_form)
        self.state = ChipBar({_OPEN: _("在招"), "expired": _("已过期"), "all": _("全部")})
        self.table = LedgerTable(frame, model.vacancies, key="vacancies", empty=empty, title=_("招聘岗位"))
        self.table.narrow_by(self.state)
        self.table.fade(lambda row: row["state"] == _("已过期"))
        self.match_button = button(_("找合适的人"), hint="F8")
        self.table.add(button(_("写招聘文字"), self.advertise, icon="copy", hint="F7", within=self), rows=True)
        self.table.add(self.match_button)
        self.table.add(button(_("修改"), self.change, hint="F2", writes=True), rows=True)
        self.search = self.table.add_search(_("岗位、单位、拼音"), 150, name=_("在岗位里找"))
        self.setLayout(column(self.state, self.table, spacing=8))
        self.advert: Advert | None = None
        self._advertised: list[str] = []
        self.table.view = View(filters={"state": _OPEN})
        self.listen(_("删除 {n} 个岗位？"), _("推荐过的记录会留着，但不再计入 1-3-1。不招了的岗位请填「有效期至」。"))
        model.advert_found.connect(self._show_advert)

    # -- forms --------------------------------------------------------------------------------------

    def new(self) -> None:
        """Show the form of a new vacancy."""
        self.enter(_("登记岗位"), {}, draft="vacancy:")

    # -- actions ------------------------------------------------------------------------------------

    def advertise(self) -> None:
        """Show the text of the selected vacancies."""
        self._advertised = self.marked(_("请先选中岗位，按住 Ctrl 可选几个。"))
        if self._advertised:
            self._model.advertise(self._advertised)

    def _show_advert(self, text: str) -> None:
        if self.advert is None:
            self.advert = Advert(self, text)
            self.advert.phones_asked.connect(self._phones)
            self.advert.copied.connect(lambda: self._frame.message(_("已复制，到微信里粘贴就行")))
            self.advert.finished.connect(self._advert_closed)
            self.advert.open()
        else:
            self.advert.text.setPlainText(text)

    def _phones(self, wanted: bool) -> None:
        reason = self._frame.reason() if wanted else ""
        if reason is None and self.advert is not None:
            self.advert.phones.setChecked(False)
        else:
            self._model.advertise(self._advertised, reason or "")

    def _advert_closed(self) -> None:
        if self.advert is not None:
            self.advert.deleteLater()
            self.advert = None
