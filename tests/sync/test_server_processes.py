"""Real server processes killed at random moments while stations push, workers lost one by one: on both databases nothing is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from db import changes
from db.store import Store
from domain.errors import Unreachable
from server.serve import running
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.wire.link import is_loopback
from tests.paths import ROOT
from tests.seeds import FIRST, KILLS
from tests.sync.conftest import TOWNSHIP, VILLAGE, World, assert_equal, both, person_values

ROWS = 300


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def serving(world: World, port: int, workers: int = 1, host: str = "127.0.0.1") -> Iterator[subprocess.Popen[bytes]]:
    """A server process of its own, listening: with TLS on any `host` but a loopback address."""
    command = [sys.executable, "-m", "cli.county", "--database", world.county.url, "serve", "--json"]
    process = subprocess.Popen(
        [*command, "--host", host, "--port", str(port), "--workers", str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        scheme = "http" if is_loopback(host) else "https"
        assert json.loads(process.stdout.readline()) == {"url": f"{scheme}://{host}:{port}"}
        yield process
    finally:
        process.kill() if workers == 1 else process.terminate()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


def enrolled(world: World, port: int) -> tuple[Store, Store, Store]:
    a, b, township = world.store("甲"), world.store("乙"), world.store("镇", TOWNSHIP)
    with running(world.county, port=port):
        for store, scope in ((a, VILLAGE), (b, VILLAGE), (township, TOWNSHIP)):
            patiently(partial(enrol, store, f"http://127.0.0.1:{port}", world.code(scope)))
    return a, b, township


def patiently(work: Callable[[], object], seconds: float = 60) -> None:
    """Do what may find the server not there yet or just gone."""
    until = time.monotonic() + seconds
    while True:
        try:
            work()
            return
        except Unreachable:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def written(store: Store) -> set[str]:
    with store.write("导入") as session:
        rows = [{"id": session.new_id(), "village": VILLAGE, **person_values()} for _n in range(ROWS)]
        changes.insert(session, "person", rows)
    return {row["id"] for row in rows}


@contextmanager
def pushing(*stores: Store) -> Iterator[None]:
    """Each store exchanges again and again in a thread of its own."""
    over = threading.Event()
    failures: list[BaseException] = []

    def push(store: Store) -> None:
        try:
            while not over.is_set():
                with suppress(Unreachable):
                    exchange(store)
                over.wait(0.02)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=push, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []


def settled(world: World, stores: tuple[Store, ...], ids: set[str]) -> None:
    """Everybody exchanges until nothing is new; then all hold the same, and everything written."""
    for _round in range(3):
        for store in stores:
            patiently(partial(exchange, store))
    assert_equal(world)
    with world.county.read() as session:
        assert {r.id for r in session.select("person")} == ids


@pytest.mark.slow
@both
def test_a_server_killed_while_stations_push_loses_nothing(world: World) -> None:
    moments = random.Random(FIRST)
    port = free_port()
    stores = enrolled(world, port)
    ids: set[str] = set()
    for _kill in range(KILLS):
        ids |= written(stores[0]) | written(stores[1])
        with pushing(*stores), serving(world, port):
            time.sleep(moments.uniform(0.1, 1.0))  # and then it is killed
    with serving(world, port):
        settled(world, stores, ids)


def children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def servers(pid: int) -> set[int]:
    """The worker processes of a server (it also has a process that minds semaphores)."""
    found = set()
    for child in children(pid):
        with suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.add(child)
    return found


def awaited(condition: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)
    return condition()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for worker processes in /proc")
@both
def test_a_worker_killed_is_replaced_and_none_outlives_the_server(world: World) -> None:
    port = free_port()
    stores = enrolled(world, port)
    ids: set[str] = set()
    with serving(world, port, workers=2) as server:
        assert awaited(lambda: len(servers(server.pid)) == 2)
        patiently(partial(exchange, stores[0]))
        ids |= written(stores[0]) | written(stores[1])
        with pushing(*stores):
            time.sleep(0.2)
            lost = servers(server.pid).pop()
            os.kill(lost, signal.SIGKILL)
            assert awaited(lambda: len(servers(server.pid) - {lost}) == 2)
        settled(world, stores, ids)
        workers = servers(server.pid)
        server.kill()
        assert awaited(lambda: not any(alive(pid) for pid in workers))


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
