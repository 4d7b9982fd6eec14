"""What stands behind a page: it has signals and plain methods, asks the station, tells the window, and knows no widget."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop.page import Frame
from desktop.station import Station


class ViewModel(QObject):
    """What view models have in common. Work off the GUI thread is done by `_jobs`, or with progress by `_frame.run_long`."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__()
        self._frame, self._jobs, self._station = frame, frame.jobs, station
