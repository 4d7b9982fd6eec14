"""Reasons as lines: an icon and wrapped text.

lines = Reasons(_("理由"))
lines.show_reasons([Reason(True, _("具备要求的缝纫")), Reason(None, _("岗位没有写月薪"))], nothing=_("没有提出要求"))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from desktop import icons, theme
from desktop.widgets.basics import label
from desktop.widgets.layout import clear, column, holder, row, scrolled
from domain.words import _

_SIGNS = {True: ("check", "accent"), False: ("x", "bad"), None: ("help", "warn")}
_MILD = ("alert-triangle", "warn")


@dataclass(frozen=True)
class Reason:
    """One reason: for (True), against (False), or (None) not known from the records. One against that is `mild` excludes nothing."""

    met: bool | None
    text: str
    mild: bool = False


class Reasons(QWidget):
    """The lines, which scroll if there is little room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.shown: list[Reason] = []
        self._lines = column(spacing=3, margins=(0, 0, 6, 0))
        self.setLayout(column(scrolled(holder(column(holder(self._lines), None, spacing=0))), spacing=0))

    def show_reasons(self, reasons: Sequence[Reason], nothing: str = "") -> None:
        """Replace the lines; `nothing` is shown if there are none."""
        self.shown = list(reasons)
        clear(self._lines)
        for reason in reasons:
            self._lines.addWidget(reason_line(reason))
        if not reasons and nothing:
            self._lines.addWidget(label(nothing, "small", wrap=True))


def reason_line(reason: Reason) -> QWidget:
    """Return a line with one reason."""
    mild = reason.mild and reason.met is False
    made = marked(*(_MILD if mild else _SIGNS[reason.met]), reason.text)
    spoken = {True: _("满足：{text}"), False: _("不满足：{text}"), None: _("请核实：{text}")}[reason.met]
    made.setAccessibleName((_("与意向不同：{text}") if mild else spoken).format(text=reason.text))
    return made


def marked(icon: str, tint: str, text: str) -> QWidget:
    """Return an icon with wrapped text."""
    sign = QLabel()
    sign.setPixmap(icons.pixmap(icon, tint, 16))
    sign.setFixedWidth(theme.px(18))
    sign.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    sign.setContentsMargins(0, theme.px(2), 0, 0)
    made = holder(row(sign, label(text, wrap=True), spacing=4, shares=(0, 1)))
    made.setAccessibleName(text)
    return made
