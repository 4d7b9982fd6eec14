"""A form made from a record kind's declaration.

    form = RecordForm(KINDS["employment"], tools, fields=("employer", "place", "start"), columns=2)
    form.set_values({"start": "2023-06"})        # a record's values by field name; nothing counts as changed
    form.set_record(record)                      # the same from a record object
    if form.check():                             # validates; errors are shown below the fields, the first invalid one gets the focus
        form.changes()                           # {name: value} of changed fields: only these are to be saved
    form.dirty ; form.saved -> Ctrl+S or the save button ; form.edited
    form.editors["id_number"].set_value(…)        # to prefill a field; form.editors[…].warn(_("…"))
    form.draft() / form.restore(draft)            # text as typed, JSON-able, for keeping half-filled forms safe

`fields` are names in the order wanted (all declared ones when left out); `all_fields` lists them so that a field added to the declaration
appears by itself. Enter goes to the next field.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QToolButton, QWidget

from desktop import theme
from desktop.widgets import keyboard
from desktop.widgets.basics import bind, label
from desktop.widgets.editors import MultilineEditor, PickEditor, SetEditor, Tools, editor_for
from desktop.widgets.inputs import with_unit
from desktop.widgets.layout import grid
from desktop.widgets.line_editors import Editor
from desktop.widgets.picker import Picker
from domain.errors import FieldError
from domain.fields import Field, Kind, Record
from domain.values import Type, to_json
from domain.words import _

_CAPTION = 96
"""Width of the captions in px at 100 % text."""
_NARROW = 480
"""Width in px below which two columns become one: names and numbers would be cut off."""


def all_fields(kind: Kind, *first: str, without: Collection[str] = ()) -> tuple[str, ...]:
    """The fields of a kind that people enter, except `without`: these first, then the others as declared."""
    declared = (f.name for f in kind.fields if f.type is not Type.JSON and f.name not in without)
    return tuple(dict.fromkeys((*first, *declared)))


class RecordForm(QWidget):
    """Editors of a kind's fields in one column, or in two where there is room."""

    saved = Signal()
    edited = Signal()

    def __init__(self, kind: Kind, tools: Tools, *, fields: Sequence[str] = (), columns: int = 1) -> None:
        super().__init__()
        self.kind = kind
        self.declared: dict[str, Field] = {name: kind.by_name[name] for name in fields or all_fields(kind)}
        self.editors: dict[str, Editor] = {name: editor_for(declared, tools) for name, declared in self.declared.items()}
        self.captions: dict[str, QLabel] = {}
        self._set: dict[str, Any] = dict.fromkeys(self.declared)
        self._loading, self._begun, self.tools = False, False, tools
        self.then: QWidget | None = None
        """The widget to which Enter moves from the last field; None for the next in tab order."""
        self.passed: Sequence[str] = ()
        """Fields that Enter passes over once all of them are filled in; Tab does not."""
        self._columns = self._shown = columns
        self._table = grid(across=10, down=8)
        self.setLayout(self._table)
        for name, editor in self.editors.items():
            self._caption(name, editor)
        self._lay_out(columns)
        self._take_names()
        for editor in self.editors.values():
            editor.edited.connect(self._on_edit)
            editor.entered.connect(lambda: QTimer.singleShot(0, self, self._next))
            for part in (editor.input, *editor.input.findChildren(QWidget)):
                part.installEventFilter(self)
        bind(self, "Ctrl+S", self.saved.emit)
        bind(self, "Ctrl+Return", self.saved.emit)
        self.setAccessibleName(_(kind.label))

    # -- values -----------------------------------------------------------------------------------

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; fields not named are emptied. Nothing counts as changed afterwards."""
        self._loading = True
        for name, editor in self.editors.items():
            self._set[name] = values.get(name)
            editor.set_value(values.get(name))
            editor.fail("")
        self._loading = False

    def set_record(self, record: Record) -> None:
        """Show a record."""
        self.set_values({name: record.get(name) for name in self.declared})

    def check(self, *, focus: bool = True) -> bool:
        """Validate all editors and show errors below them. Returns whether all are valid; with `focus` the first invalid one is focused."""
        for editor in self.editors.values():
            if isinstance(editor, PickEditor):
                editor.picker.tell_unknown()
        wrong = [editor for editor in self.editors.values() if not self._check(editor)]
        if wrong and focus:
            wrong[0].setFocus(Qt.FocusReason.TabFocusReason)  # as Tab does, which selects the text: typing replaces it
            for editor in wrong:
                self._check(editor)  # losing the focus has cleared the message of its field
        return not wrong

    def values(self) -> dict[str, Any]:
        """Return all present values. Raises `FieldError` at the first that cannot be read."""
        return {name: editor.value() for name, editor in self.editors.items()}

    def given(self) -> dict[str, Any]:
        """Return the values that are not empty. Raises as `values` does."""
        return {name: value for name, value in self.values().items() if value is not None}

    def changes(self) -> dict[str, Any]:
        """Return the values that differ from those set."""
        return {name: value for name, value in self.values().items() if value != self._set[name]}

    @property
    def base(self) -> dict[str, Any]:
        """The values the form was opened with, for detecting concurrent changes."""
        return dict(self._set)

    def rebase(self, values: Mapping[str, Any]) -> None:
        """Take these as the stored values: saving again then overwrites them knowingly."""
        self._set |= values

    @property
    def dirty(self) -> bool:
        """Whether there is unsaved input."""
        try:
            return bool(self.changes())
        except FieldError:
            return True

    # -- drafts -----------------------------------------------------------------------------------

    def draft(self) -> dict[str, Any]:
        """Return the changed values in JSON form; those that cannot be read yet are left out."""
        kept = {}
        for name, editor in self.editors.items():
            try:
                value = editor.value()
            except FieldError:
                continue
            if value != self._set[name]:
                kept[name] = to_json(self.declared[name].type, value)
        return kept

    def restore(self, draft: Mapping[str, Any]) -> None:
        """Restore a draft over the values set."""
        for name, value in draft.items():
            if name in self.editors:
                self.editors[name].set_value(self.declared[name].from_json(value))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many columns as fit."""
        super().resizeEvent(event)
        columns = self._columns if event.size().width() >= theme.px(_NARROW) else 1
        if columns != self._shown:
            for line in range(self._table.rowCount()):
                self._table.setRowStretch(line, 0)
            while self._table.count():
                self._table.takeAt(0)
            self._lay_out(columns)

    def _lay_out(self, columns: int) -> None:
        self._shown, table = columns, self._table
        line, place = 0, 0
        for name, editor in self.editors.items():
            wide = columns == 1 or isinstance(editor, MultilineEditor | SetEditor)
            if wide and place:
                line, place = line + 1, 0
            table.addWidget(self.captions[name], line, place * 2, Qt.AlignmentFlag.AlignTop)
            table.addWidget(editor, line, place * 2 + 1, 1, columns * 2 - 1 if wide else 1, Qt.AlignmentFlag.AlignTop)
            place = (place + 1) % columns if not wide else 0
            line += 0 if place else 1
        for n in range(self._columns):
            table.setColumnStretch(n * 2 + 1, 1 if n < columns else 0)
            table.setColumnMinimumWidth(
                n * 2, theme.px(_CAPTION) if n < columns else 0
            )  # a single field is as wide as those of other forms
        table.setRowStretch(line + 1, 1)

    def _caption(self, name: str, editor: Editor) -> None:
        declared = self.declared[name]
        caption = label(with_unit(declared) + (" *" if declared.required else ""), "muted", wrap=True)
        caption.setFixedWidth(theme.px(_CAPTION))
        caption.setMinimumHeight(theme.px(32))
        caption.setBuddy(editor)
        if declared.clause:
            tip = _("{clause} 要求登记").format(clause=declared.clause)
            caption.setToolTip(tip)
            editor.input.setToolTip(tip)
        self.captions[name] = caption

    def _take_names(self) -> None:
        """A name typed where records are found, of which there is none, goes to the field for such names: employer_id, employer_name."""

        def move(editor: PickEditor, names: Editor, text: str) -> None:
            if names.isVisibleTo(self) and names.value() in (None, text):
                editor.set_value(None)
                editor.fail("")
                names.set_value(text)
                names.warn(_("「{name}」没有登记过，名称写在这里。").format(name=text))
                names.edited.emit()

        for name, editor in self.editors.items():
            names = self.editors.get(f"{name.removesuffix('_id')}_name")
            if isinstance(editor, PickEditor) and names is not None:
                editor.picker.add = None  # any name can be written beside it
                editor.picker.unknown.connect(partial(move, editor, names))

    def _check(self, editor: Editor) -> bool:
        try:
            value = editor.value()
        except FieldError as error:
            editor.fail(str(error))
            return False
        if value is None and editor.declared.required:
            editor.fail(_("{field}：必填").format(field=_(editor.declared.label)))
            return False
        editor.normalise()
        return True

    def _on_edit(self) -> None:
        if not self._loading:
            if not self._begun and self.isVisible():
                self._begun = True
                self.tools.begun()
            self.edited.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to the next field."""
        line = isinstance(watched, QLineEdit | QComboBox | QCheckBox)
        key = event.key() if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress else None
        if line and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not _finds_nothing(watched):
            QTimer.singleShot(0, self, self._next)
        return False

    def _next(self) -> None:
        """Skip the eye button of a masked number: the next Enter would press it, and one more would answer its question."""
        *_others, last = (one for one in keyboard.stops(self) if not isinstance(one, QToolButton))
        if self.then is not None and last.hasFocus():
            self.then.setFocus(Qt.FocusReason.TabFocusReason)
            return
        self.focusNextChild()
        passed = [self.editors[name] for name in self.passed] if self._all_filled(self.passed) else []
        while (now := self.window().focusWidget()) is not None and (
            isinstance(now, QToolButton) or any(editor.isAncestorOf(now) for editor in passed)
        ):
            self.focusNextChild()

    def _all_filled(self, names: Sequence[str]) -> bool:
        try:
            return all(self.editors[name].value() is not None for name in names)
        except FieldError:
            return False


def _finds_nothing(widget: QObject) -> bool:
    """Whether a completion list without a choice is open below the field: Enter then only closes it."""
    return isinstance(widget, Picker) and widget.drop.isVisible() and widget.drop.marked() is None
