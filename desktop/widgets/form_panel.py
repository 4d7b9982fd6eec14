"""A form shown in place of the page it was opened from: title, form, 保存 Ctrl+S and 返回 Esc.

    panel = FormPanel(frame, _("新增务工记录"), form, note=_("务工区域由务工地算出，不用填。"))
    panel = FormPanel(frame, _("新增车间"), employer_form, (_("认定（有文件时填写）"), recognition_form))
    panel.asked                                   # every form is valid: save panel.forms[n].changes()
    panel.failed(error)                           # show a refusal of the service, at its field or on top; the input stays
    panel.closed                                  # back without saving; unsaved input is asked about first
    panel.may_leave()                             # the same question, for Page.can_leave

`draft` is the name under which unsaved input is stored every second, and restored when the form is opened again after a power cut; saving
or leaving deletes it.

A form given with a heading is optional: left empty it is neither checked nor saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shiboken6
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QButtonGroup, QGridLayout, QLabel, QLineEdit, QRadioButton, QStackedWidget, QWidget

from desktop import theme
from desktop.draft import Draft
from desktop.page import Frame
from desktop.view_model import RecordModel
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Card, bind, button, label
from desktop.widgets.dialogs import Dialog
from desktop.widgets.layout import column, grid, holder, row, scrolled
from desktop.widgets.record_form import RecordForm
from desktop.widgets.spoken import announce, live_label
from domain.errors import ChangedUnderneath, CunzhanError, FieldError
from domain.fields import Kind, Record
from domain.words import _

WIDEST = 980  # px; longer lines are tiring to read


class FormPanel(QWidget):
    """One or more forms that are saved together."""

    asked = Signal()
    closed = Signal()

    def __init__(self, frame: Frame, title: str, form: RecordForm, *more: tuple[str, RecordForm], note: str = "", draft: str = "") -> None:
        super().__init__()
        self._frame, self._name = frame, f"form:{draft}" if draft else ""
        self.draft = Draft(frame.jobs, form.tools.drafts, self._typed, self)
        self.draft.found.connect(self._restore)
        self.setAccessibleName(title)
        self.forms = [form, *(one for _heading, one in more)]
        self.save_button = button(_("保存"), self.ask, kind="primary", hint="Ctrl S", writes=True)
        self.back = button(_("返回"), self.close_asked, hint="Esc")
        self.note = label(note, "muted", wrap=True)
        if not note:
            self.note.hide()
        self.error, self.found = live_label("bad"), live_label("warn")
        self.error.hide()
        self.found.hide()
        self.lay_out(label(title, "heading"), *more)
        self.forms[-1].then = self.save_button
        for one in self.forms:
            one.saved.connect(self.ask)
            one.edited.connect(self.error.hide)
            one.edited.connect(self.draft.changed)
        for beside in (self.save_button, self.back):  # the forms bind it themselves; after the last field the focus is on 保存
            bind(beside, "Ctrl+S", self.ask)

    def lay_out(self, title: QLabel, *more: tuple[str, RecordForm]) -> None:
        """Lay out title, buttons, messages and forms."""
        card = Card()
        card.setMaximumWidth(theme.px(WIDEST))
        card.add(self.forms[0])
        for heading, one in more:
            card.add(10, label(heading, "heading"), one)
        head = row(title, None, self.back, self.save_button, spacing=10)
        inside = holder(column(row(card, None, spacing=0, shares=(100,)), None, margins=(0, 0, 4, 0)))
        self.setLayout(column(head, self.note, self.found, self.error, scrolled(inside), spacing=10))

    def start(self) -> None:
        """Focus the first empty required field, otherwise the first field; restore a stored draft."""
        self.draft.begin(self._name)
        editors = [editor for editor in self.forms[0].editors.values() if editor.isEnabledTo(self)]  # under the lock none is enabled
        empty = next((editor for editor in editors if editor.declared.required and editor.value() is None), None)
        (empty or editors[0]).setFocus(Qt.FocusReason.TabFocusReason)  # selects a proposed text: typing replaces it

    def ask(self) -> None:
        """Validate every form; emits `asked` if all are valid."""
        checked = [form.check() for form in self.to_check()]  # each shows its own errors
        if all(checked) and self.save_button.isEnabled():
            self.save_button.setEnabled(False)
            self.asked.emit()

    def to_check(self) -> list[RecordForm]:
        """The forms that must be valid: the first, and the optional ones that were filled in."""
        first, *optional = self.forms
        return [first, *(form for form in optional if form.dirty)]

    def failed(self, error: Exception) -> None:
        """Show a refusal; anything that is no `CunzhanError` goes to the crash dialog."""
        self.save_button.setEnabled(True)
        if not isinstance(error, CunzhanError):
            self._frame.show_error(error)
            return
        if isinstance(error, FieldError) and error.field in self.forms[0].editors:
            self.refuse(error.field, str(error))
        elif isinstance(error, ChangedUnderneath):
            self._settle(error.fields)
        else:
            self.error.setText(str(error))
            self.error.show()

    def _settle(self, theirs: Mapping[str, Any]) -> None:
        """Somebody else changed the same fields meanwhile: ask whose values to keep, and save those."""
        form = self.forms[0]
        if not form.check():  # the user typed on meanwhile, and the input is not valid now
            return
        mine = settle(self, form.kind, form.changes(), theirs)
        if mine is not None:
            form.rebase(theirs)
            for name in theirs.keys() - mine:
                form.editors[name].set_value(theirs[name])
            self.ask()

    def refuse(self, name: str, text: str) -> None:
        """Show an error below a field of the first form, and focus the field."""
        editor = self.forms[0].editors[name]
        editor.fail(text)
        editor.setFocus(Qt.FocusReason.TabFocusReason)
        self.save_button.setEnabled(True)

    @property
    def dirty(self) -> bool:
        """Whether there is unsaved input."""
        return any(form.dirty for form in self.forms)

    def may_leave(self) -> bool:
        """Return whether nothing is unsaved, or the user agrees to discard it."""
        return dialogs.may_leave(self, self.dirty, _("填写的内容会丢失。"), self.delete_draft)

    def delete_draft(self) -> None:
        """Delete the draft after saving or discarding."""
        self.draft.forget()

    def _typed(self) -> dict[str, Any]:
        return {str(n): values for n, form in enumerate(self.forms) if (values := form.draft())}

    def _restore(self, draft: dict[str, Any]) -> None:
        """Restore a draft, unless there is unsaved input already."""
        if self.dirty:
            return
        try:
            for n, form in enumerate(self.forms):
                form.restore(draft.get(str(n), {}))
        except FieldError:
            return
        self.found.setText(_("上次没保存的内容已放回来，请核对后保存。"))
        self.found.show()
        now = self.window().focusWidget()
        if isinstance(now, QLineEdit) and self.isAncestorOf(now):
            now.selectAll()  # otherwise what is typed next would come before the text put back

    def close_asked(self) -> None:
        """Go back, if nothing speaks against it."""
        if self.may_leave():
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back, unless an open list wanted it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_asked()
        else:
            super().keyPressEvent(event)


def edit_panel(frame: Frame, title: str, form: RecordForm, record: Record, model: RecordModel, note: str = "") -> FormPanel:
    """Return the form of an existing record; its changes are saved."""
    form.set_record(record)
    panel = FormPanel(frame, title, form, note=note, draft=f"{record.KIND.name}:{record.id}")
    panel.asked.connect(lambda: model.save(record.KIND.name, form.changes(), record.id, form.base))
    return panel


class ClashDialog(Dialog):
    """Asks field by field which value to keep; call `run()`, then `kept_mine()`."""

    def __init__(self, parent: QWidget | None, kind: Kind, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
        text = _("您打开这张表以后，别处（同步或另一位用户）改了下面几项。请逐项选留哪一个；选了自己的，别处那个值在修改记录里仍找得到。")
        super().__init__(parent, _("这几项被别处改过"), text)
        self.setMinimumWidth(theme.px(620))
        self.choices: dict[str, tuple[QRadioButton, QRadioButton]] = {}
        table = grid(across=16, shares=(1, 2, 2))
        for index, heading in enumerate((_("项目"), _("我填的"), _("别处改成的"))):
            table.addWidget(label(heading, "small"), 0, index)
        for n, name in enumerate(theirs, start=1):
            self._line(table, n, kind, name, mine.get(name), theirs[name])
        self.body.addLayout(table)
        self.add_answers(_("按所选保存"), _("回去再看看"))
        next(iter(self.choices.values()))[1].setFocus()

    def kept_mine(self) -> set[str]:
        """The names of the fields whose own value is to be saved over the other one."""
        return {name for name, (mine, _theirs) in self.choices.items() if mine.isChecked()}

    def _line(self, grid: QGridLayout, at: int, kind: Kind, name: str, mine: Any, theirs: Any) -> None:
        declared = kind.by_name[name]
        shown = [QRadioButton(declared.show(value) or _("（空）")) for value in (mine, theirs)]
        group = QButtonGroup(self)
        for index, (choice, whose) in enumerate(zip(shown, (_("我填的"), _("别处改成的")), strict=True), start=1):
            choice.setAccessibleName(f"{_(declared.label)}　{whose}　{choice.text()}")
            group.addButton(choice)
            grid.addWidget(choice, at, index)
        shown[1].setChecked(True)
        grid.addWidget(label(_(declared.label), "strong"), at, 0)
        self.choices[name] = (shown[0], shown[1])


def settle(parent: QWidget | None, kind: Kind, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> set[str] | None:
    """Ask which values to keep. Returns the names of the fields to save with one's own value, or None to return to the form."""
    dialog = ClashDialog(parent, kind, mine, theirs)
    return dialog.kept_mine() if dialog.run() else None


class FormStack(QStackedWidget):
    """The content of an area, of which one widget is shown: its list, one record of it, or a form in their place."""

    form_shown = Signal(bool)
    """Whether a form is open: the page's own buttons are hidden meanwhile."""

    def __init__(self, frame: Frame, listed: QWidget) -> None:
        super().__init__()
        self._frame, self._listed = frame, listed
        self._under: QWidget | None = None
        self._from: QWidget | None = None
        """The widget that had the focus when the form was opened."""
        self.addWidget(listed)

    @property
    def at_list(self) -> bool:
        """Whether the list is shown."""
        return self.currentWidget() is self._listed

    @property
    def form(self) -> FormPanel | None:
        """The open form, or None."""
        shown = self.currentWidget()
        return shown if isinstance(shown, FormPanel) else None

    def failed(self, error: Exception) -> None:
        """Show an error above the open form, or in a dialog if none is open."""
        if self.form is not None:
            self.form.failed(error)
        else:
            self._frame.show_error(error)

    def follow(self, model: RecordModel) -> None:
        """Show a model's errors, and close the form once it has saved."""
        model.failed.connect(self.failed)
        model.changed.connect(self.close_form)

    def show_list(self) -> None:
        """Show the list."""
        self.setCurrentWidget(self._listed)

    def show_one(self, page: QWidget) -> None:
        """Show one record, whose widget is added when it is first shown, in place of the list or a form."""
        self.close_form()
        if self.indexOf(page) < 0:
            self.addWidget(page)
        self.setCurrentWidget(page)

    def show_form(self, panel: FormPanel) -> None:
        """Open a form in place of what is shown; it closes itself. An open form without input is replaced; one with input stays, because an
        impatient user may ask for the same form twice."""
        if self.form is not None and self.form.dirty:
            panel.deleteLater()
            return
        self.close_form()
        self._under, self._from = self.currentWidget(), QApplication.focusWidget()
        self.addWidget(panel)
        self.setCurrentWidget(panel)
        panel.closed.connect(self.close_form)
        panel.start()
        announce(panel, panel.accessibleName())
        self.form_shown.emit(True)

    def close_form(self) -> None:
        """Return to what was shown before."""
        panel = self.form
        if panel is None or self._under is None:
            return
        panel.delete_draft()
        self.setCurrentWidget(self._under)
        self.removeWidget(panel)
        panel.deleteLater()
        self.form_shown.emit(False)  # before setting the focus: this shows the page's button that opened the form
        if self._from is not None and shiboken6.isValid(self._from) and self._from.isVisible() and self._from.isEnabled():
            self._from.setFocus()
        else:
            keyboard.enter(self._under)

    def may_leave(self) -> bool:
        """Whether the page may be left: an open form with input asks, and is closed if the user discards it."""
        form, typed = self.form, self.form is not None and self.form.dirty
        if form is not None and not form.may_leave():
            return False
        if typed:
            self.close_form()
        return True
