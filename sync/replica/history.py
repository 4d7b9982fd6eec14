"""Hash chains over the logs, which show whether what a station has read is a prefix of the county's log.

Every entry carries a chain hash over all entries before it. Two logs with the same chain at a position are the same up to there. A county
that was restored from a backup is therefore always detected, by whichever side compares first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

import msgspec
from nacl.signing import SigningKey
from sqlalchemy import and_, bindparam, func, or_, select

from db.exchange import arrival, cursor, entry, scope_head
from db.mapping import TEXT
from db.prepared import Prepared
from db.session import Session
from db.signatures import verify
from db.snapshots import snapshot
from sync.replica.pieces import open_manifest
from sync.wire.messages import TIP, Request, heads_digest, reads

Mark = tuple[int, bytes]
"""A position in a log and its chain."""
_DENSE_MARKS = 4096
_CHAIN = Prepared(select(entry.c.chain).where(entry.c.scope == bindparam("of"), entry.c.seq == bindparam("at")))
_INSTALLED = Prepared(
    select(snapshot.c.manifest).where(snapshot.c.scope == bindparam("of"), snapshot.c.seq == bindparam("at"), snapshot.c.installed == 1)
)
_READER = bindparam("reader", type_=TEXT)
READABLE = or_(
    func.substr(_READER, 1, func.length(scope_head.c.scope)) == scope_head.c.scope,
    func.substr(scope_head.c.scope, 1, func.length(_READER)) == _READER,
)
"""Condition: a log that a station of the scope `reader` reads (`messages.reads`)."""
_HEADS = Prepared(
    select(scope_head.c.scope, scope_head.c.seq, entry.c.chain)
    .outerjoin(entry, and_(entry.c.scope == scope_head.c.scope, entry.c.seq == scope_head.c.seq))
    .where(READABLE)
)


_CURSORS = Prepared(
    select(cursor.c.scope, cursor.c.seq, entry.c.chain).outerjoin(entry, and_(entry.c.scope == cursor.c.scope, entry.c.seq == cursor.c.seq))
)


def link(before: bytes | None, signature: bytes) -> bytes | None:
    """Return the chain at an entry with this signature, given the chain `before` it; None if that is unknown."""
    return None if before is None else sha256(b"cunzhan log" + before + signature).digest()[:16]


def chain_at(session: Session, scope: str, seq: int) -> bytes | None:
    """Return the chain of a log at a position, from its entry or an installed snapshot; None when it is not known here."""
    if seq == 0:
        return b""
    place = {"of": scope, "at": seq}
    found = _CHAIN.value(session.conn, **place)
    if found is not None:
        return bytes(found)
    manifest = _INSTALLED.value(session.conn, **place)
    return None if manifest is None else open_manifest(bytes(manifest)).chain or None


def tips(session: Session, heads: Mapping[str, int]) -> dict[str, bytes]:
    """Return the chains at these positions, shortened for the wire; empty where unknown."""
    return {scope: (chain_at(session, scope, seq) or b"")[:TIP] for scope, seq in heads.items()}


def cursors_with_tips(session: Session) -> tuple[dict[str, int], dict[str, bytes]]:
    """Return the cursors of all logs, and the chains there, shortened for the wire. Station side."""
    found = _CURSORS.all(session.conn)
    seqs = {scope: seq for scope, seq, _chain in found}
    return seqs, {scope: bytes(chain or chain_at(session, scope, seq) or b"")[:TIP] for scope, seq, chain in found}


def heads(session: Session, reader: str = "") -> dict[str, tuple[int, bytes]]:
    """Return the last position of every log that a station of the scope `reader` reads, and the chain there, shortened for the wire. County
    side."""
    found = _HEADS.all(session.conn, reader=reader)
    return {scope: (seq, bytes(chain or b"")[:TIP]) for scope, seq, chain in found}


def ends(session: Session, reader: str) -> tuple[dict[str, int], bytes]:
    """Return the last position of every log that a station of the scope `reader` reads, and the digest of a station that has read all of
    them. County side."""
    found = heads(session, reader)
    positions = {scope: seq for scope, (seq, _tip) in found.items()}
    return positions, heads_digest(positions, {scope: tip for scope, (_seq, tip) in found.items()})


def parted(session: Session, request: Request, reader: str) -> dict[str, list[Mark]]:
    """Return the logs in which the station has read entries that are not here, each with marks to find the last common position.

    Only logs that a station of the scope `reader` reads. County side.
    """
    found = heads(session, reader)
    cursors = sorted((request.cursors or {}).items())
    given = request.tips if len(request.tips) == len(cursors) else [b""] * len(cursors)
    marks = {}
    for (scope, seq), tip in zip(cursors, given, strict=True):
        if not reads(reader, scope):
            continue
        head = found.get(scope, (0, b""))[0]
        here = chain_at(session, scope, seq) if 0 < seq <= head and tip else None
        if seq > head or (here is not None and here[:TIP] != tip):
            marks[scope] = _marks(session, scope, min(seq, head))
    return marks


def _marks(session: Session, scope: str, seq: int) -> list[Mark]:
    """Chains of the last `_DENSE_MARKS` entries up to `seq`, before that at exponentially growing distances; the latest first."""
    far = [seq - 2**n for n in range(63) if seq - 2**n > 0]
    near = (entry.c.seq > seq - _DENSE_MARKS) & (entry.c.seq <= seq)
    query = select(entry.c.seq, entry.c.chain).where(entry.c.scope == scope, near | entry.c.seq.in_(far))
    return [(row.seq, bytes(row.chain)) for row in session.conn.execute(query.order_by(entry.c.seq.desc())) if row.chain]


def common(session: Session, marks: Mapping[str, Iterable[Mark]]) -> dict[str, int]:
    """Return for each log the last position up to which both sides are known to be equal. Station side."""
    return {
        scope: max((seq for seq, chain in places if chain_at(session, scope, seq) == chain), default=0) for scope, places in marks.items()
    }


_BEFORE = Prepared(select(arrival.c.signature).where(arrival.c.scope == bindparam("of"), arrival.c.seq == bindparam("at")))
_ARRIVED = Prepared(arrival.insert())


def sign_arrival(session: Session, key: SigningKey, scope: str, seq: int, sha: bytes) -> None:
    """Sign that an entry, just appended, came at the session's time."""
    before = _BEFORE.value(session.conn, of=scope, at=seq - 1)
    message = _message(scope, seq, sha, session.at, bytes(before or b""))
    _ARRIVED.run(session.conn, scope=scope, seq=seq, signature=key.sign(message).signature)


class Times:
    """Verifies the times of entries, given in the order of the log."""

    def __init__(self, session: Session, key: bytes) -> None:
        self._key = key
        rows = session.conn.execute(select(arrival))
        self._signatures = {(row.scope, row.seq): bytes(row.signature) for row in rows}
        self.unsigned = 0
        """Number of entries without a signature: the county took them in with an earlier release."""

    def verified(self, scope: str, seq: int, sha: bytes, at: str) -> bool:
        """Whether an entry has the time at which it came. One without a signature may only precede those with one."""
        before, mine = self._signatures.get((scope, seq - 1), b""), self._signatures.get((scope, seq))
        if mine is None:
            self.unsigned += 1
            return not before
        return verify(self._key, _message(scope, seq, sha, at, before), mine)

    def beyond(self, heads: Mapping[str, int]) -> str | None:
        """A signed time of an entry that is not in the log any more, as `scope/seq`; None if there is none."""
        return next((f"{scope}/{seq}" for scope, seq in sorted(self._signatures) if seq > heads.get(scope, 0)), None)


def _message(scope: str, seq: int, sha: bytes, at: str, before: bytes) -> bytes:
    return b"cunzhan arrival" + msgspec.msgpack.encode([scope, seq, sha, at, before])
