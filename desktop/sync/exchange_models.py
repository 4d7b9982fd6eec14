"""What the view models of the three ways of exchange share, and two of them. 局域网: at a township it opens the receiver, at a village it
hands in to one. U 盘: which stick is plugged in, what was written and carried, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal

from db import exchange
from db.local import get_meta
from db.session import Session
from desktop.drives import Drive, drives
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.sync import reading
from desktop.sync.standing import StickStanding
from desktop.view_model import ViewModel
from domain.codes import check_code
from domain.errors import CunzhanError, Stopped
from domain.words import _
from sync.station.lan.handing_in import ADDRESS, HandedIn, hand_in
from sync.station.lan.receiver import Receiver, ReceiverStatus
from sync.station.stick import reading as stick_reading
from sync.station.stick import writing
from sync.station.stick.results import ReadResult, Written


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


@dataclass(frozen=True)
class LanStanding:
    """The state. `carries`: this is a township's or county's laptop; `address`: the township's address as last entered."""

    carries: bool = False
    unsent: int = 0
    address: str = ""


class LanModel(ExchangeModel):
    """The state of the tab."""

    finished = Signal()
    """A handover ended, successfully or not."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.standing = LanStanding()
        self.opening: ReceiverStatus | None = None
        """The state of the receiver, while it is open and after it closed by itself."""
        self.trouble = self.result = ""
        self._receiver: Receiver | None = None

    def load(self) -> None:
        """Load the state."""
        self._jobs.run(self._station.reading(_standing), self._loaded, key="lan-standing")

    @property
    def is_open(self) -> bool:
        """Whether villages can hand in now."""
        return self.opening is not None and not self.opening.closed

    def open(self) -> None:
        """Open the receiver."""
        if self.busy or self.is_open:
            return
        self._begin()
        self._jobs.run(lambda: Receiver(self._station.store), self._opened, self._not_opened, lane="net")

    def close(self) -> None:
        """Close the receiver, without waiting for connections in progress."""
        if self._receiver is not None:
            self._receiver.close(wait=False)
            self.tick()

    def tick(self) -> None:
        """Update the state of the receiver."""
        if self._receiver is None:
            return
        before, self.opening = self.opening, self._receiver.standing
        if before is not None and len(before.arrived) < len(self.opening.arrived):
            self._frame.records_changed()
        if self.opening.closed:
            self._receiver = None
        self.changed.emit()

    def send(self, address: str, code: str) -> None:
        """Hand in at a township and fetch what waits there. An empty address is found in the local network."""
        if self.busy:
            return
        if not code.strip():
            self.trouble, self.result = _("请填乡镇电脑屏幕上的六位码。"), ""
            self.finished.emit()
            self.changed.emit()
            return
        self._begin()
        hand = partial(hand_in, self._station.store, address, code)
        self._frame.run_long(_("交给乡镇"), lambda progress: hand(progress=progress), self._sent, self._not_sent, lane="net")

    def _begin(self) -> None:
        self.trouble = self.result = ""
        super()._begin()

    def _loaded(self, standing: LanStanding) -> None:
        self.standing = standing
        self.changed.emit()

    def _opened(self, at: Receiver) -> None:
        self.busy, self._receiver = False, at
        self.destroyed.connect(partial(at.close, wait=False))  # close it with the window
        self._frame.message(_("收件开着，村里的电脑可以来交了。"))
        self.tick()

    def _not_opened(self, error: Exception) -> None:
        self.busy, self.trouble = False, self._fault(error)
        self.changed.emit()

    def _sent(self, done: HandedIn) -> None:
        self.result = done.sentence() or _("乡镇没有要给本站的，本站的也都交过了。")
        self._frame.message(_("交给乡镇：做好了。"))
        self._ended()

    def _not_sent(self, error: Exception) -> None:
        self.trouble = self._fault(error, _("已停下。没有回执的都还在本机，再交一次会接着传。"))
        self._ended()

    def _ended(self) -> None:
        self.finished.emit()
        super()._ended()


def _standing(session: Session) -> LanStanding:
    return LanStanding(session.role != "village", exchange.unsent(session), get_meta(session, ADDRESS) or "")


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
