"""What reaches whom in an exchange, what is refused and held, how it is sealed, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest
from sqlalchemy import select

from db import acts, changes, unmasked
from db.exchange import entry, exchanges, last_exchange, outbox, unsent
from db.held import held
from db.store import Store
from domain.errors import DomainError, NotFound, Refused, Revoked
from sync.replica import identity
from sync.replica.audit import verify
from sync.station.exchange import exchange
from sync.station.sealing import seal
from sync.wire import envelope
from sync.wire.connection import HttpRequest, HttpResponse, Transport
from sync.wire.envelope import MAX_SEALED, open_batch
from tests.sync.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    TOWNSHIP,
    VILLAGE,
    World,
    add,
    assert_equal,
    both,
    get,
    listed,
    person_values,
    put,
    wage,
)

pytestmark = both


def test_a_day_reaches_the_county_and_the_township(world: World) -> None:
    village, township = world.station("村"), world.station("镇", TOWNSHIP)
    ids = [add(village) for _n in range(3)]
    result = world.sync(village)
    assert (result.pushed, result.pulled, result.conflicts, result.held, result.requests) == (3, 0, 0, 0, 1)
    assert world.sync(township).pulled == 3
    assert get(township, ids[0]).name == get(village, ids[0]).name == get(world.county, ids[0]).name
    again = world.sync(village)
    assert (again.pushed, again.pulled, again.requests) == (0, 0, 1)
    assert again.bytes_sent + again.bytes_received <= 200
    assert_equal(world)


def test_before_enrolment_a_store_works_and_seals_nothing(world: World) -> None:
    store = world.store("村")
    add(store)
    with pytest.raises(DomainError):
        world.sync(store)
    with store.read() as session:
        assert unsent(session) == 1
        assert session.conn.execute(select(outbox)).first() is None


def test_what_the_county_refuses_is_held_on_both_sides_and_blocks_nothing(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    id = wage(a)
    world.settle()
    put(a, id, "wage", amount=999)
    other = add(a)
    result = world.sync(a)
    assert (result.held, result.pushed) == (1, 2)
    world.settle()
    assert get(a, id, "wage").amount == get(township, id, "wage").amount == 380000
    assert get(township, other) is not None
    for store in (a, township, world.county):
        with store.read() as session:
            (line,) = held(session)
            assert (line.kind, line.record_id, line.values, line.reason) == ("wage", id, {"amount": 999}, "append")
    assert_equal(world)


def test_an_id_of_another_scope_is_refused_and_taken_out_again(world: World) -> None:
    a, b, township = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    id = add(a)
    world.sync(a)
    with b.write("导入") as session:
        changes.insert(session, "person", [{"id": id, "village": OTHER_VILLAGE, **person_values()}])
    put(b, id, note="改")
    assert world.sync(b).held == 2
    assert get(b, id) is None
    world.settle()
    assert get(township, id).village == VILLAGE
    with township.read() as session:
        assert [line.reason for line in held(session)] == ["scope", "scope"]
    assert_equal(world)


def test_a_station_writes_its_own_scope_and_below(world: World) -> None:
    village, township = world.station("村"), world.station("镇", TOWNSHIP)
    mine = add(township, "employer", name="县城服装厂", type="enterprise")
    below = add(township, village=VILLAGE)
    foreign = add(village, village=OTHER_VILLAGE)  # no page would let it
    world.settle()
    assert get(village, mine, "employer").name == "县城服装厂"
    assert get(village, below) is not None
    assert get(village, foreign) is None
    assert get(township, foreign) is None
    with township.read() as session:
        assert [(line.scope, line.record_id, line.reason) for line in held(session)] == [(VILLAGE, foreign, "rights")]
    assert_equal(world)


def test_neighbours_see_nothing_of_each_other(world: World) -> None:
    a, b, county = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("县", COUNTY)
    id = add(a)
    line = add(county, "monitor_line", area=COUNTY, year=2023, amount=700000)
    world.settle()
    assert get(b, id) is None
    assert get(b, line, "monitor_line").amount == 700000
    assert get(county, id) is not None
    with b.read() as session:
        assert set(session.conn.execute(select(entry.c.scope)).scalars()) == {COUNTY}
    assert_equal(world)


def test_a_change_while_an_exchange_is_in_flight_keeps_what_it_knew(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = add(a, name="张三")
    world.settle()
    put(b, id, name="乙名")
    world.sync(b)

    def meanwhile(_body: bytes) -> None:
        world.line.watch = lambda _b: None
        put(a, id, name="甲名")

    world.line.watch = meanwhile
    world.sync(a)
    world.settle()
    assert get(a, id).name == get(b, id).name == "乙名"
    (conflict,) = listed(a)
    assert (conflict.mine, conflict.theirs) == ("甲名", "乙名")
    assert_equal(world)


def test_own_waiting_changes_stay_on_top_until_acknowledged(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = add(a, name="张三", phone="1")
    world.settle()
    put(b, id, name="乙名", phone="2")
    world.sync(b)
    put(a, id, name="甲名", note="甲注")
    world.line.after = 1
    with pytest.raises(Exception, match="中断"):
        world.sync(a)
    assert (get(a, id).name, get(a, id).phone) == ("甲名", "1")
    world.sync(a)
    row = get(a, id)
    assert (row.name, row.phone, row.note) == ("乙名", "2", "甲注")
    world.settle()
    assert_equal(world)


def test_bulk_is_sealed_in_bounded_batches_and_small_acts_stay_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "SLICE", 700)
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    with a.write("导入") as session:
        changes.insert(session, "person", ({"id": session.new_id(), "village": VILLAGE, **person_values()} for _n in range(1300)))
    with a.write("导入") as session:
        changes.insert(session, "person", ({"id": session.new_id(), "village": VILLAGE, **person_values()} for _n in range(300)))
    world.settle()
    with township.read() as session:
        bodies = session.conn.execute(select(entry.c.body).order_by(entry.c.seq)).scalars().all()
        assert session.count("person") == 1600
        schema = "SELECT count(*) FROM sqlite_master WHERE tbl_name = 'person'"  # all its indexes and triggers are there again
        with a.read() as sender:
            assert session.conn.exec_driver_sql(schema).scalar_one() == sender.conn.exec_driver_sql(schema).scalar_one()
    counts = [open_batch(body).header.count for body in bodies]
    assert sum(counts) == 1600
    assert counts == [700, 600, 300]
    assert max(len(body) for body in bodies) <= MAX_SEALED
    assert_equal(world)


def test_a_batch_too_large_is_halved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "MAX_SEALED", 3000)
    a = world.station("甲")
    with a.write("导入") as session:
        notes = (sha256(str(n).encode()).hexdigest() for n in range(400))
        changes.insert(session, "person", ({"id": session.new_id(), "village": VILLAGE, **person_values(note=note)} for note in notes))
    world.settle()
    with world.county.read() as session:
        bodies = session.conn.execute(select(entry.c.body)).scalars().all()
    assert len(bodies) > 3
    assert max(map(len, bodies)) <= 3000
    assert_equal(world)


def test_a_township_with_many_villages_sends_cursors_only_when_asked(world: World) -> None:
    township = world.station("镇", TOWNSHIP)
    for n in range(20):
        add(township, village=f"{TOWNSHIP}{n:03d}")
    add(township, "employer", name="厂", type="enterprise")
    world.settle()
    assert world.sync(township).requests == 1
    county = world.station("县", COUNTY)
    world.settle()
    add(county, village=f"{TOWNSHIP}005")
    world.sync(county)
    result = world.sync(township)
    assert (result.requests, result.pulled) == (2, 1)
    assert_equal(world)


def test_every_exchange_leaves_a_line_for_the_page(world: World) -> None:
    a = world.station("甲")
    add(a)
    world.sync(a)
    world.line.before = 1
    with pytest.raises(Exception, match="连不上"):
        world.sync(a)
    with a.read() as session:
        latest, first = exchanges(session)
        assert (latest.ok, first.ok, first.figures["pushed"]) == (False, True, 1)
        assert "上传 1 条" in first.message
        assert last_exchange(session) == first


def test_the_chain_is_verified_at_both_ends(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    for _n in range(3):
        add(a)
        world.sync(a)
    world.sync(township)
    put(a, add(a), note="没有上传")
    from sync.county.keys import county_keys

    key = county_keys(world.county).public
    for store, given in ((a, None), (township, None), (world.county, key)):
        with store.read() as session:
            found = verify(session, given)
            assert (found.entries, found.ok, found.first_bad) == (3, True, None)
    with township.applying() as session:
        session.conn.execute(entry.update().where(entry.c.seq == 2).values(refused='[[0, "value"]]'))
        assert verify(session).first_bad == f"{VILLAGE}/2"
        session.conn.execute(entry.delete().where(entry.c.seq == 2))
        assert verify(session).first_bad == f"{VILLAGE}/3"


def test_a_revoked_laptop_keeps_its_unsent_work(world: World) -> None:
    from server.devices import devices, revoke

    a = world.station("甲")
    add(a)
    world.sync(a)
    add(a)
    with world.county.write() as session:
        assert revoke(session, a.station).revoked_at is not None
        with pytest.raises(NotFound):
            revoke(session, "nobody")
    with pytest.raises(Refused, match="停用"):
        world.sync(a)
    assert revoked(a)
    with a.read() as session:
        assert unsent(session) == 1
    with pytest.raises(Revoked), a.applying() as session:  # whoever has it now sees no number in full
        unmasked.log_view(session, "person", "核对")
    add(a)
    with world.county.read() as session:
        (device,) = devices(session)
        assert (device.device, device.scope, device.unsent) == (a.station, VILLAGE, 0)  # what came with its last exchange is here
    from sync.station.enrol import enrol
    from tests.sync.conftest import SERVER

    enrol(a, SERVER, world.code(VILLAGE), transport=world.line)
    assert not revoked(a)
    with a.applying() as session:
        unmasked.log_view(session, "person", "核对")
    world.settle()
    assert_equal(world)


def revoked(store: Store) -> bool:
    with store.read() as session:
        me = identity.load(session)
    return me is not None and me.revoked


class Before(Transport):
    """The way to the county, on which something is done before each request arrives."""

    def __init__(self, inner: Transport, act: Callable[[], None]) -> None:
        self._inner, self._act = inner, act

    def ask(self, request: HttpRequest) -> HttpResponse:
        self._act()
        return self._inner.ask(request)


@pytest.mark.parametrize("when", ["before it arrives", "before it is acknowledged", "afterwards"])
def test_what_is_undone_while_an_exchange_runs_stays_undone(world: World, when: str) -> None:
    """An edit, an insertion and a deletion of one act, undone at any moment of the exchange that sends them."""
    a, b = world.station("甲"), world.station("乙")
    kept, gone = add(a, note="原样"), add(a)
    world.settle()
    with a.write("一起改") as session:
        changes.update(session, "person", kept, {"note": "改了"})
        changes.delete(session, "person", gone)
        new = session.new_id()
        changes.insert(session, "person", [{"id": new, "village": VILLAGE, **person_values()}])
        act = session.act
    assert act is not None
    left = [act]

    def undo() -> None:
        while left:
            with a.write("撤销") as session:
                acts.undo(session, left.pop())

    world.line.watch = lambda _body: undo() if when == "before it is acknowledged" else None
    exchange(a, transport=Before(world.line, undo if when == "before it arrives" else lambda: None))
    assert bool(left) == (when == "afterwards")
    undo()
    world.settle()
    assert_equal(world)
    for store in (a, b, world.county):
        assert (get(store, kept).note, get(store, gone).deleted_at) == ("原样", None)
        with store.read() as session:
            assert session.count("person") == 2
