"""The page 服务: 1-3-1, wishes, vacancies and matches; or a form in their place. 匹配 shows vacancies that match a person, or people who
match a vacancy, with reasons; Enter recommends."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from desktop import theme
from desktop.page import Frame, Page
from desktop.service.entry import ServiceEntry
from desktop.service.list_tabs import LightsTab, VacanciesTab, WishesTab
from desktop.service.presenting import JOB, JOBS, PEOPLE, Pair, Start
from desktop.service.view_model import MatchModel, ServiceModel
from desktop.station import Station
from desktop.widgets import writing
from desktop.widgets.basics import Card, EmptyState, bind, button, label
from desktop.widgets.form_panel import FormStack
from desktop.widgets.layout import Flow, column, holder, stacked
from desktop.widgets.ledger_table import LedgerTable, View
from desktop.widgets.reasons import Reasons
from desktop.widgets.tabs import ChipBar, Later, TabStack
from desktop.widgets.two_line_list import TwoLineList, TwoLines
from desktop.wiring.forms import form_tools
from domain import clock
from domain.fields import Record
from domain.words import _

_SHOWN = 300
"""The most matches listed."""
_SPLIT_FROM = 700
"""Below this width (px at 100 % text size) the sides have fixed shares; from there on, the left side keeps its width and the right one
takes the rest."""
_HEADING_FROM = 300
"""Below this height the heading is hidden, as the selection at the left says the same."""
_ALL_FROM = 400
"""From this height (px at 100 % text size) there is room for all reasons."""


class MatchTab(QWidget):
    """The choice at the left, matches at the right, their reasons below."""

    def __init__(self, frame: Frame, model: ServiceModel, matches: MatchModel) -> None:
        super().__init__()
        self._frame, self._model, self._matches = frame, model, matches
        self.side = ChipBar({PEOPLE: _("按人找岗位"), JOBS: _("按岗位找人")})
        nobody = EmptyState(_("没有可选的"), _("先在「需求」里登记谁想找工作，在「招聘岗位」里登记哪里招人。"), icon="users")
        self.table = LedgerTable(frame, model.match_people, key="match-people", empty=nobody, title=_("按人找岗位"))
        self.table.columns_button.hide()
        self.search = self.table.add_search(_("按名称或拼音找"), 130)
        self.only = ChipBar({"fit": _("合适"), "all": _("全部")})
        self.heading = label("", "heading")
        self.list = TwoLineList(_("匹配结果"))
        self.empty = EmptyState(_("没有合适的"), "", icon="heart-handshake")
        self.stack = stacked(self.list, self.empty)
        self.reasons = Reasons(_("理由"))
        self.recommend_button = button(_("推荐"), self.recommend, kind="primary", hint="Enter", writes=True)
        self.skills_button = button(_("改需求"), self._change, hint="F2", writes=True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.card = Card(padding=12)
        self.card.add(self.reasons)
        head = Flow(self.heading, None, self.only, self.skills_button, self.recommend_button, spacing=8)
        right = column(head, self.stack, self.card, spacing=8, shares=(0, 1))
        self.split = split = QSplitter()
        split.setChildrenCollapsible(False)
        split.setHandleWidth(theme.px(12))
        split.addWidget(holder(column(self.side, self.table, spacing=8)))
        split.addWidget(holder(right))
        split.setSizes([theme.px(300), theme.px(620)])
        split.setStretchFactor(1, 1)
        self.setLayout(column(split, spacing=0))
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.side.chosen.connect(self._set_side)
        self.table.chosen.connect(self._choose)
        self.table.loaded.connect(self._loaded)
        self.table.opened.connect(lambda _id: self.list.setFocus())
        self.only.chosen.connect(lambda key: self._matches.narrow(key == "fit"))
        self.list.moved.connect(self._show_reasons)
        self.list.activated.connect(lambda _index: self.recommend())
        self._matches.shown.connect(self._show)
        back = bind(self.list, "Left", lambda: self.table.setFocus())
        back.setContext(Qt.ShortcutContext.WidgetShortcut)
        bind(self.list, "F2", self._change)

    # -- actions ------------------------------------------------------------------------------------

    def look_for(self, side: str, id: str) -> None:
        """Show what matches this wish or vacancy."""
        self.side.buttons[side].setChecked(True)
        self._set_side(side, id)

    def reload(self) -> None:
        """Load again."""
        self.table.reload()
        self._matches.reload()

    def recommend(self) -> None:
        """Recommend the vacancy of the selected match to its person."""
        pair = self.pair()
        if pair is not None:
            self._model.start(JOB, [pair.wish_id], pair.vacancy_id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt to the size: a low window shows fewer reasons, a narrow one keeps room for the buttons."""
        super().resizeEvent(event)
        width = event.size().width()
        if width < theme.px(_SPLIT_FROM):
            self.split.setSizes([width * 42 // 100, width * 58 // 100])
        self.heading.setVisible(self.height() >= theme.px(_HEADING_FROM))
        self.card.setFixedHeight(theme.px(146 if self.height() >= theme.px(_ALL_FROM) else 84))

    def _change(self) -> None:
        pair = self.pair()
        if pair is not None:
            self._model.edit("job_wish", pair.wish_id)

    def pair(self) -> Pair | None:
        """The selected match."""
        pairs, line = self._matches.pairs(), self.list.currentRow()
        return pairs[line] if 0 <= line < len(pairs) else None

    def _choose(self, id: str) -> None:
        self.pair_key = ("", "")
        self._matches.choose(self._matches.side, id)

    def _set_side(self, side: str, id: str = "") -> None:
        self.table.want(id)
        self._matches.choose(side, id)
        if side == PEOPLE:
            self.table.set_source(self._model.match_people, "match-people")
        else:
            self.table.set_source(self._model.match_jobs, "match-jobs")
            self.table.view = View(filters={"state": "open"})
            self.table.reload()

    def _loaded(self, count: int) -> None:
        if not count:
            self._matches.choose(self._matches.side, "")

    # -- showing ------------------------------------------------------------------------------------

    def _show(self) -> None:
        before = self.pair_key
        found, pairs = self._matches.found, self._matches.pairs()[:_SHOWN]
        self.heading.setText(found.heading)
        self.only.set_count("fit", sum(pair.fits for pair in found.pairs))
        self.only.set_count("all", len(found.pairs))
        keys = [(pair.wish_id, pair.vacancy_id) for pair in pairs]
        chosen = keys.index(before) if before in keys else 0 if pairs else -1
        self.list.set_entries([TwoLines(pair.title, pair.note, quiet=not pair.fits) for pair in pairs], chosen)
        self.stack.setCurrentIndex(0 if pairs else 1)
        self.empty.say(*self._nothing())
        self._show_reasons(chosen)

    def _nothing(self) -> tuple[str, str]:
        if not self._matches.id:
            return _("先在左边选一个"), _("上下键移动，回车到右边，再回车就推荐。")
        if self._matches.found.pairs:
            return _("没有合适的"), _("都不符合硬性要求或年龄要求，点「全部」看为什么。")
        text = _("还没有在招的岗位，到「招聘岗位」里登记。") if self._matches.side == PEOPLE else _("还没有人登记就业需求。")
        return _("没有可以匹配的"), text

    def _show_reasons(self, _line: int) -> None:
        pair = self.pair()
        self.pair_key = (pair.wish_id, pair.vacancy_id) if pair else ("", "")
        self.recommend_button.setEnabled(pair is not None)
        self.skills_button.setEnabled(pair is not None)
        self.card.setVisible(pair is not None)
        nothing = _("岗位没有硬性要求，本人也没有提出条件。") if pair else ""
        self.reasons.show_reasons(pair.reasons if pair else (), nothing)

    pair_key = ("", "")


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
