"""A packed release of the program as an upgrade: looked at, vouched for by the county, unpacked beside this program and tried.

    found = look(file, county_key)       what it is and who vouches for it
    folder = unpack(found, program)      the new program beside the folder of this one, tried; this one hands over to it from then on
    vouch(file, county, signing)         at the county: writes the word that stations ask for, beside the archive

An archive is what `make package` writes: `cunzhan-VERSION-SYSTEM-MACHINE.zip` or `.tar.xz` with one folder of that name.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

import msgspec
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from db import acts
from db.backup import backup
from db.files import regular, waited, write_whole
from db.local import COUNTY_KEY
from db.store import Store
from domain import clock
from domain.errors import DomainError, InputUnusable, os_reason
from domain.progress import Progress, unwatched
from domain.release import FETCHED, NEWER, PACKAGE, PROGRAM, VERSION, WORD, number, system
from domain.words import _

_PURPOSE: Final = b"cunzhan program 1\0"
"""What the county signs begins with it, so that nothing else it signs can pass for this."""
_MOST_BYTES, _MOST_UNPACKED, _MOST_FILES, _MOST_WORD = 2**30, 4 * 2**30, 50_000, 4096
_PIECE: Final = 2**20
_TRIAL: Final = 600
"""Seconds in which the new program must have tried itself."""
_NO_WINDOW: Final = 0x08000000 if sys.platform == "win32" else 0
"""On Windows: no black window for it."""


class _Word(msgspec.Struct):
    """The county's word for an archive."""

    name: str
    size: int
    sha256: str
    signature: str


@dataclass(frozen=True)
class ProgramPackage:
    """An archive: `folder` is the name of the folder in it, `vouched` whether the county of this station signed it."""

    file: Path
    folder: str
    version: str
    sha256: str
    vouched: bool

    def voucher(self) -> str:
        """Who vouches for it, in words."""
        if self.vouched:
            return _("县里签发的，核对过。")
        told = _("这台电脑没有注册到县里，没法核对升级包是谁给的。请打电话和给的人对这串数：{sha256}")
        return told.format(sha256=self.sha256)


def look(file: Path, county_key: bytes, progress: Progress = unwatched) -> ProgramPackage:
    """Look at an archive. `county_key`: the county's public key, b"" where the station belongs to none and nobody can vouch for it.

    Raises `InputUnusable` for what is no release for this computer, is damaged or not the county's, `DomainError` for one not newer.
    """
    hit = PACKAGE.fullmatch(file.name)
    if hit is None:
        raise _misnamed(file)
    folder, version, meant = hit.groups()
    if meant != system():
        told = _("这个升级包是给另一种电脑的（{theirs}），这台要 {ours}。")
        raise InputUnusable(told.format(theirs=meant, ours=system()))
    if number(version) <= number(VERSION):
        raise DomainError(_("这台电脑上的村站通是 {now}，升级包是 {version}，不比它新，不用升级。").format(now=VERSION, version=version))
    found = _sha256(file, progress)
    return ProgramPackage(file, folder, version, found, bool(county_key) and _vouched(file, found, county_key))


def vouch(file: Path, signing: SigningKey, progress: Progress = unwatched) -> Path:
    """Write the county's word for an archive beside it; answers the file. Raises `InputUnusable`."""
    if PACKAGE.fullmatch(file.name) is None:
        raise _misnamed(file)
    word = _Word(file.name, file.stat().st_size if file.exists() else 0, _sha256(file, progress), "")
    word.signature = signing.sign(_signed(word)).signature.hex()
    made = file.with_name(file.name + WORD)
    try:
        write_whole(made, msgspec.json.encode(word))
    except OSError as error:
        raise InputUnusable(_("「{file}」没有写成：{reason}").format(file=made.name, reason=os_reason(error))) from None
    return made


def running() -> Path:
    """The folder of the packed program that runs. Raises `DomainError` where it runs from its source."""
    if not getattr(sys, "frozen", False):
        raise DomainError(_("这个村站通是从源码运行的，用 git 升级。"))
    return Path(sys.executable).parent


def county_key(store: Store) -> bytes:
    """The public key of the county a station belongs to, b"" if it belongs to none."""
    return bytes.fromhex(store.get_meta(COUNTY_KEY) or "")


def upgrade(store: Store, package: ProgramPackage, program: Path, progress: Progress = unwatched) -> Path:
    """Back the store up, unpack the new program, and keep who did it. Answers the new program's folder. Raises as `unpack`."""
    progress(0, 0, _("备份"))
    backup(store, store.home / "backups" / f"{_('升级前')}-{VERSION}-{clock.now():%Y%m%dT%H%M%S}.zip")
    folder = unpack(package, program, progress)
    if package.file.parent == store.home / FETCHED:  # from the county's server: it is not needed any more
        for one in (package.file, package.file.with_name(package.file.name + WORD)):
            one.unlink(missing_ok=True)
    with store.applying() as session:
        acts.keep(session, _("升级程序到 {version}").format(version=package.version), session.author)
    return folder


def unpack(package: ProgramPackage, program: Path, progress: Progress = unwatched) -> Path:
    """Put the new program beside the folder of this one, try it, and let this one hand over to it. Answers its folder.

    A failure leaves everything as it was. Raises `InputUnusable`, `DomainError`, `Stopped` from `progress`.
    """
    work = program.parent / f".cunzhan-{secrets.token_hex(8)}"
    try:
        work.mkdir(0o700)
        copy = work / package.file.name
        with copy.open("wb") as written:
            if _digest(package.file, progress, written.write) != package.sha256:  # a stick that was changed, or reads badly
                raise InputUnusable(_("升级包复制时变了样，可能是 U 盘接触不良。原来的程序没有动，请再试一次。"))
        progress(0, 0, _("解开升级包"))
        _extract(copy, work / "x", package.folder)
        made = work / "x" / package.folder
        if not (made / PROGRAM).is_file():
            raise _damaged()
        progress(0, 0, _("试运行新程序"))
        _try(made)
        return _put(made, program)
    except OSError as error:
        told = _("升级没有做成：{reason}。原来的程序没有动。程序所在的文件夹要能写入，并有 1 GB 空地方。")
        raise InputUnusable(told.format(reason=os_reason(error))) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _put(made: Path, program: Path) -> Path:
    folder = program.parent / made.name
    if folder.exists():  # of an upgrade that was broken off, or of a release that was taken back
        shutil.rmtree(folder)
    waited(lambda: made.rename(folder))  # a virus scanner may still look at what ran just now
    write_whole(program / NEWER, folder.name.encode())
    return folder


def _misnamed(file: Path) -> InputUnusable:
    told = _("「{file}」不是村站通的升级包。升级包的名字像 cunzhan-0.2.0-windows-x86_64.zip，不要改名。")
    return InputUnusable(told.format(file=file.name))


# -- who vouches for it --------------------------------------------------------------------------------------------------------------


def _vouched(file: Path, found: str, county_key: bytes) -> bool:
    """Whether the county signed an archive. Raises `InputUnusable` where it did not: nobody else's program may see a village's data."""
    name = f"{file.name}{WORD}"
    try:
        with regular(file.with_name(name)) as opened:
            word = msgspec.json.decode(opened.read(_MOST_WORD), type=_Word)
    except FileNotFoundError:
        told = _("升级包旁边没有县里的签发文件「{name}」，不能用。请把这两个文件一起向县里要来，放在同一个文件夹。")
        raise InputUnusable(told.format(name=name)) from None
    except (OSError, msgspec.DecodeError, ValueError):
        raise InputUnusable(_("县里的签发文件「{name}」读不出来。请向县里重新要一份。").format(name=name)) from None
    try:
        VerifyKey(county_key).verify(_signed(word), bytes.fromhex(word.signature))
    except (CryptoError, ValueError, TypeError):
        raise InputUnusable(_("「{name}」不是本县签发的，升级包不能用。原来的程序没有动。").format(name=name)) from None
    if (word.name, word.sha256) != (file.name, found):
        if file.parent.name == FETCHED:  # to be fetched anew
            file.unlink(missing_ok=True)
        raise InputUnusable(_("升级包和县里签发的不是同一个，可能复制时损坏了，或者被人换过。请重新向县里要。原来的程序没有动。"))
    return True


def _signed(word: _Word) -> bytes:
    return _PURPOSE + "\n".join((word.name, str(word.size), word.sha256)).encode()


def _sha256(file: Path, progress: Progress) -> str:
    try:
        return _digest(file, progress, lambda _piece: 0)
    except OSError as error:
        raise InputUnusable(_("「{file}」打不开：{reason}").format(file=file.name, reason=os_reason(error))) from None


def _digest(file: Path, progress: Progress, take: Callable[[bytes], int]) -> str:
    """The SHA-256 of a file (hex), each piece of which is given to `take`."""
    made, done = sha256(), 0
    with regular(file) as opened:
        while piece := opened.read(_PIECE):
            made.update(piece)
            take(piece)
            done += len(piece)
            progress(done >> 20, max(file.stat().st_size, done) >> 20, _("读升级包（MB）"))
            if done > _MOST_BYTES:
                raise _damaged()
    return made.hexdigest()


# -- what is in it -------------------------------------------------------------------------------------------------------------------


def _damaged() -> InputUnusable:
    return InputUnusable(_("升级包损坏了，或者不是村站通的。原来的程序没有动，请重新向县里要。"))


def _extract(archive: Path, into: Path, folder: str) -> None:
    """Unpack what lies in the one folder the archive has. Raises `InputUnusable` for anything else in it, or too much."""
    try:
        if archive.suffix == ".zip":
            with ZipFile(archive) as packed:
                _check((one.filename, one.file_size) for one in packed.infolist())
                packed.extractall(into)
        else:
            with tarfile.open(archive, "r:xz") as packed:
                packed.extractall(into, _checked(packed), filter="data")  # refuses devices, places outside and links to them
                for inside in (one for one in (into, *into.rglob("*")) if one.is_dir() and not one.is_symlink()):
                    inside.chmod(0o755)  # which it leaves to this user alone
    except (BadZipFile, tarfile.TarError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise _damaged() from error
    if [one.name for one in into.iterdir()] != [folder]:
        raise _damaged()


def _checked(packed: tarfile.TarFile) -> list[tarfile.TarInfo]:
    members = list[tarfile.TarInfo]()

    def sizes() -> Iterator[tuple[str, int]]:
        for one in packed:
            members.append(one)
            yield one.name, one.size

    _check(sizes())
    return members


def _check(members: Iterator[tuple[str, int]]) -> None:
    size = 0
    for count, (name, more) in enumerate(members, 1):
        size += more
        if size > _MOST_UNPACKED or count > _MOST_FILES or "\\" in name or ".." in name.split("/") or name.startswith("/") or ":" in name:
            raise _damaged()


def _try(program: Path) -> None:
    """Let the new program try itself on a store of its own. Raises `DomainError` if it does not work here."""
    with tempfile.TemporaryDirectory(prefix="cunzhan-") as home:
        command = [str(program / PROGRAM), "--home", home, "self-test"]
        done = None
        with suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TRIAL, check=False, creationflags=_NO_WINDOW
            )
    if done is None or done.returncode:
        raise DomainError(_("新程序在这台电脑上试运行没有通过，没有升级，原来的程序照常用。请告诉县里：这台电脑的系统，和升级包的名字。"))
