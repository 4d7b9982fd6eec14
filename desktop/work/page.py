"""The page 务工: spells of work, and the monthly checks."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.widgets.basics import button
from desktop.widgets.form_panel import FormStack
from desktop.widgets.tabs import Later, TabStack
from desktop.wiring.forms import form_tools
from desktop.work.check_model import CheckModel
from desktop.work.check_tab import CheckTab
from desktop.work.spells_tab import SpellsTab
from desktop.work.view_model import WorkModel
from domain import clock
from domain.words import _


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
