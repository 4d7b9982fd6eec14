"""Who this station is to its county: keys, county, server, the head of its chain of batches. Kept in the encrypted store."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache

from nacl.public import PrivateKey
from nacl.signing import SigningKey

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
CLOCK = "clock_offset"
CERTIFICATE = "device_certificate"
CODE = "enrolment_code"
REWOUND = "rewound"
"""Names of the settings in the store's `meta` table. `REWOUND`: the incarnation it took because the county was put back from a backup.
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
    """Seconds the county's clock was ahead when it last said so."""
    revoked: bool = False
    """Whether the county said last that it took this station's right away."""

    @property
    def author(self) -> str:
        """This station's name as an author of changes."""
        return author(self.station, self.incarnation)


@lru_cache(maxsize=32)
def _signing(seed: str) -> SigningKey:
    """The key made of a seed (hex), which takes longer than a signature."""
    return SigningKey(bytes.fromhex(seed))


def load(session: Session) -> Identity | None:
    """Who this station is, or None before enrolment."""
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
    """Keep the head of the chain."""
    set_meta(session, NUMBER, str(me.number))
    set_meta(session, SHA256, me.sha256.hex())


def save_incarnation(session: Session, me: Identity) -> None:
    """Keep which incarnation this store is, and its token."""
    set_meta(session, CLAIMED, str(me.incarnation))
    save_token(session, me.token)


def new_incarnation() -> int:
    """Drawn, not counted: copies of one answer, or of one backup, must not go on under the same."""
    return 2 + secrets.randbelow(2**31 - 2)


def save_token(session: Session, token: bytes) -> None:
    """Keep the token the next exchange presents."""
    set_meta(session, TOKEN, token.hex())


def keys(session: Session) -> tuple[SigningKey, PrivateKey]:
    """The station's own key pairs: enrolling again presents the same. Stores that an older program made get theirs at the first call."""
    for name in (SEED, SEAL_SEED):
        if get_meta(session, name) is None:
            set_meta(session, name, bytes(SigningKey.generate()).hex())
    return SigningKey(_bytes(session, SEED)), PrivateKey(_bytes(session, SEAL_SEED))


def sealing_key(session: Session) -> PrivateKey:
    """The key that opens what was sealed to this enrolled station."""
    return PrivateKey(_bytes(session, SEAL_SEED))


def certificate(session: Session) -> bytes:
    """The county's word that this station has its key (`wire.messages.device_signed`); empty when it was enrolled before there was one."""
    return _bytes(session, CERTIFICATE)


def _bytes(session: Session, name: str) -> bytes:
    return bytes.fromhex(get_meta(session, name) or "")
