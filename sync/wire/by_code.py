"""Enrolment by USB: before a station knows its county, the one-time code is the secret both share.

The code is 80 random bits, and the county keeps its hash; keys made from that hash seal the request and its answer.
"""

from __future__ import annotations

from hashlib import sha256

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from sync.wire.bundle_words import BundleError


def code_id(code: str) -> bytes:
    """What tells the county which code a request was sealed with; `code` is the code's hash (`trust.code_hash`)."""
    return _key("id", code)[:8]


def lock(way: str, code: str, content: bytes) -> bytes:
    """Seal `content` on its `way` (up or down)."""
    return bytes(SecretBox(_key(way, code)).encrypt(content))


def unlock(way: str, code: str, content: bytes) -> bytes:
    """The content; raises `BundleError` when it was not sealed with that code."""
    try:
        return bytes(SecretBox(_key(way, code)).decrypt(content))
    except (CryptoError, ValueError, TypeError):
        raise BundleError("sealed") from None


def _key(use: str, code: str) -> bytes:
    return sha256(f"cunzhan usb {use} {code}".encode()).digest()
