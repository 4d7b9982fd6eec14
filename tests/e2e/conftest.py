"""The installed programs as somebody at a terminal sees them: what they print and how they end."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import county, station
from db.store import Store
from tests.conftest import PASSWORD
from tests.paths import ROOT

BIN = Path(sys.executable).parent
SAMPLES = ROOT / "resources" / "samples"


@dataclass(frozen=True)
class Ended:
    """A call that ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """Standard output, which must be exactly one JSON value."""
        return json.loads(self.out)


Run = Callable[..., Ended]


def environment(**more: str) -> dict[str, str]:
    """The environment of a program started by a test: no screen, the tests' password."""
    return {**os.environ, "CUNZHAN_PASSWORD": PASSWORD, "QT_QPA_PLATFORM": "offscreen", **more}


def start(program: str, *arguments: object, env: dict[str, str] | None = None, **more: Any) -> subprocess.Popen[str]:
    """Start an installed program."""
    return subprocess.Popen(
        [BIN / program, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=env or environment(),
        **more,
    )


@contextmanager
def killed(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A started program that is killed at the end, also where the test fails: none is left behind."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finished(program: str, *arguments: object, **more: Any) -> Ended:
    """Run an installed program to its end, at most a minute."""
    process = start(program, *arguments, **more)
    try:
        out, err = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return Ended(process.returncode, out, err)


def begun(home: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a program has the store open, with its work still to do."""
    while not (home / "store.db-wal").exists() and process.poll() is None:
        time.sleep(0.01)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("--home", home, "status", "--json")`: the program's main in this process. `password=`, `stdin=`, `program="cunzhan-server"`."""

    def call(*arguments: object, password: str | None = PASSWORD, stdin: str | None = None, program: str = "cunzhan") -> Ended:
        if password is None:
            monkeypatch.delenv("CUNZHAN_PASSWORD", raising=False)
        else:
            monkeypatch.setenv("CUNZHAN_PASSWORD", password)
        return _called(capfd, monkeypatch, [str(a) for a in arguments], stdin, program)

    return call


def _called(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str], stdin: str | None, program: str
) -> Ended:
    capfd.readouterr()
    if stdin is not None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
    main = station.PROGRAM.main if program == "cunzhan" else county.PROGRAM.main
    code = main(arguments)
    out, err = capfd.readouterr()
    return Ended(code, out, err)


@pytest.fixture
def home(make_store: Callable[..., Store]) -> Path:
    """The data folder of a fresh village station."""
    store = make_store()
    store.close()
    return store.home
