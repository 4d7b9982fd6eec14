"""Five hundred stations come back within an hour, here pressed into half a minute, to one real server process on the same cores as they.

Each has a day's work of two batches, forty changes; latency is that of a whole exchange, from the moment the station meant to start.
Then the same crowd again as fast as eight at a time can. Stations are without a store (`tests.sync.light`): what is measured is the server.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import func, select

from db.county import County
from db.exchange import entry
from sync.county.answering import exchange
from sync.county.keys import county_keys
from sync.wire.framing import join_request, read_answer
from sync.wire.link import connect
from tests.bench.figures import Figure
from tests.paths import ROOT
from tests.postgres import Cluster, Missing
from tests.sync.light import Light

STATIONS = int(os.environ.get("CUNZHAN_CROWD", "500"))
SECONDS = float(os.environ.get("CUNZHAN_CROWD_SECONDS", "30"))
AT_ONCE = 8
COUNTY = "230826"


def figures(folder: Path) -> list[Figure]:
    """The crowd on an embedded database, and on PostgreSQL where one can be started."""
    found = _on(f"sqlite:///{folder / 'county.db'}", "SQLite")
    try:
        cluster = Cluster(durable=True)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return found
    try:
        return found + _on(cluster.url(cluster.create()), "PostgreSQL")
    finally:
        cluster.stop()


def _on(database: str, name: str) -> list[Figure]:
    with closing(County(database)) as county, serving(database) as (url, server):
        keys = county_keys(county)
        crowd = [Light.enrolled(county, keys, f"{COUNTY}{101 + n % 10}{200 + n % 200:03d}") for n in range(STATIONS)]
        moments = random.Random(1)
        _work(crowd)
        began = time.perf_counter()
        takes = _run(crowd, url, [began + moments.uniform(0, SECONDS) for _station in crowd], STATIONS)
        _work(crowd)
        began = time.perf_counter()
        _run(crowd, url, [began] * STATIONS, AT_ONCE)
        rate = STATIONS / (time.perf_counter() - began)
        memory = _megabytes(server)
        _nothing_lost(county, crowd)
    about = f"{STATIONS} stations in {SECONDS:.0f} s instead of an hour ({3600 / SECONDS:.0f} times as dense)"
    percentile = statistics.quantiles(takes, n=20)[-1]
    return [
        Figure(f"crowd, {name}: an exchange, median", statistics.median(takes) * 1000, "ms", None, about),
        Figure(f"crowd, {name}: an exchange, 95 of 100", percentile * 1000, "ms", None, "from the moment it meant to start"),
        Figure(f"crowd, {name}: exchanges", rate, "/s", None, f"{AT_ONCE} at a time; 500 in an hour are 0.14/s", more=True),
        Figure(f"crowd, {name}: memory of the server", memory, "MB", None, "nothing lost: every batch in the log, every row in the tables"),
    ]


@contextmanager
def serving(database: str, before: str = "") -> Iterator[tuple[str, int]]:
    """A server process; its address and process id. `before`: what it runs before it serves."""
    program = f"{before}\nimport runpy\nrunpy.run_module('cli.county', run_name='__main__', alter_sys=True)"
    command = [sys.executable, "-c", program, "--database", database, "serve", "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"], process.pid
    finally:
        process.terminate()
        process.wait()


def _work(crowd: list[Light]) -> None:
    for station in crowd:
        station.seal(20)
        station.seal(20)


def _run(crowd: list[Light], url: str, starts: list[float], at_once: int) -> list[float]:
    """Every station exchanges at its moment; answers how long each took. At most `at_once` at the same time."""
    room = threading.Semaphore(at_once)
    takes: list[float] = []
    failures: list[BaseException] = []

    def come(station: Light, start: float) -> None:
        time.sleep(max(0.0, start - time.perf_counter()))
        with room:
            try:
                with connect(url, None) as line:
                    station.sync(lambda request: read_answer(line.post("/sync", join_request(request))))
            except BaseException as error:
                failures.append(error)
        takes.append(time.perf_counter() - start)

    works: list[Callable[[], None]] = [lambda s=s, t=t: come(s, t) for s, t in zip(crowd, starts, strict=True)]  # type: ignore[misc]  # a lambda's defaults
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return takes


def _nothing_lost(county: County, crowd: list[Light]) -> None:
    assert not any(station.outbox for station in crowd)
    reader = Light.enrolled(county, county_keys(county), COUNTY)
    reader.sync(lambda request: exchange(county, county_keys(county), request))
    with county.read() as session:
        entries = session.conn.execute(select(func.count()).select_from(entry)).scalar_one()
        assert session.count("person") == STATIONS * 80
    assert len(set(reader.got)) == len(reader.got) == entries == STATIONS * 4


def _megabytes(process: int) -> float:
    """The most memory a process has held, where the system tells (Linux)."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), float("nan"))
