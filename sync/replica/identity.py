"""The identity of an enrolled station: keys, county, server, head of its chain of batches. Kept in the encrypted store."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from db import wrong_clock
from db.local import COUNTY_KEY, REVOKED, SEAL_SEED, SEED, get_meta, get_metas, set_meta
from db.session import Session
from sync.wire.envelope import START, author

COUNTY = "county_id"
SERVER = "server"
CA = "county_ca"
TOKEN = "lineage_token"
CLAIMED = "incarnation"
NUMBER = "sealed_number"
SHA256 = "sealed_sha256"
CLOCK = wrong_clock.OFFSET
CERTIFICATE = "device_certificate"
CODE = "enrolment_code"
REWOUND = "rewound"
"""Names of the settings in the store's `meta` table. `REWOUND`: the incarnation taken because the county was restored from a backup.
`CLOCK`: seconds the county's clock is ahead of this one. `CODE`: the code this station asked to enrol with on a stick, until the
answer comes. `CERTIFICATE`: `wire.messages.device_signed`."""

_KEPT = (COUNTY, COUNTY_KEY, SERVER, CA, CLAIMED, SEED, NUMBER, SHA256, TOKEN, CLOCK, REVOKED)


@dataclass
class Identity:
    """An enrolled station. `number` and `sha256` are those of the last batch it sealed in this incarnation."""

    station: str
    scope: str
    county: str
    county_key: bytes
    server: str
    ca: str | None
    incarnation: int
    signing: SigningKey
    number: int
    sha256: bytes
    token: bytes
    clock: int = 0
    """Seconds the county's clock is ahead of this one, by its last answer."""
    revoked: bool = False
    """Whether the county's last answer was that this station is revoked."""

    @property
    def author(self) -> str:
        """This station's name as an author of changes."""
        return author(self.station, self.incarnation)


@lru_cache(maxsize=32)
def _signing(seed: str) -> SigningKey:
    """The signing key of a seed (hex). Cached, because deriving it takes longer than a signature."""
    return SigningKey(bytes.fromhex(seed))


def load(session: Session) -> Identity | None:
    """Return the identity of this station, or None before enrolment."""
    kept = get_metas(session, _KEPT)
    if COUNTY not in kept:
        return None
    return Identity(
        station=session.station,
        scope=session.scope,
        county=kept[COUNTY],
        county_key=bytes.fromhex(kept.get(COUNTY_KEY, "")),
        server=kept.get(SERVER, ""),
        ca=kept.get(CA),
        incarnation=int(kept.get(CLAIMED, 1)),
        signing=_signing(kept.get(SEED, "")),
        number=int(kept.get(NUMBER, 0)),
        sha256=bytes.fromhex(kept.get(SHA256, "")) or START,
        token=bytes.fromhex(kept.get(TOKEN, "")),
        clock=int(float(kept.get(CLOCK, 0))),
        revoked=REVOKED in kept,
    )


def save_head(session: Session, me: Identity) -> None:
    """Store the head of the chain: number and hash of the last sealed batch."""
    set_meta(session, NUMBER, str(me.number))
    set_meta(session, SHA256, me.sha256.hex())


def save_incarnation(session: Session, me: Identity) -> None:
    """Store the incarnation and its token."""
    set_meta(session, CLAIMED, str(me.incarnation))
    save_token(session, me.token)


def new_incarnation() -> int:
    """Return a new incarnation. It is random, not counted up: copies of one answer or one backup must not continue under the same."""
    return 2 + secrets.randbelow(2**31 - 2)


def save_token(session: Session, token: bytes) -> None:
    """Store the token that the next exchange presents."""
    set_meta(session, TOKEN, token.hex())


def keys(session: Session) -> tuple[SigningKey, PrivateKey]:
    """Return the station's key pairs for signing and sealing. They are made at the first call; enrolling again presents the same."""
    for name in (SEED, SEAL_SEED):
        if get_meta(session, name) is None:
            set_meta(session, name, bytes(SigningKey.generate()).hex())
    return SigningKey(_bytes(session, SEED)), PrivateKey(_bytes(session, SEAL_SEED))


def sealing_key(session: Session) -> PrivateKey:
    """Return the key that opens bundles sealed to this enrolled station."""
    return PrivateKey(_bytes(session, SEAL_SEED))


def certificate(session: Session) -> bytes:
    """Return the county's signature of this station's key (`wire.messages.device_signed`); empty if enrolled by a program without it."""
    return _bytes(session, CERTIFICATE)


def _bytes(session: Session, name: str) -> bytes:
    return bytes.fromhex(get_meta(session, name) or "")
