"""A card with lines of widgets, or a sentence if there are none.

card = LinesCard(_("每次同步"))
card.fill([_line(one) for one in exchanges], _("还没有同步过。"))
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.widgets.basics import Card, label, rule
from desktop.widgets.layout import clear, column, holder, row, scrolled


class LinesCard(Card):
    """The lines `shown`, with a thin line below each. They scroll within the card, unless `scrolls` is False because the whole page
    does."""

    def __init__(self, title: str, *, scrolls: bool = True) -> None:
        super().__init__(title, padding=0)
        self.shown: Sequence[QWidget] = ()
        self._lines = column(spacing=0)
        if scrolls:
            area = scrolled(holder(column(self._lines, None)))
            area.setAccessibleName(title)
            # a stop of the Tab key as soon as there is more than fits: lines without a button could not be reached by keyboard
            area.verticalScrollBar().rangeChanged.connect(
                lambda _least, most: area.setFocusPolicy(Qt.FocusPolicy.StrongFocus if most else Qt.FocusPolicy.NoFocus)
            )
            self.body.addWidget(area, 1)
        else:
            self.body.addLayout(self._lines)

    def fill(self, lines: Sequence[QWidget], nothing: str = "") -> None:
        """Replace the lines; `nothing` is shown if there are none."""
        clear(self._lines)
        self.shown = lines
        for line in lines:
            self._lines.addWidget(line)
            self._lines.addWidget(rule())
        if nothing and not lines:
            self._lines.addWidget(holder(row(label(nothing, "muted", wrap=True), margins=(14, 12, 14, 12))))
