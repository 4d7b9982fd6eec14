"""The protocol of a handover between village and township over a local network: the bundles of a stick, in frames over one connection.

    village                                                     township
                                                    Greeting    who it is, a nonce
    Hello       who it is, proof of the code, its key
                                                    Welcome     the bundles that wait for this station
    Fetch       the next part of one of those
                                                    Part
    Offer       hash and size of the upward bundle
                                                    Have        bytes received so far: continue from there
    Put         the next part
                                                    Have, and once it is complete and stored: Taken, the township's receipt

`Refused` may come instead of any answer. A frame is its length in four bytes and one message. Bundles are sealed and signed themselves
(`sync.wire.bundle`), so the connection is not trusted for content. Frames rather than HTTP: no browser can be tricked into sending them.
"""

from __future__ import annotations

import hmac
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias, TypeVar

import msgspec
from nacl.signing import SigningKey

from db.signatures import verify
from sync.wire.messages import MAX_MESSAGE, device_signed

PROTOCOL = 1
PORT = 47230
"""Default port of a township. If it is in use, the address on the township's screen names another."""
PART = 256 * 1024
"""Bytes of a bundle in one frame."""
MAX_BUNDLE = MAX_MESSAGE
"""Largest bundle accepted, in bytes: it must fit into a request to the county's server too."""
MAX_WAITING = 500
"""Most bundles named in a `Welcome`."""
_MAX_FRAME = PART + 4096
MAX_HELLO = 4096
"""Largest frame, in bytes, before the sender is authenticated."""
_CODE_DIGITS = 6
LOOK = 0.5
"""Seconds between checks whether waiting was cancelled."""


class Greeting(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The township's first message. `county`: its id, so that a laptop of another county hangs up before sending anything."""

    protocol: int
    county: str
    station: str
    scope: str
    nonce: bytes


class Hello(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The village's identification. `proof`: of the code; `certificate`: the county's signature of its key; `signature`: proof that it
    holds that key."""

    protocol: int
    county: str
    station: str
    scope: str
    key: bytes
    certificate: bytes
    proof: bytes
    signature: bytes


class WaitingBundle(msgspec.Struct, array_like=True, frozen=True):
    """A bundle that waits for the village's station: hash, and size in bytes."""

    sha256: bytes
    size: int


class Welcome(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The code and the key are valid; `waiting`: all bundles for this station."""

    waiting: list[WaitingBundle]


class Fetch(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Request of a part of a waiting bundle, from `offset` on."""

    sha256: bytes
    offset: int


class Part(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The answer to `Fetch`."""

    data: bytes


class Offer(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """A bundle to be carried to the county: hash, and size in bytes."""

    sha256: bytes
    size: int


class Have(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Number of bytes of the offered bundle received so far."""

    offset: int


class Put(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The next bytes of the offered bundle."""

    offset: int
    data: bytes


class Taken(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The offered bundle is stored; `receipt`: a bundle of that kind."""

    receipt: bytes


class Refused(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Nothing was done; `word`: the code of the reason (`sync.station.lan.handing_in`)."""

    word: str


Message: TypeAlias = Greeting | Hello | Welcome | Fetch | Part | Offer | Have | Put | Taken | Refused
_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_M = TypeVar("_M", bound=Message)


class HandoverError(Exception):
    """The other side hung up, was silent for too long, or violated the protocol."""


class FramedConnection:
    """A connection that carries frames. `silence`: seconds a whole frame may take to be received or sent. `waiting` is called every `LOOK`
    seconds while nothing arrives; an exception it raises ends the waiting."""

    def __init__(self, line: socket.socket, silence: float, waiting: Callable[[], None] = lambda: None) -> None:
        self._line, self.silence, self._waiting = line, silence, waiting
        with suppress(OSError):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, message: Message) -> None:
        """Send one message. Raises `HandoverError`."""
        content = msgspec.msgpack.encode(message)
        try:
            self._line.settimeout(self.silence)
            self._line.sendall(len(content).to_bytes(4, "big") + content)
        except OSError as error:
            raise HandoverError from error

    def hang_up(self) -> None:
        """Shut the connection down; may be called from another thread."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def receive(self, limit: int = _MAX_FRAME) -> Message:
        """Receive the next message, of `limit` bytes at most. Raises `HandoverError`."""
        until = monotonic() + self.silence
        size = int.from_bytes(self._bytes(4, until), "big")
        if size > limit:
            raise HandoverError
        content = self._bytes(size, until)
        try:
            return _DECODER.decode(content)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise HandoverError from None

    def _bytes(self, size: int, until: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            left = until - monotonic()
            if left <= 0:
                raise HandoverError
            try:
                self._line.settimeout(min(left, LOOK))
                part = self._line.recv(size - len(parts))
            except TimeoutError:
                self._waiting()
                continue
            except OSError as error:
                raise HandoverError from error
            if not part:
                raise HandoverError
            parts += part
        return bytes(parts)


# -- authentication ----------------------------------------------------------------------------------------------------


def hello(greeting: Greeting, station: str, scope: str, key: SigningKey, certificate: bytes, code: str) -> Hello:
    """Return a station's answer to a greeting."""
    public = bytes(key.verify_key)
    signature = key.sign(_said(greeting, station)).signature
    return Hello(PROTOCOL, greeting.county, station, scope, public, certificate, proof(code, greeting.nonce, station), signature)


def proof(code: str, nonce: bytes, station: str) -> bytes:
    """Return the proof that a station knows the code, valid for this connection only."""
    return hmac.digest(code.encode(), b"cunzhan handover code" + msgspec.msgpack.encode([nonce, station]), "sha256")


def knows_code(said: Hello, greeting: Greeting, code: str) -> bool:
    """Whether the sender knows the code."""
    return hmac.compare_digest(said.proof, proof(code, greeting.nonce, said.station))


def is_who_it_says(said: Hello, greeting: Greeting, county_key: bytes) -> bool:
    """Whether the county signed the station's key, and that key signed this greeting."""
    known = device_signed(county_key, said.station, said.scope, said.key, said.certificate)
    return known and verify(said.key, _said(greeting, said.station), said.signature)


def _said(greeting: Greeting, station: str) -> bytes:
    return b"cunzhan handover" + msgspec.msgpack.encode([greeting.county, greeting.station, greeting.nonce, station])


def plain_code(text: str) -> str:
    """Return the digits of a code as somebody typed it, without spaces or dashes; "" when it is no code."""
    digits = "".join(str(int(char)) for char in text if char.isdecimal())  # also full-width digits of a Chinese keyboard
    return digits if len(digits) == _CODE_DIGITS else ""


QUESTION = 64
"""Bytes of a question."""
LONGEST = 128
"""Bytes read of any datagram: more than either has."""
NONCE, OPENING = 16, 8
_ASKS, _ANSWERS = b"czwhere1", b"czhere_1"
_SCOPE = re.compile(rb"\d{6}(\d{3})?")


@dataclass(frozen=True)
class Answer:
    """`opening`: the same in all answers of one receiver, which may have several addresses; `scope`: of a township or county."""

    opening: bytes
    port: int
    scope: str


def question(nonce: bytes) -> bytes:
    """The datagram that asks for receivers."""
    return (_ASKS + nonce).ljust(QUESTION, b"\0")


def asked(datagram: bytes) -> bytes | None:
    """The nonce of a question, or None for any other datagram."""
    nonce = datagram[len(_ASKS) : len(_ASKS) + NONCE]
    return nonce if len(datagram) == QUESTION and datagram == question(nonce) else None


def answer(nonce: bytes, found: Answer) -> bytes:
    """The datagram that answers the question with this nonce."""
    return _ANSWERS + nonce + found.opening + found.port.to_bytes(2, "big") + found.scope.encode()


def answered(datagram: bytes, nonce: bytes) -> Answer | None:
    """The answer to the question with this nonce, or None for any other datagram."""
    head = _ANSWERS + nonce
    opening, port, scope = (datagram[len(head) :][part] for part in (slice(OPENING), slice(OPENING, OPENING + 2), slice(OPENING + 2, None)))
    if not datagram.startswith(head) or not _SCOPE.fullmatch(scope) or not any(port):
        return None
    return Answer(opening, int.from_bytes(port, "big"), scope.decode())
