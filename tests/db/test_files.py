"""Files that take their name when they are whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.backup import pack
from db.files import write_whole
from sync.wire.bundle import write_file


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
