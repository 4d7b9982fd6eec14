"""The form of 登记: four cards of editors, built from the declarations; its values are one `NewPerson`. Below the ID number a line says
what it tells about the person, numbers that were probably meant, and who has the number already.

Alt+1 … Alt+5 take a suggestion; or the down key moves to them, Enter takes one and Escape returns to the number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.register.household import HouseholdChoice
from desktop.register.view_model import IdHelp, State, Suggestion, Twin
from desktop.widgets.basics import Button, Card, label
from desktop.widgets.editors import Tools
from desktop.widgets.layout import SideBySide, clear, column, holder, row
from desktop.widgets.line_editors import SecretEditor
from desktop.widgets.record_form import RecordForm, all_fields
from desktop.widgets.spoken import announce
from domain.errors import FieldError
from domain.fields import KINDS
from domain.identity import placeholder, unnumbered
from domain.kinship import HEAD
from domain.words import _
from services.registration import NewPerson


class IdStrip(QWidget):
    """Shows what `show_help` and `show_twins` set; hidden while there is nothing to show."""

    chosen = Signal(str)
    """The number of the suggestion that was taken."""
    opened = Signal(str)
    """The id of an existing person to be shown."""
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sentence = label("", "good", wrap=True)
        self.sentence.hide()
        self.suggestions: list[Button] = []
        self._offers = column(spacing=4)
        self._twins = column(spacing=4)
        self.setLayout(column(self.sentence, self._offers, self._twins, spacing=6, margins=(106, 0, 0, 0)))

    def show_help(self, help: IdHelp) -> None:
        """Show what the number says."""
        self.sentence.setText(help.sentence)
        self.sentence.setVisible(bool(help.sentence) and help.state is not State.WRONG)
        self.sentence.setProperty("role", {State.VALID: "good", State.WRONG: "bad"}.get(help.state, "small"))
        theme.style(self.sentence)
        if help.state is State.VALID:  # not after every digit
            announce(self.sentence, help.sentence)
        self._offer(help.suggestions)
        self._update_visible()

    def show_twins(self, twins: Sequence[Twin]) -> None:
        """Show who has the number already and who may be the same person."""
        clear(self._twins)
        for twin in twins:
            open_it = Button(_("打开"), kind="small")
            open_it.setAccessibleName(_("打开 {name}").format(name=twin.name))
            open_it.clicked.connect(lambda _on=False, id=twin.id: self.opened.emit(id))
            text = _("可能已经登记过：{name}") if twin.reasons else _("已经登记过：{name}")
            line = row(label(text.format(name=twin.name), "warn"), label(twin.detail, "small"), None, open_it)
            why = [label(twin.reasons, "small", wrap=True)] if twin.reasons else []
            both = column(line, *why, spacing=2)
            self._twins.addWidget(holder(both, role="notice"))
            both.setContentsMargins(theme.px(10), theme.px(4), theme.px(6), theme.px(4))
        self._has_twins = bool(twins)
        self._update_visible()

    _has_twins = False

    def take(self, number: int) -> None:
        """Take the suggestion with this number, counted from 1, if there is one."""
        if 0 < number <= len(self.suggestions):
            self.suggestions[number - 1].click()

    def focus_first(self) -> bool:
        """Focus the first suggestion; False if there is none."""
        if self.suggestions:
            self.suggestions[0].setFocus(Qt.FocusReason.TabFocusReason)
        return bool(self.suggestions)

    def _offer(self, suggestions: Sequence[Suggestion]) -> None:
        clear(self._offers)
        self.suggestions = []
        if suggestions:
            self._offers.addWidget(label(_("可能是下面的号码（↓ 选择，Enter 确定）："), "small"))
        for n, one in enumerate(suggestions, start=1):
            made = Button(one.number, kind="small", hint=f"Alt {n}")
            made.setAccessibleName(f"{one.number} {one.note}")
            made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that Enter in the number moves on to the name, past the suggestions
            made.clicked.connect(lambda _on=False, number=one.number: self.chosen.emit(number))
            self.suggestions.append(made)
            self._offers.addLayout(row(made, label(one.note, "small"), None, spacing=10))

    def _update_visible(self) -> None:
        self.setVisible(bool(self.suggestions) or self._has_twins or not self.sentence.isHidden())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys move between the suggestions, Escape returns to the number."""
        at = next((n for n, made in enumerate(self.suggestions) if made.hasFocus()), None)
        if event.key() == Qt.Key.Key_Escape or (at == 0 and event.key() == Qt.Key.Key_Up):
            self.dismissed.emit()
        elif at is not None and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self.suggestions[(at + step) % len(self.suggestions)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)


_NUMBER = ("id_number",)
_SELF = ("name", "document", "sex", "birth", "phone", "nation")
_READ = ("document", "sex", "birth")
"""Fields that are mostly filled in from the ID number."""
_RELATION = ("relation",)
_ABILITY = ("labour", "education", "school_state", "political", "health")
_OTHER = all_fields(
    KINDS["person"],
    *("bank_name", "bank_account", "payee_relation", "residence"),
    without=(*_NUMBER, *_SELF, *_RELATION, *_ABILITY, "household_id", "original_number", "merged_into", "died_on", "acting_for"),
)
_SPAN = ("category", "start")
_RISKS = ("risks",)

_WITHOUT_RISKS = frozenset({None, "lifted", "ordinary"})


class RegisterForm(QWidget):
    """All about a new person. Enter moves from field to field across the cards."""

    saved = Signal()
    edited = Signal()
    number_edited = Signal()
    number_wanted = Signal(object)
    """For somebody without a document, with the code of the village or None."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self.first = False
        """Whether no household is on record yet, so that the person begins one."""
        person, span = KINDS["person"], KINDS["category_span"]
        self.number = RecordForm(person, tools, fields=_NUMBER)
        self.strip = IdStrip()
        self.self_ = RecordForm(person, tools, fields=_SELF, columns=2)
        self.self_.passed = _READ
        self.house = HouseholdChoice(tools)
        self.relation = RecordForm(person, tools, fields=_RELATION, columns=2)
        self.span = RecordForm(span, tools, fields=_SPAN, columns=2)
        self.risks = RecordForm(span, tools, fields=_RISKS)
        self.ability = RecordForm(person, tools, fields=_ABILITY, columns=2)
        self.other = RecordForm(person, tools, fields=_OTHER, columns=2)
        self.person_parts = (self.number, self.self_, self.relation, self.ability, self.other)
        self.span.captions["category"].setText(_("人员类别"))  # required in a span, but a person need not have a span
        self._lay_out()
        self._connect()
        self.clear()

    @property
    def id_editor(self) -> SecretEditor:
        """The editor of the ID number."""
        editor = self.number.editors["id_number"]
        assert isinstance(editor, SecretEditor)
        return editor

    @property
    def document(self) -> str:
        """The type of document, that of most people while none is chosen."""
        try:
            return self.self_.editors["document"].value() or "resident_id"
        except FieldError:
            return "resident_id"

    # -- values -----------------------------------------------------------------------------------

    def clear(self, *, household: tuple[str, str] | None = None) -> None:
        """Empty the form; `household` (id, name) is preselected for the next person of that household."""
        for part in (*self.person_parts, self.span, self.risks):
            part.set_values({})
        self.self_.editors["document"].set_value("resident_id")
        self.house.clear()
        if household is not None:
            self.house.set_household(*household)
        elif self.first:
            self.relation.set_values({"relation": HEAD})  # as a value set, which is no unsaved input
            self._proposed = True
            self.house.chips.choose("new")
        self._show_risks()
        self.id_editor.line.setFocus()

    def check(self, number: str = "") -> bool:
        """Validate everything. Each error is shown below its field, and the first such field gets the focus. `number`: what is wrong with
        the ID number, of which its field itself only asks that it can be read."""
        span = [self.span] if self.span.dirty else []
        parts = [self.number, self.self_, *self.house.parts(), self.relation, *span, self.ability, self.other]  # from top to bottom
        invalid = [part for part in parts if not part.check(focus=False)]
        at_home = self.house.check(focus=not invalid and not number)
        if number:
            self.id_editor.line.setFocus()
        elif invalid:
            invalid[0].check()
        for part in invalid:
            part.check(focus=False)  # moving the focus has cleared the error of the field that lost it
        if number:
            self.id_editor.fail(number)
        return at_home and not invalid and not number

    def entry(self) -> NewPerson:
        """Return what is to be saved; call after `check`."""
        person = {name: value for part in self.person_parts for name, value in part.values().items() if value is not None}
        given = {**self.span.values(), **self.risks.values()}
        span = {name: value for name, value in given.items() if value is not None}
        return NewPerson(person, self.house.household_id(), self.house.new_household(), span if span else None, self.house.village_code())

    @property
    def started(self) -> bool:
        """Whether anything was typed that would be lost."""
        draft = self.draft()
        draft.get("person", {}).pop("document", None)
        return any(draft.get(part) for part in ("person", "household", "span"))

    # -- drafts -----------------------------------------------------------------------------------

    def draft(self) -> dict[str, Any]:
        """Return the unsaved input as values for JSON."""
        person = {name: value for part in self.person_parts for name, value in part.draft().items()}
        return {"person": person, "span": {**self.span.draft(), **self.risks.draft()}, **self.house.draft()}

    def identity_values(self) -> dict[str, Any]:
        """Return the input so far by which a person can be recognised."""
        person = {name: value for part in self.person_parts for name, value in part.draft().items()}
        return {**person, "household_id": self.house.household_id(), "village": self.house.village_code()}

    def restore(self, draft: Mapping[str, Any]) -> None:
        """Restore unsaved input from a draft."""
        for part in self.person_parts:
            part.restore(draft.get("person", {}))
        for part in (self.span, self.risks):
            part.restore(draft.get("span", {}))
        self.house.restore(draft)
        if self.id_editor.masked:
            self.id_editor.show_plain()  # the user's own unfinished input
        self._show_risks()
        self.number_edited.emit()

    def _lay_out(self) -> None:
        self.strip.hide()
        who, where = Card(_("本人")), Card(_("一户"), note=_("同一户的人接着登记，不用再选"))
        how, more = Card(_("身份与劳动能力")), Card(_("其他"), note=_("可以以后再填"))
        who.add(column(self.number, self.strip, self.self_, spacing=8))
        where.add(column(self.house, self.relation, spacing=8))
        how.add(column(self.span, self.risks, self.ability, spacing=8))
        more.add(self.other)
        self.setLayout(column(SideBySide([[who, where], [how, more]], (1, 1), least=1060), None, spacing=0))

    def _propose_head(self, way: str) -> None:
        """The first person of a new household is mostly its head; what was proposed goes with the choice."""
        editor = self.relation.editors["relation"]
        try:
            given = editor.value()
        except FieldError:  # half typed: saving will say so
            given = ""
        if way == "new" and given is None:
            editor.set_value(HEAD)
            self._proposed = True
        elif way != "new" and self._proposed and given == HEAD:
            editor.set_value(None)
        self._proposed = self._proposed and way == "new"

    def _connect(self) -> None:
        self._proposed = False
        self.house.chips.chosen.connect(self._propose_head)
        for part in (*self.person_parts, self.span, self.risks, *self.house.forms()):
            part.saved.connect(self.saved)
            part.edited.connect(self._on_edit)
        self.house.changed.connect(self._on_edit)
        for picker in (self.house.picker, self.house.village):
            picker.installEventFilter(self.relation)  # Enter goes on from them too
        self.id_editor.edited.connect(self.number_edited)
        self.id_editor.line.editingFinished.connect(self._document_chosen)
        self.self_.editors["document"].edited.connect(self._document_chosen)
        self.strip.chosen.connect(self.take_number)
        self.strip.dismissed.connect(lambda: self.id_editor.line.setFocus())

    def _document_chosen(self) -> None:
        """Whoever has no document gets a number from the program, which goes again when a document is chosen."""
        typed = self.id_editor.line.text()
        if self.document == "other" and (not typed.strip() or placeholder(typed)):
            self.number_wanted.emit(self.house.village_code())
        elif self.document != "other" and unnumbered(typed):
            self.id_editor.line.setText("")
        self.number_edited.emit()

    def put_number(self, number: str) -> None:
        """Fill in a number that was proposed, unless one was typed meanwhile."""
        typed = self.id_editor.line.text()
        if self.document == "other" and (not typed.strip() or placeholder(typed)):
            self.id_editor.line.setText(number)
            self.id_editor.fail("")
            self._on_edit()
            self.number_edited.emit()

    def take_number(self, number: str) -> None:
        """Replace the typed ID number by another one."""
        self.id_editor.line.setText(number)
        self.id_editor.fail("")
        self._on_edit()
        self.number_edited.emit()
        self.self_.editors["name"].setFocus()

    def _show_risks(self) -> None:
        """Ask for risks only if the category is one of people monitored for them."""
        category = self.span.draft().get("category")
        self.risks.setVisible(category not in _WITHOUT_RISKS)

    def _on_edit(self) -> None:
        self._show_risks()
        self.edited.emit()
