"""The county's yesterday in the place of its today, and a village that has nothing but sticks: what it holds comes back with two trips."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from db.store import Store
from sync.station.stick import reading, restored_county, writing
from sync.wire.words import BundleError
from tests.seeds import seeds
from tests.sync.conftest import VILLAGE, World, add, assert_equal, get, listed, put, put_back, save, snapshots_where, unsent
from tests.sync.sticks import Sticks
from tests.sync.test_county_restored import log, sound
from tests.sync.test_identity import copied, incarnation


def told(sticks: Sticks, store: Store) -> None:
    with pytest.raises(BundleError, match="恢复过备份"):
        sticks.round(store)


def test_what_only_the_village_holds_gets_its_places_back(sticks: Sticks, world: World) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    id = add(village)
    sticks.round(village)
    world.sync(other)
    save(world)
    put(village, id, note="丢了")
    made = add(village)
    sticks.round(village)
    before, was = log(world), incarnation(village)
    put_back(world)
    waiting = add(village)
    told(sticks, village)
    result = sticks.round(village)
    assert "补交" in result.sentence() and result.exchange.restored == 1
    assert log(world) == before
    assert (incarnation(village), unsent(village)) == (was, 1)
    sticks.round(village)
    assert unsent(village) == 0
    world.sync(other)
    assert (get(other, id).note, get(other, made) is None, get(other, waiting) is None) == ("丢了", False, False)
    assert_equal(world)
    sound(world)


def test_where_others_wrote_meanwhile_it_goes_back_and_loses_nothing(sticks: Sticks, world: World) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    id = add(village, phone="0")
    sticks.round(village)
    world.sync(other)
    save(world)
    put(village, id, note="丢了")
    sticks.round(village)
    put_back(world)
    put(other, id, bank_account="6222")
    added = add(other)
    world.sync(other)
    waiting = add(village)
    put(village, id, phone="2")
    told(sticks, village)
    answer, late, lost = (sticks.county(sticks.write(village)) for _n in range(3))
    result = reading.read(village, answer)  # whichever of them comes
    assert result.exchange.restored == 1 and not result.exchange.kept
    was = incarnation(village)
    assert not reading.read(village, late).exchange.restored
    assert incarnation(village) == was
    lost.unlink()
    assert get(village, added) is not None
    sticks.round(village)
    world.sync(other)
    sticks.round(village)
    assert get(other, waiting) is not None
    assert (get(other, id).note, get(other, id).phone, get(other, id).bank_account) == ("丢了", "2", "6222")
    assert_equal(world)
    sound(world)


def test_who_got_there_first_over_a_network_is_not_sent_back_by_a_late_answer(sticks: Sticks, world: World) -> None:
    village, other = world.station("村"), world.station("乙")
    id = add(village)
    world.settle()
    save(world)
    put(village, id, note="丢了")
    world.sync(village)
    put_back(world)
    added = add(other)
    world.sync(other)
    told(sticks, village)
    answer = sticks.county(sticks.write(village))
    late = sticks.county(sticks.write(village))
    world.sync(village)
    was = incarnation(village)
    more = add(village)
    for path in (answer, late):
        with suppress(BundleError):
            reading.read(village, path)
    assert incarnation(village) == was
    world.settle()
    assert all(get(s, i) is not None for s in (village, other) for i in (added, more))
    assert get(other, id).note == "丢了"
    sticks.round(village)
    assert_equal(world)
    sound(world)


def test_what_only_a_snapshot_had_brought_is_kept_beside(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, other = world.station("甲"), world.station("乙")
    world.settle()
    village = sticks.station("村", VILLAGE)
    save(world)
    add(a, name="只在快照里")
    world.sync(a)
    with monkeypatch.context() as patch:
        snapshots_where(patch, lambda _s, _scope, cursor, head: head > cursor == 0)
        sticks.round(village)
    put_back(world)
    del world.stations["甲"]  # never seen again
    a.close()
    add(other)
    world.sync(other)
    own = add(village)
    told(sticks, village)
    result = sticks.round(village)
    assert (village.home / "backups" / result.exchange.kept).exists() and result.exchange.kept in result.sentence()
    sticks.round(village)
    assert get(world.county, own) is not None
    world.sync(other)
    sticks.round(village)
    assert_equal(world)


@pytest.mark.parametrize("wrote", ["nobody", "first", "between"])
def test_more_than_a_file_holds_takes_as_many_trips(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch, wrote: str) -> None:
    """Every file goes on where the last answered one ended; what somebody writes meanwhile stays beside it."""
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    save(world)
    made = []
    for _n in range(3):
        made.append(add(village))
        sticks.round(village)
    world.sync(other)
    before, was = log(world), incarnation(village)
    world.stations.pop("乙").close()  # knows nothing of what comes
    put_back(world)
    writer = world.station("丁")
    if wrote == "first":
        made.append(add(writer))
        world.sync(writer)
    monkeypatch.setattr(restored_county, "MOST", 1)
    made.append(add(village))
    told(sticks, village)
    results, handed_in = [], []
    for n in range(3):
        path = sticks.path()
        handed_in.append(writing.write(village, path).restored)
        results.append(reading.read(village, sticks.county(path)))
        if n == 0 and wrote == "between":
            made.append(add(writer))
            world.sync(writer)
    assert [(r.exchange.restored, r.left) for r in results] == [(1, 2), (1, 1), (1, 0)]
    assert handed_in == [1, 1, 1]  # not those that are only named
    assert "还有 2 批要补交" in results[0].sentence()
    assert not any(r.exchange.kept for r in results)
    assert (incarnation(village) == was) == (wrote == "nobody")
    if wrote == "nobody":
        assert log(world) == before
    sticks.round(village)
    world.sync(writer)
    sticks.round(village)
    assert unsent(village) == 0
    assert all(get(s, id) is not None for s in (village, writer, world.county) for id in made)
    assert_equal(world)
    sound(world)


def test_an_edit_follows_what_an_earlier_file_brought(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its author had seen it: the two are nobody's disagreement, though the county takes them in one file each."""
    village, first, writer = sticks.station("村", VILLAGE), world.station("甲"), world.station("丁")
    id, other = add(first, bank_account="0"), add(first)
    world.sync(first, writer)
    sticks.round(village)
    save(world)
    put(first, id, bank_account="1")
    world.sync(first)
    sticks.round(village)
    put(village, id, bank_account="2")
    sticks.round(village)
    world.stations.pop("甲").close()
    put_back(world)
    put(writer, other, phone="9")
    world.sync(writer)
    monkeypatch.setattr(restored_county, "MOST", 1)
    told(sticks, village)
    assert [sticks.round(village).left for _n in range(2)] == [1, 0]
    sticks.round(village)
    world.sync(writer)
    assert get(writer, id).bank_account == "2"
    assert listed(writer) == []
    sticks.round(village)
    assert_equal(world)


@pytest.mark.parametrize("seed", seeds(3))
def test_offers_in_many_files_late_twice_and_to_a_county_put_back_again(
    sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Files and answers come in any order, twice or never, others write, and the county is put back once more: nothing is lost."""
    chance = random.Random(seed)
    village, gone = sticks.station("村", VILLAGE), world.station("乙")
    save(world)
    made = []
    for _n in range(6):
        made.append(add(chance.choice((village, gone))))
        world.sync(gone)
        sticks.round(village)
    world.stations.pop("乙").close()  # what it wrote only the village has now
    put_back(world)
    writer = world.station("丁")
    save(world)
    monkeypatch.setattr(restored_county, "MOST", chance.choice((1, 600)))
    up: list[Path] = []
    down: list[Path] = []
    for _n in range(40):
        match chance.randrange(8):
            case 0 | 1:
                up.append(sticks.write(village))
            case 2 | 3 if up:
                with suppress(BundleError):
                    down.append(sticks.county(chance.choice(up[-3:])))
            case 4 | 5 if down:
                with suppress(BundleError):
                    reading.read(village, chance.choice(down[-3:]))
            case 6:
                made.append(add(chance.choice((village, writer))))
                world.sync(writer)
            case 7 if chance.random() < 0.3:
                put_back(world)
                world.sync(writer)
    monkeypatch.undo()
    for _n in range(8):
        with suppress(BundleError):
            sticks.round(village)
        world.sync(writer)
    assert unsent(village) == 0
    assert [id for id in made if any(get(s, id) is None for s in (village, writer, world.county))] == []
    assert_equal(world)
    sound(world)


def test_an_answer_older_than_what_was_read_since_is_not_taken_in(sticks: Sticks, world: World) -> None:
    """A stick written before the county was put back turns up: what the answer brings continues another log."""
    village, other, gone = sticks.station("村", VILLAGE), world.station("乙"), world.station("丙")
    id = add(village)
    sticks.round(village)
    world.sync(other)
    save(world)
    put(village, id, note="丢了")
    sticks.round(village)
    before = add(gone)
    world.sync(gone)
    old = sticks.county(sticks.write(village))
    put_back(world)
    del world.stations["丙"]  # never seen again
    gone.close()
    added = [add(other) for _n in range(3)]
    world.sync(other)
    told(sticks, village)
    answer = sticks.county(sticks.write(village))
    reading.read(village, old)
    with pytest.raises(BundleError, match="很早以前"):
        reading.read(village, answer)
    told(sticks, village)
    sticks.round(village)
    sticks.round(village)
    world.sync(other)
    sticks.round(village)
    assert all(get(village, one) is not None for one in (*added, before))
    assert get(other, id).note == "丢了"
    assert_equal(world)
    sound(world)


def test_what_a_copy_sent_in_its_place_does_not_keep_a_lost_batch_out(sticks: Sticks, world: World) -> None:
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    id = add(village)
    sticks.round(village)
    copy = copied(world, village, "抄")
    save(world)
    made = add(village)
    sticks.round(village)
    put(village, id, note="丢了")
    sticks.round(village)
    world.sync(other)
    put_back(world)
    copies = add(copy)
    sticks.round(copy)  # under the same number as the batch that made the other one
    del world.stations["村"]  # never seen again
    village.close()
    world.sync(other)
    sticks.round(copy)
    world.sync(other)
    sticks.round(copy)
    assert all(get(store, one) is not None for store in (copy, other) for one in (made, copies))
    assert get(copy, id).note == get(other, id).note == "丢了"
    assert_equal(world)
    sound(world)
