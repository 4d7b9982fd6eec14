"""Details of one row of a roster: issues with advice, and its changes cell by cell."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from desktop.importing.advice import advice
from desktop.importing.preview import Detail, Made, outcome_chips
from desktop.widgets.basics import Card, Chip, button, label, rule
from desktop.widgets.flow import Flow
from desktop.widgets.layout import clear, column, grid, holder, row, scrolled
from domain.words import _
from services.importing.plan import Issue, Level

_TONES = {Level.REFUSED: "bad", Level.QUESTION: "warn", Level.WARNING: "muted", Level.REPAIR: "muted"}


class DetailPanel(Card):
    """The selected row. `answered`: 收下 (True) or 不收."""

    answered = Signal(bool)

    def __init__(self) -> None:
        super().__init__(padding=0)
        self._content = column(spacing=8, margins=(14, 12, 14, 12))
        self.take = button(_("收下"), lambda: self.answered.emit(True), hint="1")
        self.leave = button(_("不收"), lambda: self.answered.emit(False), hint="2")
        self.question = label("", "muted", wrap=True)
        self.answer = holder(column(rule(), self.question, row(self.take, self.leave, None), margins=(14, 0, 14, 12)))
        area = scrolled(holder(column(self._content, None)))
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that the arrow keys scroll it
        self.body.addWidget(area, 1)
        self.body.addWidget(self.answer)
        self.setAccessibleName(_("这一行"))
        self.show_detail(None)

    def show_detail(self, detail: Detail | None) -> None:
        """Show another row; None if none is selected."""
        clear(self._content)
        self.answer.setVisible(detail is not None and detail.asks)
        if detail is None:
            self._content.addWidget(label(_("在左边选一行，这里看明细。"), "muted", wrap=True))
            return
        word, tone = outcome_chips()[detail.outcome]
        self._content.addLayout(row(label(detail.heading, "heading", wrap=True), Chip(word, tone), None))
        for issue in detail.issues:
            self._content.addWidget(_issue(issue))
        for made in detail.made:
            self._content.addWidget(rule())
            self._content.addWidget(_cells(made))
        if not detail.issues and not detail.made:
            self._content.addWidget(label(_("和库里一样，导入不会改动什么。"), "muted", wrap=True))
        self._show_answer(kept=detail.kept)

    def _show_answer(self, *, kept: bool) -> None:
        self.question.setText(_("已收下，导入时写进去。") if kept else _("现在不收。您核对过没有错，就按「收下」。"))
        for one, chosen in ((self.take, kept), (self.leave, not kept)):
            one.setCheckable(True)
            one.setChecked(chosen)


def _issue(issue: Issue) -> QWidget:
    """The issue: its level, column, value, message and, if the row is not imported for it, advice."""
    tone = _TONES[issue.level]
    words = {Level.REFUSED: _("拒收"), Level.QUESTION: _("疑点"), Level.WARNING: _("提醒"), Level.REPAIR: _("已改正")}
    value = label(issue.value, "muted", selectable=True)
    head = Flow(label(words[issue.level], tone), label(issue.column, "strong"), value, spacing=8)
    parts: list[QWidget] = [holder(head), label(issue.message, wrap=True, selectable=True)]
    if issue.level in (Level.REFUSED, Level.QUESTION):
        parts.append(label(advice(issue.code), "muted", wrap=True))
    return holder(column(*parts, spacing=2))


def _cells(made: Made) -> QWidget:
    table = grid(across=12, down=2, shares=(2, 3))
    table.addWidget(label(made.title, "strong", wrap=True), 0, 0, 1, 2)
    for n, (name, old, new) in enumerate(made.cells, 1):
        table.addWidget(label(name, "muted", wrap=True), n, 0)
        table.addWidget(_change(old, new, changed=made.tone == "info"), n, 1)
    return holder(table)


def _change(old: str, new: str, *, changed: bool) -> QLabel:
    text = f"{old or _('（空）')} → {new or _('（空）')}" if changed else new
    return label(text, "strong" if changed else "", wrap=True, selectable=True)
