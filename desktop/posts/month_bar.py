"""The month shown, with a key to the one before and the one after."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.posts.month_model import MonthModel
from desktop.widgets.basics import bind, button, label
from desktop.widgets.layout import row
from domain.words import _


class MonthBar(QWidget):
    """Alt+PgUp and Alt+PgDn go to another month, unless something typed waits to be saved."""

    def __init__(self, frame: Frame, model: MonthModel) -> None:
        super().__init__()
        self._frame, self._model = frame, model
        self.month = label("", "strong")
        before = button("", lambda: self.step(-1), kind="quiet", icon="chevron-left")
        after = button("", lambda: self.step(1), kind="quiet", icon="chevron-right")
        for one, word in ((before, _("上个月　Alt＋PgUp")), (after, _("下个月　Alt＋PgDn"))):
            one.setToolTip(word)
            one.setAccessibleName(word)
        self.setLayout(row(before, self.month, after))
        model.shown.connect(self._show)
        self._show()

    def bind_to(self, tab: QWidget) -> None:
        """The keys work while the tab is shown."""
        bind(tab, "Alt+PgUp", lambda: self.step(-1))
        bind(tab, "Alt+PgDown", lambda: self.step(1))

    def step(self, months: int) -> None:
        """Another month."""
        if self._model.dirty:
            self._frame.message(_("这个月的考勤还没有保存。请先按 Ctrl＋S 保存，再看别的月。"))
        else:
            self._model.step(months)

    def _show(self) -> None:
        year, _dash, month = self._model.month.partition("-")
        self.month.setText(_("{year} 年 {month} 月").format(year=year, month=int(month)))
