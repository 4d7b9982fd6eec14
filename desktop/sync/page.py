"""同步: what was exchanged, what waits, what has to be settled, what is held. F9 is the window's key for it."""

from __future__ import annotations

from typing import TypeVar

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.sync.conflict_panel import ConflictPanel
from desktop.sync.lan_model import LanModel
from desktop.sync.lan_panel import LanPanel
from desktop.sync.lists_panel import Lines, ParkedPanel, WaitingPanel
from desktop.sync.matches_panel import MatchesPanel, merging_words
from desktop.sync.standing import Dispute
from desktop.sync.stick_model import StickModel
from desktop.sync.stick_panel import StickPanel
from desktop.sync.story_panel import StoryPanel
from desktop.sync.view_model import SyncModel
from desktop.widgets import dialogs
from desktop.widgets.basics import button
from desktop.widgets.editors import Tools, editor_for
from desktop.widgets.line_editors import Editor
from desktop.widgets.slip import print_slip
from desktop.widgets.tabs import Later, TabStack
from desktop.wiring.forms import form_tools
from domain import clock
from domain.errors import FieldError
from domain.fields import KINDS
from domain.words import _
from services.merging import Match

EVERY = "sync_minutes"
"""Name of the preference: minutes between automatic exchanges, 0 for none."""
USUAL = 15
_Panel = TypeVar("_Panel", WaitingPanel, ConflictPanel, ParkedPanel, MatchesPanel)


class SyncPage(Page):
    """The page."""

    def __init__(self, frame: Frame, model: SyncModel, sticks: StickModel, lan: LanModel, tools: Tools) -> None:
        super().__init__(frame)
        self.setAccessibleName(_("同步"))
        self.model, self._tools = model, tools
        self._trouble, self._visited = "", False
        self.story = StoryPanel(round(frame.preferences.number(EVERY, USUAL)))
        self.sticks, self.beside = sticks, lan
        self._panels: list[WaitingPanel | ConflictPanel | ParkedPanel | MatchesPanel] = []
        self.tabs = TabStack(
            {
                "story": (_("经过"), self.story),
                "waiting": (_("待上传"), lambda: self.waiting),
                "conflicts": (_("要核对"), lambda: self.conflicts),
                "held": (_("搁置"), lambda: self.parked),
                "matches": (_("疑似同一人"), lambda: self.matches),
                "stick": (_("U 盘"), lambda: self.stick),
                "lan": (_("局域网"), lambda: self.lan),
            }
        )
        self.now = button(_("现在同步"), self.model.sync_now, icon="refresh", hint="F9")
        self.tabs.tabs.add(self.now)
        self.body.addWidget(self.tabs, 1)
        self._connect()
        self._show()
        self.refresh()

    def opened(self, **args: object) -> None:
        """Show the tab that was asked for (`tab`), and sync at once (`now`); with `then="importing"` who joins by stick goes on there, with
        `back` Esc behind the last conflict leads back."""
        tab, self._visited = args.get("tab"), bool(args.get("back"))
        if isinstance(tab, str) and tab in self.tabs.tabs.buttons:
            self._go(tab)
        if args.get("then") == "importing":
            self.stick.on.show()
        if args.get("now"):
            self.model.sync_now()

    def refresh(self) -> None:
        """Changes were made elsewhere."""
        self.model.load()
        self.sticks.load()
        self.beside.load()

    def _connect(self) -> None:
        self.model.changed.connect(self._show)
        self.model.said.connect(self.frame.message)
        self.model.moved.connect(self.frame.records_changed)
        for carried in (self.sticks, self.beside):
            carried.said.connect(self.frame.message)
            carried.moved.connect(self.frame.records_changed)
            carried.moved.connect(self.model.load)
        self.beside.moved.connect(self.sticks.load)
        self.story.stick_asked.connect(lambda: self._go("stick"))
        self.story.join_asked.connect(self.model.enrol)
        self.story.retry_asked.connect(self.model.sync_now)
        self.story.every_picked.connect(self._every)
        self.tabs.tabs.chosen.connect(self._focus)

    @Later
    def waiting(self) -> WaitingPanel:
        """What waits to be sent."""
        return self._showing(WaitingPanel())

    @Later
    def conflicts(self) -> ConflictPanel:
        """What two stations wrote differently."""
        panel = ConflictPanel()
        panel.settled.connect(self.model.settle)
        panel.refill_asked.connect(self._refill)
        panel.reveal_asked.connect(self._reveal)
        panel.passed.connect(lambda: self.frame.back() if self._visited else None)
        panel.all_settled.connect(self.tabs.tabs.buttons["conflicts"].setFocus)
        self.model.revealed.connect(panel.show_plain)
        return self._showing(panel)

    @Later
    def parked(self) -> ParkedPanel:
        """What cannot be used yet."""
        panel = ParkedPanel()
        panel.export_asked.connect(self._save_parked)
        panel.release_asked.connect(self.model.release)
        return self._showing(panel)

    @Later
    def matches(self) -> MatchesPanel:
        """Records that seem to be one person."""
        panel = MatchesPanel()
        panel.merge_asked.connect(self._merge)
        panel.unmerge_asked.connect(self.model.unmerge)
        panel.apart_asked.connect(self.model.tell_apart)
        panel.look_asked.connect(self.model.look)
        panel.open_asked.connect(self._open_record)
        return self._showing(panel)

    def _merge(self, match: Match, into: str) -> None:
        """Two people are never joined by one key: two of one name stand in the list because their numbers are near, too."""
        if dialogs.ask(self, _("合并成一个人？"), merging_words(match, into), yes=_("合并"), danger=match.score > 0):
            self.model.merge(match, into)

    @Later
    def stick(self) -> StickPanel:
        """Exchanging by stick."""
        panel = StickPanel(self.sticks)
        panel.print_asked.connect(self._print)
        panel.import_asked.connect(self._import)
        return panel

    @Later
    def lan(self) -> LanPanel:
        """Exchanging beside the township."""
        return LanPanel(self.beside)

    def _showing(self, panel: _Panel) -> _Panel:
        if isinstance(panel, Lines):
            panel.emptied.connect(lambda: self.tabs.tabs.buttons[self.tabs.tabs.key].setFocus())
        self._panels.append(panel)
        panel.show_standing(self.model.standing)
        return panel

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
        self.story.show_standing(standing, trouble=model.trouble, enrol_trouble=model.enrol_trouble, busy=model.busy)
        for panel in self._panels:
            panel.show_standing(standing)
        self.now.setEnabled(not model.busy)
        trouble = model.trouble or model.enrol_trouble
        if trouble and trouble != self._trouble:  # go there once, not whenever something is looked up again
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

    def _every(self, minutes: int) -> None:
        self.frame.preferences.keep(EVERY, minutes)

    def _open_record(self, kind: str, id: str) -> None:
        if kind == "person":
            self.frame.open("people", id=id)
        else:
            self.frame.open("ledgers", kind=kind, id=id)

    def _import(self) -> None:
        self.stick.on.hide()
        self.frame.open("importing")

    def _print(self, code: str, text: str) -> None:
        told = f"{self.model.standing.device}　{clock.now():%Y-%m-%d %H:%M}　{text}"
        print_slip(self, _("村站通　U 盘回执"), code, told)

    def _refill(self, one: Dispute) -> None:
        editor = editor_for(KINDS[one.kind].by_name[one.field], self._tools)
        value = ask_value(self, one, editor)
        if value is not None:
            self.model.settle(one, None, value)

    def _reveal(self, one: Dispute) -> None:
        reason = self.frame.reason()
        if reason:
            self.model.reveal(one, reason)

    def _save_parked(self) -> None:
        path = dialogs.save_as(self, _("保存到"), _("搁置清单.xlsx"))
        if path is not None:
            self.model.save_parked(path)


def ask_value(page: SyncPage, one: Dispute, editor: Editor) -> object:
    """Ask for a value that is neither of the two; None when the person changes their mind."""
    dialog = dialogs.Dialog(page, _("重新填：{title}").format(title=one.title))
    dialog.body.addWidget(editor)
    dialog.add_button(_("取消"), accept=False)
    dialog.add_button(_("就用这个"), accept=True, kind="primary")
    editor.setFocus()
    while dialog.run():
        try:
            value = editor.value()
        except FieldError as error:
            editor.fail(str(error))
            continue
        if value is not None:
            return value
        editor.fail(_("请填一个值，或者取消。"))
    return None


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    model = SyncModel(frame.jobs, frame.run_long, station)
    sticks = StickModel(frame.jobs, frame.run_long, station)
    lan = LanModel(frame.jobs, frame.run_long, station)
    return SyncPage(frame, model, sticks, lan, form_tools(frame, station)).keeping(model, sticks, lan)
