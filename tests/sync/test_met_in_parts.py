"""Own changes that wait meet those of others in one answer, and are acknowledged, or met again, in another: taken off in between, they
leave what the county has."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from db import backup, changes
from db.store import Store
from domain.errors import Unreachable
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.station import rounds
from tests.sync.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    PASSWORD,
    TOWNSHIP,
    VILLAGE,
    World,
    add,
    assert_equal,
    drop,
    get,
    listed,
    person_values,
    put,
    snapshots_where,
)


@pytest.fixture(autouse=True)
def _little_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_BUDGET", "LAST_BUDGET"):
        monkeypatch.setattr(rounds, name, 1)


def move(world: World, id: str, to: str) -> None:
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", id, to)


def noted(store: Store, person: str, place: str) -> str:
    """The check of a month, which two laptops of a village make as one row."""
    values = {"person_id": person, "month": "2023-06", "status": "away", "place": place}
    with store.write("月监测") as session:
        id = session.natural_id("monthly_check", VILLAGE, values)
        changes.insert(session, "monthly_check", [{"id": id, "village": VILLAGE, **values}])
    return id


@pytest.mark.parametrize(("scope", "back"), [(VILLAGE, False), (VILLAGE, True), (TOWNSHIP, False)])
def test_both_noted_the_month_of_somebody_who_moved(world: World, scope: str, back: bool) -> None:
    a, b = world.station("甲"), world.station("乙", scope)
    there = world.station("丙", OTHER_VILLAGE)
    person = add(a)
    world.settle()
    check = noted(a, person, "大连")
    noted(b, person, "沈阳")
    world.sync(a)
    move(world, person, OTHER_VILLAGE)
    if back:
        move(world, person, VILLAGE)
    world.sync(b)
    world.settle()
    assert_equal(world)
    home = a if back else there
    assert get(home, check, "monthly_check").place == "沈阳"
    assert [(c.field, {c.mine, c.theirs}) for c in listed(home)] == [("place", {"大连", "沈阳"})]


def test_whatever_two_did_to_a_row_they_end_equal(world: World) -> None:
    """Both deleted it, both brought it back, one did and one edited it, in all orders."""
    a, b = world.station("甲"), world.station("乙")
    living, gone = list(product((edit, drop), repeat=2)), list(product((back, back_and_gone), repeat=2))
    rows = [(add(a), did) for did in (*living, *gone)]
    for id, _did in rows[len(living) :]:
        drop(a, id)
    world.settle()
    for n, store in enumerate((a, b)):
        for id, did in rows:
            did[n](store, id)
        world.sync(a)
    world.sync(b)
    world.settle()
    assert_equal(world)
    assert [get(a, id) is None for id, _did in rows[: len(living)]] == [did == (drop, drop) for did in living]


def edit(store: Store, id: str) -> None:
    put(store, id, note=store.station)


def back(store: Store, id: str) -> None:
    with store.write("恢复") as session:
        changes.undelete(session, "person", id)


def back_and_gone(store: Store, id: str) -> None:
    back(store, id)
    drop(store, id)


def test_an_id_a_file_gave_twice(world: World) -> None:
    """A file imported at the county has the id of somebody registered in another village, who came and went meanwhile."""
    b, c = world.station("丙", OTHER_VILLAGE), world.station("县", COUNTY)
    id = add(b, name="真的")
    with c.write("导入") as session:
        changes.insert(session, "person", [{"id": id, "village": VILLAGE, **person_values(name="另一个")}])
    world.sync(b)
    for to in (VILLAGE, OTHER_VILLAGE):
        move(world, id, to)
    world.sync(c)
    world.settle()
    assert_equal(world)
    assert get(c, id).name == "真的"


def test_a_deletion_that_came_back_from_a_backup_is_not_made_again(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = add(a)
    world.settle()
    drop(a, id)
    file = backup.backup(a, tmp_path / "a.zip").file
    world.settle()
    with b.write("恢复") as session:
        changes.undelete(session, "person", id)
    world.sync(b)
    a.close()
    backup.restore(a.home, file, user=None, password=PASSWORD)
    world.stations["甲"] = Store.open(a.home, user=None, password=PASSWORD)
    world.settle()
    assert_equal(world)


def test_an_id_of_another_village_refused_in_what_a_snapshot_passes_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots_where(monkeypatch, lambda _s, scope, cursor, head: scope == OTHER_VILLAGE and head > cursor)
    a, b = world.station("甲"), world.station("县", COUNTY)
    id = add(a, name="张三")
    world.sync(a)
    add(b, id=id, village=OTHER_VILLAGE, name="同号")
    world.settle()
    assert_equal(world)
    assert get(b, id).name == "张三"


def test_what_was_passed_on_to_another_village_comes_back_in_its_snapshot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own work for a village that was closed meanwhile: its acknowledgement comes after the snapshot that has it."""
    snapshots_where(monkeypatch, lambda _s, scope, cursor, head: scope == VILLAGE and head > cursor)
    town, keys = world.station("镇", TOWNSHIP), county_keys(world.county)
    with world.county.write() as session:
        moves.merge_villages(session, keys, OTHER_VILLAGE, VILLAGE)
    world.sync(town)
    ids = []
    for name in ("张三", "李四"):  # in two batches
        ids.append(add(town, village=OTHER_VILLAGE, name=name))
        world.line.before = 1
        with pytest.raises(Unreachable):
            world.sync(town)
    world.settle()
    assert_equal(world)
    assert [get(town, id).village for id in ids] == [VILLAGE, VILLAGE]
