"""Handling of program errors: a crash file without personal data, and a dialog.

The file contains the type of the error, where in the code it occurred, and versions. It never contains the error message, values of
variables or names of files outside the program, as any of them may identify a person.
"""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from domain.errors import CunzhanError
from domain.words import _

ROOT = Path(__file__).resolve().parent.parent
KEPT = 20
"""Number of crash files kept; older ones are deleted."""


def report(error: BaseException) -> str:
    """Return the text of a crash file."""
    lines = [
        f"cunzhan crash, {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"python {platform.python_version()} qt {_qt()} {platform.system()}",
    ]
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__module__ + "." + type(cause).__qualname__)
        lines += [f"  {_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines) + "\n"


def write(folder: Path, error: BaseException) -> Path:
    """Write a crash file into `folder` and return it; the oldest beyond `KEPT` are deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    file.write_text(report(error), encoding="utf-8")
    for old in sorted(folder.glob("crash-*.txt"))[:-KEPT]:
        with suppress(OSError):
            old.unlink()
    return file


def latest(folder: Path) -> str:
    """Return the name of the newest crash file, "" if there is none."""
    return max((file.name for file in folder.glob("crash-*.txt")), default="")


def sentence(file: Path) -> str:
    """Return the text of the crash dialog."""
    return _(
        "程序出错了。已经保存的内容都在，没有丢。\n\n可以接着用；如果再出同样的错，请把下面这个文件发给技术支持，里面没有个人信息：\n{file}"
    ).format(file=file)


def install(folder: Path, show: Callable[[str], None]) -> None:
    """Handle uncaught exceptions: `CunzhanError`s are shown as they are; others are written to a crash file in `folder`, and `show` gets
    the text of the crash dialog."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        elif isinstance(error, CunzhanError):
            show(str(error))
        else:
            show(sentence(write(folder, error)))

    sys.excepthook = hook


def _qt() -> str:
    """Qt's version if Qt is loaded: the command line writes crash files too, without loading it."""
    core = sys.modules.get("PySide6.QtCore")
    return "none" if core is None else str(core.qVersion())


def _place(filename: str) -> str:
    path = Path(filename)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
