"""Find a township's receiver in the local network, so that nobody has to type an address (`sync.wire.handover`);
this machine's own addresses, and those that people type."""

from __future__ import annotations

import secrets
import socket
import struct
import sys
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from ipaddress import IPv4Address, IPv4Network, ip_address
from select import select
from time import monotonic

from domain.errors import InputUnusable
from domain.progress import Progress, unwatched
from domain.scopes import within
from domain.words import _
from sync.wire import handover
from sync.wire.handover import PORT, Answer

_SIOCGIFADDR = 0x8915
_LOCAL = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_ELSEWHERE = ("10.255.255.254", "172.31.255.254", "192.168.255.254", "203.0.113.1")
"""Destinations for asking the system which local address it would use; nothing is sent."""


def near(address: str) -> bool:
    """Whether an address is one of a local network, or this machine's."""
    found = ip_address(address)
    return isinstance(found, IPv4Address) and (found.is_loopback or found.is_link_local or any(found in net for net in _LOCAL))


def lan_addresses() -> list[str]:
    """This machine's addresses in local networks; those it gave itself, as two laptops on one cable do, last."""
    found = [*_by_name(), *_by_interface()]
    for target in _ELSEWHERE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
            asking.connect((target, 9))
            found.append(asking.getsockname()[0])
    lan = [name for name in dict.fromkeys(found) if near(name) and not ip_address(name).is_loopback]
    return sorted(lan, key=lambda name: ip_address(name).is_link_local)


def _by_name() -> list[str]:
    """The addresses of this machine's name: on Windows all of them."""
    with suppress(OSError):
        return [str(line[4][0]) for line in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return []


def _by_interface() -> list[str]:
    """The addresses of its network interfaces, where the system is Linux."""
    found: list[str] = []
    if sys.platform == "linux":
        import fcntl

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            for _number, name in socket.if_nameindex():
                with suppress(OSError):  # one without an address
                    told = fcntl.ioctl(asking.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()))
                    found.append(socket.inet_ntoa(told[20:24]))
    return found


def shown_address(host: str, port: int) -> str:
    """An address as people type it: with the port unless it is the default."""
    return host if port == PORT else f"{host}:{port}"


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of an address as somebody typed it, full-width characters included. Raises `InputUnusable` for anything but an address
    in a local network."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").replace(" ", "")
    host, _colon, port = plain.partition(":")
    try:
        if near(host) and (not _colon or 0 < int(port) < 65536):
            return host, int(port) if _colon else PORT
    except ValueError:
        pass
    raise InputUnusable(_("地址不对：照乡镇电脑屏幕上的填，像 192.168.1.5 这样的四组数字。"))


WAIT = 2.0
"""Seconds to wait for an answer."""
_OTHERS = 0.6
"""Seconds to wait for further answers after the first."""
_AGAIN = 0.5
"""Seconds after which the question is repeated: datagrams may be lost, on Wi-Fi above all."""
_LOOK = 0.1
_EVERYONE = "255.255.255.255"
_MOST, _EACH = 20, 4
"""Answers a second that a receiver gives at the most, together and to one address: whoever asks without end keeps nobody else from being
answered. `_MOST` is also how many receivers a village looks at."""


class Answering(threading.Thread):
    """Answers questions until `over` says so. Where the port is taken nobody finds the receiver, and its address is typed.

    `host`: the only address of the receiver, "" for every one. Questions are read on all, since a socket of one address gets no broadcast
    on Linux; an answer comes from the receiver's address, by which the village finds it."""

    def __init__(self, host: str, port: int, answer: Answer, over: Callable[[], bool]) -> None:
        super().__init__(daemon=True)
        self._answer, self._over = answer, over
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(_LOOK)
        self._answers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if host else self._socket
        self.port = 0
        with suppress(OSError):
            if host:
                self._answers.bind((host, 0))
            self._socket.bind(("", port))
            self.port = self._socket.getsockname()[1]

    def run(self) -> None:
        """Answer."""
        with self._socket, self._answers:
            second, given = monotonic(), Counter[str]()
            while self.port and not self._over():
                if monotonic() - second > 1:
                    second, given = monotonic(), Counter()
                try:
                    datagram, (address, port) = self._socket.recvfrom(handover.LONGEST)
                except TimeoutError:
                    continue
                except OSError:  # longer than that, or Windows telling of an earlier answer that nobody took
                    continue
                nonce = handover.asked(datagram)
                if nonce is not None and near(address) and given[address] < _EACH and given.total() < _MOST:
                    given[address] += 1
                    with suppress(OSError):
                        self._answers.sendto(handover.answer(nonce, self._answer), (address, port))


def find(scope: str, *, progress: Progress = unwatched, targets: Sequence[tuple[str, int]] = ()) -> list[str]:
    """The addresses of receivers that a station of this scope may hand in to: of its township, or if there are none, of its county. One
    address for each receiver. `targets`: whom to ask instead of everyone in the local networks."""
    nonce = secrets.token_bytes(handover.NONCE)
    found: dict[bytes, tuple[str, str]] = {}
    heard = Counter[str]()
    with ExitStack() as open_:
        asking = list(_asking(open_, targets))
        until, again = monotonic() + WAIT, 0.0
        while asking and len(found) < _MOST and (now := monotonic()) < until:
            progress(0, 0, _("在局域网里找乡镇的电脑"))
            if now >= again:
                again = now + _AGAIN
                for one, target in asking:
                    with suppress(OSError):  # a network that is just going
                        one.sendto(handover.question(nonce), target)
            for address, answer in _answers([one for one, _target in asking], nonce):
                if within(scope, answer.scope) and heard[address] < 2:  # with two it is not clear which; more must not hide others
                    heard[address] += answer.opening not in found
                    until = min(until, monotonic() + _OTHERS)
                    found.setdefault(answer.opening, (answer.scope, shown_address(address, answer.port)))
    nearest = max((len(area) for area, _address in found.values()), default=0)
    return list(dict.fromkeys(address for area, address in found.values() if len(area) == nearest))


def _asking(open_: ExitStack, targets: Sequence[tuple[str, int]]) -> Iterator[tuple[socket.socket, tuple[str, int]]]:
    """A socket for each local network, since a system sends a broadcast out of one only."""
    pairs = [("", target) for target in targets] or [(address, (_EVERYONE, PORT)) for address in lan_addresses()]
    for address, target in pairs:
        one = open_.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        with suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            one.bind((address, 0))
            yield one, target


def _answers(sockets: Sequence[socket.socket], nonce: bytes) -> Iterator[tuple[str, Answer]]:
    """The answers that arrive within a moment."""
    for one in select(sockets, [], [], _LOOK)[0]:
        with suppress(OSError):
            datagram, (address, _port) = one.recvfrom(handover.LONGEST)
            answer = handover.answered(datagram, nonce)
            if answer is not None and near(address):
                yield address, answer
