"""The page 同步: exchanges, changes not sent yet, conflicts to decide, and held changes. F9 is handled by the window.

局域网 is exchange with the township without a stick. The township's laptop shows a code, which the village's clerk enters; where the
township is not found in the network, its address is entered too.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop import theme
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.sync.conflict_panel import ConflictPanel
from desktop.sync.exchange_models import LanModel, StickModel
from desktop.sync.lists_panel import HeldPanel, MatchesPanel, WaitingPanel
from desktop.sync.stick_panel import StickPanel
from desktop.sync.story_panel import StoryPanel
from desktop.sync.view_model import SyncModel
from desktop.widgets.basics import Card, Chip, button, label, show_text
from desktop.widgets.inputs import captioned
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.lines_card import LinesCard
from desktop.widgets.printers import print_slip
from desktop.widgets.spoken import live_label
from desktop.widgets.tabs import Later, TabStack
from desktop.wiring.forms import form_tools
from domain import clock, divisions
from domain.clock import when
from domain.words import _
from sync.station.stick.courier import Carried

LOOK = 1000
"""Milliseconds between updates of the receiver's state."""
_CLOSED = {
    "idle": lambda: _("半小时没有村来，收件已经自己关了。要接着收就再打开，码会换一个。"),
    "long": lambda: _("收件开了十个小时，已经自己关了。收下的都在。要接着收就再打开，码会换一个。"),
    "guessed": lambda: _("有人一再填错码，收件已经关了。收下的都在。要接着收就再打开，码会换一个。"),
    "asked": lambda: _("收件已关。收下的都在，联网同步或写 U 盘时一起交给县里。"),
}


class LanPanel(QWidget):
    """The tab."""

    def __init__(self, model: LanModel) -> None:
        super().__init__()
        self.model, self._button_had_focus = model, False
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(model.tick)
        self.giving, self.taking = self._giving(), self._taking()
        self.trouble = live_label("bad", selectable=True)
        self.result = live_label("good", selectable=True)
        said = holder(column(self.trouble, self.result, margins=(14, 0, 14, 0)))
        self._scrolled = scrolled(holder(column(self.giving, self.taking, said, None, spacing=8, margins=(0, 0, 4, 0))))
        self.setLayout(column(self._scrolled))
        model.changed.connect(self._show)
        model.finished.connect(self._outcome)
        self._show()

    # -- a village --------------------------------------------------------------------------------

    def _giving(self) -> Card:
        card = Card(_("交给乡镇"))
        self.waits = label("", wrap=True)
        how = label(
            _("在乡镇办公室，和乡镇的电脑连同一个 Wi-Fi，或接在同一个路由器上，不能上网也行。填乡镇电脑屏幕上的六位码，按 Enter："),
            "muted",
            wrap=True,
        )
        self.code, self.address = QLineEdit(), QLineEdit()
        card.add(self.waits)
        card.add(how)
        for text, edit, sample in ((_("六位码"), self.code, "123 456"), (_("地址（不填就自己找）"), self.address, "192.168.1.5")):
            edit.setPlaceholderText(sample)
            edit.setMaximumWidth(theme.px(320))
            edit.returnPressed.connect(self._send)
            card.add(*captioned(text, edit, ""))
        self.send = button(_("交给乡镇，取回答复"), self._send, kind="primary", icon="building-community")
        card.add(row(self.send, None))
        return card

    def _send(self) -> None:
        self.model.send(self.address.text(), self.code.text())

    # -- a township -------------------------------------------------------------------------------

    def _taking(self) -> QWidget:
        self.opening_card = Card(_("收村里的"))
        self.how = label("", "muted", wrap=True)
        self.where = label("", "figure", selectable=True, name=_("地址"))
        self.digits = label("", "figure", selectable=True, name=_("六位码"))
        self.left = label("", "muted", wrap=True)
        found_by = label(_("地址，村里的电脑找不到这里时才填"))
        self.shown = holder(column(label(_("六位码，念给村里的人听")), self.digits, found_by, self.where, self.left, spacing=4))
        self.open = button(_("打开收件"), self.model.open, kind="primary", icon="download")
        self.shut = button(_("关闭收件"), self.model.close)
        self.opening_card.add(self.how, self.shown, row(self.open, self.shut, None))
        self.list = LinesCard(_("这次收下的"), scrolls=False)
        return holder(column(self.opening_card, self.list, spacing=8))

    # -- showing ----------------------------------------------------------------------------------

    def focus(self) -> None:
        """Focus what to do next."""
        if self.model.standing.carries:
            (self.shut if self.model.is_open else self.open).setFocus()
        else:
            self.code.setFocus()

    def _show(self) -> None:
        model, standing = self.model, self.model.standing
        self.giving.setVisible(not standing.carries)
        self.taking.setVisible(standing.carries)
        waiting_text = _("有 {n} 条还没有交到县里。").format(n=f"{standing.unsent:,}")
        self.waits.setText(waiting_text if standing.unsent else _("没有要交的。也可以去取县里的答复和别人的改动。"))
        if standing.address and not self.address.text() and not self.address.hasFocus():
            self.address.setText(standing.address)
        for part in (self.address, self.code, self.send):
            part.setEnabled(not model.busy)
        for line, text in ((self.trouble, model.trouble), (self.result, model.result)):
            show_text(line, text)
        self._show_opening()

    def _show_opening(self) -> None:
        model, opening = self.model, self.model.opening
        self._button_had_focus = self._button_had_focus or self.open.hasFocus() or self.shut.hasFocus()
        is_open = model.is_open
        self._timer.start() if is_open else self._timer.stop()
        self.shown.setVisible(is_open)
        self.open.setVisible(not is_open)
        self.open.setEnabled(not model.busy)
        self.shut.setVisible(is_open)
        if self._button_had_focus and not model.busy:  # a disabled or hidden button loses the focus
            (self.shut if is_open else self.open).setFocus()
            self._button_had_focus = False
        closed = opening.closed if opening is not None else ""
        self.how.setText(
            _("村里的电脑连同一个 Wi-Fi 或网线，在「同步 → 局域网」填下面的六位码，就能交来，并取走县里的答复。")
            if is_open
            else _CLOSED[closed]()
            if closed
            else _("村里的电脑带来了，不用 U 盘也能交：打开收件，把屏幕上的六位码告诉村里的人。只看得到是哪个村、多少条，看不到内容。")
        )
        if opening is None:
            self.list.setVisible(False)
            return
        self.where.setText(_("　或　").join(opening.addresses))
        self.digits.setText(f"{opening.code[:3]} {opening.code[3:]}")
        self.left.setText(
            _("正连着 {busy} 台。{minutes} 分钟没有村来，就自己关上。").format(busy=opening.busy, minutes=-(-opening.left // 60))
        )
        self.list.setVisible(True)
        self.list.fill([_line(one) for one in reversed(opening.arrived)], _("还没有村来过。"))

    def _outcome(self) -> None:
        """Scroll to the result, and focus what to do next. The address that worked replaces the one that was typed."""
        if not self.model.trouble:
            self.address.clear()
        part = self.trouble if self.model.trouble else self.result
        QTimer.singleShot(0, part, lambda: self._scrolled.ensureWidgetVisible(part, 0, theme.px(24)))
        next_widget = self.code if self.model.trouble else self.send
        QTimer.singleShot(0, next_widget, next_widget.setFocus)


def _line(one: Carried) -> QWidget:
    whose = divisions.called(one.scope)
    head = row(Chip(_("乡镇已收"), "info"), label(whose, "strong"), label(_("{n} 条").format(n=f"{one.records:,}")), None)
    head.addWidget(label(when(one.noted_at), "small"))
    code = label(_("回执码 {code}").format(code=one.code), "muted", selectable=True)
    return holder(column(head, code, spacing=3, margins=(14, 8, 14, 8)))


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
