"""What is typed while a grid's next content is still being read: it was meant for that, and waits for it.

ahead = TypedAhead(grid, lambda: model.awaited, model.shown)
ahead.once_there(model.all_present)         # likewise for what a key of the page does to the cells
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, SignalInstance
from PySide6.QtWidgets import QWidget


class TypedAhead(QObject):
    """Keeps the keys of a grid as long as other content is `awaited`, and types them when it was `shown`. On an old laptop another month
    takes half a second, in which they went into the month that was left, or were lost with it."""

    def __init__(self, grid: QWidget, awaited: Callable[[], bool], shown: SignalInstance) -> None:
        super().__init__(grid)
        self._grid, self._awaited = grid, awaited
        self._waiting: list[Callable[[], object]] = []
        grid.installEventFilter(self)
        shown.connect(self._catch_up, Qt.ConnectionType.QueuedConnection)  # once everybody has heard of it

    def once_there(self, act: Callable[[], object]) -> None:
        """Act at once, or when what is awaited is there and what was typed before this is in its cells."""
        if self._awaited() or self._waiting:
            self._waiting.append(act)
        else:
            act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep a key."""
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
        QCoreApplication.sendEvent(self._grid if inside is None else inside, key)  # one key may have opened the line the next belongs into
