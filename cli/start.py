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

from domain.release import environment, newer_beside

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
    if not getattr(sys, "frozen", False):
        return None
    here = Path(sys.executable)
    folder = newer_beside(here.parent)
    newer = folder / here.name if folder is not None else None
    if newer is None or not newer.is_file():
        return None
    command = [str(newer), *sys.argv[1:]]
    with suppress(OSError):  # taken away by a virus scanner, or not to be run: this one goes on
        if sys.platform != "win32":
            os.execve(newer, command, environment())
        started = subprocess.Popen(command, env=environment())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other one
        return 0 if sys.stdout is None else started.wait()  # nobody waits for a window
    return None


def _begin(module: str) -> int:
    no_core_dumps()
    look_for_garbage_rarely()
    pressed: list[int] = []

    def keep(number: int, _frame: FrameType | None) -> None:
        pressed.append(number)

    signal.signal(signal.SIGINT, keep)
    answer: int = import_module(module).PROGRAM.main(pressed=pressed)
    return answer
