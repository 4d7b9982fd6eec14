"""One HTTP/1.1 connection: a request costs a third of what it does with a client that is made for everything."""

from __future__ import annotations

import io
import select
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import client
from time import monotonic
from typing import Self, cast
from urllib.parse import quote, urlsplit

_PART = 64 * 1024
SLOWEST = 100
"""Bytes a second: whoever sends less than that on the whole, and keeps us waiting by it, is as good as silent."""


class NotConnected(OSError):
    """Nobody was reached; why is its cause."""


@dataclass(frozen=True)
class HttpRequest:
    """What a server is asked."""

    url: str
    body: bytes = b""
    method: str = "POST"

    @property
    def path(self) -> str:
        """What is asked for, without where."""
        return urlsplit(self.url).path


@dataclass(frozen=True)
class HttpResponse:
    """The head of an answer, and its body as it comes. `kind`: of what sort it is, `retry_after`: when to ask again; "" where unsaid."""

    status: int
    parts: Iterable[bytes] = ()
    kind: str = ""
    retry_after: str = ""

    def read(self) -> bytes:
        """The whole body."""
        return b"".join(self.parts)


class Transport(ABC):
    """What brings a request to a server: a connection, or what stands in the place of the network."""

    @abstractmethod
    def ask(self, request: HttpRequest) -> HttpResponse:
        """The answer, its body still to be read. Raises `NotConnected`, `TimeoutError`, `OSError` or `HTTPException`; so does reading."""

    def close(self) -> None:  # noqa: B027  # not every transport holds something
        """Hang up."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class Connection(Transport):
    """Kept open from one request to the next, and opened anew where the server has hung up meanwhile, or an answer was not read to its end.

    `tls`: whom to trust over https (nobody by itself). Seconds to wait: `opening` for the connection, `silence` for each part of an answer.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, *, opening: float = 15.0, silence: float = 120.0) -> None:
        self._tls = tls
        self._opening, self._silence = opening, silence
        self._socket: socket.socket | None = None
        self._idle = False

    def ask(self, request: HttpRequest) -> HttpResponse:
        """As `Transport.ask`."""
        line = self._open(request.url)
        self._idle = False
        line.settimeout(self._silence)
        line.sendall(_head(request) + request.body)
        answer = client.HTTPResponse(cast("socket.socket", _Coming(line, self._silence)), method=request.method)
        answer.begin()
        kind, later = (answer.getheader(name, "") for name in ("content-type", "retry-after"))
        return HttpResponse(answer.status, self._body(answer), kind, later)

    def _body(self, answer: client.HTTPResponse) -> Iterator[bytes]:
        while part := answer.read1(_PART):
            yield part
        if answer.length:
            raise ConnectionError("the body ended early")
        self._idle = not answer.will_close

    def _open(self, url: str) -> socket.socket:
        if self._socket is not None and (not self._idle or select.select([self._socket], [], [], 0)[0]):
            self.close()  # the rest of an answer, an end, or something nobody asked for
        if self._socket is None:
            try:
                self._socket = self._connected(url)
            except TimeoutError:
                raise
            except (OSError, UnicodeError) as error:  # a name that can be none
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
    """The head of a request: nothing in it that nobody reads."""
    parts = urlsplit(request.url)
    wanted = quote(parts._replace(scheme="", netloc="", fragment="").geturl() or "/", safe="/?:@!$&'()*+,;=%")
    name, *port = parts.netloc.rpartition("@")[2].rsplit(":", 1)
    host = ":".join((name if name.isascii() else name.encode("idna").decode(), *port))
    lines = [f"{request.method} {wanted} HTTP/1.1", f"Host: {host}"]
    if request.method == "POST":
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join((*lines, "", "")).encode()


class _Coming(io.RawIOBase):
    """What comes over a connection. It may be silent for so many seconds, and as many more as what came would have taken at `SLOWEST`."""

    def __init__(self, line: socket.socket, silence: float) -> None:
        self._line, self._silence = line, silence
        self._until = monotonic() + silence

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As `http.client` asks a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer; this is the one that is given
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        self._line.settimeout(min(left, self._silence))
        size = self._line.recv_into(buffer)
        self._until += size / SLOWEST
        return size
