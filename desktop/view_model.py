"""The base class of view models: the state behind a page, with signals and plain methods and without widgets."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop.page import Frame
from desktop.station import Station


class ViewModel(QObject):
    """A view model with access to the window (`_frame`), the store (`_station`) and background work (`_jobs`, or `_frame.run_long` with
    progress)."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__()
        self._frame, self._jobs, self._station = frame, frame.jobs, station
