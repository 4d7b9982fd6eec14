"""Snapshots: fresh and long absent stations, broken downloads, own work in every order, forged pieces."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest
import zstandard
from msgspec.structs import replace
from sqlalchemy import Connection, event, func, select

from db import unindexed
from db.acts import undo
from db.capture import op
from db.exchange import entry, outbox, scope_head, unsent
from db.mapping import table
from db.session import Session
from db.snapshots import snapshot as snapshot_table
from db.snapshots import snapshot_piece
from db.store import Store
from domain.errors import CannotWrite, Stopped, Unreachable
from domain.fields import KINDS
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.county.sending import snapshot
from sync.replica import pieces
from sync.replica.audit import verify
from sync.replica.identity import load
from sync.station import rounds
from sync.station.exchange import exchange
from sync.station.receiving import bulk_tables, snapshot_fetch
from sync.station.receiving.install import install
from sync.station.receiving.receive import Received
from sync.station.sealing import seal
from sync.station.sealing.seal import seal_all
from sync.wire.columns import WireError
from sync.wire.connection import HttpRequest, HttpResponse
from sync.wire.messages import CONTENT_TYPE, Answer, Offer, pack, read
from tests.seeds import seeds
from tests.sync.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    PASSWORD,
    TOWNSHIP,
    VILLAGE,
    World,
    add,
    assert_equal,
    both,
    drop,
    get,
    put,
    snapshots_where,
    wage,
)
from tests.sync.days import Day, histories_of
from tests.sync.forging import Pretending


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots of little logs, in many little pieces."""
    monkeypatch.setattr(snapshot, "FROM", 0)
    monkeypatch.setattr(snapshot, "FEW", 2)
    monkeypatch.setattr(snapshot, "BUDGET", 1)
    monkeypatch.setattr(pieces, "ROWS", 3)


def entries(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.conn.execute(select(entry.c.seq).order_by(entry.c.seq)).scalars())


def busy_village(world: World) -> Store:
    """A laptop whose village has a log with edits, deletions and an open conflict."""
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a, name=f"人{n}", phone="1") for n in range(7)]
    world.settle()
    for n, id in enumerate(ids):
        put(a, id, phone=str(n + 2))
        world.sync(a)
    drop(b, ids[0])
    put(b, ids[1], name="乙名")
    put(a, ids[1], name="甲名")
    world.settle()
    return a


@both
@pytest.mark.usefixtures("small")
def test_a_fresh_station_gets_a_snapshot_and_then_the_log(world: World) -> None:
    a = busy_village(world)
    fresh = world.station("新")
    result = world.sync(fresh)
    assert result.pulled == 7
    assert result.requests > 5  # one piece an answer
    assert entries(fresh) == []
    put(a, add(a), note="以后")
    world.settle()
    assert len(entries(fresh)) == 1
    assert_equal(world)
    assert histories_of(fresh) == histories_of(a)
    with fresh.read() as session:
        assert session.conn.execute(select(func.count()).select_from(snapshot_piece)).scalar_one() == 0
        assert session.conn.execute(select(snapshot_table.c.installed)).scalars().all() == [1]


@pytest.mark.parametrize("seed", seeds(1))
def test_random_days_with_snapshots_at_any_moment(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days of `test_random`, in which any station may be sent a snapshot whenever it has something to read."""
    dice = random.Random(seed + 500)
    snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor and dice.random() < 0.5)
    monkeypatch.setattr(snapshot, "BUDGET", 1)
    monkeypatch.setattr(pieces, "ROWS", 5)
    monkeypatch.setattr(bulk_tables, "BULK", 1)  # and tables without indexes while whatever comes is more than they held
    day = Day(world, seed)
    day.run(45)
    assert_equal(world)
    assert len({tuple(sorted(schema_of(store))) for store in world.stations.values()}) == 1
    assert day.lost() == []
    histories = [histories_of(store) for store in world.stations.values() if store.scope in (VILLAGE, TOWNSHIP)]
    assert histories[0] == histories[1] == histories[2]


def test_the_audit_knows_a_log_that_begins_with_a_snapshot(world: World, small: None) -> None:
    a = busy_village(world)
    fresh = world.station("新")
    world.sync(fresh)
    put(a, add(a), note="以后")
    world.settle()
    with fresh.applying() as session:
        found = verify(session)
        assert (found.entries, found.ok) == (1, True)
        session.conn.execute(entry.update().values(seq=entry.c.seq + 1))
        assert not verify(session).ok
        session.conn.execute(entry.update().values(seq=entry.c.seq - 1))
        assert verify(session).ok
    for _n in range(2):
        add(fresh)
        with fresh.applying() as session:
            me = load(session)
            assert me
            seal_all(session, me)
    with fresh.applying() as session:
        assert verify(session).ok
        me = load(session)
        assert me
        last = me.number
        session.conn.execute(outbox.delete().where(outbox.c.number == last))  # no snapshot stands in the place of what waited
        assert verify(session).first_bad == f"outbox/{last}"
        session.conn.execute(snapshot_table.update().values(signature=b"x" * 64))
        assert str(verify(session).first_bad).startswith(VILLAGE)


def test_who_sent_much_is_not_sent_it_back_as_a_snapshot(world: World, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "BATCH_SIZE", 1)
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a) for _n in range(6)]
    done = world.sync(a)
    assert (done.pushed, done.pulled, done.requests) == (6, 0, 1)
    with world.county.read() as session:
        assert session.conn.execute(select(func.count()).select_from(snapshot_table)).scalar_one() == 0
    world.sync(b)
    put(b, ids[0], note="乙")
    world.settle()
    assert_equal(world)


def test_only_logs_with_much_to_read_for_the_station_are_looked_into(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A county has two thousand villages: a look-up for each, in every exchange of each of them, would keep the others waiting."""
    village, office = world.station("甲"), world.station("县", COUNTY)
    much = [f"{TOWNSHIP}{n}" for n in range(400, 403)]
    with world.county.write() as session:
        ends = dict.fromkeys((f"{TOWNSHIP}{n}" for n in range(300, 340)), snapshot.FEW - 1) | dict.fromkeys(much, snapshot.FEW)
        session.conn.execute(scope_head.insert(), [{"scope": scope, "seq": seq} for scope, seq in ends.items()])
    looked = list[str]()
    plain = snapshot._OF_OTHERS.value

    def look(conn: Connection, **place: Any) -> Any:
        looked.append(place["of"])
        return plain(conn, **place)

    monkeypatch.setattr(snapshot._OF_OTHERS, "value", look)
    world.sync(village)
    assert not looked
    world.sync(office)
    assert looked == much


@both
def test_who_was_long_away_sends_first_and_keeps_own_work(world: World, small: None) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a, name=f"人{n}", phone="1") for n in range(5)]
    world.settle()
    put(b, ids[0], name="乙名", note="乙注")
    put(b, ids[1], note="乙注")
    mine = add(b)
    twin = wage(b)
    world.line.after = 1
    with pytest.raises(Unreachable):
        world.sync(b)  # the county has it, the laptop has not heard so
    for n in range(6):
        put(a, ids[0], name=f"甲名{n}")
        put(a, ids[2], note=f"甲注{n}")
        world.sync(a)
    put(b, ids[2], phone="乙")
    drop(b, ids[3])
    late = add(b)
    with b.read() as session:
        acts = [line.act for line in session.conn.execute(select(op).where(op.c.author.is_(None)).order_by(op.c.seq))]
    world.sync(b)
    assert (get(b, ids[2]).phone, get(b, ids[2]).note, get(b, ids[3])) == ("乙", "甲注5", None)
    assert get(b, mine) is not None
    assert get(b, late) is not None
    assert get(b, twin, "wage") is not None
    world.settle()
    assert_equal(world)
    assert histories_of(a) == histories_of(b)
    with b.read() as session:
        kept = [line.act for line in session.conn.execute(select(op).where(op.c.author.is_(None)).order_by(op.c.seq))]
        assert kept == acts  # so that each can still be undone
        assert (
            session.conn.execute(select(func.count()).select_from(snapshot_table).where(snapshot_table.c.installed == 1)).scalar_one() == 1
        )
    assert len(installed(b)) == 1
    with b.write("撤销") as session:
        undo(session, acts[1])
    world.settle()
    assert get(a, ids[1]).note is None
    assert_equal(world)


def test_a_broken_download_goes_on_with_the_next_piece(world: World, small: None) -> None:
    busy_village(world)
    fresh = world.station("新")
    held: list[int] = []

    def lose_every_second(_body: bytes) -> None:
        held.append(pieces_of(fresh))
        world.line.after = len(held) % 2

    world.line.watch = lose_every_second
    while not entries(fresh) and not installed(fresh):
        with contextlib.suppress(Unreachable):
            world.sync(fresh)
    world.line.watch = lambda _body: None
    asked = held[: 2 * (max(held) + 1)]
    assert asked == [n // 2 for n in range(len(asked))]  # each piece was asked for until it came, none that was here
    world.line.after = 0
    world.settle()
    assert_equal(world)


def installed(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.conn.execute(select(snapshot_table.c.seq).where(snapshot_table.c.installed == 1)).scalars())


def pieces_of(store: Store) -> int:
    with store.read() as session:
        return session.conn.execute(select(func.count()).select_from(snapshot_piece)).scalar_one()


def spoilt(world: World, change: Callable[[Offer], Offer]) -> Pretending:
    """The county, but for what it offers as a snapshot."""

    def reply(request: HttpRequest) -> HttpResponse:
        answer = read(Answer, world.line.inner.ask(request).read())
        offer = answer.offer and change(answer.offer)
        return HttpResponse(200, [pack(replace(answer, offer=offer))], CONTENT_TYPE)

    return Pretending(reply)


def test_pieces_that_are_not_the_countys_are_not_let_in(world: World, small: None) -> None:
    busy_village(world)
    fresh = world.station("新")
    add(fresh)
    nonsense = zstandard.compress(b"x" * 1000)
    changes_: list[Callable[[Offer], Offer]] = [
        lambda o: replace(o, manifest=o.manifest + b"x"),
        lambda o: replace(o, signature=bytes(64)),
        lambda o: replace(o, scope=TOWNSHIP),
        lambda o: replace(o, first=o.first + 1),
        lambda o: replace(o, manifest=b""),
        lambda o: replace(o, pieces=[nonsense]),
        lambda o: replace(o, pieces=[]),
        lambda o: replace(o, pieces=[*o.pieces, *o.pieces]),
    ]
    for change in changes_:
        with pytest.raises(Unreachable):
            exchange(fresh, transport=spoilt(world, change))
        with fresh.read() as session:
            assert session.count("person") == 1
        assert pieces_of(fresh) == 0
    world.settle()
    assert_equal(world)


@pytest.mark.parametrize(
    "bad",
    [
        [2, "rows", 1, {"id": "a"}],
        [2, "rows", 1, {"id": "a", "seq": 1, "author": "x.1", 1: 5}],
        [2, "rows", 1, {"id": "a\0", "seq": 1, "author": "x.1"}],
        [2, "rows", 1, {"id": "a", "seq": 2**63, "author": "x.1"}],
        [2, "rows", 1, {"id": "a", "seq": "1", "author": "x.1"}],
        [2, "rows", 0, {}],
        [2, "rows", 10**6, {"id": "a"}],
        [2, "rows", 2, {"id": ["a"]}],
        [2, "rows", 1, {"id": [1.5]}],
        [2, "op", 1, {"row_id": "a"}],
        [2, "field_state", 1, {"row_id": "a"}],
        [0, "conflict", 1, {"id": "a"}],
        [0, "sqlite_master", 1, {"id": "a"}],
        [2, "rows", 1, [], {"id": [2, "a"]}],
        [2, "rows", 1, [], {"id": [2, "a"], "seq": [2, 1], "author": [2, "x.1"], 1: [2, 5]}],
        [2, "rows", 1, [], {"id": [2, "a\0"], "seq": [2, 1], "author": [2, "x.1"]}],
        [2, "rows", 1, ["\0" * 28], {"id": [6, [0, 0, 0], [0, 1, 0]], "seq": [2, 1], "author": [2, "x.1"]}],
        [2, "rows", 1, [], {"id": [6, [0, 0, 0], [0, 1, 0]], "seq": [2, 1], "author": [2, "x.1"]}],
        [2, "rows", 0, [], {}],
        [2, "rows", 10**6, [], {"id": [2, "a"]}],
        [2, "rows", 2, [], {"id": [3, ["a"]]}],
        [2, "rows", 1, [], {"id": [3, [1.5]]}],
        [2, "op", 1, [], {"row_id": [2, "a"]}],
        [0, "sqlite_master", 1, [], {"id": [2, "a"]}],
        [2, "rows", 1],
        "rows",
    ],
)
def test_a_piece_that_is_no_piece_changes_nothing(world: World, bad: object) -> None:
    store = world.station("新")
    add(store)
    with store.read() as session:
        me = load(session)
    assert me is not None
    body = zstandard.compress(msgspec.msgpack.encode(bad))
    with pytest.raises(WireError), store.applying() as session:
        install(session, me, (VILLAGE, 5), [pieces.open_piece(body)], [])
    with pytest.raises(WireError):
        pieces.open_piece(body[:-3])
    with store.read() as session:
        assert session.count("person") == 1
        assert unsent(session) == 1


def test_a_power_cut_at_any_statement_of_an_installation_loses_nothing(world: World, small: None) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a, name=f"人{n}") for n in range(4)]
    world.settle()
    for n in range(5):
        put(a, ids[0], note=str(n))
        world.sync(a)
    put(b, ids[0], phone="13800000009")
    mine = add(b)
    before = content_of(b)
    for at in range(1, 2000, 97):
        count = 0

        def fail(*_given: object, at: int = at) -> None:
            nonlocal count
            count += 1
            if count == at:
                raise RuntimeError("power cut")

        plain = snapshot_fetch.take
        with pytest.MonkeyPatch.context() as patch:

            def cut(session: Session, *given: Any, plain: Callable[..., Received] = plain, fail: Any = fail, **more: Any) -> Received:
                event.listen(session.conn, "before_cursor_execute", fail)
                return plain(session, *given, **more)

            patch.setattr(snapshot_fetch, "take", cut)
            try:
                world.sync(b)
            except RuntimeError:
                assert get(b, mine) is not None
                assert get(b, ids[0]).phone == "13800000009"
                continue
        break
    assert content_of(b) != before
    world.settle()
    assert get(a, ids[0]).phone == "13800000009"
    assert get(a, mine) is not None
    assert_equal(world)


@pytest.mark.parametrize("ends", ["well", "stopped", "disk full", "killed"])
@pytest.mark.parametrize("way", ["snapshot", "log"])
def test_indexes_for_lists_are_made_once_when_several_answers_come(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, ends: str, way: str
) -> None:
    """With 440 000 rows of a hundred villages they were updated row by row from the second answer on."""
    if way == "snapshot":
        request.getfixturevalue("small")
    monkeypatch.setattr(rounds, "FIRST_BUDGET", 1)
    monkeypatch.setattr(bulk_tables, "BULK", 1)
    for scope in (VILLAGE, OTHER_VILLAGE):
        laptop = world.station(f"在{scope}", scope)
        for n in range(3):
            add(laptop, village=scope, name=f"人{n}")
            world.sync(laptop)
    town = world.station("镇", TOWNSHIP)
    whole, seen = sorted(schema_of(town)), list[set[str]]()

    def look(*_told: object) -> None:
        seen.append(set(whole) - set(schema_of(town)))
        if ends == "stopped" and seen[-1]:
            raise Stopped

    def fail(_store: Store) -> None:
        raise CannotWrite("full") if ends == "disk full" else KeyboardInterrupt

    with monkeypatch.context() as patch:
        if ends in ("disk full", "killed"):
            patch.setattr(unindexed, "complete", fail)
        with contextlib.suppress(Stopped, KeyboardInterrupt):
            exchange(town, progress=look, transport=world.line)
    left = max(seen, key=len)
    assert left and all(re.search(r"ix_\w+_(pinyin|initials|id_tail|phone_tail|birth|group)\b", one) for one in left)
    with town.read() as session:
        assert unindexed.missing(session) is (ends in ("disk full", "killed"))
    assert sorted(schema_of(town)) == whole or ends in ("disk full", "killed")
    if ends == "disk full":
        world.sync(town)
    elif ends == "killed":
        town.close()
        town = world.stations["镇"] = Store.open(town.home, user=None, password=PASSWORD)
    assert sorted(schema_of(town)) == whole
    with town.read() as session:
        assert not unindexed.missing(session)
    world.settle()
    assert_equal(world)


def test_indexes_left_out_again_while_another_program_makes_them_are_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that opens the store makes them, while the window's exchange drops them anew: they were missing for ever."""
    town = world.station("镇", TOWNSHIP)
    whole = sorted(schema_of(town))
    without_lists(town, "person")
    applying, waiting = Store.applying, ["employer", "household"]

    @contextlib.contextmanager
    def between(store: Store, **words: bool) -> Iterator[Session]:
        with applying(store, **words) as session:
            yield session
        if waiting:
            monkeypatch.setattr(Store, "applying", applying)
            without_lists(town, waiting.pop())
            monkeypatch.setattr(Store, "applying", between)

    monkeypatch.setattr(Store, "applying", between)
    unindexed.complete(town)
    with town.read() as session:
        assert not unindexed.missing(session)
    assert sorted(schema_of(town)) == whole


def test_kinds_without_lists_leave_nothing_to_be_made(world: World) -> None:
    """Looking at every index of every list took a fifth of installing ten thousand employments."""
    town = world.station("镇", TOWNSHIP)
    whole = sorted(schema_of(town))
    without_lists(town, "employment")
    with town.read() as session:
        assert not unindexed.missing(session)
    assert sorted(schema_of(town)) == whole


def test_an_older_program_finds_the_indexes_that_it_drops(world: World) -> None:
    """Programs before drop all indexes of a table by name: after a killed first exchange they ended with `no such index`."""
    town = world.station("镇", TOWNSHIP)
    whole = sorted(schema_of(town))
    without_lists(town, "person")
    without_lists(town, "employer")
    with town.applying() as session:
        for index in table("person").indexes:
            index.drop(session.conn)
            index.create(session.conn)
    unindexed.complete(town)
    with town.read() as session:
        assert not unindexed.missing(session)
    assert sorted(schema_of(town)) == whole


def without_lists(store: Store, kind: str) -> None:
    with store.applying() as session, bulk_tables.Tables(session, more=True) as tables:
        tables.expect(KINDS[kind], bulk_tables.BULK)


def schema_of(store: Store) -> Sequence[str]:
    with store.read() as session:
        return session.conn.exec_driver_sql("SELECT coalesce(sql, name) FROM sqlite_master").scalars().all()


def content_of(store: Store) -> list[Any]:
    with store.read() as session:
        return [vars(person) for person in session.select("person", deleted=True)]


def test_the_history_of_who_left_and_came_back_unread_is_told_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that passed over both by a snapshot has what the others have, not that and what it had read before."""
    a, b, other = world.station("甲"), world.station("乙"), world.station("丙", OTHER_VILLAGE)
    id = add(a, name="张三")
    put(a, id, note="一")
    world.settle()
    put(b, id, phone="2")
    world.sync(b, a)
    keys = county_keys(world.county)
    for to in (OTHER_VILLAGE, VILLAGE):
        with world.county.write() as session:
            moves.move(session, keys, "person", id, to)
        world.sync(other, b)
    put(b, id, note="三")
    snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor)
    world.sync(b, a)
    assert_equal(world)
    assert histories_of(a) == histories_of(b)


def test_two_exchanges_of_one_store_fetch_one_snapshot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window of an earlier program, which knows no lock, beside this one: the second to have it in hand finds it in place."""
    a, late = world.station("甲"), world.station("迟")
    add(a)
    world.sync(a)
    snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor)
    twin = Store.open(late.home, user=None, password=PASSWORD)

    def meanwhile(_body: bytes) -> None:
        world.line.watch = lambda _body: None
        vars(exchange)["__wrapped__"](twin, transport=world.line)

    world.line.watch = meanwhile
    try:
        world.sync(late)
    finally:
        twin.close()
    assert_equal(world)


def test_a_snapshot_made_anew_while_one_is_fetched_waits_for_rows_to_leave(
    world: World, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((pieces, "ROWS"), (snapshot, "BUDGET"), (rounds, "FIRST_BUDGET"), (rounds, "LAST_BUDGET")):
        monkeypatch.setattr(module, name, 1)
    a, other, town = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    id = add(other)
    world.sync(other, town)

    def busy(store: Store, times: int) -> None:
        for _n in range(times):
            add(store)
            world.sync(store)

    busy(a, 3)
    asked = itertools.count()
    world.line.watch = lambda _body: setattr(world.line, "after", int(next(asked) == 1))
    with pytest.raises(Unreachable):
        world.sync(town)
    with town.read() as session:
        assert snapshot_fetch.holding(session) is not None
    busy(other, 9)
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", id, VILLAGE)
    busy(a, 3)
    world.sync(world.station("新"))
    world.settle()
    assert_equal(world)
