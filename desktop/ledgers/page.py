"""The page 台账: record kinds at the left, the list and the form of the chosen kind at the right, built from the declarations; and the
dialog that shows a record's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QSplitter, QTableWidget, QWidget

from desktop import theme
from desktop.ledgers.view_model import LedgerModel
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.widgets import dialogs, writing
from desktop.widgets.basics import Card, EmptyState, button
from desktop.widgets.dialogs import Dialog
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.record_form import RecordForm
from desktop.widgets.rows_view import fixed_table
from desktop.wiring.forms import form_tools
from desktop.wiring.lists import groups
from domain.authors import laptop
from domain.clock import when
from domain.fields import Kind, Record
from domain.words import _
from services.history import Line

LEAST, WIDEST = 380, 580
"""In px at 100 % text size: minimum and maximum width of the form."""


class RecordPanel(FormPanel):
    """The form of a record, or one for a new record, in which `values` are proposed."""

    history_asked = Signal()
    delete_asked = Signal()

    def __init__(self, frame: Frame, tools: Tools, kind: Kind, record: Record | None, values: Mapping[str, Any]) -> None:
        form = RecordForm(kind, tools)
        title = (_("修改{kind}") if record is not None else _("新增{kind}")).format(kind=_(kind.label))
        self.id = record.id if record is not None else ""
        # an existing record has one draft, shared by all pages
        super().__init__(frame, title, form, draft=f"{kind.name}:{self.id}" if self.id else f"ledger:{kind.name}:")
        if record is not None:
            form.set_record(record)
        else:
            form.set_values({f.name: f.default for f in kind.fields if not f.required} | dict(values))

    def lay_out(self, title: QLabel, *more: tuple[str, RecordForm]) -> None:
        """Lay out as a column beside the list, with the buttons above as on other pages."""
        title.setWordWrap(True)
        area = scrolled(holder(column(self.forms[0])))
        card = Card(padding=14)
        card.add(row(title, None, self.back, self.save_button, spacing=10), self.found, self.error)
        card.body.addWidget(area, 1)
        if self.id:
            history = button(_("修改记录"), self.history_asked.emit, kind="small", icon="history", hint="F4", within=self)
            delete = button(_("删除"), self.delete_asked.emit, kind="small", icon="trash", writes=True)
            card.add(row(history, delete, None))
        self.setLayout(column(card))
        # wide enough for the form and its scroll bar, so that it never scrolls sideways; English labels need more
        edges = card.body.contentsMargins().left() + card.body.contentsMargins().right() + theme.px(4)
        needed = self.forms[0].minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width() + edges
        self.setMinimumWidth(max(theme.px(LEAST), min(needed, theme.px(WIDEST))))


def show_history(parent: QWidget, steps: Sequence[Line]) -> int | None:
    """Show all changes, newest first. Returns the act that the user wants to undo as a whole, chosen by one of its changes, or None: a
    mistake made to a whole list may be noticed long after in one of its records."""
    dialog, newest = Dialog(parent, _("修改记录")), steps[::-1]
    dialog.setMinimumSize(theme.px(760), theme.px(420))
    table = history_table(steps)
    dialog.body.addWidget(table, 1)
    chosen: list[int | None] = []
    if any(step.act for step in steps) and not writing.why_not():
        back = dialog.add_button(_("撤销这一次（连同一起改的）"), accept=True)
        back.clicked.connect(lambda: chosen.append(newest[table.currentRow()].act))
        table.currentCellChanged.connect(lambda row, *_rest: back.setEnabled(row >= 0 and newest[row].act is not None))
        table.setCurrentCell(0, 0)
    dialog.add_button(_("关闭"), accept=False, kind="primary").setFocus()
    return chosen[0] if dialog.run() and chosen else None


def history_table(steps: Sequence[Line]) -> QTableWidget:
    """Return the table of changes, newest first."""
    lines = [(when(one.at), f"{one.by}　{laptop(one.device)}", one.what, one.old, one.new, one.deed) for one in reversed(steps)]
    table = fixed_table(_("修改记录"), [_("时间"), _("谁"), _("项目"), _("原来"), _("改成"), _("怎么来的")], lines)
    table.resizeColumnsToContents()
    return table


BIN = "\0bin"
_NAME = Qt.ItemDataRole.UserRole
NARROW, VERY_NARROW = 1180, 640
"""Below these widths of the page (px at 100 % text size) an open form replaces the list, and the list of kinds too."""


class LedgersPage(Page):
    """The list of kinds, the list of records, the form, and the recycle bin."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("台账"))
        self.model, self._tools = self.own(LedgerModel(frame, station)), form_tools(frame, station)
        self.kinds = self._kind_list()
        self.new_button = button(_("新增"), self.new, kind="primary", icon="plus", hint="Ins", within=self, writes=True)
        self.export_button = button(_("导出"), self._export, icon="file-export")
        self.header.add(self.export_button, self.new_button)
        self.first_button = button(_("新增一条"), self.new, writes=True)
        self.empty = EmptyState(_("这个台账还没有记录"), "", self.first_button)
        kind = self.model.kind
        self.table = LedgerTable(frame, self.model.source(kind.name), key=kind.name, empty=self.empty, title=_(kind.label))
        self.search = self.table.add_search(_("在这个台账里找"), 160)
        self.bin = self._bin_table(frame)
        self.panel: RecordPanel | None = None
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        left = holder(column(self.table, self.bin, spacing=0))
        self.splitter.addWidget(left)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setChildrenCollapsible(False)
        self._list_side = left
        self.body.addLayout(row(self.kinds, self.splitter, spacing=12), 1)
        self._connect()
        self._shown = False

    # -- parts ------------------------------------------------------------------------------------

    def _kind_list(self) -> QListWidget:
        kinds = QListWidget()
        kinds.setFixedWidth(theme.px(176))
        kinds.setAccessibleName(_("台账种类"))
        for word, members in groups().items():
            heading = QListWidgetItem(word)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setFont(theme.font(12.5))
            heading.setForeground(theme.colour("muted"))
            heading.setSizeHint(QSize(0, theme.px(30)))
            kinds.addItem(heading)
            for kind in members:
                _add(kinds, _(kind.label), kind.name)
        _add(kinds, _("回收站"), BIN)
        return kinds

    def _bin_table(self, frame: Frame) -> LedgerTable:
        empty = EmptyState(_("回收站是空的"), _("删除的记录会留在这里，随时可以找回。"), icon="trash")
        table = LedgerTable(frame, self.model.bin_source(), key="bin", empty=empty, title=_("回收站"))
        self.restore_button = button(_("找回"), lambda: self._restore(table.current_id()), icon="arrow-back-up", kind="small", writes=True)
        table.bar.insertWidget(1, self.restore_button)
        table.opened.connect(self._restore)
        table.hide()
        return table

    def _connect(self) -> None:
        model, table = self.model, self.table
        self.kinds.currentItemChanged.connect(self._kind_chosen)
        table.opened.connect(self._edit)
        table.edit_asked.connect(self._edit)
        table.delete_asked.connect(self._delete)
        model.kind_changed.connect(self._show_kind)
        model.record_found.connect(self._show_form)
        model.changed.connect(self._close_form)
        model.changed.connect(self.refresh)
        model.saved.connect(self._saved)
        model.history_found.connect(self._show_history)
        model.undo_question_found.connect(self._take_back)
        model.failed.connect(self._failed)

    def _show_history(self, steps: Sequence[Line]) -> None:
        act = show_history(self, steps)
        if act is not None:
            self.model.ask_undo(act)

    def _take_back(self, act: int, text: str) -> None:
        if dialogs.ask(self, _("撤销这一次？"), text, yes=_("撤销"), danger=True) and self._may_close():  # undoing closes the form
            self.model.take_back(act)

    # -- actions ----------------------------------------------------------------------------------

    def opened(self, **args: object) -> None:
        """Show a kind (`kind=`), one of its records (`id=`), an empty form (`new=True`, with `values=` in it), or what was
        shown before."""
        kind = str(args.get("kind") or self.model.kind.name)
        if args.get("kind") or not self._shown:
            self._shown = True
            self._choose(kind)
        if args.get("id"):
            self._edit(str(args["id"]))
        elif args.get("new"):
            self.new(args.get("values"))
        elif self.panel is None:
            self.kinds.setFocus()

    def refresh(self) -> None:
        """Load again, since records changed."""
        (self.bin if self.bin.isVisibleTo(self) else self.table).reload()

    def can_leave(self) -> bool:
        """Leaving loses nothing: unsaved input is stored as a draft."""
        if self.panel is not None:
            self.panel.draft.keep()
        return True

    def _choose(self, kind: str) -> None:
        for n in range(self.kinds.count()):
            if self.kinds.item(n).data(_NAME) == kind:
                if self.kinds.currentRow() == n:
                    self.model.show_kind(kind)
                self.kinds.setCurrentRow(n)

    def _kind_chosen(self, item: QListWidgetItem | None) -> None:
        name = item.data(_NAME) if item is not None else None
        if name is None:
            return
        if self.panel is not None:
            self.panel.draft.keep()
        self._remove_form()
        in_bin = name == BIN
        self.bin.setVisible(in_bin)
        self.table.setVisible(not in_bin)
        self.new_button.setVisible(not in_bin)
        self.export_button.setVisible(not in_bin)
        if in_bin:
            self.header.set_text(_("回收站"), _("删除的记录留在这里"))
            self.bin.reload()
        else:
            self.model.show_kind(name)

    def _show_kind(self, kind: Kind) -> None:
        self.header.set_text(_(kind.label), _("只增不改：记错了另记一笔更正") if kind.append_only else "")
        self.new_button.setVisible(kind.by_hand)
        self.first_button.setVisible(kind.by_hand)
        way = _("可以从花名册导入，也可以一条一条新增。") if kind.by_hand else _("这里的记录由程序来记，不用手工新增。")
        self.empty.say(_("这个台账还没有记录"), way)
        self.search.clear()
        self.table.set_source(self.model.source(kind.name), kind.name, _(kind.label))

    def _edit(self, id: str) -> None:
        if id and self._may_close():
            self.model.edit(self.model.kind.name, id)

    def new(self, values: object = None) -> None:
        """Show an empty form, or one in which values are proposed."""
        if self.model.kind.by_hand and self._may_close():
            self._show_form(None, values if isinstance(values, Mapping) else None)

    def _show_form(self, record: Record | None, values: Mapping[str, Any] | None = None) -> None:
        kind = self.model.kind
        if record is not None and record.KIND is not kind:
            return
        self._hide_form()
        self.panel = panel = RecordPanel(self.frame, self._tools, kind, record, values or {})
        panel.asked.connect(lambda: self._save(panel))
        panel.closed.connect(self._close_form)
        panel.history_asked.connect(lambda: self.model.ask_history(panel.id))
        panel.delete_asked.connect(lambda: self._delete([panel.id]))
        self.splitter.addWidget(panel)
        self._fit()
        panel.start()

    def _save(self, panel: RecordPanel) -> None:
        form = panel.forms[0]
        self.model.save(form.kind.name, form.changes() if panel.id else form.given(), panel.id or None, form.base)

    def _hide_form(self) -> None:
        if self.panel is not None:
            self.panel.delete_draft()
        self._remove_form()

    def _remove_form(self) -> None:
        if self.panel is not None:
            self.panel.hide()
            self.panel.deleteLater()
            self.panel = None
        self._fit()

    def _close_form(self) -> None:
        if self.panel is not None:
            self._hide_form()
            self.table.setFocus()

    def _may_close(self) -> bool:
        return self.panel is None or self.panel.may_leave()

    def _saved(self, id: str) -> None:
        self.table.want(id)
        self.table.reload()
        self.table.setFocus()

    def _failed(self, error: Exception) -> None:
        (self.panel.failed if self.panel is not None else self.frame.show_error)(error)

    def _delete(self, ids: list[str]) -> None:
        ids = [id for id in ids if id]
        text = "\n".join(filter(None, (self.table.model.named(ids, columns=2), _("删除后可以在回收站找回。"))))
        if not ids or not dialogs.ask(self, _("删除 {n} 条记录？").format(n=len(ids)), text, yes=_("删除"), danger=True):
            return
        if self.panel is None or self.panel.id in ids or self.panel.may_leave():  # deleting closes the form
            self.model.delete(self.model.kind.name, ids)

    def _restore(self, place: str) -> None:
        if place:
            self.model.undelete(place)

    def _export(self) -> None:
        name = f"{_(self.model.kind.label)}.xlsx"
        file = dialogs.save_as(self, _("导出到"), name, f"{dialogs.EXCEL};;CSV (*.csv);;JSON Lines (*.jsonl)")
        if file is None:
            return
        written, reason = dialogs.numbers_wanted(self, self.frame.reason, _("导出的表里要完整号码吗？遮住的表可以放心发出去。"))
        if not written:
            return
        kind = self.model.kind.name

        def done(rows: int) -> None:
            self.frame.message(_("已导出 {n} 条到 {file}").format(n=rows, file=file.name))

        self.frame.run_long(_("正在导出"), lambda progress: self.model.export(kind, file, reason, progress), done)

    def _fit(self) -> None:
        narrow = self.width() < theme.px(NARROW)
        form = self.panel is not None
        self._list_side.setVisible(not (narrow and form))
        self.kinds.setVisible(not (form and self.width() < theme.px(VERY_NARROW)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the form replaces the list."""
        super().resizeEvent(event)
        self._fit()


def _add(kinds: QListWidget, word: str, name: str) -> None:
    item = QListWidgetItem(word)
    item.setData(_NAME, name)
    item.setSizeHint(QSize(0, theme.px(30)))
    kinds.addItem(item)


build = LedgersPage
