"""Lines cut, answers lost, processes killed, disks full: nothing is lost, and each case is told in a sentence."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey
from sqlalchemy import select

from db import changes, keys
from db.county import County
from db.exchange import outbox
from domain.errors import DomainError, InputUnusable, Refused, Unreachable
from server.serve import running
from sync.replica import identity
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.wire import messages as wire
from sync.wire.connection import HttpRequest, HttpResponse, Transport
from sync.wire.framing import join_answer, read_answer
from tests.seeds import FIRST, KILLS
from tests.sync.conftest import (
    OTHER_VILLAGE,
    PASSWORD,
    SERVER,
    TOWNSHIP,
    VILLAGE,
    World,
    add,
    assert_equal,
    both,
    get,
    person_values,
    put,
    unsent,
)
from tests.sync.forging import Pretending, entries, pretend, told
from tests.sync.mishaps import PowerCut, failing


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
def test_nonsense_is_told_in_one_sentence_and_changes_nothing(world: World, transport: Transport, error: type[Exception]) -> None:
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

    def spoil(change: Callable[[list[wire.Entry]], list[wire.Entry]]) -> Pretending:
        def reply(request: HttpRequest) -> HttpResponse:
            response = world.line.inner.ask(request)
            answer = read_answer(response.read())
            content = join_answer(msgspec.structs.replace(answer, entries=change(answer.entries)))
            return HttpResponse(200, [content], wire.CONTENT_TYPE)

        return Pretending(reply)

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
    assert keys.read(store.home / keys.KEY_FILE).names() == ["甲"]


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
from contextlib import ExitStack
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
def test_two_processes_killed_while_they_exchange_lose_nothing(world: World) -> None:
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
            command = [sys.executable, "-c", _CHILD, str(a.home), PASSWORD]
            with ExitStack() as killed:  # a window and a command; also when the time of a soak is over
                for _n in range(2):
                    child = killed.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]))
                    killed.callback(child.kill)
                    assert child.stdout is not None
                    assert child.stdout.readline() == b"go\n"
                time.sleep(moments.uniform(0.02, 0.22))
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
