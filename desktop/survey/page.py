"""The page 摸排: the list of surveys; one of them, with answers, progress by village and results; or the form of a survey: whom it asks,
until when, and below its questions, a small form for each."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from PySide6.QtWidgets import QWidget

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.survey.fill_tab import FillTab
from desktop.survey.view_model import SurveyModel
from desktop.widgets.basics import Chip, EmptyState, bind, button, label
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel, FormStack
from desktop.widgets.layout import column
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source, View
from desktop.widgets.record_form import RecordForm, all_fields
from desktop.widgets.tabs import Later, TabStack
from desktop.wiring.forms import form_tools
from domain.errors import FieldError
from domain.records import Survey, SurveyItem
from domain.scopes import is_village
from domain.surveys import MAX_ITEMS
from domain.words import _
from services.surveys import figures
from services.surveys.design import Question
from services.surveys.figures import Line, Reach
from services.surveys.surveys import SurveySheet

_SHEET = all_fields(Survey.KIND, without=("closed_on",))
_QUESTION = all_fields(SurveyItem.KIND, without=("survey_id", "position"))
_SPARE, _FIRST = 4, 8
"""How many empty question forms follow the present questions; and the least number of question forms."""


class SheetPanel(FormPanel):
    """The form of a survey. Clearing all fields of a question deletes it; a question never filled in does not exist."""

    def __init__(self, frame: Frame, tools: Tools, sheet: SurveySheet | None = None) -> None:
        items: Sequence[SurveyItem] = sheet.items if sheet is not None else ()
        head = RecordForm(Survey.KIND, tools, fields=_SHEET, columns=2)
        slots = min(max(len(items) + _SPARE, _FIRST), MAX_ITEMS)
        asked = [RecordForm(SurveyItem.KIND, tools, fields=_QUESTION, columns=2) for _n in range(slots)]
        if sheet is not None:
            head.set_record(sheet.survey)
        else:
            head.set_values({"about": "poor"})
        for form, item in zip(asked, items, strict=False):
            form.set_record(item)
        titled = [(_("问题 {n}").format(n=n), form) for n, form in enumerate(asked, 1)]
        note = _(
            "可选的答案用顿号隔开，如 南方、本县、不出去。已经有人答的问题，答案只能加，不能减；不要的问题把几格都清空，答案一起删除。"
            "只有前面答了什么的人才要问的题，写「什么人才问」：1=是，就是第 1 题答「是」的才问。"
        )
        title = _("修改摸排表") if sheet is not None else _("新建摸排表")
        super().__init__(frame, title, head, *titled, note=note, draft=f"survey:{sheet.survey.id if sheet else ''}")
        self._ids = [item.id for item in items]

    def values(self) -> dict[str, Any]:
        """The values of the survey itself."""
        return self.forms[0].values()

    def questions(self) -> list[Question]:
        """The questions that are filled in, in order."""
        ids = [*self._ids, *[None] * len(self.forms)]
        filled = [(n, form.given(), id) for n, (form, id) in enumerate(zip(self.forms[1:], ids, strict=False), 1)]
        filled = [one for one in filled if "label" in one[1]]
        places = {str(n): str(place) for place, (n, _given, _id) in enumerate(filled, 1)}  # forms between them may be empty
        return [
            Question(one["label"], one["type"], one.get("choices", ""), bool(one.get("optional")), id, _placed(one, places))
            for _n, one, id in filled
        ]

    def to_check(self) -> list[RecordForm]:
        """A cleared question is going to be deleted, so it need not be valid."""
        return [form for form in super().to_check() if not _emptied(form)]


def _placed(given: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """The condition of a question, with the place of a question among those filled in instead of the number of its form; 0 for a form
    that is empty."""
    asked, sign, answers = str(given.get("asked_if", "")).replace("＝", "=").rpartition("=")
    number = unicodedata.normalize("NFKC", asked).strip()
    return f"{places.get(number, '0') if number.isdecimal() else asked}{sign}{answers}"


def _emptied(form: RecordForm) -> bool:
    try:
        return not form.given()
    except FieldError:
        return False


_VILLAGES, _TALLY = "villages", "tally"
_T = TypeVar("_T")


class SurveyPage(Page):
    """The list, one survey, or a form."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("摸排"))
        self.model, self._station, self._tools = self.own(SurveyModel(frame, station)), station, form_tools(frame, station)
        self.table = self._list()
        self.stack = FormStack(frame, self.table)
        self.body.addWidget(self.stack, 1)
        self._head_buttons()
        self._connect()
        self._show_header()

    # -- parts --------------------------------------------------------------------------------------

    def _list(self) -> LedgerTable:
        empty = EmptyState(
            _("没有摸排表"),
            _("县里、乡镇发的摸排表同步以后就在这里；也可以自己新建：写几个问题，名单自动列出，填完就有汇总。"),
            button(_("新建摸排表"), self.new, kind="primary", hint="Ins", writes=True),
            icon="clipboard",
        )
        made = LedgerTable(self.frame, self.model.surveys, key="surveys", empty=empty, title=_("摸排表"))
        made.opened.connect(self.model.open)
        made.edit_asked.connect(self.model.change)
        made.fade(lambda row: bool(row["closed_on"]))
        text = _("填好的答案也一起删除。删除后可以撤销。")
        made.ask_to_delete("survey", _("删除这张摸排表？"), text, self.model.delete_sheets)
        return made

    @Later
    def fill(self) -> FillTab:
        """The tab of answers."""
        return FillTab(self.frame, self.model, self._paper)

    @Later
    def one(self) -> TabStack:
        """The tabs of one survey."""
        pages: dict[str, tuple[str, QWidget]] = {"fill": (_("填写"), self.fill), _TALLY: (_("汇总"), self.results)}
        if not is_village(self._station.store.scope):
            pages[_VILLAGES] = (_("各村进度"), self.villages)
        made = TabStack(pages)
        made.tabs.chosen.connect(lambda _key: self._show_figures())
        bind(made, "Escape", self.close_one)
        bind(made, "Ctrl+F2", lambda: self.model.change(self.model.survey_id))
        return made

    @Later
    def results(self) -> QWidget:
        """The results, and what Enter does there."""
        made = QWidget()
        made.setLayout(column(self.tally, label(_("移到一行上，按 Enter 看是哪些人。"), "muted"), spacing=8))
        made.setFocusProxy(self.tally)
        self.tally.show()
        return made

    @Later
    def tally(self) -> LedgerTable:
        """The results by question and answer. Enter opens the people of a line in 人员, where other conditions can be added."""
        columns: list[Column[Line]] = [
            Column("label", _("要问什么"), 300, lambda one: "" if one.word else one.item.label, style="strong", sortable=False),
            Column("told", _("答案"), 300, lambda one: one.told, sortable=False),
            Column("people", _("人数"), 80, lambda one: one.people, right=True, sortable=False),
        ]
        made = self._figures("survey-tally", _("汇总"), in_memory(columns, self._of(figures.lines), lambda one: one.key))
        made.opened.connect(lambda key: self.frame.open("people", filters={"answer": key}))
        return made

    @Later
    def villages(self) -> LedgerTable:
        """The tab of progress by village."""
        columns: list[Column[Reach]] = [
            Column("name", _("村"), 160, lambda one: one.name, style="strong"),
            Column("people", _("应填"), 80, lambda one: one.people, right=True),
            Column("done", _("已填"), 80, lambda one: one.done, right=True),
            Column("left", _("还差"), 80, lambda one: one.people - one.done, right=True),
        ]
        return self._figures("survey-villages", _("各村进度"), in_memory(columns, self._of(figures.reach), lambda one: one.area))

    def _of(self, lines: Callable[[SurveySheet], Sequence[_T]]) -> Callable[[View], Sequence[_T]]:
        return lambda _view: lines(sheet) if (sheet := self.model.now()) is not None else ()

    def _figures(self, key: str, title: str, source: Source) -> LedgerTable:
        made = LedgerTable(self.frame, source, key=key, title=title)
        made.describe_filters = lambda: self.model.sheet.survey.title if self.model.sheet else ""  # on paper it says of which sheet
        made.reload()
        return made

    def _head_buttons(self) -> None:
        self.state_chip = Chip(_("已结束"))
        self.header.add_left(self.state_chip)
        self.back = button(_("全部摸排表"), self.close_one, icon="chevron-left", hint="Esc")
        self.edit_button = button(_("修改"), lambda: self.model.change(self.model.survey_id), hint="Ctrl F2", writes=True)
        self.end_button = button(_("结束摸排"), self._end, writes=True)
        self.new_button = button(_("新建摸排表"), self.new, kind="primary", icon="plus", hint="Ins", within=self.table, writes=True)
        self.header.add(self.back, self.edit_button, self.end_button, self.new_button)

    def _connect(self) -> None:
        model = self.model
        self.stack.follow(model)
        model.opened.connect(self._open)
        model.shown.connect(self._show_header)
        model.shown.connect(self._show_figures)
        model.changed.connect(self.refresh)
        model.to_change.connect(self._change)
        model.counted.connect(lambda n: self.frame.set_badge("survey", n))
        model.gone.connect(self._show_list_if_closed)
        self.stack.form_shown.connect(lambda _shown: self._show_list_if_closed())

    # -- actions ------------------------------------------------------------------------------------

    def opened(self, **args: object) -> None:
        """Show the list; or with `id=` a survey, with `form=` its form; `new=True` the form of a new one."""
        id = str(args.get("id") or "")
        if id and self.can_leave():
            self.model.open(id)
            if args.get("form"):
                self.model.change(id)
        elif not self.model.survey_id:
            self.refresh()
            self.table.setFocus()
        if args.get("new"):
            self.new()

    def refresh(self) -> None:
        """Load again, since records changed."""
        if not self.model.survey_id:
            self.table.reload()
        self.model.reload()

    def can_leave(self) -> bool:
        """Ask about an open form and about unreadable cells."""
        return self.stack.may_leave() and (not self.model.survey_id or self.fill.grid.may_leave())

    def new(self) -> None:
        """Show the form of a new survey."""
        self._show_form(None)

    def close_one(self) -> None:
        """Return to the list."""
        if self.can_leave():
            self.model.close()
            self._show_list_if_closed()

    def _show_list_if_closed(self) -> None:
        """Show the list if no survey is open and no form covers it."""
        if not self.model.survey_id and self.stack.form is None and not self.stack.at_list:
            self.stack.show_list()
            self.refresh()
            self.table.setFocus()
        self._show_header()

    def _change(self, sheet: SurveySheet) -> None:
        if sheet.own:
            self._show_form(sheet)
        else:
            self.frame.message(_("这张摸排表是上级发的，只能填，不能改。"))

    def _show_form(self, sheet: SurveySheet | None) -> None:
        panel = SheetPanel(self.frame, self._tools, sheet)
        panel.asked.connect(lambda: self.model.save_sheet(panel.values(), panel.questions(), sheet, panel.forms[0].base))
        self.stack.show_form(panel)

    def _open(self, _survey_id: str) -> None:
        self.stack.show_one(self.one)
        self.one.tabs.choose("fill")
        self.fill.begin()
        self.fill.setFocus()
        self._show_header()

    def _end(self) -> None:
        sheet = self.model.sheet
        if sheet is not None:
            self.model.end(again=sheet.survey.closed_on is not None)

    def _paper(self) -> None:
        from desktop.paper.forms import FormPrinter  # imports the printing modules, which the list does not need

        if self.model.survey_id:
            FormPrinter(self.frame, self._station).show(self, "survey", self.model.survey_id)

    def _show_figures(self) -> None:
        for key, table in ((_TALLY, "tally"), (_VILLAGES, "villages")):
            if table in self.__dict__ and "one" in self.__dict__ and self.one.tabs.key == key:
                self.__dict__[table].reload()

    def _show_header(self) -> None:
        one, form, sheet = bool(self.model.survey_id), self.stack.form is not None, self.model.sheet
        self.back.setVisible(one and not form)
        own = one and not form and sheet is not None and sheet.own
        self.edit_button.setVisible(own)
        self.end_button.setVisible(own)
        self.new_button.setVisible(not one and not form)
        self.state_chip.hide()
        if not one or sheet is None:
            self.header.set_text(_("摸排"))
            return
        closed = sheet.survey.closed_on
        self.end_button.setText(_("重新开始") if closed else _("结束摸排"))
        about = sheet.survey.shown("about")
        due = [_("截止 {day}").format(day=sheet.survey.due)] if sheet.survey.due else []
        self.header.set_text(sheet.survey.title, "　".join([*due, about]))
        if closed:
            self.state_chip.show()


build = SurveyPage
