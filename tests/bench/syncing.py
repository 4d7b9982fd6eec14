"""An exchange over HTTP with a server process of its own: what it must do and should, measured beside other engines with the same rows.

Full schema, encryption, signatures and audit are on.
"""

from __future__ import annotations

import os
import statistics
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import select

from db import changes
from db.county import County
from db.mapping import table
from db.store import Store
from server.devices import make_code
from sync.replica import identity
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.station.result import ExchangeResult
from sync.wire.connection import Connection
from tests.bench import peers
from tests.bench.compared import LITTLE, MEASURES, NEW, Measured, compared, load
from tests.bench.crowd import serving
from tests.bench.figures import Figure, seconds
from tests.bench.people import VILLAGE, full_jobs, full_people
from tests.bench.store import make
from tests.sync.slow_line import slow_line

ROWS = int(os.environ.get("CUNZHAN_ROWS", "20000"))


def figures(folder: Path) -> tuple[list[Figure], str]:
    """Ours as figures of the bench, and the table beside the other engines."""
    ours, alone = measured(folder)
    beside = {"driver alone": alone, **peers.measured(folder, ROWS)}
    found = [Figure(f"sync: {m.name}", ours[m.key], m.unit, m.must, _aim(m.aim), more=m.more) for m in MEASURES if m.key in ours]
    return found, f"sync, {ROWS:,} rows of 20 columns:\n{compared(ours, beside)}"


def _aim(aim: float | None) -> str:
    return "" if aim is None else f"aim {aim:,g}"


def measured(folder: Path) -> tuple[Measured, Measured]:
    """Ours, and what the store alone could do.

    Push by one laptop of the village, pull by another, first install of two more by a snapshot, nothing new, and little that is new.
    """
    with ExitStack() as stack:
        found, first, url = _first_exchanges(stack, folder / "people", "person")
        found |= {**_little(first), **_bytes(first, url), **_slow(first, url), **load()}
        alone = _alone(first, stack.enter_context(closing(make(folder / "alone"))))
    with ExitStack() as stack:
        jobs, _first, _url = _first_exchanges(stack, folder / "jobs", "employment")
    return found | {f"{key} job": jobs[key] for key in ("push", "pull", "install")}, alone


def _first_exchanges(stack: ExitStack, folder: Path, kind: str) -> tuple[dict[str, float], Store, str]:
    """A county and four stations with many rows of one kind: what that took, the station that pushed them, and the server's address."""
    folder.mkdir()
    county = stack.enter_context(closing(County(database := f"sqlite:///{folder / 'county.db'}")))
    stores = [stack.enter_context(closing(make(folder / name))) for name in ("first", "second", "third", "fourth")]
    first, second, third, fourth = stores
    with serving(database, before=_BY_LOG) as (url, _process):
        for store in stores:
            with county.write() as session:
                code = make_code(session, VILLAGE, "village").code
            enrol(store, url, code)
        found = _whole(first, second, kind)
    url, _process = stack.enter_context(serving(database))
    for store in stores:
        _through(store, url)
    _timed(third)  # the county makes the snapshot for the first who asks, and keeps it
    installed, install = _timed(fourth)
    assert installed.pulled == ROWS
    return found | {"install": ROWS / install, "installed bytes": installed.bytes_received / ROWS}, first, url


_BY_LOG = "from sync.county.sending import snapshot; snapshot.FROM = 2**40"
"""A server that hands out no snapshots."""


def _whole(first: Store, second: Store, kind: str) -> dict[str, float]:
    _insert(first, ROWS, kind=kind)
    pushed, push = _timed(first)
    pulled, pull = _timed(second)
    assert pushed.pushed == pulled.pulled == ROWS
    return {"push": ROWS / push, "pull": ROWS / pull}


def _alone(full: Store, empty: Store) -> Measured:
    """The same rows put into an encrypted table by the driver and nothing else: with its indexes in place, and with them made after."""
    t = table("person")
    with full.read() as session:
        rows = [tuple(row) for row in session.conn.execute(select(t).limit(ROWS))]
    insert = f"INSERT INTO person VALUES ({', '.join('?' * len(t.columns))})"

    def put() -> None:
        with empty.applying() as session:
            session.conn.exec_driver_sql(insert, rows)

    def put_bare() -> None:
        with empty.applying() as session:
            for index in t.indexes:
                index.drop(session.conn)
            session.conn.exec_driver_sql(insert, rows)
            for index in t.indexes:
                index.create(session.conn)

    pull = len(rows) / seconds(put)
    with empty.applying() as session:
        session.conn.execute(t.delete())
    return {"pull": pull, "install": len(rows) / seconds(put_bare)}


def _little(store: Store) -> dict[str, float]:
    with closing(Kept()) as line:
        exchange(store, transport=line)
        nothing = [seconds(lambda: exchange(store, transport=line)) for _n in range(15)]
        deltas = [_delta(store, line) for _n in range(7)]
    return {"nothing": statistics.median(nothing) * 1000, "delta": statistics.median(deltas) * 1000}


def _bytes(store: Store, url: str) -> dict[str, float]:
    with slow_line(url) as line, closing(Kept()) as kept:
        _through(store, line.url)
        again = lambda: exchange(store, transport=kept)  # noqa: E731  # said three times
        again()
        found = {"nothing bytes": float(line.carried(again))}
        _change(store)
        found["field bytes"] = line.carried(again) / LITTLE
        _insert(store, NEW, seed=2)
        return {**found, "row bytes": line.carried(again) / NEW}


def _slow(store: Store, url: str) -> dict[str, float]:
    with slow_line(url, rtt=peers.RTT, rate=peers.RATE) as line:
        _through(store, line.url)
        exchange(store)
        found = {"new slow": _timed(store)[1]}
        with closing(Kept()) as kept:
            exchange(store, transport=kept)
            found["nothing slow"] = seconds(lambda: exchange(store, transport=kept))
            found["delta slow"] = _delta(store, kept)
    return found


class Kept(Connection):
    """A connection that outlives one exchange, as the other engines' clients keep theirs."""

    def __exit__(self, *_error: object) -> None:
        """An exchange leaves its line: nothing is closed."""


def _insert(store: Store, count: int, seed: int = 1, kind: str = "person") -> None:
    rows = full_people(count, seed) if kind == "person" else full_jobs(count, seed)
    with store.write("bench") as session:
        changes.insert(session, kind, ({**row, "id": session.new_id(), "village": VILLAGE} for row in rows))


_turn = iter(range(10**6))


def _change(store: Store) -> None:
    with store.read() as session:
        ids = [person.id for person in session.select("person", limit=LITTLE)]
    text = f"改动 {next(_turn)}"
    with store.write("bench") as session:
        changes.update_many(session, "person", [{"id": id, "note": text} for id in ids])


def _delta(store: Store, line: Kept) -> float:
    _change(store)
    return seconds(lambda: exchange(store, transport=line))


def _through(store: Store, url: str) -> None:
    store.set_meta(identity.SERVER, url)


def _timed(store: Store) -> tuple[ExchangeResult, float]:
    results: list[ExchangeResult] = []
    took = seconds(lambda: results.append(exchange(store)))
    return results[0], took
