"""Where both programs begin. Loading the rest takes a moment in which a Ctrl-C would show Python's own traceback: it is kept until
the program can answer it, in one line and with its exit code."""

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
"""So many new objects before garbage is looked for. With Python's own 700 a sixth of the time of a start goes into looking for it
among modules and tables that all stay."""


def station() -> int:
    """`cunzhan`; answers its exit code."""
    code = _handed_over()
    return _begin("cli.station") if code is None else code


def county() -> int:
    """`cunzhan-server`; answers its exit code. It hands over to no other release: what upgrades the county's database is its
    administrator's doing, after a backup, and not that of whoever upgrades a station on the same machine."""
    return _begin("cli.county")


def look_for_garbage_rarely() -> None:
    """See `OBJECTS`."""
    gc.set_threshold(OBJECTS, 20, 20)


def no_core_dumps() -> None:
    """A process that dies, or a child of it, leaves no picture of its memory on the disk: the key of the store is in it, and people."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _handed_over() -> int | None:
    """The exit code of the later release that took over from this packed program (a shortcut still opens the old one); None if none did."""
    if not getattr(sys, "frozen", False) or DID_NOT_OPEN in os.environ:
        return None
    here = Path(sys.executable)
    folder = newer_beside(here.parent)
    if folder is None or not (folder / here.name).is_file():
        return None
    command = [str(folder / here.name), *sys.argv[1:]]
    if _opens_window() and not (folder / OPENED).exists():
        code = _first_opened(command, folder)
        return code if code is not None else _opened_instead(here, folder)
    return _become(command)


def _become(command: list[str]) -> int | None:
    """Go on as another program; answers its exit code, None where it cannot be started."""
    with suppress(OSError):  # taken away by a virus scanner, or not to be run: this one goes on
        if sys.platform != "win32":
            os.execve(command[0], command, environment())
        started = subprocess.Popen(command, env=environment())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other one
        return 0 if sys.stdout is None else started.wait()  # nobody waits for a window
    return None


def _opens_window() -> bool:
    return sys.stdout is None or len(sys.argv) == 1 or "desktop" in sys.argv


def _first_opened(command: list[str], folder: Path) -> int | None:
    """The exit code of a release whose window has not stood on this computer yet; None where it ended in an error before it did."""
    try:
        started = subprocess.Popen(command, env=environment())
    except OSError:
        return None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = None
    while code is None:
        with suppress(subprocess.TimeoutExpired):
            code = started.wait(1)
        if sys.stdout is None and (folder / OPENED).exists():
            return 0
    return code if code == 0 or (folder / OPENED).exists() else None


def _opened_instead(here: Path, folder: Path) -> int | None:
    """Go on with the program from which the release that did not open was upgraded: None where that is this one."""
    from services.previous_program import did_not_open

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
