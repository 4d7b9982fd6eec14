"""The program's own release, and the names and versions of release archives."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path
from typing import Final

VERSION: Final = "0.1.0"
"""As in pyproject.toml; repeated here because a built application has no package metadata."""
NEWER: Final = "newer.txt"
"""File in a program's folder with the name of the sibling folder that holds the release it was upgraded to."""
OPENED: Final = "opened.txt"
"""File in a program's folder that marks that its window has opened on this computer."""
DID_NOT_OPEN: Final = "CUNZHAN_DID_NOT_OPEN"
"""Environment variable that names, to a program opened instead of a later release, the release that did not open."""
FETCHED: Final = "programs"
"""Folder in the data folder for archives: at a station those fetched from its county, at the county those it offers."""
PROGRAM: Final = "cunzhan.exe" if sys.platform == "win32" else "cunzhan"
"""The command-line program in a packed folder."""
_LIBRARIES: Final = ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
"""Environment variables that PyInstaller sets to a packed program's own folder, and that its child processes inherit."""

PACKAGE: Final = re.compile(r"(cunzhan-(\d{1,5}(?:\.\d{1,5}){1,3})-([a-z]+-[a-z0-9_]+))\.(?:zip|tar\.xz)")
"""Name of an archive made by `make package`: the folder inside, the version, and the system."""
WORD: Final = ".county"
"""Extension of the file beside an archive that holds the county's signature."""


def system() -> str:
    """This computer's system, as in archive names: `windows-x86_64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{'x86_64' if machine == 'amd64' else machine}"


def number(version: str) -> tuple[int, ...]:
    """A version as comparable numbers: 0.10.0 is later than 0.9.0. () for an invalid version."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) < 6 for part in parts) else ()


def newer_beside(program: Path) -> Path | None:
    """The folder of the later release that replaced the packed program in this folder, None if there is none.

    A desktop shortcut keeps opening the old program, which hands over.
    """
    try:
        name = (program / NEWER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    folder, later = (
        program.parent / name,
        max(number(VERSION), _named(program.name)),
    )  # otherwise two folders could hand over to each other for ever
    return folder if folder.name == name and _named(name) > later and (folder / PROGRAM).is_file() else None


def _named(folder: str) -> tuple[int, ...]:
    return number(folder.split("-")[1]) if folder.startswith("cunzhan-") else ()


def environment() -> dict[str, str]:
    """The environment for starting another packed program: this one's, without the library paths that PyInstaller added."""
    kept = {name: value for name, value in os.environ.items() if name not in _LIBRARIES and not name.startswith("_PYI_")}
    if before := kept.pop("LD_LIBRARY_PATH_ORIG", ""):
        kept["LD_LIBRARY_PATH"] = before
    return kept
