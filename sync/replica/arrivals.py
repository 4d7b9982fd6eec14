"""The county's signatures of the times at which it took entries in, kept there beside the log.

An entry's own signature travels to stations of every release and covers no time. Each of these covers the one before it in the same log, so
that none can be taken out of the middle.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from nacl.signing import SigningKey
from sqlalchemy import bindparam, select

from db.exchange import arrival
from db.prepared import Prepared
from db.session import Session
from db.signatures import verify

_BEFORE = Prepared(select(arrival.c.signature).where(arrival.c.scope == bindparam("of"), arrival.c.seq == bindparam("at")))
_ARRIVED = Prepared(arrival.insert())


def sign(session: Session, key: SigningKey, scope: str, seq: int, sha: bytes) -> None:
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
