"""Puts a store under its new data key into the place of the old one (`db.new_key` prepares it).

The new store, its key file and the copies in `backups` lie complete in the folder `new-key` before anything of the old is touched. Renaming
that folder to its name is the moment of the change: from then on the old store takes no more writes (`Store.check_in_place`), and whoever
reads the key file next finishes the change. So a power cut leaves the old store with the old key, or the new ones.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from db.alone import alone
from db.files import STORE_FILE, put, sync_folder, waited
from db.keys import KEY_FILE, READY
from domain.errors import DomainError, os_reason
from domain.words import _

LOCK = "new-key.lock"
_SECONDS = 30


def finish(home: Path) -> None:
    """Finish a change of the data key that was decided. Nothing happens if there is none. Raises `DomainError` if another window keeps the
    files open (Windows): the next opening tries again."""
    ready = home / READY
    if not ready.exists():
        return
    with alone(home / LOCK, _SECONDS, _("另一个窗口正在换密钥，请稍等片刻再试。")):
        try:
            _put_in_place(ready, home)
        except OSError as error:
            text = _("新密钥已经备好，还没有换上（{reason}）。数据都在：请关掉村站通的所有窗口再打开，打开时会换上。")
            raise DomainError(text.format(reason=os_reason(error))) from error


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
