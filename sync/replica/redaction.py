"""Removes personal values from sealed batches. Chain and author's signature stay verifiable, because the original hashes are kept.

The county signs the remaining changes rather than bytes, so that a program which packs columns differently can verify the same note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
from nacl.signing import SigningKey

from db.signatures import verify
from domain.values import Stored
from sync.replica.rows import Key
from sync.wire.columns import Group, WireError
from sync.wire.envelope import Batch, digest, rewrite

Blanks = Mapping[Key, Mapping[int, Stored]]
"""Replacement values of some rows, by field number."""


def blanks_of(groups: Sequence[Group]) -> dict[Key, dict[int, Stored]]:
    """Return the replacement values that the edits of an erasing batch contain."""
    return {
        (change.kind, change.row_id): dict(change.values) for group in groups for _place, change in group.changes() if change.what == "U"
    }


def redacted(batch: Batch, blanks: Blanks, at: str, reason: str) -> Batch | None:
    """Return `batch` with values replaced by `blanks`, not signed yet; None if it has none of these values. Raises `WireError`."""
    groups = [_without(group, blanks) for group in batch.groups]
    if all(new is old for new, old in zip(groups, batch.groups, strict=True)):
        return None
    return rewrite(batch, groups, at, reason)


def _without(group: Group, blanks: Blanks) -> Group:
    values = [list(column) for column in group.values]
    for n, row_id in enumerate(group.row_ids):
        mine = blanks.get((group.kind, row_id))
        for number, column in zip(group.fields, values, strict=True) if mine else ():
            if mine and number in mine and column[n] is not None:
                column[n] = mine[number]
    return group if values == group.values else replace(group, values=values)


def sign_note(batch: Batch, key: SigningKey) -> bytes:
    """The county's signature of the note of a batch."""
    return key.sign(_message(batch)).signature


def note_signed(batch: Batch, key: bytes) -> bool:
    """Whether a batch is unredacted, or the county signed its redaction. Never raises `WireError`."""
    try:
        return batch.note is None or verify(key, _message(batch), batch.note.signature)
    except WireError:
        return False


def _message(batch: Batch) -> bytes:
    note = batch.note
    assert note is not None
    head = batch.header
    named = [head.station, head.incarnation, head.number, note.of, note.body, note.at, note.reason]
    left = [[c.kind, c.row_id, c.what, c.by, c.at, c.salt, c.seq, c.conflict, sorted(c.values.items())] for c in batch.changes()]
    return b"cunzhan erasure" + digest(msgspec.msgpack.encode([named, left]))
