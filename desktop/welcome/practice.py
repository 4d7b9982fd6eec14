"""The practice village: a separate store of invented people, where nothing can go wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

from db.local import PRACTICE
from db.store import Store
from domain import clock
from domain.words import _
from services import practice

PASSWORD = "practice-village"  # it guards invented people


def open_practice(home: Path, anew: bool = False) -> Store:
    """Open the practice village in `home`, creating it if it is not there or shall begin `anew`."""
    if anew and Store.exists(home):
        shutil.rmtree(home)
    if Store.exists(home):
        store = Store.open(home, user=None, password=PASSWORD)
        store.set_meta(PRACTICE, "1")  # earlier versions did not set this
        return store
    store, _code = Store.create(home, scope=practice.SCOPE, role="village", user=_("练习"), password=PASSWORD)
    store.set_meta(PRACTICE, "1")
    today = clock.today()
    with store.write(_("政策")) as session:
        practice.use_policy(session, today)
    practice.fill(store, practice.write_rosters(home / "rosters", today))
    return store
