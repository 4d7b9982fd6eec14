"""Copied data folders and restored backups: every copy goes on under an incarnation of its own, nothing is lost, both ends are told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, update

from db import backup, changes
from db.conflicts import conflicts
from db.exchange import device, entry, held_change, lineage, outbox
from db.store import Store
from domain.errors import Unreachable
from sync.replica import change_ids, identity
from sync.station.enrol import enrol
from sync.station.sealing import fork as forking
from sync.wire.envelope import open_batch
from tests.sync.conftest import PASSWORD, SERVER, TOWNSHIP, VILLAGE, World, add, assert_equal, both, drop, get, person_values, put


def copied(world: World, store: Store, name: str) -> Store:
    """The data folder copied to another laptop, the program closed as it should be."""
    store.engine.dispose()
    shutil.copytree(store.home, world.folder / name)
    return opened(world, name)


def opened(world: World, name: str) -> Store:
    world.stations[name] = Store.open(world.folder / name, user=None, password=PASSWORD)
    return world.stations[name]


def restored(world: World, name: str, file: Path) -> Store:
    world.stations[name].close()
    backup.restore(world.folder / name, file, user=None, password=PASSWORD)
    return opened(world, name)


def incarnation(store: Store) -> int:
    with store.read() as session:
        me = identity.load(session)
    assert me is not None
    return me.incarnation


def suspected(world: World) -> list[int]:
    with world.county.read() as session:
        return list(session.conn.execute(select(device.c.suspected).order_by(device.c.suspected)).scalars())


def lose(world: World, store: Store) -> None:
    world.line.after = 1
    with pytest.raises(Unreachable):
        world.sync(store)


def test_copies_that_both_work_go_on_side_by_side(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(a, name="张三", phone="1")
    world.settle()
    copy = copied(world, a, "copy")
    first, second = add(a), add(copy)
    put(a, id, name="甲名", phone="2")
    put(copy, id, name="副本名", note="副本注")
    assert not world.sync(a).forked
    result = world.sync(copy)
    assert result.forked
    assert "备份恢复" in result.sentence()
    assert (result.pushed, result.pulled, result.conflicts) == (2, 2, 1)
    assert incarnation(a) != incarnation(copy)
    for _round in range(3):  # and neither drives the other out again
        put(a, first, note=str(_round))
        put(copy, second, note=str(_round))
        assert not world.sync(a).forked
        assert not world.sync(copy).forked
    world.settle()
    assert get(township, id).name == "甲名"
    assert (get(township, id).note, get(township, id).phone) == ("副本注", "2")
    with township.read() as session:
        (conflict,) = conflicts(session)
        assert (conflict.mine, conflict.theirs, conflict.state) == ("甲名", "副本名", "open")
    assert suspected(world) == [0, 1]
    assert_equal(world)


def test_work_that_was_under_way_when_the_folder_was_copied_arrives_once(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(a, phone="0")
    world.settle()
    put(a, id, phone="1")
    shared = add(a)
    lose(world, a)  # the county has it, the copies do not know
    put(a, id, phone="2")
    copy = copied(world, a, "copy")
    put(a, id, note="甲")
    put(copy, shared, note="副本")
    world.sync(a)
    put(township, id, bank_account="6222")
    world.sync(township)
    assert world.sync(copy).forked
    world.settle()
    assert (get(township, id).phone, get(township, id).note, get(township, shared).note) == ("2", "甲", "副本")
    assert get(copy, id).bank_account == "6222"
    with world.county.read() as session:
        assert session.count("person") == 2
        assert session.conn.execute(select(held_change)).first() is None
        assert session.conn.execute(select(entry.c.refused).where(entry.c.refused != "[]")).all()  # left out, not held
    with township.read() as session:
        phones = [(h.old, h.new) for h in changes.history(session, "person", id) if h.field == "phone"]
        assert phones == [(None, "0"), ("0", "1"), ("1", "2")]
        assert conflicts(session) == []
    assert_equal(world)


@both
def test_what_a_copy_writes_on_top_of_what_both_had_made_follows_it(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(a, name="张三")
    copy = copied(world, a, "copy")
    put(a, id, phone="1")
    world.sync(a)
    put(copy, id, name="张山")
    assert world.sync(copy).forked
    world.settle()
    assert_equal(world)
    histories = []
    for store in (a, copy, township):
        with store.read() as session:
            assert conflicts(session) == []
            histories.append([(h.field, h.old, h.new) for h in changes.history(session, "person", id) if h.field in ("name", "phone")])
    assert histories[0] == histories[1] == histories[2]
    assert sorted(histories[0], key=str) == [("name", "张三", "张山"), ("name", None, "张三"), ("phone", None, "1")]


def test_an_answer_with_a_new_incarnation_may_be_lost(world: World) -> None:
    a = world.station("甲")
    copy = copied(world, a, "copy")
    add(a)
    world.sync(a)
    id = add(copy)
    for _lost in range(3):
        lose(world, copy)
    world.sync(copy)
    world.settle()
    assert get(a, id) is not None
    assert suspected(world) == [1]
    assert_equal(world)


def test_copies_without_work_are_known_by_their_tokens(world: World) -> None:
    a = world.station("甲")
    add(a)
    world.sync(a)
    copy = copied(world, a, "copy")
    told = []
    for store in (a, copy, a, copy, a, copy):
        with world.county.write() as session:  # a minute later: within the same one nothing is written, and no token renewed
            session.conn.execute(update(device).values(last_sync="2023-06-05T08:00:00Z"))
        told.append(world.sync(store).forked)
    assert sum(told) == 1
    assert incarnation(a) != incarnation(copy)
    assert suspected(world) == [1]


def test_lost_answers_are_not_taken_for_copies(world: World) -> None:
    a = world.station("甲")
    for _n in range(3):
        add(a)
        lose(world, a)
        lose(world, a)
        assert not world.sync(a).forked
        lose(world, a)
        assert not world.sync(a).forked
    assert suspected(world) == [0]
    with world.county.read() as session:
        assert len(session.conn.execute(select(lineage)).all()) == 1


def test_a_restored_backup_gets_its_lost_work_back(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    early = add(a, note="早")
    world.settle()
    waiting = add(a)
    lose(world, a)
    backup.backup(a, tmp_path / "backup.zip")
    late = add(a, note="晚")
    put(a, early, note="晚改", phone="1")
    world.sync(a)
    world.sync(b)
    put(b, waiting, note="乙注")
    world.sync(b)
    again = restored(world, "甲", tmp_path / "backup.zip")
    put(again, early, phone="2")
    assert get(again, late) is None
    result = world.sync(again)
    assert result.forked
    world.settle()
    assert get(again, late).note == "晚"
    assert (get(again, early).note, get(again, waiting).note) == ("晚改", "乙注")
    with again.read() as session:
        assert [(c.field, c.state) for c in conflicts(session)] == [("phone", "info")]
    assert suspected(world) == [0, 1]
    assert_equal(world)


def test_a_restored_store_is_another_incarnation_before_it_seals_anything(world: World, tmp_path: Path) -> None:
    """Its first batch may go to a USB stick, while one of the same number is on its way from the laptop it replaces."""
    a = world.station("甲")
    add(a)
    world.settle()
    backup.backup(a, tmp_path / "backup.zip")
    dead = copied(world, a, "dead")
    unsent = add(dead)
    again = restored(world, "甲", tmp_path / "backup.zip")
    add(again)
    with again.applying() as session:
        me = identity.load(session)
        assert me is not None
        from sync.station.sealing.seal import seal_all

        seal_all(session, me)
        (body,) = session.conn.execute(select(outbox.c.body)).scalars()
    assert open_batch(body).header.incarnation == me.incarnation != 1
    assert world.sync(again).pushed == 1
    assert not world.sync(again).forked
    assert not world.sync(dead).forked  # the county never saw two of its batches
    world.settle()
    assert get(again, unsent) is not None
    assert_equal(world)


@pytest.mark.parametrize("broken", [0, 1, 2, 3])
def test_copied_edited_restored_with_lost_answers_between(world: World, tmp_path: Path, broken: int) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = add(a, name="张三", phone="0")
    world.settle()
    backup.backup(a, tmp_path / "backup.zip")
    copy = copied(world, a, "copy")
    ids = []
    for n in range(3):
        for store in (a, copy, b):
            ids.append(add(store))
            put(store, id, phone=f"{store.home.name}{n}", name=f"{store.home.name}名{n}")
            if n == broken or broken == 3:
                lose(world, store)
            if n:
                world.sync(store)
    again = restored(world, "甲", tmp_path / "backup.zip")
    ids.append(add(again))
    put(again, id, phone="恢复", name="恢复名")
    drop(again, id)
    lose(world, again)
    world.settle()
    assert all(get(store, i) is not None for store in world.stations.values() for i in ids)
    assert get(again, id) is not None
    assert_equal(world)


def test_a_crash_while_sealing_again_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.station("甲")
    copy = copied(world, a, "copy")
    for store in (a, copy):
        for _n in range(3):
            add(store)
            world.line.before = 1
            with pytest.raises(Unreachable):
                world.sync(store)
    world.sync(a)

    def crash(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(forking, "save_head", crash)
    with pytest.raises(RuntimeError):
        world.sync(copy)
    monkeypatch.undo()
    assert incarnation(copy) == 1
    with copy.read() as session:
        assert session.conn.execute(select(outbox.c.incarnation, outbox.c.number).order_by(outbox.c.number)).all() == [
            (1, 1),
            (1, 2),
            (1, 3),
        ]
    assert world.sync(copy).pushed == 3
    world.settle()
    assert_equal(world)


def test_both_copies_put_under_the_same_incarnation_part_again(world: World) -> None:
    a = world.station("甲")
    copy, third = copied(world, a, "copy"), copied(world, a, "third")
    add(a)
    world.sync(a)
    for store in (copy, third):  # as if one answer had reached both
        add(store)
        with store.applying() as session:
            me = identity.load(session)
            assert me is not None
            forking.fork(session, me, 77)
    assert not world.sync(copy).forked
    assert world.sync(third).forked
    world.settle()
    assert_equal(world)


def test_runs_of_change_ids(world: World) -> None:
    a = world.station("甲")
    with a.write("x") as session:
        changes.insert(session, "person", ({"id": session.new_id(), "village": VILLAGE, **person_values()} for _n in range(10)))
    world.sync(a)
    with world.county.write() as session:
        batch = open_batch(session.conn.execute(select(entry.c.body)).scalar_one())
        assert sorted(change_ids.repeated(session.conn, a.station, batch.groups)) == list(range(10))
        assert change_ids.repeated(session.conn, "another", batch.groups) == []
        (group,) = batch.groups
        group.seqs = [n * 3 for n in range(10)]  # gaps, and one that is no id
        skipped = change_ids.repeated(session.conn, a.station, batch.groups)
        assert skipped == [n for n in range(10) if 1 <= n * 3 <= 10]
        change_ids.note(session.conn, a.station, batch.groups, skipped)
        assert len(change_ids.repeated(session.conn, a.station, batch.groups)) == 9
        group.seqs = [2**63 + n for n in range(10)]
        change_ids.note(session.conn, a.station, batch.groups, [])
        assert change_ids.repeated(session.conn, a.station, batch.groups) == []


def test_a_backup_from_before_the_first_enrolment_can_be_enrolled_again(world: World, tmp_path: Path) -> None:
    a, township = world.store("甲"), world.station("镇", TOWNSHIP)
    first = add(a, name="张三", phone="1")
    backup.backup(a, tmp_path / "before.zip")
    enrol(a, SERVER, world.code(VILLAGE), transport=world.line)
    world.settle()
    put(a, first, phone="2")
    after = add(a, name="李四")
    world.settle()
    again = restored(world, "甲", tmp_path / "before.zip")
    put(again, first, note="恢复后")
    later = add(again, name="王五")
    enrol(again, SERVER, world.code(VILLAGE), transport=world.line)
    assert world.sync(again).forked
    world.settle()
    assert_equal(world)
    assert (get(again, first).phone, get(again, first).note) == ("2", "恢复后")
    assert get(township, after) and get(township, later)
