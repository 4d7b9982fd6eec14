"""A packed release of the program as an upgrade: looked at, vouched for by the county, unpacked beside this program and tried.

    found = look(file, county_key)       what it is and who vouches for it
    folder = unpack(found, program)      the new program beside the folder of this one, tried; this one hands over to it from then on
    vouch(file, county, signing)         at the county: writes the word that stations ask for, beside the archive

An archive is what `make package` writes: `cunzhan-VERSION-SYSTEM-MACHINE.zip` or `.tar.xz` with one folder of that name.
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
from db.files import regular, sweep, waited, write_whole
from db.local import COUNTY_KEY, PRACTICE
from db.store import Store
from domain import clock
from domain.errors import DomainError, InputUnusable, Refused, os_reason
from domain.progress import Progress, unwatched
from domain.release import FETCHED, NEWER, PACKAGE, PROGRAM, VERSION, WORD, environment, newer_beside, number, system
from domain.words import _
from services.previous_program import remember

_PURPOSE: Final = b"cunzhan program 1\0"
"""What the county signs begins with it, so that nothing else it signs can pass for this."""
_MOST_BYTES, _MOST_UNPACKED, _MOST_FILES, _MOST_WORD = 2**30, 4 * 2**30, 50_000, 4096
_PIECE: Final = 2**20
_TRIAL: Final = 600
"""Seconds in which the new program must have tried itself."""
_ROOM: Final = 10**9
"""Bytes that the disk of the program must have free."""
_WORK: Final = re.compile(r"\.cunzhan-[0-9a-f]{16}")
"""Beside the program, the folder in which a new one is unpacked and tried."""
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
        made.chmod(0o644)  # it goes to others
    except OSError as error:
        raise InputUnusable(_("「{file}」没有存成：{reason}").format(file=made.name, reason=os_reason(error))) from None
    return made


def running() -> Path:
    """The folder of the packed program that runs. Raises `DomainError` where it runs from its source or was upgraded already,
    `InputUnusable` where nothing can be put beside it: before 90 MB are fetched over a village's network."""
    if not getattr(sys, "frozen", False):
        raise DomainError(_("这个村站通是从源码运行的，用 git 升级。"))
    program = Path(sys.executable).parent
    if (newer := newer_beside(program)) is not None:
        raise DomainError(_("已经升级过了，新程序在「{folder}」。把村站通的窗口都关掉，再打开就是新程序。").format(folder=newer.name))
    try:
        with suppress(OSError):  # what an upgrade that was broken off left
            sweep(program.parent, _WORK)
        _workplace(program).rmdir()
        if shutil.disk_usage(program.parent).free < _ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise _not_done(error) from None
    return program


def county_key(store: Store) -> bytes:
    """The public key of the county a station belongs to, b"" if it belongs to none. Raises `Refused` in the practice village, which belongs
    to none on a laptop that does."""
    if store.get_meta(PRACTICE):
        raise Refused(_("练习村里不能升级。请先回到自己的村，再升级。"))
    return bytes.fromhex(store.get_meta(COUNTY_KEY) or "")


def look_for(store: Store, file: Path, progress: Progress = unwatched) -> ProgramPackage:
    """`look` for a station. What was fetched from its county and is not right is taken away, to be fetched anew."""
    try:
        return look(file, county_key(store), progress)
    except InputUnusable:
        if file.parent == store.home / FETCHED:
            file.unlink(missing_ok=True)
        raise


def upgrade(store: Store, package: ProgramPackage, program: Path, progress: Progress = unwatched) -> Path:
    """Unpack the new program, back the store up before it takes over, and keep who did it. Answers its folder. Raises as `unpack`."""

    def keep() -> None:
        progress(0, 0, _("备份"))
        backup(store, store.home / "backups" / f"{_('升级前')}-{VERSION}-{clock.now():%Y%m%dT%H%M%S}.zip")

    folder = unpack(package, program, progress, keep)
    if package.file.parent == store.home / FETCHED:  # from the county's server: it is not needed any more
        for one in (package.file, package.file.with_name(package.file.name + WORD)):
            one.unlink(missing_ok=True)
    with store.applying() as session:
        acts.keep(session, _("升级程序到 {version}").format(version=package.version), session.author)
    return folder


def unpack(
    package: ProgramPackage, program: Path, progress: Progress = unwatched, before_taking_over: Callable[[], None] = lambda: None
) -> Path:
    """Put the new program beside the folder of this one, try it, and let this one hand over to it. Answers its folder.

    A failure leaves everything as it was. Raises `InputUnusable`, `DomainError`, `Stopped` from `progress`.
    """
    work: Path | None = None
    try:
        work = _workplace(program)
        copy = work / package.file.name
        with copy.open("wb") as written:
            if _digest(package.file, progress, written.write) != package.sha256:  # a stick that was changed, or reads badly
                raise InputUnusable(_("升级包复制时变了样，可能是 U 盘接触不良。原来的程序没有动，请再试一次。"))
        _extract(copy, work / "x", package.folder, progress)
        made = work / "x" / package.folder
        if not (made / PROGRAM).is_file():
            raise _damaged()
        remember(made, program)
        _keep_on_disk(made)
        _try(made, progress)
        before_taking_over()
        return _put(made, program)
    except OSError as error:
        raise _not_done(error) from None
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def _workplace(program: Path) -> Path:
    made = program.parent / f".cunzhan-{secrets.token_hex(8)}"
    made.mkdir(0o700)
    return made


def _not_done(error: OSError) -> InputUnusable:
    told = _("升级没有做成：{reason}。原来的程序没有动。程序所在的文件夹要能写入，并有 1 GB 空地方。")
    return InputUnusable(told.format(reason=os_reason(error)))


def _keep_on_disk(made: Path) -> None:
    """After a power cut the old program would else hand over to one of empty files."""
    if sys.platform != "win32":
        os.sync()
        return
    for one in made.rglob("*"):
        with suppress(OSError), one.open("r+b") as file:
            os.fsync(file.fileno())


def _put(made: Path, program: Path) -> Path:
    folder = program.parent / made.name
    if newer_beside(program) == folder:  # somebody else upgraded at the same time, and may be using it
        return folder
    if folder.exists():  # of an upgrade that was broken off, or of a release that was taken back: in one step, or not at all
        waited(lambda: folder.rename(made.with_name("before")))
    waited(lambda: made.rename(folder))  # a virus scanner may still look at what ran just now
    _name(folder, program / NEWER)
    for line in program.parent.glob(f"*/{NEWER}"):  # those that hand over to this one go on without it
        with suppress(OSError, ValueError):
            if line.read_text(encoding="utf-8").strip() == program.name:
                _name(folder, line)
    return folder


def _name(folder: Path, line: Path) -> None:
    write_whole(line, folder.name.encode())
    line.chmod(0o644)  # other users of this computer open the same program


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


def _extract(archive: Path, into: Path, folder: str, progress: Progress) -> None:
    """Unpack what lies in the one folder the archive has. Raises `InputUnusable` for anything else in it, or too much."""
    count = size = 0

    def admit(name: str, more: int) -> None:
        nonlocal count, size
        progress(0, 0, _("解开升级包"))
        count, size = count + 1, size + more
        if size > _MOST_UNPACKED or count > _MOST_FILES or "\\" in name or ".." in name.split("/") or name.startswith("/") or ":" in name:
            raise _damaged()

    def inside(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
        admit(member.name, member.size)
        return tarfile.data_filter(member, path)  # refuses devices, places outside and links to them

    try:
        if archive.suffix == ".zip":
            with ZipFile(archive) as zipped:
                for one in zipped.infolist():
                    admit(one.filename, one.file_size)
                    zipped.extract(one, into)
        else:
            with tarfile.open(archive, "r:xz") as packed:
                packed.extractall(into, filter=inside)
            for made in (one for one in (into, *into.rglob("*")) if one.is_dir() and not one.is_symlink()):
                made.chmod(0o755)  # which it leaves to this user alone
    except (BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise _damaged() from error
    if [one.name for one in into.iterdir()] != [folder]:
        raise _damaged()


def _try(made: Path, progress: Progress) -> None:
    """Let the new program try itself on a store of its own. Raises `DomainError` if it does not work here."""
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
