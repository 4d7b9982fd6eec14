"""The page 务工: spells of work, with filter chips and the form of a spell; and the monthly checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.widgets.basics import EmptyState, button
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel, FormStack
from desktop.widgets.inputs import choices
from desktop.widgets.layout import Flow, column
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.record_form import all_fields
from desktop.widgets.records_tab import RecordsTab
from desktop.widgets.tabs import ChipBar, Later, TabStack
from desktop.wiring.forms import form_tools
from desktop.work.check_model import CheckModel
from desktop.work.check_tab import CheckTab
from desktop.work.view_model import WorkModel
from domain import clock
from domain.fields import Record
from domain.records import Employment
from domain.words import N_, _
from services.work import Wanted

FIELDS = all_fields(
    Employment.KIND,
    *"person_id channel place start employer_id employer_name job end monthly_wage industry contract open_ended".split(),
    *"contract_start contract_end organised point_to_point insured address end_reason proofs".split(),
)
END = ("end", "end_reason")
_PROVINCE = ("province", "city")


class SpellsTab(RecordsTab[WorkModel]):
    """The list; the page shows its forms through `show_form`."""

    kind, fields, fixed, changing = Employment.KIND, FIELDS, ("person_id",), N_("修改务工记录")

    def __init__(self, frame: Frame, model: WorkModel, tools: Tools, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__(frame, model, tools, show_form)
        self.when = ChipBar({"all": _("全部"), "now": _("务工中"), "over": _("已结束")})
        self.where = ChipBar({"outside": _("省外"), "inside": _("省内县外"), "county": _("县内"), "none": _("无合同")}, several=True)
        channels = Employment.KIND.by_name["channel"].choices or {}
        self.channel = choices(_("渠道"), {"": _("全部渠道"), **{code: _(word) for code, word in channels.items()}})
        self.table = LedgerTable(frame, model.spells, key="spells", empty=self._empty(), title=_("务工记录"))
        self.table.add(
            button(_("返乡"), self.end, hint="F8", within=self, writes=True),
            button(_("修改"), self.change, hint="F2", writes=True),
            rows=True,
        )
        self.search = self.table.add_search(_("姓名、拼音、单位"), 170, name=_("在务工记录里找"))
        self.table.bar.insertWidget(0, self.channel)
        self.setLayout(column(Flow(self.when, self.where, spacing=10), self.table, spacing=8))
        self._connect()

    def _empty(self) -> EmptyState:
        return EmptyState(
            _("没有务工记录"),
            _("谁在哪里务工、从几月到几月、一个月多少钱，记在这里。可以导入外出务工名单，也可以一条一条记。"),
            button(_("新增务工记录"), self.new, kind="primary", hint="Ins", within=self, writes=True),
            button(_("导入名单"), lambda: self._frame.open("importing"), hint="Ctrl I"),
            icon="briefcase",
        )

    def _connect(self) -> None:
        self.table.describe_filters = self._describe_filters
        self.when.chosen.connect(lambda key: self.table.set_filter("when", None if key == "all" else key))
        self.where.changed.connect(self._where_changed)
        self.channel.currentIndexChanged.connect(lambda _n: self.table.set_filter("channel", self.channel.currentData() or None))
        self.listen(_("删除 {n} 条务工记录？"), _("录错了才删除；人回来了请用返乡。删除后可以撤销，也可以在回收站找回。"))
        self._model.record_found.connect(self.show_record)
        self._model.counted.connect(self._show_counts)

    def _describe_filters(self) -> str:
        channel = self.channel.currentText() if self.channel.currentData() else ""
        return _("、").join(filter(None, (self.when.describe(), self.where.describe(), channel)))

    def reload(self) -> None:
        """Load again."""
        self.table.reload()
        self._model.count()

    def _show_counts(self, counts: dict[str, int]) -> None:
        self.when.set_count("all", counts.get("now", 0) + counts.get("over", 0))
        for key in ("now", "over"):
            self.when.set_count(key, counts.get(key, 0))
        for key in ("outside", "county", "none"):
            self.where.set_count(key, counts.get(key, 0))
        self.where.set_count("inside", sum(counts.get(code, 0) for code in _PROVINCE))

    def _where_changed(self) -> None:
        on = self.where.on()
        codes = [code for key in ("outside", "inside", "county") if key in on for code in (_PROVINCE if key == "inside" else (key,))]
        kept = {key: value for key, value in self.table.view.filters.items() if key not in ("region", "contract")}
        where = {"region": " ".join(codes)} if codes else {}
        contract = {"contract": "none"} if "none" in on else {}
        self.table.view = replace(self.table.view, filters={**kept, **where, **contract})
        self.table.reload()

    # -- forms --------------------------------------------------------------------------------------

    def new(self, person_id: str = "") -> None:
        """Show the form of a new spell, with the person filled in if given."""
        values = {"channel": "migrant", "person_id": person_id or None}
        self._show_region(self.enter(_("新增务工记录"), values, draft=f"employment::{person_id}"))

    def after_check(self, wanted: Wanted, month: str) -> None:
        """Show the form that a monthly check calls for: a new spell with what the check says, or the end of the person's spells."""
        if wanted.spells:
            day = clock.today() if month == clock.this_month() else month
            title = _("返乡或结束务工　{who}").format(who=wanted.name)
            self.ask_end(title, list(wanted.spells), END, self._model.end, no_day=_("请填结束时间，只知道月份就填 2023-06"), on=day)
        else:
            self._show_region(self.enter(_("新增务工记录"), wanted.values, draft=f"employment::{wanted.person_id}"))

    def end(self) -> None:
        """Ask when the selected people came home."""
        if ids := self.marked(_("请先选中返乡的人，按住 Ctrl 可选几个。")):
            no_day = _("请填结束时间，只知道月份就填 2023-06")
            self.ask_end(_("返乡或结束务工　{who}"), ids, END, self._model.end, no_day=no_day)

    def show_record(self, record: Record) -> FormPanel:
        """Show the form of a spell, with the region derived from its place."""
        panel = super().show_record(record)
        self._show_region(panel)
        return panel

    def _show_region(self, panel: FormPanel) -> None:
        """Show below the title of a form the region derived from the place, as it is typed."""
        place = panel.forms[0].editors["place"]

        def update() -> None:
            panel.note.setText(self._model.region(getattr(place.input, "id", None)))
            panel.note.show()

        place.edited.connect(update)
        update()


class WorkPage(Page):
    """Two tabs, or a form in their place."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("务工"))
        self.model = model = self.own(WorkModel(frame, station))
        self.check_model = checks = self.own(CheckModel(frame, station, clock.this_month()))
        self.spells = SpellsTab(frame, model, form_tools(frame, station), lambda panel: self.stack.show_form(panel))
        self.tabs = TabStack({"spells": (_("务工记录"), self.spells), "checks": (_("月监测"), lambda: self.checks)})
        self.stack = FormStack(frame, self.tabs)
        self.body.addWidget(self.stack, 1)
        self.new_button = button(_("新增务工记录"), self._new, kind="primary", icon="plus", hint="Ins", within=self.tabs.tabs, writes=True)
        self.header.add(self.new_button)
        self.stack.form_shown.connect(lambda shown: self.new_button.setVisible(not shown and self.tabs.tabs.key == "spells"))
        self.stack.follow(model)
        model.changed.connect(lambda: self.spells.table.reload())
        model.saved.connect(lambda id: self.spells.table.select(id))
        checks.progress.connect(lambda done, whole: self.tabs.tabs.set_count("checks", whole - done))
        self.tabs.tabs.chosen.connect(self._tab_chosen)

    @Later
    def checks(self) -> CheckTab:
        """The tab of the monthly check."""
        made = CheckTab(self.frame, self.check_model)
        made.record_wanted.connect(self.spells.after_check)
        return made

    def opened(self, **args: object) -> None:
        """`tab="checks"` (with `month=`) shows the monthly check; `new=True` (with `person=`) a form for a new spell; `id=` a spell."""
        if args.get("month"):
            self.check_model.open(str(args["month"]))
        if args.get("tab"):
            self.tabs.tabs.choose(str(args["tab"]))
        elif self.tabs.tabs.key != "checks":
            self.check_model.count()
        self.spells.reload()
        if args.get("new"):
            self.spells.new(str(args.get("person") or ""))
        elif args.get("id"):
            self.model.edit("employment", str(args["id"]))
        elif self.stack.form is None:
            self.tabs.focus()

    def refresh(self) -> None:
        """Load again, since records changed."""
        self.spells.reload()
        if self.tabs.tabs.key == "checks":
            self.check_model.reload()
        else:  # its lines are loaded when the tab is chosen: for a township that takes five times as long
            self.check_model.count()

    def can_leave(self) -> bool:
        """Ask about an open form, and about unreadable cells of the monthly check."""
        return self.stack.may_leave() and ("checks" not in self.__dict__ or self.checks.grid.may_leave())

    def _tab_chosen(self, key: str) -> None:
        self.new_button.setVisible(key == "spells")
        if key == "checks":
            self.check_model.open()

    def _new(self) -> None:
        if self.stack.form is None:
            if self.tabs.tabs.key != "spells":
                self.tabs.tabs.choose("spells")
            self.spells.new()


build = WorkPage
