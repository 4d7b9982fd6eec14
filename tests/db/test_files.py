"""Files that take their name when they are whole."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from db import keys
from db.backup import pack, unpack
from db.files import for_a_copy, regular, write_whole
from domain.errors import CunzhanError, InputUnusable
from services import policies
from services.dossier.proof import prove
from services.office_files.reading import load
from sync.wire.bundle import read_file, write_file
from sync.wire.words import BundleError


@pytest.mark.parametrize("planted", ["link", "left over"])
def test_what_lies_under_the_name_meanwhile_is_not_written_through(tmp_path: Path, planted: str) -> None:
    """Who may write to a shared folder could have had any file of the user's overwritten."""
    other = tmp_path / "other"
    for name in ("a.key", "b.zip", "c.czb"):
        other.write_bytes(b"theirs")
        meanwhile = tmp_path / f"{name}.new"
        meanwhile.symlink_to(other) if planted == "link" else meanwhile.write_bytes(b"half of an earlier one")
        file = tmp_path / name
        {".key": lambda f: write_whole(f, b"mine"), ".zip": lambda f: pack(other, other, f), ".czb": lambda f: write_file(f, [b"mine"])}[
            file.suffix
        ](file)
        assert other.read_bytes() == b"theirs" and file.stat().st_size and not meanwhile.exists() and not file.is_symlink()


def test_a_file_that_failed_leaves_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(b"before")
    with pytest.raises(FileNotFoundError):
        pack(tmp_path / "none", tmp_path / "none", file)
    assert file.read_bytes() == b"before" and [one.name for one in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
@pytest.mark.parametrize("what", ["pipe", "link to a device"])
def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path, what: str) -> None:
    """`backup /dev/stdout` of an administrator took it away from every program of the machine."""
    for name in ("a.key", "b.zip", "c.czb"):
        given = tmp_path / name
        os.mkfifo(given) if what == "pipe" else given.symlink_to("/dev/null")
        before = given.lstat()
        with pytest.raises(InputUnusable, match=name):
            {".key": lambda f: write_whole(f, b"mine"), ".zip": lambda f: pack(Path(__file__), Path(__file__), f)}.get(
                given.suffix, lambda f: write_file(f, [b"mine"])
            )(given)
        assert given.lstat() == before and not (tmp_path / f"{name}.new").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
@pytest.mark.parametrize("what", ["pipe", "device"])
def test_what_is_no_file_is_refused_wherever_one_is_named(tmp_path: Path, what: str) -> None:
    """`import /dev/zero` read until the memory was full, a pipe nobody wrote to was waited for."""
    given = Path("/dev/zero")
    if what == "pipe":
        given = tmp_path / "管道.pdf"
        os.mkfifo(given)
    readers: list[Callable[[Path], object]] = [
        load,
        policies.read,
        prove,
        lambda file: unpack(file, tmp_path, None, "密码"),
        lambda file: keys.read_slot(file, "county"),
        lambda file: list(read_file(file)),
    ]
    for reader in readers:
        with pytest.raises(CunzhanError) as told:
            reader(given)
        assert any(word in str(told.value) for word in ("设备或管道", "不是村站通的"))
    with pytest.raises(InputUnusable, match="设备或管道"), regular(given):
        pass


def test_a_folder_in_the_place_of_a_bundle_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="这是一个文件夹"):
        list(read_file(tmp_path))


def test_a_clock_that_is_set_meanwhile_takes_no_folder_from_a_program_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another window's copy looked ten minutes old at once. What a killed program left goes all the same."""
    left = tmp_path / ".backup-abcdefgh"
    left.mkdir()
    (left / "store.db").write_bytes(b"names")
    with for_a_copy(tmp_path) as folder:
        copy = Path(folder) / "store.db"
        copy.write_bytes(b"half of a copy")
        later = time.time() + 3_600
        monkeypatch.setattr(time, "time", lambda: later)
        with for_a_copy(tmp_path) as another:
            assert copy.read_bytes() == b"half of a copy" and not left.exists()
        assert not Path(another).exists()
    assert list(tmp_path.iterdir()) == []
