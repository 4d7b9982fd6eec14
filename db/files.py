"""How a finished file takes its name, and how a small one is written whole."""

from __future__ import annotations

import os
import time
from pathlib import Path

from domain.errors import in_use

_TRIES = 8
_PAUSE = 0.01  # seconds before the second try, twice as long before each further one: 1.3 s in all


def put(fresh: Path, target: Path) -> None:
    """Give `fresh` the name of `target` in one step, over what was there. Raises `OSError`.

    On Windows a file that somebody reads cannot be moved or replaced, and a virus scanner reads every new file for a moment: that is
    waited for. A workbook that is open in Excel stays so, and is told.
    """
    for attempt in range(_TRIES):
        try:
            os.replace(fresh, target)
        except OSError as error:
            if attempt == _TRIES - 1 or not in_use(error):
                raise
            time.sleep(_PAUSE * 2**attempt)
        else:
            return


def write_whole(path: Path, content: bytes) -> None:
    """Write a file as a whole: a power cut leaves the old one or the new one. Raises `OSError`."""
    fresh = path.with_name(path.name + ".new")
    with open(fresh, "wb") as file:
        file.write(content)
    flush(fresh)
    put(fresh, path)


def flush(file: Path) -> None:
    """Wait until a file that was written is on the disk."""
    with open(file, "rb+") as written:
        os.fsync(written.fileno())
