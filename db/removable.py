"""Finds mounted USB sticks without Qt, because the password is asked for before much of the program is loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from glob import glob
from os.path import isdir
from pathlib import Path
from string import ascii_uppercase

_REMOVABLE = 2  # DRIVE_REMOVABLE of Windows
_NO_QUESTIONS = 1  # SEM_FAILCRITICALERRORS
_MOUNTED = ("media", "run/media", "mnt", "Volumes")


def removable(root: str) -> bool:
    """Whether the volume mounted at `root` is removable. If the system does not say, the location of the mount decides."""
    if sys.platform == "win32":
        import ctypes

        kind: Callable[[str], int] = ctypes.windll.kernel32.GetDriveTypeW
        return kind(root.replace("/", "\\")) == _REMOVABLE
    return root.startswith(tuple(f"/{place}/" for place in _MOUNTED))


def roots() -> list[Path]:
    """The root folders of the sticks that are plugged in; on Linux also their parent folders."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(_NO_QUESTIONS)  # Windows would ask for a disk in the empty slot of a card reader
        return [Path(root) for letter in ascii_uppercase if removable(root := f"{letter}:\\")]
    found = [folder for place in _MOUNTED for depth in ("*", "*/*") for folder in glob(f"/{place}/{depth}")]
    return [Path(folder) for folder in found if isdir(folder)]  # `Path` raises for a stick that was pulled out while mounted
