"""Cells that are typed one after another and saved together, as one act: attendance, results of a course, wages. Knows neither session
nor widget.

class MonthModel(SheetModel): …      says what of it is typed and not saved, and how that is given up and put back after a power cut
self._write(work, said, kept)        saved, told with how many cells could not be read, and read again
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
    """What such sheets have in common."""

    shown = Signal()
    """The cells are others, otherwise than by typing into one of them."""
    pending_changed = Signal()
    """Other cells are typed and not saved."""
    discarded = Signal()
    """What was typed is not wanted any more, nor what could not be read of it."""
    changed = Signal()
    """Something was saved."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.draft = Draft(self._jobs, drafts(station), self.unsaved, self)
        self.draft.found.connect(self._found)
        self.pending_changed.connect(self.draft.changed)
        self.loaded = self.saving = self.awaited = False
        """`awaited`: another sheet than the one that is shown is asked for."""
        self.unreadable: list[Callable[[], int]] = []
        """What counts the cells of a grid that could not be read."""

    def unsaved(self) -> dict[str, Any]:
        """What is typed and not saved, as its draft keeps it; {} for nothing."""
        raise NotImplementedError

    def _read(self) -> None:
        """Ask for the sheet again."""
        raise NotImplementedError

    def _restore(self, kept: dict[str, Any]) -> None:
        """Put in again what was typed and not saved, as `unsaved` told it, of what is still there."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Put what is on record in the place of what was typed."""
        raise NotImplementedError

    def reload(self) -> None:
        """Read again, unless something typed would be lost."""
        if not self.unsaved() and not self.saving:
            self._read()

    def unread(self) -> int:
        """How many cells hold what could not be read."""
        return sum(count() for count in self.unreadable)

    @property
    def dirty(self) -> bool:
        """Whether anything typed would be lost."""
        return bool(self.unsaved()) or self.unread() > 0

    def discard(self) -> None:
        """Forget what was typed."""
        self.draft.forget()
        self.discarded.emit()
        self._forget()
        self._tell()

    def _tell(self) -> None:
        self.shown.emit()
        self.pending_changed.emit()

    def _take(self, sheet: str, put: Callable[[], None]) -> None:
        """Show a sheet, called as its draft is, which `put` puts in place; what was typed into the same one while it was read stays."""
        typed = self.unsaved() if sheet == self.draft.name else {}
        put()
        self.loaded, self.awaited = True, False
        self._forget()
        if typed:
            self._restore(typed)
        self._tell()
        self.draft.begin(sheet)

    def _not_read(self, error: Exception) -> None:
        """What was asked for does not come: the sheet that is shown is the one to go on with."""
        self.awaited = False
        self._jobs.failed.emit(error)
        self.shown.emit()

    def _found(self, kept: dict[str, Any]) -> None:
        """A power cut had left this unsaved."""
        self._restore(kept)
        if self.unsaved():
            self._tell()
            self._frame.message(_("上次没保存的内容已放回来，请核对后保存。"))

    def _write(self, work: Callable[[], object], said: str, kept: Callable[[], None]) -> None:
        """Save off the GUI thread; `kept` puts what was saved on record, while what was typed meanwhile still waits."""
        if self.saving:
            return
        self.saving = True

        def done(_result: object) -> None:
            self.saving = False
            kept()
            self.draft.keep()
            left = self.unread()
            self._frame.message(said + (_("；红色的 {left} 格没有保存，请改正后再保存").format(left=left) if left else ""), undo=True)
            self.pending_changed.emit()
            self.changed.emit()
            self.reload()

        self._jobs.run(work, done, self._broke)

    def _broke(self, error: Exception) -> None:
        self.saving = False
        self._jobs.failed.emit(error)
