"""Copies a station keeps beside its store when it goes back with a restored county: erased in by rule, gone after half a year, never before
everything of here has got to the county."""

from __future__ import annotations

from pathlib import Path
from time import time

import pytest

from db.backup import keep_beside
from db.engine import sqlite_engine
from db.exchange import unsent
from db.store import Store
from sync.county import answering
from sync.station.enrol import enrol
from sync.station.recovery import kept_copies
from sync.station.stick import reading
from tests.sync.conftest import SERVER, VILLAGE, World, add, get, put, put_back, save, snapshots_where
from tests.sync.sticks import Sticks
from tests.sync.test_erasure import erase, her
from tests.sync.traces import NAME, traces


@pytest.fixture
def kept(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, Path, dict[str, str]]:
    """A laptop that had a woman's data by snapshot only, and its copy from before it went back."""
    a, b = world.station("甲"), world.station("乙")
    ids = her(a)
    world.settle()
    save(world)
    lost = add(a, name="只在快照里")
    world.sync(a)
    with monkeypatch.context() as patch:
        snapshots_where(patch, lambda _s, _scope, cursor, head: head > cursor == 0)
        late = world.station("迟")
        world.sync(late)
    put_back(world)
    del world.stations["甲"]  # never seen again
    a.close()
    add(b)
    world.sync(b)
    enrol(late, SERVER, world.code(VILLAGE), transport=world.line)
    copy = late.home / "backups" / world.sync(late).kept
    return late, copy, ids | {"lost": lost}


def found_in(store: Store, copy: Path) -> set[str]:
    engine = sqlite_engine(copy, store.data_key)
    with engine.connect() as conn:
        words = {word for _table, word in traces(conn)} | {word for _table, word in traces(conn, ("只在快照里",))}
    engine.dispose()
    return words


def test_two_copies_of_one_second_are_both_kept(world: World) -> None:
    store = world.station("甲")
    names = {keep_beside(store) for _n in range(3)}
    assert len(names) == 3 and names == {file.name for file in (store.home / "backups").glob("before-rewind-*.db")}


def test_what_is_erased_is_erased_in_the_copy_too_and_the_rest_of_it_stays(world: World, kept: tuple[Store, Path, dict[str, str]]) -> None:
    late, copy, ids = kept
    put(late, ids["person"], note="说她腿疼")
    world.settle()
    assert NAME in found_in(late, copy)
    erase(world, ids["person"])
    world.settle()
    assert found_in(late, copy) == {"只在快照里"}
    before = copy.stat().st_mtime_ns
    world.settle()
    assert copy.stat().st_mtime_ns == before  # once


def test_a_copy_goes_after_half_a_year_once_nothing_waits_here(
    world: World, kept: tuple[Store, Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    late, copy, _ids = kept
    world.sync(late)
    now = int(time())
    monkeypatch.setattr(answering, "time", lambda: now + kept_copies.KEPT - 1000)
    world.sync(late)
    assert copy.exists()
    monkeypatch.setattr(answering, "time", lambda: now + kept_copies.KEPT + 1000)
    add(late)
    kept_copies.clean_up_copies(late, now + kept_copies.KEPT + 1000)
    assert copy.exists()
    world.sync(late)
    assert not list((late.home / "backups").iterdir())
    with late.read() as session:
        assert unsent(session) == 0


def test_a_clock_that_is_ahead_by_years_removes_no_copy(
    world: World, sticks: Sticks, kept: tuple[Store, Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick's answer does not say by how much; the county's own time counts."""
    late, copy, _ids = kept
    world.sync(late)
    now = int(time())
    for module in (reading, kept_copies):
        monkeypatch.setattr(module, "time", lambda: now + 20 * kept_copies.KEPT, raising=False)
    reading.read(late, sticks.county(sticks.write(late)))
    assert copy.exists()


def test_a_copy_that_cannot_be_read_disturbs_no_exchange(world: World, kept: tuple[Store, Path, dict[str, str]]) -> None:
    late, copy, ids = kept
    content = copy.read_bytes()
    copy.write_bytes(b"x" * 8192)
    erase(world, ids["person"])
    added = add(late)
    world.sync(late)
    assert get(world.county, added) is not None
    with late.read() as session:
        assert copy.name in kept_copies.unopened_sentence(session), "or nobody knows of the data in it"
    copy.write_bytes(content)
    world.sync(late)
    with late.read() as session:
        assert not kept_copies.unopened_sentence(session)
