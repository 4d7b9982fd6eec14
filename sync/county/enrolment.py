"""Enrolment of stations at the county: a station sends a one-time code and its public keys, and receives the county's keys."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from time import time
from typing import Any

from sqlalchemy import Row, select, update

from db.county import County
from db.exchange import device, device_of, enrolment_code, lineage
from db.keys import KEY_BYTES
from db.lease import given
from db.session import Session
from domain.authors import scope_of
from sync.county.keys import CountyKeys
from sync.wire.bundle import seal_to_station
from sync.wire.messages import Enrol, Enrolled, sign_device
from sync.wire.trust import code_hash
from sync.wire.words import BundleError

_MAX_STATION = 64
_STATION = re.compile(r"[0-9]+-[0-9A-Za-z]+")
FIRST = 1
"""The incarnation of a station that was never restored or copied."""


def enrol(county: County, keys: CountyKeys, asked: Enrol) -> Enrolled:
    """Enrol a station, or return the reason for a refusal. The same code with the same key gets the same answer again, in case the answer
    was lost."""
    with county.read() as session:  # guessing codes must not take the write lock
        known = session.conn.execute(select(enrolment_code.c.code).filter_by(code=code_hash(asked.code))).first()
    if known is None:
        return Enrolled(status="code", time=int(time()))
    with county.write() as session:
        status, scope = _admit(session, asked, sha256(_token(keys, asked)).digest())
        days = given(session)
    if status != "ok":
        return Enrolled(status=status, time=int(time()), scope=scope)
    return Enrolled(
        status="ok",
        time=int(time()),
        county=keys.county,
        county_key=keys.public,
        recovery_key=bytes(keys.recovery.public_key),
        token=_token(keys, asked),
        incarnation=FIRST,
        scope=scope,
        certificate=sign_device(keys.signing, asked.station, scope, asked.key),
        lease=days,
    )


def _token(keys: CountyKeys, asked: Enrol) -> bytes:
    return hmac.digest(keys.secret, b"enrol" + code_hash(asked.code).encode() + asked.key, "sha256")[:16]


def _admit(session: Session, asked: Enrol, token: bytes) -> tuple[str, str]:
    code = code_hash(asked.code)
    offered = session.conn.execute(select(enrolment_code).where(enrolment_code.c.code == code).with_for_update()).first()
    if offered is None or not _well_formed(asked):
        return "code", ""
    if (offered.scope, offered.role) != (asked.scope, asked.role):
        return "scope", offered.scope
    known = device_of(session, asked.station)
    if known is not None and (bytes(known.key) != asked.key or known.scope != asked.scope):
        return "taken", ""
    if known is not None and known.code == code:
        return ("revoked" if known.revoked_at else "ok"), known.scope
    if offered.expires_at < session.at:
        return "expired", ""
    if offered.used >= offered.uses:
        return "taken", ""
    session.conn.execute(update(enrolment_code).where(enrolment_code.c.code == code).values(used=offered.used + 1))
    _enter(session, asked, (code, token), known)
    return "ok", offered.scope


def _enter(session: Session, asked: Enrol, made: tuple[str, bytes], known: Row[Any] | None) -> None:
    """Record the device with its code and first token. With a new code, a revoked device is reinstated."""
    code, token = made
    if known is not None:
        session.conn.execute(update(device).where(device.c.station == asked.station).values(code=code, revoked_at=None))
        return
    session.conn.execute(
        device.insert().values(
            station=asked.station,
            scope=asked.scope,
            role=asked.role,
            key=asked.key,
            seal_key=asked.seal_key,
            code=code,
            enrolled_at=session.at,
            version=asked.program[:40],
            unsent=0,
            suspected=0,
        )
    )
    session.conn.execute(lineage.insert().values(station=asked.station, incarnation=FIRST, since=session.at, token=token))


def _well_formed(asked: Enrol) -> bool:
    return (
        len(asked.key) == KEY_BYTES
        and _seals(asked.seal_key)
        and scope_of(asked.station) == asked.scope  # readers of its changes derive its scope from its name
        and len(asked.station) <= _MAX_STATION
        and _STATION.fullmatch(asked.station) is not None  # it is part of authors, and of patterns in queries
    )


def _seals(key: bytes) -> bool:
    """Whether answers can be sealed to a key: some are not points of the curve, or have too small an order."""
    try:
        seal_to_station(key, b"")
    except BundleError:
        return False
    return True
