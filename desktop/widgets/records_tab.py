"""A tab with the list of one kind of record: Enter and F2 open a record's form, Ins a new one, which is selected once
it is saved, Del deletes after asking.

    class WishesTab(RecordsTab[ServiceModel]):
        kind, fields, changing = JobWish.KIND, FIELDS, N_("修改就业需求")

        def __init__(…):
            super().__init__(frame, model, tools, show_form)
            self.table = LedgerTable(…)
            self.listen(_("删除 {n} 条就业需求？"), _("记错了才删除；…"))

The page shows the forms, through `show_form`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.view_model import RecordModel
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel, edit_panel
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.record_form import RecordForm
from domain import clock
from domain.fields import Kind, Record
from domain.words import _

_Model = TypeVar("_Model", bound=RecordModel)


class RecordsTab(QWidget, Generic[_Model]):
    """The base class of such tabs; each builds its own `table`."""

    kind: Kind
    fields: Sequence[str] = ()
    """Fields of its forms; () for all."""
    fixed: Sequence[str] = ()
    """Fields that cannot be changed in an existing record."""
    changing: str
    """Title of the form of an existing record."""
    note = ""
    """Text above its forms."""
    table: LedgerTable

    def __init__(self, frame: Frame, model: _Model, tools: Tools, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__()
        self._frame, self._model, self._tools, self._show_form = frame, model, tools, show_form

    def listen(self, question: str, text: str) -> None:
        """Connect the table; before deleting, `question` and `text` are asked (`{n}`: the number of records)."""
        self.setFocusProxy(self.table)
        for asked in (self.table.opened, self.table.edit_asked):
            asked.connect(lambda id: self._model.edit(self.kind.name, id))
        self.table.ask_to_delete(self.kind.name, question, text, self._model.delete)
        self._model.added.connect(self.table.want)

    def reload(self) -> None:
        """Load again."""
        self.table.reload()

    def marked(self, otherwise: str) -> list[str]:
        """Return the selected records, or else the current one; if there is none, show the message `otherwise`."""
        ids = self.table.marked()
        if not ids:
            self._frame.message(otherwise)
        return ids

    def _who(self, ids: Sequence[str]) -> str:
        """The name of a single record, or the number of several, for the title of a form."""
        first = self.table.model.row(self.table.model.line_of(ids[0])) if len(ids) == 1 else None
        return (first or {}).get("name") or _("{n} 人").format(n=len(ids))

    # -- forms --------------------------------------------------------------------------------------

    def change(self) -> None:
        """Show the form of the current record."""
        if self.table.current_id():
            self._model.edit(self.kind.name, self.table.current_id())

    def form(self, values: Mapping[str, Any], *fields: str) -> RecordForm:
        """Return a form with these values, with other fields if given."""
        made = RecordForm(self.kind, self._tools, fields=fields or self.fields, columns=2)
        made.set_values(values)
        return made

    def enter(self, title: str, values: Mapping[str, Any], *, draft: str, note: str = "") -> FormPanel:
        """Show the form of a new record with these initial values."""
        form = self.form(values)
        panel = FormPanel(self._frame, title, form, note=note or self._note(), draft=draft)
        panel.asked.connect(lambda: self._model.save(self.kind.name, form.given()))
        self._show_form(panel)
        return panel

    def show_record(self, record: Record) -> FormPanel:
        """Show the form of a loaded record."""
        return self.correct(record, *self.fields)

    def correct(self, record: Record, *fields: str) -> FormPanel:
        """Show the form of a loaded record with these fields."""
        form = self.form({}, *fields)
        for name in self.fixed:
            form.editors[name].setEnabled(False)
        panel = edit_panel(self._frame, _(self.changing), form, record, self._model, self._note())
        self._show_form(panel)
        return panel

    def _note(self) -> str:
        return _(self.note) if self.note else ""

    def ask_end(
        self,
        title: str,
        ids: list[str],
        fields: tuple[str, str],
        end: Callable[[list[str], str, str | None], None],
        *,
        no_day: str,
        note: str = "",
        on: str = "",
        reason: str = "",
    ) -> None:
        """Show a form for a day (`on`, or else today) and a reason, then call `end(ids, day, reason)`. Without a day the field shows
        `no_day`; where a `reason` is proposed, one must be given."""
        form = RecordForm(self.kind, self._tools, fields=fields)
        day, why = fields
        form.set_values({day: on or clock.today(), why: reason or None})
        panel = FormPanel(self._frame, title.format(who=self._who(ids)), form, note=note)

        def asked() -> None:
            values = form.values()
            if values[day] is None:
                panel.refuse(day, no_day)
            elif reason and values[why] is None:
                panel.refuse(why, _("请填写"))
            else:
                end(ids, values[day], values[why])

        panel.asked.connect(asked)
        self._show_form(panel)
