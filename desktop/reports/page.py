"""The page 报表: the monthly work report, all ledgers and forms on paper, and sheets from above to be filled in. 务工月报 shows the figures
of a month, two charts of the current row, and the list of people behind a figure.

Its keys: Enter lists the people behind the current figure, Esc goes back, Alt+PgUp and Alt+PgDn change the month, Ctrl+P prints,
F7 hands in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.reports import handed_in
from desktop.reports.fill_tab import FillTab
from desktop.reports.monthly_model import MonthlyModel, MonthTable
from desktop.reports.papers_tab import PapersTab
from desktop.reports.view_model import FillModel, PapersModel
from desktop.station import Station
from desktop.widgets.basics import Card, EmptyState, bind, button, label
from desktop.widgets.charts import BarChart, LineChart
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.entry_grid import GridColumn, GridRow
from desktop.widgets.figures import BehindList, FigureGrid, two_lines, width
from desktop.widgets.inputs import Stepper
from desktop.widgets.layout import Flow, column, holder, row, stacked
from desktop.widgets.tabs import Later, TabStack
from domain import clock
from domain.words import _
from services.reports.monthly import MEASURES, Measure

_CHARTS, _LINES = 186, 7
"""Height of the charts in px at 100 % text size, and how many rows of the table must be visible before charts get room, unless the user
asks for them."""
_NAME, _NOTE = "name", "note"
_NAME_WIDTH = 104


class MonthlyTab(QWidget):
    """The tab; `print_report` shows the month's report for printing, `hand_in` the submitted one."""

    def __init__(
        self,
        frame: Frame,
        model: MonthlyModel,
        print_report: Callable[[QWidget, str], None],
        hand_in: Callable[[QWidget, str], None],
    ) -> None:
        super().__init__()
        self._frame, self.model = frame, model
        self.grid = FigureGrid(_("务工月报"))
        self.day = label("", "muted")
        self.check = button(_("去核实"), lambda: frame.open("work", tab="checks", month=model.month), kind="link")
        self.print = button(_("打印预览"), lambda: print_report(self, model.month), kind="primary", icon="printer", hint="Ctrl P")
        self.hand_in = button(_("报出、对账"), lambda: hand_in(self, model.month), icon="circle-check", hint="F7", within=self)
        self.charts_button = button(_("图表"), self._fit, icon="chart-bar")
        self.charts_button.setCheckable(True)
        self.meaning, self.silent = label("", "small", wrap=True), ElidedLabel("", "small")
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.regions, self.trend = BarChart(), LineChart(_("{n} 人"))
        self.cards = [Card(_("在哪里务工")), Card(_("近十二个月务工人数"))]
        for card, chart in zip(self.cards, (self.regions, self.trend), strict=True):
            card.add(chart)
        self.charts = holder(row(*self.cards, spacing=12))
        self.charts.setFixedHeight(theme.px(_CHARTS))
        self.board, self.names = self._board(), BehindList(frame, key="report-names")
        self.stack = stacked(QWidget(), self.board, self._empty(), self.names)
        self.setLayout(column(self.stack))
        self._focus_pending = False
        self._connect()

    # -- parts --------------------------------------------------------------------------------------

    def _board(self) -> QWidget:
        board = QWidget()
        self.month = Stepper(board, self.model.step)
        bar = Flow(self.month, self.day, self.check, None, self.charts_button, self.hand_in, self.print, spacing=8)
        board.setLayout(column(bar, self.grid, self.meaning, self.silent, self.charts, spacing=8))
        return board

    def _empty(self) -> QWidget:
        return EmptyState(
            _("还没有人员，没有数字可报"),
            _("导入名册、登记务工以后，每个月的月报自动生成，每个数字都能点开看名单。"),
            button(_("导入名册"), lambda: self._frame.open("importing"), kind="primary", hint="Ctrl I"),
            button(_("登记一个人"), lambda: self._frame.open("register"), hint="Ctrl N", writes=True),
            icon="chart-bar",
        )

    def _connect(self) -> None:
        model, grid = self.model, self.grid
        model.shown.connect(self._show)
        model.trend_found.connect(self._show_line)
        grid.asked.connect(self._ask_names)
        grid.selectionModel().currentChanged.connect(lambda *_cells: self._show_line())
        self.names.opened.connect(lambda id: self._frame.open("people", id=id))
        self.names.closed.connect(self.close_names)
        bind(self.board, "Ctrl+P", self.print.click)

    # -- showing ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Load again when the tab is shown or records changed."""
        self.model.load()
        if self.stack.currentWidget() is self.names:
            self.names.table.reload()

    def focus(self) -> None:
        """Focus the figures or the list of people; if nothing is loaded yet, once it is."""
        self._focus_pending = self.stack.currentIndex() == 0
        shown = self.names if self.stack.currentWidget() is self.names else self.grid
        shown.setFocus()

    def close_names(self) -> None:
        """Return from the list of people to the figures."""
        self.stack.setCurrentWidget(self.board)
        self.focus()

    def _show(self, sheet: MonthTable) -> None:
        self.month.show_month(sheet.month)
        self.month.after.setEnabled(sheet.month < self.model.last)
        checked = _("月监测已核实 {done}/{whole} 人").format(done=sheet.checked, whole=sheet.to_check)
        self.day.setText("　".join((_("截至 {day}").format(day=sheet.day), checked)))
        self.check.setVisible(sheet.checked < sheet.to_check)
        self.silent.setText(_("没有人员记录的村 {n} 个：{names}").format(n=len(sheet.silent), names=_("、").join(sheet.silent)))
        self.silent.setVisible(bool(sheet.silent))
        self._fill(sheet)
        if self.stack.currentWidget() is not self.names:
            self.stack.setCurrentIndex(1 if sheet.people else 2)
            if self._focus_pending:
                self.focus()
        self._show_line()
        self._fit()

    def _fill(self, sheet: MonthTable) -> None:
        notes = {line.id: _("下降明显") for line in sheet.lines if line.fell}
        rows = [GridRow(line.id, {_NAME: line.name, **line.cells, _NOTE: notes.get(line.id, "")}) for line in sheet.lines]
        columns = self._grid_columns(sheet)
        tones = {(line.id, made.key): "sum" for line in sheet.lines if line.sum for made in columns}
        self.grid.show_figures(columns, rows, tones | {(id, key): "bad" for id in notes for key in ("change", _NOTE)})

    def _grid_columns(self, sheet: MonthTable) -> list[GridColumn]:
        """The columns, which share the spare width: names first, then figures."""
        measures = MEASURES.values()
        longest = {one.name: max((line.cells[one.name] for line in sheet.lines), key=len, default="") for one in measures}
        widths = [width(f"{two_lines(_(one.label))}\n{longest[one.name]}") for one in measures]
        spare = int((self.grid.width() - theme.px(20)) / theme.scale()) - _NAME_WIDTH - sum(widths) - (note := width(_("下降明显")))
        names = max((width(line.name) for line in sheet.lines), default=0)
        first = min(max(names, _NAME_WIDTH), _NAME_WIDTH + max(spare, 0))
        more = max(0, spare - (first - _NAME_WIDTH)) // len(widths)
        columns = [GridColumn(_NAME, sheet.first, first, editable=False, right=False, style="strong")]
        columns += [
            GridColumn(one.name, two_lines(_(one.label)), wide + more, editable=False) for one, wide in zip(measures, widths, strict=True)
        ]
        return [*columns, GridColumn(_NOTE, _("备注"), note, editable=False, right=False)]

    def _show_line(self) -> None:
        """Show the charts of the current row, and what the current column counts."""
        id, key = self.grid.place()
        line = self.model.line(id)
        if line is None:
            return
        self.meaning.setText(_meaning_text(self._measure(key)))
        counts = self.model.trend.get(line.area, ())
        year, before = counts[-12:], counts[:-12]
        for card, more in zip(self.cards, ("", _compared(counts)), strict=True):
            card.note.setText("　".join(filter(None, (line.name, more))))
        self.regions.set_bars(line.regions)
        self.trend.set_points(year, before)

    def _measure(self, key: str) -> Measure | None:
        """What a cell counts: a remark refers to the change."""
        return MEASURES.get("change" if key == _NOTE else key)

    def _ask_names(self) -> None:
        id, key = self.grid.place()
        line, measure = self.model.line(id), self._measure(key)
        if line is None or measure is None:
            return
        title = [line.month, *([line.name] if line.id != line.month else []), _(measure.label), line.cells.get(measure.name, "")]
        self.names.show_list("　".join(title), _(measure.meaning), self.model.behind(line, measure.name))
        self.stack.setCurrentWidget(self.names)
        self.focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit charts, texts and columns to the new size."""
        super().resizeEvent(event)
        self._fit()
        if self.model.sheet is not None and self._grid_columns(self.model.sheet) != self.grid.model().columns:
            self._fill(self.model.sheet)

    def _fit(self) -> None:
        """In a low window the table has priority over the charts, unless the user asks for them; the text below reserves room for the
        longest meaning."""
        sheet = self.model.sheet
        if sheet is None:
            return
        metrics, wrap = self.meaning.fontMetrics(), int(Qt.TextFlag.TextWordWrap)
        room = QRect(0, 0, max(self.width(), 1), 0)
        words = max((metrics.boundingRect(room, wrap, _meaning_text(one)).height() for one in MEASURES.values()), default=0)
        self.meaning.setMinimumHeight(words)
        lines = min(len(sheet.lines), _LINES) + 2  # the header takes two rows
        spare = self.height() - words - theme.px(lines * 32 + _CHARTS + 90)
        self.charts_button.setVisible(spare < 0)
        self.charts.setVisible(spare >= 0 or self.charts_button.isChecked())


def _compared(counts: Sequence[tuple[str, int]]) -> str:
    """The last month compared with the same month a year before: counties are measured by this figure, which must not fall."""
    if len(counts) < 24 or not any(count for _word, count in counts[:-12]):
        return ""
    more = counts[-1][1] - counts[-13][1]
    return _("去年同月 {n} 人，{more}").format(n=f"{counts[-13][1]:,}", more=_("持平") if not more else f"{more:+,}")


def _meaning_text(measure: Measure | None) -> str:
    """What a column counts, or how to see the people."""
    if measure is None:
        return _("移到一个数字上，按 Enter 看名单。")
    return "　".join((_("{word}：{text}").format(word=_(measure.label), text=_(measure.meaning)), _("按 Enter 看名单")))


class ReportsPage(Page):
    """Three tabs."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("报表"))
        self._station, self._printer = station, FormPrinter(frame, station)
        self.model = self.own(MonthlyModel(frame, station, clock.this_month()))
        self.monthly = MonthlyTab(
            frame,
            self.model,
            lambda parent, month: self._printer.show(parent, "monthly", month=month),
            lambda parent, month: handed_in.show(frame, parent, station, month),
        )
        self.stack = TabStack(
            {
                "monthly": (_("务工月报"), self.monthly),
                "papers": (_("台账和表格"), lambda: self.papers),
                "fill": (_("填上级表格"), lambda: self.fill),
            }
        )
        self.tabs = self.stack.tabs
        self.body.addWidget(self.stack, 1)
        self.tabs.chosen.connect(lambda _key: self._start())
        for number, key in enumerate(self.tabs.buttons, 1):
            bind(self, f"Ctrl+{number}", partial(self.tabs.choose, key))

    @Later
    def papers(self) -> PapersTab:
        """The tab of ledgers and forms."""
        return PapersTab(self.frame, PapersModel(self.frame, self._station, self._printer), self.model.last)

    @Later
    def fill(self) -> FillTab:
        """The tab for filling in sheets."""
        return FillTab(self.frame, FillModel(self._station))

    def opened(self, **args: object) -> None:
        """Show the last tab, or `tab=`, and load its figures again; `fill=` a file to be filled in."""
        self.tabs.choose(str(args.get("tab") or ("fill" if args.get("fill") else self.tabs.key)))
        if file := args.get("fill"):
            self.fill.take(Path(str(file)))

    def refresh(self) -> None:
        """Load the shown tab again, since records changed."""
        self._shown.start()

    @property
    def _shown(self) -> MonthlyTab | PapersTab | FillTab:
        shown: MonthlyTab | PapersTab | FillTab = getattr(self, self.tabs.key)
        return shown

    def _start(self) -> None:
        self._shown.start()
        if not self.tabs.buttons[self.tabs.key].hasFocus():
            self._shown.focus()


build = ReportsPage
