"""The view model of the tab U 盘: which stick is plugged in, what was written and carried, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal

from desktop.drives import Drive, drives
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.sync import reading
from desktop.sync.exchange_model import ExchangeModel
from desktop.sync.standing import StickStanding
from domain.codes import check_code
from domain.words import _
from sync.station.stick import reading as stick_reading
from sync.station.stick import writing
from sync.station.stick.results import ReadResult, Written


class StickModel(ExchangeModel):
    """The state of the tab."""

    wrote = Signal()
    did_read = Signal()
    """The stick was written or read, successfully or not; see `write_trouble`, `read_result` and the like."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.standing = StickStanding()
        self.drives: list[Drive] = []
        self.folder: Path | None = None
        """Chosen by the user if no stick was found."""
        self.drive = 0
        self.written: tuple[Path, Written] | None = None
        self.write_trouble = self.read_trouble = self.read_result = ""

    @property
    def target(self) -> Path | None:
        """The folder to write to and read from: the one chosen by the user, otherwise the stick."""
        if self.folder is not None:
            return self.folder
        return self.drives[self.drive].root if self.drive < len(self.drives) else None

    def load(self) -> None:
        """Load the state."""
        self._jobs.run(self._station.reading(reading.stick_standing), self._loaded, key="stick-standing")

    def look(self) -> None:
        """Look for sticks."""
        self._jobs.run(drives, self._found, lambda _error: None, lane="device", key="stick-drives")

    def choose(self, number: int) -> None:
        """Use one of `drives`."""
        self.drive = max(number, 0)
        self.choose_folder(None)

    def choose_folder(self, folder: Path | None) -> None:
        """Use a folder instead of a stick."""
        self.folder = folder
        self.write_trouble = self.read_trouble = ""  # that was about another folder
        self.changed.emit()

    def write(self, code: str = "") -> None:
        """Write what waits; before enrolment, a request to enrol with `code`."""
        if self.busy or not self._ready("write_trouble"):
            return
        if self.standing.joining and not code.strip():
            self.write_trouble = _("请先填县里给的注册码。")
            self.changed.emit()
            return
        folder, asked = self.target, code if self.standing.joining else ""
        assert folder is not None
        self._begin()
        self.written = None

        def work(progress: Progress) -> tuple[Path, Written]:
            return writing.write_to_stick(self._station.store, folder, code=asked, progress=progress)

        # on the network's lane, so never at the same time as an exchange
        self._frame.run_long(_("写入 U 盘"), work, self._wrote, self._not_written, lane="net")

    def read(self) -> None:
        """Read what is on the stick."""
        if self.busy or not self._ready("read_trouble"):
            return
        folder = self.target
        assert folder is not None
        self._begin()
        self.read_result = ""

        def work(progress: Progress) -> ReadResult:
            return stick_reading.read_folder(self._station.store, folder, progress=progress)

        self._frame.run_long(_("读入 U 盘"), work, self._read_done, self._not_read, lane="net")

    def compare(self, text: str) -> str:
        """Return what a receipt code read out on the telephone means; "" while it is incomplete."""
        if len(text.replace("-", "").replace(" ", "")) < 12:
            return ""
        code = check_code(text)
        if code is None:
            return _("这个码念错或写错了一个字，请再核对。")
        line = next((line for line in self.standing.lines if line.code == code), None)
        if line is None:
            return _("这个码不是这台电脑写的。请看是不是别的村的。")
        return _("对。是写了 {n} 条的那一份，对方收到了。").format(n=line.records)

    def _ready(self, trouble: str) -> bool:
        if self.target is not None:
            return True
        setattr(self, trouble, _("还没有找到 U 盘。请插好，等几秒钟；或者选一个文件夹。"))
        self.changed.emit()
        return False

    def _begin(self) -> None:
        self.write_trouble = self.read_trouble = ""
        super()._begin()

    def _loaded(self, standing: StickStanding) -> None:
        self.standing = standing
        self.changed.emit()

    def _found(self, found: Sequence[Drive]) -> None:
        if list(found) != self.drives:
            chosen = self.drives[self.drive].root if self.drive < len(self.drives) else None
            self.drives = list(found)
            self.drive = next((n for n, drive in enumerate(self.drives) if drive.root == chosen), 0)
            self.changed.emit()

    def _wrote(self, made: tuple[Path, Written]) -> None:
        self.written = made
        self._frame.message(_("已写好，可以拔出 U 盘了。"))
        self._ended()
        self.wrote.emit()

    def _not_written(self, error: Exception) -> None:
        self.write_trouble = self._fault(error, _stopped())
        self._ended()
        self.wrote.emit()

    def _read_done(self, result: ReadResult) -> None:
        self.read_result = "\n".join(result.lines())
        self.read_trouble = "\n".join(str(error) for error in result.refused)
        self._frame.message(_("U 盘已读入。"))
        self._ended()
        self.did_read.emit()

    def _not_read(self, error: Exception) -> None:
        self.read_trouble = self._fault(error, _stopped())
        self._ended()
        self.did_read.emit()


def _stopped() -> str:
    return _("已停下，没有做完的不算，数据都在本机。")
