"""Framing of requests and answers of `POST /sync`, so that a message that breaks off is usable up to there.

First comes the head, the message without its bulky parts; then sealed batches and pieces of a snapshot one after the other. Each frame is
preceded by its length (four bytes, big-endian). The receiver of a partial message keeps the whole frames, and the bytes of the incomplete
one (`db.bundles`), which are not sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

import msgspec
from msgspec.structs import astuple, fields, replace

from sync.wire.columns import WireError
from sync.wire.messages import Answer, Entry, Request, read

_LENGTH = 4
LONG_HEAD = 64 * 1024
"""Longest head of a request, in bytes, that is decoded before authentication. Decoded it takes twenty times as much memory, so of a longer
one only the sender is read first."""
MAX_BODIES = 100_000
"""Largest number of batches or pieces in one message; none is so small that more would fit."""
_PLACEHOLDER = b""
"""Replaces bytes in a head that follow it in their own frame."""


_SENDER = msgspec.defstruct(
    "_Sender",
    [
        (f.name, msgspec.Raw if f.name in ("cursors", "batches") else f.type, *([] if f.required else [f.default]))
        for f in takewhile(lambda f: f.name != "holding", fields(Request))
    ],
    array_like=True,
)
"""The first fields of a `Request`, up to those that authenticate the sender."""


@dataclass(frozen=True)
class Beginning:
    """A partial answer: its complete frames in `answer`; `rest` is the beginning of the batch of entry `of`."""

    answer: Answer
    of: Entry | None = None
    rest: bytes = b""


def join_request(request: Request) -> bytes:
    """Return the bytes of a request."""
    return _join(replace(request, batches=[]), request.batches)


def read_request(data: bytes) -> Request:
    """Decode a request. Raises `WireError` unless it is complete."""
    request, rest = begun_request(data)
    if request is None or rest is not None:
        raise WireError("not a whole Request")
    return request


def begun_request(data: bytes) -> tuple[Request | None, bytes | None]:
    """Decode a partial request. Returns it with its complete batches (None without a complete head), and the beginning of the next batch
    (None where the data end with a complete frame)."""
    head, bodies, rest = _split(data)
    return (None if head is None else replace(read(Request, head), batches=bodies)), rest


def asker(data: bytes) -> Request | None:
    """Return the sender's fields as a `Request` if the head in `data` is longer than `LONG_HEAD`; None otherwise. Raises `WireError`."""
    size = int.from_bytes(data[:_LENGTH], "big")
    if not LONG_HEAD < size <= len(data) - _LENGTH:
        return None
    said = msgspec.structs.asdict(read(_SENDER, data[_LENGTH : _LENGTH + size]))
    return Request(**said | {"cursors": None, "batches": []})


def join_answer(answer: Answer) -> bytes:
    """Return the bytes of an answer."""
    entries = [e if e.batch is None else replace(e, batch=_PLACEHOLDER) for e in answer.entries]
    bodies = [e.batch for e in answer.entries if e.batch is not None]
    offer = answer.offer
    if offer is not None:
        bodies += offer.pieces
        offer = replace(offer, pieces=[_PLACEHOLDER] * len(offer.pieces))
    return _join(replace(answer, entries=entries, offer=offer), bodies)


def read_answer(data: bytes) -> Answer:
    """Decode an answer. Raises `WireError` unless it is complete."""
    head, bodies, rest = _split(data)
    if head is None or rest is not None:
        raise WireError("not a whole Answer")
    begun = _filled(read(Answer, head), bodies, rest)
    if begun.answer.more is None or len(bodies) != _following(read(Answer, head)):
        raise WireError("not a whole Answer")
    return begun.answer


def begun_answer(data: bytes) -> Beginning | None:
    """Decode a partial answer; None when not even its head is complete. Raises `WireError` for anything that is no answer."""
    head, bodies, rest = _split(data)
    return None if head is None else _filled(read(Answer, head), bodies, rest)


def _following(head: Answer) -> int:
    return sum(e.batch is not None for e in head.entries) + (len(head.offer.pieces) if head.offer else 0)


def _filled(head: Answer, bodies: list[bytes], rest: bytes | None) -> Beginning:
    """Return the answer with the bodies that arrived. Entries and pieces without theirs are left out, and `more` is set."""
    entries: list[Entry] = []
    left = iter(bodies)
    for e in head.entries:
        body = None if e.batch is None else next(left, _PLACEHOLDER)
        if body == _PLACEHOLDER:
            return Beginning(replace(head, entries=entries, offer=None, more=True), e, rest or b"")
        entries.append(replace(e, batch=body))
    if head.offer is None:
        return Beginning(replace(head, entries=entries))
    pieces = list(left)[: len(head.offer.pieces)]
    short = len(pieces) < len(head.offer.pieces)
    offer = replace(head.offer, pieces=pieces, own=[] if short else head.offer.own)
    return Beginning(replace(head, entries=entries, offer=offer if pieces or not short else None, more=head.more or short))


def _join(head: msgspec.Struct, bodies: Sequence[bytes]) -> bytes:
    return b"".join(part for item in (_short(head), *bodies) for part in (len(item).to_bytes(_LENGTH, "big"), item))


def _short(head: msgspec.Struct) -> bytes:
    """A message without the defaults it ends with: most of what can be said is rarely said."""
    values = list(astuple(head))
    for default in reversed(_defaults(type(head))):
        if values[-1] != default or default is msgspec.NODEFAULT:
            break
        values.pop()
    return msgspec.msgpack.encode(values)


@cache
def _defaults(of: type[msgspec.Struct]) -> list[Any]:
    made = (field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default for field in fields(of))
    return list(made)


def _split(data: bytes) -> tuple[bytes | None, list[bytes], bytes | None]:
    """Split into the head, complete bodies, and the beginning of an incomplete one (None: nothing is cut)."""
    items: list[bytes] = []
    place = 0
    rest: bytes | None = None
    while place < len(data):
        if len(items) > MAX_BODIES:
            raise WireError("too many items")
        start = place + _LENGTH
        end = start + int.from_bytes(data[place:start], "big")
        if start > len(data) or end > len(data):
            rest = data[start:]
            break
        items.append(data[start:end])
        place = end
    return (items[0], items[1:], rest) if items else (None, [], rest)
