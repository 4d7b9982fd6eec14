"""Whether an 审计包 is as it was written: its list names the hash of every file, and the station that wrote it signs the list.

Anybody can compare the hashes; the signature shows that nobody wrote another list, for as long as the county vouches for the station.
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
from services.sealed import Signer

SIGNATURE: Final = "cunzhan.sig"
_DOMAIN: Final = b"cunzhan dossier 1\n"
"""What the signature of a list begins with, so that it can never pass for a signature of anything else."""
_LISTS: Final = frozenset({"清单.txt", "list.txt"})
"""The list's names, in the languages of the program: without a signature nothing else says which file it is."""
_LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")
_MOST_FILES: Final = 1_000
_MOST_BYTES: Final = 2 * 2**30
_MOST_LISTED: Final = 2**20
_PIECE: Final = 2**20


class _Signed(TypedDict):
    """What `SIGNATURE` holds: the name of the list, whose it is, and key, signature and the county's word for the key in hexadecimal."""

    list: str
    station: str
    scope: str
    key: str
    signature: str
    certificate: str


@dataclass(frozen=True)
class Proof:
    """`differing`: files that are changed, missing or not on the list. `signed`: whether the signature is that of `key` over this list;
    None where there is none, and `key` and `certificate` are empty then. Whose key it is, `sync.station.report_keys` knows."""

    differing: tuple[str, ...]
    signed: bool | None
    station: str = ""
    scope: str = ""
    key: bytes = b""
    certificate: bytes = b""


def signature(listed: bytes, name: str, station: str, scope: str, signer: Signer) -> str:
    """What goes into the zip as `SIGNATURE`; `name` is that of the list."""
    made = signer.key.sign(_DOMAIN + sha256(listed).digest()).signature
    key = bytes(signer.key.verify_key)
    signed = _Signed(list=name, station=station, scope=scope, key=key.hex(), signature=made.hex(), certificate=signer.certificate.hex())
    return json.dumps(signed, ensure_ascii=False, indent=1) + "\n"


def prove(file: Path) -> Proof:
    """Check a dossier somebody brought. Raises `InputUnusable` for what is none."""
    try:
        with regular(file) as stream, zipfile.ZipFile(stream) as archive:
            return _proof(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        raise InputUnusable(_("「{file}」不是审计包，或者已经损坏。").format(file=file.name)) from error


def _proof(archive: zipfile.ZipFile) -> Proof:
    names = archive.namelist()
    if len(names) > _MOST_FILES or len(set(names)) != len(names) or sum(one.file_size for one in archive.infolist()) > _MOST_BYTES:
        raise zipfile.BadZipFile("too many, too large or twice")
    signed = _signed(archive) if SIGNATURE in names else None
    listing = signed["list"] if signed else next((name for name in names if name in _LISTS), "")
    listed = _read(archive, listing, _MOST_LISTED)
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
        return msgspec.json.decode(_read(archive, SIGNATURE, _MOST_LISTED), type=_Signed)
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
