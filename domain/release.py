"""Which release of the program this is, and how releases are told apart."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path
from typing import Final

VERSION: Final = "0.1.0"
"""As in pyproject.toml; said here because a built application has no installed package to ask."""
NEWER: Final = "newer.txt"
"""In the folder of a program, the name of the folder beside it that holds the release it was upgraded to."""
OPENED: Final = "opened.txt"
"""In the folder of a program: its window has stood on this computer."""
DID_NOT_OPEN: Final = "CUNZHAN_DID_NOT_OPEN"
"""Variable in which a program that is opened instead of a later release is told which one did not open."""
FETCHED: Final = "programs"
"""In the data folder: archives, of a station those fetched from its county, of the county those it hands out."""
PROGRAM: Final = "cunzhan.exe" if sys.platform == "win32" else "cunzhan"
"""The program in a packed folder that takes commands."""
_LIBRARIES: Final = ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
"""Variables in which a packed program of PyInstaller names its own folder, also to the programs it starts."""

PACKAGE: Final = re.compile(r"(cunzhan-(\d{1,5}(?:\.\d{1,5}){1,3})-([a-z]+-[a-z0-9_]+))\.(?:zip|tar\.xz)")
"""Name of an archive as `make package` writes it: the folder in it, its version, for what system."""
WORD: Final = ".county"
"""Ending of the file beside an archive in which the county vouches for it."""


def system() -> str:
    """What this computer is, as archives are named: `windows-x86_64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{'x86_64' if machine == 'amd64' else machine}"


def number(version: str) -> tuple[int, ...]:
    """A version as numbers, to compare: 0.10.0 is later than 0.9.0. () for what is no version."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) < 6 for part in parts) else ()


def newer_beside(program: Path) -> Path | None:
    """The folder of the later release that took over from the packed program in this folder, None if there is none.

    A shortcut on the desktop goes on opening the old program, which hands over.
    """
    try:
        name = (program / NEWER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    folder, later = (
        program.parent / name,
        max(number(VERSION), _named(program.name)),
    )  # or two folders would hand over to each other for ever
    return folder if folder.name == name and _named(name) > later and (folder / PROGRAM).is_file() else None


def _named(folder: str) -> tuple[int, ...]:
    return number(folder.split("-")[1]) if folder.startswith("cunzhan-") else ()


def environment() -> dict[str, str]:
    """What another packed program is to be started with: this one's environment without what PyInstaller added of this one's libraries."""
    kept = {name: value for name, value in os.environ.items() if name not in _LIBRARIES and not name.startswith("_PYI_")}
    if before := kept.pop("LD_LIBRARY_PATH_ORIG", ""):
        kept["LD_LIBRARY_PATH"] = before
    return kept
