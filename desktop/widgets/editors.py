"""Editors of fields, one per declaration: `editor_for(declared, tools)`.

All have `set_value(value)`, `value()` (raises `FieldError`), `edited` (emitted while typing), and `fail(text)` and `warn(text)`, which show
a message below ("" hides it). Values are those of records (`domain/values.py`). What is typed in any usual form (3.5 for a month,
2023年6月, 3,800) is read by `Field.read`, and rewritten in its normal form when the focus leaves the line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QPlainTextEdit

from desktop import theme
from desktop.draft import NO_DRAFTS, Drafts
from desktop.jobs import Jobs
from desktop.widgets.basics import label
from desktop.widgets.inputs import Choices
from desktop.widgets.layout import grid, holder
from desktop.widgets.line_editors import Editor, LineEditor, SecretEditor, Suggesting, spelled, text_of
from desktop.widgets.picker import Option, Picker
from domain import divisions
from domain.errors import FieldError
from domain.fields import Field
from domain.scopes import county_of, is_county
from domain.values import Type
from domain.words import N_, _

Find = Callable[[str, str], Sequence[Option]]
"""`find(kind, text)`: records of a kind that the typed text may mean."""


@dataclass(frozen=True)
class Tools:
    """What editors need from outside: jobs, searching records, their titles, permission to show secrets."""

    jobs: Jobs
    find: Find
    title_of: Callable[[str, str], str]
    """`title_of(kind, id)`: the title of a record; run off the GUI thread."""
    reveal: Callable[[], bool]
    """Ask for the reason to show secrets; False keeps them masked."""
    home: str = ""
    """The station's scope: villages and townships of its county are found too."""
    doubts: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """By field: a function that returns a doubt about a typed number, or ""; run off the GUI thread."""
    add: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """By kind: a function that makes a record of a typed name that is not found, and returns its id; run off the GUI thread."""
    drafts: Drafts = NO_DRAFTS
    begun: Callable[[], None] = lambda: None
    """Called when the user begins to fill in a form, so that one who may not save learns it at once."""


class MultilineEditor(Editor):
    """Longer text; Tab moves to the next field."""

    def __init__(self, declared: Field) -> None:
        super().__init__(declared)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(theme.px(68))
        self.text.textChanged.connect(self.edited)
        self.lay_out(self.text)

    def set_value(self, value: Any) -> None:
        """Show a record's value."""
        self.text.blockSignals(True)
        self.text.setPlainText(text_of(self.declared, value))
        self.text.blockSignals(False)

    def value(self) -> Any:
        """Return the text."""
        return self.declared.read(self.text.toPlainText())


class ChoiceEditor(Editor):
    """One of the declared choices, typed in part or chosen from the list; also yes and no."""

    def __init__(self, declared: Field) -> None:
        super().__init__(declared)
        self.box = Choices()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # it need not be as wide as its longest choice
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(6)
        self.box.addItem("", None)
        choices: dict[Any, str] = {True: N_("是"), False: N_("否")} if declared.type is Type.BOOL else dict(declared.choices or {})
        for code, word in choices.items():
            self.box.addItem(_(word), code)
        completer = Suggesting(self.box)
        completer.offer(self.box.itemText(n) for n in range(self.box.count()))
        completer.entered.connect(self.entered)
        self.box.setCompleter(completer)
        line = self.box.lineEdit()
        if line is not None:
            line.editingFinished.connect(self.normalise)
            line.textEdited.connect(lambda _text: self.edited.emit())
            line.setAccessibleName(_(declared.label))
        self.box.activated.connect(lambda _n: self.edited.emit())
        self.lay_out(self.box)
        caption = label(_(declared.label))  # on Linux Qt announces the choice instead of the accessible name, unless there is a buddy label
        caption.setParent(self)
        caption.hide()
        caption.setBuddy(self.box)

    def set_value(self, value: Any) -> None:
        """Show a record's value; a value that is no longer declared is shown as it is."""
        at = self.box.findData(value)
        if at >= 0:
            self.box.setCurrentIndex(at)
        else:
            self.box.setEditText(self.declared.show(value))
        if (line := self.box.lineEdit()) is not None:
            line.setCursorPosition(0)  # otherwise a narrow box shows the end of a long choice

    def value(self) -> Any:
        """Return the code of the choice; a part of its label, or its beginning in pinyin, is enough if it is unique."""
        text = self.box.currentText().strip()
        at = self.box.findText(text, Qt.MatchFlag.MatchExactly)
        if at >= 0:
            return self.box.itemData(at)
        try:
            return self.declared.read(text)
        except FieldError:
            words = {n: self.box.itemText(n) for n in range(1, self.box.count())}
            begun = [n for n, word in words.items() if text.isascii() and word.lower().startswith(text.lower())]  # English labels
            fitting = begun or [n for n, word in words.items() if text in word] or _spelled_as(words, text.lower())
            if len(fitting) != 1:
                raise
            return self.box.itemData(fitting[0])

    def normalise(self) -> None:
        """Replace a unique part of a label by the choice."""
        super().normalise()
        if not self.message.text():
            self.set_value(self.value())


def _spelled_as(words: Mapping[int, str], letters: str) -> list[int]:
    """The choice that is spelled as was typed, in pinyin or initials; else those that begin with it, else those that contain it."""
    spellings = {n: spelled(word) for n, word in words.items()} if letters and letters.isascii() else {}
    if exact := [n for n, each in spellings.items() if letters in each]:
        return exact
    begun = [n for n, each in spellings.items() if any(one.startswith(letters) for one in each)]
    return begun or [n for n, each in spellings.items() if any(letters in one for one in each)]


class SetEditor(Editor):
    """Several of the declared choices."""

    def __init__(self, declared: Field) -> None:
        super().__init__(declared)
        table = grid()
        self.boxes = {code: QCheckBox(_(word)) for code, word in (declared.choices or {}).items()}
        for n, box in enumerate(self.boxes.values()):
            table.addWidget(box, n // 3, n % 3)
            box.toggled.connect(lambda _on: self.edited.emit())
            box.setAccessibleName(_("{label}：{text}").format(label=_(declared.label), text=box.text()))
        self.lay_out(holder(table))
        if self.boxes:
            self.setFocusProxy(next(iter(self.boxes.values())))

    def set_value(self, value: Any) -> None:
        """Show a record's value."""
        for code, box in self.boxes.items():
            box.blockSignals(True)
            box.setChecked(code in (value or ()))
            box.blockSignals(False)

    def value(self) -> Any:
        """Return the codes that are ticked; None if none is."""
        return frozenset(code for code, box in self.boxes.items() if box.isChecked()) or None


class PickEditor(Editor):
    """A place, an area or another record, found by typing."""

    def __init__(self, declared: Field, tools: Tools) -> None:
        super().__init__(declared)
        self._tools = tools
        if declared.ref:
            ref = declared.ref
            self.picker = Picker(tools.jobs, lambda text: tools.find(ref, text), kind=ref, add=tools.add.get(ref))
        else:
            self.picker = Picker(tools.jobs, lambda text: find_area(declared.type, text, tools.home))
        self.picker.picked.connect(lambda _id: self.edited.emit())
        self.picker.textEdited.connect(lambda _text: self.edited.emit())
        self.lay_out(self.picker)

    def set_value(self, value: Any) -> None:
        """Show the name of the place or record."""
        ref = self.declared.ref
        if not value or not ref:
            self.picker.set_choice(value or "", self.declared.show(value))
            return
        self.picker.set_choice(value, "…")
        self._tools.jobs.run(lambda: self._tools.title_of(ref, value), lambda title: self._named(value, title))

    def _named(self, value: str, title: str) -> None:
        if self.picker.id == value:
            self.picker.set_choice(value, title)

    def value(self) -> Any:
        """Return the code or id. Raises `FieldError` if something was typed and nothing picked."""
        if self.picker.unresolved and (text := self.picker.text().strip()):
            if self.picker.adds(text):
                message = _("{field}：没有选。回到这一格，从列出的里面选，或选「新增单位「{name}」」按回车")
                raise FieldError(message.format(field=_(self.declared.label), name=text), "choice")
            raise FieldError(_("{field}：请从列出的里面选一个").format(field=_(self.declared.label)), "choice")
        return self.picker.id or None


def find_area(type: Type, text: str, home: str = "") -> list[Option]:
    """Return places (counties and cities of the whole country) or areas (near home also townships and villages) that `text` may mean."""
    codes = divisions.find(text)
    if type is Type.AREA and home:
        codes = [*divisions.find(text, within=county_of(home)), *codes]
    fitting = [code for code in dict.fromkeys(codes) if type is not Type.PLACE or is_county(code)]
    return [Option(code, divisions.full_name(code) or code) for code in fitting]


def editor_for(declared: Field, tools: Tools) -> Editor:
    """Return the editor of a field."""
    if declared.type is Type.SECRET:
        secret = SecretEditor(declared)
        secret.connect_reveal(tools.reveal)
        if (doubt := tools.doubts.get(declared.name)) is not None:
            secret.connect_doubt(tools.jobs, doubt)
        return secret
    if declared.type in (Type.ENUM, Type.BOOL) and (declared.choices or declared.type is Type.BOOL):
        return ChoiceEditor(declared)
    if declared.type is Type.SET and declared.choices:
        return SetEditor(declared)
    if declared.type in (Type.PLACE, Type.AREA) or (declared.type is Type.ID and declared.ref):
        return PickEditor(declared, tools)
    return MultilineEditor(declared) if declared.multiline else LineEditor(declared)
