"""The key with which a station signs its reports, and verification of the keys of other stations' reports."""

from __future__ import annotations

from nacl.signing import SigningKey

from db.local import COUNTY_KEY, get_meta
from db.session import Session
from domain.words import _
from sync.replica import identity
from sync.wire.messages import device_signed


def signing(session: Session) -> tuple[SigningKey, bytes] | None:
    """Return the station's signing key and the county's certificate for it; None before enrolment."""
    me = identity.load(session)
    return None if me is None else (me.signing, identity.certificate(session))


def known(session: Session, station: str, scope: str, key: bytes, certificate: bytes) -> bool:
    """Whether a key is this station's or certified by the county."""
    return _own(session, station, key) or _certified(session, station, scope, key, certificate)


def vouched(session: Session, station: str, scope: str, key: bytes, certificate: bytes) -> str:
    """Return a sentence about the owner of a key: this station, a station certified by the county, or unknown."""
    if _own(session, station, key):
        return _("签名是本站的。")
    if _certified(session, station, scope, key, certificate):
        return _("签名是 {scope} 的站「{station}」的，县里认可。").format(scope=scope, station=station)
    return _("签名完好，但本机认不出是哪个站的。")


def _own(session: Session, station: str, key: bytes) -> bool:
    me = identity.load(session)
    return me is not None and me.station == station and bytes(me.signing.verify_key) == key


def _certified(session: Session, station: str, scope: str, key: bytes, certificate: bytes) -> bool:
    county = bytes.fromhex(get_meta(session, COUNTY_KEY) or "")
    return bool(county) and device_signed(county, station, scope, key, certificate)
