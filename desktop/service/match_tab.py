"""The tab 匹配: vacancies that match a person, or people who match a vacancy, with reasons; Enter recommends."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.service.presenting import JOB, JOBS, PEOPLE, Pair
from desktop.service.view_model import MatchModel, ServiceModel
from desktop.widgets.basics import Card, EmptyState, bind, button, label
from desktop.widgets.layout import Flow, column, holder, stacked
from desktop.widgets.ledger_table import LedgerTable, View
from desktop.widgets.reasons import Reasons
from desktop.widgets.tabs import ChipBar
from desktop.widgets.two_line_list import TwoLineList, TwoLines
from domain.words import _

_SHOWN = 300
"""The most matches listed."""
_SPLIT_FROM = 700
"""Below this width (px at 100 % text size) the sides have fixed shares; from there on, the left side keeps its width and the right one
takes the rest."""
_HEADING_FROM = 300
"""Below this height the heading is hidden, as the selection at the left says the same."""
_ALL_FROM = 400
"""From this height (px at 100 % text size) there is room for all reasons."""


class MatchTab(QWidget):
    """The choice at the left, matches at the right, their reasons below."""

    def __init__(self, frame: Frame, model: ServiceModel, matches: MatchModel) -> None:
        super().__init__()
        self._frame, self._model, self._matches = frame, model, matches
        self.side = ChipBar({PEOPLE: _("按人找岗位"), JOBS: _("按岗位找人")})
        nobody = EmptyState(_("没有可选的"), _("先在「需求」里登记谁想找工作，在「招聘岗位」里登记哪里招人。"), icon="users")
        self.table = LedgerTable(frame, model.match_people, key="match-people", empty=nobody, title=_("按人找岗位"))
        self.table.columns_button.hide()
        self.search = self.table.add_search(_("按名称或拼音找"), 130)
        self.only = ChipBar({"fit": _("合适"), "all": _("全部")})
        self.heading = label("", "heading")
        self.list = TwoLineList(_("匹配结果"))
        self.empty = EmptyState(_("没有合适的"), "", icon="heart-handshake")
        self.stack = stacked(self.list, self.empty)
        self.reasons = Reasons(_("理由"))
        self.recommend_button = button(_("推荐"), self.recommend, kind="primary", hint="Enter", writes=True)
        self.skills_button = button(_("改需求"), self._change, hint="F2", writes=True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.card = Card(padding=12)
        self.card.add(self.reasons)
        head = Flow(self.heading, None, self.only, self.skills_button, self.recommend_button, spacing=8)
        right = column(head, self.stack, self.card, spacing=8, shares=(0, 1))
        self.split = split = QSplitter()
        split.setChildrenCollapsible(False)
        split.setHandleWidth(theme.px(12))
        split.addWidget(holder(column(self.side, self.table, spacing=8)))
        split.addWidget(holder(right))
        split.setSizes([theme.px(300), theme.px(620)])
        split.setStretchFactor(1, 1)
        self.setLayout(column(split, spacing=0))
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.side.chosen.connect(self._set_side)
        self.table.chosen.connect(self._choose)
        self.table.loaded.connect(self._loaded)
        self.table.opened.connect(lambda _id: self.list.setFocus())
        self.only.chosen.connect(lambda key: self._matches.narrow(key == "fit"))
        self.list.moved.connect(self._show_reasons)
        self.list.activated.connect(lambda _index: self.recommend())
        self._matches.shown.connect(self._show)
        back = bind(self.list, "Left", lambda: self.table.setFocus())
        back.setContext(Qt.ShortcutContext.WidgetShortcut)
        bind(self.list, "F2", self._change)

    # -- actions ------------------------------------------------------------------------------------

    def look_for(self, side: str, id: str) -> None:
        """Show what matches this wish or vacancy."""
        self.side.buttons[side].setChecked(True)
        self._set_side(side, id)

    def reload(self) -> None:
        """Load again."""
        self.table.reload()
        self._matches.reload()

    def recommend(self) -> None:
        """Recommend the vacancy of the selected match to its person."""
        pair = self.pair()
        if pair is not None:
            self._model.start(JOB, [pair.wish_id], pair.vacancy_id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt to the size: a low window shows fewer reasons, a narrow one keeps room for the buttons."""
        super().resizeEvent(event)
        width = event.size().width()
        if width < theme.px(_SPLIT_FROM):
            self.split.setSizes([width * 42 // 100, width * 58 // 100])
        self.heading.setVisible(self.height() >= theme.px(_HEADING_FROM))
        self.card.setFixedHeight(theme.px(146 if self.height() >= theme.px(_ALL_FROM) else 84))

    def _change(self) -> None:
        pair = self.pair()
        if pair is not None:
            self._model.edit("job_wish", pair.wish_id)

    def pair(self) -> Pair | None:
        """The selected match."""
        pairs, line = self._matches.pairs(), self.list.currentRow()
        return pairs[line] if 0 <= line < len(pairs) else None

    def _choose(self, id: str) -> None:
        self.pair_key = ("", "")
        self._matches.choose(self._matches.side, id)

    def _set_side(self, side: str, id: str = "") -> None:
        self.table.want(id)
        self._matches.choose(side, id)
        if side == PEOPLE:
            self.table.set_source(self._model.match_people, "match-people")
        else:
            self.table.set_source(self._model.match_jobs, "match-jobs")
            self.table.view = View(filters={"state": "open"})
            self.table.reload()

    def _loaded(self, count: int) -> None:
        if not count:
            self._matches.choose(self._matches.side, "")

    # -- showing ------------------------------------------------------------------------------------

    def _show(self) -> None:
        before = self.pair_key
        found, pairs = self._matches.found, self._matches.pairs()[:_SHOWN]
        self.heading.setText(found.heading)
        self.only.set_count("fit", sum(pair.fits for pair in found.pairs))
        self.only.set_count("all", len(found.pairs))
        keys = [(pair.wish_id, pair.vacancy_id) for pair in pairs]
        chosen = keys.index(before) if before in keys else 0 if pairs else -1
        self.list.set_entries([TwoLines(pair.title, pair.note, quiet=not pair.fits) for pair in pairs], chosen)
        self.stack.setCurrentIndex(0 if pairs else 1)
        self.empty.say(*self._nothing())
        self._show_reasons(chosen)

    def _nothing(self) -> tuple[str, str]:
        if not self._matches.id:
            return _("先在左边选一个"), _("上下键移动，回车到右边，再回车就推荐。")
        if self._matches.found.pairs:
            return _("没有合适的"), _("都不符合硬性要求或年龄要求，点「全部」看为什么。")
        text = _("还没有在招的岗位，到「招聘岗位」里登记。") if self._matches.side == PEOPLE else _("还没有人登记就业需求。")
        return _("没有可以匹配的"), text

    def _show_reasons(self, _line: int) -> None:
        pair = self.pair()
        self.pair_key = (pair.wish_id, pair.vacancy_id) if pair else ("", "")
        self.recommend_button.setEnabled(pair is not None)
        self.skills_button.setEnabled(pair is not None)
        self.card.setVisible(pair is not None)
        nothing = _("岗位没有硬性要求，本人也没有提出条件。") if pair else ""
        self.reasons.show_reasons(pair.reasons if pair else (), nothing)

    pair_key = ("", "")
