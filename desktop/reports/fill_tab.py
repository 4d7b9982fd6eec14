"""The tab 填上级表格: fills in a sheet sent from above from the records, shows it, and saves a copy.

Keys: Ctrl+O chooses a sheet, F4 the person of a form or the month of a table of figures, F5 fills it in again (after somebody was
registered), Ctrl+S saves it. Enter on a remark opens the person, or 登记 if the person is not on record.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.reports.papers_tab import ChooseRecord
from desktop.reports.view_model import FORM, FillModel, Offer
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, EmptyState, bind, button, show_text
from desktop.widgets.entry_grid import GridColumn, GridRow
from desktop.widgets.figures import FigureGrid, two_lines, width
from desktop.widgets.inputs import choices, offer
from desktop.widgets.layout import Flow, column, holder, stacked
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source
from desktop.widgets.spoken import live_label
from desktop.widgets.tabs import ChipBar
from domain.words import _

if TYPE_CHECKING:
    from services.filling.filling import AskedColumn, Filling, Remark

ENDINGS = (".xlsx", ".docx", ".xlsm", ".xls", ".et", ".csv")
"""Endings of files that can be filled in. A Word document is saved as one, everything else as `.xlsx`."""
KINDS = {".xlsx": "Excel", ".docx": "Word"}
_WIDEST, _LOOKED_AT = 240, 200
"""Maximum width of a column in px at 100 % text size, and the number of rows that determine its width."""


class FillTab(QWidget):
    """The tab: a start page, or the filled sheet with remarks and columns."""

    def __init__(self, frame: Frame, model: FillModel) -> None:
        super().__init__()
        self._frame, self._model = frame, model
        self.file: Path | None = None
        self.filled: Filling | None = None
        self.choose = button(_("选要填的表"), self._choose, kind="primary", icon="folder", hint="Ctrl O")
        self.summary = live_label()
        self.notes = live_label("warn")
        self.who = choices(_("填哪些人"), {"": _("请选要填的人…"), **model.lists})
        self.pick = button(_("选人"), self._pick, icon="user", hint="F4")
        self.person = ""
        self.month = choices(_("哪个月的数"), {})
        self.other = button(_("换一张"), self._choose, icon="folder", hint="Ctrl O")
        self.again = button(_("重填"), self._fill, icon="refresh", hint="F5")
        self.save = button(_("存为 Excel"), self._save, kind="primary", icon="device-floppy", hint="Ctrl S")
        self.columns = LedgerTable(frame, self._of_columns(), key="fill-columns", title=_("各栏"))
        self.nothing = EmptyState("", icon="circle-check")
        self.remarks = LedgerTable(frame, self._of_remarks(), key="fill-remarks", empty=self.nothing, title=_("要核对的"))
        self.sheet, self.table = FigureGrid(_("填好的表")), choices(_("工作表"), {})
        self.table.activated.connect(lambda _n: self._preview())
        self.views = ChipBar({"sheet": _("填好的样子"), "remarks": _("要核对的"), "columns": _("各栏填的是什么")})
        self.shown = stacked(self.sheet, self.remarks, self.columns)
        self.views.chosen.connect(lambda key: self.shown.setCurrentIndex(list(self.views.buttons).index(key)))
        self.stack = stacked(self._start(), self._board())
        self.setLayout(column(self.stack))
        self.remarks.opened.connect(self._open)
        self.setAcceptDrops(True)
        self.who.activated.connect(lambda _n: self._fill())
        self.month.activated.connect(lambda _n: self._fill())
        for keys, action in (("Ctrl+O", self._choose), ("F4", self._pick), ("F5", self._fill), ("Ctrl+S", self.save.click)):
            bind(self, keys, action)

    def _start(self) -> QWidget:
        text = _(
            "上级发来的名单、空表，选进来，姓名、证件号码、电话、户主、务工、公益岗这些栏按台账自动填好；表上已经写的一个字不动，和台账不一样的告诉您。表里没有名单的，可以选脱贫、监测、公益岗这些人填进去；一人一张的登记表，选是谁就行；按村填数的统计表，填月报里的数。"
        )
        card = Card()
        card.add(EmptyState(_("填上级表格"), text, self.choose, icon="table"))
        return card

    def _board(self) -> QWidget:
        bar = Flow(self.views, self.table, None, self.month, self.who, self.pick, self.other, self.again, self.save, spacing=8)
        return holder(column(bar, self.summary, self.notes, self.shown, spacing=8))

    # -- actions ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Nothing to load when the tab is shown or records change: the user decides when to fill in again (F5)."""

    def focus(self) -> None:
        """Focus the button or table used next."""
        (self.choose if self.filled is None else self.shown.currentWidget()).setFocus()

    def take(self, file: Path) -> None:
        """Fill in another sheet."""
        self._begin(file, "", "")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept a file that can be filled in, instead of leaving it to 导入."""
        event.setAccepted(_dropped(event) is not None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Fill in the dropped file."""
        if (file := _dropped(event)) is not None:
            event.acceptProposedAction()
            self.take(file)

    def _choose(self) -> None:
        kinds = f"{_('表格和 Word')} (*{' *'.join(ENDINGS)});;{_('所有文件')} (*)"
        if (file := dialogs.open_file(self, _("选要填的表"), kinds)) is not None:
            self.take(file)

    def _fill(self) -> None:
        """Fill in the same sheet again, perhaps with other people."""
        if self.file is not None:
            month = "" if self.month.isHidden() else str(self.month.currentData())
            self._begin(self.file, str(self.who.currentData()), self.person, month)

    def _begin(self, file: Path, who: str, person: str, month: str = "") -> None:
        def done(filled: Filling) -> None:
            """Switch to the new file; if reading it fails, the previous sheet stays, under its own name."""
            self.file, self.person = file, person
            self.who.setCurrentIndex(self.who.findData(who))
            self._show(file, filled)

        self._frame.run_long(_("正在填表"), lambda progress: self._model.fill(file, who, person, month, progress), done)

    def _pick(self) -> None:
        """Ask whom a form is about, then fill it in; or show the months of a table of figures."""
        if not self.month.isHidden():
            self.month.setFocus()
            self.month.showPopup()
        if self.file is None or self.pick.isHidden():
            return
        choosing = ChooseRecord(self, self._frame, Offer("fill", FORM, _("填谁的表"), "person"), self._model.people(), _("选人"))
        if choosing.run() and choosing.id:
            self._begin(self.file, "", choosing.id)

    def _show(self, file: Path, filled: Filling) -> None:
        self.filled = filled
        self.summary.setText(_("「{file}」：{said}").format(file=file.name, said=filled.sentence()))
        show_text(self.notes, "\n".join(filled.notes))
        lists = filled.blank or bool(filled.listed)
        self.who.setVisible(lists)
        self.pick.setVisible(filled.form)
        self.month.setVisible(bool(filled.month))
        offer(self.month, {month: _("{month} 的数").format(month=month) for month in self._model.months(filled.month)})
        self.month.setCurrentIndex(self.month.findData(filled.month))
        self.save.setText(_("存为 {kind}").format(kind=KINDS[filled.ending]))
        offer(self.table, {n: looks.sheet for n, looks in enumerate(filled.tables)})
        self.table.setVisible(len(filled.tables) > 1)
        self.views.set_count("remarks", len(filled.remarks))
        whose = filled.form and not (self.person or filled.of)
        waits = (lists and not self.who.currentData()) or whose
        self.nothing.say(_("还没有填") if waits else _("没有要核对的"), "" if waits else _("表上的人都找到了，写的也和台账一样。"))
        self.stack.setCurrentIndex(1)
        self._preview()
        self.columns.reload()
        self.remarks.reload()
        choosing = lists and (not self.who.currentData() or self.who.hasFocus())  # in a closed combo box each arrow key chooses
        asks = self.who if choosing else self.pick if whose else self.month if self.month.hasFocus() else None
        (asks or self.shown.currentWidget()).setFocus()

    def _preview(self) -> None:
        """Show the table as filled in, new cells in green."""
        looks = self.filled.tables[max(0, self.table.currentIndex())] if self.filled is not None and self.filled.tables else None
        if looks is None:
            return
        widest = [max((texts[n] for _row, texts, _new in looks.rows[:_LOOKED_AT]), key=len, default="") for n in range(len(looks.headings))]
        columns = [
            GridColumn(str(n), two_lines(word), min(_WIDEST, width(f"{two_lines(word)}\n{text}")), editable=False, right=False)
            for n, (word, text) in enumerate(zip(looks.headings, widest, strict=True))
        ]
        rows = [GridRow(str(number), {str(n): text for n, text in enumerate(texts)}) for number, texts, _new in looks.rows]
        tones = {(str(number), str(n)): "good" for number, _texts, new in looks.rows for n in new}
        self.sheet.show_figures(columns, rows, tones)

    def _open(self, id: str) -> None:
        """Open the person a remark is about, or 登记 if there is none."""
        person = id.partition(" ")[2]
        if person:
            self._frame.open("people", id=person)
        else:
            self._frame.open("register")

    def _of_columns(self) -> Source:
        """The list that says how each column was understood."""

        def name(line: tuple[int, AskedColumn]) -> str:
            several = self.filled is not None and len({one.sheet for one in self.filled.columns}) > 1
            return f"{line[1].sheet}　{line[1].heading}" if several else line[1].heading

        columns: list[Column[tuple[int, AskedColumn]]] = [
            Column("name", _("表头"), 200, name, style="strong", sortable=False),
            Column("what", _("填的是"), 240, lambda line: line[1].what or _("不认识，没有填"), sortable=False),
            Column("filled", _("填了"), 80, lambda line: line[1].filled or None, right=True, sortable=False),
            Column("there", _("原来有"), 80, lambda line: line[1].there or None, right=True, sortable=False),
            Column("differing", _("和台账不同"), 100, lambda line: line[1].differing or None, right=True, sortable=False),
            Column("missing", _("台账里没有"), 100, lambda line: line[1].missing or None, right=True, sortable=False),
        ]
        return in_memory(columns, lambda _view: list(enumerate(self.filled.columns if self.filled else ())), lambda line: str(line[0]))

    def _of_remarks(self) -> Source:
        """The list of what the user has to check."""
        columns: list[Column[tuple[int, Remark]]] = [
            Column("row", _("行"), 70, lambda line: line[1].row, right=True, sortable=False),
            Column("name", _("姓名"), 100, lambda line: line[1].who, style="strong", sortable=False),
            Column("column", _("栏"), 140, lambda line: line[1].column, sortable=False),
            Column("message", _("说明"), 620, lambda line: line[1].message, sortable=False),
        ]

        def id(line: tuple[int, Remark]) -> str:
            return f"{line[0]} {line[1].person}"

        return in_memory(columns, lambda _view: list(enumerate(self.filled.remarks if self.filled else ())), id)

    def _save(self) -> None:
        filled, source = self.filled, self.file
        if filled is None or source is None:
            return
        name = dialogs.file_name(_("{name}（已填）").format(name=source.stem)) + filled.ending
        kinds = f"{KINDS[filled.ending]} (*{filled.ending})"
        file = dialogs.save_as(self, _("保存到"), str(source.with_name(name)), kinds)
        if file is None:
            return
        if file == source:
            self._frame.message(_("原来那份要留着不动，请换一个文件名。"))
            return
        reason = None
        if filled.secret:
            asked = _("填好的表里要完整号码吗？报给上级的表多半要；遮住的可以放心发出去。")
            written, reason = dialogs.numbers_wanted(self, self._frame.reason, asked)
            if not written:
                return

        def write(_progress: Progress) -> None:
            self._model.save(filled, file, source.name, reason)

        message = _("已保存到 {file}").format(file=file.name)
        self._frame.run_long(_("保存 {file}").format(file=file.name), write, lambda _done: self._frame.message(message))


def _dropped(event: QDropEvent) -> Path | None:
    """The dropped file, if it is a single one that can be filled in."""
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return files[0] if len(files) == 1 and files[0].suffix.lower() in ENDINGS else None
