"""The page 车间: the list of workshops, or one workshop with its tabs."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.basics import Chip, EmptyState, bind, button
from desktop.widgets.form_panel import FormPanel, FormStack
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.record_form import RecordForm
from desktop.widgets.tabs import Later, TabStack
from desktop.widgets.verdict_card import VerdictCards
from desktop.wiring.forms import form_tools
from desktop.workshop.facts_tab import BASICS, DOCUMENT, RecognitionTab, RosterTab, basics_tab
from desktop.workshop.view_model import Facts, WorkshopModel
from desktop.workshop.wages_model import WagesModel
from desktop.workshop.wages_tab import WagesTab
from domain.fields import Record
from domain.records import Employer, Recognition
from domain.words import _, page_word

WIDEST_CARDS = 760
TYPE_FROM, STATE_FROM = 960, 720
"""From these widths of the page (px at 100 % text size) there is room for the type and the recognition beside the name."""


class WorkshopPage(Page):
    """A list, one workshop, or a form in their place."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, page_word("车间"))
        self.model, self.wages_model = self.own(WorkshopModel(frame, station)), self.own(WagesModel(frame, station))
        self.tools, self._printer = form_tools(frame, station), FormPrinter(frame, station)
        self.list = self._list()
        self.stack = FormStack(frame, self.list)
        self.body.addWidget(self.stack, 1)
        self._head_buttons()
        self._connect()
        self._show_header()

    # -- parts --------------------------------------------------------------------------------------

    def _list(self) -> QWidget:
        empty = EmptyState(
            _("还没有车间"),
            _("登记村里的就业帮扶车间和认定文号，再办入职、记工资。"),
            button(_("新增车间"), self.new, kind="primary", hint="Ins", writes=True),
            button(_("导入用工花名册"), lambda: self.frame.open("importing"), hint="Ctrl I"),
            icon="building-factory-2",
        )
        self.table = LedgerTable(self.frame, self.model.workshops, key="workshops", empty=empty, title=page_word("车间"))
        self.search = self.table.add_search(_("按名称或拼音找车间"), 220)
        self.table.opened.connect(self.model.open)
        self.table.edit_asked.connect(self.model.open)
        self.table.ask_to_delete(
            "employer", _("删除这个车间？"), _("它的用工和工资记录会留着。删除后可以撤销，也可以在回收站找回。"), self.model.delete
        )
        return holder(column(self.table, spacing=0))

    @Later
    def one(self) -> TabStack:
        """The tabs of one workshop."""
        basics, self.basics = basics_tab(self.model, self.tools)
        self.roster = RosterTab(self.frame, self.model, self.tools, self.stack.show_form)
        hire = button(_("入职"), self._hire, kind="primary", writes=True)
        self.wages = WagesTab(self.frame, self.wages_model, hire)
        self.recognition = RecognitionTab(self.frame, self.model, self.tools, self.stack.show_form)
        nothing = _("还没有可以按政策判定的事实。认定、用工和工资记好以后，这里按人说能不能领奖补、还差多少。")
        self.verdicts = VerdictCards(nothing, self.model.file, lambda id: self.frame.open("benefits", claim=id))
        self.verdicts.setMaximumWidth(theme.px(WIDEST_CARDS))
        beside = row(self.verdicts, None, spacing=0, shares=(100,))  # a column alone would ask for the cards' height at its whole width
        verdicts = scrolled(holder(column(beside, None, margins=(0, 0, 6, 0))))
        self.tabs = TabStack(
            {
                "basics": (_("基本情况"), basics),
                "roster": (_("用工花名册"), self.roster),
                "wages": (_("工资"), self.wages),
                "recognition": (_("认定与减免"), self.recognition),
                "verdicts": (_("可享补助"), verdicts),
            }
        )
        bind(self.wages, "Ctrl+P", self._print_wages)
        bind(self.wages, "Ctrl+E", lambda: self._export("wages"))
        self.model.judged.connect(self.verdicts.show_verdicts)
        self.tabs.tabs.chosen.connect(self._tab_chosen)
        bind(self.tabs, "Escape", self.close_one)
        return self.tabs

    def _head_buttons(self) -> None:
        self.type_chip, self.state_chip = Chip("", "good"), Chip("")
        self.header.add_left(self.type_chip, self.state_chip)
        self.back = button(_("全部车间"), self.close_one, icon="chevron-left", hint="Esc")
        self.new_button = button(_("新增车间"), self.new, kind="primary", icon="plus", hint="Ins", within=self.list, writes=True)
        self.export_roster = button(_("导出花名册"), lambda: self._export("roster"), icon="file-export")
        self.print_wages = button(_("工资表"), self._print_wages, icon="printer", hint="Ctrl P")
        self.export_wages = button(_("导出"), lambda: self._export("wages"), icon="file-export", hint="Ctrl E", name=_("导出工资表"))
        self.header.add(self.back, self.export_roster, self.print_wages, self.export_wages, self.new_button)

    def _connect(self) -> None:
        model = self.model
        self.stack.follow(model)
        model.opened.connect(self._open)
        model.facts_changed.connect(self._show_facts)
        model.changed.connect(self._reload)
        model.record_found.connect(self._edit)
        self.stack.form_shown.connect(lambda _shown: self._show_header())

    # -- actions ------------------------------------------------------------------------------------

    def opened(self, **args: object) -> None:
        """Show the list; or with `id=` a workshop, on the tab `tab=`, with the wages of the income period `year=`; `form=` the
        form "hire" or "recognition" of that workshop; `new=True` the form of a new one."""
        id = str(args.get("id") or "")
        if id and (id == self.model.employer_id or self.can_leave()):
            self.model.open(id)
            if args.get("year"):
                self.wages_model.open(id, int(str(args["year"])))
            if args.get("tab"):
                self.tabs.tabs.choose(str(args["tab"]))
            if args.get("form") == "hire":
                self._hire()
            elif args.get("form"):
                self.tabs.tabs.choose("recognition")
                self.recognition.new()
        elif not id and not self.model.employer_id:
            self.table.reload()
            self.table.setFocus()
        if args.get("new"):
            self.new()

    def refresh(self) -> None:
        """Load again, since records changed."""
        self._reload()
        self.model.reload()

    def can_leave(self) -> bool:
        """Ask about open forms and unsaved wages."""
        if "one" not in self.__dict__:
            return self.stack.may_leave()
        cards = (self.basics, self.recognition.relief)
        return self.stack.may_leave() and self.wages.may_leave() and all(card.may_leave() for card in cards)

    def new(self) -> None:
        """Show the form of a new workshop, with its recognition document."""
        form = RecordForm(Employer.KIND, self.tools, fields=BASICS, columns=2)
        form.set_values({"type": "workshop", "state": "running"})
        document = RecordForm(Recognition.KIND, self.tools, fields=DOCUMENT, columns=2)
        document.set_values({})
        panel = FormPanel(self.frame, _("新增车间"), form, (_("认定文件（没有可不填）"), document), draft="employer:")
        panel.asked.connect(lambda: self.model.create(form.values(), document.values() if document.dirty else {}))
        self.stack.show_form(panel)

    def close_one(self) -> None:
        """Return to the list."""
        if self.can_leave():
            self.model.close()
            self.stack.show_list()
            self._show_header()
            self.table.reload()
            self.table.setFocus()

    def _open(self, employer_id: str) -> None:
        self.stack.show_one(self.one)
        self.roster.reload()
        self.recognition.reload()
        self.wages_model.open(employer_id)
        self.tabs.tabs.choose("wages")
        self.wages.grid.setFocus()

    def _show_facts(self, facts: Facts) -> None:
        self.basics.show_facts(facts)
        self.recognition.relief.show_facts(facts)
        self._show_header()

    def _show_header(self) -> None:
        facts = self.model.facts
        one = bool(self.model.employer_id)
        self.state_chip.setVisible(one and facts is not None and self.width() >= theme.px(STATE_FROM))
        self.type_chip.setVisible(one and facts is not None and self.width() >= theme.px(TYPE_FROM))
        tab = self.tabs.tabs.key if one else ""
        free = self.stack.form is None
        self.back.setVisible(one and free)
        self.export_roster.setVisible(one and free and tab == "roster")
        self.print_wages.setVisible(one and free and tab == "wages")
        self.export_wages.setVisible(one and free and tab == "wages")
        self.new_button.setVisible(not one and free)
        if not one or facts is None:
            self.header.set_text(page_word("车间"))
            return
        words = _("用工 {hired}　脱贫 {lifted}　监测 {monitored}")
        self.header.set_text(facts.name, words.format(hired=facts.hired, lifted=facts.lifted, monitored=facts.monitored))
        self.type_chip.setText(facts.type)
        self.state_chip.setText(facts.recognition)
        self.state_chip.set_tone(facts.tone)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the chips in a narrow window; the name mostly says the type."""
        super().resizeEvent(event)
        self._show_header()

    def _tab_chosen(self, key: str) -> None:
        self._show_header()
        if key == "verdicts":
            self.verdicts.show_waiting()
            self.model.judge()

    def _hire(self) -> None:
        self.tabs.tabs.choose("roster")
        self.roster.hire()

    def _edit(self, record: Record) -> None:
        tab = self.recognition if self.tabs.tabs.key == "recognition" else self.roster
        tab.show_record(record)

    def _reload(self) -> None:
        if self.model.employer_id:
            self.roster.reload()
            self.recognition.reload()
            self.wages_model.reload()
            if self.tabs.tabs.key == "verdicts":
                self.model.judge()
        else:
            self.table.reload()

    def _print_wages(self) -> None:
        sheet = self.wages_model.sheet
        if sheet is not None and self._saved():
            self._printer.show(self, "workshop_wages", self.model.employer_id, year=sheet.year)

    def _saved(self) -> bool:
        """Whether the papers would show what the sheet shows; if not, say so."""
        waits = bool(self.wages_model.pending) or self.wages.grid.unread() > 0
        if waits:
            self.frame.message(_("还有工资没有保存。请先按 Ctrl＋S 保存，再打印、导出。"))
        return not waits

    def _export(self, what: str) -> None:
        facts = self.model.facts
        if facts is None or (what == "wages" and not self._saved()):
            return
        words = {"roster": _("用工花名册"), "wages": _("工资表")}[what]
        name = dialogs.file_name(f"{facts.name}{words}") + ".xlsx"
        file = dialogs.save_as(self, _("导出到"), name)
        if file is None:
            return
        written, reason = dialogs.numbers_wanted(self, self.frame.reason, _("导出的表里要完整号码吗？遮住的表可以放心发出去。"))
        if not written:
            return
        year = self.wages_model.sheet.year if self.wages_model.sheet and what == "wages" else None

        def done(count: int) -> None:
            self.frame.message(_("已导出 {n} 人到 {file}").format(n=count, file=file.name))

        self.frame.run_long(
            _("正在导出{what}").format(what=words), lambda _progress: self.model.export(facts.employer.id, file, year, reason), done
        )


build = WorkshopPage
