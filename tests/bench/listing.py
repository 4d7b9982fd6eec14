"""One step of the person at a list of 100 000 people: what the window asks of the store when it scrolls, filters and sorts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from db.store import Store
from services.lists.listing import Filter, Query, ids, rows
from tests.bench.figures import Figure, timed

TARGET_MS = 50
PAGE = 100


def figures(store: Store) -> list[Figure]:
    """Medians, each step in a transaction of its own: the ids in order, then the first page."""
    with store.read() as session:
        everyone = ids(session, Query("person"))

    def shown(query: Query) -> Callable[[], None]:
        def step() -> None:
            with store.read() as session:
                found = ids(session, query)
                rows(session, query.kind, found[:PAGE])

        return step

    place = count(17, 7919)

    def scroll() -> None:
        start = next(place) % (len(everyone) - PAGE)
        with store.read() as session:
            rows(session, "person", everyone[start : start + PAGE])

    steps = {
        "scroll to anywhere (a page of 100)": scroll,
        "sort by name": shown(Query("person")),
        "sort by age, descending": shown(Query("person", order="age", descending=True)),
        "filter 60 and over": shown(Query("person", (Filter("age", ">=", 60),))),
        "filter women, sort by name": shown(Query("person", (Filter("sex", "=", "female"),))),
        "filter idle (待业)": shown(Query("person", (Filter("idle"),))),
        "type 张 into the list's search": shown(Query("person", text="张")),
    }
    return [timed(f"list of 100 000: {name}", step, TARGET_MS) for name, step in steps.items()]
