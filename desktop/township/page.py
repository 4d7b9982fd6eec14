"""The page 乡镇: a row for each village; Enter on a figure shows the list behind it, Esc goes back. 待确认的变更 are changes to fields that
decide who is paid, which a second person has to confirm: there F7 confirms, F8 objects, Enter opens the person."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.township.view_model import CHANGES, CLAIMS, DISPUTED, Overview, TownshipModel, VillageLine
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.entry_grid import GridColumn, GridRow
from desktop.widgets.figures import BehindList, FigureGrid, two_lines, width
from desktop.widgets.layout import column, holder, row, stacked
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, View
from domain import divisions
from domain.authors import laptop
from domain.words import _, page_word
from services import key_changes
from services.contacts import LATE
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


_NAME, _SENT, _NOTE = "name", "sent", "note"
_NAMES = (88, 170)
"""Minimum and maximum width of the names, in px at 100 % text size; long names are cut if the figures need the room."""


class TownshipPage(Page):
    """The table of villages, and the lists behind its figures."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("乡镇"), divisions.called(station.store.scope))
        self.model = model = self.own(TownshipModel(frame, station))
        self.grid = FigureGrid(_("各村情况"))
        self.summary, self.meaning = label("", "muted", wrap=True), label("", "small", wrap=True)
        self.meaning.setMinimumHeight(2 * self.meaning.fontMetrics().lineSpacing())
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.behind = BehindList(frame, key="township-names")
        self.board = holder(column(self.summary, self.grid, self.meaning, spacing=8))
        self.board.setFocusProxy(self.grid)
        self.changes = ChangesPanel(frame, model)
        self.stack = stacked(self.board, self.behind, self.changes)
        self.changes.opened.connect(lambda id: self.frame.open("people", id=id))
        self.changes.closed.connect(self.close_list)
        model.recorded.connect(lambda _count: model.load())
        self.body.addWidget(self.stack, 1)
        model.shown.connect(self._show)
        self.grid.asked.connect(self._ask)
        self.grid.selectionModel().currentChanged.connect(lambda *_cells: self._show_meaning())
        self.behind.opened.connect(self._open)
        self.behind.closed.connect(self.close_list)
        self._figure = ""

    def opened(self, **args: object) -> None:
        """Load again; with `figure="changes"` show the changes to confirm in all villages."""
        self.model.load()
        if args.get("figure") == CHANGES:
            self._show_changes("", _("各村"))
        self._focus()

    def refresh(self) -> None:
        """Load again, since records changed."""
        self.model.load()
        if self.stack.currentWidget() is self.behind:
            self.behind.table.reload()
        elif self.stack.currentWidget() is self.changes:
            self.changes.table.reload()

    def close_list(self) -> None:
        """Return to the figures."""
        self.stack.setCurrentWidget(self.board)
        self._focus()

    def _show(self, overview: Overview) -> None:
        self.summary.setText(overview.summary)
        columns = self._columns(overview)
        rows = [GridRow(line.area, {_NAME: line.name, **line.cells, _SENT: line.sent, _NOTE: line.note}) for line in overview.lines]
        tones = {(line.area, made.key): "sum" for line in overview.lines if line.sum for made in columns}
        tones |= {(line.area, key): line.tone for line in overview.lines if line.tone for key in (_SENT, _NOTE)}
        self.grid.show_figures(columns, rows, tones)
        self._show_meaning()

    def _columns(self, overview: Overview) -> list[GridColumn]:
        def figure(key: str, word: str, cells: list[str]) -> GridColumn:
            return GridColumn(key, two_lines(word), width("\n".join((two_lines(word), max(cells, key=len, default="")))), editable=False)

        figures = [figure(key, word, [line.cells.get(key, "") for line in overview.lines]) for key, (word, _meaning) in _figures().items()]
        sent = max((line.sent for line in overview.lines), key=len, default="")
        rest = [
            *figures,
            GridColumn(_SENT, _("最近报来"), width("\n".join((_("最近报来"), sent))), editable=False, right=False),
            GridColumn(_NOTE, _("备注"), 104, editable=False, right=False),
        ]
        room = self.grid.width() - self.grid.verticalScrollBar().sizeHint().width()
        left = int(room / theme.scale()) - sum(made.width for made in rest) - len(rest)
        names = min(max((width(line.name) for line in overview.lines), default=0), _NAMES[1], left)
        return [GridColumn(_NAME, _("村"), max(names, _NAMES[0]), editable=False, right=False, style="strong"), *rest]

    def _show_meaning(self) -> None:
        _area, key = self.grid.place()
        meanings = {key: meaning for key, (_word, meaning) in _figures().items()}
        sent = _("村里的电脑最近一次报来的改动，是什么时候到县里的。村里录了还没有传的，这里不知道。")
        self.meaning.setText(meanings.get(key) or (sent if key in (_SENT, _NOTE) else _("移到一个数字上，按 Enter 看名单。")))

    def _ask(self) -> None:
        area, key = self.grid.place()
        key = key if key in _figures() else "people"  # the name and the last column have no list of their own
        line = self.model.line(area)
        if line is None:
            return
        if key == DISPUTED:
            self.frame.open("sync", tab="conflicts", back=True)
            return
        if key == CHANGES:
            self._show_changes(line.area, line.name)
            self._focus()
            return
        self._show_list(line, key, *_figures()[key])

    def _show_changes(self, area: str, name: str) -> None:
        self.changes.show_area(area, name)
        self.stack.setCurrentWidget(self.changes)

    def _show_list(self, line: VillageLine, key: str, word: str, meaning: str) -> None:
        self._figure = key
        self.behind.show_list("　".join((line.name, word, line.cells.get(key, ""))), meaning, self.model.behind(line.area, key))
        self.stack.setCurrentWidget(self.behind)
        self._focus()

    def _open(self, id: str) -> None:
        if self._figure == CLAIMS:
            self.frame.open("benefits", claim=id)
        else:
            self.frame.open("people", id=id)

    def _focus(self) -> None:
        self.stack.currentWidget().setFocus()


def _figures() -> dict[str, tuple[str, str]]:
    """Columns of figures: labels, and what they count."""
    return {
        "people": (page_word("人员"), _("在世的人。")),
        "working": (_("已务工"), _("今天有务工记录或在公益岗的人，一人只算一次。")),
        "asked": (_("应核实"), _("本月监测要问的人。")),
        "unchecked": (_("未核实"), _("本月监测要问、还没有填的人。")),
        "quiet": (
            _("久未联系"),
            _("{n} 个月以上没有月监测、走访或就业服务记录的人，从没有记录的也算；没有联系上的服务不算。").format(n=LATE),
        ),
        CLAIMS: (_("待办申请"), _("下一步该由本级办的补助申请。")),
        CHANGES: (_("待确认"), _("姓名、证件号码、账号、死亡日期、人员类别改过，还没有别人核实的人。")),
        DISPUTED: (_("要核对"), _("两台电脑改得不一样、要选一个的，和收到了还不能生效的改动。")),
    }


build = TownshipPage
