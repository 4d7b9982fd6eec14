"""Puts a store under a new data key (`db.new_key`), or one out of a backup (`db.backup`), into the place of the present one.

The new store and its key file, and with a new key the copies in `backups`, lie complete in a folder before anything of the old is touched.
Renaming that folder to its name is the moment of the change: from then on the old store takes no more writes (`Store.check_in_place`), and
whoever reads the key file next finishes the change. So a power cut leaves the old store with its key file, or the new one with its own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import AbstractContextManager, suppress
from functools import partial
from itertools import count
from pathlib import Path

from db.alone import alone
from db.files import STORE_FILE, put, sync_folder, waited, write_whole
from db.keys import KEY_FILE, READY, RESTORING, to_be_replaced
from domain.errors import DomainError, os_reason
from domain.words import _

LOCK = "new-key.lock"
ASIDE = "before-restore-"
"""What the names of folders with the data from before a restore begin with."""
_SECONDS = 30


def finish(home: Path) -> None:
    """Finish a change of the store that was decided. Nothing happens if there is none. Raises `DomainError` if another window keeps the
    files open (Windows): the next opening tries again."""
    if not to_be_replaced(home):
        return
    with _alone(home):
        try:
            _put_in_place(home / READY, home)
            _put_restored(home / RESTORING, home, [])
        except OSError as error:
            text = _("换了密钥或从备份恢复的数据已经备好，还没有换上（{reason}）。数据都在：请关掉村站通的所有窗口再打开，打开时会换上。")
            raise DomainError(text.format(reason=os_reason(error))) from error


def put_restored(home: Path) -> None:
    """Put the restored store into its place, and what was there into a folder beside it. Raises `OSError` if a file cannot be moved, after
    everything was put back."""
    ready, moved = home / RESTORING, list[tuple[Path, Path]]()
    with _alone(home):
        try:
            _put_restored(ready, home, moved)
        except OSError:
            for source, target in reversed(moved):
                put(target, source)
            with tempfile.TemporaryDirectory(dir=home, prefix=".backup-", ignore_cleanup_errors=True) as folder:
                os.replace(ready, Path(folder) / RESTORING)  # at once, or the next opening would finish with the half of it
            raise


def _alone(home: Path) -> AbstractContextManager[None]:
    return alone(home / LOCK, _SECONDS, _("另一个窗口正在换密钥或恢复备份，请稍等片刻再试。"))


def _put_restored(ready: Path, home: Path, moved: list[tuple[Path, Path]]) -> None:
    """Move the restored store into its place; each move that has to be reversed if a later one fails is added to `moved`. The present key
    file is copied, not moved, so that there is one at any time."""
    if not ready.exists():  # another program has finished it
        return

    def move(path: Path, to: Path) -> None:
        put(path, to)
        moved.append((path, to))

    aside = next(ready.glob(f"{ASIDE}*"), ready)  # moved away last
    if (ready / STORE_FILE).exists():
        for path in home.glob(f"{STORE_FILE}*"):
            move(path, aside / path.name)
        move(ready / STORE_FILE, home / STORE_FILE)
    if (ready / KEY_FILE).exists():
        if (home / KEY_FILE).exists():
            write_whole(aside / KEY_FILE, (home / KEY_FILE).read_bytes())
        put(ready / KEY_FILE, home / KEY_FILE)
    with suppress(OSError):  # the restored store is in its place; the next opening does the rest
        if aside != ready and any(aside.iterdir()):
            names = (aside.name if n == 0 else f"{aside.name}-{n}" for n in count())  # for two restores within a second
            put(aside, next(home / name for name in names if not (home / name).exists()))
        shutil.rmtree(ready)
    sync_folder(home)


def _put_in_place(ready: Path, home: Path) -> None:
    if not ready.exists():  # another program has finished it
        return
    for copy in sorted((ready / "backups").glob("*.db")):
        put(copy, home / "backups" / copy.name)
    if (ready / STORE_FILE).exists():
        for end in ("-wal", "-shm"):  # the old store's: all of it is in the new one
            waited(partial((home / f"{STORE_FILE}{end}").unlink, missing_ok=True))
        put(ready / STORE_FILE, home / STORE_FILE)
    if (ready / KEY_FILE).exists():
        put(ready / KEY_FILE, home / KEY_FILE)
    shutil.rmtree(ready)
    sync_folder(home)
