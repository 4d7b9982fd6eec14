"""The tabs of one course. 花名册: the participants, with scores, outcomes and certificates, typed or pasted. 签到考勤: people × days; Space
cycles through 到, 缺 and empty; stored as days present of days held."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame
from desktop.training.view_model import MARKS, OUTCOME_KEYS, OUTCOMES, RESULTS, RosterModel
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.entry_grid import EntryGrid, GridColumn, GridRow
from desktop.widgets.figures import names_width
from desktop.widgets.layout import column, row, stacked
from desktop.widgets.pasting import paste_preview
from desktop.widgets.sheet_tab import SheetTab
from domain.errors import FieldError
from domain.words import _
from services.training import ABSENT, COMPLETED, OPEN, PRESENT, RosterLine, outcome_of

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


_TICKS = frozenset("✓√1到是v缺0x×否")


class SignInTab(SheetTab[RosterModel]):
    """The grid with its buttons."""

    def __init__(self, frame: Frame, model: RosterModel, add: QWidget) -> None:
        super().__init__(frame, model, EntryGrid(_read, name=_("签到考勤")), lambda: model.sheet_typed, self._keep)
        self.grid.toggles = tuple(_(mark) for mark in MARKS.values())
        self.figures = ElidedLabel("", "muted")
        self.everyone = button(_("全部全勤"), lambda: model.all_present(), hint="F7", within=self, writes=True)
        self.line = button(_("此人全勤"), self._line, hint="F6", within=self, writes=True)
        self.off = button(_("当天不上课"), self._off, hint="F8", within=self, writes=True)
        empty = EmptyState(_("这个班还没有学员"), _("先在花名册里添加学员，再按天签到。"), add, icon="users")
        self.stack = stacked(self.grid, empty)
        words = _("空格：✓ 到　缺　空白；方向键移动，选中一片再按空格可一起改。按天的签到留在本机，出勤天数记入花名册。")
        foot = label(words, "small", wrap=True)
        head = row(self.figures, self.off, self.line, self.everyone, self.save_button)
        self.setLayout(column(head, self.stack, foot, spacing=8))
        self.grid.model().cell_changed.connect(lambda change: model.mark(change.row, change.column, change.text))
        self._pending()

    def _keep(self) -> None:
        """Save the sheet. If incomplete rows would lower the recorded days of some people, ask whether to save those rows."""
        fewer = self._model.lowered()
        if fewer:
            names = _("、").join(self._model.students[id].person.name for id in fewer)
            text = _("{names} 的名册上已有出勤天数，签到表只填了几天，按签到表算天数会变少。保留名册的，这几个人刚填的签到就不存。")
            title, change, keep = _("出勤天数会变少"), _("按签到表改"), _("保留名册的")
            if not dialogs.ask(self, title, text.format(names=names), yes=change, no=keep, danger=True):
                self._model.unmark(fewer)
        self._model.save_sheet()

    def _show(self) -> None:
        model = self._model
        self._show_anybody(bool(model.students and model.sheet.days))
        rows = [GridRow(id, {"no": str(n), "name": one.person.name}, model.off) for n, (id, one) in enumerate(model.students.items(), 1)]
        cells = {
            (id, day): _("休") if day in model.off else _(MARKS[mark])
            for id, line in model.marks.items()
            for day, mark in zip(model.sheet.days, line, strict=True)
            if mark != OPEN or day in model.off
        }
        self.grid.set_content(self._columns(), rows, cells)

    def _columns(self) -> list[GridColumn]:
        days = self._model.sheet.days
        names = names_width((one.person.name for one in self._model.students.values()), 84, 150)
        return [
            GridColumn("no", _("序"), 40, editable=False, right=False),
            GridColumn("name", _("姓名"), names, editable=False, right=False, style="strong"),
            GridColumn("sum", _("出勤"), 66, editable=False, style="strong", compute=self._model.attendance),
            *(GridColumn(day, _heading(day, first=n == 0 or day.endswith("-01")), 48, sign=True) for n, day in enumerate(days)),
        ]

    def _pending(self) -> None:
        model = self._model
        self._count(_("保存 {n} 人"), len(model.pending_marks()))
        lessons = _("上课 {n} 天").format(n=model.lessons())
        off = _("　不上课 {n} 天").format(n=len(model.off)) if model.off else ""
        self.figures.setText(lessons + off)
        self.grid.set_tones(self._tones())
        for one in (self.everyone, self.line, self.off):
            one.setEnabled(bool(model.students))

    def _tones(self) -> dict[tuple[str, str], str]:
        """Absences stand out, days without lessons are grey; 缺 and 休 say the same as text."""
        days = self._model.sheet.days
        absent = [(id, day) for id, line in self._model.marks.items() for day, mark in zip(days, line, strict=True) if mark == ABSENT]
        off = [(id, day) for id in self._model.students for day in self._model.off]
        return dict.fromkeys(absent, "warn") | dict.fromkeys(off, "plain")

    def _line(self) -> None:
        if ids := self.grid.marked():
            self._model.all_present(ids)

    def _off(self) -> None:
        day = self.grid.place()[1]
        if day in self._model.sheet.days:
            self._model.toggle_day(day)
        else:
            self._frame.message(_("请先把光标移到那一天。"))


def _read(_row: str, _column: str, text: str) -> str:
    """Return the cell's text for a typed or pasted mark. Raises `FieldError`."""
    typed = text.strip().lower()
    if typed not in _TICKS:
        raise FieldError(_("「{text}」不是签到：到填 ✓ 或 1，缺填 缺 或 0").format(text=text), "choice")
    return _(MARKS[ABSENT]) if typed in "缺0x×否" else MARKS[PRESENT]


def _heading(day: str, *, first: bool) -> str:
    """The day of the month; the first day shown, and the first of a month, with the month."""
    return f"{int(day[5:7])}/{int(day[8:])}" if first else str(int(day[8:]))
