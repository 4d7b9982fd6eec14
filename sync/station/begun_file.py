"""Keeps the beginning of a bundle that comes in parts in a file, so that it goes on after a cut connection or a killed program."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from time import time

SUFFIX = ".part"
_OLD = 24 * 3600.0


class BegunFile:
    """The beginning of a bundle in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def size(self) -> int:
        """Bytes that are here."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, offset: int, data: bytes) -> int:
        """Append `data` if it begins at `offset` where the file ends; answers how many bytes are here now."""
        if offset == self.size:
            with open(self.path, "ab") as file:
                file.write(data)
        return self.size

    def content(self) -> bytes:
        """What is here."""
        return self.path.read_bytes() if self.path.exists() else b""

    def drop(self) -> None:
        """Forget it."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def folder_of(home: Path, name: str) -> Path:
    """A folder of the store for such files, made if missing. Files left in it for a day are removed."""
    folder = home / "handover" / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        with suppress(OSError):
            if time() - path.stat().st_mtime > _OLD:
                os.unlink(path)
    return folder


def lying_in(folder: Path) -> list[Path]:
    """The files of bundles that have begun to come."""
    return sorted(folder.glob("*" + SUFFIX))
