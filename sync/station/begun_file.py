"""A bundle that comes in parts: what of it is here lies in a file, so that neither a cut connection nor a killed program begins anew."""

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
        """Put `data` behind what is here, if that is where it belongs; answers how much is here now."""
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
    """A folder of the store for such files, made where there is none; what was left lying in it for a day is gone."""
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
