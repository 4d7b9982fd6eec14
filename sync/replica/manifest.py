"""The manifest of a snapshot, signed by the county: scope, position in the log, hashes of the pieces."""

from __future__ import annotations

from hashlib import sha256

import msgspec
from sqlalchemy import delete

from db.session import Session
from db.signatures import verify
from db.snapshots import snapshot, snapshot_piece
from sync.wire.columns import WireError

FORMAT = 1


class Manifest(msgspec.Struct, array_like=True, frozen=True):
    """The scope and position (`seq`) of a snapshot, and its pieces in order: kind and SHA-256."""

    format: int
    schema: int
    county: str
    scope: str
    seq: int
    pieces: list[tuple[int, bytes]]
    chain: bytes = b""
    """The chain of the log at `seq` (`sync.replica.history`)."""

    def wanted(self, kinds: list[int]) -> list[int]:
        """Return the indexes of the pieces of some kinds; of all when none is named."""
        return [n for n, (kind, _sha) in enumerate(self.pieces) if not kinds or kind in kinds]


_MANIFEST = msgspec.msgpack.Decoder(Manifest)


def open_manifest(data: bytes) -> Manifest:
    """Decode a manifest. Raises `WireError` for anything else."""
    try:
        found = _MANIFEST.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WireError(f"not a manifest: {type(error).__name__}") from None
    if found.format != FORMAT or found.seq < 1:
        raise WireError("format of a manifest")
    return found


def signed(key: bytes, manifest: bytes, signature: bytes) -> bool:
    """Whether the county signed a manifest."""
    return verify(key, message(manifest), signature)


def message(manifest: bytes) -> bytes:
    """The bytes that the county signs for a manifest."""
    return b"cunzhan snapshot" + sha256(manifest).digest()


def forget(session: Session, scope: str) -> None:
    """Delete the stored snapshot of a scope, so that the next one is made from the tables afresh."""
    session.conn.execute(delete(snapshot).where(snapshot.c.scope == scope))
    session.conn.execute(delete(snapshot_piece).where(snapshot_piece.c.scope == scope))
