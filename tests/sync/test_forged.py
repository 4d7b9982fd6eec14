"""Requests, batches and proofs that are not what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from db.exchange import device, entry
from db.held import held
from db.mapping import table
from sync.county import bundle_intake, enrolment
from sync.county.answering import exchange as answer_request
from sync.county.keys import county_keys
from sync.replica import identity
from sync.station.stick import writing
from sync.wire import bundle, envelope, framing
from sync.wire import messages as wire
from sync.wire.columns import WireError
from sync.wire.envelope import START, Header, open_batch
from sync.wire.framing import join_request, read_request
from sync.wire.trust import split_code
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put
from tests.sync.forging import entries, request, sealed_by, signing
from tests.sync.light import Light


@both
def test_batches_that_are_not_the_stations_own_are_not_let_in(world: World) -> None:
    a, b = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    add(a)
    add(b)
    (own,), (foreign,) = sealed_by(a), sealed_by(b)
    keys = county_keys(world.county)
    head = open_batch(own).header
    change = open_batch(own).changes()
    bad = {
        "another village's batch": foreign,
        "signed by another key": envelope.seal(head, change, SigningKey.generate()),
        "another county": envelope.seal(msgspec.structs.replace(head, county="x"), change, signing(a)),
        "truncated": own[: len(own) // 2],
        "empty": b"",
        "a changed byte": own[:-80] + bytes([own[-80] ^ 1]) + own[-79:],
    }
    for name, data in bad.items():
        assert answer_request(world.county, keys, request(a, [data])).status == "broken", name
    assert entries(world) == 0
    gap = envelope.seal(msgspec.structs.replace(head, number=2), change, signing(a))
    assert answer_request(world.county, keys, request(a, [gap])).status == "gap"
    other_past = envelope.seal(msgspec.structs.replace(head, previous=b"x" * 32), change, signing(a))
    assert answer_request(world.county, keys, request(a, [other_past])).status == "fork"
    newer = envelope.seal(msgspec.structs.replace(head, schema=99), change, signing(a))
    assert answer_request(world.county, keys, request(a, [newer])).status == "newer"
    assert entries(world) == 0
    world.settle()
    assert_equal(world)


def test_what_is_good_before_a_broken_batch_is_let_in_and_the_station_is_told(world: World) -> None:
    """Counting what waits at it the county opened what cannot be opened, and all of the request was as if it had never come."""
    station = Light.enrolled(world.county, county_keys(world.county), VILLAGE)

    def ask(*more: bytes) -> wire.Answer:
        asked = station.request()
        return answer_request(world.county, county_keys(world.county), msgspec.structs.replace(asked, batches=[*asked.batches, *more]))

    station.seal()
    station.take(ask())
    station.seal()
    answer = ask(b"not a batch")
    assert (answer.status, answer.received, entries(world)) == ("broken", 2, 2)


@both
def test_nobody_writes_in_the_name_of_somebody_at_another_laptop(world: World) -> None:
    """Else who enters could name another as the author, and approve what he entered."""
    a, county = world.station("甲"), world.station("县", COUNTY)
    kept, forged = add(a), add(a)
    batch = open_batch(sealed_by(a)[0])
    said = [replace(one, by=f"乙@{county.station}") if one.row_id == forged else one for one in batch.changes()]
    sealed = envelope.seal(batch.header, said, signing(a))
    assert answer_request(world.county, county_keys(world.county), request(a, [sealed])).status == "ok"
    with world.county.read() as session:
        assert [(one.record_id, one.reason) for one in held(session)] == [(forged, "signed")]
        assert session.conn.execute(select(table("person").c.id)).scalars().all() == [kept]


@both
def test_what_a_village_writes_about_anothers_people_is_held(world: World) -> None:
    """A row about a neighbour's person was taken in where that village cannot see it, and counted at the township and the county."""
    a, b, town = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    hers, own = add(b), add(a)
    world.settle()
    job = {"channel": "migrant", "place": "210200", "start": "2023-02-10"}
    forged = add(a, "employment", person_id=hers, **job)
    mine = add(a, "employment", person_id=own, **job)
    turned = add(a, "employment", person_id=own, **job)
    world.settle()
    put(a, turned, "employment", person_id=hers)
    early = add(a, "employment", person_id="0123abcd-0000-0000-0000-5a0000000001", **job)  # whose person may come by another way
    below = add(town, "employment", person_id=hers, village=OTHER_VILLAGE, **job)
    world.settle()
    for store in (town, world.county):
        with store.read() as session:
            assert {(one.record_id, one.reason) for one in held(session)} == {(forged, "scope"), (turned, "scope")}
            assert {row.id: row.person_id for row in session.select("employment")} == {
                mine: own,
                turned: own,
                early: "0123abcd-0000-0000-0000-5a0000000001",
                below: hers,
            }
    assert (get(a, forged, "employment"), get(b, below, "employment").person_id) == (None, hers)
    assert_equal(world)


@both
def test_what_the_township_keeps_at_its_own_level_about_a_villages_people_counts(world: World) -> None:
    """A line of JSON Lines about somebody's employment names no village, and so lives with the township, where its villages see it."""
    a, town = world.station("甲"), world.station("镇", TOWNSHIP)
    own = add(a)
    job = add(a, "employment", person_id=own, channel="migrant", place="210200", start="2023-02-10")
    world.settle()
    paid = add(town, "wage", employment_id=job, month="2023-03", paid_on="2023-04-01", amount=1000)
    guest = add(town)  # registered with the township
    below = add(a, "employment", person_id=guest, channel="migrant", place="210200", start="2023-02-10")
    world.settle()
    for store in (a, town, world.county):
        with store.read() as session:
            assert held(session) == []
        assert (get(store, paid, "wage").amount, get(store, below, "employment").person_id) == (1000, guest)


@both
def test_of_logs_a_station_does_not_read_it_is_told_nothing(world: World) -> None:
    """A cursor there is none of was answered with how long another village's log is, and with its hashes."""
    other = world.station("丙", OTHER_VILLAGE)
    add(other)
    world.sync(other)
    station = Light.enrolled(world.county, county_keys(world.county), VILLAGE)
    station.cursors = {OTHER_VILLAGE: 7}
    answer = answer_request(world.county, county_keys(world.county), station.request())
    assert (answer.status, answer.marks, answer.entries) == ("ok", {}, [])
    station.cursors = {VILLAGE: 7}
    assert answer_request(world.county, county_keys(world.county), station.request()).status == "gap"


@both
def test_who_has_no_token_must_prove_himself(world: World) -> None:
    a = world.station("甲")
    keys = county_keys(world.county)
    for token in (b"", b"x" * 16):
        answer = answer_request(world.county, keys, request(a, [], token=token))
        assert (answer.status, answer.entries, answer.token) == ("prove", [], b"")
        forged = SigningKey.generate().sign(wire.proof_message(keys.county, a.station, answer.nonce)).signature
        refused = answer_request(world.county, keys, request(a, [], token=token, nonce=answer.nonce, proof=forged))
        assert refused.status == "prove"
    stale = b"\0" * 8 + b"x" * 16
    proof = signing(a).sign(wire.proof_message(keys.county, a.station, stale)).signature
    assert answer_request(world.county, keys, request(a, [], token=b"", nonce=stale, proof=proof)).status == "prove"
    assert answer_request(world.county, keys, request(a, [], station="nobody")).status == "unknown"
    add(a)
    with a.applying() as session:
        identity.save_token(session, b"lost")
    assert world.sync(a).requests == 2  # proves itself by its key


@both
def test_the_countys_clock_jumps_between_question_and_proof(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = world.station("甲")
    add(store)
    with store.applying() as session:
        identity.save_token(session, bytes(16))
    at = iter([2_000_000_000.0])
    monkeypatch.setattr("sync.county.answering.time", lambda: next(at, 1_500_000_000.0))
    assert world.sync(store).pushed == 1


def test_an_unreadable_batch_of_an_honest_station_is_kept_and_blocks_nothing(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    me = signing(a)
    keys = county_keys(world.county)
    plain = Header(1, 1, keys.county, a.station, 1, 1, START, VILLAGE, 0, 0, [])
    packed = msgspec.msgpack.decode(envelope.seal(plain, [], me))
    head = msgspec.msgpack.encode(msgspec.structs.replace(plain, count=7))
    signature = me.sign(envelope._message(head, packed[1])).signature
    sealed = msgspec.msgpack.encode([head, packed[1], signature])
    answer = answer_request(world.county, keys, request(a, [sealed]))
    assert (answer.status, answer.received, answer.entries[0].refused) == ("ok", 1, [(-1, "unreadable")])
    with a.applying() as session:
        from sync.replica.identity import load, save_head

        mine = load(session)
        assert mine is not None
        mine.number, mine.sha256 = 1, envelope.digest(sealed)
        save_head(session, mine)
    world.sync(township)
    id = add(a)
    with a.applying() as session:  # as it would be had this store sealed that batch itself
        answer = answer_request(world.county, keys, request(township, [], cursors={}, number=0))
        own = answer.entries[0]
        values = {"scope": own.scope, "seq": 1, "station": own.station, "incarnation": 1, "number": 1, "sha256": mine.sha256}
        session.conn.execute(entry.insert().values(**values, body=sealed, refused="[]", signature=own.signature, at=session.at))
        from db.exchange import move_cursor

        move_cursor(session, VILLAGE, 1)
    world.settle()
    assert get(township, id) is not None


def test_the_server_answers_garbage_politely(world: World) -> None:
    from starlette.testclient import TestClient

    from server.app import make_app

    client = TestClient(make_app(world.county))
    for path in ("/sync", "/enrol"):
        assert client.post(path, content=b"\xff" * 50).status_code == 400
        assert client.post(path, content=b"").status_code == 400
        assert client.get(path).status_code == 405
    assert "BEGIN CERTIFICATE" in client.get("/authority").text


@both
def test_health_says_whether_the_database_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What watches the server has to notice that PostgreSQL is away, not only that a program listens."""
    from starlette.testclient import TestClient

    from db.county import County
    from server.app import make_app

    client = TestClient(make_app(world.county))
    assert (client.get("/health").status_code, client.get("/health").text) == (200, "ok")

    def away(_county: County) -> None:
        raise OperationalError("SELECT 1", None, Exception("gone"))

    monkeypatch.setattr(County, "read", away)
    assert client.get("/health").status_code == 503


OUTSIZE: list[dict[str, Any]] = [
    {"station": "a\0b"},
    {"station": "x" * 201},
    {"program": "\0"},
    {"incarnation": 2**63},
    {"incarnation": 2**31},
    {"incarnation": -1},
    {"number": 2**64 - 1},
    {"unsent": 2**40},
    {"cursors": {VILLAGE: 2**64 - 1}},
    {"cursors": {VILLAGE: -1}},
    {"cursors": {"\0": 1}},
    {"cursors": {f"{n:012d}": 1 for n in range(20_001)}},
    {"tips": [b""] * 20_001},
    {"token": bytes(65)},
    {"resume": (VILLAGE, 2**64 - 1, 1)},
    {"holding": wire.Holding(VILLAGE, 1, 0, [1] * 1001)},
    {"holding": wire.Holding("\0", 1, 0)},
    {"state": b"x", "sums": {VILLAGE: dict.fromkeys(range(1001), "x")}},
    {"lost": [wire.Lost(wire.Entry(VILLAGE, 2**64 - 1, "s", 1, 1, [], b"", b""), b"")]},
]


def test_a_request_with_numbers_and_names_no_database_takes_is_no_request(world: World) -> None:
    """However its sender proves himself: it gets no further than being read, over the network and in a file."""
    asked = request(world.station("甲"), [], number=0)
    assert read_request(join_request(asked)) == asked
    with pytest.raises(WireError):
        read_request(join_request(asked) + bytes(4 * (framing.MAX_BODIES + 1)))  # so many empty batches
    for bad in OUTSIZE:
        spoilt = msgspec.structs.replace(asked, **bad)
        with pytest.raises(WireError):
            read_request(join_request(spoilt))
        with pytest.raises(WireError):
            wire.read(wire.Contents, wire.pack(wire.Contents(asking=spoilt)))


@both
def test_a_batch_with_numbers_no_program_writes_is_broken(world: World, tmp_path: Path) -> None:
    """Also in a file that is kept until what is before it comes; and it does not keep the others in the file out. Of schema 0 no field is
    required, so a claim without an amount came in."""
    a, b = world.station("甲"), world.station("乙")
    add(a)
    add(b)
    (own,) = sealed_by(a)
    head, change = open_batch(own).header, open_batch(own).changes()
    keys = county_keys(world.county)
    writing.write(b, tmp_path / "b.czb")
    (good,) = bundle.read_file(tmp_path / "b.czb")
    beyond = ({"number": 2**64 - 1}, {"known": 2**64 - 1}, {"incarnation": 2**31}, {"number": 7, "known": 2**63})
    for bad in (*beyond, {"schema": 0}, {"schema": -1}):
        sealed = envelope.seal(msgspec.structs.replace(head, **bad), change, signing(a))
        assert answer_request(world.county, keys, request(a, [sealed])).status == "broken"
        body = bundle.seal_to_county(keys.public, wire.pack(request(a, [sealed])))
        index = msgspec.structs.replace(good.index, station=a.station, scope=a.scope)
        up = bundle.make(index, body, signing(a))
        assert [one.status for one in bundle_intake.take_all(world.county, keys, [up, good])] == ["broken", "ok"]
    world.settle()
    assert_equal(world)


@pytest.mark.parametrize("name", [f"{COUNTY}-3f2a3f2a", f"{OTHER_VILLAGE}-3f2a3f2a", COUNTY, "county", "x"])
def test_a_laptop_is_named_after_its_own_place(world: World, name: str) -> None:
    """Else a village would sign as somebody at the county: what everybody reads of an author's place is in that name."""
    secret, _fingerprint = split_code(world.code(VILLAGE))
    key = bytes(SigningKey.generate().verify_key)
    asked = wire.Enrol(protocol=1, code=secret, station=name, scope=VILLAGE, role="village", key=key, seal_key=key, program="")
    assert enrolment.enrol(world.county, county_keys(world.county), asked).status == "code"
    right = msgspec.structs.replace(asked, station=f"{VILLAGE}-3f2a3f2a")
    assert enrolment.enrol(world.county, county_keys(world.county), right).status == "ok"


def test_a_key_nobody_can_seal_to_is_not_let_in(world: World, tmp_path: Path) -> None:
    """Answers are sealed to it: the county would fail at every file such a station is in."""
    a, b = world.station("甲"), world.station("乙")
    add(b)
    keys = county_keys(world.county)
    with a.read() as session:
        me = identity.load(session)
    assert me is not None
    secret, _fingerprint = split_code(world.code(VILLAGE))
    asked = wire.Enrol(
        protocol=1,
        code=secret,
        station=f"{VILLAGE}-new",
        scope=VILLAGE,
        role="village",
        key=bytes(me.signing.verify_key),
        seal_key=bytes(32),
        program="",
    )
    assert enrolment.enrol(world.county, keys, asked).status == "code"
    with world.county.write() as session:  # one from before
        session.conn.execute(device.update().where(device.c.station == a.station).values(seal_key=bytes(32)))
    for store in (a, b):
        writing.write(store, tmp_path / f"{store.home.name}.czb")
    found = [one for name in "甲乙" for one in bundle.read_file(tmp_path / f"{name}.czb")]
    assert [one.status for one in bundle_intake.take_all(world.county, keys, found)] == ["sealed", "ok"]
