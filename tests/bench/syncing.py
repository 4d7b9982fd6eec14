"""An exchange over HTTP on the loopback: rows sent and taken in a second, bytes a row, and what nothing new costs."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from unittest import mock

from db import changes
from db.county import County
from db.store import Store
from server.devices import make_code
from server.serve import running
from sync import snapshot
from sync.enrol import enrol
from sync.exchange import ExchangeResult, exchange
from tests.bench.figures import Figure, milliseconds, seconds
from tests.bench.people import VILLAGE, full_people
from tests.bench.store import make

ROWS = 50_000
PUSH, PULL, SNAPSHOT, BYTES, NOTHING_MS, DELTA_MS = 25_000, 40_000, 200_000, 85, 3.0, 15.0


def figures(folder: Path) -> list[Figure]:
    """Push by one laptop of the village, pull by another, first install of two more by a snapshot, nothing new, and a hundred changes."""
    with closing(County(f"sqlite:///{folder / 'county.db'}")) as county, running(county) as url, ExitStack() as stack:
        stores = [stack.enter_context(closing(make(folder / name))) for name in ("first", "second", "third", "fourth")]
        for store in stores:
            with county.write() as session:
                code = make_code(session, VILLAGE, "village").code
            enrol(store, url, code)
        first, second, third, fourth = stores
        return [*_whole(first, second), *_snapshot(third, fourth), *_little(first)]


def _whole(first: Store, second: Store) -> list[Figure]:
    with first.write("bench") as session:
        changes.insert(session, "person", ({**p, "id": session.new_id(), "village": VILLAGE} for p in full_people(ROWS)))
    pushed, push = _timed(first)
    with mock.patch.object(snapshot, "FROM", 2**40):
        pulled, pull = _timed(second)
    assert pushed.pushed == pulled.pulled == ROWS
    return [
        Figure(
            "sync: first push", ROWS / push, "rows/s", PUSH, "aim 55 k; Anki 17-55 k, Morango 0.3 k (research/sync-engines.md)", more=True
        ),
        Figure("sync: first pull by the log", ROWS / pull, "rows/s", PULL, "aim 75 k; Anki merge 18-19 k", more=True),
        Figure("sync: bytes a new row on the wire", pushed.bytes_sent / ROWS, "B", BYTES, "aim 45; geodiff 102, Anki 144-159"),
    ]


def _snapshot(third: Store, fourth: Store) -> list[Figure]:
    _made, making = _timed(third)  # the county makes the snapshot for the first who asks, and keeps it
    installed, install = _timed(fourth)
    assert installed.pulled == ROWS
    note = f"aim 500 k; Anki's file 89-147 k, unencrypted; {ROWS / making:,.0f} for the first, for whom it is made"
    return [Figure("sync: first install by a snapshot", ROWS / install, "rows/s", SNAPSHOT, note, more=True)]


def _little(store: Store) -> list[Figure]:
    nothing = [_timed(store)[1] * 1000 for _n in range(15)]
    with store.read() as session:
        ids = [person.id for person in session.select("person", limit=100)]
    takes = []
    for n in range(7):
        with store.write("bench") as session:
            changes.update_many(session, "person", [{"id": id, "note": f"{n}"} for id in ids])
        takes.append(_timed(store)[1] * 1000)
    return [milliseconds("sync: nothing new", nothing, NOTHING_MS), milliseconds("sync: 100 changes", takes, DELTA_MS)]


def _timed(store: Store) -> tuple[ExchangeResult, float]:
    results: list[ExchangeResult] = []
    took = seconds(lambda: results.append(exchange(store)))
    return results[0], took
