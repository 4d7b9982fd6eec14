"""The county's keys, kept in its database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from db.county import County
from db.local import COUNTY_SEED, get_meta, set_meta
from db.upgrade import alone


@dataclass(frozen=True)
class CountyKeys:
    """The county's identity: its id, signing key, recovery key, and the secret from which nonces and enrolment tokens are derived."""

    county: str
    signing: SigningKey
    recovery: PrivateKey
    secret: bytes

    @property
    def public(self) -> bytes:
        """The key with which stations verify entries."""
        return bytes(self.signing.verify_key)


def county_keys(county: County) -> CountyKeys:
    """Return the county's keys. They are made at the first call and stored in its database."""
    with county.write() as session:
        alone(session.conn)  # servers started together have one identity
        for name, made in (("county_id", secrets.token_hex(8)), (COUNTY_SEED, None), ("county_recovery", None), ("county_secret", None)):
            if get_meta(session, name) is None:
                set_meta(session, name, made or secrets.token_hex(32))
        found = {name: get_meta(session, name) or "" for name in ("county_id", COUNTY_SEED, "county_recovery", "county_secret")}
    return CountyKeys(
        found["county_id"],
        SigningKey(bytes.fromhex(found[COUNTY_SEED])),
        PrivateKey(bytes.fromhex(found["county_recovery"])),
        bytes.fromhex(found["county_secret"]),
    )
