"""What a laptop wrote without waiting for the disk may be gone after a power cut: it is asked for again and this is no copy of itself."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.exchange import entry
from db.session import Session
from db.store import Store
from sync.station import rounds
from sync.station.sealing import seal
from tests.seeds import FIRST
from tests.sync.conftest import PASSWORD, VILLAGE, World, add, assert_equal, put
from tests.sync.mishaps import PowerCut

FILES = ("store.db", "store.db-wal")


class Disk:
    """The disk of one laptop: transactions that do not wait for it reach it with the next one that does."""

    def __init__(self, world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.name, self.home = world, name, world.folder / name
        self.kept: Path | None = None
        """What is on the disk, where that is less than what was written."""
        for method in ("applying", "noting", "write"):
            monkeypatch.setattr(Store, method, self._watched(getattr(Store, method)))

    def _watched(self, plain: Any) -> Any:
        @contextmanager
        def transaction(store: Store, *given: Any, **named: Any) -> Iterator[Session]:
            flush = named.get("flush", plain.__name__ != "noting")
            if store.home == self.home and not flush and self.kept is None:
                self._keep()
            made: AbstractContextManager[Session] = plain(store, *given, **named)
            with made as session:
                yield session
            if store.home == self.home and flush:
                self.kept = None

        return transaction

    def _keep(self) -> None:
        self.kept = self.world.folder / "disk"
        self.kept.mkdir(exist_ok=True)
        for name in FILES:
            shutil.copy(self.home / name, self.kept / name)

    def power_cut(self) -> Store:
        """The laptop starts again with what was on its disk."""
        self.world.stations[self.name].close()
        if self.kept is not None:
            for file in self.home.glob("store.db*"):
                file.unlink()
            for name in FILES:
                shutil.copy(self.kept / name, self.home / name)
        self.kept = None
        store = self.world.stations[self.name] = Store.open(self.home, user=None, password=PASSWORD)
        return store


@pytest.mark.parametrize("seed", range(FIRST, FIRST + 2))
def test_an_answer_that_was_not_on_the_disk_yet_is_given_again(world: World, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    dice = random.Random(seed)
    monkeypatch.setattr(rounds, "FIRST_BUDGET", 1)  # a batch a request, so that an exchange has many answers
    monkeypatch.setattr(rounds, "LAST_BUDGET", 1)
    monkeypatch.setattr(seal, "SLICE", 3)
    monkeypatch.setattr(seal, "WHOLE", 2)
    a, b = world.station("甲"), world.station("乙", VILLAGE)
    ids = [add(a), add(a)]
    disk = Disk(world, "甲", monkeypatch)
    lost = 0
    for _n in range(16):
        for _m in range(dice.randrange(4)):
            ids.append(add(a)) if dice.random() < 0.5 else put(a, dice.choice(ids[:2]), note=str(dice.random()))
        if dice.random() < 0.5:
            add(b)
            world.sync(b)
        assert not world.sync(a).forked
        if dice.random() < 0.5:
            lost += disk.kept is not None
            a = disk.power_cut()
    world.settle()
    assert lost > 1
    assert_equal(world)
    assert {row.id for row in persons(b)} >= set(ids)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + 3))
def test_whatever_was_sent_is_on_the_disk(world: World, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The power fails as the county takes in a request, while slices are sealed and the answer before is taken. A station whose disk lacks
    a batch that the county has would pass for a copy of itself."""
    dice = random.Random(seed)
    budget = dice.choice((1, 320, 2000))
    monkeypatch.setattr(rounds, "FIRST_BUDGET", budget)
    monkeypatch.setattr(rounds, "LAST_BUDGET", budget)
    monkeypatch.setattr(seal, "SLICE", 3)
    monkeypatch.setattr(seal, "WHOLE", 2)
    a = world.station("甲")
    disk = Disk(world, "甲", monkeypatch)
    ids: list[str] = []
    lost = 0
    while lost < 3:
        ids += [add(a) for _m in range(15)]
        for id in dice.sample(ids, 3):
            put(a, id, note=str(dice.random()))
        left = [dice.randrange(1, 5)]

        def cut(_body: bytes, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                time.sleep(0.05)  # until then the station has gone on sealing
                raise PowerCut

        monkeypatch.setattr(world.line, "watch", cut)
        with suppress(PowerCut):
            assert not world.sync(a).forked
        lost += left[0] <= 0 and disk.kept is not None
        a = disk.power_cut()
    monkeypatch.setattr(world.line, "watch", lambda _body: None)
    assert not world.sync(a).forked
    assert_equal(world)
    assert {row.id for row in persons(a)} == set(ids)
    assert once(world)


def once(world: World) -> bool:
    """Whether nothing that was sent twice counts twice."""
    with world.county.read() as session:
        return {row.refused for row in session.conn.execute(select(entry.c.refused))} == {"[]"}


def persons(store: Store) -> Any:
    with store.read() as session:
        return session.select("person", limit=500)
