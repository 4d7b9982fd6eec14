"""The view model of the tab 局域网: at a township it opens the receiver, at a village it hands in to one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal

from db import exchange
from db.local import get_meta
from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.sync.exchange_model import ExchangeModel
from domain.words import _
from sync.station.lan.handing_in import ADDRESS, HandedIn, hand_in
from sync.station.lan.receiver import Receiver, ReceiverStatus


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
