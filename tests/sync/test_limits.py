"""What keeps the server standing: rates, bounds and patience, told to stations so that they come back by themselves."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from secrets import token_hex
from types import SimpleNamespace
from typing import cast

import anyio
import httpx2
import msgspec
import pytest
from nacl.signing import SigningKey
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.testclient import TestClient

from db.exchange import unsent
from domain.errors import Stopped, Unreachable
from server.app import FILES, SMALL, Answering, make_app
from server.limits import Limits, Rate
from server.reading import Reading, Unread
from server.serve import running
from sync.county.keys import county_keys
from sync.replica.repeated_requests import Remembered
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.wire import columns, envelope, link
from sync.wire import messages as wire
from sync.wire.connection import HttpRequest, HttpResponse
from sync.wire.framing import join_answer, join_request, read_answer
from tests.sync.conftest import TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put
from tests.sync.forging import Pretending
from tests.sync.light import Light
from tests.sync.slow_line import slow_line
from tests.sync.test_order import together

CROWD = 24


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_a_rate_lets_a_burst_through_and_then_one_at_a_time() -> None:
    clock = Clock()
    rate = Rate(3, 2.0, now=clock)
    assert [rate.take("a") for _n in range(3)] == [0, 0, 0]
    assert rate.take("a") == pytest.approx(2.0)
    assert rate.take("a") == pytest.approx(2.0)  # asking again does not make it longer
    assert rate.take("b") == 0
    clock.time += 2
    assert rate.take("a") == 0
    assert rate.take("a") > 0
    clock.time += 1000
    assert [rate.take("a") for _n in range(4)][:3] == [0, 0, 0]


def test_a_rate_forgets_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.limits.MAX_KEYS", 10)
    clock = Clock()
    rate = Rate(1, 2.0, now=clock)
    for n in range(100):
        rate.take(str(n))
        clock.time += 0.5
    assert len(rate._full_at) <= 10
    assert rate.take("99") > 0


def test_threads_share_a_rate_and_what_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a flood the one failed while another changed the dictionary, which the clients were told as a fault of the server."""
    monkeypatch.setattr("server.limits.MAX_KEYS", 1_000)
    monkeypatch.setattr("sync.replica.repeated_requests.MAX_REMEMBERED", 1)
    rate, remembered, told, through = Rate(300, 0.2), Remembered(), list[Exception](), list[int]()
    request = wire.Request(
        protocol=1,
        schema=4,
        program="p",
        station="s",
        incarnation=1,
        token=b"",
        number=0,
        sha256=b"",
        unsent=0,
        cursors=None,
        digest=b"",
        budget=0,
        batches=[],
    )

    def flood(n: int) -> None:
        try:
            for i in range(8_000):
                rate.take(f"{n} {i}")
                if i % 8 == 0:
                    remembered.keep(request, wire.Answer(status="ok", time=i, token=f"{n} {i}".encode()))
            through.append(n)
        except Exception as error:
            told.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=flood, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert not told and len(through) == len(threads)


def limits(**given: Rate | int | float) -> Limits:
    return replace(Limits(), **given)  # type: ignore[arg-type]  # named by each test


# -- floods ------------------------------------------------------------------------------------------------------------


def test_enrolment_codes_cannot_be_guessed(world: World) -> None:
    client = TestClient(make_app(world.county, limits(guesses=Rate(3, 60.0))))
    station = Light(VILLAGE, "")
    key = bytes(station.key.verify_key)

    def guess(code: str) -> httpx2.Response:
        asked = wire.Enrol(protocol=1, code=code, station=station.name, scope=VILLAGE, role="village", key=key, seal_key=key, program="t")
        return client.post("/enrol", content=wire.pack(asked))

    for n in range(3):
        assert wire.read(wire.Enrolled, guess(f"{n:016d}").content).status == "code"
    refused = guess("9" * 16)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    right = world.code(VILLAGE).partition(".")[0].replace("-", "")  # a village behind the same address has it
    assert wire.read(wire.Enrolled, guess(right).content).status == "ok"


def test_a_flood_of_one_station_or_one_address_is_told_to_wait(world: World) -> None:
    station = Light.enrolled(world.county, county_keys(world.county), VILLAGE)
    client = TestClient(make_app(world.county, limits(station=Rate(5, 100.0))))

    def ask(name: str) -> int:
        return client.post("/sync", content=join_request(msgspec.structs.replace(station.request(), station=name))).status_code

    assert [ask(station.name) for _n in range(7)] == [200] * 5 + [429] * 2
    assert ask("another") == 200
    client = TestClient(make_app(world.county, limits(address=Rate(2, 100.0))))
    assert [client.post("/sync", content=b"x").status_code for _n in range(3)] == [400, 400, 429]


def test_nobody_says_himself_from_which_address_he_comes(world: World) -> None:
    """Behind nginx on the same machine everybody could: it passes on the bytes, and the name in them was believed."""
    with running(world.county, limits=limits(address=Rate(2, 100.0))) as url, httpx2.Client(trust_env=False, timeout=60) as client:
        asked = [client.get(url + "/health", headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code for n in range(3)]
    assert asked == [200, 200, 429]


def test_a_station_waits_for_a_busy_county_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(link, "sleep", waited.append)
    a = world.station("甲")
    add(a)
    said: list[str] = []
    refusals = [HttpResponse(429, retry_after="2"), HttpResponse(503, retry_after="3")]

    def reply(request: HttpRequest) -> HttpResponse:
        return refusals.pop(0) if refusals else world.line.inner.ask(request)

    transport = Pretending(reply)
    assert exchange(a, transport=transport, progress=lambda _d, _t, what: said.append(what)).pushed == 1
    assert [2 <= waited[0] <= 3, 3 <= waited[1] <= 4.5] == [True, True]
    assert len([what for what in said if "正忙" in what]) == 2
    assert_equal(world)


@pytest.mark.parametrize("after", ["", "3600", "soon", "-1", "9" * 30])
def test_a_county_busy_for_long_is_left_for_later(world: World, after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "sleep", lambda _s: pytest.fail("waited"))
    a = world.station("甲")
    add(a)
    transport = Pretending(lambda _r: HttpResponse(429, retry_after=after))
    with pytest.raises(Unreachable, match="正忙"):
        exchange(a, transport=transport)
    assert world.sync(a).pushed == 1


def test_a_county_busy_again_and_again_is_left_and_waiting_can_be_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "sleep", lambda _s: None)
    a = world.station("甲")
    add(a)
    asked: list[int] = []

    def busy(_request: HttpRequest) -> HttpResponse:
        asked.append(1)
        return HttpResponse(429, retry_after="1")

    with pytest.raises(Unreachable, match="正忙"):
        exchange(a, transport=Pretending(busy))
    assert 2 <= len(asked) <= 6

    def stop(_done: int, _total: int, what: str) -> None:
        if "正忙" in what:
            raise Stopped("x")

    with pytest.raises(Stopped):
        exchange(a, transport=Pretending(busy), progress=stop)
    assert world.sync(a).pushed == 1


# -- who is slow or sends too much -------------------------------------------------------------------------------------


def talk(url: str, sent: bytes, *, wait: float = 20.0) -> bytes:
    """Everything the server answers to some bytes until it hangs up."""
    host, _colon, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=wait) as peer:
        peer.sendall(sent)
        got = b""
        while part := peer.recv(65536):
            got += part
        return got


HEAD = b"POST /sync HTTP/1.1\r\nhost: x\r\n"


def test_whoever_is_slow_is_hung_up_on_and_others_are_served(world: World) -> None:
    a = world.station("甲")
    with running(world.county, limits=limits(silence=0.5)) as url:
        assert talk(url, b"") == b""
        assert talk(url, HEAD) == b""
        assert b" 408 " in talk(url, HEAD + b"content-length: 100\r\n\r\nabc")
        enrol(a, url, world.code(VILLAGE))
        add(a)
        assert exchange(a).pushed == 1


def test_a_station_whose_request_took_too_long_goes_on_from_there(world: World) -> None:
    """It was told of an answer that cannot be understood, and to look whether the network wants a password."""
    a = world.store("甲")
    with running(world.county, limits=limits(whole=1.0, pace=10**9)) as url, slow_line(url, rate=8000) as line:
        enrol(a, line.url, world.code(VILLAGE))
        for _n in range(20):
            add(a, note=token_hex(500))
        with pytest.raises(Unreachable, match="从断的地方接着传"):
            exchange(a)
    assert world.sync(a).pushed == 20
    assert_equal(world)


def test_a_drip_is_hung_up_on_in_the_end(world: World) -> None:
    with running(world.county, limits=limits(silence=5.0, whole=0.5)) as url:
        host, _colon, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as peer:
            peer.sendall(HEAD + b"content-length: 100000\r\n\r\n")
            answer = b""
            peer.settimeout(0.1)
            for _drop in range(600):
                try:
                    peer.sendall(b"x")
                    answer = peer.recv(65536)
                    break
                except TimeoutError:
                    continue
                except OSError:
                    break
        assert answer == b"" or b" 408 " in answer


def test_heads_and_bodies_have_a_length(world: World) -> None:
    with running(world.county, limits=limits(bodies=50_000)) as url:
        assert b" 400 " in talk(url, HEAD + b"x: " + b"a" * 40_000 + b"\r\n\r\n")
        assert b" 413 " in talk(url, HEAD + b"content-length: 99999999999\r\n\r\n")
        assert b" 503 " in talk(url, HEAD + b"content-length: 100000\r\n\r\n" + b"a" * 100_000)
        assert b" 400 " in talk(url, HEAD + b"connection: close\r\ncontent-length: 4\r\n\r\nabcd")  # and what was held is free again


def test_long_bodies_that_stand_still_keep_no_short_one_out(world: World) -> None:
    with running(world.county, limits=limits(bodies=50_000)) as url:
        host, _colon, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as drip:
            drip.sendall(HEAD + b"content-length: 100000\r\n\r\n" + b"a" * 49_000)
            assert b" 400 " in talk(url, HEAD + b"connection: close\r\ncontent-length: 2000\r\n\r\n" + b"a" * 2000)
            assert b" 503 " in drip.recv(100)


def test_a_long_head_is_read_only_of_who_may_exchange(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    station = Light.enrolled(world.county, county_keys(world.county), VILLAGE)
    client = TestClient(make_app(world.county))
    long = wire.Lost(wire.Entry(VILLAGE, 1, "x", 1, 1, [(n, "value") for n in range(10_000)], b"", None), b"")

    def ask(**said: object) -> str:
        request = msgspec.structs.replace(station.request(), lost=[long], **said)
        return read_answer(client.post("/sync", content=join_request(request)).content).status

    assert ask() == "ok"
    monkeypatch.setattr("server.app.read_request", lambda _body: pytest.fail("read"))
    assert [ask(station="x"), ask(token=b"x"), ask(protocol=2)] == ["unknown", "prove", "newer"]


@pytest.mark.parametrize(("path", "most"), [("/enrol", SMALL), ("/again", SMALL), ("/content", FILES), ("/sync", wire.MAX_MESSAGE)])
def test_every_path_reads_no_more_than_is_ever_sent_there(world: World, path: str, most: int) -> None:
    with running(world.county) as url:
        assert b" 413 " in talk(url, f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {most + 1}\r\n\r\n".encode())


def test_a_body_given_up_while_more_of_it_comes_is_counted_once() -> None:
    reading = Reading(Limits())

    async def stream() -> AsyncIterator[bytes]:
        yield b"abc"
        reading._make_room()
        yield b"def"

    async def read() -> None:
        async with reading.body(cast("Request", SimpleNamespace(headers={}, stream=stream)), 100):
            pass

    with pytest.raises(Unread) as told:
        anyio.run(read)
    assert (told.value.status, told.value.came, reading.held) == (503, b"abc", 0)


def test_a_body_that_is_too_slow_is_no_whole_one_though_more_of_it_comes_at_that_moment() -> None:
    """The drip above was answered as if it were complete, once under load: its last drop and the deadline came together."""

    async def stream() -> AsyncIterator[bytes]:
        yield b"abc"
        came = asyncio.get_running_loop().create_future()
        time.sleep(0.1)  # the deadline is over when the loop looks again, and the next part is there
        asyncio.get_running_loop().call_soon(came.set_result, None)
        await came
        yield b"d" * 1000
        await asyncio.sleep(20)

    async def read() -> None:
        async with Reading(limits(whole=0.05)).body(cast("Request", SimpleNamespace(headers={}, stream=stream)), 10_000):
            pass

    with pytest.raises(Unread) as told:
        anyio.run(read)
    assert (told.value.status, len(told.value.came)) == (408, 1003)


HEALTH = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n"
CERTIFICATE = b"GET /authority HTTP/1.1\r\nhost: x\r\n\r\n"
UNCHECKED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNCHECKED.check_hostname = False
UNCHECKED.verify_mode = ssl.CERT_NONE


def knock(url: str, said: bytes = b"", *, source: str = "127.0.0.1") -> socket.socket:
    """A connection that says something and then nothing more."""
    peer = socket.socket()
    peer.settimeout(10)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.bind((source, 0))
    peer.connect(("127.0.0.1", int(url.rpartition(":")[2])))
    peer.sendall(said)
    return peer


def deaf(url: str) -> socket.socket:
    """A connection that asks and takes no answer, until no more of it can be sent."""
    peer = knock(url)
    peer.settimeout(0.1)
    with suppress(OSError):
        while True:
            peer.sendall(CERTIFICATE * 50)
    return peer


@pytest.mark.parametrize("said", [b"", HEAD, HEAD + b"content-length: 100\r\n\r\nabc"], ids=["idle", "head", "body"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"], ids=["plain", "tls"])
def test_who_is_silent_gives_way_to_who_comes(world: World, host: str, said: bytes) -> None:
    with running(world.county, host=host, limits=limits(connections=4)) as url, ExitStack() as peers:
        for _n in range(12):  # with TLS it never shakes hands
            peers.enter_context(knock(url, said if host == "127.0.0.1" else said[:1]))
        peer = peers.enter_context(knock(url))
        if host == "0.0.0.0":
            peer = peers.enter_context(UNCHECKED.wrap_socket(peer))
        peer.sendall(HEALTH)
        assert b" 200 " in peer.recv(100)


def test_a_request_in_one_packet_with_the_end_of_the_handshake_is_answered(world: World) -> None:
    """It is read before the server hands the connection on."""
    with running(world.county, host="0.0.0.0") as url, knock(url) as peer:
        came, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = UNCHECKED.wrap_bio(came, going)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                peer.sendall(going.read())
                came.write(peer.recv(2**16))
        tls.write(HEALTH)
        peer.sendall(going.read())
        answer = b""
        while b" 200 " not in answer:
            came.write(peer.recv(2**16))
            with suppress(ssl.SSLWantReadError):
                answer += tls.read()


def test_a_laptop_that_goes_away_during_the_handshake_is_no_longer_counted(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with running(world.county, host="0.0.0.0", limits=limits(connections=4)) as url:
        for said in (b"", b"\x16", b"no TLS at all"):
            for _n in range(4):
                with knock(url, said) as peer, suppress(ConnectionResetError):
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(100):
                        pass
        with UNCHECKED.wrap_socket(knock(url)) as peer:
            peer.sendall(HEALTH)
            assert b" 200 " in peer.recv(100)
    assert caplog.text == ""


def test_who_takes_no_answer_gives_way_too(world: World) -> None:
    with running(world.county, limits=limits(connections=3)) as url, ExitStack() as peers:
        for _n in range(3):
            peers.enter_context(deaf(url))
        peer = peers.enter_context(knock(url, HEALTH))
        assert b" 200 " in peer.recv(100)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"], ids=["plain", "tls"])
def test_answers_that_nobody_takes_do_not_fill_the_memory(world: World, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    long = 16 * 2**20  # more than the system's own buffers take
    monkeypatch.setattr(Answering, "_authority", lambda _self: SimpleNamespace(certificate="x" * long))
    with running(world.county, host=host, limits=limits(answers=20 * 2**20)) as url, ExitStack() as peers:
        asked = []
        for _n in range(2):
            peer = peers.enter_context(knock(url))
            asked.append(peer if host == "127.0.0.1" else peers.enter_context(UNCHECKED.wrap_socket(peer)))
            asked[-1].sendall(CERTIFICATE.replace(b"host", b"connection: close\r\nhost"))
            asked[-1].recv(1)
        assert sorted(taken(peer) > long for peer in asked) == [False, True]  # which has more unsent depends on what the system took


def taken(peer: socket.socket) -> int:
    """How many bytes come before the end."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
    size = 0
    with suppress(OSError):
        while part := peer.recv(2**16):
            size += len(part)
    return size


def test_those_of_the_address_with_most_connections_give_way_first(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with running(world.county, limits=limits(connections=4)) as url, ExitStack() as peers:
        village = peers.enter_context(knock(url, HEAD))  # silent longest of all
        for _n in range(12):
            peers.enter_context(knock(url, source="127.0.0.2"))
        peers.enter_context(knock(url, HEALTH)).recv(100)
        village.sendall(b"content-length: 4\r\n\r\nabcd")
        assert b" 400 " in village.recv(100)  # read, and no request
    assert "127.0.0.2" in caplog.text


# -- a crowd -----------------------------------------------------------------------------------------------------------


@both
def test_a_crowd_that_comes_back_at_once_is_served_and_nothing_is_lost(world: World) -> None:
    keys = county_keys(world.county)
    crowd = [Light.enrolled(world.county, keys, f"{TOWNSHIP}{n % 6:03d}") for n in range(CROWD)]
    reader = Light.enrolled(world.county, keys, TOWNSHIP)
    for n, station in enumerate(crowd):
        for _batch in range(1 + n % 3):
            station.seal(5)
    sealed = sum(len(station.outbox) for station in crowd)
    with running(world.county) as url:

        def come(station: Light) -> None:
            with link.connect(url, None) as line:
                station.sync(lambda request: read_answer(line.post("/sync", join_request(request))))

        assert together([*(lambda s=s: come(s) for s in crowd)]) == []
        come(reader)
    assert sum(len(station.outbox) for station in crowd) == 0
    assert len({(name, number) for _scope, _seq, name, number in reader.got}) == len(reader.got) == sealed
    with world.county.read() as session:
        assert session.count("person") == sealed * 5


# -- signatures first, nothing personal in logs ------------------------------------------------------------------------


def test_nothing_is_unpacked_before_its_signature_is_checked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world.station("甲"), world.station("乙")
    add(a)
    world.sync(a)

    def forbidden(*_given: object) -> None:
        raise AssertionError("unpacked before its signature was checked")

    monkeypatch.setattr(envelope, "unpack", forbidden)
    monkeypatch.setattr(columns, "decode", forbidden)
    forger = Light.enrolled(world.county, county_keys(world.county), VILLAGE)
    forger.key = SigningKey.generate()
    forger.seal()
    client = TestClient(make_app(world.county))
    answer = read_answer(client.post("/sync", content=join_request(forger.request())).content)
    assert answer.status == "broken"

    def forged(request: HttpRequest) -> HttpResponse:
        answer = read_answer(world.line.inner.ask(request).read())
        entries = [msgspec.structs.replace(e, signature=SigningKey.generate().sign(b"x").signature) for e in answer.entries]
        assert entries
        content = join_answer(msgspec.structs.replace(answer, entries=entries))
        return HttpResponse(200, [content], wire.CONTENT_TYPE)

    with pytest.raises(Unreachable):
        exchange(b, transport=Pretending(forged))


def test_what_strangers_say_fills_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with running(world.county) as url:
        talk(url, b"\x16\x03\x01 hello\r\n\r\n")
        talk(url, HEALTH.replace(b"\r\n\r\n", b"\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n"))
    assert caplog.text == ""


NAME, NUMBER, PHONE, NOTE = "欧阳测试", "230826197001010019", "13904540000", "肝病三年"


def database_failing(*_given: object) -> None:
    raise IntegrityError(f"INSERT {NAME}", {"number": NUMBER}, ValueError(PHONE))


@both
def test_logs_hold_nothing_personal_even_when_things_go_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("uvicorn", "uvicorn.error", "sqlalchemy", "server", "asyncio"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG if name != "sqlalchemy" else logging.INFO)
    a, b = world.store("甲"), world.store("乙")
    with running(world.county) as url:
        codes = [world.code(VILLAGE), world.code(VILLAGE)]
        for store, code in zip((a, b), codes, strict=True):
            enrol(store, url, code)
        id = add(a, name=NAME, id_number=NUMBER, phone=PHONE, note=NOTE)
        exchange(a)
        exchange(b)
        put(a, id, name=NAME + "改")
        broken = pytest.MonkeyPatch()
        # the program fails with the person in its hands, and then the database does
        broken.setattr("sync.county.receiving.sequencing.sign_entry", lambda *given: int(f"{NAME} {NUMBER} {given}"))
        with pytest.raises(Unreachable):
            exchange(a)
        broken.undo()
        broken.setattr("sync.county.receiving.sequencing.sign_entry", database_failing)
        with pytest.raises(Unreachable):
            exchange(a)
        broken.undo()
        for path in ("/sync", "/enrol", "/bundle", f"/{NAME}?q={NUMBER}"):
            httpx2.post(url + path, content=NAME.encode(), trust_env=False, timeout=60)
        talk(url, f"POST /sync HTTP/1.1\r\n{PHONE}\r\n\r\n".encode())
        exchange(a)
        assert get(a, id).name == NAME + "改"
    out, err = capfd.readouterr()
    logged = out + err + "".join(f"{r.getMessage()} {r.exc_text or ''} {r.exc_info or ''}" for r in caplog.records if is_ours(r))
    assert "ValueError" in logged  # there was something to log
    assert "IntegrityError" in logged
    secrets = [NAME, NUMBER, PHONE, NOTE, *(code[:19] for code in codes), *(code[:19].replace("-", "") for code in codes)]
    assert [word for word in secrets if word in logged] == []
    with a.read() as session:
        assert unsent(session) == 0


def is_ours(record: logging.LogRecord) -> bool:
    """Lines of the server: the stations' own client in this process logs elsewhere."""
    return not record.name.startswith(("httpx", "httpcore", "hypothesis"))
