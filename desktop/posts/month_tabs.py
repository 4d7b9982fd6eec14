"""The tabs of a month. 考勤: holders × days; Space cycles through 出勤, 病假, 事假, 旷工 and 休, stored as one letter per day. 补贴发放:
the pay due to each holder, reasons against it, and recording payments."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame
from desktop.paper.forms import FormPrinter
from desktop.posts.view_model import MARKS, OPEN, MonthModel, letter
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.entry_grid import EntryGrid, GridColumn, GridRow
from desktop.widgets.figures import names_width
from desktop.widgets.inputs import Stepper
from desktop.widgets.layout import Flow, column, holder, row, stacked
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source
from desktop.widgets.line_editors import LineEditor
from desktop.widgets.sheet_tab import SheetTab
from domain import clock
from domain.errors import FieldError
from domain.grouping import by_key
from domain.money import yuan_grouped
from domain.periods import last_day
from domain.records import PostPay
from domain.words import _
from domain.workdays import is_workday
from services.posts.pay import MonthLine

POST_FROM = 1400
"""From this width (px at 100 % text size) there is a column for the post."""
NUMBER_FROM = 900
"""From this width there is a column of numbers, and the days are wider: in English the navigation takes more room."""
_DAY, _NARROW_DAY = 24, 20
"""Width of a day's column: the whole month is visible on a screen 1366 px wide at 125 % text size, or 1024 px at 100 %."""

_NUMBER, _NAME, _POST, _SUM = 26, 78, 84, 44
"""Widths of the other columns; names get what is left, if they need it."""


class AttendanceTab(SheetTab[MonthModel]):
    """The grid with its month and buttons."""

    def __init__(self, frame: Frame, model: MonthModel, appoint: QWidget, printer: FormPrinter) -> None:
        super().__init__(frame, model, EntryGrid(_read, name=_("考勤"), dense=True), lambda: bool(model.pending()), model.save)
        self._printer = printer
        self.grid.freeze(2)
        self.grid.toggles = tuple(_(mark) for mark in MARKS.values())
        self.bar = Stepper(self, model.step)
        self.figures = label("", "muted")
        self.paper = button(_("考勤表"), self._print, icon="printer", hint="Ctrl P", within=self)
        self.rest = button(_("当天休"), lambda: self.ahead.once_there(self._rest), hint="F8", within=self, writes=True)
        self.line = button(_("此人全勤"), lambda: self.ahead.once_there(self._fill_row), hint="F6", within=self, writes=True)
        self.everyone = button(_("全部全勤"), lambda: self.ahead.once_there(model.all_present), hint="F7", within=self, writes=True)
        words = _("先在「在岗人员」里办上岗，或导入公益岗台账。")
        self.stack = stacked(self.grid, EmptyState(_("这个月没有在岗的人"), words, appoint, icon="shield"))
        marks_text = "　".join(_(mark) for mark in list(MARKS.values())[1:-1])
        foot = _("空格依次：✓ 出勤　{marks}（病假、事假、旷工、休）　空白；也可直接输入一个字。方向键移动，选中一片可一起改。").format(
            marks=marks_text
        )
        head = Flow(self.bar, None, self.paper, self.rest, self.line, self.everyone, self.save_button, spacing=8)
        # not in the head: the row would wrap as soon as a mark makes 保存 longer
        below = row(label(foot, "small", wrap=True), 12, self.figures, shares=(1,))
        self.grid.setToolTip(foot)
        self.below = holder(below)
        self.setLayout(column(head, self.stack, self.below, spacing=8))
        self.grid.model().cell_changed.connect(lambda change: model.mark(change.row, int(change.column), change.text))
        self._show()
        self._pending()

    def _show(self) -> None:
        model = self._model
        self.bar.show_month(model.month)
        self._show_anybody(bool(model.lines))
        days = model.days
        rows = [
            GridRow(
                one.id,
                {"no": str(n), "name": one.holder.name, "post": one.holder.post_name},
                frozenset(str(day) for day in days if day not in one.on_post),
            )
            for n, one in enumerate(model.lines, 1)
        ]
        cells = {(id, str(n)): _(MARKS[mark]) for id, line in model.marks.items() for n, mark in enumerate(line, 1) if mark != OPEN}
        self.grid.set_content(self._columns(), rows, cells)

    def _columns(self) -> list[GridColumn]:
        wide, numbered = (self.width() >= theme.px(least) for least in (POST_FROM, NUMBER_FROM))
        names = names_width(
            (one.holder.name for one in self._model.lines), _NAME, _NAME + max(0, self._spare(wide=wide, numbered=numbered))
        )
        return [
            *([GridColumn("no", _("序"), _NUMBER, editable=False, right=False)] if numbered else []),
            GridColumn("name", _("姓名"), names, editable=False, right=False, style="strong"),
            *([GridColumn("post", _("岗位"), _POST, editable=False, right=False)] if wide else []),
            GridColumn("sum", _("出勤"), _SUM, editable=False, style="strong", compute=self._model.present),
            *(GridColumn(str(day), str(day), self._day(numbered=numbered), right=False, sign=True) for day in self._model.days),
        ]

    def _spare(self, *, wide: bool, numbered: bool) -> int:
        """The room (px at 100 % text size) beside the columns, so that longer names do not push the last days out of sight."""
        return self._for_days(wide=wide, numbered=numbered) - len(self._model.days) * self._day(numbered=numbered)

    def _for_days(self, *, wide: bool, numbered: bool) -> int:
        return int(self.width() / theme.scale()) - 20 - _NUMBER * numbered - _NAME - _POST * wide - _SUM

    def _day(self, *, numbered: bool) -> int:
        fits = self._for_days(wide=False, numbered=numbered) // max(len(self._model.days), 1)
        return max(_NARROW_DAY, min(_DAY - (not numbered), fits))

    def _pending(self) -> None:
        model = self._model
        self._count(_("保存 {n} 人"), len(model.pending()))
        done = sum(set(line) != {OPEN} or bool(model.present(id)) for id, line in model.marks.items())
        self.figures.setText(_("在岗 {n} 人　已填 {done} 人").format(n=len(model.lines), done=done) if model.lines else "")
        self.grid.set_tones(self._tones())
        for one in (self.everyone, self.line, self.rest, self.paper):
            one.setEnabled(bool(model.lines))

    def _tones(self) -> dict[tuple[str, str], str]:
        """Absences stand out; days outside the appointment, weekends and holidays are grey. The cell's text says the same."""
        tones = {}
        resting = {day for day in self._model.days if not is_workday(f"{self._model.month}-{day:02d}")}
        for one in self._model.lines:
            for day, mark in enumerate(self._model.marks[one.id], 1):
                if day not in one.on_post or mark == "R" or (mark == OPEN and day in resting):
                    tones[one.id, str(day)] = "plain"
                elif mark in "SLA":
                    tones[one.id, str(day)] = "bad" if mark == "A" else "warn"
        return tones

    def _print(self) -> None:
        if self.grid.unsaved():  # the paper shows what is saved: it would be empty
            self._frame.message(_("考勤还没有保存。请先按 Ctrl＋S 保存，再打印。"))
        else:
            self._printer.show(self, "post_attendance", month=self._model.month)

    def _fill_row(self) -> None:
        if ids := self.grid.marked():
            self._model.all_present(ids)

    def _rest(self) -> None:
        day = self.grid.place()[1]
        if day.isdigit():
            self._model.rest(int(day))
        else:
            self._frame.message(_("请先把光标移到那一天。"))


def _read(_row: str, _column: str, text: str) -> str:
    """Return the cell's text for a typed or pasted mark. Raises `FieldError`."""
    try:
        return _(MARKS[letter(text)])
    except KeyError:
        raise FieldError(_("「{text}」不是考勤：填 ✓ 病 事 旷 休，或留空").format(text=text), "choice") from None


MOST_NAMED = 3


class PayTab(QWidget):
    """The list."""

    def __init__(self, frame: Frame, model: MonthModel, printer: FormPrinter) -> None:
        super().__init__()
        self._frame, self._model, self._printer = frame, model, printer
        self.bar = Stepper(self, model.step)
        self.sum = label("", "strong")
        empty = EmptyState(
            _("这个月没有在岗的人"), _("有人在岗、考勤填好以后，这里按「标准÷规定天数×出勤天数」算出补贴。"), icon="coin-yuan"
        )
        self.table = LedgerTable(frame, _list(model), key="post-pay", empty=empty, title=_("补贴发放"))
        self.table.bar.insertWidget(0, self.bar)
        self.table.bar.insertWidget(1, self.sum)
        self.pay_button = button(_("记发放…"), self.pay, kind="primary", hint="F7", within=self, writes=True)
        self.papers = (
            button(_("汇总表"), lambda: self._form("post_pay_summary"), icon="printer", hint="Ctrl P", within=self),
            button(_("公示表"), lambda: self._form("post_pay_notice"), icon="printer", hint="F8", within=self),
        )
        self.table.add(*self.papers, self.pay_button)
        self.setLayout(column(self.table, spacing=0))
        self.setFocusProxy(self.table)
        model.shown.connect(self._show)
        self._show()

    # -- the list -----------------------------------------------------------------------------------

    def _show(self) -> None:
        self.bar.show_month(self._model.month)
        if self._model.loaded:
            self.table.reload()
        due = self._model.due()
        total = yuan_grouped(sum(one.due for one in due))
        text = _("可发 {n} 人，{amount} 元").format(n=len(due), amount=total)
        if doubtful := sum(bool(one.cautions) for one in due):
            text += _("；其中 {n} 人先核实").format(n=doubtful)
        self.sum.setText(text if self._model.lines else "")
        self.pay_button.setEnabled(bool(due))
        for one in self.papers:
            one.setEnabled(bool(self._model.lines))

    # -- actions ------------------------------------------------------------------------------------

    def pay(self) -> None:
        """Ask for the day and record the selected holders, or everybody due, as paid."""
        if self._model.dirty:
            self._frame.message(_("考勤还没有保存。请先到「考勤」保存，再记发放。"))
            return
        chosen = self._model.due(self.table.selected_ids() if len(self.table.selected_ids()) > 1 else ())
        if not chosen:
            self._frame.message(_("没有可发的：考勤没填、已发过，或有要核实的。"))
            return
        total = yuan_grouped(sum(one.due for one in chosen))
        text = _("{n} 人，合计 {amount} 元。钱发到卡上以后再记；记错了可以撤销。").format(n=len(chosen), amount=total)
        if clock.today() < last_day(self._model.month):
            text += _("这个月还没有过完，金额只按已经填的考勤算，以后补的天数不会自动补发。")
        if doubts := by_key((caution, one.holder.name) for one in chosen for caution in one.cautions):
            found = _("；").join(_("{what}（{who}）").format(what=what, who=_who(names)) for what, names in doubts.items())
            text += "\n" + _("请先核实：{found}。县里确实让发的再记。").format(found=found)
        day, ids = LineEditor(PostPay.KIND.by_name["paid_on"]), [one.id for one in chosen]
        day.set_value(clock.today())
        name = _("记发放")
        dialogs.ask_value(self, name, text, day, name, lambda day: self.record(day, ids), caption=_("发放日期"))

    def record(self, day: str | None, ids: Sequence[str]) -> str:
        """Record these people as paid on a day. Returns what is wrong with the day, or ""."""
        if not day or day < f"{self._model.month}-01":
            return _("发放日期要写成 {example} 这样，不早于这个月。").format(example=last_day(self._model.month))
        if day > clock.today():
            return _("这一天还没有到。钱发到卡上以后再记；电脑日期不对的，先调准。")
        self._model.pay(day, ids)
        return ""

    def _form(self, name: str) -> None:
        if self._model.dirty:
            self._frame.message(_("考勤还没有保存。请先到「考勤」保存，再打印。"))
        else:
            self._printer.show(self, name, month=self._model.month)


def _who(names: Sequence[str]) -> str:
    """A few people by name, more by number."""
    return _("、").join(names) if len(names) <= MOST_NAMED else _("{n} 人").format(n=len(names))


def _paid(one: MonthLine) -> str:
    """When and how much was paid; "" if nothing was."""
    if one.paid is None:
        return ""
    words = _("{day} 发 {amount} 元") if one.paid.paid_on else _("已发 {amount} 元")
    paid = words.format(day=one.paid.paid_on, amount=yuan_grouped(one.paid.amount))
    now = _("按现在的考勤应为 {amount} 元").format(amount=yuan_grouped(one.amount or 0)) if one.differs else ""
    return _("；").join(filter(None, (paid, now)))


def _state(one: MonthLine) -> str:
    if one.differs:
        return _("与考勤不符")
    if one.note:
        return _("待核实")
    return _("已发") if one.paid else _("先核实") if one.cautions else _("可发")


def _note(one: MonthLine) -> str:
    """What was paid; why nothing may be paid, or what is to be verified."""
    doubts = [one.note] if one.note else one.cautions
    return _("；").join(filter(None, (_paid(one), *doubts)))


def _standard(one: MonthLine) -> int:
    return one.holder.post.standard if one.holder.post is not None else 0


def _list(model: MonthModel) -> Source:
    tones = {_("可发"): "good", _("待核实"): "warn", _("先核实"): "warn", _("已发"): "plain", _("与考勤不符"): "warn"}
    columns: list[Column[MonthLine]] = [
        Column("name", _("姓名"), 84, lambda one: one.holder.name, style="strong", sortable=False),
        Column("post", _("岗位"), 96, lambda one: one.holder.post_name, sortable=False),
        Column("days", _("出勤天数"), 76, lambda one: one.days, right=True, sortable=False),
        Column("amount", _("补贴（元）"), 92, lambda one: one.amount, yuan_grouped, right=True, sortable=False),
        Column("state", _("状态"), 96, _state, style="chip", tones=tones, sortable=False),
        Column("note", _("说明"), 260, _note, sortable=False),
        Column("standard", _("标准（元/月）"), 100, _standard, yuan_grouped, right=True, sortable=False),
        Column("required", _("规定天数"), 76, lambda one: one.required, right=True, sortable=False),
        Column("id_number", _("证件号码"), 170, lambda one: one.holder.id_number, sortable=False),
    ]
    return in_memory(columns, lambda _view: model.lines)
