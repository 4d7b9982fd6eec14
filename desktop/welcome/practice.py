"""The practice village: a separate store with sample rosters of invented people, where nothing can go wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from db.local import PRACTICE
from db.store import Store
from desktop.theme import RESOURCES
from domain import clock
from domain.words import _
from services import importing, samples
from services.surveys import design
from services.surveys.design import Question

SCOPE = "230826101202"
PASSWORD = "practice-village"  # it guards invented people
SAMPLES = ("registry.xlsx", "workshop.xlsx", "wages.xlsx", "work.xlsx", "training.xlsx", "posts.xlsx", "vacancies.xlsx", "wishes.xlsx")
"""In the order in which they refer to each other."""
ASKED = "asked.json"
"""A survey of people who work away, to be filled in."""


def open_practice(home: Path, anew: bool = False) -> Store:
    """Open the practice village in `home`, creating it if it is not there or shall begin `anew`."""
    if anew and Store.exists(home):
        shutil.rmtree(home)
    if Store.exists(home):
        store = Store.open(home, user=None, password=PASSWORD)
        store.set_meta(PRACTICE, "1")  # earlier versions did not set this
        return store
    store, _code = Store.create(home, scope=SCOPE, role="village", user=_("练习"), password=PASSWORD)
    store.set_meta(PRACTICE, "1")
    on = clock.today()
    for file in samples.recent(RESOURCES / "samples", SAMPLES, home / "samples", on):
        with store.write(_("导入 {file}").format(file=file.name)) as session:
            importing.apply(session, importing.plan(session, file))
    with store.write(_("月监测")) as session:
        samples.check_last_month(session, on)
        samples.practise(session, on)
    asked = json.loads((RESOURCES / "samples" / ASKED).read_text("utf-8"))
    with store.write(_("新建摸排表")) as session:
        design.save(session, asked, [Question(**one) for one in asked.pop("questions")])
    return store
