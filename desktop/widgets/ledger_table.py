"""The list widget of all pages. It is as fast with 100 000 records as with ten, because SQL sorts, filters and pages.

    table = LedgerTable(frame, Source(columns, model.ids, model.objects), key="people", empty=EmptyState(_("还没有人员"), …))
    table.reload()                                       # asks source.ids(view) and shows it; selection is kept
    table.add_search(_("按名称找"), 170) ; table.set_search("zs") ; table.set_filter("region", "province")  # None: all
    table.opened / edit_asked / chosen -> id ; table.delete_asked -> [ids] ; table.loaded -> count
    table.current_id() ; table.selected_ids() ; table.select(id) ; table.want(id) (once it is listed)
    table.add(button) ; table.narrow_by(chips) (above the table)

A `Source` is the whole declaration of a list: each `Column` says where its text comes from, and `ids(view) -> ids in order`, perhaps
`first(view, n)`, and `objects(ids, column keys) -> {id: object}` are plain callables run off the GUI thread; secrets arrive masked.

The first column stays visible while the others scroll sideways; `fade(row -> bool)` shows some rows in grey.
Keys: Enter opens, F2 edits, Del deletes, Ctrl+C copies the cell (or the lines when several are marked). Anywhere on its page, where that
gives them no other meaning, Ctrl+P prints the list, or the lines when several are marked, and Ctrl+E saves it as a workbook;
`describe_filters` names its active filters for that. Headings sort, as does 列表 → 排序; 列表 chooses columns, which the preferences keep
under `key`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLineEdit, QMenu, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.widgets import dialogs, writing
from desktop.widgets.basics import EmptyState, add_entries, button, finder, menu_of, one_primary
from desktop.widgets.cells import CellDelegate
from desktop.widgets.layout import Flow, column, stacked
from desktop.widgets.ledger_model import PAGE, SCREEN, Column, LedgerModel, Loaded, Row, Source, View
from desktop.widgets.ledger_view import LedgerView, PageKeys, fit_columns, usual_width
from desktop.widgets.rows_view import ROW_HEIGHT
from desktop.widgets.spoken import live_label
from desktop.widgets.tabs import ChipBar
from domain.identity import mask_numbers
from domain.words import _

__all__ = ["Column", "LedgerTable", "Row", "Source", "View"]

SEARCH_DELAY = 120  # milliseconds
_FEW = 10
"""From this number of rows, columns keep the widths that fit them."""
PAINTED = 25
"""Milliseconds in which a first screen is painted, before the rest of the list is loaded."""
_Cursor = tuple[str, Sequence[str]]
"""The record under the cursor and the selected ones."""


class LedgerTable(QWidget):
    """A list with its count, its column chooser and its empty state."""

    opened = Signal(str)
    edit_asked = Signal(str)
    delete_asked = Signal(list)
    chosen = Signal(str)
    loaded = Signal(int)

    def __init__(self, frame: Frame, source: Source, *, key: str, empty: QWidget | None = None, title: str = "") -> None:
        super().__init__()
        self._frame, self.source, self._key = frame, source, key
        self.view = View()
        self._shown_view: View | None = None
        self._wanted = ""
        self._before: tuple[_Cursor, _Cursor] | None = None  # cursors before and on a first screen
        self.model = LedgerModel(frame.jobs, source.rows, self)
        self.table = LedgerView(self.model)
        self.count = live_label("small", wrap=False)
        self.describe_filters: Callable[[], str] = str
        self.columns_button = button(_("列表"), icon="columns")
        self.columns_button.setToolTip(_("打印、存为 Excel、排序、显示哪些列"))
        menu_of(self.columns_button).aboutToShow.connect(self.fill_menu)
        self.bar = Flow(self.count, None, self.columns_button, spacing=8)
        self.stack = stacked(self.table, empty or EmptyState(_("没有记录"), _("换个条件试试。")))
        self.setFocusProxy(self.table)  # before it is added: Qt would otherwise split the focus chain
        self.setLayout(column(self.bar, self.stack))
        self._set_up_table(title or _("记录"))
        PageKeys(self, {"Ctrl+P": self.print, "Ctrl+E": self.save})
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_DELAY)
        self._timer.timeout.connect(self.reload)
        self._rest = QTimer(self, singleShot=True, interval=PAINTED)
        self._rest.timeout.connect(lambda: self._ask(leading=False))
        self._show_columns(self._chosen_columns())

    # -- interface for pages ----------------------------------------------------------------------

    def reload(self) -> None:
        """Load the records again. The selection stays, and so does the scroll position unless the view changed."""
        self._ask(leading=self.view != self._shown_view)

    def set_search(self, text: str) -> None:
        """Search for a text, after a short delay."""
        if text.strip() != self.view.search:
            self.view = replace(self.view, search=text.strip())
            self._timer.start()

    def add_search(self, words: str, width: int, *, at: int = 0, name: str = "") -> QLineEdit:
        """Add a search field to the bar that filters while typing; Enter moves into the list. Parameters as for `finder`; `name`: its
        accessible name, by default `words`."""
        line = finder(words, width)
        line.setAccessibleName(name or words)
        line.textChanged.connect(self.set_search)
        line.returnPressed.connect(self.table.setFocus)
        line.returnPressed.connect(lambda: self.select(self.current_id() or next(iter(self.model.ids), "")))
        self.bar.insertWidget(at, line)
        return line

    def add(self, *widgets: QWidget, rows: bool = False) -> None:
        """Add buttons at the right end of the bar. `rows`: they act on the listed records, and are disabled while there are none."""
        for widget in widgets:
            widget.setProperty("rows", rows)
            self.bar.addWidget(widget)

    def narrow_by(self, chips: ChipBar) -> None:
        """Let chips set the filter `state`; the chip "all" clears it."""
        chips.chosen.connect(lambda key: self.set_filter("state", None if key == "all" else key))
        self.describe_filters = chips.describe

    def set_filter(self, name: str, value: str | None) -> None:
        """Set a filter; None clears it."""
        filters = {key: old for key, old in self.view.filters.items() if key != name}
        self.view = replace(self.view, filters=filters if value is None else {**filters, name: value})
        self.reload()

    def sort(self, section: int) -> None:
        """Sort by a column; again by the same column, in reverse order."""
        made = self.model.columns[section]
        if not made.sortable:
            return
        descending = self.view.order == made.key and not self.view.descending
        self.view = replace(self.view, order=made.key, descending=descending)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.table.horizontalHeader().setSortIndicator(section, order)
        self.reload()

    def print(self) -> None:
        """Show the print preview of the list."""
        self._print_or_save(on_paper=True)

    def save(self) -> None:
        """Save the list as a workbook."""
        self._print_or_save(on_paper=False)

    def set_source(self, source: Source, key: str, title: str = "") -> None:
        """Show another list in this widget, with another title if one is given."""
        self.table.setAccessibleName(title or self.table.accessibleName())
        self.source, self._key = source, key
        self.view, self._shown_view, self._before = View(), None, None
        self.model.set_rows(source.rows)
        self._show_columns(self._chosen_columns())
        self.reload()

    def ask_to_delete(self, kind: str, question: str, text: str, delete: Callable[[str, list[str]], object]) -> None:
        """Ask before Del deletes the selected records. A `question` without `{n}` is about one record and is not used for several."""

        def asked(ids: list[str]) -> None:
            if (len(ids) == 1 or "{n}" in question) and dialogs.ask(self, question.format(n=len(ids)), text, yes=_("删除"), danger=True):
                delete(kind, ids)

        self.delete_asked.connect(asked)

    def fade(self, faded: Callable[[Row], bool]) -> None:
        """Show the rows of which `faded` is true in grey. It finds in the row every column that has a function for its value."""
        self._cells.faded = lambda line: bool((row := self.model.row(line)) and faded(row))

    def current_id(self) -> str:
        """The record under the cursor, "" when there is none."""
        line = self.table.currentIndex().row()
        return self.model.ids[line] if 0 <= line < len(self.model.ids) else ""

    def selected_ids(self) -> list[str]:
        """The ids of the selected records."""
        return self.model.ids_in(self.table.selectionModel().selection())

    def select(self, id: str, *others: str) -> None:
        """Move the cursor to a record and scroll it into view; select it and the others."""
        line = self.model.line_of(id)
        if line >= 0:
            self.table.mark((id, *others))
            index = self.model.index(line, 0)
            self.table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.table.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def marked(self) -> list[str]:
        """Return the records an action applies to: the selected ones, or else the current one, which is not selected yet after the focus
        was moved here by keyboard."""
        return self.selected_ids() or [id for id in (self.current_id(),) if id]

    def want(self, id: str) -> None:
        """Move the cursor to a record as soon as it is listed."""
        self._wanted = id

    def offer(self) -> None:
        """Let the focus go to the first action of the empty state while the list is empty; call it when these actions change."""
        had, empty = (self.table.focusProxy() or self.table).hasFocus(), self.stack.currentIndex() == 1
        steps = (one for one in self.stack.widget(1).findChildren(QAbstractButton) if not one.isHidden() and one.isEnabled())
        self.table.setFocusProxy(next(steps, None) if empty else None)  # type: ignore[arg-type]  # the stubs know no None
        if had:
            self.table.setFocus()

    def _set_up_table(self, title: str) -> None:
        table = self.table
        table.setAccessibleName(title)
        table.list_lines()
        header = table.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(self.sort)
        header.sectionResized.connect(self._keep_width)
        self._cells = CellDelegate(lambda: self.model.columns, table)
        table.setItemDelegate(self._cells)
        table.doubleClicked.connect(lambda _index: self._on_key("open"))
        table.key.connect(self._on_key)
        table.slow.connect(self.count.setText)
        table.setModel(self.model)
        table.selectionModel().currentRowChanged.connect(lambda *_rows: self.chosen.emit(self.current_id()))
        table.selectionModel().currentRowChanged.connect(lambda *_rows: table.viewport().update())  # Qt repaints the two cells only

    def _ask(self, *, leading: bool) -> None:
        """Load the whole list, preceded by its first screen where that is faster."""
        self._rest.stop()
        view, source, keys = self.view, self.source, [made.key for made in self.model.columns]
        top = self.table.verticalScrollBar().value() if view == self._shown_view else 0
        page = top // theme.px(ROW_HEIGHT) // PAGE
        if self._shown_view is None:
            self.table.wait()

        def ask() -> Loaded:
            first = source.first(view, SCREEN) if leading and source.first else None
            whole = first is None or len(first) < SCREEN
            ids = source.ids(view) if first is None else first
            wanted = ids[page * PAGE : page * PAGE + SCREEN]  # load the visible rows together with the ids, so that no empty rows appear
            return Loaded(view, keys, ids, whole, page, source.rows(wanted, keys) if wanted else ())

        self._frame.jobs.run(ask, partial(self._show_loaded, top=top), self._failed, key=f"ledger-{id(self)}")

    def _show_loaded(self, found: Loaded, *, top: int) -> None:
        """Show what was loaded, with the cursor where it was and the lines from `top` (pixels) on."""
        kept, was, left = self._cursor_to_keep(found.view), self.table.currentIndex(), self.table.horizontalScrollBar().value()
        line = was.row() if found.view == self._shown_view else 0
        self._shown_view = found.view
        self.table.there()
        same_columns = found.keys == [made.key for made in self.model.columns]
        self.model.set_ids(found.ids, found.page, found.rows if same_columns else ())
        self._show_stack(empty=not found.ids)
        self._fit(found.rows)
        self.table.put_cursor(*kept, line, was.column())
        self.table.verticalScrollBar().setValue(top)
        self.table.horizontalScrollBar().setValue(left)  # keep the column visible by which the user sorted
        if self._wanted and self.model.line_of(self._wanted) >= 0:
            self.select(self._wanted)
            kept, self._wanted = self._cursor(), ""
        self._before = None if found.whole else (kept, self._cursor())
        if found.whole:
            self.count.setText(_("共 {n} 条").format(n=f"{len(found.ids):,}"))
            self.loaded.emit(len(found.ids))
        else:
            self._rest.start()

    def _failed(self, error: Exception) -> None:
        self.table.there()
        self.count.setText("")
        self._frame.jobs.failed.emit(error)

    def _show_stack(self, *, empty: bool) -> None:
        """Show the list or its empty state; the focus stays inside, on the first action if the list is empty."""
        now = QApplication.focusWidget()
        had = now is not None and self.stack.isAncestorOf(now)
        self.stack.setCurrentIndex(1 if empty else 0)
        one_primary(self, self.stack.widget(1), shown=empty)
        self.offer()
        if had:
            self.table.setFocus()

    def _cursor_to_keep(self, view: View) -> _Cursor:
        """The cursor to keep: the one before the first screen, unless the user has moved it since. The selection of another search is
        dropped."""
        now, shown = self._cursor(), self._shown_view
        id, marks = self._before[0] if self._before and self._before[1] == now else now
        same = shown is not None and (shown.search, shown.filters) == (view.search, view.filters)
        return id, marks if same else [one for one in marks if one == id]

    def _cursor(self) -> _Cursor:
        return self.current_id(), self.selected_ids()

    def _print_or_save(self, *, on_paper: bool) -> None:
        if not self.model.ids and self.view == self._shown_view:  # a list still being loaded may be printed
            self._frame.message(_("这里是空的，没有可打印、可保存的。"))
            return
        from desktop.paper import lists  # imports the printing and workbook modules

        source, view = self.source, self.view
        marked = self.selected_ids() if view == self._shown_view else []  # the selection of an earlier search does not count
        some = len(marked) > 1
        words = _("，").join(filter(None, (self.describe_filters(), mask_numbers(view.search))))
        narrowed = _("选中的 {n} 条").format(n=len(marked)) if some else words
        ids = (lambda: marked) if some else (lambda: source.ids(view))
        listing = lists.Listing(self.table.accessibleName(), narrowed, list(self.model.columns), ids, source.rows)
        (lists.show if on_paper else lists.save)(self._frame, self, listing)

    def _on_key(self, name: str) -> None:
        id = self.current_id()
        if not id:
            if self._shown_view is None:
                self._frame.message(_("名单还在读，请等它列出来再按。"))
            return
        if name == "open":
            self.opened.emit(id)
        elif name == "edit":
            self.edit_asked.emit(id)
        elif name == "delete" and writing.why_not():
            writing.refused()
        elif name == "delete":
            self.delete_asked.emit(self.selected_ids() or [id])
        else:
            self.table.copy()

    # -- columns ----------------------------------------------------------------------------------

    def _chosen_columns(self) -> list[str]:
        kept = self._frame.preferences.words(f"columns:{self._key}")
        return kept if kept else [made.key for made in self.source.columns if made.shown]

    def _show_columns(self, keys: Sequence[str]) -> None:
        shown = [made for made in self.source.columns if made.key in keys] or self.source.columns[:1]
        self.model.set_columns(shown)
        self._fitted = False
        for n, made in enumerate(shown):
            kept = self._frame.preferences.number(f"width:{self._key}:{made.key}", 0)
            self.table.horizontalHeader().resizeSection(n, theme.px(kept) if kept else usual_width(made))
        orders = [made.key for made in shown]
        marked = orders.index(self.view.order) if self.view.order in orders else -1
        order = Qt.SortOrder.DescendingOrder if self.view.descending else Qt.SortOrder.AscendingOrder
        self.table.horizontalHeader().setSortIndicator(marked, order)

    def showEvent(self, event: QShowEvent) -> None:
        """Adapt the columns to rows that were loaded while the list was hidden."""
        super().showEvent(event)
        if not self._fitted:
            self._fit([row for line in range(min(SCREEN, len(self.model.ids))) if (row := self.model.row(line))])

    def _fit(self, rows: Sequence[Row]) -> None:
        """Adapt the column widths to the first rows, once the list is visible; again while these are too few to tell what comes."""
        if not self._fitted and rows:
            self._fitted = self.table.isVisible() and len(rows) >= _FEW
            kept = [bool(self._frame.preferences.number(f"width:{self._key}:{made.key}", 0)) for made in self.model.columns]
            fit_columns(self.table, self.model.columns, rows, kept)

    def _keep_width(self, section: int, old: int, new: int) -> None:
        if QGuiApplication.mouseButtons() and section < len(self.model.columns) - 1:
            self._frame.preferences.keep(f"width:{self._key}:{self.model.columns[section].key}", round(new / theme.scale()))

    def fill_menu(self) -> None:
        """Fill the menu 列表 for the present state of the list."""
        menu, shown = self.columns_button.menu(), {made.key for made in self.model.columns}
        menu.clear()
        for old in menu.findChildren(QMenu):
            old.deleteLater()
        add_entries(menu, ((_("打印这个名单…\tCtrl+P"), self.print), (_("存为 Excel…\tCtrl+E"), self.save)))
        for entry in menu.actions():
            entry.setEnabled(bool(self.model.ids))
        menu.addSeparator()
        orders = menu.addMenu(_("排序"))
        for n, made in enumerate(self.model.columns):
            if made.sortable:
                _tick(orders, made.title, on=made.key == self.view.order).triggered.connect(lambda _on=False, n=n: self.sort(n))
        menu.addSeparator()
        for made in self.source.columns:
            _tick(menu, made.title, on=made.key in shown).toggled.connect(lambda on, key=made.key: self.show_column(key, on))

    def show_column(self, key: str, on: bool) -> None:
        """Show a column after the others, or hide it; stored in the preferences."""
        keys = [made.key for made in self.model.columns if made.key != key] + ([key] if on else [])
        self._frame.preferences.keep(f"columns:{self._key}", keys)
        self._show_columns(keys)


def _tick(menu: QMenu, word: str, *, on: bool) -> QAction:
    made = menu.addAction(word)
    made.setCheckable(True)
    made.setChecked(on)
    return made
