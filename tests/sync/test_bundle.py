"""USB sticks: village, township and county without a network end equal, in any order, twice, late; what is not right changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import changes
from db.store import Store
from domain.errors import DomainError
from sync import bundle, intake, stick
from sync.county import county_keys
from tests.sync.conftest import VILLAGE, World, add, assert_equal, get, put


class Sticks:
    """A world in which files are carried."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.count = 0

    def path(self) -> Path:
        self.count += 1
        return self.folder / f"{self.count}.czb"

    def write(self, store: Store, code: str = "") -> Path:
        path = self.path()
        stick.write(store, path, code=code)
        return path

    def county(self, path: Path) -> Path:
        """The county takes a file in; answers its reply."""
        keys = county_keys(self.world.county)
        taken = intake.take_all(self.world.county, keys, bundle.read_file(path))
        reply = self.path()
        bundle.write_file(reply, [one.answer.raw for one in taken if one.answer])
        return reply

    def round(self, store: Store) -> stick.ReadResult:
        return stick.read(store, self.county(self.write(store)))


@pytest.fixture
def sticks(world: World, tmp_path: Path) -> Sticks:
    folder = tmp_path / "stick"
    folder.mkdir()
    return Sticks(world, folder)


def unsent(store: Store) -> int:
    with store.read() as session:
        return changes.unsent(session)


def test_a_village_without_a_network_equals_the_county(sticks: Sticks, world: World) -> None:
    village = world.store("村")
    with pytest.raises(DomainError, match="还没有在县里注册"):
        sticks.write(village)
    joined = stick.read(village, sticks.county(sticks.write(village, code=world.code(VILLAGE))))
    assert joined.joined
    ids = [add(village) for _n in range(5)]
    up = sticks.write(village)
    assert unsent(village) == 5
    back = stick.read(village, sticks.county(up))
    assert (back.exchange.pushed, back.exchange.pulled) == (5, 0)
    assert {get(world.county, id).name for id in ids} == {get(village, id).name for id in ids}
    assert_equal(world)
    other = world.station("乙")
    world.sync(other)
    put(other, ids[0], note="看过")
    world.sync(other)
    assert sticks.round(village).exchange.pulled == 1
    assert get(village, ids[0]).note == "看过"
    assert_equal(world)
