"""Checks whether an 审计包 is unchanged: its list has the hash of every file, and the station that wrote it signed the list.

Anybody can compare the hashes; the signature shows that nobody replaced the list, as long as the county's certificate for the station is
trusted.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, TypedDict

import msgspec

from db.files import regular
from db.signatures import verify
from domain.errors import InputUnusable
from domain.words import _
from services.reports.sealed import Signer

SIGNATURE: Final = "cunzhan.sig"
_DOMAIN: Final = b"cunzhan dossier 1\n"
"""Prefix of the signed data, so that the signature is not valid for anything else."""
_LISTS: Final = frozenset({"清单.txt", "list.txt"})
"""The file names of the list in the program's languages, to find the list if there is no signature."""
_LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")
_MAX_FILES: Final = 1_000
_MAX_BYTES: Final = 2 * 2**30
_MAX_LIST: Final = 2**20
_PIECE: Final = 2**20


class _Signed(TypedDict):
    """The content of `SIGNATURE`: the name of the list, the station, and, as hex, the public key, the signature and the county's
    certificate for the key."""

    list: str
    station: str
    scope: str
    key: str
    signature: str
    certificate: str


@dataclass(frozen=True)
class Proof:
    """The result of the check. `differing`: files that are changed, missing or not listed. `signed`: whether the signature by `key` is
    valid for this list; None without a signature, and then `key` and `certificate` are empty. The owner of the key is found by
    `sync.station.report_keys`."""

    differing: tuple[str, ...]
    signed: bool | None
    station: str = ""
    scope: str = ""
    key: bytes = b""
    certificate: bytes = b""


def signature(listed: bytes, name: str, station: str, scope: str, signer: Signer) -> str:
    """The content of `SIGNATURE`; `name` is the file name of the list."""
    made = signer.key.sign(_DOMAIN + sha256(listed).digest()).signature
    key = bytes(signer.key.verify_key)
    signed = _Signed(list=name, station=station, scope=scope, key=key.hex(), signature=made.hex(), certificate=signer.certificate.hex())
    return json.dumps(signed, ensure_ascii=False, indent=1) + "\n"


def prove(file: Path) -> Proof:
    """Check a dossier. Raises `InputUnusable` if the file is not a dossier."""
    try:
        with regular(file) as stream, zipfile.ZipFile(stream) as archive:
            return _proof(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        raise InputUnusable(_("「{file}」不是审计包，或者已经损坏。").format(file=file.name)) from error


def _proof(archive: zipfile.ZipFile) -> Proof:
    names = archive.namelist()
    if len(names) > _MAX_FILES or len(set(names)) != len(names) or sum(one.file_size for one in archive.infolist()) > _MAX_BYTES:
        raise zipfile.BadZipFile("too many, too large or twice")
    signed = _signed(archive) if SIGNATURE in names else None
    listing = signed["list"] if signed else next((name for name in names if name in _LISTS), "")
    listed = _read(archive, listing, _MAX_LIST)
    hashes = {hit[2]: hit[1] for line in listed.decode().splitlines() if (hit := _LINE.fullmatch(line))}
    inside = {name: _sha256(archive, name) for name in names if name not in (listing, SIGNATURE)}
    differing = tuple(sorted(name for name in hashes.keys() | inside.keys() if hashes.get(name) != inside.get(name)))
    if signed is None:
        return Proof(differing, None)
    key, certificate = bytes.fromhex(signed["key"]), bytes.fromhex(signed["certificate"])
    right = verify(key, _DOMAIN + sha256(listed).digest(), bytes.fromhex(signed["signature"]))
    return Proof(differing, right, signed["station"], signed["scope"], key, certificate)


def _signed(archive: zipfile.ZipFile) -> _Signed:
    try:
        return msgspec.json.decode(_read(archive, SIGNATURE, _MAX_LIST), type=_Signed)
    except msgspec.MsgspecError as error:
        raise zipfile.BadZipFile("no signature") from error


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    if name not in archive.namelist():
        raise zipfile.BadZipFile("no list")
    with archive.open(name) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise zipfile.BadZipFile("too large")
    return data


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    found = sha256()
    with archive.open(name) as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.hexdigest()
