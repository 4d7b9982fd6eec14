"""The tab 办理: the stages of the path with counts, the claims of one stage, and the steps that may be taken here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop import theme
from desktop.benefits.material_card import MaterialCard
from desktop.benefits.presenting import TONES, ClaimLine
from desktop.benefits.view_model import GROUPS, PathModel
from desktop.page import Frame
from desktop.widgets import dialogs, writing
from desktop.widgets.basics import Button, Card, Chip, EmptyState, add_entries, bind, button, label, menu_of
from desktop.widgets.layout import Beside, Flow, clear, column, grid, holder
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source
from desktop.widgets.tabs import OneOf
from domain.authors import name_of
from domain.claims import MOVES, NOTICES, PATH, SETTLED, state_label
from domain.clock import when
from domain.money import yuan_grouped
from domain.words import _

SIDE = 300
COUNTY_AUTHOR = "county@county"
"""The author of steps that the county's own program takes."""
ONWARD = frozenset(PATH) - {"paid"}
"""The states that F7 takes a claim to."""
NEED_REASON = ("returned", "refused", "recovered", "paid")
"""Steps that require a reason, so that the other side knows what to correct."""


_TOLD = 3
"""The most changes of amounts that a message names."""


class PathStrip(OneOf):
    """The stages side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = grid(across=6, down=6)
        self._texts: dict[str, tuple[str, str]] = {}
        self._across = len(GROUPS)
        for group in GROUPS:
            made = Button("")
            made.setObjectName("pathColumn")
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._put(group.key, made)
        self.setLayout(self._grid)
        self.show_counts({})

    def show_counts(self, counts: Mapping[str, tuple[int, int]]) -> None:
        """Show numbers and sums."""
        for group in GROUPS:
            number, total = counts.get(group.key, (0, 0))
            word = _(group.word)
            self._texts[group.key] = word, str(number)
            self.buttons[group.key].setToolTip(_("{amount} 元").format(amount=yuan_grouped(total)))
            self.buttons[group.key].setAccessibleName(_("{column}：{n} 笔").format(column=word, n=number))
        self._lay_out(self._across)

    def _lay_out(self, across: int) -> None:
        """In two rows each number is beside its word, so that the rows take little height."""
        self._across = across
        for n, (key, made) in enumerate(self.buttons.items()):
            made.setText(("\n" if across == len(GROUPS) else " ").join(self._texts[key]))
            made.setProperty("low", across < len(GROUPS))
            theme.style(made)
            self._grid.addWidget(made, n // across, n % across)
            self._grid.setColumnStretch(n, 1 if n < across else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use two rows if the labels do not fit into one."""
        super().resizeEvent(event)
        metrics = QFontMetrics(theme.font(bold=True))
        widest = max(metrics.horizontalAdvance(word) for word, _number in self._texts.values()) + theme.px(14) + self._grid.spacing()
        self._lay_out(len(GROUPS) if widest * len(GROUPS) <= self.width() else -(-len(GROUPS) // 2))


class PathTab(QWidget):
    """The stages, the list, the selected claim, and its steps."""

    notice_asked = Signal(list)
    """Ids of claims that wait for a public notice."""

    def __init__(self, frame: Frame, model: PathModel, open_screening: Callable[[], None], above: bool) -> None:
        super().__init__()
        self._above = above
        self._frame, self.model = frame, model
        self._wanted: list[str] = []
        self._returned = False
        self._listed = ""
        """The stage whose claims the list shows."""
        self.strip = PathStrip()
        empty = EmptyState(
            _("这一步没有申请"),
            _("从「应享未享」里选人提出申请，或在人员页的卡片上按「申请」。"),
            button(_("看应享未享"), open_screening, kind="primary"),
            icon="currency-yuan",
        )
        self.table = LedgerTable(frame, self._list(), key="claims", empty=empty, title=_("补助申请"))
        self.steps = Flow(spacing=8)
        self.roster = button(_("汇总名册"), lambda: model.print(self, "claim_roster"), icon="printer")
        self.table.add(holder(self.steps), self.roster)
        self.forms_button: Button | None = None
        self.side, self.story = column(spacing=8), column(spacing=8)
        self.materials = MaterialCard(model.materials)
        side = holder(column(self.side, self.materials, self.story, None, spacing=8, margins=(0, 0, 6, 0)))
        self.beside = Beside(self.table, side, SIDE + 14)
        self._shown_id = ""
        self.setLayout(column(self.strip, self.beside, spacing=10))
        self.step_buttons: dict[str, Button] = {}
        self._labels: dict[str, str] = {}
        self._connect()

    def _connect(self) -> None:
        self.strip.chosen.connect(self._show_column)
        self.model.changed.connect(self._changed)
        self.model.stepped.connect(self._stepped)
        self.table.loaded.connect(lambda _n: self._loaded())
        self.table.chosen.connect(lambda _id: self._show())
        self.table.table.selectionModel().selectionChanged.connect(lambda *_lines: self._show_steps())
        self.table.opened.connect(self._open)
        bind(self, "F7", self._step_on)
        bind(self, "F8", lambda: self._step("returned"))
        bind(self, "F4", self.materials.add_file.click)

    def _list(self) -> Source:
        """The list, in an order that keeps the amount in sight in a narrow window; above a village, the village is shown with the group.
        The state, which the list is chosen by, comes late."""
        tones = {state_label(state): TONES.get(state, "info") for state in MOVES} | {_("等退款"): "warn", _("等银行"): "info"}
        reason = Column[ClaimLine]("reason", _("退回原因"), 220, lambda one: one.returned_because, sortable=False)
        place = Column[ClaimLine]("group", _("村组") if self._above else _("组"), 116 if self._above else 60, lambda one: one.group)
        columns: list[Column[ClaimLine]] = [
            *([reason] if self._returned else []),
            Column("name", _("姓名"), 84, lambda one: one.name, style="strong"),
            Column("item", _("补助项目"), 170, lambda one: one.item),
            Column("year", _("年度"), 58, lambda one: one.claim.year),
            Column("amount", _("金额（元）"), 92, lambda one: one.amount, yuan_grouped, right=True),
            *([place] if self._above else []),
            Column("signed", _("申请表"), 84, lambda one: one.signed, style="chip", tones={_("未收回"): "warn", _("已收回"): "good"}),
            Column("state", _("状态"), 92, lambda one: one.state_word, style="chip", tones=tones),
            *([] if self._above else [place]),
            Column("since", _("办理日期"), 98, lambda one: one.since),
            Column("missing", _("还缺材料"), 200, lambda one: one.missing, sortable=False, shown=False),
        ]
        return in_memory(columns, self.model.lines)

    def start(self) -> None:
        """Load the claims when the tab is shown."""
        self.model.load()
        self.table.setFocus()

    def show_claim(self, id: str) -> None:
        """Select a claim, once its stage is loaded."""
        self._wanted = [id]
        self.model.load()

    def _changed(self) -> None:
        self.strip.show_counts(self.model.counts())
        if self._listed and self._listed == self.strip.key and not self.model.of(self.strip.key):
            self._wanted = self._wanted or self._ids()  # an undo or an exchange moved the listed claims: follow them
        wanted = next(filter(None, map(self.model.get, self._wanted)), None)
        if wanted is not None:
            self.strip.choose(next(group.key for group in GROUPS if wanted.stage in group.states))
        elif not self.strip.key:
            self.strip.choose(self.model.first())
        else:
            self.table.reload()

    def _show_column(self, key: str) -> None:
        """List the claims of a stage; those that came back have a column with the reason first."""
        returned = key in ("returned", "ended")
        if returned != self._returned:
            self._returned = returned
            self.table.set_source(self._list(), "claims-returned" if returned else "claims")
        self.table.set_filter("column", key)

    def _loaded(self) -> None:
        self._listed = self.strip.key
        wanted = [id for id in self._wanted if self.model.get(id)]
        if wanted:
            self.table.select(*wanted)
            self._wanted = []
        self._show()

    def _ids(self) -> list[str]:
        return self.table.marked()

    def _show(self) -> None:
        printing = self.forms_button is not None and self.forms_button.hasFocus()
        self.forms_button = None
        clear(self.side)
        clear(self.story)
        claim = self.model.get(self.table.current_id())
        if claim is not None and claim.id != self._shown_id:
            self._shown_id = claim.id
            self.beside.to_top()
        self.materials.setVisible(claim is not None)
        if claim is not None:
            card = _claim_card(claim)
            card.add(undecided := label("", "bad", wrap=True))
            undecided.hide()
            self.forms_button = self._forms_button(claim)
            card.add_row(None, self.forms_button)
            self.side.addWidget(card)
            if printing:
                self.forms_button.setFocus()
            self.model.materials.open(claim.id)
            self.story.addWidget(_story_card(claim))
            if claim.state not in SETTLED:
                self.model.look_at(claim.id, partial(self._show_undecided, claim.id, undecided))
        self._show_steps()

    def _show_undecided(self, id: str, shown: QLabel, why: str) -> None:
        if why and id == self.table.current_id() and shiboken6.isValid(shown):  # not if another claim is shown meanwhile
            shown.setText(why)
            shown.show()

    def _forms_button(self, claim: ClaimLine) -> Button:
        """A button with a menu of the forms for a claim."""
        made = Button(_("打印表格"))
        made.setAccessibleName(_("打印 {name} 的表格").format(name=claim.name))
        menu = menu_of(made, [(title, partial(self._print, form, claim)) for title, (form, _id) in self.model.forms_of(claim).items()])
        menu.addSeparator()
        add_entries(menu, [(_("审计包…"), partial(self._dossier, claim))])
        return made

    def _print(self, form: str, claim: ClaimLine) -> None:
        ids = self.model.records_of(form, claim, self._ids())
        if len(ids) > 1:
            self.model.print_several(self, form, ids)
        else:
            self.model.print(self, form, ids[0])

    def _dossier(self, claim: ClaimLine) -> None:
        name = dialogs.file_name(_("审计包 {name} {item} {year}").format(name=claim.name, item=claim.item, year=claim.claim.year)) + ".zip"
        file = dialogs.save_as(self, _("审计包"), name, "*.zip")
        if file is not None:
            self.model.dossier(claim, file)

    def _show_steps(self) -> None:
        found = {state: self._step_label(state) for state in self.model.steps_of(self._ids())}
        if found == self._labels:
            return  # keeps the focus of the present buttons
        clear(self.steps)
        self.step_buttons, self._labels = {}, found
        for index, (state, word) in enumerate(found.items()):
            hint = "F7" if index == 0 and state in ONWARD else "F8" if state == "returned" else ""
            kind = "primary" if hint == "F7" else ""
            made = button(word, partial(self._step, state), kind=kind, hint=hint, writes=True)
            self.step_buttons[state] = made
            self.steps.addWidget(made)

    def _step_label(self, state: str) -> str:
        """The label of a step's button. A claim is marked as paid by the bank's answer; the step only calls off a difference."""
        if state != "paid":
            return _step_labels()[state]
        back = {claim.amount < 0 for id in self._ids() if (claim := self.model.get(id)) is not None}
        return _("不再追回") if back == {True} else _("不再补发") if back == {False} else _("差额都不办了")

    def _step_on(self) -> None:
        if onward := next((state for state in self.step_buttons if state in ONWARD), None):
            self._step(onward)
        elif any(state in ONWARD for id in self._ids() for state in self.model.steps_of([id])):
            self._frame.message(_("选中的几笔下一步不一样，请把同一种状态的选在一起办。"))
        elif found := self.model.get(next(iter(self._ids()), "")):
            self._frame.message(found.held or _("选中的申请现在没有本站能办的下一步。"))

    def _step(self, state: str) -> None:
        ids = self._ids()
        if state not in self.step_buttons or not ids:
            return
        if writing.why_not():
            writing.refused()
            return
        if state in NOTICES.values():
            self.notice_asked.emit(ids)
            return
        self.model.warn(ids, state, lambda told: self._ask_and_step(state, ids, *told))

    def _ask_and_step(self, state: str, ids: list[str], warning: str, otherwise: Sequence[tuple[str, str]]) -> None:
        after = _("核实过、确实该办的再办，县里要写明怎么定的；不该享受的，请退回。")
        if not dialogs.ask_of_each(self, otherwise, after, yes=self._step_label(state)):
            return
        title = _("{step}：{n} 笔").format(step=self._step_label(state), n=len(ids))
        whose = "\n".join(filter(None, (self.model.whose(ids), self.model.clock, warning)))
        opinion: str | None = ""
        if state in NEED_REASON:
            what = _("原因和退款凭证（对方会看到）") if state == "recovered" else _("原因（对方会看到）")
            opinion = dialogs.ask_text(self, title, what, about=whose)
            if not opinion:
                return
        elif state in PATH and state != "draft":
            decides = bool(otherwise) and state in ("county_review", "approved")
            opinion = dialogs.ask_text(self, title, _("意见（写明怎么定的）") if decides else _("意见（可不填）"), about=whose)
        elif not dialogs.ask(
            self, title, _("{whose}可以撤销。").format(whose=whose), yes=self._step_label(state), danger=state == "withdrawn"
        ):
            return
        if opinion is not None:
            self.model.step(ids, state, opinion)

    def _stepped(self, state: str, count: int, changed: Sequence[str]) -> None:
        """If the stage is empty now, follow its claims to the next one."""
        gone = set(self._ids())
        if all(claim.id in gone for claim in self.model.of(self.strip.key)):
            self._wanted = self._ids()
        done = _("{n} 笔已到「{state}」").format(n=count, state=state_label(state))
        self._frame.message(_("。").join((done, *changed[:_TOLD])) + (_("……") if len(changed) > _TOLD else ""), undo=True)
        self.table.setFocus()  # the pressed button no longer exists
        self.model.load()

    def _open(self, id: str) -> None:
        claim = self.model.get(id)
        if claim is not None and claim.claim.person_id:
            self._frame.open("people", id=claim.claim.person_id)
        elif claim is not None:
            self._frame.open("workshop", id=claim.claim.employer_id)


def _step_labels() -> dict[str, str]:
    return {
        "draft": _("改回草稿"),
        "village_reviewed": _("村初审通过"),
        "village_notice": _("去村公示"),
        "township_reviewed": _("乡镇审核通过"),
        "township_notice": _("去乡镇公示"),
        "county_review": _("县审核通过"),
        "county_notice": _("去县公示"),
        "approved": _("批准，待拨付"),
        "returned": _("退回补正"),
        "refused": _("不予通过"),
        "withdrawn": _("撤回申请"),
        "recovered": _("登记已追回"),
    }


def _claim_card(claim: ClaimLine) -> Card:
    card, state = Card(edge={"good": "accent", "warn": "amber", "bad": "bad"}.get(claim.tone, "faint")), claim.state_word
    card.add_row(label(claim.name, "heading", wrap=True), Chip(state, claim.tone))
    card.add(label(claim.item + claim.article, wrap=True))
    year, amount = _("{year} 年").format(year=claim.claim.year), _("{amount} 元").format(amount=yuan_grouped(claim.amount))
    card.add_row(label(f"{year}　{claim.group}", "small"), None, label(amount, "strong"))
    if claim.returned_because:
        card.add(label(_("{state}：{reason}").format(state=state, reason=claim.returned_because), "bad", wrap=True))
    if claim.bounced:
        card.add(label(_("银行发放失败：{why}。请核对账号，改好以后县里再拨。").format(why=claim.bounced), "bad", wrap=True))
    if claim.died:
        card.add(label(_("本人已于 {day} 去世，请先核定由谁领取，在申请里写明收款人").format(day=claim.died), "bad", wrap=True))
    if claim.missing:
        card.add(label(_("还缺：{what}").format(what=claim.missing), "small", wrap=True))
    return card


def _story_card(claim: ClaimLine) -> QWidget:
    card = Card(_("办理经过"))
    for one in reversed(claim.steps):
        card.add_row(label(state_label(one.to_state), "strong"), None, label(when(one.at), "small"))
        by = _("县里") if one.by == COUNTY_AUTHOR else name_of(one.by)
        card.add(label("　".join(filter(None, (by, one.opinion))), "small", wrap=True))
    if not claim.steps:
        card.add(label(_("还没有人办过。"), "muted"))
    return card
