"""What is typed in a grid and not saved, kept against a power cut as half-filled forms are.

draft = GridDraft(jobs, drafts, lambda: {…what is typed, as JSON has it…}, self)
draft.begin("wages:…")     # what the grid shows now; `found` brings what was kept of it
draft.changed()            # after each cell; written at most every second
draft.forget()             # saved, or given up
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.jobs import Jobs
from desktop.record_model import Drafts

EVERY = 1000  # milliseconds


class GridDraft(QObject):
    """The draft of one grid, whatever it shows."""

    found = Signal(dict)

    def __init__(self, jobs: Jobs, drafts: Drafts, typed: Callable[[], dict[str, Any]], parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self._drafts, self._typed = jobs, drafts, typed
        self.name = ""
        self._timer = QTimer(self, singleShot=True, interval=EVERY)
        self._timer.timeout.connect(self.keep)

    def begin(self, name: str) -> None:
        """Look for what was kept under a name; asked once, until another is begun."""
        if name != self.name:
            self._timer.stop()
            self.name = name
            self._jobs.run(lambda: self._drafts.load(name), lambda values: self._loaded(name, values))

    def changed(self) -> None:
        """Something was typed."""
        if not self._timer.isActive():
            self._timer.start()

    def keep(self) -> None:
        """Write down what is typed."""
        name, values = self.name, self._typed()
        if name:
            self._jobs.run(lambda: self._drafts.keep(name, values), lambda _none: None)

    def forget(self) -> None:
        """Nothing is left to be kept."""
        self._timer.stop()
        name = self.name
        if name:
            self._jobs.run(lambda: self._drafts.keep(name, {}), lambda _none: None)

    def _loaded(self, name: str, values: dict[str, Any] | None) -> None:
        if values and name == self.name:
            self.found.emit(values)
