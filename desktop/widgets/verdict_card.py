"""Verdict cards: what one measure means for a person or a worker, in words that can be read out to them.

cards = VerdictCards(_("还没有可以判定的事实…"), file, open_claim)      called with a VerdictShown, and the id of a claim
cards.show_verdicts(found)                   # Verdicts, made by desktop/wiring/verdicts.py
cards.show_waiting()                         while they are being judged
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.widgets.basics import Card, Chip, button, label
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import clear, column, holder, row
from desktop.widgets.reasons import Reason, marked, reason_line
from domain.policy.leads import Lead
from domain.words import _


@dataclass(frozen=True)
class VerdictShown:
    """A verdict as text. `about`: the worker, on an employer's card; `amount`: "" if there is none."""

    rule: str
    year: int
    person_id: str
    employer_id: str
    record_id: str
    name: str
    article: str
    about: str
    outcome: str
    tone: str
    amount: str = ""
    conditions: Sequence[Reason] = ()
    missing: Sequence[str] = ()
    fund: str = ""
    clause: str = ""
    notes: Sequence[str] = ()
    claim_id: str = ""
    claim_state: str = ""
    can_file: bool = False


@dataclass(frozen=True)
class Verdicts:
    """The verdicts and leads of one person or employer."""

    verdicts: Sequence[VerdictShown]
    leads: Sequence[Lead] = ()
    over: str = ""
    """The last day of the policies in use, if all have expired."""


File = Callable[[VerdictShown], object]


class VerdictCard(Card):
    """The card of one measure."""

    def __init__(self, shown: VerdictShown, file: File, open_claim: Callable[[str], None]) -> None:
        super().__init__(edge=theme.EDGES[shown.tone])
        self.shown = shown
        self.setAccessibleName(_("{name}：{outcome}").format(name=shown.name, outcome=shown.outcome))
        title = ElidedLabel(f"{shown.name}　{shown.about}" if shown.about else shown.name, "strong")
        self.add_row(title, Chip(shown.outcome, shown.tone))
        what = [shown.article, _("{year} 年").format(year=shown.year)]
        self.read = button(_("看条文"), self._toggle_clause, kind="link", name=_("看条文：{name}").format(name=shown.name))
        self.go = self.read
        self.add_row(label("　".join(what), "small"), None, label(shown.amount, "good"), *self._next_step(file))
        self.add(*map(reason_line, shown.conditions))
        if shown.missing:
            self.add(marked("alert-triangle", "warn", _("还缺：{what}").format(what=_("、").join(shown.missing))))
        for note in (_("资金：{fund}").format(fund=shown.fund) if shown.fund else "", *shown.notes):
            if note:
                self.add(label(note, "small", wrap=True))
        self._foot(open_claim)

    def _next_step(self, file: File) -> list[QWidget]:
        """The button 申请, which stays in sight above long reasons."""
        shown = self.shown
        if shown.claim_id or not shown.can_file:
            return []
        self.go = button(_("申请"), lambda: file(shown), kind="primary", writes=True, name=_("申请{name}").format(name=shown.name))
        return [self.go]

    def _foot(self, open_claim: Callable[[str], None]) -> None:
        shown = self.shown
        self.clause = label(shown.clause, "small", wrap=True, selectable=True)
        self.clause.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.clause.hide()
        if not shown.clause:  # only hide it: setVisible(True) before the card has a parent would open it as a window
            self.read.hide()
        line = row(self.read, None)
        if shown.claim_id:
            self.go = button(_("看申请（{state}）").format(state=shown.claim_state), lambda: open_claim(shown.claim_id))
            line.addWidget(self.go)
        self.add(line)
        self.add(self.clause)

    def _toggle_clause(self) -> None:
        shown = self.clause.isHidden()
        self.clause.setVisible(shown)
        self.read.setText(_("收起条文") if shown else _("看条文"))


class VerdictCards(QWidget):
    """The cards, one below the other; a sentence while they are being judged, or if there is nothing to judge."""

    def __init__(self, nothing: str, file: File, open_claim: Callable[[str], None]) -> None:
        super().__init__()
        self._card = partial(VerdictCard, file=file, open_claim=open_claim)
        self._nothing, self._wanted = nothing, ""
        self._lines = column(spacing=10)
        self.setLayout(self._lines)
        self.cards: list[VerdictCard] = []

    def show_waiting(self) -> None:
        """Show that judging is in progress."""
        self._begin()
        self._say(_("正在按政策判定…"))

    def want(self, rule: str) -> None:
        """Focus the button of a rule's card as soon as the card is shown, which may be below the visible part."""
        self._wanted = rule

    def show_verdicts(self, found: Verdicts) -> None:
        """Show other cards; the focus stays with the same measure."""
        on = next((card.shown.rule for card in self.cards if card.go.hasFocus()), "")
        wanted, self._wanted = self._wanted or on, ""
        self._begin()
        for shown in found.verdicts:
            card = self._card(shown)
            self.cards.append(card)
            self._lines.addWidget(card)
        if not found.verdicts:
            over = _("在用的文件到 {day} 都已到期，这以前没有可以判定的。务工、工资、培训照常登记；县里下发新文件，这里再判定。")
            self._say(over.format(day=found.over) if found.over else self._nothing)
        if found.leads:
            self._lines.addWidget(_leads(found.leads))
        self._lay_out()
        go = next((card.go for card in self.cards if card.shown.rule == wanted), None)
        if go is not None and self.isVisible():
            go.setFocus()

    def _lay_out(self) -> None:
        """Activate the layouts up to the scroll area at once; otherwise all cards would first be painted as thin bars."""
        place: QWidget | None = self
        while place is not None and (lines := place.layout()) is not None:
            lines.activate()
            place = place.parentWidget()

    def _begin(self) -> None:
        self.cards = []
        clear(self._lines)

    def _say(self, text: str) -> None:
        quiet = Card()
        quiet.add(label(text, "muted", wrap=True))
        self._lines.addWidget(quiet)


def _leads(leads: Sequence[Lead]) -> QWidget:
    made = Card(_("可能享受的政策"), note=_("不计算，请咨询"))
    made.add(*(column(label(f"{_(lead.policy)}{lead.article}"), label(_(lead.text), "small", wrap=True), spacing=1) for lead in leads))
    return holder(column(made, spacing=0))
