"""Snapshots: fresh and long absent stations, broken downloads, own work in every order, forged pieces."""

from __future__ import annotations

import contextlib
import random

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
from sync.audit import verify
from tests.sync.conftest import TOWNSHIP, VILLAGE, World, add, assert_equal, drop, get, put
from tests.sync.test_exchange import wage
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


@pytest.mark.parametrize("seed", range(3))
def test_random_days_with_snapshots_at_any_moment(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days of `test_random`, in which any station may be sent a snapshot whenever it has something to read."""
    dice = random.Random(seed + 500)
    monkeypatch.setattr(snapshot, "too_far", lambda _s, _scope, cursor, head: head > cursor and dice.random() < 0.5)
    monkeypatch.setattr(snapshot, "BUDGET", 1)
    monkeypatch.setattr(pieces, "ROWS", 5)
    day = Day(world, seed)
    day.run(45)
    assert_equal(world)
    assert day.lost() == []
    histories = [histories_of(store) for store in world.stations.values() if store.scope in (VILLAGE, TOWNSHIP)]
    assert histories[0] == histories[1] == histories[2]


def test_the_audit_knows_a_log_that_begins_with_a_snapshot(world: World, small: None) -> None:
    a = busy_village(world)
    fresh = world.station("新")
    world.sync(fresh)
    put(a, add(a), note="以后")
    world.settle()
    with fresh.applying() as session:
        found = verify(session)
        assert (found.entries, found.ok) == (1, True)
        session.conn.execute(entry.update().values(seq=entry.c.seq + 1))
        assert not verify(session).ok
        session.conn.execute(entry.update().values(seq=entry.c.seq - 1))
        assert verify(session).ok
        session.conn.execute(snapshot_table.update().values(signature=b"x" * 64))
        assert not verify(session).ok


def test_who_was_long_away_sends_first_and_keeps_own_work(world: World, small: None) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a, name=f"人{n}", phone="1") for n in range(5)]
    world.settle()
    put(b, ids[0], name="乙名", note="乙注")
    put(b, ids[1], note="乙注")
    mine = add(b)
    twin = wage(b)
    world.line.after = 1
    with pytest.raises(Unreachable):
        world.sync(b)  # the county has it, the laptop has not heard so
    for n in range(6):
        put(a, ids[0], name=f"甲名{n}")
        put(a, ids[2], note=f"甲注{n}")
        world.sync(a)
    put(b, ids[2], phone="乙")
    drop(b, ids[3])
    late = add(b)
    with b.read() as session:
        acts = [line.act for line in session.conn.execute(select(op).where(op.c.author.is_(None)).order_by(op.c.seq))]
    world.sync(b)
    assert (get(b, ids[2]).phone, get(b, ids[2]).note, get(b, ids[3])) == ("乙", "甲注5", None)
    assert get(b, mine) is not None
    assert get(b, late) is not None
    assert get(b, twin, "wage") is not None
    world.settle()
    assert_equal(world)
    assert histories_of(a) == histories_of(b)
    with b.read() as session:
        kept = [line.act for line in session.conn.execute(select(op).where(op.c.author.is_(None)).order_by(op.c.seq))]
        assert kept == acts  # so that each can still be undone
        assert (
            session.conn.execute(select(func.count()).select_from(snapshot_table).where(snapshot_table.c.installed == 1)).scalar_one() == 1
        )
    assert len(installed(b)) == 1
    with b.write("撤销") as session:
        changes.undo(session, acts[1])
    world.settle()
    assert get(a, ids[1]).note is None
    assert_equal(world)


def test_a_broken_download_goes_on_with_the_next_piece(world: World, small: None) -> None:
    busy_village(world)
    fresh = world.station("新")
    held: list[int] = []

    def lose_every_second(_body: bytes) -> None:
        held.append(pieces_of(fresh))
        world.line.after = len(held) % 2

    world.line.watch = lose_every_second
    while not entries(fresh) and not installed(fresh):
        with contextlib.suppress(Unreachable):
            world.sync(fresh)
    world.line.watch = lambda _body: None
    asked = held[: 2 * (max(held) + 1)]
    assert asked == [n // 2 for n in range(len(asked))]  # each piece was asked for until it came, none that was here
    world.line.after = 0
    world.settle()
    assert_equal(world)


def installed(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.conn.execute(select(snapshot_table.c.seq).where(snapshot_table.c.installed == 1)).scalars())


def pieces_of(store: Store) -> int:
    with store.read() as session:
        return session.conn.execute(select(func.count()).select_from(snapshot_piece)).scalar_one()
