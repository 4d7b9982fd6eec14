"""Sends a short hash instead of a request that the county can predict: most exchanges find nothing new and repeat the last request with a
new token.

The token is part of the hashed bytes: only somebody who could have sent the whole request can send its hash. Both sides keep the hashes in
memory only. When the county does not know a hash, for example after a restart, the whole request follows in the same exchange.
"""

from __future__ import annotations

from hashlib import sha256
from threading import Lock
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from db.store import Store
from sync.wire.framing import join_request, read_answer
from sync.wire.link import Link
from sync.wire.messages import Answer, Request

MAX_REMEMBERED = 5000
"""Requests remembered at the county; the oldest are dropped."""
MAX_REQUEST = 4096
"""Longest request that is remembered, in bytes."""

_last: WeakKeyDictionary[Store, bytes] = WeakKeyDictionary()
"""The hash each store may send instead of its next request."""


class Remembered:
    """The predicted next requests of stations, by hash. County side; worker threads share it."""

    def __init__(self) -> None:
        self._requests: dict[bytes, Request] = {}
        self._lock = Lock()

    def keep(self, request: Request, answer: Answer) -> None:
        """Remember the request that the station will send next if nothing changes by then."""
        words = _next(request, answer)
        if words is None or len(join_request(words)) > MAX_REQUEST:
            return
        with self._lock:
            self._requests[_hash(words)] = words
            while len(self._requests) > MAX_REMEMBERED:
                del self._requests[next(iter(self._requests))]

    def get(self, said: bytes) -> Request | None:
        """The request with this hash."""
        return self._requests.get(said)


def send_request(store: Store, link: Link, request: Request) -> Answer:
    """Send a request, by its hash where the county knows it. Returns the answer. Raises as `Link.post` does, and `WireError`."""
    said = _hash(request)
    came = link.post("/again", said, named=False) if _last.get(store) == said else b""  # an older county knows no such path
    answer = read_answer(came or link.post("/sync", join_request(request)))
    words = _next(request, answer)
    if words is not None:
        _last[store] = _hash(words)
    return answer


def _next(request: Request, answer: Answer) -> Request | None:
    """The next request if nothing changes until then; None if either side had something new."""
    if answer.status != "ok" or request.batches or answer.entries or answer.more or answer.offer or answer.differing:
        return None
    return replace(request, token=answer.token or request.token)


def _hash(request: Request) -> bytes:
    return sha256(b"cunzhan again" + join_request(request)).digest()[:12]
