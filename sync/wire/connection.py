"""A minimal HTTP/1.1 client connection. A request costs a third of the time it takes with a general-purpose client."""

from __future__ import annotations

import io
import select
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import client
from time import monotonic
from typing import Self, cast
from urllib.parse import quote, urlsplit

_CHUNK = 64 * 1024
_BUFFERED, _SLOW = 256 * 1024, 1000
"""Most bytes that the system keeps of a request after it was handed over, and how many a second the slowest line carries of them."""
MIN_RATE = 200
"""Bytes a second. A server that takes or sends less counts as silent. The slowest line in use (GPRS with one slot, 9.6 kbit/s) carries five
times as much."""
_PATIENCE, _WHOLE = 600.0, 6 * 3600.0
"""Seconds to wait for one server beyond what its bytes take at `MIN_RATE`, and in all. Whatever came is kept, and the next exchange goes on
from there."""


class NotConnected(OSError):
    """No connection could be opened; `__cause__` is the reason."""


@dataclass(frozen=True)
class HttpRequest:
    """A request: URL, body and method."""

    url: str
    body: bytes = b""
    method: str = "POST"

    @property
    def path(self) -> str:
        """The path of the URL."""
        return urlsplit(self.url).path


@dataclass(frozen=True)
class HttpResponse:
    """A response whose body is read as it arrives. `kind`: its Content-Type; `retry_after`: its Retry-After; "" where not given."""

    status: int
    parts: Iterable[bytes] = ()
    kind: str = ""
    retry_after: str = ""

    def read(self) -> bytes:
        """Read the whole body."""
        return b"".join(self.parts)


class Transport(ABC):
    """The way requests take to a server: a `Connection`, or a replacement of the network."""

    @abstractmethod
    def ask(self, request: HttpRequest) -> HttpResponse:
        """Send a request and return the response, its body still to be read. Both raise `NotConnected`, `TimeoutError`, `OSError` or
        `HTTPException`."""

    def close(self) -> None:  # noqa: B027  # not every transport holds something
        """Hang up."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class TooSlow(TimeoutError):
    """The server answers, but so slowly that an exchange would not end."""


class Patience:
    """How long to wait for one server in all, over many requests. Time spent on anything else does not count."""

    def __init__(self, most: float = _PATIENCE, whole: float = _WHOLE) -> None:
        self._most, self._left, self._whole = most, most, whole

    def earn(self, size: int) -> None:
        """Count bytes that the line carried."""
        self._left = min(self._left + size / MIN_RATE, self._most)

    @contextmanager
    def waiting(self) -> Iterator[float]:
        """Count the time of the block; yields how long it may last. Raises `TooSlow` where no time is left, also if the block times out
        then."""
        left, began = min(self._left, self._whole), monotonic()
        if left <= 0:
            raise TooSlow("no patience left")
        try:
            yield left
        except TimeoutError as error:
            if monotonic() - began >= left:
                raise TooSlow("too slow") from error
            raise
        finally:
            waited = monotonic() - began
            self._left, self._whole = self._left - waited, self._whole - waited


class Connection(Transport):
    """A persistent connection, reopened where the server has closed it meanwhile, or a response was not read to its end.

    `tls`: the trusted authorities for https (none by default). Timeouts in seconds: `opening` for connecting, `silence` for each part of a
    response; `patience` bounds all of it together.
    """

    def __init__(
        self, tls: ssl.SSLContext | None = None, *, opening: float = 15.0, silence: float = 120.0, patience: Patience | None = None
    ) -> None:
        self._tls = tls
        self._opening, self._silence, self._patience = opening, silence, patience or Patience()
        self._socket: socket.socket | None = None
        self._idle = False

    def ask(self, request: HttpRequest) -> HttpResponse:
        """As `Transport.ask`."""
        line = self._open(request.url)
        self._idle = False
        self._send(line, _head(request) + request.body)
        # what the system still has to send on a slow line is not the server's silence
        until = monotonic() + self._silence + min(len(request.body), _BUFFERED) / _SLOW
        answer = client.HTTPResponse(cast("socket.socket", _TimedReader(line, self._silence, until, self._patience)), method=request.method)
        answer.begin()
        kind, later = (answer.getheader(name, "") for name in ("content-type", "retry-after"))
        return HttpResponse(answer.status, self._body(answer), kind, later)

    def _send(self, line: socket.socket, content: bytes) -> None:
        left = memoryview(content)
        while left:
            with self._patience.waiting() as most:
                line.settimeout(min(most, self._silence))
                size = line.send(left[:_CHUNK])
            self._patience.earn(size)
            left = left[size:]

    def _body(self, answer: client.HTTPResponse) -> Iterator[bytes]:
        while part := answer.read1(_CHUNK):
            yield part
        if answer.length:
            raise ConnectionError("the body ended early")
        self._idle = not answer.will_close

    def _open(self, url: str) -> socket.socket:
        if self._socket is not None and (not self._idle or select.select([self._socket], [], [], 0)[0]):
            self.close()  # unread data or a closed connection
        if self._socket is None:
            try:
                self._socket = self._connected(url)
            except TimeoutError:
                raise
            except (OSError, UnicodeError) as error:  # UnicodeError: an invalid host name
                raise NotConnected("no connection") from error
        return self._socket

    def _connected(self, url: str) -> socket.socket:
        parts = urlsplit(url)
        line = socket.create_connection((parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)), self._opening)
        try:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if parts.scheme == "https":
                line = (self._tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)).wrap_socket(line, server_hostname=parts.hostname)
        except BaseException:
            line.close()
            raise
        return line

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _head(request: HttpRequest) -> bytes:
    """The head of a request, with the necessary headers only."""
    parts = urlsplit(request.url)
    wanted = quote(parts._replace(scheme="", netloc="", fragment="").geturl() or "/", safe="/?:@!$&'()*+,;=%")
    name, *port = parts.netloc.rpartition("@")[2].rsplit(":", 1)
    host = ":".join((name if name.isascii() else name.encode("idna").decode(), *port))
    lines = [f"{request.method} {wanted} HTTP/1.1", f"Host: {host}"]
    if request.method == "POST":
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join((*lines, "", "")).encode()


class _TimedReader(io.RawIOBase):
    """A reader with a deadline: at first `until`, then extended by the time that the received bytes take at `MIN_RATE`, but never further
    than `silence` seconds ahead: many bytes at once are no credit for a trickle later."""

    def __init__(self, line: socket.socket, silence: float, until: float, patience: Patience) -> None:
        self._line, self._silence, self._until, self._patience = line, silence, until, patience

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Called by `http.client` as on a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer; this is the one that is given
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        with self._patience.waiting() as most:
            self._line.settimeout(min(left, most))
            size = self._line.recv_into(buffer)
        self._patience.earn(size)
        self._until = max(self._until, min(self._until + size / MIN_RATE, monotonic() + self._silence))
        return size
