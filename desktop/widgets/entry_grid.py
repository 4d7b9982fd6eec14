"""An editable grid like a spreadsheet: persons × months of wages, persons × days of attendance.

    grid = EntryGrid(read=lambda row, column, text: yuan_text(fen(text)))       # typed text -> cell text; raises FieldError
    grid.set_content(
        [GridColumn("no", "序", 40, editable=False, right=False),
         GridColumn("name", "姓名", 84, editable=False, right=False, style="strong"),
         GridColumn("2022-10", "10月", sums=True), …,
         GridColumn("sum", "合计", 84, editable=False, style="strong", sums=True, compute=lambda row: …),
         GridColumn("line", "到监测线", 190, editable=False, right=False, style="bar", compute=lambda row: "0.83|差 1,293")],
        [GridRow(person_id, {"no": "1", "name": "王秀兰"}), …],
        {(person_id, "2022-10"): "498", …})
    grid.model.cell_changed -> CellChange(row, column, text, old)
    grid.preview = lambda changes: dialogs.confirm(…)          # asked before a block is pasted; None pastes at once
    grid.toggles = ("出勤", "缺勤", "")                         # Space cycles through these; without them Space types
    grid.freeze(2)                                             # the first two columns do not scroll (name beside the months)
    grid.set_tones({(row, column): "warn"}) ; grid.set_foot({"name": "合计"})

Keys: arrows move, also out of a cell that is being typed in; typing replaces; Enter goes down, after Tabs to the column where they began,
as in Excel; Tab goes to the next editable cell, and from the last one out of the grid; Home and End go to the first and last editable cell
of the row, with Ctrl of the grid; F2 edits the present text; Del empties; Ctrl+Z undoes unsaved input; Ctrl+C / Ctrl+V copy and paste
blocks as Excel and WPS do. A block that cannot be read is not pasted at all; `refused` says why, and which lines lay below the last row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop import theme
from desktop.widgets import dialogs
from desktop.widgets.drawing import draw_cell, draw_share
from desktop.widgets.frozen import freeze
from desktop.widgets.grid_model import BAD, STYLE, TONE, CellChange, GridColumn, GridModel, GridRow
from desktop.widgets.keyboard import is_command
from desktop.widgets.pasting import beyond, clean, copied, name_column, unnamed
from desktop.widgets.rows_view import RowsView
from desktop.widgets.spoken import announce
from domain.errors import FieldError
from domain.grouping import by_key
from domain.words import _

__all__ = ["CellChange", "EntryGrid", "GridColumn", "GridRow"]

_INSET, _DENSE = 8, 2
"""Horizontal padding of a cell in px at 100 % text; the second for dense grids with many columns of one character."""
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_VERTICAL_KEYS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_TAB_KEYS = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
_HORIZONTAL_KEYS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}


class _GridDelegate(QStyledItemDelegate):
    def __init__(self, view: EntryGrid) -> None:
        super().__init__(view)
        self._view = view
        self._fonts = {bold: theme.font(14, bold=bold) for bold in (False, True)}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]  # the stubs ask for both index classes
        box: QRect = option.rect  # type: ignore[attr-defined]  # the stubs lack the fields of style options
        tone, wrong, style = index.data(TONE), index.data(BAD), index.data(STYLE)
        foot = index.row() >= len(self._view.model().rows)
        untoned = ("band" if foot or tone == "sum" else "", "muted" if style == "muted" else "text")
        ground, ink = theme.TONES.get("bad" if wrong else tone or "", untoned)
        painter.save()
        if ground:
            painter.fillRect(box, theme.colour(ground))
        if self._view.selectionModel().isSelected(index):
            painter.fillRect(box, theme.colour("accent_soft"))
        painter.setPen(theme.colour("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        text = str(index.data() or "")
        if style == "bar" and "|" in text:
            inset = theme.px(self._view.inset)
            draw_share(painter, box.adjusted(inset, 0, -inset, 0), text, 0.52)
        else:
            font = QFont(self._fonts[style == "strong" or tone == "sum"])
            font.setUnderline(bool(wrong))  # not by colour alone
            painter.setFont(font)
            painter.setPen(theme.colour(ink))
            align = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
            draw_cell(painter, box, text, align, theme.px(self._view.inset))
        if self._view.currentIndex() == index:
            painter.setPen(QPen(theme.colour("accent"), 2 if self._view.hasFocus() else 1))
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget:  # type: ignore[override]  # the stubs ask for both index classes
        line = QLineEdit(parent)
        line.setFrame(False)
        line.setAlignment(Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole)))
        line.setStyleSheet(f"min-height: 0; border-radius: 0; padding: 0 {theme.px(self._view.inset - 2)}px;")
        return line

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:  # type: ignore[override]  # the stubs ask for both index classes
        if not editor.property("begun"):  # do not overwrite input when other cells change
            super().setEditorData(editor, index)
            editor.setProperty("begun", True)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and isinstance(editor, QLineEdit):
            key = Qt.Key(event.key())
            beside = key in _HORIZONTAL_KEYS and self._view.replacing and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if key in _ENTER_KEYS or key in _VERTICAL_KEYS or key in _TAB_KEYS or beside:
                self.commitData.emit(editor)
                self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)
                if key in _ENTER_KEYS:
                    self._view.after_typing()
                elif key in _VERTICAL_KEYS:
                    self._view.step(_VERTICAL_KEYS[key])
                elif beside:
                    self._view.step(0, _HORIZONTAL_KEYS[key])
                else:
                    self._view.go_along(_TAB_KEYS[key])
                return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_command(event):
            editor.event(event)
            if not event.isAccepted():  # a shortcut of the page, not of the line: store the input first
                self.commitData.emit(editor)
                self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)
            return True
        return super().eventFilter(editor, event)


class EntryGrid(RowsView):
    """The grid; see the module's docstring."""

    refused = Signal(str)

    def __init__(self, read: Callable[[str, str, str], str], *, name: str = "", dense: bool = False) -> None:
        super().__init__()
        self.inset = _DENSE if dense else _INSET
        self.horizontalHeader().setProperty("role", "dense" if dense else "")
        self._model = GridModel(read, self)
        self.preview: Callable[[Sequence[CellChange]], bool] | None = None
        self.toggles: Sequence[str] = ()
        self.replacing = False
        """Whether editing of the present cell was started by typing, which replaces its text."""
        self.unsaved: Callable[[], bool] = lambda: False
        """Whether there is unsaved input: until it is saved, Ctrl+Z undoes the last cell and not the last saved act."""
        self._began: int | None = None  # the column where the run of Tabs began that has reached the cursor
        self.after_typing: Callable[[], object] = self.go_down
        """Where Enter goes from a cell that was typed in."""
        self._waiting: tuple[Sequence[GridColumn], Sequence[GridRow], Mapping[tuple[str, str], str]] | None = None
        self._model.refused.connect(self.refused.emit)
        self.setModel(self._model)
        self.setItemDelegate(_GridDelegate(self))
        self.setAccessibleName(name or _("录入表格"))
        self.horizontalHeader().setMinimumSectionSize(theme.px(20))
        self.horizontalHeader().setSectionsClickable(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.AnyKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)

    def freeze(self, columns: int) -> None:
        """Keep the first columns visible while the others scroll horizontally."""
        freeze(self, columns)

    def model(self) -> GridModel:
        """The model with the cells."""
        return self._model

    def set_content(self, columns: Sequence[GridColumn], rows: Sequence[GridRow], cells: Mapping[tuple[str, str], str]) -> None:
        """Replace the content. The cursor keeps its row and column if they still exist, otherwise it goes to the first editable cell. Other
        rows are shown only after the edit of a cell has ended."""
        self._waiting = None
        if self._model.refresh_content(columns, rows, cells):
            return
        if self.state() == QAbstractItemView.State.EditingState:
            self._waiting = (columns, rows, cells)
            return
        place = self.place()
        self._model.set_content(columns, rows, cells)
        for n, made in enumerate(columns):
            self.horizontalHeader().resizeSection(n, theme.px(made.width))
        if columns and columns[-1].style == "bar":
            self.horizontalHeader().setStretchLastSection(True)
        if rows:
            self.setCurrentIndex(self._model.index(0, 0))
            self._to_edge(True, whole=True)
        self.go_to(*place)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Show content that waited for the end of an edit, once the cursor has moved."""
        super().closeEditor(editor, hint)
        QTimer.singleShot(0, self, self._catch_up)

    def _catch_up(self) -> None:
        if self._waiting is not None:
            self.set_content(*self._waiting)

    def set_tones(self, tones: Mapping[tuple[str, str], str]) -> None:
        """Set the tones of cells: good warn bad info plain, and sum for rows with subtotals."""
        self._model.set_tones(tones)

    def set_foot(self, texts: Mapping[str, str]) -> None:
        """Set the texts of the row of totals."""
        self._model.set_foot(texts)

    def place(self) -> tuple[str, str]:
        """Row id and column key under the cursor, empty when there is none."""
        at = self.currentIndex()
        inside = at.isValid() and at.row() < len(self._model.rows)
        return (self._model.rows[at.row()].id, self._model.columns[at.column()].key) if inside else ("", "")

    def marked(self) -> list[str]:
        """The ids of the selected rows."""
        lines, rows = sorted({index.row() for index in self.selectedIndexes()}), self._model.rows
        return [rows[n].id for n in lines if n < len(rows)]

    def go_to(self, row: str, column: str) -> None:
        """Move the cursor to a cell; for an unknown row or column it keeps its own."""
        at = self.currentIndex()
        line = next((n for n, one in enumerate(self._model.rows) if one.id == row), at.row())
        section = next((n for n, one in enumerate(self._model.columns) if one.key == column), at.column())
        if line >= 0 and section >= 0:
            self.setCurrentIndex(self._model.index(line, section))

    def unread(self) -> int:
        """The number of cells with unreadable input, which is lost unless corrected."""
        return len(self._model.wrong)

    def may_leave(self) -> bool:
        """Ask about unreadable input in a grid that saves each cell at once. Returns whether the page may be left."""
        left = self.unread()
        text = _("红色的 {left} 格没有保存，请改正后再保存。").format(left=left)
        return dialogs.may_leave(self, left > 0, text, self._model.forget_wrong)

    def show_wrong(self) -> bool:
        """Move the cursor to the first cell with unreadable input and show the reason; returns False when there is none."""
        places = {
            (row.id, made.key): (line, section)
            for line, row in enumerate(self._model.rows)
            for section, made in enumerate(self._model.columns)
        }
        wrong = min((places[place] for place in self._model.wrong if place in places), default=None)
        if wrong is None:
            return False
        self.setFocus()
        index = self._model.index(*wrong)
        self.setCurrentIndex(index)
        self.refused.emit(index.data(BAD))
        return True

    def step(self, down: int, right: int = 0) -> None:
        """Move the cursor by so many rows and columns, staying inside the grid."""
        at = self.currentIndex()
        line = min(max(at.row() + down, 0), len(self._model.rows) - 1)
        self.setCurrentIndex(self._model.index(line, min(max(at.column() + right, 0), len(self._model.columns) - 1)))

    def edit(self, index: QModelIndex | QPersistentModelIndex, trigger: Any = None, event: Any = None) -> Any:
        """Edit a cell. As in Excel and WPS, an arrow key ends an edit started by typing, but not one started with F2."""
        if trigger is None:
            return super().edit(index)
        self.replacing = trigger == QAbstractItemView.EditTrigger.AnyKeyPressed
        return super().edit(index, trigger, event)

    def currentChanged(self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex) -> None:
        """On a cell with unreadable input, show the reason again."""
        super().currentChanged(current, previous)
        self._began = None
        if current.isValid() and (reason := current.data(BAD)):
            self.refused.emit(reason)

    def go_down(self) -> None:
        """Move to the next row, after Tabs to the column where they began."""
        self.step(1, 0 if self._began is None else self._began - self.currentIndex().column())

    def go_along(self, by: int) -> bool:
        """Move to the next editable cell, row by row. Returns False at the end, where Tab leaves the grid."""
        at, cells = self.currentIndex(), self._model
        began = at.column() if self._began is None else self._began
        wide = len(cells.columns)
        here = at.row() * wide + at.column()
        rest = range(here + 1, len(cells.rows) * wide) if by > 0 else range(here - 1, -1, -1)
        place = next((n for n in rest if cells.editable(n // wide, n % wide)), None) if at.isValid() else None
        if place is not None:
            self.setCurrentIndex(cells.index(place // wide, place % wide))
            self._began = began  # after the cursor has moved, which forgets it
        return place is not None

    def _to_edge(self, first: bool, *, whole: bool) -> None:
        """Move to the first or last editable cell of the row or of the whole grid."""
        cells, wide = self._model, len(self._model.columns)
        lines = range(len(cells.rows)) if whole else [self.currentIndex().row()]
        places = [(line, section) for line in lines for section in range(wide) if cells.editable(line, section)]
        if places:
            self.setCurrentIndex(cells.index(*places[0 if first else -1]))

    def event(self, event: QEvent) -> bool:
        """Handle Ctrl+Z here as long as there is unsaved input."""
        undo = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)
        if undo and event.type() == QEvent.Type.ShortcutOverride:
            event.setAccepted(self.unsaved())
            if not self.unsaved():
                self._model.forget_typed()  # the input was saved, so the page undoes it as an act
            return True
        return super().event(event)

    def _undo(self) -> None:
        place = self._model.undo()
        if place is not None:
            self.go_to(*place)
        else:
            self.refused.emit(_("一格一格填的已经都退回了。还有别的没有保存：不要的话，离开这里时选「不保存，离开」。"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys of a spreadsheet."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self._undo()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QGuiApplication.clipboard().text())
        elif event.key() in _ENTER_KEYS:
            self.go_down()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._model.put([(index.row(), index.column(), "") for index in self.selectedIndexes()])
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            whole = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._to_edge(event.key() == Qt.Key.Key_Home, whole=whole)
        elif event.key() in _TAB_KEYS:
            event.setAccepted(self.go_along(_TAB_KEYS[Qt.Key(event.key())]))
        elif event.key() == Qt.Key.Key_F2:
            self.edit(self.currentIndex())
        elif event.key() == Qt.Key.Key_Space and self.toggles:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def toggle(self) -> None:
        """Set each selected cell to its next toggle."""
        places = []
        for index in self.selectedIndexes():
            now = self._model.text(index.row(), index.column())
            at = self.toggles.index(now) if now in self.toggles else -1
            places.append((index.row(), index.column(), self.toggles[(at + 1) % len(self.toggles)]))
        self._model.put(places)
        announce(self, str(self.currentIndex().data() or "") or _("空白"))

    def copy(self) -> None:
        """Copy the selected block in the clipboard format of Excel and WPS."""
        marked = sorted({(index.row(), index.column()) for index in self.selectedIndexes()})
        lines = by_key((line, self._model.text(line, section)) for line, section in marked)
        QGuiApplication.clipboard().setText("\n".join("\t".join(texts) for texts in lines.values()))

    def paste(self, text: str) -> None:
        """Paste a block from Excel or WPS, matched by the names in it if it has them, otherwise from the cursor on. If a cell cannot be
        read, nothing is pasted."""
        at, block = self.currentIndex(), copied(text)
        lines, right, unknown = self._lines(block, at)
        places = [
            (line, right + n, cell)
            for line, cells in lines
            for n, cell in enumerate(cells)
            if line < len(self._model.rows) and 0 <= right + n < len(self._model.columns)
        ]
        try:
            changes = self._model.read(places)
        except FieldError as error:
            self.refused.emit(_("没有粘贴：{error}").format(error=error))
            return
        if changes and (self.preview is None or self.preview(changes)):
            self._model.take(changes)
        left = sum(line >= len(self._model.rows) for line, _cells in lines)
        if unknown or left:
            self.refused.emit(unnamed(unknown) if unknown else beyond(left))

    def _lines(self, block: Sequence[Sequence[str]], at: QModelIndex) -> tuple[list[tuple[int, Sequence[str]]], int, list[str]]:
        """Match the lines of a block to rows: the row and cells of each, the section where they begin, and names without a row here (or
        with two). By position alone, a block in another order would give its figures to the wrong people."""
        names = [clean(line.fixed.get("name", "")) for line in self._model.rows]
        named, width = name_column(block, names), max(map(len, block))
        if named is None or named + 1 == width:
            return [(at.row() + down, cells) for down, cells in enumerate(block)], at.column(), []
        lines = {name: n for n, name in enumerate(names) if names.count(name) == 1}
        named_lines = [(clean(cells[named]), cells[named + 1 :]) for cells in block if named < len(cells)]
        titles = {"", *(made.title for made in self._model.columns)}
        unknown = [name for name, _cells in named_lines if name not in lines and name not in titles]
        return [(lines[name], cells) for name, cells in named_lines if name in lines], self._beside_names(at, width - 1 - named), unknown

    def _beside_names(self, at: QModelIndex, many: int) -> int:
        """The section for the first of `many` columns that follow the names of a block: the section under the cursor; if that is not
        editable, the section after our names, provided that the columns reach an editable one from there; otherwise the first editable
        one."""
        columns = self._model.columns
        name = next((n for n, made in enumerate(columns) if made.key == "name"), 0)
        first = next((n for n, made in enumerate(columns) if made.editable), name + 1)
        if columns[at.column()].editable:
            return at.column()
        return name + 1 if name + many >= first else first
