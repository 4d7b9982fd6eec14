"""Resumption of broken transfers at the county: keeps beginnings of batches, and leaves received bytes out of answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from db.bundles import keep_part, kept_part
from db.session import Session
from domain.grouping import by_size
from sync.county.lineage import last_batch
from sync.wire.envelope import author
from sync.wire.messages import Answer, Request

TOGETHER = 256 * 1024
"""Bytes of batches in one transaction. Other writers wait for it, and all of it is rolled back if one batch raises an error."""


def completed(session: Session, request: Request, batches: Sequence[bytes] | None = None) -> list[bytes]:
    """Return the batches of a request, the first one completed by the beginning received earlier; none if that is not here (any more)."""
    brought = list(request.batches if batches is None else batches)
    if request.asks or not brought:
        return []
    if not request.skip:
        return brought
    begun = arrived(session, request)
    return [begun[: request.skip] + brought[0], *brought[1:]] if len(begun) >= request.skip > 0 else []


def arrived(session: Session, request: Request) -> bytes:
    """Return the received beginning of the station's next batch."""
    return kept_part(session, author(request.station, request.incarnation), _next(session, request))


def still(session: Session, request: Request) -> int:
    """Return how many bytes of the next batch are here, for a station that asked or resumed. The beginning of an earlier batch is
    deleted."""
    if not (request.asks or request.skip):
        return 0
    here = arrived(session, request)
    if not here:
        forget(session, request)
    return len(here)


def keep(session: Session, request: Request, body: bytes) -> None:
    """Store the beginning of the station's next batch."""
    keep_part(session, author(request.station, request.incarnation), _next(session, request), body)


def _next(session: Session, request: Request) -> int:
    last = last_batch(session, request.station, request.incarnation)
    return int(last.number) + 1 if last else 1


def forget(session: Session, request: Request) -> None:
    """Delete a beginning that did not become a batch."""
    keep_part(session, author(request.station, request.incarnation), 0, b"")


def resumed(request: Request, answer: Answer) -> Answer:
    """Return the answer without the bytes of its first batch that the station has."""
    if request.resume is None or not answer.entries:
        return answer
    first, (*place, here) = answer.entries[0], request.resume
    if [first.scope, first.seq] != place or first.batch is None or not 0 < here < len(first.batch):
        return answer
    return replace(answer, entries=[replace(first, batch=first.batch[here:]), *answer.entries[1:]], skip=here)


def together(batches: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Yield groups of batches, one transaction each: a disk flush takes longer than ingesting a small batch."""
    return by_size(batches, len, TOGETHER)
