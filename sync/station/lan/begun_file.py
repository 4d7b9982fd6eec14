"""Stores the beginning of a bundle that arrives in parts, so that a transfer resumes after a broken connection or a killed program."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from time import time

SUFFIX = ".part"
_OLD = 24 * 3600.0
"""Seconds after which an abandoned file is removed."""


class BegunFile:
    """A file with the beginning of a bundle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def size(self) -> int:
        """Bytes received; 0 if there is no file."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, offset: int, data: bytes) -> int:
        """Append `data` if `offset` is the end of the file, otherwise do nothing; returns the number of bytes received."""
        if offset == self.size:
            with open(self.path, "ab") as file:
                file.write(data)
        return self.size

    def content(self) -> bytes:
        """The bytes received."""
        return self.path.read_bytes() if self.path.exists() else b""

    def drop(self) -> None:
        """Delete the file."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def folder_of(home: Path, name: str) -> Path:
    """Return a folder of the store for such files, made if missing. Files not written to for a day are removed."""
    folder = home / "handover" / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        with suppress(OSError):
            if time() - path.stat().st_mtime > _OLD:
                os.unlink(path)
    return folder


def begun_files(folder: Path) -> list[Path]:
    """Return the files of bundles in a folder that are only partly received."""
    return sorted(folder.glob("*" + SUFFIX))
