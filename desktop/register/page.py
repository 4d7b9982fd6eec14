"""The page 登记. Ctrl+S saves, Ctrl+Shift+S saves and starts the next person; Alt+1…5 take a suggested ID number."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from desktop.draft import Draft
from desktop.page import Frame, Page
from desktop.register.form import RegisterForm
from desktop.register.view_model import DRAFT, IdHelp, RegisterModel, State
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.basics import bind, button
from desktop.wiring.forms import form_tools
from domain.errors import CunzhanError, FieldError
from domain.words import _
from services.registration import Registered

_PAUSE = 400
"""Milliseconds without typing after which a search for the same person is worth its cost."""


class RegisterPage(Page):
    """The form, its buttons and its messages."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("登记"), _("先输证件号码；Enter 到下一格，Esc 返回，填到一半也不会丢"))
        self.model, tools = self.own(RegisterModel(frame, station)), form_tools(frame, station)
        self.form = RegisterForm(tools)
        self.draft = Draft(frame.jobs, tools.drafts, self._typed, self)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._clear = button(_("清空"), self.clear, kind="quiet")
        self._next = button(_("保存并登记下一位"), partial(self.save, then_next=True), hint="Ctrl Shift S", within=self, writes=True)
        self._save = button(_("保存"), self.save, kind="primary", hint="Ctrl S", writes=True)
        self.header.add(self._clear, self._next, self._save)
        self.scroll_body().addWidget(self.form, 1)
        self._connect()

    def opened(self, **args: object) -> None:
        """Focus the number, preselect the `household` given, and restore a draft once."""
        self.form.id_editor.line.setFocus()
        household = args.get("household")
        if isinstance(household, tuple) and not self.form.started:
            self.form.clear(household=household)
        self.model.look_for_homes()
        self.draft.begin(DRAFT)

    def save(self, *, then_next: bool = False) -> None:
        """Save everything as one act."""
        self.model.number_typed(self.form.id_editor.line.text(), left=True, document=self.form.document)
        if not self.form.check(self._number_error()):
            return
        try:
            entry = self.form.entry()
        except FieldError as error:
            self.frame.show_error(error)
            return
        self._save.setEnabled(False)
        self._next.setEnabled(False)
        self.model.save(entry, then_next=then_next)

    def clear(self) -> None:
        """Empty the form, after asking."""
        if self.form.started and not dialogs.ask(self, _("清空这张表？"), _("没有保存的内容会丢失。"), yes=_("清空"), danger=True):
            return
        self._empty()
        self.draft.forget()

    def can_leave(self) -> bool:
        """Leaving loses nothing: the input stays in the form and is stored as a draft."""
        self.draft.keep()
        return True

    def _connect(self) -> None:
        form, model = self.form, self.model
        form.saved.connect(self.save)
        form.number_edited.connect(self._number_edited)
        form.edited.connect(self.draft.changed)
        form.edited.connect(self._pause.start)
        self._pause.timeout.connect(lambda: model.person_typed(form.identity_values()))
        form.strip.opened.connect(lambda id: self.frame.open("people", id=id))
        form.id_editor.line.installEventFilter(self)
        form.number_wanted.connect(model.propose_number)
        model.number_proposed.connect(form.put_number)
        model.homes_found.connect(self._homes_found)
        model.help_changed.connect(self._show_help)
        model.twins_changed.connect(form.strip.show_twins)
        model.saved.connect(self._saved)
        model.failed.connect(self._failed)
        self.draft.found.connect(self._draft_found)
        for part in (form.house.chips, form.house.picker, form.house.village, form.strip, self.header):
            bind(part, "Ctrl+S", self.save)  # the forms bind it themselves
        bind(self, "Esc", self.frame.back)
        for place in range(1, 6):
            bind(self, f"Alt+{place}", partial(form.strip.take, place))

    def _homes_found(self, any_home: bool) -> None:
        """On a new station the first person begins a household; there is none to choose."""
        if self.form.first == any_home:
            self.form.first = not any_home
            if not self.form.started and not self.form.house.household_id():
                self.form.clear()

    def _number_edited(self) -> None:
        left = not self.form.id_editor.line.hasFocus()
        self.model.number_typed(self.form.id_editor.line.text(), left=left, document=self.form.document)
        self.form.id_editor.fail(self._number_error())  # again when the focus leaves: the field itself only asks for a readable number

    def _number_error(self) -> str:
        return self.model.help.sentence if self.model.help.state is State.WRONG else ""

    def _show_help(self, help: IdHelp) -> None:
        self.form.strip.show_help(help)
        if help.state is not State.VALID:
            return
        editors = self.form.self_.editors
        editors["sex"].set_value(help.sex)
        editors["birth"].set_value(help.birth)
        if help.disability:
            editors["document"].set_value("disability")

    def _saved(self, registered: Registered, then_next: bool) -> None:
        self._allow()
        self.frame.message(_("{name} 已登记").format(name=registered.name), undo=True)
        household = (registered.household_id, registered.household_name) if registered.household_id else None
        self.form.first = self.form.first and household is None
        self._empty(household if then_next else None)
        self.draft.forget()
        if not then_next:
            self.frame.open("people", id=registered.id, registered=True)

    def _failed(self, error: Exception) -> None:
        self._allow()
        if isinstance(error, CunzhanError) and (self.model.twins or getattr(error, "field", "") == "id_number"):
            self.form.id_editor.fail(str(error))
            self.form.id_editor.line.setFocus()
        else:
            self.frame.show_error(error)

    def _allow(self) -> None:
        self._save.setEnabled(True)
        self._next.setEnabled(True)

    def _empty(self, household: tuple[str, str] | None = None) -> None:
        self.form.clear(household=household)
        self.model.number_typed("")
        self._pause.stop()
        self.model.person_typed({})

    def _typed(self) -> dict[str, Any] | None:
        """The unsaved input for the draft; None while it is being saved, as it would be offered again."""
        if self.model.saving:
            return None
        return self.form.draft() if self.form.started else {}

    def _draft_found(self, draft: Mapping[str, Any]) -> None:
        if self.form.started:
            return
        person = draft.get("person", {})
        name = person.get("name") or _("还没有姓名")
        text = _("上次登记到一半：{name}。要接着填吗？").format(name=name)
        if dialogs.ask(self, _("有一张没填完的表"), text, yes=_("不要了"), no=_("接着填"), danger=True):  # Esc discards nothing
            self.draft.forget()
        else:
            self.form.restore(draft)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The down key moves from the number to the suggestions."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
            return self.form.strip.focus_first()
        return False


build = RegisterPage
