"""The tab 台账和表格: all ledgers and forms by name, each shown as a print preview, from which it is printed or saved as PDF or Excel.

Keys: Enter and Ctrl+P preview the selected one, Ctrl+E writes a ledger as a workbook without a preview.
"""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.reports.view_model import FORM, LAYOUT, LEDGER, Offer, PapersModel, ledger_of, needs, sort_words
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, bind, button
from desktop.widgets.inputs import choices
from desktop.widgets.layout import column
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source, View
from domain import clock
from domain.periods import add_months
from domain.words import _

_MONTHS = 25
"""How many months are offered; older ones are available on the command line."""


class PapersTab(QWidget):
    """The tab; `last` is the present month."""

    def __init__(self, frame: Frame, model: PapersModel, last: str) -> None:
        super().__init__()
        self._frame, self._model = frame, model
        self.offers: dict[str, Offer] = {}
        empty = EmptyState(_("没有叫这个名字的表"), _("换个字试试。"))
        self.table = LedgerTable(
            frame, in_memory(_columns(), self._lines, searched=lambda one: one.title), key="papers", empty=empty, title=_("台账和表格")
        )
        months = [add_months(last, -n) for n in range(_MONTHS)]
        self.month = choices(_("月份"), {"": _("全部月份"), **dict(zip(months, months, strict=True))})
        self.year = choices(_("年度"), {})
        self.year.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)  # else it has the width of the first form's years
        self._years_of = ""
        """The form whose years are listed."""
        self.preview = button(_("预览"), self.show_chosen, kind="primary", icon="printer", hint="Enter")
        self.export = button(_("存为 Excel"), self.export_chosen, icon="file-export", hint="Ctrl E", within=self)
        bind(self, "Ctrl+P", self.show_chosen)  # else the list of their names would be printed
        self.search = self.table.add_search(_("按名称找"), 150)
        self.table.bar.insertWidget(1, self.month)
        self.table.bar.insertWidget(2, self.year)
        self.table.add(self.export, self.preview)
        self.setLayout(column(self.table))
        self.table.opened.connect(lambda _id: self.show_chosen())
        self.table.chosen.connect(lambda _id: self._fit())
        self.table.loaded.connect(lambda _n: self._fit())
        self._fit()

    # -- actions ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Load again when the tab is shown or records changed."""
        self.table.reload()

    def focus(self) -> None:
        """Focus the table."""
        self.table.setFocus()

    def chosen(self) -> Offer | None:
        """The selected ledger or form."""
        return self.offers.get(self.table.current_id())

    def show_chosen(self) -> None:
        """Preview the selected one, after asking for the record it is about, if any."""
        offer = self.chosen()
        if offer is None:
            return
        if not offer.about:
            self._show(offer, "")
            return
        choosing = ChooseRecord(self, self._frame, offer, self._model.records(offer.about))
        if choosing.run() and choosing.id:
            self._show(offer, choosing.id)

    def _show(self, offer: Offer, id: str) -> None:
        """Preview an offer; `id`: the record it is about, if any."""
        month = self._month(offer)
        if offer.sort == FORM:
            of_month = (month or clock.this_month()) if offer.month else None
            self._model.forms.show(self, offer.name, id, month=of_month, year=self._year(offer))
        else:
            self._model.ledgers.show(self, ledger_of(offer, month))

    def export_chosen(self) -> None:
        """Write the selected ledger as a workbook."""
        offer = self.chosen()
        if offer is None:
            return
        if offer.sort == FORM:
            self._frame.message(_("这张表先按 Enter 预览，再存为 PDF、Excel 或 Word。"))
            return
        month = self._month(offer)
        name = dialogs.file_name(f"{offer.title}{month}") + ".xlsx"
        file = dialogs.save_as(self, _("保存到"), name, "(*.xlsx)")
        if file is not None:
            self._model.export(offer, month, file)

    def _lines(self, _view: View) -> list[Offer]:
        self.offers = {offer.id: offer for offer in self._model.offers()}
        return list(self.offers.values())

    def _month(self, offer: Offer) -> str:
        return str(self.month.currentData()) if offer.month else ""

    def _year(self, offer: Offer) -> int | None:
        return self.year.currentData() if offer.year else None

    def _fit(self) -> None:
        """Enable what can be done with the selected one."""
        offer = self.chosen()
        self.month.setEnabled(offer is not None and offer.month)
        yearly = offer is not None and offer.year
        self.month.setVisible(not yearly)
        self.year.setVisible(yearly)
        if offer is not None and yearly and self._years_of != offer.id:
            self._years_of = offer.id
            self.year.clear()
            for year, words in self._model.years(offer).items():
                self.year.addItem(words, year)
        self.export.setEnabled(offer is not None)
        self.preview.setEnabled(offer is not None)


class ChooseRecord(dialogs.Dialog):
    """Asks which record a form is about; `id` is the selected one."""

    def __init__(self, parent: QWidget, frame: Frame, offer: Offer, source: Source, yes: str = "") -> None:
        super().__init__(parent, offer.title)
        self.setMinimumSize(theme.px(680), theme.px(400))
        self.id = ""
        empty = EmptyState(_("还没有可选的记录"), _("这张表由一条记录做成，先把记录登记进来。"))
        self.table = LedgerTable(frame, source, key=f"choose-{offer.about}", empty=empty, title=offer.title)
        self.search = self.table.add_search(_("按姓名或名称找"), 180)
        self.body.addWidget(self.table, 1)
        self.take = self.add_answers(yes or _("预览"))
        self.take.setEnabled(False)
        self.table.chosen.connect(self._chosen)
        self.table.opened.connect(self._take)
        self.table.reload()
        self.table.setFocus()

    def _take(self, id: str) -> None:
        self._chosen(id)
        self.accept()

    def _chosen(self, id: str) -> None:
        self.id = id
        self.take.setEnabled(bool(id))


def _columns() -> list[Column[Offer]]:
    words = sort_words()
    tones = {words[FORM]: "info", words[LAYOUT]: "good", words[LEDGER]: "plain"}
    return [
        Column("title", _("名称"), 300, lambda one: one.title, style="strong", sortable=False),
        Column("sort", _("种类"), 100, lambda one: words[one.sort], style="chip", tones=tones, sortable=False),
        Column("count", _("记录数"), 80, lambda one: one.count, "{:,}".format, right=True, sortable=False),
        Column("needs", _("要选什么"), 180, needs, style="muted", sortable=False),
    ]
