"""The tab 同步记录: every exchange with its result, the state of this laptop, and joining the county."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QWidget

from db.exchange import Exchanged
from desktop import theme
from desktop.page import Frame
from desktop.sync.automatic import PACE, pace
from desktop.sync.standing import SyncStatus
from desktop.sync.view_model import SyncModel
from desktop.widgets import keyboard
from desktop.widgets.basics import Card, Chip, button, label, show_text
from desktop.widgets.inputs import captioned, choices
from desktop.widgets.layout import UNLIMITED, Flow, column, holder, row, scrolled
from desktop.widgets.lines_card import LinesCard
from desktop.widgets.spoken import live_label
from domain import words
from domain.clock import when
from domain.words import _
from services.departures import arrived_sentence, closed_sentence, departed_sentence
from sync.station.result import ExchangeResult
from sync.station.stick.results import took_by

_SIDE, _BESIDE = 330, 640
"""Width of the right column, and the width of the tab from which there is one."""
EVERY = (0, 15, 30, 60, 240)
"""Choices for automatic exchange, in minutes; 0 is off."""


class JoinCard(Card):
    """Address and code: for a laptop that is not enrolled, that enrolled by stick, or whose county has a new address."""

    def __init__(self, join: Callable[[str, str], None], by_stick: Callable[[], None]) -> None:
        super().__init__(_("加入县服务器"), edge="amber")
        self._join = join
        self.server, self.code = QLineEdit(), QLineEdit()
        self.server.setPlaceholderText("https://")
        self.why = label("", "muted", wrap=True)
        self.trouble = live_label("bad")
        self.go = button(_("加入"), self._ask, kind="primary", hint="Enter", writes=True)
        self.stick = button(_("没有网络，用 U 盘"), by_stick, icon="usb")
        server, code = captioned(_("服务器地址"), self.server, ""), captioned(_("注册码"), self.code, "")
        self.lines = holder(column(*server, *code, self.trouble, holder(Flow(self.go, self.stick, spacing=8)), spacing=8))
        keyboard.run_on(self.lines, self._ask)
        self.add(self.why)
        self.add(self.lines)

    def show_standing(self, standing: SyncStatus, trouble: str, *, busy: bool) -> None:
        """Show what joining means for this laptop, and why it failed."""
        title, text = _join_words(standing)
        self.title.setText(title)
        self.setAccessibleName(title)
        self.why.setText(text)
        self.code.setPlaceholderText(_("不用填") if standing.server and not standing.joining else "7K3M-9QTX-4C2D-8HWA")
        self.lines.setVisible(not standing.practice)
        self.stick.setVisible(standing.joining)
        if standing.revoked and not self.server.text():
            self.server.setText(standing.server)
        show_text(self.trouble, trouble)
        for part in (self.server, self.code, self.go):
            part.setEnabled(not busy)

    def focus(self) -> None:
        """Focus the first empty field."""
        (self.code if self.server.text().strip() else self.server).setFocus()

    def _ask(self) -> None:
        self._join(self.server.text(), self.code.text())


def _join_words(standing: SyncStatus) -> tuple[str, str]:
    if standing.practice:
        return _("练习村不和县里交换"), _("这里的人都是编的，不会传到县里。同步、U 盘请在自己村里用。")
    if not standing.enrolled:
        text = _("这台电脑还没有加入县服务器。数据都在本机，照常使用；加入以后才能上传和收到别人的改动。地址和注册码由县里给。")
        return _("加入县服务器"), text
    if standing.revoked:
        text = _(
            "没上传的 {n} 条都在本机，一条不少，照常录入。这台电脑叫 {device}：请县管理员核实以后给一个新注册码，填在这里，就接着上传。"
        )
        return _("县里已停用这台电脑"), text.format(n=f"{standing.unsent:,}", device=standing.device)
    if not standing.server:
        return _("改用网络"), _("这台电脑是用 U 盘注册的，用 U 盘交换就行。通了网，把县里给的地址和注册码填在这里，就能自动同步。")
    return _("县服务器换了地址"), _("填县里给的新地址，注册码不用填。本机的数据、没上传的改动都不动。")


class NoteCard(Card):
    """A card with one text, hidden while there is none."""

    def __init__(self, title: str, edge: str = "") -> None:
        super().__init__(title, edge=edge)
        self.text = label("", wrap=True)
        self.add(self.text)

    def say(self, text: str) -> None:
        """Show a text."""
        self.text.setText(text)
        self.setVisible(bool(text))


class StoryPanel(QWidget):
    """The tab; `by_stick` switches to the exchange by stick."""

    def __init__(self, frame: Frame, model: SyncModel, by_stick: Callable[[], None]) -> None:
        super().__init__()
        self._frame, self._model, self._by_stick = frame, model, by_stick
        self._changing_address = self._busy = False
        self.closed = NoteCard(_("本村已并入别的村"), "amber")
        self.lease = NoteCard(_("离网期限"), "amber")
        self.aside = NoteCard(_("恢复备份以前没有交的"), "amber")
        self.copies = NoteCard(_("打不开的备份"), "amber")
        self.lines = LinesCard(_("每次同步"))
        main = column(
            self._trouble_card(), self.aside, self.copies, self.lease, self.closed, self.lines, spacing=12, shares=(0, 0, 0, 0, 0, 1)
        )
        self.clock = NoteCard(_("这台电脑的时钟不准"), "warn")
        self.departed = NoteCard(_("县里迁到别村的人"))
        self.arrived = NoteCard(_("县里迁来的人"))
        self.join = JoinCard(model.enrol, by_stick)
        self.facts = self._facts_card()
        self.lines.setMinimumHeight(theme.px(170))
        self.side = holder(column(self.clock, self.facts, self.join, self.arrived, self.departed, None, spacing=12))
        self._both = row(holder(main), self.side, spacing=12, margins=(0, 0, 4, 0), shares=(1,))
        self.setLayout(column(scrolled(holder(self._both))))
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        standing, busy, enrol_trouble = self._model.standing, self._model.busy, self._model.enrol_trouble
        if self._busy and not busy and not enrol_trouble:
            self._changing_address = False  # the new address was accepted
        self._busy = busy
        self._show_trouble(standing, self._model.trouble)
        by_stick = standing.enrolled and not standing.server
        self.join.setVisible(standing.joining or by_stick or self._changing_address)
        self.join.set_edge("amber" if standing.joining and not standing.practice else "")
        self.join.show_standing(standing, enrol_trouble, busy=busy)
        self.facts.setVisible(not standing.joining)
        self.pace.setVisible(not by_stick)
        self.change.setVisible(not by_stick)
        self.clock.say(clock_sentence(standing.clock, standing.behind) if standing.clock_wrong else "")
        self.aside.say(standing.aside)
        self.copies.say(standing.copies)
        self.lease.say(standing.lease.sentence() if standing.lease else "")
        self.closed.say(closed_sentence(standing.closed) if standing.closed else "")
        self.departed.say("\n".join(departed_sentence(one, when(one.at)) for one in standing.departed))
        self.arrived.say("\n".join(arrived_sentence(one, when(one.at)) for one in standing.arrived))
        self.server.setText(standing.server or _("没有填：用 U 盘注册的，用 U 盘交换"))
        self.device.setText(standing.device)
        self.lines.fill([_line(one) for one in standing.exchanges], _nothing_yet(standing))
        self._arrange(joining=standing.joining)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the new size: two columns if there is room, else the most urgent part first."""
        self._arrange(joining=not self.facts.isVisibleTo(self))
        super().resizeEvent(event)

    def _arrange(self, *, joining: bool) -> None:
        beside = self.width() >= theme.px(_BESIDE)
        above = QBoxLayout.Direction.BottomToTop if joining else QBoxLayout.Direction.TopToBottom
        self._both.setDirection(QBoxLayout.Direction.LeftToRight if beside else above)
        self.side.setMinimumWidth(theme.px(_SIDE) if beside else 0)
        self.side.setMaximumWidth(theme.px(_SIDE) if beside else UNLIMITED)

    def _trouble_card(self) -> Card:
        self.trouble_title = label(_("同步没有成功"), "heading")
        self.trouble = live_label(selectable=True)
        self.retry = button(_("再试一次"), self._model.sync_now, icon="refresh", hint="F9")
        self.trouble_card = Card(edge="bad")
        safe = label(_("您录入的都好好地存在本机，一条也不会少。可以接着干活。"), "muted", wrap=True)
        self.trouble_card.add(self.trouble_title, self.trouble, safe)
        self.by_stick = button(_("改用 U 盘"), self._by_stick, icon="usb")
        self.trouble_card.add_row(self.retry, self.by_stick, None)
        return self.trouble_card

    def _show_trouble(self, standing: SyncStatus, trouble: str) -> None:
        self.trouble.setText(trouble)
        self.trouble_card.setVisible(bool(trouble))
        self.retry.setVisible(bool(standing.server))
        self.by_stick.setVisible(not standing.revoked)  # the county refuses its sticks as well

    def _other_address(self) -> None:
        self._changing_address = not self._changing_address
        self.join.setVisible(self._changing_address)
        if self._changing_address:
            self.join.server.setFocus()

    def _facts_card(self) -> Card:
        card = Card(_("县服务器"))
        self.server = label("", wrap=True, selectable=True)
        self.device = label("", "strong", selectable=True)
        self.every = choices(_("自动同步"), {minutes: _every(minutes) for minutes in EVERY})
        self.every.setCurrentIndex(max(self.every.findData(pace(self._frame)), 0))
        self.every.activated.connect(lambda _index: self._frame.preferences.keep(PACE, self.every.currentData()))
        for word, part in ((_("地址"), self.server), (_("这台电脑叫"), self.device)):
            card.add(label(word, "muted"), part)
        self.pace = holder(column(label(_("自动同步"), "muted"), self.every))
        self.change = button(_("换地址"), self._other_address, kind="small")
        card.add(self.pace)
        card.add_row(self.change, None)
        return card


def _nothing_yet(standing: SyncStatus) -> str:
    if standing.enrolled and not standing.server:
        return _("还没有交换过。到「U 盘」写一份，交给乡镇或县里。")
    return _("还没有同步过。按 F9 开始第一次。") if standing.enrolled else _("加入县服务器以后，每次同步的结果都记在这里。")


def clock_sentence(offset: int, behind: int = 0) -> str:
    """Return what to do about a clock that is `offset` seconds behind the county's (negative: ahead), or `behind` the latest time on
    record."""
    minutes = round((behind or abs(offset)) / 60)
    away = _("{n} 分钟").format(n=minutes) if minutes < 120 else _("{n} 小时").format(n=round(minutes / 60))
    away = away if minutes < 2880 else _("{n} 天").format(n=round(minutes / 1440))
    text = _("比最近一次登记或同步的时间还早 {away}。") if behind else _("比县里慢 {away}。") if offset > 0 else _("比县里快 {away}。")
    return text.format(away=away) + _("谁的改动有效不看时钟，不会出错；但登记日期会写错。请点屏幕右下角的时间，把日期和时间调准。")


def _line(one: Exchanged) -> QWidget:
    chip = Chip(_("成功"), "good") if one.ok else Chip(_("没有成功"), "warn")
    figures = figures_sentence(one.figures) if one.ok else _("都存在本机，没有丢。")
    head = Flow(chip, label(when(one.at), "strong"), None, label(figures, "small"), spacing=8)
    return holder(column(head, label(_sentence(one), wrap=True, selectable=True), spacing=3, margins=(14, 8, 14, 8)))


def _sentence(one: Exchanged) -> str:
    """The result in the present language. What was stored is in the language of that time."""
    done = ExchangeResult(**{name: value for name, value in one.figures.items() if name in ExchangeResult.__dataclass_fields__})
    if one.ok and done.requests:
        return done.sentence()
    way = one.figures.get("way")  # files read by earlier programs are stored without it
    return took_by(way, done) if one.ok and way else words.shown(one.message)


def figures_sentence(figures: Mapping[str, Any]) -> str:
    """Return the cost of an exchange as text: 用时 3 秒，传了 14 KB."""
    size = int(figures.get("bytes_sent", 0)) + int(figures.get("bytes_received", 0))
    seconds = float(figures.get("seconds", 0))
    spent = _("用时不到 1 秒") if seconds < 1 else _("用时 {n} 秒").format(n=round(seconds))
    amount = _("{n} MB").format(n=f"{size / 2**20:.1f}") if size >= 2**20 else _("{n} KB").format(n=max(1, round(size / 1024)))
    return _("，").join((spent, _("传了 {amount}").format(amount=amount)))


def _every(minutes: int) -> str:
    if not minutes:
        return _("不自动，按 F9 才同步")
    return _("每 {n} 分钟").format(n=minutes) if minutes < 60 else _("每 {n} 小时").format(n=minutes // 60)
