"""The tab 花名册: the participants, with scores, outcomes and certificates, typed or pasted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeyEvent

from desktop import theme
from desktop.page import Frame
from desktop.training.roster_model import OUTCOME_KEYS, OUTCOMES, RESULTS, RosterModel
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.entry_grid import EntryGrid, GridColumn, GridRow
from desktop.widgets.figures import names_width
from desktop.widgets.layout import column, row, stacked
from desktop.widgets.paste_preview import paste_preview
from desktop.widgets.sheet_tab import SheetTab
from domain.words import _
from services.training import COMPLETED, RosterLine, outcome_of

NARROW = 960


class RosterGrid(EntryGrid):
    """The grid; in the column 结果 a digit enters an outcome and moves down."""

    def __init__(self, model: RosterModel) -> None:
        super().__init__(model.read, name=_("花名册"))
        self.preview = lambda changes: paste_preview(self, changes)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit in the column of outcomes enters one."""
        at = self.currentIndex()
        if at.isValid() and self.model().columns[at.column()].key == "outcome" and event.text() in OUTCOME_KEYS:
            self.model().put([(at.row(), at.column(), event.text())])
            self.step(1)
        else:
            super().keyPressEvent(event)


class RosterTab(SheetTab[RosterModel]):
    """The roster with its buttons."""

    def __init__(self, frame: Frame, model: RosterModel, add: Callable[[], None], remove: Callable[[list[str]], None]) -> None:
        super().__init__(frame, model, RosterGrid(model), lambda: bool(model.results), model.save_results)
        self._remove = remove
        self.grid.horizontalHeader().setStretchLastSection(True)
        self.figures = ElidedLabel("", "muted")
        self.add_button = button(_("添加学员"), add, icon="user-plus", hint="Ins", within=self, writes=True)
        self.complete_button = button(_("全部结业"), self._complete, hint="F7", within=self, writes=True)
        self.remove_button = button(_("移出名册"), self._ask_remove, hint="F8", within=self, writes=True)
        first = button(_("添加学员"), add, kind="primary", hint="Ins", writes=True)
        bring = button(_("导入培训花名册"), lambda: frame.open("importing"), hint="Ctrl I")
        words = _("按姓名、拼音或证件尾号找人，可以一次添加好几个。")
        self.stack = stacked(self.grid, EmptyState(_("这个班还没有学员"), words, first, bring, icon="users"))
        keys = "　".join(f"{key} {_(OUTCOMES[code])}" for key, code in OUTCOME_KEYS.items())
        foot = label(
            _("直接输入成绩，回车向下；结果列按数字：") + keys + _("　成绩和证书编号可从 Excel/WPS 整列粘贴。"), "small", wrap=True
        )
        head = row(self.figures, self.remove_button, self.complete_button, self.add_button, self.save_button)
        self.setLayout(column(head, self.stack, foot, spacing=8))
        self.grid.model().cell_changed.connect(lambda change: model.typed(change.row, change.column, change.text))
        self._pending()

    def _show(self) -> None:
        model = self._model
        self._show_anybody(bool(model.students))
        cells = {(id, name): text for id in model.students for name in RESULTS if (text := self._text(id, name))}
        self.grid.set_content(self._columns(), [self._row(n, one) for n, one in enumerate(model.students.values(), 1)], cells)

    def _text(self, id: str, name: str) -> str:
        value = self._model.result(id, name)
        return "" if value is None else self._model.read(id, name, str(value))

    def _row(self, number: int, one: RosterLine) -> GridRow:
        fixed = {"no": str(number), "name": one.person.name, "category": one.category, "id_number": one.id_number}
        if one.enrolment.certificate and not one.enrolment.outcome:  # counted as completed, so that it is shown as that
            fixed["outcome"] = _(OUTCOMES[outcome_of(None, one.enrolment.certificate)])
        return GridRow(one.enrolment.id, fixed)

    def _columns(self) -> list[GridColumn]:
        wide = self.width() >= theme.px(NARROW)
        names = names_width((one.person.name for one in self._model.students.values()), 84, 150)
        who = [
            GridColumn("no", _("序"), 40, editable=False, right=False),
            GridColumn("name", _("姓名"), names, editable=False, right=False, style="strong"),
            GridColumn("category", _("身份"), 130, editable=False, right=False, style="muted"),
        ]
        if wide:
            who.append(GridColumn("id_number", _("证件号码"), 170, editable=False, right=False, style="muted"))
        return [
            *who,
            GridColumn("attendance", _("出勤"), 66, editable=False, compute=self._model.attendance),
            GridColumn("score", _("成绩"), 66),
            GridColumn("outcome", _("结果"), 100, right=False),
            GridColumn("certificate", _("证书编号"), 190 if wide else 150, right=False),
            GridColumn("certified_on", _("发证日期"), 110, right=False),
        ]

    def _pending(self) -> None:
        model = self._model
        self._count(_("保存 {n} 人"), len(model.results))
        self.grid.set_tones({(id, name): "info" for id, values in model.results.items() for name in values})
        done = sum(outcome_of(model.result(id, "outcome"), model.result(id, "certificate")) == COMPLETED for id in model.students)
        certified = sum(bool(model.result(id, "certificate")) for id in model.students)
        words = _("学员 {people}　结业 {done}　发证 {certified}")
        self.figures.setText(words.format(people=len(model.students), done=done, certified=certified))
        self.complete_button.setEnabled(bool(model.students))
        self.remove_button.setEnabled(bool(model.students))

    def _complete(self) -> None:
        if not self._model.complete_all():
            self._frame.message(_("没有在训的人。"))

    def _ask_remove(self) -> None:
        ids = self.grid.marked()
        text = _("出勤、成绩和证书编号一起移走。可以撤销，也可以在回收站找回。")
        if ids and dialogs.ask(self, _("把 {n} 人移出名册？").format(n=len(ids)), text, yes=_("移出"), danger=True):
            self._remove(ids)
