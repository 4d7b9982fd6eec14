"""Cut lines, lost answers, forged batches, nonsense, restored backups, killed processes, a full disk: nothing saved is lost."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from nacl.signing import SigningKey
from sqlalchemy import func, select, update

from db import changes
from db.county import County
from db.exchange import entry, outbox
from db.store import Store
from domain.errors import DomainError, InputUnusable, Refused, Unreachable
from server.serve import running
from sync.county.answering import county_keys
from sync.county.answering import exchange as answer_request
from sync.replica import identity
from sync.station.enrol import enrol
from sync.station.exchange import backoff, exchange
from sync.station.seal import seal_all
from sync.wire import envelope, link
from sync.wire import messages as wire
from sync.wire.envelope import START, Header, open_batch
from sync.wire.framing import join_answer, read_answer
from sync.wire.trust import split_code
from tests.seeds import FIRST, KILLS
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, SERVER, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, person_values, put
from tests.sync.mishaps import PowerCut, failing


def entries(world: World) -> int:
    with world.county.read() as session:
        return session.conn.execute(select(func.count()).select_from(entry)).scalar_one()


def unsent(store: Store) -> int:
    with store.read() as session:
        return changes.unsent(session)


def answering(reply: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.MockTransport:
    return httpx2.MockTransport(reply)


# -- lost and cut ------------------------------------------------------------------------------------------------------


@both
def test_a_lost_answer_changes_nothing_but_the_time_it_takes(world: World) -> None:
    a = world.station("甲")
    world.station("镇", TOWNSHIP)
    for _n in range(4):
        add(a)
        for _lost in range(3):
            world.line.after = 1
            with pytest.raises(Unreachable):
                world.sync(a)
        assert unsent(a) >= 1
        world.sync(a)
        assert unsent(a) == 0
    world.settle()
    assert entries(world) == 4
    assert_equal(world)


def test_an_unreachable_county_keeps_everything_for_later(world: World) -> None:
    a = world.station("甲")
    add(a)
    with a.write("x") as session:
        before = session.at
    world.line.before = 1
    with pytest.raises(Unreachable, match="连不上"):
        world.sync(a)
    assert before
    assert unsent(a) == 1
    with pytest.raises(Unreachable):
        exchange(a)  # nothing listens at that address
    assert world.sync(a).pushed == 1


def test_what_is_sent_again_is_the_same_byte_for_byte(world: World) -> None:
    a = world.station("甲")
    add(a)
    world.line.before = 1
    with pytest.raises(Unreachable):
        world.sync(a)
    with a.read() as session:
        first = session.conn.execute(select(outbox.c.body)).scalars().all()
    add(a)
    world.line.after = 1
    with pytest.raises(Unreachable):
        world.sync(a)
    with a.read() as session:
        assert session.conn.execute(select(outbox.c.body).order_by(outbox.c.number)).scalars().all()[:1] == first


def pretend(status: int = 200, content: bytes = b"", kind: str = wire.CONTENT_TYPE) -> httpx2.MockTransport:
    return answering(lambda _request: httpx2.Response(status, content=content, headers={"content-type": kind}))


def told(status: str) -> bytes:
    return join_answer(wire.Answer(status=status, time=1))


@pytest.mark.parametrize(
    ("transport", "error"),
    [
        (pretend(500), Unreachable),
        (pretend(302), Unreachable),
        (pretend(200, b"<html>login</html>", "text/html"), Unreachable),
        (pretend(200, b"<html>login</html>"), Unreachable),
        (pretend(200, b""), Unreachable),
        (pretend(200, told("ok")[:-1]), Unreachable),
        (pretend(200, told("made-up")), Unreachable),
        (pretend(200, told("prove")), Refused),
        (pretend(200, told("ok")), Unreachable),  # says ok and acknowledges nothing
        (pretend(200, told("cursors")), Unreachable),
        (pretend(200, told("unknown")), Refused),
        (pretend(200, told("revoked")), Refused),
        (pretend(200, told("newer")), Refused),
        (pretend(200, told("fork")), Refused),
        (pretend(200, told("gap")), Refused),
        (pretend(200, told("broken")), Refused),
    ],
)
def test_nonsense_is_told_in_one_sentence_and_changes_nothing(
    world: World, transport: httpx2.BaseTransport, error: type[Exception]
) -> None:
    a = world.station("甲")
    id = add(a, note="本机")
    with pytest.raises(error) as told_:
        exchange(a, transport=transport)
    assert "\n" not in str(told_.value)
    assert any("\u4e00" <= char <= "\u9fff" for char in str(told_.value))
    assert (unsent(a), get(a, id).note) == (1, "本机")
    assert world.sync(a).pushed == 1


def test_entries_the_county_did_not_sign_or_that_leave_a_gap_are_not_applied(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    for _n in range(3):
        add(a)
        world.sync(a)

    def spoil(change: Callable[[list[wire.Entry]], list[wire.Entry]]) -> httpx2.MockTransport:
        def reply(request: httpx2.Request) -> httpx2.Response:
            response = world.line.inner.handle_request(request)
            answer = read_answer(response.read())
            content = join_answer(msgspec.structs.replace(answer, entries=change(answer.entries)))
            return httpx2.Response(200, content=content, headers={"content-type": wire.CONTENT_TYPE})

        return answering(reply)

    forged = SigningKey.generate()
    replace = msgspec.structs.replace
    spoils: list[Callable[[list[wire.Entry]], list[wire.Entry]]] = [
        lambda e: e[1:],
        lambda e: [e[0], e[2]],
        lambda e: [replace(e[0], batch=e[1].batch), *e[1:]],
        lambda e: [replace(e[0], refused=[(0, "value")]), *e[1:]],
        lambda e: [replace(e[0], signature=forged.sign(b"x").signature), *e[1:]],
        lambda e: [replace(e[0], scope=OTHER_VILLAGE), *e[1:]],
        lambda e: [replace(e[0], batch=None), *e[1:]],
        lambda e: [replace(e[0], batch=b"x"), *e[1:]],
        lambda e: [replace(e[0], station=b.station), *e[1:]],
    ]
    for change in spoils:
        with pytest.raises(Unreachable):
            exchange(b, transport=spoil(change))
        with b.read() as session:
            assert session.count("person") == 0
    world.settle()
    assert_equal(world)


def test_a_sign_on_page_of_a_network_is_not_taken_for_the_county(world: World) -> None:
    store = world.store("甲")
    with pytest.raises(Unreachable):
        enrol(store, SERVER, world.code(VILLAGE), transport=pretend(200, b"<html>", "text/html"))
    assert Store.users(store.home) == ["甲"]


# -- forged ------------------------------------------------------------------------------------------------------------


def request(store: Store, batches: list[bytes], **given: Any) -> wire.Request:
    with store.read() as session:
        me = identity.load(session)
    assert me is not None
    plain = wire.Request(
        protocol=1,
        schema=envelope.SCHEMA,
        program="t",
        station=me.station,
        incarnation=me.incarnation,
        token=me.token,
        number=10**6,
        sha256=me.sha256,
        unsent=0,
        cursors={},
        digest=b"",
        budget=10**6,
        batches=batches,
    )
    return msgspec.structs.replace(plain, **given)


def sealed_by(store: Store) -> list[bytes]:
    with store.applying() as session:
        me = identity.load(session)
        assert me is not None
        seal_all(session, me)
        return list(session.conn.execute(select(outbox.c.body).order_by(outbox.c.number)).scalars())


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


def signing(store: Store) -> SigningKey:
    with store.read() as session:
        me = identity.load(session)
    assert me is not None
    return me.signing


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
    assert client.get("/health").text == "ok"
    assert "BEGIN CERTIFICATE" in client.get("/authority").text


# -- enrolment ---------------------------------------------------------------------------------------------------------


@both
def test_a_code_is_for_one_station_of_one_scope(world: World) -> None:
    code = world.code(VILLAGE)
    a, b, c = world.store("甲"), world.store("乙"), world.store("丙", OTHER_VILLAGE)
    with pytest.raises(Refused, match=VILLAGE):
        enrol(c, SERVER, code, transport=world.line)
    world.line.after = 1
    with pytest.raises(Unreachable):
        enrol(a, SERVER, code, transport=world.line)
    assert enrol(a, SERVER, code, transport=world.line) == a.station
    assert enrol(a, SERVER, code.lower().replace("-", " "), transport=world.line) == a.station
    with pytest.raises(Refused, match="用过"):
        enrol(b, SERVER, code, transport=world.line)
    with pytest.raises(Refused, match="不对"):
        enrol(b, SERVER, "7K3M-9QTX-4C2D-8HWA", transport=world.line)
    with pytest.raises(InputUnusable):
        enrol(b, SERVER, "123", transport=world.line)
    add(a)
    assert world.sync(a).pushed == 1
    enrol(a, SERVER, code, transport=world.line)
    assert world.sync(a).requests == 1


def test_a_code_expires(world: World) -> None:
    from db.exchange import enrolment_code

    code, store = world.code(VILLAGE), world.store("甲")
    with world.county.write() as session:
        session.conn.execute(update(enrolment_code).values(expires_at="2001-01-01T00:00:00Z"))
    with pytest.raises(Refused, match="过期"):
        enrol(store, SERVER, code, transport=world.line)


def test_a_store_stays_with_its_county(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    (tmp_path / "elsewhere").mkdir()
    elsewhere = World(tmp_path / "elsewhere", world.models)
    with pytest.raises(DomainError, match="另一个县"):
        enrol(a, SERVER, elsewhere.code(VILLAGE), transport=elsewhere.line)
    elsewhere.close()


@pytest.mark.parametrize("server", ["http://10.0.0.1:8000", "ftp://x", "https://", "http://example.org", "https://a:b:c"])
def test_plain_http_is_for_this_machine_only(server: str) -> None:
    with pytest.raises(InputUnusable):
        link.server_url(server)


def test_addresses_are_completed() -> None:
    assert link.server_url("127.0.0.1:8000/") == "http://127.0.0.1:8000"
    assert link.server_url("county.example:8443") == "https://county.example:8443"
    assert split_code("7k3m-9qtx-4c2d-8hwa.5f0c 5f0c 5f0c 5f0c")[1] == "5F0C5F0C5F0C5F0C"


def test_waiting_grows_and_spreads() -> None:
    waits = [[backoff(n) for _try in range(20)] for n in (1, 2, 9)]
    assert max(waits[0]) < min(waits[1]) < max(waits[1]) < min(waits[2])
    assert len(set(waits[0])) > 10


# -- real servers and real processes -----------------------------------------------------------------------------------


def test_over_a_real_socket(world: World) -> None:
    with running(world.county) as url:
        a = world.store("甲")
        enrol(a, url, world.code(VILLAGE))
        add(a)
        assert exchange(a).pushed == 1
    with pytest.raises(Unreachable):
        exchange(a)


def test_over_tls_with_the_countys_own_authority(world: World) -> None:
    with running(world.county, "0.0.0.0") as url:
        assert url.startswith("https://")
        a = world.store("甲")
        code = world.code(VILLAGE)
        with pytest.raises(Refused, match="身份"):
            enrol(a, url, code[:-1] + ("0" if code[-1] != "0" else "1"))
        with pytest.raises(InputUnusable):
            enrol(a, url, code.partition(".")[0])
        enrol(a, url, code)
        add(a)
        assert exchange(a).pushed == 1
        with a.applying() as session:
            from db.local import set_meta

            set_meta(session, identity.CA, None)
        with pytest.raises(Unreachable):
            exchange(a)


def test_an_answer_that_stops_in_the_middle(world: World) -> None:
    a = world.station("甲")
    add(a)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with a.applying() as session:
            from db.local import set_meta

            set_meta(session, identity.SERVER, f"http://127.0.0.1:{listening.getsockname()[1]}")
        import threading

        def half() -> None:
            peer, _address = listening.accept()
            peer.recv(100_000)
            peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-cunzhan\r\ncontent-length: 5000\r\n\r\n" + b"x" * 100)
            peer.close()

        thread = threading.Thread(target=half)
        thread.start()
        with pytest.raises(Unreachable):
            exchange(a)
        thread.join()
    assert unsent(a) == 1


_CHILD = """
import sys
from pathlib import Path
from db.store import Store
from sync.station.exchange import exchange
from domain.errors import CunzhanError
store = Store.open(Path(sys.argv[1]), user=None, password=sys.argv[2])
print("go", flush=True)
while True:
    try:
        exchange(store)
    except CunzhanError:
        pass
"""


@pytest.mark.slow
def test_a_process_killed_while_it_exchanges_loses_nothing(world: World) -> None:
    with running(world.county) as url:
        a, b = world.store("甲"), world.store("乙")
        for store in (a, b):
            enrol(store, url, world.code(VILLAGE))
        ids = []
        moments = random.Random(FIRST)
        for n in range(3 * KILLS):
            with a.write("导入") as session:
                rows = [{"id": session.new_id(), "village": VILLAGE, **person_values()} for _n in range(400)]
                changes.insert(session, "person", rows)
            ids += [row["id"] for row in rows]
            put(a, ids[n], note=str(n))
            child = subprocess.Popen(
                [sys.executable, "-c", _CHILD, str(a.home), PASSWORD], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
            )
            assert child.stdout is not None
            assert child.stdout.readline() == b"go\n"
            time.sleep(moments.uniform(0.02, 0.22))
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            child.stdout.close()
        exchange(a)
        exchange(b)
        exchange(a)
        assert_equal(world)
        with world.county.read() as session:
            assert {r.id for r in session.select("person")} == set(ids)


def test_a_full_disk_stops_the_pull_and_keeps_what_was_there(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    with a.write("导入") as session:
        changes.insert(session, "person", ({"id": session.new_id(), "village": VILLAGE, **person_values()} for _n in range(3000)))
    world.sync(a)
    id = add(b)
    b.engine.dispose()
    with b.engine.connect() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
    b.engine.dispose()
    from sqlalchemy import event

    def narrow(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 60}")

    event.listen(b.engine, "connect", narrow)
    with pytest.raises(DomainError, match="磁盘已满"):
        world.sync(b)
    event.remove(b.engine, "connect", narrow)
    b.engine.dispose()
    assert get(b, id) is not None
    with b.read() as session:
        assert session.count("person") == 1
    world.settle()
    assert_equal(world)


@both
def test_the_county_works_while_its_commands_run(world: World) -> None:
    a = world.station("甲")
    other = County(world.county.url)
    from server.devices import devices, make_code

    for _n in range(5):
        add(a)
        with other.write() as session:
            make_code(session, VILLAGE, "village")
        world.sync(a)
        with other.read() as session:
            assert devices(session)[0].unsent >= 0
            assert session.count("person") == _n + 1
    other.close()


def test_a_commit_that_fails_where_nobody_waits_leaves_the_store_usable(world: World) -> None:
    a = world.station("甲")
    with pytest.raises(PowerCut), failing(1, a.engine), a.noting() as session:
        session.conn.exec_driver_sql("UPDATE control SET quiet = NULL")
    id = add(a)
    assert world.sync(a).pushed == 1
    assert get(world.county, id) is not None
