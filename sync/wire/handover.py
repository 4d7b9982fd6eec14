"""What a village's laptop and its township's say to each other over a local network: bundles as on a stick, in frames over one connection.

    village                                                     township
                                                    Greeting    who it is, a nonce
    Hello       who it is, that it was told the code, its key
                                                    Welcome     what waits for this station
    Fetch       the next part of one of those
                                                    Part
    Offer       hash and size of the upward bundle
                                                    Have        so much of it is here: go on from there
    Put         the next part
                                                    Have, and once it is whole and kept: Taken, the township's receipt

`Refused` may come instead of any answer. A frame is its length in four bytes and one message. What is carried is sealed and signed by
itself (`sync.wire.bundle`): nothing here is trusted for content. Frames rather than HTTP: no browser can be led to speak them.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import TypeAlias, TypeVar

import msgspec
from nacl.signing import SigningKey

from db.signatures import verify
from sync.wire.messages import MAX_MESSAGE, device_signed

PROTOCOL = 1
PORT = 47230
"""Where a township listens unless something else does already: then the address on its screen names another."""
PART = 256 * 1024
"""Bytes of a bundle in one frame."""
MAX_BUNDLE = MAX_MESSAGE
"""No larger bundle is taken: it must go through a request to the county's server too."""
MAX_WAITING = 500
"""Bundles that wait for one station, named in a `Welcome`."""
_MAX_FRAME = PART + 4096
MAX_HELLO = 4096
"""Bytes of a frame before it is known who speaks."""
_CODE_DIGITS = 6
LOOK = 0.5
"""Seconds between looks whether whoever waits still wants to."""


class Greeting(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The township's first word. `county`: its id, so that a laptop of another county goes away before it says anything."""

    protocol: int
    county: str
    station: str
    scope: str
    nonce: bytes


class Hello(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Who asks. `proof`: that it knows the code; `certificate`: the county's word for its key; `signature`: that it holds that key."""

    protocol: int
    county: str
    station: str
    scope: str
    key: bytes
    certificate: bytes
    proof: bytes
    signature: bytes


class Waiting(msgspec.Struct, array_like=True, frozen=True):
    """A bundle for the station that asks."""

    sha256: bytes
    size: int


class Welcome(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The code and the key are right; `waiting` is all there is for this station."""

    waiting: list[Waiting]


class Fetch(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """A part of what waits, from `offset` on."""

    sha256: bytes
    offset: int


class Part(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The answer to `Fetch`."""

    data: bytes


class Offer(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """A bundle to be carried on."""

    sha256: bytes
    size: int


class Have(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """So many bytes of the offered bundle are here."""

    offset: int


class Put(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The next bytes of the offered bundle."""

    offset: int
    data: bytes


class Taken(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The offered bundle is kept; `receipt` is a bundle of that kind."""

    receipt: bytes


class Refused(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Nothing was done; `word` says why (`sync.station.handing_in`)."""

    word: str


Message: TypeAlias = Greeting | Hello | Welcome | Fetch | Part | Offer | Have | Put | Taken | Refused
_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_M = TypeVar("_M", bound=Message)


class HandoverError(Exception):
    """The other side hung up, was silent for too long, or said what nobody may say."""


class Line:
    """A connection that carries frames. `silence`: seconds a whole frame may take to come or to leave. `waiting` is called now and then
    while nothing comes; what it raises ends the waiting."""

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
        """End the conversation, from another thread."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def receive(self, limit: int = _MAX_FRAME) -> Message:
        """The next message, of `limit` bytes at most. Raises `HandoverError`."""
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


# -- who speaks --------------------------------------------------------------------------------------------------------


def hello(greeting: Greeting, station: str, scope: str, key: SigningKey, certificate: bytes, code: str) -> Hello:
    """What a station answers to a greeting."""
    public = bytes(key.verify_key)
    signature = key.sign(_said(greeting, station)).signature
    return Hello(PROTOCOL, greeting.county, station, scope, public, certificate, proof(code, greeting.nonce, station), signature)


def proof(code: str, nonce: bytes, station: str) -> bytes:
    """That a station knows the code, for this connection only."""
    return hmac.digest(code.encode(), b"cunzhan handover code" + msgspec.msgpack.encode([nonce, station]), "sha256")


def knows_code(said: Hello, greeting: Greeting, code: str) -> bool:
    """Whether whoever said that was told the code."""
    return hmac.compare_digest(said.proof, proof(code, greeting.nonce, said.station))


def is_who_it_says(said: Hello, greeting: Greeting, county_key: bytes) -> bool:
    """Whether the county vouches for the station's key, and it was used for this very greeting."""
    known = device_signed(county_key, said.station, said.scope, said.key, said.certificate)
    return known and verify(said.key, _said(greeting, said.station), said.signature)


def _said(greeting: Greeting, station: str) -> bytes:
    return b"cunzhan handover" + msgspec.msgpack.encode([greeting.county, greeting.station, greeting.nonce, station])


def plain_code(text: str) -> str:
    """A code as somebody typed it, without spaces or dashes; empty when it cannot be one."""
    digits = "".join(str(int(char)) for char in text if char.isdecimal())  # also the wide digits of a Chinese keyboard
    return digits if len(digits) == _CODE_DIGITS else ""
