"""待确认的变更: changes to fields that decide who is paid, which a second person has to confirm.

F7 confirms, F8 objects, Enter opens the person.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.township.view_model import TownshipModel
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.layout import column, row
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, View
from domain import divisions
from domain.authors import laptop
from domain.words import _
from services import key_changes
from services.key_changes import UnconfirmedChange

MOST_LISTED = 6


class ChangesPanel(QWidget):
    """The list of changes, with buttons to confirm them or to object."""

    opened = Signal(str)
    closed = Signal()

    def __init__(self, frame: Frame, model: TownshipModel) -> None:
        super().__init__()
        self._frame, self._model, self._area = frame, model, ""
        self._lines: dict[str, UnconfirmedChange] = {}
        self.title = label("", "heading")
        meaning = label(_("改了马上生效，钱按新的发。请打电话或上门核实后确认；谁改的谁不能确认。"), "small", wrap=True)
        what = _("姓名、证件号码、账号、死亡日期、人员类别改过、还没有人核实的，会列在这里。")
        empty = EmptyState(_("没有待确认的变更"), what, icon="checks")
        self.table = LedgerTable(frame, in_memory(_columns(), self._listed), key="key-changes", empty=empty, title=_("待确认的变更"))
        self.table.add(button(_("有异议…"), self._dispute, hint="F8", within=self, writes=True), rows=True)
        self.table.add(button(_("确认"), self._confirm, kind="primary", hint="F7", within=self, writes=True), rows=True)
        self.table.opened.connect(self._open)
        back = button(_("返回"), self.closed.emit, hint="Esc", within=self)
        self.setLayout(column(row(self.title, None, back), meaning, self.table, spacing=6))
        self.setFocusProxy(self.table)
        model.recorded.connect(self._recorded)

    def show_area(self, area: str, name: str) -> None:
        """List the changes that wait in an area."""
        self._area = area
        self.title.setText("　".join((name, _("待确认的变更"))))
        self.table.reload()

    def _listed(self, _view: View) -> list[UnconfirmedChange]:
        self._lines = {line.id: line for line in self._model.changes(self._area)}
        return list(self._lines.values())

    def _confirm(self) -> None:
        ids = self._chosen()
        text = "\n".join((self._words(ids), _("确认您已核实，新的内容是对的。")))
        if ids and dialogs.ask(self, _("确认 {n} 处变更").format(n=len(ids)), text, yes=_("确认")):
            self._model.say(ids, "confirm", "")

    def _dispute(self) -> None:
        ids = self._chosen()
        question = "\n".join((self._words(ids), _("哪里有疑问（对方会看到，不要写号码）")))
        reason = dialogs.ask_text(self, _("有异议：{n} 处").format(n=len(ids)), question) if ids else None
        if reason:
            self._model.say(ids, "dispute", reason)

    def _words(self, ids: Sequence[str]) -> str:
        """The changes being decided as text, so that nothing is confirmed unseen; only the first of many."""
        text, listed = _("{name}　{field}：{old} → {new}"), [self._lines[id] for id in ids[:MOST_LISTED]]
        lines = [text.format(name=one.name, field=one.label(), old=one.shown()[0], new=one.shown()[1]) for one in listed]
        return "\n".join([*lines, _("……")] if len(ids) > MOST_LISTED else lines)

    def _open(self, id: str) -> None:
        if id in self._lines:  # else decided meanwhile, and about to be removed from the list
            self.opened.emit(self._lines[id].pending.event.person_id)

    def _chosen(self) -> list[str]:
        ids = [id for id in self.table.marked() if id in self._lines]
        if not ids:
            self._frame.message(_("请先选中要确认的变更，按住 Ctrl 可选几处，Ctrl+A 全选。"))
        return ids

    def _recorded(self, count: int) -> None:
        self._frame.message(_("已记下 {n} 处，同步后各站知道").format(n=count), undo=True)
        self.table.reload()


def _note(one: UnconfirmedChange) -> str:
    pending = one.pending
    against = _("{who}：{why}").format(who=pending.disputed_by, why=pending.dispute) if pending.dispute else ""
    return _("；").join(filter(None, (pending.reason, against)))


def _columns() -> list[Column[UnconfirmedChange]]:
    return [
        Column("name", _("姓名"), 84, lambda one: one.name, style="strong", sortable=False),
        Column("village", _("村"), 96, lambda one: divisions.called(one.village), sortable=False),
        Column("field", _("改了什么"), 96, lambda one: one.label(), sortable=False),
        Column("old", _("原来"), 136, lambda one: one.shown()[0], sortable=False),
        Column("new", _("改为"), 136, lambda one: one.shown()[1], sortable=False),
        Column("who", _("谁"), 76, lambda one: one.pending.event.name, sortable=False),
        Column("day", _("哪天"), 96, lambda one: key_changes.day(one.pending.event.at), sortable=False),
        Column("note", _("原因、异议"), 200, _note, sortable=False),
        Column("device", _("电脑"), 168, lambda one: laptop(one.pending.event.station), sortable=False),
    ]
