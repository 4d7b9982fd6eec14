"""Sends the hash of a request that the other side knows already: most exchanges find nothing new and differ from the last one only in the
token.

The token is part of what is hashed: whoever can send the hash could have sent the whole request. Both sides remember in memory only. A
county that does not know the hash, after a restart say, is sent the whole request in the same exchange.
"""

from __future__ import annotations

from hashlib import sha256
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from db.store import Store
from sync.wire.framing import join_request, read_answer
from sync.wire.link import Link
from sync.wire.messages import Answer, Request

MANY = 5000
"""Requests remembered at the county; the oldest are forgotten."""
LONGEST = 4096
"""Longest request that is remembered, in bytes."""

_last: WeakKeyDictionary[Store, bytes] = WeakKeyDictionary()
"""The hash each store may send instead of its next request."""


class Remembered:
    """The next requests of stations that have nothing new, by their hashes. County side."""

    def __init__(self) -> None:
        self._requests: dict[bytes, Request] = {}

    def keep(self, request: Request, answer: Answer) -> None:
        """Remember the request that a station will send next if it has nothing new by then."""
        words = _next(request, answer)
        if words is None or len(join_request(words)) > LONGEST:
            return
        self._requests[_hash(words)] = words
        while len(self._requests) > MANY:
            self._requests.pop(next(iter(self._requests), b""), None)

    def get(self, said: bytes) -> Request | None:
        """The request with this hash."""
        return self._requests.get(said)


def say(store: Store, link: Link, request: Request) -> Answer:
    """The county's answer to a request. Raises as `Link.post` does, and `WireError`."""
    said = _hash(request)
    came = link.post("/again", said, named=False) if _last.get(store) == said else b""  # an older county knows no such path
    answer = read_answer(came or link.post("/sync", join_request(request)))
    words = _next(request, answer)
    if words is not None:
        _last[store] = _hash(words)
    return answer


def _next(request: Request, answer: Answer) -> Request | None:
    """The next request if nothing happens until then; None if the answer brought something."""
    if answer.status != "ok" or request.batches or answer.entries or answer.more or answer.offer or answer.differing:
        return None
    return replace(request, token=answer.token or request.token)


def _hash(request: Request) -> bytes:
    return sha256(b"cunzhan again" + join_request(request)).digest()[:12]
