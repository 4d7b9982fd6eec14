"""A connection that breaks costs what was under way in the wires, and nothing else."""

from __future__ import annotations

import random
import time

import pytest
from sqlalchemy import select

from db import changes
from db.bundles import part
from db.county import County
from db.exchange import entry
from db.local import set_meta
from db.store import Store
from domain.errors import Unreachable
from server.serve import running
from sync.replica import identity
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from tests.sync.conftest import VILLAGE, World, add, assert_equal, person_values
from tests.sync.slow_line import DOWN, UP, Line, slow_line

MANY = 2500
AROUND = 1200
"""Bytes of headers and questions a break may cost beside the data."""


def fill(store: Store) -> None:
    rng = random.Random(5)
    with store.write("导入") as session:
        notes = ("".join(rng.choices("在外务工返乡种植养殖培训就业合同到期", k=30)) for _n in range(MANY))
        changes.insert(session, "person", ({"id": session.new_id(), "village": VILLAGE, **person_values(note=note)} for note in notes))


def point(store: Store, url: str) -> None:
    with store.applying() as session:
        set_meta(session, identity.SERVER, url)


def kept(county: County) -> int:
    with county.read() as session:
        bodies = [*session.conn.execute(select(part.c.body)).scalars(), *session.conn.execute(select(entry.c.body)).scalars()]
    return sum(map(len, bodies))


def broken(world: World, store: Store, line: Line, way: int, after: int) -> int:
    """Exchange over a line that breaks; answers the bytes that passed in that direction."""
    before, had, line.cut = line.passed[way], kept(world.county), (way, after)
    with pytest.raises(Unreachable):
        exchange(store)
    for _n in range(1000):  # the server learns of the break in its own time
        if way == DOWN or kept(world.county) > had:
            break
        time.sleep(0.01)
    return line.passed[way] - before


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", [UP, DOWN], ids=["up", "down"])
def test_what_arrived_before_a_break_is_not_sent_again(world: World, way: int, seed: int) -> None:
    rng = random.Random(seed)
    with running(world.county) as url, slow_line(url) as line:
        a, b = world.store("甲"), world.store("乙")
        for store in (a, b):
            enrol(store, url, world.code(VILLAGE))
        fill(a)
        broken_one = a if way == UP else b
        if way == DOWN:
            exchange(a)
        point(broken_one, line.url)
        with broken_one.read() as session:
            me = identity.load(session)
        assert me is not None
        total = 0
        breaks = [rng.randint(2_000, 14_000) for _n in range(4)]
        for after in breaks:
            total += broken(world, broken_one, line, way, after)
        before = line.passed[way]
        result = exchange(broken_one)
        assert result.pushed if way == UP else result.pulled
        total += line.passed[way] - before
        with world.county.read() as session:
            size = sum(len(body) for body in session.conn.execute(select(entry.c.body)).scalars())
        assert size > 60_000
        assert total < size + (len(breaks) + 6) * AROUND
        exchange(a)
        exchange(b)
        assert_equal(world)
        for end in (a, b, world.county):
            with end.read() as session:
                assert session.conn.execute(select(part)).all() == []


def test_an_upload_goes_on_though_more_was_written_meanwhile(world: World) -> None:
    with running(world.county) as url, slow_line(url) as line:
        a = world.store("甲")
        enrol(a, line.url, world.code(VILLAGE))
        fill(a)
        broken(world, a, line, UP, 30_000)
        id = add(a)
        exchange(a)
        with world.county.read() as session:
            assert session.count("person") == MANY + 1
            assert session.get("person", id) is not None
        assert_equal(world)


def test_a_beginning_that_is_no_good_is_dropped(world: World) -> None:
    with running(world.county) as url, slow_line(url) as line:
        a, b = world.store("甲"), world.store("乙")
        for store in (a, b):
            enrol(store, line.url, world.code(VILLAGE))
        fill(a)
        broken(world, a, line, UP, 30_000)
        with world.county.write() as session:
            (begun,) = session.conn.execute(select(part)).all()
            session.conn.execute(part.update().values(body=bytes(len(begun.body))))
        exchange(a)
        broken(world, b, line, DOWN, 30_000)
        with b.applying() as session:
            (begun,) = session.conn.execute(select(part)).all()
            session.conn.execute(part.update().values(body=bytes(len(begun.body))))
        exchange(b)
        assert_equal(world)
