"""Where both programs begin. Loading the rest takes a moment in which a Ctrl-C would show Python's own traceback: it is kept until
the program can answer it, in one line and with its exit code."""

from __future__ import annotations

import signal
from importlib import import_module
from types import FrameType


def station() -> int:
    """`cunzhan`; answers its exit code."""
    return _begin("cli.station")


def county() -> int:
    """`cunzhan-server`; answers its exit code."""
    return _begin("cli.county")


def _begin(module: str) -> int:
    pressed: list[int] = []

    def keep(number: int, _frame: FrameType | None) -> None:
        pressed.append(number)

    signal.signal(signal.SIGINT, keep)
    code: int = import_module(module).PROGRAM.main(pressed=pressed)
    return code
