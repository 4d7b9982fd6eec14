"""The township's receiver (局域网收件): listens on the local network for a while, for handovers with villages' laptops without a stick.

Open it, show `addresses` and `code`, and poll `standing`. It closes by itself after half an hour without a village, or when somebody
guesses codes. Only devices of a local network are answered (RFC 1918, link-local, this machine), a few at a time.
"""

from __future__ import annotations

import logging
import secrets
import socket
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from db.store import Store
from domain.errors import CunzhanError, DomainError, os_reason
from domain.words import _
from sync.station.enrol import certified
from sync.station.lan.desk import Conversation, Desk, folder_of
from sync.station.lan.finding import Answering, lan_addresses, near, shown_address
from sync.station.stick.courier import Carried
from sync.wire import handover
from sync.wire.handover import PORT, FramedConnection, HandoverError, Refused
from sync.wire.words import BundleError

log = logging.getLogger(__name__)

IDLE = 30 * 60.0
"""Seconds without an authenticated village, after which it closes."""
LONGEST = 10 * 3600.0
"""Seconds after which it closes in any case: a working day."""
MAX_AT_ONCE, MAX_FROM_ONE = 8, 3
"""Most authenticated connections at once, each of which may have one bundle in memory; and most connections from one address."""
MAX_STRANGERS = 32
"""Most connections at once that are not authenticated. They need little memory, and a village is authenticated within milliseconds."""
_SILENCE, _STRANGER = 300.0, 10.0
"""Seconds a frame may take (a village reads a large answer meanwhile), and before authentication."""
_LOOK = 0.5
_LEAVING = 5.0


@dataclass(frozen=True)
class ReceiverStatus:
    """The state of an opening. `left`: seconds until it closes by itself; `closed`: why it closed (`idle`, `long`, `guessed`, `asked`)."""

    addresses: Sequence[str] = ()
    code: str = ""
    left: int = 0
    busy: int = 0
    arrived: Sequence[Carried] = ()
    gave: int = 0
    closed: str = ""


class Receiver:
    """One opening. Raises `CunzhanError` where it cannot be: not enrolled, a village, a practice village, no local network."""

    def __init__(self, store: Store, *, host: str = "", port: int = PORT, idle: float = IDLE, longest: float = LONGEST) -> None:
        me, _certificate = certified(
            store,
            village=False,
            elsewhere=DomainError(_("收村里的数据由乡镇或县里的电脑来做；村里的电脑请用「交给乡镇」。")),
            unenrolled=BundleError("first"),
            uncertified=DomainError(_("这台电脑是早先注册的，开不出回执。请向县里要一个新的注册码，重新注册一次，再来收。")),
        )
        self._desk = Desk(store, me, folder_of(store.home, "in"))
        hosts = [host] if host else lan_addresses()
        if not hosts:
            raise DomainError(_("这台电脑没有连上局域网。请接好网线，或连上 Wi-Fi（不能上网也行），再打开收件。"))
        self._idle, self._until, self._latest = idle, monotonic() + idle, monotonic() + longest
        self._closed = ""
        self._lines: dict[socket.socket, str] = {}
        self._strangers: dict[socket.socket, str] = {}
        """Those of `_lines` that are not authenticated yet, the oldest first."""
        self._lock = threading.Lock()
        listening = [_bound(name, port) for name in hosts]
        ports = [one.getsockname()[1] for one in listening]
        self.addresses = [shown_address(name, port) for name, port in zip(hosts, ports, strict=True)]
        """The addresses to enter at the villages, with the port unless it is the default."""
        answer = handover.Answer(secrets.token_bytes(handover.OPENING), ports[0], me.scope)
        self._answering = Answering(host, port, answer, lambda: bool(self._closed))
        self.asked_port = self._answering.port
        """The UDP port on which villages' questions are answered, 0 if it could not be had."""
        self._threads = [*(threading.Thread(target=self._accept, args=(one,), daemon=True) for one in listening), self._answering]
        for thread in list(self._threads):
            thread.start()

    @property
    def code(self) -> str:
        """The code to be told to the villages."""
        return self._desk.guard.code

    @property
    def standing(self) -> ReceiverStatus:
        """The present state."""
        left = 0 if self._closed else max(0, round(min(self._until, self._latest) - monotonic()))
        desk = self._desk
        return ReceiverStatus(self.addresses, self.code, left, self._known(), tuple(desk.arrived), desk.gave, self._closed)

    def close(self, *, wait: bool = True) -> None:
        """Stop listening and close all connections; acknowledged bundles are in the store. With `wait`, until nobody uses the store."""
        self._closed = self._closed or "asked"
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads if wait else ():
            if thread is not threading.current_thread():
                thread.join(_LEAVING)

    # -- inside -----------------------------------------------------------------------------------

    def _known(self) -> int:
        """The number of authenticated connections."""
        return len(self._lines) - len(self._strangers)

    def _accept(self, listening: socket.socket) -> None:
        with listening:
            listening.settimeout(_LOOK)
            while not self._look():
                try:
                    line, (address, _port) = listening.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                if not self._admit(line, address):
                    line.close()

    def _look(self) -> str:
        """The reason why it is to close now, "" for none; checked even while connections keep arriving."""
        if self._desk.guard.spent:
            self._closed = self._closed or "guessed"
        elif monotonic() > min(self._until, self._latest):
            self._closed = self._closed or ("idle" if self._until < self._latest else "long")
        return self._closed

    def _admit(self, line: socket.socket, address: str) -> bool:
        with self._lock:
            there = Counter(self._lines.values())
            if not near(address) or there[address] >= MAX_FROM_ONE:
                return False
            if len(self._strangers) >= MAX_STRANGERS:
                self._make_room()
            self._lines[line] = self._strangers[line] = address
        thread = threading.Thread(target=self._hold, args=(line, address), daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()
        return True

    def _make_room(self) -> None:
        """Close the oldest of the unauthenticated connections, of the address with most of them: devices that hold connections must not
        keep villages out, however many addresses they have."""
        there = Counter(self._strangers.values())
        most = max(there.values())
        held = next(line for line, address in self._strangers.items() if there[address] == most)
        del self._strangers[held], self._lines[held]
        with suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)

    def _hold(self, line: socket.socket, address: str) -> None:
        talk = FramedConnection(line, _STRANGER)

        def known() -> None:
            talk.silence = _SILENCE
            with self._lock:
                stranger = self._strangers.pop(line, None) is not None
                if line not in self._lines or (stranger and self._known() > MAX_AT_ONCE):
                    raise HandoverError
            self._until = monotonic() + self._idle

        try:
            Conversation(self._desk, talk, address, known).hold()
        except HandoverError:
            pass
        except CunzhanError as error:  # the store's own: full, put aside by a restore
            log.warning("%s", type(error).__name__)
            with suppress(HandoverError):
                talk.send(Refused("disk"))
        except Exception as error:  # whatever it is, the others go on; texts may hold personal data
            log.error("%s", type(error).__name__)
        finally:
            with self._lock:
                self._lines.pop(line, None)
                self._strangers.pop(line, None)
            line.close()


def _bound(host: str, port: int) -> socket.socket:
    """A socket listening at this address; on any free port if this one is in use. Raises `DomainError`."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two programs take one port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            listening.bind((host, port))
        except OSError:
            listening.bind((host, 0))
        listening.listen(MAX_STRANGERS)
    except OSError as error:
        listening.close()
        raise DomainError(_("地址 {host} 打不开：{reason}").format(host=host, reason=os_reason(error))) from error
    return listening
