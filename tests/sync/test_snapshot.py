"""Snapshots: fresh and long absent stations, broken downloads, own work in every order, forged pieces."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import func, select

from db import changes
from db.capture import op
from db.exchange import entry
from db.snapshots import snapshot as snapshot_table
from db.snapshots import snapshot_piece
from db.store import Store
from domain.errors import Unreachable
from sync import pieces, snapshot
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, drop, get, put
from tests.sync.test_random import Day, histories_of


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots of little logs, in many little pieces."""
    monkeypatch.setattr(snapshot, "FROM", 0)
    monkeypatch.setattr(snapshot, "FEW", 2)
    monkeypatch.setattr(snapshot, "BUDGET", 1)
    monkeypatch.setattr(pieces, "ROWS", 3)


def entries(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.conn.execute(select(entry.c.seq).order_by(entry.c.seq)).scalars())


def busy_village(world: World) -> Store:
    """A laptop whose village has a log with edits, deletions and an open conflict."""
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a, name=f"人{n}", phone="1") for n in range(7)]
    world.settle()
    for n, id in enumerate(ids):
        put(a, id, phone=str(n + 2))
        world.sync(a)
    drop(b, ids[0])
    put(b, ids[1], name="乙名")
    put(a, ids[1], name="甲名")
    world.settle()
    return a


@pytest.mark.usefixtures("small")
def test_a_fresh_station_gets_a_snapshot_and_then_the_log(world: World) -> None:
    a = busy_village(world)
    fresh = world.station("新")
    result = world.sync(fresh)
    assert result.pulled == 7
    assert result.requests > 5  # one piece an answer
    assert entries(fresh) == []
    put(a, add(a), note="以后")
    world.settle()
    assert len(entries(fresh)) == 1
    assert_equal(world)
    assert histories_of(fresh) == histories_of(a)
    with fresh.read() as session:
        assert session.conn.execute(select(func.count()).select_from(snapshot_piece)).scalar_one() == 0
        assert session.conn.execute(select(snapshot_table.c.installed)).scalars().all() == [1]


@pytest.mark.parametrize("seed", range(12))
def test_random_days_with_snapshots_at_any_moment(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days of `test_random`, in which any station may be sent a snapshot whenever it has something to read."""
    dice = random.Random(seed + 500)
    monkeypatch.setattr(snapshot, "too_far", lambda _s, _scope, cursor, head: head > cursor and dice.random() < 0.5)
    monkeypatch.setattr(snapshot, "BUDGET", 1)
    monkeypatch.setattr(pieces, "ROWS", 5)
    day = Day(world, seed)
    day.run(60)
    assert_equal(world)
    assert day.lost() == []
    histories = [histories_of(store) for store in world.stations.values() if store.scope in (VILLAGE, TOWNSHIP)]
    assert histories[0] == histories[1] == histories[2]
