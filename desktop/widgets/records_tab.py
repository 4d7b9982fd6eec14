"""A tab with the list of one kind of record: Enter and F2 open a record in its form, Ins a new one, Del asks before it deletes.

    class WishesTab(RecordsTab[ServiceModel]):
        def __init__(…):
            super().__init__(JobWish.KIND, frame, model, tools, show_form)
            self.table = LedgerTable(…)
            self.listen(_("删除 {n} 条就业需求？"), _("记错了才删除；…"))

Forms are shown by the page, through `show_form`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.record_model import RecordModel
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel, edit_panel
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.marked import marked, who
from desktop.widgets.record_form import RecordForm
from domain import clock
from domain.fields import Kind, Record

_Model = TypeVar("_Model", bound=RecordModel)


class RecordsTab(QWidget, Generic[_Model]):
    """What such tabs have in common; each builds its own `table`."""

    table: LedgerTable

    def __init__(self, kind: Kind, frame: Frame, model: _Model, tools: Tools, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__()
        self._kind, self._frame, self._model, self._tools, self._show_form = kind, frame, model, tools, show_form

    def listen(self, question: str, text: str) -> None:
        """Follow the table; before it deletes, `question` and `text` are asked (`{n}`: how many records)."""
        self.setFocusProxy(self.table)
        for asked in (self.table.opened, self.table.edit_asked):
            asked.connect(lambda id: self._model.edit(self._kind.name, id))
        self.table.ask_to_delete(self._kind.name, question, text, self._model.delete)

    def reload(self) -> None:
        """Look again."""
        self.table.reload()

    def marked(self, otherwise: str) -> list[str]:
        """The records that are marked, else the one under the cursor; where there is none, `otherwise` is said."""
        ids = marked(self.table)
        if not ids:
            self._frame.message(otherwise)
        return ids

    # -- forms --------------------------------------------------------------------------------------

    def change(self) -> None:
        """The form of the record under the cursor."""
        if self.table.current_id():
            self._model.edit(self._kind.name, self.table.current_id())

    def enter(self, title: str, form: RecordForm, *, draft: str, note: str = "") -> FormPanel:
        """The form of a new record."""
        panel = FormPanel(self._frame, title, form, note=note, draft=draft)
        panel.asked.connect(lambda: self._model.save(self._kind.name, form.given()))
        self._show_form(panel)
        return panel

    def correct(self, title: str, form: RecordForm, record: Record, note: str = "") -> FormPanel:
        """The form of a record that is there."""
        panel = edit_panel(self._frame, title, form, record, self._model, note)
        self._show_form(panel)
        return panel

    def ask_end(
        self,
        title: str,
        ids: list[str],
        fields: tuple[str, str],
        end: Callable[[list[str], str, str | None], None],
        *,
        no_day: str,
        note: str = "",
    ) -> None:
        """The form of a day, which is today at first, and a reason; then `end(ids, day, reason)`. Without a day it says `no_day`."""
        form = RecordForm(self._kind, self._tools, fields=fields)
        day, reason = fields
        form.set_values({day: clock.today()})
        panel = FormPanel(self._frame, title.format(who=who(self.table, ids)), form, note=note)

        def asked() -> None:
            values = form.values()
            if values[day] is None:
                panel.refuse(day, no_day)
            else:
                end(ids, values[day], values[reason])

        panel.asked.connect(asked)
        self._show_form(panel)
