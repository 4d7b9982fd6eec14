"""The county's own certificate authority: created once, stored in the county's database, pinned by every station at enrolment."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from db.local import get_meta, set_meta
from db.session import Session
from db.upgrade import alone

_CERTIFICATE = "authority_certificate"
_KEY = "authority_key"
_FROM = datetime(1980, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
"""Certificates are valid whatever a clock says. Laptop clocks fall back to their date of manufacture or run years ahead; and a server
whose clock stood at 2000 when first started would create an authority that expires once the clock is corrected, which nobody can renew.
A certificate is trusted because the county's own authority, which every station knows, signed it, not for its age."""


@dataclass(frozen=True)
class Authority:
    """The authority's certificate and private key, as PEM."""

    certificate: str
    key: str


def authority(session: Session) -> Authority:
    """The county's authority, created at the first call (in a write session)."""
    if get_meta(session, _KEY) is None:
        alone(session.conn)  # a server and a command that start together must create only one
        session.settings = None  # the other may have stored it while this one waited
    certificate, key = get_meta(session, _CERTIFICATE), get_meta(session, _KEY)
    if certificate is None or key is None:
        made = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cunzhan county")])
        signed = (
            _builder(name, name, made.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(made.public_key()), critical=False)
            .sign(made, hashes.SHA256())
        )
        certificate, key = signed.public_bytes(serialization.Encoding.PEM).decode(), _pem(made)
        set_meta(session, _CERTIFICATE, certificate)
        set_meta(session, _KEY, key)
    return Authority(certificate, key)


@contextmanager
def server_files(of: Authority, host: str) -> Iterator[tuple[Path, Path]]:
    """Temporary files with a new server certificate chain and its key, readable by this user only, for as long as the block lasts."""
    ca = x509.load_pem_x509_certificate(of.certificate.encode())
    ca_key = serialization.load_pem_private_key(of.key.encode(), password=None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)  # made above
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    leaf = (
        _builder(name, ca.subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    with tempfile.TemporaryDirectory(prefix="cunzhan-tls-") as folder:
        chain, secret = Path(folder) / "chain.pem", Path(folder) / "key.pem"
        chain.write_text(leaf.public_bytes(serialization.Encoding.PEM).decode() + of.certificate)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(_pem(key))
        yield chain, secret


def _builder(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _names(host: str) -> list[x509.GeneralName]:
    names = {host, socket.gethostname(), "localhost"}
    found: list[x509.GeneralName] = []
    for name in sorted(names):
        try:
            found.append(x509.IPAddress(ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
