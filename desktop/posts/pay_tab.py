"""The tab 补贴发放: the pay due to each holder for the month, reasons against it, and recording payments."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.paper.forms import FormPrinter
from desktop.posts.month_model import MonthModel
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.inputs import Stepper
from desktop.widgets.layout import column
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source
from desktop.widgets.line_editors import LineEditor
from domain import clock
from domain.grouping import by_key
from domain.money import yuan_grouped
from domain.periods import last_day
from domain.records import PostPay
from domain.words import _
from services.posts.pay import MonthLine

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
