"""The tabs of 服务 with a list: 招聘岗位 (vacancies; expired ones are grey), 需求 (wishes for work, open or ended), and 1-3-1: each open
wish with the state of its three services, a key for recording each service, and the services given."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame
from desktop.service.entry import Advert
from desktop.service.presenting import GUIDANCE, JOB, TRAINING, Account
from desktop.service.view_model import ServiceModel
from desktop.widgets.basics import Card, EmptyState, bind, button, label
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.layout import column
from desktop.widgets.ledger_table import LedgerTable, View
from desktop.widgets.reasons import Reasons
from desktop.widgets.record_form import all_fields
from desktop.widgets.records_tab import RecordsTab
from desktop.widgets.tabs import ChipBar
from domain import clock
from domain.fields import Record
from domain.records import JobWish, Vacancy
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


END = ("closed_on", "close_reason")
FIELDS = all_fields(JobWish.KIND, "person_id", "opened_on", "trades", "areas", "wage_min", "skills", without=END)


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
            note = _("结束以后不再欠服务；服务记录都留着，可以重新打开。")
            self.ask_end(_("结束就业需求　{who}"), ids, END, self._model.close, no_day=_("请填结束日期"), note=note, reason="已就业")
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


KEYS = {"1": GUIDANCE, "2": JOB, "3": TRAINING}
_CARD_FROM = 400
"""From this height (px at 100 % text size) there is room for the services given."""


class LightsTab(QWidget):
    """The list with its keys and the card of services given."""

    def __init__(self, frame: Frame, model: ServiceModel, empty: EmptyState) -> None:
        super().__init__()
        self._frame, self._model = frame, model
        self._any = False
        self.state = ChipBar({"all": _("全部"), GUIDANCE: _("还差指导"), JOB: _("还差岗位"), TRAINING: _("还差培训"), "done": _("已完成")})
        self.table = LedgerTable(frame, model.lights, key="lights", empty=empty, title=_("1-3-1"))
        self.table.narrow_by(self.state)
        self.match_button = button(_("匹配岗位"), hint="F8")
        self.table.add(
            button(_("记指导"), lambda: self.give(GUIDANCE), hint="1", writes=True),
            button(_("推荐岗位"), lambda: self.give(JOB), kind="primary", hint="2", writes=True),
            button(_("记培训"), lambda: self.give(TRAINING), hint="3", writes=True),
            rows=True,
        )
        self.table.add(self.match_button)
        self.search = self.table.add_search(_("姓名、拼音、工种"), 150, name=_("在 1-3-1 里找"))
        self.account = Reasons(_("已给的服务"))
        self.heading = label("", "strong")
        self.card = Card(padding=12)
        self.card.setFixedHeight(theme.px(138))
        self.card.add(self.heading)
        self.card.add(self.account)
        self.setLayout(column(self.state, self.table, self.card, spacing=8))
        self.setFocusProxy(self.table)
        self._connect()

    def _connect(self) -> None:
        model = self._model
        self.table.chosen.connect(model.look_at)
        self.table.loaded.connect(self._loaded)
        model.counted.connect(self._show_counts)
        model.account_found.connect(self._show_account)
        for key, type in KEYS.items():
            made = bind(self.table.table, key, partial(self.give, type))
            made.setContext(Qt.ShortcutContext.WidgetShortcut)  # not in the search box, where they are digits

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the card in a low window."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        self.card.setVisible(self._any and self.height() >= theme.px(_CARD_FROM))

    def reload(self) -> None:
        """Load again."""
        self.table.reload()
        self._model.count()
        self._model.look_at(self.table.current_id())

    def look_for(self, wish_id: str) -> None:
        """Select a wish once the list is loaded."""
        self.search.clear()
        self.state.choose("all")
        self.table.want(wish_id)
        self.reload()

    def give(self, type: str) -> None:
        """Record a service for the selected people; a vacancy is recommended to one person at a time."""
        ids = self.table.marked()
        if not ids:
            self._frame.message(_("请先选中一个人；指导和培训可以按住 Ctrl 选几个。"))
        else:
            self._model.start(type, [self.table.current_id() or ids[0]] if type == JOB else ids)

    def _loaded(self, count: int) -> None:
        self._any = count > 0
        self.match_button.setEnabled(self._any)
        self._make_room()

    def _show_counts(self, counts: dict[str, int]) -> None:
        for key in self.state.buttons:
            self.state.set_count(key, counts.get(key, 0))

    def _show_account(self, account: Account) -> None:
        self.heading.setText(account.heading)
        self.account.show_reasons(account.given, _("还没有给过服务。按 1 记职业指导，按 2 推荐岗位，按 3 记免费培训。"))
