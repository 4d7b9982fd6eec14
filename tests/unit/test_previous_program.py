"""A release that does not open: the program of before is opened instead, and after the second time for good; and the way back that its user
asks for."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cli import start
from db.upgrade import HEAD
from domain import release
from domain.errors import DomainError
from services.upgrading import previous_program
from services.upgrading.previous_program import did_not_open, go_back, go_back_here, opened, previous
from tests import programs

HERE = release.system()


class Shelf:
    """Folders of programs: the shortcut's, the one it was upgraded to, and the newest; each answers as its script does."""

    def __init__(self, folder: Path) -> None:
        self.first, self.middle, self.newest = (folder / f"cunzhan-{version}-{HERE}" for version in ("0.1.0", "0.2.0", "0.3.0"))
        for one in (self.first, self.middle, self.newest):
            one.mkdir(parents=True)
            self.answers(one, "sys.exit(0)")
        previous_program.remember(self.middle, self.first)
        previous_program.remember(self.newest, self.middle)
        for one in (self.first, self.middle):
            (one / release.NEWER).write_text(self.newest.name)

    def answers(self, program: Path, script: str) -> None:
        programs.write(program, script)

    def lines(self) -> list[str | None]:
        files = [one / release.NEWER for one in (self.first, self.middle, self.newest)]
        return [file.read_text() if file.exists() else None for file in files]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Its shortcut is opened, without a console."""
    made = Shelf(tmp_path)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(made.first / release.PROGRAM))
    monkeypatch.setattr(sys, "argv", ["cunzhan"])
    monkeypatch.delenv(release.DID_NOT_OPEN, raising=False)
    monkeypatch.setattr(start, "_begin", lambda _module: 77)
    monkeypatch.setattr("signal.signal", lambda *_words: None)
    return made


def open_shortcut(monkeypatch: pytest.MonkeyPatch) -> tuple[int | None, str]:
    """The exit code, or the program that this process became, and the release it was told did not open."""
    became: list[str] = []

    def become(command: list[str]) -> None:
        became.append(Path(command[0]).parent.name)
        raise SystemExit

    monkeypatch.setattr(start, "_become", become)
    try:
        code: int | None = start.station()
    except SystemExit:
        code = None
    told = os.environ.pop(release.DID_NOT_OPEN, "")
    return code, " ".join([*became, told])


def test_a_release_that_ends_in_an_error_gives_way_to_the_one_before(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.answers(shelf.newest, "sys.exit(3)")
    instead = (None, f"{shelf.middle.name} {shelf.newest.name}")
    assert open_shortcut(monkeypatch) == instead, "not the oldest, which does not read what the middle one wrote"
    assert shelf.lines() == [shelf.newest.name, shelf.newest.name, None], "once may be bad luck"
    assert open_shortcut(monkeypatch) == instead
    assert shelf.lines() == [shelf.middle.name, None, None]
    shelf.answers(shelf.middle, f"Path({str(shelf.middle / release.OPENED)!r}).touch(); sys.exit(5)")
    assert open_shortcut(monkeypatch) == (5, "")


def test_the_program_that_was_upgraded_goes_on_itself(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(shelf.middle / release.PROGRAM))
    (shelf.newest / release.PROGRAM).write_text("not a program")
    assert open_shortcut(monkeypatch) == (77, f" {shelf.newest.name}".strip())


def test_a_window_that_stood_or_was_closed_in_order_is_no_failure(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_shortcut(monkeypatch) == (0, ""), "closed where the password is asked for"
    shelf.answers(shelf.newest, f"Path({str(shelf.newest / release.OPENED)!r}).touch(); sys.exit(9)")
    assert open_shortcut(monkeypatch) == (9, "")
    assert open_shortcut(monkeypatch) == (None, f"{shelf.newest.name} "), "nobody watches it any more"


def test_nobody_waits_for_a_window_once_it_stands(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a console, as on Windows: the program of the shortcut does not stay beside the one it watched."""

    class Window:
        def __init__(self, command: list[str], **_more: object) -> None:
            assert Path(command[0]).parent == shelf.newest

        def wait(self, seconds: float) -> int:
            (shelf.newest / release.OPENED).touch()
            raise subprocess.TimeoutExpired("cunzhan", seconds)

    monkeypatch.setattr(subprocess, "Popen", Window)
    monkeypatch.setattr(sys, "stdout", None)
    assert open_shortcut(monkeypatch) == (0, "")


def test_commands_are_handed_over_unwatched(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["cunzhan", "sync"])
    assert open_shortcut(monkeypatch) == (None, f"{shelf.newest.name} ")


def test_without_a_program_before_nothing_is_changed(shelf: Shelf) -> None:
    (shelf.newest / "previous.txt").unlink()
    assert [did_not_open(shelf.newest) for _n in range(3)] == [None] * 3
    assert shelf.lines()[0] == shelf.newest.name
    with pytest.raises(DomainError, match="退不回去"):
        go_back(shelf.newest)
    for said in ("../x\n1", f"{shelf.middle}\n1", "\0", "gone\n1"):
        (shelf.newest / "previous.txt").write_text(said)
        assert previous(shelf.newest) is None


def test_files_marked_read_only_are_no_hindrance(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows neither replaces nor deletes them."""

    def refuse(file: Path) -> None:
        if file.exists() and not file.stat().st_mode & stat.S_IWRITE:
            error = PermissionError(errno.EACCES, "read-only")
            error.winerror = 5  # type: ignore[attr-defined]  # every OSError has one on Windows
            raise error

    real_replace, real_unlink = os.replace, Path.unlink

    def replace(source: Path, target: Path) -> None:
        refuse(target)
        real_replace(source, target)

    def unlink(file: Path, missing_ok: bool = False) -> None:
        refuse(file)
        real_unlink(file, missing_ok)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(Path, "unlink", unlink)
    (shelf.newest / "failed.txt").touch()
    for file in shelf.first.parent.glob("*/*.txt"):
        file.chmod(0o444)
    assert go_back(shelf.newest) == shelf.middle
    assert shelf.lines() == [shelf.middle.name, None, None] and not (shelf.newest / "failed.txt").exists()


def test_what_others_keep_beside_the_programs_stays(shelf: Shelf) -> None:
    other = shelf.first.parent / "别的程序" / release.NEWER
    other.parent.mkdir()
    other.write_bytes("新版本".encode("gbk"))
    assert go_back(shelf.newest) == shelf.middle
    assert other.read_bytes() == "新版本".encode("gbk")


def test_its_user_goes_back_where_the_tables_are_the_same(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(shelf.newest / release.PROGRAM))
    (shelf.newest / "previous.txt").write_text(f"{shelf.middle.name}\n0001")
    with pytest.raises(DomainError, match="已经把数据升级"):
        go_back_here()
    (shelf.newest / "previous.txt").write_text(f"{shelf.middle.name}\n{HEAD}")
    opened()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda *_words, **_more: (_ for _ in ()).throw(PermissionError(13, "no")))
        with pytest.raises(DomainError, match="要能写入"):
            go_back_here()
    assert go_back_here() == shelf.middle and (shelf.newest / release.OPENED).exists()
    assert shelf.lines() == [shelf.middle.name, None, None]
