"""The menu 列表 of a list: printing, saving, sorting, choosing columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from domain.words import _

if TYPE_CHECKING:
    from desktop.widgets.ledger_table import LedgerTable


class ListMenu(QMenu):
    """Filled for the present state of the list each time it is opened."""

    def __init__(self, table: LedgerTable) -> None:
        super().__init__(table)
        self._table = table
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Add what can be done with the list now."""
        table, model = self._table, self._table.model
        self.clear()
        for old in self.findChildren(QMenu):
            old.deleteLater()
        for word, call in ((_("打印这个名单…\tCtrl+P"), table.print), (_("存为 Excel…\tCtrl+E"), table.save)):
            one = self.addAction(word)
            one.setEnabled(bool(model.ids))
            one.triggered.connect(lambda _on=False, call=call: call())
        self.addSeparator()
        orders = self.addMenu(_("排序"))
        for n, made in enumerate(model.columns):
            if made.sortable:
                _tick(orders, made.title, on=made.key == table.view.order).triggered.connect(lambda _on=False, n=n: table.sort(n))
        self.addSeparator()
        shown = {made.key for made in model.columns}
        for made in table.offered:
            _tick(self, made.title, on=made.key in shown).toggled.connect(lambda on, key=made.key: table.show_column(key, on))


def _tick(menu: QMenu, word: str, *, on: bool) -> QAction:
    made = menu.addAction(word)
    made.setCheckable(True)
    made.setChecked(on)
    return made
