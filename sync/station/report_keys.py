"""The key with which a station signs what it hands in, and whose signature under a report is known here."""

from __future__ import annotations

from nacl.signing import SigningKey

from db.local import COUNTY_KEY, get_meta
from db.session import Session
from domain.words import _
from sync.replica import identity
from sync.wire.messages import device_signed


def signing(session: Session) -> tuple[SigningKey, bytes] | None:
    """The station's key and the county's word for it; None before it is enrolled."""
    me = identity.load(session)
    return None if me is None else (me.signing, identity.certificate(session))


def known(session: Session, station: str, scope: str, key: bytes, certificate: bytes) -> bool:
    """Whether it is this station's key or one that the county vouches for."""
    me, county = identity.load(session), bytes.fromhex(get_meta(session, COUNTY_KEY) or "")
    own = me is not None and me.station == station and bytes(me.signing.verify_key) == key
    return own or (bool(county) and device_signed(county, station, scope, key, certificate))


def vouched(session: Session, station: str, scope: str, key: bytes, certificate: bytes) -> str:
    """Whose key it is, in a sentence: this station's, one that the county vouches for, or nobody's known here."""
    me = identity.load(session)
    if me is not None and me.station == station and bytes(me.signing.verify_key) == key:
        return _("签名是本站的。")
    county = bytes.fromhex(get_meta(session, COUNTY_KEY) or "")
    if county and device_signed(county, station, scope, key, certificate):
        return _("签名是 {scope} 的站「{station}」的，县里认可。").format(scope=scope, station=station)
    return _("签名完好，但本机认不出是哪个站的。")
