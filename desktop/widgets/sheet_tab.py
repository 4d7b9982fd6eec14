"""A tab with a grid whose cells are saved together: 保存 comes alive with the first cell typed and says how many wait, and where nothing
but cells that could not be read is left, goes to the first of them.

    class AttendanceTab(SheetTab[MonthModel]):
        def __init__(…):
            super().__init__(frame, model, EntryGrid(…), lambda: bool(model.pending()), model.save)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.sheet_model import SheetModel
from desktop.widgets.basics import button
from desktop.widgets.entry_grid import EntryGrid, GridColumn
from desktop.widgets.typed_ahead import TypedAhead
from domain.words import _

_Model = TypeVar("_Model", bound=SheetModel)
_BELOW_FROM = 300
"""Below this height the lines of the grid go before what stands beneath it, which then is in the grid's tip."""


class SheetTab(QWidget, Generic[_Model]):
    """What such tabs have in common."""

    stack: QStackedWidget
    """The grid, and what is said where there is nobody."""
    below: QWidget | None = None
    """What a low window goes without."""

    def __init__(self, frame: Frame, model: _Model, grid: EntryGrid, waits: Callable[[], bool], save: Callable[[], None]) -> None:
        """`waits`: whether something typed here can be saved."""
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
        """Show what the model holds."""
        raise NotImplementedError

    def _pending(self) -> None:
        """Show what waits to be saved."""
        raise NotImplementedError

    def _show_anybody(self, anybody: bool) -> None:
        """The grid, which has the cursor, gives way only once it is known that nobody is there."""
        self.stack.setCurrentIndex(0 if anybody or not self._model.loaded else 1)

    def _columns(self) -> Sequence[GridColumn]:
        raise NotImplementedError

    def save(self) -> None:
        """Save what can be, else say what cannot."""
        if self._waits():
            self._save()
        else:
            self.grid.show_wrong()

    def _count(self, words: str, count: int) -> None:
        """Say on the button how many wait."""
        self.save_button.setText(words.format(n=count) if count else _("保存"))
        self._allow()

    def _allow(self) -> None:
        self.save_button.setEnabled(self._waits() or self.grid.unread() > 0)

    def _refused(self, why: str) -> None:
        self._frame.message(why)
        self._allow()

    def _fits(self) -> bool:
        """Whether the columns shown are those for the room there is."""
        return [made.key for made in self._columns()] == [made.key for made in self.grid.model().columns]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns for another room."""
        super().resizeEvent(event)
        if self.below is not None:
            self.below.setVisible(self.height() >= theme.px(_BELOW_FROM))
        if not self._fits():
            self._show()
