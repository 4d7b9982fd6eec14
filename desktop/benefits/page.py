"""The page 补助: 应享未享 · 办理 · 公示 · 拨付 (the last at the county only). 应享未享 shows who is entitled and has not claimed, who
nearly is, who claimed without being entitled, which claims are to be decided upon, and who was granted too little; filing is in batches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QWidget

from desktop.benefits import signed_dialog
from desktop.benefits.notice_model import NoticeModel
from desktop.benefits.notice_tab import NoticeTab
from desktop.benefits.path_tab import PathTab
from desktop.benefits.payment_model import PaymentModel
from desktop.benefits.payment_tab import PaymentTab
from desktop.benefits.presenting import NEARLY, UNCLAIMED, UNDECIDED, UNDERPAID, UNENTITLED, ScreeningLine, whose
from desktop.benefits.signed_model import SignedLine, SignedModel
from desktop.benefits.view_model import Filed, PathModel, ScreeningModel
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from desktop.widgets import dialogs, writing
from desktop.widgets.basics import EmptyState, bind, button, label
from desktop.widgets.inputs import choices, offer
from desktop.widgets.layout import Beside, Flow, column, holder
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, View
from desktop.widgets.tabs import ChipBar, Later, TabStack
from desktop.widgets.verdict_card import VerdictCards, Verdicts
from domain.money import yuan_grouped
from domain.records import Notice
from domain.words import _

CARD_WIDTH = 364


class ScreeningTab(QWidget):
    """The list, and beside it the card of the selected finding."""

    def __init__(self, frame: Frame, model: ScreeningModel, open_claim: Callable[[str], None], above: bool) -> None:
        super().__init__()
        self._frame, self.model = frame, model
        claimed = {UNENTITLED: _("不符合却已申请"), UNDECIDED: _("要核定"), UNDERPAID: _("少发")}
        self.chips = ChipBar({UNCLAIMED: _("应享未享"), NEARLY: _("快够条件"), **claimed})
        self.rule, self.year = choices(_("补助项目"), {}), choices(_("年度"), {})
        for box in (self.rule, self.year):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.sum = label("", "strong")
        self.again = button(_("重新筛查"), self._again, icon="refresh", hint="F5", within=self)
        self._asked = False
        self.all = button(_("全选"), self._all, hint="Ctrl A")
        self.go = button(_("批量申请"), self._file, kind="primary", hint="F7", within=self, writes=True)
        self.empty = EmptyState("", "", icon="currency-yuan")
        listed = in_memory(_columns(above), model.lines, searched=lambda one: one.searched)
        self.table = LedgerTable(frame, listed, key="screening", empty=self.empty, title=_("应享未享"))
        self.table.view = View(filters={"status": UNCLAIMED})
        self.table.describe_filters = lambda: self.chips.describe().removeprefix(_("应享未享"))
        self.table.add(self.again)
        self.more = button(_("补发差额…"), self._supplement, kind="primary", hint="F8", within=self, writes=True)
        self.back = button(_("追回多发…"), self._take_back, hint="F6", within=self, writes=True)
        for one in (self.more, self.back):
            one.hide()
        self.table.add(self.all, self.go, self.more, self.back, rows=True)
        self.card = VerdictCards(_("选一个人，这里看为什么。"), lambda _shown: self._file(), open_claim)
        side = holder(column(self.card, None, margins=(0, 0, 6, 0)))
        self.search = self.table.add_search(_("姓名、拼音"), 150, name=_("在名单里找"))
        self.search.setVisible(above)  # a village's list is short, and the sum needs the room
        narrowed = Flow(self.chips, self.rule, self.year, self.search, None, self.sum, spacing=8)
        self.setLayout(column(narrowed, Beside(self.table, side, CARD_WIDTH), spacing=8))
        self._connect()
        self._set_empty_text()

    def _connect(self) -> None:
        self.chips.chosen.connect(lambda key: self._narrow("status", key))
        self.rule.currentIndexChanged.connect(lambda _n: self._narrow("rule", self.rule.currentData()))
        self.year.currentIndexChanged.connect(lambda _n: self._narrow("year", self.year.currentData()))
        self.table.chosen.connect(self._show_card)
        self.table.loaded.connect(lambda _n: self._loaded())
        self.table.opened.connect(self._open)
        self.model.changed.connect(self._changed)
        self.model.filed.connect(self._filed)
        self.model.approved.connect(self._approved)

    def start(self) -> None:
        """Screen when the tab is shown, unless that was done or stopped."""
        if not self.model.done and not self.model.stopped:
            self.model.screen()
        self.table.setFocus()

    @property
    def _status(self) -> str:
        return next(iter(self.chips.on()), UNCLAIMED)

    def _narrow(self, name: str, value: str | None) -> None:
        self.table.set_filter(name, value or None)

    def _again(self) -> None:
        self._asked = True
        self.model.screen()

    def _changed(self) -> None:
        if self._asked:
            self._asked = False
            self._frame.message(_("已重新筛查：应享未享 {n} 笔").format(n=len(self.model.of(UNCLAIMED))))
        for key in (UNCLAIMED, NEARLY, UNENTITLED, UNDECIDED, UNDERPAID):
            self.chips.set_count(key, len(self.model.of(key)))
        shown = {one.shown.rule: one.shown.name for one in self.model.found}
        offer(self.rule, {"": _("全部项目"), **dict(sorted(shown.items()))})
        years = sorted({one.shown.year for one in self.model.found})
        offer(self.year, {"": _("全部年度"), **{str(year): _("{year} 年").format(year=year) for year in years}})
        self._set_empty_text()
        self.table.reload()

    def _loaded(self) -> None:
        found = [one for id in self.table.model.ids if (one := self.model.get(id)) is not None]
        total = sum(one.amount for one in found)
        people = len({one.shown.person_id or one.shown.employer_id for one in found})
        text = _("合计 {people} 人，{amount} 元").format(people=people, amount=yuan_grouped(total))
        self.sum.setText(text if self._status in (UNCLAIMED, UNDERPAID) and found else "")
        self.go.setVisible(self._status in (UNCLAIMED, NEARLY))
        self.more.setVisible(self._status == UNDERPAID and self.model.pays)
        self.back.setVisible(self._status == UNENTITLED and self.model.pays and any(one.over for one in found))
        self._show_card(self.table.current_id())

    def _set_empty_text(self) -> None:
        over = _("在用的文件到 {day} 都已到期。务工、培训照常登记；县里下发新文件，再筛查一次。").format(day=self.model.over)
        if not self.model.done:
            self.empty.say(_("还没有筛查"), _("按 F5，把登记的人都按现行政策判定一遍；不联网也能做。"))
        elif self.table.view.search:
            self.empty.say(_("没有找到，换个字试试"), "")
        elif self._status == UNCLAIMED:
            text = over if self.model.over else _("符合条件的都申请了，或者务工、培训等情况还没有登记。")
            self.empty.say(_("没有应享未享的人"), text)
        elif self._status == NEARLY:
            self.empty.say(_("没有快够条件的人"), over if self.model.over else _("还差几天、差一点收入的人会列在这里。"))
        elif self._status == UNDECIDED:
            self.empty.say(_("没有要核定的"), _("已经申请、按现有事实不能判为符合也不能判为不符合的会列在这里，由审核的人核定。"))
        elif self._status == UNDERPAID:
            self.empty.say(_("没有少发的"), _("批了或者拨了，按现在的文件和登记的事实还应该多发的会列在这里。"))
        else:
            self.empty.say(_("没有不符合却已申请的"), _("已经申请、按现有事实又不符合的会列在这里。"))

    def _show_card(self, id: str) -> None:
        found = self.model.get(id)
        self._set_empty_text()
        self.card.show_verdicts(Verdicts([found.shown] if found else []))

    def _open(self, id: str) -> None:
        found = self.model.get(id)
        if found is not None and found.shown.person_id:
            self._frame.open("people", id=found.shown.person_id)
        elif found is not None:
            self._frame.open("workshop", id=found.shown.employer_id, tab="verdicts")

    def _all(self) -> None:
        self.table.table.selectAll()
        self.table.setFocus()

    def _file(self) -> None:
        ids = self.table.selected_ids() or [self.table.current_id()]
        lines = [found for id in ids if (found := self.model.get(id)) is not None]
        chosen = [one for one in lines if one.shown.can_file]
        if not chosen:
            asked = _("请先选中要申请的人，按住 Ctrl 可选几个，Ctrl+A 全选。")
            elsewhere = self.model.pays and any(one.status == UNCLAIMED for one in lines)
            self._frame.message(_("个人的申请由村里或乡镇提出，县里只看名单。") if elsewhere else asked)
            return
        if len(chosen) == 1 or dialogs.ask(self, _("提出 {n} 笔申请？").format(n=len(chosen)), self._summary(chosen), yes=_("申请")):
            self.model.file(chosen)

    def _supplement(self) -> None:
        ids = self.table.selected_ids() or [self.table.current_id()]
        lines = [found for id in ids if (found := self.model.get(id)) is not None]
        chosen = [one for one in lines if one.paid]
        if self._status != UNDERPAID or not self.model.pays:
            return
        if not chosen:
            asked = _("请先选中要补发的人，按住 Ctrl 可选几个，Ctrl+A 全选。")
            waits = _("选中的已经拨付，还没有银行结果：请先在「拨付」里读回银行结果，再补发。")
            unpaid = _("选中的还没有拨付：请在「办理」里退回，按现在的金额重办。")
            self._frame.message(waits if any(one.at_bank for one in lines) else unpaid if lines else asked)
            return
        named = whose([one.name for one in chosen], sum(one.amount for one in chosen))
        waiting = sum(one.at_bank for one in lines if not one.paid)
        left = len(lines) - len(chosen) - waiting
        more = _("另有 {n} 笔还没有拨付，不在内：请在「办理」里退回重办。").format(n=left) if left else ""
        more += _("另有 {n} 笔还没有银行结果，不在内。").format(n=waiting) if waiting else ""
        text = _("{whose}核定以后是「待拨付」，到「拨付」里只拨差额。谁录入谁不能核定；可以撤销。").format(whose=named) + more
        if dialogs.ask(self, _("核定补发 {n} 笔？").format(n=len(chosen)), text, yes=_("核定补发")):
            self.model.approve(chosen)

    def _take_back(self) -> None:
        """Approve what the selected claims, of which a part is due, were paid too much; one that waits for the bank is left out."""
        ids = self.table.selected_ids() or [self.table.current_id()]
        lines = [found for id in ids if (found := self.model.get(id)) is not None]
        chosen = [one for one in lines if one.over and not one.at_bank]
        if not chosen:
            whole = _("选中的不是多发了一部分：一分也不该拨的，钱退回来以后在「办理」里办「登记已追回」；还没有拨的，请退回重办。")
            self._frame.message(_("选中的还没有银行结果：请先在「拨付」里读回银行结果。") if any(one.at_bank for one in lines) else whole)
            return
        named = whose([one.name for one in chosen], sum(one.over for one in chosen))
        about = _("多发的：{whose}核定以后在「办理」里打印追缴通知书；钱退回来，在「拨付」里登记退款。可以撤销。").format(whose=named)
        why = dialogs.ask_text(self, _("核定追回 {n} 笔").format(n=len(chosen)), _("原因（本人会看到）"), about=about)
        if why:
            self.model.approve(chosen, why)

    def _approved(self, count: int, back: bool) -> None:
        told = _("已核定追回 {n} 笔，追缴通知书在「办理」的「待拨付」里打印") if back else _("已核定补发 {n} 笔，请到「拨付」里拨差额")
        self._frame.message(told.format(n=count), undo=True)
        self.model.screen()

    def _summary(self, chosen: list[ScreeningLine]) -> str:
        named = whose([one.name for one in chosen], sum(one.amount for one in chosen))
        return _("{whose}申请成为草稿，可以一次撤销。").format(whose=named)

    def _filed(self, filed: Filed) -> None:
        if filed.refused:
            text = _("有 {n} 笔没有提出：{why}").format(n=len(filed.refused), why=filed.refused[0])
            dialogs.show_message(self, _("已提出 {n} 笔申请").format(n=filed.count), text)
        said = _("已提出 {n} 笔申请").format(n=filed.count) + (_("。{more}").format(more=filed.clock) if filed.clock else "")
        self._frame.message(said, undo=filed.count > 0)
        self.model.screen()


def _columns(above: bool) -> list[Column[ScreeningLine]]:
    place = Column[ScreeningLine]("group", _("村组") if above else _("组"), 116 if above else 66, lambda one: one.group)
    return [
        Column("name", _("姓名"), 84, lambda one: one.name, style="strong", sort=lambda one: one.pinyin),
        *([place] if above else []),
        Column("amount", _("金额（元）"), 92, lambda one: one.amount, lambda fen: yuan_grouped(fen) if fen else "", right=True),
        Column("item", _("补助项目"), 170, lambda one: one.shown.name),
        Column("year", _("年度"), 58, lambda one: one.shown.year),
        *([] if above else [place]),
        Column("why", _("为什么"), 300, lambda one: one.why, sortable=False),
        Column("missing", _("还缺材料"), 180, lambda one: _("、").join(one.shown.missing), sortable=False, shown=False),
        Column("state", _("申请状态"), 90, lambda one: one.shown.claim_state, shown=False),
    ]


class BenefitsPage(Page):
    """A tab for each stage from being entitled to being paid."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("补助"))
        printer, role = FormPrinter(frame, station), station.store.role
        self._level, self._above = Notice.KIND.by_name["level"].label_of(role), role != "village"
        screening, self._signed = self.own(ScreeningModel(frame, station)), self.own(SignedModel(frame, station))
        self._path, self._notices = self.own(PathModel(frame, station, printer)), self.own(NoticeModel(frame, station, printer))
        self._payments = self.own(PaymentModel(frame, station, printer)) if role == "county" else None
        self.screening = ScreeningTab(frame, screening, self._open_claim, self._above)
        self.take_back = button(_("收回签好的表"), self._choose, icon="file-import", hint="F3", within=self, writes=True)
        self.header.add(self.take_back)
        self.of: dict[str, Callable[[], ScreeningTab | PathTab | NoticeTab | PaymentTab]] = {
            "screening": lambda: self.screening,
            "path": lambda: self.path,
            "notices": lambda: self.notices,
        }
        words = {"screening": _("应享未享"), "path": _("办理"), "notices": _("公示")}
        if self._payments is not None:
            self.of["payments"], words["payments"] = lambda: self.payments, _("拨付")
        pages = {key: (word, self.of[key]) for key, word in words.items()}
        self.stack = TabStack(pages)
        self.tabs = self.stack.tabs
        self.body.addWidget(self.stack, 1)
        self.tabs.chosen.connect(lambda _key: self._start())
        self._notices.made.connect(lambda _id: self._path.load())
        self._notices.done.connect(lambda _said: self._path.load())
        self._signed.read.connect(self._ask)
        self._signed.kept.connect(self._kept)
        screening.changed.connect(lambda: self._count(len(screening.of(UNCLAIMED))))
        for number, key in enumerate(pages, 1):
            bind(self, f"Ctrl+{number}", partial(self.tabs.choose, key))

    @Later
    def path(self) -> PathTab:
        """The tab of claims being processed."""
        made = PathTab(self.frame, self._path, lambda: self.tabs.choose("screening"), self._above)
        made.notice_asked.connect(self._make_notice)
        return made

    @Later
    def notices(self) -> NoticeTab:
        """The tab of public notices."""
        return NoticeTab(self.frame, self._notices, self._level, self._above)

    @Later
    def payments(self) -> PaymentTab:
        """The tab of payments, at the county."""
        assert self._payments is not None
        return PaymentTab(self.frame, self._payments)

    def opened(self, **args: object) -> None:
        """Show the last tab, or `tab=` (of "screening" the list `status=`, of "notices" with `new=True` the form of a new one); `claim=` a
        claim; `id=` with `kind="notice"` a notice; `files=` reads signed pages."""
        claim, notice, files = args.get("claim"), args.get("id"), args.get("files")
        if isinstance(claim, str):
            self._open_claim(claim)
        elif isinstance(notice, str) and args.get("kind") == "notice":
            self.tabs.choose("notices")
            self.notices.show_notice(notice)
        else:
            self.tabs.choose(str(args.get("tab") or self.tabs.key))
            if args.get("new"):
                self.notices.go_on()
            if args.get("status"):
                self.screening.chips.choose(str(args["status"]))
        if isinstance(files, list) and writing.why_not():
            writing.refused()
        elif isinstance(files, list):
            self._signed.open([Path(file) for file in files])

    def refresh(self) -> None:
        """Load again, since records changed; the screening is outdated."""
        self.screening.model.outdate()
        QTimer.singleShot(0, self, self._screen_again)  # after `opened` has chosen the tab: a claim may have been asked for
        models = {"path": self._path, "notices": self._notices, "payments": self._payments}
        if model := models.get(self.tabs.key):
            model.load()  # the focus stays where the user is typing

    def _screen_again(self) -> None:
        if self.tabs.key == "screening" and not self.screening.model.done and not self.screening.model.stopped:
            self.screening.model.screen()

    def _start(self) -> None:
        self.of[self.tabs.key]().start()

    def _choose(self) -> None:
        if files := signed_dialog.choose(self):
            self._signed.open(files)

    def _ask(self, lines: list[SignedLine], lacking: list[str]) -> None:
        if signed_dialog.confirm(self, lines, lacking):
            self._signed.keep(lines)

    def _kept(self, count: int) -> None:
        if count:
            self.frame.message(_("已归档 {n} 页").format(n=count), undo=True)
        else:  # no undo button: it would undo an earlier act
            self.frame.message(_("这些页以前都收过，没有重复归档。"))
        self._start()

    def _count(self, number: int) -> None:
        self.tabs.set_count("screening", number)
        self.frame.set_badge("benefits", number)

    def _open_claim(self, id: str) -> None:
        self.tabs.choose("path")
        self.path.show_claim(id)

    def _make_notice(self, ids: list[str]) -> None:
        self.tabs.choose("notices")
        self.notices.new(ids)


build = BenefitsPage
