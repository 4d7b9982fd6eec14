"""The preview of a roster: what it was recognised as, which columns were recognised, its rows in groups, and the details of a row. Cell
texts are made when they are shown, so a file may have any number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLayout, QSplitter, QWidget

from desktop import theme
from desktop.importing.columns import ColumnsPanel
from desktop.importing.panels import KindChoice, save_beside
from desktop.importing.preview import (
    GROUPS,
    Detail,
    Made,
    Preview,
    TableRow,
    absent_lines,
    advice,
    group_words,
    outcome,
    outcome_chips,
    sentence,
)
from desktop.importing.roster_file import RosterFile
from desktop.importing.view_model import ImportModel
from desktop.widgets.basics import Card, Chip, EmptyState, button, label, rule
from desktop.widgets.cells import CellDelegate
from desktop.widgets.layout import Flow, clear, column, grid, holder, row, scrolled
from desktop.widgets.ledger_model import Column, Index
from desktop.widgets.rows_view import RowsView
from desktop.widgets.spoken import live_label
from desktop.widgets.tabs import ChipBar, TabStack
from desktop.widgets.tips import tip
from domain.words import _
from services.importing.plan import Issue, Level, PlanRow

_TEXT = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
_ANSWERS = {Qt.Key.Key_1: True, Qt.Key.Key_2: False}


class RowsModel(QAbstractTableModel):
    """The rows of one group of a preview."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: list[Column[TableRow]] = []
        self._preview: Preview | None = None
        self._numbers: Sequence[int] = ()

    def show(self, preview: Preview | None, group: str = "all") -> None:
        """Show a group of a preview."""
        self.beginResetModel()
        self._preview = preview
        self._numbers = preview.groups[group] if preview else ()
        self.columns = _columns(preview) if preview else self.columns
        self.endResetModel()

    def number(self, row: int) -> int | None:
        """The index in the preview of the row shown at `row`."""
        return self._numbers[row] if 0 <= row < len(self._numbers) else None

    def answered(self) -> None:
        """Repaint, as an answer may have changed the chips."""
        if self._numbers and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._numbers) - 1, len(self.columns) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """The number of rows in the group."""
        return 0 if parent is not None and parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index | None = None) -> int:
        """The number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell; the delegate draws it."""
        if self._preview is None or role not in _TEXT:
            return None
        text = self.columns[index.column()].cell(self._preview.lines[self._numbers[index.row()]])
        return tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The headings."""
        if orientation == Qt.Orientation.Vertical:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        return (theme.RIGHT if column.right else theme.LEFT) if role == Qt.ItemDataRole.TextAlignmentRole else None


class RowList(RowsView):
    """The list. `chosen`: an index in the preview, or -1; `answered`: 收下 (True) or 不收, by the keys 1 and 2."""

    chosen = Signal(int)
    answered = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.rows = RowsModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(CellDelegate(lambda: self.rows.columns, self))
        self.setAccessibleName(_("名册的行"))
        self.list_lines()
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSectionsClickable(False)
        self.selectionModel().currentRowChanged.connect(lambda *_rows: self._emit_chosen())

    def show_group(self, preview: Preview | None, group: str) -> None:
        """Show a group and select its first row."""
        self.rows.show(preview, group)
        for n, made in enumerate(self.rows.columns):
            self.horizontalHeader().resizeSection(n, theme.px(made.width))
        if self.rows.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.rows.index(0, 0), flags)
        else:
            self._emit_chosen()

    def step(self) -> None:
        """Select the next row."""
        self.selectRow(min(self.currentIndex().row() + 1, self.rows.rowCount() - 1))

    def _emit_chosen(self) -> None:
        number = self.rows.number(self.currentIndex().row())
        self.chosen.emit(-1 if number is None else number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 accepts a questionable row, 2 leaves it out."""
        answer = _ANSWERS.get(Qt.Key(event.key()))
        if answer is None:
            super().keyPressEvent(event)
        else:
            self.answered.emit(answer)


def _columns(preview: Preview) -> list[Column[TableRow]]:
    chips = outcome_chips()
    table = Column[TableRow]("table", _("哪张表"), 130, lambda line: preview.table_name(line.table), style="muted")
    return [
        Column("row", _("行"), 56, lambda line: line.row.number, right=True, style="muted"),
        Column("outcome", _("结果"), 92, lambda line: chips[outcome(line.row)][0], style="chip", tones=dict(chips.values())),
        *([table] if len(preview.plan.tables) > 1 else []),
        Column("title", _("姓名"), 96, lambda line: line.row.title, style="strong"),
        Column("sentence", _("说明"), 120, lambda line: sentence(line.row)),
    ]


_TONES = {Level.REFUSED: "bad", Level.QUESTION: "warn", Level.WARNING: "muted", Level.REPAIR: "muted"}


class DetailPanel(Card):
    """The selected row. `answered`: 收下 (True) or 不收."""

    answered = Signal(bool)

    def __init__(self) -> None:
        super().__init__(padding=0)
        self._content = column(spacing=8, margins=(14, 12, 14, 12))
        self.take = button(_("收下"), lambda: self.answered.emit(True), hint="1")
        self.leave = button(_("不收"), lambda: self.answered.emit(False), hint="2")
        self.question = label("", "muted", wrap=True)
        self.answer = holder(column(rule(), self.question, row(self.take, self.leave, None), margins=(14, 0, 14, 12)))
        area = scrolled(holder(column(self._content, None)))
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that the arrow keys scroll it
        self.body.addWidget(area, 1)
        self.body.addWidget(self.answer)
        self.setAccessibleName(_("这一行"))
        self.show_detail(None)

    def show_detail(self, detail: Detail | None) -> None:
        """Show another row; None if none is selected."""
        clear(self._content)
        self.answer.setVisible(detail is not None and detail.asks)
        if detail is None:
            self._content.addWidget(label(_("在左边选一行，这里看明细。"), "muted", wrap=True))
            return
        word, tone = outcome_chips()[detail.outcome]
        self._content.addLayout(row(label(detail.heading, "heading", wrap=True), Chip(word, tone), None))
        for issue in detail.issues:
            self._content.addWidget(_issue(issue))
        for made in detail.made:
            self._content.addWidget(rule())
            self._content.addWidget(_cells(made))
        if not detail.issues and not detail.made:
            self._content.addWidget(label(_("和库里一样，导入不会改动什么。"), "muted", wrap=True))
        self._show_answer(kept=detail.kept)

    def _show_answer(self, *, kept: bool) -> None:
        self.question.setText(_("已收下，导入时写进去。") if kept else _("现在不收。您核对过没有错，就按「收下」。"))
        for one, chosen in ((self.take, kept), (self.leave, not kept)):
            one.setCheckable(True)
            one.setChecked(chosen)


def _issue(issue: Issue) -> QWidget:
    """The issue: its level, column, value, message and, if the row is not imported for it, advice."""
    tone = _TONES[issue.level]
    words = {Level.REFUSED: _("拒收"), Level.QUESTION: _("疑点"), Level.WARNING: _("提醒"), Level.REPAIR: _("已改正")}
    value = label(issue.value, "muted", selectable=True)
    head = Flow(label(words[issue.level], tone), label(issue.column, "strong"), value, spacing=8)
    parts: list[QWidget] = [holder(head), label(issue.message, wrap=True, selectable=True)]
    if issue.level in (Level.REFUSED, Level.QUESTION):
        parts.append(label(advice(issue.code), "muted", wrap=True))
    return holder(column(*parts, spacing=2))


def _cells(made: Made) -> QWidget:
    table = grid(across=12, down=2, shares=(2, 3))
    table.addWidget(label(made.title, "strong", wrap=True), 0, 0, 1, 2)
    for n, (name, old, new) in enumerate(made.cells, 1):
        table.addWidget(label(name, "muted", wrap=True), n, 0)
        table.addWidget(_change(old, new, changed=made.tone == "info"), n, 1)
    return holder(table)


def _change(old: str, new: str, *, changed: bool) -> QLabel:
    text = f"{old or _('（空）')} → {new or _('（空）')}" if changed else new
    return label(text, "strong" if changed else "", wrap=True, selectable=True)


_MOST_ABSENT = 200
"""The most people listed here; the exported list has all."""


class PreviewPanel(QWidget):
    """A file before it is imported."""

    def __init__(self, model: ImportModel) -> None:
        super().__init__()
        self._model = model
        self._preview: Preview | None = None
        self._group, self._number = "all", -1
        self._first: QWidget | None = None
        self.kind = KindChoice(model)
        self.chips = ChipBar(group_words())
        self.chips.chosen.connect(self._show_group)
        self.summary = live_label("muted")
        self.list = RowList()
        self.detail = DetailPanel()
        self.list.chosen.connect(self._show_row)
        self.list.answered.connect(self._answer)
        self.detail.answered.connect(self._answer)
        self.columns = ColumnsPanel(model)
        self._notes, self._absent = column(spacing=6), column(spacing=6)
        pages = {"columns": (_("认出的列"), self.columns), "notes": (_("说明"), _page(self._notes))}
        self.tabs = TabStack({"rows": (_("逐行看"), self._rows_page()), "absent": (_("名册里没有"), _page(self._absent)), **pages})
        self.tabs.tabs.note.setText(_("按这种表读"))
        self.tabs.tabs.add(self.kind)
        self.setLayout(column(self.tabs))

    def show_file(self, file: RosterFile) -> None:
        """Show another file, or the same one after it was read again."""
        preview = file.preview
        if preview is self._preview or preview is None:
            return
        self._preview = preview
        self.kind.show_kind(file.kind, preview.plan)
        for key in GROUPS:
            count = len(preview.groups[key])
            self.chips.set_count(key, count)
            self.chips.buttons[key].setVisible(bool(count) or key in ("all", "new", "changed", "unchanged"))
        self.columns.show_tables(preview.plan.tables)
        self._fill_notes(preview)
        self._fill_absent(preview)
        self.tabs.tabs.choose("columns" if file.assigning else "rows")
        self._first = self.columns.box_at(*file.assigning) if file.assigning else None
        self.chips.choose(next((key for key in ("question", "refused", "changed", "new") if preview.groups[key]), "all"))
        self.show_answers()

    def first(self) -> QWidget:
        """Where the focus belongs: the column that was just assigned, otherwise the rows."""
        return self._first or self.list

    def show_answers(self) -> None:
        """Update counts and chips after an answer."""
        if self._preview is None:
            return
        waiting = self._preview.unanswered()
        nothing = _("没有能导入的行。") if self._preview.none_fits() else _("和库里一样，没有变化。")
        parts = [self._preview.summary() or nothing]
        if waiting:
            parts.append(_("还有 {n} 行疑点没有收，导入时会跳过。").format(n=waiting))
        self.summary.setText("　".join(parts))
        self.list.rows.answered()
        self._show_row(self._number)

    def _rows_page(self) -> QWidget:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(self.detail)
        self.list.setMinimumWidth(theme.px(300))
        self.detail.setMinimumWidth(theme.px(260))
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 3)
        split.setSizes([700, 420])
        return holder(column(self.chips, self.summary, split, spacing=8, shares=(0, 0, 1)))

    def _show_group(self, key: str) -> None:
        self._group = key
        self.list.show_group(self._preview, key)

    def _show_row(self, number: int) -> None:
        self._number = number
        shown = self._preview is not None and 0 <= number < len(self._preview.lines)
        self.detail.show_detail(self._preview.detail(number) if shown and self._preview else None)

    def _answer(self, keep: bool) -> None:
        row = self._current()
        if row is not None:
            self._model.answer(row, keep=keep)
            self.list.step()

    def _current(self) -> PlanRow | None:
        preview = self._preview
        if preview is None or self._number not in preview.groups["question"]:
            return None
        return preview.lines[self._number].row

    def _fill_notes(self, preview: Preview) -> None:
        clear(self._notes)
        tables = preview.plan.tables
        proposals = [text for table in tables for text in table.proposals]
        notes = [*preview.plan.notes, *(text for table in tables for text in table.notes)]
        self.tabs.tabs.set_count("notes", len(proposals) + len(notes))
        for title, texts in ((_("会一起新建"), proposals), (_("读表时的说明"), notes)):
            if texts:
                card = Card(title)
                card.add(*(label(text, wrap=True, selectable=True) for text in texts))
                self._notes.addWidget(card)
        if not proposals and not notes:
            self._notes.addWidget(EmptyState(_("没有要说明的"), _("表里没有看不懂的，也没有要新建的车间、培训班或岗位。")))

    def _fill_absent(self, preview: Preview) -> None:
        clear(self._absent)
        lines = absent_lines(preview.plan)
        self.tabs.tabs.set_count("absent", len(lines))
        if not lines:
            self._absent.addWidget(EmptyState(_("没有漏下的人"), _("导入整村的人员名册时，这里列出本站有、名册里没有的人。")))
            return
        card = Card(_("本站有、名册里没有"), note=_("{n} 人").format(n=f"{len(lines):,}"))
        why = _("可能迁走、去世、不再认定，或是本站后登记的。导入不会动他们；逐个核对，去世的在本人页上登记。")
        card.add(label(why, "muted", wrap=True))
        save = partial(save_beside, self, self._model, _("本站有、{name} 里没有的人"), self._model.save_absent)
        card.add_row(button(_("导出名单"), save, icon="file-export"), None)
        for name, *rest in lines[:_MOST_ABSENT]:
            card.add(row(label(name, "strong", selectable=True), label("　".join(filter(None, rest)), "muted", selectable=True), None))
        if len(lines) > _MOST_ABSENT:
            card.add(label(_("还有 {n} 人，导出名单看全部。").format(n=f"{len(lines) - _MOST_ABSENT:,}"), "muted"))
        self._absent.addWidget(card)


def _page(inner: QLayout | QWidget) -> QWidget:
    return scrolled(holder(column(inner, None)))
