"""Atomic file writes: a file is written under a temporary name and renamed when it is complete."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from domain.errors import CunzhanError, InputUnusable, in_use
from domain.words import _

STORE_FILE: Final = "store.db"
"""Name of a station's database in its data folder, and in backups."""

_T = TypeVar("_T")
_TRIES = 8
_PAUSE = 0.01  # seconds before the second try, doubled before each further one: 1.3 s in all
PATIENT: Final = 12
"""Tries, 20 s in all, for a folder of many new files: a scanner reads them one after the other, and Windows moves no folder meanwhile."""

_AT_WORK = 600
"""Age in seconds at which a temporary folder counts as abandoned: a program at work in one writes to it all the time."""
_COPY = re.compile(r"\.backup-[a-z0-9_]{8}")
_HELD = "held"
"""File in a temporary folder that its program keeps locked."""
_NOT_HELD = 10
"""The same age for a folder with that file, if nobody holds it."""


def sweep(place: Path, names: re.Pattern[str]) -> None:
    """Delete the temporary folders with such names that killed programs left in a place."""
    for left in place.iterdir():
        if names.fullmatch(left.name) and not left.is_symlink() and left.is_dir():
            touched = max(one.lstat().st_mtime for one in (left, *left.rglob("*")))
            lock = left / _HELD
            if abs(time.time() - touched) > (_NOT_HELD if lock.exists() else _AT_WORK) and not _is_held(lock):
                shutil.rmtree(left, ignore_errors=True)


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    try:
        with _lock(lock):
            return False
    except CunzhanError:
        return True


def _lock(file: Path) -> AbstractContextManager[None]:
    from db.alone import alone  # loading the database library takes longer than all else here

    return alone(file, 0, "")


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Keep a temporary folder from being taken for abandoned, as all of it looks old once a clock is set."""
    with ExitStack() as held:
        with suppress(CunzhanError):  # a drive that knows no locks
            held.enter_context(_lock(folder / _HELD))
        yield


@contextmanager
def for_a_copy(place: Path) -> Iterator[str]:
    """A temporary folder for a copy of a store. Deletes earlier ones left behind by a power cut or by a virus scanner that was still
    reading."""
    with suppress(OSError):
        sweep(place, _COPY)
    with tempfile.TemporaryDirectory(dir=place, prefix=".backup-", ignore_cleanup_errors=True) as folder, at_work(Path(folder)):
        yield folder


def regular(path: Path) -> BinaryIO:
    """Open a file that a user named, for reading. Raises `OSError`, or `InputUnusable` for a device or a pipe, which may never end or
    never begin."""
    if path.is_dir():  # Windows reports a folder as access denied, like a workbook that is open
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0)))  # noqa: SIM115 (handed on)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise InputUnusable(_("「{name}」不是文件，而是设备或管道，没有读。请先存成文件，再选它。").format(name=path.name))
    return file


def waited(act: Callable[[], _T], tries: int = _TRIES) -> _T:
    """Perform a file operation, retrying briefly on Windows, and return its result. Raises `OSError`.

    On Windows a file being read cannot be moved or replaced, a deleted name is free only once nobody reads it, and a virus scanner reads
    every new file for a moment. The retries outlast such a moment; a workbook left open in Excel is an error.
    """
    for attempt in range(tries - 1):
        try:
            return act()
        except OSError as error:
            if not in_use(error):
                raise
            time.sleep(_PAUSE * 2**attempt)
    return act()


def put(fresh: Path, target: Path) -> None:
    """Atomically rename `fresh` to `target`, replacing what was there. Raises `OSError`, or `InputUnusable` for a device or a pipe: a
    backup written to /dev/stdout by a server's administrator would take it away from every program there."""
    if target.absolute().parent == Path("/dev") or (target.exists() and not (target.is_file() or target.is_dir())):
        raise InputUnusable(_("「{name}」不是文件，而是设备或管道，没有写。请换一个文件名。").format(name=target.name))
    waited(lambda: os.replace(fresh, target))


@contextmanager
def beside(path: Path) -> Iterator[BinaryIO]:
    """A file to write that is renamed to `path` once it is complete and flushed to disk. A power cut leaves the old file or the new one; a
    failure leaves the old one. Raises `OSError`.

    A leftover under the temporary name, from a killed program, is deleted first; a link there is never written through.
    """
    if path.is_dir():  # `.` and `/` have no name to put anything beside
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    unfinished = path.with_name(path.name + ".new")
    waited(lambda: unfinished.unlink(missing_ok=True))
    file = waited(lambda: open(unfinished, "xb"))  # noqa: SIM115 (a failure here is of somebody else's file, which stays)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        put(unfinished, path)
    except BaseException:
        with suppress(OSError):  # a disk that is read-only has none, and does not let look
            unfinished.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file as `beside` does. Raises `OSError`."""
    with beside(path) as file:
        file.write(content)


def sync_folder(folder: Path) -> None:
    """Flush a folder to its stick, where the system can: it may be pulled out a second later."""
    with suppress(OSError):  # not every system can open folders, not every file system can sync them
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
