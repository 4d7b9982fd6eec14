"""The practice village: a store of its own with the sample rosters of invented people. Whatever is done there harms nobody."""

from __future__ import annotations

from pathlib import Path

from db.local import PRACTICE
from db.store import Store
from desktop.theme import RESOURCES
from domain.words import _
from services import importing

SCOPE = "230826101202"
PASSWORD = "practice-village"  # it guards invented people
SAMPLES = ("registry.xlsx", "workshop.xlsx", "wages.xlsx", "work.xlsx", "training.xlsx", "posts.xlsx", "vacancies.xlsx", "wishes.xlsx")
"""In the order in which one refers to the other."""


def open_practice(home: Path) -> Store:
    """Open the practice village in `home`, making it first if it is not there."""
    if Store.exists(home):
        store = Store.open(home, user=None, password=PASSWORD)
        store.set_meta(PRACTICE, "1")  # those made by earlier versions have no mark
        return store
    store, _code = Store.create(home, scope=SCOPE, role="village", user=_("练习"), password=PASSWORD)
    store.set_meta(PRACTICE, "1")
    for name in SAMPLES:
        with store.write(_("导入 {file}").format(file=name)) as session:
            importing.apply(session, importing.plan(session, RESOURCES / "samples" / name))
    return store
