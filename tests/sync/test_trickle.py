"""Whoever sends or takes a little now and then is given up on, however long it goes on; a slow line that carries bytes steadily is not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from domain.errors import Unreachable
from server.app import Answering
from server.limits import Limits
from server.reading import Patient
from server.serve import running
from sync.wire.connection import Connection, Patience
from sync.wire.link import BrokenOff, Link
from tests.sync.conftest import World

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-cunzhan\r\n"
ASKED = b"POST /sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
CERTIFICATE = b"GET /authority HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


@contextmanager
def serving(*acts: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server that does these one after the other, each after a request, on one connection."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                peer, _address = listening.accept()
                with peer:
                    for act in acts:
                        peer.recv(65536)
                        act(peer, over)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def sends(*parts: bytes, pause: float = 0.0) -> Callable[[socket.socket, threading.Event], None]:
    """Send these parts with a pause before each."""

    def act(peer: socket.socket, over: threading.Event) -> None:
        for part in parts:
            if over.wait(pause):
                return
            peer.sendall(part)

    return act


def whole(body: bytes) -> bytes:
    return HEAD + b"content-length: %d\r\n\r\n" % len(body) + body


def test_many_bytes_at_once_are_no_credit_for_a_trickle() -> None:
    """They used to be: after a megabyte the rest could take three hours."""
    beginning = HEAD + b"content-length: 2000000\r\n\r\n" + b"a" * 2**20

    def act(peer: socket.socket, over: threading.Event) -> None:
        sends(beginning)(peer, over)
        sends(*[b"x"] * 500, pause=0.02)(peer, over)

    with serving(act) as url, Connection(silence=0.3) as line, pytest.raises(BrokenOff, match="没有及时答复") as told:
        Link(line, url).post("/sync", b"a")
    assert len(told.value.content) > 2**20


def test_a_line_that_is_slow_all_the_time_is_waited_for() -> None:
    parts = [b"a" * 100] * 40
    answer = sends(HEAD + b"content-length: 4000\r\n\r\n", *parts, pause=0.03)
    with serving(answer) as url, Connection(silence=0.3, patience=Patience(most=0.3)) as line:
        assert Link(line, url).post("/sync", b"a") == b"a" * 4000  # four times the silence


def ask_until_it_stops(link: Link) -> None:
    for _n in range(9):
        link.post("/sync", b"a")


def test_answers_that_each_come_at_the_last_moment_are_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.wire.connection.MIN_RATE", 10_000)  # so that each earns next to nothing
    answers = [sends(whole(b"x"), pause=0.2)] * 9
    with serving(*answers) as url, Connection(silence=0.5, patience=Patience(most=0.9)) as line:
        link = Link(line, url)
        with pytest.raises(Unreachable, match="传得太慢，这次先停下"):
            ask_until_it_stops(link)
        assert 2 <= link.requests <= 6


def test_one_exchange_has_an_end() -> None:
    answers = [sends(whole(b"x" * 50_000), pause=0.1)] * 9
    with serving(*answers) as url, Connection(patience=Patience(whole=0.35)) as line:
        link = Link(line, url)
        with pytest.raises(Unreachable, match="传得太慢"):
            ask_until_it_stops(link)
        assert 2 <= link.requests <= 5


def test_time_spent_on_other_things_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = Patience(most=1.0)
    now = [0.0]
    monkeypatch.setattr("sync.wire.connection.monotonic", lambda: now[0])
    for _n in range(5):
        now[0] += 100  # it applies what came
        with patience.waiting():
            now[0] += 0.1
    with patience.waiting() as left:
        assert left == pytest.approx(0.5)


def test_a_server_that_takes_no_request_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with Connection(silence=0.2) as line, pytest.raises(Unreachable, match="没有及时答复"):
            Link(line, url).post("/bundle", b"a" * 2**25)


# -- the county --------------------------------------------------------------------------------------------------------


def limits(**given: float) -> Limits:
    return replace(Limits(), **given)  # type: ignore[arg-type]  # named by each test


def called(url: str) -> socket.socket:
    peer = socket.socket()
    peer.settimeout(10)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", int(url.rpartition(":")[2])))
    return peer


def test_a_long_request_on_a_slow_line_may_take_longer_than_a_short_one(world: World) -> None:
    """A township's bundle of photographs never arrived on a line that needs more than a quarter of an hour for it."""
    with running(world.county, limits=limits(whole=1.0, pace=500)) as url, closing(called(url)) as peer:
        peer.sendall(ASKED + b"content-length: 4000\r\n\r\n")
        for _n in range(40):
            peer.sendall(b"a" * 100)
            time.sleep(0.05)
        assert b" 400 " in peer.recv(1000)  # read to its end, and no request


def test_who_takes_an_answer_drop_by_drop_is_hung_up_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    long = 2**24
    monkeypatch.setattr(Answering, "_authority", lambda _self: SimpleNamespace(certificate="x" * long))
    with running(world.county, limits=limits(taking=0.3, pace=1_000_000)) as url, closing(called(url)) as peer:
        peer.sendall(CERTIFICATE)
        for _n in range(30):
            peer.recv(500)
            time.sleep(0.05)
        assert taken(peer) < long


def taken(peer: socket.socket) -> int:
    """How many bytes still come before the end."""
    size = 0
    with suppress(ConnectionResetError):
        while part := peer.recv(2**16):
            size += len(part)
    return size


@pytest.mark.parametrize(
    ("seen", "stays"),
    [
        ([(0, 900), (200, 700), (400, 500), (900, 0), (900, 0)], True),
        ([(0, 900), (900, 1500), (1100, 1300)], True),  # another answer begins meanwhile
        ([(0, 50), (50, 0), (50, 40), (90, 0)], True),  # little, and all of it is taken
        ([(0, 900), (5, 895)], False),
        ([(0, 50), (0, 50)], False),
    ],
)
def test_an_answer_is_to_be_taken_at_a_pace(seen: list[tuple[int, int]], stays: bool) -> None:
    """200 bytes from one look to the next, or all there was. The system takes them in lumps, so in life the looks are an hour apart.
    `seen`: bytes taken and left at each look."""
    patient: Any = Patient.__new__(Patient)
    looks: list[tuple[int, int]] = [(0, 0)]
    hung_up: list[bool] = []
    patient.limits = limits(taking=2.0, pace=100)
    patient.loop = SimpleNamespace(call_later=lambda _seconds, _look, *given: looks.append(given))
    patient.hang_up = lambda: hung_up.append(True)
    for taken, left in seen:
        patient._together = SimpleNamespace(written=taken + left)
        patient.left = lambda left=left: left
        patient._see_taken(*looks.pop())
    assert hung_up == ([] if stays else [True])
