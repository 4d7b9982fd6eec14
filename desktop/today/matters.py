"""The full list of warnings, or of doubts about the data: Enter opens the place where one is dealt with, 处置 records that it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from operator import attrgetter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.today.presenting import Matter
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label, menu_of
from desktop.widgets.layout import clear, column, row
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source, View
from desktop.widgets.tabs import ChipBar
from domain.records import Finding
from domain.words import _

ALL = "all"
STATES = ("verified", "false_alarm", "passed_on")
"""What 处置 can record about a warning or doubt; the labels are those of `Finding.state`."""

REPEATED = "E20"
"""The check that finds records entered twice."""


class Matters(QWidget):
    """The list, with a chip for each sort."""

    went = Signal(object)
    """A `Matter` to be opened."""
    settled = Signal(list, str, str)
    """The matters, the state and the reason given."""
    single = Signal()
    """Records entered twice shall be deleted."""
    closed = Signal()

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._frame = frame
        self._matters: dict[str, Matter] = {}
        self._sort = ALL
        self._doubts = False
        self.title = label("", "heading")
        back = button("", self.closed.emit, kind="quiet", icon="chevron-left", name=_("返回今日（Esc）"))
        self._chips = column()
        empty = EmptyState(_("都处理好了"), icon="check")
        self.table = LedgerTable(frame, self._list(doubts=False), key="matters", empty=empty, title=_("预警和疑点"))
        self.deal = button(_("处置"), kind="small", icon="check", writes=True)
        self.repeats = button(_("删去多记的"), self._ask_repeats, kind="small", icon="trash", writes=True)
        self.table.bar.insertWidget(2, self.deal)
        self.table.bar.insertWidget(3, self.repeats)
        self.setLayout(column(row(back, self.title, None), self._chips, self.table, spacing=8))
        menu_of(self.deal, [(f"&{n} {_state(state)}", partial(self.ask, state)) for n, state in enumerate(STATES, start=1)])
        self.table.opened.connect(self._go)

    def show_matters(self, matters: Sequence[Matter], sort: str = "", *, doubts: bool = False) -> None:
        """Show these matters; only those of `sort` if given."""
        self.title.setText(_("数据体检") if doubts else _("预警"))
        if doubts != self._doubts:
            self._doubts = doubts
            self.table.set_source(self._list(doubts=doubts), "doubts" if doubts else "matters")
        self._matters = {matter.key: matter for matter in matters}
        self.repeats.setVisible(any(matter.code == REPEATED for matter in matters))
        counts = Counter(matter.sort for matter in matters)
        self._sort = sort if sort in counts else self._sort if self._sort in counts else ALL
        words = {matter.sort: matter.what for matter in matters}
        clear(self._chips)
        chips = ChipBar({ALL: _("全部"), **words})
        chips.set_count(ALL, len(matters))
        for name, count in counts.items():
            chips.set_count(name, count)
        chips.buttons[self._sort].setChecked(True)
        chips.chosen.connect(self._choose)
        self._chips.addWidget(chips)
        self.table.reload()

    def start(self) -> None:
        """Focus the list and select its first line."""
        self.table.setFocus()
        if self.table.model.ids:
            self.table.select(self.table.model.ids[0])

    def ask(self, state: str) -> None:
        """Ask for a reason and emit `settled` for the selected matters."""
        chosen = [self._matters[key] for key in self.table.selected_ids() or [self.table.current_id()] if key in self._matters]
        if not chosen:
            return
        word = _state(state)
        reason = dialogs.ask_text(self, _("{n} 件：{state}").format(n=len(chosen), state=word), _("说明（可不填）"))
        if reason is not None:
            self.settled.emit(chosen, state, reason)

    def _ask_repeats(self) -> None:
        n = sum(matter.code == REPEATED for matter in self._matters.values())
        text = _(
            "有 {n} 条记录和另一条是同一件事，多半是一份名册在两台电脑上都导入过。"
            "每样留一条，多记的删去，报表就不会重复算。删去以后可以撤销。"
        )
        if dialogs.ask(self, _("删去多记的"), text.format(n=n), yes=_("删去")):
            self.single.emit()

    def _go(self, key: str) -> None:
        if key in self._matters:  # else settled meanwhile, and about to be removed from the list
            self.went.emit(self._matters[key])

    def _choose(self, sort: str) -> None:
        self._sort = sort
        self.table.reload()

    def _list(self, *, doubts: bool) -> Source:
        signs = {"bad": _("急"), "warn": _("要办"), "good": _("可办")}
        tones = {word: tone for tone, word in signs.items()}
        last, wide = (_("怎么改"), 400) if doubts else (_("期限"), 110)
        columns: list[Column[Matter]] = [
            Column("sign", _("轻重"), 80, lambda one: signs[one.tone], style="chip", tones=tones, sortable=False),
            Column("what", _("什么事"), 220, lambda one: one.what, style="strong", sortable=False),
            Column("text", _("内容"), 520, lambda one: "　".join(filter(None, (one.place, one.text))), sortable=False),
            Column("when", last, wide, lambda one: one.when, style="muted", sortable=False),
        ]
        shown = [one for one in columns if not (doubts and one.key == "what")]
        return in_memory(shown, self._lines, attrgetter("key"))

    def _lines(self, _view: View) -> list[Matter]:
        return [one for one in self._matters.values() if self._sort in (ALL, one.sort)]


def _state(state: str) -> str:
    return Finding.KIND.by_name["state"].label_of(state)
