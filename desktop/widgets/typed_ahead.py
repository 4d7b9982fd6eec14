"""Delays keys typed into a grid while its next content is being loaded, for which they were meant.

ahead = TypedAhead(grid, lambda: model.awaited, model.shown)
ahead.once_there(model.all_present)         # delays in the same way what a key of the page does to the cells
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, SignalInstance
from PySide6.QtWidgets import QWidget


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
