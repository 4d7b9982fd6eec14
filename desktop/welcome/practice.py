"""The practice village: a separate store of invented people, where nothing can go wrong."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from db.files import waited
from db.local import PRACTICE
from db.store import Store
from domain import clock
from domain.errors import Refused
from domain.words import _, lazy
from services import practice

PASSWORD = "practice-village"  # it guards invented people


def open_practice(home: Path, anew: bool = False) -> Store:
    """Open the practice village in `home`, creating it if it is not there or shall begin `anew`. Raises `Refused` if it cannot be deleted
    for that."""
    if anew:
        _delete(home)
    if Store.exists(home):
        store = Store.open(home, user=None, password=PASSWORD)
        store.set_meta(PRACTICE, "1")  # earlier versions did not set this
        return store
    store, _code = Store.create(home, scope=practice.SCOPE, role="village", user=_("练习"), password=PASSWORD)
    store.set_meta(PRACTICE, "1")
    today = clock.today()
    with store.write(lazy("政策")) as session:
        practice.use_policy(session, today)
    practice.fill(store, practice.write_rosters(home / "rosters", today))
    return store


def _delete(home: Path) -> None:
    """Delete the practice village. It is moved away first, all or nothing: deleted file by file it would be left without some of them
    where a program has one open."""
    away = home.with_name(f"{home.name}-old")
    shutil.rmtree(away, ignore_errors=True)  # what an earlier attempt left
    try:
        with suppress(FileNotFoundError):
            waited(lambda: home.rename(away))
    except OSError:
        raise Refused(
            _("练习村没有从头来，里面的都还在：有别的程序正开着它的文件。请关掉打开的附件、表格和另开的村站通，再试一次。")
        ) from None
    shutil.rmtree(away, ignore_errors=True)
