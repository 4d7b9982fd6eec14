"""Sealing of changes into batches of bounded size, each chained to its author's last one; for stations and the county."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.replica.identity import Identity
from sync.wire import envelope
from sync.wire.columns import Change, Group, TooLarge, between, grouped
from sync.wire.envelope import Header

WHOLE = 500
"""An act of at most this many changes is never split over batches."""
BULK = 2000
"""Changes in one batch of a larger act."""


def sealed_parts(
    me: Identity, scope: str, known: int, changes: Sequence[Change] | list[Group], more: Mapping[str, Any] | None = None
) -> Iterator[tuple[bytes, list[Group]]]:
    """Yield the sealed bytes of a batch with its groups, or of its halves if it would be too large. Advances the head of the chain in
    `me`. `more`: further fields of the header."""
    groups = [item for item in changes if isinstance(item, Group)] or grouped([c for c in changes if isinstance(c, Change)])
    head = Header(
        format=envelope.FORMAT,
        schema=envelope.SCHEMA,
        county=me.county,
        station=me.station,
        incarnation=me.incarnation,
        number=me.number + 1,
        previous=me.sha256,
        scope=scope,
        known=known,
        count=0,
        users=[],
        **(more or {}),
    )
    try:
        sealed = envelope.seal(head, groups, me.signing)
    except TooLarge:
        count = sum(len(group.places) for group in groups)
        for start, end in ((0, count // 2), (count // 2, count)):
            yield from sealed_parts(me, scope, known, between(groups, start, end), more)
        return
    me.number += 1
    me.sha256 = envelope.digest(sealed)
    yield sealed, groups
