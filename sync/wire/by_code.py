"""Encryption of enrolment by USB stick: before a station knows its county, the one-time code is their shared secret.

The code is 80 random bits, of which the county keeps a hash. Keys derived from that hash seal the request and its answer.
"""

from __future__ import annotations

from hashlib import sha256

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from sync.wire.bundle_words import BundleError


def code_id(code: str) -> bytes:
    """Return the id by which the county finds the code a request was sealed with. `code` is the code's hash (`trust.code_hash`)."""
    return _key("id", code)[:8]


def lock(way: str, code: str, content: bytes) -> bytes:
    """Encrypt `content` for its `way` (up or down)."""
    return bytes(SecretBox(_key(way, code)).encrypt(content))


def unlock(way: str, code: str, content: bytes) -> bytes:
    """Decrypt `content`. Raises `BundleError` when it was not sealed with that code."""
    try:
        return bytes(SecretBox(_key(way, code)).decrypt(content))
    except (CryptoError, ValueError, TypeError):
        raise BundleError("sealed") from None


def _key(use: str, code: str) -> bytes:
    return sha256(f"cunzhan usb {use} {code}".encode()).digest()
