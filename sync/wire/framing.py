"""Requests and answers of `POST /sync` as bytes that are worth something when only their beginning arrives.

First the head: the message without what is bulky in it; then sealed batches (and pieces of a snapshot) one after the other. Each
is preceded by its length (four bytes, big-endian). Whoever is left with a beginning keeps what is whole, and the bytes of what is
not (`db.parts`): it is never sent again.
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
LONG = 64 * 1024
"""Longest head of a request, in bytes, that is read from anybody. It takes twenty times as much memory, so of a longer one only who
asks is read first."""
MOST = 100_000
"""Batches or pieces in one message; none is so small that more would fit."""
_FOLLOWS = b""
"""Stands in a head for bytes that follow it."""


_ASKER = msgspec.defstruct(
    "_Asker",
    [
        (f.name, msgspec.Raw if f.name in ("cursors", "batches") else f.type, *([] if f.required else [f.default]))
        for f in takewhile(lambda f: f.name != "holding", fields(Request))
    ],
    array_like=True,
)
"""The first fields of a `Request`, up to those that prove who asks."""


@dataclass(frozen=True)
class Beginning:
    """What arrived of an answer: all that is whole, and of which entry `rest` is the beginning."""

    answer: Answer
    of: Entry | None = None
    rest: bytes = b""


def join_request(request: Request) -> bytes:
    """The bytes of a request."""
    return _join(replace(request, batches=[]), request.batches)


def read_request(data: bytes) -> Request:
    """The request in `data`; raises `WireError` unless it is whole."""
    request, rest = begun_request(data)
    if request is None or rest is not None:
        raise WireError("not a whole Request")
    return request


def begun_request(data: bytes) -> tuple[Request | None, bytes | None]:
    """What is whole of a request, and the beginning of its last batch: None where it ends with a whole one."""
    head, bodies, rest = _split(data)
    return (None if head is None else replace(read(Request, head), batches=bodies)), rest


def asker(data: bytes) -> Request | None:
    """Who asks, as a `Request` with nothing else in it, if the head in `data` is longer than `LONG`; None otherwise. Raises `WireError`."""
    size = int.from_bytes(data[:_LENGTH], "big")
    if not LONG < size <= len(data) - _LENGTH:
        return None
    said = msgspec.structs.asdict(read(_ASKER, data[_LENGTH : _LENGTH + size]))
    return Request(**said | {"cursors": None, "batches": []})


def join_answer(answer: Answer) -> bytes:
    """The bytes of an answer."""
    entries = [e if e.batch is None else replace(e, batch=_FOLLOWS) for e in answer.entries]
    bodies = [e.batch for e in answer.entries if e.batch is not None]
    offer = answer.offer
    if offer is not None:
        bodies += offer.pieces
        offer = replace(offer, pieces=[_FOLLOWS] * len(offer.pieces))
    return _join(replace(answer, entries=entries, offer=offer), bodies)


def read_answer(data: bytes) -> Answer:
    """The answer in `data`; raises `WireError` unless it is whole."""
    head, bodies, rest = _split(data)
    if head is None or rest is not None:
        raise WireError("not a whole Answer")
    begun = _filled(read(Answer, head), bodies, rest)
    if begun.answer.more is None or len(bodies) != _following(read(Answer, head)):
        raise WireError("not a whole Answer")
    return begun.answer


def begun_answer(data: bytes) -> Beginning | None:
    """What is whole of an answer that broke off; None when not even its head is. Raises `WireError` for what is no answer."""
    head, bodies, rest = _split(data)
    return None if head is None else _filled(read(Answer, head), bodies, rest)


def _following(head: Answer) -> int:
    return sum(e.batch is not None for e in head.entries) + (len(head.offer.pieces) if head.offer else 0)


def _filled(head: Answer, bodies: list[bytes], rest: bytes | None) -> Beginning:
    """The answer with the bodies that came; entries and pieces whose body did not come are left out, and `more` is said to be there."""
    entries: list[Entry] = []
    left = iter(bodies)
    for e in head.entries:
        body = None if e.batch is None else next(left, _FOLLOWS)
        if body == _FOLLOWS:
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
    """The head, whole bodies, and the beginning of one that is not whole (None: nothing is cut)."""
    items: list[bytes] = []
    place = 0
    rest: bytes | None = None
    while place < len(data):
        if len(items) > MOST:
            raise WireError("too many items")
        start = place + _LENGTH
        end = start + int.from_bytes(data[place:start], "big")
        if start > len(data) or end > len(data):
            rest = data[start:]
            break
        items.append(data[start:end])
        place = end
    return (items[0], items[1:], rest) if items else (None, [], rest)
