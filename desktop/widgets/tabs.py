"""Tabs and filter chips.

tabs = Tabs({"facts": _("基本情况"), "wages": _("工资")})     ; tabs.chosen.connect(lambda key: …) ; tabs.choose("wages")
tabs.set_count("facts", 12)                                 ; tabs.note.setText(…) at the right end ; tabs.add(button)
stack = TabStack({"facts": (_("基本情况"), page_a), …})      Tabs with the widgets they switch; a function is called for its widget when the
                                                            tab is first shown; the focus goes to the widget's focus proxy, if it has one
stack.focus()                                               focus the proxy of the chosen tab
@Later / def wages(self) -> WagesTab: …                     a part of a page that is built on first access

chips = ChipBar({"all": _("全部"), "away": _("省外")})       one of them is on: chips.chosen(key)
chips = ChipBar({...}, several=True)                         any number: chips.on() -> set of keys, chips.changed
chips.set_count("away", 52)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QStackedWidget, QWidget

from desktop.widgets import keyboard
from desktop.widgets.basics import Button, bind, label, rule
from desktop.widgets.layout import Flow, column
from desktop.widgets.spoken import announce
from domain.words import _

_Part = TypeVar("_Part", bound=QWidget)


class Later(cached_property[_Part]):
    """A part of a page that is built on first access, because each unused widget would cost about 15 KB."""

    def __get__(self, page: object, owner: type | None = None) -> _Part:  # type: ignore[override]  # never asked of the class
        made = super().__get__(page, owner)
        if made.parent() is None and isinstance(page, QWidget):
            made.setParent(page)  # deleted with its page, whether or not a tab contains it
            made.hide()
        return made


class _BoldWhenOn(QPushButton):
    """A button whose text is bold while it is checked."""

    def sizeHint(self) -> QSize:
        """Room for the bold text, which Qt does not take into account."""
        plain, bold, hint = QFont(self.font()), QFont(self.font()), super().sizeHint()
        plain.setBold(False)
        bold.setBold(True)
        more = QFontMetrics(bold).horizontalAdvance(self.text()) - QFontMetrics(plain).horizontalAdvance(self.text())
        return QSize(hint.width() + max(0, more), hint.height())


class _Tab(_BoldWhenOn):
    """One tab; Enter and arrow down move from it into the widget it shows."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Emit `entered` on Enter and arrow down."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down) and not event.isAutoRepeat():
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class OneOf(QWidget):
    """Buttons of which exactly one is checked; the left and right arrows move."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        self.buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)

    def _put(self, key: str, made: QPushButton) -> None:
        made.setCheckable(True)
        made.setAutoExclusive(True)  # screen readers call it one of several; in a group it changes nothing else
        made.setAutoDefault(False)
        made.clicked.connect(lambda _checked=False: self.choose(key))
        self._group.addButton(made)
        self.buttons[key] = made

    def choose(self, key: str) -> None:
        """Check one; emits `chosen` even if it was checked already."""
        self.key = key
        self.buttons[key].setChecked(True)
        self.chosen.emit(key)

    def _beside(self, by: int) -> str:
        keys = [key for key, made in self.buttons.items() if made.isVisibleTo(self)]
        return keys[(keys.index(self.key or keys[0]) + by) % len(keys)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the neighbour."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.choose(self._beside(1 if event.key() == Qt.Key.Key_Right else -1))
            self.buttons[self.key].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)


class Tabs(OneOf):
    """A tab bar."""

    entered = Signal()
    """Enter or arrow down was pressed on the chosen tab; `chosen` follows."""

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__()
        self._words = dict(words)
        for key, word in words.items():
            made = _Tab(word)
            made.setObjectName("tab")
            made.setAccessibleName(word)
            made.entered.connect(partial(self._enter, key))
            self._put(key, made)
        self.note = label("", "muted")
        self._line = Flow(*self.buttons.values(), None, self.note, spacing=20)
        self.setLayout(column(self._line, rule(), spacing=0))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.key = next(iter(words), "")
        if self.key:
            self.buttons[self.key].setChecked(True)

    def step(self, by: int) -> None:
        """Choose the next tab (1) or the one before (-1), and move into the widget it shows."""
        self._enter(self._beside(by))
        announce(self, self.buttons[self.key].text())

    def _enter(self, key: str) -> None:
        if key != self.key:
            self.choose(key)
        self.entered.emit()
        self.choose(key)  # the tab no longer has the focus: the page now sets it

    def set_count(self, key: str, count: int) -> None:
        """Set the number after a tab's name; none at 0."""
        text = f"{self._words[key]} {count:,}" if count else self._words[key]
        self.buttons[key].setText(text)
        self.buttons[key].setAccessibleName(text)

    def add(self, widget: QWidget) -> None:
        """Add a widget at the right end."""
        self._line.addWidget(widget)


class TabStack(QWidget):
    """Tabs and the widgets they switch between; Ctrl+PgUp and Ctrl+PgDn switch from anywhere within."""

    def __init__(self, pages: Mapping[str, tuple[str, QWidget | Callable[[], QWidget]]]) -> None:
        super().__init__()
        self.tabs = Tabs({key: word for key, (word, _page) in pages.items()})
        self.stack = QStackedWidget()
        self._pages = {key: page for key, (_word, page) in pages.items()}
        for page in self._pages.values():
            if isinstance(page, QWidget):
                page.setParent(self)  # deleted with this, whether or not it was ever shown
                page.hide()
        self.tabs.chosen.connect(self._chosen)
        self.tabs.entered.connect(lambda: keyboard.enter(self.stack.currentWidget()))
        self.setLayout(column(self.tabs, self.stack, spacing=10))
        bind(self, "Ctrl+PgUp", lambda: self.tabs.step(-1))
        bind(self, "Ctrl+PgDown", lambda: self.tabs.step(1))
        self._show(self.tabs.key)

    def focus(self) -> None:
        """Set the focus to the focus proxy of the chosen tab."""
        shown = self.stack.currentWidget()
        if shown.focusProxy() is not None:
            shown.setFocus()

    def _chosen(self, key: str) -> None:
        self._show(key)
        if not self.tabs.buttons[key].hasFocus():  # the user is moving along the tabs with the arrows
            self.focus()

    def _show(self, key: str) -> None:
        page = self._pages[key]
        if not isinstance(page, QWidget):
            page = self._pages[key] = page()
        if self.stack.indexOf(page) < 0:
            self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)


class _Pressed(_BoldWhenOn, Button):
    """A chip that Enter presses too."""


class ChipBar(QWidget):
    """Filters as rounded buttons. With `several` any number may be checked, otherwise exactly one. Left and right move between them."""

    chosen = Signal(str)
    changed = Signal()

    def __init__(self, words: Mapping[str, str], *, several: bool = False) -> None:
        super().__init__()
        self._words = dict(words)
        self.buttons: dict[str, QPushButton] = {}
        group = None if several else QButtonGroup(self)  # in a non-exclusive group Qt lets Tab reach only one button
        for key, word in words.items():
            made = _Pressed(word) if several else _BoldWhenOn(word)  # with one choice, arrow keys check a chip and Enter moves on
            made.setObjectName("filterChip")
            made.setAccessibleName(word)
            made.setCheckable(True)
            made.setAutoDefault(False)  # in a dialog Enter belongs to the default button
            made.clicked.connect(lambda _checked=False, key=key: self._clicked(key))
            if group is not None:
                made.setAutoExclusive(True)
                group.addButton(made)
            self.buttons[key] = made
        if not several and words:
            next(iter(self.buttons.values())).setChecked(True)
        self.setLayout(Flow(*self.buttons.values(), spacing=6))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def describe(self) -> str:
        """Return the active filters in words; "" for none."""
        return _("、").join(self._words[key] for key, made in self.buttons.items() if made.isChecked() and key != "all")

    def on(self) -> set[str]:
        """The keys of the checked chips."""
        return {key for key, made in self.buttons.items() if made.isChecked()}

    def choose(self, key: str, on: bool = True) -> None:
        """Check (or uncheck) a chip, as a click would."""
        self.buttons[key].setChecked(on)
        self._clicked(key)

    def set_count(self, key: str, count: int) -> None:
        """Set the number after a chip's name."""
        self.buttons[key].setText(f"{self._words[key]} {count:,}")
        self.buttons[key].setAccessibleName(self.buttons[key].text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with left and right, which Qt only does in exclusive groups."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        shown = [made for made in self.buttons.values() if made.isVisible()]
        at = next((n for n, made in enumerate(shown) if made.hasFocus()), None)
        if step is None or at is None:
            super().keyPressEvent(event)
        else:
            shown[(at + step) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    def _clicked(self, key: str) -> None:
        self.chosen.emit(key)
        self.changed.emit()
