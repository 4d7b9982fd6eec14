"""Upgrades the program from a packed release: checks it and the county's signature, unpacks it beside this program and tests it.

    found = look(file, county_key)       checks the archive and its signature
    folder = unpack(found, program)      installs and tests the new program; from then on this one hands over to it
    vouch(file, county, signing)         at the county: writes the signature file beside the archive

An archive is made by `make package`: `cunzhan-VERSION-SYSTEM-MACHINE.zip` or `.tar.xz`, with one folder of that name.
"""

from __future__ import annotations

import errno
import lzma
import os
import re
import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Final
from zipfile import BadZipFile, ZipFile

import msgspec
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from db import acts
from db.backup import backup
from db.files import PATIENT, regular, sweep, waited, write_whole
from db.local import COUNTY_KEY, PRACTICE
from db.store import Store
from domain import clock
from domain.errors import DomainError, InputUnusable, Refused, in_use, os_reason
from domain.progress import Progress, unwatched
from domain.release import FETCHED, NEWER, PACKAGE, PROGRAM, VERSION, WORD, environment, newer_beside, number, system
from domain.words import _, lazy
from services.upgrading.previous_program import note, remember

_PURPOSE: Final = b"cunzhan program 1\0"
"""Prefix of the signed data, so that the signature is not valid for anything else."""
_MAX_BYTES, _MAX_UNPACKED, _MAX_FILES, _MAX_SIGNATURE = 2**30, 4 * 2**30, 50_000, 4096
_PIECE: Final = 2**20
_TRIAL: Final = 600
"""Time limit in seconds for the self-test of the new program."""
_ROOM: Final = 10**9
"""Free bytes required on the program's disk."""
_WORK: Final = re.compile(r"\.cunzhan-[0-9a-f]{16}")
"""Name of the temporary folder beside the program in which a new one is unpacked and tested."""
_NO_WINDOW: Final = 0x08000000 if sys.platform == "win32" else 0
"""On Windows: start without a console window."""


class _Word(msgspec.Struct):
    """The county's signature file for an archive."""

    name: str
    size: int
    sha256: str
    signature: str


@dataclass(frozen=True)
class ProgramPackage:
    """An archive. `folder` is the name of the folder in it; `vouched` tells whether this station's county signed it."""

    file: Path
    folder: str
    version: str
    sha256: str
    vouched: bool

    def voucher(self) -> str:
        """A sentence about who signed it."""
        if self.vouched:
            return _("县里签发的，核对过。")
        text = _("这台电脑没有注册到县里，没法核对升级包是谁给的。请打电话和给的人对这串数：{sha256}")
        return text.format(sha256=self.sha256)


def look(file: Path, county_key: bytes, progress: Progress = unwatched) -> ProgramPackage:
    """Check an archive. `county_key` is the county's public key, b"" if the station belongs to no county, so that no signature can be
    checked.

    Raises `InputUnusable` for a file that is not a release for this computer, is damaged or not signed by the county, and `DomainError` if
    it is not newer.
    """
    hit = PACKAGE.fullmatch(file.name)
    if hit is None:
        raise _misnamed(file)
    folder, version, built_for = hit.groups()
    if built_for != system():
        message = _("这个升级包是给另一种电脑的（{theirs}），这台要 {ours}。")
        raise InputUnusable(message.format(theirs=built_for, ours=system()))
    if number(version) <= number(VERSION):
        raise DomainError(_("这台电脑上的村站通是 {now}，升级包是 {version}，不比它新，不用升级。").format(now=VERSION, version=version))
    found = _sha256(file, progress)
    return ProgramPackage(file, folder, version, found, bool(county_key) and _vouched(file, found, county_key))


def vouch(file: Path, signing: SigningKey, progress: Progress = unwatched) -> Path:
    """Write the county's signature file beside an archive and return its path. Raises `InputUnusable`."""
    if PACKAGE.fullmatch(file.name) is None:
        raise _misnamed(file)
    word = _Word(file.name, file.stat().st_size if file.exists() else 0, _sha256(file, progress), "")
    word.signature = signing.sign(_signed(word)).signature.hex()
    made = file.with_name(file.name + WORD)
    try:
        write_whole(made, msgspec.json.encode(word))
        made.chmod(0o644)  # it is given to others
    except OSError as error:
        raise InputUnusable(_("「{file}」没有存成：{reason}").format(file=made.name, reason=os_reason(error))) from None
    return made


def running() -> Path:
    """The folder of the running packed program. Raises `DomainError` if it runs from source or was upgraded already, and `InputUnusable` if
    nothing can be written beside it; this is checked before 90 MB are downloaded over a village's network."""
    if not getattr(sys, "frozen", False):
        raise DomainError(_("这个村站通是从源码运行的，用 git 升级。"))
    program = Path(sys.executable).parent
    if (newer := newer_beside(program)) is not None:
        raise DomainError(_("已经升级过了，新程序在「{folder}」。把村站通的窗口都关掉，再打开就是新程序。").format(folder=newer.name))
    try:
        with suppress(OSError):  # leftovers of an interrupted upgrade
            sweep(program.parent, _WORK)
        _work_folder(program).rmdir()
        if shutil.disk_usage(program.parent).free < _ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise _upgrade_error(error) from None
    return program


def county_key(store: Store) -> bytes:
    """The public key of the station's county, b"" if it belongs to none. Raises `Refused` in the practice village, which belongs to no
    county even if the laptop's own village does."""
    if store.get_meta(PRACTICE):
        raise Refused(_("练习村里不能升级。请先回到自己的村，再升级。"))
    return bytes.fromhex(store.get_meta(COUNTY_KEY) or "")


def look_for(store: Store, file: Path, progress: Progress = unwatched) -> ProgramPackage:
    """`look` for a station. A faulty archive that was downloaded from the county is deleted, so that it is downloaded again."""
    try:
        return look(file, county_key(store), progress)
    except InputUnusable:
        if file.parent == store.home / FETCHED:
            file.unlink(missing_ok=True)
        raise


def upgrade(store: Store, package: ProgramPackage, program: Path, progress: Progress = unwatched) -> Path:
    """Install the new program, back up the store before it takes over, and record who upgraded. Returns the new folder. Raises like
    `unpack`."""

    def keep() -> None:
        progress(0, 0, _("备份"))
        backup(store, store.home / "backups" / f"{_('升级前')}-{VERSION}-{clock.now():%Y%m%dT%H%M%S}.zip")

    folder = unpack(package, program, progress, keep)
    if package.file.parent == store.home / FETCHED:  # downloaded from the county's server, no longer needed
        for one in (package.file, package.file.with_name(package.file.name + WORD)):
            one.unlink(missing_ok=True)
    with store.applying() as session:
        acts.keep(session, lazy("升级程序到 {version}", version=package.version), session.author)
    return folder


def unpack(
    package: ProgramPackage, program: Path, progress: Progress = unwatched, before_taking_over: Callable[[], None] = lambda: None
) -> Path:
    """Put the new program beside the folder of this one, test it, and let this one hand over to it. Returns the new folder.

    A failure leaves everything as it was. Raises `InputUnusable`, `DomainError`, and `Stopped` from `progress`.
    """
    work: Path | None = None
    handing_over = _handing_over(program)
    try:
        work = _work_folder(program)
        copy = work / package.file.name
        with copy.open("wb") as written:
            if _digest(package.file, progress, written.write) != package.sha256:  # the USB stick was swapped or has read errors
                raise InputUnusable(_("升级包复制时变了样，可能是 U 盘接触不良。原来的程序没有动，请再试一次。"))
        _extract(copy, work / "x", package.folder, progress)
        made = work / "x" / package.folder
        if not (made / PROGRAM).is_file():
            raise _damaged()
        remember(made, program)
        _flush_to_disk(made)
        _self_test(made, progress)
        before_taking_over()
        return _take_over(made, program, handing_over)
    except OSError as error:
        raise _upgrade_error(error) from None
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def _work_folder(program: Path) -> Path:
    made = program.parent / f".cunzhan-{secrets.token_hex(8)}"
    made.mkdir(0o700)
    return made


def _upgrade_error(error: OSError) -> InputUnusable:
    message = _("升级没有做成：{reason}。原来的程序没有动。程序所在的文件夹要能写入，并有 1 GB 空地方。")
    if in_use(error):  # Windows gives the same reason for a folder in which a file is open
        message += _("别的村站通窗口开着，或者杀毒软件正在查，也会这样：请关掉别的窗口，过几分钟再升级一次。")
    return InputUnusable(message.format(reason=os_reason(error)))


def _flush_to_disk(made: Path) -> None:
    """Flush the new program to disk; otherwise, after a power cut, the old program might hand over to one with empty files."""
    if sys.platform != "win32":
        os.sync()
        return
    for one in made.rglob("*"):
        with suppress(OSError), one.open("r+b") as file:
            os.fsync(file.fileno())


def _handing_over(program: Path) -> dict[str, str]:
    """What this program, and those that hand over to it, name as the newer one, by their folders."""
    found: dict[str, str] = {}
    for pointer in program.parent.glob(f"*/{NEWER}"):
        with suppress(OSError, ValueError):
            found[pointer.parent.name] = pointer.read_text(encoding="utf-8").strip()
    return {folder: named for folder, named in found.items() if program.name in (folder, named)}


def _take_over(made: Path, program: Path, handing_over: dict[str, str]) -> Path:
    folder = program.parent / made.name
    if newer_beside(program) == folder:  # another user upgraded at the same time, and may be using it
        return folder
    if _handing_over(program) != handing_over:
        raise DomainError(_("升级的时候，另一个窗口或命令换了要用的程序，这次没有升级。请从快捷方式重新打开看看，需要的话再升级一次。"))
    if folder.exists():  # left by an interrupted upgrade or a withdrawn release; moved away in one step
        waited(lambda: folder.rename(made.with_name("before")), PATIENT)
    waited(lambda: made.rename(folder), PATIENT)  # a virus scanner may still hold the files that just ran
    note(program / NEWER, folder.name)
    for pointer in program.parent.glob(f"*/{NEWER}"):  # older programs that hand over to this one hand over to the new one directly
        with suppress(OSError, ValueError):
            if pointer.read_text(encoding="utf-8").strip() == program.name:
                note(pointer, folder.name)
    return folder


def _misnamed(file: Path) -> InputUnusable:
    message = _("「{file}」不是村站通的升级包。升级包的名字像 cunzhan-0.2.0-windows-x86_64.zip，不要改名。")
    return InputUnusable(message.format(file=file.name))


# -- the county's signature ------------------------------------------------------------------------------------------------------------


def _vouched(file: Path, found: str, county_key: bytes) -> bool:
    """Check that the county signed an archive; returns True. Raises `InputUnusable` otherwise, because an unknown program must not get at a
    village's data."""
    name = f"{file.name}{WORD}"
    try:
        with regular(file.with_name(name)) as opened:
            word = msgspec.json.decode(opened.read(_MAX_SIGNATURE), type=_Word)
    except FileNotFoundError:
        message = _("升级包旁边没有县里的签发文件「{name}」，不能用。请把这两个文件一起向县里要来，放在同一个文件夹。")
        raise InputUnusable(message.format(name=name)) from None
    except (OSError, msgspec.DecodeError, ValueError):
        raise InputUnusable(_("县里的签发文件「{name}」读不出来。请向县里重新要一份。").format(name=name)) from None
    try:
        VerifyKey(county_key).verify(_signed(word), bytes.fromhex(word.signature))
    except (CryptoError, ValueError, TypeError):
        raise InputUnusable(_("「{name}」不是本县签发的，升级包不能用。原来的程序没有动。").format(name=name)) from None
    if (word.name, word.sha256) != (file.name, found):
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
    """The SHA-256 of a file (hex); each piece read is passed to `take`."""
    made, done = sha256(), 0
    with regular(file) as opened:
        while piece := opened.read(_PIECE):
            made.update(piece)
            take(piece)
            done += len(piece)
            progress(done >> 20, max(file.stat().st_size, done) >> 20, _("读升级包（MB）"))
            if done > _MAX_BYTES:
                raise _damaged()
    return made.hexdigest()


# -- content and self-test -----------------------------------------------------------------------------------------------------------


def _damaged() -> InputUnusable:
    return InputUnusable(_("升级包损坏了，或者不是村站通的。原来的程序没有动，请重新向县里要。"))


def _extract(archive: Path, into: Path, folder: str, progress: Progress) -> None:
    """Unpack the archive's only folder. Raises `InputUnusable` if it has anything else or is too large."""
    count = size = 0

    def admit(name: str, more: int) -> None:
        nonlocal count, size
        progress(0, 0, _("解开升级包"))
        count, size = count + 1, size + more
        if size > _MAX_UNPACKED or count > _MAX_FILES or "\\" in name or ".." in name.split("/") or name.startswith("/") or ":" in name:
            raise _damaged()

    try:
        if archive.suffix == ".zip":
            with ZipFile(archive) as zipped:
                for one in zipped.infolist():
                    admit(one.filename, one.file_size)
                    zipped.extract(one, into)
        else:
            with tarfile.open(archive, "r:xz") as packed:
                packed.extraction_filter = lambda member, _path: member  # Python has filters from 3.11.4 on: `_unpack` checks
                for member in packed:
                    admit(member.name, member.size)
                    _unpack(packed, member, into)
            into.chmod(0o755)
    except (BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise _damaged() from error
    if [one.name for one in into.iterdir()] != [folder]:
        raise _damaged()


def _unpack(packed: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    """Unpack one member, readable by everybody and owned by this user. Raises `InputUnusable` for a device, a path or a link to outside."""
    place, home = into / member.name, into.resolve()
    leads_to = {tarfile.SYMTYPE: place.parent / member.linkname, tarfile.LNKTYPE: into / member.linkname}.get(member.type, place)
    if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        raise _damaged()
    if Path(member.linkname).is_absolute() or not all(one.resolve().is_relative_to(home) for one in (place.parent, leads_to)):
        raise _damaged()
    packed.extract(member, into, set_attrs=False)
    if not member.issym():
        place.chmod(0o755 if member.isdir() or member.mode & 0o100 else 0o644)


def _self_test(made: Path, progress: Progress) -> None:
    """Run the new program's self-test with a temporary store. Raises `DomainError` if it fails."""
    with tempfile.TemporaryDirectory(prefix="cunzhan-", ignore_cleanup_errors=True) as home:
        passed = _passes([str(made / PROGRAM), "--home", home, "self-test"], progress)
    if not passed:
        raise DomainError(_("新程序在这台电脑上试运行没有通过，没有升级，原来的程序照常用。请告诉县里：这台电脑的系统，和升级包的名字。"))


def _passes(command: list[str], progress: Progress) -> bool:
    nothing, end = subprocess.DEVNULL, monotonic() + _TRIAL
    try:
        trial = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, env=environment(), creationflags=_NO_WINDOW)
    except OSError:
        return False
    try:
        while monotonic() < end:
            progress(0, 0, _("试运行新程序"))
            with suppress(subprocess.TimeoutExpired):
                return trial.wait(0.2) == 0
        return False
    finally:
        trial.kill()
        trial.wait()
