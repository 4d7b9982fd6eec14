"""A person moves from one village to another, and the two halves of it travel in different files: one person at every moment, in the end
in one village, with everything that was written meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import backup
from db.store import Store
from sync.station.stick import reading, restored_county
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, get, put, put_back, save, unsent
from tests.sync.sticks import Sticks
from tests.sync.test_county_restored import sound
from tests.sync.test_identity import restored
from tests.sync.test_moves_restored import held, move
from tests.sync.test_stick_restored import told


def people(store: Store, id: str) -> int:
    with store.read() as session:
        return sum(person.id == id for person in session.select("person", deleted=True))


@pytest.mark.parametrize("order", ["leaving first", "entering first"])
def test_a_township_is_brought_the_halves_in_different_files(
    sticks: Sticks, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    a, c = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    township = sticks.station("镇", TOWNSHIP)
    id = add(a, name="张三", phone="1")
    job = add(a, "employment", person_id=id, channel="migrant", place="210200", start="2023-02-10")
    world.sync(a, c)
    sticks.round(township)
    backup.backup(township, tmp_path / "before.zip")
    move(world, id)
    put(township, id, note="镇里写的")
    monkeypatch.setattr("sync.county.bundle_intake.MAX_BODY", 1)
    downs = [sticks.county(sticks.write(township))]
    while reading.read(township, downs[-1]).more and not people(township, id):
        downs.append(sticks.county(sticks.write(township)))
    assert len(downs) == 3  # the leaving, what the township wrote itself, the entering
    if order == "entering first":
        township = restored(world, "镇", tmp_path / "before.zip")
        reading.read(township, downs[2])
        assert get(township, id).village == VILLAGE  # it waits for the other half
        for down in downs[:2]:
            reading.read(township, down)
            assert people(township, id) <= 1
    assert get(township, id).village == OTHER_VILLAGE
    assert get(township, job, "employment").village == OTHER_VILLAGE
    monkeypatch.undo()
    for _n in range(3):
        sticks.round(township)
        world.sync(a, c)
    assert unsent(township) == 0
    assert get(a, id) is None
    assert (get(c, id).phone, get(c, id).note) == ("1", "镇里写的")
    assert held(world) == 0
    assert_equal(world)


@pytest.mark.parametrize("wrote", ["nobody", "here", "there"])
def test_a_township_brings_the_halves_back_in_different_files(
    sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch, wrote: str
) -> None:
    """To a county that was put back from before the move."""
    a, c = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    township = sticks.station("镇", TOWNSHIP)
    id, other, stays = add(a, name="张三", phone="1"), add(c), add(a)
    world.sync(a, c)
    sticks.round(township)
    save(world)
    move(world, id)
    put(township, other, note="镇里写的")
    sticks.round(township)
    put(township, id, phone="2")
    sticks.round(township)
    sticks.round(township)
    put_back(world)
    if wrote == "here":
        put(a, id, note="甲写的")
        world.sync(a)
    if wrote == "there":
        put(c, other, phone="9")
        world.sync(c)
    monkeypatch.setattr(restored_county, "MOST", 1)
    told(sticks, township)
    files = 0
    while (result := sticks.round(township)).left:
        files += 1
        assert people(township, id) == 1
    assert files >= 2
    assert not result.exchange.kept
    monkeypatch.undo()
    for _n in range(3):
        sticks.round(township)
        world.sync(a, c)
    assert unsent(township) == 0
    assert get(a, id) is None
    assert get(c, id).phone == "2"
    assert get(c, other).note == "镇里写的"
    assert get(c, id).note == ("甲写的" if wrote == "here" else None)
    assert get(a, stays) is not None
    assert held(world) == 0
    assert_equal(world)
    sound(world)
