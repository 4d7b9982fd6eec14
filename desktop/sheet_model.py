"""The base class of view models for grids saved as a whole, as one act: attendance, course results, wages. Knows no session and no widget.

class MonthModel(SheetModel): …      implements `unsaved`, `_read`, `_restore` and `_forget`
self._write(work, message, kept)     saves, shows the message and the number of unreadable cells, and reads again
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal

from desktop.draft import Draft, drafts
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from domain.words import _


class SheetModel(ViewModel):
    """A sheet of cells with unsaved input and a draft."""

    shown = Signal()
    """The cells changed by other means than typing."""
    pending_changed = Signal()
    """The set of unsaved cells changed."""
    discarded = Signal()
    """The unsaved input was discarded, including unreadable cells."""
    changed = Signal()
    """Something was saved."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.draft = Draft(self._jobs, drafts(station), self.unsaved, self)
        self.draft.found.connect(self._found)
        self.pending_changed.connect(self.draft.changed)
        self.loaded = self.saving = self.awaited = False
        """`awaited`: another sheet than the one shown is being loaded."""
        self.unreadable: list[Callable[[], int]] = []
        """Functions that count the unreadable cells of a grid."""

    def unsaved(self) -> dict[str, Any]:
        """The unsaved input in the form of a draft; {} for none."""
        raise NotImplementedError

    def _read(self) -> None:
        """Load the sheet again."""
        raise NotImplementedError

    def _restore(self, kept: dict[str, Any]) -> None:
        """Restore unsaved input from a draft made by `unsaved`, as far as its rows still exist."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Replace the unsaved input by the stored values."""
        raise NotImplementedError

    def reload(self) -> None:
        """Load the sheet again, unless unsaved input would be lost."""
        if not self.unsaved() and not self.saving:
            self._read()

    def unread(self) -> int:
        """The number of cells with unreadable input."""
        return sum(count() for count in self.unreadable)

    @property
    def dirty(self) -> bool:
        """Whether there is unsaved input."""
        return bool(self.unsaved()) or self.unread() > 0

    def discard(self) -> None:
        """Discard the unsaved input."""
        self.draft.forget()
        self.discarded.emit()
        self._forget()
        self._emit_changes()

    def _emit_changes(self) -> None:
        self.shown.emit()
        self.pending_changed.emit()

    def _take(self, sheet: str, put: Callable[[], None]) -> None:
        """Show a loaded sheet by calling `put`. `sheet`: its name, also that of its draft. Input typed into the same sheet while it was
        loading stays."""
        typed = self.unsaved() if sheet == self.draft.name else {}
        put()
        self.loaded, self.awaited = True, False
        self._forget()
        if typed:
            self._restore(typed)
        self._emit_changes()
        self.draft.begin(sheet)

    def _not_read(self, error: Exception) -> None:
        """Loading failed: stay on the sheet shown."""
        self.awaited = False
        self._jobs.failed.emit(error)
        self.shown.emit()

    def _found(self, kept: dict[str, Any]) -> None:
        """Restore the draft that a power cut left."""
        self._restore(kept)
        if self.unsaved():
            self._emit_changes()
            self._frame.message(_("上次没保存的内容已放回来，请核对后保存。"))

    def _write(self, work: Callable[[], object], message: str, kept: Callable[[], None]) -> None:
        """Save off the GUI thread; `kept` then marks the saved values as stored. Input typed meanwhile stays unsaved."""
        if self.saving:
            return
        self.saving = True

        def done(_result: object) -> None:
            self.saving = False
            kept()
            self.draft.keep()
            left = self.unread()
            self._frame.message(message + (_("；红色的 {left} 格没有保存，请改正后再保存").format(left=left) if left else ""), undo=True)
            self.pending_changed.emit()
            self.changed.emit()
            self.reload()

        self._jobs.run(work, done, self._save_failed)

    def _save_failed(self, error: Exception) -> None:
        self.saving = False
        self._jobs.failed.emit(error)
