"""Atomic writing of files for the user: in a temporary folder first, moved to their name when complete."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from db.files import at_work, put, sweep
from domain.errors import InputUnusable, in_use, os_reason
from domain.words import _

_LEFTOVER = re.compile(r"\.cunzhan-[0-9a-f]{16}")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A file that takes its name only when it is complete; a full disk or a failure leaves what was there.

    It is made in a folder of its own beside its place, with whatever else its making needs. A program that is killed leaves that folder,
    with rows about people in plain; the next file written to the same place takes it away.
    """
    with suppress(OSError):
        sweep(path.parent, _LEFTOVER)
    folder = path.with_name(f".cunzhan-{secrets.token_hex(8)}")
    unfinished = folder / f"unfinished{path.suffix}"
    try:  # without tempfile: where nothing may be written it would try two thousand million names on Windows
        folder.mkdir(0o700)
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if not path.parent.exists():
            raise InputUnusable(_("没有「{folder}」这个文件夹，请换一个。").format(folder=path.parent.name)) from None
        raise unwritten(os_reason(error)) from None
    try:
        with at_work(folder):
            yield unfinished
        put(unfinished, path)
    except OSError as error:
        if in_use(error):
            told = _("写不到 {file}。它可能正开在 Excel 或 WPS 里，请关掉再试，或换个文件名。")
            raise InputUnusable(told.format(file=path.name)) from None
        raise unwritten(os_reason(error)) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unwritten(reason: str) -> InputUnusable:
    """Return the error for a file that could not be written."""
    told = _("文件没有存成：{reason}。数据没有变化；请腾出空间，或换个文件夹、文件名、U 盘再试。")
    return InputUnusable(told.format(reason=reason))
