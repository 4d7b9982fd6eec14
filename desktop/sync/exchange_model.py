"""What the view models of the three ways of exchange share: over the network, by stick, and at the township."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from domain.errors import CunzhanError, Stopped


class ExchangeModel(ViewModel):
    """Runs one exchange at a time."""

    changed = Signal()
    """The state, the work in progress, or the error shown changed."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.busy = False

    def load(self) -> None:
        """Load the state."""
        raise NotImplementedError

    def _begin(self) -> None:
        self.busy = True
        self.changed.emit()

    def _fault(self, error: Exception, stopped: str = "") -> str:
        """The error as a sentence; `stopped` if the user stopped the work; "" if the window shows the error itself."""
        if isinstance(error, Stopped) and stopped:
            return stopped
        if isinstance(error, CunzhanError):
            return str(error)
        self._jobs.failed.emit(error)
        return ""

    def _ended(self) -> None:
        """Load again after success or failure: even a failed exchange may have stored something."""
        self.busy = False
        self.changed.emit()
        self._frame.records_changed()
        self.load()
