"""The tab 公示: notices with their last day, a form for a new one with a preview, printing, results and objections."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QTextBrowser, QWidget

from desktop.benefits.notice_model import Draft, NoticeModel
from desktop.benefits.presenting import NoticeLine, SheetShown
from desktop.draft import Draft as Unsaved
from desktop.page import Frame
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Card, EmptyState, bind, button, label
from desktop.widgets.inputs import Number, captioned, choices
from desktop.widgets.layout import Flow, Item, column, fill, holder, row, scrolled, stacked
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable
from desktop.widgets.line_editors import LineEditor, Suggesting, SuggestingLine
from desktop.widgets.spoken import live_label
from domain import clock, divisions
from domain.errors import DomainError, FieldError
from domain.fields import KINDS
from domain.periods import day_count
from domain.words import _
from services.claims.notices import USUAL_DAYS, left_out_words, refuse_early
from services.forms.markup import body, style

DAYS = USUAL_DAYS["calendar"]
MAX_DAYS = 60
_PREVIEW = 9
"""Font size of the preview in points, small enough to show the whole sheet; the printed form has its own."""


class NoticeForm(Card):
    """The fields of a new notice; every change updates the preview."""

    edited = Signal()

    def __init__(self, level: str) -> None:
        super().__init__(_("新公示（{level}级）").format(level=level))
        self.claims: tuple[str, ...] | None = None
        self.dirty = False
        """Whether anything was typed or chosen since the notice was started."""
        self.start = LineEditor(KINDS["notice"].by_name["start"])
        self.start.line.setAccessibleName(_("公示开始"))
        self.days = Number()
        self.days.setRange(1, MAX_DAYS)
        self.days.setValue(DAYS)
        self.days.setAccessibleName(_("公示天数"))
        self.kind = choices(_("天数口径"), {"calendar": _("自然日"), "working": _("工作日")})
        self.place, self.phone = QLineEdit(), QLineEdit()
        self.place.setAccessibleName(_("公示地点"))
        self.place.setPlaceholderText(_("如 村务公开栏"))
        self.phone.setAccessibleName(_("监督电话"))
        self.phone.setPlaceholderText(_("收异议的电话"))
        self.save = button(_("发公示"), kind="primary", hint="Ctrl S", writes=True)
        self.back = button(_("返回"), hint="Esc")
        self.summary = label("", "muted", wrap=True)
        self.remarks, self.found = label("", "warn", wrap=True), live_label("warn")
        self.remarks.hide()
        self.found.hide()
        lines = holder(column(label(_("公示地点"), "muted"), self.place, label(_("监督电话"), "muted"), self.phone, spacing=8))
        keyboard.run_on(lines, self.save.setFocus)
        for changed in (
            self.start.line.textEdited,
            self.days.valueChanged,
            self.kind.activated,
            self.place.textEdited,
            self.phone.textEdited,
        ):
            changed.connect(lambda _value: self._edited())
        fields: list[Item] = [self.found, label(_("公示开始"), "muted"), self.start, label(_("公示天数"), "muted")]
        fields += [holder(row(self.days, self.kind, None)), lines, None]
        self.body.addWidget(scrolled(holder(column(*fields, spacing=8, margins=(0, 0, 4, 0)))), 1)
        self.body.addWidget(self.summary)  # below the scrolled part, so that the number of claims stays visible
        self.body.addWidget(self.remarks)
        self.add_row(None, self.back, self.save)

    def propose(self, place: str, phone: str) -> None:
        """Fill in the usual place and telephone where these are empty."""
        for line, usual in ((self.place, place), (self.phone, phone)):
            if not line.text():
                line.setText(usual)

    def begin(self, claims: Sequence[str] | None) -> None:
        """Start a new notice from today, for the given claims or for all that wait for one."""
        self.claims = tuple(claims) if claims is not None else None
        self.dirty = False
        self.summary.clear()  # the summary of an earlier draft
        self.remarks.hide()
        self.found.hide()
        self.start.set_value(clock.today())

    def _edited(self) -> None:
        self.dirty = True
        self.edited.emit()

    def unsaved(self) -> dict[str, Any]:
        """Return the input as it was typed, to be stored against a power cut; {} for none."""
        if not self.dirty:
            return {}
        words = {"start": self.start.line.text(), "place": self.place.text(), "phone": self.phone.text()}
        return {**words, "days": self.days.value(), "kind": self.kind.currentData(), "claims": list(self.claims) if self.claims else None}

    def restore(self, kept: dict[str, Any]) -> None:
        """Put back what `unsaved` returned before the program was killed."""
        self.claims = tuple(kept["claims"]) if kept["claims"] else None
        for line, name in ((self.start.line, "start"), (self.place, "place"), (self.phone, "phone")):
            line.setText(kept[name])
        self.days.setValue(kept["days"])
        self.kind.setCurrentIndex(max(0, self.kind.findData(kept["kind"])))
        self.dirty = True
        self.found.setText(_("上次没保存的内容已放回来，请核对后保存。"))
        self.found.show()

    def draft(self) -> Draft | None:
        """Return the input; None, with an error below the field, if the first day is not a valid date."""
        try:
            day = self.start.value()
        except FieldError as error:
            self.start.fail(str(error))
            return None
        if not day:
            self.start.fail(_("请填公示开始的日期。"))
            return None
        return Draft(
            day, self.days.value(), str(self.kind.currentData()), self.place.text().strip(), self.phone.text().strip(), self.claims
        )

    def show_summary(self, sheet: SheetShown) -> None:
        """Show the number of claims, the last day, and what to point out."""
        text = _("{n} 笔申请，公示到 {day}").format(n=len(sheet.names), day=sheet.last_day)
        text += "" if sheet.holidays_known else _("，节假日安排未公布，按周末和元旦、五一、国庆推算")
        self.summary.setText(text + left_out_words(sheet.left_out))
        self.remarks.setText("\n".join(sheet.remarks))
        self.remarks.setVisible(bool(sheet.remarks))


class NoticeTab(QWidget):
    """List or form at the left, the sheet at the right."""

    def __init__(self, frame: Frame, model: NoticeModel, level: str, above: bool) -> None:
        super().__init__()
        self._frame, self.model, self._level = frame, model, level
        empty = EmptyState(
            _("还没有公示"),
            _("初审通过的申请要公示。名单自动遮住证件号码，只有规定的几列。"),
            button(_("新公示"), self.new, kind="primary", hint="Ins", writes=True),
            icon="speakerphone",
        )
        self.table = LedgerTable(
            frame, in_memory(_columns(above), lambda _view: model.notices), key="notices", empty=empty, title=_("公示")
        )
        self.table.add(button(_("新公示"), self.new, kind="primary", icon="plus", hint="Ins", within=self, writes=True))
        self.form = NoticeForm(level)
        self.draft = Unsaved(frame.jobs, model.drafts, lambda: self.form.unsaved() if self._drafting else {}, self)
        self.left = stacked(self.table, self.form)
        self.sheet = QTextBrowser()
        self.sheet.setAccessibleName(_("公示样张"))
        self.sheet.setObjectName("paper")
        self.print = button(_("打印、保存"), lambda: self._print("notice_form"), icon="printer", hint="Ctrl P", within=self)
        self.clear = button(_("登记无异议"), lambda: self._close("clear"), kind="primary", hint="F7", within=self, writes=True)
        self.objected = button(_("登记有异议"), lambda: self._close("objected"), hint="F8", within=self, writes=True)
        self.object = button(_("记一条异议"), lambda: self._object(), writes=True)
        self.settle = button(_("处理异议"), self._settle, kind="primary", hint="F7", writes=True)
        self.report = button(_("结果报告"), lambda: self._print("notice_report"), icon="printer")
        self.photos = button(_("添加公示照片…"), self._attach, icon="plus", writes=True)
        buttons = Flow(self.print, self.photos, self.report, spacing=8)
        more = Flow(self.settle, self.clear, self.objected, self.object, spacing=8)
        self.late = label("", "warn", wrap=True)
        self.beside = holder(column(buttons, more, self.late, self.sheet, spacing=8))
        self.setLayout(row(self.left, self.beside, spacing=12, shares=(11, 10)))
        self._drafting = False
        """Whether the form of a new notice is shown."""
        self._connect()
        self._show_buttons()

    def _connect(self) -> None:
        model, form = self.model, self.form
        model.changed.connect(self._listed)
        model.shown.connect(self._show_sheet)
        model.made.connect(self._made)
        model.done.connect(self._done)
        model.failed.connect(self._failed)
        self.table.chosen.connect(self._chosen)
        self.table.loaded.connect(lambda _n: self._loaded())
        form.back.clicked.connect(lambda _on=False: self._leave_form())
        form.save.clicked.connect(lambda _on=False: self._make())
        form.edited.connect(self.draft.changed)
        self.draft.found.connect(self._restore)
        for changed in (form.days.valueChanged, form.kind.currentIndexChanged):
            changed.connect(lambda _value: self._preview())
        for line in (form.start.line, form.place, form.phone):
            line.editingFinished.connect(self._preview)
        bind(form, "Esc", self._leave_form)
        bind(form, "Ctrl+S", form.save.click)

    def start(self) -> None:
        """Load the notices when the tab is shown."""
        self.model.load()
        self.table.setFocus()

    def new(self, claims: Sequence[str] | None = None) -> None:
        """Show the form of a new notice."""
        self.form.begin(claims)
        self.form.propose(*self.model.usual(self._level))
        self._drafting = True
        self.left.setCurrentWidget(self.form)
        self._show_buttons()
        self.form.start.setFocus()
        self.form.start.line.selectAll()  # so that typing replaces the day
        self._preview()
        self.draft.begin("notice")

    def go_on(self) -> None:
        """Show the form with what was typed into it, also before the program was killed."""
        if not (self._drafting and self.form.dirty):
            self.new()

    def _restore(self, kept: dict[str, Any]) -> None:
        if self._drafting and not self.form.dirty:
            self.form.restore(kept)
            self._preview()

    def show_notice(self, id: str) -> None:
        """Select a notice."""
        self.table.want(id)
        self._close_form()

    def _listed(self) -> None:
        self.table.reload()
        if self._drafting:
            self.form.propose(*self.model.usual(self._level))
            self._preview()

    def _preview(self) -> None:
        if self._drafting and (draft := self.form.draft()) is not None:
            self.model.preview(draft)

    def _leave_form(self) -> None:
        if dialogs.may_leave(self, self.form.dirty, _("填写的内容会丢失。"), self.draft.forget):
            self._close_form()

    def _close_form(self) -> None:
        self._drafting = False  # first: while the form is hidden, the focus goes through its fields, and each would ask for the preview
        self.left.setCurrentWidget(self.table)
        self._loaded()
        self.table.setFocus()

    def _failed(self, error: Exception) -> None:
        if self._drafting and not self.form.summary.text():
            self.draft.forget()
            self._close_form()  # before the dialog: a field losing the focus to it would ask for the preview again
        self._frame.show_error(error)

    def _loaded(self) -> None:
        self._chosen(self.table.current_id())

    def _chosen(self, id: str) -> None:
        self._show_buttons()
        if id and not self._drafting:
            self.model.show(id)
        elif not id:
            self.sheet.clear()

    def _current(self) -> NoticeLine | None:
        return None if self._drafting else self.model.get(self.table.current_id())

    def _show_buttons(self) -> None:
        line = self._current()
        self.beside.setVisible(line is not None or self._drafting)  # without a notice the sheet would be blank
        for made in (self.print, self.photos, self.report):
            made.setVisible(line is not None)
        for made in (self.clear, self.objected, self.object):
            made.setVisible(line is not None and line.open and line.mine)
        self.late.setText(line.late if line is not None else "")
        self.late.setVisible(line is not None and bool(line.late))
        unsettled = line is not None and bool(line.unsettled)
        self.settle.setVisible(unsettled and line is not None and line.mine)
        if unsettled:
            self.clear.hide()
        self.clear.look(primary=line is not None and clock.today() > line.last_day)  # until then, the next step is to print it
        self.print.look(primary=line is not None and line.open and clock.today() <= line.last_day)

    def _show_sheet(self, sheet: SheetShown) -> None:
        self.sheet.document().setDefaultStyleSheet(style(sheet.form, _PREVIEW))
        self.sheet.setHtml(f"<body>{body(sheet.form)}</body>")
        if self._drafting:
            self.form.show_summary(sheet)
        self._show_buttons()

    def _make(self) -> None:
        self.form.save.setFocus()  # the field that loses the focus requests its preview while there still is a draft
        draft = self.form.draft()
        if draft is None:
            self.form.start.setFocus()
        elif self._confirm_start(draft.start):
            self.model.make(draft)

    def _confirm_start(self, start: str) -> bool:
        """Whether a start date is near today or the user confirms it; a mistyped year would publish a notice that ended long ago."""
        away = day_count(*sorted((start, clock.today()))) - 1
        asked = _("公示从 {day} 开始？").format(day=start)
        return away <= MAX_DAYS or dialogs.ask(self, asked, _("离今天 {n} 天，请核对年月日。").format(n=away), yes=_("发公示"))

    def _made(self, id: str) -> None:
        self.draft.forget()
        self._close_form()
        self._frame.message(_("公示已发，请打印张贴。"), undo=True)
        self.table.want(id)
        self.model.load()

    def _done(self, text: str) -> None:
        self._frame.message(text, undo=True)
        self.model.load()

    def _close(self, result: str) -> None:
        line = self._current()
        if line is None or not line.open:
            return
        if result == "clear" and line.unsettled:
            self._settle()
            return
        if result == "objected" and not line.objections:
            self._object(_("还没有登记过异议。先记下是谁反映、反映什么，再登记「有异议」。"))
            return
        if result == "clear":
            try:
                refuse_early(line.last_day, clock.today())
            except DomainError as error:
                self._frame.show_error(error)
                return
        words = {"clear": _("登记「无异议」？"), "objected": _("登记「有异议」？")}[result]
        text = {"clear": _("所涉申请可以办下一步。"), "objected": _("所涉申请先停下，核实处理后重新公示或退回。")}[result]
        if dialogs.ask(self, words, text, yes=_("登记")):
            self.model.close(line.id, result)

    def _object(self, why: str = "") -> None:
        line, sheet = self._current(), self.model.sheet
        if line is None:
            return
        dialog = dialogs.Dialog(self, _("记一条异议"), why)
        about, content = SuggestingLine(), QLineEdit()
        names = Suggesting(about)
        names.entered.connect(content.setFocus)  # Enter in the list goes on, as in forms
        about.suggest(list(dict.fromkeys(sheet.names)) if sheet is not None else [], names)
        about.setPlaceholderText(_("名单上的姓名，按 ↓ 选；对整张公示的不填"))
        fill(dialog.body, [*captioned(_("对谁有异议"), about, ""), *captioned(_("谁反映、反映什么"), content, "")])
        dialog.add_answers(_("确定"))
        about.setFocus()
        if dialog.run() and content.text().strip():
            self.model.object_to(line.id, clock.today(), content.text().strip(), about=about.text().strip())

    def _settle(self) -> None:
        line = self._current()
        id, content = line.unsettled[0] if line is not None and line.unsettled else ("", "")
        handled = dialogs.ask_text(self, _("处理异议"), _("怎么处理的"), about=content) if id else None
        if handled:
            self.model.settle(id, handled)

    def _attach(self) -> None:
        line = self._current()
        files = dialogs.open_files(self, _("公示照片"), _("照片 (*.jpg *.jpeg *.png)"))
        if line is not None and files:
            self.model.attach(line.id, files)

    def _print(self, form: str) -> None:
        line = self._current()
        if line is not None:
            self.model.print(self, form, line.id)


def _columns(above: bool) -> list[Column[NoticeLine]]:
    tones = {_("无异议"): "good", _("有异议"): "bad", _("异议待处理"): "bad"}
    notice = attrgetter("notice")
    place = Column[NoticeLine]("village", _("地方"), 96, lambda one: divisions.called(one.notice.village), sortable=False)
    return [
        Column("name", _("级别"), 52, lambda one: one.notice.shown("level"), style="strong", sortable=False),
        *([place] if above else []),
        Column("result", _("结果"), 104, lambda one: one.result(), style="chip", tones=tones, sortable=False),
        Column("remark", _("备注"), 52, lambda one: _("补记") if one.late else "", sortable=False),
        Column("start", _("开始"), 94, notice),
        Column("last_day", _("最后一天"), 94, lambda one: one.last_day),
        Column("left", _("还有几天"), 84, lambda one: one.left(), sortable=False),
        Column("count", _("笔数"), 54, lambda one: len(one.notice.claims or ()), right=True),
        Column("objections", _("异议"), 54, lambda one: one.objections or None, right=True, sortable=False),
    ]
