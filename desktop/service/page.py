"""The page 服务: 1-3-1, wishes, vacancies and matches; or a form in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt

from desktop.page import Frame, Page
from desktop.service.entry import ServiceEntry
from desktop.service.list_tabs import LightsTab, VacanciesTab, WishesTab
from desktop.service.match_tab import MatchTab
from desktop.service.presenting import JOBS, PEOPLE, Start
from desktop.service.view_model import MatchModel, ServiceModel
from desktop.station import Station
from desktop.widgets import writing
from desktop.widgets.basics import EmptyState, bind, button
from desktop.widgets.form_panel import FormStack
from desktop.widgets.tabs import Later, TabStack
from desktop.wiring.forms import form_tools
from domain import clock
from domain.fields import Record
from domain.words import _


class ServicePage(Page):
    """Four tabs, or a form in their place."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("服务"))
        self.model, self.match_model = self.own(ServiceModel(frame, station)), self.own(MatchModel(frame, station))
        self.tools = form_tools(frame, station)
        self.lights = LightsTab(frame, self.model, self._no_wish())
        self.of: Mapping[str, Callable[[], LightsTab | WishesTab | VacanciesTab | MatchTab]] = {
            "lights": lambda: self.lights,
            "wishes": lambda: self.wishes,
            "vacancies": lambda: self.vacancies,
            "matches": lambda: self.matches,
        }
        words = {"lights": _("1-3-1"), "wishes": _("需求"), "vacancies": _("招聘岗位"), "matches": _("匹配")}
        self.tabs = TabStack({key: (word, self.of[key]) for key, word in words.items()})
        self.stack = FormStack(frame, self.tabs)
        self.body.addWidget(self.stack, 1)
        self.new_wish = button(_("登记需求"), lambda: self._new("wishes"), kind="primary", icon="plus", hint="Ins", writes=True)
        self.new_vacancy = button(_("登记岗位"), lambda: self._new("vacancies"), kind="primary", icon="plus", hint="Ins", writes=True)
        self.header.add(self.new_wish, self.new_vacancy)
        self._connect()
        self._show_header()

    @Later
    def wishes(self) -> WishesTab:
        """The tab of wishes for work."""
        return WishesTab(self.frame, self.model, self.tools, self._no_wish(), self.stack.show_form)

    @Later
    def vacancies(self) -> VacanciesTab:
        """The tab of vacancies."""
        made = VacanciesTab(self.frame, self.model, self.tools, self._no_vacancy(), self.stack.show_form)
        made.match_button.clicked.connect(lambda: self.match(JOBS, made.table.current_id()))
        bind(made, "F8", made.match_button.click)
        return made

    @Later
    def matches(self) -> MatchTab:
        """The tab of matches."""
        return MatchTab(self.frame, self.model, self.match_model)

    def _no_wish(self) -> EmptyState:
        return EmptyState(
            _("没有就业需求"),
            _("谁想找工作，登记一条需求；从登记那天起，要给 1 次职业指导、3 个合适的岗位、1 次免费培训（二十九）。"),
            button(_("登记需求"), lambda: self._new("wishes"), kind="primary", hint="Ins", writes=True),
            button(_("导入"), lambda: self.frame.open("importing"), hint="Ctrl I"),
            icon="message",
        )

    def _no_vacancy(self) -> EmptyState:
        return EmptyState(
            _("没有岗位"),
            _("哪个单位招人、招几个、多少钱、有什么硬性要求，记在这里，才能推荐给合适的人。"),
            button(_("登记岗位"), lambda: self._new("vacancies"), kind="primary", hint="Ins", writes=True),
            button(_("导入"), lambda: self.frame.open("importing"), hint="Ctrl I"),
            icon="briefcase",
        )

    def _connect(self) -> None:
        model = self.model
        self.stack.follow(model)
        model.changed.connect(self.refresh)
        model.record_found.connect(self._show_record)
        model.started.connect(self._start)
        self.lights.table.opened.connect(lambda wish: self.frame.open("people", id=model.person_of(wish)))
        self.lights.match_button.clicked.connect(lambda: self.match(PEOPLE, self.lights.table.current_id()))
        self.tabs.tabs.chosen.connect(lambda _key: self._tab_chosen())
        self.stack.form_shown.connect(lambda _shown: self._show_header())
        bind(self.lights, "F8", self.lights.match_button.click)
        bind(self.tabs, "Ins", lambda: self._new("vacancies" if self.tabs.tabs.key == "vacancies" else "wishes"))

    # -- actions ------------------------------------------------------------------------------------

    def opened(self, **args: object) -> None:
        """`tab=` shows a tab; `wish=` a wish in 1-3-1, `match=` what matches it; `kind=` and `id=` the form of a wish or vacancy;
        `new=True` the form of a new vacancy or (with `person=`) a new wish."""
        kind, id = str(args.get("kind") or ""), str(args.get("id") or "")
        tabs = {"job_wish": "wishes", "vacancy": "vacancies"}
        self.tabs.tabs.choose(str(args.get("tab") or tabs.get(kind) or self.tabs.tabs.key))
        if self.stack.form is not None:
            return
        if args.get("wish"):
            self.tabs.tabs.choose("lights")
            self.lights.look_for(str(args["wish"]))
        elif args.get("match"):
            self.match(PEOPLE, str(args["match"]))
        elif args.get("new") and kind == "vacancy":
            self.vacancies.new()
        elif args.get("new"):
            self.wishes.new(str(args.get("person") or ""))
        elif kind in tabs and id:
            self.model.edit(kind, id)

    def refresh(self) -> None:
        """Load the shown tab again, since records changed."""
        self.of[self.tabs.tabs.key]().reload()

    def can_leave(self) -> bool:
        """Ask about an open form."""
        return self.stack.may_leave()

    def match(self, side: str, id: str) -> None:
        """Show what matches a wish or a vacancy."""
        if id:
            self.tabs.tabs.choose("matches")
            self.matches.look_for(side, id)

    def _new(self, what: str) -> None:
        if writing.why_not():
            writing.refused()
        elif self.stack.form is None:
            (self.vacancies if what == "vacancies" else self.wishes).new()

    def _start(self, start: Start) -> None:
        if writing.why_not():  # the keys 1, 2, 3 and Enter get here even when the buttons are disabled
            writing.refused()
            return
        self.entry = ServiceEntry(self, self.tools, start, clock.today(), self.model.user)
        self.entry.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.entry.given.connect(self.model.give)
        self.entry.open()

    def _tab_chosen(self) -> None:
        self._show_header()
        self.refresh()

    def _show_header(self) -> None:
        free = self.stack.form is None
        self.new_wish.setVisible(free and self.tabs.tabs.key in ("lights", "wishes"))
        self.new_vacancy.setVisible(free and self.tabs.tabs.key == "vacancies")

    def _show_record(self, record: Record) -> None:
        if self.stack.form is None:
            (self.vacancies if record.KIND.name == "vacancy" else self.wishes).show_record(record)


build = ServicePage
