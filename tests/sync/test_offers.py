"""What a laptop offers a county that was put back: only what that had signed counts, and no more of it is looked at than is needed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.exchange import device, entry
from sync.county.answering import exchange as answer_request
from sync.county.keys import county_keys
from sync.county.recovery import taking_back
from sync.replica.log import as_sent
from sync.station import rounds
from sync.station.recovery import rewind
from sync.wire import envelope
from sync.wire import messages as wire
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World, add, assert_equal, get, put, put_back, save
from tests.sync.forging import request, signing
from tests.sync.test_county_restored import log
from tests.sync.test_moves_restored import listed, quiet


def test_offers_the_county_did_not_sign_are_passed_over(world: World) -> None:
    a, b, other = world.station("甲"), world.station("乙"), world.station("丙", OTHER_VILLAGE)
    add(a)
    add(other)
    world.settle()
    with world.county.read() as session:
        rows = session.conn.execute(select(entry).order_by(entry.c.scope)).all()
        mine, foreign = (as_sent(row, bytes(row.body)) for row in rows)
    save(world)
    add(a)
    world.settle()
    with a.read() as session:
        row = session.conn.execute(select(entry).order_by(entry.c.seq.desc()).limit(1)).one()
        lost = as_sent(row, bytes(row.body))
    put_back(world)
    keys = county_keys(world.county)
    from msgspec.structs import replace

    bad = [
        mine,  # here already
        replace(lost, batch=b"x"),
        replace(lost, batch=None),
        replace(lost, seq=3),
        replace(lost, number=9),
        replace(lost, scope=OTHER_VILLAGE),
        replace(lost, refused=[(0, "value")]),
        replace(lost, known=0),
        replace(lost, signature=mine.signature),
        replace(foreign, scope=VILLAGE),
    ]
    before = log(world)
    nonce = answer_request(world.county, keys, request(b, [], number=0)).nonce
    proof = signing(b).sign(wire.proof_message(keys.county, b.station, nonce)).signature
    asked = request(b, [], number=0, nonce=nonce, proof=proof, cursors={VILLAGE: 1}, tips=[b""], lost=[wire.Lost(e, b"") for e in bad])
    answer = answer_request(world.county, keys, asked)
    assert (answer.status, answer.entries) == ("ok", [])
    assert log(world) == before
    named = [replace(e, batch=None) for e in (*bad, replace(mine, seq=9), replace(mine, known=9), foreign)]
    with world.county.read() as session:
        asking = session.conn.execute(select(device).where(device.c.station == b.station)).one()
    requests = [replace(asked, lost=[wire.Lost(e, b"")]) for e in named]
    found = [taking_back.named_before(world.county, keys, asking, each) for each in requests]
    assert [list(places.values()) for places in found if places] == [[mine.seq]]
    world.settle()
    assert_equal(world)


def test_the_county_looks_at_no_more_named_entries_than_a_station_names(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a look-up and a signature to check, in one transaction: what is repeated is looked at once, what is too much not at all."""
    a = world.station("甲")
    for _n in range(3):
        add(a)
        world.sync(a)
    with world.county.read() as session:
        rows = session.conn.execute(select(entry).where(entry.c.scope == VILLAGE).order_by(entry.c.seq)).all()
        asking = session.conn.execute(select(device).where(device.c.station == a.station)).one()
    first, *rest = (wire.Lost(as_sent(row, None), b"") for row in rows)
    looked: list[int] = []

    def signed(key: bytes, e: wire.Entry, sha: bytes) -> bool:
        looked.append(e.seq)
        return wire.entry_signed(key, e, sha)

    monkeypatch.setattr(taking_back, "entry_signed", signed)

    def found(most: int) -> int:
        looked.clear()
        monkeypatch.setattr(taking_back, "MOST_NAMED", most)
        asked = request(a, [], number=0, lost=[first] * 50 + rest)
        return len(taking_back.named_before(world.county, county_keys(world.county), asking, asked))

    assert (found(3), looked) == (3, [1, 2, 3])
    assert (found(2), looked) == (2, [1, 2])


@pytest.mark.parametrize(("most", "size", "looked"), [(3, 2**20, 3), (2, 2**20, 2), (3, 1, 1), (3, 600, 2)])
def test_the_county_opens_no_more_than_a_station_offers(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int, size: int, looked: int
) -> None:
    a = world.station("甲")
    for _n in range(4):
        add(a)
        world.sync(a)
    with world.county.read() as session:
        rows = session.conn.execute(select(entry).where(entry.c.scope == VILLAGE).order_by(entry.c.seq)).all()
        asking = session.conn.execute(select(device).where(device.c.station == a.station)).one()
    assert all(300 < len(row.body) < 600 for row in rows)
    opened: list[bytes] = []

    def opening(batch: bytes) -> envelope.Batch:
        opened.append(batch)
        return envelope.open_batch(batch)

    for name, value in (("open_batch", opening), ("MOST_OFFERED", most), ("OFFER", size)):
        monkeypatch.setattr(taking_back, name, value)
    asked = request(a, [], number=0, lost=[wire.Lost(as_sent(row, bytes(row.body)), b"") for row in rows])
    taking_back.take_back(world.county, county_keys(world.county), asking, asked)
    assert opened == [bytes(row.body) for row in rows[:looked]]
    monkeypatch.setattr(rewind, "MOST_OFFERED", most)
    with a.read() as session:
        assert len(rewind.offered(session, {VILLAGE: 0}, 2**20)) == most


def test_a_lost_edit_follows_the_one_its_author_saw_long_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request names only so many entries that came before it: those that what it brings may follow."""
    for module, name, value in ((rounds, "LAST_BUDGET", 1), (rewind, "MOST_NAMED", 2), (taking_back, "MOST_NAMED", 2)):
        monkeypatch.setattr(module, name, value)
    a, b, w = world.station("甲"), world.station("乙"), world.station("丁")
    id, other = add(a, phone="0", bank_account="0"), add(a)
    world.settle()
    save(world)
    made = add(a, phone="1")
    world.sync(a)
    put(a, id, phone="1", bank_account="1")
    world.sync(a, b)
    for n in range(4):
        put(a, other, phone=str(n))
        world.sync(a, b)
    for each in (id, made):
        put(b, each, phone="2", bank_account="2")
        world.sync(b, a)
    put_back(world)
    put(w, other, note="9")
    world.sync(w)
    world.sync(a)
    quiet(world)
    assert [(get(w, each).phone, get(w, each).bank_account) for each in (id, made)] == [("2", "2")] * 2
    assert listed(world) == []
