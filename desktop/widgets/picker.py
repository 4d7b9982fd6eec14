"""A search field with suggestions: finds a place by 大连 or dlian, a person by zs, an employer by a part of its name.

    Picker(jobs, find=lambda text: [Option("210200", "大连市", "辽宁省")], name=_("务工地点"))
    picker.set_choice("210200", "辽宁省大连市")  ; picker.id  ; picker.picked -> id ("" when emptied)

`find` is run off the GUI thread. Down in an empty field lists what `find("")` gives. Arrows move in the list, Enter picks, Escape cancels
and restores the last choice. `Drop` is the list
alone, for other fields with suggestions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from desktop import theme
from desktop.jobs import Jobs
from desktop.widgets.spoken import say_marked
from domain.words import N_, _

ADD = "+"
"""The id of the suggestion that adds the typed name; no record has it."""
DELAY = 60
_NAME = 2
"""The fewest characters of a name to be added."""
OPTION = Qt.ItemDataRole.UserRole
"""The role of an entry's `Option`."""
_NONE = {"": N_("没有找到，换个字试试"), "person": N_("没有找到，换个字试试；没登记过的先登记（Ctrl+N）")}
"""The sentence for an empty result, by the kind searched for."""


@dataclass(frozen=True)
class Option:
    """A suggestion: its id, its name, and a detail that distinguishes it from others of that name. Without an id it is a remark below the
    suggestions, which cannot be picked."""

    id: str
    title: str
    detail: str = ""


class Drop(QListWidget):
    """A list of suggestions below a field; it never takes the focus."""

    def __init__(self, line: QWidget) -> None:
        super().__init__(line.window())
        self._line = line
        self._options = 0
        self.setProperty("role", "popup")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def offer(self, options: Sequence[Option], none: str) -> None:
        """Show these options, or the sentence `none` if there are none."""
        self.clear()
        for option in options:
            item = QListWidgetItem(f"{option.title}　{option.detail}" if option.detail else option.title)
            if option.id:
                item.setData(OPTION, option)
            else:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setForeground(theme.colour("muted"))
            self.addItem(item)
        self._options = sum(bool(option.id) for option in options)
        if not options:
            nothing = QListWidgetItem(none)
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(nothing)
        self.setCurrentRow(0 if options else -1)
        height = min(self.count(), 10) * theme.px(33) + theme.px(8)
        below = self._line.mapTo(self._line.window(), QPoint(0, self._line.height()))
        edge, room = theme.px(8), self._line.window().width() - 2 * theme.px(8)
        # the last characters distinguish two of one name
        width = min(max(self._line.width(), theme.px(280), self.sizeHintForColumn(0) + theme.px(30)), room)
        fits = below.y() + height < self._line.window().height()
        top = below if fits else below - QPoint(0, self._line.height() + height)
        self.setGeometry(max(edge, min(top.x(), edge + room - width)), top.y(), width, height)
        self.show()
        self.raise_()
        say_marked(self)

    def move_by(self, step: int) -> None:
        """Mark the next or previous one."""
        if self.currentRow() >= 0:
            self.setCurrentRow((self.currentRow() + step) % self._options)
            say_marked(self)

    def marked(self) -> Option | None:
        """The option that Enter would pick."""
        line = self.currentRow()
        found = self.item(line).data(OPTION) if self.isVisible() and line >= 0 else None
        return found if isinstance(found, Option) else None


class Picker(QLineEdit):
    """The search field; `id` is the picked choice."""

    picked = Signal(str)
    unknown = Signal(str)
    """The field was left with a text for which nothing was found."""

    def __init__(
        self,
        jobs: Jobs,
        find: Callable[[str], Sequence[Option]],
        *,
        name: str = "",
        kind: str = "",
        add: Callable[[str], str] | None = None,
    ) -> None:
        """`add`: makes a record of this name and returns its id; without it nothing can be added here."""
        super().__init__()
        self._jobs, self._find, self.add = jobs, find, add
        self._none = _(_NONE.get(kind, _NONE[""]))
        self._id = self._shown = ""
        self._drop: Drop | None = None
        self._listed = ""
        """The text for which the list was made; the typed text may be newer."""
        self._typing = False
        """Whether anything was typed since the last pick, even the same name: another record may have it too."""
        self._nothing = ""
        """The last text for which nothing was found."""
        self._left = False
        """Whether the field was left before the results arrived."""
        self.setAccessibleName(name)
        self.setPlaceholderText(_("输入名称或拼音"))
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self.find_now)
        self.textEdited.connect(self._typed)

    def set_choice(self, id: str, shown: str) -> None:
        """Set the choice to `id`, shown as `shown`, without emitting `picked`."""
        self._id, self._shown = id, shown.strip()
        self._typing = False
        self.setText(shown)
        self.setCursorPosition(0)

    def _typed(self) -> None:
        self._left, self._typing = False, True
        self._timer.start()

    def find_now(self) -> None:
        """Search for the typed text."""
        text = self.text().strip()
        if not text:
            self._take(Option("", ""))
            return
        self._jobs.run(lambda: self._find(text), lambda options: self._offer(text, options), key=f"picker-{id(self)}")

    def _list_all(self) -> None:
        """List what can be picked before anything is typed, if that is not too much."""
        self._left, self._typing = False, True
        self._jobs.run(lambda: self._find(""), lambda options: self._offer("", options) if options else None, key=f"picker-{id(self)}")

    @property
    def id(self) -> str:
        """The picked id; "" as soon as another text is typed."""
        return "" if self.unresolved else self._id

    @property
    def unresolved(self) -> bool:
        """Whether there is typed text for which nothing was picked."""
        return self.text().strip() != self._shown

    @property
    def _current(self) -> bool:
        """Whether the list is shown and matches the typed text."""
        return self._drop is not None and self._drop.isVisible() and self._listed == self.text().strip()

    @property
    def drop(self) -> Drop:
        """The list below the field."""
        if self._drop is None:
            self._drop = Drop(self)
            self._drop.itemClicked.connect(lambda _item: self._take_marked())
        return self._drop

    def _offer(self, text: str, options: Sequence[Option]) -> None:
        if not shiboken6.isValid(self) or not (self._typing or self.unresolved):  # the form was left meanwhile
            return
        self._listed, self._nothing = text, "" if options else text
        if not self._left:
            self.drop.offer([*options, *self._addition(text, options)], self._none)
            if self._id and not self.unresolved:  # moving on without a new choice keeps the old one
                self.drop.setCurrentRow(next((n for n, option in enumerate(options) if option.id == self._id), -1))
        elif len(options) == 1 and self.unresolved:  # a list would stay open, as the field has lost the focus
            self._take(options[0])
        elif not options:
            self.tell_unknown()

    def adds(self, text: str) -> bool:
        """Whether a record of this name can be added here: not of pinyin or a single character."""
        return self.add is not None and len(text) >= _NAME and not text.isascii()

    def _addition(self, text: str, options: Sequence[Option]) -> Sequence[Option]:
        """The suggestion to add the typed name, unless it is found."""
        if not self.adds(text) or any(option.title == text for option in options):
            return ()
        words = _("新增单位「{name}」") if options else _("没有找到。按回车新增单位「{name}」")
        return (Option(ADD, words.format(name=text)),)

    def tell_unknown(self) -> None:
        """Emit `unknown` if nothing was found for the text."""
        text = self.text().strip()
        if text and text == self._nothing and self.unresolved:
            self.unknown.emit(text)

    def _take_marked(self) -> bool:
        option = self.drop.marked()
        if option is not None and option.id == ADD:
            self._take_new(self.text().strip())
        elif option is not None:
            self._take(option)
        return option is not None

    def _take_new(self, name: str) -> None:
        """Add a record of this name and pick it."""
        self.drop.hide()
        add = self.add
        if add is not None:
            self._jobs.run(lambda: add(name), lambda id: self._take(Option(id, name)) if shiboken6.isValid(self) else None)

    def _take(self, option: Option) -> None:
        self._timer.stop()
        if self._drop is not None:
            self._drop.hide()
        changed = option.id != self._id
        self.set_choice(option.id, option.title)
        if changed:
            self.picked.emit(option.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Use arrows, Enter and Escape for the list while it is shown."""
        shown = self._drop is not None and self._drop.isVisible()
        if shown and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.drop.move_by(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() == Qt.Key.Key_Down and not self.text().strip():
            self._list_all()
        elif self._current and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._take_marked():
                self.drop.hide()
        elif shown and event.key() == Qt.Key.Key_Escape:
            self.drop.hide()
            self.set_choice(self._id, self._shown)
        else:
            if shown and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.drop.hide()
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Pick the marked option on leaving, which is what Tab is meant to do."""
        marked = self.drop.marked() if self._current else None
        if marked is not None and marked.id != ADD:  # whoever only goes on has not asked for that
            self._take(marked)
        if self._drop is not None:
            self._drop.hide()
        self._left = True
        super().focusOutEvent(event)
        self.tell_unknown()
