"""What the three ways to exchange with the county have in common: over the network, by stick, at the township's."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from domain.errors import CunzhanError, Stopped


class ExchangeModel(ViewModel):
    """One piece of work at a time."""

    changed = Signal()
    """How things stand is another, or what is under way, or what is in its way."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.busy = False

    def load(self) -> None:
        """Look how things stand."""
        raise NotImplementedError

    def _begin(self) -> None:
        self.busy = True
        self.changed.emit()

    def _fault(self, error: Exception, stopped: str = "") -> str:
        """What went wrong in a sentence, `stopped` where somebody stopped it; "" where the window tells of it."""
        if isinstance(error, Stopped) and stopped:
            return stopped
        if isinstance(error, CunzhanError):
            return str(error)
        self._jobs.failed.emit(error)
        return ""

    def _ended(self) -> None:
        """Whatever came of it: some of it may be in the store."""
        self.busy = False
        self.changed.emit()
        self._frame.records_changed()
        self.load()
