"""The county's yesterday in the place of its today: what any laptop still holds comes back, whoever comes first, and all are told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db import acts, changes
from db.engine import sqlite_engine
from db.exchange import entry
from db.mapping import table
from db.store import Store
from domain.errors import Unreachable
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.replica import history
from sync.replica.audit import verify
from sync.station.enrol import enrol
from sync.wire import messages as wire
from tests.sync.conftest import (
    OTHER_VILLAGE,
    SERVER,
    TOWNSHIP,
    VILLAGE,
    World,
    add,
    assert_equal,
    drop,
    get,
    put,
    put_back,
    save,
    snapshots_where,
)
from tests.sync.forging import request
from tests.sync.test_identity import copied, lose, suspected


def log(world: World) -> list[tuple[object, ...]]:
    columns = (entry.c.scope, entry.c.seq, entry.c.sha256, entry.c.refused, entry.c.signature, entry.c.chain)
    with world.county.read() as session:
        return [tuple(row) for row in session.conn.execute(select(*columns).order_by(entry.c.scope, entry.c.seq))]


def history_of(store: Store, id: str) -> list[changes.Change]:
    with store.read() as session:
        return changes.history(session, "person", id)


def sound(world: World) -> None:
    keys = county_keys(world.county)
    with world.county.read() as session:
        assert verify(session, keys.public).ok
    for store in world.stations.values():
        with store.read() as session:
            assert verify(session).ok


def test_what_the_county_lost_gets_its_places_back(world: World) -> None:
    a, b, township = world.station("甲"), world.station("乙"), world.station("镇", TOWNSHIP)
    id = add(a, name="张三")
    world.settle()
    save(world)
    put(a, id, name="甲名")
    put(b, id, name="乙名", phone="1")
    add(township, "employer", name="厂", type="enterprise")
    world.settle()
    before = log(world)
    put_back(world)
    waiting = add(b)
    result = world.sync(township)  # has nothing to send, and brings all of it
    assert result.restored == 3
    assert "补交" in result.sentence()
    assert log(world) == before
    world.settle()
    assert get(township, waiting) is not None
    assert suspected(world) == [0, 0, 0]
    assert_equal(world)
    sound(world)


def test_what_others_wrote_meanwhile_stays_and_the_lost_comes_after_it(world: World) -> None:
    a, b, township = world.station("甲"), world.station("乙"), world.station("镇", TOWNSHIP)
    id = add(a, name="张三", phone="0")
    world.settle()
    save(world)
    lost = add(a)
    put(a, id, name="甲名", note="甲注")
    world.sync(a)
    world.sync(township)
    put(township, id, note="镇注")
    put_back(world)
    put(b, id, name="乙名", phone="1")
    added = add(b)
    world.sync(b)  # knows nothing of what was lost: fills its place
    put(a, id, phone="2")
    result = world.sync(a)
    assert result.restored > 0
    assert not result.forked
    world.settle()
    assert all(get(s, i) is not None for s in (a, b, township) for i in (lost, added))
    with township.read() as session:
        shown = session.get("person", id)
        assert (shown.name, shown.note) == ("乙名", "镇注")
        from db.conflicts import conflicts

        assert ("name", "open") in {(c.field, c.state) for c in conflicts(session)}
    assert_equal(world)
    sound(world)


def test_one_who_only_read_is_not_left_behind(world: World) -> None:
    """Its place in the log exists at the county again, but with other entries before it."""
    a, b, township = world.station("甲"), world.station("乙"), world.station("镇", TOWNSHIP)
    world.settle()
    save(world)
    read = [add(a), add(a)]
    world.sync(a)
    world.sync(township)
    put_back(world)
    ids = []
    for _n in range(3):
        ids.append(add(b))
        world.sync(b)
    del world.stations["甲"]  # never seen again
    a.close()
    world.settle()
    assert all(get(s, i) is not None for s in (b, township) for i in (*ids, *read))
    assert_equal(world)
    sound(world)


@pytest.mark.parametrize("again", [False, True])
def test_a_hole_in_a_chain_that_others_brought_back_is_filled_by_who_wrote_it(world: World, again: bool) -> None:
    """Nobody had read the first of two batches, into another log, and the answers to both were lost: the township was refused for ever."""
    a, t = world.station("甲"), world.station("镇", TOWNSHIP)
    mine = add(a, phone="13900000000")
    world.settle()
    save(world)
    other = add(t, village=OTHER_VILLAGE)
    lose(world, t)
    put(t, mine, phone="13911112222")
    answers = iter((0, 1))  # the first says how much had arrived
    world.line.watch = lambda _body: setattr(world.line, "after", next(answers, 0))
    with pytest.raises(Unreachable):
        world.sync(t)
    world.sync(a)
    put_back(world)
    world.sync(a)
    if again:
        put(t, mine, phone="13933334444")
    world.sync(t)
    world.settle()
    assert_equal(world)
    assert get(world.county, other) is not None
    assert get(world.county, mine).phone == ("13933334444" if again else "13911112222")
    assert suspected(world) == [0, 0]
    sound(world)


def test_many_villages_are_compared_by_one_digest(world: World) -> None:
    a, b, township = world.station("甲"), world.station("乙"), world.station("镇", TOWNSHIP)
    for n in range(20):
        add(township, village=f"{TOWNSHIP}{n:03d}")
    world.settle()
    save(world)
    lost = add(a)
    world.sync(a)
    world.sync(township)
    put_back(world)
    added = add(b)
    world.sync(b)  # fills the place: the logs are of the same lengths again
    assert world.sync(township).restored > 0
    world.settle()
    assert all(get(s, i) is not None for s in (a, b, township) for i in (lost, added))
    assert_equal(world)


def test_own_unacknowledged_work_stays_on_top(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    id, gone = add(a, phone="0"), add(a)
    world.settle()
    save(world)
    put(a, id, phone="1")
    world.settle()
    put_back(world)
    put(b, id, note="乙注")
    put(a, id, phone="2")
    drop(a, gone)
    made = add(a, note="新")
    lose(world, a)
    world.settle()
    assert (get(b, id).phone, get(b, id).note, get(b, made).note) == ("2", "乙注", "新")
    assert get(b, gone) is None
    assert_equal(world)
    sound(world)


def act(store: Store) -> int:
    with store.read() as session:
        return acts.latest(session, 1)[0].id


def test_what_was_done_before_the_logs_part_can_still_be_taken_back(world: World) -> None:
    """Also what was done after, and what was acknowledged before another wrote to the same row."""
    a, b = world.station("甲"), world.station("乙")
    id, other = add(a, name="张三", phone="0"), add(a, name="李四")
    made = act(a)
    world.settle()
    put(b, other, note="乙注")
    put(a, other, phone="1")
    early = act(a)
    world.settle()
    told = history_of(a, other)
    save(world)
    put(a, id, phone="2")
    late = act(a)
    world.sync(a)
    put_back(world)
    add(b)
    world.sync(b)
    assert world.sync(a).restored
    assert history_of(a, other) == told
    for number in (late, early, made):
        with a.write("撤销") as session:
            acts.undo(session, number)
    world.settle()
    assert get(b, id).phone == "0"
    assert [(get(s, other).phone, get(s, other).note) for s in (a, b)] == [(None, "乙注")] * 2
    assert_equal(world)
    sound(world)


@pytest.mark.parametrize("step", ["offers", "rewind", "after"])
def test_a_cut_at_any_step_is_taken_up_again(world: World, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = add(a)
    world.settle()
    save(world)
    for n in range(3):
        put(a, id, note=str(n))
        world.sync(a)
    put_back(world)
    put(b, id, phone="9")
    world.sync(b)
    late = add(a)

    def crash(*_arguments: object) -> None:
        raise Unreachable("x")

    if step == "offers":
        world.line.watch = lambda body: crash() if b"offers" in body or wire.read(wire.Request, body).lost else None
    elif step == "rewind":
        monkeypatch.setattr("sync.station.recovery.rewind.put_on", crash)
    else:
        monkeypatch.setattr("sync.station.rounds.Rounds._take", crash)
    with pytest.raises(Unreachable):
        world.sync(a)
    world.line.watch = lambda _body: None
    monkeypatch.undo()
    world.settle()
    assert (get(b, id).note, get(b, id).phone) == ("2", "9")
    assert get(b, late) is not None
    assert_equal(world)
    sound(world)


def test_a_copy_that_took_the_lost_numbers_loses_nothing_either(world: World) -> None:
    a = world.station("甲")
    add(a)
    world.settle()
    copy = copied(world, a, "copy")
    save(world)
    lost = add(a)
    world.sync(a)
    put_back(world)
    other = add(copy)
    world.sync(copy)  # takes the number, and the place
    world.settle()
    assert all(get(s, i) is not None for s in (a, copy) for i in (lost, other))
    assert_equal(world)
    sound(world)


def test_marks_show_where_two_logs_part(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    for _n in range(5):
        add(a)
        world.sync(a)
    world.sync(b)
    with b.read() as session:
        tips = [history.tips(session, {VILLAGE: 5})[VILLAGE]]
        good = request(b, [], cursors={VILLAGE: 5}, tips=tips)
        assert history.common(session, {VILLAGE: [(4, b"x"), (3, history.chain_at(session, VILLAGE, 3) or b"")], "x": []}) == {
            VILLAGE: 3,
            "x": 0,
        }
    with world.county.read() as session:
        assert history.parted(session, good, VILLAGE) == {}
        assert history.parted(session, request(b, [], cursors={VILLAGE: 5}, tips=[b""]), VILLAGE) == {}
        assert history.parted(session, request(b, [], cursors={VILLAGE: 5}, tips=[]), VILLAGE) == {}
        wrong = history.parted(session, request(b, [], cursors={VILLAGE: 5}, tips=[b"nope"]), VILLAGE)
        assert [seq for seq, _chain in wrong[VILLAGE]] == [5, 4, 3, 2, 1]
        assert history.parted(session, request(b, [], cursors={VILLAGE: 2**62}, tips=[b"nope"]), VILLAGE)
        assert history.parted(session, request(b, [], cursors={TOWNSHIP: 1}, tips=[b"nope"]), VILLAGE) == {TOWNSHIP: []}


def test_a_log_whose_beginning_is_not_here_is_read_again(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    first = add(a)
    world.sync(a)
    add(a)
    world.settle()
    save(world)
    lost = add(a)
    world.sync(a)
    put_back(world)
    added = add(b)
    world.sync(b)
    with a.applying() as session:
        session.conn.execute(entry.delete().where(entry.c.seq == 1))
    waiting = add(a)
    put(a, first, note="改")
    world.settle()
    assert all(get(s, i) is not None for s in (a, b) for i in (first, lost, added, waiting))
    assert get(b, first).note == "改"
    assert_equal(world)
    sound(world)


def test_a_row_that_had_moved_is_not_made_twice_by_going_back(world: World) -> None:
    """The log it left is gone back in, the one it lives in is not: its history and fields stay as they are everywhere."""
    a, c, township = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    id, stays = add(a, name="张三", note="一"), add(a)
    world.settle()
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", id, OTHER_VILLAGE)
    world.settle()
    put(c, id, note="二")
    world.settle()
    save(world)
    put(a, stays, note="丢了")
    world.settle()
    put_back(world)
    put(township, stays, phone="1")
    world.sync(township)
    put(a, stays, phone="2")
    world.settle()
    told = [(h.field, h.old, h.new) for h in history_of(township, id)]
    assert told == [(h.field, h.old, h.new) for h in history_of(c, id)] != []
    assert_equal(world)
    sound(world)


def test_what_only_a_snapshot_had_brought_is_kept_beside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can offer it again, and the county's log has gone on otherwise: the laptop goes on too, and a copy of all it had stays."""
    a, b = world.station("甲"), world.station("乙")
    world.settle()
    save(world)
    lost = add(a, name="只在快照里")
    world.sync(a)
    snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor == 0)
    late = world.station("迟")
    world.sync(late)
    put_back(world)
    del world.stations["甲"]  # never seen again
    a.close()
    add(b)
    world.sync(b)
    enrol(late, SERVER, world.code(VILLAGE), transport=world.line)
    own = add(late)
    result = world.sync(late)
    assert result.kept
    assert result.kept in result.sentence()
    copy = late.home / "backups" / result.kept
    engine = sqlite_engine(copy, late.data_key)
    with engine.connect() as conn:
        assert conn.execute(select(table("person").c.name).where(table("person").c.id == lost)).scalar_one() == "只在快照里"
    engine.dispose()
    world.settle()
    assert get(world.county, own) is not None
    assert_equal(world)
