"""A month or another period, between buttons for the previous and the next one.

month = Stepper(tab, model.step)      Alt+PgUp and Alt+PgDn do the same within `tab`
month.show_month("2026-10")
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop.widgets.basics import bind, button
from desktop.widgets.layout import row
from desktop.widgets.spoken import live_label
from domain.words import _


class Stepper(QWidget):
    """The name and the buttons, which call `step(-1)` or `step(1)`. `words`: labels of the two buttons, if they do not change the month."""

    def __init__(self, within: QWidget, step: Callable[[int], object], words: tuple[str, str] = ("", "")) -> None:
        super().__init__()
        self.name = live_label("strong", wrap=False)
        self.before = button("", lambda: step(-1), kind="quiet", icon="chevron-left")
        self.after = button("", lambda: step(1), kind="quiet", icon="chevron-right")
        labels = words if all(words) else (_("上个月　Alt＋PgUp"), _("下个月　Alt＋PgDn"))
        for one, word in zip((self.before, self.after), labels, strict=True):
            one.setToolTip(word)
            one.setAccessibleName(word)
        self.setLayout(row(self.before, self.name, self.after, spacing=8))
        bind(within, "Alt+PgUp", lambda: step(-1))
        bind(within, "Alt+PgDown", lambda: step(1))

    def show_month(self, month: str) -> None:
        """Show the name of a month (`2026-10`)."""
        self.name.setText(_("{year} 年 {month} 月").format(year=month[:4], month=int(month[5:])))
