"""The entry points of both programs. While the rest is being loaded, Ctrl-C would show a Python traceback, so it is kept until the
program can answer it with one line and its exit code."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import FrameType

from domain.release import DID_NOT_OPEN, OPENED, environment, newer_beside

OBJECTS = 50_000
"""New objects before a garbage collection. With Python's default of 700 a sixth of the start-up time goes into looking for garbage among
modules and tables that all stay."""


def station() -> int:
    """`cunzhan`; returns its exit code."""
    code = _handed_over()
    return _begin("cli.station") if code is None else code


def county() -> int:
    """`cunzhan-server`; returns its exit code. It never hands over to a later release: an upgrade of the county's database is up to its
    administrator, after a backup, not to whoever upgrades a station on the same machine."""
    return _begin("cli.county")


def look_for_garbage_rarely() -> None:
    """See `OBJECTS`."""
    gc.set_threshold(OBJECTS, 20, 20)


def no_core_dumps() -> None:
    """Disable core dumps of this process and its children: its memory holds the key of the store and people's data."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with suppress(OSError):  # a dump that Linux hands to a program (apport, systemd-coredump) knows no limit: leave it empty
            Path("/proc/self/coredump_filter").write_text("0", "ascii")


def _handed_over() -> int | None:
    """Hand over to the later release that replaced this packed program (a shortcut still opens the old one); returns its exit code, or
    None if there is none."""
    if not getattr(sys, "frozen", False) or DID_NOT_OPEN in os.environ:
        return None
    here = Path(sys.executable)
    folder = newer_beside(here.parent)
    if folder is None or not (folder / here.name).is_file():
        return None
    command = [str(folder / here.name), *sys.argv[1:]]
    opens_window = sys.stdout is None or len(sys.argv) == 1 or "desktop" in sys.argv
    if opens_window and not (folder / OPENED).exists():
        code = _first_opened(command, folder)
        return code if code is not None else _opened_instead(here, folder)
    return _become(command)


def _become(command: list[str]) -> int | None:
    """Run another program in place of this one; returns its exit code, None if it cannot be started."""
    with suppress(OSError):  # removed by a virus scanner, or not executable: this program goes on
        if sys.platform != "win32":
            os.execve(command[0], command, environment())
        started = subprocess.Popen(command, env=environment())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # leave Ctrl-C to the other program
        return 0 if sys.stdout is None else started.wait()  # nobody waits for a window
    return None


def _first_opened(command: list[str], folder: Path) -> int | None:
    """Run a release whose window has not opened on this computer before; returns its exit code, or None if it failed before the window
    opened."""
    try:
        started = subprocess.Popen(command, env=environment())
    except OSError:
        return None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = None
    while code is None:
        with suppress(subprocess.TimeoutExpired):
            code = started.wait(0.5)
        if sys.stdout is None and (folder / OPENED).exists():
            return 0
    return code if code == 0 or (folder / OPENED).exists() else None


def _opened_instead(here: Path, folder: Path) -> int | None:
    """Run the program from which the release that did not open was upgraded; None if that is this one."""
    from services.upgrading.previous_program import did_not_open

    before = did_not_open(folder)
    os.environ[DID_NOT_OPEN] = folder.name
    return None if before is None or before == here.parent else _become([str(before / here.name), *sys.argv[1:]])


def _begin(module: str) -> int:
    no_core_dumps()
    look_for_garbage_rarely()
    pressed: list[int] = []

    def keep(number: int, _frame: FrameType | None) -> None:
        pressed.append(number)

    signal.signal(signal.SIGINT, keep)
    answer: int = import_module(module).PROGRAM.main(pressed=pressed)
    return answer
