"""Reading requests from untrusted clients, bounded in length, time and memory. Beyond a limit, one connection or body is given up."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar, cast

import anyio
import uvicorn
from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.h11_impl import H11Protocol

from domain.words import _
from server.limits import Limits

_LOG_INTERVAL = 60.0
"""Least seconds between two log lines about too many connections."""

log = logging.getLogger(__name__)


class Unread(Exception):
    """A request that was not read completely; `status` is the answer, `came` what arrived before the connection broke."""

    def __init__(self, status: int, came: bytes = b"") -> None:
        super().__init__(str(status))
        self.status = status
        self.came = came


class Reading:
    """Reads request bodies within the limits of one server process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.held = 0
        """Bytes of request bodies in memory."""
        self._coming: dict[anyio.CancelScope, int] = {}
        """Bytes received of each unfinished body."""

    @asynccontextmanager
    async def body(self, request: Request, most: int) -> AsyncIterator[bytes]:
        """The request body, at most `most` bytes, counted for as long as the block lasts. Raises `Unread` if it is too long, too slow or
        given up, or if it is the longest when all bodies together are too much."""
        if _announced(request) > most:
            raise Unread(413)
        parts: list[bytes] = []
        size = whole = 0
        began = anyio.current_time()
        clock, end = (anyio.CancelScope(deadline=began + seconds) for seconds in (self._limits.silence, self._limits.whole))
        try:
            self._coming[clock] = 0
            with end, clock:
                async for part in request.stream():
                    if clock not in self._coming:  # given up while this part arrived
                        raise Unread(503, b"".join(parts))
                    clock.deadline = anyio.current_time() + self._limits.silence
                    parts.append(part)
                    size += len(part)
                    end.deadline = began + self._limits.whole + size / self._limits.pace
                    self.held += len(part)
                    self._coming[clock] = size
                    if size > most:
                        raise Unread(413)
                    if self.held > self._limits.bodies and self._make_room() is clock:
                        raise Unread(503)
            if clock.cancelled_caught or end.cancelled_caught:
                raise Unread(408 if clock in self._coming else 503, b"".join(parts))
            whole = self._coming.pop(clock, 0)
            yield b"".join(parts)
        except ClientDisconnect:
            raise Unread(400, b"".join(parts)) from None
        finally:
            self.held -= self._coming.pop(clock, whole)

    def _make_room(self) -> anyio.CancelScope:
        """Give up the longest unfinished body and return its cancel scope; otherwise a few long and slow ones could keep all others out."""
        longest = max(self._coming, key=self._coming.__getitem__)
        self.held -= self._coming.pop(longest)
        longest.cancel()
        return longest


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


class Together:
    """A transport that sends together whatever is written in one turn of the event loop: head and body of an answer in one packet, so
    that the client wakes up once. `sent` is called after each."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, sent: Callable[[], None]) -> None:
        self._transport, self._loop, self._sent = transport, loop, sent
        self._parts: list[bytes] = []
        self.written = 0
        """Bytes written in all."""

    def write(self, data: bytes) -> None:
        """Send data together with what else is written in this turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self.written += len(data)
        self._parts.append(data)

    def close(self) -> None:
        """Flush, then close the connection."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts:
            self._transport.write(b"".join(parts))
            self._sent()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Patient(H11Protocol):
    """uvicorn's HTTP protocol with more reasons to close a connection; uvicorn takes it by its setting `http`. The head of a request takes
    too long (uvicorn itself times only idle connections); the client takes its answer too slowly; or too many connections are open, and
    then the address with most of them loses the one silent longest."""

    limits: ClassVar[Limits] = Limits()
    last_logged: ClassVar[float] = float("-inf")
    """When too many connections were last logged (monotonic seconds)."""
    heard: float
    line: asyncio.Transport
    """The TCP transport, also before the TLS handshake."""
    _slow: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None
    _together: Together

    def enter(self, line: asyncio.Transport) -> None:
        """Count a connection as soon as it is open, before any TLS handshake."""
        self.line = self.transport = line
        self.heard = time.monotonic()
        self.connections.add(self)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def _make_room(self) -> None:
        others = [one for one in cast("set[Patient]", self.connections) if one is not self and one.waits()]
        if not others:
            return
        (address, many), *_rest = Counter(one.address for one in others).most_common(1)
        min((one for one in others if one.address == address), key=lambda one: one.heard).hang_up()
        if self.heard > self.last_logged + _LOG_INTERVAL:
            type(self).last_logged = self.heard
            message = _("连接太多：{n} 个，其中 {many} 个来自 {address}。最久没有收发数据的先断开；一直这样，请在防火墙上限制这个地址。")
            log.warning("%s", message.format(n=len(self.connections), many=many, address=address))

    def relieve(self) -> None:
        """Close the connection with the largest unsent answer if more than `Limits.answers` bytes are unsent: otherwise one laptop could
        fill the memory. Called after each write; what the system took at once is not unsent."""
        if not self.left():
            return
        left = {one: one.left() for one in cast("set[Patient]", self.connections)}
        if sum(left.values()) > self.limits.answers:
            max(left, key=lambda one: (left[one], -one.heard)).hang_up()

    def hang_up(self) -> None:
        """Close the connection at once; unsent data are lost."""
        self.line.abort()
        self.connections.discard(self)

    def left(self) -> int:
        """Unsent bytes of an answer. TLS encrypts all of it at once, and then the bytes wait in the TCP transport."""
        return max(self.line.get_write_buffer_size(), self.transport.get_write_buffer_size())

    @property
    def address(self) -> str:
        """The client's address, "" if unknown."""
        peer = self.line.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    def waits(self) -> bool:
        """Whether the connection waits for the client: for a request, for the rest of one, or until the answer is read."""
        working = self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body
        return not working or self.line.get_write_buffer_size() > 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base has it
        """Start the timeout of the first head."""
        if self not in cast("set[Patient]", self.connections):  # no TLS
            self.enter(transport)
        self._together = Together(transport, self.loop, self.relieve)
        super().connection_made(self._together)  # type: ignore[arg-type]  # what is not its own is the transport's
        self._slow = self.loop.call_later(self.limits.silence, self._too_slow)
        self._taking = self.loop.call_later(self.limits.taking, self._see_taken, 0, 0)

    def data_received(self, data: bytes) -> None:
        """Stop the timeout when a head is complete, and start it when another one begins."""
        self.heard = time.monotonic()
        super().data_received(data)
        heading = self.cycle is None or self.cycle.response_complete
        if not heading and self._slow is not None:
            self._slow.cancel()
            self._slow = None
        elif heading and self._slow is None:
            self._slow = self.loop.call_later(self.limits.silence, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timeout."""
        for timer in (self._slow, self._taking):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def _see_taken(self, before: int, waiting: int) -> None:
        """Close the connection if of `waiting` unsent bytes, when `before` had been taken, too few were taken since."""
        left = self.left()
        taken = self._together.written - left
        if waiting and left and taken - before < min(waiting, self.limits.pace * self.limits.taking):
            self.hang_up()
        else:
            self._taking = self.loop.call_later(self.limits.taking, self._see_taken, taken, left)

    def _too_slow(self) -> None:
        self._slow = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


class Tls(asyncio.Protocol):
    """Counts a connection before the TLS handshake, makes the handshake, and hands the connection to `Patient`. A server that asyncio gives
    TLS to learns of a connection only after the handshake, so silent ones would go unseen."""

    def __init__(self, patient: Patient, tls: ssl.SSLContext) -> None:
        self._patient, self._tls = patient, tls
        self._early: list[bytes] = []
        """What came before `_shake_hands` went on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base has it
        """Count the connection and begin the handshake."""
        transport.pause_reading()  # until start_tls reads
        self._patient.enter(transport)
        self._handshake = self._patient.loop.create_task(self._shake_hands(transport))

    async def _shake_hands(self, line: asyncio.Transport) -> None:
        transport = None
        with suppress(OSError):  # as ssl.SSLError is, too
            if not line.is_closing():  # it may have given way to another that came in the same turn
                transport = await self._patient.loop.start_tls(line, self, self._tls, server_side=True)
        if transport is None or line.is_closing():
            self._patient.connections.discard(self._patient)
            return
        transport.set_protocol(self._patient)
        self._patient.connection_made(transport)
        if self._early:
            self._patient.data_received(b"".join(self._early))

    def data_received(self, data: bytes) -> None:
        """Keep what comes in the same turn as the end of the handshake."""
        self._early.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting the connection."""
        self._patient.connections.discard(self._patient)


class Config(uvicorn.Config):
    """uvicorn's configuration with `Tls` instead of its own TLS."""

    def load(self) -> None:
        """Load the settings and wrap the HTTP protocol in `Tls`."""
        super().load()
        tls, self.ssl = self.ssl, None
        if tls is not None:
            patient = cast("type[Patient]", self.http_protocol_class)
            self.http_protocol_class = cast("type[asyncio.Protocol]", lambda **given: Tls(patient(**given), tls))
