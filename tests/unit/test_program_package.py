"""Upgrading the program: only what the county vouches for, only what is newer and works here, and nothing half done."""

from __future__ import annotations

import errno
import io
import os
import random
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from nacl.signing import SigningKey

from cli import start
from domain import release
from domain.errors import DomainError, InputUnusable, Stopped
from services.upgrading import previous_program, program_package
from services.upgrading.program_package import look, unpack, vouch
from tests import programs

of_linux = pytest.mark.skipif(sys.platform == "win32", reason="what is told to the system here is Linux's")

COUNTY, OTHER = SigningKey(b"c" * 32), SigningKey(b"o" * 32)
KEY = bytes(COUNTY.verify_key)
HERE = release.system()


def archive(
    folder: Path, version: str = "9.0.0", *, code: str = "sys.exit(0)", more: dict[str, tarfile.TarInfo] | None = None, top: str = ""
) -> Path:
    """A release for this system whose program runs the code."""
    folder.mkdir(exist_ok=True)
    name = f"cunzhan-{version}-{HERE}"
    if sys.platform == "win32":
        return _zip(folder / f"{name}.zip", top or name, code, more or {})
    file = folder / f"{name}.tar.xz"
    with tarfile.open(file, "w:xz") as packed:
        for part, data in programs.files(code).items():
            entry = tarfile.TarInfo(f"{top or name}/{part}")
            entry.size, entry.mode = len(data), 0o755
            packed.addfile(entry, io.BytesIO(data))
        for other in (more or {}).values():
            packed.addfile(other, io.BytesIO(b"x" * other.size))
    return file


def _zip(file: Path, top: str, code: str, more: dict[str, tarfile.TarInfo]) -> Path:
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        for part, data in programs.files(code).items():
            packed.writestr(f"{top}/{part}", data)
        for name, other in more.items():
            packed.writestr(name, b"x" * other.size)
    return file


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The folder of the program that runs."""
    folder = tmp_path / "programs" / f"cunzhan-{release.VERSION}-{HERE}"
    folder.mkdir(parents=True)
    return folder


def beside(program: Path) -> list[str]:
    return sorted(one.name for one in program.parent.iterdir())


def test_what_the_county_signed_is_put_beside_and_takes_over(tmp_path: Path, program: Path) -> None:
    file = archive(tmp_path / "stick", code='sys.exit(sys.argv[3] != "self-test")')
    assert vouch(file, COUNTY).name == file.name + release.WORD
    found = look(file, KEY)
    assert found.vouched and found.version == "9.0.0" and release.newer_beside(program) is None
    folder = unpack(found, program)
    assert folder == program.parent / f"cunzhan-9.0.0-{HERE}" and os.access(folder / release.PROGRAM, os.X_OK)
    assert release.newer_beside(program) == folder and beside(program) == sorted([program.name, folder.name])
    assert unpack(found, program) == folder, "once more, as after an upgrade that was broken off"


def test_a_station_of_a_county_takes_nobody_elses(tmp_path: Path) -> None:
    file = archive(tmp_path / "stick")
    with pytest.raises(InputUnusable, match="没有县里的签发文件"):
        look(file, KEY)
    vouch(file, OTHER)
    with pytest.raises(InputUnusable, match="不是本县签发的"):
        look(file, KEY)
    vouch(file, COUNTY)
    word = file.with_name(file.name + release.WORD)
    signed = word.read_bytes()
    archive(tmp_path / "stick", code="sys.exit(7)")  # another archive under the same name
    with pytest.raises(InputUnusable, match="不是同一个"):
        look(file, KEY)
    for bad in (b"", b"{}", signed[:-9], signed.replace(b"9.0.0", b"9.0.1"), b"[" * 9000):
        word.write_bytes(bad)
        with pytest.raises(InputUnusable):
            look(file, KEY)
    word.unlink()
    found = look(file, b"")
    assert not found.vouched and found.sha256 in found.voucher()


@pytest.mark.parametrize("version", [release.VERSION, "0.0.9"])
def test_what_is_not_newer_is_no_upgrade(tmp_path: Path, version: str) -> None:
    with pytest.raises(DomainError, match="不用升级"):
        look(archive(tmp_path / "stick", version), b"")


@pytest.mark.parametrize("name", ["村站通.zip", "cunzhan-9-linux-x86_64.zip", "cunzhan-9.0.0-linux.zip", f"cunzhan-9.0.0-{HERE}.exe"])
def test_other_files_are_told_apart_by_their_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputUnusable, match="不是村站通的升级包"):
        look(tmp_path / name, b"")
    with pytest.raises(InputUnusable, match="另一种电脑"):
        look(tmp_path / "cunzhan-9.0.0-openbsd-mips.zip", b"")


def test_a_program_that_does_not_work_here_changes_nothing(tmp_path: Path, program: Path) -> None:
    for code in ("sys.exit(5)", "os.abort()"):
        with pytest.raises(DomainError, match="试运行没有通过"):
            unpack(look(archive(tmp_path / "stick", code=code), b""), program)
        assert beside(program) == [program.name] and not list(program.iterdir())


def test_a_stick_that_changes_between_looking_and_copying(tmp_path: Path, program: Path) -> None:
    found = look(archive(tmp_path / "stick"), b"")
    archive(tmp_path / "stick", code="sys.exit(1)")
    with pytest.raises(InputUnusable, match="变了样"):
        unpack(found, program)
    found.file.unlink()
    with pytest.raises(InputUnusable, match="没有做成"):
        unpack(found, program)
    assert beside(program) == [program.name]


def entry(name: str, *, size: int = 1, link: str = "", type: bytes = b"") -> dict[str, tarfile.TarInfo]:
    made = tarfile.TarInfo(name)
    made.size, made.linkname = (0, link) if link else (size, "")
    made.type = type or (tarfile.SYMTYPE if link else tarfile.REGTYPE)
    return {name: made}


@pytest.mark.parametrize(
    "more",
    [
        entry("../out"),
        entry("/tmp/out"),
        entry(f"cunzhan-9.0.0-{HERE}/../../out"),
        pytest.param(entry(f"cunzhan-9.0.0-{HERE}/link", link="/etc/passwd"), marks=of_linux),
        pytest.param(entry(f"cunzhan-9.0.0-{HERE}/link", link="../../out"), marks=of_linux),
        pytest.param(entry(f"cunzhan-9.0.0-{HERE}/link", link="../out", type=tarfile.LNKTYPE), marks=of_linux),
        pytest.param(entry(f"cunzhan-9.0.0-{HERE}/device", size=0, type=tarfile.CHRTYPE), marks=of_linux),
        entry("another/file"),
        {f"n{n}": one for n in range(60) for one in entry(f"cunzhan-9.0.0-{HERE}/{n}").values()},
    ],
)
def test_what_would_lie_elsewhere_or_be_too_much_is_refused(
    tmp_path: Path, program: Path, more: dict[str, tarfile.TarInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_package, "_MAX_FILES", 50)
    with pytest.raises(InputUnusable, match="损坏了"):
        unpack(look(archive(tmp_path / "stick", more=more), b""), program)
    assert beside(program) == [program.name] and not (tmp_path / "out").exists()


def test_a_cut_archive_or_one_without_the_program_is_refused(tmp_path: Path, program: Path) -> None:
    file = archive(tmp_path / "stick")
    file.write_bytes(file.read_bytes()[:120])
    with pytest.raises(InputUnusable, match="损坏了"):
        unpack(look(file, b""), program)
    with pytest.raises(InputUnusable, match="损坏了"):
        unpack(look(archive(tmp_path / "stick", top="other"), b""), program)
    assert beside(program) == [program.name]


def test_a_broken_archive_is_told_as_one(tmp_path: Path, program: Path) -> None:
    """Where nobody signs, it may be broken anywhere."""
    file = archive(tmp_path / "stick", more=entry(f"cunzhan-9.0.0-{HERE}/much", size=200_000))
    whole = file.read_bytes()
    zipped = file.with_name(f"cunzhan-9.0.0-{HERE}.zip")
    with ZipFile(zipped, "w", ZIP_DEFLATED) as packed:
        packed.writestr(f"cunzhan-9.0.0-{HERE}/{release.PROGRAM}", random.Random(1).randbytes(3000).hex())
    for one, content in ((file, whole), (zipped, zipped.read_bytes())):
        for at in range(40, min(len(content), 1600), 250):
            one.write_bytes(content[:at] + bytes([content[at] ^ 0xFF, content[at + 1] ^ 0x55]) + content[at + 2 :])
            with pytest.raises((InputUnusable, DomainError), match=r"损坏了|没有通过"):
                unpack(look(one, b""), program)
    assert beside(program) == [program.name]


def test_the_trial_of_the_new_program_can_be_stopped(tmp_path: Path, program: Path) -> None:
    """A new program that hangs would hold the window for ten minutes."""
    found = look(archive(tmp_path / "stick", code="time.sleep(60)"), b"")
    tried: list[str] = []

    def stop(_done: int, _total: int, what: str) -> None:
        tried.append(what)
        if tried.count("试运行新程序") == 2:
            raise Stopped

    begun = time.monotonic()
    with pytest.raises(Stopped):
        unpack(found, program, stop)
    assert beside(program) == [program.name] and time.monotonic() - begun < 30


def test_a_folder_that_is_there_is_replaced_whole_unless_it_took_over(tmp_path: Path, program: Path) -> None:
    found = look(archive(tmp_path / "stick"), b"")
    there = program.parent / found.folder
    there.mkdir()
    (there / "left").touch()
    assert unpack(found, program) == there and not (there / "left").exists()
    assert (program / release.NEWER).stat().st_mode & 0o777 == (0o666 if sys.platform == "win32" else 0o644), (
        "all users of the computer open the same program"
    )
    (there / "in use").touch()
    assert unpack(found, program) == there and (there / "in use").exists(), "somebody upgraded at the same time and works with it"


@pytest.mark.parametrize("seconds", [15, 60])
def test_a_scanner_that_reads_the_new_program_is_waited_for(
    tmp_path: Path, program: Path, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows moves no folder in which a file is open. One that stays open leaves everything as it was."""
    waited, rename = [0.0], Path.rename

    def refuse(folder: Path, target: Path) -> Path:
        if waited[0] < seconds:
            error = PermissionError(errno.EACCES, "held")
            error.winerror = 5  # type: ignore[attr-defined]  # every OSError has one on Windows
            raise error
        return rename(folder, target)

    found = look(archive(tmp_path / "stick"), b"")
    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr("db.files.time", SimpleNamespace(sleep=lambda more: waited.append(waited.pop() + more), time=time.time))
    if seconds < 20:
        folder = unpack(found, program)
        assert release.newer_beside(program) == folder
    else:
        with pytest.raises(InputUnusable, match=r"原来的程序没有动.*关掉别的窗口"):
            unpack(found, program)
        assert beside(program) == [program.name] and not list(program.iterdir())


def test_releases_between_are_not_needed_any_more(tmp_path: Path, program: Path) -> None:
    """The shortcut goes on opening the first one."""
    first, other = (program.parent / name for name in ("first", "other"))
    for folder, named in ((first, program.name), (other, "cunzhan-8.0.0-x")):
        folder.mkdir()
        (folder / release.NEWER).write_text(f"{named}\n")
    folder = unpack(look(archive(tmp_path / "stick"), b""), program)
    program.rename(tmp_path / "deleted")
    assert release.newer_beside(first) == folder and (other / release.NEWER).read_text() == "cunzhan-8.0.0-x\n"


def test_an_upgrade_gives_way_to_who_goes_back_meanwhile(tmp_path: Path, program: Path) -> None:
    """It said that shortcuts open the new program, and they opened the one of before."""
    first = program.parent / f"cunzhan-0.0.1-{HERE}"
    for folder in (first, program):
        folder.mkdir(exist_ok=True)
        (folder / release.PROGRAM).touch()
    (first / release.NEWER).write_text(program.name)
    previous_program.remember(program, first)
    found, before, told = look(archive(tmp_path / "stick"), b""), beside(program), list[Path]()
    with pytest.raises(DomainError, match="这次没有升级"):
        unpack(found, program, before_taking_over=lambda: told.append(previous_program.go_back(program)))
    assert (beside(program), list(program.parent.glob(f"*/{release.NEWER}"))) == (before, [])
    unpack(found, program, before_taking_over=lambda: told.append(unpack(found, program)))  # twice the same is no quarrel
    assert release.newer_beside(program) == program.parent / found.folder


def test_the_backup_is_made_once_the_new_program_works(tmp_path: Path, program: Path) -> None:
    made: list[int] = []
    with pytest.raises(DomainError):
        unpack(look(archive(tmp_path / "stick", code="sys.exit(1)"), b""), program, before_taking_over=lambda: made.append(1))
    assert not made
    unpack(
        look(archive(tmp_path / "stick"), b""), program, before_taking_over=lambda: made.append(release.newer_beside(program) is not None)
    )
    assert made == [False]


@of_linux
def test_where_nothing_can_be_put_nothing_is_fetched(tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program / "cunzhan"))
    left = program.parent / ".cunzhan-0123456789abcdef"
    (left / "x").mkdir(parents=True)
    (left / "x" / "library.so").symlink_to("not unpacked yet")
    for one in (left / "x" / "library.so", left / "x", left):
        os.utime(one, (0, 0), follow_symlinks=False)
    assert program_package.running() == program and beside(program) == [program.name], "what a power cut left is taken away"
    monkeypatch.setattr(program_package, "_ROOM", 2**80)
    with pytest.raises(InputUnusable, match="1 GB"):
        program_package.running()
    monkeypatch.setattr(program_package, "_ROOM", 0)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", lambda *_words, **_more: (_ for _ in ()).throw(PermissionError(13, "no")))
        with pytest.raises(InputUnusable, match="要能写入"):
            program_package.running()
    unpack(look(archive(tmp_path / "stick"), b""), program)
    with pytest.raises(DomainError, match="已经升级过了"):
        program_package.running()


@of_linux
def test_the_old_program_hands_over_to_the_newer_one(tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a shortcut on the desktop starts it, with whatever stands behind it."""
    folder = unpack(look(archive(tmp_path / "stick"), b""), program)
    started: list[list[str]] = []
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program / "cunzhan"))
    monkeypatch.setattr(sys, "argv", ["cunzhan", "status"])
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", str(program / "cunzhan"))
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{program}/_internal:/opt/own")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/own")
    monkeypatch.setattr(start, "_begin", lambda module: {"cli.station": 7, "cli.county": 8}[module])
    assert start.county() == 8, "the county's database is upgraded by its administrator"

    def become(_file: Path, words: list[str], environment: dict[str, str]) -> None:
        assert str(program) not in " ".join(environment.values()) and environment["LD_LIBRARY_PATH"] == "/opt/own"
        started.append(words)
        raise SystemExit

    monkeypatch.setattr(os, "execve", become)
    with pytest.raises(SystemExit):
        start.station()
    assert started == [[str(folder / "cunzhan"), "status"]]


@of_linux
def test_a_newer_program_that_cannot_be_started_leaves_the_old_one(tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpack(look(archive(tmp_path / "stick"), b""), program)
    (folder / "cunzhan").chmod(0o600)
    (folder / "cunzhan").write_bytes(b"")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program / "cunzhan"))
    monkeypatch.setattr(sys, "argv", ["cunzhan", "status"])
    monkeypatch.setattr(subprocess, "Popen", lambda *_words, **_more: pytest.fail("on Linux the process becomes the other"))
    monkeypatch.setattr(start, "_begin", lambda _module: 7)
    monkeypatch.setattr(os, "execve", lambda *_words: (_ for _ in ()).throw(PermissionError))
    assert start.station() == 7


def test_folders_that_name_each_other_do_not_hand_over_for_ever(tmp_path: Path) -> None:
    one, other = (tmp_path / f"cunzhan-{version}-x" for version in ("9.0.0", "9.1.0"))
    for folder, named in ((one, other), (other, one)):
        folder.mkdir()
        (folder / release.PROGRAM).touch()
        (folder / release.NEWER).write_text(named.name)
    assert release.newer_beside(one) == other and release.newer_beside(other) is None
    (other / release.NEWER).write_text(other.name)
    assert release.newer_beside(other) is None


@pytest.mark.parametrize("said", ["", "../cunzhan-9.0.0-x", "cunzhan-9.0.0-x", "cunzhan-0.0.1-x", "cunzhan-x", "\0", "/bin"])
def test_a_pointer_that_leads_nowhere_is_not_followed(program: Path, said: str) -> None:
    older = program.parent / "cunzhan-0.0.1-x"
    older.mkdir()
    (older / release.PROGRAM).touch()
    (program / release.NEWER).write_text(said)
    assert release.newer_beside(program) is None
