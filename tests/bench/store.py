"""Stores of the size the bench asks for."""

from __future__ import annotations

from pathlib import Path

from db import changes, keys
from db.store import Store
from tests.bench.people import VILLAGE, people

PASSWORD = "bench only"


def make(home: Path, persons: int = 0) -> Store:
    """A village station with `persons` people; key stretching is made cheap, since it is no part of what is measured."""
    keys._OPS, keys._MEMORY = 1, 8 * 1024
    store, _code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password=PASSWORD)
    if persons:
        with store.write("bench") as session:
            changes.insert(session, "person", ({**p, "id": session.new_id(), "village": VILLAGE} for p in people(persons)))
    return store
