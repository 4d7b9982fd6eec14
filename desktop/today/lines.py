"""The list on 今日: sections of lines, each line with its buttons. The up and down keys move from line to line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme
from desktop.today.presenting import Action, Section, Task
from desktop.widgets.basics import Button, Card, button, label, rule
from desktop.widgets.drawing import smooth_painter
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import clear, column, holder, row
from domain.words import _

_HIGH, _BELOW = 33, 4
"""The height in px of a line with the rule above it, and of the space below the last."""
NAME, TITLE_MOST = 96, 240
"""In px: the width of the column of names, and the most that the title of a line for several matters may take."""


class Mark(QWidget):
    """The coloured bar before a line; its tool tip and accessible name say what the colour means."""

    def __init__(self, tone: str) -> None:
        super().__init__()
        self._tint = theme.EDGES[tone]
        self.setFixedSize(theme.px(4), theme.px(24))
        word = {"bad": _("急"), "warn": _("要办"), "good": _("可办")}[tone]
        self.setAccessibleName(word)
        self.setToolTip(word)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        painter = smooth_painter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(self._tint))
        painter.drawRoundedRect(self.rect(), 2, 2)


class Lines(Card):
    """One card with all sections. `done` is called with the action of a button when it is pressed."""

    def __init__(self, done: Callable[[Action], None]) -> None:
        super().__init__(padding=0)
        self._done = done
        self.buttons: list[list[Button]] = []
        self._keys: list[tuple[str, str, Sequence[Action]]] = []
        """What identifies each line with buttons, so that the focus can return to it after the list is rebuilt."""
        self._inside = column(spacing=0)
        self.body.addLayout(self._inside)
        self.body.addStretch(1)
        self.setAccessibleName(_("今天要办"))

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show these sections; the focus stays on the same line if it still exists."""
        at = self._focused()
        key = self._keys[at[0]] if at is not None else None
        clear(self._inside)
        self.buttons, self._keys = [], []
        for n, section in enumerate(sections):
            if n:
                self._inside.addWidget(rule())
            self._inside.addWidget(_heading(section))
            self._inside.addWidget(self._table(section))
        if at is not None and self.buttons:
            n = self._keys.index(key) if key in self._keys else min(at[0], len(self.buttons) - 1)
            self.buttons[n][min(at[1], len(self.buttons[n]) - 1)].setFocus()

    def _table(self, section: Section) -> QWidget:
        titles = [ElidedLabel(line.title, "strong", stretch=0) for line in section.lines]
        inside = column(spacing=0, margins=(9, 0, 12, _BELOW))
        for line, title in zip(section.lines, titles, strict=True):
            inside.addWidget(rule())
            inside.addWidget(self._line(line, title, section))
        inside.addStretch(1)
        kept = row(inside, shares=(1,))
        if section.room:
            kept.addStrut(theme.px(section.room * _HIGH + _BELOW))
        made = holder(kept)
        made.ensurePolished()  # so that titles are measured in the bold font of the style sheet
        for title in titles:
            _fit(title)
        return made

    def _line(self, line: Task, title: ElidedLabel, section: Section) -> QWidget:
        when = label(line.when, "muted")
        when.setAlignment(theme.RIGHT)
        buttons = [self._button(action, line) for action in line.actions]
        if buttons:
            self.buttons.append(buttons)
            self._keys.append((section.title, line.title, line.actions))
        parts = row(Mark(line.tone), title, 4, ElidedLabel(line.text, "muted"), when, row(*buttons, spacing=6), spacing=10)
        made = holder(parts)
        made.setMinimumHeight(theme.px(_HIGH - 1))
        return made

    def _button(self, action: Action, line: Task) -> Button:
        made = button(action.word, lambda: self._done(action), kind="small", writes=bool(action.act))
        made.setAccessibleName("　".join(part for part in (action.word, line.title, line.text, line.when) if part))
        made.setMinimumWidth(theme.px(56))
        return made

    def _focused(self) -> tuple[int, int] | None:
        """The line and the button in it that have the focus."""
        found = ((n, m) for n, line in enumerate(self.buttons) for m, made in enumerate(line) if made.hasFocus())
        return next(found, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down move between lines, left and right within one."""
        at = self._focused()
        steps = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        if at is not None and Qt.Key(event.key()) in steps:
            down, right = steps[Qt.Key(event.key())]
            line = self.buttons[(at[0] + down) % len(self.buttons)]
            line[(at[1] + right) % len(line) if right else min(at[1], len(line) - 1)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)


def _fit(title: ElidedLabel) -> None:
    """Set the width of a title: names share one column; a longer title takes room from the text after it."""
    title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
    title.setFixedWidth(min(max(title.sizeHint().width(), theme.px(NAME)), theme.px(TITLE_MOST)))


def _heading(section: Section) -> QWidget:
    head = holder(row(label(section.title, "heading"), None, label(section.note, "small"), margins=(15, 0, 14, 0)))
    head.setFixedHeight(theme.px(41))
    return head
