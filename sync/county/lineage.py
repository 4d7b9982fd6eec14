"""Authenticates stations by tokens and signatures, and detects clones and restored backups of a station's data. County side.

Every incarnation of a station is a lineage with its own token. A copy is detected by one of two proofs, never by a guess: the county has a
batch that the requesting store does not know it sealed, or one token has two live successors.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from db.exchange import device, entry, lineage
from db.prepared import Prepared
from db.session import Session
from db.signatures import verify
from sync.county.keys import CountyKeys
from sync.wire.envelope import SCHEMA
from sync.wire.messages import PROTOCOL, Request, proof_message

NONCE_SECONDS = 300
_NOBODY = b""
_MINE = (lineage.c.station == bindparam("of"), lineage.c.incarnation == bindparam("under"))
_LINE = Prepared(select(lineage).where(*_MINE))
_RENEWED = Prepared(
    update(lineage)
    .where(*_MINE)
    .values(token=bindparam("fresh"), previous_token=bindparam("presented"), rival=bindparam("other"), rival_base=bindparam("base"))
)
_LAST = Prepared(
    select(entry.c.number, entry.c.sha256)
    .where(entry.c.station == bindparam("of"), entry.c.incarnation == bindparam("under"))
    .order_by(entry.c.number.desc())
    .limit(1)
)


def admit(session: Session, keys: CountyKeys, asking: Row[Any] | None, request: Request, now: int) -> str:
    """Authenticate a request. Returns a status of `wire.messages.STATUS`, `ok` if it may proceed."""
    if request.protocol > PROTOCOL or request.schema > SCHEMA:
        return "newer"
    if asking is None:
        return "unknown"
    line = _line(session, request)
    presented = sha256(request.token).digest()
    current = line is not None and request.token and presented in (line.token, line.previous_token, line.rival)
    if not current and not _proved(keys, asking, request, now):
        return "prove"
    if asking.revoked_at is not None:
        return "revoked"
    parted = line is not None and presented == line.rival and line.previous_token != line.rival_base
    return "fork" if parted or _overtaken(session, request) else "ok"


def nonce(keys: CountyKeys, station: str, now: int) -> bytes:
    """Return the bytes that a station without a current token has to sign."""
    stamp = now.to_bytes(8, "big")
    return stamp + hmac.digest(keys.secret, b"nonce" + stamp + station.encode(), "sha256")[:16]


def renew(session: Session, request: Request) -> bytes:
    """Issue a new token. The one just presented stays valid, because the answer with the new one may be lost.

    An incarnation seen for the first time is recorded, and the device counted as suspected unless the county itself was restored.
    """
    token = secrets.token_bytes(16)
    presented, fresh = sha256(request.token).digest(), sha256(token).digest()
    line = _line(session, request)
    if line is None:
        values = {"station": request.station, "incarnation": request.incarnation, "since": session.at, "token": fresh}
        session.conn.execute(lineage.insert().values(**values))
        if not request.rewound:
            session.conn.execute(update(device).where(device.c.station == request.station).values(suspected=device.c.suspected + 1))
        return token
    rival, base = line.rival, line.rival_base
    if presented == rival:  # two successors of one token: whoever presents the other one is another copy
        rival, base = line.token, _NOBODY
    elif presented != line.token:
        rival, base = line.token, presented
    place = {"of": request.station, "under": request.incarnation}
    _RENEWED.run(session.conn, fresh=fresh, presented=presented, other=rival, base=base, **place)
    return token


def last_batch(session: Session, station: str, incarnation: int) -> Any:
    """Return number and hash of the last batch of a station's incarnation that is here, or None."""
    return _LAST.first(session.conn, of=station, under=incarnation)


def _line(session: Session, request: Request) -> Any:
    return _LINE.first(session.conn, of=request.station, under=request.incarnation)


def _proved(keys: CountyKeys, asking: Row[Any], request: Request, now: int) -> bool:
    made = int.from_bytes(request.nonce[:8], "big")
    fresh = abs(now - made) <= NONCE_SECONDS and hmac.compare_digest(request.nonce, nonce(keys, request.station, made))
    return fresh and verify(asking.key, proof_message(keys.county, request.station, request.nonce), request.proof)


def _overtaken(session: Session, request: Request) -> bool:
    """Whether the county has a batch that the station does not know it sealed: its data are a restored backup or a clone."""
    last = last_batch(session, request.station, request.incarnation)
    if last is None or last.number < request.number:
        return False
    return last.number > request.number or bytes(last.sha256) != request.sha256
