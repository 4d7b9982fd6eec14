"""The tab 学籍（雨露计划）: the terms of students; 记下一学期 adds the following term."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop.page import Frame
from desktop.training.view_model import TrainingModel
from desktop.widgets.basics import EmptyState, button
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.inputs import choices, offer
from desktop.widgets.layout import column
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.records_tab import RecordsTab
from domain.periods import term_words
from domain.records import Schooling
from domain.words import N_, _


class SchoolingTab(RecordsTab[TrainingModel]):
    """The list; the page shows its forms through `show_form`."""

    kind, changing = Schooling.KIND, N_("修改学籍")

    def __init__(self, frame: Frame, model: TrainingModel, tools: Tools, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__(frame, model, tools, show_form)
        self.term = choices(_("学期"), {"": _("全部学期")})
        empty = EmptyState(
            _("还没有学籍记录"),
            _("脱贫家庭和农村低收入家庭的中职、高职、技工院校学生，每学期记一条（三十二）。"),
            button(_("新增学籍"), self.new, kind="primary", hint="Ins", writes=True),
            icon="school",
        )
        self.table = LedgerTable(frame, model.schooling, key="schooling", empty=empty, title=_("学籍"))
        self.search = self.table.add_search(_("姓名、拼音"), 150, name=_("在学籍里找"))
        self.table.bar.insertWidget(0, self.term)
        self.table.add(
            button(_("记下一学期"), self._next, hint="F7", within=self, writes=True),
            button(_("修改"), self.change, hint="F2", writes=True),
            rows=True,
        )
        self.table.add(button(_("新增学籍"), self.new, kind="primary", icon="plus", hint="Ins", within=self, writes=True))
        self.setLayout(column(self.table, spacing=0))
        self.term.currentIndexChanged.connect(lambda _n: self.table.set_filter("term", self.term.currentData() or None))
        self.listen(_("删除 {n} 条学籍记录？"), _("删除后可以撤销，也可以在回收站找回。"))
        model.terms_found.connect(self._show_terms)

    def new(self) -> None:
        """Show the form of a new term."""
        values = {"state": "enrolled", "term": self.term.currentData() or None}
        note = _("学期写 2023年春季、2023年秋季，也可写成 2023春、2023秋。")
        self.enter(_("新增学籍"), values, draft="schooling:", note=note)

    def _next(self) -> None:
        if ids := self.marked(_("请先选中学生，按住 Ctrl 可选几个。")):
            self._model.next_terms(ids)

    def _show_terms(self, terms: Sequence[str]) -> None:
        offer(self.term, {"": _("全部学期"), **{term: term_words(term) for term in terms}})
