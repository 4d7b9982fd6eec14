"""Reading requests from whoever connects: bounded in length, in time and in what is held at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.limits import Limits
from sync.wire import messages as wire


class Unread(Exception):
    """A request that was not read to its end; `status` is the answer, `came` what arrived before the line broke."""

    def __init__(self, status: int, came: bytes = b"") -> None:
        super().__init__(str(status))
        self.status = status
        self.came = came


class Reading:
    """Bodies of one server process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.held = 0
        """Bytes of bodies in memory now."""

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """The body, counted for as long as the block lasts. Raises `Unread`: too long, too slow, given up, or too much at once."""
        if _announced(request) > wire.MAX_MESSAGE:
            raise Unread(413)
        parts: list[bytes] = []
        size = 0
        try:
            with anyio.fail_after(self._limits.whole), anyio.fail_after(self._limits.silence) as clock:
                async for part in request.stream():
                    clock.deadline = anyio.current_time() + self._limits.silence
                    parts.append(part)
                    size += len(part)
                    self.held += len(part)
                    if size > wire.MAX_MESSAGE:
                        raise Unread(413)
                    if self.held > self._limits.bodies:
                        raise Unread(503)
            yield b"".join(parts)
        except TimeoutError:
            raise Unread(408, b"".join(parts)) from None
        except ClientDisconnect:
            raise Unread(400, b"".join(parts)) from None
        finally:
            self.held -= size


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


class Together:
    """A transport on which what is written in one turn of the loop leaves at once: head and body of an answer in one packet,
    so that the asker wakes up once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Let data leave with what else is written in this turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Let what was written leave, then hang up."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts:
            self._transport.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Patient(H11Protocol):
    """uvicorn's HTTP protocol, which also hangs up on whoever is too slow with the head of a request (it minds only idle connections)."""

    silence = Limits().silence
    _slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base has it
        """Start the clock of the first head."""
        super().connection_made(Together(transport, self.loop))  # type: ignore[arg-type]  # what is not its own is the transport's
        self._slow = self.loop.call_later(self.silence, self._hang_up)

    def data_received(self, data: bytes) -> None:
        """Stop the clock when a head is whole, start it when another one begins."""
        super().data_received(data)
        heading = self.cycle is None or self.cycle.response_complete
        if not heading and self._slow is not None:
            self._slow.cancel()
            self._slow = None
        elif heading and self._slow is None:
            self._slow = self.loop.call_later(self.silence, self._hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        if self._slow is not None:
            self._slow.cancel()
        super().connection_lost(exc)

    def _hang_up(self) -> None:
        self._slow = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
