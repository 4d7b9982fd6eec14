"""Programs for the tests of upgrading: each runs a few lines of Python, on Windows as an .exe."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from domain.release import PROGRAM

WINDOWS = sys.platform == "win32"
PYTHON = sys.executable
"""As the tests are run, whatever they make of `sys.executable`."""


def files(code: str) -> dict[str, bytes]:
    """The files of a program, by name, that runs this code."""
    text = f"#!{PYTHON}\nimport os, sys, time\nfrom pathlib import Path\n{code}\n".encode()
    if not WINDOWS:
        return {PROGRAM: text}
    setuptools = pytest.importorskip("setuptools")  # its launcher runs the script beside it
    launcher = Path(setuptools.__file__).with_name("cli-64.exe")
    return {PROGRAM: launcher.read_bytes(), f"{Path(PROGRAM).stem}-script.py": text}


def write(folder: Path, code: str) -> None:
    """Put such a program in a folder."""
    for name, content in files(code).items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o755)
