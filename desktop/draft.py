"""Drafts: unsaved input of a form or a grid, stored so that a power cut does not lose it.

draft = Draft(jobs, drafts, lambda: {…the unsaved input as JSON values…}, self)
draft.begin("wages:…")     # the name of the form shown now; `found` delivers its stored draft
draft.changed()            # after each key; written at most once a second, also during continuous typing
draft.forget()             # after saving or discarding
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from db import local
from desktop.jobs import Jobs
from desktop.station import Station
from domain.errors import CunzhanError
from domain.words import _

EVERY = 1000  # milliseconds


@dataclass(frozen=True)
class Drafts:
    """Access to stored drafts by name; both functions block on the database."""

    load: Callable[[str], dict[str, Any] | None]
    keep: Callable[[str, Mapping[str, Any]], None]
    """`keep(form, values)`; without values the draft is deleted."""


NO_DRAFTS = Drafts(lambda _form: None, lambda _form, _values: None)


def drafts(station: Station) -> Drafts:
    """Return the drafts of the open store."""

    def keep(form: str, values: Mapping[str, Any]) -> None:
        with station.store.applying(own=True) as session:  # a draft is no change of records: no act, no refresh of other pages
            if values:
                local.save_draft(session, form, dict(values))
            else:
                local.clear_draft(session, form)

    return Drafts(station.reading(local.load_draft), keep)


class Draft(QObject):
    """The draft of one form or grid. `typed` returns the unsaved input: {} for none, None while it is being saved."""

    found = Signal(dict)

    def __init__(self, jobs: Jobs, drafts: Drafts, typed: Callable[[], dict[str, Any] | None], parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self._drafts, self._typed = jobs, drafts, typed
        self.name, self._kept, self._failing = "", False, False
        self._timer = QTimer(self, singleShot=True, interval=EVERY)
        self._timer.timeout.connect(self.keep)

    def begin(self, name: str) -> None:
        """Load the draft of this name, once until another name is begun."""
        if name != self.name:
            self._timer.stop()
            self.name, self._kept = name, False
            self._jobs.run(lambda: self._drafts.load(name), lambda values: self._loaded(name, values))

    def changed(self) -> None:
        """Schedule a write after input."""
        if not self._timer.isActive():
            self._timer.start()

    def keep(self) -> None:
        """Store the unsaved input; delete the stored draft if there is none any more."""
        self._timer.stop()
        values = self._typed()
        if values is not None and (values or self._kept):
            self._write(values)

    def forget(self) -> None:
        """Delete the stored draft."""
        self._timer.stop()
        if self._kept:
            self._write({})

    def _write(self, values: dict[str, Any]) -> None:
        name = self.name
        if name:
            self._kept = bool(values)
            self._jobs.run(lambda: self._drafts.keep(name, values), lambda _none: setattr(self, "_failing", False), self._failed)

    def _failed(self, error: Exception) -> None:
        """Tell once that the input cannot be stored, as on a full disk, without interrupting who is typing: nobody asked to save."""
        if not isinstance(error, CunzhanError):
            self._jobs.failed.emit(error)
        elif not self._failing:
            self._failing = True
            self._jobs.noted.emit(_("正在填的没有存成草稿，先别关窗口：{why}").format(why=error))

    def _loaded(self, name: str, values: dict[str, Any] | None) -> None:
        if values and shiboken6.isValid(self) and name == self.name:
            self._kept = True
            self.found.emit(values)
