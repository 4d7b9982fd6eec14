"""The tab 工资: a grid of people × the twelve months of an income period, with sums and a bar up to the monitoring line.

A block copied from Excel or WPS is assigned to its cells: by the names in it if there are any, otherwise from the current cell on. A
workshop's own sheet lists its people in another order and often has headings. A block with a column of known names is placed by name, and
a line of months, if there is one, determines the columns. A block of figures only is placed at the current cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.drawing import draw_cell, smooth_painter
from desktop.widgets.entry_grid import CellChange, EntryGrid, GridColumn, GridRow
from desktop.widgets.inputs import Stepper
from desktop.widgets.layout import Flow, column, holder, stacked
from desktop.widgets.pasting import beyond, clean, copied, name_column, paste_preview, unnamed
from desktop.widgets.sheet_tab import SheetTab
from desktop.workshop.wages_model import WagesModel
from domain import clock, divisions
from domain.divisions import Level
from domain.errors import FieldError
from domain.money import yuan_read
from domain.periods import month_word, parse_month
from domain.words import _
from services.workshop.wages import WageLine, WageSheet

_SUMS = ("合计", "总计", "小计", "累计")


@dataclass(frozen=True)
class Placed:
    """Where each text goes: (row, column, text); the names that are not in the sheet; and how many lines go beyond the last row."""

    places: Sequence[tuple[int, int, str]]
    unknown: Sequence[str] = ()
    beyond: int = 0


@dataclass(frozen=True)
class PasteGrid:
    """The grid to paste into: names by row, months by column, and the current cell."""

    names: Sequence[str]
    months: Mapping[int, str]
    """Column → `2023-06`."""
    line: int = 0
    section: int = 0


def place(text: str, sheet: PasteGrid) -> Placed:
    """Assign every cell of a copied block to a cell of the sheet."""
    block = copied(text)
    column = name_column(block, sheet.names)
    if column is None:
        return Placed(_from_cursor(block, sheet), beyond=max(sheet.line + len(block) - len(sheet.names), 0))
    heading, sections = _sections(block, column, sheet)
    lines = {name: n for n, name in enumerate(sheet.names) if sheet.names.count(name) == 1}
    places: list[tuple[int, int, str]] = []
    unknown: list[str] = []
    for cells in block[heading:]:
        name = clean(cells[column]) if column < len(cells) else ""
        figures = [(section, cells[n]) for n, section in sections.items() if n < len(cells)]
        if name in lines:
            places += [(lines[name], section, text) for section, text in figures]
        elif name and name not in _SUMS and any(_figure(text) for _section, text in figures):
            unknown.append(name)
    return Placed(places, unknown)


def _sections(block: Sequence[Sequence[str]], names: int, sheet: PasteGrid) -> tuple[int, dict[int, int]]:
    """The first line after the headings, and the sheet's column for each of the block's columns right of the names: by a line of months,
    otherwise consecutively from the current column."""
    for line, cells in enumerate(block):
        found = {n: section for n, cell in enumerate(cells) if n > names and (section := _month_section(cell, sheet)) is not None}
        if found:
            return line + 1, found
    first = next((n for n in range(names + 1, max(len(cells) for cells in block)) if _is_figures(block, n)), names + 1)
    start = sheet.section if sheet.section in sheet.months else min(sheet.months, default=0)
    width = max(len(cells) for cells in block)
    return 0, {n: start + n - first for n in range(first, width) if start + n - first in sheet.months}


def _is_figures(block: Sequence[Sequence[str]], n: int) -> bool:
    """Whether a column holds wages, as opposed to sex or ID numbers."""
    cells = [cells[n].strip() for cells in block if n < len(cells) and cells[n].strip()]
    return bool(cells) and sum(_figure(cell) for cell in cells) * 2 >= len(cells)


def _figure(cell: str) -> bool:
    text = cell.strip().replace(",", "").replace("，", "").lstrip("￥¥-")
    return text.replace(".", "", 1).isdigit() and len(text) < 9


def _month_section(cell: str, sheet: PasteGrid) -> int | None:
    """The sheet's column for a heading such as 2022年10月, 2022-10 or 10月."""
    text = clean(cell)
    if text.endswith("月") and text[:-1].isdigit():
        return next((section for section, month in sheet.months.items() if int(month[5:]) == int(text[:-1])), None)
    if "月" not in text and "-" not in text and "." not in text and "/" not in text:
        return None
    try:
        month = parse_month(text)
    except ValueError:
        return None
    return next((section for section, one in sheet.months.items() if one == month), None)


def _from_cursor(block: Sequence[Sequence[str]], sheet: PasteGrid) -> list[tuple[int, int, str]]:
    return [
        (sheet.line + down, sheet.section + right, cell)
        for down, cells in enumerate(block)
        for right, cell in enumerate(cells)
        if sheet.line + down < len(sheet.names) and sheet.section + right in sheet.months
    ]


HEIGHT = 34


class GridFoot(QWidget):
    """Draws the sums of the grid's model, aligned with its columns."""

    def __init__(self, grid: EntryGrid) -> None:
        super().__init__()
        self._grid = grid
        grid.model().foot_apart = True
        self.setFixedHeight(theme.px(HEIGHT))
        grid.model().modelReset.connect(self._fit)
        grid.model().dataChanged.connect(lambda *_places: self.update())
        grid.horizontalScrollBar().valueChanged.connect(lambda _value: self.update())
        grid.horizontalScrollBar().rangeChanged.connect(lambda *_range: self._fit())
        grid.horizontalHeader().sectionResized.connect(lambda *_sizes: self.update())

    def with_grid(self) -> QWidget:
        """The grid and its sums as one widget."""
        return holder(column(self._grid, self, None, spacing=0, shares=(1000,)))

    def _fit(self) -> None:
        """Limit the grid's height to its rows, so that the sums are directly below the last one."""
        grid = self._grid
        bar = grid.horizontalScrollBar()
        across = bar.sizeHint().height() if bar.maximum() > 0 else 0
        lines = len(grid.model().rows) * grid.verticalHeader().defaultSectionSize()
        grid.setMaximumHeight(grid.horizontalHeader().sizeHint().height() + lines + across + 2 * grid.frameWidth() + 2)
        self.setVisible(bool(grid.model().rows))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sums."""
        painter = smooth_painter(self)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("band"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(theme.colour("text"))
        grid, cells = self._grid, self._grid.model()
        for section, made in enumerate(cells.columns):
            text = cells.text(len(cells.rows), section)
            if text:
                box = QRect(grid.frameWidth() + grid.columnViewportPosition(section), 0, grid.columnWidth(section), self.height())
                painter.setFont(theme.font(14, bold=True))
                draw_cell(painter, box, text, theme.RIGHT if made.right else theme.LEFT, theme.px(8))


_LINE_FROM = 700
"""From this width (px at 100 % text size) the monitoring line is shown beside the period."""
_WIDTHS = ((1160, (40, 72, 62, 84, 160)), (890, (30, 60, 50, 74, 128)), (0, (0, 60, 50, 74, 80)))
"""By width of the tab (px at 100 % text size): widths of 序, 姓名, a month, 合计 and 到监测线. The narrowest leaves out 序 and the bar."""


class WageGrid(EntryGrid):
    """The grid, which accepts blocks that list the people in another order."""

    def __init__(self, model: WagesModel) -> None:
        super().__init__(model.read, name=_("工资"))
        self.preview = self._preview
        self._note = ""

    def paste(self, text: str) -> None:
        """Insert a copied block according to its names and months, after a preview of the changes."""
        cells = self.model()
        months = {n: made.key for n, made in enumerate(cells.columns) if made.editable}
        at = self.currentIndex()
        placed = place(text, PasteGrid([line.fixed["name"] for line in cells.rows], months, max(at.row(), 0), max(at.column(), 0)))
        self._note = unnamed(placed.unknown) + _("请先办入职。") if placed.unknown else ""
        self._note += beyond(placed.beyond) if placed.beyond else ""
        try:
            changes = cells.read(placed.places)
        except FieldError as error:
            self.refused.emit(_("没有粘贴：{error}").format(error=error))
            return
        if not changes:
            self.refused.emit(self._note or _("没有可填的数字，或与现在的一样。"))
        elif self._preview(changes):
            cells.take(changes)

    def _preview(self, changes: Sequence[CellChange]) -> bool:
        return paste_preview(self, changes, note=self._note)


class WagesTab(SheetTab[WagesModel]):
    """The grid with its period, the monitoring line and buttons."""

    def __init__(self, frame: Frame, model: WagesModel, hire: QWidget) -> None:
        super().__init__(frame, model, WageGrid(model), lambda: bool(model.pending), model.save)
        self.grid.model().cell_changed.connect(lambda change: model.typed((change.row, change.column), change.text))
        self.period = Stepper(self, self._step, (_("上一期　Alt＋PgUp"), _("下一期　Alt＋PgDn")))
        self.line = label("", "muted")
        self.no_line = button(_("监测线未设置，去台账填写"), self._enter_line, kind="link")
        self.paste_button = button(_("粘贴工资表"), self._paste, icon="clipboard", hint="Ctrl V", writes=True)
        self.discard_button = button(_("放弃"), self._discard, kind="quiet")
        self.discard_button.setToolTip(_("放弃还没有保存的格子"))
        self._shown_widths = _WIDTHS[0][1]
        nobody = EmptyState(_("这一期还没有人在车间用工"), _("先办入职，工资表里就有了他的一行。"), hire, icon="users")
        self.stack = stacked(GridFoot(self.grid).with_grid(), nobody)
        self._lay_out()
        self._pending()

    def may_leave(self) -> bool:
        """Whether nothing is unsaved, or the user agrees to discard it."""
        count = len(self._model.pending) + self.grid.unread()
        return dialogs.may_leave(self, count > 0, "", self._model.discard, title=_("还有 {n} 格工资没有保存").format(n=count))

    def _lay_out(self) -> None:
        head = Flow(self.period, self.line, self.no_line, None, self.discard_button, self.paste_button, self.save_button, spacing=8)
        foot = label(
            _("单位：元。方向键移动，直接输入数字，回车向下；从 Excel/WPS 复制一块可整块粘贴，粘贴前先看差异。")
            + _("输入 -20 表示扣减 20；改动另记更正，原记录保留。"),
            "small",
            wrap=True,
        )
        self.grid.setToolTip(foot.text())
        self.below = foot
        self.gone = label("", "warn", wrap=True)
        self.setLayout(column(head, self.stack, self.gone, foot, spacing=8))

    def _allow(self) -> None:
        super()._allow()
        self.discard_button.setVisible(self.save_button.isEnabled())

    def _step(self, years: int) -> None:
        if self.may_leave():
            self._model.step(years)

    def _enter_line(self) -> None:
        sheet = self._model.sheet
        values = {"area": self._model.county, "year": sheet.year} if sheet is not None else {}
        self._frame.open("ledgers", kind="monitor_line", new=True, values=values)

    def _paste(self) -> None:
        self.grid.setFocus()
        self.grid.paste(QGuiApplication.clipboard().text())

    def _discard(self) -> None:
        self._model.discard()
        self.grid.setFocus()

    def _pending(self) -> None:
        self._count(_("保存 {n} 格"), len(self._model.pending))
        self.grid.set_tones(self._tones())
        self._show_foot()

    def _show(self) -> None:
        sheet = self._model.sheet
        if sheet is None:
            return
        self._shown_widths = self._widths()
        wide = self._shown_widths != _WIDTHS[-1][1]
        words = _("核算期 {start} 至 {end}") if wide else _("{start} 至 {end}")
        self.period.name.setText(words.format(start=sheet.start if wide else sheet.start[:7], end=sheet.end if wide else sheet.end[:7]))
        self._show_line(sheet)
        self.gone.setText(sheet.gone)
        self.gone.setVisible(bool(sheet.gone))
        self._show_anybody(bool(sheet.lines))
        self.paste_button.setEnabled(bool(sheet.lines))
        rows = [GridRow(one.employment_id, {"no": str(n), "name": one.name, "group": one.group}) for n, one in enumerate(sheet.lines, 1)]
        other = self.grid.place()[1] not in sheet.months
        self.grid.set_content(self._columns(), rows, self._model.texts())
        if other:
            self.grid.go_to("", self._model.month_to_fill())

    def _show_line(self, sheet: WageSheet) -> None:
        known = sheet.line is not None
        self.line.setVisible(known and self.width() >= theme.px(_LINE_FROM))
        self.no_line.setVisible(not known)
        if sheet.line is not None:
            wide = self._shown_widths != _WIDTHS[-1][1]
            words = _("监测线 {amount} 元（{area} {year} 年）") if wide else _("监测线 {amount} 元")
            self.line.setText(words.format(amount=yuan_read(sheet.line), area=_level(sheet.line_area), year=sheet.year))

    def _columns(self) -> list[GridColumn]:
        """Wide columns if all fit; otherwise narrow ones, without those that can be spared."""
        sheet = self._model.sheet
        if sheet is None:
            return []
        no, name, month, sums, line = self._shown_widths
        columns = [GridColumn("name", _("姓名"), name, editable=False, right=False, style="strong")]
        if no:
            columns.insert(0, GridColumn("no", _("序"), no, editable=False, right=False))
        if no and any(one.group for one in sheet.lines) and no == _WIDTHS[0][1][0]:
            columns.append(GridColumn("group", _("类别"), 58, editable=False, right=False, style="muted"))
        columns += [GridColumn(one, month_word(int(one[5:])), month, sums=True) for one in sheet.months]
        columns.append(GridColumn("sum", _("合计"), sums, editable=False, style="strong", sums=True, compute=self._total))
        if sheet.line is not None:
            style, show = ("bar", self._bar) if no else ("muted", lambda id: self._model.to_line(id)[1])
            columns.append(GridColumn("line", _("到监测线"), line, editable=False, right=False, style=style, compute=show))
        return columns

    def _widths(self) -> tuple[int, int, int, int, int]:
        return next(widths for room, widths in _WIDTHS if self.width() >= theme.px(room))

    def _fits(self) -> bool:
        return self._shown_widths == self._widths()

    def _total(self, employment_id: str) -> str:
        return yuan_read(self._model.total(employment_id))

    def _bar(self, employment_id: str) -> str:
        part, words = self._model.to_line(employment_id)
        return f"{part:.3f}|{words}" if words else ""

    def _show_foot(self) -> None:
        sheet = self._model.sheet
        reached = _("{n} 人已达标").format(n=self._model.reached()) if sheet is not None and sheet.line is not None else ""
        self.grid.set_foot({"name": _("合计"), "line": reached})

    def _tones(self) -> dict[tuple[str, str], str]:
        """Unsaved cells stand out; months in which the person did not work there, or that have not begun, are grey."""
        sheet = self._model.sheet
        if sheet is None:
            return {}
        tones = {cell: "plain" for one in sheet.lines for cell in self._absent(one, sheet)}
        return tones | dict.fromkeys(self._model.pending, "info")

    @staticmethod
    def _absent(line: WageLine, sheet: WageSheet) -> list[tuple[str, str]]:
        now = clock.this_month()
        return [(line.employment_id, month) for month in sheet.months if month > now or (line.months and month not in line.months)]


def _level(code: str) -> str:
    """The level (县, 乡镇 …) of the area that a line is set for."""
    words = {Level.PROVINCE: _("省"), Level.CITY: _("市"), Level.COUNTY: _("县"), Level.TOWNSHIP: _("乡镇"), Level.VILLAGE: _("村")}
    level = divisions.level(code)
    return words.get(level, "") if level else ""
