"""The page 同步: exchanges, changes not sent yet, conflicts to decide, and held changes. F9 is handled by the window."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.sync.conflict_panel import ConflictPanel
from desktop.sync.exchange_models import LanModel, StickModel
from desktop.sync.lan_panel import LanPanel
from desktop.sync.lists_panel import HeldPanel, MatchesPanel, WaitingPanel
from desktop.sync.stick_panel import StickPanel
from desktop.sync.story_panel import StoryPanel
from desktop.sync.view_model import SyncModel
from desktop.widgets.basics import button
from desktop.widgets.printers import print_slip
from desktop.widgets.tabs import Later, TabStack
from desktop.wiring.forms import form_tools
from domain import clock
from domain.words import _


class SyncPage(Page):
    """The tabs of all ways to exchange, and of what needs attention."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame)
        self.setAccessibleName(_("同步"))
        self.model, self._tools = self.own(SyncModel(frame, station)), form_tools(frame, station)
        self.sticks, self.beside = self.own(StickModel(frame, station)), self.own(LanModel(frame, station))
        self._trouble, self._visited = "", False
        self.story = StoryPanel(frame, self.model, lambda: self._go("stick"))
        self.tabs = TabStack(
            {
                "story": (_("同步记录"), self.story),
                "waiting": (_("待上传"), lambda: self.waiting),
                "conflicts": (_("要核对"), lambda: self.conflicts),
                "held": (_("搁置"), lambda: self.held),
                "matches": (_("疑似同一人"), lambda: self.matches),
                "stick": (_("U 盘"), lambda: self.stick),
                "lan": (_("局域网"), lambda: self.lan),
            }
        )
        self.now = button(_("现在同步"), self.model.sync_now, icon="refresh", hint="F9")
        self.tabs.tabs.add(self.now)
        self.body.addWidget(self.tabs, 1)
        self.model.changed.connect(self._show)
        self.tabs.tabs.chosen.connect(self._focus)
        self._show()
        self.refresh()

    def opened(self, **args: object) -> None:
        """Show the tab `tab`; with `now` exchange at once; with `then="importing"` the tab of sticks offers to continue importing after
        joining; with `back` Esc after the last conflict returns to the previous page."""
        tab, self._visited = args.get("tab"), bool(args.get("back"))
        if isinstance(tab, str) and tab in self.tabs.tabs.buttons:
            self._go(tab)
        if args.get("then") == "importing":
            self.stick.on.show()
        if args.get("now"):
            self.model.sync_now()

    def refresh(self) -> None:
        """Load again, since records changed."""
        self.model.load()
        self.sticks.load()
        self.beside.load()

    @Later
    def waiting(self) -> WaitingPanel:
        """The tab of changes not sent yet."""
        return WaitingPanel(self.model, self._focus_tab_button)

    @Later
    def conflicts(self) -> ConflictPanel:
        """The tab of conflicts."""
        panel = ConflictPanel(self.frame, self.model, self._tools)
        panel.passed.connect(lambda: self.frame.back() if self._visited else None)
        panel.all_settled.connect(self._focus_tab_button)
        return panel

    @Later
    def held(self) -> HeldPanel:
        """The tab of held changes."""
        return HeldPanel(self.model, self._focus_tab_button)

    @Later
    def matches(self) -> MatchesPanel:
        """The tab of people who may be the same."""
        return MatchesPanel(self.frame, self.model, self._focus_tab_button)

    @Later
    def stick(self) -> StickPanel:
        """The tab of exchange by stick."""
        panel = StickPanel(self.sticks)
        panel.print_asked.connect(self._print)
        panel.import_asked.connect(self._import)
        return panel

    @Later
    def lan(self) -> LanPanel:
        """The tab of exchange with the township over the local network."""
        return LanPanel(self.beside)

    def _show(self) -> None:
        standing, model = self.model.standing, self.model
        conflicts = len(standing.to_settle) + standing.more_to_settle
        counts = {
            "waiting": standing.unsent,
            "conflicts": conflicts,
            "held": standing.held,
            "matches": len(standing.matches) + len(standing.alike),
        }
        for key, count in counts.items():
            self.tabs.tabs.set_count(key, count)
        self.now.setEnabled(not model.busy)
        trouble = model.trouble or model.enrol_trouble
        if trouble and trouble != self._trouble:  # switch there once, not after every load
            self._go("story")
            if model.enrol_trouble:
                self.story.join.focus()
        self._trouble = trouble

    def _go(self, tab: str) -> None:
        if self.tabs.tabs.key != tab:
            self.tabs.tabs.buttons[tab].setFocus()
            self.tabs.tabs.choose(tab)

    def _focus(self, tab: str) -> None:
        if tab == "conflicts":
            self.conflicts.focus()
        if tab == "stick":
            self.stick.focus()
        if tab == "lan":
            self.lan.focus()

    def _focus_tab_button(self) -> None:
        """Focus the tab's button, because the focused widget disappeared."""
        self.tabs.tabs.buttons[self.tabs.tabs.key].setFocus()

    def _import(self) -> None:
        self.stick.on.hide()
        self.frame.open("importing")

    def _print(self, code: str, text: str) -> None:
        line = f"{self.model.standing.device}　{clock.now():%Y-%m-%d %H:%M}　{text}"
        print_slip(self, _("村站通　U 盘回执"), code, line)


build = SyncPage
