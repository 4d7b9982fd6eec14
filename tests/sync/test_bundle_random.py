"""Random days of sticks: files late, twice, lost, to whomever; in the end village, township and county are equal. A failing day is replayed
by its seed: `CUNZHAN_SOAK_FIRST=17 CUNZHAN_SOAK_SEEDS=1 pytest tests/sync/test_bundle_random.py`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sync.station.stick import reading
from sync.wire.words import BundleError
from tests.seeds import STEPS, seeds
from tests.sync.conftest import TOWNSHIP, VILLAGE, World, add, assert_equal, put
from tests.sync.sticks import Sticks


class Day:
    """Two laptops of a village, one of them without a network, and a township that carries."""

    def __init__(self, sticks: Sticks, seed: int) -> None:
        self.sticks, self.world, self.random = sticks, sticks.world, random.Random(seed)
        self.offline, self.online = sticks.station("村", VILLAGE), sticks.world.station("乙")
        self.township = sticks.world.station("镇", TOWNSHIP)
        self.going: list[tuple[str, Path]] = []
        self.refused: set[str] = set()
        self.ids = [add(self.offline)]

    def work(self) -> None:
        store = self.random.choice((self.offline, self.online))
        with store.read() as session:
            known = [id for id in self.ids if session.get("person", id) is not None]
        if known and self.random.random() < 0.6:
            put(store, self.random.choice(known), note=str(self.random.random()), name=str(self.random.random()))
        else:
            self.ids.append(add(store))

    def write(self) -> None:
        self.send(self.random.choice(("county", "township")), self.sticks.write(self.offline))

    def write_at_township(self) -> None:
        self.send(self.random.choice(("county", "village")), self.sticks.write(self.township))

    def network(self) -> None:
        self.world.sync(self.random.choice((self.online, self.township)))

    def send(self, where: str, path: Path) -> None:
        self.going.extend([(where, path)] * self.random.choice((0, 1, 1, 1, 2)))

    def arrive(self) -> None:
        if not self.going:
            return
        where, path = self.going.pop(self.random.randrange(len(self.going)))
        try:
            if where == "county":
                self.send("back", self.sticks.county(path))
            elif where == "township":
                reply = self.sticks.path()
                reading.read(self.township, path, reply=reply)
                self.send("village", reply)
            else:
                reading.read(self.offline if where == "village" else self.random.choice((self.offline, self.township)), path)
        except BundleError as error:
            self.refused.add(error.word)

    def run(self) -> None:
        acts = (self.work, self.write, self.write_at_township, self.network, self.arrive)
        for act in self.random.choices(acts, (3, 1, 1, 1, 3), k=STEPS):
            act()
        while self.going:
            self.arrive()
        for _round in range(3):
            self.world.sync(self.online, self.township)
            self.sticks.round(self.offline)


@pytest.mark.parametrize("seed", seeds(1))
def test_random_days_of_sticks(world: World, tmp_path: Path, seed: int) -> None:
    (tmp_path / "stick").mkdir()
    day = Day(Sticks(world, tmp_path / "stick"), seed)
    day.run()
    assert day.refused <= {"station", "own", "answers"}, seed
    assert_equal(world)
