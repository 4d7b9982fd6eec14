"""Receipts (乡镇已收): a township's signature over the hash of a bundle it carries. The township's key is certified by the county."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from db.session import utc_now
from domain.scopes import within
from sync.replica.identity import Identity
from sync.wire import bundle
from sync.wire.bundle import Bundle, Index, decoded
from sync.wire.bundle_words import BundleError
from sync.wire.messages import device_signed, pack

_MAX_NAME = 64


class Receipt(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """The township that accepted a bundle for carriage. `certificate`: see `wire.messages.device_signed`."""

    station: str
    scope: str
    key: bytes
    certificate: bytes


def make(me: Identity, certificate: bytes, carried: Index, sha: bytes) -> Bundle:
    """Return a receipt for the bundle with this index and hash."""
    head = replace(carried, kind="receipt", county=me.county, at=utc_now(), of=sha)
    body = Receipt(station=me.station, scope=me.scope, key=bytes(me.signing.verify_key), certificate=certificate)
    return bundle.make(head, pack(body), me.signing)


def read(found: Bundle, county_key: bytes) -> Receipt:
    """Return the receipt in a bundle. Raises `BundleError` unless its key is certified for a station above the bundle's."""
    receipt = decoded(Receipt, found.body)
    known = device_signed(county_key, receipt.station, receipt.scope, receipt.key, receipt.certificate)
    if not known or not found.signed_by(receipt.key) or not within(found.index.scope, receipt.scope) or len(receipt.station) > _MAX_NAME:
        raise BundleError("signature")
    return receipt
