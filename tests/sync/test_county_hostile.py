"""A county's server, over real sockets, that lies, replays and comes to no end: no unsent change is lost, and the next honest exchange puts
everything right."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from msgspec.structs import replace

from db.lease import lease
from db.store import Store
from desktop.sync import reading
from desktop.sync.story_panel import clock_sentence
from domain.errors import CunzhanError, Unreachable
from server.app import InProcess
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.wire.connection import HttpRequest
from sync.wire.framing import join_answer, read_answer
from sync.wire.messages import CONTENT_TYPE, Answer
from tests.sync.conftest import VILLAGE, World, add, assert_equal, get, put, unsent

Lie = Callable[[Answer], Answer]


@dataclass
class Server:
    """A server that passes requests on to the county, and answers as `lie` says."""

    county: Any
    lie: Lie = lambda answer: answer
    withhold: bool = False
    """Whether the requests never reach the county."""
    url: str = ""
    requests: int = 0
    raw: Callable[[Any], None] | None = None
    """Writes the body of the answers itself."""
    heard: list[Answer] = field(default_factory=list)


@contextmanager
def serving(world: World) -> Iterator[Server]:
    server = Server(InProcess(world.county))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # otherwise every answer waits 40 ms for an acknowledgement

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.requests += 1
            if self.path == "/sync" and server.raw is not None:
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.end_headers()
                with suppress(OSError):
                    server.raw(self.wfile)
                self.close_connection = True
                return
            if self.path == "/sync" and server.withhold:
                content = join_answer(server.lie(Answer(status="ok", time=1_700_000_000)))
            else:
                content = server.county.ask(HttpRequest(server.url + self.path, body)).read()
                if self.path == "/sync":
                    told = read_answer(content)
                    server.heard.append(told)
                    content = join_answer(server.lie(told))
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        def log_message(self, *_words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        server.url = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)  # seconds until it sees its end
        thread.start()
        yield server
        listening.shutdown()
        thread.join(10)


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    with serving(world) as made:
        yield made


def enrolled(world: World, server: Server, name: str, scope: str = VILLAGE) -> Store:
    store = world.store(name, scope)
    enrol(store, server.url, world.code(scope))
    return store


def honest(world: World, server: Server) -> None:
    """The county is itself again."""
    server.lie, server.withhold, server.raw = lambda answer: answer, False, None
    for _round in range(6):
        if not any(done.pushed or done.pulled for done in map(exchange, world.stations.values())):
            break
    assert_equal(world)


AHEAD = 2**40
LIES: dict[str, Lie] = {
    "has everything": lambda a: replace(a, received=10**9),
    "has everything, and more": lambda a: replace(a, received=10**9, more=True),
    "counts backwards": lambda a: replace(a, received=0),
    "has the beginning of a batch": lambda a: replace(a, received=0, arrived=10**9),
    "another token": lambda a: replace(a, token=b"x" * 24),
    "always more": lambda a: replace(a, more=True),
    "another incarnation": lambda a: replace(a, status="fork", incarnation=7),
    "years ahead": lambda a: replace(a, time=AHEAD, lease=1),
    "years behind": lambda a: replace(a, time=0, lease=1),
    "at the end of time": lambda a: replace(a, time=2**63 - 1, lease=2**31 - 1),
    "revoked": lambda a: replace(a, status="revoked"),
    "unknown status": lambda a: replace(a, status="x" * 10_000),
    "gap without marks": lambda a: replace(a, status="gap"),
    "gap at the beginning": lambda a: replace(a, status="gap", marks={VILLAGE: [(0, b"")]}),
    "gap in the future": lambda a: replace(a, status="gap", marks={VILLAGE: [(2**62, b"xxxx")]}),
    "differs everywhere": lambda a: replace(a, compared=True, differing={VILLAGE: {1: "x", 99_999: "y"}}),
    "releases": lambda a: replace(a, releases=[("linux-x86_64", "../9.9.9"), ("", "9" * 10_000)]),
}


@pytest.mark.parametrize("withhold", [False, True], ids=["passes on", "withholds"])
@pytest.mark.parametrize("lie", LIES)
def test_whatever_a_county_says_nothing_unsent_is_lost(world: World, server: Server, lie: str, withhold: bool) -> None:
    """Exchanges with a liar, between which people go on entering. One that said it had the beginning of every batch was asked for ever."""
    a, b = enrolled(world, server, "甲"), enrolled(world, server, "乙")
    kept = [add(a), add(b)]
    honest(world, server)
    server.lie, server.withhold = LIES[lie], withhold
    for n in range(2):
        kept.append(add(a))
        put(a, kept[0], note=f"第 {n} 次")
        before, asked = unsent(a), server.requests
        with suppress(CunzhanError):
            exchange(a)
        assert server.requests - asked < 60, "no end of it"
        if withhold:
            assert unsent(a) == before, "what was never handed in counts as handed in"
        with a.read() as session:
            standing = reading.standing(session)
            assert clock_sentence(standing.clock)
            lease(session)
    honest(world, server)
    with world.county.read() as session:
        assert {id for id in kept if session.get("person", id) is None} == set()
        assert session.get("person", kept[0]).note == "第 1 次"


def test_old_answers_played_back_bring_nothing_back(world: World, server: Server) -> None:
    """Every answer once more, in any order: also one that was given while the laptop was revoked."""
    a, b = enrolled(world, server, "甲"), enrolled(world, server, "乙")
    id = add(a)
    for n in range(4):
        put(a, id, note=str(n))
        exchange(a)
        exchange(b)
    answers = [*server.heard, replace(server.heard[-1], status="revoked")]
    for n, answer in enumerate([*answers, *reversed(answers)]):
        server.lie, server.withhold = lambda _now, then=answer: replace(then, more=True), True  # type: ignore[misc]
        put(a, id, phone=f"139000011{n:02}")
        asked, before = server.requests, unsent(a)
        with suppress(CunzhanError):
            exchange(a)
        assert server.requests - asked < 60, "no end of it"
        assert (unsent(a), get(a, id).note) == (before, "3")
    honest(world, server)
    with a.read() as session:
        assert not reading.standing(session).revoked


def test_a_body_without_an_end_is_not_read_to_it(world: World, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.wire.link.MAX_MESSAGE", 2**20)
    a = enrolled(world, server, "甲")
    add(a)
    wrote = 0

    def endless(out: Any) -> None:
        nonlocal wrote
        while True:
            wrote += out.write(bytes(64 * 1024))

    server.raw = endless
    with pytest.raises(Unreachable):
        exchange(a)
    assert wrote < 16 * 2**20 and unsent(a) == 1
    honest(world, server)
