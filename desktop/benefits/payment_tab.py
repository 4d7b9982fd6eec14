"""The tab 拨付, at the county: claims due for payment, a batch with fund, budget number and control total, the bank's sheet and its
answer."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop import theme
from desktop.benefits.payment_model import Order, PaymentModel
from desktop.benefits.presenting import DueLine, PaidLine
from desktop.page import Frame
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label, show_text
from desktop.widgets.inputs import captioned, choices
from desktop.widgets.layout import column, fill, holder, scrolled
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable
from desktop.widgets.line_editors import LineEditor
from desktop.widgets.spoken import live_label
from domain import clock, divisions
from domain.money import fen, yuan_grouped
from domain.records import Payment
from domain.records.choices import FUNDS
from domain.words import _
from services.payments.bank_answers import Answered

LEAST = 172
"""Minimum height of a list in px, with its buttons in two rows; in a lower window the tab scrolls."""
MOST_REJECTED = 12
"""The most rejected rows of a bank's sheet listed in the dialog."""


class PaymentTab(QWidget):
    """Claims due above, payments below."""

    def __init__(self, frame: Frame, model: PaymentModel) -> None:
        super().__init__()
        self._frame, self.model = frame, model
        self._next: LedgerTable | None = None
        """The list to focus once it is loaded."""
        self._new: list[str] = []
        """The payments just made."""
        self._refused: Order | None = None
        """The input of a payment that failed, so that fund and number need not be entered again."""
        empty = EmptyState(_("没有待拨付的申请"), _("县公示无异议、批准以后的申请会列在这里。"), icon="coin-yuan")
        due = in_memory(_due_columns(), lambda _view: model.due, attrgetter("claim.id"))
        self.due = LedgerTable(frame, due, key="due", empty=empty, title=_("待拨付"))
        self.sum = label("", "strong")
        self.due.bar.insertWidget(0, self.sum)
        self.due.add(button(_("全选"), lambda: self.due.table.selectAll(), hint="Ctrl A"), rows=True)
        self.due.add(button(_("资金申请公函"), lambda: model.print(self, "fund_request"), icon="printer"), rows=True)
        self.due.add(button(_("拨付…"), self._pay, kind="primary", hint="F7", within=self, writes=True), rows=True)
        nothing = EmptyState(_("还没有拨付记录"), _("拨付以后，导出给银行的表，再读回银行的结果。"), icon="coin-yuan")
        paid = in_memory(_paid_columns(), lambda _view: model.payments)
        self.paid = LedgerTable(frame, paid, key="payments", empty=nothing, title=_("拨付记录"))
        self.paid.add(button(_("导出银行表…"), self._sheet, icon="file-export", hint="F8", within=self), rows=True)
        self.paid.add(button(_("读银行结果…"), self._read, icon="file-import", hint="F6", within=self, writes=True))
        self.refund = button(_("登记退款…"), self._refund, hint="F4", within=self, writes=True)
        self.paid.add(self.refund, rows=True)
        self.refund.hide()
        for one in (self.due, self.paid):
            one.setMinimumHeight(theme.px(LEAST))
        self.funds = label("", "muted", wrap=True)
        self.funds.hide()
        lists = column(label(_("待拨付"), "heading"), self.funds, self.due, label(_("拨付记录"), "heading"), self.paid, spacing=6)
        self.setLayout(column(scrolled(holder(lists)), spacing=0))
        model.changed.connect(self._changed)
        model.paid.connect(self._paid)
        model.written.connect(self._written)
        model.answered.connect(self._answered)
        model.refunded.connect(self._refunded)
        for one in (self.due, self.paid):
            one.loaded.connect(lambda _n, list_=one: self._list_loaded(list_))
        for asked in (self.due.opened, self.due.edit_asked):
            asked.connect(self._open)
        self.due.table.selectionModel().selectionChanged.connect(lambda *_lines: self._show_sum())

    def start(self) -> None:
        """Load when the tab is shown."""
        self.model.load()
        self.due.table.setFocus()

    def _written(self, n: int, unsent: int, file: str) -> None:
        self.model.load()
        done = _("已导出 {n} 笔到 {file}").format(n=n, file=file)
        wait = _("。其中 {n} 笔县里还没有收到：先按 F9 同步，县里收下了再交给银行，免得别的电脑也拨了")
        self._frame.message(done + (wait.format(n=unsent) if unsent else ""))

    def _changed(self) -> None:
        self.due.reload()
        self.paid.reload()
        self.refund.setVisible(any(one.awaited for one in self.model.payments))
        show_text(self.funds, "\n".join(self.model.funds.values()))
        self._show_sum()

    def _list_loaded(self, list_: LedgerTable) -> None:
        self._show_sum()
        if list_ is self._next:
            self._next = None
            new = [line for id in self._new if (line := list_.model.line_of(id)) >= 0]
            if new:  # not selected: the bank's sheet is of the selected ones, or of all that wait
                index = list_.model.index(min(new), 0)
                list_.table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            list_.table.setFocus()

    def _open(self, id: str) -> None:
        """Whose it is: there an account is mended."""
        claim = next((one.claim for one in self.model.due if one.claim.id == id), None)
        if claim is not None and claim.person_id:
            self._frame.open("people", id=claim.person_id)
        elif claim is not None:
            self._frame.open("workshop", id=claim.employer_id, tab="basics")

    def _chosen(self) -> list[str]:
        return self.due.selected_ids()

    def _total(self) -> int:
        chosen = set(self._chosen())
        return sum(one.due.amount for one in self.model.due if one.claim.id in chosen)

    def _show_sum(self) -> None:
        count = len(self._chosen())
        self.sum.setText(_("选中 {n} 笔，{amount} 元").format(n=count, amount=yuan_grouped(self._total())) if count else "")

    def _pay(self) -> None:
        chosen = self._chosen()
        if not chosen:
            asked = _("请先选中要拨付的申请，按住 Ctrl 可选几个，Ctrl+A 全选。")
            self._frame.message(asked if self.due.model.ids else _("没有待拨付的申请"))
            return
        lines = [one for one in self.model.due if one.claim.id in set(chosen)]
        if self._ask_changed(lines):
            self.model.check_papers(lines, lambda lacking: self._ask_and_pay(lines, lacking))

    def _ask_and_pay(self, lines: Sequence[DueLine], lacking: str) -> None:
        dialog = dialogs.Dialog(self, _("拨付"), _before_paying(lines) + lacking)
        fund, number, total = choices(_("资金渠道"), {code: _(word) for code, word in FUNDS.items()}), QLineEdit(), QLineEdit()
        usual = self._refused.fund if self._refused else next((one.fund for one in lines if one.fund), "")
        fund.setCurrentIndex(max(0, fund.findData(usual)))
        number.setText(self._refused.budget_number if self._refused else "")
        for name, editor in ((_("资金渠道"), fund), (_("指标文号"), number), (_("控制总额（元）"), total)):
            fill(dialog.body, captioned(name, editor))
        balance = label("", "muted", wrap=True)
        dialog.body.addWidget(balance)
        fund.currentIndexChanged.connect(lambda _place: balance.setText(self.balance(str(fund.currentData()), lines)))
        balance.setText(self.balance(str(fund.currentData()), lines))
        dialog.add_answers(_("拨付"))
        wrong = live_label("bad")
        wrong.hide()
        dialog.body.addWidget(wrong)
        fund.setFocus()
        while dialog.run():
            error = self.order(str(fund.currentData()), number.text().strip(), total.text())
            if not error:
                return
            wrong.setText(error)  # the input stays, to be corrected
            wrong.show()
            total.selectAll()
            total.setFocus()

    def _ask_changed(self, lines: Sequence[DueLine]) -> bool:
        """Ask about those for whom something has become otherwise since the approval, or nothing since the bank refused them, each with its
        reason; whether to go on."""
        changed = [(one.due.name, why) for one in lines if (why := _("；").join(filter(None, (one.due.changed, _unmended(one)))))]
        return dialogs.ask_of_each(self, changed, _("核实过、确实该拨的再拨；不该拨的，请在「办理」里退回。"), yes=_("照批准的拨"))

    def balance(self, fund: str, lines: Sequence[DueLine] = ()) -> str:
        """Return what is left of a fund, and how many of the chosen claims should be paid from another one."""
        text = self.model.funds.get(fund) or _("这项资金今年没有设额度，也没有拨过。")
        other = [one for one in lines if one.fund not in ("", fund)]
        if not other:
            return text
        named = _("、").join(_(FUNDS[code]) for code in dict.fromkeys(one.fund for one in other))
        return text + "\n" + _("选中的有 {n} 笔按政策应从{funds}列支，请核对资金渠道。").format(n=len(other), funds=named)

    def order(self, fund: str, number: str, total: str) -> str:
        """Pay the chosen claims with the dialog's input; returns what is wrong with the control total, or ""."""
        try:
            amount = fen(total.replace(",", "").strip())
        except ValueError:
            return _("控制总额应为金额，如 12000.00")
        if amount != self._total():
            return _("控制总额不符：名单合计 {sums} 元，填写的是 {total} 元。请核对后再拨。").format(
                sums=yuan_grouped(self._total()), total=yuan_grouped(amount)
            )
        self._refused = Order(self._chosen(), fund, number, amount)  # until it is paid
        self.model.pay(self._refused)
        return ""

    def _paid(self, ids: list[str]) -> None:
        self._refused, self._new = None, ids
        self._frame.message(_("已拨付 {n} 笔，请导出银行表").format(n=len(ids)), undo=True)
        self._next = self.paid  # the next step, the bank's sheet, starts there
        self.model.load()

    def _sheet(self) -> None:
        ids = self.model.sendable(self.paid.selected_ids()) or self.model.unlisted()
        again = [one.name for one in self.model.payments if one.id in set(ids) and one.listed]
        if not ids:
            waits = any(one.open for one in self.model.payments)
            told = _("等银行结果的都导出过了。银行没有收到的，请先在拨付记录里选中，再导出。")
            self._frame.message(told if waits else _("没有等银行结果的拨付，不用导出。"))
            return
        warning = _("{names}已经在导出过的、或另一台电脑的清单里。银行收到过的再给一次，会付两次。").format(names=_several(again))
        if again and not dialogs.ask(self, _("有 {n} 笔可能已经交给银行").format(n=len(again)), warning, yes=_("还要导出"), danger=True):
            return
        reason = self._frame.reason(dialogs.PAYING)
        if not reason:
            return
        file = dialogs.save_as(self, _("导出到"), _("拨付清单 {day}.xlsx").format(day=clock.today()))
        if file is not None:
            self.model.bank_sheet(ids, file, reason)

    def _read(self) -> None:
        file = dialogs.open_file(self, _("银行填好的拨付表"), "Excel (*.xlsx *.xls *.et *.csv *.txt)")
        if file is not None:
            self.model.read_answer(file)

    def _answered(self, answer: Answered) -> None:
        summary = _("成功 {paid} 笔，失败 {failed} 笔").format(paid=answer.paid, failed=answer.failed)
        if answer.known:
            summary += _("，以前已登记 {n} 笔").format(n=answer.known)
        if answer.rejected:
            lines = [_("第 {row} 行：{why}").format(row=row, why=why) for row, why in answer.rejected[:MOST_REJECTED]]
            more = len(answer.rejected) - MOST_REJECTED
            lines += [_("还有 {n} 行").format(n=more)] if more > 0 else []
            if not (answer.paid or answer.failed or answer.known):
                lines.append(_("一笔也没有收，多半是别的一份清单的结果：请看「拨付记录」里哪几笔在等银行。"))
            dialogs.show_message(self, _("有 {n} 行没有收").format(n=len(answer.rejected)), "\n".join([summary, *lines]))
        self._frame.message(summary, undo=answer.paid + answer.failed > 0)
        self._next = self.due  # failed payments are due again
        self.model.load()

    def _refund(self) -> None:
        """Ask for the day and the receipt of what came back of the selected claim, or of the only one of which something is awaited."""
        awaited = {one.id: one for one in self.model.payments if one.awaited}
        line = awaited.get(self.paid.current_id()) or (next(iter(awaited.values())) if len(awaited) == 1 else None)
        if line is None:
            self._frame.message(_("请先在拨付记录里选中「等退款」的那一笔。"))
            return
        text = _("{name}，{item}：应退 {amount} 元。钱全部退到账上以后再登记；分几次退的，退齐了再登记。")
        text = text.format(name=line.name, item=line.item, amount=yuan_grouped(-line.payment.amount))
        day, title = LineEditor(Payment.KIND.by_name["paid_on"]), _("登记退款")
        day.set_value(clock.today())
        late = _("退款日期要写成 {example} 这样，不晚于今天。").format(example=clock.today())
        chosen = dialogs.ask_value(
            self, title, text, day, _("下一步"), lambda on: "" if on and on <= clock.today() else late, caption=_("退款日期")
        )
        receipt = dialogs.ask_text(self, title, _("退款凭证（查账的人会看到）"), about=text) if chosen else None
        if chosen and receipt:
            self.model.refund(line.id, receipt, chosen[0])

    def _refunded(self, amount: int) -> None:
        self._frame.message(_("已登记退款 {amount} 元，这一笔办结").format(amount=yuan_grouped(amount)), undo=True)
        self._next = self.paid
        self.model.load()


def _before_paying(lines: Sequence[DueLine]) -> str:
    """The text shown before these claims are paid."""
    text = _("名单合计 {n} 笔。控制总额由另一位同事核算后填写，与名单不符就不拨。").format(n=len(lines))
    if lacking := sum(not one.due.account for one in lines):
        text += _("其中 {n} 笔没有账号，银行会退回。").format(n=lacking)
    if reviewed := sum(one.due.reviewed for one in lines):
        text += _("其中 {n} 笔是您自己审核或批准的，最好换一位同事拨付。").format(n=reviewed)
    if doubtful := _("、").join(one.due.name for one in lines if one.due.doubt):
        text += _("账号要先核实的：{names}。").format(names=doubtful)
    return text


def _several(names: Sequence[str]) -> str:
    """Some people by name."""
    return _("、").join(names[:MOST_REJECTED]) + (_("等") if len(names) > MOST_REJECTED else "")


def _unmended(line: DueLine) -> str:
    """What the bank refused, if nothing was changed since."""
    why = line.due.failed or _("银行没有写原因")
    return _("银行上次退回（{why}），以后没有改过账号").format(why=why) if line.due.unmended else ""


def _account(line: DueLine) -> str:
    return _("没有") if not line.due.account else _("要核实") if line.due.doubt else _("有")


def _failed(line: DueLine) -> str:
    """What is to be checked, and why it failed before."""
    return _("；").join(filter(None, (line.due.barred, line.due.doubt, line.due.changed, line.due.failed)))


def _due_columns() -> list[Column[DueLine]]:
    return [
        Column("name", _("收款人"), 92, lambda one: one.due.name, style="strong"),
        Column("village", _("村"), 84, lambda one: divisions.called(one.claim.village)),
        Column("item", _("补助项目"), 200, lambda one: one.item),
        Column("year", _("年度"), 58, lambda one: one.claim.year),
        Column("amount", _("金额（元）"), 100, lambda one: one.due.amount, yuan_grouped, right=True),
        Column("account", _("账号"), 84, _account, style="chip", tones={_("没有"): "warn", _("要核实"): "bad"}, sortable=False),
        Column("failed", _("要核实的、上次失败原因"), 260, _failed, sortable=False),
    ]


def _paid_columns() -> list[Column[PaidLine]]:
    tones = {_("成功"): "good", _("失败"): "bad", _("等银行"): "info", _("待导出"): "warn", _("只记已拨付"): "warn", _("等退款"): "warn"}
    payment = attrgetter("payment")

    def result(one: PaidLine) -> str:
        return one.instead or one.payment.shown("bank_result") or (_("等银行") if one.listed else _("待导出"))

    return [
        Column("name", _("收款人"), 92, lambda one: one.name, style="strong"),
        Column("village", _("村"), 84, lambda one: one.village),
        Column("item", _("补助项目"), 200, lambda one: one.item),
        Column("amount", _("金额（元）"), 100, lambda one: one.payment.amount, yuan_grouped, right=True),
        Column("paid_on", _("拨付日期"), 100, payment),
        Column("number", _("指标文号"), 130, lambda one: one.payment.budget_number, sortable=False),
        Column("result", _("银行结果"), 90, result, style="chip", tones=tones, sortable=False),
        Column("reason", _("失败原因"), 180, payment, sortable=False),
    ]
