"""The tab 填写: a row for each person the survey asks, a column for each question; a digit answers and moves to the next question."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame
from desktop.survey.view_model import ALL, DONE, OPEN, SurveyModel
from desktop.widgets import writing
from desktop.widgets.basics import EmptyState, button, finder, label, show_text
from desktop.widgets.entry_grid import CellChange, EntryGrid, GridColumn, GridRow
from desktop.widgets.figures import names_width
from desktop.widgets.layout import Flow, column, stacked
from desktop.widgets.tabs import ChipBar
from domain import divisions
from domain.records import SurveyItem
from domain.surveys import choices_of
from domain.words import _
from services.surveys.surveys import Respondent, SurveySheet, chat_text

_LEAST, _MOST = 84, 190
"""Minimum and maximum width of a question's column, in px at 100 % text size."""
_DIGITS = 9
"""The most choices that can be answered by a digit."""


class FillGrid(EntryGrid):
    """The grid: in a column with choices a digit is the answer, unless an editor is open."""

    def __init__(self, model: SurveyModel) -> None:
        super().__init__(model.read, name=_("摸排答案"))
        self._survey = model
        self.after_typing = lambda: self.go_along(1)  # as a digit does: what is typed next belongs to the next question
        self.freeze(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit answers and moves to the next question; typing in a locked cell shows why it is locked."""
        at, sheet = self.currentIndex(), self._survey.sheet
        key = self.model().columns[at.column()].key if at.isValid() else ""
        item = next((one for one in sheet.items if one.id == key), None) if sheet else None
        takes = item is not None and self.model().editable(at.row(), at.column())
        if item is not None and not takes and event.text().isprintable() and event.text():
            self.refused.emit(writing.why_not() or _("摸排已经结束，不能再填；要接着填，先点「重新开始」。"))
        elif item is not None and takes and _is_key(item, event.text()):
            self.model().put([(at.row(), at.column(), event.text())])
            self.go_along(1)
        else:
            super().keyPressEvent(event)

    def go_along(self, by: int) -> bool:
        """Move to the next question that is asked."""
        moved = super().go_along(by)
        while moved and self.place()[1] in self._survey.not_asked(self.place()[0]):
            moved = super().go_along(by)
        return moved


def _is_key(item: SurveyItem, text: str) -> bool:
    offered = choices_of(item)
    single = item.type in ("yes_no", "choice") and len(offered) <= _DIGITS
    return single and text.isascii() and text.isdigit() and 1 <= int(text) <= len(offered)


class FillTab(QWidget):
    """The grid with its filters, and the text of the current question."""

    def __init__(self, frame: Frame, model: SurveyModel, show_paper: Callable[[], None]) -> None:
        super().__init__()
        self._frame, self._model = frame, model
        self._fresh = True
        """Whether a sheet was opened whose people are not shown yet."""
        self.grid = FillGrid(model)
        self.only = ChipBar({ALL: _("全部"), OPEN: _("未填完"), DONE: _("已填完")})
        from_file = button(
            _("导入"), lambda: frame.open("importing"), icon="file-import", hint="Ctrl I", writes=True, name=_("导入填好的表")
        )
        paper = button(_("打印、存为 Excel"), show_paper, icon="printer", hint="Ctrl P", within=self)
        chat = button(_("发接龙"), self._copy_for_chat, icon="copy", hint="F8", within=self, name=_("复制成接龙"))
        chat.setToolTip(_("复制成接龙，发到微信群里大家自己填"))
        self.search = finder(_("姓名、拼音、组"), 150)
        self.search.setAccessibleName(_("在摸排表里找"))
        self.note = label("", "muted", wrap=True)
        self.asked = label("", "small", wrap=True)
        self.asked.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.show_all = button(_("看全部"), lambda: self.only.choose(ALL))
        empty = EmptyState(
            _("没有要问的人"), _("这张表要问的人，本站台账里现在没有。先登记或导入人员，这里就有名单。"), self.show_all, icon="users"
        )
        self.stack = stacked(self.grid, empty)
        self.setLayout(
            column(self.note, Flow(self.only, self.search, None, chat, paper, from_file, spacing=8), self.stack, self.asked, spacing=8)
        )
        self.setFocusProxy(self.grid)
        self.only.chosen.connect(lambda key: model.narrow(only=key))
        self.search.textChanged.connect(lambda text: model.narrow(search=text))
        self.grid.model().cell_changed.connect(self._typed)
        self.grid.selectionModel().currentChanged.connect(lambda *_cells: self._show_question())
        self.grid.refused.connect(frame.message)
        model.shown.connect(self._show)
        model.filled.connect(self._show_state)

    def begin(self) -> None:
        """Clear the filters of the previous sheet, and begin at the first person who has not answered all."""
        self._fresh = True
        self.search.clear()
        self.only.choose(ALL)

    def _to_first(self, sheet: SurveySheet, people: Sequence[Respondent]) -> None:
        """Move the cursor to the first person who has not answered all, and there to the first question without an answer."""
        self._fresh = False
        if one := next((one for one in people if not self._model.complete(one)), None):
            self.grid.go_to(one.id, next((item.id for item in sheet.asked(one.answers) if not one.answers.get(item.id)), ""))

    def _typed(self, change: CellChange) -> None:
        self._model.typed(change.row, change.column, change.text)
        if self._model.sheet is not None:
            for item in self._model.sheet.items:
                self.grid.model().tones.pop((change.row, item.id), None)
            self.grid.model().tones.update(self._tones(change.row))

    def _tones(self, person: str) -> dict[tuple[str, str], str]:
        """Grey for the questions that a person is not asked."""
        return {(person, item): "plain" for item in self._model.not_asked(person)}

    def _copy_for_chat(self) -> None:
        if self._model.sheet is not None:
            QGuiApplication.clipboard().setText(chat_text(self._model.sheet))
            self._frame.message(_("已复制，到微信群里粘贴。大家填好以后，把整段复制下来，在导入页按 Ctrl+V。"))

    def _show(self) -> None:
        sheet, people = self._model.sheet, self._model.people()
        if sheet is None:
            return
        where = {code: divisions.called(code) for code in {one.village for one in people}}
        villages = {code: {"village": word} if len(where) > 1 else {} for code, word in where.items()}
        self.stack.setCurrentIndex(0 if people else 1)
        self.show_all.setVisible(self._model.only != ALL or bool(self._model.search))
        show_text(self.note, sheet.survey.note or "")
        locked = frozenset(one.id for one in sheet.items) if sheet.survey.closed_on or writing.why_not() else frozenset[str]()
        rows = [
            GridRow(one.id, {"name": one.name, **villages[one.village], "group": one.group, "phone": one.phone}, locked) for one in people
        ]
        cells = {(one.id, item): answer for one in people for item, answer in one.answers.items()}
        self.grid.set_content(self._columns(sheet, people), rows, cells)
        self.grid.set_tones({place: tone for one in people for place, tone in self._tones(one.id).items()})
        longest = max((self.asked.fontMetrics().horizontalAdvance(_words(one)) for one in sheet.items), default=0)
        # room for the longest question, so that the grid does not move
        self.asked.setMinimumHeight((1 + (longest > self.width())) * self.asked.fontMetrics().lineSpacing())
        if self._fresh and people:
            self._to_first(sheet, people)
        self._show_state()
        self._show_question()

    def _columns(self, sheet: SurveySheet, people: Sequence[Respondent]) -> list[GridColumn]:
        fixed = [
            GridColumn("name", _("姓名"), names_width((one.name for one in people), 80, 170), editable=False, right=False, style="strong"),
            GridColumn("left", _("还差"), 60, editable=False, right=False, style="muted", compute=self._left),
        ]
        if len({one.village for one in people}) > 1:
            fixed.append(GridColumn("village", _("村"), 84, editable=False, right=False, style="muted"))
        if any(one.group for one in people):
            fixed.append(GridColumn("group", _("组"), 62, editable=False, right=False, style="muted"))
        fixed.append(GridColumn("phone", _("电话"), 116, editable=False, right=False, style="muted"))
        asked = [GridColumn(one.id, one.label, _width(one), right=one.type == "number") for one in sheet.items]
        return [*fixed, *asked]

    def _left(self, person: str) -> str:
        one, sheet = self._model.person(person), self._model.sheet
        if one is None or sheet is None or self._model.complete(one):
            return "✓"
        return _("{n} 项").format(n=sheet.lacking(one.answers))

    def _show_state(self) -> None:
        for key, count in self._model.counts().items():
            self.only.set_count(key, count)
        self.grid.viewport().update()

    def _show_question(self) -> None:
        """Show what the current question asks, and the keys that answer it."""
        sheet, (person, key) = self._model.sheet, self.grid.place()
        item = next((one for one in sheet.items if one.id == key), None) if sheet else None
        unasked = item is not None and key in self._model.not_asked(person)
        spared = "　" + _("这个人不用答") if unasked else ""
        self.asked.setText("" if item is None else _words(item) + spared)


def _words(item: SurveyItem) -> str:
    offered = choices_of(item)
    how = {
        "choices": _("可选几个，写号码或用顿号隔开"),
        "number": _("填数字"),
        "date": _("填日期，如 2026-03"),
    }.get(item.type, "")
    keys = "　".join(f"{n} {word}" for n, word in enumerate(offered, 1))
    optional = _("可以不填") if item.optional else ""
    asked, _sign, given = (item.asked_if or "").rpartition("=")
    condition = _("「{label}」答{answers}的才问").format(label=asked, answers=given.replace("、", _("或"))) if asked else ""
    return "　".join(part for part in (item.label, keys, how, condition, optional) if part)


def _width(item: SurveyItem) -> int:
    words = [item.label, *choices_of(item)] if item.type != "choices" else [item.label]
    words += ["2026-10-30"] if item.type == "date" else []
    widest = max(QFontMetrics(theme.font(14, bold=True)).horizontalAdvance(word) for word in words) / theme.scale()
    return int(min(max(widest + 24, _LEAST, 140 if item.type in ("text", "choices") else 0), _MOST))
