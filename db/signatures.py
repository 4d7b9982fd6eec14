"""Verification of Ed25519 signatures: of batches, packs, forms, reports and dossiers."""

from __future__ import annotations

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is a valid signature of `message` under an Ed25519 public key."""
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True
