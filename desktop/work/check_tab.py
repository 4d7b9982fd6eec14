"""The tab 月监测: a line for every person to be asked about a month; a digit enters a status."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QProgressBar, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.entry_grid import EntryGrid, GridColumn, GridRow
from desktop.widgets.figures import names_width, width
from desktop.widgets.inputs import Stepper, captioned, choices
from desktop.widgets.layout import Flow, column, holder, row, stacked
from desktop.widgets.sheet_tab import TypedAhead
from desktop.widgets.spoken import live_label
from desktop.widgets.tabs import ChipBar
from desktop.work.check_model import METHODS, STATUS_KEYS, STATUSES, CheckLine, CheckModel, show, texts
from desktop.work.phone_list import PhoneList
from desktop.work.view_model import without_province
from domain.namesakes import marked
from domain.records import Employment
from domain.words import _
from services.work import Wanted

_BAR_FROM = 960
"""From this width (px at 100 % text size) there is room for the progress bar beside its text."""
_WORDS_FROM = 740
"""Below this width, the button that also has a key and the captions of the boxes are hidden; the boxes have tool tips."""
_BELOW_FROM, _BOTH_FROM = 310, 350
"""Heights (px at 100 % text size). Below the first, the button of F7 and the boxes for method and asker (which also are columns of the
grid) are hidden to make room for the grid. From the second there is room for the line about keys above what the records lack."""
_KEYS_FROM = 560
"""Below this width a low window has no room for the line about keys, which then is the grid's tool tip."""
_WIDENED = ("work", "last", "place")
"""Columns that share the remaining width, or the width that is lacking."""
_NARROWED = 56
"""By how much (px at 100 % text size) these columns are narrowed at most."""


class CheckGrid(EntryGrid):
    """The grid; a digit enters a status unless the column takes other input."""

    def __init__(self, model: CheckModel) -> None:
        super().__init__(model.read, name=_("月监测"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit in a suitable column enters a status and moves down to the next person."""
        at = self.currentIndex()
        made = self.model().columns[at.column()] if at.isValid() else None
        if made is not None and event.text() in STATUS_KEYS and made.key not in ("place", "income", "method", "by"):
            section = next(n for n, one in enumerate(self.model().columns) if one.key == "status")
            self.model().put([(at.row(), section, event.text())])
            self.setCurrentIndex(self.model().index(at.row(), section))
            self.step(1)
        else:
            super().keyPressEvent(event)

    def marked(self) -> list[str]:
        """The people in the selected rows, or else in the current row."""
        return super().marked() or [id for id in (self.place()[0],) if id]


class RecordOffer(QWidget):
    """Offers to enter or to end the work record that the checks of a month call for, `wanted`; of several the first. The keys work anywhere
    in the tab."""

    answered = Signal(object, bool)
    """The record, and whether to enter it now."""

    def __init__(self, tab: QWidget) -> None:
        super().__init__()
        self.wanted: Sequence[Wanted] = ()
        self.text = live_label()
        take, decline = partial(self._answer, enter=True), partial(self._answer, enter=False)
        self.take = button(_("记务工记录"), take, kind="primary", hint="F4", within=tab, writes=True)
        self.decline = button(_("先不记"), decline, hint="Shift F4", within=tab)
        self.setLayout(row(self.text, self.take, self.decline, shares=(1,)))
        self.hide()

    def _answer(self, *, enter: bool) -> None:
        if self.wanted:
            self.answered.emit(self.wanted[0], enter)

    def show_wanted(self, wanted: Sequence[Wanted]) -> None:
        """Name the first record that is wanted, and how many more are."""
        self.wanted = wanted
        if wanted:
            one, more = wanted[0], len(wanted) - 1
            text = _("{name}：{status}，务工记录还没有结束。") if one.spells else _("{name}：{status}，还没有务工记录。")
            said = text.format(name=one.name, status=show("status", one.status))
            self.text.setText(said + (_("另有 {n} 人也要补记。").format(n=more) if more else ""))
            self.take.setText(_("结束务工记录") if one.spells else _("记务工记录"))
            self.take.updateGeometry()


class CheckTab(QWidget):
    """The grid with its month, filters, progress and buttons."""

    record_wanted = Signal(object, str)
    """The work record to enter or end (`check_records.Wanted`), and the month whose check calls for it."""

    def __init__(self, frame: Frame, model: CheckModel) -> None:
        super().__init__()
        self._frame, self._model = frame, model
        self.grid = CheckGrid(model)
        once_there = TypedAhead(self.grid, lambda: model.awaited, model.shown).once_there
        self.month = Stepper(self, self._step)
        self.only = ChipBar({"all": _("全部"), "open": _("未填"), "changed": _("变动")})
        channels = Employment.KIND.by_name["channel"].choices or {}
        self.channel = choices(_("渠道"), {"": _("全部渠道"), **{code: _(word) for code, word in channels.items()}})
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("姓名、拼音、组"))
        self.search.setAccessibleName(_("在月监测里找"))
        self.search.setMaximumWidth(theme.px(145))
        self.channel.setMaximumWidth(theme.px(150))
        self.method = choices(_("核实方式"), {"": _("不填"), **{code: _(word) for code, word in METHODS.items()}})
        self.method.setCurrentIndex(self.method.findData(model.method))
        for box in (self.channel, self.method):
            box.setToolTip(box.accessibleName())
        self.by = QLineEdit(model.by)
        self.by.setAccessibleName(_("核实人"))
        self.by.setToolTip(_("核实人"))
        self.by.setMaximumWidth(theme.px(90))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(theme.px(120))
        self.filled = label("", "muted")
        for_all, spells = partial(once_there, model.same_for_all), partial(once_there, model.by_spells)
        self.offer = RecordOffer(self)
        self.same = button(_("与上月相同"), partial(once_there, self._same), hint="F6", within=self, writes=True)
        self.same_all = button(_("全部与上月相同"), for_all, kind="primary", hint="Shift F6", within=self, writes=True)
        self.by_spells = button(_("按务工记录填"), spells, hint="F7", within=self, writes=True)
        self.phones = button(_("电话单"), self._phones, icon="phone", hint="F8", within=self)
        self.setFocusProxy(self.grid)
        self.stack = stacked(self.grid, self._empty())
        self._list: PhoneList | None = None
        self._lay_out()
        self._connect()
        if model.loaded:
            self._show()

    # -- parts --------------------------------------------------------------------------------------

    def _empty(self) -> EmptyState:
        self.import_button = button(_("导入名册"), lambda: self._frame.open("importing"), hint="Ctrl I")
        self.show_all = button(_("看全部"), lambda: self.only.choose("all"))
        text = _("每个劳动力每月问一次：在外务工、在车间、待业……先有人员名册，这里就有名单。")
        return EmptyState(_("没有要问的人"), text, self.show_all, self.import_button, icon="phone")

    def _lay_out(self) -> None:
        self._filters_high = 0
        self._head = first = Flow(self.month, self.bar, self.filled, None, self.phones, self.same, self.same_all, spacing=8)
        method, by = captioned(_("核实方式"), self.method), captioned(_("核实人"), self.by)
        self._captions = (method[0], by[0])
        asked, asker = holder(row(*method)), holder(row(*by))  # keeps a field beside its caption
        self._hidden_if_low = (asked, asker)
        self._filters = second = Flow(self.only, self.channel, self.search, None, asked, asker, spacing=8)
        keys = "　".join(f"{key} {_(STATUSES[code])}" for key, code in STATUS_KEYS.items())
        told = _("按一个数字就填好并到下一人：{keys}　F6 与上月相同　F7 按务工记录填").format(keys=keys)
        self.keys = label(_whole_words(told), "small", wrap=True)
        self.keys.setAccessibleName(told)
        self.grid.setToolTip(told)
        self.below = holder(column(row(self.keys, self.by_spells, shares=(1,)), self.offer, spacing=4))
        self.setLayout(column(first, second, self.stack, self.below, spacing=8))

    def _connect(self) -> None:
        model = self._model
        self.only.chosen.connect(lambda key: model.narrow(only=key))
        self.channel.currentIndexChanged.connect(lambda _n: model.narrow(channel=self.channel.currentData()))
        self.search.textChanged.connect(lambda text: model.narrow(search=text))
        self.method.currentIndexChanged.connect(lambda _n: setattr(model, "method", self.method.currentData() or None))
        self.by.textChanged.connect(lambda text: setattr(model, "by", text.strip()))
        self.grid.model().cell_changed.connect(lambda change: model.typed(change.row, change.column, change.text))
        self.grid.refused.connect(self._frame.message)
        self.offer.answered.connect(self._answer_offer)
        model.shown.connect(self._show)
        model.progress.connect(self._progress)
        model.phones_found.connect(self._numbers)
        model.wanted_found.connect(self._show_offer)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._refresh_cells)
        model.line_changed.connect(lambda _person: self._soon.start())  # so that filling three hundred lines repaints once

    def _step(self, months: int) -> None:
        if self.grid.may_leave():
            self._model.step(months)

    # -- showing ------------------------------------------------------------------------------------

    def _show(self) -> None:
        model = self._model
        self.month.show_month(model.month)
        lines = model.lines()
        self.stack.setCurrentIndex(1 if model.loaded and not lines else 0)
        self._fit_below()
        self._fit_words()
        narrowed = model.only != "all" or bool(model.channel) or bool(model.search)
        self.show_all.setVisible(narrowed)
        self.import_button.setVisible(not narrowed)
        self.grid.set_content(self._columns(), [self._row(line) for line in lines], _cells(lines))
        self._show_state()

    def _show_state(self) -> None:
        model = self._model
        self.grid.set_tones(_tones(model.lines()))
        for key, count in model.counts().items():
            self.only.set_count(key, count)
        waiting, unasked = len(model.waiting()), len(model.unasked())
        self._name_same_all(waiting)
        self.same_all.setEnabled(waiting > 0)
        for made in (self.same, self.phones):
            made.setEnabled(bool(model.lines()))
        self.by_spells.setText(_("按务工记录填（{n}）").format(n=unasked))
        self._fit_below()

    def _name_same_all(self, waiting: int) -> None:
        """In a narrow window by fewer words, which leave the buttons on one line."""
        if self.width() < theme.px(_WORDS_FROM):
            self.same_all.setText(_("全部同上月（{n}）").format(n=waiting) if waiting else _("全部同上月"))
        else:
            self.same_all.setText(_("全部与上月相同（{n}）").format(n=waiting) if waiting else _("全部与上月相同"))
        self.same_all.updateGeometry()

    def _progress(self, done: int, whole: int) -> None:
        self.bar.setRange(0, max(whole, 1))
        self.bar.setValue(done)
        self.filled.setText(_("已填 {done}/{whole}").format(done=done, whole=whole))
        self.bar.setAccessibleName(self.filled.text())

    def _refresh_cells(self) -> None:
        cells = self.grid.model()
        cells.cells = _cells([line for one in cells.rows if (line := self._model.line(one.id)) is not None])
        self._show_state()

    def _row(self, line: CheckLine) -> GridRow:
        last = line.last
        parts = (show("status", last.status), without_province(show("place", last.place))) if last else ()
        before = " ".join(filter(None, parts)) if last else "—"
        fixed = {name: getattr(line.row, name) for name in ("group", "category", "work", "phone")}
        fixed["name"] = marked(line.row.name, line.row.mark)
        return GridRow(line.row.person_id, {**fixed, "last": before})

    def _columns(self) -> list[GridColumn]:
        """As many columns as fit; those with the highest rank are left out first."""
        wanted = [
            (0, GridColumn("name", _("姓名"), 84, editable=False, right=False, style="strong")),
            (3, GridColumn("group", _("组"), 62, editable=False, right=False, style="muted")),
            (4, GridColumn("category", _("身份"), 84, editable=False, right=False, style="muted")),
            (2, GridColumn("work", _("在册务工"), 150, editable=False, right=False, style="muted")),
            (0, GridColumn("last", _("上月"), 138, editable=False, right=False, style="muted")),
            (0, GridColumn("status", _("本月状态"), self._status_width(), right=False, style="strong")),
            (0, GridColumn("place", _("所在地"), 150, right=False)),
            (0, GridColumn("income", _("月收入（元）"), width(_("月收入（元）")))),
            (0, GridColumn("method", _("核实方式"), 76, right=False)),
            (0, GridColumn("by", _("核实人"), 72, right=False)),
            (1, GridColumn("phone", _("电话"), 112, editable=False, right=False)),
        ]
        room = (self.width() - theme.px(16)) / theme.scale()
        spare = 4
        while spare and sum(made.width for _spare, made in wanted) > room:
            wanted = [(rank, made) for rank, made in wanted if rank < spare]
            spare -= 1
        columns = [made for _spare, made in wanted if made.key != "group" or self._grouped()]
        wide = sum(made.key in _WIDENED for made in columns)
        free = int(room - sum(made.width for made in columns)) + wide * _NARROWED
        columns[0] = replace(columns[0], width=names_width(self._names(), columns[0].width, columns[0].width + max(0, free)))
        more = max(-_NARROWED, int(room - sum(made.width for made in columns)) // wide)
        return [replace(made, width=made.width + more) if made.key in _WIDENED else made for made in columns]

    def _status_width(self) -> int:
        """The width (px at 100 % text size) of the widest status, which in English is wider than its heading."""
        measured = QFontMetrics(theme.font(bold=True))
        return max(92, *(round(measured.horizontalAdvance(_(word)) / theme.scale()) + 24 for word in STATUSES.values()))

    def _names(self) -> Iterator[str]:
        return (marked(line.row.name, line.row.mark) for line in self._model.lines())

    def _grouped(self) -> bool:
        return any(line.row.group for line in self._model.lines())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose columns and hide widgets to fit the new size."""
        super().resizeEvent(event)
        self.bar.setVisible(self.width() >= theme.px(_BAR_FROM))
        self._fit_words()
        for part in self._hidden_if_low:
            part.setVisible(self.height() >= theme.px(_BELOW_FROM))
        self._fit_below()
        if self._columns() != self.grid.model().columns:
            self._show()

    def _fit_words(self) -> None:
        """Hide what is said elsewhere too: the captions also where they would push a box to a line of its own, as English words do."""
        wide = self.width() >= theme.px(_WORDS_FROM)
        self.same.setVisible(wide)
        self._name_same_all(len(self._model.waiting()))
        shown = (self.only, self.channel, self.search, *self._captions, self.method, self.by)
        needed = sum(min(part.sizeHint().width(), part.maximumWidth()) + theme.px(8) for part in shown)
        for caption in self._captions:
            caption.setVisible(wide and needed <= self.width())

    def _fit_below(self) -> None:
        """Show below the grid the keys and what the records lack; in a low window the latter only."""
        offered, height = bool(self.offer.wanted), self.height()
        low, both = height < theme.px(_BELOW_FROM), height >= theme.px(_BOTH_FROM)
        room = both or (not offered and (not low or self.width() >= theme.px(_KEYS_FROM)))
        keys = room and bool(self._model.lines())
        self.offer.setVisible(offered)
        self.keys.setVisible(keys)
        self.by_spells.setVisible(bool(self._model.unasked()) and not low and (keys or not offered))
        self.below.setVisible(offered or keys or not low)
        for part in (self.only, self.channel, self.search):
            part.setVisible(not (offered and low and self._crowded()))

    def _crowded(self) -> bool:
        """Whether buttons and filters, wrapped to several lines, leave no room for three rows of the grid and the offer."""
        if self.only.isVisibleTo(self):
            self._filters_high = self._filters.heightForWidth(self.width())
        lines = self._head.heightForWidth(self.width()) + self._filters_high
        return lines + self.below.sizeHint().height() + theme.px(3 * 8 + 4 * 32) > self.height()

    def _show_offer(self, wanted: Sequence[Wanted]) -> None:
        self.offer.show_wanted(wanted)
        self._fit_below()

    # -- actions ------------------------------------------------------------------------------------

    def _answer_offer(self, wanted: Wanted, enter: bool) -> None:
        if not enter:
            self._model.decline(wanted.person_id)
        elif self.grid.may_leave():
            self.record_wanted.emit(wanted, self._model.month)

    def _same(self) -> None:
        ids = self.grid.marked()
        if ids and self._model.same(ids):
            self.grid.step(1)

    def _phones(self) -> None:
        self._list = PhoneList(self._frame, self, self._model.lines(), self._reveal)
        self._list.finished.connect(self._phones_closed)
        self._list.open()

    def _phones_closed(self) -> None:
        if self._list is not None:
            self._list.deleteLater()
            self._list = None

    def _numbers(self, numbers: Mapping[str, str]) -> None:
        if self._list is not None:
            self._list.show_numbers(numbers)

    def _reveal(self, ids: Sequence[str]) -> None:
        if self._frame.reason() is not None:
            self._model.reveal(ids)


def _whole_words(keys: str) -> str:
    """Break a line of keys only between two of them; Chinese may otherwise be broken within a word."""
    first, *rest = re.split("　|  ", keys)
    return "　".join([first, *("\N{WORD JOINER}".join(one.replace(" ", "\N{NO-BREAK SPACE}")) for one in rest)])


def _cells(lines: Sequence[CheckLine]) -> dict[tuple[str, str], str]:
    return {(line.row.person_id, name): text for line in lines for name, text in texts(line.now).items()}


def _tones(lines: Sequence[CheckLine]) -> dict[tuple[str, str], str]:
    """Statuses that changed since last month are amber; the column 上月 shows the earlier one."""
    tones: dict[tuple[str, str], str] = {}
    for line in lines:
        if line.now is not None and line.last is not None and not line.now.same_fact(line.last):
            tones[line.row.person_id, "status"] = "warn"
    return tones
