"""The tab 签到考勤: people × days. Space cycles through 到, 缺 and empty; stored as days present of days held."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.training.roster_model import MARKS, RosterModel
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.entry_grid import EntryGrid, GridColumn, GridRow
from desktop.widgets.figures import names_width
from desktop.widgets.layout import column, row, stacked
from desktop.widgets.sheet_tab import SheetTab
from domain.errors import FieldError
from domain.words import _
from services.training import ABSENT, OPEN, PRESENT

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
