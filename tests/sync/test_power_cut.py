"""What a laptop wrote without waiting for the disk may be gone after a power cut: it is asked for again and this is no copy of itself."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from db.session import Session
from db.store import Store
from sync.station import exchange as exchanging
from sync.station import seal
from tests.seeds import FIRST
from tests.sync.conftest import PASSWORD, VILLAGE, World, add, assert_equal, put

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
    monkeypatch.setattr(exchanging, "FIRST_BUDGET", 1)  # a batch a request, so that an exchange has many answers
    monkeypatch.setattr(exchanging, "LAST_BUDGET", 1)
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


def persons(store: Store) -> Any:
    with store.read() as session:
        return session.select("person", limit=500)
