"""Enrolment codes, the county's certificate authority that they authenticate, and the encryption of enrolment by USB stick: before a
station knows its county, the one-time code is their shared secret.

A code is 16 characters of Crockford base 32 (80 bits). When the server uses TLS, a dot and 16 characters of the SHA-256 of the
authority's certificate follow: `7K3M-9QTX-4C2D-8HWA.5F0C-…`.
"""

from __future__ import annotations

import re
import secrets
import ssl
from hashlib import sha256
from http.client import HTTPException
from urllib.parse import urlsplit

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from domain.codes import crockford, grouped, plain_code
from domain.errors import InputUnusable, Refused, Unreachable
from domain.words import _
from sync.wire.connection import Connection, HttpRequest, HttpResponse, Transport
from sync.wire.link import is_loopback, plain_only, unanswered
from sync.wire.words import BundleError

AUTHORITY_PATH = "/authority"
_LENGTH = 16
_CODE = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{{_LENGTH}}}")
_MAX_PEM = 20_000


def new_code(authority: str | None, secret: bytes | None = None) -> str:
    """Return a new code, with the fingerprint of the county's authority (PEM) if there is one. `secret`: ten random bytes; of the same
    bytes the same code is made."""
    code = grouped(crockford(secret or secrets.token_bytes(10)))
    return f"{code}.{grouped(fingerprint(authority))}" if authority else code


def split_code(code: str) -> tuple[str, str | None]:
    """Split a code as a person typed it into secret and fingerprint. Raises `InputUnusable`."""
    plain = plain_code(code)
    secret, print_ = plain[:_LENGTH], plain[_LENGTH:]
    if not _CODE.fullmatch(secret) or (print_ and not _CODE.fullmatch(print_)):
        raise InputUnusable(_("注册码不完整。它是 16 位或 32 位，形如 7K3M-9QTX-4C2D-8HWA，请照县里给的全部再输入一次。"))
    return secret, print_ or None


def code_hash(secret: str) -> str:
    """Return the hash (hex) under which the county stores a code."""
    return sha256(b"cunzhan code" + secret.encode()).hexdigest()


def fingerprint(authority: str) -> str:
    """Return the first 80 bits of a certificate's SHA-256, in Crockford base 32."""
    return crockford(sha256(ssl.PEM_cert_to_DER_cert(authority)).digest()[:10])


def fetch_authority(url: str, expected: str | None, transport: Transport | None = None) -> str | None:
    """Fetch the authority (PEM) of a TLS server and check it against the fingerprint in the code; None for plain HTTP.

    Raises `Refused` when it is not the county's, `Unreachable`, and `InputUnusable` for a code without fingerprint.
    """
    if url.startswith("http://"):
        return None
    host = urlsplit(url).hostname or ""
    if expected is None and is_loopback(host):
        raise InputUnusable(plain_only(host))
    if expected is None:
        raise InputUnusable(_("这个注册码不含服务器校验码，不能用于 https 服务器。请向县管理员要完整的注册码。"))
    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE  # nothing secret is sent; the answer is checked against the code
    try:
        with transport or Connection(unchecked, silence=15.0) as line:
            reply = line.ask(HttpRequest(url + AUTHORITY_PATH, method="GET"))
            pem = _text(reply) if reply.status == 200 else ""
    except (OSError, HTTPException) as error:
        raise Unreachable(unanswered(error, host)) from error
    try:
        genuine = fingerprint(pem) == expected
    except ValueError:
        genuine = False
    if not genuine:
        raise Refused(_("这台服务器的身份与注册码不符，可能不是县里的服务器。没有发送任何内容，请核对地址和注册码。"))
    return pem


def _text(reply: HttpResponse) -> str:
    came = b""
    for part in reply.parts:
        came += part
        if len(came) > _MAX_PEM:
            return ""
    return came.decode("ascii", "replace")


def code_id(code: str) -> bytes:
    """Return the id by which the county finds the code a request was sealed with. `code` is the code's hash (`trust.code_hash`)."""
    return _key("id", code)[:8]


def lock_by_code(way: str, code: str, content: bytes) -> bytes:
    """Encrypt `content` for its `way` (up or down)."""
    return bytes(SecretBox(_key(way, code)).encrypt(content))


def unlock_by_code(way: str, code: str, content: bytes) -> bytes:
    """Decrypt `content`. Raises `BundleError` when it was not sealed with that code."""
    try:
        return bytes(SecretBox(_key(way, code)).decrypt(content))
    except (CryptoError, ValueError, TypeError):
        raise BundleError("sealed") from None


def _key(use: str, code: str) -> bytes:
    return sha256(f"cunzhan usb {use} {code}".encode()).digest()
