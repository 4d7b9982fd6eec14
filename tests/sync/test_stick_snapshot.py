"""A laptop that never sees a network: it begins with a snapshot off a stick, and files of attachments come and go by stick too."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from db import contents
from db.store import Store
from sync.replica import pieces
from sync.station.stick import reading, writing
from sync.wire import bundle
from tests.sync.conftest import VILLAGE, World, add, assert_equal, both, get, put, snapshots_where
from tests.sync.photos import attach, bytes_of, photo, sha_of, state
from tests.sync.sticks import Sticks


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs are long before they have five entries, and snapshots have many pieces."""
    monkeypatch.setattr(pieces, "ROWS", 2)
    snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor == 0)


def busy(world: World) -> Store:
    """A village with people, history and an open conflict about one of them."""
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a, bank_account="0") for _n in range(5)]
    world.settle()
    put(a, ids[0], bank_account="1")
    put(b, ids[0], bank_account="2")
    put(a, ids[1], note="注")
    world.settle()
    return a


@both
def test_one_trip_is_enough_to_begin(world: World, sticks: Sticks, small: None) -> None:
    a = busy(world)
    fresh = sticks.station("新", VILLAGE)
    with fresh.read() as session:
        assert session.count("person") == 5
    assert sticks.round(fresh).exchange.pulled == 0
    assert_equal(world)
    add(fresh)
    assert sticks.round(fresh).exchange.pushed == 1
    world.sync(a)
    world.sync(world.stations["乙"])
    assert_equal(world)


@pytest.mark.parametrize("seed", range(3))
def test_in_ranges_late_twice_and_in_any_order(
    world: World, sticks: Sticks, small: None, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Own work that waits meanwhile stays on top, and is acknowledged once the snapshot that has it is in its place."""
    chance = random.Random(seed)
    a = busy(world)
    monkeypatch.setattr(writing, "MAX_BODY", 1500)
    fresh = sticks.station("新", VILLAGE)
    with fresh.read() as session:
        begun = session.count("person")
    assert begun in (0, 5)
    own = add(fresh, name="新来的")
    old: list[Path] = []
    for n in range(60):
        answer = sticks.county(sticks.write(fresh))
        old.append(answer)
        for path in [*chance.choices(old, k=chance.randrange(3)), answer] if chance.random() < 0.8 else []:
            reading.read(fresh, path)
        if n % 7 == 3:
            add(a)
            world.sync(a)
    monkeypatch.undo()
    sticks.round(fresh)
    sticks.round(fresh)
    world.sync(a)
    world.sync(world.stations["乙"])
    sticks.round(fresh)
    assert get(world.county, own).name == "新来的"
    assert_equal(world)


@both
def test_files_travel_by_stick_both_ways(world: World, sticks: Sticks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than one stick takes comes in ranges; what came is not carried again."""
    online, offline = world.station("甲"), sticks.station("乙", VILLAGE)
    person = add(offline)
    up = attach(offline, person, photo(tmp_path, 700_000, "上.jpg", 1))
    first = sticks.round(offline)
    assert (first.files.sent, first.files.received) == (1, 0)
    assert "附件" in first.sentence()
    assert state(offline, up) == "here"
    assert Path(sticks.write(offline)).stat().st_size < 10_000
    world.sync(online)
    world.sync(online)
    assert bytes_of(online, up) == bytes_of(offline, up)
    down = attach(online, person, photo(tmp_path, 900_000, "下.jpg", 2))
    world.sync(online)
    monkeypatch.setattr(bundle, "FILES_BUDGET", 400_000)
    got = [sticks.round(offline) for _trip in range(4)]  # the record, then 900 KB in three
    assert [one.files.received for one in got] == [0, 0, 0, 1]
    assert bytes_of(offline, down) == bytes_of(online, down)
    assert_equal(world)


def test_answers_about_files_late_and_twice(world: World, sticks: Sticks, tmp_path: Path) -> None:
    """Also of a county that lost the content since: it is carried again."""
    a = sticks.station("乙", VILLAGE)
    id = attach(a, add(a), photo(tmp_path))
    answer = sticks.county(sticks.write(a))
    late = sticks.county(sticks.write(a))
    for path in (late, answer, answer, late):
        reading.read(a, path)
    assert state(a, id) == "here"
    with world.county.write() as session:
        contents.drop(session, "", sha_of(a, id))
        session.conn.execute(contents.content.delete())
    with a.applying() as session:
        session.conn.execute(contents.content.update().values(sent_at="2001-01-01T00:00:00Z"))
    assert sticks.round(a).files.sent == 0
    assert state(a, id) == "unsent"
    assert sticks.round(a).files.sent == 1
    with world.county.read() as session:
        assert contents.read(session, sha_of(a, id)) == bytes_of(a, id)
