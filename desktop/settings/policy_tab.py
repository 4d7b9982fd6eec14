"""The tab 政策: packs with their dates, parameters to be confirmed, 与省级文件不同之处, and comparing two versions person by person."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.settings.policy_model import ChangeShown, PackShown, Policies, PolicyModel
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, Chip, EmptyState, button, label
from desktop.widgets.inputs import Choices
from desktop.widgets.layout import clear, column, grid, holder, row, scrolled
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source
from domain.money import yuan_grouped
from domain.words import _

CHANGES_HEIGHT = 320


class PolicyTab(QWidget):
    """The cards, one below the other."""

    def __init__(self, frame: Frame, model: PolicyModel) -> None:
        super().__init__()
        self._frame, self.model = frame, model
        self.packs, self.unset, self.departures = column(spacing=10), column(spacing=4), column(spacing=4)
        packs, unset, departures = Card(_("政策包")), Card(_("待县里确认的参数")), Card(_("与省级文件不同之处"))
        packs.add(self.packs)
        unset.add(label(_("文件没有写明数额的，县里确认以前不计算，判定显示「参数未配置」；参考值不会自动使用。"), "muted", wrap=True))
        unset.add(self.unset)
        self.draft = button(_("导出参数确认单…"), self._draft, icon="file-text")
        self.draft.setVisible(model.drafts)
        self.late = ""
        unset.add_row(None, self.draft)
        departures.add(self.departures)
        content = column(packs, unset, departures, self._comparison(), None, spacing=12, margins=(0, 0, 6, 0))
        area = scrolled(holder(content))
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that the tab opens at its top, and the arrow keys scroll it
        area.setAccessibleName(_("政策包"))
        self.setLayout(column(area, spacing=0))
        model.found.connect(self._show)
        model.compared.connect(self._compared)

    def _comparison(self) -> Card:
        card = Card(_("比较两个版本"))
        card.add(label(_("把登记的人都按两个版本各判一遍，列出结果或金额不同的人。不改任何数据，可以随时停止。"), "muted", wrap=True))
        self.before, self.after = Choices(), Choices()
        for box, name in ((self.before, _("现在的版本")), (self.after, _("另一个版本"))):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(16)
        self.go = button(_("比对"), self._compare, kind="primary", hint="F7", within=self)
        self.sum = label("", "strong")
        card.add_row(self.before, label(_("与"), "muted"), self.after, self.go, self.sum, None)
        self.empty = EmptyState(_("还没有比对"), _("选两个版本，按「比对」。"), icon="scale")
        self.table = LedgerTable(self._frame, self._list(), key="policy-changes", empty=self.empty, title=_("变化的人"))
        self.table.setMinimumHeight(theme.px(CHANGES_HEIGHT))
        self.table.opened.connect(self._open)
        card.add(self.table)
        return card

    def _list(self) -> Source:
        columns: list[Column[ChangeShown]] = [
            Column("name", _("姓名"), 90, lambda one: one.name, style="strong"),
            Column("item", _("补助项目"), 190, lambda one: one.item),
            Column("year", _("年度"), 60, lambda one: one.year),
            Column("before", _("按前一个版本"), 170, lambda one: one.before),
            Column("after", _("按后一个版本"), 170, lambda one: one.after),
            Column("difference", _("相差（元）"), 100, lambda one: one.difference, _signed, right=True),
        ]
        return in_memory(columns, lambda _view: self.model.changes)

    def _show(self, found: Policies) -> None:
        clear(self.packs)
        for sentence in found.unusable:
            self.packs.addWidget(label(sentence, "bad", wrap=True))
        for pack in found.packs:
            self.packs.addWidget(_pack_lines(pack))
        self.late = found.draft_expired
        _fill(self.unset, found.unset, _("没有待县里确认的参数。"))
        _fill(self.departures, found.departures, _("没有改动省级文件的补充规定。"))
        _offer(self.before, found.packs, 0)
        _offer(self.after, found.packs, min(1, len(found.packs)))
        self.table.reload()

    def _draft(self) -> None:
        if self.late and not dialogs.ask(self, _("政策已经到期"), self.late, yes=_("照样导出")):
            return
        file = dialogs.save_as(self, _("保存到"), _("参数确认单.toml"), "TOML (*.toml)")
        if file is not None:
            self.model.draft(file)

    def _compare(self) -> None:
        if self.before.currentData() == self.after.currentData():
            self._frame.message(_("请选两个不同的版本。"))
            return
        self.model.compare(str(self.before.currentData()), str(self.after.currentData()))

    def _compared(self) -> None:
        changes = self.model.changes
        self.empty.say(_("没有变化"), _("两个版本对登记的人结果都一样。"))
        total = sum(one.difference for one in changes)
        people = len({one.person_id for one in changes})
        text = _("{people} 人有变化，合计 {amount} 元").format(people=people, amount=_signed(total))
        self.sum.setText(text if changes else "")
        self.table.reload()

    def _open(self, id: str) -> None:
        change = next((one for one in self.model.changes if one.id == id), None)
        if change is not None and change.person_id:
            self._frame.open("people", id=change.person_id)


def _signed(amount: int) -> str:
    return f"{'+' if amount > 0 else ''}{yuan_grouped(amount)}"


def _pack_lines(pack: PackShown) -> QWidget:
    head = row(label(pack.id, "strong"), label(pack.version, "muted"), Chip(pack.state, pack.tone), Chip(pack.origin, "plain"), None)
    facts = "　".join(part for part in (pack.where, pack.dates, pack.source) if part)
    late = [label(pack.expired, "warn", wrap=True)] if pack.expired else []
    return holder(column(head, label(pack.title, wrap=True), label(facts, "small", wrap=True), *late, spacing=2))


def _fill(into: QVBoxLayout, lines: Sequence[tuple[str, ...]], nothing: str) -> None:
    """Fill in the lines as columns of equal width, or one sentence if there are none."""
    clear(into)
    if not lines:
        into.addWidget(label(nothing, "muted"))
        return
    table = grid(across=20, down=6, shares=(0, 1))
    for number, line in enumerate(lines):
        for index, text in enumerate(line):
            table.addWidget(label(text, "strong" if index == 0 else "", wrap=index == 1), number, index)
    into.addWidget(holder(table))


def _offer(box: QComboBox, packs: Sequence[PackShown], first: int) -> None:
    """Offer the packs in use, then each pack; keep the choice."""
    kept = box.currentData()
    box.clear()
    box.addItem(_("现在在用的"), "")
    for pack in packs:
        box.addItem(f"{pack.id} {pack.version}", pack.id)
    index = box.findData(kept) if kept is not None else first
    box.setCurrentIndex(max(0, index))
