"""The line below the ID number: what it says about the person, numbers that were probably meant, and who has the number already.

Alt+1 … Alt+5 take a suggestion; or the down key moves to them, Enter takes one and Escape returns to the number.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.register.view_model import IdHelp, State, Suggestion, Twin
from desktop.widgets.basics import Button, label
from desktop.widgets.layout import clear, column, holder, row
from desktop.widgets.spoken import announce
from domain.words import _


class IdStrip(QWidget):
    """Shows what `show_help` and `show_twins` set; hidden while there is nothing to show."""

    chosen = Signal(str)
    """The number of the suggestion that was taken."""
    opened = Signal(str)
    """The id of an existing person to be shown."""
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sentence = label("", "good", wrap=True)
        self.sentence.hide()
        self.suggestions: list[Button] = []
        self._offers = column(spacing=4)
        self._twins = column(spacing=4)
        self.setLayout(column(self.sentence, self._offers, self._twins, spacing=6, margins=(106, 0, 0, 0)))

    def show_help(self, help: IdHelp) -> None:
        """Show what the number says."""
        self.sentence.setText(help.sentence)
        self.sentence.setVisible(bool(help.sentence) and help.state is not State.WRONG)
        self.sentence.setProperty("role", {State.VALID: "good", State.WRONG: "bad"}.get(help.state, "small"))
        theme.style(self.sentence)
        if help.state is State.VALID:  # not after every digit
            announce(self.sentence, help.sentence)
        self._offer(help.suggestions)
        self._update_visible()

    def show_twins(self, twins: Sequence[Twin]) -> None:
        """Show who has the number already and who may be the same person."""
        clear(self._twins)
        for twin in twins:
            open_it = Button(_("打开"), kind="small")
            open_it.setAccessibleName(_("打开 {name}").format(name=twin.name))
            open_it.clicked.connect(lambda _on=False, id=twin.id: self.opened.emit(id))
            text = _("可能已经登记过：{name}") if twin.reasons else _("已经登记过：{name}")
            line = row(label(text.format(name=twin.name), "warn"), label(twin.detail, "small"), None, open_it)
            why = [label(twin.reasons, "small", wrap=True)] if twin.reasons else []
            both = column(line, *why, spacing=2)
            self._twins.addWidget(holder(both, role="notice"))
            both.setContentsMargins(theme.px(10), theme.px(4), theme.px(6), theme.px(4))
        self._has_twins = bool(twins)
        self._update_visible()

    _has_twins = False

    def take(self, number: int) -> None:
        """Take the suggestion with this number, counted from 1, if there is one."""
        if 0 < number <= len(self.suggestions):
            self.suggestions[number - 1].click()

    def focus_first(self) -> bool:
        """Focus the first suggestion; False if there is none."""
        if self.suggestions:
            self.suggestions[0].setFocus(Qt.FocusReason.TabFocusReason)
        return bool(self.suggestions)

    def _offer(self, suggestions: Sequence[Suggestion]) -> None:
        clear(self._offers)
        self.suggestions = []
        if suggestions:
            self._offers.addWidget(label(_("可能是下面的号码（↓ 选择，Enter 确定）："), "small"))
        for n, one in enumerate(suggestions, start=1):
            made = Button(one.number, kind="small", hint=f"Alt {n}")
            made.setAccessibleName(f"{one.number} {one.note}")
            made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that Enter in the number moves on to the name, past the suggestions
            made.clicked.connect(lambda _on=False, number=one.number: self.chosen.emit(number))
            self.suggestions.append(made)
            self._offers.addLayout(row(made, label(one.note, "small"), None, spacing=10))

    def _update_visible(self) -> None:
        self.setVisible(bool(self.suggestions) or self._has_twins or not self.sentence.isHidden())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys move between the suggestions, Escape returns to the number."""
        at = next((n for n, made in enumerate(self.suggestions) if made.hasFocus()), None)
        if event.key() == Qt.Key.Key_Escape or (at == 0 and event.key() == Qt.Key.Key_Up):
            self.dismissed.emit()
        elif at is not None and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self.suggestions[(at + step) % len(self.suggestions)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)
