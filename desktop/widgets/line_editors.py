"""Editors of one line: text, dates, numbers, money, and numbers that are masked by default."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import shiboken6
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit, QSizePolicy, QWidget

from desktop import icons, theme
from desktop.jobs import Jobs
from desktop.widgets.basics import ToolButton, show_text
from desktop.widgets.layout import column, in_sight, row
from desktop.widgets.spoken import live_label
from domain import clock
from domain.errors import FieldError
from domain.fields import Field
from domain.lunar import is_lunar
from domain.money import yuan_typed
from domain.periods import of_last_months
from domain.values import Type
from domain.words import N_, _

_SEVERAL = re.compile(r"[,，、;；\s]+")
"""Separators of the items of a set, as in `domain.values`."""
_TYPED_AS: Final = int(Qt.ItemDataRole.UserRole) + 100
_RANK: Final = _TYPED_AS + 1
"""Role of a suggested value: what may be typed for it."""
_HINTS = {
    Type.DATE: N_("如 2023-06-05"),
    Type.FDATE: N_("如 2023-06-05/2023-06"),
    Type.MONTH: N_("如 2023-06"),
    Type.YUAN: "0.00",
}
"""Examples in empty lines. Without 如 (e.g.) the one under 死亡日期 was read as a day of death."""

_NOT_PAST: Final = frozenset({"birth", "due", "expires_on", "contract_end"})
_COMMANDS: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Editor(QWidget):
    """A field's editor with its message below. Subclasses have an input and convert its value in both directions."""

    edited = Signal()
    entered = Signal()
    """Enter was pressed in a popup list of the input, which receives no key event itself."""

    def __init__(self, declared: Field) -> None:
        super().__init__()
        self.declared = declared
        self.message = live_label("bad")
        self.message.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def lay_out(self, widget: QWidget, *beside: QWidget) -> None:
        """Lay out the input, and widgets beside it, above the message."""
        self.input = widget
        name = _(self.declared.label) + (_("，") + _("必填") if self.declared.required else "")
        widget.setAccessibleName(name)
        self.setFocusProxy(widget)
        self.setLayout(column(row(widget, *beside, spacing=4) if beside else widget, self.message, spacing=2))

    def set_value(self, value: Any) -> None:
        """Show a record's value."""
        raise NotImplementedError

    def value(self) -> Any:
        """Return the present value. Raises `FieldError`."""
        raise NotImplementedError

    def normalise(self) -> None:
        """Rewrite the input in its normal form, or show below why it cannot be read."""
        try:
            value = self.value()
        except FieldError as error:
            self.fail(str(error))
            return
        self.fail("")
        doubt = self.declared.doubt(value) if value not in (None, "") else None
        if doubt:
            self.warn(_("请核对：{doubt}").format(doubt=self.declared.explain(doubt)))

    def fail(self, text: str) -> None:
        """Show an error below; "" hides it."""
        self._say(text, "bad")

    def warn(self, text: str) -> None:
        """Show a doubt below, which does not prevent saving."""
        self._say(text, "warn")

    def _say(self, text: str, role: str) -> None:
        show_text(self.message, text)
        self.message.setProperty("role", role)
        theme.style(self.message)
        self.input.setProperty("bad", "true" if text and role == "bad" else "false")
        self.input.setProperty("doubt", "true" if text and role == "warn" else "false")
        theme.style(self.input)
        self.input.setAccessibleDescription(text)
        if text and self.input.hasFocus():  # if it has the focus already, no focus event scrolls to the message
            in_sight(self.input)


class Suggesting(QCompleter):
    """The popup list of values that contain the typed text, also in pinyin or initials; those that begin with it come first."""

    entered = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._values = QStandardItemModel(self)
        self._values.setSortRole(_RANK)
        self._ways: dict[str, tuple[str, ...]] = {}
        """Each value, in the order given, with what it may be typed as."""
        self._spelled = False
        self.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompletionRole(_TYPED_AS)

    def offer(self, words: Iterable[str]) -> None:
        """Set the values. They are not those of a combo box's own list, which on a change of its items forgets what is being typed."""
        self._values.clear()
        self._ways = {word: (word,) for word in words}
        self._spelled = False
        for word in self._ways:
            item = QStandardItem(word)
            item.setData(word, _TYPED_AS)
            self._values.appendRow(item)
        self.setModel(self._values)

    def splitPath(self, path: str) -> list[str]:
        """Return the text to complete; letters are also looked for in the values' pinyin, which is worked out only then."""
        items = [self._values.item(n) for n in range(self._values.rowCount())]
        if path.isascii() and path.strip() and not self._spelled:
            self._spelled = True
            self._ways = {word: (word, *spelled(word)) for word in self._ways}
            for item in items:
                item.setData(" ".join(self._ways[item.text()]), _TYPED_AS)
        typed = path.lower()
        ways = {word: [way.lower() for way in self._ways[word]] for word in self._ways}
        order = sorted(ways, key=lambda word: (typed not in ways[word], not any(way.startswith(typed) for way in ways[word])))
        if order != [item.text() for item in items]:
            ranks = {word: rank for rank, word in enumerate(order)}
            for item in items:
                item.setData(ranks[item.text()], _RANK)
            self._values.sort(0)
        return [path]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """Return a value as it is shown."""
        return str(index.data())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Emit `entered` after Enter has taken the marked item, as `QCompleter` does."""
        key = event.key() if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress else None
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(watched, QAbstractItemView)
        done = super().eventFilter(watched, event)
        if enter:
            self.entered.emit()
        return done


def spelled(word: str) -> tuple[str, str, str]:
    """A word in pinyin without spaces, the same with u for ü, and its initials, as people and places are looked for; "" where it has no
    Chinese characters."""
    from db import pinyin  # its table is loaded only by who types letters

    parts = () if word.isascii() else pinyin.syllables(word, surname=False)
    return "".join(parts), "".join(parts).replace("v", "u"), pinyin.initials(parts)


class _LastOfSeveral(Suggesting):
    """Completes the last item of a line with several."""

    _before = ""
    """The items before it, as typed: when one is chosen the line has lost the focus to the list and its items may have been sorted."""

    def splitPath(self, path: str) -> list[str]:
        """Return the item to complete."""
        last = _SEVERAL.split(path)[-1]
        self._before = path[: len(path) - len(last)]
        return super().splitPath(last)

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """Return the whole line with the chosen item."""
        return self._before + str(index.data())


class SuggestingLine(QLineEdit):
    """A line edit with suggestions, which lists all of them on the down key, before anything is typed."""

    def suggest(self, words: Sequence[str], completer: Suggesting | None = None) -> None:
        """Set the suggestions."""
        completer = completer or Suggesting(self)
        completer.offer(words)
        self.setCompleter(completer)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The down key opens the list."""
        suggesting = self.completer()
        if event.key() == Qt.Key.Key_Down and suggesting is not None:
            suggesting.setCompletionPrefix(self.text())
            suggesting.complete()
        else:
            super().keyPressEvent(event)


class LineEditor(Editor):
    """Text, dates, months, numbers and money in one line."""

    def __init__(self, declared: Field) -> None:
        super().__init__(declared)
        self._told = ("", "")
        """A date that was read from another notation, and the remark on how it was read."""
        self.line = SuggestingLine()
        hint = _HINTS.get(declared.type, "")
        self.line.setPlaceholderText(_(hint) if hint else "")
        if declared.suggestions:
            several = declared.type is Type.SET
            completer = _LastOfSeveral(self.line) if several else Suggesting(self.line)
            self.line.suggest(declared.suggestions, completer)
            if not several:  # in a line with several items, the next item may follow
                completer.entered.connect(self.entered)
        self.line.textEdited.connect(lambda _text: self.edited.emit())
        self.line.editingFinished.connect(self.normalise)
        self.build()

    def build(self) -> None:
        """Lay the line out."""
        self.lay_out(self.line)

    def set_value(self, value: Any) -> None:
        """Show a record's value."""
        self.line.setText(text_of(self.declared, value))
        self.line.setCursorPosition(0)

    def value(self) -> Any:
        """Return the input, as the field reads it; a day without its year is the last one, in fields about the past. Raises `FieldError`
        for a day of death to come, which would end posts and claims at once."""
        text = self.line.text()
        value = self.declared.read(self._full(text) or text)
        if self.declared.name == "died_on" and value is not None and value > clock.today():
            message = _("{label}：{day} 还没有到，请核对；电脑日期不对的，先调准")
            raise FieldError(message.format(label=_(self.declared.label), day=value), "ahead")
        return value

    def _full(self, text: str) -> str:
        return of_last_months(text, clock.today()) if _about_past(self.declared) else ""

    def normalise(self) -> None:
        """Also rewrite dates and money in their normal form, show how a lunar date, or one without its year, was read, and question a month
        to come: months are of pay, attendance and checks."""
        typed = self.line.text().strip()
        super().normalise()
        if self.message.property("role") != "bad" or not self.message.text():
            self.set_value(self.value())
            day = self.line.text()
            if self.declared.type in (Type.DATE, Type.FDATE) and is_lunar(typed):
                self._told = (day, _("{typed}（农历）是公历 {day}").format(typed=typed, day=day))
            elif typed != day and self._full(typed):
                self._told = (day, _("{typed} 没有写年份，读作 {day}；不对请改").format(typed=typed, day=day))
            elif self.declared.type is Type.MONTH and day > clock.this_month():
                self._told = (day, _("{month} 还没有到，请核对").format(month=day))
            if self._told[1] and self._told[0] == day:  # Enter normalises twice, the second time from the rewritten date
                self.warn(self._told[1])


def _about_past(declared: Field) -> bool:
    """Whether a date is mostly one of the last months: not a birthday, and not the end of a term, which is still to come. Work, whose
    dates may be known to the month alone, ends when somebody says so."""
    if declared.type not in (Type.DATE, Type.FDATE) or declared.name in _NOT_PAST:
        return False
    return declared.name != "end" or declared.type is Type.FDATE


class SecretEditor(LineEditor):
    """A number that is masked by default; a new one is visible while it is typed.

    Typing over a masked number replaces it, which needs no permission, as the old one is not shown. If nothing is typed, it stays
    unchanged.
    """

    def build(self) -> None:
        """Add the eye button beside the line."""
        self._kept: str | None = None
        self.eye = ToolButton()
        self.eye.setIcon(icons.icon("eye", "muted"))
        self.eye.setIconSize(QSize(theme.px(18), theme.px(18)))
        self.eye.setAccessibleName(_("显示 {field}").format(field=_(self.declared.label)))
        self.eye.setToolTip(_("显示（要选理由，会记下来）"))
        self.lay_out(self.line, self.eye)
        self.masked = False
        self._replacing = False
        self.line.installEventFilter(self)

    def connect_reveal(self, reveal: Callable[[], bool]) -> None:
        """Set the function that asks for permission to show the number."""
        self.eye.clicked.connect(lambda _checked=False: self.show_plain() if self.masked and reveal() else None)

    def connect_doubt(self, jobs: Jobs, doubt: Callable[[str], str]) -> None:
        """Set the function that returns doubts about a newly typed number."""
        self.line.editingFinished.connect(lambda: self._look_up(jobs, doubt))

    def _look_up(self, jobs: Jobs, doubt: Callable[[str], str]) -> None:
        try:
            typed = self.value()
        except FieldError:
            return
        if typed and typed != self._kept:
            jobs.run(lambda: doubt(str(typed)), lambda said: self._doubted(str(typed), said), key=f"doubt-{self.declared.name}")

    def _doubted(self, typed: str, said: str) -> None:
        if not shiboken6.isValid(self):  # the form was saved or left meanwhile
            return
        try:
            still = self.value() == typed
        except FieldError:
            still = False
        if said and still:
            self.warn(said)

    def set_value(self, value: Any) -> None:
        """Mask a stored value."""
        if self.masked or not self.line.hasFocus():
            self._mask(value)
        else:
            super().set_value(value)

    def _mask(self, value: Any) -> None:
        self._kept, self.masked, self._replacing = value, value is not None, False
        self.line.setReadOnly(self.masked)
        self.line.setText(self.declared.show(value) if self.masked else "")
        self.eye.setVisible(self.masked)

    def show_plain(self) -> None:
        """Show the number and let it be edited."""
        self._open(self._kept or "")
        self.line.setFocus()

    def value(self) -> Any:
        """Return the number, visible or not."""
        return self._kept if self.masked or self._untouched else super().value()

    def normalise(self) -> None:
        """Leave a masked number alone; restore it if nothing was typed in its place."""
        if self._untouched:
            self._mask(self._kept)
            self.fail("")
        elif not self.masked:
            Editor.normalise(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first character typed or pasted over a masked number clears it."""
        if self.masked and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and _writes(event):
            self._open("")
            self._replacing = True
            self.line.setPlaceholderText(_("原来 {old}，请打新的").format(old=self.declared.show(self._kept)))
        return super().eventFilter(watched, event)

    @property
    def _untouched(self) -> bool:
        return self._replacing and not self.line.text().strip()

    def _open(self, text: str) -> None:
        self.masked = False
        self.line.setReadOnly(False)
        self.line.setText(text)
        self.eye.hide()


def _writes(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Paste) or (
        event.text().isprintable() and bool(event.text().strip()) and not event.modifiers() & _COMMANDS
    )


def text_of(declared: Field, value: Any) -> str:
    """Return a value as it is typed: unmasked, money without thousands separators."""
    if value is None:
        return ""
    if declared.type is Type.YUAN:
        return yuan_typed(value)
    return declared.show(value, plain=True)
