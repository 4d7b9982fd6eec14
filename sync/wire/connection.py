"""One HTTP/1.1 connection: a request costs a third of what it does with a client that is made for everything."""

from __future__ import annotations

import io
import select
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import cast

import httpx2

_PART = 64 * 1024
SLOWEST = 100
"""Bytes a second: whoever sends less than that on the whole, and keeps us waiting by it, is as good as silent."""


class Connection(httpx2.BaseTransport):
    """Kept open from one request to the next, and opened anew where the server has hung up meanwhile.

    `tls`: whom to trust over https (nobody by itself). Seconds to wait: `opening` for the connection, `silence` for each part of an answer.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, *, opening: float = 15.0, silence: float = 120.0) -> None:
        self._tls = tls
        self._opening, self._silence = opening, silence
        self._socket: socket.socket | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, its body still to be read. Raises `httpx2.TransportError`."""
        line = self._open(request.url)
        head = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
        head += [b"%s: %s" % pair for pair in request.headers.raw]
        try:
            line.settimeout(self._silence)
            line.sendall(b"\r\n".join((*head, b"", request.read())))
            answer = HTTPResponse(cast("socket.socket", _Coming(line, self._silence)), method=request.method)
            answer.begin()
        except TimeoutError as error:
            raise self._broken(httpx2.ReadTimeout) from error
        except (OSError, HTTPException) as error:
            raise self._broken(httpx2.ReadError) from error
        return httpx2.Response(answer.status, headers=answer.getheaders(), stream=_Body(self, answer))

    def _open(self, url: httpx2.URL) -> socket.socket:
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self.close()  # an end, or something nobody asked for
        if self._socket is None:
            try:
                self._socket = self._connected(url)
            except TimeoutError as error:
                raise httpx2.ConnectTimeout("no connection in time") from error
            except OSError as error:
                raise httpx2.ConnectError("no connection") from error
        return self._socket

    def _connected(self, url: httpx2.URL) -> socket.socket:
        line = socket.create_connection((url.host, url.port or (443 if url.scheme == "https" else 80)), self._opening)
        try:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if url.scheme == "https":
                line = (self._tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)).wrap_socket(line, server_hostname=url.host)
        except BaseException:
            line.close()
            raise
        return line

    def _broken(self, kind: type[httpx2.TransportError]) -> httpx2.TransportError:
        self.close()
        return kind("the connection broke")

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


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


class _Body(httpx2.SyncByteStream):
    """The body of an answer as it comes. One that was not read to its end leaves nothing to go on with: the connection is closed."""

    def __init__(self, line: Connection, answer: HTTPResponse) -> None:
        self._line = line
        self._answer = answer
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            while part := self._answer.read1(_PART):
                yield part
        except TimeoutError as error:
            raise httpx2.ReadTimeout("no more in time") from error
        except (OSError, HTTPException) as error:
            raise httpx2.ReadError("the connection broke") from error
        if self._answer.length:
            raise httpx2.RemoteProtocolError("the body ended early")
        self._whole = not self._answer.will_close

    def close(self) -> None:
        self._answer.close()
        if not self._whole:
            self._line.close()
