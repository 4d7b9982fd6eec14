"""A tab with a grid whose cells are saved together. 保存 is enabled once a cell is changed and shows how many are unsaved; if only
unreadable cells are left, it moves to the first of them.

    class AttendanceTab(SheetTab[MonthModel]):
        def __init__(…):
            super().__init__(frame, model, EntryGrid(…), lambda: bool(model.pending()), model.save)

`TypedAhead` delays keys typed into a grid while its next content is being loaded, for which they were meant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QStackedWidget, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.view_model import SheetModel
from desktop.widgets.basics import button
from desktop.widgets.entry_grid import EntryGrid, GridColumn
from domain.words import _


class TypedAhead(QObject):
    """Stores the keys of a grid while other content is `awaited`, and replays them after `shown`. On an old laptop loading another month
    takes half a second, during which keys would change the previous month or get lost."""

    def __init__(self, grid: QWidget, awaited: Callable[[], bool], shown: SignalInstance) -> None:
        super().__init__(grid)
        self._grid, self._awaited = grid, awaited
        self._waiting: list[Callable[[], object]] = []
        grid.installEventFilter(self)
        shown.connect(self._catch_up, Qt.ConnectionType.QueuedConnection)  # after the direct connections

    def once_there(self, act: Callable[[], object]) -> None:
        """Call at once, or after the awaited content is loaded and all earlier keys are replayed."""
        if self._awaited() or self._waiting:
            self._waiting.append(act)
        else:
            act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Store a key."""
        kept = event.type() == QEvent.Type.KeyPress and (self._awaited() or bool(self._waiting))
        if kept:
            self._waiting.append(partial(self._type, event.clone()))
        return kept

    def _catch_up(self) -> None:
        if not self._awaited():
            acts, self._waiting = self._waiting, []
            for act in acts:
                act()

    def _type(self, key: QEvent) -> None:
        inside: QWidget | None = self._grid.focusWidget()
        QCoreApplication.sendEvent(self._grid if inside is None else inside, key)  # a previous key may have opened an editor


_Model = TypeVar("_Model", bound=SheetModel)
_BELOW_FROM = 300
"""Below this height (px at 100 % text size) `below` is hidden to make room for the grid; its text then is the grid's tool tip."""


class SheetTab(QWidget, Generic[_Model]):
    """The base class of such tabs."""

    stack: QStackedWidget
    """The grid, and an empty state."""
    below: QWidget | None = None
    """A widget that is hidden in a low window."""

    def __init__(self, frame: Frame, model: _Model, grid: EntryGrid, waits: Callable[[], bool], save: Callable[[], None]) -> None:
        """`waits`: whether the grid has unsaved input."""
        super().__init__()
        self._frame, self._model, self.grid, self._waits, self._save = frame, model, grid, waits, save
        self.save_button = button(_("保存"), self.save, kind="primary", hint="Ctrl S", within=self, writes=True)
        self.ahead = TypedAhead(grid, lambda: model.awaited, model.shown)
        self.setFocusProxy(grid)
        grid.unsaved = self.save_button.isEnabled
        grid.refused.connect(self._refused)
        model.unreadable.append(grid.unread)
        model.discarded.connect(grid.model().forget_wrong)
        model.shown.connect(self._show)
        model.pending_changed.connect(self._pending)

    def _show(self) -> None:
        """Show the model's content."""
        raise NotImplementedError

    def _pending(self) -> None:
        """Show what is unsaved."""
        raise NotImplementedError

    def _show_anybody(self, anybody: bool) -> None:
        """Show the grid, which has the focus, until the loaded content is known to be empty; then the first step has it."""
        empty, had = not anybody and self._model.loaded, self.grid.hasFocus()
        self.stack.setCurrentIndex(1 if empty else 0)
        steps = (one for one in self.stack.widget(1).findChildren(QAbstractButton) if not one.isHidden() and one.isEnabled())
        self.setFocusProxy(next(steps, self.grid) if empty else self.grid)
        if had:
            self.setFocus()

    def _columns(self) -> Sequence[GridColumn]:
        raise NotImplementedError

    def save(self) -> None:
        """Save the unsaved input; if there is none, move to an unreadable cell."""
        if self._waits():
            self._save()
        else:
            self.grid.show_wrong()

    def _count(self, words: str, count: int) -> None:
        """Show on the button how many rows or cells are unsaved."""
        self.save_button.setText(words.format(n=count) if count else _("保存"))
        self._allow()

    def _allow(self) -> None:
        self.save_button.setEnabled(self._waits() or self.grid.unread() > 0)

    def _refused(self, why: str) -> None:
        self._frame.message(why)
        self._allow()

    def _fits(self) -> bool:
        """Whether the columns shown are those for the present width."""
        return [(made.key, made.width) for made in self._columns()] == [(made.key, made.width) for made in self.grid.model().columns]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose columns for the new width."""
        super().resizeEvent(event)
        if self.below is not None:
            self.below.setVisible(self.height() >= theme.px(_BELOW_FROM))
        if not self._fits():
            self._show()
